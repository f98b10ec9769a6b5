"""What may be taken over from the look before, by whole applications. It remembers looks; it reads no application."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cua.core import Box, Element, Frame
from drivers.atspi import Accessibility
from drivers.gactions import Exported, Item, Merged, merge
from drivers.stills import Still, Stills, never
from drivers.toplevels import Toplevels

_RECENT = 20.0  # seconds

Menu = tuple[Item, ...]


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


class Together:
    """The elements of all applications one after the other, with the exported commands, as of the last look."""

    def __init__(self) -> None:
        self.merged = Merged([], {})
        self._parts: list[list[Element]] = []
        self._exported: list[Exported] = []
        self._moved: dict[str, tuple[Element, int, Element]] = {}

    def of(self, parts: list[list[Element]], exported: list[Exported], menus: Callable[[str], Menu]) -> list[Element]:
        """The same list as long as nothing changed; `menus` gives the menu bar of an owner of commands."""
        if exported is not self._exported or not self._replaced(parts):
            elements: list[Element] = []
            for part in parts:
                base = len(elements)
                elements += [self._further(element, base) for element in part] if base else part
            bars = {action.owner: menus(action.owner) for action in exported}
            self.merged = merge(elements, exported, bars, self.merged)
        self._parts, self._exported = parts, exported
        return self.merged.elements

    def _replaced(self, parts: list[list[Element]]) -> bool:
        """Put what is new in its place; False where all must be put together anew."""
        if list(map(len, parts)) != list(map(len, self._parts)):
            return False
        new: dict[int, Element] = {}
        base = 0
        for before, part in zip(self._parts, parts, strict=True):
            if before is not part:
                pairs = enumerate(zip(before, part, strict=True))
                changed = {at: now for at, (was, now) in pairs if was is not now}
                if any(_in_menu(before[at]) or _in_menu(now) for at, now in changed.items()):
                    return False
                new |= {base + at: self._further(now, base) for at, now in changed.items()}
            base += len(part)
        if new:
            elements = list(self.merged.elements)
            for at, element in new.items():
                elements[at] = element
            self.merged = replace(self.merged, elements=elements)
        return True

    def _further(self, element: Element, base: int) -> Element:
        """The element with its parent so many places further on; the same object as long as nothing changed."""
        if not base or element.parent < 0:
            return element
        before, last, moved = self._moved.get(element.ref, (None, 0, element))
        if before is not element or last != base:
            moved = replace(element, parent=element.parent + base)
            self._moved[element.ref] = element, base, moved
        return moved


def _in_menu(element: Element) -> bool:
    """Whether commands are known by it."""
    return element.role in ("menu", "menuitem")
