"""Deleting for good: a text that was forgotten is in no page of the record file and not in the log beside it.

What else holds the text, such as the record of a run in which it was typed, is not touched: `traces` tells of that.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cua.errors import RecordError


def mark(sql: sqlite3.Connection, id: str) -> None:
    """What has this id is forgotten, and its bytes are to be erased. Part of the caller's transaction."""
    sql.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (id,))


def pending(sql: sqlite3.Connection, id: str) -> bool:
    """Whether it was forgotten, and its bytes may still be there."""
    return sql.execute("SELECT 1 FROM forgotten WHERE id = ?", (id,)).fetchone() is not None


def erase(sql: sqlite3.Connection, path: Path, id: str) -> None:
    """Write the file anew without what was deleted, and empty its log. Raises RecordError where another program holds
    it; what is marked as forgotten can be forgotten again then.
    """
    try:
        sql.execute("VACUUM")
        busy = sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            sql.execute("DELETE FROM forgotten WHERE id = ?", (id,))
            return
        why = "another program reads it"
    except sqlite3.OperationalError as exc:
        why = str(exc)
    what = f"{id} is forgotten, but its bytes are still in {path} or its log ({why})"
    raise RecordError(f"{what}; close the other programs that use cua, see that the disk has room, then say it again")
