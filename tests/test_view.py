"""A sandbox's screen on a page: a real browser shows it, and what is done there is done in the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cua.core import Observation
from cua.errors import DisplayGone, MissingProgram, UsageError
from drivers.web_found import find_browser
from sandbox_vms import lasting
from sandbox_vms.view import View
from tests.sandboxes import installed, lasted, moved_in
from tests.waiting import awaited

NAME = f"test-view-{os.getpid()}"
PACE = 600  # milliseconds; toolkits take quicker clicks for a part of what was done before


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One with a lasting sandbox with an editor."""
    with lasted(installed(), NAME, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def sandbox(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the sandbox, in its home."""
    moved_in(home, monkeypatch)
    return NAME


@pytest.fixture
def view(sandbox: str) -> Iterator[View]:
    with lasting.view(sandbox) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            path = find_browser(playwright, None)
        except MissingProgram as exc:
            pytest.skip(str(exc))
        found = playwright.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(view: View, browser: Browser) -> Iterator[Page]:
    """The page, once it shows the screen, and larger than that: what is clicked must be scaled."""
    found = browser.new_page(viewport={"width": 1000, "height": 900})
    found.goto(view.url)
    found.wait_for_function("document.querySelector('img').naturalWidth > 0")
    yield found
    found.close()


def looked(name: str) -> Observation:
    """What the sandbox shows. On a thread of its own: this one's event loop is the browser's."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(_looked, name).result()


def reset(name: str) -> None:
    with ThreadPoolExecutor(1) as other:
        other.submit(lambda: lasting.attach(name, reset=True).close()).result()


def _looked(name: str) -> Observation:
    there = lasting.attach(name)
    try:
        return there.driver.observe(frame=False)
    finally:
        there.close()


def click(page: Page, at: tuple[int, int], **how: object) -> None:
    """Where that is on the page."""
    box, size = page.locator("img").bounding_box(), page.evaluate("document.querySelector('img').naturalWidth")
    assert box is not None
    scale = box["width"] / size
    page.mouse.click(box["x"] + at[0] * scale, box["y"] + at[1] * scale, **how)  # type: ignore[arg-type]


def test_what_is_done_on_the_page_is_done_in_the_sandbox(sandbox: str, page: Page) -> None:
    now = looked(sandbox)
    text = next(e.box for e in now.elements if e.role == "textbox" and "multiline" in e.states)
    assert text is not None
    click(page, (text.centre.x, text.centre.y))
    for key in "Grüße":  # as a keyboard that has them would
        page.evaluate("key => document.dispatchEvent(new KeyboardEvent('keydown', {key, cancelable: true}))", key)
    page.keyboard.type(", A")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+B")
    said = "Grüße, A\nB"
    awaited(lambda: said in [e.value for e in looked(sandbox).elements], "what was typed")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("End")
    page.keyboard.press("Control+v")
    awaited(lambda: said * 2 in [e.value for e in looked(sandbox).elements], "what was pasted")
    expect(page.get_by_role("status")).to_have_text("")


def test_a_double_click_marks_a_word_and_a_drag_marks_too(sandbox: str, page: Page) -> None:
    reset(sandbox)
    with lasting.view(sandbox) as view:
        page.goto(view.url)
        page.wait_for_function("document.querySelector('img').naturalWidth > 0")
        text = next(e.box for e in looked(sandbox).elements if e.role == "textbox" and "multiline" in e.states)
        assert text is not None
        page.keyboard.type("first second")
        awaited(lambda: "first second" in [e.value for e in looked(sandbox).elements], "what was typed")
        page.wait_for_timeout(PACE)
        click(page, (text.x + 12, text.y + 10), click_count=2)
        page.wait_for_timeout(PACE)
        page.keyboard.type("next")
        awaited(lambda: "next second" in [e.value for e in looked(sandbox).elements], "the word is written over")
        box = page.locator("img").bounding_box()
        assert box is not None
        scale = box["width"] / page.evaluate("document.querySelector('img').naturalWidth")
        start, down = box["x"] + (text.x + 2) * scale, box["y"] + (text.y + 10) * scale

        def dragged_and_deleted() -> bool:
            page.mouse.move(start, down)
            page.mouse.down()
            page.mouse.move(start + 300 * scale, down)
            page.mouse.up()
            page.wait_for_timeout(PACE)
            page.keyboard.press("Delete")
            page.wait_for_timeout(PACE)
            return "" in [e.value for e in looked(sandbox).elements]

        awaited(
            dragged_and_deleted, "the line is gone"
        )  # a busy program may take a drag as a click, and once is chance


DRIVE = """
import sys
from cua.core import Type
from sandbox_vms import lasting
there = lasting.attach(sys.argv[1])
there.driver.act(Type("seen"))
with lasting.view(sys.argv[1]) as view:
    assert view.picture("")
assert lasting.execute(sys.argv[1], ("echo", "heard"), seconds=10).out == "heard\\n"
there.close()
"""


def test_it_is_seen_while_another_drives_it(sandbox: str, view: View) -> None:
    first = view.picture("")
    assert first is not None
    done = subprocess.run([sys.executable, "-c", DRIVE, sandbox], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    awaited(lambda: view.picture(first[0]), "another picture")


def test_who_does_not_know_the_address_gets_nothing(view: View) -> None:
    root = view.url.removesuffix(view.path)
    for path in ("/", "/screen", f"{view.path[:-2]}/", "/act"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(root + path, data=b"{}" if path == "/act" else None)
        caught.value.close()
        assert caught.value.code == 404
    for body in (b"[]", b"{", b'{"do": "click"}', b'{"do": "explode"}', b'{"do": "press", "keys": "nokey"}'):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{view.url}act", data=body)
        assert caught.value.code == 400
        assert caught.value.read()
        caught.value.close()


def test_it_ends_with_the_sandbox(sandbox: str) -> None:
    with lasting.view(sandbox) as view:
        reset(sandbox)
        with pytest.raises(DisplayGone):
            view.await_end()
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{view.url}screen")
        assert caught.value.code == 410
        caught.value.close()
    lasting.remove(sandbox)
    with pytest.raises(UsageError, match="no sandbox is called"):
        lasting.view(sandbox)
