"""What of two pictures of a screen looks the same: whatever is asked, the answer is that of their pixels."""

from __future__ import annotations

import random

from cua.core import Box, Frame
from drivers.stills import Stills

WIDE, HIGH = 400, 120  # no whole number of tiles
TILE_WIDE, TILE_HIGH = 32, 16
TRIES = 60


def picture(pixels: bytearray) -> Frame:
    return Frame("", WIDE, HIGH, pixels=pixels)


def changed(at: set[tuple[int, int]], box: Box) -> bool:
    """Whether one of these pixels is in a tile that the box touches; what is beyond the edge counts as at the edge."""
    left, right = max(0, box.x) // TILE_WIDE, max(0, box.x + box.width - 1) // TILE_WIDE
    top, bottom = max(0, box.y) // TILE_HIGH, max(0, box.y + box.height - 1) // TILE_HIGH
    return any(left <= x // TILE_WIDE <= right and top <= y // TILE_HIGH <= bottom for x, y in at)


def test_a_place_is_the_same_only_if_no_pixel_next_to_it_changed() -> None:
    chance = random.Random(7)
    before = bytearray(chance.randbytes(WIDE * HIGH * 4))
    for number in range(TRIES):
        now, at = bytearray(before), set[tuple[int, int]]()
        for _ in range(chance.choice((0, 1, 2, 40))):
            x, y = chance.choice((0, chance.randrange(WIDE), WIDE - 1)), chance.choice((0, chance.randrange(HIGH)))
            now[(y * WIDE + x) * 4 + chance.randrange(4)] ^= 1
            at.add((x, y))
        stills = Stills.between(picture(before), picture(now))
        assert stills is not None
        at = {(x, y) for x, y in at if now[(y * WIDE + x) * 4 :][:4] != before[(y * WIDE + x) * 4 :][:4]}
        for _ in range(TRIES):
            size = chance.choice((1, 5, 33, WIDE)), chance.choice((1, 5, 17, HIGH))
            box = Box(chance.randrange(-50, WIDE + 50), chance.randrange(-50, HIGH + 50), *size)
            assert stills.same(box) == (not changed(at, box)), f"try {number}: {box} where {sorted(at)[:3]} changed"


def test_pictures_of_another_size_have_nothing_in_common() -> None:
    small = Frame("", WIDE, HIGH - 1, pixels=bytearray(WIDE * (HIGH - 1) * 4))
    assert Stills.between(picture(bytearray(WIDE * HIGH * 4)), small) is None
