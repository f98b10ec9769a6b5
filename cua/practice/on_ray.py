"""Workers on a Ray cluster: each is a process beside an actor that Ray places. Nothing here schedules anything."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from queue import Queue
from threading import Thread, current_thread, main_thread
from typing import Any

from cua.errors import MissingProgram, SandboxError
from cua.practice.local import Process
from cua.practice.workers import Line

_LIMIT = 60.0
_AT_ONCE = 3  # what an actor does: it waits for what its worker tells, while it is told and asked to end


class Host:
    """A worker's place on a node of the cluster: what it tells waits here until it is fetched."""

    def __init__(self, module: str) -> None:
        self._heard: Queue[bytes] = Queue()
        self._process = Process(module, self._heard.put)

    def send(self, message: bytes) -> None:
        self._process.send(message)

    def receive(self) -> list[bytes]:
        """What it told since; the last message of all is empty."""
        found = [self._heard.get()]
        while not self._heard.empty():
            found.append(self._heard.get())
        return found

    def ended(self) -> str:
        return self._process.ended()


class Actor:
    """The line to a worker beside a Ray actor."""

    def __init__(self, ray: Any, host: Any, heard: Callable[[bytes], None]) -> None:
        self._ray, self._host = ray, host
        self._placed = host.__ray_ready__.remote()
        self._thread = Thread(target=self._listen, args=(heard,), daemon=True)
        self._thread.start()
        self._ending: Any = None

    def send(self, message: bytes) -> None:
        self._host.send.remote(message)

    def hang_up(self) -> None:
        if self._ending is None:
            self._ending = self._host.ended.remote()

    def ended(self) -> str:
        self.hang_up()
        placed, _ = self._ray.wait([self._placed], timeout=0)
        try:
            how = str(self._ray.get(self._ending, timeout=_LIMIT)) if placed else "Ray never had a place for it"
        except self._ray.exceptions.GetTimeoutError:
            how = f"it did not end within {_LIMIT:.0f} s"
        except self._ray.exceptions.RayError as error:
            how = f"its Ray actor ended ({type(error).__name__})"
        self._ray.kill(self._host)
        self._thread.join()
        return how

    def _listen(self, heard: Callable[[bytes], None]) -> None:
        message = b"-"
        with suppress(self._ray.exceptions.RayError):  # the actor has ended, or its node
            while message:
                for message in self._ray.get(self._host.receive.remote()):
                    heard(message)
        if message:
            heard(b"")


class OnRay:
    """The engine of a Ray cluster: that of `RAY_ADDRESS`, or one that runs here, else a new one on this machine."""

    def __init__(self, module: str) -> None:
        try:
            self._ray: Any = import_module("ray")
        except ImportError as error:
            raise MissingProgram("Ray is not installed; install it with: pip install 'cua-daemon[ray]'") from error
        self._module = module
        self._ours = not self._ray.is_initialized()
        if self._ours:
            self._join()

    def start(self, heard: Callable[[bytes], None]) -> Line:
        remote = self._ray.remote(num_cpus=1, max_concurrency=_AT_ONCE)(Host)
        return Actor(self._ray, remote.remote(self._module), heard)

    def close(self) -> None:
        if self._ours:
            self._ray.shutdown()

    def _join(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        before = signal.getsignal(signal.SIGTERM)
        try:
            self._ray.init(log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise SandboxError(f"no Ray cluster can be reached or started: {error}; see: ray status") from error
        if current_thread() is main_thread():  # Ray puts a handler of its own there
            signal.signal(signal.SIGTERM, before)
