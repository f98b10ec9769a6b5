"""The windows of a display, read again only when the X server says that one came, went or moved. Acts on none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import xcffib.xproto as xp

from cua.core import Point
from drivers.x11 import X11, Window

_TELL = xp.EventMask.SubstructureNotify | xp.EventMask.PropertyChange
_TELLING_NOTHING = (xp.ClientMessageEvent, xp.CreateNotifyEvent, xp.DestroyNotifyEvent)  # nothing shows by these alone


class Toplevels:
    """Owned by one thread; has a connection of its own, so that its events are nobody else's."""

    def __init__(self, display: str) -> None:
        self._x11 = X11(display)
        self._x11.listen(_TELL)
        self._known: tuple[Window, ...] | None = None
        self.changes = 0
        self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is read meanwhile is of one moment: the windows are asked for once, unless `anew`."""
        self.windows()
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def windows(self, *, anew: bool = False) -> tuple[Window, ...]:
        """From the bottom to the top, popups last. `anew` is for who needs titles as they are this moment."""
        if self._held and not anew and self._known is not None:
            return self._known
        with self._x11.edge("watch the windows"):
            self._x11.sync()
            told = False
            while (event := self._x11.poll()) is not None:
                told = told or not isinstance(event, _TELLING_NOTHING)
        if told:
            self.changes += 1
        if told or anew or self._known is None:
            self._known = self._x11.windows()
        return self._known

    def of(self, pid: int, title: str) -> Window | None:
        """The topmost window of a process with that title, else its only one."""
        for anew in (False, True):
            own = [w for w in self.windows(anew=anew) if not w.popup and not w.hidden and (w.pid == pid or not pid)]
            called = [window for window in own if window.title == title]
            if called or (pid and len(own) == 1):
                return (called or own)[-1]
        return None

    def at(self, point: Point) -> Window | None:
        """What a click at that point would hit; None for the root or what is no window of a program."""
        with self._x11.edge("look what lies there"):
            root = self._x11.root
            child = self._x11.core.TranslateCoordinates(root, root, point.x, point.y).reply().child
            if not child:
                return None
            for window in reversed(self.windows()):
                if child in (window.id, self._x11.lineage(window.id)[-1]):
                    return window
        return None

    def close(self) -> None:
        self._x11.close()
