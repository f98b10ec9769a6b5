"""Rows for supervised training: only steps that were right, and each the very question and answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua.core import (
    SEAL,
    Action,
    Ask,
    Click,
    Drag,
    Effect,
    Fill,
    Finish,
    Invoke,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Run,
    Scroll,
    Step,
    Task,
    Type,
    Wait,
)
from cua.exporting.asking import question
from cua.exporting.chosen import Wanted
from cua.exporting.lessons import HALF_DONE, UNSAYABLE
from cua.exporting.veil import Veil
from cua.memory import exchanges
from cua.policies.model import Model
from cua.policies.models.dialects import Tools
from cua.policies.models.endpoint import Endpoint, Exchange, Where
from cua.policies.models.talk import Talk
from cua.policies.script import Script
from cua.run import run
from drivers.fake import FakeDriver
from tests.exports import WRAP, Record, call, click, element, fill, named, read_back, recorded, rows
from tests.model_server import Answer, Brain, Call, serving


def test_each_row_is_a_question_and_the_call_that_is_read_as_what_was_done(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        told = record.exported("sft", tmp_path / "out")
    found = rows(tmp_path / "out" / "sft.jsonl")
    assert (told.runs, told.rows, told.skipped, told.steps) == (1, {"sft.jsonl": 3}, {}, {})
    for at, row in enumerate(found[:2]):
        system, user, answer = row["messages"]
        assert [system["role"], user["role"], answer["role"]] == ["system", "user", "assistant"]
        assert "Task: turn on word wrap" in user["content"]
        assert read_back(answer, done, at) == (done.steps[at].action,)
    assert call(found[2]["messages"][2]) == ("done", {"claim": done.reason})
    assert "click menuitem" in found[1]["messages"][1]["content"]  # it is told what was done before


def test_every_call_is_one_that_the_tools_of_its_row_take(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"), Press("Tab"), click("Save"))
        record.exported("sft", tmp_path / "out")
    for row in rows(tmp_path / "out" / "sft.jsonl"):
        name, given = call(row["messages"][-1])
        (tool,) = [tool["function"] for tool in row["tools"] if tool["function"]["name"] == name]
        assert {*tool["parameters"].get("required", [])} <= {*given} <= {*tool["parameters"]["properties"]}


@pytest.mark.parametrize("outcome", ["fail", "unknown", "refused"])
def test_only_runs_that_passed_are_taught(tmp_path: Path, outcome: Any) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("View"), click("Word wrap"))
        record.tried(WRAP, click("View"), click("Word wrap"), outcome=outcome)
        told = record.exported("sft", tmp_path / "out")
    assert (told.runs, sum(told.skipped.values())) == (1, 1)
    assert len(rows(tmp_path / "out" / "sft.jsonl")) == 3


def test_steps_that_did_nothing_were_undone_or_refused_are_left_out(tmp_path: Path) -> None:
    acts = (
        click("Notifications"), click("Notifications"),  # there and back
        Wait(0.1), Scroll(Point(5, 300), dy=1),  # nothing was awaited, nothing moved
        fill("Name", "Bob"), fill("Name", "Ada"),  # the first is overwritten
        click("Save"), click("Save"),  # the second has nothing left to save
    )  # fmt: skip
    with recorded(tmp_path) as record:
        done = record.tried(named("Ada"), *acts)
        told = record.exported("sft", tmp_path / "out")
    assert [step.effect.kind for step in done.steps][-1] == "no_effect"
    answers = [call(row["messages"][-1])[0] for row in rows(tmp_path / "out" / "sft.jsonl")]
    assert answers == ["fill", "click", "done"]
    assert told.steps == {"redundant": 4, "without effect": 2}


def test_a_way_there_and_back_that_left_something_behind_is_kept(tmp_path: Path) -> None:
    """The dialog opens and closes over the same screen, and its button may have done anything."""
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("View"), click("Clear…"), click("Clear"), click("View"), click("Word wrap"))
        told = record.exported("sft", tmp_path / "out")
    assert (told.rows["sft.jsonl"], told.steps) == (6, {})


def test_a_menu_that_was_opened_for_nothing_is_left_out(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("View"), Press("Escape"), click("View"), click("Word wrap"))
        told = record.exported("sft", tmp_path / "out")
    assert (told.rows["sft.jsonl"], told.steps) == (3, {"redundant": 2})


def test_a_tick_that_was_set_in_a_menu_is_no_way_there_and_back(tmp_path: Path) -> None:
    """The menu closes over the same screen, and what was set in it does not show."""
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        told = record.exported("sft", tmp_path / "out")
    assert done.last
    assert [found.states for found in done.last.elements] == [found.states for found in done.steps[0].seen.elements]
    assert told.rows == {"sft.jsonl": 3}


def test_what_put_the_keyboard_where_it_is_typed_is_kept(tmp_path: Path) -> None:
    """Two ticks that undo each other leave the focus behind, and the next key goes there."""
    acts = (click("Notifications"), click("Notifications"), Press("Tab"), Type("Ada"))
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), *acts)
        told = record.exported("sft", tmp_path / "out")
    assert (told.rows, told.steps) == ({"sft.jsonl": 5}, {})


# ---------------------------------------------------------------------------------------------- every act


def asked_on_fake(*opened: str) -> tuple[Run, FakeDriver]:
    """A run that stands at its first look."""
    driver = FakeDriver()
    for name in opened:
        driver.act(Click(element(driver.observe(), name)))
    return Run("r", Task("t", "do it"), last=driver.observe()), driver


def sayable(driver: FakeDriver) -> st.SearchStrategy[Action]:
    shown = [found for found in driver.observe().elements if found.name and found.box and found.role != "window"]
    there = st.sampled_from(shown)
    fields = st.sampled_from([found for found in shown if found.role == "textbox"])
    words = st.text(min_size=1)
    some = st.integers(1, 100)
    return st.one_of(
        st.builds(
            Click,
            there,
            st.sampled_from(["left", "middle", "right"]),
            st.integers(1, 3),
            st.sampled_from([(), ("ctrl",), ("shift", "ctrl")]),
        ),
        st.builds(Invoke, there),
        st.builds(Fill, fields, st.text()),
        st.builds(Type, words),
        st.builds(Press, st.sampled_from(["Return", "ctrl+shift+s", "Escape", "F5", "a", "plus", "Enter"])),
        st.builds(Scroll, there, st.just(0), some | some.map(lambda n: -n)),
        st.builds(Scroll, there, some | some.map(lambda n: -n), st.just(0)),
        st.builds(Drag, there, there),
        st.builds(Move, there),
        st.builds(Open, words),
        st.builds(Wait, st.floats(0, 60)),
        st.builds(Ask, words, st.lists(words).map(tuple)),
        st.builds(Finish, st.text()),
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_act_that_can_be_said_is_read_back_as_the_same_act(data: st.DataObject) -> None:
    at, driver = asked_on_fake("View")
    act = data.draw(sayable(driver))
    asked = question(at, 0)
    answer = asked.answer(act)
    assert answer is not None
    went = replace(at, steps=(Step(asked.now, act, Effect("confirmed")),))
    (read,) = read_back(json.loads(json.dumps(answer)), went, 0)
    match act:
        case Click(target, button, count, keys):
            assert isinstance(read, Click)
            assert (read.target, read.button, read.count, {*read.keys}) == (target, button, count, {*keys})
        case Invoke(target):
            assert read == Click(target)
        case Press(keys):
            assert read == Press("Return" if keys == "Enter" else keys)
        case Finish(claim):
            assert isinstance(read, Finish)
            assert read.claim == claim
        case _:
            assert read == act


@pytest.mark.parametrize(
    "act", [Click(Point(639, 399)), Type(""), Scroll(Point(350, 300), dx=1, dy=1), Wait(600), Press("a+b")]
)
def test_what_the_tools_have_no_words_for_is_not_said(act: Action) -> None:
    at, _ = asked_on_fake()
    assert question(at, 0).answer(act) is None


def test_a_point_on_a_control_is_said_as_the_control_and_one_on_nothing_is_counted(tmp_path: Path) -> None:
    centre = element(FakeDriver().observe(), "Notifications").box
    assert centre
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"), Click(Point(30, 390)), outcome="pass")
        on = record.tried(WRAP, Click(centre.centre), outcome="pass")
        record.exported("sft", tmp_path / "on", Wanted((on.id,)))
        told = record.exported("sft", tmp_path / "all")
    row = rows(tmp_path / "on" / "sft.jsonl")[0]
    (read,) = read_back(row["messages"][-1], on, 0)
    assert isinstance(read, Click)
    assert getattr(read.target, "name", "") == "Notifications"
    assert told.steps == {"without effect": 1}


# ---------------------------------------------------------------------------------------------- what models were asked


def with_model(record: Record, brain: Brain, task: Task, *, sees: bool = False, outcome: Any = None) -> Run:
    """A run in which a model decides, over real HTTP; what it is asked is kept with the run."""
    heard: list[Exchange] = []
    steps: list[int] = []

    class Counting(Model):
        def decide(self, task: Task, steps_now: tuple[Step, ...], now: Any) -> Action:
            act = super().decide(task, steps_now, now)
            steps.extend([len(steps_now)] * (len(heard) - len(steps)))
            return act

    with serving(brain) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", seconds=5, retries=0), heard.append)
        try:
            done = record.by(task, Counting(Tools(endpoint, Talk(task, sees), 320), lambda _: False), outcome=outcome)
        finally:
            endpoint.close()
    for at, one in zip(steps, heard, strict=True):
        record.exchanges.keep(done.id, exchanges.Exchange(at, one.request, one.answer, 0.1, 1, 0, 1, 0.0))
    return done


def number(asked: Any, name: str) -> int:
    """The number that a model is told an element has."""
    content = asked["messages"][-1]["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    for line in text.splitlines():
        if f'"{name}"' in line and line.split()[0].isdigit():
            return int(line.split()[0])
    raise AssertionError(f"no {name} in {text}")


def wrapping(asked: Any) -> Answer:
    """Turns word wrap on."""
    content = json.dumps(asked["messages"])
    if "2. click" in content:
        return Answer(calls=(Call("done", {"claim": "it is on"}),))
    name = "Word wrap" if "1. click" in content else "View"
    return Answer("I see it.", calls=(Call("click", {"element": number(asked, name), "why": "as asked"}),))


def test_what_a_model_was_asked_is_the_row_word_for_word(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = with_model(record, wrapping, WRAP)
        told = record.exported("sft", tmp_path / "out")
        sent = record.exchanges.of(done.id)
    found = rows(tmp_path / "out" / "sft.jsonl")
    assert told.rows == {"sft.jsonl": 3}
    for row, exchange in zip(found, sent, strict=True):
        *asked, answer = row["messages"]
        assert asked == exchange.request["messages"]
        assert row["tools"] == exchange.request["tools"]
        said = exchange.answer["choices"][0]["message"]
        name, given = call(answer)
        assert (answer["role"], answer["content"]) == ("assistant", said.get("content") or "")
        assert (name, given) == (
            said["tool_calls"][0]["function"]["name"], json.loads(said["tool_calls"][0]["function"]["arguments"])
        )  # fmt: skip
    assert call(found[0]["messages"][-1])[1]["why"] == "as asked"


def test_a_reply_that_could_not_be_read_is_no_lesson_and_the_next_one_is(tmp_path: Path) -> None:
    left = [Answer("I would click it.")]
    with recorded(tmp_path) as record:
        with_model(record, lambda asked: left.pop() if left else wrapping(asked), WRAP)
        told = record.exported("sft", tmp_path / "out")
    found = rows(tmp_path / "out" / "sft.jsonl")
    assert told.rows == {"sft.jsonl": 3}
    assert "could not be read" in found[0]["messages"][1]["content"]
    assert not [row for row in found if "I would click it." in json.dumps(row["messages"][-1])]


def test_an_answer_of_which_a_part_was_never_done_is_left_out(tmp_path: Path) -> None:
    def brain(asked: Any) -> Answer:
        if "Done so far" in asked["messages"][-1]["content"]:
            return Answer(calls=(Call("done", {"claim": "saved"}),))
        return Answer(
            calls=(
                Call("fill", {"element": number(asked, "Name"), "text": "Ada"}, "1"),
                Call("click", {"x": 5, "y": 390}, "2"),  # a point is not done on a later look
            )
        )

    with recorded(tmp_path) as record:
        with_model(record, brain, named("Ada"), sees=False)
        told = record.exported("sft", tmp_path / "out")
    assert [call(row["messages"][-1])[0] for row in rows(tmp_path / "out" / "sft.jsonl")] == ["done"]
    assert told.steps == {HALF_DONE: 1}


def test_two_acts_of_one_answer_are_one_row(tmp_path: Path) -> None:
    def brain(asked: Any) -> Answer:
        if "Done so far" in asked["messages"][-1]["content"]:
            return Answer(calls=(Call("done", {"claim": "saved"}),))
        name, save = number(asked, "Name"), number(asked, "Save")
        return Answer(
            calls=(Call("fill", {"element": name, "text": "Ada"}, "1"), Call("click", {"element": save}, "2"))
        )

    with recorded(tmp_path) as record:
        done = with_model(record, brain, named("Ada"))
        record.exported("sft", tmp_path / "out")
    first, last = rows(tmp_path / "out" / "sft.jsonl")
    assert len(done.steps) == 2
    assert [each["function"]["name"] for each in first["messages"][-1]["tool_calls"]] == ["fill", "click"]
    assert call(last["messages"][-1])[0] == "done"


def test_pictures_that_were_sent_are_files_and_such_rows_stand_apart(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("View"), click("Word wrap"))
        done = with_model(record, wrapping, WRAP, sees=True)
        told = record.exported("sft", tmp_path / "out")
        sent = record.exchanges.of(done.id)
    assert told.rows == {"sft.jsonl": 3, "sft_with_pictures.jsonl": 3}
    for row, exchange in zip(rows(tmp_path / "out" / "sft_with_pictures.jsonl"), sent, strict=True):
        kinds = [part["type"] for part in row["messages"][1]["content"]]
        assert kinds == ["text", "image"]
        assert row["messages"][1]["content"][0] == exchange.request["messages"][1]["content"][0]
        (picture,) = row["images"]
        assert (tmp_path / "out" / picture).read_bytes().startswith(b"\xff\xd8")  # a JPEG, as it was sent
    assert not [row for row in rows(tmp_path / "out" / "sft.jsonl") if "images" in row]


def test_an_answer_that_nobody_acted_on_does_not_pass_for_the_act(tmp_path: Path) -> None:
    """The model said to type, and the person at the keyboard clicked."""
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        message = {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {
            "name": "type", "arguments": '{"text": "x"}'}}]}  # fmt: skip
        asked = {"messages": [{"role": "user", "content": "what now?"}]}
        answer = {"choices": [{"index": 0, "message": message}]}
        record.exchanges.keep(done.id, exchanges.Exchange(0, asked, answer, 0.1, 1, 0, 1, 0.0))
        record.exported("sft", tmp_path / "out")
    found = rows(tmp_path / "out" / "sft.jsonl")
    assert "what now?" not in json.dumps(found)
    assert [call(row["messages"][-1])[0] for row in found] == ["click", "click", "done"]


# ---------------------------------------------------------------------------------------------- secrets


def test_a_secret_stays_a_reference(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, fill("Password", f"{SEAL}bank{SEAL}"), click("View"), click("Word wrap"))
        record.exported("sft", tmp_path / "out")
    row = rows(tmp_path / "out" / "sft.jsonl")[0]
    assert call(row["messages"][-1])[1]["text"] == f"{SEAL}bank{SEAL}"


@pytest.mark.parametrize("password", ["correct horse", "a\"b\\c'd€ \u00e9", "pw"])
@pytest.mark.parametrize("form", ["sft", "grpo", "traj"])
def test_a_password_gets_out_nowhere(tmp_path: Path, form: Any, password: str) -> None:
    """Not from the field, not from the words of the task, not from what was typed with the keyboard."""
    said = f"log in with {password}" if len(password) > 3 else "log in"
    task = replace(WRAP, goal=said, params={"password": password})
    acts = (fill("Password", password), click("Password"), Press("ctrl+a"), Type(password + "\n"), click("View"))
    with recorded(tmp_path) as record:
        record.tried(task, *acts, click("Word wrap"))
        record.exported(form, tmp_path / "out")
    written = [file.read_text() for file in (tmp_path / "out").rglob("*.json*")]
    assert written
    for text in written:
        for line in text.splitlines():
            assert password not in json.dumps(line) or len(password) < 4
            assert all(password not in value or len(password) < 4 for value in texts(json.loads(line)))
            assert password not in {*texts(json.loads(line))}
            assert repr(password) not in line
            assert json.dumps(password)[1:-1] not in line or len(password) < 4


def texts(value: Any) -> list[str]:
    """All texts of a value of JSON."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list():
            return [text for each in value for text in texts(each)]
        case _:
            return []


@pytest.mark.parametrize("form", ["sft", "traj", "dpo"])
def test_a_password_that_a_model_wrote_gets_out_nowhere(tmp_path: Path, form: Any) -> None:
    """Its arguments are JSON in JSON, where quotes and letters are written in ways of their own."""
    password = "a\"Zq7\\c'd\u20ac \u00e9"

    def brain(asked: Any) -> Answer:
        if "Done so far" in asked["messages"][-1]["content"]:
            return Answer(f"I wrote {password}", calls=(Call("done", {"claim": f"it is {password}"}),))
        return Answer(calls=(Call("fill", {"element": number(asked, "Password"), "text": password}),))

    task = replace(WRAP, goal="write the password")
    with recorded(tmp_path) as record:
        with_model(record, brain, task, outcome="pass")
        with_model(record, lambda asked: Answer(calls=(Call("done", {"claim": "no"}),)), task, outcome="fail")
        if form == "dpo":
            assert record.exported(form, tmp_path / "out").nothing  # what is written into such a field is never learned
            return
        record.exported(form, tmp_path / "out")
    written = "".join(file.read_text() for file in (tmp_path / "out").rglob("*.jsonl"))
    assert "Password" in written
    assert "Zq7" not in written  # however the rest of it is written


class Unfocused:
    """The small program as an app that never tells where the keyboard is."""

    def __init__(self) -> None:
        self._driver = FakeDriver()

    def observe(self, *, frame: bool = True) -> Observation:
        now = self._driver.observe(frame=frame)
        return replace(now, elements=tuple(replace(e, states=e.states - {"focused"}) for e in now.elements))

    def act(self, action: Action) -> Effect:
        return self._driver.act(action)

    def close(self) -> None:
        self._driver.close()


def test_a_password_is_known_by_the_field_that_was_clicked_where_nothing_tells_the_focus(tmp_path: Path) -> None:
    acts = Script(click("Password"), Type("correct "), Type("horse"), click("Note"), Type("in the open"))
    with recorded(tmp_path) as record:
        done = run(WRAP, Unfocused(), acts, record.store)
    assert {text for text, _ in Veil.of(done).hidden} == {"correct ", "horse"}


def test_what_is_typed_past_a_tab_may_be_a_password(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("Name"), Type("Ada\tcorrect horse\n"))
    assert {text for text, _ in Veil.of(done).hidden} == {"correct horse"}


def test_a_password_typed_key_by_key_cannot_be_hidden_so_the_run_is_left_out(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("Password"), Press("h"), Press("i"), click("View"), click("Word wrap"))
        assert "1 with a password that was typed key by key" in record.exported("sft", tmp_path / "out").nothing


def test_a_step_that_the_tools_cannot_say_is_counted(tmp_path: Path) -> None:
    """The Save button is there, and an act on it by a modifier that no tool knows is not."""
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"), fill("Note", "x"), lambda now: held(now, "hyper"))
        told = record.exported("sft", tmp_path / "out")
    assert told.steps == {UNSAYABLE: 1}
    assert told.rows == {"sft.jsonl": 3}


def held(now: Observation, key: str) -> Action:
    return Click(element(now, "Save"), keys=(key,))


def test_the_same_export_again_gives_the_same_bytes(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, click("View"), click("Word wrap"))
        for name in ("one", "two"):
            record.exported("sft", tmp_path / name)
    assert (tmp_path / "one" / "sft.jsonl").read_bytes() == (tmp_path / "two" / "sft.jsonl").read_bytes()


def test_half_a_letter_is_no_proper_text_and_does_not_get_out(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"), fill("Note", "x\ud83d"))
        record.exported("sft", tmp_path / "out")
    assert "x�" in (tmp_path / "out" / "sft.jsonl").read_text(encoding="utf-8")
