"""One cell of the survival matrix, and how it is judged. Nothing is run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Result = Literal["pass", "halt", "wrong act", "crash"]

# the target is not there any more, or cannot be told from its copy: the only right thing is to halt
GONE = frozenset(
    {"missing", "row missing", "look-alike instead", "duplicated", "on the next page", "lookalike", "gone", "duplicate"}
)
# what the real replay policy must act around: it waits, or puts away what is in the way
AROUND = frozenset({"drawn late", "popup in the way", "on the next page"})


@dataclass(frozen=True)
class Cell:
    """A flow, a change, a target, and what came of it: of ours, and of each baseline."""

    on: str
    flow: str
    change: str
    truth: str
    ours: Result
    others: Mapping[str, Result]
    by: str = ""


def judged(change: str, truth: str, acted: str) -> Result:
    """By what was really acted on; "" is nothing."""
    if not acted:
        return "halt"
    return "pass" if acted == truth and change not in GONE else "wrong act"
