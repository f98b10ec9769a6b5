"""The policy that asks a model what to do, for what nobody knows yet. It sees screens only, and never judges.

A reply may name several acts: those after the first are done only while the screen is still the one they were meant for.
A reply that cannot be read is told to the model once; a second one ends the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cua.core import (
    Action,
    Click,
    Drag,
    Element,
    Fill,
    Invoke,
    Move,
    Observation,
    Point,
    Scroll,
    Step,
    Target,
    Task,
    Wait,
)
from cua.errors import RefusedError, TroubleError
from cua.memory.signatures import seen
from cua.policies.finding import Found, find, mark_of
from cua.policies.models.dialects import Dialect
from cua.policies.models.said import Caution, Said, Unparsable, aimed

_SAME = 3  # times of one act on one screen: a loop
_LOOKS = 3  # that a model may take in a row without an act


class Model:
    """One for one run. `allowed` is asked about each check that the endpoint wants a person to pass."""

    def __init__(self, speaks: Dialect, allowed: Callable[[Caution], bool]) -> None:
        self._speaks = speaks
        self._allowed = allowed
        self._left: list[tuple[Action, Observation]] = []

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act. Raises EndpointError and Spent, TroubleError for replies that cannot be read, RefusedError where
        the model only repeats itself.
        """
        if (act := self._next(steps, now)) is not None:
            return act
        self._left.clear()
        said = self._asked(task, steps, now)
        for caution in said.cautions:
            if not self._allowed(caution):
                raise RefusedError(
                    f"the model's endpoint asks for a person's consent: {caution.message or caution.code}"
                )
        if not said.acts:
            return Wait(1.0, why=said.thought[:200])
        first, *rest = (_on_elements(act, now) for act in said.acts)
        self._left = [(act, now) for act in rest]
        if repeats(steps, first, now) >= _SAME:
            raise RefusedError(
                "the model does the same again and again, and nothing changes; say the task in smaller steps"
            )
        return first if first.why else replace(first, why=said.thought[:200])

    def _next(self, steps: tuple[Step, ...], now: Observation) -> Action | None:
        """The next act of the last reply, if what it aims at is still there."""
        if not self._left or not steps or steps[-1].effect.kind in ("refused", "no_effect"):
            return None
        act, meant = self._left.pop(0)
        return again(act, meant, now)

    def _asked(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Said:
        wrong = ""
        for _ in range(2):
            try:
                return self._speaks.ask(task, steps, now, wrong)
            except Unparsable as exc:
                wrong = str(exc)
        raise TroubleError(f"the model's replies cannot be read: {wrong}; they are kept with the run")


def repeats(steps: tuple[Step, ...], act: Action, now: Observation) -> int:
    """How often in a row the same act was done on the same screen just now."""
    look, count = seen(now), 0
    for step in reversed(steps):
        if replace(step.action, why="") != replace(act, why="") or seen(step.seen) != look:
            break
        count += 1
    return count


def again(act: Action, meant: Observation, now: Observation) -> Action | None:
    """The act on a later look than the one it was meant for: on the same element, found again; None where it is gone,
    or where it aims at a point, of which nobody can tell whether it still is what it was.
    """
    match act:
        case Click(target=target) | Move(target=target) | Scroll(target=target):
            found = _again(target, meant, now)
            return replace(act, target=found) if found else None
        case Fill(target=target) | Invoke(target=target):
            found = _again(target, meant, now)
            return replace(act, target=found) if found else None
        case Drag(start=start, end=end):
            begin, to = _again(start, meant, now), _again(end, meant, now)
            return replace(act, start=begin, end=to) if begin and to else None
        case _:
            return act


def _again(target: Target, meant: Observation, now: Observation) -> Element | None:
    if isinstance(target, Point):
        return None
    match find(mark_of(target, meant), now):
        case Found(element=element):
            return element
        case _:
            return None


def _on_elements(act: Action, now: Observation) -> Action:
    """Points that clearly mean a control become it, so that the act can be found and done again later."""
    match act:
        case Click(target=Point() as point) | Move(target=Point() as point) | Scroll(target=Point() as point):
            return replace(act, target=aimed(point, now))
        case _:
            return act
