"""What the world showed when a task had passed, as checks for the next time: with slots, and never of another value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.checks import FileHolds, SettingIs, moved_between
from cua.core import Click, Element, Fill, Observation, Run, Task
from cua.memory.actions import Actions
from cua.memory.store import Store
from cua.policies.outcomes import Came, Outcomes, came_of, going_on
from cua.policies.recall import heard, taken
from cua.policies.script import Script
from cua.probes import ElementHolds, TextGone
from cua.run import run
from cua.screen import Screen
from drivers.fake import FakeDriver


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


def named(name: str, now: Observation) -> Element:
    return next(e for e in now.elements if e.name == name)


def saved(goal: str, name: str, store: Store) -> tuple[Run, Came]:
    """The name is filled in and saved; and what came of it."""
    driver = FakeDriver()
    before, start = driver.world.changes(), Screen.of(driver.world.observe())
    policy = Script(lambda now: Fill(named("Name", now), name), lambda now: Click(named("Save", now)))
    done = run(Task("do", goal), driver, policy, store)
    moved = moved_between(before, driver.world.changes())
    return done, came_of(done.steps, start, driver.world, before, moved)


def kept(goal: str, name: str, store: Store, memory: Actions, outcomes: Outcomes) -> None:
    done, came = saved(goal, name, store)
    memory.learn(taken(done), passed=True)
    outcomes.keep(heard(done.task), came, done.id, proven=True)


def test_what_came_is_what_did_not_hold_before(store: Store) -> None:
    _, came = saved("call me 'Ada'", "Ada", store)
    assert came.checks
    fresh = FakeDriver().world
    settings = [check for check in came.checks if isinstance(check, SettingIs)]
    assert settings
    assert not any(check.test(fresh).holds for check in settings)


def test_the_next_time_is_judged_by_its_own_values(store: Store) -> None:
    with Actions(store.path) as memory:
        outcomes = Outcomes(store, memory)
        assert outcomes.known(heard(Task("do", "call me 'Ada'"))) is None
        kept("call me 'Ada'", "Ada", store, memory, outcomes)
        kept("call me 'Grace'", "Grace", store, memory, outcomes)
        ended = outcomes.known(heard(Task("do", "call me 'Mary'")))
    assert ended is not None
    assert ended.proven
    assert "Mary" in str(ended.checks)
    assert not {"Ada", "Grace"} & {word for word in ("Ada", "Grace") if word in str(ended.checks)}
    other, mary = FakeDriver(), FakeDriver()
    other.act(Fill(named("Name", other.observe()), "Ada"))
    other.act(Click(named("Save", other.observe())))
    mary.act(Fill(named("Name", mary.observe()), "Mary"))
    mary.act(Click(named("Save", mary.observe())))
    assert all(check.test(mary.world).holds for check in ended.checks)
    assert not all(check.test(other.world).holds for check in ended.checks)


def test_what_two_runs_do_not_have_in_common_is_no_check(store: Store) -> None:
    task = Task("do", "call me 'Ada'")
    with Actions(store.path) as memory:
        outcomes = Outcomes(store, memory)
        done, _ = saved(task.goal, "Ada", store)
        memory.learn(taken(done), passed=True)
        both, clock = SettingIs("a#b", ("1",)), ElementHolds("status", "", "at 12:01 Ada")
        outcomes.keep(heard(task), Came((both, clock)), "r1", proven=True)
        outcomes.keep(heard(task), Came((both, ElementHolds("status", "", "at 12:02 Ada"))), "r2", proven=False)
        ended = outcomes.known(heard(task))
    assert ended is not None
    assert (ended.checks, ended.run) == ((both,), "r2")


def test_a_check_of_another_value_is_not_kept_for_all(store: Store) -> None:
    """A file whose text only bears the value in other letters would tell the wrong thing of the next one."""
    with Actions(store.path) as memory:
        outcomes = Outcomes(store, memory)
        for name in ("Ada", "Grace"):
            task = Task("do", f"call me '{name}'")
            done, _ = saved(task.goal, name, store)
            memory.learn(taken(done), passed=True)
            odd = FileHolds("~/log.txt", f"saved ADA, {name.upper()}!")
            outcomes.keep(heard(task), Came((odd, TextGone("nobody"), SettingIs("a#b", (name,)))), "r", proven=True)
        ended = outcomes.known(heard(Task("do", "call me 'Mary'")))
    assert ended is not None
    assert ended.checks == (SettingIs("a#b", ("Mary",)),)


def test_a_sentence_on_the_screen_is_told_of_other_words_too(store: Store) -> None:
    """A word of the task that the run used by name stands in a message beside its value: both are this task's own."""
    with Actions(store.path) as memory:
        outcomes = Outcomes(store, memory)
        task = Task("do", "save 'Ada'")
        done, _ = saved(task.goal, "Ada", store)
        memory.learn(taken(done), passed=True)
        said = ElementHolds("listitem", "", "Saved: Ada (save)")
        outcomes.keep(heard(task), Came((said, ElementHolds("listitem", "", "one of 3"))), "r", proven=True)
        ended = outcomes.known(heard(Task("do", "save 'Mary'")))
    assert ended is not None
    assert ended.checks == (ElementHolds("listitem", "", "Saved: Mary (save)"),)


def test_of_a_world_that_goes_on_no_number_is_kept_that_counts() -> None:
    said, row = ElementHolds("status", "", "Added 25 Cotter pins"), ElementHolds("cell", "", "41")
    came = Came((said, row, TextGone("16"), TextGone("Nothing yet")), ("url",))
    assert going_on(came, "25 'Cotter pins' came in") == Came((said, TextGone("Nothing yet")), ("url",))
    alone = Came((row, TextGone("16")))
    assert going_on(alone, "25 'Cotter pins' came in") == alone
