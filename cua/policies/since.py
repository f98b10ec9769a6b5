"""What followed a step of a replay: whether each of its expectations holds, why not, and whether it must stay so.

Pure over the looks before the act and those after it; it waits for nothing. What a page shows at once and takes back a
moment later was never so, and a message of an earlier act says nothing of this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cua.core import Click, Element, Observation, Step
from cua.memory.workflows import ANY_RECORD, Act, Expect, Mark, Workflow, filled
from cua.policies.acts import Rows, fillable
from cua.policies.complaints import complaints, newly
from cua.policies.expected import (
    PASSING,
    RECORDS,
    bearers,
    checked,
    filled_expect,
    in_its_row,
    in_sight,
    is_own,
    met,
    page,
    recorded_before,
    shown_before,
    spread,
    value_holds,
)
from cua.policies.finding import Found, filled_mark, find, look_at, mark_of
from cua.policies.records import lacking, records
from cua.policies.vanished import of_record, row_stands, still_here
from cua.policies.within import Make, Row, bearing, make_of, rows
from cua.screen import label

_SOON = 0.3  # seconds that a page is given to check a field
_MESSAGES = frozenset({"alert", "status", "log"})


@dataclass(frozen=True, slots=True)
class Since:
    """A step that was done: its target's filled mark, the element found for it, the looks before the act with that of
    the act as the last, and those of its expectations that a record is gone; `coming` are the marks of later targets
    that it expects to show; `make` is how the row is made that the element stood in, `whole` are the texts of rows that
    were all that something said, `forms` whether it may have sent a form and nothing is expected of it, `later` what is
    filled in by later steps; `tried` are the expectations of an act that may be taken back by the page itself, `final`
    whether that cannot be undone, `alive` whether another page that it led to may do so; `acted` are the elements that
    were clicked before, each with the look that it was on.
    """

    mark: Mark | None = None
    element: Element | None = None
    past: tuple[Observation, ...] = ()
    records: frozenset[Expect] = frozenset()
    coming: tuple[tuple[Expect, Mark], ...] = ()
    make: Make | None = None
    whole: frozenset[str] = frozenset()
    forms: bool = False
    later: frozenset[tuple[str, str]] = frozenset()
    tried: tuple[Expect, ...] = ()
    final: bool = False
    alive: bool = False
    acted: tuple[tuple[Observation, Element], ...] = ()

    @classmethod
    def of(
        cls,
        act: Act,
        element: Element | None,
        past: tuple[Observation, ...],
        workflow: Workflow,
        values: Mapping[str, str],
    ) -> Since:
        """This step of the workflow, done with these values on this element."""
        marks = [each.target for each in workflow.acts() if each.target is not None]
        gone = frozenset(filled_expect(each, values) for each in act.expect if of_record(each, marks))
        own = filled_mark(act.target, values) if act.target is not None and element is not None else None
        since = cls(own, element, past, gone, _coming(act, workflow, values))
        rowed = [filled(each.row[0], values) for each in act.expect if each.row and each.kind != "record"]
        if rowed and past:
            look = look_at(past[-1])
            seen = element is not None and workflow.source != "import"  # of which make the row is, no file says
            make = make_of(look, look.place(element)) if element is not None and seen else None
            since = replace(since, make=make, whole=frozenset(text for text in rowed if bearing(look, text)))
        if act.do in ("click", "press") and not act.expect:
            since = replace(since, forms=True, later=frozenset(_later(act, workflow, values)))
        if act.do in ("click", "press", "drag") and act.risk != "read":
            tried = tuple(filled_expect(each, values) for each in act.expect)
            since = replace(since, tried=tried, final=act.risk == "irreversible")
        return since

    def holds(self, expect: Expect, now: Observation) -> bool:
        """Whether it holds on this screen, which came after the act."""
        if expect in self.records:
            return not self._remains(expect, now)
        if expect.kind == "record":
            return met(expect, now)
        if expect.row:
            return in_its_row(self._called(expect), now, self._row(expect, now))
        if not is_own(expect, self.mark) or self.element is None:
            marks = [mark for each, mark in self.coming if each == expect]
            return met(expect, now) or any(isinstance(find(mark, now), Found) for mark in marks)
        there = self._again(now)
        if there is None:
            return False
        return value_holds(expect, there, now) if expect.kind == "holds" else expect.value == checked(there)

    def why(self, expect: Expect, now: Observation) -> str:
        """What is known of why it does not hold, in brackets, and what the page says of it; "" if nothing is."""
        if expect.kind == "record":
            reason = lacking(now, expect.row)
        elif expect.row:
            found = self._row(expect, now)
            reason = "" if len(found) == 1 else f"{len(found) or 'no'} rows say {expect.row[0]!r}"
        else:
            reason = self._remains(expect, now) if expect in self.records else ""
        said = complaints(now, self.past[-1] if self.past else None)
        return f"{f' ({reason})' if reason else ''}{said}"

    def _remains(self, expect: Expect, now: Observation) -> str:
        """Why a record did not go away; that a namesake did is no proof."""
        own = ((self.past[-1], self.element),) if self.element is not None and self.past else ()
        return still_here(expect, self.past, now) or row_stands(expect, (*self.acted, *own), now)

    def refused(self, now: Observation) -> tuple[Expect, ...]:
        """The fields that are not accepted since the act, where nothing else says what came of it and no later step
        fills them in: that they are valid is what it lacks.
        """
        if not self.forms or not self.past or page(now) != page(self.past[-1]):
            return ()
        fields = (e for e in now.elements if "invalid" in e.states and newly(e, self.past[-1]))
        left = (e for e in fields if (e.role, label(e.name)) not in self.later)
        return tuple(Expect("checked", e.role, e.name, "valid", seconds=_SOON) for e in left)

    def never_shown(self, expect: Expect) -> bool:
        """Whether what is gone was on no look before the act, or what came up in a row was in it before, so that this
        says nothing of it.
        """
        if expect.row and self.past and expect.kind != "record":
            return in_its_row(self._called(expect), self.past[-1], self._row(expect, self.past[-1]))
        proven = expect in self.records and expect.role != ANY_RECORD
        passing = expect.kind != "gone" or expect.role in PASSING or proven
        return not passing and not any(in_sight(e, look) for look in self.past for e in bearers(expect, look))

    def misplaced(self, expects: Iterable[Expect]) -> str:
        """Why what was acted on is not where it was: not in the row out of which the act has to take it."""
        mark = self.mark
        for each in expects:
            own = mark is not None and each.role == mark.role and label(each.name) == label(mark.name)
            if own and each.kind == "gone" and each.row and self.never_shown(each):
                return f"it was in the row of {each.row[0]!r} when this was recorded, and is not there now"
        return ""

    def lasting(self, now: Observation, *, last: bool) -> tuple[Expect, ...]:
        """Those that must stay so: a page may show at once what it takes back when it is told that it could not be. Of
        an act that can be undone only where it is the `last`; what passes by is none, nor what another page shows that
        has not asked for anything since it came.
        """
        here = bool(self.past) and (self.alive or page(now) == page(self.past[-1]))
        records = [each for each in self.records if here or not self._is_edited(each)]
        tried = filter(self._stands, self.tried) if here and (self.final or last) else ()
        return tuple(dict.fromkeys((*records, *tried)))

    def fallen(self, lasting: Iterable[Expect], seen: Observation, now: Observation) -> tuple[Expect, ...]:
        """Those that had to stay as they were `seen` and did not. What went away with its row or its page was not taken
        back.
        """
        here = not now.partial and page(now) == page(seen)
        missing = [expect for expect in lasting if not self.holds(expect, now)]
        return tuple(each for each in missing if each in self.records or (here and self._is_told(each, now)))

    def _is_edited(self, expect: Expect) -> bool:
        """Whether the record that must not show as it was shows with what was given."""
        return any(each.kind == "record" and each.row[:1] == (expect.name,) for each in self.tried)

    def _stands(self, expect: Expect) -> bool:
        """Whether it is about a record, a row or the step's own target; all else may well pass by."""
        own = is_own(expect, self.mark) and self.element is not None
        return bool(expect.row) or own or (expect.kind == "shows" and expect.role in RECORDS)

    def _is_told(self, expect: Expect, now: Observation) -> bool:
        """Whether what it is about is still there, or never was before: a record that came and went was taken back."""
        if expect.kind == "record":
            return not records(self.past[-1], expect.row[:1]) or bool(records(now, expect.row[:1]))
        if expect.row:
            return len(self._row(expect, now)) == 1
        return not is_own(expect, self.mark) or self.element is None or self._again(now) is not None

    def _called(self, expect: Expect) -> Expect:
        """That the target itself is gone from its row, by what it is called here."""
        own, mark = self.element, self.mark
        if own is None or mark is None or expect.kind != "gone" or expect.role != mark.role:
            return expect
        return replace(expect, role=own.role, name=own.name) if label(expect.name) == label(mark.name) else expect

    def _row(self, expect: Expect, now: Observation) -> list[Row]:
        """The rows that an expectation may be about: what named it as a whole before the act does so afterwards."""
        return rows(look_at(now), expect.row, self.make, whole=expect.row[0] in self.whole)

    def _again(self, now: Observation) -> Element | None:
        """The element that was acted on, on another look: the same handle and name, else what its evidence means."""
        own = self.element
        assert own is not None
        same = (own.ref, own.role, own.name)
        there = next((e for e in now.elements if (e.ref, e.role, e.name) == same), None)
        if there is not None:
            return there
        found = find(mark_of(own, self.past[-1]), now)
        return found.element if isinstance(found, Found) else None


def acted_on(steps: Sequence[Step]) -> tuple[tuple[Observation, Element], ...]:
    """What was clicked in these steps, each with the look that it was on."""
    clicks = ((step.seen, step.action.target) for step in steps if isinstance(step.action, Click))
    return tuple((seen, target) for seen, target in clicks if isinstance(target, Element))


def unmet(expects: Iterable[Expect], now: Observation, since: Since | None = None) -> tuple[Expect, ...]:
    """Those that do not hold on this screen; with `since`, as what followed that step."""
    step = since or Since()
    return tuple(expect for expect in expects if not step.holds(expect, now)) or step.refused(now)


def stale(expects: Iterable[Expect], now: Observation) -> tuple[Expect, ...]:
    """The messages that an act must bring and that show already before it, from an earlier one, if nothing else would
    say what came of it.
    """
    said = tuple(e for e in expects if e.kind == "shows" and e.role in _MESSAGES and e.name)
    return said if said and all(met(each, now) for each in expects) else ()


def is_last(act: Act, row: int, workflow: Workflow, given: Mapping[str, Rows]) -> bool:
    """Whether no step comes after this one, in this row of those that are to be done."""
    *_, final = workflow.acts()
    return act is final and (not row or any(row in each.numbers[-1:] for each in given.values()))


def proves_nothing(
    act: Act, expects: Sequence[Expect], since: Since, past: Mapping[str, Observation], now: Observation
) -> bool:
    """Whether what the act had to bring, all of it or a value given, was there before: on the look before it, or on the
    last one of this page in the `past`.
    """
    idle = bool(expects) and all(map(since.never_shown, expects))
    edited = {each.name for each in expects if each.role == ANY_RECORD}
    for record in (each for each in expects if each.kind == "record"):
        stray = record.row[0] in edited and spread(record, since.past, now)
        if stray or recorded_before(record, since.past, now):
            return True
    return idle or any(shown_before(*pair, past, now) for pair in zip(act.expect, expects, strict=True))


def _coming(act: Act, workflow: Workflow, values: Mapping[str, str]) -> tuple[tuple[Expect, Mark], ...]:
    """What a step that can be taken back expects to show, and a later one acts on: known by more than its name."""
    if act.risk == "irreversible" or not any(each.kind == "shows" and each.name for each in act.expect):
        return ()
    acts = list(workflow.acts())
    if act not in acts:
        return ()
    later = [each.target for each in acts[acts.index(act) + 1 :] if each.target is not None]
    return tuple(
        (filled_expect(expect, values), filled_mark(mark, values))
        for expect in act.expect
        for mark in later
        if expect.kind == "shows" and expect.role == mark.role and expect.name and fillable(mark, values)
        if label(expect.name) == label(mark.name)
    )


def _later(act: Act, workflow: Workflow, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The role and label of what later steps fill in, or tick."""
    acts = list(workflow.acts())
    for each in acts[acts.index(act) + 1 :] if act in acts else acts:
        if each.target is not None and each.do in ("fill", "type", "click") and fillable(each.target, values):
            yield each.target.role, label(filled(each.target.name, values))
