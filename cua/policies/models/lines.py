"""Which elements of a screen are told to a model, and which of them stand in one line. It weighs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cua.core import Element, Observation
from cua.policies.models.worth import FIELDS, READ, roots
from cua.screen import ACTABLE, active

_ROWS = frozenset({"row", "listitem", "article"})
_ITEMS = frozenset({"cell", "gridcell", "columnheader", "rowheader", "option"})
_HEADS = frozenset({"window", "dialog", "alert", "alertdialog", "toolbar", "tablist", "filechooser", "form"})
_PARTS = frozenset({"document", "generic", "region", "main", "section", "banner", "navigation", "list", "separator"})
_MORE = frozenset({"menu", "switch"}) | _ROWS | _ITEMS  # may be clicked, without saying so
_ACTING = ACTABLE | FIELDS | _MORE
_CLICKED = frozenset({"focusable", "selectable", "checkable"})
COUNTED = re.compile(r"([A-Z]{1,3}|)(\d{1,7})")
_MANY = 24  # of a row that are one line

Parts = list[tuple[list[int], str]]


@dataclass(slots=True)
class Line:
    """Elements that are told together, the row they stand in, what they are worth, and how they are told."""

    at: list[int]
    row: tuple[int, int] | None
    shows: bool = True
    worth: float = 0.0
    parts: dict[bool, Parts] = field(default_factory=dict)  # by whether it is told shortly


def told_of(now: Observation) -> list[int]:
    """What shows, or can be scrolled to, and says something that is not told by another."""
    all_, front, page = now.elements, active(now), bool(now.place.url)
    modal = front is not None and "modal" in front.states
    root = roots(now) if modal else []
    told = dict[int, None]()
    for at, element in enumerate(all_):
        if (element.box is None and not (page and _reached(all_, element))) or not _says(element, page=page):
            continue
        if modal and all_[root[at]] is not front and element.parent >= 0:
            continue
        if not acts(element):
            if _said_above(all_, at, told):
                continue
        elif element.role not in _MORE:
            _unsay_above(all_, at, told)
        told[at] = None
    return list(told)


def _reached(all_: Sequence[Element], element: Element) -> bool:
    """Whether what does not show of a page can be scrolled to: the options of a closed list cannot."""
    return element.role != "option" or element.parent < 0 or all_[element.parent].role != "combobox"


def _said_above(all_: Sequence[Element], at: int, told: Mapping[int, None]) -> bool:
    """Whether the next one above that is told says the same."""
    name, above = all_[at].name, all_[at].parent
    while above >= 0 and above not in told:
        above = all_[above].parent
    return above >= 0 and bool(name) and len(name) <= 4 * READ and name in all_[above].name


def _unsay_above(all_: Sequence[Element], at: int, told: dict[int, None]) -> None:
    """A holder whose name is only that of the control in it is not told."""
    name, above = all_[at].name, all_[at].parent
    for _ in range(3):
        if above < 0:
            return
        if above in told and all_[above].name == name and all_[above].role not in _ACTING - _MORE | _HEADS:
            del told[above]
        above = all_[above].parent


def _says(element: Element, *, page: bool) -> bool:
    if element.role in _HEADS or element.role in _ROWS:
        return bool(element.name)
    if page and element.role in _ITEMS and not element.name and not element.value and not element.actions:
        return False
    if acts(element):
        return True
    return element.role not in _PARTS and bool(element.name or element.value or element.description)


def acts(element: Element) -> bool:
    """Whether it has a number."""
    if element.role in _ACTING:
        return True
    if element.role in _HEADS:
        return False
    return not _CLICKED.isdisjoint(element.states) or any(name != "scroll" for name in element.actions)


def grouped(now: Observation, told: Sequence[int]) -> Iterable[Line]:
    """What stands in one row is one line; a row whose own name only says again what is in it is not told."""
    line = Line([], None)
    for at in told:
        row = _row(now, at)
        if line.at and (row is None or row != line.row or (len(line.at) >= _MANY and row[0] >= 0)):
            yield _tidied(now, line)
            line = Line([], row)
        line.row = row
        line.at.append(at)
    if line.at:
        yield _tidied(now, line)


def _tidied(now: Observation, line: Line) -> Line:
    first, rest = now.elements[line.at[0]], line.at[1:]
    if rest and first.role in _ROWS and len(first.name) <= 4 * READ:
        inside = {word for at in rest for word in now.elements[at].name[: 4 * READ].split()}
        if inside.issuperset(first.name.split()):
            line.at = rest
    line.shows = any(now.elements[at].box for at in line.at)
    return line


def _row(now: Observation, at: int) -> tuple[int, int] | None:
    """What tells the row that an element stands in; None for one that has a line of its own."""
    element, above = now.elements[at], at
    for _ in range(6):
        if above < 0:
            break
        if now.elements[above].role in _ROWS:
            return above, 0
        above = now.elements[above].parent
    if element.role == "option":
        return (-2 - element.parent, 0) if COUNTED.fullmatch(element.name) else None
    if element.role in _ITEMS:
        return -2 - element.parent, element.box.y if element.box else -1
    return None
