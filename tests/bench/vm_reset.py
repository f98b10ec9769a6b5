"""How long a virtual machine takes from "reset" to the first look with its app's window in the start state.

Arguments: the number of resets (50). Something is done in the machine before each. The one boot is measured first, from
nothing to a template, and its time is that of a machine that was never there before.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cua.core import Observation, Press, Type
from cua.errors import UsageError
from sandbox_vms.qemu import Qemu
from tests.bench.machines import APP, build, machine
from tests.bench.rows import Row

MEDIAN, P95, BOOT = 1.0, 2.0, 90.0
_OTHERS_LIMIT = 60.0  # what the reference runners sleep after each reset


def rows(args: list[str]) -> Iterator[Row]:
    """The boot, then the resets."""
    if len(args) > 1 or not all(arg.isdigit() and int(arg) > 1 for arg in args):
        raise UsageError(f"the bench vm-reset takes the number of resets, not {' '.join(args)}")
    times = int(args[0]) if args else 50
    booted = _boot_seconds()
    yield Row(APP.name, "boot once, to the template", booted, "s", "<= 90", booted <= BOOT)
    sandbox = machine()
    try:
        start = _shape(sandbox.driver.observe())
        taken, wrong = [], 0
        for _ in range(times):
            _use(sandbox)
            began = time.perf_counter()
            sandbox.reset()
            seen = sandbox.driver.observe()
            taken.append(time.perf_counter() - began)
            wrong += _shape(seen) != start or bool(sandbox.world.changes().keys())
    finally:
        sandbox.close()
    median, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    yield Row(f"{times} resets", "reset to first look, median", median, "s", "<= 1.0", median <= MEDIAN)
    yield Row(f"{times} resets", "reset to first look, p95", p95, "s", "<= 2", p95 <= P95)
    yield Row(f"{times} resets", "not in the start state", wrong, "", "0", wrong == 0)
    others = _OTHERS_LIMIT / median
    yield Row("others sleep 60 s alone", "times as long", others, "x", "> 1", others > 1)


def _boot_seconds() -> float:
    made = build()
    made.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=made.folder, prefix="bench-"))
    try:
        began = time.perf_counter()
        Qemu(APP, replace(made, folder=folder), spare=False).close()
        return time.perf_counter() - began
    finally:
        shutil.rmtree(folder)


def _use(sandbox: Qemu) -> None:
    sandbox.driver.do((Type("something that was not there"), Press("ctrl+a")), frame=False)
    sandbox.world.exec(
        ("sh", "-c", "echo used >~/used; sleep 600 & gsettings set org.xfce.mousepad.preferences.view word-wrap true")
    )


def _shape(seen: Observation) -> tuple[object, ...]:
    """What shows, without how long it has."""
    return seen.place, tuple((e.role, e.name, e.value, e.states, e.box) for e in seen.elements)
