"""What an input is called that carries no name of its own: its label's text, by relation or by nearness. Only looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from cua.core import Box

LABELLED_BY = 2
INPUTS = frozenset({"textbox", "combobox", "spinbutton", "slider", "listbox", "tree", "table"})
_TICKS = frozenset({"checkbox", "radio"})
_CLOSE = 40


class Placed(Protocol):
    """Anything with a role, a name and a place, in a window."""

    role: str
    name: str
    box: Box | None
    window: int


def nearby(row: Placed, rows: Sequence[Placed], *, within: int = 1 << 20) -> str:
    """The text beside or right above it in the same window, at most so far away; a tick's label counts close by."""
    box = row.box
    if box is None:
        return ""
    best: tuple[int, str] = (1 << 30, "")
    for other in rows:
        ticks = other.role in _TICKS
        if not (ticks or other.role == "text") or not other.box or other.window != row.window:
            continue
        if not any(letter.isalnum() for letter in other.name):
            continue
        there = other.box
        gap = box.x - there.x - there.width
        level = abs(there.centre.y - box.centre.y) <= max(box.height, there.height) // 2
        beside = level and there.x < box.x and gap <= (min(within, _CLOSE) if ticks else within)
        above = not ticks and there.y < box.y and 0 <= box.y - there.y - there.height <= 24
        if beside and gap > 0 and any(_between(one, there, box) for one in rows if one.window == row.window):
            continue
        if beside or (above and abs(there.x - box.x) <= 24):
            best = min(best, (abs(gap) if beside else 200 + box.y - there.y, other.name))
    return best[1].strip(": ")


def _between(one: Placed, left: Box, right: Box) -> bool:
    """Whether another input is on the way from a label to what it might be the label of."""
    box = one.box
    if box is None or one.role not in INPUTS:
        return False
    return left.x + left.width <= box.x < right.x and abs(box.centre.y - right.centre.y) <= right.height // 2


def close_by(row: Placed, rows: Sequence[Placed]) -> str:
    """The text that nobody would read as another's label."""
    return nearby(row, rows, within=_CLOSE)


def is_one_of(name: str, options: Iterable[str]) -> bool:
    """Whether a name is, or stands for, one of the options: "small-toolbar" for "Small Toolbar"."""
    return _letters(name) in {_letters(option) for option in options}


def is_id(name: str) -> bool:
    """A word for programs: "icons", "after-a-crash", "en_US", "3"."""
    return " " not in name and ("_" in name or not name[:1].isupper())


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text


def fills(row: Placed, rows: Sequence[Placed]) -> bool:
    """A text area that is most of its window is the document; no label belongs to it."""
    top = next((other.box for other in rows if other.window == row.window), None)
    return bool(top and row.box and row.box.width * row.box.height * 3 > top.width * top.height)
