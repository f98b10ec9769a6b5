"""Acts of the web driver's hands that take more than one stroke: a drag, a text, and a slider that is a page's own.

Between strokes the page is given a frame to draw, since what is dragged or moved follows only then. They aim at
nothing: where to, and whether that may be, is known by whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Keyboard, Mouse

STEPS, NUDGE = 10, 8.0  # moves of a drag; pixels that make it one
MOST_STROKES = 1000

Spot = tuple[float, float]


def drag(mouse: Mouse, start: Spot, end: Spot, drawn: Callable[[], object]) -> None:
    """From one place to another, `drawn` after each move; the caller lets go of the button."""
    mouse.move(*start)
    mouse.down()
    far = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1.0)
    parts = [min(1.0, NUDGE / far), *((step + 1) / STEPS for step in range(STEPS)), 1.0, 1.0]
    for part in parts:
        drawn()
        mouse.move(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
    drawn()


def write(keyboard: Keyboard, text: str) -> None:
    """Type it where the cursor is; a tab goes to the next field."""
    for part in re.split(r"(\t)", text):
        if part == "\t":
            keyboard.press("Tab")
        elif part:
            keyboard.type(part)


def slide(keyboard: Keyboard, at: Callable[[], float | None], wanted: float) -> None:
    """Move the slider that has the focus, by its own steps, to what is wanted or beside it. `at` gives where it stands,
    None where it has lost the focus. Whether it came there is for the caller to read.
    """
    first = at()
    for key in ("ArrowRight", "ArrowLeft"):
        began = at()
        if first is None or began is None or began == wanted:
            return
        keyboard.press(key)
        now = at()
        if now is None or now == began or (wanted - now) / (now - began) < 0:
            continue  # that is the other way, or as far as it goes
        for _ in range(min(MOST_STROKES, round((wanted - now) / (now - began)))):
            keyboard.press(key)
        return
