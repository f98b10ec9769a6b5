"""Workers on this machine: each is a process of ours, told and heard over a socket. It says nothing of what they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread

from cua.practice.workers import Line

_LIMIT = 30.0


class Process:
    """One worker: the program `module`, which gets the number of its end of the socket.

    It has a session of its own: Ctrl-C is for us, and we tell it. It ends when we do, however that is.
    """

    def __init__(self, module: str, heard: Callable[[bytes], None]) -> None:
        self._socket, theirs = socket.socketpair()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - it is read when the worker has ended
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
            )
        self._line = Connection(os.dup(self._socket.fileno()))
        self._thread = Thread(target=self._listen, args=(heard,), daemon=True)
        self._thread.start()

    def send(self, message: bytes) -> None:
        with suppress(OSError):  # it has ended, which is heard
            self._line.send_bytes(message)

    def hang_up(self) -> None:
        with suppress(OSError):  # it has hung up itself
            self._socket.shutdown(socket.SHUT_RDWR)

    def ended(self) -> str:
        self.hang_up()
        try:
            code = self._process.wait(_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._thread.join()
        self._line.close()
        self._socket.close()
        with self._complaints:
            self._complaints.seek(0)
            last = self._complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{how}, {last}" if last else how

    def _listen(self, heard: Callable[[bytes], None]) -> None:
        with suppress(EOFError, OSError):  # it has ended
            while True:
                heard(self._line.recv_bytes())
        heard(b"")


class Local:
    """The engine of this machine."""

    def __init__(self, module: str) -> None:
        self._module = module

    def start(self, heard: Callable[[bytes], None]) -> Line:
        return Process(self._module, heard)

    def close(self) -> None: ...
