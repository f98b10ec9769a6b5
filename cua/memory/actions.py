"""The action memory: which step a task takes on this screen, from the steps of all runs that passed.

Every step is kept under exact keys: the template of the task, the signature of the screen, what the task names on it,
and what was done before (compare the prefix tree of MobiAgent's AgentRR, which is keyed by depth). A look-up is a few
reads of an index, however much is kept. What failed takes credit away. It never compares by likeness, never offers a
step that the record leaves in doubt, and never acts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cua.memory.evidence import ENOUGH_WORDS, Use, alike, credit, decided, lower_bound, standing
from cua.memory.migrations import opened, translated
from cua.memory.signatures import Seen, Value, content, digest, plain, signature, view
from cua.memory.templates import Fit, Goal, fits, stands_in, template, unambiguous
from cua.memory.trails import WRITTEN, Deed, Level, Thread, Trail, dumps, loads

MOST_USES = 32
MOST_READ = 2 * MOST_USES
MOST_CLAUSES = 4
MOST_THREADS = 12
LEVELS: tuple[Level, ...] = ("whole", "short")
FINISH = Deed("finish")


@dataclass(frozen=True, slots=True)
class Taken:
    """A run as the memory learns it: each act with the look before it, and the last look. `ended` says whether the
    policy itself said that it was done.
    """

    run: str
    goal: Goal
    deeds: tuple[Deed, ...]
    looks: tuple[Seen, ...]
    last: Seen | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that the record is sure of, with this task's values, and how it is known: from which run, how often it
    passed and failed, and the rate of passing that this supports.
    """

    deed: Deed
    run: str
    passes: int
    fails: int
    bound: float


class Actions:
    """The action memory in the record `path`. One thread owns it; any number of processes may share the file."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        self.path = path
        self._patience = patience
        self._db, self.notice = opened(path, patience=patience)
        self._sql: sqlite3.Connection = self._db.conn

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Twice is fine."""
        self._db.close()

    # ------------------------------------------------------------------------------------------ asking

    def trail(self, goal: Goal) -> Trail:
        """The start of a run for this goal: the templates that it fits."""
        with translated(self.path, self._patience):
            return self._trail(goal)

    def offer(self, trail: Trail, now: Seen, *, withheld: frozenset[bytes] = frozenset()) -> Offer | None:
        """The step to take now, or None where the record is not sure. `withheld` are ids of deeds that cannot be done.

        Raises RecordError if the record cannot be read.
        """
        with translated(self.path, self._patience):
            self._begin_parts(trail, now)
            found = [offer for thread in trail.ordered() if (offer := self._of_thread(thread, now))]
            if not found and (answer := self._everywhere(trail, now)):
                found = [answer]
        agreed = len({offer.deed.id for offer in found}) == 1
        return found[0] if agreed and found[0].deed.id not in withheld else None

    def _trail(self, goal: Goal, used: frozenset[str] = frozenset()) -> Trail:
        return Trail(goal, self._threads(goal, 0, used), begun={0})

    def _threads(self, goal: Goal, start: int, used: frozenset[str]) -> list[Thread]:
        left = goal.after(start)
        words = left.words(len(left.clauses))
        found = unambiguous(fits(left, self._children), used)
        told = left.by_content
        return [
            Thread(fit, words, left.words(fit.clauses), told, told and left.adds_to(fit.values), start)
            for fit in found[:MOST_THREADS]
        ]

    def _children(self, node: int, tokens: tuple[str, ...]) -> dict[str, int]:
        sql = f"SELECT token, child FROM action_words WHERE parent = ? AND token IN ({','.join('?' * len(tokens))})"
        return dict(self._sql.execute(sql, (node, *tokens)).fetchall())

    def _begin_parts(self, trail: Trail, now: Seen, used: frozenset[str] = frozenset()) -> None:
        """Where the first clauses are done, as they were when nothing came after, the rest is a task of its own."""
        for thread in list(trail.threads):
            start = thread.start + thread.fit.clauses
            if start in trail.begun or start >= len(trail.goal.clauses):
                continue
            known = self._counted(thread.context("whole", now, alone=True), thread, now)
            uses = [use for use in known if not use.said[-1]]
            if decided(uses, thread.fit.alone().values) == FINISH.id:
                trail.begun.add(start)
                trail.threads += self._threads(trail.goal, start, used)

    def _of_thread(self, thread: Thread, now: Seen) -> Offer | None:
        for level in LEVELS:
            context = thread.context(level, now)
            uses = self._counted(context, thread, now)
            deed = decided(uses, thread.fit.values)
            if deed is None or (deed == FINISH.id and (level != "whole" or thread.fit.values[-1].key)):
                continue
            if level == "short" and (context, deed) in thread.did:
                continue
            return self._offer(uses, deed, thread.fit, now)
        return self._whatever_shows(thread, now)

    def _whatever_shows(self, thread: Thread, now: Seen) -> Offer | None:
        """Where it is not sure with just what shows of the task now, but has not been seen to matter."""
        context, shown = _anyhow(thread, now)
        uses = () if thread.by_content else alike(self._uses(context), shown)
        deed = decided(uses, thread.fit.values)
        if deed is None or (deed == FINISH.id and thread.fit.values[-1].key):
            return None
        return self._offer(list(uses), deed, thread.fit, now)

    def _everywhere(self, trail: Trail, now: Seen) -> Offer | None:
        """What every task did on a screen that is known to come in between, whatever the task is."""
        if _named(trail.goal, now):
            return None
        uses = self._uses(_between(now))
        between = {use.said for use in uses if use.said[0] and use.passes > use.fails}
        enough = min((len({said[at] for said in between}) for at in (0, 1)), default=0) >= ENOUGH_WORDS
        deeds = {use.deed for use in uses}
        if len(deeds) != 1 or not enough or any(use.fails >= use.passes for use in uses):
            return None
        return self._offer(uses, deeds.pop(), Fit(0, (), 0, 0), now)

    def _offer(self, uses: list[Use], deed: bytes, fit: Fit, now: Seen) -> Offer:
        rows = self._sql.execute("SELECT body, said FROM action_deeds WHERE id = ?", (deed,)).fetchall()
        passes, fails = credit(uses, deed)
        run = next(use.run for use in uses if use.deed == deed)
        known = loads(rows[0][0]).filled(fit, json.loads(rows[0][1]), now.shown)
        return Offer(known, run, passes, fails, lower_bound(passes, fails))

    def _counted(self, context: bytes, thread: Thread, now: Seen) -> list[Use]:
        """The uses of a context that count on this screen."""
        uses = self._uses(context)
        if not any(use.content for use in uses):
            return uses
        return standing(uses, content(now, thread.fit.values), by_content=thread.by_content)

    def _uses(self, context: bytes) -> list[Use]:
        sql = "SELECT deed, content, said, passes, fails, run FROM action_uses WHERE context = ? LIMIT ?"
        rows = self._sql.execute(sql, (context, MOST_READ)).fetchall()
        saids = json.loads(f"[{','.join(row[2] for row in rows)}]")  # one call for all: most of the time went there
        return [
            Use(deed, tuple(keys), frozenset(slots), passes, fails, run, shown, item, frozenset(*contents))
            for (deed, shown, _, passes, fails, run), (keys, slots, item, *contents) in zip(rows, saids, strict=True)
        ]

    # ------------------------------------------------------------------------------------------ learning

    def learn(self, taken: Taken, *, passed: bool) -> None:
        """What came of a run. The same again changes nothing; another outcome of the same run replaces the first."""
        self.learn_all([(taken, passed)])

    def learn_all(self, runs: Iterable[tuple[Taken, bool]]) -> None:
        """Many runs in one go; all of them are kept, or none."""
        with self._writing():
            for taken, passed in runs:
                rows = self._sql.execute("SELECT passed FROM action_runs WHERE run = ?", (taken.run,)).fetchall()
                if rows and rows[0][0] == passed:
                    continue
                self._sql.execute("REPLACE INTO action_runs VALUES (?, ?)", (taken.run, int(passed)))
                self._learn(taken, (1, 0) if passed else (0, 1), -1 if rows else 0)

    def _learn(self, taken: Taken, counts: tuple[int, int], other: int) -> None:
        """`counts` are added to passes and fails, `other` to that of both which is not counted up."""
        passes, fails = counts[0] or other, counts[1] or other
        used = _used(taken)
        if passes > 0:
            self._keep_templates(taken.goal, used)
        trail = self._trail(taken.goal, used)
        of = (taken, passes, fails)
        afters = (*taken.looks[1:], taken.last)[: len(taken.looks)]
        for deed, look, after in zip(taken.deeds, taken.looks, afters, strict=True):
            self._begin_parts(trail, look, used)
            for thread in trail.threads:
                self._put_thread(thread, deed, look, of)
            self._put_between(trail, deed, look, after, (taken.run, passes, fails))
            trail.advance(deed, look, after)
        if taken.ended and taken.last:
            for thread in trail.threads:
                self._put_thread(thread, FINISH, taken.last, of)

    def _put_thread(self, thread: Thread, deed: Deed, look: Seen, of: tuple[Taken, int, int]) -> None:
        """What was done, by all that the record may be asked by."""
        taken, passes, fails = of
        values, mine, told = thread.fit.values, deed.with_slots(thread.fit), _contents(taken)
        words = [at for at, value in enumerate(values) if value.kind == "word" and value.key in told]
        ending = deed == FINISH
        whole = content(look, values) if not ending and thread.chose(mine, look) else b""
        places = [(thread.context(level, look), whole) for level in (LEVELS[:1] if ending else LEVELS)]
        for context, shown in (*places, _anyhow(thread, look)):
            self._put(_Lesson(context, deed, thread.fit, taken.run, passes, fails, tuple(words)), shown)

    def _keep_templates(self, goal: Goal, used: frozenset[str]) -> None:
        counts = {*range(1, min(len(goal.clauses), MOST_CLAUSES) + 1), len(goal.clauses)}
        for tokens in {template(goal, used, count) for count in counts if count}:
            node = 0
            for token in tokens:
                self._sql.execute("INSERT OR IGNORE INTO action_words (parent, token) VALUES (?, ?)", (node, token))
                node = self._children(node, (token,))[token]

    def _put(self, lesson: _Lesson, shown: bytes) -> None:
        deed, values = lesson.deed.with_slots(lesson.fit), lesson.fit.values
        contents = [lesson.contents] if lesson.contents else []
        said = json.dumps([[value.key for value in values], sorted(deed.slots), deed.by_content, *contents])
        self._count(lesson, (lesson.context, digest(said), deed.id, shown), said)
        if lesson.passes > 0:
            row = (deed.id, dumps(deed), json.dumps([value.text for value in values]))
            self._sql.execute("INSERT OR IGNORE INTO action_deeds VALUES (?, ?, ?)", row)

    def _count(self, lesson: _Lesson, key: tuple[bytes, bytes, bytes, bytes], said: str) -> None:
        """Add to a use; a new one is kept while there is room, and always if it is another step than those known."""
        where = "context = ? AND task = ? AND deed = ? AND content = ?"
        change = "passes = max(0, passes + ?), fails = max(0, fails + ?), run = iif(?1 > 0, ?, run)"
        counts = (lesson.passes, lesson.fails, lesson.run)
        if self._sql.execute(f"UPDATE action_uses SET {change} WHERE {where}", (*counts, *key)).rowcount:
            return
        sql = "SELECT deed FROM action_uses WHERE context = ? LIMIT ?"
        known = [row[0] for row in self._sql.execute(sql, (key[0], MOST_READ)).fetchall()]
        if lesson.passes <= 0 and key[2] not in known:
            return
        if len(known) < MOST_USES or (key[2] not in known and len(known) < MOST_READ):
            row = (*key, said, max(0, lesson.passes), max(0, lesson.fails), lesson.run)
            self._sql.execute("INSERT INTO action_uses VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _put_between(self, trail: Trail, deed: Deed, look: Seen, after: Seen | None, of: tuple[str, int, int]) -> None:
        """What was done here whatever the task; and whether this screen is one that only sometimes comes in between."""
        if not trail.threads:
            return
        number, before = trail.before
        sql = "SELECT 1 FROM action_follows WHERE deed = ? AND screen = ?"
        led = after is not None and after.base != look.base
        known = led and after and self._sql.execute(sql, (before, after.base)).fetchone()
        if of[1] > 0:
            self._sql.execute("INSERT OR IGNORE INTO action_follows VALUES (?, ?)", (before, look.base))
        bare = not any(deed.with_slots(thread.fit).slots for thread in trail.threads)
        aside = bare and deed.do in ("click", "invoke") and not deed.by_content and not _named(trail.goal, look)
        said = (before.hex(), str(number)) if known and aside else ("", "")
        values = tuple(Value(text, text, "rest") for text in said)
        lesson = _Lesson(_between(look), deed, Fit(0, values, 0, 0), *of)
        self._put(lesson, content(look, values) if deed.by_content else b"")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.path, self._patience):
            self._sql.execute("BEGIN IMMEDIATE")
            with self._sql:
                yield


@dataclass(frozen=True, slots=True)
class _Lesson:
    """One step of one run in one context; `passes` and `fails` are what is added to its counts, `contents` the slots
    whose words are content.
    """

    context: bytes
    deed: Deed
    fit: Fit
    run: str
    passes: int
    fails: int
    contents: tuple[int, ...] = ()


def _used(taken: Taken) -> frozenset[str]:
    """What the run used by name, and what of the goal stands in what it wrote, as it is compared."""
    written = [deed.text for deed in taken.deeds if deed.do in WRITTEN]
    inside = (said for clause in taken.goal.clauses for said in clause if any(stands_in(said, t) for t in written))
    return frozenset(plain(text) for deed in taken.deeds for text in deed.texts if text) | {
        plain(said.text) for said in inside
    }


def _contents(taken: Taken) -> frozenset[str]:
    """What the run wrote, picked from a choice or took for the row to act in, as it is compared: content, none of it
    the name of a control.
    """
    marks = [mark for deed in taken.deeds for mark in (deed.target, deed.to) if mark]
    written = {deed.text for deed in taken.deeds if deed.do in WRITTEN}
    rows = {mark.row[0] for mark in marks if mark.of > 1 and mark.row}  # it tells the row from the others
    picked = {mark.name for mark in marks if mark.role == "option"}
    names = {plain(mark.name) for mark in marks if mark.role != "option"}
    return frozenset(map(plain, written | rows | picked)) - names


def _anyhow(thread: Thread, look: Seen) -> tuple[bytes, bytes]:
    """What the record is asked by where it may not matter what shows of the task; and what does show of it."""
    values = thread.fit.values
    number = thread.fit.template.to_bytes(8, "big")
    shown = digest(view(look, values, thread.words))
    return digest("anyhow", number, signature(look, values), thread.whole), shown


def _between(look: Seen) -> bytes:
    return digest("between", look.base)


def _named(goal: Goal, look: Seen) -> bool:
    """Whether the goal has a word that is written on the screen: then the screen may be what it is about."""
    written = {word for text in look.said for word in text.split()}
    return not written.isdisjoint(goal.words(len(goal.clauses)))
