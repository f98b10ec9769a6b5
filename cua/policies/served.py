"""What servers answered in the course of a replay, and which steps are in doubt since one of them said that it failed.

A page may say "saved" before it has asked, and need not say that it was refused. It goes by what the driver tells of
requests: it sends none, reads no answer, and knows of no server more than a status.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from cua.core import Action, Observation, Step, Wait
from cua.memory.workflows import Act, Expect, slots
from cua.policies.clock import Clock
from cua.policies.expected import met
from cua.policies.retracted import POLL_SECONDS, QUIET_SECONDS
from cua.policies.trail import Matter, Trod
from cua.traffic import Request, Traffic

_WRITING = ("fill", "type")
_MOST = 3
ANSWER_SECONDS = 5.0  # how long a server may take to answer what was written


@dataclass(frozen=True, slots=True)
class _Proof:
    """Values that a step had to bring, and that showed: `at` is its act among those of the run."""

    at: int
    expects: tuple[Expect, ...]


class Served:
    """All answers of one run, in the order in which they were heard, and the proofs that showed between them."""

    def __init__(self) -> None:
        self._heard: list[Request | _Proof] = []
        self._bad: list[Request] = []
        self._open: tuple[Request, ...] = ()
        self._sent: int | None = None
        self._writing: set[int] = set()

    def hear(self, passed: Traffic) -> None:
        """What came since the look before."""
        self._heard += passed.answers
        self._bad += (each for each in passed.answers if each.failed or (each.page and each.status >= 400))
        self._open, self._sent = passed.unanswered, passed.sent

    def came(self, act: Act, expects: Sequence[Expect], at: int) -> None:
        """A step is done: its act is number `at` of the run, and what it expects, filled, showed."""
        self._writing |= {at} if act.do in _WRITING else set()
        given = tuple(each for raw, each in zip(act.expect, expects, strict=True) if _is_data(act, raw))
        if at >= 0 and given:
            self._heard.append(_Proof(at, given))

    def nothing_sent(self, at: int) -> bool:
        """Whether the driver knows of requests, and of none since act number `at` that may have changed something."""
        return self._sent is not None and self._sent < at

    def alive(self, at: int) -> bool:
        """Whether the page that came of act number `at` may still take back what it shows: it has asked for something
        since it came, or a script has made it without asking for a page.
        """
        since = [each for each in self._heard if isinstance(each, Request) and each.at >= at]
        asked = any(not each.page and each.at >= at for each in self._open)
        own = takewhile(lambda each: not each.page, reversed(since))
        return self._sent is not None and (asked or any(own) or not self._turned(at))

    def _turned(self, at: int) -> bool:
        """Whether a page was fetched since that act."""
        return any(isinstance(each, Request) and each.page and each.at >= at for each in self._heard)

    def settled(self, trail: Sequence[Trod], look: Callable[[], Observation]) -> Generator[Action, None, None]:
        """Wait until servers have answered what was written by steps that are not read-only, and what the pages that
        these led to have asked for.
        """
        clock, waited = Clock(look()), False
        while clock.spent(look()) < ANSWER_SECONDS and any(self._awaited(each, trail) for each in self._open):
            waited = True
            yield Wait(POLL_SECONDS, why="until the server has answered")
        if waited:
            yield Wait(QUIET_SECONDS, why="what the page makes of the answer")

    def _awaited(self, each: Request, trail: Sequence[Trod]) -> bool:
        """Whether its answer may tell what came of a step."""
        trod = _changed(each, trail)
        return trod is not None and (each.writes or (not each.page and self._turned(trod.at)))

    def noted(self, trod: Trod, trail: Sequence[Trod]) -> Trod:
        """A step of this trail, with what servers said in it that failed in its note."""
        said = dict.fromkeys(str(each) for each in self._bad if _step_of(each, trail) is trod)
        return replace(
            trod, note="; ".join(filter(None, [trod.note, *(each for each in said if each not in trod.note)]))
        )

    def weighed(self, trod: Trod, reason: str, what: Matter, *, came: bool) -> tuple[str, Matter]:
        """Why what had to follow a step did not, and what is the matter, with what servers make of it. What `came` and
        did not stay was no matter of waiting.
        """
        if any(of is trod for of, _ in self.failed((trod,))):
            return reason, "failed"
        late = list(dict.fromkeys(str(each) for each in self._open if 0 <= trod.at <= each.at))
        return (reason, what) if came or not late else ("; ".join((reason, *late[:_MOST])), "unanswered")

    def failed(self, trail: Sequence[Trod]) -> tuple[tuple[Trod | None, Request], ...]:
        """What servers said that failed, with the step that it came after, None for what came before the first."""
        return tuple((_step_of(each, trail), each) for each in self._bad)

    def doubted(self, trail: Sequence[Trod], steps: Sequence[Step]) -> Iterator[tuple[Trod, Request]]:
        """The steps that change something and of which a server said that it failed, or nothing so far, where nothing
        says that they are done. `steps` are those of the run.
        """
        for late in (each for each in self._open if each.writes and (each.own or each.page)):
            trod = _changed(late, trail)
            if trod is not None and trod.stage == "done" and not self._brought(trod, steps):
                yield trod, late
        for number, each in enumerate(self._heard):
            trod = _changed(each, trail) if isinstance(each, Request) and each.failed else None
            if isinstance(each, Request) and trod is not None and trod.stage == "done":
                later = self._heard[number + 1 :]
                shown = _shown(trod, later, steps) or self._brought(trod, steps)
                if not (_again(each, later) or self._aside(each, trod, trail) or shown):
                    yield trod, each

    def _brought(self, trod: Trod, steps: Sequence[Step]) -> bool:
        """Whether a page that came after the step showed values given together in a record: so the server has them."""
        since = [each for each in self._heard if each.at >= trod.at]
        fetched = any(isinstance(each, Request) and _is_page(each) for each in since)
        told = (expect for each in since if isinstance(each, _Proof) for expect in each.expects)
        return fetched and any(expect.kind == "record" and _new(expect, trod, steps) for expect in told)

    def _aside(self, failed: Request, trod: Trod, trail: Sequence[Trod]) -> bool:
        """Whether it was only to read something, and what had to follow showed all the same. What a step sent that
        cannot be undone, and that has sent nothing else, may be what it is for.
        """
        if failed.status < 500 and trod.at in self._writing:
            return True  # a form that is half filled in is checked, and is not right yet
        if failed.writes or not any(each.expected for each in trail if each.at >= trod.at):
            return False
        done = [each for each in self._heard if isinstance(each, Request) and 200 <= each.status < 400]
        sure = trod.risk != "irreversible" or any(each.writes and _step_of(each, trail) is trod for each in done)
        return sure and (not failed.page or any(_is_page(each) and each.at >= failed.at for each in done))


def _step_of(each: Request, trail: Sequence[Trod]) -> Trod | None:
    """The step that it came in, or after."""
    return next((trod for trod in reversed(trail) if 0 <= trod.at <= each.at and not trod.aside), None)


def _changed(each: Request, trail: Sequence[Trod]) -> Trod | None:
    """That step, if it is not read-only."""
    trod = _step_of(each, trail)
    return trod if trod is not None and trod.risk != "read" else None


def _is_data(act: Act, expect: Expect) -> bool:
    """Whether it is about values that were given, and not about the field that they were put into."""
    of_field = expect.kind == "holds" and act.do in _WRITING
    said = " ".join((expect.name, expect.value, *expect.row))
    return expect.kind in ("shows", "holds", "record") and not of_field and bool(slots(said))


def _again(failed: Request, later: Sequence[Request | _Proof]) -> bool:
    """Whether the very same was sent once more, and done then."""
    what = (failed.at, failed.method, failed.path, failed.body)
    requests = (each for each in later if isinstance(each, Request) and 200 <= each.status < 400)
    return any((each.at, each.method, each.path, each.body) == what for each in requests)


def _shown(trod: Trod, later: Sequence[Request | _Proof], steps: Sequence[Step]) -> bool:
    """Whether a page that was fetched since shows values given that none had shown before the step."""
    fetched = False
    for each in later:
        if isinstance(each, Request):
            fetched = fetched or _is_page(each)
        elif fetched and any(_new(expect, trod, steps) for expect in each.expects):
            return True
    return False


def _new(expect: Expect, trod: Trod, steps: Sequence[Step]) -> bool:
    """Whether what showed was on no look before the step."""
    return not any(met(expect, step.seen) for step in steps[: trod.at + 1])


def _is_page(each: Request) -> bool:
    return each.page and (200 <= each.status < 300 or each.status == 304)
