"""A sandbox's home folder, seen from outside: what is in it, and what differs from a moment before.

It never follows a link that the sandbox's programs could have laid, and never writes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms.settings_files import diff, read_settings

_MOST_SETTINGS = 5 << 20
_CACHE = ".cache"


@dataclass(frozen=True, slots=True)
class State:
    """A home at one moment: files by path with (time, size, inode), and the settings in those that hold settings."""

    files: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Home:
    """An overlay: `upper` over `lower`. `~/.cache` is not looked at. `defaults` are settings that hold where no file says so."""

    def __init__(self, lower: Path, upper: Path, *, defaults: Mapping[str, str]) -> None:
        self.lower, self.upper, self.defaults = lower, upper, defaults

    def state(self, since: State | None = None) -> State:
        """The home now. Settings of files that did not change since then are taken over unread."""
        since = since or State()
        files = dict(_walk(self.lower))
        for path, found in _walk(self.upper):
            if found is None:
                files = {p: f for p, f in files.items() if p != path and not p.startswith(path + "/")}
            else:
                files[path] = found
        kept = {path: found for path, found in files.items() if found is not None}
        settings = {}
        for path, found in kept.items():
            if since.files.get(path) == found:
                known = since.settings.get(path)
            else:
                known = read_settings(path, self.read(path)) if found[1] <= _MOST_SETTINGS else None
            if known is not None:
                settings[path] = known
        return State(kept, settings)

    def read(self, path: str) -> bytes:
        """A file's content by its path under the home. Raises FileNotFoundError; SandboxError for links and devices."""
        for layer in (self.upper, self.lower):
            try:
                return _read_beneath(layer, path)
            except FileNotFoundError:
                continue
        raise FileNotFoundError(path)

    def changes(
        self, before: State, after: State
    ) -> tuple[dict[str, Change], dict[str, Literal["created", "modified", "deleted"]]]:
        """Settings by key, and files that are not settings, that differ."""
        settings: dict[str, Change] = {}
        files: dict[str, Literal["created", "modified", "deleted"]] = {}
        for path in sorted(before.files.keys() | after.files.keys()):
            if before.files.get(path) == after.files.get(path):
                continue
            if path in before.settings or path in after.settings:
                settings |= diff(before.settings.get(path, {}), after.settings.get(path, {}))
            elif path not in before.files:
                files[path] = "created"
            else:
                files[path] = "modified" if path in after.files else "deleted"
        return {key: found for key, change in settings.items() if (found := self._effective(key, change))}, files

    def _effective(self, key: str, change: Change) -> Change | None:
        """With defaults in place of what no file says; None if that makes both sides the same."""
        default = self.defaults.get(key)
        before = default if change.before is None else change.before
        after = default if change.after is None else change.after
        return None if before == after else Change(before, after)


def _walk(root: Path) -> Iterator[tuple[str, tuple[int, int, int] | None]]:
    """Regular files under root with (time, size, inode); None for what an overlay marks as deleted."""
    stack = [("", root)]
    while stack:
        prefix, folder = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            raise SandboxError(f"{folder} cannot be read: {error}") from error
        for entry in entries:
            path = prefix + entry.name
            if path == _CACHE:
                continue
            try:
                about = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(about.st_mode):
                stack.append((path + "/", Path(entry.path)))
            elif stat.S_ISCHR(about.st_mode) and about.st_rdev == 0:
                yield path, None
            elif stat.S_ISREG(about.st_mode):
                yield path, (about.st_mtime_ns, about.st_size, about.st_ino)


def _read_beneath(root: Path, path: str) -> bytes:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        raise SandboxError(f"{path!r} is no path under the home")
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SandboxError(f"~/{path} is a link or cannot be read: {error.strerror}") from error
    finally:
        os.close(folder)
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise SandboxError(f"~/{path} is no regular file")
        return opened.read()
