"""A value in quotes that a run had nothing to do with: nobody's word makes that a pass."""

from __future__ import annotations

import pytest

from cua.core import Action, Click, Effect, Element, Fill, Run, Step, Task, Type
from cua.policies.models.borne import unborne
from tests.test_screen import look

PARTS = """
window Parts
  heading Shop floor
  table Stock
    row Copper pipe
      cell Copper pipe
      button Reorder
    row Copper elbow
      cell Copper elbow
      button Reorder
  button Refresh
  group Cards
    text Split pin
    button Take
  textbox Name [editable]
  textbox Bin [editable] = C3
"""
START = look(PARTS)
ELBOW, TAKE, NAME = (
    e for e in START.elements if (e.ref, e.name) in (("e8", "Reorder"), ("e12", "Take"), ("e13", "Name"))
)


def told(goal: str, *actions: Action, kind: str = "confirmed", last: str = PARTS) -> tuple[str, ...]:
    steps = tuple(Step(START, action, Effect(kind)) for action in actions)  # type: ignore[arg-type]
    return unborne(Run("r", Task("t", goal), steps, look(last), "finished"))


def named(role: str, name: str) -> Element:
    return next(e for e in START.elements if (e.role, e.name) == (role, name))


@pytest.mark.parametrize(
    ("goal", "action"),
    [
        ("order 'Copper elbow' again", Click(ELBOW)),
        ("put 'Cotter pin' in", Fill(NAME, "25 of Cotter pin")),
        ("put 'cotter PIN' in", Type("Cotter pin")),
        ("'refresh' it", Click(named("button", "Refresh"))),
        ("take a 'Split pin'", Click(TAKE)),  # what it belongs to is not told: no row, no item
        ("put it on the 'shop floor'", Click(ELBOW)),  # what all of it is about
        ("put '2026-12-01' and '25' in", Click(ELBOW)),  # these show in many forms
    ],
)
def test_what_was_done_with_it_is_known(goal: str, action: Action) -> None:
    assert told(goal, action) == ()


def test_another_row_and_what_was_never_written_are_left_out() -> None:
    assert told("order 'Copper pipe' again", Click(ELBOW)) == ("Copper pipe",)
    assert told("put 'Cotter pin' on shelf 'D1'", Fill(NAME, "Cotter pin")) == ("D1",)
    assert told("put 'pin' in", Fill(NAME, "pinned")) == ("pin",)
    assert told("put 'Cotter pin' in", Fill(NAME, "Cotter pin"), kind="no_effect") == ("Cotter pin",)


def test_what_came_to_show_was_done() -> None:
    assert told("order 'Copper pipe' again", Click(ELBOW), last=f"{PARTS}  status Copper pipe is on its way\n") == ()


def test_where_nothing_was_done_it_must_show() -> None:
    assert told("see to 'Copper pipe'") == ()
    assert told("see to 'Hex bolt' and 'C3' and '77'") == ("Hex bolt", "77")
