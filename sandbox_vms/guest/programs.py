"""Running programs in the guest as its user, to their end or beside us. It never runs one as root."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cua.core import Completed
from cua.errors import SandboxError, UsageError
from sandbox_vms.bwrap import CUT_OFF, Program
from sandbox_vms.inside import HOME, environment
from sandbox_vms.processes import Process

USER = 1000
# what is the user's own and not the business of whoever started us, if that was root
_HIS_OWN = ("HOME", "USER", "LOGNAME", "PATH", "SHELL")
_ADDRESSES = ("XAUTHORITY", "AT_SPI_BUS_ADDRESS")
_libc = ctypes.CDLL(None, use_errno=True)


def his_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What the user's programs get to know: ours where we are the user, else the display and buses out of it."""
    if os.geteuid() != 0:
        return dict(ours)
    known = environment({})
    names = [name for name in (*known, *_ADDRESSES) if name not in _HIS_OWN and name in ours]
    return known | {name: ours[name] for name in names}


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ran to its end; `code` is None for one that was cut off."""

    code: int | None
    out: bytes
    err: bytes


class Programs:
    """`env` is what they get to know."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.home = Path(self.env.get("HOME", HOME))
        self.uid = USER if os.geteuid() == 0 else None
        self._left: list[Program] = []
        self._lock = Lock()

    def exec(self, argv: tuple[str, ...], *, seconds: float, cwd: str = "") -> Completed:
        """Run a command to its end, or until it is cut off: then its code is 124. Raises UsageError for a `cwd` that is
        no folder. A program that is not there has code 127, one that may not be run 126."""
        try:
            ended = self.run(argv, seconds=seconds, cwd=cwd)
        except OSError as exc:
            missing = "/" not in argv[0] and self.where(argv[0]) is None  # a folder that is closed hides no program
            if missing or isinstance(exc, FileNotFoundError):
                return Completed(127, "", f"{argv[0]}: not found")
            return Completed(126, "", f"{argv[0]}: {exc.strerror}")
        said, wrong = (each.decode(errors="surrogateescape") for each in (ended.out, ended.err))
        return Completed(CUT_OFF if ended.code is None else ended.code, said, wrong)

    def run(self, argv: tuple[str, ...], *, seconds: float, cwd: str = "", merged: bool = False) -> Ended:
        """The same for whoever must know whether it was cut off; `merged`: errors among the output, as they came.

        Raises OSError where it cannot be started.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            program = self._start(argv, (out.fileno(), (out if merged else err).fileno()), cwd, None)
            code = program.wait(seconds)
            if code is None:
                program.kill()
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read(), err.read())

    def enter(
        self, argv: tuple[str, ...], *, log: Path | None = None, cwd: str = "", env: Mapping[str, str] | None = None
    ) -> Program:
        """Start a command that goes on beside us; its output goes to `log`. Raises SandboxError if it cannot start."""
        target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            program = self._start(argv, (target, target), cwd, env)
        except OSError as exc:
            raise SandboxError(f"{argv[0]!r} cannot be started: {exc.strerror}; is it installed in the guest?") from exc
        finally:
            os.close(target)
        with self._lock:
            self._left.append(program)
        return program

    def close(self) -> None:
        """Let go of what goes on beside us; it need not end."""
        with self._lock:
            left, self._left = self._left, []
        for program in left:
            if program.child is not None and program.child.poll() is None:
                program.child.returncode = 0  # nobody need warn that it was not awaited

    @contextmanager
    def as_user(self) -> Iterator[None]:
        """Files that this thread opens meanwhile are opened with the user's rights, and made his."""
        if self.uid is None:
            yield
            return
        _libc.setfsgid(self.uid)
        _libc.setfsuid(self.uid)
        try:
            yield
        finally:
            _libc.setfsuid(0)
            _libc.setfsgid(0)

    def where(self, program: str) -> str | None:
        """Where a program of that name lies that the user would run."""
        return shutil.which(program, path=self.env.get("PATH"))

    def path(self, path: str) -> Path:
        """Where a path lies, "~" being the user's home. Raises UsageError for one that begins nowhere."""
        if path == "~" or path.startswith("~/"):
            return self.home / path[2:]
        if not path.startswith("/"):
            raise UsageError(f"{path!r} begins neither with / nor with ~/; say where it lies")
        return Path(path)

    def _start(
        self, argv: tuple[str, ...], streams: tuple[int, int], cwd: str, env: Mapping[str, str] | None
    ) -> Program:
        folder = self.path(cwd) if cwd else self.home
        with self._lock:
            self._left = [one for one in self._left if one.code() is None]  # none that ended is a zombie to who looks
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder in the guest; a command cannot run there")
        child = subprocess.Popen(
            list(argv),
            cwd=folder,
            env=self.env | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=streams[0],
            stderr=streams[1],
            start_new_session=True,
            user=self.uid,
            group=self.uid,
            extra_groups=None if self.uid is None else _groups(self.uid),
        )
        try:
            return Program(Process.of(child.pid), child)
        except ProcessLookupError:  # it ended already
            return Program(None, child)


def _groups(uid: int) -> list[int]:
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return [uid]
    return os.getgrouplist(user.pw_name, user.pw_gid)
