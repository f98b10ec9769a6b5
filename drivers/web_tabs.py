"""Who opened which tab, and whether it may come to the front: only where an act opened it, or somebody goes to it.

It only keeps what it is told, and asks no browser.
"""

from __future__ import annotations

from playwright.sync_api import Page


class Tabs:
    """What is known of the tabs of one browser."""

    def __init__(self) -> None:
        self.arrivals: dict[Page, bool] = {}  # those that opened since an act was begun: did the act open them?
        self._openers: dict[Page, Page | None] = {}
        self._left: set[Page] = set()
        self._acting = False

    def begin(self, *, opens: bool) -> None:
        """An act is about to be done, which may open a tab or not; what came before is told no more."""
        self.arrivals.clear()
        self._acting = opens

    def opened(self, page: Page, front: Page, follows: bool) -> bool:
        """A tab was opened. Does it come to the front? A page's does if an act on the page in front may have opened it,
        and any that no page opened.
        """
        opener = self._openers[page] = page.opener()
        asked = self.arrivals[page] = opener is None or (follows and self._acting and opener is front)
        if not asked:
            self._left.add(page)
        return asked

    def closed(self, page: Page) -> Page | None:
        """A tab was closed. Which one had opened it?"""
        self.arrivals.pop(page, None)
        self._left.discard(page)
        return self._openers.pop(page, None)

    def shown(self, page: Page) -> None:
        """Somebody goes to this tab."""
        self._left.discard(page)

    def left_alone(self, page: Page) -> bool:
        """Has it opened by itself, and nobody gone to it?"""
        return page in self._left
