"""Who decides: the highest rung that knows, with its reason; a lower one only after those above declined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.core import Action, Ask, Click, Element, Finish, Observation, Policy, Step, Task
from cua.errors import RefusedError, TimedOut
from cua.memory.actions import Actions
from cua.policies.recall import taken
from cua.policies.route import Route, Way
from cua.policies.script import Script
from cua.run import Unkept, run
from drivers.fake import FakeDriver

WRAP = Task("t", "turn on word wrap")


def named(name: str) -> Policy:
    """Clicks what is called so, as long as it is not done."""

    def element(now: Observation) -> Element:
        return next(e for e in now.elements if e.name == name)

    return Script(lambda now: Click(element(now)))


class Counted:
    """Says how often it was asked."""

    def __init__(self, *acts: Action | Exception) -> None:
        self.acts, self.asked = list(acts), 0

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        self.asked += 1
        act = self.acts[min(self.asked, len(self.acts)) - 1]
        if isinstance(act, Exception):
            raise act
        return act


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Actions]:
    with Actions(tmp_path / "cua.db") as memory:
        yield memory


def rungs(route: Route) -> list[tuple[int, str, int]]:
    return [(choice.step, choice.rung, choice.acts) for choice in route.choices]


def test_a_lower_rung_is_not_asked_while_a_higher_one_knows() -> None:
    model = Counted(Finish("so"))
    route = Route([Way("planner", named("View"), "understood"), Way("model", model, "nobody above it knew")])
    done = run(WRAP, FakeDriver(), route, Unkept())
    assert (done.stopped, len(done.steps), model.asked) == ("finished", 1, 0)
    assert rungs(route) == [(0, "planner", 2)]
    assert route.choices[0].why == "understood"
    assert route.choices[0].seconds > 0


@pytest.mark.parametrize("declines", [Ask("which one?"), RefusedError("no way there"), TimedOut("nothing came")])
def test_one_that_declined_is_not_asked_again_and_the_record_says_why(declines: Action | Exception) -> None:
    planner, model = Counted(declines), named("View")
    route = Route([Way("planner", planner, "understood"), Way("model", model, "asked")])
    done = run(WRAP, FakeDriver(), route, Unkept())
    assert (done.stopped, len(done.steps), planner.asked) == ("finished", 1, 1)
    assert rungs(route) == [(0, "model", 2)]
    said = declines.question if isinstance(declines, Ask) else str(declines)
    assert route.choices[0].why == f"planner: {said}; asked"


def test_the_last_ones_question_is_the_answer() -> None:
    route = Route([Way("planner", Counted(Ask("which one?")), "a"), Way("model", Counted(Ask("what else?")), "b")])
    done = run(WRAP, FakeDriver(), route, Unkept())
    assert (done.stopped, done.reason, done.steps) == ("asked", "what else?", ())


def test_what_is_remembered_goes_before_the_rest_at_each_look(memory: Actions) -> None:
    known = run(WRAP, FakeDriver(), named("View"), Unkept())
    memory.learn(taken(known), passed=True)
    model = Counted(Ask("and now?"))
    route = Route([Way("model", model, "asked")], memory)
    done = run(WRAP, FakeDriver(), route, Unkept())
    assert (done.stopped, len(done.steps), model.asked, route.recalled) == ("finished", 1, 0, 2)
    assert rungs(route) == [(0, "replay", 2)]
    assert route.choices[0].why.startswith("as in run ")
