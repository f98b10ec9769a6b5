"""What a step's targets mean on this screen, where that may be another page than the one the step was recorded on.

On another page nothing is found by likeness: what is there must be called as the target was, or bear a key of it. Pure
over one look; `finding` chooses, and this only takes away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cua.core import Observation
from cua.memory.workflows import Act, IfPresent, Mark, Workflow
from cua.policies.acts import aims
from cua.policies.fields import FIELDS, called_alike
from cua.policies.finding import Found, Lost, find, look_at
from cua.policies.halting import elsewhere
from cua.policies.likeness import attributes
from cua.policies.lookups import bears_key
from cua.policies.surroundings import Look, plain
from cua.policies.wording import SAME_WORDS, alike

_AS_IT_WAS = 0.9  # so alike is what has not changed


def aimed(
    workflow: Workflow, act: Act, marks: Sequence[Mark], values: Mapping[str, str], now: Observation
) -> list[Found | Lost]:
    """What a step's filled marks mean here, as far as it may be acted on with the step's risk (see `aims`)."""
    finds = aims(act, marks, now)
    if not elsewhere(workflow, act, values, now):
        return finds
    return [_known(mark, found, now) for mark, found in zip(marks, finds, strict=True)]


def shown(workflow: Workflow, step: IfPresent, mark: Mark, values: Mapping[str, str], now: Observation) -> Found | Lost:
    """What the filled mark means whose presence decides whether the steps inside are done."""
    found = find(mark, now)
    first = next((each for each in workflow.acts() if each in step.steps), None)
    other = first is not None and elsewhere(workflow, first, values, now)
    return _known(mark, found, now) if other else found


def _known(mark: Mark, found: Found | Lost, now: Observation) -> Found | Lost:
    """What was found on another page, if its name or a key of it says that it is the target."""
    if isinstance(found, Lost) or not now.place.url:
        return found
    look = look_at(now)
    at = look.place(found.element)
    if bears_key(mark, look, at) or _called_so(mark, look, at, found.score):
        return found
    name = look.names[at]
    why = f"on this other page {name!r} is but like it" if name else "on this other page nothing surely tells it"
    return Lost("missing", f"{why}; the closest is not taken", found.element)


def _called_so(mark: Mark, look: Look, at: int, score: float) -> bool:
    """Whether it is called as the target was; where neither has a name, it is in the same row, or all is as it was."""
    name, here = plain(mark.name), look.plains[at]
    if not name and not here and (mark.row or score >= _AS_IT_WAS):
        return True
    if mark.role in FIELDS:
        return (called_alike(name, attributes(mark), here, look.said[at]) or 0.0) >= SAME_WORDS
    return bool(name) and alike(name, here) >= SAME_WORDS
