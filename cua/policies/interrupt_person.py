"""A person who uses the pointer of a screen that a run acts on too: noticed by where the pointer is, and waited for.

It never moves the pointer, and reads it only through what it is given.
"""

from __future__ import annotations

from collections.abc import Callable

from cua.core import Action, Ask, Box, Element, Observation, Point, Press, Type, Wait
from cua.policies.clock import Clock
from cua.policies.interrupt_kinds import Interruption, targets

Pointer = Callable[[], tuple[int, int]]
_BEAT = 1.0
_QUIET = 1.0  # seconds without a move after which the person is taken to have let go
_MOST = 40  # looks that a person is waited for
_NEAR = 3


class Watch:
    """Compares where the pointer is with where the run left it."""

    def __init__(self, pointer: Pointer | None) -> None:
        self._pointer = pointer
        self.begin()

    def begin(self) -> None:
        """Another run."""
        self._at: tuple[int, int] | None = None
        self._seen: tuple[int, int] | None = None
        self._action: Action | None = None
        self._clock: Clock | None = None
        self.certain = False

    def decided(self, action: Action) -> None:
        """What is done next, from where the pointer is now."""
        self._action = action
        self._at = self._pointer() if self._pointer is not None else None

    def person(self, now: Observation) -> Interruption | None:
        """Somebody else moved the pointer since the last act was decided; not `certain` after an act that moves it
        itself, to where it was not aimed: then one more look tells.
        """
        if self._pointer is None or self._at is None or self._action is None:
            return None
        at = self._pointer()
        self.certain = isinstance(self._action, Press | Type | Wait)
        if at == self._at or (not self.certain and _brought(self._action, at)):
            return None
        self._seen, self._clock = at, Clock(now)
        return Interruption("person", now.place.app, "a person uses the pointer", sure=True)

    def waiting(self, beats: int, now: Observation) -> Action | None:
        """Wait until it is quiet; Ask where that takes too long; None when it is."""
        at = self._pointer() if self._pointer is not None else None
        if at != self._seen or self._clock is None:
            self.certain = True
            self._seen, self._clock = at, Clock(now)
        elif beats > 1 and (not self.certain or self._clock.spent(now) >= _QUIET):
            return None
        if beats > _MOST:
            return Ask("A person is using the pointer. Go on when the screen is free", ("go on", "stop"))
        return Wait(_BEAT, why="a person uses the pointer")


def _brought(action: Action, at: tuple[int, int]) -> bool:
    """Whether this act can have brought the pointer there."""
    for target in targets(action):
        match target:
            case Element(box=Box() as box):
                inside = box.x - _NEAR <= at[0] <= box.x + box.width + _NEAR
                if inside and box.y - _NEAR <= at[1] <= box.y + box.height + _NEAR:
                    return True
            case Point(x=x, y=y) if abs(x - at[0]) <= _NEAR and abs(y - at[1]) <= _NEAR:
                return True
    return False
