"""A recording becomes a workflow: what is worth doing again, by marks that hold, with parameters and expectations.

A run of an agent and a recording of a person compile alike. A step whose target could not be found again is refused
now, in words; where a person did it, the recording is kept and the step is doubtful. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from cua import core
from cua.core import Changes, Element, Observation, Run
from cua.errors import UsageError
from cua.memory.workflows import ANY_RECORD, Act, Expect, Mark, Risk, Workflow, literal, slots
from cua.policies import risk
from cua.policies.acts import HELD
from cua.record import beginning, doubtful, groups, sound
from cua.record.cells import Cells
from cua.record.deeds import Deed, saying
from cua.record.effects import effects
from cua.record.ending import excused
from cua.record.expecting import PATIENCE, Doubts, Shown, expectations, restless
from cua.record.in_row import Acted, acted_in
from cua.record.keys import of_window, placed, strays, taker, window_mark
from cua.record.marking import marked
from cua.record.params import Params, slug
from cua.record.removing import Aim, aim_of, removed
from cua.record.steady import later_than
from cua.record.tidy import tidied
from cua.record.told_together import Given, unchecked

RECORDED = "record"  # the id of a task that a person showed


@dataclass(frozen=True, slots=True)
class Compiled:
    """The workflow, and what a person should know of how it came about."""

    workflow: Workflow
    notes: tuple[str, ...]


def compile(
    run: Run,
    name: str,
    *,
    on: str,
    before: Changes | None = None,
    after: Changes | None = None,
    texts: Mapping[str, str] | None = None,
) -> Compiled:
    """The workflow that a recording shows. `before` and `after` are what differed in its sandbox when it began and
    ended, `texts` what the files that it made hold.

    Raises UsageError where nothing was done, and for a step that could not be done again and is not doubtful; it names
    the step.
    """
    kept, notes = tidied(run)
    begins, kept = beginning.start(kept)
    looks = tuple(step.seen for step in run.steps)
    seen = (*looks, *([run.last] if run.last else []))
    person = run.task.id == RECORDED
    making = _Making(Params(run.task.params), Doubts(restless(looks)), notes, seen, tuple(kept), person)
    for deed in kept:
        making.add(deed)
    required, allowed = effects(before or Changes(), after, making.params, texts or {}) if after else ((), ())
    workflow = Workflow(
        name=name,
        on=on,
        steps=tuple(excused(making.acts, kept)),
        goal=making.params.slotted(run.task.goal),
        start=literal(begins),
        origins=beginning.origins(begins, kept),
        params=tuple(making.params.params),
        effects=required,
        allowed=allowed,
        screen=beginning.size(run),
        source="person" if person else "run",
    )
    if person:
        making.notes += (*_unsure(kept, making.acts), *strays(kept))
    workflow = _in_use(workflow, run.task.goal)
    sound.check(workflow)
    return Compiled(workflow, tuple(making.notes))


def _unsure(deeds: list[Deed], acts: list[Act]) -> Iterator[str]:
    """What a person is told once of steps that change something, of which the recorder saw nothing come."""
    unseen = [
        deed
        for deed, act in zip(deeds, acts, strict=True)
        if deed.effect.kind == "unverified" and act.risk != "read" and not act.expect and act.do not in ("fill", "type")
    ]
    if unseen:
        numbers, one = ", ".join(str(deed.number) for deed in unseen), len(unseen) == 1
        reasons = "; ".join(dict.fromkeys(deed.effect.reason for deed in unseen if deed.effect.reason))
        yield (
            f"what came of step{'' if one else 's'} {numbers} of the recording is not known"
            f"{f' ({reasons})' if reasons else ''}, and a replay does not check it: if something must show then, give "
            f"{'it' if one else 'each'} an `expect`"
        )


def _in_use(workflow: Workflow, goal: str) -> Workflow:
    """Without parameters that no step has a slot for: another value for them would change nothing."""
    said = repr((workflow.steps, workflow.effects, workflow.allowed))
    used = {param.name for param in workflow.params if f"${{{param.name}}}" in said}
    params = tuple(param for param in workflow.params if param.name in used)
    keeps = set(slots(workflow.goal)) <= used
    return replace(workflow, params=params, goal=workflow.goal if keeps else literal(goal))


@dataclass(frozen=True, slots=True)
class _Aimed:
    """What a step acts on and ends at, the parameters that it follows, and whether it is one of a group's choices."""

    mark: Mark | None
    follows: tuple[str, ...]
    to: Mark | None
    choice: bool


@dataclass(slots=True)
class _Making:
    """The workflow while it is made, deed by deed."""

    params: Params
    doubts: Doubts
    notes: list[str]
    looks: tuple[Observation, ...]
    deeds: tuple[Deed, ...]
    person: bool
    acts: list[Act] = field(default_factory=list)
    aims: list[Aim | None] = field(default_factory=list)
    filled: bool = False
    typed_in: Element | None = None
    sought: tuple[str, ...] = ()  # the parameters that were typed into a field to look something up, just before
    looked: set[str] = field(default_factory=set)  # all that were
    ticked: dict[str, str] = field(default_factory=dict)  # the boxes ticked on this page, by label
    form: list[str] = field(default_factory=list)  # the parameters that its fields were filled with
    cells: Cells = field(init=False)
    wrote: tuple[str, str] = ("", "")  # what was typed just before, as it is and with slots
    row: Acted | None = None  # that was acted in just now
    record: Acted | None = None  # that was acted in last

    def __post_init__(self) -> None:
        self.cells = Cells(self.looks, self.deeds)

    def add(self, deed: Deed) -> None:
        """One more step. What a person did, and nothing could do again, is doubtful."""
        if deed.doubt:
            self._add_doubtful(deed, "")
            return
        keyed = taker(deed, self.typed_in)
        target = deed.target or (None if of_window(keyed, deed.before) else keyed)
        what = f"step {deed.number} of the recording ({saying(deed.action, deed.target)})"
        try:
            aimed = self._aimed(deed, target, what)
        except UsageError as exc:
            if not self.person:
                raise
            doubt = f"it {str(exc).removeprefix(what).strip()}"
            self._add_doubtful(replace(deed, doubt=doubt), self._text(deed, target))
            return
        if aimed.mark is None and keyed is not None:
            aimed = replace(aimed, mark=window_mark(keyed, deed.before, self.params, what))
        self._add(deed, target, aimed, what)

    def _aimed(self, deed: Deed, target: Element | None, what: str) -> _Aimed:
        """What the step acts on. Raises UsageError for what could not be found again."""
        action = deed.action
        choice = groups.picked(action, target, deed.before, self.params)
        mark, follows = self._mark(target, deed, what) if choice is None else (choice, slots(choice.name))
        to = self._mark(action.end, deed, what)[0] if isinstance(action, core.Drag) else None
        if choice is not None:
            self.notes.append(f"{what}: another choice of {choice.path[0]!r} may be given as {follows[0]}")
        return _Aimed(mark, follows, to, choice is not None)

    def _add(self, deed: Deed, target: Element | None, aimed: _Aimed, what: str) -> None:
        action, mark, follows = deed.action, aimed.mark, aimed.follows
        known = len(self.params.params)
        text = self._text(deed, target)
        if core.SEAL in str(getattr(action, "text", "")) and len(self.params.params) == known:
            self.notes.append(f"{what} types the secret {', '.join(slots(text))} again, as it was shown")
        grave = risk.of(action, target, deed.before, filled=self.filled)
        if grave == "irreversible" and risk.only_asked(action, target, deed.before, deed.after):
            grave = "read"
        before = self.looks[deed.number - 2] if deed.number > 1 else deed.before
        if self.acts[-1:] and self.acts[-1].risk == "irreversible" and risk.answers(target, deed.before, before):
            grave = "irreversible"
        chosen = tuple(dict.fromkeys((*follows, *self.sought)))
        self.row = acted_in(target, mark, deed.before, self.row)
        self.record = self.row or self.record
        past = (*self.looks[: deed.number - 1], deed.before)
        given = Given(frozenset(self.looked), self.ticked, tuple(self.form))
        shown = Shown(action, target, deed.before, deed.after, chosen, self.row, self.record, past, given, self.wrote)
        tells = "irreversible" if aimed.choice else grave  # of a choice at least that the page tells it
        expect = self._expected(shown, tells, text)
        if mark is not None and isinstance(action, core.Fill) and target is not None and _blank_page(target):
            mark = replace(mark, says={**mark.says, HELD: "nothing"})
        self.aims.append(aim_of(mark, follows, deed.before, self.params) if mark is not None else None)
        expect += self._gone(deed, expect)
        self.doubts = replace(self.doubts, texts=self.doubts.texts | shown.data(self.params))
        say, do = _say(action, mark), _DO[type(action)]
        act = Act(self._id(do, mark, text), do, mark, aimed.to, text, risk=grave, expect=expect, say=say)
        self.acts.append(replace(act, **_how(action)))
        self.notes += unchecked(expect, self.form, self.params, what)
        self._go_on(deed, target, text)

    def _go_on(self, deed: Deed, target: Element | None, text: str) -> None:
        """What is remembered of a step for those after it."""
        action = deed.action
        self.ticked |= {each.name: each.value for each in self.acts[-1].expect if each.kind == "checked" and each.name}
        if isinstance(action, core.Fill | core.Type):
            asked = target is not None and risk.looks_up(target, deed.before)
            self.sought = slots(text) if asked else ()
            self.looked |= {*self.sought}
            self.form += [] if asked else slots(text)
        elif not isinstance(action, core.Scroll):
            self.sought = ()
        self.typed_in = target if isinstance(action, core.Type) else None
        self.wrote = (action.text, text) if isinstance(action, core.Type) else ("", "")
        self.cells.passed(deed)
        self._turn(deed)

    def _add_doubtful(self, deed: Deed, text: str) -> None:
        """A step that keeps the workflow from being replayed: what it acted on is not known."""
        do = _DO[type(deed.action)]
        act = doubtful.step(self._id(do, doubtful.NOT_KNOWN, text), do, deed, text)
        self.acts.append(replace(act, **_how(deed.action)))
        self.aims.append(None)
        self.row = self.typed_in = None
        self.cells.passed(deed)
        self._turn(deed)
        self.notes.append(doubtful.note(act, deed))

    def _expected(self, shown: Shown, grave: Risk, text: str) -> tuple[Expect, ...]:
        """What must follow. Where that is nothing, and it cannot be taken back: that it tells the values given."""
        found = expectations(shown, self.params, self.doubts, text=text)
        if found or grave != "irreversible":
            return found
        told = expectations(replace(shown, follows=()), self.params, self.doubts, text=text)
        return tuple(each for each in told if slots(each.name))

    def _gone(self, deed: Deed, expect: tuple[Expect, ...]) -> tuple[Expect, ...]:
        """The records that the step made go away, awaited as long as the rest."""
        if deed.after is None:
            return ()
        past = (*self.looks[: deed.number - 1], deed.before)
        seconds = max((each.seconds for each in expect), default=PATIENCE)
        found = removed(self.aims, deed.action, past, deed.after, self.params)
        found = tuple(each for each in found if expect or each.role != ANY_RECORD)  # by itself it proves nothing
        return tuple(replace(each, seconds=seconds) for each in found)

    def _turn(self, deed: Deed) -> None:
        """Whether a form has been filled in on this page since it came."""
        if isinstance(deed.action, core.Fill | core.Type):
            self.filled = True
        pages = [urlsplit(look.place.url).path if look else "" for look in (deed.before, deed.after)]
        if pages[0] != pages[1]:
            self.filled = False
            self.ticked.clear()
            self.form.clear()

    def _mark(self, target: core.Target | None, deed: Deed, what: str) -> tuple[Mark | None, tuple[str, ...]]:
        """The mark of a target, and the parameters that it follows."""
        if not isinstance(target, Element):
            return None, ()
        now, later = deed.before, later_than(deed, self.deeds, self.looks)
        found = marked(target, now, self.params, self.doubts.texts, what, later)
        if found.follows:
            named = ", ".join(found.follows)
            other = "in the window that is called so" if target.role == "window" else "on another one"
            self.notes.append(f"{what} finds its target by the value of {named}: with another value it acts {other}")
            self.doubts = replace(self.doubts, texts=self.doubts.texts | found.left_out)
        elif bent := self.params.bent(found.mark.name):
            self.notes.append(
                f"{what}: its target seems to be called after {bent}; with another value it may not be found"
            )
        return placed(found.mark, target, now, self.params), found.follows

    def _text(self, deed: Deed, target: Element | None) -> str:
        match deed.action:
            case core.Fill(text=text) | core.Type(text=text):
                return self.params.typed(text, target, deed.before, self.cells.name(text, target, deed))
            case core.Press(keys=keys):
                return literal(keys)
            case core.Open(what=what):
                if bent := self.params.bent(re.sub(r"^\w+://[^/]*", "", what)):
                    self.notes.append(
                        f"the address {what} seems to be made from {bent}; check it, or use ${{{bent}}} in it"
                    )
                return self.params.slotted_url(what)
            case _:
                return ""

    def _id(self, do: str, mark: Mark | None, text: str) -> str:
        """A name for the step: what it does, and to what."""
        what = (mark.name or mark.role) if mark is not None and do != "press" else text
        what = re.sub(r"^\w+://[^/]*/?|[?#].*", "", what) if do == "open" else what
        stem = slug(f"{do} {re.sub(r'[$][{][^}]*[}]', '', what)}").replace("_", "-")
        taken = {act.id for act in self.acts}
        return next(name for n in range(1, len(taken) + 2) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)


def _blank_page(target: Element) -> bool:
    """Whether it is for many lines and holds none: filling it in destroys nothing, and another time it might."""
    return "multiline" in target.states and not (target.value or "").strip()


_DO: Any = {
    core.Click: "click",
    core.Fill: "fill",
    core.Type: "type",
    core.Press: "press",
    core.Scroll: "scroll",
    core.Drag: "drag",
    core.Open: "open",
}


def _how(action: core.Action) -> dict[str, Any]:
    match action:
        case core.Click(button=button, count=count, keys=keys):
            return {"button": button, "count": count, "keys": keys}
        case core.Scroll(dx=dx, dy=dy):
            return {"scroll": (dx, dy)}
        case _:
            return {}


def _say(action: core.Action, mark: Mark | None) -> str:
    """The step in words, never with what is typed."""
    if isinstance(action, core.Press | core.Open):
        return literal(saying(action, None))
    said = literal(saying(action, None)).strip()
    if mark is None:
        return said
    row = next((f" in the row of {text!r}" for text in mark.row if slots(text)), "")
    return f"{said} {mark.role} {mark.name!r}{row}".strip() if mark.name else f"{said} {mark.role}{row}"
