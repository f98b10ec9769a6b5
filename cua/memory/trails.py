"""How far a run has come, in the terms of each template that its goal fits. Pure data; it reads no record.

A deed is an act as the memory keeps it: a target by its Mark, never by a handle or a point. A thread is one template
that the goal fits, with the chain of what was done so far in the terms of its slots; what a thread asks the memory for
is named by its contexts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from cua.core import Locator
from cua.memory.signatures import ITEMS, Seen, digest, plain, signature, view
from cua.memory.templates import (
    Fit,
    Goal,
    beside_slots,
    filled,
    slots,
    typed_with_slots,
    with_slots,
    written_with_slots,
)
from cua.memory.workflows import Mark

Do = Literal[
    "click", "invoke", "fill", "type", "press", "scroll", "drag", "move", "open", "wait", "finish", "unknown"
]  # fmt: skip
Level = Literal["whole", "short"]
WRITTEN = ("fill", "type")
_TYPED = (*WRITTEN, "press", "open")


@dataclass(frozen=True, slots=True)
class Deed:
    """One act. `states` are the target's own before it (checked, selected, ...). `do` "unknown" stands for what cannot
    be done again: it is part of what was done, and never offered.
    """

    do: Do
    target: Mark | None = None
    to: Mark | None = None
    text: str = ""
    button: str = "left"
    count: int = 1
    keys: tuple[str, ...] = ()
    scroll: tuple[int, int] = (0, 0)
    states: tuple[str, ...] = ()

    @property
    def id(self) -> bytes:
        """The same for two acts that do the same to the same target, whatever else is known of it."""
        marks = [_identity(mark) for mark in (self.target, self.to)]
        acted = (self.do, self.text, self.button, self.count, self.keys, self.scroll, self.states)
        return digest(json.dumps([marks, acted]))

    @property
    def texts(self) -> tuple[str, ...]:
        """What it uses by name: the words of a goal that stand here may be its values."""
        marks = [mark for mark in (self.target, self.to) if mark]
        rows = [text for mark in marks if mark.of > 1 for text in mark.row]
        return (self.text, *(mark.name for mark in marks), *rows)

    @property
    def slots(self) -> frozenset[int]:
        """The numbers of the slots that it uses."""
        return slots(self.text, *(part for mark in (self.target, self.to) if mark for part in _labels(mark)))

    @property
    def by_content(self) -> bool:
        """Whether its target was chosen among what the screen shows, not by what the task or the app calls it."""
        return any(
            (mark.role in ITEMS or mark.of > 1 or not mark.name) and not slots(mark.name, *mark.row)
            for mark in (self.target, self.to)
            if mark
        )

    @property
    def only_told(self) -> bool:
        """Whether it acts on what the task names, with nothing written and no figure in a label that it does not name:
        that may be an amount that was reckoned from what the screen showed.
        """
        names = (beside_slots(mark.name) for mark in (self.target, self.to) if mark)
        figures = any(char.isdigit() for name in names for char in name)
        return bool(self.slots) and not figures and not beside_slots(self.text)

    def with_slots(self, fit: Fit) -> Deed:
        """The deed in the terms of a template."""
        text = self.text
        if self.do in _TYPED:
            text = (written_with_slots if self.do in WRITTEN else typed_with_slots)(text, fit.values)
        target, to = (_slotted(mark, fit) if mark else None for mark in (self.target, self.to))
        return replace(self, text=text, target=target, to=to)

    def filled(self, fit: Fit, of: Sequence[str], shown: Mapping[str, str]) -> Deed:
        """The deed with a task's values. `of` are the values it was recorded with: where one that it uses is another
        now, what else was known of the target is dropped, for it told the other one. `shown` says how a label is
        written on the screen.
        """
        same = all(fit.values[number].text == of[number] for number in self.slots)
        target, to = (_filled(mark, fit, shown, same=same) if mark else None for mark in (self.target, self.to))
        return replace(self, text=filled(self.text, fit.values), target=target, to=to)


def dumps(deed: Deed) -> str:
    """The deed as JSON text."""
    return json.dumps(asdict(deed), separators=(",", ":"))


def loads(text: str) -> Deed:
    """What `dumps` was given."""
    body: dict[str, Any] = json.loads(text)
    marks = {name: _mark(body[name]) for name in ("target", "to")}
    lists = {name: tuple(body[name]) for name in ("keys", "scroll", "states")}
    return Deed(**(body | marks | lists))


def _mark(body: dict[str, Any] | None) -> Mark | None:
    if body is None:
        return None
    lists = {name: tuple(body[name]) for name in ("path", "row", "near")}
    locators = tuple(Locator(**at) for at in body["locators"])
    return Mark(**(body | lists | {"locators": locators, "box": body["box"] and tuple(body["box"])}))


def _labels(mark: Mark) -> tuple[str, ...]:
    return (mark.name, *mark.path, *mark.row)


def _identity(mark: Mark | None) -> list[object]:
    if mark is None:
        return []
    path, row = ([text for text in texts if slots(text)] for texts in (mark.path, mark.row))
    return [mark.role, mark.name, mark.window, path, row, mark.nth if mark.of > 1 and not row else -1]


def _slotted(mark: Mark, fit: Fit) -> Mark:
    path, row = (tuple(with_slots(text, fit.values) for text in texts) for texts in (mark.path, mark.row))
    return replace(mark, name=with_slots(mark.name, fit.values), path=path, row=row)


def _filled(mark: Mark, fit: Fit, shown: Mapping[str, str], *, same: bool) -> Mark:
    def one(text: str) -> str:
        label = filled(text, fit.values)
        return label if label == text else shown.get(plain(label), label)

    if not same and slots(*_labels(mark)):
        row = tuple(text for text in mark.row if slots(text))
        mark = Mark(mark.role, mark.name, window=mark.window, path=mark.path, row=row)
    return replace(mark, name=one(mark.name), path=tuple(map(one, mark.path)), row=tuple(map(one, mark.row)))


# ---------------------------------------------------------------------------------------------- threads


@dataclass(slots=True)
class Thread:
    """One template that the goal fits, and what was done so far in its terms: all of it, and without the steps that
    only led from one screen to another (a popup answered, a page opened), which the screen itself shows. `start` is the
    clause of the goal that it begins at, `words` are those of the goal from there on and `own` those of the clauses
    that it covers; `by_content` is the goal's, `adding` says that it is so only for what it adds to a value.
    """

    fit: Fit
    words: frozenset[str]
    own: frozenset[str]
    by_content: bool = False
    adding: bool = False
    start: int = 0
    whole: bytes = b""
    short: bytes = b""
    did: set[tuple[bytes, bytes]] = field(default_factory=set)

    def context(self, level: Level, look: Seen, *, alone: bool = False) -> bytes:
        """What the record is asked by: template, screen, what the task names on it, and what was done; with `alone` as
        for a goal without the clauses after.
        """
        chain = self.whole if level == "whole" else self.short
        words = self.own if alone else self.words
        number = self.fit.template.to_bytes(8, "big")
        return digest(level, number, signature(look, self.fit.values), view(look, self.fit.values, words), chain)

    def chose(self, deed: Deed, look: Seen) -> bool:
        """Whether what the screen showed may have decided this deed, which is in the terms of the template. To what is
        added to, and shows just once, it did not.
        """
        if not self.by_content or deed.by_content or not (self.adding and deed.only_told):
            return self.by_content or deed.by_content
        lines = [line.partition(" ")[2] for line in look.written.splitlines()]
        return any(lines.count(self.fit.values[at].key) > 1 for at in deed.slots)

    def advance(self, deed: Deed, before: Seen, after: Seen | None) -> None:
        """The deed was done."""
        mine = deed.with_slots(self.fit)
        self.did.add((self.context("short", before), mine.id))
        was = signature(before, self.fit.values)
        self.whole = digest(self.whole, was, mine.id)
        led = after is None or signature(after, self.fit.values) != was
        if mine.do in _TYPED or mine.do == "unknown" or mine.slots or not led:
            self.short = digest(self.short, was, mine.id)


@dataclass(slots=True)
class Trail:
    """All threads of a run. `begun` are the numbers of the clauses that threads begin at."""

    goal: Goal
    threads: list[Thread]
    begun: set[int] = field(default_factory=set)

    @property
    def before(self) -> tuple[int, bytes]:
        """All that was done so far in the terms of the template that says most of the goal, and that template."""
        thread = next(self.ordered())
        return thread.fit.template, digest(str(thread.fit.template), thread.whole)

    def advance(self, deed: Deed, before: Seen, after: Seen | None) -> None:
        """The deed was done on the look `before`; `after` is what showed then."""
        for thread in self.threads:
            thread.advance(deed, before, after)

    def ordered(self) -> Iterator[Thread]:
        """The threads, those that say most of the goal first."""
        yield from sorted(self.threads, key=lambda thread: (-thread.fit.clauses, -thread.fit.words))
