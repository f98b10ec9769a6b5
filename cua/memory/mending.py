"""Healing never loosens a check: what a mended workflow must have in common with the one that it mends.

Pure comparison of nouns. It decides nothing about which version is used, and mends nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Step, Workflow, slots

_OF_A_VERSION = ("steps", "version", "healed", "source")
_EVIDENCE = ("name", "window", "path", "row", "near")


def refuse_weaker(active: Workflow, healed: Workflow) -> None:
    """Raises UsageError if anything but marks differs, or if a mark lost evidence or a slot."""
    stay = f"healing may mend only how targets of {active.name} are found; keep it as an edited workflow instead"
    for name in (each.name for each in fields(Workflow) if each.name not in _OF_A_VERSION):
        if getattr(active, name) != getattr(healed, name):
            raise UsageError(f"the healed {active.name} has other {name} than version {active.version}; {stay}")
    before, after = list(_flat(active.steps)), list(_flat(healed.steps))
    for was, now in zip(before, after, strict=False):
        if _unmarked(was) != _unmarked(now):
            raise UsageError(f"step {was.id!r} of the healed {active.name} is another one; {stay}")
        for old, new in zip(_marks(was), _marks(now), strict=True):
            _refuse_weaker_mark(was.id, old, new)
    if len(before) != len(after):
        raise UsageError(f"the healed {active.name} has {len(after)} steps, not {len(before)}; {stay}")


def _refuse_weaker_mark(step: str, old: Mark | None, new: Mark | None) -> None:
    if old is None or new is None:
        if old is not new:
            raise UsageError(f"step {step!r} of the healed workflow gained or lost a target; only its marks may differ")
        return
    lost = [name for name in _EVIDENCE if getattr(old, name) and not getattr(new, name)]
    if lost:
        raise UsageError(f"step {step!r}: the healed target has no {lost[0]} to be told by, and the one before had")
    for name in _EVIDENCE:
        gone = _slots_of(getattr(old, name)) - _slots_of(getattr(new, name))
        if gone:
            raise UsageError(f"step {step!r}: the {name} of the healed target no longer depends on ${{{min(gone)}}}")
    fixed = {at.kind for at in old.locators if slots(at.value)} & {
        at.kind for at in new.locators if not slots(at.value)
    }
    if fixed:
        raise UsageError(
            f"step {step!r}: the healed locator {min(fixed)} no longer depends on a value, as it did before"
        )


def _slots_of(value: object) -> frozenset[str]:
    texts = value if isinstance(value, tuple) else (value,)
    return frozenset(slot for text in texts if isinstance(text, str) for slot in slots(text))


def _flat(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if not isinstance(step, Act):
            yield from _flat(step.steps)


def _marks(step: Step) -> tuple[Mark | None, ...]:
    match step:
        case Act(target=target, to=to):
            return target, to
        case IfPresent(target=target):
            return (target,)
        case Each():
            return ()


def _nameless(expect: Expect, own: Mark) -> Expect:
    """What is expected of the step's own target, however that is called; of anything else as it is."""
    about = expect.kind in ("holds", "checked") and expect.role in ("", own.role) and expect.name == own.name
    return replace(expect, role="", name="") if about and own.name else expect


def _unmarked(step: Step) -> Step:
    """The step alone, without its marks."""
    match step:
        case Act(target=Mark() as own):
            return replace(step, target=None, to=None, expect=tuple(_nameless(each, own) for each in step.expect))
        case Act():
            return replace(step, target=None, to=None)
        case IfPresent():
            return replace(step, target=Mark(""), steps=tuple(_unmarked(each) for each in step.steps))
        case Each():
            return replace(step, steps=tuple(_unmarked(each) for each in step.steps))
