"""The looks that a recorder takes at a desktop: a new one whenever something changed, none while nothing does.

Each look is without the secrets on the screen. What changed when is noted, as far as accessibility and X tell, so that
of a look it can be said whether it was still true at a later time.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import xcffib.damage
import xcffib.xproto as xp

from cua.core import Box, Element
from drivers.desktop import Desktop
from drivers.hits import Screen, Surface
from drivers.news import News
from drivers.secret_fields import cleared
from drivers.toplevels import Toplevels
from drivers.typed import Look
from drivers.x11 import X11, Window

_CALM = 0.03  # seconds without news before a look
_LONG = 0.2  # seconds of news after which it looks none the less
_MOST_REST = 0.5  # seconds that a look which would show nothing new is put off at most
_LEAST_REST = 0.1  # and at least, where only pixels changed
_AWAY = 0.25  # seconds of not listening after which changes may have gone unheard
_NEWS = 64


class Looks:
    """Owned by the thread that owns `driver`. Nobody else may take events from `x11`."""

    def __init__(self, driver: Desktop, x11: X11) -> None:
        self._driver, self._x11 = driver, x11
        self._windows = Toplevels(driver.x11.display or "")
        self._watch_pixels()
        self._news: deque[float] = deque(maxlen=_NEWS)  # when something changed, or was done
        self._told, self._changes = News(driver.access.bus), 0
        self._damaged = 0.0
        self._alike = 0
        self._listened = time.monotonic()
        self._earlier = self.now = self._taken()

    def before(self, when: float) -> tuple[Look, bool]:
        """The last look that was over before that, and whether nothing changed in between, as far as was heard."""
        look = self.now if self.now.ended <= when else self._earlier
        changed = any(look.began < change <= when for change in self._news)  # two acts may be told at one millisecond
        return look, not changed and look.ended <= when and when - self._listened < _AWAY

    def done(self, when: float) -> None:
        """A person did something then: what it changes is to be looked at."""
        self._news.append(when)
        self._alike = 0

    @property
    def stale(self) -> bool:
        """Whether something changed since the last look began."""
        return bool(self._news) and self._news[-1] > self.now.began

    @property
    def quiet(self) -> bool:
        """Whether neither accessibility nor X told of anything since the last look began, pixels included."""
        return not self.stale and self._damaged <= self.now.began

    def wanted(self, *, soon: bool) -> bool:
        """Whether something changed and it is calm again, or has not been calm for long; sooner if one is awaited."""
        now = time.monotonic()
        rest = min(_MOST_REST, (self.now.ended - self.now.began) * 2**self._alike)
        if self.stale:
            first = next(change for change in self._news if change > self.now.began)
            ready = now - self._news[-1] >= _CALM or now - first >= _LONG
            return ready and (soon or now - self.now.ended >= rest)
        return self._damaged > self.now.began and now - self.now.ended >= max(rest, _LEAST_REST)

    def look(self) -> Look:
        """Look again."""
        look = self._taken()
        self._alike = self._alike + 1 if look.seen.elements == self.now.seen.elements else 0
        self._earlier, self.now = self.now, look
        if self._alike >= 2:  # what is told on and on while nothing changes is no news
            kept = [change for change in self._news if change > look.ended]
            self._news.clear()
            self._news.extend(kept)
        return look

    def listen(self, seconds: float) -> list[Any]:
        """Hear for so long what accessibility and X have to tell; gives the events of X that are not about looks."""
        self._driver.access.bus.pump(seconds)
        now = time.monotonic()
        self._windows.windows()
        if self._told.beyond(self.now.seen) or self._windows.changes != self._changes:
            self._news.append(now)
        self._changes = self._windows.changes
        others: list[Any] = []
        with self._x11.edge("watch the screen"):
            while (event := self._x11.poll()) is not None:
                if isinstance(event, xcffib.damage.NotifyEvent):
                    self._damaged = now
                    self._damage.Subtract(self._watch, 0, 0)
                else:
                    others.append(event)
            self._x11.connection.flush()
        self._listened = now
        return others

    def close(self) -> None:
        self._told.close()
        self._windows.close()

    # ------------------------------------------------------------------------------------------ one look

    def _taken(self) -> Look:
        began = time.monotonic()
        seen = cleared(self._driver.observe())
        texts = {e.ref: text for e in seen.elements if (text := self._spin_text(e)) is not None}
        screen = Screen(seen, self._surfaces(), self._driver.access.pid)
        ended = self._listened = time.monotonic()
        if self._told.beyond(seen):
            self._news.append(ended)
        return Look(screen, began, ended, texts)

    def _spin_text(self, element: Element) -> str | None:
        """A spin button's value is what it was before; what is being typed is only in its text."""
        if element.role != "spinbutton" or "focused" not in element.states:
            return None
        _, owner, path = element.ref.split("|")[:3]
        return self._driver.access.text(owner, path)

    def _surfaces(self) -> tuple[Surface, ...]:
        with self._x11.edge("look at the windows"):
            windows = self._windows.windows(anew=True)
            return tuple(Surface(window, self._frame(window)) for window in windows if not window.hidden)

    def _frame(self, window: Window) -> Box:
        try:
            top = self._x11.lineage(window.id)[-1]
            if top == window.id:
                return window.visible
            size = self._x11.core.GetGeometry(top).reply()
            return Box(size.x, size.y, size.width, size.height)
        except (xp.WindowError, xp.DrawableError):  # it closed meanwhile
            return window.visible

    def _watch_pixels(self) -> None:
        with self._x11.edge("watch the screen"):
            self._damage: Any = self._x11.connection(xcffib.damage.key)
            self._damage.QueryVersion(1, 1).reply()
            self._watch = self._x11.connection.generate_id()
            self._damage.Create(self._watch, self._x11.root, xcffib.damage.ReportLevel.NonEmpty)
            self._x11.sync()
