"""The policy that asks a model what to do, for what nobody knows yet. It sees screens only, and never judges.

A reply may name several acts: those after the first are done only while the screen is the one they were meant for. A
reply that cannot be read is told to the model once; a second one ends the run. So does what leads nowhere, once the
model was told of it often enough.
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
    Finish,
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
from cua.policies.finding import Found, find, mark_of
from cua.policies.models.dialects import Dialect
from cua.policies.models.evidence import Piece, pieces
from cua.policies.models.said import Caution, Said, Unparsable, aimed
from cua.policies.selfcheck import Notice, noticed


class Model:
    """One for one run. `allowed` is asked about each check that the endpoint wants a person to pass. `evidence` is what
    it submitted as it said that it is done.
    """

    def __init__(self, speaks: Dialect, allowed: Callable[[Caution], bool]) -> None:
        self._speaks = speaks
        self._allowed = allowed
        self._left: list[tuple[Action, Observation]] = []
        self._told = 0  # times in a row that it was told that it leads nowhere
        self.evidence: tuple[Piece, ...] = ()

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act. Raises EndpointError and Spent, TroubleError for replies that cannot be read, RefusedError for
        a model that was told that it gets nowhere and goes on.
        """
        act = self._decided(task, steps, now)
        if isinstance(act, Finish):
            self.evidence = pieces(act)
        return act

    def _decided(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        stuck = self._heeded(noticed(task, steps, now))
        if not stuck and (act := self._next(steps, now)) is not None:
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
        return first if first.why else replace(first, why=said.thought[:200])

    def _heeded(self, notices: tuple[Notice, ...]) -> bool:
        """Whether the run leads nowhere. Raises RefusedError where the model was told of it, and goes on."""
        grave = [notice for notice in notices if notice.most is not None]
        for notice in grave:
            if notice.most is not None and self._told >= notice.most:
                raise RefusedError(
                    f"what the model does leads nowhere ({notice.kind}), and it was told so again and again; say the"
                    " task in smaller steps, or do this part yourself"
                )
        self._told = self._told + 1 if grave else 0
        return bool(grave)

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
