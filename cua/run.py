"""THE loop: observe, decide, act, keep. A task, a replay and a practice attempt differ only in the policy.

It sees what the driver sees and does what the policy says. It never looks at the world, never judges, never repeats an
act, and never looks again before the step before is on record.
"""

from __future__ import annotations

import gc
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

from cua.core import Action, Ask, Driver, Effect, Finish, Observation, Policy, Run, Step, Stopped, Task, Wait
from cua.errors import RefusedError, TroubleError, UsageError

INTERRUPTED = "the program was interrupted"
STOPPED = "a person stopped it"
UNSEEN = "it was stopped before it was seen what came of its last act"
CUT = Effect("unverified", "it was stopped before it was known what came of it")  # of an act that was broken into


class Keeper(Protocol):
    """Where steps are kept. `keep` returns when the step would survive a crash."""

    def begin(self, run_id: str, task: Task) -> None: ...

    def keep(self, run_id: str, index: int, step: Step) -> None: ...

    def end(self, run: Run) -> None: ...


class Unkept:
    """Keeps nothing: for what is done around a task and is no part of it."""

    def begin(self, run_id: str, task: Task) -> None: ...

    def keep(self, run_id: str, index: int, step: Step) -> None: ...

    def end(self, run: Run) -> None: ...


class _Stop(Exception):
    """The loop is over, and why. No error: the way out."""

    def __init__(self, stopped: Stopped, reason: str) -> None:
        super().__init__(reason)
        self.stopped: Stopped = stopped
        self.reason = reason


@dataclass(slots=True)
class _Attempt:
    """One run while it goes on. `stopped` and `reason` are those of a run cut short, until it is not."""

    id: str
    task: Task
    driver: Driver
    policy: Policy
    keep: Keeper
    clock: Callable[[], float]
    stop: Event | None
    start: float
    steps: tuple[Step, ...] = ()
    last: Observation | None = None
    stopped: Stopped = "interrupted"
    reason: str = INTERRUPTED


def run(
    task: Task,
    driver: Driver,
    policy: Policy,
    keep: Keeper,
    *,
    clock: Callable[[], float] = time.monotonic,
    stop: Event | None = None,
) -> Run:
    """Try the task until the policy says that it is done, something says no, or the budget is used up.

    How it stopped is in the Run: trouble and refusals are caught, and an action that the driver calls a UsageError is a
    refused step, for the policy to mend. What else is raised (Ctrl-C too) leaves the run on record as interrupted, with
    the act that was in hand, and is raised again. For "asked", the reason's first line is the question and each further
    line a choice.
    """
    going = _Attempt(new_id(), task, driver, policy, keep, clock, stop, clock())
    keep.begin(going.id, task)
    gc.freeze()  # a look leaves no cycles: what was there before need not be searched for them while it is done
    try:
        while True:
            _look(going)
            _act(going, _decide(going))
    except _Stop as end:
        going.stopped, going.reason = end.stopped, end.reason
    except RefusedError as exc:
        going.stopped, going.reason = "refused", str(exc)
    except TroubleError as exc:
        going.stopped, going.reason = "trouble", _named(exc)
    finally:
        gc.unfreeze()
        ended = _ended(going)
        keep.end(ended)
    return replace(ended, last=_without_pixels(ended.last) if ended.last else None)


def unseen(done: Run) -> bool:
    """Whether it ended before anybody looked at what came of its last act."""
    if done.last is not None or not done.steps:
        return False
    final = done.steps[-1]
    return not isinstance(final.action, Wait) and final.effect.kind != "refused"


def new_id() -> str:
    """A name for a run: when it began, and chance."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _look(going: _Attempt) -> None:
    going.last = None
    going.last = going.driver.observe()
    if spent := _spent(going):
        raise _Stop("budget", spent)


def _decide(going: _Attempt) -> Action:
    """The next act. A claim to be done is heard even when the budget is used up; another act is not."""
    assert going.last is not None
    _heed(going.stop)
    action = going.policy.decide(going.task, going.steps, going.last)
    match action:
        case Finish(claim=claim):
            raise _Stop("finished", claim)
        case Ask(question=question, choices=choices):
            raise _Stop("asked", "\n".join((" ".join(question.split()), *choices)))
    _heed(going.stop)
    if spent := _spent(going):
        raise _Stop("budget", spent)
    if not isinstance(action, Wait) and _acted(going) >= going.task.budget.acts:
        raise _Stop("budget", f"the budget of {going.task.budget.acts} acts is used up")
    return action


def _act(going: _Attempt, action: Action) -> None:
    """Act, then keep, whatever came of it: an act that ended in trouble, or was broken into, may have been done."""
    began, effect = going.clock(), CUT
    try:
        effect = going.driver.act(action)
    except UsageError as exc:
        effect = Effect("refused", str(exc))
    except RefusedError as exc:
        effect = Effect("refused", str(exc))
        raise
    except TroubleError as exc:
        effect = Effect("unverified", _named(exc))
        raise
    finally:
        _keep(going, action, effect, began)


def _keep(going: _Attempt, action: Action, effect: Effect, began: float) -> None:
    assert going.last is not None
    step = Step(going.last, action, effect, going.clock() - began)
    going.keep.keep(going.id, len(going.steps), step)
    going.steps += (replace(step, seen=_without_pixels(step.seen)),)
    going.last = None


def _heed(stop: Event | None) -> None:
    if stop is not None and stop.is_set():
        raise _Stop("interrupted", STOPPED)


def _spent(going: _Attempt) -> str:
    seconds = going.task.budget.seconds
    return f"the budget of {seconds:g} s is used up" if going.clock() - going.start >= seconds else ""


def _acted(going: _Attempt) -> int:
    """How many acts were tried. A wait is none of them: what is slow uses up the budget of seconds alone."""
    return sum(not isinstance(step.action, Wait) for step in going.steps)


def _ended(going: _Attempt) -> Run:
    seconds = going.clock() - going.start
    ended = Run(going.id, going.task, going.steps, going.last, going.stopped, going.reason, seconds)
    return replace(ended, reason=UNSEEN) if ended.reason == INTERRUPTED and unseen(ended) else ended


def _without_pixels(seen: Observation) -> Observation:
    """Pixels are for the moment: thirty screens of them would fill the memory."""
    if seen.frame is None or seen.frame.pixels is None:
        return seen
    return replace(seen, frame=replace(seen.frame, pixels=None))


def _named(exc: TroubleError) -> str:
    return f"{type(exc).__name__}: {exc}"
