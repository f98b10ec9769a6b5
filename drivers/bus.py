"""A D-Bus connection with a synchronous face, many calls in flight at once. Knows nothing of what travels on it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.auth import UID_NOT_SPECIFIED, AuthExternal
from dbus_fast.errors import AuthError, InvalidAddressError

from cua.errors import DisplayGone

_IN_FLIGHT = 100


@dataclass(frozen=True, slots=True)
class Request:
    """One method call. `body` fits `signature` (D-Bus type string)."""

    destination: str
    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()

    def message(self, *, silent: bool = False) -> Message:
        return Message(
            destination=self.destination,
            path=self.path,
            interface=self.interface,
            member=self.member,
            signature=self.signature,
            body=list(self.body),
            flags=MessageFlag.NO_REPLY_EXPECTED if silent else MessageFlag.NONE,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is empty and `error` says what is wrong where the call failed or took too long."""

    body: tuple[Any, ...] = ()
    error: str = ""

    def __bool__(self) -> bool:
        return not self.error


class Bus:
    """Owned by one thread. Signals are handled while a call waits and in `pump`. `uid` is the user whose bus it is.

    Raises DisplayGone when the bus is not there or goes away.
    """

    def __init__(self, address: str, *, uid: int | None = None) -> None:
        self.address = address
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_unheard)
        try:
            with _as_user(uid):
                self._bus = self._loop.run_until_complete(_connect(address))
        except (OSError, AuthError, InvalidAddressError, EOFError) as error:
            self._loop.close()
            raise DisplayGone(f"no D-Bus answers at {address}: {error}") from error
        self._asked: dict[int, int] = {}  # what is still to be answered, by its serial: its place in the batch
        self._found: list[Reply] = []
        self._all: asyncio.Future[None] | None = None
        self._bus.add_message_handler(self._answered)

    def on_signal(self, heard: Callable[[Message], None]) -> None:
        def only_signals(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL:
                heard(message)

        self._bus.add_message_handler(only_signals)

    def call(self, request: Request, *, seconds: float = 2.0) -> Reply:
        return self.calls([request], seconds=seconds)[0]

    def calls(self, requests: Sequence[Request], *, seconds: float = 2.0) -> list[Reply]:
        """All of them, at most 100 in flight, each with the limit; the replies in the same order."""
        return self._run(self._gather(requests, seconds)) if requests else []

    def send(self, request: Request) -> None:
        """Without waiting for an answer."""
        self._run(self._send(request))

    def pump(self, seconds: float = 0.0) -> None:
        """Hear signals for so long."""
        self._run(asyncio.sleep(seconds))

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._bus.disconnect()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _run(self, work: Any) -> Any:
        if self._loop.is_closed() or not self._bus.connected:
            work.close()
            raise DisplayGone(f"the D-Bus connection to {self.address} is closed")
        try:
            return self._loop.run_until_complete(work)
        except (OSError, EOFError) as error:
            raise DisplayGone(f"the D-Bus connection to {self.address} broke: {error}") from error

    async def _gather(self, requests: Sequence[Request], seconds: float) -> list[Reply]:
        replies: list[Reply] = []
        for at in range(0, len(requests), _IN_FLIGHT):
            replies += await self._batch(requests[at : at + _IN_FLIGHT], seconds)
        return replies

    async def _batch(self, requests: Sequence[Request], seconds: float) -> list[Reply]:
        """All at once, without a task each: there are thousands to a look. The last goes the library's own way, which
        hears of it when the connection breaks."""
        *most, last = requests
        end = self._loop.time() + seconds
        self._found = [Reply(error=f"{request.member} took over {seconds:g} s") for request in most]
        self._all = self._loop.create_future()
        for at, request in enumerate(most):
            message = request.message()
            message.serial = self._bus.next_serial()
            self._asked[message.serial] = at
            self._bus.send(message)
        final = await self._one(last, seconds)
        if self._asked:
            with contextlib.suppress(TimeoutError):  # what did not come says so itself
                await asyncio.wait_for(self._all, max(0.0, end - self._loop.time()))
        self._asked.clear()
        return [*self._found, final]

    def _answered(self, message: Message) -> bool:
        """Whether it is an answer that a batch waits for."""
        at = self._asked.pop(message.reply_serial, None)
        if at is None:
            return False
        self._found[at] = _reply(message)
        if not self._asked and self._all is not None and not self._all.done():
            self._all.set_result(None)
        return True

    async def _one(self, request: Request, seconds: float) -> Reply:
        try:
            message = await asyncio.wait_for(self._bus.call(request.message()), seconds)
        except TimeoutError:
            return Reply(error=f"{request.member} took over {seconds:g} s")
        return _reply(message)

    async def _send(self, request: Request) -> None:
        await self._bus.send(request.message(silent=True))


def _reply(message: Message | None) -> Reply:
    if message is None or message.message_type is MessageType.ERROR:
        return Reply(error=str(message.error_name if message else "no reply"))
    return Reply(tuple(message.body))


def _unheard(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """What broke with the connection is said by the next call; nobody need be told of each message that was lost."""
    if not isinstance(told.get("exception"), OSError | EOFError):
        loop.default_exception_handler(told)


async def _connect(address: str) -> MessageBus:
    return await MessageBus(bus_address=address, auth=AuthExternal(UID_NOT_SPECIFIED)).connect()


@contextlib.contextmanager
def _as_user(uid: int | None) -> Iterator[None]:
    """This thread, and no other, is that user meanwhile: a bus lets nobody in but its own user, root neither."""
    if uid is None or os.geteuid() != 0 or uid == 0:
        yield
        return
    number = {"x86_64": 117, "aarch64": 147}[platform.machine()]
    setresuid = ctypes.CDLL(None, use_errno=True).syscall
    setresuid(number, -1, uid, -1)
    try:
        yield
    finally:
        setresuid(number, -1, 0, -1)
