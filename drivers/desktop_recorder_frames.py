"""Whether a click on the frame of a window closed that window, which the key that closes windows does again. Pure.

What a button in a frame is for, only the window manager knows. But of all that a click there can do, only closing makes
an active window go, or makes its program ask about it.
"""

from __future__ import annotations

from dataclasses import replace

from cua.core import Click, Point, Press
from drivers.hits import Screen, contains
from drivers.pointing import Done
from drivers.typed import Look
from drivers.x11 import Window

CLOSING = "alt+F4"


def framed(done: Done) -> Window | None:
    """The active window whose frame a plain click hit, if accessibility tells it from all others by its name."""
    action, screen = done.action, done.look.screen
    if not isinstance(action, Click) or not isinstance(action.target, Point):
        return None
    window = _frame_at(screen, action.target) if (action.button, action.count, action.keys) == ("left", 1, ()) else None
    if window is None or not window.active:
        return None
    tops = [e for e in screen.seen.elements if e.parent < 0 and "showing" in e.states]
    active = [e for e in tops if "active" in e.states]
    named = [e for e in tops if e.name == window.title]
    return window if window.title and len(active) == 1 and active == named else None


def closed(done: Done, window: Window, after: Look, managed: frozenset[int]) -> bool:
    """Whether the click closed it, or made its program ask first. `managed` are the windows that there still are."""
    before = {surface.window.id for surface in done.look.screen.surfaces}
    now = [surface.window for surface in after.screen.surfaces]
    asks = any(each.transient_for == window.id and each.id not in before and not each.popup for each in now)
    return asks or window.id not in managed | {each.id for each in now}


def by_key(done: Done, window: Window) -> Done:
    """The act that does the same, where the window has the keyboard."""
    line = f"closing {window.title!r} by its frame is kept as {CLOSING}"
    return replace(done, action=Press(CLOSING), reason="", line=line)


def _frame_at(screen: Screen, point: Point) -> Window | None:
    surface = next((each for each in reversed(screen.surfaces) if contains(each.frame, point)), None)
    outside = surface is not None and not contains(surface.window.box, point)
    return surface.window if surface is not None and outside and not surface.window.popup else None
