"""What a recorded step changed in the row that it acted in, and by which of the row's texts that row is known again.

It compares two looks. Which of the changes may be relied on another time is not for it to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from cua import core
from cua.core import Element, Observation
from cua.memory.workflows import Expect, Mark, filled
from cua.policies.expected import filled_expect
from cua.policies.figures import FIGURE
from cua.policies.finding import look_at
from cua.policies.surroundings import Look, plain
from cua.policies.vanished import same_page
from cua.policies.within import Make, Row, make_of, rows, shows_in
from cua.record.params import Params
from cua.screen import called

_MOST, _SHORT = 3, 3  # texts by which a row is known; words of a state
_DIALOGS = frozenset({"dialog", "alertdialog"})
_HOLDERS = frozenset({"row", "rowgroup", "table", "grid", "list", "group", "form", "article"})


@dataclass(frozen=True, slots=True)
class Acted:
    """The row that was acted in: its texts with slots, what was acted on, and the look that it was on. `asked` says
    that the step itself only answers what was asked about it.
    """

    texts: tuple[str, ...]
    target: Element
    look: Observation
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """One thing in the row that is called otherwise: all that it says, or with `part` what is new in it."""

    element: Element
    says: str
    part: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """The row after the step: the texts that name it, with slots; what came up in it, what went, and what besides the
    target is ticked otherwise.
    """

    texts: tuple[str, ...]
    came: tuple[Turned, ...]
    went: tuple[Turned, ...]
    ticked: tuple[Element, ...] = ()


def acted_in(target: core.Target | None, mark: Mark | None, look: Observation, last: Acted | None) -> Acted | None:
    """The row that a step acts in: its target's, or where that stands in a dialog, that of the step before it."""
    if not isinstance(target, Element) or mark is None:
        return None
    if mark.row:
        return Acted(mark.row, target, look)
    asks = any(above.role in _DIALOGS for above in look.ancestors(target))
    return replace(last, asked=True) if last is not None and asks else None


def kept_row(acted: Acted, after: Observation, params: Params) -> Kept | None:
    """The row before the step and after it, by those of its texts that name it on both; None where none do, and where
    it is another page.
    """
    before, texts = acted.look, acted.texts
    if not same_page(before, after):
        return None
    look, at = look_at(before), look_at(before).place(acted.target)
    make = None if acted.asked else make_of(look, at)
    if make is None and not acted.asked:
        return None
    looks, target = (before, after), acted.target
    named = _named(target, looks, [text for text in texts if FIGURE not in text], params, make)
    if named is None:
        return None
    then, now, known = named
    was, here = _said(look_at(before), then), _said(look_at(after), now)
    old, new = {plain(text) for _, text in was}, {plain(text) for _, text in here}
    came = _innermost([each for each in here if plain(each[1]) not in old], after)
    went = [each for each in was if plain(each[1]) not in new]
    gone = tuple(Turned(element, text) for element, text in went)
    return Kept(known, tuple(_turned(came, went)), gone, tuple(_ticked(was, here, acted.target)))


def standing_in(expect: Expect, after: Observation, acted: Acted, params: Params) -> tuple[str, ...]:
    """Those texts of a row acted in before that each name the one row in which this shows now; with slots, as it is."""
    look, found = look_at(after), list[str]()
    given = filled_expect(expect, params.defaults())
    for text in acted.texts:
        there = rows(look, [filled(text, params.defaults())], None) if FIGURE not in text else []
        if text != expect.name and len(there) == 1 and shows_in(given, look, there[0]):
            found.append(text)
    return tuple(found[:_MOST])


def is_state(turned: Turned, went: Sequence[Turned], past: Sequence[Observation]) -> bool:
    """Whether a short text that is no name took the place of what several records said: then it is a state, whichever
    record was chosen.
    """
    role, words = turned.element.role, turned.says.split()
    if len(words) > _SHORT or any(word != word.lower() for word in words[1:]):
        return False
    old = {each.says for each in went if each.element.role == role and not each.part}
    counts = (Counter(called(e) for e in look.elements if e.role == role) for look in past)
    return bool(old) and any(count[text] > 1 for count in counts for text in old)


def _named(
    target: Element, looks: tuple[Observation, Observation], texts: Sequence[str], params: Params, make: Make | None
) -> tuple[Row, Row, tuple[str, ...]] | None:
    """The one row on both looks, and the texts that name it; those first that do so alone. Where none does, all of
    them together must: in a table of figures much stands elsewhere by chance.
    """
    given = {text: filled(text, params.defaults()) for text in texts}

    def found(of: Sequence[str]) -> list[list[Row]]:
        return [rows(look_at(look), [given[text] for text in of], make) for look in looks]

    alone = [text for text in texts if [len(each) for each in found([text])] == [1, 1]]
    known = tuple(dict.fromkeys([*alone, *(text for text in texts if all(found([text])))]))[:_MOST]
    if not known:
        return None
    then, now = found(known)
    at = look_at(looks[0]).place(target)
    if not alone and len(now) == 1 and not all(_holds(look_at(looks[1]), now[0], given[text]) for text in known):
        return None
    return (then[0], now[0], known) if len(then) == len(now) == 1 and at in then[0] else None


def _holds(look: Look, row: Row, text: str) -> bool:
    return any(look.plains[at] == plain(text) for at in row)


def _said(look: Look, row: Row) -> list[tuple[Element, str]]:
    """What shows in a row and is called something, with that; what only holds others is left out."""
    return [
        (look.elements[at], look.names[at])
        for at in row
        if look.names[at] and look.elements[at].role not in _HOLDERS and "showing" in look.elements[at].states
    ]


def _ticked(
    was: Sequence[tuple[Element, str]], here: Sequence[tuple[Element, str]], target: Element
) -> Iterator[Element]:
    before = [(e.role, text, "checked" in e.states) for e, text in was if "checkable" in e.states]
    for element, text in here:
        same = [checked for role, name, checked in before if (role, name) == (element.role, text)]
        if len(same) == 1 and same[0] != ("checked" in element.states) and element.ref != target.ref:
            yield element


def _innermost(said: Sequence[tuple[Element, str]], look: Observation) -> list[tuple[Element, str]]:
    """Without what is only called by what stands in it."""
    inside = [(text, {above.ref for above in look.ancestors(element)}) for element, text in said]
    return [
        (element, text)
        for element, text in said
        if not any(element.ref in above and other in text for other, above in inside)
    ]


def _turned(came: Sequence[tuple[Element, str]], went: Sequence[tuple[Element, str]]) -> Iterator[Turned]:
    for element, text in came:
        others = [old for other, old in went if other.role == element.role]
        fresh = next((part for old in others if (part := _new_words(old, text))), "")
        yield Turned(element, fresh or text, part=bool(fresh))


def _new_words(old: str, new: str) -> str:
    """The one run of words that is new in a text that otherwise says what another did; "" where it is another text."""
    was, now = (re.findall(r"\S+", text) for text in (old, new))
    pieces = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    fresh = [now[start:end] for kind, _, _, start, end in pieces if kind in ("insert", "replace")]
    kept = any(kind == "equal" for kind, *_ in pieces)
    return " ".join(fresh[0]) if kept and len(fresh) == 1 else ""
