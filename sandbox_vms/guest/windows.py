"""Windows by the names that people and OSWorld's tasks give them: to find, to bring to the front, to close."""

from __future__ import annotations

import time

import xcffib.xproto as xp

from cua.errors import TargetNotFound, TimedOut
from drivers.desktop import Desktop
from drivers.x11 import X11, Window
from sandbox_vms.launch import windows

_CLOSE_LIMIT = 2.0
_TICK = 0.02


def named(desktop: Desktop, name: str, *, strict: bool = False, by_class: bool = False) -> list[Window]:
    """Windows whose title, or whose "instance.Class", has that in it whatever the case, or is exactly that if `strict`;
    the oldest first."""
    shown = {window.id: window for window in windows(desktop)}
    order = [id for id in desktop.x11.words(desktop.x11.root, "_NET_CLIENT_LIST") if id in shown]
    order += [id for id in shown if id not in order]
    found = []
    for id in order:
        said = ".".join(class_of(desktop.x11, id)) if by_class else shown[id].title
        if name == said or (not strict and name.lower() in said.lower()):
            found.append(shown[id])
    return found


def the(desktop: Desktop, name: str, *, strict: bool, by_class: bool) -> Window:
    """The oldest of them. Raises TargetNotFound with the windows that there are."""
    found = named(desktop, name, strict=strict, by_class=by_class)
    if not found:
        there = ", ".join(repr(window.title) for window in windows(desktop)) or "none"
        raise TargetNotFound(f"no window is called {name!r}; there are: {there}")
    return found[0]


def activate(desktop: Desktop, window: Window) -> None:
    """Bring it to the front with the keyboard. A dialog of its may take that instead. Raises TimedOut."""
    try:
        desktop.x11.focus(window)
    except TimedOut:
        active = desktop.x11.active()
        if active is None or active.transient_for != window.id:
            raise
    desktop.settle()


def close(desktop: Desktop, window: Window) -> bool:
    """Ask it to close; whether it did, or else asks something first or takes its time."""
    desktop.x11.close_window(window)
    end = time.monotonic() + _CLOSE_LIMIT
    while time.monotonic() < end:
        shown = windows(desktop)
        if window.id not in {each.id for each in shown}:
            return True
        desktop.access.bus.pump(_TICK)
    return False


def class_of(x11: X11, window: int) -> tuple[str, ...]:
    """What its program says it is: the instance and the class; nothing of a window that says nothing or is gone."""
    with x11.edge("read the class of a window"):
        try:
            kind = xp.Atom.STRING
            said = x11.core.GetProperty(False, window, xp.Atom.WM_CLASS, kind, 0, 1024).reply().value.buf()
        except xp.WindowError:
            return ()
    return tuple(part for part in bytes(said).decode("latin-1").split("\0") if part)
