"""OSWorld's routes about files and the desktop's picture. All is read and written with the user's rights."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cua.errors import SandboxError, TimedOut, UsageError
from drivers.desktop import Desktop
from sandbox_vms.bwrap import Program
from sandbox_vms.guest import windows
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.forms import field, fields
from sandbox_vms.guest.programs import Programs
from sandbox_vms.guest.wire import BYTES, Answer, Asked, Route, answer, text

_OPEN_LIMIT, _LOOK_LIMIT = 300.0, 30.0
_DOWNLOAD_LIMIT, _TRIES = 300.0, 3
_SETTING_LIMIT = 20.0
_MOST_ENTRIES, _MOST_DEPTH = 50_000, 64
_TICK = 0.1
_PIECE = 1 << 16
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_PICTURE = ("gsettings", "get", "org.gnome.desktop.background", "picture-uri")
_XFCE = ("xfconf-query", "-c", "xfce4-desktop")


class Files:
    """Files, folders, and what is opened."""

    def __init__(self, desk: Desk, programs: Programs) -> None:
        self._desk, self._programs = desk, programs
        self.routes: dict[tuple[str, str], Route] = {
            ("POST", "/desktop_path"): self.desktop_path,
            ("POST", "/wallpaper"): self.wallpaper,
            ("POST", "/list_directory"): self.list_directory,
            ("POST", "/file"): self.file,
            ("POST", "/setup/upload"): self.upload,
            ("GET", "/platform"): self.platform,
            ("POST", "/setup/change_wallpaper"): self.change_wallpaper,
            ("POST", "/setup/download_file"): self.download,
            ("POST", "/setup/open_file"): self.open,
        }

    # ------------------------------------------------------------------------------------------ files

    def desktop_path(self, asked: Asked) -> Answer:
        """Where the desktop's folder is."""
        path = self._programs.home / "Desktop"
        if not path.is_dir():
            return answer({"error": "Unsupported operating system or desktop path not found"}, status=404)
        return answer({"desktop_path": str(path)})

    def list_directory(self, asked: Asked) -> Answer:
        """All that is in a folder and below it. A link to a folder is one without children."""
        path = asked.json().get("path")
        if not isinstance(path, str):
            return answer({"error": "Missing 'path' parameter"}, status=400)
        start = self._path(path)
        with self._programs.as_user():
            if not start.is_dir():
                return answer({"error": "The provided path is not a directory"}, status=400)
            tree, left = _listed(start, [_MOST_ENTRIES], _MOST_DEPTH)
        return answer({"directory_tree": tree} | ({} if left else {"cut": True}))

    def file(self, asked: Asked) -> Answer:
        """A file's bytes."""
        path = self._path(field(fields(asked), "file_path"))
        with self._programs.as_user():
            if not path.is_file():
                return answer({"error": "File not found"}, status=404)
            data = path.read_bytes()
        named = f"attachment; filename*=UTF-8''{quote(path.name, errors='surrogateescape')}"
        return Answer(b"", BYTES, headers={"Content-Disposition": named}, tail=data)

    def upload(self, asked: Asked) -> Answer:
        """A file's bytes anew."""
        found = fields(asked)
        if "file_path" not in found or "file_data" not in found:
            return answer({"error": "file_path and file_data are required"}, status=400)
        path, data = self._path(field(found, "file_path")), found["file_data"]
        with self._programs.as_user():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return text(f"File Uploaded: {len(data)} bytes")

    def download(self, asked: Asked) -> Answer:
        """A file from the network, tried three times."""
        given = asked.json()
        url, path = given.get("url"), given.get("path")
        if not url or not path:
            return text("Path or URL not supplied!", status=400)
        if urlsplit(str(url)).scheme not in ("http", "https"):
            raise UsageError(f"{url!r} is no address that files are downloaded from; give one with http or https")
        end, why = time.monotonic() + _DOWNLOAD_LIMIT, ""
        for _ in range(_TRIES):
            try:
                size = self._fetched(str(url), self._path(str(path)), end)
                return text(f"File downloaded successfully: {size} bytes")
            except (OSError, SandboxError) as exc:
                why = str(exc)
        return text(f"Failed to download {url}. No retries left. Error: {why}", status=500)

    def _fetched(self, url: str, path: Path, end: float) -> int:
        """How many bytes came. Raises OSError or SandboxError where not all did."""
        import urllib.request  # slow to load, and few need it

        part, size = path.with_name(f".{path.name}.part"), 0
        left = max(1.0, end - time.monotonic())
        with self._programs.as_user():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with urllib.request.urlopen(url, timeout=left) as source, part.open("wb") as file:
                    wanted = int(source.headers.get("Content-Length") or -1)
                    while piece := source.read(_PIECE):
                        size += file.write(piece)
                        if time.monotonic() > end:
                            raise TimeoutError(f"more than {_DOWNLOAD_LIMIT:g} s were needed")
                if wanted not in (-1, size):
                    raise SandboxError(f"Download incomplete. Expected {wanted} bytes, got {size} bytes")
                part.rename(path)
            finally:
                part.unlink(missing_ok=True)
        return size

    def platform(self, asked: Asked) -> Answer:
        """What system this is."""
        return text(platform.system())

    # ------------------------------------------------------------------------------------------ what is opened

    def open(self, asked: Asked) -> Answer:
        """A file in its program, or a program; until a window that is called like it is in front."""
        said = asked.json().get("path")
        if not isinstance(said, str) or not said:
            return text("Path not supplied!", status=400)
        path = Path(self._expanded(said))
        if path.is_absolute() and path.exists():
            self._await(self._programs.enter(("xdg-open", str(path))), "xdg-open", (path.name, path.stem))
        elif self._programs.where(said) is not None:
            self._await(self._programs.enter((said,)), said, (said,))
        else:
            return text(f"Application/file not found: {said}", status=404)
        return text("File opened and window activated successfully")

    def _await(self, program: Program, called: str, names: tuple[str, ...]) -> None:
        """Until a window that has one of the names is in front. Raises SandboxError where the program failed."""
        end = time.monotonic() + _OPEN_LIMIT
        while not self._desk.do(lambda desk: _in_front(desk, names), seconds=_LOOK_LIMIT):
            if code := program.code():
                raise SandboxError(f"{called} ended with code {code} before a window called {names[0]!r} came")
            if time.monotonic() > end:
                raise TimedOut(f"Failed to find window for {names[0]} within {_OPEN_LIMIT:g} seconds.")
            time.sleep(_TICK)

    # ------------------------------------------------------------------------------------------ the desktop's picture

    def wallpaper(self, asked: Asked) -> Answer:
        """The picture behind the windows."""
        found = [self._said(*_XFCE, "-p", name) for name in self._xfce()] or [self._said(*_PICTURE)]
        for said in found:
            path = Path(unquote(said.strip().strip("'\"").removeprefix("file://")))
            with self._programs.as_user():
                if path.is_absolute() and path.is_file():
                    return Answer(b"", "image/png", tail=path.read_bytes())
        return answer({"error": "Wallpaper file not found"}, status=404)

    def change_wallpaper(self, asked: Asked) -> Answer:
        """Another picture behind the windows."""
        said = asked.json().get("path")
        if not said:
            return text("Path not supplied!", status=400)
        path = self._path(str(said))
        if not path.exists():
            return text(f"File not found: {path}", status=404)
        for name in self._xfce():
            self._done(*_XFCE, "-p", name, "-s", str(path))
        for key in ("picture-uri", "picture-uri-dark"):
            self._done("gsettings", "set", _PICTURE[2], key, path.as_uri())
        return text("Wallpaper changed successfully")

    def _xfce(self) -> list[str]:
        """What Xfce calls the pictures of its screens; none where it does not run."""
        if self._programs.where(_XFCE[0]) is None:
            return []
        return [name.strip() for name in self._said(*_XFCE, "-l").splitlines() if name.strip().endswith("/last-image")]

    def _said(self, *command: str) -> str:
        done = self._programs.exec(command, seconds=_SETTING_LIMIT)
        return "" if done.code else done.out

    def _done(self, *command: str) -> None:
        done = self._programs.exec(command, seconds=_SETTING_LIMIT)
        if done.code:
            raise SandboxError(f"Failed to change wallpaper. Error: {command[0]} said {done.err.strip()!r}")

    # ------------------------------------------------------------------------------------------ paths

    def _path(self, said: str) -> Path:
        return self._programs.path(self._expanded(said))

    def _expanded(self, said: str) -> str:
        """With the user's variables and his home in it."""
        known: Mapping[str, str] = self._programs.env
        said = _VARIABLE.sub(lambda found: known.get(found[1] or found[2], found[0]), said)
        return str(self._programs.home) + said[1:] if said == "~" or said.startswith("~/") else said


def _in_front(desktop: Desktop, names: tuple[str, ...]) -> bool:
    """Bring a window that is called like that to the front; whether there is one."""
    for name in names:
        for window in windows.named(desktop, name):
            windows.activate(desktop, window)
            return True
    return False


def _listed(folder: Path, left: list[int], depth: int) -> tuple[dict[str, Any], bool]:
    """A folder as OSWorld tells it, and whether that is all: `left` counts down how many entries may still come."""
    found: list[dict[str, Any]] = []
    whole = True
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as exc:
        return {"error": str(exc)}, True
    for entry in entries:
        if left[0] <= 0 or depth <= 0:
            return {"type": "directory", "name": folder.name, "children": found}, False
        left[0] -= 1
        if entry.is_dir(follow_symlinks=False):
            below, all_below = _listed(Path(entry.path), left, depth - 1)
            found.append(below)
            whole = whole and all_below
        else:
            kind = {"type": "directory", "name": entry.name, "children": []} if entry.is_dir() else None
            found.append(kind or {"type": "file", "name": entry.name})
    return {"type": "directory", "name": folder.name, "children": found}, whole
