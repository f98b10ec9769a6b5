"""Nothing stays pressed on a display: after an error, an interruption, or the death of the process that pressed it."""

from __future__ import annotations

import gc
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import pytest
import xcffib.xproto as xp
import xcffib.xtest

from cua.core import Point
from cua.errors import DisplayGone, TimedOut
from drivers.x11 import X11
from drivers.x11_input import XTest
from drivers.x11_left import watched
from tests.waiting import awaited

DRAG = """
import sys
from cua.core import Point
from drivers.x11 import X11
from drivers.x11_input import XTest
hands = XTest(X11(sys.argv[1]))
while True:
    hands.drag(Point(100, 100), Point(300, 300))
"""
BUTTON_DOWN, BUTTON_UP = 4, 5


@pytest.fixture
def x11(xvfb: str) -> Iterator[X11]:
    connection = X11(xvfb)
    yield connection
    connection.close()


def pressed(x11: X11) -> list[str]:
    """What the server says is down, of keys and buttons."""
    keys = [code for code, down in enumerate(_bits(x11.core.QueryKeymap().reply().keys)) if down]
    mask = x11.core.QueryPointer(x11.root).reply().mask
    return [f"key {code}" for code in keys] + [f"button {n}" for n in range(1, 6) if mask >> 7 + n & 1]


def _bits(numbers: Any) -> Iterator[int]:
    return (number >> bit & 1 for number in numbers for bit in range(8))


@contextmanager
def hanging(x11: X11) -> Iterator[None]:
    """A window whose program never answers, though it is one that should."""
    window, protocols, ping = x11.connection.generate_id(), x11.atom("WM_PROTOCOLS"), x11.atom("_NET_WM_PING")
    x11.core.CreateWindow(0, window, x11.root, 0, 0, 500, 500, 0, xp.WindowClass.InputOutput, 0, 0, [])
    x11.core.ChangeProperty(xp.PropMode.Replace, window, protocols, xp.Atom.ATOM, 32, 1, [ping])
    x11.core.MapWindow(window)
    x11.sync()
    try:
        yield
    finally:
        x11.core.DestroyWindow(window)
        x11.sync()


def test_a_program_that_hangs_leaves_nothing_pressed(xvfb: str, x11: X11) -> None:
    other = X11(xvfb)
    with hanging(x11), pytest.raises(TimedOut):
        XTest(other, limit=0.1).drag(Point(100, 100), Point(300, 300))
    assert pressed(x11) == []
    other.close()


class Interrupted(BaseException):
    """As Ctrl-C: it may come between any two steps of ours."""


def test_an_interruption_at_any_moment_leaves_nothing_pressed(xvfb: str, x11: X11) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted

    other, chance, cut = X11(xvfb), random.Random(7), 0
    hands, before = XTest(other), signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # what others run as it collects swallows an interruption
    try:
        for _ in range(60):
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0001, 0.004))
                for _ in range(10):
                    hands.press("ctrl+shift+F5")
                    hands.click(Point(200, 200), "right", 2, ("alt",))
                    hands.type("Ab")
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupted:
                cut += 1
            assert pressed(x11) == []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
        other.close()
    assert cut > 10


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_process_that_is_killed_held_is_let_go(xvfb: str, x11: X11, how: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", DRAG, xvfb])
    awaited(lambda: pressed(x11), "the drag")
    process.send_signal(how)
    process.wait()
    awaited(lambda: not pressed(x11), "nothing is pressed any more")


def test_the_next_to_act_lets_go_of_what_the_dead_held_and_of_nothing_else(xvfb: str, x11: X11) -> None:
    other = X11(xvfb)
    with suppress(DisplayGone), other.edge("hold"), watched(other.connection, other.root, xvfb, (BUTTON_UP, 1)):
        other.connection(xcffib.xtest.key).FakeInput(BUTTON_DOWN, 1, 0, 0, 0, 0, 0)
        other.sync()
        XTest(x11)
        assert pressed(x11) == ["button 1"]  # who holds it is alive
        other.close()  # the server takes it for dead

        def acted() -> list[str]:
            XTest(x11)
            return pressed(x11)

        awaited(lambda: not acted(), "nothing is pressed any more")
