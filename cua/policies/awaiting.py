"""Waiting for what must follow a step of a replay, and for whether it stays so.

Generators of waits: they act on nothing. `look` gives the screen as it is after each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from cua.core import Action, Observation, Wait
from cua.memory.workflows import Act, Expect
from cua.policies.clock import Clock
from cua.policies.retracted import POLL_SECONDS, QUIET_SECONDS
from cua.policies.since import Since, unmet
from cua.policies.trail import awaited

Look = Callable[[], Observation]
Waiting = Generator[Action, None, tuple[Expect, ...]]


def came(act: Act, expects: tuple[Expect, ...], since: Since, look: Look) -> Waiting:
    """Wait until all expectations hold; those that did not come within their time."""
    clock = Clock(look())
    while missing := unmet(expects, look(), since):
        spent = clock.spent(look())
        late = tuple(expect for expect in missing if expect.seconds <= spent)
        if late:
            return late
        left = min(expect.seconds for expect in missing) - spent
        yield Wait(min(POLL_SECONDS, left), why=f"step {act.id}: until {awaited(missing[0])}")
    return ()


def stayed(act: Act, since: Since, look: Look, *, last: bool, seconds: float) -> Waiting:
    """See whether what must last stays so for so many seconds, while the program tells others of it; what did not."""
    seen = look()
    clock, lasting = Clock(seen), since.lasting(seen, last=last)
    if not lasting:
        return ()
    why = f"step {act.id}: whether it stays so that {awaited(lasting[0])}"
    while clock.spent(look()) < seconds:
        yield Wait(POLL_SECONDS, why=why)
    yield Wait(QUIET_SECONDS, why=why)
    return since.fallen(lasting, seen, look())
