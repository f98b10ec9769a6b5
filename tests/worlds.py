"""A small true world for tests: a folder that stands for the home, and commands of this machine that run in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cua.core import Changes, Completed, Observation, Place


class Here:
    """`shown` is what its screen shows; no command runs for more seconds than its `patience`."""

    def __init__(self, home: Path, shown: Observation | None = None, *, patience: float = 60.0) -> None:
        self.home, self.patience = home, patience
        self.shown = shown or Observation(Place(""), ())

    def read(self, path: str) -> bytes:
        """A file of the home. Raises FileNotFoundError."""
        assert path.startswith("~/"), path
        return (self.home / path.removeprefix("~/")).read_bytes()

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """Run it in the home; 124 is the code of one that was cut off, 127 of one that is not there."""
        env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        try:
            limit = min(seconds, self.patience)
            done = subprocess.run(argv, cwd=self.home, env=env, capture_output=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return Completed(124, "", "")
        except FileNotFoundError as exc:
            return Completed(127, "", str(exc))
        return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def changes(self) -> Changes:
        return Changes()

    def setting(self, key: str) -> str | None:
        return None

    def observe(self) -> Observation:
        return self.shown
