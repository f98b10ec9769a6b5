"""Runs the programs that make an image: none outlives us, each line that they say is heard, a failure is explained."""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cua.errors import MissingProgram, SandboxError, TroubleError, UsageError
from sandbox_vms.images.folders import as_root

# the first process of a namespace: when our end of the pipe closes, however we end, all in there is killed
_TIED = """
exec 3<&0 </dev/null
(read -r _ <&3; kill -9 -1) &
exec 3<&-
"$@"
"""
_KEPT_LINES = 200
_SHOWN_LINES = 5
_SHOWN_LETTERS = 160
_NO_PACKAGE = re.compile(r"Unable to locate package (\S+)|Package '?([^' ]+)'? has no installation candidate")
_NO_SPACE = re.compile(r"No space left on device|Could not allocate block|don't have enough free space", re.I)
_NO_REGISTRY = re.compile(
    r"Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Connection (timed out|refused)"
    r"|Failed to establish a new connection|Network is unreachable|Cannot initiate the connection|Max retries exceeded"
)
_NO_WHEEL = re.compile(r"No matching distribution found for (\S+)")
_NO_NAMESPACE = re.compile(r"^unshare: |newuidmap|newgidmap")


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a build works: its folder, the lock that its programs hold as well, and who hears each line they say."""

    folder: Path
    lock: int
    heard: Callable[[str], None]

    def run(self, argv: tuple[str, ...], env: Mapping[str, str] | None = None) -> list[str]:
        """Run it to its end as root of the files here, where it sees no other process. Gives its last lines.

        Raises SandboxError, MissingProgram or UsageError, saying what went wrong.
        """
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        with self._started(argv, env or {}) as process:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                self.heard(lines[-1])
            code = process.wait()
        if code:
            raise _trouble(argv[0], code, list(lines), self.folder)
        return list(lines)

    @contextmanager
    def _started(self, argv: tuple[str, ...], env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
        try:
            process = subprocess.Popen(
                (*as_root(), "sh", "-c", _TIED, "sh", *argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(self.folder), **env},
                pass_fds=(self.lock,),
                start_new_session=True,  # Ctrl-C is for us
                text=True,
                errors="replace",
            )
        except FileNotFoundError as exc:
            raise MissingProgram("unshare is missing; get it with: apt install util-linux") from exc
        with process:
            try:
                yield process
            finally:
                process.kill()
                # the last of its programs has ended when nobody can say anything any more
                while process.stdout and process.stdout.read(1 << 16):
                    pass


def _trouble(program: str, code: int, lines: list[str], folder: Path) -> TroubleError | UsageError:
    """What came of it, for whoever must do something about it."""
    said = "\n".join(lines)
    if match := _NO_PACKAGE.search(said):
        name = match[1] or match[2]
        return UsageError(f"Debian has no package {name!r} for this image; find its name with: apt-cache search WORD")
    if _NO_SPACE.search(said):
        return SandboxError(f"the disk of {folder.parent} became full; make room there and build again")
    if match := _NO_WHEEL.search(said):
        return SandboxError(
            f"no registry of Python packages that can be reached has {match[1]} for the guest; see: pip config list"
        )
    if match := _NO_REGISTRY.search(said):
        return SandboxError(
            f"no registry of packages can be reached ({match[0]}); connect this machine and build again"
        )
    if any(_NO_NAMESPACE.search(line) for line in lines[-_SHOWN_LINES:]):
        return MissingProgram(
            f"{lines[-1]}; without root a build needs user namespaces: apt install uidmap, or use sudo"
        )
    shown = "; ".join(line[:_SHOWN_LETTERS] for line in lines[-_SHOWN_LINES:] if line and not line.startswith("I: "))
    return SandboxError(f"{program} failed with code {code}: {shown or 'it said nothing'}; mend that and build again")
