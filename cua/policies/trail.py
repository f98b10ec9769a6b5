"""What a replay leaves behind besides its steps: how each target was found, what was expected, and whether it came.

Pure data, and the words for it. It holds no text that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cua import core
from cua.core import SEAL, Box
from cua.memory.store import acts
from cua.memory.workflows import ANY_RECORD, Act, Each, Expect, IfPresent, Mark, Risk, Step, filled, slots
from cua.sealing import MASK

Stage = Literal["done", "skipped", "found", "halted"]
# why a replay halted: before any act of the step; on a screen that is not what must follow; and that after an act that
# cannot be taken back, so that nobody knows what came of it
Halt = Literal["", "before", "unmet", "unknown"]
# what was the matter where it halted, which decides what a person may do about it
Matter = Literal[
    "",
    "missing",
    "ambiguous",
    "changed",
    "elsewhere",
    "signed out",
    "unmet",
    "unseen",
    "unsent",
    "unanswered",
    "unfit",
    "outside",
    "asked",
    "failed",
    "covered",
    "disabled",
    "held",
]
_LONGEST = 60
_SEALED = re.compile(f"{SEAL}[^{SEAL}]*{SEAL}")


@dataclass(frozen=True, slots=True)
class Trod:
    """One step of a replay. `row` counts the rows of an Each from 1, and is 0 outside of one.

    `by`, `rank` and `score` say how the target was found (see `finding.Found`); `waited` is for how many seconds it was
    looked for. `expected` are the expectations in words, those that did not come first; `at` is the place of the act
    among the steps of the run, -1 if none was done. `fresh` is the mark of the target as it is now, where another
    locator than the first found it. Of a step that halted, `matter` says why in a word, and `near` where on that screen
    is what came closest. `aside` is what was done besides the steps of the workflow. `doubted` says that a server
    failed in it and nothing shows that it was done all the same; `hint` is what advice on the matter names, `wrong` the
    parameters whose values were not taken.
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
    matter: Matter = ""
    near: tuple[Box, ...] = ()
    aside: bool = False
    doubted: bool = False
    hint: str = ""
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A step whose act is about to be done; on record before it is."""

    step: str
    row: int
    say: str
    risk: Risk


def in_words(act: Act, values: Mapping[str, str] | None = None) -> str:
    """What a step does, shortly, with these values in its slots; never what it types."""
    target, given = act.target, values or {}
    if act.say:
        row = target.row[0] if target and target.row else ""
        return spoken(f"{act.say} in the row of {row!r}" if row and row not in act.say else act.say, given)
    if target is None:
        return spoken({"press": f"press {act.text}", "open": f"open {act.text}"}.get(act.do, act.do), given)
    return spoken(f"{act.do} {called(target)}", given)


def spoken(text: str, values: Mapping[str, str]) -> str:
    """A text with its slots filled, for a person: a value that is not known yet by its name, a secret not at all."""
    return masked(filled(text, {name: _short(values.get(name, f"<{name}>")) for name in slots(text)}))


def masked(text: str) -> str:
    """The text without the names of the secrets that stand sealed in it."""
    return _SEALED.sub(MASK, text)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}\u2026"


def whole(steps: Sequence[Step], rows: Mapping[str, range], trail: Sequence[Trod], row: int = 0) -> int:
    """How many steps there were to do: each once for every one of its `rows` (by parameter, the numbers of those that
    were to be done), and what stands under a guard where the guard let it be done.
    """
    total = 0
    for step in steps:
        match step:
            case Act():
                total += 1
            case Each():
                total += sum(whole(step.steps, rows, trail, number) for number in rows[step.over])
            case IfPresent():
                inside = inner(step)
                if any(trod.step in inside and row in (0, trod.row) for trod in trail):
                    total += whole(step.steps, rows, trail, row)
    return total


def inner(step: Step) -> tuple[str, ...]:
    """The ids of the acts that are this step, or are inside of it."""
    return (step.id,) if isinstance(step, Act) else tuple(act for each in step.steps for act in inner(each))


def nothing(steps: Sequence[core.Step]) -> str:
    """That a step was not done, for a halt: nothing at all was, where no act was done before it either."""
    return f"nothing {'more ' if acts(steps) else ''}was done"


def called(mark: Mark) -> str:
    """A target in a few words."""
    row = f" in the row of {mark.row[0]!r}" if mark.row else ""
    return f"{mark.role} {mark.name!r}{row}".lstrip() if mark.name else f"{mark.role}{row}"


def renamed(mark: Mark, now: str) -> str:
    """What is to be said of a target that is called otherwise `now` than it was; "" where it is not."""
    was, is_now = (" ".join(text.split()).rstrip(".\u2026: ") for text in (mark.name, now))
    return f"it is called {now!r} here, not {mark.name!r}" if was and was.casefold() != is_now.casefold() else ""


def awaited(expect: Expect) -> str:
    """An expectation in words."""
    part = "with " if expect.part and expect.kind in ("shows", "gone") else ""
    row = f"in the row of {expect.row[0]!r}" if expect.row else ""
    what = " ".join(filter(None, (expect.role, f"{part}{expect.name!r}" if expect.name else "", row)))
    match expect.kind:
        case "shows":
            return f"{what} shows"
        case "gone":
            return f"{what} {'no longer shows as it was' if expect.role == ANY_RECORD else 'is gone'}"
        case "holds":
            return f"{what} holds {'something with ' if expect.part else ''}{expect.value!r}"
        case "checked":
            return f"{what} is {expect.value}"
        case "record":
            return f"one record says {', '.join(map(repr, expect.row))}"
        case "at":
            return f"the address is {expect.value}"
        case "window":
            return f"the window {expect.name or expect.value!r} is open"
        case "closed":
            return f"the window {expect.name or expect.value!r} is closed"
