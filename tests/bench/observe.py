"""How quick a look is: the frame and the elements of an editor and of a spreadsheet, against two peers.

The peers see the same display and buses in the same run: a pyatspi walk (name, role, state and place of every node),
timed inside the sandbox by itself, and cua-driver's get_window_state over MCP, installed into its own environment.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from cua.core import Press
from cua.errors import CuaError, TimedOut, TroubleError, UsageError
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.bench.rows import Row

TIMES = 15
LIMIT = 40.0
WALK_BAR, PEER_BAR = 10.0, 2.0
CASES = (("editor window", ("mousepad",), 200), ("spreadsheet", ("libreoffice", "--calc", "--norestore"), 1000))
QUIET = {
    "CUA_TELEMETRY_ENABLED": "false",
    "CUA_DRIVER_TELEMETRY": "0",
    "DO_NOT_TRACK": "1",
    "CUA_DRIVER_UPDATE_CHECK": "0",
}

_PROGRAM = "lib/python*/site-packages/cua_driver/bin/cua-driver"
_WALK = """
import time, pyatspi
def walk(node):
    try:
        node.name, node.getRole(), node.getState().getStates()
        if "Component" in pyatspi.listInterfaces(node):
            node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        count = node.childCount
    except Exception:
        return 0
    total = 1
    for number in range(count if 0 <= count <= 2000 else 0):
        try:
            child = node.getChildAtIndex(number)
        except Exception:
            continue
        if child is not None:
            child.clearCache()
            total += walk(child)
    return total
for turn in range(2):
    began = time.perf_counter()
    total = sum(walk(app) for app in pyatspi.Registry.getDesktop(0) if app is not None)
    print(total, (time.perf_counter() - began) * 1000, flush=True)
"""


def rows(args: list[str]) -> Iterator[Row]:
    """For each app our median and how many times the peers take; takes no arguments."""
    if args:
        raise UsageError(f"the bench observe takes no arguments, not {' '.join(args)}")
    for case, command, least in CASES:
        if shutil.which(command[0]) is None:
            yield Row(f"{case}: no {command[0]} here", "frame and elements, p50", math.nan, "ms", "none", holds=False)
            continue
        with sandbox(command, least) as box:
            nodes = sum(len(box.driver.access.tree(app).nodes) for app in box.driver.access.applications())
            nodes += sum(element.role == "cell" for element in box.driver.observe(frame=False).elements)
            yield Row(case, "nodes", nodes, "nodes", "none", holds=True)
            ours = median(box)
            yield Row(case, "frame and elements, p50", ours, "ms", "none", holds=True)
            yield against(case, "pyatspi walk", ours, walk(box), WALK_BAR)
            yield against(case, "cua-driver get_window_state", ours, peer(box), PEER_BAR)


def against(case: str, what: str, ours: float, theirs: float | str, bar: float) -> Row:
    """How many times as long the peer takes; says why where it could not be had."""
    if isinstance(theirs, str):
        return Row(f"{case}: {theirs[:60]}", f"{what} / ours", math.nan, "times", f">= {bar:.0f}", holds=False)
    return Row(case, f"{what} / ours", theirs / ours, "times", f">= {bar:.0f}", theirs >= bar * ours)


@contextmanager
def sandbox(command: tuple[str, ...], least: int) -> Iterator[Namespace]:
    """The app with at least so many elements, and no dialog in front."""
    box = Namespace(App(command[0], command))
    try:
        end = time.monotonic() + LIMIT
        while len((now := box.driver.observe(frame=False)).elements) < least or any(
            e.role == "dialog" for e in now.elements
        ):
            if time.monotonic() > end:
                raise TimedOut(f"{command[0]} showed {len(now.elements)} elements in {LIMIT:.0f} s; {now.note}")
            if any(e.role == "dialog" for e in now.elements):
                box.driver.act(Press("Escape"))
            box.driver.settle(0.2)
        box.driver.settle()
        yield box
    finally:
        box.close()


def median(box: Namespace) -> float:
    """Our look, in milliseconds, after one that is not counted."""
    box.driver.observe()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        box.driver.observe()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def walk(box: Namespace) -> float | str:
    """The second of two walks in one interpreter, in milliseconds."""
    done = box.world.exec(("/usr/bin/python3", "-c", _WALK), seconds=120)
    lines = done.out.split("\n")[:-1]
    if done.code or len(lines) != 2:
        return f"no pyatspi: {' '.join(done.err.split())[-80:]}"
    return float(lines[1].split()[1])


# ---------------------------------------------------------------------------------------------- cua-driver


def peer(box: Namespace) -> float | str:
    """The median of its window state with a picture, in milliseconds."""
    try:
        program = installed()
    except (TroubleError, OSError, subprocess.SubprocessError) as error:
        return f"cua-driver cannot be had: {error}"
    try:
        with Talk(box, program) as talk:
            return talk.median()
    except (CuaError, OSError, ValueError, KeyError, StopIteration) as error:
        return f"cua-driver does not answer: {type(error).__name__} {error}"


def installed() -> Path:
    """Its program, in an environment of its own."""
    folder = Path(platformdirs.user_cache_dir()) / "cua-bench"
    if not list(folder.glob(_PROGRAM)):
        make = [sys.executable, "-m", "venv", str(folder)]
        for argv in (make, [str(folder / "bin/pip"), "install", "-q", "cua-driver"]):
            done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
            if done.returncode:
                raise TroubleError(" ".join(done.stderr.split())[-80:])
    found = list(folder.glob(_PROGRAM))
    if not found:
        raise TroubleError("its package has no program of that name")
    return found[0]


class Talk:
    """A conversation with it by JSON-RPC over named pipes. It runs inside, for it looks processes up by number."""

    def __init__(self, box: Namespace, program: Path) -> None:
        run, inside = box.tree.room / "run", box.tree.env["XDG_RUNTIME_DIR"]
        shutil.copy(program, run / "peer")
        (run / "peer").chmod(0o755)
        for name in ("to", "from"):
            os.mkfifo(run / name)
            (run / name).chmod(0o666)
        quiet = " ".join(f"{name}={value}" for name, value in QUIET.items())
        line = f"exec env {quiet} {inside}/peer mcp < {inside}/to > {inside}/from"
        self._box = box
        self._program = box.tree.enter(("sh", "-c", line), log=box.tree.room / "peer.log")
        self._to = (run / "to").open("w")
        self._from = (run / "from").open()
        self._number = 0

    def __enter__(self) -> Talk:
        start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self._ask("initialize", start)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()
        self._from.close()
        self._to.close()

    def median(self) -> float:
        """Of its looks at the app's window."""
        window = next(w for w in reversed(self._box.driver.x11.windows()) if not w.popup)
        which = {"pid": window.pid, "window_id": window.id}
        taken = []
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            said = self._ask("tools/call", {"name": "get_window_state", "arguments": which})
            taken.append((time.perf_counter() - began) * 1000)
            if said.get("isError"):
                raise TroubleError(str(said.get("content"))[:120])
        return statistics.median(taken[1:])

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while line := self._from.readline():
            said = json.loads(line)
            if said.get("id") == self._number:
                if "error" in said:
                    raise TroubleError(str(said["error"])[:120])
                return dict(said["result"])
        raise TroubleError("it ended")

    def _send(self, message: dict[str, Any]) -> None:
        self._to.write(json.dumps(message) + "\n")
        self._to.flush()
