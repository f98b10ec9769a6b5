"""The browser around the page: starting it, its tabs, dialogs, choosers, downloads and errors.

It never looks into a page (that is `web.py`), answers no dialog by itself, and downloads nothing but what a page
offers. Every call into Playwright runs inside `Browser.limited`, the one place where its exceptions become ours, and
where a call that waits on a blocked page is cut off: by a dialog that opens (`DialogOpened`), or by the limit.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from greenlet import getcurrent, greenlet
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import (
    CDPSession,
    Dialog,
    Download,
    ElementHandle,
    Error,
    FileChooser,
    Frame,
    Page,
    sync_playwright,
)

from cua.errors import DisplayGone, DriverError, TargetGone, TimedOut
from drivers.web_found import check_driver, find_browser
from drivers.web_tabs import Tabs
from drivers.web_traffic import Requests
from drivers.web_words import free_name

SWITCHES = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
)

GONE = "the browser was closed, or it crashed; start it again, and leave its window open until all is done"

# Playwright's classes by name (some are not public); the nearest ancestor counts. A test keeps the table complete.
TRANSLATIONS: dict[str, type[DriverError]] = {
    "Error": DriverError,
    "TimeoutError": TimedOut,
    "TargetClosedError": DisplayGone,
    "AbortError": DriverError,
    "ValidationError": DriverError,
}

# Asks what is in the frame already: the script itself is long, and comes with each document.
_THERE = """async (asked) => {
  const there = window[Symbol.for("cua.ask")];
  return there ? { answer: await there(asked) } : null;
}"""
_PUT = "Object.defineProperty(window, Symbol.for('cua.ask'), {{ value: {}, configurable: true }})"
_HELD = "(number) => window[Symbol.for('cua.look')]?.get(number) ?? null"


class DialogOpened(Exception):
    """Thrown into whatever call is waiting for the page that a dialog has just blocked."""


class Overdue(Exception):
    """Thrown into a call that did not come back within its limit."""


@cache
def _script() -> str:
    """Puts what is asked into a document; it does nothing there until it is asked."""
    return _PUT.format(Path(__file__).with_name("web_snapshot.js").read_text(encoding="utf-8").strip().rstrip(";"))


def ask(frame: Frame, verb: str, *args: object) -> Any:
    """Ask what we put into this frame (`web_snapshot.js`), which is put there if it is not yet."""
    asked = [verb, list(args)]
    told = frame.evaluate(_THERE, asked)
    if told is not None:
        return told["answer"]
    return frame.evaluate(f"(asked) => {{ {_script()}; return window[Symbol.for('cua.ask')](asked); }}", asked)


def get(frame: Frame, number: int) -> ElementHandle:
    """The element with this number, for the few things that only Playwright can do with it."""
    found = frame.evaluate_handle(_HELD, number).as_element()
    if found is None:
        raise TargetGone("the element is no longer on the page; look again")
    return found


def translate(exc: Error, what: str) -> DriverError:
    """Our error for one of Playwright's."""
    known = next(TRANSLATIONS[kind.__name__] for kind in type(exc).__mro__ if kind.__name__ in TRANSLATIONS)
    if known is DisplayGone:
        return DisplayGone(f"{what}: {GONE}")
    return known(f"{what}: {exc.message.splitlines()[0] if exc.message else 'the browser does not say why'}")


class Browser:
    """One running browser with a fresh profile: its tabs, which one is in front, and what it asks of its user."""

    def __init__(
        self,
        *,
        headless: bool,
        executable: Path | None,
        size: tuple[int, int],
        downloads: Path | None,
        person: bool = False,
    ) -> None:
        """With `person` somebody sits at it: the window is theirs to resize, and a file chooser theirs to answer."""
        self.tabs: list[Page] = []
        self.page: Page
        self.dialog: Dialog | None = None
        self.answer = ""
        self.chooser: FileChooser | None = None
        self.requests = Requests()
        self.openings = Tabs()
        self.frames: list[Frame] = []  # each frame ever looked at; its place here is its number
        self.deaf: set[Frame] = set()  # frames that did not answer in time
        self.crashed: Page | None = None
        self.downloads = downloads
        self.person = person
        self.offers = 0  # downloads so far, taken or not
        self._saving: list[Download] = []
        self._news: list[str] = []
        self._sessions: dict[Page, CDPSession] = {}
        self._caller: greenlet | None = None
        check_driver(compute_driver_executable()[0])
        try:
            self._playwright = sync_playwright().start()
        except Error as exc:
            raise DriverError(
                "this thread already has a web driver or an asyncio loop; start this one in another thread"
            ) from exc
        with ExitStack() as undo:
            undo.callback(self._playwright.stop)
            with self.limited(60, "starting the browser"):
                window = [f"--window-size={size[0]},{size[1]}"] if person and not headless else []
                self._chromium = self._launch(headless, find_browser(self._playwright, executable), window)
                self.context = self._chromium.new_context(
                    viewport=None if window else {"width": size[0], "height": size[1]},
                    no_viewport=True if window else None,
                    accept_downloads=downloads is not None,
                )
                if not person:
                    self.context.add_init_script(_script())
                self.context.on("page", self._opened)
                self.context.on("dialog", self._asked)
                self.page = self.context.new_page()
            undo.pop_all()

    def _launch(self, headless: bool, executable: Path, further: list[str]) -> Chromium:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        return self._playwright.chromium.launch(
            executable_path=executable,
            headless=headless,
            args=[*SWITCHES, *further, *(["--no-sandbox"] if root else [])],
            handle_sigint=False,  # a terminal tells all its programs of Ctrl-C: what it ends is for ours to say
        )

    @contextmanager
    def limited(self, seconds: float, what: str) -> Iterator[None]:
        """Do `what` in at most `seconds`; Playwright's exceptions come out as ours. A dialog may cut it off."""
        caller = getcurrent()
        try:
            alarm = asyncio.get_running_loop().call_later(seconds, caller.throw, Overdue())
        except RuntimeError as exc:
            raise DisplayGone(
                f"{what}: the web driver is closed, or belongs to another thread; start one here"
            ) from exc
        outer, self._caller = self._caller, caller
        try:
            yield
        except Overdue as exc:
            raise TimedOut(
                f"{what} took longer than {seconds:g} s; the page may be busy or blocked: look again"
            ) from exc
        except Error as exc:
            if self.crashed:
                raise DisplayGone(f"{what}: the page crashed; start the browser again") from exc
            raise translate(exc, what) from exc
        finally:
            alarm.cancel()
            self._caller = outer

    # -------------------------------------------------------------------------------------- what the browser tells us

    def _opened(self, page: Page) -> None:
        self.tabs.append(page)
        page.on("close", self._closed)
        page.on("crash", self._crash)
        page.on("download", self._offered)
        if not self.person:
            page.on("filechooser", self._choosing)
        page.on("request", self.requests.sent)
        page.on("response", self.requests.answered)
        page.on("requestfinished", self.requests.ended)
        page.on("requestfailed", self.requests.ended)
        page.on("framenavigated", self._turned)
        front = self.person or len(self.tabs) == 1 or self.openings.opened(page, self.page, self.requests.following)
        self.page = page if front else self.page
        self._news.append("opened a tab" if front else "a tab opened by itself, and was left alone")
        self.requests.foretold(0.0)
        with suppress(Error):  # it is gone already
            if not front:
                self.page.bring_to_front()
            self._listen(page)

    def _listen(self, page: Page) -> None:
        """Hear that a page is about to turn, or to open a tab, before it does."""
        if self.person:
            return
        session = self._sessions[page] = self.context.new_cdp_session(page)
        session.on("Page.windowOpen", lambda _: self.requests.foretold())
        session.on("Page.frameRequestedNavigation", self._asked_for)
        session.send("Page.enable")

    def _asked_for(self, event: dict[str, str]) -> None:
        if event["disposition"] == "currentTab" and event["url"].startswith(("http:", "https:", "file:")):
            self.requests.foretold()

    def _closed(self, page: Page) -> None:
        self.tabs.remove(page)
        self._sessions.pop(page, None)
        self._news.append("closed a tab")
        opener = self.openings.closed(page)
        if self.page is page and self.tabs:
            self.page = opener if opener in self.tabs else self.tabs[-1]

    def _crash(self, page: Page) -> None:
        self.crashed = page

    def _turned(self, frame: Frame) -> None:
        self.requests.turns(frame)
        if frame is self.page.main_frame:
            self.chooser = None

    def _choosing(self, chooser: FileChooser) -> None:
        self.chooser = chooser
        self._news.append("asks for a file")

    def _asked(self, dialog: Dialog) -> None:
        self.dialog, self.answer = dialog, dialog.default_value
        if dialog.page is not None and not self.openings.left_alone(dialog.page):
            self.page = dialog.page
        self._news.append(f"{dialog.type} dialog: {dialog.message}")
        if self._caller is not None:
            self._caller.throw(DialogOpened())

    def _offered(self, download: Download) -> None:
        name = download.suggested_filename
        self.offers += 1
        if self.downloads is None:
            self._news.append(f"did not download {name}: no downloads folder was given")
            return
        self._saving.append(download)
        try:
            target = free_name(self.downloads / Path(name).name)
            download.save_as(target)
            self._news.append(f"downloaded {target}")
        except (Error, OSError) as exc:
            self._news.append(f"download of {name} failed: {exc}")
        finally:
            self._saving.remove(download)

    # -------------------------------------------------------------------------------------- what is asked of it

    @property
    def saving(self) -> bool:
        """Is a download still on its way?"""
        return bool(self._saving)

    def news(self) -> list[str]:
        """What happened around the page since the last call, in words."""
        told = self._news + [f"still downloading {each.suggested_filename}" for each in self._saving]
        self._news = []
        return told

    def cdp(self) -> CDPSession:
        """The DevTools session of the tab in front."""
        if self.page not in self._sessions:
            self._sessions[self.page] = self.context.new_cdp_session(self.page)
        return self._sessions[self.page]

    @property
    def connected(self) -> bool:
        """Whether the browser still runs."""
        return self._chromium.is_connected()

    def check_alive(self) -> None:
        """Raise DisplayGone unless there is a browser, with a tab in front, that can answer."""
        if self.crashed or not self.connected:
            raise DisplayGone(GONE)
        if not self.tabs:
            self.context.new_page()

    def number(self, frame: Frame) -> int:
        """The number of a frame, the same for as long as it lives."""
        if frame not in self.frames:
            self.frames.append(frame)
        return self.frames.index(frame)

    def show(self, ref: str) -> None:
        """Bring a tab to the front: "tab:2", counted from 1, or a new one: "tab:new"."""
        which = ref.removeprefix("tab:")
        if which == "new":
            self.context.new_page()
            return
        if not which.isdigit() or not 0 < int(which) <= len(self.tabs):
            raise TargetGone(f"no tab {which!r}; there are {len(self.tabs)}: look again")
        self.page = self.tabs[int(which) - 1]
        self.openings.shown(self.page)
        self.page.bring_to_front()

    def close(self) -> None:
        """End the browser, whatever state it is in."""
        self._caller = None
        with _unlogged():
            with suppress(Error):  # it is gone already, which is what was wanted
                self._chromium.close()
            self._playwright.stop()


@contextmanager
def _unlogged() -> Iterator[None]:
    """Without Playwright's log, which has a traceback for each answer to a call that was interrupted as it was sent."""
    log = logging.getLogger("playwright")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
