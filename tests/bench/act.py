"""How quick the hands are: a click and five typed characters against the bare XTEST requests, in the same run.

Each figure is the median of 200, on a display of its own. The bare requests are the same events and one round trip.
"""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import xcffib.xtest

from cua.core import Point
from cua.errors import TimedOut, UsageError
from drivers.keysyms import keysym_of_character
from drivers.x11 import X11
from drivers.x11_input import XTest
from tests.bench.rows import Row
from tests.displays import x_server

TIMES = 200
BAR = 3.0
LIMIT = 20.0
WORD = "hello"
TEXT = 'Zażółć gęślą jaźń — 你好 🙂 ßñ "quotes" \\ ~ ^ €\t\n' + "".join(map(chr, range(0x4E00, 0x4E80)))

_KEY_DOWN, _KEY_UP, _BUTTON_DOWN, _BUTTON_UP, _MOTION = range(2, 7)
# Prints the keysym of each key that goes down in it; it asks for the keymap only when it gets to the key.
_LISTENER = """
import xcffib, xcffib.xproto as xp
connection = xcffib.Connection()
screen, core = connection.setup.roots[0], connection.core
window = connection.generate_id()
core.CreateWindow(0, window, screen.root, 0, 0, 300, 200, 0, 1, 0, xp.CW.EventMask, [xp.EventMask.KeyPress])
core.ChangeProperty(0, window, xp.Atom.WM_NAME, xp.Atom.STRING, 8, 8, b"listener")
core.MapWindow(window)
connection.flush()
while True:
    event = connection.wait_for_event()
    if isinstance(event, xp.KeyPressEvent):
        keysyms = core.GetKeyboardMapping(event.detail, 1).reply().keysyms
        print(keysyms[event.state & 1] if len(keysyms) > 1 else 0, flush=True)
"""


def rows(args: list[str]) -> Iterator[Row]:
    """Two medians and their ratios to the bare requests, and whether non-ASCII text arrives; takes no arguments."""
    if args:
        raise UsageError(f"the bench act takes no arguments, not {' '.join(args)}")
    with x_server() as (_, name):
        x11 = X11(name)
        hands = XTest(x11)
        bare = Bare(x11)
        for case, ours, raw in (
            ("click", lambda: hands.click(Point(60, 60)), bare.click),
            ("type 5 characters", lambda: hands.type(WORD), bare.type),
        ):
            mine, floor = medians(ours, raw)
            yield Row(case, "bare XTEST, p50", floor, "ms", "none", holds=True)
            yield Row(case, "ours, p50", mine, "ms", "none", holds=True)
            yield Row(case, "ours / bare XTEST", mine / floor, "times", f"<= {BAR:.0f}", mine <= BAR * floor)
        complete = arrives(x11, hands, name)
        yield Row("type non-ASCII text", "arrives complete", float(complete), "yes/no", "1", complete)
        hands.release_all()
        x11.close()


class Bare:
    """The same events as ours without anything around them: the floor."""

    def __init__(self, x11: X11) -> None:
        self._core, self._root = x11.core, x11.root
        self._xtest: Any = x11.connection(xcffib.xtest.key)
        first, last = x11.connection.setup.min_keycode, x11.connection.setup.max_keycode
        reply = x11.core.GetKeyboardMapping(first, last - first + 1).reply()
        code = {keysym: first + at // reply.keysyms_per_keycode for at, keysym in enumerate(reply.keysyms)}
        self._codes = [code[ord(character)] for character in WORD]

    def click(self) -> None:
        self._xtest.FakeInput(_MOTION, 0, 0, self._root, 60, 60, 0)
        self._xtest.FakeInput(_BUTTON_DOWN, 1, 0, 0, 0, 0, 0)
        self._xtest.FakeInput(_BUTTON_UP, 1, 0, 0, 0, 0, 0)
        self._core.GetInputFocus().reply()

    def type(self) -> None:
        for code in self._codes:
            self._xtest.FakeInput(_KEY_DOWN, code, 0, 0, 0, 0, 0)
            self._xtest.FakeInput(_KEY_UP, code, 0, 0, 0, 0, 0)
        self._core.GetInputFocus().reply()


def medians(ours: Callable[[], None], raw: Callable[[], None]) -> tuple[float, float]:
    """The medians of both in milliseconds, taken in turn so that other load meets both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    for call in (ours, raw):
        call()
    for _ in range(TIMES):
        for call, into in zip((ours, raw), taken, strict=True):
            began = time.perf_counter()
            call()
            into.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def arrives(x11: X11, hands: XTest, name: str) -> bool:
    """Does a program that reads the keymap as late as it can get every character of a text, in order?"""
    environment = os.environ | {"DISPLAY": name}
    program = subprocess.Popen([sys.executable, "-c", _LISTENER], env=environment, stdout=subprocess.PIPE)
    try:
        end = time.monotonic() + LIMIT
        while not (window := x11.find(title="listener")):
            if time.monotonic() > end:
                raise TimedOut(f"the listening window did not appear within {LIMIT:.0f} s")
            time.sleep(0.01)
        x11.focus(window)
        hands.type(TEXT)
        wanted = [keysym_of_character(character) for character in TEXT]
        return heard(program, len(wanted)) == wanted
    finally:
        program.kill()
        program.communicate()


def heard(program: subprocess.Popen[bytes], count: int) -> list[int]:
    """The next so many keysyms that are no Shift; fewer if they do not come."""
    assert program.stdout
    raw = b""
    found: list[int] = []
    while len(found) < count and select.select([program.stdout], [], [], LIMIT)[0]:
        raw += os.read(program.stdout.fileno(), 1 << 16)
        found = [int(line) for line in raw.split(b"\n")[:-1] if int(line) not in (0xFFE1, 0xFE03)]
    return found
