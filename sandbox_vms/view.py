"""A display as a page on this machine: a person sees it in their browser, and acts in it with their mouse and keyboard.

It listens on the loopback only and answers only who knows the page's address, which nobody can guess. It does nothing
that the person did not do, and it needs nobody to drive the sandbox: it looks from beside.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, ClassVar, NoReturn, Self

from cua.core import Point
from cua.errors import CuaError, DisplayGone, UsageError
from drivers.frames import Frames, png
from drivers.x11 import X11
from drivers.x11_input import XTest

_PAGE = Path(__file__).with_name("view.html")
_LARGEST = 100_000  # characters of one request
_TURN = 0.5  # seconds between two looks whether the display is still there
_FAREST = 100  # notches of one turn of a wheel


class View:
    """The page of `display`, at `url` until `close`. Raises DisplayGone where there is no such display."""

    def __init__(self, display: str, name: str) -> None:
        self.gone = False
        self._alone = Lock()  # requests come on threads of their own
        self._frames = Frames(display)
        self._x11 = X11(display)
        self._hands = XTest(self._x11)
        self.path = f"/{secrets.token_urlsafe(24)}/"
        self.page = Template(_PAGE.read_text("utf-8")).substitute(name=name).encode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Asked, self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{self.path}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def await_end(self) -> NoReturn:
        """Wait as long as the display is there. Raises DisplayGone."""
        never = Event()
        while True:
            never.wait(_TURN)
            with self._alone, self._x11.edge("show the screen"):
                self._x11.sync()

    def picture(self, known: str) -> tuple[str, bytes] | None:
        """The hash of what shows now and its PNG; None if that is `known`."""
        with self._alone:
            frame = self._frames.grab()
        return (frame.sha, png(frame)) if frame.sha != known else None

    def act(self, asked: Mapping[str, Any]) -> None:
        """What the page says that the person did. Raises UsageError for what is nothing of the kind."""
        with self._alone:
            try:
                self._act(asked)
            except (KeyError, TypeError, ValueError) as exc:
                raise UsageError(f"{asked!r:.100} is nothing that can be done ({exc}); reload the page") from exc

    def close(self) -> None:
        """The page is gone; the sandbox goes on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self._alone:
            for part in (self._frames, self._x11):
                with suppress(DisplayGone):  # of a display that is gone there is nothing to let go
                    part.close()

    def _act(self, asked: Mapping[str, Any]) -> None:
        match asked["do"]:
            case "move":
                self._hands.move(_point(asked["at"]))
            case "click":
                held = [str(key) for key in asked["keys"]]
                button = asked["button"]
                if button not in ("left", "middle", "right"):
                    raise ValueError(f"no button {button!r}")
                self._hands.click(_point(asked["at"]), button, keys=held)
            case "drag":
                self._hands.drag(_point(asked["from"]), _point(asked["at"]))
            case "scroll":
                across, down = (max(-_FAREST, min(_FAREST, int(way))) for way in (asked["dx"], asked["dy"]))
                self._hands.scroll(_point(asked["at"]), across, down)
            case "type":
                self._hands.type(str(asked["text"]))
            case "press":
                self._hands.press(str(asked["keys"]))
            case other:
                raise ValueError(f"no act {other!r}")


def _point(said: Any) -> Point:
    across, down = said
    return Point(int(across), int(down))


class _Asked(BaseHTTPRequestHandler):
    """One request of the page."""

    protocol_version = "HTTP/1.1"
    kinds: ClassVar[dict[str, str]] = {"page": "text/html; charset=utf-8", "screen": "image/png", "said": "text/plain"}

    def __init__(self, view: View, *given: Any) -> None:
        self._view = view
        super().__init__(*given)

    def do_GET(self) -> None:
        what, _, known = self.path.removeprefix(self._view.path).partition("?")
        if not self._may_ask():
            self._answer(404, "said", b"")
        elif what == "screen":
            self._screen(known)
        else:
            self._answer(200, "page", self._view.page)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not self._may_ask() or not 0 < length <= _LARGEST:
            self.close_connection = True
            self._answer(404, "said", b"")
            return
        try:
            asked = json.loads(self.rfile.read(length))
            self._view.act(asked if isinstance(asked, dict) else {})
        except (CuaError, ValueError) as exc:
            self._failed(exc)
        else:
            self._answer(200, "said", b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said of requests."""

    def _may_ask(self) -> bool:
        path = self._view.path
        return secrets.compare_digest(self.path[: len(path)].encode(), path.encode())

    def _screen(self, known: str) -> None:
        try:
            found = self._view.picture(known)
        except CuaError as exc:
            self._failed(exc)
            return
        if found is None:
            self._answer(204, "screen", b"")
        else:
            self._answer(200, "screen", found[1], found[0])

    def _failed(self, exc: Exception) -> None:
        self._view.gone |= isinstance(exc, DisplayGone)
        self._answer(410 if self._view.gone else 400, "said", str(exc).encode())

    def _answer(self, code: int, kind: str, body: bytes, sha: str = "") -> None:
        self.send_response(code)
        self.send_header("Content-Type", self.kinds[kind])
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Frame-Options", "DENY")
        if sha:
            self.send_header("ETag", sha)
        self.end_headers()
        with suppress(ConnectionError):  # the page was left meanwhile
            self.wfile.write(body)
