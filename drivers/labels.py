"""What an input is called that carries no name of its own: its label's text, by relation or by nearness. Only looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from cua.core import Box

LABELLED_BY = 2


class Placed(Protocol):
    """Anything with a role, a name and a place, in a window."""

    role: str
    name: str
    box: Box | None
    window: int


def nearby(row: Placed, rows: Iterable[Placed]) -> str:
    """The text beside or right above it in the same window."""
    box = row.box
    if box is None:
        return ""
    best: tuple[int, str] = (1 << 30, "")
    for other in rows:
        if other.role != "text" or not other.box or not other.name or other.window != row.window:
            continue
        there = other.box
        beside = abs(there.centre.y - box.centre.y) <= max(box.height, there.height) // 2 and there.x < box.x
        above = there.y < box.y and 0 <= box.y - there.y - there.height <= 24 and abs(there.x - box.x) <= 24
        if beside or above:
            best = min(best, (abs(box.x - there.x - there.width) if beside else 200 + box.y - there.y, other.name))
    return best[1].strip(": ")


def fills(row: Placed, rows: Sequence[Placed]) -> bool:
    """A text area that is most of its window is the document; no label belongs to it."""
    top = next((other.box for other in rows if other.window == row.window), None)
    return bool(top and row.box and row.box.width * row.box.height * 3 > top.width * top.height)
