"""What a person's act at a place hit, where the look tells it, and why that is not known where it does not. Pure.

An act that is doubtful is neither guessed at nor thrown away: it stays in the workflow as a step that says so, which
keeps the whole from being replayed until a person mends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cua import core
from cua.core import Action, Effect, Element, Observation, Point
from cua.memory.workflows import Mark
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
    return next((f"the point {at.x},{at.y}" for at in _ends(action) if isinstance(at, Point)), "")


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


def contains(element: Element, at: Point) -> bool:
    box = element.box
    return box is not None and box.x <= at.x < box.x + box.width and box.y <= at.y < box.y + box.height


def area(element: Element) -> int:
    return element.box.width * element.box.height if element.box else 0


def _ends(action: Action) -> Iterator[object]:
    yield from (getattr(action, name, None) for name in ("target", "start", "end"))
