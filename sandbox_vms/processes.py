"""Processes of this machine, seen from outside of a sandbox: which one it is, whether it lives, what is below it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its id and its start time, so that a reused id is not mistaken for it."""

    pid: int
    start: int

    @classmethod
    def of(cls, pid: int) -> Process:
        """Raises ProcessLookupError if there is no such process."""
        fields = _stat_fields(pid)
        if fields[0] in "ZX":
            raise ProcessLookupError(pid)
        return cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        try:
            return Process.of(self.pid) == self
        except ProcessLookupError:
            return False

    def kill(self) -> None:
        """Nothing happens if it has ended."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def await_end(self, seconds: float) -> bool:
        """Whether it has ended by then."""
        if not self.alive:
            return True
        try:
            watched = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return not self.alive or bool(select.select([watched], [], [], seconds)[0])
        finally:
            os.close(watched)

    def below(self) -> tuple[Process, ...]:
        """Its children and theirs, as far as they have not been left to another parent."""
        children: dict[int, list[int]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(ProcessLookupError):
                children.setdefault(int(_stat_fields(int(folder.name))[1]), []).append(int(folder.name))
        found: list[Process] = []
        queue = [self.pid]
        while queue:
            for child in children.get(queue.pop(), []):
                with contextlib.suppress(ProcessLookupError):
                    found.append(Process.of(child))
                queue.append(child)
        return tuple(found)


def _stat_fields(pid: int) -> list[str]:
    """From the state on, of /proc/PID/stat."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessLookupError(pid) from error
