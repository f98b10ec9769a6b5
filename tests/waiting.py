"""Tests wait for a condition, never for a time: what is quick here comes late on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

LIMIT = 60.0  # seconds; only what never comes costs them
PAUSE = 0.01

Seen = TypeVar("Seen")


def awaited(
    look: Callable[[], Seen | None],
    what: object,
    holds: Callable[[Seen], object] = bool,
    *,
    limit: float = LIMIT,
    pause: float = PAUSE,
) -> Seen:
    """The first that `look` gives, and not None, of which it holds; `what` names it, should it never come."""
    end = time.monotonic() + limit
    while (seen := look()) is None or not holds(seen):
        assert time.monotonic() < end, f"not within {limit:.0f} s: {what}; last seen: {seen!r:.500}"
        time.sleep(pause)
    return seen
