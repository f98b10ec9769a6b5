"""Recall: the right hint in other words, at the right app and screen, short; and nothing where nothing is likely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from json import dumps, loads
from pathlib import Path

import pytest

from cua.core import Click, Effect, Observation, Run, Step, Task
from cua.memory.words_index import MOST
from cua.policies.gist import gist, words_of
from cua.policies.memory import MOST_BYTES, MOST_HINTS, Memory
from tests.looks import look

NAMES = ("Menu", "Options", "Wrap", "OK", "Print…", "Delete")
HOME = look("home", *(("button", name) for name in NAMES))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "record.db") as opened:
        yield opened


def solved(goal: str, *names: str, now: Observation = HOME, params: dict[str, str] | None = None) -> Run:
    there = {element.name: element for element in now.elements}
    steps = tuple(Step(now, Click(there[name]), Effect("confirmed")) for name in names or ("Menu",))
    return Run(f"run of {goal} {params}", Task("t", goal, params or {}), steps, now, "finished")


def asked(memory: Memory, goal: str, now: Observation = HOME) -> tuple[str, ...]:
    return memory.recall(Task("q", goal), now).lines


# ------------------------------------------------------------------------------------------------ what is meant


@pytest.mark.parametrize(
    "goal",
    ["turn on word wrap", "please turn word wrap on", "wrap long lines", "enable line wrapping", "activate soft wrap"],
)
def test_another_way_to_say_it_is_understood(memory: Memory, goal: str) -> None:
    memory.learn(solved("turn on word wrap", "Menu", "Wrap"), "pass")
    memory.learn(solved("print the page", "Menu", "Print…"), "pass")
    assert asked(memory, goal) == (
        "turn on word wrap (passed 1 of 1 runs)", 'what worked: click "Menu"; click "Wrap"'
    )  # fmt: skip


@pytest.mark.parametrize("goal", ["dance a tango", "what is the weather", "", "?!", "please", "'wrap'", "7"])
def test_nothing_is_said_where_nothing_is_likely(memory: Memory, goal: str) -> None:
    assert asked(memory, goal) == ()
    memory.learn(solved("turn on word wrap", "Wrap"), "pass")
    assert asked(memory, goal) == ()


def test_the_values_of_a_task_say_nothing_of_what_it_means(memory: Memory) -> None:
    memory.learn(solved("delete the note", "Delete"), "pass")
    task = Task("q", "send the word delete to tom", {"text": "the word delete"})
    assert not memory.recall(task, HOME).hints
    assert words_of(task) == ("send", "to", "tom")


def test_the_opposite_is_less_alike(memory: Memory) -> None:
    for goal in ("hide the status bar", "show the status bar"):
        memory.learn(solved(goal, "Menu"), "pass")
    assert asked(memory, "display the bottom bar")[0].startswith("show")
    assert asked(memory, "conceal the bottom bar")[0].startswith("hide")


def test_what_is_told_bears_the_values_of_this_task(memory: Memory) -> None:
    fields = look("home", ("textbox", "Name"), ("button", "OK"))
    run = solved("call it 'first' now", "OK", now=fields)
    memory.learn(run, "pass")
    assert asked(memory, "call it 'other thing' now", fields)[0].startswith("call it other thing now")


def test_parameters_are_slots(memory: Memory) -> None:
    memory.learn(solved("send it to tom", "OK", params={"to": "tom"}), "pass")
    memory.learn(solved("send it to ada", "OK", params={"to": "ada"}), "pass")
    (item,) = memory.items()
    assert (item.goal, item.passes) == ("send it to {1}", 2)


def test_a_goal_in_other_letters_is_found(memory: Memory) -> None:
    memory.learn(solved("открыть настройки", "Options"), "pass")
    memory.learn(solved("設定を開く", "Options"), "pass")
    assert asked(memory, "Открыть настройки!")[0].startswith("открыть")
    assert asked(memory, "設定を開く")[0].startswith("設定を開く")


@pytest.mark.parametrize("goal", ['" OR words:* NEAR(', "NOT AND OR", "a-b c:d {e} ^f", "'; DROP TABLE experience; --"])
def test_words_that_mean_something_to_the_index_are_words(memory: Memory, goal: str) -> None:
    memory.learn(solved(f"{goal} the wrap", "Wrap"), "pass")
    asked(memory, goal)
    assert len(memory.items()) == 1
    assert asked(memory, f"{goal} the wrap")


# ------------------------------------------------------------------------------------------------ where it is of use


def test_another_app_is_told_nothing(memory: Memory) -> None:
    memory.learn(solved("turn on word wrap", "Wrap"), "pass")
    for app in ("other", ""):
        there = replace(HOME, place=replace(HOME.place, app=app))
        assert asked(memory, "turn on word wrap", there) == ()


def test_a_run_through_two_apps_is_told_in_both(memory: Memory) -> None:
    other = look("mail", ("button", "Menu"), app="mail")
    steps = (*solved("x", "Menu").steps, *solved("x", "Menu", now=other).steps)
    memory.learn(Run("a", Task("t", "send the page by mail"), steps, other, "finished"), "pass")
    assert asked(memory, "send the page by mail") == asked(memory, "send the page by mail", other) != ()


def test_a_screen_without_any_of_its_targets_is_told_nothing(memory: Memory) -> None:
    memory.learn(solved("turn on word wrap", "Menu", "Wrap"), "pass")
    assert asked(memory, "turn on word wrap", look("home", ("button", "Quite another"))) == ()
    assert asked(memory, "turn on word wrap", look("home", ("button", "WRAP")))


# ------------------------------------------------------------------------------------------------ worth and bounds


def test_of_several_alike_those_that_helped_are_told(memory: Memory) -> None:
    ends = ("again", "twice", "today")
    memory.learn(solved("feed the page to the laser", "Print…"), "pass")
    for end in ends:
        memory.learn(solved(f"print the page {end}", "Print…"), "fail")
    (good,) = (item.id for item in memory.items() if item.passes)
    assert good not in memory.recall(Task("q", "print the page"), HOME).ids
    for end in ends:
        (bad,) = (item.id for item in memory.items() if item.goal.endswith(end))
        for number in range(2):
            memory.learn(solved(f"{number} {end}", "OK"), "fail", [bad])
    assert memory.recall(Task("q", "print the page, feed the laser"), HOME).ids[0] == good


def test_at_most_three_hints_and_a_kilobyte_are_told(memory: Memory) -> None:
    names = tuple(f"Näme {at} {'ü' * 40}" for at in range(30))
    now = look("home", *(("button", name) for name in names))
    for number in range(6):
        memory.learn(solved(f"tidy the page of kind{'abcdef'[number]}", *names, now=now), "pass")
    found = memory.recall(Task("q", "tidy the page"), now)
    assert 1 <= len(found.hints) <= MOST_HINTS
    assert sum(len(line.encode()) + 1 for line in found.lines) <= MOST_BYTES
    few = look("home", ("button", "A"))
    for number in range(6):
        memory.learn(solved(f"sort the list of kind{'abcdef'[number]}", "A", now=few), "pass")
    assert len(memory.recall(Task("q", "sort the list"), few).hints) == MOST_HINTS


def test_a_crowd_of_likes_does_not_hide_the_one_that_is_meant(memory: Memory) -> None:
    memory.learn(solved("print the page of kaluma", "Print…"), "pass")
    for number in range(MOST + 20):
        memory.learn(solved(f"print the page of x{'abcdefghij'[number % 10]}{number}y", "Menu"), "pass")
    assert asked(memory, "print kaluma's page")[0].startswith("print the page of kaluma")


# ------------------------------------------------------------------------------------------------ for a person


def test_items_are_searched_and_exported_as_json(memory: Memory, tmp_path: Path) -> None:
    memory.learn(solved("turn on word wrap", "Wrap"), "pass")
    memory.learn(solved("print the page", "Print…"), "pass")
    assert [item.goal for item in memory.items()] == ["print the page", "turn on word wrap"]
    assert [item.goal for item in memory.items("wrapping lines")] == ["turn on word wrap"]
    assert memory.items("tango") == []
    as_read = [loads(dumps(asdict(item))) for item in memory.items()]
    with Memory(tmp_path / "record.db") as again:
        assert [loads(dumps(asdict(item))) for item in again.items()] == as_read


def test_a_gist_has_stems_and_meanings() -> None:
    found = gist(("please", "hide", "the", "tool", "bars"))
    assert [place[0] for place in found.places] == ["hide", "tool", "bar"]
    assert found.places[1][1] == found.places[2][1] == "~toolbar"
    assert "~show" in found.against
    assert gist(("turn", "on", "it")).places[1][0] == "on"
    assert [place[0] for place in gist(("note", "on", "monday")).places] == ["note", "monday"]
