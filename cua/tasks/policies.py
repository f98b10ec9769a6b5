"""Who tries a task that comes from a file: the built-in planner, as for a request in words, or nobody.

They see screens only, and never learn what the checks of a task are.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

from cua.core import Action, Ask, Driver, Finish, Observation, Policy, Sandbox, Step, Task, Wait, World
from cua.errors import UsageError
from cua.memory.maps import Map
from cua.policies.abilities import abilities
from cua.policies.glance import glanced
from cua.policies.planner import Planner
from cua.policies.script import Script
from cua.policies.understand import Doubt, Names, understand
from cua.practice.scout import scout
from cua.screen import Screen

# says that it is done, and did nothing: what that passes is no task
IDLE = Script(Finish("nothing was done"))
_WAITS = 12  # in a row, of a planner that is caught up


def planner(goal: str, sandbox: Sandbox, learned: Callable[[str], Map], home: str) -> Policy:
    """The planner, told the words: with what is known of the app in front and shows; if that is not enough, after a
    look into the app's dialogs. One that understands nothing asks.
    """
    now = sandbox.driver.observe(frame=False)
    known = glanced(learned(now.place.app), Screen.of(now))
    asked = understand(goal, Names.of(abilities(known, {}), home))
    if isinstance(asked, Doubt) and not asked.stop and now.elements:
        known = scout(sandbox, known)
        asked = understand(goal, Names.of(abilities(known, {}), home))
    return Script(Ask(asked.saying, asked.closest)) if isinstance(asked, Doubt) else Followed(Planner(known, asked))


class Followed:
    """A planner beside which another one acts too, as a memory does: before it is asked it goes through the acts that
    were not its own, so that it knows how far its goals are and whose the windows are that opened meanwhile.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._known = 0  # how many steps it has decided or gone through

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The planner's next act."""
        for at in range(self._known, len(steps)):
            self._go_through(task, steps[:at], steps[at])
        self._known = len(steps) + 1
        return self._planner.decide(task, steps, now)

    def _go_through(self, task: Task, before: tuple[Step, ...], step: Step) -> None:
        """It takes the step for its own if it would have done the same there, be it after a wait; else it learns
        nothing of it.
        """
        tried = deepcopy(self._planner, {id(self._planner.known): self._planner.known})
        for _ in range(_WAITS):
            would = tried.decide(task, before, step.seen)
            if not isinstance(would, Wait):
                break
        if replace(would, why="") == replace(step.action, why=""):
            self._planner = tried


@dataclass(frozen=True, slots=True)
class Standing:
    """A machine as a sandbox that stays as it is: it is looked at and acted in, never given back its start state."""

    driver: Driver
    world: World

    def reset(self) -> None:
        raise self._refused()

    def restart(self) -> None:
        raise self._refused()

    def snapshot(self, name: str) -> None:
        raise self._refused()

    def clone(self) -> Sandbox:
        raise self._refused()

    def close(self) -> None: ...

    def _refused(self) -> UsageError:
        return UsageError("the machine of a task stays as it is until the task is judged; make another one")
