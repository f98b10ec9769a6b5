"""The policy that does a workflow again with other values, and needs no model.

Before each act it finds the target by what is known of it, after it it waits for what must follow. It never acts on a
screen or an element that it does not recognise, never on another origin than the workflow's, and never does a second
time what cannot be taken back: then it halts, and says at which step, what was looked for, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from cua import core
from cua.core import Action, Click, Effect, Element, Finish, Observation, Task, Wait
from cua.errors import RefusedError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Step, Workflow, filled
from cua.policies import awaiting
from cua.policies.acts import (
    Row,
    Rows,
    action_of,
    check,
    fresh,
    is_so,
    names,
    next_target,
    origin,
    otherwise,
    overwrites,
    readies,
)
from cua.policies.clock import Clock
from cua.policies.covering import hinted
from cua.policies.expected import as_called, filled_expect, page
from cua.policies.finding import Found, Lost, filled_mark, find
from cua.policies.halting import around, hindrances, leads_out, near, not_sent, not_so, outside, refused, told_apart
from cua.policies.keyboard import ENTRIES, astray, is_window, within
from cua.policies.other_page import aimed, shown
from cua.policies.popups import shut, way_out
from cua.policies.reach import looked_for
from cua.policies.retracted import POLL_SECONDS, QUIET_SECONDS, Heard
from cua.policies.served import Served
from cua.policies.since import Since, acted_on, is_last, proves_nothing, stale
from cua.policies.stirring import stirred, waiting, with_filled
from cua.policies.trail import Begun, Halt, Trod, awaited, called, in_words, masked, nothing
from cua.sealing import seal

LATE_SECONDS = 5.0  # how long a target may take to be drawn, to be enabled or to be uncovered
STAYS_SECONDS = 0.3  # how soon a program begins to tell others what it shows already
TAKEN_BACK_SECONDS = 1.2  # how soon a page takes back what it showed before it was told that it could not be
PASSES_SECONDS = 6.0  # how long a message shows that goes by itself
FARTHER, MOST_POPUPS = 2.5, 3  # how far beyond what was recorded it scrolls to find what comes next; what it closes

Going = Generator[Action, None, None]


class Replay:
    """Does `workflow` with `values` (see `Workflow.given`); a parameter of kind "rows" is given its rows.

    `trail` holds a line for each step that was reached, `begun` the act that is being done, `halted` why it stopped
    before its end, `served` what servers answered, where a driver tells that. With `dry` it acts on nothing: what of
    the workflow is on the screen is found, in the trail.
    Raises UsageError for values that do not fit, before anything is done.
    """

    def __init__(
        self,
        workflow: Workflow,
        values: Mapping[str, str | Sequence[Row]],
        *,
        dry: bool = False,
        told: Callable[[Trod], None] | None = None,
    ) -> None:
        self.workflow, self.dry, self._told = workflow, dry, told
        self.rows = {
            name: given if isinstance(given, Rows) else Rows(given)
            for name, given in values.items()
            if not isinstance(given, str)
        }
        texts = {name: given if isinstance(given, str) else "its rows" for name, given in values.items()}
        secret = {param.name for param in workflow.params if param.kind == "secret"}
        given = workflow.given(texts)
        self.values = {name: seal(text) if name in secret else text for name, text in given.items()}
        self.trail: list[Trod] = []
        self.begun: Begun | None = None
        self.halted: Halt = ""
        self._origins = workflow.origins or tuple(filter(None, [origin(workflow.start)]))
        self._asked = frozenset(names(workflow.steps))
        self._settled, self._closed, self._count = True, 0, 0
        self._now, self._effect = Observation(core.Place(""), ()), Effect("confirmed")
        self._last: Mark | None = None
        self._filled: list[Mark] = []
        self._staying: set[Expect] = set()
        self._looks, self._past = dict[str, Observation](), dict[str, Observation]()
        self._steps: tuple[core.Step, ...] = ()
        self._heard = Heard(workflow, lambda: (self._steps, self._now))
        self._since, self.served = Since(), Served()
        self._going: Going | None = None
        check(workflow, self.values, self.rows)

    def decide(self, task: Task, steps: tuple[core.Step, ...], now: Observation) -> Action:
        """The next act, or a wait for what must show first. Raises RefusedError where the replay must halt."""
        self._now, self._count, self._steps = now, len(steps), steps
        self._looks[page(now)] = now
        if steps:
            self._effect = steps[-1].effect
        self._going = self._going or self._through()
        try:
            return next(self._going)
        except StopIteration:
            return Finish("every target was looked for" if self.dry else f"{self.workflow.name} is at its end")

    # ------------------------------------------------------------------------------------------ the steps in turn

    def _through(self) -> Going:
        """All steps, and after them what a page may still take back; with `dry` what of them can be looked for here."""
        if self.dry:
            for trod in looked_for(self.workflow, self.values, self.rows, self._now):
                self._tell(trod)
            return
        yield from self._play(self.workflow.steps, self.values, 0)
        if not self.workflow.effects:  # they tell more than a page does
            yield from self.served.settled(self.trail, lambda: self._now)
            yield from self._heard.settled(TAKEN_BACK_SECONDS)
            yield from self._doubted(None)

    def _play(self, steps: tuple[Step, ...], values: Row, row: int) -> Going:
        for number, step in enumerate(steps):
            match step:
                case Each():
                    for count, given in zip(self.rows[step.over].numbers, self.rows[step.over], strict=True):
                        inner = {f"{step.over}.{column}": text for column, text in given.items()}
                        yield from self._play(step.steps, {**values, **inner}, count)
                case IfPresent():
                    if (yield from self._present(step, values, row)):
                        yield from self._play(step.steps, values, row)
                case Act(do="scroll"):
                    yield from self._scroll(step, next_target(steps[number + 1 :], values), values, row)
                case Act():
                    yield from self._step(step, values, row, rest=not readies(step, steps[number + 1 :]))

    def _step(self, act: Act, values: Row, row: int, *, rest: bool) -> Going:
        """One step: find, act, wait for what must follow, or until the screen comes to `rest` where nothing says it."""
        clock = Clock(self._now)
        trod = Trod(act.id, "done", in_words(act, values), row, act.risk)
        expects = tuple(filled_expect(expect, values) for expect in act.expect)
        self._since = Since()
        if act.do != "wait":
            yield from self._cleared(act, expects)
            trod = yield from self._done(act, trod, values, clock)
        if rest and not expects and not (act.do == "fill" and self._effect.kind == "confirmed"):
            yield Wait(QUIET_SECONDS, why=f"step {act.id}: nothing says what must follow, so the screen comes to rest")
        missing = yield from awaiting.came(act, expects, self._since, lambda: self._now)
        came, seen = not missing, self._now
        if came and trod.at >= 0:
            last = is_last(act, row, self.workflow, self.rows)
            self._since = replace(self._since, alive=self.served.alive(trod.at))
            limit = TAKEN_BACK_SECONDS if last and not self.workflow.effects else STAYS_SECONDS
            missing = yield from awaiting.stayed(act, self._since, lambda: self._now, last=last, seconds=limit)
        said = tuple(map(awaited, sorted(expects, key=lambda expect: expect not in missing)))
        trod = replace(trod, expected=said, seconds=clock.spent(self._now))
        if missing:
            trod = self._missed(act, trod, missing, came=came)
        elif act.risk == "irreversible" and proves_nothing(act, expects, self._since, self._past, self._now):
            trod = replace(trod, expected=(), note="what had to show was there before, or twice, so it proves nothing")
        self._settled, self.begun = bool(expects), None
        if not missing:
            self.served.came(act, expects, trod.at)
        self._tell(trod)
        self._heard.add(self.trail[-1], self._since, seen)

    def _done(self, act: Act, trod: Trod, values: Row, clock: Clock) -> Generator[Action, None, Trod]:
        """The act itself. One that was refused is tried again, since nothing was done; what cannot be taken back, only
        where it is a click and a driver that knows of all requests says that none was sent.
        """
        while True:
            action, found = yield from self._aimed(act, trod, values, clock)
            if action is not None and (yield from self._doubted(trod)):
                continue
            past = self._steps if any(each.kind in ("gone", "record") for each in act.expect) else ()
            looks, on = (*(step.seen for step in past), self._now), found.element if found else None
            self._since = replace(Since.of(act, on, looks, self.workflow, values), acted=acted_on(past))
            if action is None:
                yield from shut(found, lambda: self._now, f"step {act.id}: it was so already")
                return replace(trod, note="it was so already; nothing was done")
            if found is not None:
                trod = replace(
                    trod, by=found.by, rank=found.rank, score=found.score, fresh=fresh(act, found, values, self._now),
                    note=otherwise(act, found, values, self._now),
                )  # fmt: skip
            if apart := self._since.misplaced(filled_expect(each, values) for each in act.expect):
                self._halt("before", trod, f"{apart}; {nothing(self._steps)}")
            trod = replace(trod, at=self._count, waited=clock.spent(self._now))
            self.begun = Begun(act.id, trod.row, trod.say, act.risk)
            self._past = dict(self._looks)
            yield action
            if self._effect.kind != "refused":
                return trod
            self.begun = None
            surely = act.risk != "irreversible" or (act.do == "click" and self.served.nothing_sent(trod.at))
            if not surely or clock.spent(self._now) > LATE_SECONDS:
                self._halt("before", *refused(self.workflow, act, trod, self._steps))
            yield from self._made_way(act)

    def _cleared(self, act: Act, expects: tuple[Expect, ...]) -> Going:
        """Let a message of an earlier act pass that this one must bring itself; one that stays is waited for once."""
        clock = Clock(self._now)
        while left := [each for each in stale(expects, self._now) if each not in self._staying]:
            if clock.spent(self._now) >= PASSES_SECONDS:
                self._staying |= set(left)
            else:
                yield Wait(POLL_SECONDS, why=f"step {act.id}: until it is no more that {awaited(left[0])}")

    # ------------------------------------------------------------------------------------------ finding what to act on

    def _aimed(
        self, act: Act, trod: Trod, values: Row, clock: Clock
    ) -> Generator[Action, None, tuple[Action | None, Found | None]]:
        """The action on what was found on the screen as it is now; None where it is so already."""
        marks = [filled_mark(mark, values) for mark in (act.target, act.to) if mark is not None]
        text, expects = filled(act.text, values), [filled_expect(expect, values) for expect in act.expect]
        if act.do == "open" and (out := leads_out(self._origins, origin(text))):
            self._halt("before", replace(trod, matter="outside"), f"{out}; {nothing(self._steps)}")
        tried = False
        while True:
            keys = act.do in ("type", "press")
            finds = aimed(self.workflow, act, marks, values, self._now)
            found = [each for each in finds if isinstance(each, Found)]
            reason = "" if act.do == "open" else self._elsewhere()
            named = as_called(expects, marks, found)
            if not reason and len(found) == len(marks) == 1 and is_so(act, named, found[0].element):
                return None, found[0]
            reason = reason or next(hindrances(marks, finds, self._now), "")
            reason = reason or (overwrites(act, marks[0], found[0].element, text) if found else "")
            entry: Element | None = None
            if reason and keys and marks and not found and not self._elsewhere():
                entry = within(marks[0], self._last, self._now)
            elif not reason and found and keys and not is_window(marks[0], self._now):
                reason = astray(marks[0], found[0].element, self._now)
                entry = found[0].element if reason else None
            if not tried and entry is not None and entry.role in ENTRIES and "editable" in entry.states:
                tried = True
                yield Click(entry, why=f"step {act.id}: to type there")
                continue
            if not reason:
                if act.do in ("click", "fill"):
                    self._last = marks[0]
                self._filled = with_filled(self._filled, marks[0]) if act.do == "fill" else self._filled
                why, targets = f"step {act.id}: {trod.say}", [each.element for each in found]
                return action_of(act, targets, text, why, self._now), found[0] if found else None
            spent = clock.spent(self._now)
            if spent > LATE_SECONDS:
                self._not_found(act, replace(trod, waited=clock.spent(self._now)), values, finds, reason)
            yield from self._made_way(act, finds if spent > STAYS_SECONDS else ())

    def _made_way(self, act: Act, finds: Sequence[Found | Lost] = ()) -> Going:
        """Put away what is in the way, if that decides nothing; else wait a moment."""
        if (target := waiting(self._filled, finds)) is not None and not self._elsewhere():
            yield from stirred(self._filled, target, lambda: self._now, f"step {act.id}: its target is disabled")
            return
        ours = self._closed < MOST_POPUPS and not self._elsewhere()
        out = way_out(self._now, self._asked, settled=self._settled) if ours else None
        if out is None:
            yield Wait(POLL_SECONDS, why=f"step {act.id}: until its target can be acted on")
            return
        self._closed += 1
        self._tell(Trod(act.id, "done", "put away a dialog", note=out.why, at=self._count, aside=True))
        yield out

    def _scroll(self, act: Act, target: Mark | None, values: Row, row: int) -> Going:
        """Towards what comes next, until that shows; as far as was recorded where nothing is looked for."""
        trod = Trod(act.id, "done", in_words(act, values), row)
        far, gone, over, clock = abs(act.scroll[0]) + abs(act.scroll[1]), 0, False, Clock(self._now)
        while not over and (target is None or not isinstance(find(target, self._now), Found)):
            action, found = yield from self._aimed(act, trod, values, clock)
            trod = replace(trod, at=self._count, by=found.by if found else "")
            assert action is not None, "only a click may be so already"
            yield action
            ended = self._effect.kind in ("refused", "no_effect")  # where more may be on its way
            gone += 0 if ended else far
            over = target is None or gone >= FARTHER * far or (ended and clock.spent(self._now) > QUIET_SECONDS)
            if ended and not over:
                yield Wait(POLL_SECONDS, why=f"step {act.id}: until there is more to scroll")
        self._tell(replace(trod, seconds=clock.spent(self._now), note="" if trod.at >= 0 else "what follows shows"))

    def _present(self, step: IfPresent, values: Row, row: int) -> Generator[Action, None, bool]:
        mark, clock = filled_mark(step.target, values), Clock(self._now)
        while not isinstance(found := shown(self.workflow, step, mark, values, self._now), Found):
            if clock.spent(self._now) >= step.seconds:
                trod = Trod(step.id, "skipped", f"if {called(mark)} shows", row, note=found.why)
                if found.kind == "ambiguous":
                    trod = replace(trod, matter="ambiguous", near=near([found], self._now, [mark]))
                    self._halt("before", trod, f"{called(mark)}: {found.why}; {nothing(self._steps)}")
                self._tell(trod)
                return False
            yield Wait(min(POLL_SECONDS, step.seconds), why=f"step {step.id}: if {called(mark)} shows")
        return True

    def _elsewhere(self) -> str:
        """Why nothing may be done here: this is not where the workflow acts."""
        here = origin(self._now.place.url) or self._now.place.app
        self._origins = self._origins or (here,)
        return outside(self._origins, here, self._now)

    def _not_found(self, act: Act, trod: Trod, values: Row, finds: list[Found | Lost], reason: str) -> NoReturn:
        """Halt, with all that is known of why there is nothing to act on."""
        page, told, what = around(self.workflow, act, values, finds, self._now)
        marks = [filled_mark(mark, values) for mark in (act.target, act.to) if mark is not None]
        trod = replace(trod, matter="outside" if self._elsewhere() else what, near=near(finds, self._now, marks))
        self._halt("before", trod, "; ".join(filter(None, [page, f"{reason}{told}", nothing(self._steps)])))

    def _missed(self, act: Act, trod: Trod, missing: Sequence[Expect], *, came: bool) -> Trod:
        """Halt, since what had to follow did not, unless effects tell of it. A form that was not sent is known."""
        reason, what = not_so(missing, self._since, self._now, came=came)
        unsent = not_sent(self.workflow, act, trod, self._now) if self.served.nothing_sent(trod.at) else None
        if unsent is not None:
            self._halt("unmet", unsent, f"the browser did not send it: {reason}")
        reason, what = self.served.weighed(trod, reason, what, came=came)
        trod, last = replace(trod, matter=what), is_last(act, trod.row, self.workflow, self.rows)
        if not (what == "unseen" and last and told_apart(self.workflow, act)):
            self._halt("unknown" if act.risk == "irreversible" else "unmet", trod, reason)
        return replace(trod, expected=(), note=f"{reason}; the effects have to tell of it")

    def _doubted(self, trod: Trod | None) -> Generator[Action, None, bool]:
        """Halt where the page took back what it said of a step before; else whether it had to wait to see that."""
        waited, taken = yield from self._heard.doubted()
        if taken is None:
            return waited
        said, reason = taken[0].trod, f"after {taken[0].named()} {taken[1]}"
        at = self.trail.index(said)
        self.trail[at] = replace(said, expected=(), note=masked(reason))
        if trod is not None:
            self._halt("unmet", trod, f"{reason}; nothing more was done")
        self.halted = "unknown" if said.risk == "irreversible" and at == len(self.trail) - 1 else "unmet"
        raise RefusedError(masked(reason))

    def _tell(self, trod: Trod) -> None:
        trod = self.served.noted(trod, (*self.trail, trod))
        trod = replace(trod, note=masked(trod.note), expected=tuple(map(masked, trod.expected)))
        self.trail.append(trod)
        if self._told is not None:
            self._told(trod)

    def _halt(self, halt: Halt, trod: Trod, reason: str) -> NoReturn:
        self.halted = halt
        trod = hinted(trod, halt, self._steps, self._now, self._asked, reason)
        self._tell(replace(trod, stage="halted", note=reason))
        row = f", row {trod.row}" if trod.row else ""
        raise RefusedError(f"step {trod.step}{row} ({trod.say}): {masked(reason)}")
