"""The screens of the person themselves: their display, their desktop, and a browser for their pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from cua.config import settings
from cua.core import Driver
from cua.errors import DisplayGone
from drivers.desktop import Desktop


def display() -> str:
    """Whether windows can be shown to the person: the display's name, "" for none."""
    return os.environ.get("DISPLAY", "") or os.environ.get("WAYLAND_DISPLAY", "")


@contextmanager
def open_web(url: str) -> Iterator[Driver]:
    """A browser on that page, which nobody sees."""
    from drivers.web_steady import Steady

    driver = Steady(url, size=settings().screen_size)
    try:
        yield driver
    finally:
        driver.close()


def own_desktop(stack: ExitStack) -> Desktop:
    """The display and the session that this program was started in."""
    where, bus = os.environ.get("DISPLAY", ""), os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if not where or not bus:
        missing = "DISPLAY" if not where else "DBUS_SESSION_BUS_ADDRESS"
        raise DisplayGone(f"there is no desktop here: {missing} is not set; run this in a desktop session (X11)")
    desktop = Desktop(where, bus)
    stack.callback(desktop.close)
    return desktop
