"""Whether a key for programs belongs to a record, or only counts places. It compares strings and knows no screen.

A list made from data often numbers its rows: "del-1", "row-0-delete". When a row goes away the others are numbered
anew, so such a key says where a row stands and never which one it is. What may be a place is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(r"\d+")
_PARTS = re.compile(r"[^\W_]+")
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LEAST, _HASH, _STEP = 1000, 8, 20  # a smaller number may be a place; shorter is no hash; so far on may be a count
_ORDINAL = frozenset(
    {
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "last", "next",
        "prev", "previous", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "iii", "vii",
        "viii", "top", "middle", "bottom", "left", "center", "right", "upper", "lower", "odd", "even", "start", "end",
    }
)  # fmt: skip


def lasting(own: str, peers: Sequence[str], *, moved: bool) -> bool:
    """Whether the key `own` stays with its record. `peers` are the keys of this kind that its like have, in reading
    order, `own` among them; `moved` says that its place is surely another than when it was remembered, or that none
    of its like has gone since.
    """
    shape = _NUMBER.sub("#", own)
    made_alike = [_NUMBER.findall(key) for key in peers if _NUMBER.sub("#", key) == shape]
    if len(made_alike) < 2:
        return _apart(own, [key for key in peers if key != own])
    mine = _NUMBER.findall(own)
    columns = [[int(numbers[n]) for numbers in made_alike] for n in range(len(mine))]
    told = [n for n, column in enumerate(columns) if len(set(column)) > 1]
    return any(int(mine[n]) >= _LEAST and (moved or not _counts(columns[n])) for n in told)


def _counts(numbers: Sequence[int]) -> bool:
    """Whether numbers go on by one step; two of them, by a small one."""
    steps = {after - before for before, after in pairwise(numbers)}
    return len(steps) == 1 and (len(numbers) > 2 or abs(*steps) <= _STEP)


def _apart(own: str, others: Sequence[str]) -> bool:
    """Whether what it has of its own among keys made otherwise is a word that is no place, or a hash."""
    theirs = {part for key in others for part in _parts(key)}
    mine = [part for part in _parts(own) if part not in theirs]
    return hashed(own) or (bool(others) and any(map(_is_word, mine)))


def _parts(key: str) -> list[str]:
    return _PARTS.findall(_HUMP.sub("-", key).casefold())


def _is_word(part: str) -> bool:
    return part.isalpha() and len(part) > 2 and part not in _ORDINAL


def hashed(key: str) -> bool:
    """Whether a part of it mixes letters and digits as nobody writes them."""
    return any(len(part) >= _HASH and len(_RUNS.findall(part)) > 4 for part in _PARTS.findall(key))


def numbers_a_record(key: str) -> bool:
    """Whether a key alone, without others to compare, holds what is hardly a place: a large number or a hash."""
    return hashed(key) or any(int(number) >= _LEAST for number in _NUMBER.findall(key))
