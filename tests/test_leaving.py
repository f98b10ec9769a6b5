"""A field on a page is left before a run ends, but never by a key that would write into it."""

from __future__ import annotations

import pytest

from cua.core import Box, Effect, Element, Fill, Finish, Observation, Place, Press, Step, Task
from cua.policies.leaving import LEAVE, Leaving, without_leaving
from cua.policies.script import Always

TASK = Task("t", "set the name")


def look(*states: str) -> Observation:
    field = Element("f0:1", "textbox", "Name", "Ada", frozenset({"showing", *states}), Box(0, 0, 90, 20))
    return Observation(Place("shop", url="http://shop.example/"), (field,))


def filled(now: Observation) -> Step:
    return Step(now, Fill(now.elements[0], "Ada"), Effect("confirmed"))


def test_a_field_is_left_once_and_then_the_run_ends() -> None:
    now, policy = look("focused", "editable"), Leaving(Always(Finish("done")))
    first = policy.decide(TASK, (filled(now),), now)
    assert first == LEAVE
    steps = (filled(now), Step(now, first, Effect("confirmed")))
    assert policy.decide(TASK, steps, look("editable")) == Finish("done")
    assert without_leaving(steps) == steps[:1]


@pytest.mark.parametrize("states", [("focused", "editable", "multiline"), ("editable",), ("focused",)])
def test_what_is_no_field_of_one_line_with_the_keyboard_is_not_left(states: tuple[str, ...]) -> None:
    now = look(*states)
    assert Leaving(Always(Finish("done"))).decide(TASK, (filled(now),), now) == Finish("done")


def test_only_what_was_filled_in_last_is_left() -> None:
    now = look("focused", "editable")
    steps = (filled(now), Step(now, Press("Return"), Effect("confirmed")))
    assert Leaving(Always(Finish("done"))).decide(TASK, steps, now) == Finish("done")
    assert without_leaving(steps) == steps
