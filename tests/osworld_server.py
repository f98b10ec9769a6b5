"""A small server of OSWorld's routes, as its own server answers them, for tests: what it tells of the screen is given.

Commands are really run, as its server runs them, in a home of the test's.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from PIL import Image

Given = tuple[int, str, bytes]


def png(colour: tuple[int, int, int] = (200, 100, 50), size: tuple[int, int] = (1920, 1080)) -> bytes:
    """A picture as its server sends it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG", compress_level=1)
    return file.getvalue()


@dataclass
class Screen:
    """What the machine is and shows. `tree` gives the XML of each look in turn, the last again and again; None is an
    error of the server's. `slow` is how long a tree takes."""

    home: Path
    system: str = "Linux"
    trees: list[str | None] = field(default_factory=lambda: ["<desktop-frame/>"])
    pictures: list[bytes] = field(default_factory=lambda: [png()])
    slow: float = 0.0
    tells_codes: bool = True
    ran: list[list[str]] = field(default_factory=list)


@contextmanager
def served(screen: Screen) -> Iterator[str]:
    """Its address."""
    handler = type("Handler", (_Handler,), {"screen": screen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    screen: Screen

    def do_GET(self) -> None:
        self._answer({"/platform": self._platform, "/screenshot": self._screenshot, "/accessibility": self._tree})

    def do_POST(self) -> None:
        self._answer({"/screen_size": self._size, "/execute": self._execute, "/file": self._file})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is told."""

    def _answer(self, routes: Mapping[str, Callable[[bytes], Given]]) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        missing = (404, "text/html", b"<!doctype html><html lang=en><title>404 Not Found</title>")
        status, kind, data = routes[self.path](body) if self.path in routes else missing
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked has given up
            self.wfile.write(data)

    def _platform(self, _: bytes) -> Given:
        return 200, "text/html; charset=utf-8", self.screen.system.encode()

    def _size(self, _: bytes) -> Given:
        return _json({"width": 1920, "height": 1080})

    def _screenshot(self, _: bytes) -> Given:
        pictures = self.screen.pictures
        return 200, "image/png", pictures.pop(0) if len(pictures) > 1 else pictures[0]

    def _tree(self, _: bytes) -> Given:
        trees = self.screen.trees
        tree = trees.pop(0) if len(trees) > 1 else trees[0]
        end = time.monotonic() + self.screen.slow
        while time.monotonic() < end:
            time.sleep(0.01)
        if tree is None:
            return 500, "text/html", b"<!doctype html><title>500 Internal Server Error</title><h1>Oops</h1>"
        return _json({"AT": tree})

    def _execute(self, body: bytes) -> Given:
        """As in its server's execute_command."""
        given = json.loads(body)
        self.screen.ran.append(given["command"])
        path = os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin"))
        env = {"HOME": str(self.screen.home), "PATH": path}
        try:
            done = subprocess.run(
                given["command"],
                capture_output=True,
                text=True,
                timeout=120,
                env=env,
                shell=given["shell"],
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as exc:
            return _json({"status": "error", "message": str(exc)}, status=500)
        told: dict[str, Any] = {"status": "success", "output": done.stdout, "error": done.stderr}
        return _json(told | ({"returncode": done.returncode} if self.screen.tells_codes else {}))

    def _file(self, body: bytes) -> Given:
        path = Path(os.path.expandvars(parse_qs(body.decode())["file_path"][0]))
        if not path.exists():
            return _json({"error": "File not found"}, status=404)
        if path.is_dir():
            return _json({"error": f"Failed to serve file: {path} is a directory"}, status=500)
        return 200, "application/octet-stream", path.read_bytes()


def _json(value: object, *, status: int = 200) -> Given:
    return status, "application/json", json.dumps(value).encode()
