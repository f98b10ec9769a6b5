"""How a cell of a table is called: by its headers, else by its address. Pure; it says nothing that nothing shows."""

from __future__ import annotations

import re

from cua.core import Box, Element, Observation

_TABLES = frozenset({"table", "grid", "treegrid"})
CELLS = frozenset({"cell", "gridcell"})
ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?[1-9]\d*")


def cell_name(where: Element | None, now: Observation, clicked: Element | None) -> str:
    """The name of the cell that is typed into: "Price Apples", "Price" or "B2"; "" where it is none, or not known.

    `where` has the keyboard: a cell, or a table of which one cell is the current one. `clicked` is the cell that was
    clicked last, if nothing else was done since.
    """
    if where is None:
        return ""
    chain = (where, *now.ancestors(where))
    table = next((e for e in chain if e.role in _TABLES), None)
    if table is None:
        return ""
    inside = [e for e in now.elements if any(above is table for above in now.ancestors(e))]
    cell = next((e for e in chain if e.role in CELLS), None) or _current(inside, now, clicked)
    if cell is None:
        return ""
    headed = [_header(inside, "columnheader", cell), _header(inside, "rowheader", cell)]
    address = cell.name if ADDRESS.fullmatch(cell.name) else ""
    return " ".join(filter(None, headed)) or address


def header_of(cell: Element, now: Observation) -> str:
    """What the column of a cell is called; "" where nothing on the screen says so."""
    table = next((e for e in now.ancestors(cell) if e.role in _TABLES), None)
    if table is None:
        return ""
    return _header([e for e in now.elements if any(above is table for above in now.ancestors(e))], "columnheader", cell)


def _current(inside: list[Element], now: Observation, clicked: Element | None) -> Element | None:
    """The current cell: the one that says so, the one that a field beside the table names, or the one clicked."""
    cells = [e for e in inside if e.role in CELLS]
    for state in ("focused", "selected"):
        if len(found := [e for e in cells if state in e.states]) == 1:
            return found[0]
    named = {e.name: e for e in cells if ADDRESS.fullmatch(e.name)}
    boxes = [e for e in now.elements if e.role in ("textbox", "combobox") and "showing" in e.states]
    if len(told := {e.value for e in boxes if e.value in named}) == 1:
        return named[str(told.pop())]
    return next((e for e in cells if clicked is not None and e.ref == clicked.ref), None)


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
