"""Who decides the next act: what is proven or known first, then who plans, then who is asked.

A lower rung decides only where those above declined: they asked, refused or met trouble in place of an act; what they
had done by then it sees in the steps. From then on they are not asked again in this run, for the screen is no longer
one that they brought about; the action memory is, at each look. Each choice is kept with its reason and what it cost.
It never does an act itself, and never judges.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cua.core import Action, Ask, Observation, Policy, Step, Task
from cua.errors import RefusedError, TroubleError
from cua.memory.actions import Actions
from cua.policies.recall import Recall

Rung = Literal["skill", "replay", "planner", "model", "person"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who decided from act `step` on, why it was that one, how many acts in a row, and the seconds it thought."""

    step: int
    rung: Rung
    why: str
    acts: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """One rung: who decides there, and why it may know."""

    rung: Rung
    policy: Policy
    why: str


class Ladder:
    """The rungs beside the memory, from the highest down. `now` is the one that decided last, `declined` says of those
    above it why they did not.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = list(ways)
        self.declined: list[str] = []

    @property
    def now(self) -> Way:
        return self._ways[0]

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act of the highest rung that knows one. The last one's question and errors are the answer."""
        while len(self._ways) > 1:
            try:
                act = self.now.policy.decide(task, steps, now)
            except (RefusedError, TroubleError) as exc:
                why = str(exc)
            else:
                if not isinstance(act, Ask):
                    return act
                why = act.question
            self.declined.append(f"{self.now.rung}: {' '.join(why.split())}")
            del self._ways[0]
        return self.now.policy.decide(task, steps, now)


class Route:
    """The policy of a request. `choices` are for the record; `recalled` counts the acts that came of the memory."""

    def __init__(self, ways: Sequence[Way], memory: Actions | None = None) -> None:
        self._ladder = Ladder(ways)
        self._recall = Recall(memory, self._ladder) if memory else None
        self.choices: list[Choice] = []

    @property
    def recalled(self) -> int:
        return self._recall.recalled if self._recall else 0

    @property
    def rung(self) -> Rung | None:
        """Who decided last."""
        return self.choices[-1].rung if self.choices else None

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act. Raises what the last rung raises, and RecordError."""
        began, known = time.perf_counter(), self.recalled
        act = (self._recall or self._ladder).decide(task, steps, now)
        seconds = time.perf_counter() - began
        if self.recalled > known:
            self._note("replay", act.why or "as before", len(steps), seconds)
        else:
            way, above = self._ladder.now, self._ladder.declined
            self._note(way.rung, "; ".join([*above, way.why]), len(steps), seconds)
        return act

    def _note(self, rung: Rung, why: str, step: int, seconds: float) -> None:
        last = self.choices[-1] if self.choices else None
        if last and last.rung == rung:
            self.choices[-1] = replace(last, acts=last.acts + 1, seconds=last.seconds + seconds)
        else:
            self.choices.append(Choice(step, rung, why, 1, seconds))
