"""What a task may require of files that are no documents: bookmarks, a value in JSON, a mode, what a folder holds.

Each check only reads, and knows three answers: what cannot be read is unknown; a file that is not there fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from cua.core import Evidence, World
from cua.documents import NoDocument
from cua.errors import SandboxError, TroubleError
from cua.tables import OnDisk

T = TypeVar("T")
_MISSING = object()


def of_file(world: World, path: str, read: Callable[[str, bytes], T]) -> T | Evidence:
    """What `read` makes of a file; where it makes nothing of it, the evidence that says so."""
    try:
        return read(path, world.read(path))
    except FileNotFoundError:
        return Evidence(False, f"there is no {path}")
    except NoDocument as error:
        return Evidence(False, str(error))
    except TroubleError as error:
        return Evidence(None, str(error))


def is_file(path: str, change: str) -> bool:
    """Whether the change is one of just this file."""
    return change.startswith("file:") and change.removeprefix("file:") == path.removeprefix("~/")


# ---------------------------------------------------------------------------------------------- browsers


@dataclass(frozen=True, slots=True)
class BookmarkIs:
    """A file of bookmarks in JSON, as browsers of one family keep it, has just one of this address, with this title and
    in this folder, where those are said; or a `folder` of that name and nothing asked of what is in it. `count` of 0 is
    none of that address. A "*" at the start of the address stands for anything.
    """

    path: str
    url: str = ""
    title: str = ""
    folder: str = ""
    count: int = 1

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, _json)
        if isinstance(found, Evidence):
            return found
        roots = found.get("roots", {}) if isinstance(found, dict) else {}
        entries = [each for root in roots.values() if isinstance(root, dict) for each in _entries(root, "")]
        if not self.url:
            folders = [name for kind, name, _, _ in entries if kind == "folder" and name == self.folder]
            return Evidence(len(folders) == self.count, f"there are {len(folders)} folders {self.folder!r}")
        same = [(name, inside) for kind, name, url, inside in entries if kind == "url" and self._leads(url)]
        fits = all(self.title in ("", name) and self.folder in ("", inside) for name, inside in same)
        said = ", ".join(f"{name!r} in {inside!r}" for name, inside in same) or "not there"
        return Evidence(len(same) == self.count and fits, f"the bookmark of {self.url} is {said}")

    def _leads(self, url: str) -> bool:
        return url.endswith(self.url[1:]) if self.url.startswith("*") else url == self.url

    def names(self, change: str) -> bool:
        return is_file(self.path, change) or change.startswith(f"setting:{self.path.removeprefix('~/')}#")


def _entries(node: dict[str, Any], inside: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, name, address and folder of each bookmark and folder below."""
    for each in node.get("children", []):
        if isinstance(each, dict):
            name = str(each.get("name", ""))
            yield str(each.get("type", "")), name, str(each.get("url", "")), inside
            yield from _entries(each, name)


@dataclass(frozen=True, slots=True)
class JsonHolds:
    """A file of JSON holds this at `pointer` (RFC 6901): a text as it is, else as JSON writes it ("true", "12").

    Several values are each right. "" is right where nothing stands there, or the file is not there.
    """

    path: str
    pointer: str
    values: tuple[str, ...]

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, _json)
        if isinstance(found, Evidence):
            return Evidence(True, found.saying) if found.holds is False and "" in self.values else found
        value = _at(found, self.pointer)
        text = "" if value is _MISSING else value if isinstance(value, str) else json.dumps(value)
        return Evidence(text in self.values, f"{self.pointer} of {self.path} is {text or 'unset'}")

    def names(self, change: str) -> bool:
        key = self.pointer.strip("/").replace("/", ".")
        return is_file(self.path, change) or change == f"setting:{self.path.removeprefix('~/')}#{key}"


def _json(path: str, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise SandboxError(f"{path} is no JSON: {exc}; it may be half written") from exc


def _at(found: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            return _MISSING
    return found


# ---------------------------------------------------------------------------------------------- files


@dataclass(frozen=True, slots=True)
class ModeIs:
    """A file may be read, written and run as this says, in octal: "755"."""

    path: str
    mode: str

    def test(self, world: World) -> Evidence:
        if isinstance(world, OnDisk):
            place = world.path(self.path)
            code, found, err = (0, f"{place.stat().st_mode & 0o7777:o}", "") if place.exists() else (1, "", "")
        else:
            done = world.exec(("stat", "-c", "%a", "--", _inside(self.path)))
            code, found, err = done.code, done.out.strip(), done.err.strip()
        if code:
            missing = f"there is no {self.path}"
            return Evidence(False, missing) if code == 1 else Evidence(None, f"{self.path} cannot be looked at: {err}")
        return Evidence(found == self.mode.lstrip("0"), f"the mode of {self.path} is {found}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class SameFile:
    """Two files hold the same, byte by byte."""

    path: str
    other: str

    def test(self, world: World) -> Evidence:
        first, second = (of_file(world, path, lambda _, data: data) for path in (self.path, self.other))
        for found in (first, second):
            if isinstance(found, Evidence):
                return found
        same = first == second
        return Evidence(same, f"{self.path} and {self.other} hold {'the same' if same else 'different things'}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class IsGone:
    """There is nothing at this path: no file, no folder, no link."""

    path: str

    def test(self, world: World) -> Evidence:
        if isinstance(world, OnDisk):
            code = int(not world.path(self.path).exists())
        else:
            code = world.exec(("sh", "-c", 'test -e "$1" || test -L "$1"', "sh", _inside(self.path))).code
        if code not in (0, 1):
            return Evidence(None, f"whether there is a {self.path} cannot be found out")
        return Evidence(code == 1, f"{self.path} is {'gone' if code else 'still there'}")

    def names(self, change: str) -> bool:
        return change.removeprefix("file:").rstrip("/") == self.path.removeprefix("~/").rstrip("/")


@dataclass(frozen=True, slots=True)
class EntriesAre:
    """A folder holds just these names, in any order; hidden ones are not looked at."""

    path: str
    entries: tuple[str, ...]

    def test(self, world: World) -> Evidence:
        if isinstance(world, OnDisk):
            place = world.path(self.path)
            code, names, err = (0, [each.name for each in place.iterdir()], "") if place.is_dir() else (3, [], "")
        else:
            done = world.exec(("sh", "-c", 'test -d "$1" || exit 3; ls -1 -- "$1"', "sh", _inside(self.path)))
            code, names, err = done.code, done.out.splitlines(), done.err.strip()
        if code:
            missing = f"there is no folder {self.path}"
            return Evidence(False, missing) if code == 3 else Evidence(None, f"{self.path} cannot be listed: {err}")
        found = sorted(name for name in names if not name.startswith("."))
        return Evidence(found == sorted(self.entries), f"{self.path} holds {', '.join(found) or 'nothing'}")

    def names(self, change: str) -> bool:
        return change == f"file:{self.path.removeprefix('~/').rstrip('/')}/"


def _inside(path: str) -> str:
    """A path for a command, which runs in the home."""
    return path.removeprefix("~/") or "."


FILE_CHECKS = (BookmarkIs, JsonHolds, ModeIs, SameFile, IsGone, EntriesAre)
OfFiles = BookmarkIs | JsonHolds | ModeIs | SameFile | IsGone | EntriesAre
