"""Runs to export: real ones, on the small program in memory, kept in a real record and judged by its world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cua.checks import SettingIs, judge
from cua.core import Action, Click, Element, Fill, Observation, Outcome, Policy, Run, Task, Verdict
from cua.exporting.chosen import Wanted
from cua.exporting.export import Form, export
from cua.exporting.tally import Exported
from cua.memory.exchanges import Exchanges
from cua.memory.store import Store
from cua.policies.models import chat
from cua.policies.models.listing import listing
from cua.policies.models.said import Shot
from cua.policies.script import Script
from cua.run import run
from drivers.fake import SETTINGS_FILE, FakeDriver

Act = Action | Callable[[Observation], Action]
ALL = Wanted(everything=True)
WRAP = Task(
    "wrap", "turn on word wrap", checks=(SettingIs(f"{SETTINGS_FILE}#settings.wrap", ("true",)),), allowed=("window:*",)
)


def named(task_name: str) -> Task:
    """To set a name, whatever else comes to be saved."""
    is_so = SettingIs(f"{SETTINGS_FILE}#settings.name", (task_name,))
    return Task("name", f"Set the name to '{task_name}'", checks=(is_so,), allowed=("file:*", "window:*"))


def element(now: Observation, name: str) -> Element:
    """The one that is called so."""
    return next(found for found in now.elements if found.name == name)


def click(name: str) -> Act:
    """A click on what is called so."""
    return lambda now: Click(element(now, name))


def fill(name: str, text: str) -> Act:
    """A text for the field that is called so."""
    return lambda now: Fill(element(now, name), text)


@dataclass(frozen=True, slots=True)
class Record:
    """A record on disk, open."""

    store: Store
    exchanges: Exchanges

    def tried(self, task: Task, *acts: Act, outcome: Outcome | None = None) -> Run:
        """These acts on a new program, then done; judged by the world if no outcome is given."""
        return self.by(task, Script(*acts), outcome=outcome)

    def by(self, task: Task, policy: Policy, *, outcome: Outcome | None = None) -> Run:
        """The same with a policy."""
        driver = FakeDriver()
        before = driver.world.changes()
        done = run(task, driver, policy, self.store)
        self.store.verdict(done.id, Verdict(outcome) if outcome else judge(task, driver.world, before))
        self.store.flush()
        return done

    def exported(self, form: Form, out: Path, wanted: Wanted = ALL) -> Exported:
        """What comes of an export."""
        return export(self.store, self.exchanges, wanted, form, out, lambda _: None)


@contextmanager
def recorded(home: Path) -> Iterator[Record]:
    """A record in that folder."""
    with Store(home / "cua.db") as store, Exchanges(home / "cua.db") as exchanges:
        yield Record(store, exchanges)


def rows(file: Path) -> list[dict[str, Any]]:
    """The lines of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def call(message: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The one tool that a message calls, and with what."""
    (one,) = message["tool_calls"]
    return one["function"]["name"], one["function"]["arguments"]


def read_back(message: dict[str, Any], run: Run, at: int) -> tuple[Action, ...]:
    """What our own grammar reads in the message, on the look before that act."""
    now = run.steps[at].seen
    goal = " ".join((run.task.goal, *run.task.params.values()))
    shown = listing(now, goal, before=run.steps[at - 1].seen if at else None)
    name, given = call(message)
    return chat.read([("", name, json.dumps(given))], "", shown.elements, Shot(1, 1, 1, 1)).acts
