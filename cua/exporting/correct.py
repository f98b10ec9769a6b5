"""Which steps of a run that passed are worth imitating: those that did something, and were not undone.

What came of a step is read off the record alone. A way there and back counts as redundant only where every act on it
is one whose whole effect shows on the screen, and the screen is again exactly what it was.
"""

from __future__ import annotations

from cua.core import Click, Element, Fill, Invoke, Move, Observation, Press, Run, Scroll, Step, Type, Wait

REFUSED, NO_EFFECT, REDUNDANT = "refused", "without effect", "redundant"
_OPENS = frozenset({"expandable", "expanded"})
_HOLDS = frozenset({"checkable", "checked", "selectable", "selected"})


def wrong(run: Run) -> dict[int, str]:
    """The numbers of the steps that are not to be imitated, each with its reason."""
    found = dict.fromkeys(_detours(run), REDUNDANT)
    for at, step in enumerate(run.steps):
        if step.effect.kind in ("refused", "no_effect"):
            found[at] = REFUSED if step.effect.kind == "refused" else NO_EFFECT
        elif _overwritten(step, run.steps[at + 1 : at + 2]):
            found[at] = REDUNDANT
    return found


def _detours(run: Run) -> set[int]:
    """Every step on a way that came back to where it began and left nothing behind."""
    looks = [step.seen for step in run.steps] + ([run.last] if run.last else [])
    keys = [(_key(look, focus=False), _key(look, focus=True)) for look in looks]
    found, at = set[int](), 0
    while at < len(run.steps):
        back = to = at
        while to < min(len(run.steps), len(looks) - 1) and _undone(run.steps[to], looks[at]):
            to += 1
            typed = to < len(run.steps) and isinstance(run.steps[to].action, Type | Press)
            if keys[to][typed] == keys[at][typed]:  # where the keyboard is matters only to what comes by it
                back = to
        found.update(range(at, back))
        at = max(back, at + 1)
    return found


def _undone(step: Step, again: Observation) -> bool:
    """Whether nothing of the act is left when the screen is as in `again`."""
    if step.effect.kind in ("refused", "no_effect"):
        return True
    match step.action:
        case Move() | Wait() | Scroll() | Press(keys="Escape"):
            return True
        case Click(target=Element() as target, button="left", count=1, keys=()) | Invoke(target=target):
            if target.states & _HOLDS or target.role == "tab":
                return _shows(target, again)  # a tick in a menu that is closed may be another one now
            return bool(target.states & _OPENS)
        case Fill(target=target):
            return target.value is not None and "password" not in target.states and _shows(target, again)
        case _:
            return False


def _shows(element: Element, now: Observation) -> bool:
    return any((e.ref, e.role, e.name) == (element.ref, element.role, element.name) for e in now.elements)


def _overwritten(step: Step, after: tuple[Step, ...]) -> bool:
    """Whether the next act filled the same field again."""
    if not (isinstance(step.action, Fill) and after and isinstance(after[0].action, Fill)):
        return False
    first, second = step.action.target, after[0].action.target
    done = after[0].effect.kind in ("confirmed", "unverified")
    return done and (first.ref, first.role, first.name) == (second.ref, second.role, second.name)


def _key(now: Observation, *, focus: bool) -> object:
    """All that is known of a look; one that saw only a part is like no other."""
    if now.partial:
        return object()
    gone = frozenset() if focus else frozenset({"focused"})
    return now.place, tuple((e.role, e.name, e.value, e.states - gone, e.box, e.parent) for e in now.elements)
