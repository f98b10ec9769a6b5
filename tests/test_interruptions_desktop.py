"""What comes over windows: dialogs of other programs, a person at the pointer, a program that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.core import Task
from cua.errors import MissingProgram
from cua.memory.handlers import Handlers
from cua.memory.store import Store
from cua.policies.interruptions import Interruptible
from cua.run import run
from sandbox_vms import bwrap
from sandbox_vms.namespace import Namespace
from tests.bench import interruptions as bench
from tests.bench import interruptions_desktop as desk
from tests.sandboxes import with_gtk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "record.db") as made:
        yield made


@pytest.fixture(scope="module")
def form() -> Iterator[Namespace]:
    with_gtk("3.0")
    try:
        bwrap.check()
    except MissingProgram as exc:
        pytest.skip(str(exc))
    with desk.stage() as box:
        yield box


@pytest.mark.parametrize(
    "comes", ["update prompt of another program", "tip of the day, modal", "person at the pointer"]
)
def test_what_comes_over_a_window_is_put_away_and_the_run_goes_on(form: Namespace, store: Store, comes: str) -> None:
    tried = bench.on_desktop(form, store, Handlers(store), comes, 2)
    assert (tried.passed, tried.wrong) == (True, 0)
    assert tried.met
    assert all(met.worked for met in tried.met)


def test_where_the_program_is_gone_nothing_else_is_acted_on(form: Namespace, store: Store) -> None:
    form.reset()
    policy = Interruptible(desk.Form())
    task = Task("order", bench.GOAL, desk.VALUES, budget=bench._BUDGET)
    done = run(task, desk.Interrupted(form, desk.COMES["program gone"], 2), policy, store)
    assert (done.stopped, len(done.steps)) == ("asked", 2)
    assert "Start it again" in done.reason
    form.restart()
