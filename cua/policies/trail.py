"""What a replay leaves behind besides its steps: how each target was found, what was expected, and whether it came.

Pure data, and the words for it. It holds no text that was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cua.memory.workflows import Act, Expect, Mark, Risk

Stage = Literal["done", "skipped", "found", "halted"]
# why a replay halted: before any act of the step; on a screen that is not what must follow; and that after an act that
# cannot be taken back, so that nobody knows what came of it
Halt = Literal["", "before", "unmet", "unknown"]


@dataclass(frozen=True, slots=True)
class Trod:
    """One step of a replay. `row` counts the rows of an Each from 1, and is 0 outside of one.

    `by`, `rank` and `score` say how the target was found (see `finding.Found`); `waited` is for how many seconds it was
    looked for. `expected` are the expectations in words, those that did not come first; `at` is the place of the act
    among the steps of the run, -1 if none was done. `fresh` is the mark of the target as it is now, where another
    locator than the first found it.
    """

    step: str
    stage: Stage
    say: str
    row: int = 0
    risk: Risk = "read"
    by: str = ""
    rank: int = 0
    score: float = 0.0
    waited: float = 0.0
    seconds: float = 0.0
    expected: tuple[str, ...] = ()
    at: int = -1
    note: str = ""
    fresh: Mark | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A step whose act is about to be done; on record before it is."""

    step: str
    row: int
    say: str
    risk: Risk


def in_words(act: Act) -> str:
    """What a step does, shortly; never what it types."""
    if act.say:
        return act.say
    target = act.target
    if target is None:
        return {"press": f"press {act.text}", "open": f"open {act.text}"}.get(act.do, act.do)
    return f"{act.do} {called(target)}"


def called(mark: Mark) -> str:
    """A target in a few words."""
    row = f" in the row of {mark.row[0]!r}" if mark.row else ""
    return f"{mark.role} {mark.name!r}{row}" if mark.name else f"{mark.role}{row}"


def renamed(mark: Mark, now: str) -> str:
    """What is to be said of a target that is called otherwise `now` than it was; "" where it is not."""
    was, is_now = (" ".join(text.split()).rstrip(".\u2026: ") for text in (mark.name, now))
    return f"it is called {now!r} here, not {mark.name!r}" if was and was.casefold() != is_now.casefold() else ""


def awaited(expect: Expect) -> str:
    """An expectation in words."""
    what = " ".join(filter(None, (expect.role, repr(expect.name) if expect.name else "")))
    match expect.kind:
        case "shows":
            return f"{what} shows"
        case "gone":
            return f"{what} is gone"
        case "holds":
            return f"{what} holds {expect.value!r}"
        case "checked":
            return f"{what} is {expect.value}"
        case "at":
            return f"the address is {expect.value}"
        case "window":
            return f"the window {expect.name or expect.value!r} is open"
        case "closed":
            return f"the window {expect.name or expect.value!r} is closed"
