"""How long a replay has waited. It measures, and decides nothing."""

from __future__ import annotations

import time

from cua.core import Observation


class Clock:
    """Seconds since a look. A driver whose time stands still between acts counts its own."""

    def __init__(self, now: Observation) -> None:
        self._screen, self._own = now.time, time.monotonic()

    def spent(self, now: Observation) -> float:
        """How many, as of this look."""
        return max(now.time - self._screen, time.monotonic() - self._own)
