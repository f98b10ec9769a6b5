"""A person at a browser that is recorded, for the tests of the web recorder.

The person is Playwright's mouse and keyboard: what they do reaches the page as trusted events, as a hand's would.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import CDPSession, Page

from cua.core import (
    SEAL,
    Action,
    Click,
    Drag,
    Element,
    Fill,
    Open,
    Press,
    Scroll,
    Step,
    Type,
)
from cua.errors import MissingProgram
from cua.policies.finding import Found, find, mark_of
from drivers.web_recorder import WebRecorder
from tests.recorder_pages import PAGES
from tests.served import pages, serving
from tests.waiting import LIMIT

SECRET = "hunter2-Geheim!"
SEALED = f"{SEAL}secret{SEAL}"


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str, str]]:
    """Three origins with the same pages: one, another port of it, and another site."""
    with serving(pages(PAGES.get)) as one, serving(pages(PAGES.get)) as two:
        yield f"http://127.0.0.1:{one}", f"http://127.0.0.1:{two}", f"http://localhost:{two}"


@pytest.fixture(scope="module")
def shared() -> Iterator[WebRecorder]:
    try:
        recorder = WebRecorder(headless=True)
    except MissingProgram as exc:
        pytest.skip(str(exc))
    yield recorder
    recorder.close()


class Watched:
    """A recorder with a person at its browser, and what was recorded since the page was opened."""

    def __init__(self, recorder: WebRecorder, site: str) -> None:
        self.recorder, self.site = recorder, site
        self.lines: list[str] = []

    @property
    def page(self) -> Page:
        return self.recorder._screens.front

    def cdp(self) -> CDPSession:
        return self.recorder._wire._sessions[self.page]

    def at(self, path: str) -> Watched:
        """There, by the address bar; what was recorded of it is left out."""
        while len(self.recorder._screens.pages) > 1:
            self.recorder._screens.pages[-1].close()
            self.until(lambda: len(self.recorder._screens.pages) == len(self.recorder._browser.tabs))
        self.page.goto(self.site + path)
        began = self.page.evaluate("performance.timeOrigin / 1000")
        self.until(lambda: (seen := self.recorder.last()).time > began and seen.elements)
        assert self.recorder.last().place.url == self.site + path
        self.recorder._settle()
        self.recorder._out.clear()
        return self

    def write(self, label: str, text: str) -> None:
        """Click into the field and type."""
        self.page.get_by_label(label).click()
        self.page.keyboard.type(text)

    def shows(self, name: str) -> bool:
        """Was it there when the screen was last seen? An element of the page: the browser's tabs are told at once."""
        return any(each.name == name for each in self.recorder.last().elements)

    def until(self, holds: Callable[[], object]) -> list[Step]:
        """Listen until it holds; what came meanwhile."""
        end, found = time.monotonic() + LIMIT, list[Step]()
        while not holds():
            assert time.monotonic() < end, f"it did not come true within {LIMIT:.0f} s; {found} came"
            self.hear(found, 0.02)
        return found

    def hear(self, found: list[Step], seconds: float) -> bool:
        """Whether anything came in that time; a step is put to those found."""
        said = self.recorder.next(seconds)
        found += [said] if isinstance(said, Step) else []
        self.lines += [said] if isinstance(said, str) else []
        return said is not None

    def steps(self, least: int = 1) -> list[Step]:
        """All that was recorded by now, at least so much, without the wait for a late effect."""
        recorder, quiet, found = self.recorder, 0, list[Step]()
        end = time.monotonic() + LIMIT
        while len(found) + (recorder._draft is not None) < least:
            assert time.monotonic() < end, f"not {least} steps within {LIMIT:.0f} s; {found} came"
            self.hear(found, 0.05)
        while quiet < 6:
            quiet = 0 if self.hear(found, 0.1) else quiet + 1
        found += self.until(lambda: (draft := recorder._draft) is None or recorder.last().time > draft.seen.time)
        recorder._settle()
        while isinstance(step := self.recorder.next(0), Step):
            found.append(step)
        for step in found:
            self.check(step)
        return found

    def check(self, step: Step) -> None:
        """Every target is an element of the step's own look, and the only one that its mark finds there."""
        for target in (getattr(step.action, name, None) for name in ("target", "start", "end")):
            if isinstance(target, Element):
                assert any(each is target for each in step.seen.elements)
                if not target.ref.startswith(("tab:", "dialog:", "chooser:")):
                    found = find(mark_of(target, step.seen), step.seen)
                    assert isinstance(found, Found), (target, found)
                    assert found.element.ref == target.ref

    def said(self) -> list[tuple[object, ...]]:
        """What was recorded, in short."""
        return [short(step.action) for step in self.steps()]


def short(action: Action) -> tuple[object, ...]:
    name = type(action).__name__.lower()
    match action:
        case Click(target=Element() as target, button=button, count=count, keys=keys):
            more = [each for each in (button, count, *keys) if each not in ("left", 1)]
            return (name, target.role, target.name, *more)
        case Fill(target=target, text=text):
            return (name, target.name, text)
        case Press(keys=keys):
            return (name, keys)
        case Open(what=what):
            return (name, what.partition("//")[2].partition("/")[2] or what)
        case Type(text=text):
            return (name, text)
        case Scroll(target=target, dx=dx, dy=dy):
            return (name, target.name if isinstance(target, Element) else "", dx > 0, dy > 0)
        case Drag(start=Element() as start, end=Element() as end):
            return (name, start.name, end.name)
        case _:
            return (name, *(type(value).__name__ for value in (getattr(action, "target", None),) if value))


@pytest.fixture
def watched(shared: WebRecorder, sites: tuple[str, str, str]) -> Watched:
    return Watched(shared, sites[0])


def elsewhere(doing: Callable[[], None]) -> None:
    """In a thread of its own, for a second browser."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(doing).result()
