"""How quick eight clones of one template are, and what each has for itself: memory, and processor time when idle."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

from cua.errors import SandboxError, UsageError
from sandbox_vms.qemu import Qemu
from tests.bench.machines import APP, build, cpu_seconds, left, private_mebibytes
from tests.bench.rows import Row

CLONES = 8
SECONDS, MEBIBYTES = 1.0, 150.0
_IDLE = 20.0  # seconds that are looked at


def rows(args: list[str]) -> Iterator[Row]:
    """The second to the eighth clone, all of them alive at the end."""
    if args:
        raise UsageError(f"the bench vm-clone takes no arguments, not {' '.join(args)}")
    made = build()
    Qemu(APP, made, spare=False).close()  # the template is there afterwards
    with ExitStack() as undo:
        clones, taken = [], []
        for _ in range(CLONES):
            began = time.perf_counter()
            clones.append(Qemu(APP, made, spare=False))
            undo.callback(clones[-1].close)
            taken.append(time.perf_counter() - began)  # it was looked at before it was given out
            undo.callback(_shown, clones[-1])
        for number, seconds in enumerate(taken[1:], start=2):
            yield Row(f"clone {number}", "to its first look", seconds, "s", "", holds=True)
        median = statistics.median(taken[1:])
        yield Row(f"clones 2 to {CLONES}", "to the first look, median", median, "s", "<= 1.0", median <= SECONDS)
        pids = [clone.machine.process.pid for clone in clones]
        idle = _idle(pids)
        private = [private_mebibytes(pid) for pid in pids]
        most = max(private)
        yield Row(f"{CLONES} clones, idle", "private memory, median", statistics.median(private), "MiB", "", holds=True)
        yield Row(f"{CLONES} clones, idle", "private memory, most", most, "MiB", "<= 150", most <= MEBIBYTES)
        yield Row(f"{CLONES} clones, idle", "of one processor, each", 100 * idle, "%", "", holds=True)
    for kind, count in left().items():
        yield Row("after close", kind, count, "", "0", count == 0)


def _shown(clone: Qemu) -> None:
    """Raises SandboxError unless the app's window shows in it, at the end too."""
    if APP.name not in clone.driver.observe(frame=False).place.app.casefold():
        raise SandboxError(f"a clone does not show {APP.name}; look at it")


def _idle(pids: list[int]) -> float:
    """The part of one processor that each uses when nobody wants anything of it."""
    before = sum(cpu_seconds(pid) for pid in pids)
    began = time.monotonic()
    time.sleep(_IDLE)
    return (sum(cpu_seconds(pid) for pid in pids) - before) / (time.monotonic() - began) / len(pids)
