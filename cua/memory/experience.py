"""The experience memory: per template of goals what worked, what did not, and whether recalling it helped.

Everything about an item follows from the runs that are kept with it, so a run that is learned twice counts once, and
another verdict of it replaces the first. An item's value is learned from outcomes as in MemRL (Q <- (1-a) Q + a r);
one that is known to fail more often than not is no longer found. It never acts, and knows no screen.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from cua.errors import UsageError
from cua.memory.advices import Advices
from cua.memory.evidence import lower_bound
from cua.memory.lessons import Advice, Folded, Lesson, dumps, folded, loads_folded, loads_lesson, widened
from cua.memory.migrations import opened, translated
from cua.memory.signatures import digest
from cua.memory.templates import slot
from cua.memory.vectors import Meanings, Vectors
from cua.memory.weighing import Near
from cua.memory.words_index import Places, Words

LIKELY = 0.3  # how alike a goal must be at least
RATE = 0.3  # how fast the value follows the outcomes
DOUBTFUL = 0.5  # an item that surely fails more often than this is no longer found
MOST_LESSONS = 8  # of a template, the newest
_MOST_USES = 64  # of an item, the newest, that its value is computed from
_MEANT = 0.8  # what a word counts that only means the same
_VERB = 0.5  # what the first word counts
_OPPOSED = 0.5  # what is left of the likeness where one goal asks for the opposite


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of one template of goals in one app. `pattern` are its tokens (see `templates`), `value` between -1
    and 1; `passes` and `fails` count the runs that taught it or were told it; `found` is false for one that failed too
    often.
    """

    id: int
    app: str
    pattern: tuple[str, ...]
    known: Folded
    value: float
    passes: int
    fails: int
    learned: float
    found: bool


@dataclass(frozen=True, slots=True)
class Gist:
    """A goal in words: its places (see `words_index`), and the meanings that are the opposite of what it says."""

    places: Places
    against: frozenset[str]
    words: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset(word for place in self.places for word in place))


@dataclass(frozen=True, slots=True)
class Taught:
    """A run as an item keeps it: `apps` are those it went through, the first one first."""

    run: str
    apps: tuple[str, ...]
    pattern: tuple[str, ...]
    places: Places
    slots: int
    lesson: Lesson


class Experience:
    """The experience in the record `path`. One thread owns it; any number of processes may share the file."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        self.path, self._patience = path, patience
        self._db, self.notice = opened(path, patience=patience)
        self._sql: sqlite3.Connection = self._db.conn
        self._words, self._advices, self._vectors = Words(self._sql), Advices(self._sql), Vectors(self._sql)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()

    # ------------------------------------------------------------------------------------------ asking

    def near(self, asked: Gist, app: str = "", close: Mapping[int, float] | None = None) -> list[Near]:
        """Those that the goal may mean, in one app or in all, most alike first: those with its words, and those `close`
        to it in meaning, as `closest` finds them. What is both is the more alike. Raises RecordError.
        """
        close = close or {}
        if not asked.places and not close:
            return []
        with translated(self.path, self._patience):
            found, weights = self._words.near(asked.places, app)
            wanted = list(dict.fromkeys((*found, *close)))
            marks = ",".join("?" * len(wanted))
            sql = f"SELECT id, places, slots, value FROM experience WHERE found AND id IN ({marks})"
            rows = self._sql.execute(sql, wanted).fetchall()
        near = []
        for item, said, slots, value in rows:
            alike = likeness(asked, weights, said, slots) if asked.places else 0.0
            if meant := close.get(item, 0.0):
                apart = 1.0 if asked.against.isdisjoint(re.split("[ /]", said)) else _OPPOSED
                alike = 1 - (1 - alike) * (1 - apart * meant)
            near.append(Near(item, alike, value))
        return sorted((each for each in near if each.likeness >= LIKELY), key=lambda each: (-each.likeness, -each.id))

    def closest(self, app: str, meanings: Meanings, text: str) -> dict[int, float]:
        """Items of an app that mean about the same as a text, and how near each is. The model is asked only where there
        is something to compare with. Raises RecordError.
        """
        with translated(self.path, self._patience):
            there = self._vectors.known(app, meanings.model)
        vector = meanings.of(text) if there else None
        if vector is None:
            return {}
        with translated(self.path, self._patience):
            return self._vectors.near(app, meanings.model, vector)

    def known(self, near: Sequence[Near]) -> list[Item]:
        """Those of them that are still there, in their order. Raises RecordError."""
        found = {item.id: item for item in self._items(f"WHERE id IN ({','.join('?' * len(near))})", *_ids(near))}
        return [found[each.id] for each in near if each.id in found]

    def items(self) -> list[Item]:
        """All of them, newest first. Raises RecordError."""
        return self._items("ORDER BY learned DESC, id DESC")

    def _items(self, where: str, *values: object) -> list[Item]:
        sql = f"SELECT id, app, pattern, body, value, passes, fails, learned, found FROM experience {where}"
        with translated(self.path, self._patience):
            rows = self._sql.execute(sql, values).fetchall()
        return [_item(*row) for row in rows]

    # ------------------------------------------------------------------------------------------ learning

    def keep(self, taught: Taught) -> int:
        """What a run taught, with the item of its pattern; the number of that. Raises RecordError."""
        key = digest(taught.apps[0], *taught.pattern)
        with self._writing():
            rows = self._sql.execute("SELECT id FROM experience WHERE key = ?", (key,)).fetchall()
            item = rows[0][0] if rows else self._new(key, taught)
            self._sql.execute(
                "INSERT INTO experience_runs VALUES (?1, ?2, ?3, 0, ?4)"
                " ON CONFLICT DO UPDATE SET passed = ?3, body = ?4",
                (item, taught.run, int(taught.lesson.passed), dumps(taught.lesson)),
            )
            self._forget_oldest(item)
            self._advices.judged_anew(item, taught.run, passed=taught.lesson.passed)
            self._refresh(item, taught.apps)
        return int(item)

    def advised(self, item: int) -> bool | None:
        """Whether a model summed up a run that passed, or (False) only one that failed; None for none at all."""
        with translated(self.path, self._patience):
            return self._advices.passed(item)

    def advise(self, item: int, run: str, advice: Advice, *, passed: bool) -> None:
        """What a model made of that run stands with the item, in place of what it made of another. An item that is
        forgotten by now is passed over. Raises RecordError.
        """
        with self._writing():
            if self._sql.execute("SELECT 1 FROM experience WHERE id = ?", (item,)).fetchone():
                self._advices.keep(item, run, advice, passed=passed)
                self._refresh(item)

    def placed(self, item: int, model: str) -> bool:
        """Whether the item has a vector of that model. Raises RecordError."""
        with translated(self.path, self._patience):
            return self._vectors.has(item, model)

    def place(self, item: int, model: str, vector: Sequence[float]) -> None:
        """The item's vector, in place of any other. An item that is forgotten by now is passed over. Raises
        RecordError.
        """
        with self._writing():
            row = self._sql.execute("SELECT apps FROM experience WHERE id = ?", (item,)).fetchone()
            if row:
                self._vectors.keep(item, json.loads(row[0]), model, vector)

    def credit(self, run: str, used: Iterable[int], *, passed: bool) -> None:
        """The outcome of a run for the items that it was told. Those that are forgotten by now are passed over."""
        sql = "INSERT INTO experience_runs VALUES (?1, ?2, ?3, 1, '') ON CONFLICT DO UPDATE SET passed = ?3, used = 1"
        with self._writing():
            for item in dict.fromkeys(used):
                if self._sql.execute("SELECT 1 FROM experience WHERE id = ?", (item,)).fetchone():
                    self._sql.execute(sql, (item, run, int(passed)))
                    self._refresh(item)

    def forget(self, item: int) -> None:
        """All of it, and what its runs taught. Raises UsageError for one that is not there."""
        with self._writing():
            self._index(item, found=False)
            if self._sql.execute("DELETE FROM experience WHERE id = ?", (item,)).rowcount != 1:
                raise UsageError(f"nothing of the number {item} is remembered; `cua memory list` shows what is")
            self._sql.execute("DELETE FROM experience_runs WHERE item = ?", (item,))
            self._advices.forget(item)
            self._vectors.forget(item)

    def widen(self, item: Item, at: int, taught: Taught) -> None:
        """Word `at` of the item's pattern becomes a slot, as it is in the pattern of `taught`, in all that is known of
        it; nothing is changed if that pattern has an item already, or this one is forgotten. Raises RecordError.
        """
        number = sum(token.startswith(slot("")) for token in item.pattern[:at])
        key, said = digest(taught.apps[0], *taught.pattern), " ".join("/".join(place) for place in taught.places)
        with self._writing():
            sql = "SELECT count(*) FROM experience WHERE id = ? UNION ALL SELECT count(*) FROM experience WHERE key = ?"
            if self._sql.execute(sql, (item.id, key)).fetchall() != [(1,), (0,)]:
                return
            self._index(item.id, found=False)
            sql = "UPDATE experience SET key = ?, pattern = ?, places = ?, slots = ? WHERE id = ?"
            self._sql.execute(sql, (key, json.dumps(taught.pattern), said, taught.slots, item.id))
            sql = "SELECT rowid, body FROM experience_runs WHERE item = ? AND body <> ''"
            for row, body in self._sql.execute(sql, (item.id,)).fetchall():
                lesson = dumps(widened(loads_lesson(body), item.pattern[at], number))
                self._sql.execute("UPDATE experience_runs SET body = ? WHERE rowid = ?", (lesson, row))
            self._advices.widen(item.id, item.pattern[at], number)
            self._vectors.forget(item.id)  # of words that are no longer those of the pattern
            self._refresh(item.id)

    def _new(self, key: bytes, taught: Taught) -> int:
        places = " ".join("/".join(place) for place in taught.places)
        made = self._sql.execute(
            "INSERT INTO experience (key, app, apps, pattern, places, slots, body, value, passes, fails, learned,"
            " found) VALUES (?, ?, '[]', ?, ?, ?, '', 0, 0, 0, ?, 0)",
            (key, taught.apps[0], json.dumps(taught.pattern), places, taught.slots, time.time()),
        )
        return int(made.lastrowid or 0)

    def _forget_oldest(self, item: int) -> None:
        """Of old runs only the outcome is kept."""
        self._sql.execute(
            "UPDATE experience_runs SET body = '' WHERE item = ?1 AND rowid NOT IN (SELECT rowid FROM experience_runs"
            " WHERE item = ?1 AND body <> '' ORDER BY rowid DESC LIMIT ?2)",
            (item, MOST_LESSONS),
        )

    def _refresh(self, item: int, apps: Sequence[str] = ()) -> None:
        """What follows from the runs of an item: what they have in common, its value, and whether it is still found."""
        sql = "SELECT passed, used, body FROM experience_runs WHERE item = ? ORDER BY rowid DESC LIMIT ?"
        runs = self._sql.execute(sql, (item, _MOST_USES)).fetchall()[::-1]
        lessons = [Lesson(each.acts, each.pitfalls, bool(passed))
                   for passed, _, body in runs if body for each in [loads_lesson(body)]]  # fmt: skip
        outcomes = [bool(passed) for passed, used, _ in runs if passed or used]
        passes, fails = sum(outcomes), len(outcomes) - sum(outcomes)
        value = 0.0
        for passed in outcomes:
            value = (1 - RATE) * value + RATE * (1 if passed else -1)
        known = json.loads(self._sql.execute("SELECT apps FROM experience WHERE id = ?", (item,)).fetchone()[0])
        through = list(dict.fromkeys([*known, *apps]))
        if through != known:
            self._index(item, found=False)
            for app in through[len(known) :]:
                self._vectors.spread(item, app)
        row = (json.dumps(through), dumps(replace(folded(lessons), advice=self._advices.of(item))))
        sql = "UPDATE experience SET apps = ?, body = ?, value = ?, passes = ?, fails = ?, learned = ? WHERE id = ?"
        self._sql.execute(sql, (*row, value, passes, fails, time.time(), item))
        self._index(item, found=lower_bound(fails, passes) <= DOUBTFUL)

    def _index(self, item: int, *, found: bool) -> None:
        """Into the index of words, or out of it."""
        row = self._sql.execute("SELECT places, apps, found FROM experience WHERE id = ?", (item,)).fetchone()
        if row is None or bool(row[2]) == found:
            return
        places, apps = _places(row[0]), json.loads(row[1])
        if found:
            self._words.add([(item, places, apps)])
        else:
            self._words.remove(item, places, apps)
        self._sql.execute("UPDATE experience SET found = ? WHERE id = ?", (int(found), item))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.path, self._patience):
            self._sql.execute("BEGIN IMMEDIATE")
            with self._sql:
                yield


def _item(item: int, app: str, pattern: str, body: str, *rest: float) -> Item:
    value, passes, fails, learned, found = rest
    template = tuple(json.loads(pattern))
    return Item(item, app, template, loads_folded(body), value, int(passes), int(fails), learned, bool(found))


# ---------------------------------------------------------------------------------------------- weighing


def likeness(asked: Gist, weights: dict[str, float], said: str, slots: int) -> float:
    """How alike a goal is to an item's, from 0 to 1: what part of either says what the other says.

    The goal's words count by how much they tell; the first one, which mostly says what is done and not to what, counts
    half. So many of them as the item has slots for may be values of its own.
    """
    there: set[str] = set()
    shared, weight, mine = 0.0, _VERB, asked.words
    places = said.split()
    for text in places:
        here = text.split("/")
        there.update(here)
        if not mine.isdisjoint(here):
            shared += weight
        weight = 1.0
    every = len(places) - 1 + _VERB
    if not shared:
        return 0.0
    met, missed = 0.0, list[float]()
    for at, place in enumerate(asked.places):
        weight = weights[place[0]] * (1.0 if at else _VERB)
        share = 1.0 if place[0] in there else _MEANT if not there.isdisjoint(place) else 0.0
        met += share * weight
        missed.append((1 - share) * weight)
    missed.sort()
    ours, theirs = met / (met + sum(missed[: max(0, len(missed) - slots)])), shared / every
    alike = 2 * ours * theirs / (ours + theirs)
    return alike if asked.against.isdisjoint(there) else _OPPOSED * alike


def _ids(near: Sequence[Near]) -> list[int]:
    return [each.id for each in near]


def _places(said: str) -> list[tuple[str, ...]]:
    return [tuple(place.split("/")) for place in said.split()]
