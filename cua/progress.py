"""Live progress of practice on a terminal; silent in a pipe. Prints nothing that the result does not hold."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from cua.memory.skills import Round


class Progress:
    """Two lines that stay in place: how far it is, and what is being tried now."""

    def __init__(self, app: str, *, quiet: bool) -> None:
        self.app = app
        self.last = ""
        self._status = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(f"{app}: starting")

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def say(self, line: str) -> None:
        """What is looked at now."""
        if self._status:
            from rich.markup import escape

            self._status.update(f"{self.last or self.app + ': exploring'} · {escape(line)}")

    def told(self, line: Round) -> None:
        """A round that ended."""
        self.last = f"{self.app}: {line.proven} proven, {line.number} rounds, {line.at:.0f} s"
        self.say(f"{line.outcome}: {line.goal}")
