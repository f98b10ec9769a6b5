"""How a record file comes to have the shape that this version of cua expects, or is left alone.

Migrations are numbered functions in one list; each is applied once and its name kept in the file. A file with a name
that is not in the list was written by a later cua and is never touched. A damaged file is never repaired and never
deleted: it is set aside under another name.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from cua.errors import NewerRecord, RecordError

APPLIED = "migrations"
PAUSE = 0.01


def _001_runs(db: Database) -> None:
    db.execute(
        "CREATE TABLE runs (id TEXT PRIMARY KEY, task_id TEXT NOT NULL, goal TEXT NOT NULL, started REAL NOT NULL,"
        " task TEXT NOT NULL, last TEXT, ending TEXT, stopped TEXT, verdict TEXT, outcome TEXT)"
    )
    db.execute("CREATE INDEX runs_by_task ON runs (task_id, started)")
    db.execute("CREATE INDEX runs_by_start ON runs (started)")


def _002_steps(db: Database) -> None:
    db.execute("CREATE TABLE screens (sha TEXT PRIMARY KEY, elements BLOB NOT NULL) WITHOUT ROWID")
    db.execute(
        "CREATE TABLE steps (run_id TEXT NOT NULL REFERENCES runs (id), number INTEGER NOT NULL, seen TEXT NOT NULL,"
        " action TEXT NOT NULL, effect TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (run_id, number))"
        " WITHOUT ROWID"
    )


def _003_documents(db: Database) -> None:
    db.execute(
        "CREATE TABLE documents (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, time REAL NOT NULL,"
        " body TEXT, PRIMARY KEY (kind, id, version)) WITHOUT ROWID"
    )


def _004_actions(db: Database) -> None:
    db.execute(
        "CREATE TABLE action_words (child INTEGER PRIMARY KEY, parent INTEGER NOT NULL, token TEXT NOT NULL,"
        " UNIQUE (parent, token))"
    )
    db.execute("CREATE TABLE action_deeds (id BLOB PRIMARY KEY, body TEXT NOT NULL, said TEXT NOT NULL) WITHOUT ROWID")
    db.execute(
        "CREATE TABLE action_uses (context BLOB NOT NULL, task BLOB NOT NULL, deed BLOB NOT NULL,"
        " content BLOB NOT NULL, said TEXT NOT NULL, passes INTEGER NOT NULL, fails INTEGER NOT NULL,"
        " run TEXT NOT NULL, PRIMARY KEY (context, task, deed, content)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE action_follows (deed BLOB NOT NULL, screen BLOB NOT NULL, PRIMARY KEY (deed, screen))"
        " WITHOUT ROWID"
    )
    db.execute("CREATE TABLE action_runs (run TEXT PRIMARY KEY, passed INTEGER NOT NULL) WITHOUT ROWID")


def _005_exchanges(db: Database) -> None:
    db.execute(
        "CREATE TABLE exchanges (run_id TEXT NOT NULL, number INTEGER NOT NULL, step INTEGER NOT NULL,"
        " request BLOB NOT NULL, answer BLOB NOT NULL, seconds REAL NOT NULL, sent INTEGER NOT NULL,"
        " cached INTEGER NOT NULL, written INTEGER NOT NULL, cost REAL NOT NULL, PRIMARY KEY (run_id, number))"
        " WITHOUT ROWID"
    )
    db.execute("CREATE TABLE sent_pictures (sha TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID")


def _006_experience(db: Database) -> None:
    db.execute(
        "CREATE TABLE experience (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, app TEXT NOT NULL,"
        " apps TEXT NOT NULL, pattern TEXT NOT NULL, places TEXT NOT NULL, slots INTEGER NOT NULL, body TEXT NOT NULL,"
        " value REAL NOT NULL, passes INTEGER NOT NULL, fails INTEGER NOT NULL, learned REAL NOT NULL,"
        " found INTEGER NOT NULL)"
    )
    db.execute(
        "CREATE TABLE experience_runs (item INTEGER NOT NULL, run TEXT NOT NULL, passed INTEGER NOT NULL,"
        " used INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (item, run))"
    )
    db.execute("CREATE TABLE experience_counts (token TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID")
    # an index only: the words themselves are in `experience`
    db.execute(
        "CREATE VIRTUAL TABLE experience_words USING fts5(words, content = '', detail = none, columnsize = 0,"
        " tokenize = \"ascii tokenchars '_'\")"
    )


def _007_profile(db: Database) -> None:
    db.execute(
        "CREATE TABLE profile_facts (id TEXT PRIMARY KEY, key TEXT NOT NULL, aspect TEXT NOT NULL, value TEXT NOT NULL,"
        " kind TEXT NOT NULL, of TEXT NOT NULL, place TEXT NOT NULL, source TEXT NOT NULL, run TEXT NOT NULL,"
        " time REAL NOT NULL, confidence REAL NOT NULL, ended REAL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX profile_now ON profile_facts (key, place) WHERE ended IS NULL")
    db.execute("CREATE INDEX profile_slots ON profile_facts (key, of, place)")
    db.execute(
        "CREATE TABLE profile_edges (start TEXT NOT NULL, stop TEXT NOT NULL, distance REAL NOT NULL,"
        " PRIMARY KEY (start, stop)) WITHOUT ROWID"
    )
    db.execute("CREATE TABLE forgotten (id TEXT PRIMARY KEY) WITHOUT ROWID")


def _008_advice(db: Database) -> None:
    db.execute(
        "CREATE TABLE experience_advice (item INTEGER PRIMARY KEY, run TEXT NOT NULL, passed INTEGER NOT NULL,"
        " body TEXT NOT NULL)"
    )


def _009_vectors(db: Database) -> None:
    db.execute(
        "CREATE TABLE experience_vectors (app TEXT NOT NULL, model TEXT NOT NULL, item INTEGER NOT NULL,"
        " vector BLOB NOT NULL, UNIQUE (app, model, item))"
    )
    db.execute("CREATE INDEX experience_vectors_by_item ON experience_vectors (item)")


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _001_runs, _002_steps, _003_documents, _004_actions, _005_exchanges, _006_experience, _007_profile,
    _008_advice, _009_vectors,
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- opening


def opened(path: Path, *, patience: float) -> tuple[Database, str]:
    """The record at `path`, in the shape of this version, and a notice for the person, or ""."""
    with translated(path, patience):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _alone(path, patience):
                notice = _set_aside(path) if _is_damaged(path, patience) else ""
                return _migrated(path, patience), notice
        except OSError as exc:
            reason = f"cannot open the record {path}: {exc.strerror}"
            raise RecordError(f"{reason}; make its folder writable or point CUA_HOME at another one") from exc


@contextmanager
def _alone(path: Path, patience: float) -> Iterator[None]:
    """No other cua opens this record meanwhile: two must not both set it aside, or both migrate it."""
    gate = path.with_name(path.name + ".lock")
    deadline = time.monotonic() + patience
    with gate.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as exc:
                if time.monotonic() >= deadline:
                    what = f"another cua has been opening the record {path} for {patience:g} s (it holds {gate})"
                    raise RecordError(f"{what}; wait for it or end it, then try again") from exc
                time.sleep(PAUSE)
        yield


def _migrated(path: Path, patience: float) -> Database:
    conn = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        db = Database(conn, execute_plugins=False)
        db.enable_wal()
        # In WAL mode NORMAL survives the death of the program at any instant; only a power cut may lose the last steps.
        conn.execute("PRAGMA synchronous = NORMAL")
        conn.execute("PRAGMA foreign_keys = ON")
        done = _applied(conn)
        if len(done) == len(MIGRATIONS):
            return db
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(f"CREATE TABLE IF NOT EXISTS {APPLIED} (name TEXT PRIMARY KEY, time TEXT NOT NULL)")
        for migration in MIGRATIONS:
            if migration.__name__ not in done:
                migration(db)
                now = datetime.now(UTC).isoformat(timespec="seconds")
                conn.execute(f"INSERT INTO {APPLIED} VALUES (?, ?)", (migration.__name__, now))
        conn.execute("COMMIT")
    except sqlite3.Error:
        conn.close()
        raise
    return db


def _applied(conn: sqlite3.Connection) -> frozenset[str]:
    known = conn.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (APPLIED,)).fetchone()
    return frozenset(name for (name,) in conn.execute(f"SELECT name FROM {APPLIED}")) if known else frozenset()


# ---------------------------------------------------------------------------------------------- what is left alone


def suspicion(path: Path) -> Path:
    """The mark beside a record in which damage was met: it is checked as a whole when it is opened next."""
    return path.with_name(path.name + ".suspect")


def _is_damaged(path: Path, patience: float) -> bool:
    """Looks without writing. Raises NewerRecord for what a later cua wrote."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    suspect = suspicion(path).exists()
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=patience)
    try:
        unknown = sorted(_applied(conn) - {migration.__name__ for migration in MIGRATIONS})
        if not unknown and suspect and conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return True
    except sqlite3.DatabaseError as exc:
        if not is_damage(exc):
            raise
        return True
    finally:
        conn.close()
    if unknown:
        what = f"{path} was written by a later version of cua (it has {', '.join(unknown)})"
        raise NewerRecord(f"{what}; nothing was changed; upgrade cua, or point CUA_HOME at another folder")
    if suspect:
        suspicion(path).unlink(missing_ok=True)
    return False


def _set_aside(path: Path) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for end in ("", "-wal", "-shm"):
        old = path.with_name(path.name + end)
        if old.exists():
            old.rename(aside.with_name(aside.name + end))
    suspicion(path).unlink(missing_ok=True)
    return f"the record {path} was damaged; it was set aside as {aside} and a new one was started"


# ---------------------------------------------------------------------------------------------- errors


def is_damage(exc: sqlite3.Error) -> bool:
    return _code(exc) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(exc: sqlite3.Error) -> int:
    return int(getattr(exc, "sqlite_errorcode", 0)) & 0xFF


@contextmanager
def translated(path: Path, patience: float) -> Iterator[None]:
    """SQLite's errors as ours, each with what to do next."""
    try:
        yield
    except UnicodeEncodeError as exc:
        raise RecordError(f"{exc.object!r} is no Unicode text, so {path} cannot hold it; give it another name") from exc
    except sqlite3.Error as exc:
        if is_damage(exc):
            with suppress(OSError):  # the mark only helps the next start; the error itself is raised below
                suspicion(path).touch()
        raise RecordError(_saying(exc, path, patience)) from exc


def _saying(exc: sqlite3.Error, path: Path, patience: float) -> str:
    match _code(exc):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"the record {path} was locked by another program for {patience:g} s; close that program and try again"
            )
        case sqlite3.SQLITE_FULL:
            return f"the disk is full, so the record {path} cannot grow; free some space there and try again"
        case sqlite3.SQLITE_IOERR:
            return f"the disk would not read or write the record {path} ({exc}); check its space and its health"
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return f"the record {path} cannot be opened for writing ({exc}); make it and its folder writable"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"the record {path} is damaged ({exc}); start cua again: it will be set aside and a new one started"
        case sqlite3.SQLITE_CONSTRAINT:
            return f"the record {path} refused a row ({exc}); each run is begun once and each step of it kept once"
        case _:
            return f"the record {path} could not be used: {exc}"
