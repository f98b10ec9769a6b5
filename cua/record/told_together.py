"""Which record a step of a recording made or changed: the one that says together what was given.

It compares the look after the step with the last one of that page before it. A value that says little ("8") counts only
where the record did not say it before, or under a header that is called as its field; what merely was looked up counts
as none. Where several records say as much, it names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from cua.core import Element, Observation
from cua.memory.workflows import ANY_RECORD, Expect, filled, literal
from cua.policies.expected import spoken_of
from cua.policies.figures import FIGURE
from cua.policies.finding import look_at
from cua.policies.records import is_said, records, tells
from cua.policies.surroundings import ROWS, plain
from cua.policies.vanished import turned
from cua.policies.within import Row
from cua.record.cells import header_of
from cua.record.params import Params
from cua.screen import called

# how a column of ticks says them
_STATES = {"on": {"yes", "on", "true", "y", "✓", "✔", "☑"}, "off": {"no", "off", "false", "n", "✗", "✘", "☐", "-", "–"}}
_MOST = 6  # texts that one record is known by


@dataclass(frozen=True, slots=True)
class Given:
    """What besides the parameters was given: those of them that something was only looked up with, and the states, "on"
    or "off", of the boxes that were ticked, by label, and the parameters that the page's fields were filled
    with: `form`.
    """

    sought: frozenset[str] = frozenset()
    ticked: Mapping[str, str] = field(default_factory=dict)
    form: tuple[str, ...] = ()


def told_together(
    after: Observation, past: Sequence[Observation], keys: Sequence[str], params: Params, of: Given
) -> tuple[Expect, ...]:
    """The record that says most of the values at once, beside one of them that tells or one of the `keys` (texts with
    slots, of the record that was acted in); of one that was acted in, that it no longer shows as it was. None where the
    `past` showed it, or less than two of them stand together.
    """
    values = {each.name: each.default for each in params.params if each.default and each.name not in of.sought}
    screens = _Screens(after, past, values, of.ticked, params)
    own = [f"${{{name}}}" for name, value in values.items() if tells(value)]
    best: tuple[str, ...] = ()
    role = ""
    for key in chain((text for text in keys if FIGURE not in text), own):
        told = screens.told(key)
        most = max(map(len, told.values()), default=0)
        alone = [row for row, slots in told.items() if len(slots) == most]
        if most and len(alone) == 1 and most + 1 > len(best):
            best, role = (key, *told[alone[0]])[:_MOST], after.elements[alone[0][0]].role
    if not best or not screens.new(best) or not (best[0] in keys or screens.is_of(best, of.form)):
        return ()
    record, was = Expect("record", role if role in ROWS else "", row=best), Expect("gone", ANY_RECORD, best[0])
    edited = best[0] in keys and turned(replace(was, name=filled(best[0], params.defaults())), past, after)
    return (record, was) if edited else (record,)


def unchecked(expect: Sequence[Expect], form: Sequence[str], params: Params, what: str) -> Iterator[str]:
    """What a person is told of values that were given and that the record which came does not show."""
    plainly = {each.name for each in params.params if each.kind != "secret"}
    for record in (each for each in expect if each.kind == "record"):
        if left := dict.fromkeys(name for name in form if name in plainly and f"${{{name}}}" not in record.row):
            yield f"{what}: the record that came does not say {', '.join(left)} as it was given, so that is not checked"


@dataclass(frozen=True, slots=True)
class _Screens:
    """A page after a step, the looks before it, and the values given, by parameter."""

    after: Observation
    past: Sequence[Observation]
    values: Mapping[str, str]
    ticked: Mapping[str, str]
    params: Params

    def told(self, key: str) -> dict[Row, tuple[str, ...]]:
        """What each record with this text says of the values, as slots."""
        said = [filled(key, self.params.defaults())]
        then = spoken_of(said[0], self.past, self.after)
        before = records(then, said) if then is not None else []
        was = (then, before[0]) if then is not None and len(before) == 1 else None
        others = [name for name in self.values if f"${{{name}}}" != key]
        found = records(self.after, said)
        told = {row: [f"${{{name}}}" for name in others if self._says(row, name, was)] for row in found}
        return {row: (*slots, *self._ticks(row)) for row, slots in told.items()}

    def _ticks(self, row: Row) -> Iterator[str]:
        """What it says of the boxes that were ticked, and no more, under headers that are called as they are."""
        for label, state in self.ticked.items():
            cells = [self.after.elements[at] for at in row if plain(self.after.elements[at].name) in _STATES[state]]
            headed = [each for each in cells if _headed(self.after, each, label)]
            if len(headed) == 1:
                yield literal(called(headed[0]))

    def new(self, texts: Sequence[str]) -> bool:
        """Whether fewer records said all of these before."""
        said = [filled(text, self.params.defaults()) for text in texts]
        then = spoken_of(said[0], self.past, self.after)
        return then is None or len(records(then, said)) < len(records(self.after, said))

    def is_of(self, texts: Sequence[str], form: Sequence[str]) -> bool:
        """Whether it is the record of this form: it says what that says first, or its list was seen before."""
        if spoken_of(filled(texts[0], self.params.defaults()), self.past, self.after) is not None:
            return True
        first = next((f"${{{name}}}" for name in form if name in self.values and tells(self.values[name])), texts[0])
        return first in texts

    def _says(self, row: Row, name: str, was: tuple[Observation, Row] | None) -> bool:
        """Whether it says this value, and not by chance; `was` is what the record was before."""
        value = self.values[name]
        there = _there(self.after, row, value)
        if there and was is not None and not _there(*was, value):
            return True
        label = self.params.label_of(name)
        return bool(there) and (tells(value) or any(_headed(self.after, element, label) for element in there))


def _there(now: Observation, row: Row, value: str) -> list[Element]:
    look = look_at(now)
    return [now.elements[at] for at in row if is_said(look, at, value)]


def _headed(now: Observation, cell: Element, label: str) -> bool:
    """Whether a cell stands under a header that is called as a field, or short for it: "Qty" for "Quantity"."""
    head, field = (re.findall(r"[^\W\d_]+", text.casefold()) for text in (header_of(cell, now), label))
    return any(_short_for(*sorted((one, other), key=len)) for one in head for other in field)


def _short_for(short: str, word: str) -> bool:
    """Whether all letters of the one come in the other, in their order, from the first on."""
    letters = iter(word)
    return len(short) > 1 and short[0] == word[0] and all(letter in letters for letter in short)
