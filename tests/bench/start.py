"""How quick cua is to start: the CPU time of `cua --help`, and what `import cua` costs.

Each figure is the median of fresh interpreters, after one that is not counted and leaves the bytecode behind.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cua.errors import TroubleError, UsageError
from tests.bench.rows import Row

TIMES = 7
HELP_SECONDS = 0.2
IMPORT_MILLISECONDS = 50.0

_IMPORT = "import time; began = time.perf_counter(); import cua; print((time.perf_counter() - began) * 1000)"


def rows(args: list[str]) -> Iterator[Row]:
    """Two figures; takes no arguments."""
    if args:
        raise UsageError(f"the bench start takes no arguments, not {' '.join(args)}")
    import_cost = median(import_milliseconds)
    yield Row("import cua", "wall time", import_cost, "ms", "< 50", import_cost < IMPORT_MILLISECONDS)
    command = Path(sys.executable).with_name("cua")
    if not (Path(__file__).parents[2] / "cua" / "cli.py").is_file() or not command.is_file():
        yield Row("cua --help (no command yet)", "CPU time", math.nan, "s", "< 0.2", holds=False)
        return
    help_cost = median(lambda: cpu_seconds([str(command), "--help"]))
    yield Row("cua --help", "CPU time", help_cost, "s", "< 0.2", help_cost < HELP_SECONDS)


def median(measure: Callable[[], float]) -> float:
    """The median of `TIMES` measurements after one that is not counted."""
    measure()
    return statistics.median(measure() for _ in range(TIMES))


def import_milliseconds() -> float:
    """What `import cua` takes in a fresh interpreter, which has the standard start behind it by then."""
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=False)
    if done.returncode:
        raise TroubleError(f"`import cua` ended with {done.returncode} in {sys.executable}: {done.stderr.strip()}")
    return float(done.stdout)


def cpu_seconds(argv: list[str]) -> float:
    """The user and system time of a command and of the children it waited for; its output is thrown away."""
    sink = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=sink)
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise TroubleError(f"`{' '.join(argv)}` ended with {code}; run it by itself to see why")
    return used.ru_utime + used.ru_stime
