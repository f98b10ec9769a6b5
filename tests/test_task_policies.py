"""A planner beside which another one acts too: it knows what was done of its own goals, and only that."""

from __future__ import annotations

import pytest

from cua.core import Action, Effect, Finish, Press, Step, Task, Wait
from cua.memory.maps import Map
from cua.policies.followed import Followed
from cua.policies.goals import Hit
from cua.policies.planner import Planner
from drivers.fake import FakeDriver

TASK = Task("keys", "press ctrl+a, then ctrl+s")
GOALS = (Hit("ctrl+a"), Hit("ctrl+s"))


def decided(driver: FakeDriver, *before: Action) -> list[Action]:
    """What it decides to the end, where these acts were done before it was first asked."""
    policy = Followed(Planner(Map("fake"), GOALS))
    steps = tuple(Step(driver.observe(), action, Effect("confirmed")) for action in before)
    found: list[Action] = []
    while not found or not isinstance(found[-1], Finish):
        found.append(policy.decide(TASK, steps, driver.observe()))
        steps += (Step(driver.observe(), found[-1], Effect("confirmed")),)
    return found[:-1]


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ((), ("ctrl+a", "ctrl+s")),
        (("ctrl+a",), ("ctrl+s",)),
        (("ctrl+a", "ctrl+s"), ()),
        (("Escape",), ("ctrl+a", "ctrl+s")),
        (("ctrl+a", "Escape"), ("ctrl+s",)),
        (("ctrl+s",), ("ctrl+a", "ctrl+s")),
    ],
)
def test_what_was_done_of_its_goals_is_not_done_again_and_what_was_not_is(
    before: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert decided(FakeDriver(), *map(Press, before)) == [Press(keys) for keys in left]


def test_what_it_did_not_see_done_it_does_though_somebody_waited_in_between() -> None:
    assert decided(FakeDriver(), Press("ctrl+a"), Wait(0.1)) == [Press("ctrl+s")]
