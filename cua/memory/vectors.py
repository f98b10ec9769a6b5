"""Which items are near a goal in meaning, by vectors that a model made of both; each is kept as unit length in float32.

It reads every vector of an app, the newest first up to a bound: that takes some 0.1 ms each, once a run. Vectors of
another model, or of another length, are never compared.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from operator import mul
from statistics import median

MOST_READ = 2000  # vectors of an app
_NEAREST = 8
_MEANT = 0.5  # how near the same in meaning is at least, from 0 (as most are) to 1
_ENOUGH = 8  # vectors that tell what is usual between any two texts: some models find all of them alike


@dataclass(frozen=True, slots=True)
class Meanings:
    """What turns texts into vectors: a model by its name, and how it is asked; None where it does not answer."""

    model: str
    of: Callable[[str], Sequence[float] | None]


class Vectors:
    """Those in an open record. Whoever holds the connection sees to transactions."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def keep(self, item: int, apps: Iterable[str], model: str, vector: Sequence[float]) -> None:
        """In place of any that the item had, for each of its apps."""
        self.forget(item)
        packed = _packed(vector)
        rows = [(app, model, item, packed) for app in dict.fromkeys(apps)]
        self._sql.executemany("INSERT INTO experience_vectors VALUES (?, ?, ?, ?)", rows)

    def has(self, item: int, model: str) -> bool:
        """Whether the item has one of that model."""
        sql = "SELECT 1 FROM experience_vectors WHERE item = ? AND model = ?"
        return self._sql.execute(sql, (item, model)).fetchone() is not None

    def known(self, app: str, model: str) -> bool:
        """Whether there is anything to compare with."""
        sql = "SELECT 1 FROM experience_vectors WHERE app = ? AND model = ?"
        return self._sql.execute(sql, (app, model)).fetchone() is not None

    def spread(self, item: int, app: str) -> None:
        """The item is met in that app too."""
        sql = (
            "INSERT OR IGNORE INTO experience_vectors SELECT ?1, model, item, vector FROM experience_vectors"
            " WHERE item = ?2 LIMIT 1"
        )
        self._sql.execute(sql, (app, item))

    def forget(self, item: int) -> None:
        """All of the item."""
        self._sql.execute("DELETE FROM experience_vectors WHERE item = ?", (item,))

    def near(self, app: str, model: str, vector: Sequence[float]) -> dict[int, float]:
        """The items of the app that mean about the same, and how near each is, from 0 to 1."""
        asked = _packed(vector)
        sql = (
            "SELECT item, vector FROM experience_vectors WHERE app = ? AND model = ? AND length(vector) = ?"
            " ORDER BY item DESC LIMIT ?"
        )
        wanted = _unpacked(asked)
        rows = self._sql.execute(sql, (app, model, len(asked), MOST_READ))
        cosines = {item: sum(map(mul, wanted, _unpacked(packed))) for item, packed in rows}
        usual = max(0.0, median(cosines.values())) if len(cosines) >= _ENOUGH else 0.0
        near = {item: min(1.0, (cosine - usual) / (1 - usual)) for item, cosine in cosines.items() if usual < 1}
        nearest = sorted(near, key=lambda item: (-near[item], -item))[:_NEAREST]
        return {item: near[item] for item in nearest if near[item] >= _MEANT}


def _packed(vector: Sequence[float]) -> bytes:
    """As little-endian float32, of unit length."""
    length = sqrt(fsum(part * part for part in vector)) or 1.0
    parts = array("f", [part / length for part in vector])
    if sys.byteorder == "big":
        parts.byteswap()
    return parts.tobytes()


def _unpacked(packed: bytes) -> array[float]:
    parts = array("f")
    parts.frombytes(packed)
    if sys.byteorder == "big":
        parts.byteswap()
    return parts
