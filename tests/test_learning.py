"""What a run that passed did is known the next time, and one that failed takes that back; in the real record."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from cua.core import Ask, Outcome, Task
from cua.learning import learn
from cua.memory.actions import Actions
from cua.memory.store import Store
from cua.memory.workflows import Expect, Param
from cua.policies.recall import Recall
from cua.policies.script import Script
from cua.replaying import Replayed, There, replay
from cua.run import run
from drivers.fake import FakeDriver
from tests.test_replay import fill, flow, save, tick

SECRET = "hunter2-Geheim!"


def replayed(store: Store, name: str = "Ada") -> Replayed:
    """A tick, a name and a save in a fresh program."""
    driver = FakeDriver()
    saved = save(driver, Expect("shows", "status", "Saved"))
    steps = (tick(driver), fill(driver, "Name", "${name}"), replace(saved, risk="reversible", expect=()))
    shown = flow(*steps, params=(Param("name"),), goal="put ${name} into the form")
    return replay(shown, {"name": name}, There(driver, driver.world, store))


def recalled(store: Store, name: str = "Ada") -> int:
    """How many acts are remembered for the same task, with another policy that knows none."""
    with Actions(store.path) as memory:
        recall = Recall(memory, Script(Ask("how?")))
        run(Task("again", f"put {name} into the form", {"name": name}), FakeDriver(), recall, store)
    return recall.recalled - recall.finishes


@pytest.mark.parametrize(("outcome", "known"), [("pass", 3), ("fail", 0), ("unknown", 0), ("refused", 0)])
def test_only_a_pass_is_remembered(store: Store, outcome: Outcome, known: int) -> None:
    assert learn(store, replayed(store).run, outcome) == ""
    assert recalled(store) == known


def test_what_failed_afterwards_is_no_longer_done_by_itself(store: Store) -> None:
    learn(store, replayed(store).run, "pass")
    for _ in range(2):
        learn(store, replayed(store).run, "fail")
    assert recalled(store) == 0


def test_a_secret_is_nowhere_in_what_is_remembered(store: Store, tmp_path: Path) -> None:
    driver = FakeDriver()
    shown = flow(fill(driver, "Name", "${pin}"), tick(driver), params=(Param("pin", "secret"),), goal="log in")
    done = replay(shown, {"pin": "pin"}, There(driver, driver.world, store, lambda name: SECRET))
    assert driver.world.settings["notify"] == "false", done.saying
    assert learn(store, done.run, "pass") == ""
    assert tables(store)["action_uses"] > 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_what_cannot_be_remembered_is_told_and_nothing_else_changes(store: Store) -> None:
    done = replayed(store)
    with sqlite3.connect(store.path) as other:
        other.execute("DROP TABLE action_uses")
    other.close()
    assert "not remembered" in learn(store, done.run, "pass")
    judged = store.judged(done.run)
    assert judged is not None
    assert judged.outcome == done.outcome


def tables(store: Store) -> dict[str, int]:
    """How many rows the tables of the action memory have."""
    with sqlite3.connect(store.path) as other:
        names = [row[0] for row in other.execute("SELECT name FROM sqlite_master WHERE name LIKE 'action%'")]
        found = {name: other.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    other.close()
    return found
