"""Whose doing a change of page or tab is: the person's at the browser itself, or what an act in a page brought about.

The browser says which navigations a page asked for. Where it says nothing, what comes just after an act is taken to
come from it: a step too few stops a replay, a step too many may do harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from drivers.web_wire import Heard, Wire

AFTER = 1.5  # seconds within which an act is taken for the cause
BY_HAND = {"typed", "address_bar", "auto_bookmark", "generated", "keyword", "keyword_generated", "auto_toplevel"}
EMPTY = ("about:", "chrome:", "edge:")


@dataclass(slots=True)
class _Turn:
    """What is known of a tab's navigation: the one that has started, and whether the page had asked for one."""

    main: str = ""
    asked: bool = False
    url: str = ""
    kind: str = ""
    alone: bool = False  # the page had not asked for the one that started
    fresh: bool = False  # a new tab that the person has opened, and that is still empty
    child: bool = False  # another page opened it
    unasked: bool = False  # and no act before it


class Turns:
    """Follows the navigations of all tabs. `acted` is when the last act was told."""

    def __init__(self, wire: Wire) -> None:
        self.acted = -AFTER
        self._wire = wire
        self._turns: dict[Page, _Turn] = {}

    def caused(self, at: float) -> bool:
        """Did an act come just before?"""
        return at - self.acted < AFTER

    def opened(self, page: Page, *, opener: bool, at: float) -> bool:
        """A tab was opened. Was it an act in a page that did it?"""
        turn = self._turn(page)
        caused = self.caused(at)
        turn.child, turn.unasked = opener or caused, opener and not caused
        turn.fresh = not turn.child
        return turn.child

    def unasked(self, page: Page) -> bool:
        """Has a page opened this tab by itself? Then a replay leaves it alone, until somebody goes to it."""
        return self._turn(page).unasked

    def closes_itself(self, page: Page, at: float) -> bool:
        """Is a tab that has just closed taken to have been closed by its page?"""
        return self._turn(page).child and self.caused(at)

    def forget(self, page: Page) -> None:
        """A tab has gone."""
        self._turns.pop(page, None)

    def own(self, heard: Heard) -> str:
        """The url that the person went to by the browser's own means; "" for every other navigation."""
        turn, told = self._turn(heard.page), heard.told
        match heard.kind:
            case "main":
                turn.main = told["id"]
            case "requested" if told["frameId"] == turn.main:
                turn.asked = True
            case "started" if told["frameId"] == turn.main:
                turn.url, turn.kind, turn.alone, turn.asked = told["url"], told["navigationType"], not turn.asked, False
            case "arrived" if "parentId" not in told["frame"]:
                turn.main = told["frame"]["id"]
                return self._arrived(heard, turn)
            case "within" if told["frameId"] == turn.main and turn.kind in ("sameDocument", "historySameDocument"):
                return self._arrived(heard, turn)
        return ""

    def fresh(self, page: Page) -> bool:
        """Was it an empty tab of the person's until now?"""
        turn = self._turn(page)
        was, turn.fresh = turn.fresh, False
        return was

    def _arrived(self, heard: Heard, turn: _Turn) -> str:
        url, kind, alone = turn.url, turn.kind, turn.alone
        turn.url = turn.kind = ""
        if not alone or not url or url.startswith(EMPTY):
            return ""
        if kind.startswith("reload"):
            return url
        if kind.startswith("history"):
            return "" if self.caused(heard.at) else url
        return url if self._wire.arrival(heard.page) in BY_HAND else ""

    def _turn(self, page: Page) -> _Turn:
        return self._turns.setdefault(page, _Turn())
