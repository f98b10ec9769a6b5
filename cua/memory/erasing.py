"""Deleting for good: a text that was forgotten is in no page of the record file and not in the log beside it.

What else holds the text, such as the record of a run in which it was typed, is not touched but told.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
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


def mentions(sql: sqlite3.Connection, text: str) -> list[str]:
    """The runs in whose record the text still is: goal, acts, what showed, and what a model was told."""
    written = json.dumps(text)[1:-1]
    runs = "SELECT id FROM runs WHERE instr(task, ?1) OR instr(goal, ?2) OR instr(coalesce(ending, ''), ?1)"
    found = {row[0] for row in sql.execute(runs, (written, text))}
    acts = "SELECT DISTINCT run_id FROM steps WHERE instr(action, ?1) OR instr(seen, ?1) OR instr(effect, ?1)"
    found |= {row[0] for row in sql.execute(acts, (written,))}
    shown = {sha for sha, data in sql.execute("SELECT sha, elements FROM screens") if _holds(data, written, text)}
    looks = "SELECT run_id, seen FROM steps UNION ALL SELECT id, last FROM runs WHERE last IS NOT NULL"
    found |= {run for run, seen in sql.execute(looks) if seen[2:66] in shown} if shown else set()
    for run, request, answer in sql.execute("SELECT run_id, request, answer FROM exchanges"):
        if _holds(request, written, text) or _holds(answer, written, text):
            found.add(run)
    return sorted(found)


def also(sql: sqlite3.Connection, text: str) -> list[str]:
    """What else is remembered that holds the text, in words: known steps, experience, workflows and the like."""
    written = json.dumps(text)[1:-1]
    found = []
    for what, query in _ALSO:
        found += [f"{what} {row[0]}" for row in sql.execute(query, {"text": text, "written": written})]
    return found


_ALSO = (
    (
        "the known step",
        "SELECT 'a' || lower(hex(id)) FROM action_deeds WHERE instr(body, :written) OR instr(said, :written)",
    ),
    ("the known words of a goal with", "SELECT token FROM action_words WHERE instr(token, lower(:text))"),
    ("the experience", "SELECT 'e' || id FROM experience WHERE instr(body, :written) OR instr(pattern, :written)"),
    ("the", "SELECT DISTINCT kind || ' ' || id FROM documents WHERE instr(body, :written)"),
    ("the fact", "SELECT id FROM profile_facts WHERE instr(value, :text)"),
)


def _holds(packed: bytes, *texts: str) -> bool:
    try:
        plain = zlib.decompress(packed).decode("utf-8", "replace")
    except zlib.error:
        return False
    return any(text in plain for text in texts)
