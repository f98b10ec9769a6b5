"""How quick a namespace sandbox is to make and to reset, and what a hundred resets leave behind.

Arguments: the number of resets (100). Each figure of time is a median; what is left is counted twice: while the sandbox
lives, against what it had after its first reset, and after it was closed, against nothing.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from cua.errors import MissingProgram, UsageError
from sandbox_vms import places
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench.rows import Row

APP = "mousepad"
CREATIONS = 5
CREATE_SECONDS, RESET_SECONDS, CHANGES_MILLISECONDS = 3.0, 2.0, 5.0
_END_LIMIT = 5.0
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), places.X_SOCKETS)

Left = dict[str, int]


def rows(args: list[str]) -> Iterator[Row]:
    """Times first, then one row a kind of thing that could be left behind."""
    times = _times(args)
    case = f"namespace, {APP}"
    try:
        app = find(APP)
        created = [_created(app.name) for _ in range(CREATIONS)]
    except (MissingProgram, UsageError) as error:
        yield Row(f"{case} ({error})", "create to first look", math.nan, "s", "<= 3", holds=False)
        return
    median = statistics.median(created)
    yield Row(case, "create to first look", median, "s", "<= 3", median <= CREATE_SECONDS)
    temporary = _temporary_files()
    sandbox = Namespace(app)
    room = sandbox.room
    try:
        sandbox.reset()
        first = _held(room)
        resets = [_reset(sandbox) for _ in range(times)]
        living = {kind: count - first[kind] for kind, count in _held(room).items()}
        looks = statistics.median(_changes_milliseconds(sandbox) for _ in range(30))
    finally:
        sandbox.close()
    median = statistics.median(resets)
    yield Row(case, "reset to next look", median, "s", "<= 2", median <= RESET_SECONDS)
    yield Row(case, "changes, idle", looks, "ms", "< 5", looks < CHANGES_MILLISECONDS)
    for kind, count in living.items():
        yield Row(f"after {times} resets", f"more {kind}", count, "", "0", count <= 0)
    for kind, count in (_after_close(room) | {"temporary files": len(_temporary_files() - temporary)}).items():
        yield Row("after close", kind, count, "", "0", count == 0)


def _times(args: list[str]) -> int:
    if len(args) > 1 or not all(arg.isdigit() and int(arg) > 0 for arg in args):
        raise UsageError(f"the bench sandbox takes the number of resets, not {' '.join(args)}")
    return int(args[0]) if args else 100


def _created(app: str) -> float:
    """From nothing to the first look, in seconds; it is closed again."""
    began = time.perf_counter()
    sandbox = Namespace(find(app))
    try:
        sandbox.driver.observe()
        return time.perf_counter() - began
    finally:
        sandbox.close()


def _reset(sandbox: Namespace) -> float:
    """From a used sandbox to the next look, in seconds."""
    sandbox.world.exec(("sh", "-c", "echo used >~/used; setsid sleep 600 &"))
    began = time.perf_counter()
    sandbox.reset()
    sandbox.driver.observe()
    return time.perf_counter() - began


def _changes_milliseconds(sandbox: Namespace) -> float:
    began = time.perf_counter()
    sandbox.world.changes()
    return (time.perf_counter() - began) * 1000


def _held(room: Path) -> Left:
    """What a sandbox has on this machine, and what we hold ourselves."""
    inside = [mounts for mounts in _mountinfos() if f"{room}/" in mounts]
    return {
        "processes": len(inside),
        "mounts": len({line.split()[0] for mounts in inside for line in mounts.splitlines()}),
        "files": sum(1 for path in room.rglob("*") if "/upper/" not in f"{path}/" and "/run/" not in f"{path}/"),
        "X sockets": sum(1 for link in places.X_SOCKETS.glob("X*") if _leads_into(link, room)),
        "X locks": len(list(Path("/tmp").glob(".X[3-8][0-9][0-9]-lock"))),
        "open files of ours": len(list(Path("/proc/self/fd").iterdir())),
    }


def _after_close(room: Path) -> Left:
    """The same once it is closed, less what is ours; the kernel may take a moment."""
    limit = time.monotonic() + _END_LIMIT
    while True:
        held = {kind: count for kind, count in _held(room).items() if "of ours" not in kind}
        if not any(held.values()) or time.monotonic() > limit:
            return held
        time.sleep(0.02)


def _mountinfos() -> Iterator[str]:
    """What each process of this machine has mounted, as far as we may know."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield (process / "mountinfo").read_text()
        except OSError:  # it ended, or is another user's
            continue


def _leads_into(link: Path, room: Path) -> bool:
    try:
        return link.readlink().is_relative_to(room)
    except OSError:
        return False


def _temporary_files() -> set[Path]:
    """What lies in the temporary folders and is the sandboxes' user's, or in the folder for sandboxes and is ours."""
    found = {path for folder in _TEMPORARY for path in folder.iterdir() if _owner(path) == places.guest_uid()}
    if places.guest_uid() == os.geteuid():
        found = {path for path in found if "cua" in path.name or path.name.startswith(".X")}
    return found | {path for path in places.base().iterdir() if places.holder(path) in (0, os.getpid())}


def _owner(path: Path) -> int:
    try:
        return path.lstat().st_uid
    except FileNotFoundError:
        return -1
