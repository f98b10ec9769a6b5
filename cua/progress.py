"""Live progress of practice on a terminal; silent in a pipe. Prints nothing that the result does not hold."""

from __future__ import annotations

import signal
import sys
from types import TracebackType
from typing import Any, Self

from cua.memory.skills import Round


class Progress:
    """Two lines that stay in place: how far it is, and what is being tried now."""

    def __init__(self, app: str, *, quiet: bool) -> None:
        self.app = app
        self.last = ""
        self._status = None
        self._stop = False
        self._before: Any = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(f"{app}: starting")

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupted)
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._status:
            self._status.stop()

    def _interrupted(self, *_: object) -> None:
        """Ctrl-C: stop where it is safe to, which is the next time that something is said; again: at once."""
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True
        print("\ncua: stopping after what is in hand; Ctrl-C again stops at once", file=sys.stderr)

    def say(self, line: str) -> None:
        """What is looked at now. Raises KeyboardInterrupt if a person wants it to stop."""
        if self._stop:
            raise KeyboardInterrupt
        if self._status:
            from rich.text import Text

            told = f"{self.last or self.app + ': exploring'} · {line}"
            self._status.update(Text(told, no_wrap=True, overflow="ellipsis"))

    def told(self, line: Round) -> None:
        """A round that ended."""
        self.last = f"{self.app}: {line.proven} proven, {line.number} rounds, {line.at:.0f} s"
        self.say(f"{line.outcome}: {line.goal}")  # raises as well
