"""What models were asked and answered, word for word: each exchange of each run, pictures once each.

A person can read afterwards exactly what was sent. Nothing of it is ever sent again, and no key is among it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cua.errors import RecordError
from cua.memory.migrations import opened, translated

_PICTURE = re.compile(r"data:(image/[a-z]+);base64,([A-Za-z0-9+/=]+)")
_KEPT = re.compile(r"picture:(image/[a-z]+):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to a model and its answer, before act `step` of a run; tokens and money of this one alone."""

    step: int
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    seconds: float
    sent: int
    cached: int
    written: int
    cost: float


class Exchanges:
    """Those in the record `path`. One thread owns it; any number of processes may share the file."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        self._path, self._patience = path, patience
        self._db, self.notice = opened(path, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()

    def keep(self, run_id: str, exchange: Exchange) -> None:
        """It is on file when this returns. Raises RecordError."""
        pictures: dict[str, bytes] = {}

        def put(found: re.Match[str]) -> str:
            data = base64.b64decode(found[2])
            sha = hashlib.sha256(data).hexdigest()
            pictures[sha] = data
            return f"picture:{found[1]}:{sha}"

        request = _PICTURE.sub(put, json.dumps(exchange.request, ensure_ascii=False))
        packed = [
            zlib.compress(text.encode("utf-8", "surrogatepass")) for text in (request, json.dumps(exchange.answer))
        ]
        with translated(self._path, self._patience):
            self._db.execute("BEGIN IMMEDIATE")
            with self._db.conn:
                for sha, data in pictures.items():
                    self._db.execute("INSERT OR IGNORE INTO sent_pictures VALUES (?, ?)", (sha, data))
                self._db.execute(
                    "INSERT INTO exchanges SELECT ?1, coalesce(max(number), -1) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
                    " FROM exchanges WHERE run_id = ?1",
                    (run_id, exchange.step, *packed, exchange.seconds, exchange.sent, exchange.cached,
                     exchange.written, exchange.cost),
                )  # fmt: skip

    def of(self, run_id: str) -> tuple[Exchange, ...]:
        """Those of a run, in order, as they were sent. Raises RecordError for what is damaged."""
        with translated(self._path, self._patience):
            rows = self._db.execute(
                "SELECT step, request, answer, seconds, sent, cached, written, cost FROM exchanges WHERE run_id = ?"
                " ORDER BY number",
                (run_id,),
            ).fetchall()
            try:
                return tuple(
                    Exchange(step, self._whole(request), json.loads(zlib.decompress(answer)), *rest)
                    for step, request, answer, *rest in rows
                )
            except (zlib.error, ValueError) as exc:
                raise RecordError(f"what was asked in run {run_id} is damaged in {self._path}: {exc}") from exc

    def _whole(self, packed: bytes) -> Mapping[str, Any]:
        text = zlib.decompress(packed).decode("utf-8", "surrogatepass")
        found: Mapping[str, Any] = json.loads(_KEPT.sub(self._picture, text))
        return found

    def _picture(self, kept: re.Match[str]) -> str:
        row = self._db.execute("SELECT data FROM sent_pictures WHERE sha = ?", (kept[2],)).fetchone()
        if row is None:
            return kept[0]
        return f"data:{kept[1]};base64,{base64.b64encode(row[0]).decode()}"
