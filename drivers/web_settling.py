"""When a page has come to rest after an act, and whether it is then as it was before.

What comes of an act is awaited: an answer to what it made the page ask for, and what the page makes of that. What pages
ask for by themselves is not, and nothing is awaited longer than a limit. It acts on nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from playwright.sync_api import Error, Frame, Page

from cua.core import Action, Wait
from drivers.web_launch import Browser, ask

QUIET_SECONDS, SETTLE_SECONDS, REQUEST_SECONDS = 0.1, 3.0, 1.0
LOADING_SECONDS, BRISK_QUIET_SECONDS = 0.005, 0.05


@dataclass(frozen=True, slots=True)
class Mark:
    """What differs after an act that changed something."""

    page: Page
    url: str
    tabs: int
    frames: dict[Frame, object]  # how often each has changed, or in words what a press would have met there

    @property
    def met(self) -> str:
        """What a press would have met in place of what it was aimed at."""
        return next((told for told in self.frames.values() if isinstance(told, str)), "")

    def differs(self, before: Mark, turned: Collection[Frame]) -> bool:
        """Was something changed since then? Frames with a new document tell nothing of that, nor what is in them."""
        if (self.page, self.url, self.tabs) != (before.page, before.url, before.tabs):
            return True
        if not turned:
            return self.frames != before.frames
        return _without(self.frames, turned) != _without(before.frames, turned)


def _without(frames: dict[Frame, object], turned: Collection[Frame]) -> dict[Frame, object]:
    return {frame: told for frame, told in frames.items() if not _inside(frame, turned)}


def _inside(frame: Frame, turned: Collection[Frame]) -> bool:
    up: Frame | None = frame
    while up is not None and up not in turned:
        up = up.parent_frame
    return up is not None


class Settling:
    """Watches one browser. `brisk`: it does not wait for quiet, but only for what is known to be on its way."""

    def __init__(self, browser: Browser, *, brisk: bool) -> None:
        self.brisk = brisk
        self._browser, self._quiet = browser, 0.0 if brisk else QUIET_SECONDS
        self._acted = time.monotonic()

    @property
    def idle(self) -> bool:
        """Has nothing been done for a while?"""
        return time.monotonic() - self._acted > REQUEST_SECONDS

    def ready(self, aimed: bool) -> Mark:
        """How things are before an act, which may be aimed at an element."""
        return self._mark("ready", aimed)

    def after(self, action: Action, before: Mark | None) -> tuple[bool, Mark | None]:
        """Wait for what comes of an act, and tell whether all is quiet then, and how things are if that is asked."""
        if isinstance(action, Wait):
            return self._wait(action.seconds), None
        requests = self._browser.requests
        end, after = time.monotonic() + SETTLE_SECONDS, None
        quiet = self.settle(SETTLE_SECONDS, self._quiet)
        if before:
            after = self._mark("marked", max(0.0, end - time.monotonic()) * 1000)
            if requests.awaiting and quiet and not after.met:  # it was on its way, and not yet known
                quiet = self.settle(end - time.monotonic(), self._quiet)
                after = self._mark("marked", max(0.0, end - time.monotonic()) * 1000)
        if not quiet:
            requests.give_up()
        self._acted = time.monotonic()
        return quiet, after

    def _heard(self) -> list[Frame]:
        return [frame for frame in self._browser.page.frames if frame not in self._browser.deaf]

    def _mark(self, verb: str, *args: float) -> Mark:
        browser, told = self._browser, dict[Frame, object]()
        for frame in self._heard():
            try:
                told[frame] = ask(frame, verb, *args)
            except Error:
                browser.check_alive()
                told[frame] = object()  # the document went away meanwhile: that is a change
        return Mark(browser.page, browser.page.url, len(browser.tabs), told)

    def _wait(self, seconds: float) -> bool:
        """Wait for quiet; or, with brisk hands and too short a time for that, for a change."""
        if not self.brisk:
            return self.settle(seconds, QUIET_SECONDS)
        if seconds >= QUIET_SECONDS:
            return self.settle(seconds, BRISK_QUIET_SECONDS, since=self._acted)
        try:
            return not ask(self._browser.page.main_frame, "stirred", seconds * 1000)
        except Error:
            self._browser.check_alive()  # the page turned: that is a change
            return False

    def settle(self, limit: float, calm: float, *, since: float = 0.0) -> bool:
        """Wait until nothing has changed for a `calm` moment and nothing is loading; False if the limit came first.

        The moment may have begun before, but not before `since` (in the seconds of the monotonic clock). What is still
        loading when it is over is awaited, then a breath for what the page makes of it.
        """
        browser, began, clear, hasty = self._browser, time.monotonic(), True, not calm
        requests, earlier = browser.requests, began - since if since else 0.0
        while (spent := time.monotonic() - began) < limit:
            try:
                if calm and not self._calm(began, limit, calm, earlier - spent):
                    return False
            except Error:
                browser.check_alive()  # the page turned while it was asked: ask the new one
                earlier = 0.0
                continue
            turning, awaiting = requests.turning or browser.saving, requests.awaiting
            over = not turning and not awaiting and (not requests.loading or spent > REQUEST_SECONDS)
            if over and clear:
                return True
            clear, calm = over or turning or (hasty and not awaiting), max(calm, LOADING_SECONDS)
            # it was calm until now, and that counts, but for a page that is yet to come
            earlier = 0.0 if turning else calm - max(calm / 5, LOADING_SECONDS)
        return False

    def _calm(self, began: float, limit: float, calm: float, already: float) -> bool:
        """Whether all frames are calm for so long, in turn, before the limit comes."""
        frames = self._heard()
        for frame in frames[1:]:
            ask(frame, "mark")  # watched from now on, while the first is waited for
        for frame in frames:
            spent = time.monotonic() - began
            if not ask(frame, "quiet", calm * 1000, max(0.0, limit - spent) * 1000, (already + spent) * 1000):
                return False
        return True
