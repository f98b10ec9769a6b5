"""The record: every run step by step, the screens and pictures seen, the verdicts, and small documents with history.

A step is on file before `keep` returns; only its picture is encoded later, on a thread of its own. Screens and pictures
are stored once each, by content. The store never changes a step that was kept, never deletes, and never judges. One
thread owns a Store; any number of processes may share its file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from cua import codec
from cua.core import Element, Observation, Outcome, Run, Step, Stopped, Task, Verdict, Wait
from cua.errors import RecordError, UsageError
from cua.memory.migrations import opened, translated
from cua.memory.pictures import Pictures

INTERRUPTED = "the record of this run has no end: it is still going on, or its program stopped"


@dataclass(frozen=True, slots=True)
class Summary:
    """One line about a run. `started` is in seconds since 1970; `steps` counts the acts, as `acts` does; `outcome` is
    None until the run is judged.
    """

    id: str
    task: str
    goal: str
    started: float
    steps: int
    stopped: Stopped
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Version:
    """What a document was at one time; a deletion is a version whose `deleted` is true. Of one that cannot be read
    `body` is None, and `damage` says why.
    """

    number: int
    time: float
    body: Any
    deleted: bool
    damage: str = ""


# the same in SQL, over texts that `codec.dumps` writes: the class comes first
_IS_ACT = """ AND action NOT LIKE '{"@":"Wait",%' AND effect NOT LIKE '{"@":"Effect","kind":"refused",%'"""


def acts(steps: Sequence[Step]) -> int:
    """How many of them a person would call acts: not the waits, and not what was refused."""
    return sum(not isinstance(step.action, Wait) and step.effect.kind != "refused" for step in steps)


class Store:
    """The record in the file `path`. `notice` says what the person should know about how it was opened, or is ""."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        """`patience` is how many seconds another program may hold the file before a RecordError."""
        self.path = path
        self._patience = patience
        self._db, self.notice = opened(path, patience=patience)
        self._screens = codec.Screens()
        self._pictures = Pictures(path.with_name(path.stem + ".frames"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the pictures, then let go of the file. Twice is fine."""
        try:
            self._pictures.close()
        finally:
            self._db.close()

    def set_aside(self) -> list[Path]:
        """The records that were damaged and stand beside this one since, oldest first."""
        return sorted(self.path.parent.glob(f"{self.path.name}.damaged-*Z"))

    def flush(self) -> None:
        """Wait until every picture is on file. RecordError if one could not be written."""
        self._pictures.flush()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.path, self._patience):
            # Not a plain BEGIN: one that reads first would fail at once, not wait, if another program wrote meanwhile.
            self._db.execute("BEGIN IMMEDIATE")
            with self._db.conn:
                yield

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with translated(self.path, self._patience):
            return self._db.execute(sql, values).fetchall()

    # ------------------------------------------------------------------------------------------ runs

    def begin(self, run_id: str, task: Task) -> None:
        """A run starts. Until `end` it loads as interrupted."""
        row = (run_id, _plain(task.id), _plain(task.goal), time.time(), codec.dumps(task))
        with self._writing():
            self._db.execute("INSERT INTO runs (id, task_id, goal, started, task) VALUES (?, ?, ?, ?, ?)", row)

    def keep(self, run_id: str, index: int, step: Step) -> None:
        """The step is on file when this returns; its picture follows."""
        seen, action, effect = self._seen(step.seen), codec.dumps(step.action), codec.dumps(step.effect)
        with self._writing():
            self._put_screen(step.seen.elements)
            row = (run_id, index, seen, action, effect, step.seconds)
            self._db.execute("INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)", row)
        self._pictures.put(step.seen.frame)

    def end(self, run: Run) -> None:
        """How the run stopped. Its steps are those that were kept."""
        last = self._seen(run.last) if run.last else None
        ending = codec.dumps({"stopped": run.stopped, "reason": run.reason, "seconds": run.seconds})
        with self._writing():
            if run.last:
                self._put_screen(run.last.elements)
            row = (last, ending, run.stopped, run.id)
            done = self._db.execute("UPDATE runs SET last = ?, ending = ?, stopped = ? WHERE id = ?", row)
            if done.rowcount != 1:
                raise RecordError(f"cannot end run {run.id!r}: it was never begun in {self.path}; call begin first")
        self._pictures.put(run.last.frame if run.last else None)

    def run(self, run_id: str) -> Run:
        """The run as it was kept; one without an end has stopped="interrupted"."""
        task, last, ending = self._of_run(run_id, "task, last, ending")
        rows = self._rows("SELECT seen, action, effect, seconds FROM steps WHERE run_id = ? ORDER BY number", run_id)
        look = _Looks(self)
        steps = tuple(
            Step(look.at(seen), codec.loads(action), codec.loads(effect), seconds)
            for seen, action, effect, seconds in rows
        )
        went = Run(run_id, codec.loads(task, Task), steps, last=look.at(last) if last else None)
        if ending is None:
            return replace(went, reason=INTERRUPTED, seconds=sum(step.seconds for step in steps))
        try:
            return replace(went, **json.loads(ending))
        except (TypeError, ValueError) as exc:
            raise RecordError(f"the end of run {run_id} in {self.path} is damaged ({exc}); its steps are kept") from exc

    def runs(self, limit: int = 50, *, task: str | None = None) -> list[Summary]:
        """The latest runs, of one task (its id) or of all, newest first."""
        rows = self._rows(
            f"SELECT id, task_id, goal, started, (SELECT count(*) FROM steps WHERE run_id = runs.id{_IS_ACT}),"
            " coalesce(stopped, 'interrupted'), outcome FROM runs WHERE ?1 IS NULL OR task_id = ?1"
            " ORDER BY started DESC, rowid DESC LIMIT ?2",
            task,
            limit,
        )
        return [Summary(*row) for row in rows]

    def verdict(self, run_id: str, verdict: Verdict) -> None:
        """What the judge found of the run. A later verdict replaces it."""
        row = (codec.dumps(verdict), verdict.outcome, run_id)
        with self._writing():
            if self._db.execute("UPDATE runs SET verdict = ?, outcome = ? WHERE id = ?", row).rowcount != 1:
                raise UsageError(f"no run {run_id!r} in {self.path} to put a verdict on; `cua runs list` shows all")

    def judged(self, run_id: str) -> Verdict | None:
        """The run's verdict, or None before there is one."""
        (text,) = self._of_run(run_id, "verdict")
        return codec.loads(text, Verdict) if text else None

    def frame_png(self, sha: str) -> bytes:
        """A picture that was seen. RecordError if a crash lost it."""
        return self._pictures.get(sha)

    def _of_run(self, run_id: str, columns: str) -> tuple[Any, ...]:
        rows = self._rows(f"SELECT {columns} FROM runs WHERE id = ?", run_id)
        if not rows:
            raise UsageError(f"no run {run_id!r} in {self.path}; `cua runs list` shows those that are there")
        return rows[0]

    # ------------------------------------------------------------------------------------------ screens

    def _seen(self, observation: Observation) -> str:
        """The observation with its elements named by their hash."""
        bare = codec.dumps(replace(observation, elements=()))
        return f'["{self._screens.sha(observation.elements)}",{bare}]'

    def _put_screen(self, elements: tuple[Element, ...]) -> None:
        sha = self._screens.sha(elements)
        if not self._db.execute("SELECT 1 FROM screens WHERE sha = ?", (sha,)).fetchone():
            self._db.execute("INSERT OR IGNORE INTO screens VALUES (?, ?)", (sha, self._screens.packed()))

    def _screen(self, sha: str) -> tuple[Element, ...]:
        rows = self._rows("SELECT elements FROM screens WHERE sha = ?", sha)
        if not rows:
            raise RecordError(f"screen {sha} is missing in {self.path}; the run that saw it cannot be shown")
        return codec.unpacked(rows[0][0])

    # ------------------------------------------------------------------------------------------ documents

    def put(self, kind: str, id: str, body: Any, *, instead: bool = False) -> None:
        """Keep a JSON-compatible document; what it was before stays in its history, or with `instead` is replaced."""
        try:
            text = json.dumps(body, allow_nan=False)
        except (TypeError, ValueError) as exc:
            raise RecordError(f"cannot keep {kind} {id!r}: {exc}; give it as JSON-compatible values") from exc
        self._append(kind, id, text, instead=instead)

    def get(self, kind: str, id: str) -> Any:
        """The document as it is now, or None. RecordError for one that is damaged; the others can still be read."""
        return self.all(kind, id).get(id)

    def names(self, kind: str) -> tuple[str, ...]:
        """The ids of the documents of a kind that are there, whether or not they can be read."""
        return tuple(name for name, _, body in self._now(kind, None) if body is not None)

    def all(self, kind: str, id: str | None = None) -> dict[str, Any]:
        """Every document of a kind as it is now, by id (or only the one). RecordError if one of them is damaged."""
        found = {name: self._read(kind, name, *rest) for name, *rest in self._now(kind, id) if rest[1] is not None}
        damaged = next((version for version in found.values() if version.damage), None)
        if damaged is not None:
            raise RecordError(damaged.damage)
        return {name: version.body for name, version in found.items()}

    def delete(self, kind: str, id: str) -> None:
        """The document is gone from `get` and `all`; its history stays. Deleting what is not there is fine."""
        if any(body is not None for _, _, body in self._now(kind, id)):
            self._append(kind, id, None)

    def history(self, kind: str, id: str) -> tuple[Version, ...]:
        """What the document was, oldest first."""
        rows = self._rows(
            "SELECT version, body, time FROM documents WHERE kind = ? AND id = ? ORDER BY version", kind, id
        )
        return tuple(self._read(kind, id, *row) for row in rows)

    def _now(self, kind: str, id: str | None) -> list[tuple[Any, ...]]:
        """The latest id, version and body of each document."""
        sql = "SELECT id, max(version), body FROM documents WHERE kind = ?1 AND (?2 IS NULL OR id = ?2)"
        return self._rows(f"{sql} GROUP BY id ORDER BY id", kind, id)

    def _read(self, kind: str, id: str, number: int, body: str | None, at: float = 0.0) -> Version:
        try:
            return Version(number, at, None if body is None else json.loads(body), body is None)
        except ValueError as exc:  # a text that is no Unicode, too
            what = f"{kind} {id!r} in {self.path} is damaged (version {number}: {exc}); the others can be read"
            return Version(number, at, None, deleted=False, damage=what)

    def _append(self, kind: str, id: str, body: str | None, *, instead: bool = False) -> None:
        with self._writing():
            if instead:
                self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, id))
            self._db.execute(
                "INSERT INTO documents SELECT ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4 FROM documents"
                " WHERE kind = ?1 AND id = ?2",
                (kind, id, time.time(), body),
            )


class _Looks:
    """Observations read back for one run; a screen seen in many steps is loaded once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._screens: dict[str, tuple[Element, ...]] = {}

    def at(self, text: str) -> Observation:
        sha, bare = codec.loads(text, tuple)
        if sha not in self._screens:
            self._screens[sha] = self._store._screen(sha)
        look: Observation = bare
        return replace(look, elements=self._screens[sha])


def _plain(text: str) -> str:
    """Text as SQLite can hold it, for columns that are only looked through; the exact text is in the JSON beside it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
