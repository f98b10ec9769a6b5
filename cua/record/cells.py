"""How a cell of a table is called: by its headers, else by its address. Pure; it says nothing that nothing shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cua import core
from cua.core import Box, Element, Observation
from cua.policies.keyboard import root
from cua.record.deeds import Deed

_TABLES = frozenset({"table", "grid", "treegrid"})
CELLS = frozenset({"cell", "gridcell"})
ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?[1-9]\d*")
_FEW = 6  # looks after a text in which its cell may show it


@dataclass(slots=True)
class Cells:
    """Which cells a recording types into, deed by deed. `looks` are all of it, in order, and `deeds` what was done.

    `clicked` is the cell that was clicked last, if nothing else was done since; else keys may have gone on to another.
    """

    looks: tuple[Observation, ...]
    deeds: tuple[Deed, ...]
    clicked: Element | None = None
    keyed: bool = False
    taken: set[tuple[str, str]] = field(default_factory=set)  # each text, and the cell that it went into

    def name(self, text: str, where: Element | None, deed: Deed) -> str:
        """The name of the cell that this is typed into: "Price Apples", "Price" or "B2"; "" where it is none, or not
        known. `where` has the keyboard: a cell, or a table of which one cell is the current one.
        """
        now = deed.before
        table = _table(where, now)
        if where is None or table is None:
            return ""
        inside, text = _inside(table, now), re.split(r"[\t\n]", text)[0]
        cell = next((e for e in (where, *now.ancestors(where)) if e.role in CELLS), None)
        cell = cell or self._typed_into([e for e in inside if e.role in CELLS], text, deed)
        if cell is None:
            return ""
        self.taken.add((text, cell.name))
        headed = [_header(inside, "columnheader", cell), _header(inside, "rowheader", cell)]
        address = cell.name if ADDRESS.fullmatch(cell.name) else ""
        return " ".join(filter(None, headed)) or address

    def passed(self, deed: Deed) -> None:
        """Remember what was done."""
        if isinstance(deed.action, core.Fill | core.Type) and not re.search(r"[\t\n]", deed.action.text):
            return
        target = deed.target
        clicked = isinstance(deed.action, core.Click) and target is not None and target.role in CELLS
        self.clicked = target if clicked else None
        self.keyed = not clicked and (self.keyed or bool(deed.doubt) or isinstance(deed.action, core.Press | core.Type))

    def _typed_into(self, cells: list[Element], text: str, deed: Deed) -> Element | None:
        """The cell that alone came to hold the text, the one clicked just before, or the current one: that only where
        the next look says the same, if keys may have gone on to another since the look before.
        """
        later = self._later(text, deed)
        for look in later:
            held = {e.name for e in look.elements if e.role in CELLS and e.value == text}
            found = [e for e in cells if e.name in held and e.value != text and (text, e.name) not in self.taken]
            if found:
                return found[0] if len(found) == 1 else self._same(cells)
        current = _current(cells, deed.before)
        if self.clicked is not None or current is None or not self.keyed:
            return self._same(cells) or current
        again = _current([e for e in later[0].elements if e.role in CELLS], later[0]) if later else None
        return current if again is not None and again.name == current.name else None

    def _same(self, cells: list[Element]) -> Element | None:
        """The clicked one, whose handle may be another by now."""
        there = self.clicked
        alike = [e for e in cells if there and (e.ref == there.ref or (e.name and e.name == there.name))]
        return next(iter(alike), None)

    def _later(self, text: str, deed: Deed) -> list[Observation]:
        """The next looks, as long as the same is not typed once more."""
        rest = [each for each in self.deeds if each.number > deed.number]
        other = next((each.number for each in rest if getattr(each.action, "text", "") == text), len(self.looks))
        return [look for look in self.looks[deed.number : other][:_FEW] if look.elements != deed.before.elements]


def in_sheet(action: core.Action, target: Element | None, now: Observation, looks: Sequence[Observation]) -> bool:
    """Whether this is done in a sheet: a table whose cells are called by their addresses. What comes and goes around
    it while a cell is edited tells nothing.

    On a desktop a cell is edited in a field beside the sheet, which may show none of its cells meanwhile: keys are done
    in it where the `looks` just before or after show a sheet in their window.
    """
    if target is None or now.place.url or not isinstance(action, core.Type | core.Press):
        return _in_sheet(target, now)
    here = root(target, now).ref
    return any(
        _in_sheet(e, look)
        for look in (now, *looks[-_FEW:])
        for e in look.elements
        if e.role in _TABLES and root(e, look).ref == here
    )


def _in_sheet(element: Element | None, now: Observation) -> bool:
    table = _table(element, now)
    return table is not None and any(e.role in CELLS and ADDRESS.fullmatch(e.name) for e in _inside(table, now))


def header_of(cell: Element, now: Observation) -> str:
    """What the column of a cell is called; "" where nothing on the screen says so."""
    table = _table(cell, now)
    return _header(_inside(table, now), "columnheader", cell) if table is not None else ""


def _table(element: Element | None, now: Observation) -> Element | None:
    chain = (element, *now.ancestors(element)) if element is not None else ()
    return next((e for e in chain if e.role in _TABLES), None)


def _inside(table: Element, now: Observation) -> list[Element]:
    return [e for e in now.elements if any(above is table for above in now.ancestors(e))]


def _current(cells: list[Element], now: Observation) -> Element | None:
    """The current cell: the one that says so, or the one that a field beside the table names."""
    for state in ("focused", "selected"):
        if len(found := [e for e in cells if state in e.states]) == 1:
            return found[0]
    named = {e.name: e for e in cells if ADDRESS.fullmatch(e.name)}
    boxes = [e for e in now.elements if e.role in ("textbox", "combobox") and "showing" in e.states]
    told = {e.value for e in boxes if e.value in named}
    return named[str(told.pop())] if len(told) == 1 else None


def _header(inside: list[Element], role: str, cell: Element) -> str:
    """The header of this role that the cell stands under, or beside."""
    box = cell.box
    if box is None:
        return ""
    heads = [e for e in inside if e.role == role and e.name.strip() and e.box is not None]
    found = [e for e in heads if e.box is not None and _meets(e.box, box, across=role == "columnheader")]
    return found[0].name.strip() if len(found) == 1 else ""


def _meets(header: Box, cell: Box, *, across: bool) -> bool:
    at = cell.centre
    if across:
        return header.x <= at.x < header.x + header.width
    return header.y <= at.y < header.y + header.height
