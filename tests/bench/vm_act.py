"""An act and the look after it through the guest agent, against OSWorld's way in the same machine.

OSWorld's way is what its controllers do: POST /execute of a new Python with pyautogui, then GET /screenshot and GET
/accessibility (which our agent answers, quicker than OSWorld's own). Arguments: how often each (20).
"""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from collections.abc import Iterator

from cua.core import Type
from cua.errors import UsageError
from sandbox_vms.qemu import Qemu
from tests.bench.machines import machine
from tests.bench.rows import Row

TIMES_FASTER = 10.0


def rows(args: list[str]) -> Iterator[Row]:
    """Both ways in turn, in one machine."""
    if len(args) > 1 or not all(arg.isdigit() and int(arg) > 0 for arg in args):
        raise UsageError(f"the bench vm-act takes how often, not {' '.join(args)}")
    times = int(args[0]) if args else 20
    sandbox = machine(spare=False)
    try:
        sandbox.driver.observe()
        ours, theirs = [], []
        for at in range(times):
            letter = "abcdefghij"[at % 10]
            ours.append(_ours(sandbox, letter))
            theirs.append(_theirs(sandbox, letter))
        text = next(e.value for e in sandbox.driver.observe(frame=False).elements if "multiline" in e.states)
    finally:
        sandbox.close()
    typed = "".join("abcdefghij"[at % 10] * 2 for at in range(times))
    yield Row("both ways", "letters that did not arrive", float(text != typed), "", "0", text == typed)
    one, other = statistics.median(ours), statistics.median(theirs)
    yield Row("guest agent, one round trip", "act and look, median", 1000 * one, "ms", "", holds=True)
    yield Row("OSWorld's way", "act and look, median", 1000 * other, "ms", "", holds=True)
    yield Row("guest agent", "times faster", other / one, "x", ">= 10", other / one >= TIMES_FASTER)


def _ours(sandbox: Qemu, letter: str) -> float:
    began = time.perf_counter()
    sandbox.driver.do((Type(letter),), frame=True, whole=False)
    return time.perf_counter() - began


def _theirs(sandbox: Qemu, letter: str) -> float:
    """As `PythonController` sends it."""
    code = f"import pyautogui; import time; pyautogui.FAILSAFE = False; pyautogui.press('{letter}')"
    began = time.perf_counter()
    done = json.loads(_asked(sandbox, "/execute", {"command": ["python3", "-c", code], "shell": False}))
    if done["returncode"] != 0:
        raise UsageError(f"pyautogui did not run in the machine: {done['error']}")
    _asked(sandbox, "/screenshot")
    _asked(sandbox, "/accessibility")
    return time.perf_counter() - began


def _asked(sandbox: Qemu, route: str, body: dict[str, object] | None = None) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{sandbox.machine.port}{route}",
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.token}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return bytes(answer.read())
