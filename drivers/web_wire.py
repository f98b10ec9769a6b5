"""The line to what listens in the pages: `web_listen.js` in every frame of every tab, in a world no page can reach.

It brings what was heard, in the order in which it was told, and what the browser itself says of tabs, dialogs and
navigations. It never judges what it brings, and evaluates nothing in a page's own world.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Error, Frame, Page

from cua.core import SEAL
from cua.secret_words import EXACT, PART, WHOLE
from drivers.web_launch import Browser

WORLD, BINDING = "cua-recorder", "cuaTell"
SEALED = f"{SEAL}secret{SEAL}"
WORD = secrets.token_hex(16)  # by which what holds acts back knows that they are listened to; no page knows it
MOST_HELD = 3.0  # seconds for which acts are held back where nothing listens
KEYS = {"KeyP": "pause", "KeyE": "end"}  # with Ctrl and Alt

# what the browser says, and our word for it
EVENTS = {
    "Page.frameRequestedNavigation": "requested",
    "Page.frameStartedNavigating": "started",
    "Page.frameNavigated": "arrived",
    "Page.navigatedWithinDocument": "within",
    "Page.javascriptDialogOpening": "asked",
    "Page.javascriptDialogClosed": "answered",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that was told: when (monotonic seconds), of which tab, what kind, and its particulars."""

    at: float
    page: Page
    kind: str
    told: dict[str, Any]


@cache
def _source(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").strip().rstrip(";")


def script(*, paused: bool) -> str:
    """What is put into each frame."""
    settings = {"binding": BINDING, "paused": paused, "seal": SEALED, "keys": KEYS, "word": WORD}
    words = {"exact": EXACT, "whole": WHOLE, "part": PART}
    return f"({_source('web_listen.js')})({_source('web_snapshot.js')}, {json.dumps(settings | words)})"


def holding(most: float = MOST_HELD) -> str:
    """What is put into each document before its first script: it holds acts back until they are listened to, from the
    first on for at most so many seconds."""
    settings = {"word": WORD, "most": most * 1000}
    return f"({_source('web_hold.js')})({json.dumps(settings)})"


class Wire:
    """Listens in all tabs of a browser, those that come later too."""

    def __init__(self, browser: Browser) -> None:
        self.heard: deque[Heard] = deque()
        self._browser = browser
        self._paused = False
        self._sessions: dict[Page | Frame, CDPSession] = {}
        self._scripts: dict[CDPSession, str] = {}
        self._worlds: dict[CDPSession, set[int]] = {}
        self._turning: dict[Frame, bool] = {}  # frames whose line is being laid, and whether it must be laid again
        browser.context.add_init_script(holding())
        for page in browser.tabs:
            self._opened(page)
        browser.context.on("page", self._opened)

    def pause(self, on: bool) -> None:
        """Nothing is read or told until it goes on; only the recorder's own keys are heard meanwhile."""
        self._paused = on
        for session in list(self._scripts):
            with suppress(Error):  # its tab or frame is gone
                session.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._scripts[session]})
                self._put(session)
                for world in tuple(self._worlds[session]):
                    self._tell(session, world, f"pause({json.dumps(on)})")

    def _tell(self, session: CDPSession, world: int, call: str) -> None:
        saying = f"window[Symbol.for('cua.listen')]?.{call}"
        with suppress(Error):  # the page turned meanwhile
            session.send("Runtime.evaluate", {"expression": saying, "contextId": world})

    # ------------------------------------------------------------------------------------------ tabs and frames

    def _opened(self, page: Page) -> None:
        self._hear(page, "opened", {"opener": self._opener(page)})
        page.on("close", self._closed)
        page.on("framenavigated", self._turned)
        page.on("framedetached", self._dropped)
        self._attach(page, page)

    def _opener(self, page: Page) -> bool:
        try:
            return page.opener() is not None
        except Error:
            return True

    def _closed(self, page: Page) -> None:
        self._hear(page, "closed", {})
        for each in [each for each in self._sessions if each is page or getattr(each, "page", None) is page]:
            self._forget(each)

    def _dropped(self, frame: Frame) -> None:
        if frame in self._sessions:
            self._forget(frame)

    def _turned(self, frame: Frame) -> None:
        """A frame of another site lives in another process, and needs a line of its own. One line, though it turns
        again while that is laid.
        """
        if frame.parent_frame is None:
            return
        if frame in self._turning:
            self._turning[frame] = True
            return
        self._turning[frame] = True
        while self._turning[frame]:
            self._turning[frame] = False
            if frame in self._sessions:
                with suppress(Error):  # it went with the process that the frame was in
                    self._sessions[frame].detach()
                self._forget(frame)
            self._attach(frame, frame.page)
        del self._turning[frame]

    def _forget(self, each: Page | Frame) -> None:
        session = self._sessions.pop(each, None)
        if session is None:
            return
        self._scripts.pop(session, None)
        self._worlds.pop(session, None)

    def _attach(self, target: Page | Frame, page: Page) -> None:
        with suppress(Error):  # gone already, or a frame in its parent's process, which the parent's line reaches
            session = self._browser.context.new_cdp_session(target)
            self._sessions[target] = session
            self._worlds[session] = set()
            self._listen(session, page, main=target is page)
            session.send("Page.enable")
            if target is page:
                self._hear(page, "main", {"id": session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]})
            session.send("Runtime.enable")
            session.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
            self._put(session)

    def _put(self, session: CDPSession) -> None:
        wanted = {"source": script(paused=self._paused), "worldName": WORLD, "runImmediately": True}
        self._scripts[session] = session.send("Page.addScriptToEvaluateOnNewDocument", wanted)["identifier"]

    # ------------------------------------------------------------------------------------------ what is told

    def _listen(self, session: CDPSession, page: Page, *, main: bool) -> None:
        worlds = self._worlds[session]

        def made(event: dict[str, Any]) -> None:
            if event["context"]["name"] == WORLD:
                worlds.add(event["context"]["id"])

        def bound(event: dict[str, Any]) -> None:
            if event["name"] == BINDING and event["executionContextId"] in worlds:
                told = json.loads(event["payload"])
                self._hear(page, told.pop("t"), told)

        session.on("Runtime.executionContextCreated", made)
        session.on("Runtime.executionContextDestroyed", lambda event: worlds.discard(event["executionContextId"]))
        session.on("Runtime.bindingCalled", bound)
        for name, kind in EVENTS.items() if main else ():
            session.on(name, self._passer(page, kind))

    def _passer(self, page: Page, kind: str) -> Callable[[dict[str, Any]], None]:
        return lambda event: self._hear(page, kind, event)

    def _hear(self, page: Page, kind: str, told: dict[str, Any]) -> None:
        self.heard.append(Heard(time.monotonic(), page, kind, told))

    def arrival(self, page: Page) -> str:
        """How the browser says that the page in this tab was come to: "typed", "link", ..."""
        with suppress(Error, KeyError):  # the tab is gone
            history = self._sessions[page].send("Page.getNavigationHistory")
            return str(history["entries"][history["currentIndex"]]["transitionType"])
        return "other"
