"""What may be taken over from the look before, by whole applications. It remembers looks; it reads no application."""

from __future__ import annotations

import time
from dataclasses import replace

from cua.core import Box, Element, Frame
from drivers.atspi import Accessibility
from drivers.stills import Still, Stills, never
from drivers.toplevels import Toplevels

_RECENT = 2.5


class Lately:
    """Owned by one thread. It knows of each application when it was looked at as a whole, with which windows."""

    def __init__(self, access: Accessibility, windows: Toplevels) -> None:
        self._access, self._windows = access, windows
        self._whole: dict[str, tuple[float, tuple[tuple[int, Box], ...]]] = {}
        self._seen: Frame | None = None

    def looked(self, app: str) -> None:
        """It is looked at as a whole now."""
        self._whole[app] = time.monotonic(), self._places(app)

    def forget(self, app: str = "") -> None:
        """Nothing is taken over of it, or of any."""
        if app:
            self._whole.pop(app, None)
        else:
            self._whole.clear()

    def still(self, picture: Frame | None) -> Still:
        """What looks as it did at the look before, if both took a picture before they asked anything; None is told by
        a look that did not."""
        before, self._seen = self._seen, picture
        stills = Stills.between(before, picture) if before is not None and picture is not None else None
        return stills.same if stills is not None else never

    def recent(self, app: str) -> bool:
        """Whether the last whole look at it was just now and its windows are as they were then."""
        places = self._places(app)
        looked, seen = self._whole.get(app, (0.0, ()))
        return bool(places) and seen == places and time.monotonic() - looked < _RECENT

    def calm(self, app: str, still: Still) -> bool:
        """Whether nobody works with it, it told of nothing, and its windows are and look as they did."""
        pid = self._access.pid(app)
        own = [window for window in self._windows.windows() if window.pid == pid]
        return (
            self._access.silent(app)
            and self.recent(app)
            and not any(window.active or window.popup for window in own)
            and all(still(window.visible) for window in own if not window.hidden)
        )

    def _places(self, app: str) -> tuple[tuple[int, Box], ...]:
        pid = self._access.pid(app)
        return tuple((window.id, window.box) for window in self._windows.windows() if window.pid == pid)


class Shifted:
    """Elements with their parents further on, the same objects as long as nothing changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Element, int, Element]] = {}

    def by(self, base: int, element: Element) -> Element:
        """The element with its parent so many places further on."""
        if element.parent < 0:
            return element
        before, last, moved = self._known.get(element.ref, (None, 0, element))
        if before is not element or last != base:
            moved = replace(element, parent=element.parent + base)
            self._known[element.ref] = element, base, moved
        return moved
