"""Recall in THE loop: what was solved once is done again without the other policy, never on what is not the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua.core import SEAL, Action, Click, Effect, Fill, Finish, Observation, Point, Run, Step, Task, Type, Wait
from cua.errors import UsageError
from cua.memory.actions import Actions
from cua.policies.recall import Recall, deed_of, heard
from cua.policies.script import Script
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.looks import look


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Actions]:
    with Actions(tmp_path / "record.db") as opened:
        yield opened


class Asked:
    """Stands for a model: renames, ticks notifications or wraps lines in the fake program, and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        self.calls += 1
        name = task.goal.split("'")[1]
        done = [step.action for step in steps]
        named = {element.name: element for element in now.elements}
        acts: list[Action] = [Fill(named["Name"], name), Click(named["Save"])]
        return acts[len(done)] if len(done) < len(acts) else Finish("done")


def tried(memory: Actions, goal: str, outcome: str = "pass") -> tuple[Recall, Run, int]:
    model = Asked()
    recall = Recall(memory, model)
    went = run(Task("name", goal), FakeDriver(), recall, Unkept())
    recall.learn(went, outcome)  # type: ignore[arg-type]
    return recall, went, model.calls


def test_the_second_time_no_model_is_asked(memory: Actions) -> None:
    _, first, calls = tried(memory, "Set the name to 'Ada'")
    assert calls == 3
    recall, second, calls = tried(memory, "Set the name to 'Ada'")
    assert calls == 0
    assert [step.action for step in second.steps] == [step.action for step in first.steps]
    assert (recall.recalled, recall.generated, recall.finishes) == (3, 0, 1)
    assert all(f"as in run {first.id}" == step.action.why for step in second.steps)


def test_after_two_names_the_third_is_typed_by_itself(memory: Actions) -> None:
    tried(memory, "Set the name to 'Ada'")
    _, _, calls = tried(memory, "Set the name to 'Grace'")
    assert calls == 3
    _, went, calls = tried(memory, "Set the name to 'Barbara L.'")
    assert calls == 0
    filled = went.steps[0].action
    assert isinstance(filled, Fill)
    assert filled.text == "Barbara L."


def test_what_failed_is_asked_again(memory: Actions) -> None:
    tried(memory, "Set the name to 'Ada'")
    assert tried(memory, "Set the name to 'Ada'", "fail")[2] == 0
    assert tried(memory, "Set the name to 'Ada'", "unknown")[2] == 3


def test_unknown_teaches_nothing(memory: Actions) -> None:
    tried(memory, "Set the name to 'Ada'", "unknown")
    assert tried(memory, "Set the name to 'Ada'")[2] == 3


def test_a_field_that_holds_the_text_already_is_left_to_the_other_policy(memory: Actions) -> None:
    before, after = look("form", ("textbox", "City")), look("form", ("textbox", "City", "Rome"))
    task = Task("t", "enter 'Rome'")
    steps = (Step(before, Fill(before.elements[1], "Rome"), Effect("confirmed")),)
    recall = Recall(memory, Script(Finish("asked")))
    recall.learn(Run("r", task, steps, after, "finished"), "pass")
    assert recall.decide(task, (), before) == Fill(before.elements[1], "Rome")
    assert recall.decide(task, (), after) == Finish("asked")
    assert (recall.recalled, recall.generated) == (1, 1)


def test_a_switch_that_is_on_already_is_not_switched(memory: Actions) -> None:
    off, on = look("page", ("checkbox", "Wi-Fi")), look("page", ("checkbox", "Wi-Fi", "checked"))
    task = Task("t", "turn on wi-fi")
    recall = Recall(memory, Script(Finish("asked")))
    steps = (Step(off, Click(off.elements[1]), Effect("confirmed")),)
    recall.learn(Run("r", task, steps, on, "finished"), "pass")
    assert isinstance(recall.decide(task, (), off), Click)
    assert recall.decide(task, (), on) == Finish("asked")


def test_a_target_that_is_there_twice_is_not_acted_on(memory: Actions) -> None:
    one = look("people", ("option", "Ann"), ("option", "Bob"))
    two = look("people", ("option", "Ann"), ("option", "Ann"), ("option", "Bob"))
    task = Task("t", "call Ann")
    recall = Recall(memory, Script(Finish("asked")))
    recall.learn(Run("r", task, (Step(one, Click(one.elements[2]), Effect("confirmed")),), one, "finished"), "pass")
    assert isinstance(recall.decide(task, (), one), Click)
    assert recall.decide(task, (), two) == Finish("asked")


def test_secrets_points_and_what_did_nothing_are_never_offered(memory: Actions) -> None:
    now = look("form", ("textbox", "Code"), ("button", "Go"))
    sealed = Step(now, Fill(now.elements[1], f"{SEAL}pin{SEAL}"), Effect("confirmed"))
    point = Step(now, Click(Point(3, 4)), Effect("confirmed"))
    for step in (sealed, point):
        deed = deed_of(step)
        assert deed
        assert (deed.do, deed.text) == ("unknown", "")
        task = Task("t", f"do {type(step.action).__name__}")
        recall = Recall(memory, Script(Finish("asked")))
        recall.learn(Run(task.goal, task, (step,), now, "finished"), "pass")
        assert recall.decide(task, (), now) == Finish("asked")
    assert deed_of(Step(now, Wait(), Effect("confirmed"))) is None
    assert deed_of(Step(now, Click(now.elements[2]), Effect("no_effect"))) is None


def test_what_is_typed_into_a_password_field_is_not_kept() -> None:
    driver = FakeDriver()
    field = next(e for e in driver.observe().elements if "password" in e.states)
    seen_first = driver.observe()
    driver.act(Click(field))
    focused = driver.observe()
    for step in (
        Step(focused, Type("hunter2"), Effect("confirmed")),
        Step(seen_first, Fill(field, "hunter2"), Effect("confirmed")),
    ):
        deed = deed_of(step)
        assert deed
        assert (deed.do, deed.text) == ("unknown", "")


@given(st.sampled_from(["Send", "Save", "Add"]), st.sampled_from(["Inbox", "Notes"]), st.sampled_from(["a", "b"]))
@settings(max_examples=30)
def test_nothing_is_recalled_across_screens(
    tmp_path_factory: pytest.TempPathFactory, name: str, title: str, app: str
) -> None:
    here = look("Inbox", ("button", "Send"), ("button", "Save"), ("button", "Add"), app="a")
    there = look(title, ("button", "Send"), ("button", "Save"), ("button", "Add"), app=app)
    target = next(element for element in here.elements if element.name == name)
    task = Task("t", "do it")
    with Actions(tmp_path_factory.mktemp("memory") / "record.db") as memory:
        recall = Recall(memory, Script(Finish("asked")))
        step = Step(here, Click(target), Effect("confirmed"))
        recall.learn(Run("r", task, (step,), here, "finished"), "pass")
        assert isinstance(recall.decide(task, (), there), Click) == ((title, app) == ("Inbox", "a"))


# ---------------------------------------------------------------------------------------------- goals


def test_a_goal_is_heard_clause_by_clause_with_nothing_left_out() -> None:
    goal = heard(Task("t", "Please turn on word wrap in the editor and then set the font size to 14 pt."))
    words = [[said.key for said in clause] for clause in goal.clauses]
    assert words == [
        ["please", "turn", "on", "word", "wrap", "in", "the", "editor"],
        ["set", "the", "font", "size", "to", "14", "pt"],
    ]


def test_parameters_are_literals_whether_the_goal_says_them_or_not() -> None:
    goal = heard(Task("t", "Call Anna Berg", {"who": "anna berg", "when": "noon"}))
    assert [(said.kind, said.text) for said in goal.clauses[0]] == [
        ("param:when", "noon"), ("word", "Call"), ("param:who", "Anna Berg"),
    ]  # fmt: skip


def test_a_goal_that_says_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="asks for nothing"):
        heard(Task("t", "  "))
