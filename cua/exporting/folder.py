"""The folder that an export is written to: it is there under its name only when it is whole."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from cua.errors import TroubleError, UsageError


class Folder:
    """What is written so far. `rows` counts the lines of each file; what is not `worth` keeping is gone at the end."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        self.path = path
        self.rows: Counter[str] = Counter()
        self.worth = True
        self._files = files
        self._open: dict[str, IO[str]] = {}

    def row(self, name: str, row: Mapping[str, Any]) -> None:
        """One more line of a file of JSON lines."""
        if name not in self._open:
            self._open[name] = self._files.enter_context((self.path / name).open("w", encoding="utf-8"))
        self._open[name].write(line(row))
        self.rows[name] += 1

    def file(self, name: str, data: bytes) -> None:
        """A file of its own, once."""
        path = self.path / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def line(row: Mapping[str, Any]) -> str:
    """A row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


@contextmanager
def written(out: Path) -> Iterator[Folder]:
    """A folder to write to that becomes `out` when all went well and it is worth it, and is gone where not.

    Raises UsageError for one that is there, and TroubleError where it cannot be written.
    """
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already; name another folder with --out, or remove that one first")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.mkdir(mode=0o700, parents=True)
        with ExitStack() as files:
            folder = Folder(part, files)
            yield folder
        if folder.worth:
            part.rename(out)
    except OSError as exc:
        raise TroubleError(
            f"cannot write {out}: {exc.strerror or exc}; make room there, or name another place"
        ) from exc
    finally:
        shutil.rmtree(part, ignore_errors=True)
