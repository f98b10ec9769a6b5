"""A policy that does what it was told, in order: for tests, demonstrations and literal repetitions.

It never looks for a way around: after a refused act it stops, because what follows was meant for another screen.
"""

from __future__ import annotations

from collections.abc import Callable

from cua.core import Action, Finish, Observation, Step, Task
from cua.errors import RefusedError


class Script:
    """Each entry is an action, or a function that makes one from the screen. After the last comes Finish."""

    def __init__(self, *acts: Action | Callable[[Observation], Action]) -> None:
        self.acts = acts

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The act after those that were done."""
        if steps and steps[-1].effect.kind == "refused":
            raise RefusedError(f"act {len(steps)} of the script was refused: {steps[-1].effect.reason}")
        if len(steps) >= len(self.acts):
            return Finish("the script is at its end")
        act = self.acts[len(steps)]
        return act(now) if callable(act) else act


class Always:
    """Decides the same at every look."""

    def __init__(self, act: Action) -> None:
        self.act = act

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """That act."""
        return self.act
