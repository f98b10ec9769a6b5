"""Which row of a look some texts name, and what shows in it: for what must come up in one row and in no other.

Pure over one look. A row is known by its texts, and is made as the row was that was acted in: an element of the same
role, or one at the same place of the document, numbers aside. Where the texts name no row, or more than one as well,
there is none to look in; it never takes the nearest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cua.core import Element
from cua.memory.workflows import Expect
from cua.policies.contained import says
from cua.policies.layout import lays_out
from cua.policies.rowing import record
from cua.policies.surroundings import ROWS, Look, plain, skeleton
from cua.screen import label

_LONGEST = 200  # a longer text names no row
_TITLED = frozenset({"document", "window"})

Row = tuple[int, ...]  # the places of its elements on the look, its holder's first


@dataclass(frozen=True, slots=True)
class Make:
    """How rows of one kind are made: elements of this role, or what stands at this path, numbers aside; where both are
    empty, what stands on one line.
    """

    role: str = ""
    path: str = ""


def make_of(look: Look, at: int) -> Make | None:
    """How the row is made that an element stands in; None where it stands in none."""
    holder = _holder(look, at, ROWS)
    if holder >= 0:
        return Make(role=look.elements[holder].role)
    xpath = look.xpaths[at]
    if not xpath:
        return Make() if look.row(at) else None
    up = look.steps_to_row(at) if look.row(at) else record(look, at)[1]
    return Make(path=skeleton("/".join(xpath.split("/")[:-up]))) if up else None


def rows(look: Look, texts: Sequence[str], make: Make | None, *, whole: bool = False) -> list[Row]:
    """The rows that hold the first of these texts, and of those the ones that hold most of the others. Without `make`
    each as it is made where the text stands. `whole` says that the text must be all that an element says; else a row
    may also say its words in several elements, one after the other.
    """
    if not texts or not plain(texts[0]):
        return []
    bearers = bearing(look, texts[0])
    if not bearers and not whole:
        word = _word(texts[0])
        bearers = [at for at, said in enumerate(look.plains) if len(said) <= _LONGEST and word.search(said)]
        bearers = bearers or [at for at, e in enumerate(look.elements) if e.role in ROWS and says(texts[0], look, at)]
    found = dict.fromkeys(row for at in bearers if (row := row_at(look, at, make)))
    inner = [row for row in found if not any(set(other) < set(row) for other in found)]
    counts = {row: sum(any(_says(look, at, text) for at in row) for text in texts) for row in inner}
    return [row for row in inner if counts[row] == max(counts.values())]


def bearing(look: Look, text: str) -> list[int]:
    """The places of what says just this text."""
    return [at for at, said in enumerate(look.plains) if said == plain(text)]


def shows_in(expect: Expect, look: Look, row: Row) -> list[int]:
    """The places in a row of what an expectation speaks of: by its role and its whole name, with `part` by words of it
    as they are written ("Paid" is not in "not paid"), without a name by its role alone. On a page all counts that is
    rendered.
    """
    word = re.compile(rf"(?<!\w){re.escape(label(expect.name))}(?!\w)")
    mine = [at for at in row if _in_sight(look, look.elements[at]) and expect.role in ("", look.elements[at].role)]
    if expect.role and not expect.name:
        return mine
    return [
        at for at in mine if (word.search(look.names[at]) if expect.part else look.plains[at] == plain(expect.name))
    ]


def row_at(look: Look, at: int, make: Make | None = None) -> Row:
    """The row that an element stands in, or is; without `make` as it is made there."""
    if look.elements[at].role in _TITLED:
        return ()
    if make is None and look.elements[at].role in ROWS:
        return tuple(look.below(at))
    make = make or make_of(look, at)
    if make is None:
        return ()
    if make.role:
        holder = at if look.elements[at].role == make.role else _holder(look, at, {make.role})
        return tuple(look.below(holder)) if holder >= 0 else ()
    if not make.path:
        return tuple(look.line(at))
    steps = look.xpaths[at].split("/")[: make.path.count("/") + 1]
    prefix = "/".join(steps)
    return tuple(look.under(prefix)) if skeleton(prefix) == make.path else ()


def _holder(look: Look, at: int, roles: Iterable[str]) -> int:
    """The nearest holder of these roles that is a row and no mere layout; -1 where there is none."""
    known = frozenset(roles)
    holder = next((above for above in look.above(at) if look.elements[above].role in known), -1)
    return holder if holder >= 0 and not lays_out(look.elements, look.below, holder) else -1


def _says(look: Look, at: int, text: str) -> bool:
    said = look.plains[at]
    return said == plain(text) or (len(said) <= _LONGEST and bool(_word(text).search(said)))


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(plain(text))}(?!\w)")


def _in_sight(look: Look, element: Element) -> bool:
    return bool(look.now.place.url) or "showing" in element.states
