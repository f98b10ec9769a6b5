"""Who tries a task that comes from a file: the built-in planner, as for a request in words, or nobody.

They see screens only, and never learn what the checks of a task are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cua.core import Ask, Driver, Finish, Policy, Sandbox, World
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
    return Script(Ask(asked.saying, asked.closest)) if isinstance(asked, Doubt) else Planner(known, asked)


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
