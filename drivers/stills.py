"""Which parts of the screen look as they did at the look before. It compares pictures; it asks nobody anything.

What told of nothing and looks the same need not be asked again in a quick series of looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from cua.core import Box, Frame
from drivers.x11 import Window

_HIGH, _WIDE = 16, 32  # pixels: how fine places are told apart
_BYTES = 4

Still = Callable[[Box], bool]


def never(box: Box) -> bool:
    """For a look that has nothing to be compared with."""
    return False


@dataclass(frozen=True, slots=True)
class Taking:
    """What a look takes over of an application from the look before: nothing, unless it looks `again`; then what is
    `still` and no suspect (see `elements.Reader.suspects`)."""

    again: bool = False
    suspects: frozenset[str] | None = None
    still: Still = never


@dataclass(frozen=True, slots=True)
class Stills:
    """What two pictures of one screen have in common. `changed` has a number for each row of tiles, with a bit for each
    tile that differs; `first` is the first such row where one does, `anywhere` has the bits of all rows.
    """

    changed: tuple[int, ...]
    first: int = field(init=False, default=0)
    anywhere: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        first = next((at for at, row in enumerate(self.changed) if row), len(self.changed))
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "anywhere", reduce(or_, self.changed, 0))

    @classmethod
    def between(cls, before: Frame, now: Frame) -> Stills | None:
        """None where one of them has no pixels, or another size."""
        if before.pixels is None or now.pixels is None or len(before.pixels) != len(now.pixels):
            return None
        if (before.width, before.height) != (now.width, now.height):
            return None
        if before.pixels is now.pixels:
            return cls((0,) * (now.height // _HIGH + 1))
        line = now.width * _BYTES
        bands = range(0, len(now.pixels), line * _HIGH)
        return cls(tuple(_differs(before.pixels, now.pixels, at, line) for at in bands))

    def same(self, box: Box) -> bool:
        """Whether nothing changed in there, and next to it."""
        left, right = max(0, box.x) // _WIDE, max(0, box.x + box.width - 1) // _WIDE
        top, bottom = max(0, box.y) // _HIGH, max(0, box.y + box.height - 1) // _HIGH
        tiles = (1 << right + 1) - (1 << left)
        if bottom < self.first or not self.anywhere & tiles:
            return True
        return not any(row & tiles for row in self.changed[top : bottom + 1])


def open_to(still: Still, windows: Sequence[Window], pid: int) -> Still:
    """The same for one process: what lies below another window than its lowest cannot be judged by its look."""
    own = next((at for at, window in enumerate(windows) if window.pid == pid and not window.hidden), len(windows))
    over = tuple(window.visible for window in windows[own + 1 :] if not window.hidden)
    return lambda box: still(box) and not any(_meet(box, other) for other in over)


def _differs(old: bytes | bytearray, new: bytes | bytearray, start: int, line: int) -> int:
    """A bit for each tile that is not as it was of the band of lines that begins there."""
    found = 0
    if old.startswith(new[start : start + line * _HIGH], start):
        return found
    step = _WIDE * _BYTES
    for at in range(start, min(len(new), start + line * _HIGH), line):
        if old.startswith(new[at : at + line], at):
            continue
        for tile, place in enumerate(range(at, at + line, step)):
            if not found >> tile & 1 and not old.startswith(new[place : min(place + step, at + line)], place):
                found |= 1 << tile
    return found


def _meet(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
