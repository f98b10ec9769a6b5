"""Which parts of the screen look as they did at the look before. It compares pictures; it asks nobody anything.

What told of nothing and looks the same need not be asked again in a quick series of looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import inf
from operator import or_

from cua.core import Box, Frame
from drivers.x11 import Window

_HIGH, _WIDE = 16, 32  # pixels: how fine places are told apart
_BYTES = 4
_MANY = 10  # tiles that are compared at once

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
    tile that differs; all of these are inside `around` (left, top, right, bottom in pixels; what lies at an edge of the
    screen may lie beyond it as well).
    """

    changed: tuple[int, ...]
    around: tuple[float, float, float, float] = field(init=False, default=(0.0, 0.0, 0.0, 0.0))

    def __post_init__(self) -> None:
        rows = [at for at, row in enumerate(self.changed) if row]
        anywhere = reduce(or_, self.changed, 0)
        if not rows:
            return
        left, right = (anywhere & -anywhere).bit_length() - 1, anywhere.bit_length()
        edges = (left * _WIDE or -inf, rows[0] * _HIGH or -inf, right * _WIDE, (rows[-1] + 1) * _HIGH)
        object.__setattr__(self, "around", edges)

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
        bands, seen = range(0, len(now.pixels), line * _HIGH), memoryview(now.pixels)
        return cls(tuple(_differs(before.pixels, seen, at, line) for at in bands))

    def same(self, box: Box) -> bool:
        """Whether nothing changed in there, and next to it."""
        x, y = box.x, box.y
        first, above, last, below = self.around
        if x >= last or y >= below or x + box.width <= first or y + box.height <= above:
            return True
        left, right = max(0, x) // _WIDE, max(0, x + box.width - 1) // _WIDE
        top, bottom = max(0, y) // _HIGH, max(0, y + box.height - 1) // _HIGH
        tiles = (1 << right + 1) - (1 << left)
        return not any(row & tiles for row in self.changed[top : bottom + 1])


def open_to(still: Still, windows: Sequence[Window], pid: int) -> Still:
    """The same for one process: what lies below another window than its lowest cannot be judged by its look."""
    own = next((at for at, window in enumerate(windows) if window.pid == pid and not window.hidden), len(windows))
    over = tuple(window.visible for window in windows[own + 1 :] if not window.hidden)
    if not over:
        return still
    return lambda box: still(box) and not any(_meet(box, other) for other in over)


def _differs(old: bytes | bytearray, new: memoryview, start: int, line: int) -> int:
    """A bit for each tile that is not as it was of the band of lines that begins there."""
    found = 0
    if old.startswith(new[start : start + line * _HIGH], start):
        return found
    step = _WIDE * _BYTES
    for at in range(start, min(len(new), start + line * _HIGH), line):
        for first in range(0, line, step * _MANY):
            some = at + min(first + step * _MANY, line)
            if old.startswith(new[at + first : some], at + first):
                continue
            for tile, place in enumerate(range(at + first, some, step), first // step):
                if not found >> tile & 1 and not old.startswith(new[place : min(place + step, some)], place):
                    found |= 1 << tile
    return found


def _meet(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
