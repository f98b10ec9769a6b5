"""Files are named in the dialogs of real programs as they were given, and nothing is overwritten."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from cua.core import Action, Ask, Click, Effect, Element, Observation, Type
from cua.errors import MissingProgram
from cua.policies.file_dialogs import Naming
from cua.screen import Screen
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace

MOST_ACTS = 20
LIMIT = 20.0  # seconds


@dataclass(frozen=True)
class Editor:
    """A text editor in a sandbox, and what it calls saving and opening."""

    box: Namespace
    save: str
    open: str

    def text(self) -> str | None:
        return self._field(self.box.driver.observe(frame=False)).value

    def write(self, text: str) -> None:
        self.box.driver.act(Click(self._field(self.box.driver.observe(frame=False))))
        self.box.driver.act(Type(text))

    def name(self, command: str, path: str) -> Action | None:
        """Give the command and name the file; the question it ends with, if it does."""
        driver = self.box.driver
        before = Screen.of(driver.observe(frame=False))
        entry = next(k for k, e in before.keys.items() if e.role == "menuitem" and e.name.rstrip(".…") == command)
        driver.act(Click(before.clickable(entry)))
        menu = self.until(lambda now: entry in now.keys and "showing" in now.keys[entry].states, command)
        driver.act(Click(menu.keys[entry]))
        self.until(lambda now: any(window not in before.windows for window in now.windows), f"a dialog of {command}")
        naming = Naming(path, command)
        for _ in range(MOST_ACTS):
            now = Screen.of(driver.observe(frame=False))
            action = naming.next(now, [window for window in now.windows if window not in before.windows])
            if action is None or isinstance(action, Ask):
                return action
            effect: Effect = driver.act(action)
            assert effect.kind != "refused", effect.reason
        raise AssertionError(f"no end of naming {path} within {MOST_ACTS} acts")

    def until(self, holds: Callable[[Screen], bool], what: str) -> Screen:
        """A look on which something holds; what is waited for may come late on a busy machine."""
        end = time.monotonic() + LIMIT
        while not holds(now := Screen.of(self.box.driver.observe(frame=False))):
            assert time.monotonic() < end, f"{what} did not show within {LIMIT} s"
        return now

    def _field(self, now: Observation) -> Element:
        return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


@pytest.fixture(scope="module", params=[("mousepad", "Save As", "Open"), ("featherpad", "Save As", "Open")])
def editor(request: pytest.FixtureRequest) -> Iterator[Editor]:
    program, save, opening = request.param
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    try:
        box = Namespace(App(program, (program,)))
    except MissingProgram as error:
        pytest.skip(str(error))
    try:
        box.world.exec(
            ("sh", "-c", "mkdir -p ~/sub; printf deep >~/sub/x.txt; printf old >~/old.txt; printf n >~/note.md")
        )
        yield Editor(box, save, opening)
    finally:
        box.close()


def test_a_file_is_saved_where_it_was_told_to(editor: Editor) -> None:
    editor.write("alpha ĉ")
    assert editor.name(editor.save, "/home/user/sub/näme two.txt") is None
    assert editor.box.world.read("~/sub/näme two.txt").decode().rstrip("\n") == "alpha ĉ"


def test_a_name_that_another_begins_with_is_not_completed(editor: Editor) -> None:
    assert editor.name(editor.save, "/home/user/note") is None
    assert editor.box.world.read("~/note").decode().rstrip("\n") == "alpha ĉ"
    assert editor.box.world.read("~/note.md") == b"n"


def test_a_file_is_opened(editor: Editor) -> None:
    assert editor.name(editor.open, "/home/user/sub/x.txt") is None
    assert (editor.text() or "").rstrip("\n") == "deep"


def test_what_is_there_already_is_not_overwritten_but_asked_about(editor: Editor) -> None:
    asked = editor.name(editor.save, "/home/user/old.txt")
    assert isinstance(asked, Ask)
    assert "already exists" in asked.question
    assert editor.box.world.read("~/old.txt") == b"old"
