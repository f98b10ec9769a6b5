"""The agent's HTTP face: whoever has the token is answered, one thread a connection, each answer in one piece."""

from __future__ import annotations

import base64
import binascii
import hmac
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cua.errors import CuaError, RefusedError, TargetGone, TargetNotFound, TimedOut, UsageError
from sandbox_vms.guest.wire import Answer, Asked, Route, answer

MOST_BODY = 256 << 20
MOST_OF_STRANGERS = 1 << 16  # is read, so that they hear why they are refused
MOST_CONNECTIONS = 64
_IDLE_LIMIT = 900.0  # seconds that a connection may be silent
_STATUS: Mapping[type[BaseException], int] = {
    UsageError: 400,
    RefusedError: 403,
    TargetNotFound: 404,
    TargetGone: 409,
    TimedOut: 504,
    FileNotFoundError: 404,
}
_ASKED_WRONGLY = (ValueError, TypeError, KeyError, AttributeError)


class Server(ThreadingHTTPServer):
    """`where` is a host and a port, or "unix:" and a path with any port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, where: tuple[str, int], token: str, routes: Mapping[tuple[str, str], Route]) -> None:
        self.token, self.routes = token, routes
        address: Any = where
        if where[0].startswith("unix:"):
            self.address_family, address = socket.AF_UNIX, where[0].removeprefix("unix:")
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Without asking who we are called, which may take long where there is no network."""
        if self.address_family == socket.AF_UNIX:
            self.socket.bind(self.server_address)
            self.server_name, self.server_port = str(self.server_address), 0
            return
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """No more connections than there can be threads for; who comes then is turned away."""
        return threading.active_count() <= MOST_CONNECTIONS

    def get_request(self) -> tuple[Any, Any]:
        """A connection, its answers sent at once."""
        connection, address = super().get_request()
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


class Handler(BaseHTTPRequestHandler):
    """One connection, kept as long as the other side wants."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "cua-guest"
    sys_version = ""
    timeout = _IDLE_LIMIT
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        self._answer(self._answered())

    def do_POST(self) -> None:
        self._answer(self._answered())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written of who asked what."""

    def _answered(self) -> Answer:
        address = urlsplit(self.path)
        may = self._may()
        body = self._body(MOST_BODY if may else MOST_OF_STRANGERS)
        if not may:
            return _wrong("RefusedError", "the token is missing or wrong; send Authorization: Bearer TOKEN", 401)
        if body is None:
            return _wrong("UsageError", f"a body of at most {MOST_BODY} bytes with Content-Length is needed", 411)
        route = self.server.routes.get((self.command, unquote(address.path)))
        if route is None:
            there = any(path == address.path for _, path in self.server.routes)
            return _wrong("UsageError", f"no {self.command} {address.path} here", 405 if there else 404)
        query = dict(parse_qsl(address.query, keep_blank_values=True, errors="surrogateescape"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return _tried(route, Asked(address.path, query, headers, body))

    def _body(self, most: int) -> bytes | None:
        """What was sent; None if it cannot be told how long it is, or it is too long: the connection ends then."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > most:
            self.close_connection = True
            return None
        return self.rfile.read(int(length)) if int(length) else b""

    def _may(self) -> bool:
        given = self.headers.get("X-Cua-Token", "")
        kind, _, said = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            given = said.strip()
        elif kind.lower() == "basic":
            try:
                given = base64.b64decode(said, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return False
        return hmac.compare_digest(given.encode(errors="replace"), self.server.token.encode())

    def _answer(self, given: Answer) -> None:
        self.send_response(given.status)
        self.send_header("Content-Type", given.kind)
        self.send_header("Content-Length", str(len(given.body) + len(given.tail)))
        if given.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="cua"')
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(given.body)
        self.wfile.write(given.tail)
        self.wfile.flush()


def _tried(route: Route, asked: Asked) -> Answer:
    """What the route gives, or what went wrong; what nobody foresaw is told too, and goes on to the log."""
    given: Answer | None = None
    try:
        given = route(asked)
    except CuaError as exc:
        given = _wrong(type(exc).__name__, str(exc), _status(exc))
    except OSError as exc:
        name = "FileNotFoundError" if isinstance(exc, FileNotFoundError) else "SandboxError"
        given = _wrong(name, f"{asked.path}: {exc}", _status(exc))
    except _ASKED_WRONGLY as exc:
        sys.stderr.write(traceback.format_exc())
        given = _wrong("UsageError", f"{asked.path} cannot be done so: {type(exc).__name__}: {exc}", 400)
    return given


def _status(exc: BaseException) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(exc, kind)), 500)


def _wrong(error: str, message: str, status: int) -> Answer:
    return answer({"error": error, "message": message, "status": "error"}, status=status)
