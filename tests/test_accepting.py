"""Return accepts a dialog whose button for it is enabled only a moment after the name was put in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cua.checks import FileHolds
from cua.core import Action, Element, Fill, Observation, Press, Task, Type
from cua.memory.store import Store
from cua.policies.script import Script
from cua.record.compile import compile
from cua.replaying import There, replay
from cua.run import run
from drivers.brisk import Brisk
from sandbox_vms.namespace import Namespace
from tests.sandboxes import installed, sandboxed
from tests.waiting import awaited

Given = Callable[[Element], list[Action]]


@pytest.fixture(scope="module")
def box() -> Iterator[Namespace]:
    """A text editor that was never used."""
    with sandboxed(installed()) as made:
        yield made


def entry(now: Observation) -> Element:
    return next(e for e in now.elements if e.role == "textbox" and e.name == "Name" and "showing" in e.states)


def text(now: Observation) -> Element:
    return next(e for e in now.elements if e.role == "textbox" and "multiline" in e.states)


def naming(now: Observation) -> bool:
    """Whether the dialog for a file's name is open and ready."""
    return any(e.role == "textbox" and {"focused", "showing"} <= e.states and e.name == "Name" for e in now.elements)


@pytest.mark.parametrize("brisk", [False, True], ids=["patient", "brisk"])
@pytest.mark.parametrize(
    "given",
    [
        lambda field: [Fill(field, "letter.txt"), Press("Return")],
        lambda _: [Type("letter.txt"), Press("Return")],
        lambda _: [Type("letter.txt\n")],
    ],
    ids=["filled", "typed", "typed with its Return"],
)
def test_a_named_file_is_saved_by_return_at_once(box: Namespace, given: Given, brisk: bool) -> None:
    box.reset()
    driver = Brisk(box.driver) if brisk else box.driver
    driver.act(Fill(text(driver.observe(frame=False)), "the room is booked"))
    driver.act(Press("ctrl+s"))
    now = awaited(lambda: driver.observe(frame=False), "the dialog", naming)
    for act in given(entry(now)):
        driver.act(act)
        now = driver.observe(frame=False)
    awaited(lambda: driver.observe(frame=False), "the dialog is closed", lambda now: not naming(now))
    assert box.world.read("~/letter.txt").decode().rstrip("\n") == "the room is booked"


def test_saving_under_a_name_is_replayed_from_a_clean_state(box: Namespace, tmp_path: Path) -> None:
    box.reset()
    script = Script(
        lambda now: Fill(text(now), "first"),
        Press("ctrl+s"),
        lambda now: Fill(entry(now), "one.txt"),
        Press("Return"),
    )
    with Store(tmp_path / "cua.db") as store:
        shown = run(Task("save", "save"), box.driver, script, store)
        assert shown.stopped == "finished", shown.reason
        workflow = compile(shown, "save", on="desktop").workflow
        saved = FileHolds("~/two.txt", "second")
        workflow = replace(workflow, effects=(saved,), allowed=(*workflow.allowed, "setting:*"))
        values = {p.name: {"first": "second", "one.txt": "two.txt"}[str(p.default)] for p in workflow.params}
        box.reset()
        done = replay(workflow, values, There(Brisk(box.driver), box.world, store))
        assert done.outcome == "pass", done.saying
        assert box.world.read("~/two.txt").decode().rstrip("\n") == "second"
