"""What only somebody besides the policy of a run does about an interruption: start what is gone again, ask a person.

Only what can be started again without harm is: the app of a sandbox, or the page of a browser that this program opened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from cua.core import Policy
from cua.memory.handlers import Handlers
from cua.policies.interrupt_kinds import Interruption
from cua.policies.interruptions import Interruptible
from cua.policies.leaving import Leaving
from cua.seats import Seat

Approve = Callable[[str], bool]  # puts a question to a person, who may say no

_NOTHING: frozenset[str] = frozenset()
_TIMES = 2  # that something is started again in one run: what does not last then is broken


@runtime_checkable
class Revives(Protocol):
    """What can start again what is gone, and leaves alone what is there."""

    def revive(self) -> None: ...


class Help:
    """For one run in this seat."""

    def __init__(self, place: Seat, approve: Approve) -> None:
        self._places, self._approve = (place.sandbox, place.sandbox.driver), approve
        self._left = _TIMES

    def __call__(self, item: Interruption) -> bool:
        """Whether it was seen to. Raises TroubleError where it cannot be started again."""
        match item.kind:
            case "vanished":
                return self._revived()
            case "signed out":
                return self._approve(f"go on; {item.said}: log in there first, then say yes")
        return False

    def _revived(self) -> bool:
        able = next((each for each in self._places if isinstance(each, Revives)), None)
        if able is None or not self._left:
            return False
        self._left -= 1
        able.revive()
        return True


def undisturbed(other: Policy, place: Seat, approve: Approve, uses: frozenset[str] = _NOTHING) -> Interruptible:
    """The policy of a run in this seat, with what nobody asked for put away, and fields of a page left. `uses` are the
    names of what it means to use: it is asked about what offers one of them, and may end the program by it.
    """
    return Interruptible(Leaving(other), Handlers(place.store), helped=Help(place, approve), uses=uses)
