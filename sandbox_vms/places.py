"""Where sandboxes keep their files, and the cleaning up of those whose owner is gone. Removes only what it can prove is ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cua.errors import SandboxError

X_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108 - the place X clients look in
_OVERLAYFS = 0x794C7630
_GUEST_UID = 64100


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its id and its start time, so that a reused id is not mistaken for it."""

    pid: int
    start: int

    @classmethod
    def of(cls, pid: int) -> Process:
        """Raises ProcessLookupError if there is no such process."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError as error:
            raise ProcessLookupError(pid) from error
        if fields[0] in "ZX":
            raise ProcessLookupError(pid)
        return cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        try:
            return Process.of(self.pid) == self
        except ProcessLookupError:
            return False


def guest_uid() -> int:
    """The user id, outside, of a sandbox's programs: never root, so that they see only what anybody may read."""
    return _GUEST_UID if os.geteuid() == 0 else os.geteuid()


def base() -> Path:
    """The folder for this user's sandboxes, on a file system that can carry an overlay.

    Raises SandboxError if there is none.
    """
    for parent in (Path("/var/tmp"), Path("/dev/shm"), Path(tempfile.gettempdir())):  # noqa: S108
        if not parent.is_dir() or not os.access(parent, os.W_OK) or _filesystem(parent) == _OVERLAYFS:
            continue
        folder = parent / f"cua-{os.geteuid()}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o711)
        if folder.lstat().st_uid == os.geteuid() and stat.S_ISDIR(folder.lstat().st_mode):
            return folder
    raise SandboxError("no folder can carry an overlay: /var/tmp, /dev/shm and the temporary folder were tried")


def claim_display(folder: Path) -> int:
    """A free display number on this machine, leading by a link to the sandbox's own socket."""
    if not X_SOCKETS.is_dir():
        X_SOCKETS.mkdir(mode=0o1777)
        X_SOCKETS.chmod(0o1777)
    for number in range(300, 900):
        if Path(f"/tmp/.X{number}-lock").exists():  # noqa: S108
            continue
        try:
            (X_SOCKETS / f"X{number}").symlink_to(folder / "X0")
        except FileExistsError:
            continue
        return number
    raise SandboxError("no display number between 300 and 900 is free; remove sandboxes: cua sandbox list")


def release_display(number: int, folder: Path) -> None:
    link = X_SOCKETS / f"X{number}"
    if link.is_symlink() and link.readlink().is_relative_to(folder):
        link.unlink(missing_ok=True)


def sweep() -> tuple[str, ...]:
    """Remove what sandboxes left whose owner is gone. Gives their names."""
    gone = []
    folder = base()
    for room in folder.iterdir():
        owner = room / "owner"
        try:
            pid, start = owner.read_text().split()
        except (FileNotFoundError, ValueError, NotADirectoryError):
            continue
        if not Process(int(pid), int(start)).alive:
            remove(room)
            gone.append(room.name)
    return tuple(gone)


def remove(room: Path) -> None:
    """Remove a sandbox's folder and the display links that lead into it."""
    if X_SOCKETS.is_dir():
        for link in X_SOCKETS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(room):
                link.unlink(missing_ok=True)
    shutil.rmtree(room, onerror=_unlock)


def _unlock(function, path, failure) -> None:  # type: ignore[no-untyped-def]
    """An overlay's work folder has mode 000: open it and go on. What is already gone is fine."""
    if isinstance(failure[1], FileNotFoundError):
        return
    Path(path).parent.chmod(0o700)
    Path(path).chmod(0o700)
    if Path(path).is_dir() and not Path(path).is_symlink():
        shutil.rmtree(path)
    else:
        Path(path).unlink()


def _filesystem(path: Path) -> int:
    """The file system's magic number, from statfs(2)."""
    import ctypes

    buffer = (ctypes.c_long * 32)()
    if ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(path), buffer) != 0:
        return _OVERLAYFS
    return int(buffer[0])
