"""What a person picked on a page from a group of choices that has a name: a radio button, an option of a list.

Such a choice is data: another one of the same group may be picked the next time. It is a mark with nothing but the
choice and its group, so that a replay finds just that choice in just that group, or halts. Pure; it guesses at nothing.
"""

from __future__ import annotations

from cua import core
from cua.core import Action, Element, Locator, Observation
from cua.memory.workflows import Mark, literal, slots
from cua.policies.finding import Found, find
from cua.policies.given import EXACT
from cua.policies.records import tells
from cua.policies.surroundings import plain
from cua.record.params import Params
from cua.screen import called

_GROUPS = {"radio": ("radiogroup", "group"), "option": ("listbox",)}
_LEAST = 2  # choices in a group


def picked(action: Action, target: Element | None, now: Observation, params: Params) -> Mark | None:
    """The mark of a choice that was picked, by a new parameter that is called as its group is; None for all else, and
    where the choice and the name of its group do not tell it alone.
    """
    plain_click = isinstance(action, core.Click) and (action.button, action.count, action.keys) == ("left", 1, ())
    if target is None or not plain_click or not now.place.url or target.role not in _GROUPS:
        return None
    name, group = called(target), _group(target, now)
    if group is None or not name or params.slotted(name) != literal(name) or slots(params.slotted(group.name)):
        return None
    found = find(_mark(target.role, literal(name), group.name), now)
    if not isinstance(found, Found) or found.element.ref != target.ref or not tells(name):
        return None
    return _mark(target.role, params.picked(name, group.name, target, now), group.name)


def _mark(role: str, name: str, group: str) -> Mark:
    return Mark(role, name, (Locator("role", f"{role}:{name}"),), path=(literal(group),), says={EXACT: "yes"})


def _group(target: Element, now: Observation) -> Element | None:
    """The group that it was picked from, if that alone is called so and it holds other choices of its kind."""
    group = next((above for above in now.ancestors(target) if above.role in _GROUPS[target.role]), None)
    if group is None or not group.name.strip() or "multiselectable" in group.states:
        return None
    words = plain(group.name)
    rest = [e for e in now.elements if e.ref != group.ref and e.role not in ("text", "heading")]
    others = [e for e in rest if words in plain(e.name)]
    choices = [e for e in now.elements if e.role == target.role and group in now.ancestors(e)]
    names = {called(each) for each in choices}
    return group if not others and len(choices) == len(names) >= _LEAST else None
