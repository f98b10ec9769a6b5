"""What must show after a step, told from the screens before and after it when it was shown.

Few expectations and stable ones: what a program says of itself, never a clock, a counter or what somebody's data
happened to be. Each held after the step and not before it, or is a state that the step sets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal
from urllib.parse import unquote, urlsplit

from cua import core
from cua.core import Action, Element, Observation
from cua.memory.workflows import Expect, slots
from cua.policies.expected import filled_expect, met, page, shown_before
from cua.policies.lexicon import known_words
from cua.record.addresses import address
from cua.record.cells import ADDRESS, CELLS, in_sheet
from cua.record.deeds import again
from cua.record.in_row import Acted, Turned, is_state, kept_row, standing_in
from cua.record.params import Params
from cua.record.picked import dropped, picked
from cua.record.told_together import Given, told_together
from cua.screen import called, top_windows

PATIENCE, LONGEST_WAIT = 5.0, 60.0
_MOST_SHOWN = 2
_DIALOGS = ("dialog", "alertdialog")
_TELLING = (*_DIALOGS, "alert", "heading", "status")
_PLAIN = ("textbox", "searchbox", "combobox", "spinbutton", "checkbox", "switch", "button", "tab", "menuitem", "link")
_PASSING = frozenset({"status", "alert", "timer", "log", "marquee", "text", "paragraph"})
_RECORDS = ("cell", "gridcell", "rowheader", "row", "listitem", "link", "option", "treeitem", "text", "paragraph")
_MESSAGES = ("alert", "alertdialog", "status")  # that there is one says nothing: it may tell of a failure
_OWN = frozenset({*_TELLING, *_PLAIN, "window", "columnheader", "menu", "menuitemcheckbox", "radio"}) - {*_MESSAGES}
_LONGEST, _LONGEST_PLAIN, _STEM = 80, 30, 4
_ENTERS = re.compile(r"(?i)(shift\+)?(return|enter|kp_enter|tab|up|down|left|right)")
_SLOT = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A step of a recording: what it acts on (None for keys), the screens before and after it, the parameters that say
    what it acts on, the row that it acts in, the row that a step acted in last, the looks before the step, and what
    besides the parameters was given, and what the step just before typed, as it is and with slots.
    """

    action: Action
    target: Element | None
    before: Observation
    after: Observation | None
    follows: tuple[str, ...] = ()
    row: Acted | None = None
    record: Acted | None = None
    past: tuple[Observation, ...] = ()
    given: Given = field(default_factory=Given)
    wrote: tuple[str, str] = ("", "")

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that the program used for its own controls and headings before the step."""
        said = (called(e) for e in self.before.elements if e.role in _OWN and not _in_record(e, self.before))
        return frozenset(word for text in said for word in _words(text))

    def unsaid(self, text: str) -> bool:
        """Whether a text has words, slots aside, that the program had not used: then it may be data of the record that
        the parameters chose.
        """
        return bool(self.follows) and not set(_words(_SLOT.sub(" ", text))) <= self.vocabulary

    def data(self, params: Params) -> frozenset[str]:
        """The new texts that tell what the screen is about, where they may be data of the record that was chosen."""
        if not self.follows or self.after is None:
            return frozenset()
        known = {called(e) for e in self.before.elements}
        found = {called(e) for e in self.after.elements if e.role in (*_TELLING, "window")} - known
        return frozenset(text for text in found if len(text) > 2 and self.unsaid(params.slotted(text)))


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is not to be relied on: elements that change by themselves (see `restless`), texts of the record at hand."""

    restless: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def about(self, text: str) -> bool:
        """Whether it speaks of the record that was at hand when this was shown."""
        return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text) for each in self.texts)


def expectations(shown: Shown, params: Params, doubts: Doubts, *, text: str = "") -> tuple[Expect, ...]:
    """What must show after the step. `text` is the step's own, with slots."""
    after = shown.after
    if after is None or isinstance(shown.action, core.Scroll):
        return ()
    if isinstance(shown.action, core.Type) and "\n" not in shown.action.text:
        return ()
    change = _Change(shown, after, params, doubts)
    if isinstance(shown.action, core.Drag):
        beside = dropped(shown.target, shown.action.end, shown.before, params)
        found: Iterable[Expect] = islice((one for each in beside for one in change.fresh(each)), 1)
    else:
        found = change.held(text) if isinstance(shown.action, core.Fill) else (*change.entered(text), *change.all())
    passed = after.time - shown.before.time
    seconds = PATIENCE if passed < PATIENCE else min(LONGEST_WAIT, math.ceil(2 * passed / 10) * 10.0)
    return tuple(replace(each, seconds=seconds) for each in dict.fromkeys(found))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _kin(word: str, words: Collection[str]) -> bool:
    """Whether it is a usual word on screens, one of these, or one made like it: "approve" and "approved"."""
    stem = word[: max(_STEM, len(word) // 2 + 1)]
    return word in known_words() or word in words or any(other.startswith(stem) for other in words)


def _in_record(element: Element, look: Observation) -> bool:
    above = {e.role for e in look.ancestors(element)}
    return not above.isdisjoint(_RECORDS) and "navigation" not in above


def restless(looks: tuple[Observation, ...]) -> frozenset[str]:
    """The elements that were called otherwise on three looks or more at one place, and messages of which one goes on
    where another ends: clocks, counters, adverts.
    """
    names: dict[str, set[str]] = {}
    passing: set[str] = set()
    for look in looks:
        for element in look.elements:
            identities = _identities(element, look)
            passing.update(identities if element.role in _PASSING else ())
            for identity in identities:
                names.setdefault(identity, set()).add(element.name)
    return frozenset(at for at, known in names.items() if len(known) > 2 or (at in passing and _grows(known)))


def _grows(names: set[str]) -> bool:
    """Whether one of the texts begins with the whole of another, as those of a clock or a counter do."""
    return any(one and other != one and other.startswith(f"{one} ") for one in names for other in names)


def _identities(element: Element, look: Observation) -> tuple[str, ...]:
    """A ref means one thing only as long as the page stays; what passes messages stands alike on every page."""
    place = f"{look.place.url.partition('?')[0]} {element.ref} {element.role}"
    if element.role not in _PASSING:
        return (place,)
    return place, *(
        f"{element.role} {at.kind}={at.value}" for at in element.locators if at.kind in ("testid", "id", "css")
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """What one step changed on the screen."""

    shown: Shown
    after: Observation
    params: Params
    doubts: Doubts

    def all(self) -> Iterator[Expect]:
        """What tells most first, and of each sort not many."""
        places = list(self.places())
        telling = list(islice(self.differing("shows", _TELLING), _MOST_SHOWN))
        closed = list(islice(self.differing("gone", _DIALOGS), 1))
        rowed = list(islice(self.in_its_row(), _MOST_SHOWN))
        record = self.of_one_record()
        said = {(each.role, each.name) for each in rowed}
        telling = [each for each in telling if (each.role, each.name) not in said]
        yield from (
            *self.ticked(),
            *picked(self.shown.action, self.shown.before, self.after, self.params),
            *places,
            *rowed,
            *record,
            *telling,
            *closed,
        )
        if not record and not any(slots(each.name) for each in telling):
            yield from islice(self.values(), 1)
        acted = self.shown.action, self.shown.target, self.shown.before
        sheet = in_sheet(*acted, (*self.shown.past, self.after))
        if not (places or telling or closed or rowed or record or sheet):
            yield from islice(self.differing("shows", _PLAIN), 1)

    def in_its_row(self) -> Iterator[Expect]:
        """What is ticked otherwise in the row that was acted in, and what came up in it; where that may be data, that
        what was clicked is gone from it.
        """
        row = self.shown.row
        kept = kept_row(row, self.after, self.params) if row is not None else None
        if row is None or kept is None:
            return
        for element in kept.ticked:
            state = "on" if "checked" in element.states else "off"
            name = self.params.slotted(called(element))
            yield from self.fresh(Expect("checked", element.role, name, state, row=kept.texts))
        came = [each for each in kept.came if self.program_says(each, row.target, kept.went)]
        for each in came:
            says = self.params.slotted(each.says)
            yield from self.fresh(Expect("shows", each.element.role, says, part=each.part, row=kept.texts))
        own = (row.target.role, called(row.target))
        if not came and any((each.element.role, each.says) == own for each in kept.went):
            yield from self.fresh(Expect("gone", own[0], self.params.slotted(own[1]), row=kept.texts))

    def program_says(self, turned: Turned, target: Element, went: Sequence[Turned]) -> bool:
        """Whether it is short, will be said the next time too, and is no data of the record that was chosen."""
        element, text = turned.element, turned.says
        if len(text) > _LONGEST_PLAIN or text.endswith(("...", "\u2026")) or not any(map(str.isalpha, text)):
            return False
        if self.doubtful(replace(element, name=text), self.after):
            return False
        own = (*_words(called(target)), *self.shown.vocabulary)
        strange = [word for word in _words(_SLOT.sub(" ", self.params.slotted(text))) if not _kin(word, own)]
        return not self.shown.follows or not strange or is_state(turned, went, self.shown.past)

    def values(self) -> Iterator[Expect]:
        """A record that shows a given value, alone."""
        names = [called(e) for e in self.after.elements if e.role in _RECORDS]
        past = {page(look): look for look in self.shown.past}
        for each in self.differing("shows", _RECORDS):
            given = filled_expect(each, self.params.defaults())
            known = shown_before(each, given, past, self.after)
            if slots(each.name) and len(given.name) > 3 and names.count(given.name) == 1 and not known:
                yield self.of_its_record(each)

    def of_one_record(self) -> list[Expect]:
        """The record that says together what was given, where none did before."""
        acted = self.shown.record
        keys = acted.texts if acted is not None else ()
        found = told_together(self.after, self.shown.past, keys, self.params, self.shown.given)
        return list(found) if any(each for record in found[:1] for each in self.fresh(record)) else []

    def of_its_record(self, expect: Expect) -> Expect:
        """With the row that was acted in before, if it shows in that: what was edited is there, and not in another."""
        acted, here = self.shown.record, self.shown.row
        if acted is None or (here is not None and not here.asked):
            return expect
        return replace(expect, row=standing_in(expect, self.after, acted, self.params))

    def held(self, text: str) -> Iterator[Expect]:
        """The field holds what was filled in; never a secret."""
        action, field = self.shown.action, again(self.shown.target, self.after)
        assert isinstance(action, core.Fill)
        if field is None or not field.name or core.SEAL in action.text or "password" in field.states:
            return
        if field.value and field.value == action.text:
            yield Expect("holds", field.role, self.params.slotted(field.name), text)

    def entered(self, text: str) -> Iterator[Expect]:
        """The cells of a sheet hold what was typed into them. They are known by their addresses."""
        match self.shown.action:
            case core.Type(text=raw):
                pass
            case core.Press(keys=keys) if _ENTERS.fullmatch(keys):
                raw, text = self.shown.wrote
            case _:
                return
        typed = zip(re.split(r"[\t\n]+", raw), re.split(r"[\t\n]+", text), strict=False)
        for given, slot in [each for each in typed if each[0] and core.SEAL not in each[0]]:
            holding = [
                e for e in self.after.elements if e.role in CELLS and e.value == given and ADDRESS.fullmatch(e.name)
            ]
            for each in holding:
                yield from self.fresh(Expect("holds", each.role, each.name, slot))

    def ticked(self) -> Iterator[Expect]:
        """What was ticked is, and what was unticked is not."""
        target, field = self.shown.target, again(self.shown.target, self.after)
        if target is None or field is None or not called(field) or "checkable" not in target.states & field.states:
            return
        if ("checked" in target.states) != ("checked" in field.states):
            state = "on" if "checked" in field.states else "off"
            yield Expect("checked", field.role, self.params.slotted(called(field)), state)

    def places(self) -> Iterator[Expect]:
        """Where it led: another address; on a desktop, a window that opened or closed."""
        before = self.shown.before
        if self.after.place.url:
            was, now = (urlsplit(look.place.url) for look in (before, self.after))
            if (was.path, was.query) != (now.path, now.query):
                known = {unquote(part) for part in was.path.split("/")}
                pattern = address(
                    self.after.place.url,
                    self.params,
                    doubted=lambda part: part not in known and self.shown.unsaid(self.params.slotted(part)),
                )
                yield from self.fresh(Expect("at", value=pattern))
            return
        opened, closed = self.windows()
        for title in opened:
            yield from self.fresh(Expect("window", name=title))
        for title in closed:
            yield from self.fresh(Expect("closed", name=title))

    def windows(self) -> tuple[list[str], list[str]]:
        """Titles of windows that opened and closed, with slots."""
        before, now = ({e.ref: e for e in top_windows(look)} for look in (self.shown.before, self.after))
        opened = [e for ref, e in now.items() if ref not in before]
        closed = [e for ref, e in before.items() if ref not in now]
        told = [
            [self.params.slotted(e.name) for e in each if e.name and not self.doubtful(e, look)]
            for each, look in ((opened, self.after), (closed, self.shown.before))
        ]
        return [title for title in told[0] if not self.shown.unsaid(title)], told[1]

    def differing(self, kind: Literal["shows", "gone"], roles: tuple[str, ...]) -> Iterator[Expect]:
        """Elements of these roles that are there only after (or only before) the step, in the order of the roles."""
        there = self.after if kind == "shows" else self.shown.before
        tops = {e.ref for e in top_windows(there)} if not there.place.url else set()
        for role in roles:
            for element in there.elements:
                name = called(element)
                unnamed = not name and role not in _DIALOGS  # that there is a dialog says enough
                if element.role != role or unnamed or "showing" not in element.states or element.ref in tops:
                    continue
                longest = _LONGEST_PLAIN if role in _PLAIN and role not in _RECORDS else _LONGEST
                if len(name) > longest or self.doubtful(element, there):
                    continue
                said = self.params.slotted(name)
                if kind == "shows" and role not in _MESSAGES and self.shown.unsaid(said):
                    said = ""  # only that there is one: what it says may have come with the record
                yield from self.fresh(Expect(kind, role, said))

    def doubtful(self, element: Element, look: Observation) -> bool:
        """Whether it may be called otherwise the next time. A number is stable only within a value given, and what says
        nothing else changes with that alone.
        """
        name = self.params.slotted(called(element))
        rest = _SLOT.sub(" ", name)
        if (
            re.search(r"\d", rest)
            or (rest.strip() and not self.doubts.restless.isdisjoint(_identities(element, look)))
            or self.doubts.about(rest)
        ):
            return True
        return bool(self.params.bent(called(element)))

    def fresh(self, expect: Expect) -> Iterator[Expect]:
        """The expectation, if it holds after the step and did not before."""
        given = filled_expect(expect, self.params.defaults())
        if met(given, self.after) and not met(given, self.shown.before):
            yield expect
