"""A desktop of namespaces with no app in it, and the hands that put programs and windows on it in order before a task.

What its home and session have at the start is in `session.toml`; it never starts an app by itself.
"""

from __future__ import annotations

import os
import tempfile

from cua.core import Driver, World
from cua.errors import SandboxError, UsageError
from drivers.x11 import Window
from sandbox_vms import bwrap, session
from sandbox_vms.apps import App
from sandbox_vms.inside import HOME
from sandbox_vms.launch import windows
from sandbox_vms.namespace import Namespace

SIZE = (1920, 1080)  # what OSWorld's machines have
_WRITE = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1"'
_WRITE_LIMIT = 60.0
_LIMIT = 20.0


class Bare(Namespace):
    """A sandbox whose start state is a desktop without windows. Everything else is as in any namespace sandbox."""

    def __init__(self, *, size: tuple[int, int] = SIZE) -> None:
        super().__init__(App("desktop", ("sh",), files=session.files()), size=size)

    def revive(self) -> None:
        """Nothing: there is no app that could be gone."""

    def _launch(self, most: float = 0.0, others: frozenset[int] = frozenset()) -> None:
        """The programs of the session that are installed, and no app: there is none to wait for at `most`."""
        self._program = bwrap.Program(None)
        session.begin(
            lambda argv: self.tree.exec(argv, seconds=_LIMIT),
            lambda argv: self.tree.enter(argv, log=self.tree.room / f"{argv[0]}.log"),
        )
        self._driver = self._connect()


class BareMachine:
    """The bare desktop as the runner of tasks wants it. `close` ends it and leaves nothing."""

    def __init__(self, sandbox: Bare | None = None) -> None:
        self.sandbox = sandbox or Bare()

    @property
    def driver(self) -> Driver:
        return self.sandbox.driver

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def size(self) -> tuple[int, int]:
        return self.sandbox.size

    def launch(self, argv: tuple[str, ...]) -> None:
        """Start a program in the background, in the home; it goes on until the machine ends."""
        self.sandbox.tree.enter(argv, log=self.sandbox.tree.room / "launched.log")

    def windows(self) -> tuple[Window, ...]:
        """Those that show and stay, from the bottom to the top."""
        return tuple(windows(self.sandbox.driver))

    def activate(self, window: int) -> None:
        """Raise it and give it the keyboard. Raises TimedOut, TargetGone."""
        self.sandbox.driver.x11.focus(self._window(window))

    def close_window(self, window: int) -> None:
        """Ask its program to close it. Raises TargetGone."""
        self.sandbox.driver.x11.close_window(self._window(window))

    def write(self, path: str, content: bytes) -> None:
        """A file of the user's, with the folders above it. Raises SandboxError where it cannot be written."""
        if not path.startswith(("/", "~/")):
            raise UsageError(f"{path!r} begins neither with / nor with ~/; say where it is to lie")
        with tempfile.TemporaryFile() as given:
            given.write(content)
            given.seek(0)
            argv = ("sh", "-c", _WRITE, "sh", path.replace("~", HOME, 1) if path.startswith("~") else path)
            done = self.sandbox.tree.exec(argv, seconds=_WRITE_LIMIT, given=os.dup(given.fileno()))
        if done.code:
            raise SandboxError(f"{path} cannot be written in the machine: {done.err.strip() or done.code}")

    def reset(self) -> None:
        """The start state again: everything in it ends."""
        self.sandbox.reset()

    def close(self) -> None:
        self.sandbox.remove()

    def _window(self, window: int) -> Window:
        found = next((each for each in self.windows() if each.id == window), None)
        if found is None:
            raise SandboxError("that window is no longer there; look at the windows again")
        return found
