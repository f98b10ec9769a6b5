"""Known steps, skills, handlers and what else is kept as a person sees them: listed, and deleted with their history."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Self

from cua.memory import traces
from cua.memory.erasing import erase, mark, pending
from cua.memory.lessons import Act
from cua.memory.migrations import opened, translated
from cua.memory.traces import Sought, Trace
from cua.memory.trails import Deed, loads
from cua.secret_words import named_secret

_MARK = "a"  # before the id of a known step


class Kept:
    """What the record `path` holds besides runs, to be seen and deleted. One thread owns it."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        """Raises RecordError."""
        self._path, self._patience = path, patience
        self._db, self.notice = opened(path, patience=patience)
        self.sql: sqlite3.Connection = self._db.conn
        self.sql.execute("PRAGMA secure_delete = ON")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()

    def actions(self) -> list[tuple[str, str, int, int, str]]:
        """Each known step: its id, what it does, passes, fails, and the last run. Raises RecordError."""
        sql = (
            "SELECT lower(hex(d.id)), d.body, coalesce(sum(u.passes), 0), coalesce(sum(u.fails), 0),"
            " coalesce(max(u.run), '') FROM action_deeds d LEFT JOIN action_uses u ON u.deed = d.id"
            " GROUP BY d.id ORDER BY max(u.run) DESC"
        )
        with translated(self._path, self._patience):
            rows = self.sql.execute(sql).fetchall()
        return [(f"{_MARK}{id}", _told(loads(body)), *rest) for id, body, *rest in rows]

    def forget_action(self, id: str) -> None:
        """Delete a known step, whatever task and screen it was for; the patterns of goals go with the last one."""
        deed = bytes.fromhex(id.removeprefix(_MARK))
        with translated(self._path, self._patience):
            self._begin(id)
            with self.sql:
                for table, column in (("action_uses", "deed"), ("action_follows", "deed"), ("action_deeds", "id")):
                    self.sql.execute(f"DELETE FROM {table} WHERE {column} = ?", (deed,))
                if not self.sql.execute("SELECT 1 FROM action_deeds LIMIT 1").fetchone():
                    for table in ("action_uses", "action_follows", "action_words"):
                        self.sql.execute(f"DELETE FROM {table}")

    def forget_document(self, kind: str, name: str, id: str) -> None:
        """Delete a document of this name, which a person calls `id`, with all its versions."""
        with translated(self._path, self._patience):
            self._begin(id)
            with self.sql:
                self.sql.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, name))

    def word(self, id: str) -> str:
        """The words of goals that a `traces.Trace` has told of by this id; "" where there are none."""
        with translated(self._path, self._patience):
            return traces.word(self.sql, id)

    def forget_word(self, id: str) -> None:
        """Delete the last of these words; the known steps of goals with them are not found again."""
        with translated(self._path, self._patience):
            self._begin(id)
            with self.sql:
                traces.forget_word(self.sql, id)

    def document(self, id: str) -> tuple[str, str] | None:
        """The kind and name of a document that a `traces.Trace` has told of by this id."""
        with translated(self._path, self._patience):
            return traces.document(self.sql, id)

    def traces(self, sought: Sought) -> list[Trace]:
        """Every place in the record where one of the texts stands. Raises RecordError."""
        with translated(self._path, self._patience):
            return traces.traces(self.sql, sought)

    def mark(self, id: str) -> None:
        """What has this id is about to be forgotten: its bytes are to be erased."""
        with translated(self._path, self._patience):
            mark(self.sql, id)

    def tidy_words(self) -> None:
        """Rid the index of the experience of words that were deleted."""
        with translated(self._path, self._patience):
            self.sql.execute("INSERT INTO experience_words (experience_words) VALUES ('optimize')")

    def pending(self, id: str) -> bool:
        """Whether it was forgotten, and its bytes may still be in the file."""
        with translated(self._path, self._patience):
            return pending(self.sql, id)

    def erase(self, id: str) -> None:
        """Rid the file of what was forgotten. Raises RecordError where another program holds it."""
        erase(self.sql, self._path, id)

    def _begin(self, id: str) -> None:
        self.sql.execute("BEGIN IMMEDIATE")
        mark(self.sql, id)


def _told(deed: Deed) -> str:
    """In a line what the step does, with numbers for the values of its task; never what goes into a secret's field."""
    role, name = (deed.target.role, deed.target.name) if deed.target else ("", "")
    text = "+".join(deed.keys) or deed.text
    return Act(deed.do, role, name, "" if named_secret(name) else text).told()
