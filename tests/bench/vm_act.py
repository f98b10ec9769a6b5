"""An act and the look after it through the guest agent, against OSWorld's way in the same machine.

OSWorld's way is what its controllers do: POST /execute of a new Python with pyautogui, then GET /screenshot and GET
/accessibility. The last its server answers from a walk of the whole tree with pyatspi; that walk is timed in the
machine, by a program that lives as long as the server does and asks less of each node than it. Beside it stands the
same with our own agent's answer to /accessibility, which is quicker. Arguments: how often each (20).
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
from tests.bench.machines import APP, machine
from tests.bench.rows import Row

TIMES_FASTER = 10.0
WALK_LIMIT = 300.0
# times a walk as OSWorld's server does it: name, role, states, attributes, place, text, value and actions of each node
WALK = """
import sys, time
import pyatspi

def seen(node, depth):
    node.name, node.getRoleName(), node.getState().getStates(), node.get_attributes()
    for query in (node.queryComponent, node.queryText, node.queryValue, node.queryAction):
        try:
            found = query()
        except NotImplementedError:
            continue
        if query == node.queryComponent:
            found.getPosition(pyatspi.XY_SCREEN), found.getSize()
        elif query == node.queryText:
            found.getText(0, found.characterCount)
        elif query == node.queryValue:
            found.currentValue, found.minimumValue, found.maximumValue
        else:
            [(found.getName(at), found.getDescription(at), found.getKeyBinding(at)) for at in range(found.nActions)]
    count = 1
    if depth < 50:
        for at in range(min(node.childCount, 1024)):
            child = node.getChildAtIndex(at)
            if child is not None:
                count += seen(child, depth + 1)
    return count

for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    count = seen(pyatspi.Registry.getDesktop(0), 0)
    print(count, time.perf_counter() - began)
"""


def rows(args: list[str]) -> Iterator[Row]:
    """Both ways in turn, in one machine."""
    if len(args) > 1 or not all(arg.isdigit() and int(arg) > 0 for arg in args):
        raise UsageError(f"the bench vm-act takes how often, not {' '.join(args)}")
    times = int(args[0]) if args else 20
    sandbox = machine(APP, APP.command[0], "python3-pyatspi", spare=False)
    try:
        sandbox.driver.observe()
        ours, quick = [], []
        for at in range(times):
            letter = "abcdefghij"[at % 10]
            ours.append(_ours(sandbox, letter))
            quick.append(_theirs(sandbox, letter))
        walks = _walks(sandbox, times)
        text = next(e.value for e in sandbox.driver.observe(frame=False).elements if "multiline" in e.states)
    finally:
        sandbox.close()
    typed = "".join("abcdefghij"[at % 10] * 2 for at in range(times))
    yield Row("both ways", "letters that did not arrive", float(text != typed), "", "0", text == typed)
    one = statistics.median(ours)
    acts, answers = (statistics.median(part) for part in zip(*quick, strict=True))
    walk = statistics.median(walks)
    yield Row("guest agent, one round trip", "act and look, median", 1000 * one, "ms", "", holds=True)
    yield Row("OSWorld's way: new Python, picture", "median", 1000 * acts, "ms", "", holds=True)
    yield Row("OSWorld's way: walk with pyatspi", "median", 1000 * walk, "ms", "", holds=True)
    yield Row("our agent's answer to /accessibility", "median", 1000 * answers, "ms", "", holds=True)
    theirs, mixed = (acts + walk) / one, (acts + answers) / one
    yield Row("against OSWorld's way", "times faster", theirs, "x", ">= 10", theirs >= TIMES_FASTER)
    yield Row("against its routes in our agent", "times faster", mixed, "x", "none", holds=True)


def _ours(sandbox: Qemu, letter: str) -> float:
    began = time.perf_counter()
    sandbox.driver.do((Type(letter),), frame=True, whole=False)
    return time.perf_counter() - began


def _theirs(sandbox: Qemu, letter: str) -> tuple[float, float]:
    """As `PythonController` sends it: the seconds of act and picture, and those of the tree."""
    code = f"import pyautogui; import time; pyautogui.FAILSAFE = False; pyautogui.press('{letter}')"
    began = time.perf_counter()
    done = json.loads(_asked(sandbox, "/execute", {"command": ["python3", "-c", code], "shell": False}))
    if done["returncode"] != 0:
        raise UsageError(f"pyautogui did not run in the machine: {done['error']}")
    _asked(sandbox, "/screenshot")
    acted = time.perf_counter()
    _asked(sandbox, "/accessibility")
    return acted - began, time.perf_counter() - acted


def _walks(sandbox: Qemu, times: int) -> list[float]:
    """The seconds that each walk of the tree took."""
    done = sandbox.world.exec(("python3", "-c", WALK, str(times)), seconds=WALK_LIMIT)
    if done.code != 0:
        raise UsageError(f"the tree could not be walked: {done.err}")
    return [float(line.split()[1]) for line in done.out.splitlines()]


def _asked(sandbox: Qemu, route: str, body: dict[str, object] | None = None) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{sandbox.machine.port}{route}",
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.token}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return bytes(answer.read())
