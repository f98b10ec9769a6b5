"""Which records a step of a recording made go away, as expectations: the row deleted, the item closed, the tag removed.

The record is the one that this step or an earlier one was aimed at; the step itself may only have answered a question.
It is gone as a whole: a record of which one text changed is still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cua import core
from cua.core import Action, Element, Observation
from cua.memory.workflows import Expect, Mark, filled, slots
from cua.policies.expected import filled_expect
from cua.policies.vanished import naming, still_here, times
from cua.record.params import Params
from cua.screen import called

_MOST, _REACH = 4, 16
_FILTERS = frozenset({"tab", "checkbox", "radio", "switch", "combobox", "textbox", "searchbox", "spinbutton", "slider"})


@dataclass(frozen=True, slots=True)
class Aim:
    """A record that a step was aimed at: its texts with slots, the best first, and the look that it was on."""

    texts: tuple[str, ...]
    look: Observation


def aim_of(mark: Mark, follows: Sequence[str], look: Observation, params: Params) -> Aim | None:
    """The record of a target; None where nothing names it. One that follows values is named by them only."""
    texts = [text for text in naming(mark) if slots(text) or not follows]
    texts = [text for text in texts if slots(text) or not params.bent(text)]
    return Aim(tuple(dict.fromkeys(texts)), look) if texts else None


def removed(
    aims: Sequence[Aim | None],
    action: Action,
    past: Sequence[Observation],
    after: Observation,
    params: Params,
) -> tuple[Expect, ...]:
    """The records that are gone after an act, the one aimed at last first. `aims` are those of the steps so far, the
    last one this step's own; `past` the looks before the act.
    """
    if isinstance(action, core.Fill | core.Scroll | core.Open):
        return ()
    target = getattr(action, "target", None)
    if isinstance(target, Element) and target.role == "option":
        return ()  # it was picked from a list, which may close then
    aside = isinstance(target, Element) and target.role in _FILTERS
    reached = aims[-1:] if aside else aims[-_REACH:]
    found = dict.fromkeys(each for aim in reversed(reached) if aim for each in _gone(aim, past, after, params))
    return tuple(found)[:_MOST]


def _gone(aim: Aim, past: Sequence[Observation], after: Observation, params: Params) -> Iterator[Expect]:
    """That the record is gone, by the text that tells it best, if all that named it alone is."""
    told: list[tuple[int, Expect]] = []
    for text in aim.texts:
        forms = [Expect("gone", role, text) for role in _roles(text, aim, params)]
        given = [filled_expect(form, params.defaults()) for form in forms]
        counts = [times(each, aim.look) for each in given]
        left = [n for n, each in enumerate(given) if not still_here(each, past, after)]
        if not left and 1 in counts and any(letter.isalpha() for letter in given[0].name):
            return
        told += [(counts[n], forms[n]) for n in left[:1]]
    yield from (form for _, form in sorted(told, key=lambda each: (not slots(each[1].name), each[0]))[:1])


def _roles(text: str, aim: Aim, params: Params) -> tuple[str, ...]:
    """The roles of what says a text, those first that say nothing else."""
    said = filled(text, params.defaults()).casefold()
    found = [e for e in aim.look.elements if said in called(e).casefold()]
    found.sort(key=lambda e: called(e).casefold() != said)
    return tuple(dict.fromkeys(e.role for e in found))
