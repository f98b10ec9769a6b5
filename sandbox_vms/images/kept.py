"""The images that are kept in a folder, each in a folder of its own that is named by what it is made of.

One that is there is whole: it was made under another name, and its files have the checksums of its manifest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cua.errors import SandboxError, UsageError
from sandbox_vms.images.folders import PART, alone, discarded, document, in_use, space, sweep

MANIFEST = "manifest.json"
_CHECKED = "checked.json"  # what the files were when they last had the checksums of the manifest
FILES = ("disk.qcow2", "kernel", "initrd")


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
    """An image as a list shows it. Sizes are in bytes of the file system. Of one whose manifest cannot be read, no more
    is known than that it is damaged."""

    id: str
    recipe: str
    packages: tuple[str, ...]
    made: str
    size: int
    path: str
    damaged: bool
    commands: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a build wrote of the image that it made. `sums` are those of `FILES`, in that order."""

    recipe: str
    asked: tuple[str, ...]
    made: str
    commands: tuple[str, ...]
    command_line: str
    sums: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> _Manifest:
        """Raises OSError, or ValueError where it is not one of ours."""
        told = document(path / MANIFEST)
        try:
            texts = [told["recipe"], told["made"], told["command_line"], *(told["sha256"][file] for file in FILES)]
            lists = [told["asked"], told["commands"]]
        except (KeyError, TypeError) as exc:
            raise ValueError(f"{path / MANIFEST} lacks something: {exc}") from exc
        alike = all(isinstance(each, list) for each in lists)
        if not alike or not all(isinstance(each, str) for each in (*texts, *lists[0], *lists[1])):
            raise ValueError(f"{path / MANIFEST} is of another shape")
        return cls(texts[0], tuple(lists[0]), texts[1], tuple(lists[1]), texts[2], tuple(texts[3:]))


def found(folder: Path, name: str) -> Image | None:
    """The image of that id, if it is there and undamaged. Its files are read again if they were touched since."""
    path = folder / name
    try:
        manifest = _Manifest.of(path)
        if (state := _state(path)) != _checked(path):
            if any(checksum(path / file) != known for file, known in zip(FILES, manifest.sums, strict=True)):
                return None
            _write(path / _CHECKED, state)
    except (OSError, ValueError):
        return None
    content = hashlib.sha256("".join(manifest.sums).encode()).hexdigest()
    files = [path / file for file in FILES]
    return Image(name, content, files[0], "qcow2", files[1], files[2], manifest.command_line)


def with_command(folder: Path, command: str) -> Image | None:
    """The newest undamaged image in which a program of that name can be run. Raises SandboxError where the only ones
    are damaged: they can be made anew.
    """
    having = [each for each in listed(folder) if command in each.commands]
    for each in having:
        if (image := found(folder, each.id)) is not None:
            return image
    damaged = next((each for each in having if Path(each.path).exists()), None)
    if damaged is None:
        return None
    asked = f" --with {','.join(damaged.packages)}" if damaged.packages else ""
    again = f"cua sandbox build {damaged.recipe}{asked}"
    raise SandboxError(f"the image {damaged.id}, which has {command!r}, is damaged; make it anew with: {again}")


def listed(folder: Path) -> tuple[Kept, ...]:
    """Those that are there, the newest first; what killed builds left is removed. Damaged are those whose manifest
    cannot be read, or whose files are not there or of another size: none is read for that.
    """
    with contextlib.suppress(OSError, SandboxError):  # the next build tells what cannot be removed
        sweep(folder)
    shown = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith(PART):
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
    with in_use(path, gone):
        if found(path.parent, image.id) != image:
            raise SandboxError(gone)
        yield


def discard(folder: Path, name: str) -> None:
    """Remove an image, whose lock is held. Raises SandboxError while a machine runs on it."""
    if not discarded(folder, name):
        raise SandboxError(f"machines still run on the image {name}; close them and try again")


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(path: Path) -> Kept:
    """Raises FileNotFoundError if it is removed meanwhile: its size is looked at last, when it is known to be there."""
    try:
        told, damaged = _Manifest.of(path), not _seems_whole(path)
    except (OSError, ValueError):
        told, damaged = _Manifest("", (), "", (), "", ()), True
    return Kept(
        path.name, told.recipe, told.asked, told.made, space(path), str(path), damaged, frozenset(told.commands)
    )


def _seems_whole(path: Path) -> bool:
    """Whether its files are there, and as long as they were when they last had their checksums."""
    try:
        now, then = _state(path), _checked(path)
        return all(then[file][1] == now[file][1] for file in FILES)
    except OSError:
        return False
    except (KeyError, IndexError, TypeError):  # it was not kept: nothing is known against them
        return True


def _state(path: Path) -> dict[str, list[int]]:
    """What changes of a file when it is written to. Raises OSError if one is not there."""
    stats = {file: (path / file).stat() for file in FILES}
    return {file: [stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for file, stat in stats.items()}


def _checked(path: Path) -> dict[str, Any]:
    try:
        return document(path / _CHECKED)
    except (OSError, ValueError):
        return {}


def _write(path: Path, told: object) -> None:
    """In one go; where it may not be written, the next one looks again."""
    with contextlib.suppress(OSError):
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(told), encoding="utf-8")
        new.replace(path)
