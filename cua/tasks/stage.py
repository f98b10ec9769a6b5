"""Where the steps of a set-up are done: a machine, what is run in it, and what is awaited of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cua.core import Completed, Wait
from cua.errors import SandboxError
from cua.evaluators.getters import Command, argv_of
from cua.tasks.machine import Machine

PASSWORD = "password"  # of the user on OSWorld's machines
COMMAND_LIMIT = 120.0
_TICK = 0.1
_CUT_OFF, _NO_COMMAND = 124, (126, 127)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where steps are done. `folder` is where the task's own files lie. `late`: the task was tried already, so that a
    window may be gone because it was closed.
    """

    machine: Machine
    folder: Path
    late: bool = False

    def run(self, argv: tuple[str, ...], seconds: float = COMMAND_LIMIT) -> Completed:
        """A command to its end. Raises SandboxError if it is not there or does not end."""
        done = self.machine.world.exec(argv, seconds=seconds)
        if done.code == _CUT_OFF:
            raise SandboxError(f"{shlex.join(argv)[:80]!r} did not end within {seconds:.0f} s")
        if done.code in _NO_COMMAND:
            raise SandboxError(f"{shlex.join(argv)[:80]!r} cannot be run: {done.err.strip()[-120:]}")
        return done

    def quiet(self, seconds: float) -> None:
        """Until the screen is quiet, at most that long."""
        if seconds > 0:
            self.machine.driver.act(Wait(seconds))

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether it came true in that time."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(_TICK)
        return True

    def filled(self, text: str) -> str:
        """With what upstream puts in the place of names in braces."""
        width, height = self.machine.size
        known = {"CLIENT_PASSWORD": PASSWORD, "SCREEN_WIDTH_HALF": width // 2, "SCREEN_HEIGHT_HALF": height // 2,
                 "SCREEN_WIDTH": width, "SCREEN_HEIGHT": height}  # fmt: skip
        for name, value in known.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def argv(self, command: Command, *, shell: bool) -> tuple[str, ...]:
        """What to run for it."""
        told = [self.filled(each) for each in command] if isinstance(command, list) else self.filled(command)
        return argv_of(told, shell=shell)
