"""Which records a step of a recording made go away, as expectations: the row deleted, the item closed, the tag removed.

The record is the one that this step or an earlier one was aimed at; the step itself may only have answered a question.
It is gone as a whole: a record of which one text changed is still there.

Where another page of the list follows than the one it was looked up on, the recording does not prove that it is gone.
If what was clicked in its row says that it is removed, one must at least not see it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cua import core
from cua.core import Action, Element, Observation
from cua.memory.workflows import ANY_RECORD, Expect, Mark, filled, slots
from cua.policies import risk
from cua.policies.expected import filled_expect
from cua.policies.vanished import naming, same_page, stands_alike, still_here, times
from cua.record.params import Params
from cua.screen import called

_MOST, _REACH, _ANSWER = 4, 16, 2
_STEM = 4  # letters that two words share that are made alike: "user" and "users"
_GIVEN = re.compile(r"\$\{[^}]*\}(?:[^\w$]+\$\{[^}]*\})*")
_SIGNS = ("testid", "id", "action", "label", "icon")
_FILTERS = frozenset({"tab", "checkbox", "radio", "switch", "combobox", "textbox", "searchbox", "spinbutton", "slider"})


@dataclass(frozen=True, slots=True)
class Aim:
    """A record that a step was aimed at: its texts with slots, the best first, and the look that it was on. `removes`
    says that the command in its row takes it away.
    """

    texts: tuple[str, ...]
    look: Observation
    removes: bool = False


def aim_of(mark: Mark, follows: Sequence[str], look: Observation, params: Params) -> Aim | None:
    """The record of a target; None where nothing names it. One that follows values is named by them only."""
    texts = [text for text in naming(mark) if slots(text) or not follows]
    texts = [text for text in texts if slots(text) or not params.bent(text)]
    return Aim(tuple(dict.fromkeys(texts)), look, _removes(mark, look)) if texts else None


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
    return tuple(found)[:_MOST] or tuple(_unseen(aims, target, past, after, params))


def _unseen(
    aims: Sequence[Aim | None],
    target: object,
    past: Sequence[Observation],
    after: Observation,
    params: Params,
) -> Iterator[Expect]:
    """That a record that was looked up, and removed by a command in its row or by the answer to what that asked, does
    not show on the page of the list that follows.
    """
    aim = next((each for each in reversed(aims[-_ANSWER:]) if each), None)
    dropped = isinstance(target, Element) and aim is not aims[-1] and risk.says(called(target)) == "read"
    if aim is None or not aim.removes or dropped or not any(same_page(look, after) for look in past):
        return
    said = next((found[0] for text in aim.texts if (found := _GIVEN.search(text))), "")  # the rest may be its own
    if not said:
        return
    form = Expect("gone", ANY_RECORD, said)
    given = filled_expect(form, params.defaults())
    if not stands_alike(given, aim.look, after) and not still_here(given, past, after):
        yield form


def _removes(mark: Mark, look: Observation) -> bool:
    """Whether a command says that it takes away the record in whose row it stands: "Delete", or "Delete user" where
    the page is about users, and not "Remove photo".
    """
    signs = [*(at.value for at in mark.locators if at.kind in _SIGNS), mark.says.get("icon", "")]
    rest = risk.removal(mark.name or " ".join(signs))
    about = (e.name for e in look.elements if e.role in ("heading", "document", "window"))
    known = {word[:_STEM] for text in (*about, *mark.row, look.place.url) for word in _words(text)}
    return rest is not None and all(word[:_STEM] in known for word in _words(rest))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", risk.fold(text))


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
