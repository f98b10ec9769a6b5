"""What a click at a place becomes, where no control is known to be there."""

from __future__ import annotations

import time

import pytest

from cua.core import Box, Click, Effect, Element, Observation, Place, Point, Run, Step, Task
from cua.errors import UsageError
from cua.record.tidy import tidied


def clicked(at: Point) -> Run:
    """A click into a dialog that holds a label and an unknown thing."""
    shown = frozenset({"showing"})
    now = Observation(
        Place("notes", "Keep it?"),
        (
            Element("w", "dialog", "Keep it?", states=shown | {"active"}, box=Box(0, 0, 400, 300)),
            Element("g", "group", "Choices", states=shown, box=Box(0, 0, 400, 200), parent=0),
            Element("l", "text", "What you wrote", states=shown, box=Box(10, 10, 200, 20), parent=1),
        ),
        time=time.time(),
    )
    return Run("r", Task("t", "keep it"), (Step(now, Click(at), Effect("confirmed")),), now, "finished")


def test_a_place_on_a_label_is_that_label() -> None:
    ((deed,), _) = tidied(clicked(Point(20, 15)))
    assert deed.target is not None
    assert deed.target.name == "What you wrote"


@pytest.mark.parametrize("at", [Point(300, 150), Point(390, 290)], ids=["in a group", "in the dialog"])
def test_a_place_in_what_holds_others_is_refused(at: Point) -> None:
    with pytest.raises(UsageError, match="nothing that can be told from its"):
        tidied(clicked(at))
