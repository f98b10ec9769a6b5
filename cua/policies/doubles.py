"""Rows that say the same: whether anything tells the record of one from that of another.

Nothing that people read does, and a row that is gone leaves no trace in those that stay. So only a key that belongs to
a record decides, never one that counts places, and never a place. Pure over one look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cua.memory.workflows import Mark
from cua.policies.lasting import hashed, lasting
from cua.policies.likeness import KEYS, attributes, key_value
from cua.policies.rowing import RECORD, row_here
from cua.policies.surroundings import Look, plain

DOUBLE, PLACE = "double", "place"  # says of a mark: by which keys it was told from a row that said the same
_BARE = re.compile(r"\W*(\d{1,3})\W*")


def doubled(mark: Mark, look: Look, at: int, where: int) -> bool:
    """Whether two elements called alike stand in two rows that say the same, the numbers of rows aside."""
    if not mark.row or look.plains[at] != look.plains[where] or _holder(look, at) == _holder(look, where):
        return False
    one, other = ({plain(text) for text in row_here(mark, look, n)} for n in (at, where))
    return bool(one and other) and (one == other or _numbered(mark, look, at, one ^ other))


def told_by(mark: Mark, look: Look, at: int) -> tuple[str, ...]:
    """The kinds of keys of the mark that this element bears, alone of those called like it, and that belong to its
    record.
    """
    said, here, like = attributes(mark), look.said[at], _like(look, at)
    found: list[str] = []
    for kind in KEYS:
        own = key_value(kind, said.get(kind, ""))
        values = [value for n in like if (value := key_value(kind, look.said[n].get(kind, "")))]
        agrees = bool(own) and own == key_value(kind, here.get(kind, "")) and values.count(own) == 1
        if agrees and lasting(own, values, moved=_moved(mark, look, at)):
            found.append(kind)
    return tuple(found)


def double_said(mark: Mark, look: Look, at: int) -> str:
    """What a mark is to remember where another row says the same: the keys that told the two apart, or that only the
    place did; "" where no row does.
    """
    like = _like(look, at)
    telling = any(look.common(text) == 1 and not _BARE.fullmatch(text) for text in mark.row)
    if len(like) < 2 or (telling and mark.says.get("rows") != RECORD):
        return ""
    if not any(doubled(mark, look, at, other) for other in like if other != at):
        return ""
    return " ".join(told_by(mark, look, at)) or PLACE


def may_be_double(mark: Mark, look: Look, at: int) -> bool:
    """Whether it may be the row that said the same as the one meant, when that was remembered."""
    kinds = mark.says.get(DOUBLE, "").split()
    if not kinds:
        return False
    said, here = attributes(mark), look.said[at]
    agree = [said[kind] for kind in kinds if kind in said and said[kind] == here.get(kind)]
    if _moved(mark, look, at) or told_by(mark, look, at):
        return not agree
    return not any(hashed(key) or not any(map(str.isdigit, key)) for key in agree)


def _like(look: Look, at: int) -> list[int]:
    return look.named(look.elements[at].role, look.names[at])


def _moved(mark: Mark, look: Look, at: int) -> bool:
    """Whether none of its like has gone, or it stands at another place among them than the one meant did."""
    like = _like(look, at)
    return len(like) >= mark.of or like.index(at) != mark.nth


def _holder(look: Look, at: int) -> object:
    """What tells the row of an element from all other rows of the look."""
    xpath, up = look.xpaths[at], look.steps_to_row(at)
    return xpath.rsplit("/", up)[0] if xpath else look.line(at)


def _numbered(mark: Mark, look: Look, at: int, differing: Iterable[str]) -> bool:
    """Whether all that differs is the number of the row, counted from the first one."""
    if not all(map(_BARE.fullmatch, differing)):
        return False
    texts = [row_here(mark, look, n) for n in _like(look, at)]
    rows = [{int(said[1]) for text in row if (said := _BARE.fullmatch(text))} for row in texts]
    return any(all(first + n in row for n, row in enumerate(rows)) for first in (0, 1))
