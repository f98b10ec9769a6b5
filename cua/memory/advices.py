"""What models said of runs, one account an item of experience: kept beside what was done, and gone with it.

It is part of the experience's transactions, and decides nothing.
"""

from __future__ import annotations

import sqlite3

from cua.memory.lessons import Advice, advice_widened, dumps, loads_advice


class Advices:
    """Those in an open record. Whoever holds the connection sees to transactions."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def of(self, item: int) -> Advice | None:
        """What stands with the item."""
        row = self._sql.execute("SELECT body FROM experience_advice WHERE item = ?", (item,)).fetchone()
        return loads_advice(row[0]) if row else None

    def passed(self, item: int) -> bool | None:
        """Whether the run that it is about passed; None where there is none."""
        row = self._sql.execute("SELECT passed FROM experience_advice WHERE item = ?", (item,)).fetchone()
        return bool(row[0]) if row else None

    def keep(self, item: int, run: str, advice: Advice, *, passed: bool) -> None:
        """In place of what was said of another run."""
        row = (item, run, int(passed), dumps(advice))
        self._sql.execute("INSERT OR REPLACE INTO experience_advice VALUES (?, ?, ?, ?)", row)

    def judged_anew(self, item: int, run: str, *, passed: bool) -> None:
        """What was said of a run that was judged otherwise then no longer holds."""
        sql = "DELETE FROM experience_advice WHERE item = ? AND run = ? AND passed <> ?"
        self._sql.execute(sql, (item, run, int(passed)))

    def widen(self, item: int, word: str, number: int) -> None:
        """A word of the item's goal is a slot from now on, the one of that number."""
        if advice := self.of(item):
            body = dumps(advice_widened(advice, word, number))
            self._sql.execute("UPDATE experience_advice SET body = ? WHERE item = ?", (body, item))

    def forget(self, item: int) -> None:
        """All of the item."""
        self._sql.execute("DELETE FROM experience_advice WHERE item = ?", (item,))
