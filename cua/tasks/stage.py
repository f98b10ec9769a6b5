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
from cua.evaluators.names import program
from cua.tasks.machine import Machine

PASSWORD = "password"  # of the user on OSWorld's machines
COMMAND_LIMIT = 120.0
_LOOK_LIMIT = 10.0
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

    def standing(self, name: str) -> str:
        """The program that stands for this one in the machine, the first that is installed; "" for none."""
        known = program(name)
        for each in known.any if known else (name,):
            if self.machine.world.exec(("sh", "-c", 'command -v "$1"', "sh", each), seconds=_LOOK_LIMIT).code == 0:
                return each
        return ""

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
        return _filled(text, self.machine.size)

    def argv(self, command: Command, *, shell: bool) -> tuple[str, ...]:
        """What to run for it."""
        return argv_on(self.machine.size, command, shell=shell)


def argv_on(size: tuple[int, int], command: Command, *, shell: bool) -> tuple[str, ...]:
    """What to run for a command on a screen of that size. Raises UsageError for what nobody can run."""
    told = [_filled(each, size) for each in command] if isinstance(command, list) else _filled(command, size)
    return argv_of(told, shell=shell)


def _filled(text: str, size: tuple[int, int]) -> str:
    width, height = size
    known = {"CLIENT_PASSWORD": PASSWORD, "SCREEN_WIDTH_HALF": width // 2, "SCREEN_HEIGHT_HALF": height // 2,
             "SCREEN_WIDTH": width, "SCREEN_HEIGHT": height}  # fmt: skip
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
