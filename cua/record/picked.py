"""What must hold after something was picked for a field, or dropped beside another thing. Pure; it looks at no screen.

A field that takes what is clicked elsewhere, as from a calendar, must take the same again: a day of another month is
another day. What was typed only to find what is then picked is the beginning of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, zip_longest

from cua import core
from cua.core import Action, Element, Observation, Target
from cua.memory.workflows import Expect
from cua.policies.finding import look_at
from cua.record.deeds import Deed
from cua.record.params import Params
from cua.screen import called

_ASKED = frozenset({"combobox", "searchbox", "textbox"})
_OFFERED = frozenset({"option", "listitem", "menuitem", "generic", "text"})
_MORE = re.compile(r"[\w'’ -]*")
_FEW = 3


def picked(action: Action, before: Observation, after: Observation, params: Params) -> Iterator[Expect]:
    """The fields that now hold what was clicked, alone or with more: an option, a day of a calendar."""
    target = getattr(action, "target", None)
    name = called(target) if isinstance(action, core.Click) and isinstance(target, Element) else ""
    if not name or not isinstance(target, Element) or "fill" in target.actions:
        return
    known = {(e.ref, e.role, e.name): e.value for e in before.elements}
    for field in after.elements:
        was = known.get((field.ref, field.role, field.name), field.value)
        if not field.name or "editable" not in field.states or "password" in field.states or field.value == was:
            continue
        if field.value and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", field.value):
            yield Expect("holds", field.role, params.slotted(field.name), params.slotted(field.value))


def dropped(target: Element | None, end: Target, before: Observation, params: Params) -> Iterator[Expect]:
    """That what was dragged stands beside what it was dropped on, or beside what that stood beside."""
    at = next((n for n, each in enumerate(before.elements) if each is end), -1)
    if target is None or not called(target) or at < 0:
        return
    beside = (called(before.elements[at]), *look_at(before).row(at))
    for text in islice((each for each in beside if each and each != called(target)), _FEW):
        yield Expect("shows", target.role, params.slotted(called(target)), row=(params.slotted(text),))


def completed(deeds: list[Deed]) -> list[Deed]:
    """With the whole of what was picked for the beginning of it that was typed: another time it is another whole."""
    return [_whole(deed, after) for deed, after in zip_longest(deeds, deeds[1:])]


def _whole(deed: Deed, after: Deed | None) -> Deed:
    field, action = deed.target, deed.action
    chosen = after.target if after is not None and isinstance(after.action, core.Click) else None
    if field is None or chosen is None or not isinstance(action, core.Fill) or core.SEAL in action.text:
        return deed
    begun, name = action.text, called(chosen)
    asked = field.role in _ASKED and "multiline" not in field.states and chosen.role in _OFFERED
    there = {(each.role, called(each)) for each in deed.before.elements} if chosen.role != "option" else set()
    came = (chosen.role, name) not in there
    more = name.casefold().startswith(begun.casefold()) and len(name) > len(begun) > 0
    if not (asked and came and more and _MORE.fullmatch(name[len(begun) :])):
        return deed
    return replace(deed, action=replace(action, text=name))
