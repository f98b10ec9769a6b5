"""Rows of a database, read and never written: SQLite by itself, any other through SQLAlchemy if that is installed.

A reading is one query with bound values, in a connection that cannot write, with a limit of time and of rows.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from cua.core import World
from cua.errors import MissingProgram, SandboxError, UsageError

SECONDS, MOST_ROWS = 5.0, 50_000
_TRIES = 5

Cell = str | int | float | None
Row = tuple[Cell, ...]


@runtime_checkable
class OnDisk(Protocol):
    """A world whose files can be opened where they lie."""

    def path(self, path: str) -> Path: ...


@dataclass(frozen=True, slots=True)
class Table:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def select(world: World, source: str, query: str, values: Mapping[str, str]) -> Table:
    """The rows that a query gives. `source` is "sqlite:PATH" or a connection string of SQLAlchemy.

    Raises SandboxError where they cannot be read, MissingProgram where something must be installed first.
    """
    if source.startswith("sqlite:"):
        with _file(world, source.removeprefix("sqlite:")) as path:
            return _sqlite(path, source, query, values)
    return _other(source, query, values)


def check_source(world: OnDisk | None, source: str) -> None:
    """Whether a database can be read at all, before there is a query: raises what `select` would. It opens none.

    `world` says where files lie; without one they are not looked at. What stands for a slot is not known yet.
    """
    bare = re.sub(r"\$\{[^}]*\}", "x", source)
    if source.startswith("sqlite:"):
        if world is not None:
            world.path(bare.removeprefix("sqlite:"))
    else:
        _engine(bare)[1].dispose()


def same(wanted: str, found: Cell) -> bool:
    """Whether a cell holds what a text says: a number by its value, NULL as ""."""
    if found is None:
        return wanted == ""
    if isinstance(found, str):
        return found == wanted
    try:
        return float(wanted) == float(found)
    except ValueError:
        return False


@contextmanager
def _file(world: World, path: str) -> Iterator[Path]:
    """The database file to open: itself, or a copy with its log if it lies in another world."""
    if isinstance(world, OnDisk):
        yield world.path(path)
        return
    with tempfile.TemporaryDirectory(prefix="cua-") as folder:
        copy = Path(folder) / "copy.db"
        for part, data in zip(("", "-wal"), _read(world, path), strict=True):
            if data or not part:
                copy.with_name(copy.name + part).write_bytes(data)
        yield copy


def _read(world: World, path: str) -> tuple[bytes, bytes]:
    """Database and log as they were at one time: read until neither changed meanwhile."""
    last: tuple[bytes, bytes] | None = None
    for _ in range(_TRIES):
        try:
            data = world.read(path)
        except OSError as exc:
            raise SandboxError(f"there is no database {path}: {exc}; name its path in this world") from exc
        try:
            log = world.read(f"{path}-wal")
        except (OSError, SandboxError):
            log = b""
        if last == (data, log):
            return last
        last = (data, log)
    raise SandboxError(f"the database {path} changed each time it was read; let its program come to rest, then try")


def _sqlite(path: Path, source: str, query: str, values: Mapping[str, str]) -> Table:
    end = time.monotonic() + SECONDS
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=SECONDS)) as database:
            database.set_authorizer(_only_reading)
            database.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
            cursor = database.execute(query, dict(values))
            rows = cursor.fetchmany(MOST_ROWS + 1)
            columns = tuple(column[0] for column in cursor.description or ())
    except sqlite3.Error as exc:
        raise SandboxError(f"{source} could not be read: {exc}; check its path and the query") from exc
    return _table(columns, rows, query)


def _only_reading(action: int, *_: str | None) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _other(source: str, query: str, values: Mapping[str, str]) -> Table:
    kind = source.partition(":")[0]
    sqlalchemy, engine = _engine(source)
    try:
        options = {"postgresql_readonly": True} if kind.startswith("postgresql") else {}
        with engine.connect().execution_options(**options) as connection:
            if kind.startswith(("mysql", "mariadb")):
                connection.execute(sqlalchemy.text("SET SESSION TRANSACTION READ ONLY"))
            found: Any = connection.execute(sqlalchemy.text(query), dict(values))
            rows, columns = found.fetchmany(MOST_ROWS + 1), tuple(found.keys())
            connection.rollback()
    except sqlalchemy.exc.SQLAlchemyError as exc:
        said = str(getattr(exc, "orig", None) or type(exc).__name__)
        raise SandboxError(f"the {kind} database could not be read: {said}; check the source and the query") from exc
    finally:
        engine.dispose()
    return _table(columns, rows, query)


def _engine(source: str) -> tuple[Any, Any]:
    """SQLAlchemy, and its way to the database. Raises MissingProgram; UsageError for no connection string."""
    kind = source.partition(":")[0]
    try:
        sqlalchemy: Any = import_module("sqlalchemy")
    except ImportError as exc:
        what = f"a {kind} database is read through SQLAlchemy, which is not installed"
        raise MissingProgram(f"{what}; install `sqlalchemy` and the database's own driver beside cua") from exc
    try:
        return sqlalchemy, sqlalchemy.create_engine(source)
    except sqlalchemy.exc.ArgumentError as exc:
        raise UsageError(f"{kind!r} begins no connection string; write sqlite:PATH, or KIND://USER@HOST/NAME") from exc
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as exc:
        raise MissingProgram(f"a {kind} database cannot be opened: {exc}; install its driver beside cua") from exc


def _table(columns: tuple[str, ...], rows: list[Any], query: str) -> Table:
    if len(rows) > MOST_ROWS:
        raise SandboxError(f"{query!r} gives more than {MOST_ROWS} rows; ask for fewer")
    return Table(columns, tuple(tuple(_cell(value) for value in row) for row in rows))


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
