"""Which records of a look say several values at once: what must show after something was added, or was edited.

Pure over one look. A value is said by all that an element says, as the same amount or day ("1200" by "$1,200.00"), by
the beginning of it where the program cut it short ("Carla Fern…"), or, if it is long enough to tell, by words among
others.
It takes no record for another: one that says all values but one says none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from cua.core import Element, Observation
from cua.memory.workflows import Expect
from cua.policies.finding import look_at
from cua.policies.surroundings import Look, plain
from cua.policies.within import Row, row_at

_LONGEST = 200  # a longer text is no part of a record
_CUT = 6  # letters that are left of what is cut short, at least
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([,. '\u2019])\d{3})(?:\1\d{3})*(?:(?!\1)[.,](\d+))?")
_PLAIN = re.compile(r"(?:0|[1-9]\d*)(?:[.,]\d+)?")
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%a %d %b %Y", "%a %b %d %Y")
_SPACES = "\u00a0\u202f"


def brings_record(expect: Expect) -> bool:
    """Whether it is about something that comes, and not about something in a row that is there."""
    return expect.kind == "record" or (expect.kind == "shows" and not expect.row)


def records(now: Observation, values: Sequence[str]) -> list[Row]:
    """The innermost records that say every one of these values; what is given twice stands there twice."""
    look = look_at(now)
    if not values or not all(map(plain, values)):
        return []
    found = dict.fromkeys(row for at in bearers(look, values[0]) if (row := row_at(look, at)))
    inner = [row for row in found if not any(set(other) < set(row) for other in found)]
    counts = Counter(map(plain, values))
    return [row for row in inner if all(len(_sayers(look, row, value)) >= counts[plain(value)] for value in values)]


def lacking(now: Observation, values: Sequence[str]) -> str:
    """What the record that says most of these values does not say; or that none says the first of them."""
    look = look_at(now)
    missing = [
        [value for value in values if len(_sayers(look, row, value)) < values.count(value)]
        for row in records(now, values[:1])
    ]
    if not missing:
        return f"none says {values[0]!r}"
    return f"the one of {values[0]!r} does not say {', '.join(map(repr, sorted(missing, key=len)[0]))}"


def _sayers(look: Look, row: Row, value: str) -> set[int]:
    """What in a row says a value, without what only holds that."""
    found = {at for at in row if is_said(look, at, value)}
    return found - {above for at in found for above in look.above(at)}


def bearers(look: Look, value: str) -> list[int]:
    """The places of what says this value."""
    return [at for at in range(len(look.elements)) if is_said(look, at, value)]


def is_said(look: Look, at: int, value: str) -> bool:
    """Whether the element there shows this value."""
    element = look.elements[at]
    return (bool(look.now.place.url) or "showing" in element.states) and _says(element, look.plains[at], value)


def same(said: str, value: str) -> bool:
    """Whether both are one text, or one number however it is written."""
    return said == value or ((amount := _amount(value)) is not None and _amount(said) == amount)


def tells(value: str) -> bool:
    """Whether a value is long enough that its appearing elsewhere is no chance: "1" and "on" are everywhere."""
    bare = re.sub(r"[\W_]+", "", value)
    return len(bare) > 2 or (len(bare) == 2 and not (bare.isdigit() or bare.islower()))


def _says(element: Element, said: str, value: str) -> bool:
    wanted = plain(value)
    if said == wanted:
        return True
    if not said or len(said) > _LONGEST:
        return False
    if (amount := _amount(value)) is not None:
        return _amount(said) == amount
    if (day := _day(value)) is not None and _day(said) == day:
        return True
    shown = element.name.strip()
    if shown.endswith(("…", "...")) and len(said) >= _CUT and wanted.startswith(said):
        return True
    return wanted in said and tells(value) and bool(re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", said))


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    """The day that a text is, where that leaves no choice: 3/4/2026 may be two days, and is none here."""
    for form in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(text.replace(",", "").strip(), form).date()
    return None


@lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal | None:
    """The number that a text is, with or without a sign of its currency; None where it is anything else. What begins
    with a zero is a code.
    """
    bare = "".join(" " if c in _SPACES else c for c in text if unicodedata.category(c) != "Sc").strip()
    sign = -1 if bare[:1] in ("-", "\u2212") else 1
    bare = bare[1:].strip() if sign < 0 else bare
    if grouped := _GROUPED.fullmatch(bare):
        whole = re.sub(r"\D", "", bare[: grouped.start(2) - 1] if grouped[2] else bare)
        return sign * Decimal(f"{whole}.{grouped[2] or 0}")
    return sign * Decimal(bare.replace(",", ".")) if _PLAIN.fullmatch(bare) else None
