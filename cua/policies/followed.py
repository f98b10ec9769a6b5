"""A planner beside which another one acts too, such as a memory."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from cua.core import Action, Ask, Observation, Step, Task, Wait
from cua.policies.planner import Planner

_WAITS = 12  # in a row, of a planner that is caught up


class Followed:
    """A planner beside which another one acts too, as a memory does: before it is asked it goes through the acts that
    were not its own, so that it knows how far its goals are and whose the windows are that opened meanwhile. What it
    asks about it forgets: where it is asked once more, that was seen to.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._known = 0  # how many steps it has decided or gone through

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The planner's next act."""
        for at in range(self._known, len(steps)):
            self._go_through(task, steps[:at], steps[at])
        self._known = len(steps) + 1
        tried = self._copy()
        act = tried.decide(task, steps, now)
        if not isinstance(act, Ask):
            self._planner = tried
        return act

    def _copy(self) -> Planner:
        return deepcopy(self._planner, {id(self._planner.known): self._planner.known})

    def _go_through(self, task: Task, before: tuple[Step, ...], step: Step) -> None:
        """It takes the step for its own if it would have done the same there, be it after a wait; else it learns
        nothing of it.
        """
        tried = self._copy()
        for _ in range(_WAITS):
            would = tried.decide(task, before, step.seen)
            if not isinstance(would, Wait):
                break
        if replace(would, why="") == replace(step.action, why=""):
            self._planner = tried
