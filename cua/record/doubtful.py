"""What a person's act at a place hit, where the look tells it, and why that is not known where it does not. Pure.

An act that is doubtful is neither guessed at nor thrown away: it stays in the workflow as a step that says so, which
keeps the whole from being replayed until a person mends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cua import core
from cua.core import Action, Effect, Element, Observation, Point
from cua.memory.workflows import Act, Mark, Step, Workflow, literal
from cua.policies import risk
from cua.policies.acts import MEND
from cua.record import moves
from cua.record.deeds import Deed, saying
from cua.record.moves import as_element, page_with
from cua.screen import ACTABLE, called

NOT_KNOWN = Mark("?")  # the target of a step of which nothing is known
UNTOLD = "nothing that can be told from its surroundings is known to be there"


def doubt(action: Action, before: Observation, effect: Effect) -> str:
    """Why it is not known what a person's act hit; "" where that is known. What the recorder, which knows the windows,
    could not tell at a place, no look can: it shows what was there before a menu came, or what lies under it.
    """
    found = [each for each in _ends(action) if isinstance(each, Point)]
    if not found or isinstance(action, core.Scroll):
        return ""
    if effect.kind != "confirmed" and effect.reason:
        return effect.reason
    return UNTOLD if any(under(at, before) is None for at in found) else ""


def idle(action: Action, before: Observation, effect: Effect) -> bool:
    """Whether it is a doubtful act after which the recorder saw the screen stay just as it had been."""
    return effect.kind == "no_effect" and bool(doubt(action, before, effect))


def unchanged(before: Observation, after: Observation | None, *, keys: bool) -> bool:
    """Whether two looks tell the same. What has the keyboard counts where `keys` come next, which go there; pictures do
    not: the pointer went on meanwhile, and what lies under it is often drawn otherwise.
    """
    if after is None or before.place != after.place:
        return False
    passing = frozenset() if keys else frozenset({"focused"})
    was, now = ([replace(e, states=e.states - passing) for e in look.elements] for look in (before, after))
    return was == now


def where(action: Action) -> str:
    """The place of an act, in words."""
    places = (end.box.centre if isinstance(end, Element) and end.box else end for end in _ends(action))
    return next((f"the point {at.x},{at.y}" for at in places if isinstance(at, Point)), "")


def step(id: str, do: Any, deed: Deed, text: str) -> Act:
    """The step that stands for a doubtful deed, until a person says what it acts on."""
    at = where(deed.action)
    say = literal(f"{saying(deed.action, deed.target).strip()}{f' at {at}' if at else ''}")
    to = NOT_KNOWN if do == "drag" else None
    return Act(id, do, NOT_KNOWN, to, text, risk="irreversible", say=say, doubt=deed.doubt)


def note(act: Act, deed: Deed) -> str:
    """What a person is told of it."""
    return (
        f"step {deed.number} of the recording ({act.say}) is doubtful: {deed.doubt}. The workflow is kept and is not "
        f"replayed until its step {act.id!r} is mended: {MEND}"
    )


def under(at: Point, now: Observation) -> Element | None:
    """The element below a point: the smallest that can be acted on, else the smallest if it has a name and nothing in
    it: the middle of what holds others, where a replay would click, is another place.
    """
    over = [e for e in now.elements if "showing" in e.states and contains(e, at)]
    smallest = min(over, key=lambda e: (area(e), -now.elements.index(e)), default=None)
    if smallest is None:
        return None
    chain = (smallest, *now.ancestors(smallest))
    able = next((e for e in chain if e.role in ACTABLE or (e.actions and e.role != "group")), None)
    at_index = now.elements.index(smallest)
    holds = any(e.parent == at_index and "showing" in e.states for e in now.elements)
    named = called(smallest) and not holds and smallest.parent >= 0
    return able or (smallest if named else None)


def mended(before: Workflow, after: Workflow) -> Workflow:
    """With the risk and the words that the target brings, for each step that was doubtful and is not any more, as far
    as the person left them as they were.
    """
    doubted = {act.id: act for act in before.acts() if act.doubt}
    filled = False

    def one(each: Step) -> Step:
        nonlocal filled
        if not isinstance(each, Act):
            return replace(each, steps=tuple(map(one, each.steps)))
        was, target = doubted.get(each.id), each.target
        if was is not None and target is not None and not each.doubt:
            there = as_element(target)
            grave = risk.of(moves.action(each, there), there, page_with(there), filled=filled)
            say = "" if each.say == was.say else each.say
            each = replace(each, risk=grave if each.risk == was.risk else each.risk, say=say)
        filled = each.do != "open" and (filled or each.do in ("fill", "type"))
        return each

    return replace(after, steps=tuple(map(one, after.steps)))


def contains(element: Element, at: Point) -> bool:
    box = element.box
    return box is not None and box.x <= at.x < box.x + box.width and box.y <= at.y < box.y + box.height


def area(element: Element) -> int:
    return element.box.width * element.box.height if element.box else 0


def _ends(action: Action) -> Iterator[object]:
    yield from (getattr(action, name, None) for name in ("target", "start", "end"))
