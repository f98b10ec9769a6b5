"""What a person has before them: the tabs of their browser, which one is in front, and what was last seen of each.

It only keeps what it is told, and asks no browser.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Page

from cua.core import Element, Observation
from drivers import web_asks as asks
from drivers.web_looks import Joined, Tab


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that blocks a page."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the browser itself shows, for `web_asks.elements`."""

    tabs: tuple[Page, ...]
    page: Page
    dialog: Dialog | None = None
    answer: str = ""
    chooser: bool = False


class Screens:
    """The tabs in the order in which they were opened, and the one in front."""

    def __init__(self, front: Page) -> None:
        self.front = front
        self.pages = [front]
        self._tabs: dict[Page, Tab] = {}

    def add(self, page: Page, *, front: bool) -> None:
        """A tab was opened, and is in front now unless nobody asked for it."""
        self.pages.append(page)
        self.front = page if front else self.front

    def remove(self, page: Page) -> None:
        """A tab was closed; the last one that was opened comes to the front."""
        self.pages.remove(page)
        self._tabs.pop(page, None)
        if page is self.front and self.pages:
            self.front = self.pages[-1]

    def tab(self, page: Page) -> Tab:
        """What was seen of a tab."""
        return self._tabs.setdefault(page, Tab())

    def seen(self, page: Page, look: str = "", *, chooser: bool = False) -> tuple[Observation, Joined]:
        """The screen at a look that was told, or as it was last seen; with the file chooser that a page opened."""
        tab = self.tab(page)
        joined = Joined(tab.looks.get(look, tab.last))
        titles = {each: self.tab(each).last.place.window for each in self.pages}
        shown = _Shown(tuple(self.pages), page, chooser=chooser)
        return joined.observation(asks.elements(shown, titles, len(joined.elements))), joined

    def beside(self, page: Page) -> tuple[Observation, Element]:
        """The screen in front, and in it the tab of another page."""
        seen, ref = self.seen(self.front)[0], f"tab:{self.pages.index(page) + 1}"
        return seen, next(each for each in seen.elements if each.ref == ref)

    def asking(self, page: Page, dialog: Dialog, text: str, ref: str) -> tuple[Observation, Element]:
        """The screen while a dialog blocks this page, and one element of the dialog."""
        own = asks.elements(_Shown(tuple(self.pages), page, dialog, text), {}, 0)
        last = self.tab(page).last
        seen = Observation(
            last.place, tuple(own), last.frame, time=time.time(), note="a dialog blocks the page", partial=True
        )
        return seen, next(each for each in own if each.ref == ref)
