"""Hands that do only what the contract of a run allows: a driver around another one.

An act that it forbids is put to a person. Where nobody says yes it is not done: the one who decides is told once, as of
any act that the driver does not do; whoever insists ends the run. Nothing goes around it: every act passes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cua.core import Action, Driver, Effect, Element, Fill, Frame, Observation, Type
from cua.errors import RefusedError, TargetGone, UsageError
from cua.policies.contract import Contract
from cua.policies.contract_acts import Objection, Past, objection
from cua.policies.contract_view import TICKS, front_programs
from cua.sealing import Develops
from cua.traffic import Requesting, Traffic

_MOST = 3  # different acts that are refused before the run is over


@dataclass(frozen=True, slots=True)
class Plea:
    """An act that the contract does not allow, on which screen, and why: for a person to say yes or no to."""

    action: Action
    now: Observation
    objection: Objection


def nobody(_: Plea) -> bool:
    """Where no person can be asked."""
    return False


class Guarded:
    """A driver around another one. `pleas` are the acts that were not allowed, and what was said to each."""

    def __init__(self, driver: Driver, contract: Contract, approve: Callable[[Plea], bool] = nobody) -> None:
        self.contract = contract
        self.pleas: list[tuple[Plea, bool]] = []
        self._driver, self._approve = driver, approve
        self._now: Observation | None = None
        self._past = Past()
        self._where = ""

    def observe(self, *, frame: bool = True) -> Observation:
        """What the driver sees."""
        self._now = now = self._driver.observe(frame=frame)
        where = now.place.url.partition("#")[0] or now.place.window
        if where != self._where:
            self._past = replace(self._past, filled=False, chosen=False)
        self._where = where
        if not now.place.url and now.place.app in self.contract.apps:
            self._past = replace(self._past, programs=self._past.programs | front_programs(now))
        return now

    def act(self, action: Action) -> Effect:
        """Do it if the contract or a person allows it. Raises UsageError for an act that is refused, RefusedError where
        it is insisted on, and what the driver raises, but for TargetGone: of such an act nobody knows what came.
        """
        now = self._now or self.observe(frame=False)
        against = objection(self.contract, action, now, self._past)
        if against is not None:
            plea = Plea(action, now, against)
            allowed = self._approve(plea)
            insists = self._insists(action)
            self.pleas.append((plea, allowed))
            if not allowed:
                said = f"not allowed: {against.reason}"
                raise (
                    RefusedError(f"{said}; do it yourself, or say in the task that it is wanted")
                    if insists
                    else (UsageError(f"{said}. Do not try it again; do the task in another way, or ask the person"))
                )
        try:
            effect = self._driver.act(action)
        except TargetGone as exc:  # it went after the look, and its program may have: the next look tells
            effect = Effect("unverified", str(exc))
        chosen = isinstance(target := getattr(action, "target", None), Element) and target.role in TICKS | {"option"}
        filled = isinstance(action, Fill | Type)
        self._past = replace(self._past, filled=self._past.filled or filled, chosen=self._past.chosen or chosen)
        return effect

    def _insists(self, action: Action) -> bool:
        """Whether it was refused before, or too much was."""
        refused = [plea.action for plea, allowed in self.pleas if not allowed]
        return len(refused) >= _MOST - 1 or any(_alike(action, each) for each in refused)

    def close(self) -> None:
        self._driver.close()

    def picture(self) -> Frame | None:
        """The picture of the last look where the driver takes its time for that."""
        return self._driver.picture() if isinstance(self._driver, Develops) else None

    def traffic(self) -> Traffic | None:
        """What the driver knows of requests, None where it knows of none."""
        return self._driver.traffic() if isinstance(self._driver, Requesting) else None


def _alike(one: Action, other: Action) -> bool:
    """Whether two acts are the same one on the same thing, whatever way it is done."""
    mine, yours = (getattr(each, "target", None) for each in (one, other))
    if isinstance(mine, Element) and isinstance(yours, Element):
        return mine.ref == yours.ref and (type(one) is type(other) or not isinstance(one, Fill))
    return replace(one, why="") == replace(other, why="")
