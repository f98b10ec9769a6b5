"""Files are named in the dialogs of real programs as they were given, and nothing is overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cua.core import Action, Ask, Click, Effect, Element, Observation, Type
from cua.policies.file_dialogs import Naming
from cua.screen import Screen
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.sandboxes import sandboxed
from tests.waiting import awaited

MOST_ACTS = 20


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
        before = self.look()
        entry = next(k for k, e in before.keys.items() if e.role == "menuitem" and e.name.rstrip(".…") == command)
        driver.act(Click(before.clickable(entry)))
        menu = awaited(self.look, command, lambda now: entry in now.keys and "showing" in now.keys[entry].states)
        driver.act(Click(menu.keys[entry]))
        awaited(self.look, f"a dialog of {command}", lambda now: not set(now.windows) <= set(before.windows))
        naming = Naming(path, command)
        for _ in range(MOST_ACTS):
            now = self.look()
            action = naming.next(now, [window for window in now.windows if window not in before.windows])
            if action is None or isinstance(action, Ask):
                return action
            effect: Effect = driver.act(action)
            assert effect.kind != "refused", effect.reason
        raise AssertionError(f"no end of naming {path} within {MOST_ACTS} acts")

    def look(self) -> Screen:
        return Screen.of(self.box.driver.observe(frame=False))

    def _field(self, now: Observation) -> Element:
        return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


@pytest.fixture(scope="module", params=[("mousepad", "Save As", "Open"), ("featherpad", "Save As", "Open")])
def editor(request: pytest.FixtureRequest) -> Iterator[Editor]:
    program, save, opening = request.param
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    with sandboxed(App(program, (program,))) as box:
        box.world.exec(
            ("sh", "-c", "mkdir -p ~/sub; printf deep >~/sub/x.txt; printf old >~/old.txt; printf n >~/note.md")
        )
        yield Editor(box, save, opening)


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
