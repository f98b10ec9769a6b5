"""One kept connection to a guest agent: a request, its response, each with a limit of time and size, and what went
wrong as our own errors.

It never sends a request twice: what became of one whose answer was lost is not known, and it says so.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cua import errors
from cua.errors import CuaError, SandboxError, TimedOut

GRACE = 15.0
_BROKEN = (http.client.HTTPException, OSError)
_LARGEST = 1 << 30
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Got:
    """A response: its JSON, None if it has none, and the bytes that it is or that come after."""

    status: int
    document: Any
    data: bytes


class Line:
    """To the agent at `host` and `port`, or at "unix:" and a path. Owned by one thread at a time.

    `grace` is how long beyond its own limit, in seconds, a request may be on its way. `why` is asked what may keep an
    agent from answering; it says "" where it knows of nothing.
    """

    def __init__(self, host: str, port: int, token: str, *, grace: float, why: Callable[[], str]) -> None:
        self.where = host if host.startswith("unix:") else f"{host}:{port}"
        self._grace, self._why = grace, why
        self._connection = _Local(host) if host.startswith("unix:") else _Tcp(host, port)
        self._headers = {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """Let go of the connection; the next request makes another."""
        self._connection.close()

    def answered(self, method: str, path: str, body: bytes | None = None, *, seconds: float) -> Got:
        """The response to a request that the agent may take so long for. Raises what the agent raised."""
        got = self.ask(method, path, body, seconds=seconds + self._grace)
        if got.status != 200:
            raise raised(got, f"{method} {path}")
        return got

    def ask(self, method: str, path: str, body: bytes | None = None, *, seconds: float) -> Got:
        """The response, whatever it says. Raises SandboxError where the agent is gone, TimedOut where it is silent."""
        connection, end = self._connection, time.monotonic() + seconds
        try:
            self._connected(end)
            connection.request(method, path, body, self._headers)
            with connection.getresponse() as response:
                data = _whole(response)
        except TimeoutError as exc:
            connection.close()
            why = self._why()
            raise TimedOut(
                f"the guest agent at {self.where} did not answer {method} {path} within {seconds:.0f} s; "
                f"whether it was done is not known{f'; {why}' if why else ''}"
            ) from exc
        except _TooLarge as exc:
            connection.close()
            raise SandboxError(
                f"the guest agent at {self.where} answered {method} {path} with more than {_LARGEST >> 20} MiB; "
                "ask for less, or reset the sandbox"
            ) from exc
        except _BROKEN as exc:
            connection.close()
            why = self._why()
            raise SandboxError(
                f"the guest agent at {self.where} is gone, while {method} {path} was awaited "
                f"({type(exc).__name__}: {exc}); {why or 'reset the sandbox or make a new one'}"
            ) from exc
        try:
            return _got(response, data)
        except (ValueError, RecursionError) as exc:
            raise SandboxError(
                f"the guest agent at {self.where} answered {method} {path} with damaged JSON; reset the sandbox"
            ) from exc

    def _connected(self, end: float) -> None:
        """A connection that the other side has not closed meanwhile."""
        connection = self._connection
        if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # nothing was asked: what there is to read is its end
        connection.timeout = _left(end)
        if connection.sock is None:
            connection.connect()
        sock = connection.sock
        assert isinstance(sock, _Socket)
        sock.end = end
        sock.settimeout(_left(end))


class _Socket(socket.socket):
    """One from which nobody reads beyond `end`, in however many pieces it comes."""

    end = 0.0

    def recv_into(self, *given: Any) -> int:
        """What each piece of a response is read with."""
        self.settimeout(_left(self.end))
        return super().recv_into(*given)


class _TooLarge(Exception):
    """A response that would not end."""


class _Tcp(http.client.HTTPConnection):
    """A connection to a port."""

    def connect(self) -> None:
        """Open it."""
        super().connect()
        self.sock = _Socket(fileno=self.sock.detach())


class _Local(http.client.HTTPConnection):
    """A connection to a socket in a folder."""

    def __init__(self, where: str) -> None:
        super().__init__("localhost")
        self._path = where.removeprefix("unix:")

    def connect(self) -> None:
        """Open it."""
        self.sock = _Socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def raised(got: Got, asked: str) -> Exception:
    """What the agent raised, of the same class."""
    told = got.document if isinstance(got.document, dict) else {}
    name, message = str(told.get("error", "")), str(told.get("message") or f"status {got.status} for {asked}")
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, CuaError):
        return kind(message)
    if name == "FileNotFoundError":
        return FileNotFoundError(message)
    return SandboxError(f"the guest agent says: {message}")


def query(**given: str) -> str:
    """What stands behind the "?" of an address."""
    return urlencode(given, errors="surrogateescape")


def _left(end: float) -> float:
    """How long may still be waited. Raises TimeoutError where that is no time at all."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _whole(response: http.client.HTTPResponse) -> bytes:
    pieces, size = list[bytes](), response.length or 0
    if size <= _LARGEST:
        size = 0
        while size <= _LARGEST and (piece := response.read1(_PIECE)):
            pieces.append(piece)
            size += len(piece)
    if size > _LARGEST:
        raise _TooLarge
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)


def _got(response: http.client.HTTPResponse, data: bytes) -> Got:
    length = response.getheader("X-Cua-Json")
    if length is not None:
        return Got(response.status, json.loads(data[: int(length)]), data[int(length) :])
    if response.getheader("Content-Type", "").startswith("application/json"):
        return Got(response.status, json.loads(data), b"")
    return Got(response.status, None, data)
