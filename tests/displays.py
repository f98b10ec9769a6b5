"""An X server of one's own, for tests and benches."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from cua.errors import MissingProgram, TimedOut
from tests.waiting import LIMIT


@contextmanager
def x_server(size: str = "1280x800") -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server with a screen of this size in pixels, and its display's name (":7"). Raises MissingProgram, TimedOut."""
    program = shutil.which("Xvfb")
    if not program:
        raise MissingProgram("there is no Xvfb; install the Debian package xvfb")
    reading, writing = os.pipe()
    argv = [program, "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(argv, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        yield server, f":{_read_number(reading)}"
    finally:
        os.close(reading)
        server.terminate()
        server.wait(LIMIT)


def _read_number(descriptor: int) -> int:
    """The number that the server writes when it is ready.

    To the end of the line: the server writes that by itself, and ends if nobody is there to read it.
    """
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(descriptor, 16) if select.select([descriptor], [], [], LIMIT)[0] else b""
        if not part:
            raise TimedOut(f"Xvfb named no display within {LIMIT:.0f} s; it wrote {line!r}")
        line += part
    return int(line)
