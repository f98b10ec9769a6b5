"""Where a text still stands in a record: every place that holds it is named, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cua.core import Click, Effect, Evidence, Fill, Observation, Run, Step, Task, Verdict
from cua.memory.exchanges import Exchange, Exchanges
from cua.memory.kept import Kept
from cua.memory.profile import Profile
from cua.memory.store import Store
from cua.memory.traces import Sought
from cua.memory_app import texts_of
from tests.looks import look

AWKWARD = (
    "Gräz",
    'Ada "the Countess" O\'Byron',
    "5 Main Street\nLinz",
    "back\\slash",
    "東京",
    "ada+b@example.org",
    "UK",
    "100% wool & silk",
)
PLAIN = look("Form", ("textbox", "Field"), ("button", "Save"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


def ran(store: Store, name: str, goal: str, *steps: Step, last: Observation = PLAIN, why: str = "done") -> Run:
    run = Run(name, Task("t", goal), steps, last, "finished", why)
    store.begin(name, run.task)
    for at, step in enumerate(steps):
        store.keep(name, at, step)
    store.end(run)
    return run


def found(store: Store, *texts: str) -> list[tuple[str, str]]:
    with Kept(store.path) as kept:
        return [(trace.where, trace.id) for trace in kept.traces(Sought(texts))]


def asked(store: Store, run: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
    with Exchanges(store.path) as exchanges:
        exchanges.keep(run, Exchange(0, request, answer, 1.0, 1, 0, 1, 0.0))


@pytest.mark.parametrize("text", AWKWARD)
def test_each_run_that_holds_it_in_any_of_its_parts_is_named_and_no_other(store: Store, text: str) -> None:
    typed = Step(PLAIN, Fill(PLAIN.elements[1], text), Effect("confirmed"))
    shown = Step(look("Form", ("text", f"you live in {text}, it says")), Click(PLAIN.elements[2]), Effect("confirmed"))
    held = Step(look("Form", ("textbox", "Field", text)), Click(PLAIN.elements[2]), Effect("confirmed"))
    bare = Step(PLAIN, Click(PLAIN.elements[2]), Effect("confirmed"))
    ran(store, "goal", f"write {text} there")
    ran(store, "typed", "write", typed)
    ran(store, "shown", "look", shown)
    ran(store, "held", "look", held)
    ran(store, "last", "look", bare, last=look(text))
    ran(store, "reason", "look", bare, why=f"{text!r} was not there")
    ran(store, "verdict", "look", bare)
    store.verdict("verdict", Verdict("fail", (Evidence(False, f"it is not {text}"),)))
    for name in ("prompt", "answer", "called"):
        ran(store, name, "look", bare)
    asked(store, "prompt", {"messages": [{"role": "user", "content": f"known: {text}"}]}, {})
    asked(store, "answer", {}, {"say": text})
    asked(store, "called", {}, {"arguments": json.dumps({"inner": json.dumps({"text": text})})})
    ran(store, "other", "look", bare, why="confirmed")
    ran(store, "routed", "look", bare)
    store.put("route", "routed", {"choices": [{"why": text}]})
    for name, other in (("beside", f"xy{text}z" if text != "東京" else "京都"), ("begun", text[:-1])):
        ran(store, name, f"write {other}", Step(PLAIN, Fill(PLAIN.elements[1], other), Effect("confirmed")))
    names = sorted(
        ("goal", "typed", "shown", "held", "last", "reason", "verdict", "prompt", "answer", "called", "routed")
    )
    assert found(store, text) == [("run", name) for name in names]
    assert found(store, text.upper()) == [("run", name) for name in names]


@pytest.mark.parametrize("text", ["Click", "confirmed", "elements", "Task", "goal", "content", "false", "role"])
def test_how_a_record_is_written_is_no_place_where_a_text_stands(store: Store, text: str) -> None:
    ran(store, "run", "look", Step(PLAIN, Click(PLAIN.elements[2]), Effect("unverified")))
    asked(store, "run", {"role": "x", "content": "y", "elements": [False], "confirmed": 1}, {"goal": None})
    assert found(store, text) == []


def test_an_address_of_a_page_holds_it_though_it_is_escaped(store: Store) -> None:
    ran(store, "here", "look", last=look("q?mail=ada%40example.org&city=Gr%C3%A4z+S%C3%BCd"))
    assert found(store, "ada@example.org") == found(store, "gräz süd") == [("run", "here")]
    assert found(store, "example.or") == []


@pytest.mark.parametrize(("sentence", "text"), [("never use tabs", "use tabs"), ("I prefer dark mode", "dark")])
def test_an_order_is_what_is_ordered_and_a_wish_its_value(store: Store, sentence: str, text: str) -> None:
    with Profile(store.path) as profile:
        (fact,) = profile.told(sentence, 1.0)
        assert text in texts_of(fact)
        assert found(store, *texts_of(fact)) == [("fact", fact.id)]
        profile.forget(fact.id)
    assert found(store, *texts_of(fact)) == []


def test_a_value_that_was_replaced_is_told_by_what_replaced_it(store: Store) -> None:
    with Profile(store.path) as profile:
        profile.told("My name is Grace Quagga", 1.0)
        (now,) = profile.told("My name is Grace Hopper", 2.0)
    assert found(store, "quagga") == [("fact", now.id)]


def test_one_of_many_screens_is_told_from_the_others(store: Store) -> None:
    rows = [("text", f"row {at} of the table", "x") for at in range(200)]
    for at in range(20):
        ran(store, f"r{at}", "look", last=look(f"page {at}", *rows, ("text", f"only {at}")))
    assert found(store, "only 7") == [("run", "r7")]
