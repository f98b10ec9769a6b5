"""Folders that are made once, whole, and then used by several processes: each has a name in the folder of its kind.

Who makes or removes one holds the lock on its name, who uses it holds the folder itself. The kernel takes both back
when a process ends, however it ends, so that what killed ones left can be told from what is being made.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cua.errors import SandboxError

Say = Callable[[str], None]
PART = "part-"  # how the names of those begin that are being made, or removed


@contextmanager
def in_use(path: Path, gone: str) -> Iterator[None]:
    """Nobody removes a folder meanwhile. Raises SandboxError(gone) where that was done already."""
    try:
        held = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as exc:
        raise SandboxError(gone) from exc
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        if not _is(path, held):
            raise SandboxError(gone)
        yield
    finally:
        os.close(held)


def discarded(folder: Path, name: str) -> bool:
    """Whether what is kept under that name, whose lock is held, is gone now: not while it is in use.

    It leaves the list at once; what a killed process then leaves of it is swept. Raises SandboxError.
    """
    path, gone = folder / name, folder / f"{PART}{name}"
    try:
        held = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # another one was quicker
        return True
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        delete(gone)
        path.rename(gone)
    except BlockingIOError:
        return False
    except OSError as exc:
        raise SandboxError(f"cannot remove {path}: {exc.strerror}; remove it by hand") from exc
    finally:
        os.close(held)
    delete(gone)
    return True


def settle(made: Path, where: Path) -> None:
    """Give a finished folder its name once its files are on the disk, so that after a crash too it is whole there."""
    for path in (*made.rglob("*"), made):
        if path.is_dir() or path.is_file():
            _synced(path)
    made.rename(where)
    _synced(where.parent)


@contextmanager
def alone(folder: Path, name: str, say: Say) -> Iterator[int]:
    """Nobody else makes or removes what is kept under that name meanwhile. Gives the lock, a descriptor.

    It is held until the last of the programs has ended that the descriptor was handed to.
    """
    lock = _lock(folder, name, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        say("waiting for another process that makes or removes the same")
        while lock is None:
            lock = _lock(folder, name, fcntl.LOCK_EX)
    try:
        yield lock
    finally:
        _let_go(folder, name, lock)


@contextmanager
def idle(folder: Path, name: str) -> Iterator[bool]:
    """Like `alone`, but it waits for nobody: False where another one is at it."""
    lock = _lock(folder, name, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            _let_go(folder, name, lock)


@contextmanager
def part(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder to make what is kept under that name in. Nothing of it is left if it is not renamed away."""
    path = folder / f"{PART}{name}"
    delete(path)
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        delete(path)


def sweep(folder: Path) -> None:
    """Remove what those left that were killed while they made something; who is at it still holds its lock."""
    left = {path.name.removeprefix(PART) for path in folder.glob(f"{PART}*")}
    for name in left | {path.stem for path in folder.glob("*.lock")}:
        with idle(folder, name) as free:
            if free:
                delete(folder / f"{PART}{name}")


def delete(path: Path) -> None:
    """A folder and all in it, also what belongs to others whom a build of ours made up. Raises SandboxError."""
    try:
        if path.exists():
            shutil.rmtree(path)
    except PermissionError:
        subprocess.run((*as_root(), "rm", "-rf", "--", str(path)), check=False, stdin=subprocess.DEVNULL)
    except OSError as exc:
        raise SandboxError(f"cannot remove {path}: {exc.strerror}; remove it by hand") from exc
    if path.exists():
        raise SandboxError(f"cannot remove all of {path}; remove it by hand")


def as_root() -> tuple[str, ...]:
    """How a command begins that must be root over many users' files: as it is for root, else in a user namespace."""
    names = () if os.geteuid() == 0 else ("--user", "--map-root-user", "--map-auto")
    return ("unshare", *names, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--")


def document(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises OSError, or ValueError where something else is in it."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as exc:
        raise ValueError(f"{path} is nested too deep") from exc
    if not isinstance(told, dict):
        raise ValueError(f"{path} holds no JSON object")
    return told


def space(path: Path) -> int:
    """How many bytes the files in a folder take. Raises FileNotFoundError if one is removed meanwhile."""
    return sum(each.lstat().st_blocks * 512 for each in path.iterdir())


# ---------------------------------------------------------------------------------------------- parts


def _lock(folder: Path, name: str, how: int) -> int | None:
    """None if another has it, or had it and removed it: then it is no longer the one that others would take."""
    path = folder / f"{name}.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, how)
        if _is(path, lock):
            return lock
    except BlockingIOError:
        pass
    os.close(lock)
    return None


def _is(path: Path, held: int) -> bool:
    """Whether that is still what was opened there."""
    try:
        return os.path.samestat(path.stat(), os.fstat(held))
    except FileNotFoundError:
        return False


def _synced(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _let_go(folder: Path, name: str, lock: int) -> None:
    (folder / f"{name}.lock").unlink(missing_ok=True)
    os.close(lock)
