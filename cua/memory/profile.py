"""The profile: what is known of the person, from what they said and corrected; found by distance, without a model.

Of two statements on one thing the later counts; the earlier is kept as its history until it is forgotten. Nothing that
is not sure is ever told, and no secret is ever kept. The person sees, edits and forgets it with `cua memory`.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cua.core import Element, Observation, Task
from cua.errors import RefusedError, UsageError
from cua.memory.aspects import aspects, key, qualified, secret_in, words
from cua.memory.distances import MARGIN, REACH, SURE, Edges, links, names_of, nearest, node, part_of, qualifying, seeds
from cua.memory.erasing import erase, mark, pending
from cua.memory.migrations import opened, translated
from cua.memory.statements import Fact, said
from cua.secret_words import named_secret

MOST_TOLD = 10
_MOST_FIELDS = 60
_MOST_OF_ONE = 64
_MOST_MEANT = 32  # things that a word may mean; one that means more says nothing
_COLUMNS = "aspect, value, kind, of, place, source, run, time, confidence, id"
_USED = 0.8  # each time it was right, a choice comes nearer by this
_WRONG = 0.25  # and each time it was wrong, it goes so much farther
_FAR = 0.55
_OWN = frozenset({"my", "me", "i", "mine", "our", "myself"})
_NOW = "ended IS NULL"

_JOINED = re.compile(r"\s*(?:[/,&+|]|\band/or\b)\s*")

Found = list[tuple[Fact, float]]


def place_of(now: Observation) -> str:
    """How the place of a screen is kept: the host of a page, else the app."""
    host = urlsplit(now.place.url).hostname or ""
    return (host.removeprefix("www.") or now.place.app).casefold()


def sure(found: Sequence[tuple[Fact, float]]) -> Fact | None:
    """The nearest, where nothing else is nearly as near; None is a reason to ask."""
    others = [distance for fact, distance in found[1:] if fact.value != found[0][0].value]
    if not found or found[0][1] > SURE or (others and others[0] - found[0][1] < MARGIN):
        return None
    return found[0][0]


class Profile:
    """The profile in the record `path`. One thread owns it; any number of processes may share the file."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        """Raises RecordError."""
        self.path = path
        self._patience = patience
        self._db, self.notice = opened(path, patience=patience)
        self._sql: sqlite3.Connection = self._db.conn
        self._sql.execute("PRAGMA secure_delete = ON")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Twice is fine."""
        self._db.close()

    # ------------------------------------------------------------------------------------------ learning

    def told(self, text: str, when: float, *, run: str = "") -> tuple[Fact, ...]:
        """Keep what a text says of the person; most texts say nothing. Raises RecordError."""
        return self.keep([replace(fact, run=run) for fact in said(text, when)])

    def add(self, sentence: str, when: float) -> tuple[Fact, ...]:
        """Keep what the person wants known. Raises RefusedError for a secret, UsageError for what is not understood."""
        if what := secret_in(sentence):
            raise RefusedError(
                f"that holds {what}, and secrets are never kept here; keep it in the keyring: cua secret set NAME"
            )
        if found := self.told(sentence, when):
            return found
        examples = "'my work e-mail is ada@example.org', 'I prefer dark mode' or 'always save as PDF'"
        raise UsageError(
            f"{sentence!r} tells no fact or preference in a form that is known; say it as in {examples}, names with"
            " capitals or in quotes"
        )

    def keep(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Keep these as the latest on their aspects; what was known becomes history. Raises RecordError."""
        with self._writing():
            return tuple(kept for fact in facts if (kept := self._kept(fact)))

    def _kept(self, fact: Fact) -> Fact | None:
        slot = (key(fact.aspect), fact.of, fact.place)
        where = "key = ? AND of = ? AND place = ? AND ended IS NULL"
        known = self._facts(where, *slot)
        for old in known:
            if old.value == fact.value:
                self._sql.execute(
                    "UPDATE profile_facts SET time = max(time, ?), confidence = max(confidence, ?) WHERE id = ?",
                    (fact.time, fact.confidence, old.id),
                )
                return old
            if fact.value.startswith("not ") and old.value != fact.value.removeprefix("not "):
                return None  # what is wanted is known already, and it is not this
        ended = max((old.time for old in known if old.time > fact.time), default=None)
        if ended is None:
            self._sql.execute(f"UPDATE profile_facts SET ended = ? WHERE {where}", (fact.time, *slot))
        kept = replace(fact, id=f"p{secrets.token_hex(5)}")
        row = (kept.id, slot[0], kept.aspect, kept.value, kept.kind, kept.of, kept.place, kept.source, kept.run)
        sql = "INSERT INTO profile_facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._sql.execute(sql, (*row, kept.time, kept.confidence, ended))
        if kept.aspect not in aspects():
            count = "SELECT count(*) FROM profile_edges WHERE start = ?"
            for name, distance in names_of(kept.aspect):
                if not distance or self._sql.execute(count, (name,)).fetchone()[0] < _MOST_MEANT:
                    self._edge(name, node(kept.aspect), distance)
        return kept

    def choose(self, place: str, right: Fact, wrong: Fact | None) -> None:
        """In this place `right` was meant, and not `wrong`: their distances there change. Raises RecordError."""
        start = f"p:{key(right.aspect)}@{place}"
        known = self._edges({start}).get(start, {})
        with self._writing():
            self._edge(start, f"of:{right.of}", known.get(f"of:{right.of}", 0.05) * _USED)
            if wrong and wrong.aspect == right.aspect and wrong.of != right.of:
                self._edge(start, f"of:{wrong.of}", min(_FAR, known.get(f"of:{wrong.of}", 0.15) + _WRONG))

    def having(self, label: str, value: str) -> list[Fact]:
        """The facts with this value on what the label surely names, whatever place they are for. Raises RecordError."""
        with translated(self.path, self._patience):
            named = [at[2:] for at, far in seeds(words(label), self._edges).items() if far <= SURE]
            return [fact for each in named for fact in self._facts(f"key = ? AND value = ? AND {_NOW}", each, value)]

    # ------------------------------------------------------------------------------------------ looking up

    def look_up(self, asked: str, *, place: str = "", around: str = "") -> Found:
        """The facts near to some words or to the label of a field, nearest first; none if none is near. `place` is as
        `place_of` says it, `around` are words of the screen that may tell which is meant. Raises RecordError.
        """
        if named_secret(asked):
            return []
        with translated(self.path, self._patience):
            return self._near(words(_JOINED.sub(" or ", asked))[:24], place, around, loose=False)

    def _near(self, asked: Sequence[str], place: str, around: str, *, loose: bool) -> Found:
        begin = seeds(asked, self._edges, loose=loose)
        particular = qualified(asked)
        beside = qualified(words(around)) - {"home"}  # which is written everywhere
        found: dict[str, tuple[Fact, float]] = {}

        def next_to(at: str) -> Iterator[tuple[str, float]]:
            if at[:2] != "a:":
                return
            yield from links().get(at, ())
            bare, _, part = at.partition("#")
            for fact, distance in self._facts_of(bare[2:], place, particular, beside):
                value = part_of(fact.value, part)
                if value:
                    shown = replace(fact, aspect=f"{part} name", value=value) if part else fact
                    found[f"f:{fact.id}#{part}"] = (shown, distance)
                    yield f"f:{fact.id}#{part}", distance

        near = nearest(begin, next_to, REACH)
        reached = [(found[at][0], round(far, 4)) for at, far in near.items() if at in found]
        best: dict[str, tuple[Fact, float]] = {}
        for fact, far in sorted(reached, key=lambda pair: (pair[1], -pair[0].time)):
            best.setdefault(fact.id, (fact, far))
        return list(best.values())

    def _facts_of(self, aspect: str, place: str, asked: Collection[str], around: Collection[str]) -> Found:
        known = self._facts("key = ? AND ended IS NULL AND place IN ('', ?)", aspect, place)
        start = f"p:{aspect}@{place}"
        learned = self._edges({start}).get(start, {}) if known and not asked else {}
        here = {fact.of for fact in known if fact.place}
        found = []
        for fact in known:
            distance = qualifying(fact.of, asked, around)
            if distance is not None:
                distance = learned.get(f"of:{fact.of}", distance + (0.05 if learned else 0.0))
                replaced = 0.2 if not fact.place and fact.of in here else 0.0
                found.append((fact, distance + replaced + 0.1 * (1 - fact.confidence)))
        return found

    def facts_for(self, task: Task, now: Observation) -> tuple[str, ...]:
        """At most ten lines of what matters to this task on this screen, the nearest first: for the fields that show,
        and of what the goal speaks of. Unsure is nothing. Raises RecordError.
        """
        with translated(self.path, self._patience):
            if not self._facts("ended IS NULL", most=1):
                return ()
        place = place_of(now)
        around = " ".join((now.place.window, task.goal))
        near: Found = []
        for field in fields(now)[:_MOST_FIELDS]:
            found = self.look_up(field.name or field.description, place=place, around=around)
            one = sure(found)
            near += [pair for pair in found if pair[1] <= min(SURE, found[0][1] + MARGIN) and one in (None, pair[0])]
        goal = words(task.goal)[:60]
        if not named_secret(task.goal):
            with translated(self.path, self._patience):
                spoken = self._near(goal, place, now.place.window, loose=True)
            own = bool(_OWN & set(goal))
            near += [(fact, far) for fact, far in spoken if far <= 0.4 and (own or fact.kind == "preference")]
        best: dict[str, float] = {}
        for fact, far in sorted(near, key=lambda pair: pair[1]):
            best.setdefault(fact.line, far)
        return tuple(best)[:MOST_TOLD]

    # ------------------------------------------------------------------------------------------ for the person

    def facts(self, query: str = "") -> list[Fact]:
        """All that is known now, newest first; of a query what it may mean and what has all its words."""
        with translated(self.path, self._patience):
            if not query:
                return self._facts("ended IS NULL ORDER BY time DESC", most=-1)
            near = [fact for fact, _ in self._near(words(query), "", "", loose=True)]
            where = " AND ".join(["instr(lower(of || ' ' || aspect || ' ' || value), lower(?))"] * len(query.split()))
            written = self._facts(f"ended IS NULL AND {where} ORDER BY time DESC", *query.split(), most=-1)
        return list({fact.id: fact for fact in (*near, *written)}.values())

    def history(self, id: str) -> list[Fact]:
        """What was known on the same thing, oldest first. Raises UsageError for an id that is not there."""
        with translated(self.path, self._patience):
            known = self._facts("id = ?", id)
            if not known:
                raise UsageError(f"no fact has the id {id!r}; see: cua memory list --kind profile")
            slot = (key(known[0].aspect), known[0].of, known[0].place)
            return self._facts("key = ? AND of = ? AND place = ? ORDER BY time", *slot, most=-1)

    def forget(self, id: str) -> list[Fact]:
        """Delete a fact with its history, sentences that tell its value, and every byte of it from the file; what it
        was, oldest first.

        Raises UsageError for an id that is not there; RecordError where another program holds the file: the fact is
        gone then, but its bytes are not, until it is forgotten again.
        """
        gone = [] if pending(self._sql, id) else self.history(id)
        with self._writing():
            mark(self._sql, id)
            for fact in gone:
                self._sql.execute("DELETE FROM profile_facts WHERE id = ?", (fact.id,))
                self._sql.execute("UPDATE profile_facts SET source = '' WHERE instr(source, ?)", (fact.value,))
            if gone and not self._facts("key = ?", key(gone[0].aspect)):
                self._sql.execute("DELETE FROM profile_edges WHERE stop = ?", (node(gone[0].aspect),))
                self._sql.execute("DELETE FROM profile_edges WHERE start LIKE ?", (f"p:{key(gone[0].aspect)}@%",))
        erase(self._sql, self.path, id)
        return gone

    # ------------------------------------------------------------------------------------------ the file

    def _facts(self, where: str, *values: object, most: int = _MOST_OF_ONE) -> list[Fact]:
        limit = "" if most < 0 else f" LIMIT {most}"
        rows = self._sql.execute(f"SELECT {_COLUMNS} FROM profile_facts WHERE {where}{limit}", values).fetchall()
        return [Fact(*row) for row in rows]

    def _edges(self, starts: Collection[str]) -> Edges:
        found: dict[str, dict[str, float]] = {}
        sql = f"SELECT start, stop, distance FROM profile_edges WHERE start IN ({','.join('?' * len(starts))})"
        for start, stop, distance in self._sql.execute(sql, tuple(starts)):
            found.setdefault(start, {})[stop] = distance
        return found

    def _edge(self, start: str, stop: str, distance: float) -> None:
        self._sql.execute("REPLACE INTO profile_edges VALUES (?, ?, ?)", (start, stop, distance))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.path, self._patience):
            self._sql.execute("BEGIN IMMEDIATE")
            with self._sql:
                yield


def fields(now: Observation) -> list[Element]:
    """What can be filled in and is no place for a secret."""
    return [
        element
        for element in now.elements
        if "editable" in element.states
        and not {"password", "disabled"} & element.states
        and element.box is not None
        and (element.name or element.description)
    ]
