"""What a recording of a desktop becomes where one act is several events, or where nobody vouches for what was hit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import (
    Action,
    Box,
    Click,
    Effect,
    Element,
    Locator,
    Observation,
    Place,
    Point,
    Press,
    Run,
    Step,
    Task,
    Type,
)
from cua.errors import UsageError
from cua.memory.workflows import Act
from cua.policies import keyboard
from cua.policies.replay import Replay
from cua.record.compile import RECORDED, compile
from cua.record.doubtful import NOT_KNOWN

SHOWN = frozenset({"showing"})
WINDOW = Element("w", "window", "Tasks", None, SHOWN | {"active"}, Box(0, 0, 400, 300))
SAVE = Element("s", "button", "Save", None, SHOWN, Box(10, 10, 80, 30), 0)
BOX = Element("b", "combobox", "Priority", "Medium", SHOWN | {"expandable"}, Box(10, 60, 80, 30), 0)
NOTE = Element("n", "textbox", "Note", "", SHOWN | {"editable", "multiline", "focused"}, Box(10, 100, 300, 90), 0)
CONFIRMED = Effect("confirmed")


def look(*elements: Element, title: str = "Tasks") -> Observation:
    return Observation(Place("tasks", title), (replace(WINDOW, name=title), *elements))


def shown(
    *steps: tuple[Observation, Action], last: Observation, effect: Effect = CONFIRMED, task: str = RECORDED
) -> Run:
    done = tuple(Step(seen, action, effect) for seen, action in steps)
    return Run("r", Task(task, "shown"), done, last, "finished")


def acts(run: Run) -> list[Act]:
    return list(compile(run, "shown", on="desktop").workflow.acts())


def test_what_is_chosen_from_a_combo_box_is_a_parameter_called_after_it() -> None:
    high, low = (Element(f"o{at}", "menuitem", name, None, SHOWN, Box(10, 90 + 30 * at, 80, 30), 1)
                 for at, name in enumerate(("High", "Low")))  # fmt: skip
    opened = look(BOX, high, low)
    run = shown((look(BOX), Click(BOX)), (opened, Click(high)), last=look(replace(BOX, value="High")))
    found = compile(run, "shown", on="desktop").workflow
    assert [(act.do, act.text) for act in found.acts()] == [("fill", "${priority}")]
    assert [(param.name, param.default) for param in found.params] == [("priority", "High")]


def test_a_choice_that_the_box_does_not_show_afterwards_stays_two_clicks() -> None:
    high = Element("o", "menuitem", "High", None, SHOWN, Box(10, 90, 80, 30), 1)
    run = shown((look(BOX), Click(BOX)), (look(BOX, high), Click(high)), last=look(BOX))
    assert [act.do for act in acts(run)] == ["click", "click"]


def test_lines_typed_one_after_the_other_are_one_text() -> None:
    one, more = replace(NOTE, value="Milk"), replace(NOTE, value="Milk\n")
    run = shown(
        (look(NOTE), Type("Milk")),
        (look(one), Press("Return")),
        (look(more), Type("Eggs")),
        last=look(replace(NOTE, value="Milk\nEggs")),
    )
    found = compile(run, "shown", on="desktop").workflow
    assert [(act.do, act.text) for act in found.acts()] == [("fill", "${note}")]
    assert found.params[0].default == "Milk\nEggs"


def test_a_return_that_sends_what_was_typed_is_an_act_of_its_own() -> None:
    run = shown((look(NOTE), Type("Hello")), (look(replace(NOTE, value="Hello")), Press("Return")), last=look(NOTE))
    assert [act.do for act in acts(run)][-1] == "press"


def test_a_place_that_the_recorder_does_not_vouch_for_is_a_doubtful_step_with_its_reason() -> None:
    """What the look shows there lies under what was hit."""
    now, quick = look(SAVE), Effect("unverified", "it came quicker than a look")
    run = shown((now, Click(Point(30, 20))), last=now, effect=quick)
    (act,) = acts(run)
    assert act.doubt == "it came quicker than a look"
    assert (act.target, act.risk) == (NOT_KNOWN, "irreversible")
    with pytest.raises(UsageError, match=r"doubtful \(it came quicker than a look\)"):
        Replay(compile(run, "shown", on="desktop").workflow, {})


def test_a_place_that_an_agent_clicked_is_what_lies_there() -> None:
    now = look(SAVE)
    run = shown((now, Click(Point(30, 20))), last=now, effect=Effect("unverified", "it does not say"), task="t")
    (act,) = acts(run)
    assert act.target is not None
    assert act.target.name == "Save"


def test_a_target_does_not_follow_a_value_that_only_the_title_of_its_window_holds() -> None:
    name = replace(NOTE, name="Name", states=SHOWN | {"editable", "focused"})
    there = replace(SAVE, locators=(Locator("path", "window:Oslo trip - Tasks > button:Save"),))
    before, after = look(name, there), look(replace(name, value="Oslo trip"), there, title="Oslo trip - Tasks")
    found = compile(shown((before, Type("Oslo trip")), (after, Click(there)), last=after), "shown", on="desktop")
    assert not [note for note in found.notes if "by the value of" in note]


def test_beside_a_text_the_buttons_that_hand_their_keys_on_to_it_have_no_keyboard() -> None:
    hands_on = Element("m", "button", "INSERT", None, SHOWN | {"focused"}, Box(10, 250, 80, 30), 0)
    assert keyboard.focused(look(NOTE, hands_on)) == NOTE
    link = Element("l", "link", "here", None, SHOWN | {"focused"}, Box(12, 110, 40, 10), 1)
    assert keyboard.focused(look(NOTE, link)) == link
