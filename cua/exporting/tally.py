"""What came of an export: how many runs gave something, what was left out, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

BARE = "without an act to learn from"


@dataclass(slots=True)
class Tally:
    """Counts while it goes on. `runs` are those that gave something, `skipped` those that gave nothing, by reason;
    `steps` are those left out of runs that gave something, by reason; `notes` what else is to be known.
    """

    runs: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Exported:
    """What is on disk now: the rows of each file by its name, and the counts of the tally. Where that is nothing, not
    even a folder, `nothing` says why and what would help.
    """

    form: str
    out: str
    rows: dict[str, int]
    runs: int
    skipped: dict[str, int]
    steps: dict[str, int]
    notes: dict[str, int]
    nothing: str = ""
