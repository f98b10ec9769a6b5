"""A browser that goes away while it is recorded or replayed: what happened is told, and what to do, not which class."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cua.core import Locator, Open
from cua.errors import MissingProgram
from cua.memory.store import Store
from cua.memory.workflows import Act, Mark, Workflow
from cua.policies.trail import Trod
from cua.recording import READY, Caught, Signs, watch
from cua.replaying import Replayed, There, replay
from cua.troubles import plainly
from drivers.web import Web
from drivers.web_launch import Browser
from drivers.web_recorder import WebRecorder
from sandbox_vms.local import LocalWorld
from tests.served import pages, serving

PAGE = "<title>Notes</title><button onclick=\"document.body.append('one more')\">Add</button>"


@pytest.fixture
def site() -> Iterator[str]:
    with serving(pages({"/": PAGE}.get)) as port:
        yield f"http://127.0.0.1:{port}"


def kill(browser: Browser) -> None:
    """End the browser as a crash would."""
    told = browser._chromium.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    (pid,) = [each["id"] for each in told["processInfo"] if each["type"] == "browser"]
    os.kill(pid, signal.SIGKILL)


def test_a_replay_whose_browser_goes_away_says_so_in_words(site: str, tmp_path: Path) -> None:
    def job() -> Replayed:
        web = Web(f"{site}/")
        mark = Mark("button", "Add", (Locator("role", "button:Add"),))
        steps = tuple(Act(f"add-{n}", "click", mark) for n in range(3))
        flow = Workflow("add", "web", steps, start=f"{site}/", origins=(site,))
        told: list[str] = []
        try:
            web.act(Open(flow.start))
            with Store(tmp_path / "record.db") as store:
                there = There(web, LocalWorld(web, tmp_path), store)
                return replay(flow, {}, there, watch=lambda trod: ended(trod, told, web))
        finally:
            web.close()

    def ended(trod: Trod, told: list[str], web: Web) -> None:
        told.append(trod.step)
        if len(told) == 1:
            kill(web._browser)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(job).result()
    assert done.outcome == "unknown"
    assert "the browser was closed, or it crashed; start it again" in done.saying
    assert not re.search(r"DisplayGone|Error|Playwright|Target page", done.saying)


def test_a_recording_whose_browser_goes_away_says_so_and_keeps_what_was_shown(site: str, tmp_path: Path) -> None:
    lines: list[str] = []

    def job() -> int:
        recorder = WebRecorder(f"{site}/", headless=True)

        def told(caught: Caught) -> None:
            lines.append(caught.say)
            if caught.say == READY:
                recorder._screens.front.get_by_role("button").click()
            elif caught.number:
                kill(recorder._browser)

        try:
            with Store(tmp_path / "record.db") as store:
                run = watch(recorder, store, "add", told=told, signs=Signs(tmp_path), stop=threading.Event())
                return len(store.run(run.id).steps)
        finally:
            recorder.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(job).result() == 1
    assert lines == [
        READY,
        "click button 'Add'",
        "the browser was closed, so the recording ends; what was shown until then is kept",
    ]


def test_only_the_name_of_a_class_is_left_out_of_a_reason() -> None:
    assert plainly("DisplayGone: it went away; start it") == "it went away; start it"
    assert plainly("TimedOut: the page: 3 s") == "the page: 3 s"
    for reason in ("step s1: not found", "Note: a colon", ""):
        assert plainly(reason) == reason


def test_a_driver_that_cannot_start_is_told_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'node: libatomic.so.1: cannot open shared object file' >&2\nexit 127\n")
    node.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    with pytest.raises(MissingProgram, match=r"libatomic\.so\.1.*apt-get install libatomic1"):
        Browser(headless=True, executable=None, size=(800, 600), downloads=None)
