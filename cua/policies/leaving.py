"""A policy on a page around another one: the field that was filled in last is left before the run ends.

Pages are told of a change only when the keyboard leaves the field, as it does when a person goes on to something else.
"""

from __future__ import annotations

from cua.core import Action, Fill, Finish, Observation, Policy, Press, Step, Task, Type

_ONE_LINE = frozenset({"focused", "editable"})  # in more than one line the key may write a tab
LEAVE = Press("Tab", why="a page hears of a field only once it is left")


class Leaving:
    """One for one run."""

    def __init__(self, other: Policy) -> None:
        self._other = other
        self._end: Finish | None = None

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """What the other decides; first a key that leaves the field, where it says that it is done."""
        if self._end is not None:
            return self._end
        act = self._other.decide(task, steps, now)
        if isinstance(act, Finish) and steps and isinstance(steps[-1].action, Fill | Type) and _in_field(now):
            self._end = act
            return LEAVE
        return act


def without_leaving(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps without such a key at their end."""
    left = bool(steps) and isinstance(steps[-1].action, Press) and steps[-1].action.keys == LEAVE.keys
    return steps[:-1] if left else steps


def _in_field(now: Observation) -> bool:
    return bool(now.place.url) and any(e.states >= _ONE_LINE and "multiline" not in e.states for e in now.elements)
