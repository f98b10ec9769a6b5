"""What is remembered about a task, told in a few lines before each act: `recall(task, now)`; and learning from its end.

It says nothing where nothing is likely enough to be meant, worth telling, or of use on this screen. What it tells was
partly read off screens: hints, never orders. It never acts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cua.core import Observation, Outcome, Run, Task, Verdict
from cua.errors import UsageError
from cua.memory.experience import Experience, Item, Taught
from cua.memory.lessons import Advice, shown
from cua.memory.signatures import Value, plain
from cua.memory.vectors import Meanings
from cua.memory.weighing import ranked
from cua.policies.gist import gist, words_of
from cua.policies.teaching import Tale, advice_for, meant, tale_of, taught, told, values_of, wish_of

MOST_HINTS = 3
MOST_BYTES = 1024
_LINE = 400
_MARK = "e"  # before the number of an item
_UNSURE = re.compile(r"[…{}'‹›]")  # in a name that was shortened, is open, or was written otherwise
_WEIGHED = 8  # items that are read to find those that are of use on this screen


@dataclass(frozen=True, slots=True)
class Hint:
    """An item in lines for a model. `id` is what `learn` is told when it was used."""

    id: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known that may help now; nothing if nothing is likely to."""

    hints: tuple[Hint, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All hints, at most a kilobyte."""
        return tuple(line for hint in self.hints for line in hint.lines)

    @property
    def ids(self) -> tuple[str, ...]:
        """What was told, for `learn`."""
        return tuple(hint.id for hint in self.hints)


@dataclass(frozen=True, slots=True)
class Remembered:
    """An item of experience for a person, or for JSON. `advice` is a model's and names it; `value` is between -1 and 1;
    `in_use` is false for one that is no longer told because it failed too often.
    """

    id: str
    app: str
    goal: str
    acts: tuple[str, ...]
    failed: tuple[str, ...]
    pitfalls: tuple[str, ...]
    value: float
    passes: int
    fails: int
    learned: float
    in_use: bool
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run taught, and the number of the item that holds it now."""

    item: int
    run: Run
    taught: Taught
    passed: bool


class Memory:
    """The memory in the record `path`, for one task at a time; with `meanings` also what means the same in other words
    is found. One thread owns it; any number of processes may share the file.
    """

    def __init__(self, path: Path, *, patience: float = 5.0, meanings: Meanings | None = None) -> None:
        self._experience = Experience(path, patience=patience)
        self._meanings = meanings
        self._close: dict[tuple[str, str], dict[int, float]] = {}  # by goal and app: found once, not at each look
        self.notice = self._experience.notice

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._experience.__exit__(*exc)

    # ------------------------------------------------------------------------------------------ asking

    def recall(self, task: Task, now: Observation) -> Recalled:
        """What may help on this screen, at most three hints and a kilobyte. Raises RecordError."""
        if not now.place.app:
            return Recalled()
        close = self._closest(task, now.place.app)
        order = ranked(self._experience.near(gist(words_of(task)), now.place.app, close))
        hints: list[Hint] = []
        names: frozenset[str] | None = None
        left = MOST_BYTES
        for item in self._experience.known(order[:_WEIGHED]):
            names = _names(now) if names is None else names
            values = values_of(item.pattern, task)
            lines = _lines(item, values)
            size = _size(lines)
            if size > left and item.known.advice:  # what was done goes before what was said of it
                lines = lines[:-1]
                size = _size(lines)
            if size > left or not _of_use(item, values, names):
                continue
            hints.append(Hint(_named(item.id), lines))
            left -= size
            if len(hints) == MOST_HINTS:
                break
        return Recalled(tuple(hints))

    def _closest(self, task: Task, app: str) -> dict[int, float]:
        """What means the same as the task, values aside. The model is asked at most once for a task in an app."""
        if self._meanings is None:
            return {}
        wish = wish_of(task)
        if wish and (wish, app) not in self._close:
            self._close[wish, app] = self._experience.closest(app, self._meanings, wish)
        return self._close.get((wish, app), {})

    # ------------------------------------------------------------------------------------------ learning

    def learn(self, run: Run, outcome: Outcome, used: Collection[str] = ()) -> Learned | None:
        """What the judge found of a run, and the ids of the hints that it was told. What is no pass and no fail teaches
        nothing. Raises RecordError, and UsageError for what is no id.
        """
        passed, numbers = outcome == "pass", [_number(each) for each in used]
        if outcome not in ("pass", "fail") or not run.steps:
            return None
        learned = None
        near = self._experience.near(gist(words_of(run.task)), run.steps[0].seen.place.app)
        found = taught(run, self._experience.known(near[:_WEIGHED]), passed=passed)
        if found is not None:
            lesson, item, at = found
            if item is not None and at >= 0:
                self._experience.widen(item, at, lesson)
            learned = Learned(self._experience.keep(lesson), run, lesson, passed)
        self._experience.credit(run.id, numbers, passed=passed)
        return learned

    def tale(self, of: Learned, verdict: Verdict) -> Tale | None:
        """The run as a model is told it that is to sum it up; None where one has summed up a run of this kind that came
        out as this one, or better. Raises RecordError.
        """
        before = self._experience.advised(of.item)
        if before is not None and before >= of.passed:
            return None
        return tale_of(of.run, of.taught, verdict)

    def advise(self, of: Learned, said: Advice) -> None:
        """What a model made of that run is told with what was done. Raises RecordError."""
        advice = advice_for(of.run, of.taught, said)
        self._experience.advise(of.item, of.run.id, advice, passed=of.passed)

    def place(self, of: Learned) -> None:
        """Let the item be found by its meaning too, if it is not yet. Raises RecordError."""
        if self._meanings is None or self._experience.placed(of.item, self._meanings.model):
            return
        vector = self._meanings.of(meant(of.taught.pattern))
        if vector is not None:
            self._experience.place(of.item, self._meanings.model, vector)

    # ------------------------------------------------------------------------------------------ for a person

    def items(self, query: str = "") -> list[Remembered]:
        """All of the experience, newest first; of a query what it may mean, most alike first. Raises RecordError."""
        if not query:
            return [_remembered(item) for item in self._experience.items()]
        near = self._experience.near(gist(words_of(Task("search", query))))
        return [_remembered(item) for item in self._experience.known(near)]

    def forget(self, id: str) -> None:
        """An item and what its runs taught. Raises UsageError for one that is not there, RecordError."""
        self._experience.forget(_number(id))


# ---------------------------------------------------------------------------------------------- hints


def _lines(item: Item, values: Sequence[Value]) -> tuple[str, ...]:
    """An item for a model: what it is about, what worked, what did not."""
    runs = item.passes + item.fails
    lines = [f"{told(item.pattern, values)} ({f'passed {item.passes} of {runs} runs' if runs else 'not solved yet'})"]
    known = item.known
    for saying, acts in (("what worked", known.acts), ("a run failed this way", known.failed)):
        if acts:
            lines.append(f"{saying}: {'; '.join(act.told(values) for act in acts)}")
    if known.pitfalls:
        lines.append(f"what did not help: {'; '.join(pitfall.told(values) for pitfall in known.pitfalls)}")
    if known.advice:
        lines.append(f"in a model's words: {known.advice.told(values)}")
    return (_short(lines[0], _LINE // 2), *(_short(line, _LINE) for line in lines[1:]))


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _short(line: str, most: int) -> str:
    """At most so many bytes of it."""
    data = line.encode("utf-8", "replace")
    return data.decode() if len(data) <= most else f"{data[: most - 3].decode(errors='ignore')}…"


def _of_use(item: Item, values: Sequence[Value], names: frozenset[str]) -> bool:
    """Whether something that the item acts on shows, or it cannot be told by its names."""
    known = item.known
    for act in (*known.acts, *known.failed, *(pitfall.act for pitfall in known.pitfalls)):
        name = shown(act.name, values)
        if not name or _UNSURE.search(name) or plain(name) in names:
            return True
    return False


def _names(now: Observation) -> frozenset[str]:
    return frozenset(plain(element.name or element.description) for element in now.elements)


def _remembered(item: Item) -> Remembered:
    known = item.known
    acts, failed = (tuple(act.told() for act in way) for way in (known.acts, known.failed))
    pitfalls = tuple(pitfall.told() for pitfall in known.pitfalls)
    counts = (item.value, item.passes, item.fails, item.learned, item.found)
    advice = f"the model {known.advice.model}: {known.advice.told()}" if known.advice else ""
    return Remembered(_named(item.id), item.app, told(item.pattern), acts, failed, pitfalls, *counts, advice)


def _named(item: int) -> str:
    return f"{_MARK}{item}"


def _number(id: str) -> int:
    digits = id.removeprefix(_MARK)
    if not id.startswith(_MARK) or not digits.isdecimal():
        raise UsageError(f"{id!r} is no id of what was experienced; they look like {_MARK}12, see `cua memory list`")
    return int(digits)
