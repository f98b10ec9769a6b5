"""Settings that are written only when the app quits: found by quitting and starting again with many controls flipped at once.

Each control has a binary code; in run r those flip whose bit r is 1, and in its twin the others. A setting's pattern over the
runs spells the control that owns it, and a setting that moves by itself fits none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cua.core import Invoke, Sandbox
from cua.memory.maps import Law, Map
from cua.practice.hands import Hands
from cua.screen import MAIN


def find_delayed(sandbox: Sandbox, known: Map, *, until: float, say: Callable[[str], None]) -> list[Law]:
    """Laws, completed by their settings, of controls in the main window that tick but had shown none."""
    waiting = [
        law.control
        for law in known.laws.values()
        if law.kind == "toggle" and not law.settings and known.controls[law.control].window == MAIN
    ]
    if not waiting or time.monotonic() > until:
        return []
    say(f"quitting and starting again to see what {len(waiting)} switches write")
    bits = max(1, len(waiting).bit_length())
    runs = []
    for bit in range(bits):
        for twin in (1, 0):
            if time.monotonic() > until:
                return []
            flipped = {key for number, key in enumerate(waiting, 1) if (number >> bit & 1) == twin}
            runs.append(_one(sandbox, known, flipped))
    return [law for key in waiting if (law := _owner(key, known, runs))]


_Run = tuple[dict[str, bool | None], dict[str, str | None]]


def _one(sandbox: Sandbox, known: Map, flipped: set[str]) -> _Run:
    """From the start state flip these, quit, and give each control's tick at the end and every setting that moved."""
    sandbox.reset()
    hands = Hands(sandbox, known)
    for key in sorted(flipped):
        element = hands.screen.keys.get(key)
        if element is not None and "disabled" not in element.states:
            hands.do(Invoke(element), patient=False)
            hands.home()
    ticks = {law.control: hands.screen.checked(law.control) for law in known.laws.values() if law.kind == "toggle"}
    sandbox.restart()
    return ticks, {key: change.after for key, change in sandbox.world.changes().settings.items()}


def _owner(key: str, known: Map, runs: list[_Run]) -> Law | None:
    """The settings whose value is decided by this control's tick alone, in every run."""
    names = set().union(*(settings for _, settings in runs))
    found = {}
    for name in sorted(names):
        on = {settings.get(name) for ticks, settings in runs if ticks.get(key) is True}
        off = {settings.get(name) for ticks, settings in runs if ticks.get(key) is False}
        if len(on) == len(off) == 1 and on != off:
            found[name] = {"on": on.pop(), "off": off.pop()}
    if not found:
        return None
    law = known.laws[key]
    return replace(law, settings=found, signals=("state", "setting"), delayed=True, trials=len(runs))
