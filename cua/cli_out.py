"""The command's output where nobody takes it any more: what is in hand goes on to its end, only its lines are lost."""

from __future__ import annotations

import errno
import io
import sys


class Steady(io.FileIO):
    """A file whose writes never fail: `lost` is the first error, and nothing is written after it."""

    lost: OSError | None = None

    def write(self, data: object, /) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        if self.lost is None:
            try:
                return super().write(data)  # type: ignore[arg-type]
            except OSError as exc:
                self.lost = exc
        return size


def steadied() -> Steady | None:
    """Put it under the standard output; None where that is not the process's own."""
    out = sys.stdout
    if out is not sys.__stdout__ or not isinstance(out, io.TextIOWrapper):
        return None
    out.flush()
    file = Steady(out.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(file), out.encoding, out.errors, line_buffering=out.line_buffering)
    return file


def untold(file: Steady | None) -> str:
    """Why the output is not whole, "" where it is, or where its reader had enough of it."""
    if file is None:
        return ""
    sys.stdout.flush()
    return str(file.lost.strerror) if file.lost is not None and file.lost.errno != errno.EPIPE else ""
