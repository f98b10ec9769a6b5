"""A sandbox's home folder, seen from outside: what is in it, what differs from a moment before, and a copy of it.

It never follows a link that the sandbox's programs could have laid, and never writes into the home.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms import xfconf
from sandbox_vms.settings_files import diff, read_settings

Files = dict[str, Literal["created", "modified", "deleted"]]

_MOST_READ = 5 << 20
_CACHE = ".cache"
_PASSING = ".goutputstream-"  # GLib writes a file under such a name first, then renames it
_COMPANIONS = ("-wal", "-shm", "-journal")
_NO_FILE = (0, 0, 0)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class State:
    """A home at one moment: files by path with (time, size, inode), what they hold as a hash, and the settings in those
    that hold settings. A folder that a person sees, by its path with a "/" at its end, has zeros."""

    files: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A thing in one layer, with the open folder that it is in."""

    path: str
    name: str
    folder: int
    about: os.stat_result

    @property
    def kind(self) -> Literal["folder", "file", "link", "whiteout", "other"]:
        mode = self.about.st_mode
        if stat.S_ISCHR(mode) and self.about.st_rdev == 0:
            return "whiteout"
        if stat.S_ISDIR(mode):
            return "folder"
        return "file" if stat.S_ISREG(mode) else "link" if stat.S_ISLNK(mode) else "other"

    @property
    def seen(self) -> tuple[int, int, int]:
        return self.about.st_mtime_ns, self.about.st_size, self.about.st_ino


class Home:
    """An overlay: `upper` over `lower`, which does not change while we look. `~/.cache` is not looked at.

    `defaults` are settings that hold where no file says so.
    """

    def __init__(self, lower: Path, upper: Path, *, defaults: Mapping[str, str]) -> None:
        self.lower, self.upper, self.defaults = lower, upper, defaults
        self._beneath = {entry.path: entry.seen for entry in _walk(lower) if entry.kind in ("file", "link")}
        self._beneath |= {f"{entry.path}/": _NO_FILE for entry in _walk(lower) if _is_seen(entry)}

    def state(self, since: State | None = None) -> State:
        """The home now. Files that did not change since then are taken over unread."""
        since = since or State()
        files = self._files()
        hashes: dict[str, str] = {}
        settings: dict[str, Mapping[str, str]] = {}
        for path, found in files.items():
            if found == _NO_FILE:
                continue
            beside = path + "-wal"
            if since.files.get(path) == found and since.files.get(beside) == files.get(beside):
                known, hashed = since.settings.get(path), since.hashes.get(path)
            else:
                known, hashed = self._look_into(path, found, database=beside in files)
            if known is not None:
                settings[path] = known
            if hashed is not None:
                hashes[path] = hashed
        return State(files, hashes, settings)

    def read(self, path: str) -> bytes:
        """A file's content by its path under the home. Raises FileNotFoundError; SandboxError for links and devices."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if ".." in parts or not parts:
            raise SandboxError(f"{path!r} is no path under the home")
        found = _read_beneath(self.upper, parts)
        return _content(path, _read_beneath(self.lower, parts) if found is None else found)

    def changes(self, before: State, after: State) -> tuple[dict[str, Change], Files]:
        """Settings by key, and files that differ in what no setting tells. Of folders that a person sees, those with
        nothing in them that came or went: the others are told by their files.
        """
        settings: dict[str, Change] = {}
        files: Files = {}
        live = {path for path in before.settings.keys() | after.settings.keys() if path.startswith(xfconf.FOLDER)}
        for path in sorted(before.files.keys() | after.files.keys() | live):
            if path not in live and (_same(path, before, after) or _is_companion(path, before, after)):
                continue
            if path.endswith("/") and any(
                each.startswith(path) and each != path for each in (*before.files, *after.files)
            ):
                continue
            differing = diff(before.settings.get(path, {}), after.settings.get(path, {}))
            settings |= differing
            if not differing and path not in live:
                kind = "modified" if path in before.files and path in after.files else ""
                files[path] = kind or ("created" if path in after.files else "deleted")  # type: ignore[assignment]
        return {key: found for key, change in settings.items() if (found := self._effective(key, change))}, files

    def copy(self, target: Path) -> None:
        """Put the home as it is now, caches aside, into a new folder, with modes and times."""
        target.mkdir(mode=0o755)
        for layer in (self.lower, self.upper):
            for entry in _walk(layer):
                try:
                    _put(entry, target / entry.path)
                except FileNotFoundError:  # it went meanwhile
                    continue
                except OSError as error:
                    raise SandboxError(f"~/{entry.path} cannot be copied: {error}") from error

    def _files(self) -> dict[str, tuple[int, int, int]]:
        files = dict(self._beneath)
        for entry in _walk(self.upper):
            kind = entry.kind
            if kind == "whiteout" or (kind == "folder" and _opaque(entry)):
                prefix = entry.path + "/"
                files = {p: found for p, found in files.items() if p != entry.path and not p.startswith(prefix)}
            elif kind in ("file", "link"):
                files[entry.path] = entry.seen
            else:
                files.pop(entry.path, None)
            if _is_seen(entry):
                files[f"{entry.path}/"] = _NO_FILE
        return files

    def _look_into(
        self, path: str, found: tuple[int, int, int], *, database: bool
    ) -> tuple[Mapping[str, str] | None, str | None]:
        """The settings in a file, and a hash of it; None where there is none, or it is too large."""
        if found[1] > _MOST_READ:
            return None, None
        try:
            data = self.read(path)
            wal = self.read(path + "-wal") if database else b""
        except (FileNotFoundError, SandboxError):  # it went meanwhile, or it is a link
            return None, None
        return read_settings(path, data, wal=wal), hashlib.blake2b(data + wal, digest_size=16).hexdigest()

    def _effective(self, key: str, change: Change) -> Change | None:
        """With defaults in place of what no file says; None if that makes both sides the same."""
        default = self.defaults.get(key)
        before = default if change.before is None else change.before
        after = default if change.after is None else change.after
        return None if before == after else Change(before, after)


def _is_seen(entry: _Entry) -> bool:
    """Whether it is a folder that a person made or meant, and not one in which a program keeps what is its own."""
    return entry.kind == "folder" and not any(part.startswith(".") for part in entry.path.split("/"))


def _same(path: str, before: State, after: State) -> bool:
    """Not looked at alone: what is written anew with the same content has not changed."""
    if path not in before.files or path not in after.files:
        return False
    hashes = before.hashes.get(path), after.hashes.get(path)
    return hashes[0] == hashes[1] if None not in hashes else before.files[path] == after.files[path]


def _is_companion(path: str, before: State, after: State) -> bool:
    """A database's own side file: what it says is told by the database's settings."""
    for ending in _COMPANIONS:
        if path.endswith(ending):
            main = path.removesuffix(ending)
            return main in before.settings or main in after.settings
    return False


def _walk(root: Path) -> Iterator[_Entry]:
    """What is in a layer, folders before what is in them. Each folder is open while its entries are given out."""
    top = os.open(root, _FOLDER)
    try:
        yield from _walk_in(top, "")
    finally:
        os.close(top)


def _walk_in(folder: int, prefix: str) -> Iterator[_Entry]:
    for name in sorted(os.listdir(folder)):
        if prefix + name == _CACHE or name.startswith(_PASSING):
            continue
        try:
            about = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue
        entry = _Entry(prefix + name, name, folder, about)
        yield entry
        if entry.kind == "folder":
            try:
                inner = os.open(name, _FOLDER, dir_fd=folder)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise SandboxError(f"~/{entry.path} cannot be read: {error.strerror}") from error
            try:
                yield from _walk_in(inner, f"{entry.path}/")
            finally:
                os.close(inner)


def _opaque(entry: _Entry) -> bool:
    """A folder that was deleted and made anew: nothing of the layer below shows in it."""
    try:
        folder = os.open(entry.name, _FOLDER, dir_fd=entry.folder)
    except OSError:
        return False
    try:
        return _is_opaque(folder)
    finally:
        os.close(folder)


def _is_opaque(folder: int) -> bool:
    with contextlib.suppress(OSError):
        return os.getxattr(folder, "user.overlay.opaque") == b"y"
    return False


def _read_beneath(root: Path, parts: list[str]) -> int | None:
    """The open file, or None if this layer says nothing about it. FileNotFoundError if it says that it is gone."""
    folder = os.open(root, _FOLDER)
    hides = False
    try:
        for at, part in enumerate(parts):
            try:
                about = os.stat(part, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                if hides:
                    raise
                return None
            if _Entry("", part, folder, about).kind == "whiteout":
                raise FileNotFoundError("/".join(parts))
            last = at == len(parts) - 1
            inner = os.open(part, _FILE if last else _FOLDER, dir_fd=folder)
            if last:
                return inner
            os.close(folder)
            folder = inner
            hides = hides or _is_opaque(folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SandboxError(f"~/{'/'.join(parts)} is a link or cannot be read: {error.strerror}") from error
    finally:
        os.close(folder)
    return None


def _content(path: str, file: int | None) -> bytes:
    if file is None:
        raise FileNotFoundError(f"~/{path} is not in the sandbox")
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, file)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise SandboxError(f"~/{path} is no regular file")
        with os.fdopen(os.dup(file), "rb") as opened:
            return opened.read()


def _put(entry: _Entry, target: Path) -> None:
    """Make `target` what the entry is. `target` is ours alone: nothing in it can lead elsewhere."""
    kind = entry.kind
    if kind != "folder" or _opaque(entry) or not target.is_dir() or target.is_symlink():
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    match kind:
        case "folder":
            target.mkdir(exist_ok=True)
            target.chmod(0o700 | stat.S_IMODE(entry.about.st_mode))
        case "link":
            target.symlink_to(os.readlink(entry.name, dir_fd=entry.folder))
        case "file":
            with os.fdopen(os.open(entry.name, _FILE, dir_fd=entry.folder), "rb") as source, target.open("wb") as made:
                shutil.copyfileobj(source, made)
            target.chmod(stat.S_IMODE(entry.about.st_mode) & 0o777)
            os.utime(target, ns=(entry.about.st_atime_ns, entry.about.st_mtime_ns))
