"""The hands of a replay: each act is on record before it is done, and a wish to stop waits until it is seen what came.

They decide nothing: what is to be done is the policy's, what came of it the judge's.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from threading import Event

from cua.core import Action, Effect, Move, Observation, Scroll, Wait
from cua.deliveries import Ledger
from cua.effects import Effects
from cua.errors import RefusedError, TargetGone, TroubleError, UsageError
from cua.policies.replay import Replay
from cua.sealing import Sealed
from cua.traffic import Request, Traffic

POINTING = (Wait, Scroll, Move)


class Between(Event):
    """Set once a person has asked to stop, and what came of the act in hand has been seen: an expectation has its time,
    and who will not wait for that can interrupt the program.
    """

    def __init__(self, asked: Event | None, ledger: Ledger) -> None:
        super().__init__()
        self._asked, self._ledger = asked, ledger

    def is_set(self) -> bool:
        return self._asked is not None and self._asked.is_set() and self._ledger.open is None


class Hands:
    """The driver of a replay: each act is on record before it is done, and what is refused there was not done."""

    def __init__(self, driver: Sealed, policy: Replay, ledger: Ledger, effects: Effects) -> None:
        self._driver, self._policy, self._ledger, self._effects = driver, policy, ledger, effects
        begun = driver.traffic()
        self._turns = [begun.at if begun is not None else 0]  # of the driver: before the first act, and after each
        pages = [each for each in begun.answers if each.page and each.at == begun.at] if begun is not None else []
        self._answers: list[Request] = [*pages]  # what shows already is told, and nothing before it

    def observe(self, *, frame: bool = True) -> Observation:
        """One look. The policy is told which requests were sent and answered until then."""
        now = self._driver.observe(frame=frame)
        if (traffic := self._driver.traffic()) is not None:
            answers = tuple(map(self._placed, (*self._answers, *traffic.answers)))
            self._answers.clear()
            unanswered = tuple(map(self._placed, traffic.unanswered))
            self._policy.served.hear(Traffic(len(self._turns) - 1, self._at(traffic.sent), answers, unanswered))
        return now

    def act(self, action: Action) -> Effect:
        """Do it. A target that went away is a refusal: nothing was done, so the policy may look again."""
        try:
            return self._done(action)
        finally:
            traffic = self._driver.traffic()
            self._answers += traffic.answers if traffic is not None else ()
            self._turns.append(traffic.at if traffic is not None else 0)

    def _placed(self, told: Request) -> Request:
        """With the act of the run that it came after; its path may hold a secret."""
        return replace(told, at=self._at(told.at), path=self._driver.masked(told.path))

    def _at(self, turn: int) -> int:
        """The act of the run that is this turn of the driver's, -1 for what was before the first."""
        return bisect_left(self._turns, turn) - 1

    def _done(self, action: Action) -> Effect:
        begun = self._policy.begun if not isinstance(action, POINTING) else None
        if begun is not None:
            if begun.risk == "irreversible":
                try:
                    self._effects.again()
                except TroubleError as exc:
                    raise RefusedError(f"step {begun.step} cannot be checked, so it was not done: {exc}") from exc
            self._ledger.about(begun)
        try:
            effect = self._driver.act(action)
        except TargetGone as exc:
            effect = Effect("refused", str(exc))
        except (UsageError, RefusedError):
            if begun is not None:
                self._ledger.refused()
            raise
        if begun is not None and effect.kind == "refused":
            self._ledger.refused()
        return effect

    def close(self) -> None:
        self._driver.close()
