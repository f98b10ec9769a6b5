"""What a desktop without an app has at its start: files of the home and programs of its session, from `session.toml`.

It is the same in a namespace and in a virtual machine.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from cua.core import Completed
from cua.errors import TimedOut

_DATA = Path(__file__).with_name("session.toml")
_LIMIT = 60.0  # the machine may be emulated in software
_TICK = 0.05


def files() -> dict[str, str]:
    """Text by path under the home."""
    return {path: text.lstrip("\n") for path, text in tomllib.loads(_DATA.read_text())["files"].items()}


def begin(run: Callable[[tuple[str, ...]], Completed], start: Callable[[tuple[str, ...]], object]) -> None:
    """Start the session's programs that are installed, and wait until each is ready. `run` runs a command to its end,
    `start` one that goes on. Raises TimedOut naming what did not become ready.
    """
    for each in tomllib.loads(_DATA.read_text())["session"]:
        program, ready = tuple(each["run"]), tuple(each["ready"])
        if any(run(("sh", "-c", 'command -v "$1"', "sh", argv[0])).code for argv in (program, ready)):
            continue
        start(program)
        end = time.monotonic() + _LIMIT
        while run(ready).code:
            if time.monotonic() > end:
                raise TimedOut(f"{' '.join(ready)} did not succeed within {_LIMIT:.0f} s of starting {program[0]}")
            time.sleep(_TICK)
