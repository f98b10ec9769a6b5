"""Lets go of what a process held pressed on an X display when it died. It never touches what others hold.

What is held for longer than a moment is noted at the display, with a window of whoever holds it. A watcher, a process
in a session of its own, lets go of it as soon as the one that holds it has died; where that died as well, the
next to act does. Run as a program this file lets go of what the dead held; it imports nothing of ours.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import xcffib
import xcffib.xproto as xp
import xcffib.xtest

_PROPERTY = "_CUA_HOLDS"
_WATCHER = "import runpy, sys; sys.stdin.buffer.read(); runpy.run_path(sys.argv[1], run_name='__main__')"


@contextmanager
def watched(connection: Any, root: int, display: str, held: tuple[int, int]) -> Iterator[None]:
    """Meanwhile this is held: how it goes up (the number of its event), and its code."""
    owner = connection.generate_id()
    connection.core.CreateWindow(0, owner, root, -1, -1, 1, 1, 0, xp.WindowClass.InputOnly, 0, 0, [])
    watcher = subprocess.Popen(
        [sys.executable, "-P", "-c", _WATCHER, __file__, display],
        stdin=subprocess.PIPE,  # which ends when this process does
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        atom, numbers = _atom(connection), struct.pack("=3I", owner, *held)
        connection.core.ChangeProperty(xp.PropMode.Replace, root, atom, xp.Atom.CARDINAL, 32, 3, numbers)
        yield
    finally:
        watcher.kill()
        watcher.communicate()
        connection.core.DeleteProperty(root, _atom(connection))
        connection.core.DestroyWindow(owner)
        connection.flush()


def let_go(connection: Any, root: int, *, dead: bool = False) -> None:
    """Let go of what is noted there if the one that held it is `dead`; its window tells, where that is not known."""
    found = connection.core.GetProperty(False, root, _atom(connection), xp.Atom.CARDINAL, 0, 3).reply()
    if found.value_len != 3:
        return
    owner, way_up, code = struct.unpack("=3I", found.value.buf())
    if not dead and _is_there(connection, owner):
        return
    connection(xcffib.xtest.key).FakeInput(way_up, code, 0, 0, 0, 0, 0)
    connection.core.DeleteProperty(root, _atom(connection))
    connection.core.GetInputFocus().reply()


def _is_there(connection: Any, window: int) -> bool:
    try:
        connection.core.GetWindowAttributes(window).reply()
    except xp.WindowError:
        return False
    return True


def _atom(connection: Any) -> int:
    return int(connection.core.InternAtom(False, len(_PROPERTY), _PROPERTY).reply().atom)


def _dead(display: str) -> None:
    connect: Any = xcffib.Connection
    connection = connect(display or None)
    let_go(connection, connection.setup.roots[connection.pref_screen].root, dead=True)
    connection.disconnect()


if __name__ == "__main__":
    _dead(sys.argv[2])
