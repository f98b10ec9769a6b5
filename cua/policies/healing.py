"""Targets that were found another way than recorded, as marks for the next version of the workflow.

Only marks change, and the name by which a target's own state is expected. What depends on a value goes on depending on
it, evidence is renewed and never dropped, and steps inside a loop are left alone, since each row has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cua.core import Locator
from cua.memory.workflows import Act, Each, IfPresent, Mark, Step, Workflow, literal, slots
from cua.policies.acts import HELD
from cua.policies.expected import is_own
from cua.policies.figures import FIGURE
from cua.policies.trail import Trod, in_words


def healed(workflow: Workflow, trail: Sequence[Trod], values: Mapping[str, str]) -> Workflow | None:
    """The workflow with the marks that this replay renewed, as the next version; None if there is nothing to mend."""
    fresh = {trod.step: trod for trod in trail if trod.stage == "done" and trod.fresh is not None and not trod.row}
    steps = tuple(_mended(step, fresh, values) for step in workflow.steps)
    if steps == workflow.steps:
        return None
    acts = {act.id: in_words(act) for act in workflow.acts()}  # without the values of this one replay
    said = tuple(f"step {step}: {acts[step]} was found by its {trod.by}" for step, trod in fresh.items())
    return replace(workflow, steps=steps, version=workflow.version + 1, healed=said)


def _mended(step: Step, fresh: Mapping[str, Trod], values: Mapping[str, str]) -> Step:
    match step:
        case Each():
            return step
        case IfPresent():
            return replace(step, steps=tuple(_mended(inner, fresh, values) for inner in step.steps))
        case Act(target=Mark() as old) if step.id in fresh:
            new = fresh[step.id].fresh
            return step if new is None else _called(replace(step, target=_renewed(old, new, values)), old)
        case Act():
            return step


def _called(step: Act, old: Mark) -> Act:
    """With what is expected of the target's own state by the name that the target has now."""
    target = step.target
    assert target is not None
    if target.name == old.name:
        return step
    own = [replace(e, role=target.role, name=target.name) if is_own(e, old) else e for e in step.expect]
    return replace(step, expect=tuple(own))


def _renewed(old: Mark, new: Mark, values: Mapping[str, str]) -> Mark:
    """The new evidence, but for what depended on a value, and for what is no longer there to be told by."""
    given = {values[name] for text in _texts(old) for name in slots(text) if values.get(name)}
    return replace(
        new,
        name=old.name if _bound(old.name) or not new.name else literal(new.name),
        locators=_locators(old, new, given),
        window=new.window or old.window,
        path=_kept(old.path, new.path),
        row=_kept(old.row, new.row),
        near=_kept(old.near, new.near),
        says={**{kind: old.says[kind] for kind in (HELD,) if kind in old.says}, **new.says},
    )


def _locators(old: Mark, new: Mark, given: set[str]) -> tuple[Locator, ...]:
    slotted = {at.kind: at for at in old.locators if _bound(at.value)}
    found: list[Locator] = []
    for at in new.locators:
        if at.kind in slotted:
            found.append(slotted[at.kind])
        elif not any(value in at.value for value in given):
            found.append(Locator(at.kind, literal(at.value)))
    return tuple(dict.fromkeys(found)) or old.locators


def _kept(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return old if not new or any(map(_bound, old)) else tuple(map(literal, new))


def _bound(text: str) -> bool:
    """Whether it depends on a value, or leaves out a figure that the flow changes."""
    return bool(slots(text)) or FIGURE in text


def _texts(mark: Mark) -> tuple[str, ...]:
    return (mark.name, *(at.value for at in mark.locators), *mark.path, *mark.row, *mark.near)
