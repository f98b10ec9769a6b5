"""A page shown once to the real browser, compiled, written as a file and read back, then replayed on whatever page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cua.core import Action, Observation, Open, Task
from cua.memory.store import Store
from cua.memory.workflows import Expect, Workflow
from cua.policies.script import Script
from cua.policies.trail import awaited
from cua.record import files
from cua.record.compile import RECORDED, compile
from cua.replaying import Replayed, There, replay
from cua.run import Unkept, run
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import browsing


@dataclass(frozen=True)
class Stage:
    """One address with whatever page is put there."""

    web: Web
    folder: Path
    store: Store

    def put(self, body: str) -> None:
        """Show this page."""
        page = self.folder / "page.html"
        page.write_text(f"<!doctype html><title>Page</title><body>{body}</body>", encoding="utf-8")
        self.web.act(Open(page.as_uri()))

    def show(self, body: str, *acts: Action | Callable[[Observation], Action]) -> Workflow:
        """The workflow of these acts on this page."""
        self.put(body)
        found = run(Task(RECORDED, "shown"), self.web, Script(*acts), Unkept())
        assert found.stopped == "finished", found.reason
        workflow = compile(found, "shown", on="web").workflow
        assert files.loads(files.dumps(workflow)) == workflow
        return workflow

    def replay(self, workflow: Workflow, body: str, **values: str) -> Replayed:
        """Done again on this page."""
        self.put(body)
        return replay(workflow, values, There(self.web, LocalWorld(self.web, self.folder), self.store))


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with browsing(brisk=True) as made:
        yield made


@pytest.fixture
def stage(web: Web, tmp_path: Path, store: Store) -> Stage:
    return Stage(web, tmp_path, store)


def expected(workflow: Workflow) -> list[str]:
    """What its last step expects, in words."""
    *_, last = workflow.acts()
    return [awaited(each) for each in last.expect]


def rowed(workflow: Workflow) -> list[Expect]:
    """What it expects in a row."""
    return [each for act in workflow.acts() for each in act.expect if each.row]
