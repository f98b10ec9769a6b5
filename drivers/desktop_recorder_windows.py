"""Whether a click hit what the look before it shows, though the screen changed since and no later look can tell.

Programs tell of changes all the time (a clock, states that are as they were), so that a look may be old as soon as it
is taken; and what a click closes or covers no look shows again. But nobody aims at what came in the last quarter of a
second, a menu shows the same entries for as long as no other window came, a dialog that went with the click was there
for it, and what is still where it was has not moved. It reads what X tells of windows, no more.
"""

from __future__ import annotations

import time
from collections import deque

import xcffib.xproto as xp

from cua.core import Element, Observation
from drivers.hits import Screen, menu_at, top_at
from drivers.pointing import Done
from drivers.typed import Look
from drivers.x11 import X11

_MOST = 64
_REACTION = 0.25  # seconds that a person needs at least to see something and to click on it
_BRIEFLY = 1.0  # seconds within which a look follows on what changed
_MOVING = frozenset(
    {"cell", "row", "option", "treeitem", "listitem", "rowheader", "link"}
)  # lists change by themselves
_TABLES = frozenset({"table", "tree"})
_CURRENT = frozenset({"focused", "selected"})


class Came:
    """The windows that came. Owned by one thread; has a connection of its own, so that its events are nobody else's."""

    def __init__(self, display: str | None) -> None:
        self._x11 = X11(display)
        self._x11.listen(xp.EventMask.SubstructureNotify)
        self._came: deque[tuple[float, int]] = deque(maxlen=_MOST)  # when we heard of it, and which window

    def listen(self) -> None:
        """Take note of what came; at once before each look, so that it is not taken for what came after it."""
        with self._x11.edge("watch the windows"):
            self._x11.sync()
            while (event := self._x11.poll()) is not None:
                if isinstance(event, xp.MapNotifyEvent):
                    self._came.append((time.monotonic(), event.window))

    def surely(self, done: Done, target: Element, after: Look) -> bool:
        """Whether a click that came later than its look hit the target all the same. Whoever asks knows that the person
        did nothing in between.
        """
        window = top_at(done.look.screen, done.aim) if done.aim is not None else None
        if window is None or done.aim is None or target.role in _MOVING:
            return False
        self.listen()
        if len(self._came) == _MOST and self._came[0][0] > done.look.began:
            return False
        since = {came for when, came in self._came if when > done.look.began} - {window.id}
        if not since <= self._known(after.screen):
            return False
        age, there = done.began - done.look.ended, after.element(target.ref)
        still = there is not None and (there.role, there.name, there.box) == (target.role, target.name, target.box)
        if age <= _REACTION or (age <= _BRIEFLY and still):
            return True
        if window.popup:
            return menu_at(done.look.screen, done.aim, target) is not None
        before, now = ({s.window.id for s in screen.surfaces} for screen in (done.look.screen, after.screen))
        return window.id not in now and now <= before

    def none_since(self, when: float) -> bool:
        """Whether no window came since then, as far as is remembered."""
        self.listen()
        return all(came <= when for came, _ in self._came) and (len(self._came) < _MOST or self._came[0][0] <= when)

    def managed(self) -> frozenset[int]:
        """The windows that the window manager has by now, those that do not show too."""
        with self._x11.edge("list the windows"):
            return frozenset(self._x11.words(self._x11.root, "_NET_CLIENT_LIST"))

    def close(self) -> None:
        self._x11.close()

    def _known(self, screen: Screen) -> frozenset[int]:
        """The windows that are there and are no popups, and what the window manager put around them."""
        found: set[int] = set()
        with self._x11.edge("look at the windows"):
            for surface in screen.surfaces:
                if not surface.window.popup:
                    try:
                        found |= {surface.window.id, *self._x11.lineage(surface.window.id)}
                    except (xp.WindowError, xp.DrawableError):  # it closed meanwhile
                        continue
        return frozenset(found)


def same_cell(cell: Element, before: Observation, found: Element, after: Observation) -> bool:
    """Whether it is one cell of one table at one place on both looks, by a name that no other has: some programs give
    their cells new handles with every look.
    """
    looks = ((cell, before), (found, after))
    tables = [next((e for e in look.ancestors(each) if e.role in _TABLES), None) for each, look in looks]
    alike = (cell.role, cell.name, cell.box) == (found.role, found.name, found.box) and cell.role == "cell"
    if not alike or not cell.name or tables[0] is None or tables[1] is None or tables[0].ref != tables[1].ref:
        return False
    return all(sum((e.role, e.name) == (cell.role, cell.name) for e in look.elements) == 1 for _, look in looks)


def turned_current(cell: Element, before: Observation, found: Element, after: Observation) -> bool:
    """Whether a cell became the current one of its table: it says so, or a field beside the table names it."""
    return _current(found, after) and not _current(cell, before)


def _current(cell: Element, now: Observation) -> bool:
    named = (e for e in now.elements if e.role in ("textbox", "combobox") and "showing" in e.states)
    return bool(cell.states & _CURRENT) or any(e.value == cell.name for e in named)
