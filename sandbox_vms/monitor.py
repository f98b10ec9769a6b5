"""QEMU's own control channel (QMP): one command after another, each with a time limit. It starts no process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

from qemu.qmp import QMPClient, QMPError

from cua.errors import SandboxError, TimedOut

_LIMIT = 20.0
_GLANCE = 0.1
_TICK = 0.002


class Monitor:
    """Owned by one thread at a time. `channel` is connected to QEMU already; `alive` tells whether it still runs.

    Raises SandboxError for what QEMU refuses, or where it has ended.
    """

    def __init__(self, channel: socket.socket, alive: Callable[[], bool]) -> None:
        self._alive = alive
        self._loop = asyncio.new_event_loop()
        self._client = QMPClient()
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self._wait(self._client.connect(channel), "its control channel")
            undo.pop_all()

    def do(self, command: str, **arguments: Any) -> Any:
        """What QEMU answers to a command. Raises SandboxError, or TimedOut where it does not answer."""
        return self._wait(self._client.execute(command, arguments), command)

    def hmp(self, line: str) -> str:
        """The answer to a line of the human monitor: for the few things that QMP cannot tell."""
        return str(self.do("human-monitor-command", **{"command-line": line}))

    def full(self) -> bool:
        """Whether the machine stands still because what it wrote found no space. Its guest is told of other errors."""
        return bool(self.do("query-status").get("status") == "io-error")

    def migrated(self, limit: float) -> None:
        """Until a migration that was begun is over. Raises SandboxError where it failed."""
        end = time.monotonic() + limit
        while (now := self.do("query-migrate")).get("status") != "completed":
            if now.get("status") in ("failed", "cancelled"):
                raise SandboxError(
                    f"the machine's state could not be moved: {now.get('error-desc', 'no reason given')}"
                )
            if time.monotonic() > end:
                raise TimedOut(f"the machine's state was not moved within {limit:.0f} s")
            time.sleep(_TICK)

    def close(self) -> None:
        """Let go of the channel. Twice is fine."""
        if self._loop.is_closed():
            return
        try:
            self._wait(self._client.disconnect(), "the end of its control channel")
        except SandboxError:
            pass  # it went first: there is nothing to take leave of
        finally:
            if left := asyncio.all_tasks(self._loop):
                for task in left:
                    task.cancel()
                self._loop.run_until_complete(asyncio.wait(left, timeout=_GLANCE))
            self._loop.close()

    def _wait(self, doing: Any, what: str) -> Any:
        try:
            return self._loop.run_until_complete(self._watched(doing))
        except TimeoutError as exc:
            raise TimedOut(
                f"QEMU did not answer within {_LIMIT:.0f} s ({what}); the machine is stuck, reset it"
            ) from exc
        except (QMPError, EOFError, OSError) as exc:
            said = str(exc) or type(exc).__name__
            raise SandboxError(f"QEMU refused {what}: {said}") from exc

    async def _watched(self, doing: Coroutine[Any, Any, Any]) -> Any:
        """What it gives. A QEMU that ends in the middle of an answer leaves the one who waits for it waiting."""
        task = asyncio.ensure_future(doing)
        end = time.monotonic() + _LIMIT
        while not (await asyncio.wait({task}, timeout=_GLANCE))[0]:
            if time.monotonic() > end or not self._alive():
                task.cancel()
                await asyncio.wait({task}, timeout=_GLANCE)
                raise TimeoutError if self._alive() else EOFError("it has ended")
        return task.result()
