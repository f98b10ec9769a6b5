"""The images that are kept in a folder, each in a folder of its own that is named by what it is made of.

One that is there is whole: it was made under another name, and its files have the checksums of its manifest.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cua.errors import SandboxError, UsageError

Say = Callable[[str], None]
MANIFEST = "manifest.json"
_CHECKED = "checked.json"  # what the files were when they last had the checksums of the manifest
FILES = ("disk.qcow2", "kernel", "initrd")
_PART = "part-"


@dataclass(frozen=True, slots=True)
class Image:
    """A disk to lay others over, and what boots it. The caller adds `cua.size=WIDTHxHEIGHT` to the command line.

    Two that were made by the same recipe on different days share their `id`, but not their `content`.
    """

    id: str
    content: str
    disk: Path
    disk_format: str
    kernel: Path
    initrd: Path
    command_line: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An image as a list shows it. Sizes are in bytes of the file system."""

    id: str
    recipe: str
    packages: tuple[str, ...]
    made: str
    size: int
    path: str
    commands: frozenset[str] = field(repr=False)


def found(folder: Path, name: str) -> Image | None:
    """The image of that id, if it is there and undamaged. Its files are read again if they were touched since."""
    path = folder / name
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if (state := _state(path)) != _checked(path):
            if any(checksum(path / file) != manifest["sha256"][file] for file in FILES):
                return None
            _write(path / _CHECKED, state)
        line = str(manifest["command_line"])
        content = hashlib.sha256("".join(manifest["sha256"][file] for file in FILES).encode()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Image(name, content, path / FILES[0], "qcow2", path / FILES[1], path / FILES[2], line)


def with_command(folder: Path, command: str) -> Image | None:
    """The newest undamaged image in which a program of that name can be run."""
    for each in listed(folder):
        if command in each.commands and (image := found(folder, each.id)) is not None:
            return image
    return None


def listed(folder: Path) -> tuple[Kept, ...]:
    """Those that are there, the newest first. One without a readable manifest is damaged, and says so."""
    shown = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith(_PART):
            with contextlib.suppress(FileNotFoundError):  # another one removed it meanwhile
                shown.append(_kept(path))
    return tuple(sorted(shown, key=lambda each: (each.made, each.id), reverse=True))


def remove(folder: Path, name: str) -> str:
    """Remove the image whose id is or begins like that; gives the id.

    Raises UsageError if it is none or several, SandboxError while a machine runs on it.
    """
    names = [each.id for each in listed(folder)]
    fitting = [each for each in names if name and each.startswith(name)]
    if len(fitting) != 1:
        what = "no image" if not fitting else "more than one image"
        raise UsageError(f"there is {what} {name!r}; there are: {', '.join(names) or 'none'}")
    with alone(folder, fitting[0], lambda _: None):
        discard(folder, fitting[0])
    return fitting[0]


@contextmanager
def used(image: Image) -> Iterator[None]:
    """Nobody removes it meanwhile, or makes it anew. Raises SandboxError where that was done already."""
    path = image.disk.parent
    gone = f"the image {image.id} was removed or made anew meanwhile; try again"
    try:
        held = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as exc:
        raise SandboxError(gone) from exc
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        if not _is(path, held) or found(path.parent, image.id) != image:
            raise SandboxError(gone)
        yield
    finally:
        os.close(held)


def discard(folder: Path, name: str) -> None:
    """Remove an image, whose lock is held. Raises SandboxError while a machine runs on it.

    It leaves the list at once; what a killed process then leaves of it is swept.
    """
    path, gone = folder / name, folder / f"{_PART}{name}"
    try:
        held = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # another one was quicker
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        delete(gone)
        path.rename(gone)
    except BlockingIOError as exc:
        raise SandboxError(f"machines still run on the image {name}; close them and try again") from exc
    except OSError as exc:
        raise SandboxError(f"cannot remove {path}: {exc.strerror}; remove it by hand") from exc
    finally:
        os.close(held)
    delete(gone)


def settle(made: Path, where: Path) -> None:
    """Give a finished folder its name once its files are on the disk, so that after a crash too it is whole there."""
    for path in (*made.rglob("*"), made):
        if path.is_dir() or path.is_file():
            _synced(path)
    made.rename(where)
    _synced(where.parent)


@contextmanager
def alone(folder: Path, name: str, say: Say) -> Iterator[int]:
    """Nobody else makes or removes the image of that id meanwhile. Gives the lock, a descriptor.

    It is held until the last of the programs has ended that the descriptor was handed to.
    """
    lock = _lock(folder, name, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        say("another one is making this image: waiting for it")
        while lock is None:
            lock = _lock(folder, name, fcntl.LOCK_EX)
    try:
        yield lock
    finally:
        _let_go(folder, name, lock)


@contextmanager
def part(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder to make the image of that id in. Nothing of it is left if it is not renamed away."""
    path = folder / f"{_PART}{name}"
    delete(path)
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        delete(path)


def sweep(folder: Path) -> None:
    """Remove what builds left that were killed; those under way hold their lock."""
    for path in folder.glob(f"{_PART}*"):
        name = path.name.removeprefix(_PART)
        if (lock := _lock(folder, name, fcntl.LOCK_EX | fcntl.LOCK_NB)) is not None:
            try:
                delete(path)
            finally:
                _let_go(folder, name, lock)


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


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(path: Path) -> Kept:
    """Raises FileNotFoundError if it is removed meanwhile: its size is looked at last, when it is known to be there."""
    recipe, asked, made, commands = "damaged", tuple[str, ...](), "", frozenset[str]()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        recipe, asked, made, commands = (
            str(told["recipe"]),
            tuple(told["asked"]),
            str(told["made"]),
            frozenset(told["commands"]),
        )
    size = sum(each.lstat().st_blocks * 512 for each in path.iterdir())
    return Kept(path.name, recipe, asked, made, size, str(path), commands)


def _state(path: Path) -> dict[str, list[int]]:
    """What changes of a file when it is written to. Raises OSError if one is not there."""
    stats = {file: (path / file).stat() for file in FILES}
    return {file: [stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for file, stat in stats.items()}


def _checked(path: Path) -> object:
    try:
        return json.loads((path / _CHECKED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, told: object) -> None:
    """In one go; where it may not be written, the next one looks again."""
    with contextlib.suppress(OSError):
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(told), encoding="utf-8")
        new.replace(path)


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
