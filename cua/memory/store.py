"""The record: every run step by step, the screens and pictures seen, the verdicts, and small documents with history.

A step is on file before `keep` returns; only its picture is encoded later, on a thread of its own. Screens and pictures
are stored once each, by content. The store never changes a step that was kept, never deletes, and never judges. One
thread owns a Store; any number of processes may share its file.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Self

from cua.core import Element, Frame, Observation, Outcome, Run, Step, Stopped, Task, Verdict, Wait
from cua.errors import RecordError, UsageError
from cua.memory import codec
from cua.memory.migrations import opened, translated

WAITING_PICTURES = 8
PATIENCE_FOR_PICTURES = 30.0
_LAST_OF_ALL = 19
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
    """What a document was at one time; a deletion is a version whose `deleted` is true."""

    number: int
    time: float
    body: Any
    deleted: bool


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
        self._pictures = _Pictures(path.with_name(path.stem + ".frames"))

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
        return replace(went, **json.loads(ending))

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
        """The document as it is now, or None."""
        return self.all(kind, id).get(id)

    def all(self, kind: str, id: str | None = None) -> dict[str, Any]:
        """Every document of a kind as it is now, by id (or only the one)."""
        rows = self._rows(
            "SELECT id, body, max(version) FROM documents WHERE kind = ?1 AND (?2 IS NULL OR id = ?2)"
            " GROUP BY id ORDER BY id",
            kind,
            id,
        )
        return {name: json.loads(body) for name, body, _ in rows if body is not None}

    def delete(self, kind: str, id: str) -> None:
        """The document is gone from `get` and `all`; its history stays. Deleting what is not there is fine."""
        if self.all(kind, id):
            self._append(kind, id, None)

    def history(self, kind: str, id: str) -> tuple[Version, ...]:
        """What the document was, oldest first."""
        rows = self._rows(
            "SELECT version, time, body FROM documents WHERE kind = ? AND id = ? ORDER BY version", kind, id
        )
        return tuple(Version(n, at, body and json.loads(body), body is None) for n, at, body in rows)

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


class _Pictures:
    """Frames as files named by their hash, lossless, encoded on one thread; a few may wait, then `put` waits too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cua-pictures", initializer=_give_way)
        self._slots = BoundedSemaphore(WAITING_PICTURES)
        self._going: list[Future[None]] = []
        self._known: set[str] = set()
        self._lost: list[str] = []

    def put(self, frame: Frame | None) -> None:
        if frame is None or frame.pixels is None or frame.sha in self._known:
            return
        if self._file(frame.sha) is None:
            if not self._slots.acquire(timeout=PATIENCE_FOR_PICTURES):
                what = f"no picture was written to {self._folder} for {PATIENCE_FOR_PICTURES:g} s"
                raise RecordError(f"{what} and {WAITING_PICTURES} wait; check that disk")
            self._going = [going for going in self._going if not going.done() or going.exception()]
            going = self._thread.submit(self._write, frame)
            going.add_done_callback(lambda _: self._slots.release())
            self._going.append(going)
        self._known.add(frame.sha)

    def get(self, sha: str) -> bytes:
        wait(self._going)
        try:
            return codec.as_png((self._file(sha) or self._path(sha)).read_bytes())
        except OSError as exc:
            what = f"picture {sha} is not in {self._folder} ({exc.strerror})"
            raise RecordError(f"{what}: it was never taken, or a crash lost it; the steps themselves are kept") from exc

    def flush(self) -> None:
        going, self._going = self._going, []
        for one in going:
            one.result()
        if self._lost:
            lost, self._lost = self._lost, []
            raise RecordError(f"{len(lost)} pictures could not be kept (the steps were): {lost[0]}")

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._thread.shutdown()

    def _path(self, sha: str) -> Path:
        """Where its file is, but for the ending."""
        if not re.fullmatch("[0-9a-f]{8,128}", sha):
            raise RecordError(f"frame {sha!r} is not named by a hash in hex; the driver is at fault")
        return self._folder / sha

    def _file(self, sha: str) -> Path | None:
        """Its file, if there is one: older records have PNG."""
        files = (self._path(sha).with_suffix(ending) for ending in (".webp", ".png"))
        return next((file for file in files if file.exists()), None)

    def _write(self, frame: Frame) -> None:
        path = self._path(frame.sha)
        half = path.with_suffix(f".{os.getpid()}.half")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            ending, picture = codec.drawn(frame)
            half.write_bytes(picture)
            half.replace(path.with_suffix(f".{ending}"))
        except (OSError, RecordError) as exc:
            with suppress(OSError):  # the reason that is told is the first one
                half.unlink()
            self._known.discard(frame.sha)
            self._lost.append(f"{path}: {exc}")


def _give_way() -> None:
    """What is recorded may wait for what is done: this thread runs when no other wants to."""
    if sys.platform == "linux":  # where threads have priorities of their own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST_OF_ALL)


def _plain(text: str) -> str:
    """Text as SQLite can hold it, for columns that are only looked through; the exact text is in the JSON beside it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
