"""Where sandboxes keep their files, and the cleaning up of those whose owner is gone.

It removes only what it can prove is ours.
A sandbox's folder is its room. Whoever works with it holds the lock on the room's `owner` file, which the kernel takes
back when that process ends, however it ends. Rooms are made and judged under one more lock, so that a room that is
being made is never taken for one that was left. All rooms of a user lie in one folder, for only few places can carry
them; a lasting one bears the mark of the home that it was made in, and no other home sees it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cua.errors import SandboxError, UsageError
from cua.homes import data_folder
from sandbox_vms.processes import Process

X_SOCKETS = Path("/tmp/.X11-unix")
_LASTING = "lasting-"
_MARK = 12  # letters that tell one home from another
_OVERLAYFS = 0x794C7630
_GUEST_UID = 64100
_REMOVE_LIMIT = 10.0
_TICK = 0.01


class Room:
    """A sandbox's folder, held by this process until `release` or `remove`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path, self._lock = path, lock

    def record(self, state: dict[str, Any]) -> None:
        """Keep what another process must know to go on; whole, or not at all. Raises SandboxError."""
        part = self.path / "state.part"
        with written(self.path):
            part.write_text(json.dumps(state))
            part.chmod(0o600)
            part.replace(self.path / "state.json")

    def release(self) -> None:
        """Let another process have it."""
        if self._lock >= 0:
            os.ftruncate(self._lock, 0)
            fcntl.flock(self._lock, fcntl.LOCK_UN)
            os.close(self._lock)
            self._lock = -1

    def retire(self) -> None:
        """Give its name and its displays back, so that nobody takes it for one that is in use."""
        _unlink_into(self.path)
        gone = self.path.with_name(f"gone-{uuid.uuid4().hex[:12]}")
        with contextlib.suppress(FileNotFoundError):  # another process that swept may have been quicker
            self.path = self.path.rename(gone)

    def remove(self) -> None:
        """Remove the folder, the display links that lead into it, and what may still run in it."""
        with contextlib.suppress(SandboxError):
            known = recorded(self.path)
            for each in known.get("processes", [known["init"]] if "init" in known else []):
                process = Process(*each)
                process.kill()
                process.await_end(_REMOVE_LIMIT)
        self.retire()
        remove(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def guest_uid() -> int:
    """The user id, outside, of a sandbox's programs: never root, so that they see only what anybody may read."""
    return _GUEST_UID if os.geteuid() == 0 else os.geteuid()


def base() -> Path:
    """The folder for this user's sandboxes, on a file system that can carry an overlay.

    Raises SandboxError if there is none.
    """
    for parent in (Path("/var/tmp"), Path("/dev/shm"), Path(tempfile.gettempdir())):
        if not parent.is_dir() or not os.access(parent, os.W_OK) or _filesystem(parent) == _OVERLAYFS:
            continue
        folder = parent / f"cua-{os.geteuid()}"
        with written(folder), contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o711)
        if folder.lstat().st_uid == os.geteuid() and stat.S_ISDIR(folder.lstat().st_mode):
            return folder
    raise SandboxError("no folder can carry an overlay: /var/tmp, /dev/shm and the temporary folder were tried")


def make(name: str) -> Room:
    """A new room. Raises UsageError if there is one of that name, SandboxError if its folder cannot be written."""
    folder = base()
    with written(folder), _alone(folder):
        path = folder / name
        try:
            path.mkdir()
        except FileExistsError as error:
            raise UsageError(f"there is a sandbox {called(path)!r} already; choose another name") from error
        path.chmod(0o711)
        room = _held(path)
    assert room is not None
    return room


def take(name: str) -> Room:
    """The room of that name. Raises FileNotFoundError if there is none, SandboxError if another process holds it."""
    folder = base()
    with _alone(folder):
        path = folder / name
        if not path.is_dir():
            raise FileNotFoundError(path)
        room = _held(path)
    if room is None:
        driver = f"driven by process {holder(path)}"
        raise SandboxError(f"the sandbox {called(path)!r} is {driver}; wait for it, or end it first")
    return room


def lasting() -> tuple[Path, ...]:
    """The rooms of this home's lasting sandboxes, by name."""
    return tuple(sorted(path.parent for path in base().glob(f"{lasting_name('')}*/state.json")))


def lasting_name(name: str) -> str:
    """What the room of this home's lasting sandbox of that name is called."""
    home = os.fsencode(data_folder().resolve())
    return f"{_LASTING}{hashlib.sha256(home).hexdigest()[:_MARK]}-{name}"


def called(path: Path) -> str:
    """The name of the sandbox whose room that is, as its home calls it."""
    return path.name[len(_LASTING) + _MARK + 1 :] if path.name.startswith(_LASTING) else path.name


def recorded(path: Path) -> dict[str, Any]:
    """What `Room.record` kept. Raises SandboxError if there is nothing readable."""
    try:
        return dict(json.loads((path / "state.json").read_text()))
    except (OSError, ValueError) as error:
        why = f"what is known of the sandbox {called(path)!r} cannot be read ({error})"
        raise SandboxError(f"{why}; remove it") from error


def holder(path: Path) -> int:
    """The process that works with a room, 0 if there is none."""
    try:
        pid, start = (path / "owner").read_text().split()
        return int(pid) if Process(int(pid), int(start)).alive else 0
    except (OSError, ValueError):
        return 0


def sweep() -> tuple[str, ...]:
    """Remove what sandboxes left whose owner is gone. Gives their names. Lasting sandboxes stay."""
    folder = base()
    with _alone(folder):
        left = [room for path in folder.iterdir() if path.is_dir() and (room := _abandoned(path))]
        names = tuple(room.path.name for room in left)
        for room in left:
            room.retire()
    for room in left:
        room.remove()
    for link, target in _links():
        if target.is_relative_to(folder) and not (folder / target.relative_to(folder).parts[0]).exists():
            link.unlink(missing_ok=True)
    return names


def remove(room: Path) -> None:
    """Remove a sandbox's folder, or a part of it, and the display links that lead into it."""
    _unlink_into(room)
    limit = time.monotonic() + _REMOVE_LIMIT
    while room.exists():
        try:
            shutil.rmtree(room)
        except FileNotFoundError:
            continue
        except OSError as error:  # a folder that its owner closed, or that a dying program still writes into
            if error.errno not in (errno.EACCES, errno.EPERM, errno.ENOTEMPTY) or time.monotonic() > limit:
                raise SandboxError(f"{room} cannot be removed: {error}; remove it by hand") from error
            _open_up(room)


@contextlib.contextmanager
def written(folder: Path) -> Iterator[None]:
    """Translate what goes wrong with files in a folder meanwhile: its disk is full, or it must not be written."""
    try:
        yield
    except OSError as exc:
        why = f"{folder} cannot be written: {exc.strerror or exc}"
        raise SandboxError(f"{why}; free some space there, and see that it may be written, then try again") from exc


def claim_display(folder: Path) -> int:
    """A free display number on this machine, leading by a link to the sandbox's own socket."""
    if not X_SOCKETS.is_dir():
        X_SOCKETS.mkdir(mode=0o1777)
        X_SOCKETS.chmod(0o1777)
    for number in range(300, 900):
        if Path(f"/tmp/.X{number}-lock").exists():
            continue
        try:
            (X_SOCKETS / f"X{number}").symlink_to(folder / "X0")
        except FileExistsError:
            continue
        return number
    raise SandboxError("no display number between 300 and 900 is free; remove sandboxes: cua sandbox list")


def release_display(number: int, folder: Path) -> None:
    link = X_SOCKETS / f"X{number}"
    with contextlib.suppress(OSError):
        if link.readlink().is_relative_to(folder):
            link.unlink(missing_ok=True)


# ---------------------------------------------------------------------------------------------- locks and links


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else makes, takes or judges a room meanwhile."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _held(path: Path) -> Room | None:
    """The room with its lock; None if another process, or another sandbox of ours, has it."""
    lock = os.open(path / "owner", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    me = Process.of(os.getpid())
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{me.pid} {me.start}".encode(), 0)
    return Room(path, lock)


def _abandoned(path: Path) -> Room | None:
    """The room, held by us, if nobody will come back to it."""
    kept = path.name.startswith(_LASTING) and (path / "state.json").exists()
    with contextlib.suppress(FileNotFoundError):  # its owner removed it meanwhile
        return None if kept or holder(path) else _held(path)
    return None


def _links() -> list[tuple[Path, Path]]:
    """Display links and where they lead."""
    found = []
    for link in X_SOCKETS.glob("X*"):
        with contextlib.suppress(OSError):
            found.append((link, link.readlink()))
    return found


def _unlink_into(folder: Path) -> None:
    for link, target in _links():
        if target.is_relative_to(folder):
            link.unlink(missing_ok=True)


def _open_up(room: Path) -> None:
    """An overlay's work folder has mode 000, and programs may close folders too."""
    for folder, _, _ in os.walk(room):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                Path(entry.path).chmod(0o700)


def _filesystem(path: Path) -> int:
    """The file system's magic number, from statfs(2)."""
    buffer = (ctypes.c_long * 32)()
    if ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(path), buffer) != 0:
        return _OVERLAYFS
    return int(buffer[0])
