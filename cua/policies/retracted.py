"""What a page said of a step and takes back later in the same run: a record, a state or a message.

It goes by the looks that are taken anyway. What goes by itself was not taken back, and neither was
what an act of the run may have undone: a later step that may touch it ends what is held against the page.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from glob import escape
from importlib.resources import files

from cua.core import Action, Click, Element, Fill, Move, Observation, Scroll, Step, Type, Wait
from cua.memory.workflows import Expect, Workflow, filled, slots
from cua.policies.clock import Clock
from cua.policies.complaints import complaints
from cua.policies.expected import RECORDS, bearers, page
from cua.policies.finding import look_at
from cua.policies.records import brings_record
from cua.policies.since import Since
from cua.policies.surroundings import ROWS, plain
from cua.policies.trail import Trod, awaited
from cua.policies.values import fold
from cua.screen import called

LATEST = 30.0  # seconds; what changes later than that is another story
POLL_SECONDS, QUIET_SECONDS = 0.08, 2.0
_MESSAGES = frozenset({"alert", "status", "log"})
_TELLING = _MESSAGES | {"alertdialog", "dialog"}
_MOST = 20  # steps that are held against the page at a time: the last ones
_SWITCHES = frozenset({"switch", "checkbox"})
_STEM = 4  # letters that two words share that are made alike: "save" and "saved"


@dataclass(frozen=True, slots=True)
class Said:
    """A step that was done, and what the look `seen` showed of it: `lasting` are the records, rows and states that have
    to stay, `messages` the elements that said so. `clock` counts from that look.
    """

    trod: Trod
    since: Since
    seen: Observation
    clock: Clock
    lasting: tuple[Expect, ...]
    messages: tuple[Element, ...]

    @classmethod
    def of(cls, trod: Trod, since: Since, seen: Observation) -> Iterator[Said]:
        """What is to be held against the page after this step; nothing where it only reads."""
        lasting = since.lasting(seen, last=True) if since.past else ()
        telling = [each for each in since.tried if each.kind == "shows" and each.role in _MESSAGES and each.name]
        messages = tuple(element for each in telling for element in bearers(each, seen))
        if trod.at >= 0 and trod.expected and (lasting or messages):
            yield cls(trod, since, seen, Clock(seen), lasting, messages)

    def named(self) -> str:
        """The step in words."""
        row = f", row {self.trod.row}" if self.trod.row else ""
        return f"step {self.trod.step}{row} ({self.trod.say})"

    @property
    def places(self) -> set[tuple[str, str]]:
        """Where its messages stand."""
        return {(e.ref, e.role) for e in self.messages}

    def is_over(self, now: Observation) -> bool:
        """Whether another page shows, or it is too long ago."""
        return page(now) != page(self.seen) or self.clock.spent(now) > LATEST

    def stands(self, steps: Sequence[Step], now: Observation) -> bool:
        """Whether a record, a row or a state can still be taken back by nobody but the page."""
        return bool(self.lasting) and not self.is_over(now) and self._untouched(steps[self.trod.at + 1 :], now)

    def taken_back(self, steps: Sequence[Step], now: Observation, refusals: Sequence[Element]) -> str:
        """What the page no longer shows, or what it says instead, in words; "" where nothing speaks against it.
        `refusals` are the messages that say that something did not work.
        """
        later = steps[self.trod.at + 1 :]
        aside = self._untouched(later, now)
        there = {called(e) for e in self.seen.elements} if refusals else set[str]()
        new = [e for e in refusals if called(e) not in there]
        told = [called(e) for e in new if self.messages and (self._replaces(e) or (aside and self._denies(e, now)))]
        if told:
            return f"the page said {called(self.messages[0])!r}, and now says {told[0]!r}"
        if not aside and not new:
            return ""
        fell = next(self._fallen(later, now), None)
        return f"it did not stay so that {awaited(fell)}{complaints(now, self.seen)}" if fell is not None else ""

    def _replaces(self, element: Element) -> bool:
        """Whether it stands where a message of this step stood."""
        return (element.ref, element.role) in self.places

    def _denies(self, element: Element, now: Observation) -> bool:
        """Whether a message that stands elsewhere speaks of the same, or the step's own is gone."""
        stays = {called(e) for e in self.messages} & {called(e) for e in now.elements}
        return not stays or self._akin(called(element))

    def _akin(self, text: str) -> bool:
        """Whether it has a word of the message, or of what was acted on."""
        own = [*self.messages, *([self.since.element] if self.since.element is not None else [])]
        stems = {word[:_STEM] for each in own for word in _words(called(each))}
        return any(word[:_STEM] in stems for word in _words(text))

    def _fallen(self, later: Sequence[Step], now: Observation) -> Iterator[Expect]:
        """Those that had to stay so and do not, where no step since can be the reason."""
        look, since = look_at(now), self.since
        for expect in self.lasting:
            if expect in since.records:
                if self._is_back(expect, now):
                    yield expect
                continue
            comes, plain_one = brings_record(expect), not (expect.row or expect.part)
            if comes and plain_one and now.place.url and look.named(expect.role, expect.name):
                continue
            if since.fallen((expect,), self.seen, now) and not (comes and self._explained(expect, later, now)):
                yield expect

    def _is_back(self, expect: Expect, now: Observation) -> bool:
        """Whether a record that went away is there again, called and made as it was."""
        word = re.compile(rf"(?<!\w){re.escape(plain(expect.name))}(?!\w)")
        before, left, here = (_records(look) for look in (self.since.past[-1], self.seen, now))
        return any(here[made] > left[made] for made in before - left if word.search(made[1]))

    def _explained(self, expect: Expect, later: Sequence[Step], now: Observation) -> bool:
        """Whether a record may have left since a text was typed that filters, or since another took its place."""
        look = look_at(now)
        roles = ROWS if expect.kind == "record" else {expect.role}
        others = [at for at, e in enumerate(now.elements) if e.role in roles and called(e)]
        texts = [text for step in later if (text := _typed(step.action))]
        rows = [" ".join((look.plains[at], *map(plain, look.row(at)))) for at in others]
        if texts and all(any(plain(text) in row for text in texts) for row in rows):
            return True
        if not any(self._once_more(step.action) for step in later):
            return False
        before = {plain(called(e)) for e in self.since.past[-1].elements if e.role in roles}
        return not before & {look.plains[at] for at in others}  # an older one would have had to leave first

    def _untouched(self, later: Sequence[Step], now: Observation) -> bool:
        """Whether no step since can have undone it."""
        looks = [*(step.seen for step in later[1:]), now]
        return all(self._aside(step, after) for step, after in zip(later, looks, strict=False))

    def _aside(self, step: Step, after: Observation) -> bool:
        """Whether what was done cannot have undone it: waiting, filling in a plain field, the same act again, and a
        switch beside this one that left it as it was.
        """
        action = step.action
        if step.effect.kind == "refused" or isinstance(action, Wait | Scroll | Move):
            return True
        if isinstance(action, Type):
            focused = next((e for e in step.seen.elements if "focused" in e.states), None)
            return "\n" not in action.text and focused is not None and _is_field(focused, step.seen)
        if isinstance(action, Click | Fill) and isinstance(action.target, Element):
            kept = not self.since.fallen(self.lasting, self.seen, after)
            beside = action.target.role in _SWITCHES and self._is_switch() and kept
            return beside or _is_field(action.target, step.seen) or self._once_more(action)
        return False

    def _is_switch(self) -> bool:
        own = self.since.element
        return own is not None and own.role in _SWITCHES and all(each.kind == "checked" for each in self.lasting)

    def _once_more(self, action: Action) -> bool:
        """Whether it is a click on what this step clicked, where that brought a record."""
        own, brings = self.since.element, all(map(brings_record, self.lasting))
        if not isinstance(action, Click) or not isinstance(action.target, Element) or own is None or not brings:
            return False
        return bool(own.name) and (action.target.role, action.target.name) == (own.role, own.name)


class Heard:
    """All that is held against the page in one run. `look` gives the steps that were done and the screen as it is now.

    Its generators yield waits; they act on nothing.
    """

    def __init__(self, workflow: Workflow, look: Callable[[], tuple[Sequence[Step], Observation]]) -> None:
        self._workflow, self._look = workflow, look
        self._said: list[Said] = []

    def add(self, trod: Trod, since: Since, seen: Observation) -> None:
        """A step is done; `seen` is the look that showed it. A message takes the place of those that stood there."""
        for new in Said.of(trod, since, seen):
            left = [each for each in self._said if each.lasting or not each.places <= new.places]
            self._said = [*left, new][-_MOST:]

    def taken_back(self) -> tuple[Said, str] | None:
        """The first step of which the page took back what it said, and what it is; None where all stands."""
        steps, now = self._look()
        self._said = [each for each in self._said if not each.is_over(now)]
        if now.partial:
            return None
        refusals = list(self._refusals(now)) if self._said else []
        found = ((each, each.taken_back(steps, now, refusals)) for each in self._said)
        return next((pair for pair in found if pair[1]), None)

    def _refusals(self, now: Observation) -> Iterator[Element]:
        """The messages that say that something did not work, and are expected by no step."""
        places = {place for each in self._said for place in each.places}
        telling = (e for e in now.elements if e.role in _TELLING or (e.ref, e.role) in places)
        yield from (e for e in telling if refuses(called(e)) and not _is_expected(called(e), self._workflow))

    def doubted(self) -> Generator[Action, None, tuple[bool, tuple[Said, str] | None]]:
        """Whether there was reason to wait until the page is quiet, and what it took back then."""
        if self.taken_back() is None:
            return False, None
        yield Wait(QUIET_SECONDS, why="whether the page takes back what it said of an earlier step")
        return True, self.taken_back()

    def settled(self, seconds: float) -> Generator[Action, None, None]:
        """Wait until what cannot be undone, and was shown by a record or a state, has stood for so many seconds."""
        for said in [each for each in self._said if each.trod.risk == "irreversible" and each.lasting]:
            while said.clock.spent(self._look()[1]) < seconds and said.stands(*self._look()):
                yield Wait(POLL_SECONDS, why=f"whether what came of step {said.trod.step} stays")


def refuses(text: str) -> bool:
    """Whether a message says that something did not work."""
    said = fold(text)
    for pattern in _phrases()["well"]:
        said = pattern.sub(" ", said)
    return any(pattern.search(said) for pattern in _phrases()["failed"])


@cache
def _phrases() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """The words that we ship, as patterns."""
    data = tomllib.loads(files("cua.policies").joinpath("refusals.toml").read_text("utf-8"))
    return {
        kind: tuple(_pattern(fold(word)) for words in lists.values() for word in words) for kind, lists in data.items()
    }


def _pattern(phrase: str) -> re.Pattern[str]:
    if re.search(r"[\u3040-\u9fff\uac00-\ud7af]", phrase):
        return re.compile(re.escape(phrase))
    word = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"\s+")
    return re.compile(rf"(?<!\w){word}" + (r"\w*" if phrase.endswith("*") else r"(?!\w)"))


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", fold(text)) if len(word) >= _STEM]


def _is_expected(text: str, workflow: Workflow) -> bool:
    """Whether a step expects this message, whatever stands in its slots."""
    for act in workflow.acts():
        for expect in act.expect:
            if expect.kind == "shows" and expect.name:
                name = filled(escape(expect.name), dict.fromkeys(slots(expect.name), "*"))
                if fnmatchcase(plain(text), plain(f"*{name}*" if expect.part else name)):
                    return True
    return False


def _is_field(element: Element, look: Observation) -> bool:
    """Whether it is a field for plain text that is no part of a record and looks nothing up."""
    above = {e.role for e in look.ancestors(element)}
    return element.role == "textbox" and "editable" in element.states and above.isdisjoint({*RECORDS, "search"})


def _typed(action: Action) -> str:
    return action.text.strip() if isinstance(action, Fill | Type) else ""


def _records(look: Observation) -> Counter[tuple[str, str]]:
    """What the records on a look are, and are called."""
    return Counter((e.role, plain(called(e))) for e in look.elements if e.role in RECORDS)
