"""Waiting until applications are calm: they answer, and have nothing more to tell. It reads none, and acts on none.

A program that was slow to answer is known from then on, and is given less time, until it answers again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from drivers.atspi import Accessibility
from drivers.bus import Request

LIMIT = 1.5
BREATH = 0.012
BREATHS = 2
_MOMENT = 0.003
_LATE = 0.15
_DEAF = 0.4
_STILL_DEAF = 0.25


class Quiet:
    """Owned by one thread."""

    def __init__(self, access: Accessibility) -> None:
        self._access = access
        self._slow: set[str] = set()

    def answering(self, names: list[str]) -> set[str]:
        """Those of them that answer within 0.4 s."""
        known = self._slow & set(names)
        fit = self._access.answering(known, seconds=_STILL_DEAF)
        fit |= self._access.answering([name for name in names if name not in known], seconds=_DEAF)
        self._slow = set(names) - fit
        return fit

    def pings(self, names: Iterable[str]) -> list[Request]:
        """What `answering` will ask, but for those that were slow."""
        return [self._access.ping(name) for name in names if name not in self._slow]

    def settle(self, limit: float, *, breaths: int) -> None:
        """Until the applications answer and have nothing more to tell for so many breaths, or the limit is reached."""
        end = time.monotonic() + limit
        calm = 0
        while calm < breaths and (left := end - time.monotonic()) > 0:
            heard = self._access.heard
            names = set(self._access.applications())
            known = names & self._slow
            slow = known - self._access.answering(known, seconds=_STILL_DEAF)
            fit = self._access.answering(names - known, seconds=max(left, _DEAF))
            self._slow = slow | (names - known - fit)
            self._access.bus.pump(BREATH)
            calm = calm + 1 if self._access.heard == heard else 0

    def breathe(self, names: Iterable[str], seconds: float, told: int) -> None:
        """Until these, as far as they answer, have told more than so many events and no more for a moment, or nothing
        for so long."""
        asked = set(names) - self._slow
        self._access.bus.pump()  # what was told while nobody listened is no news of this moment
        began, heard = time.monotonic(), -1
        while (spent := time.monotonic() - began) < LIMIT:
            calm, heard = self._access.heard == heard, self._access.heard
            if calm and (heard > told or spent >= seconds):
                return
            self._access.answering(asked, seconds=_DEAF)
            if self._access.heard == heard <= told:
                self._access.bus.pump(_MOMENT)

    def listen(self, heard: int) -> bool:
        """A busy program, say one that reads a changed keyboard map, takes what it was sent a little late. Whether more
        was told than so many events."""
        end = time.monotonic() + _LATE
        while self._access.heard == heard and time.monotonic() < end:
            self._access.bus.pump(BREATH)
        return self._access.heard > heard
