"""A D-Bus connection with a synchronous face, many calls in flight at once. Knows nothing of what travels on it.

Whoever knows what he will ask may send it ahead: the answers come while he asks for the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import platform
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.auth import UID_NOT_SPECIFIED, AuthExternal
from dbus_fast.errors import AuthError, InvalidAddressError

from cua.errors import DisplayGone

_IN_FLIGHT = 100
_GLANCE = 0.05  # seconds after which a wait looks whether the connection still stands


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
    """`body` is empty and `error` says what is wrong where the call failed, or was `late`: took too long."""

    body: tuple[Any, ...] = ()
    error: str = ""
    late: bool = False

    def __bool__(self) -> bool:
        return not self.error


_UNASKED = Reply(error="nobody asked for it after all")


@dataclass(slots=True, eq=False)
class _Asked:
    """A call that was sent or waits to be; `wanted` says whether somebody waits for its reply now."""

    request: Request
    serial: int = 0
    wanted: bool = False
    reply: Reply | None = None


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
        self._in_flight: dict[int, _Asked] = {}
        self._waiting: deque[_Asked] = deque()
        self._ahead: dict[Request, _Asked] = {}
        self._later: deque[_Asked] = deque()
        self._left = 0  # of the calls that somebody waits for, how many have no reply
        self._heard = 0.0  # when the last of them had its reply
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
        """All of them, at most 100 in flight, each with the limit; the replies in the same order. What was sent ahead
        is not sent again. Where no reply at all came for so long, no more is waited for."""
        return self._run(self._gather(requests, seconds)) if requests else []

    @contextlib.contextmanager
    def ahead(self, requests: Iterable[Request]) -> Iterator[None]:
        """Send these now and do not wait: the first call meanwhile that asks for one of them takes its reply."""
        foreseen = [_Asked(request) for request in dict.fromkeys(requests) if request not in self._ahead]
        self._ahead |= {asked.request: asked for asked in foreseen}
        self._later.extend(foreseen)
        self._run(self._fed())
        try:
            yield
        finally:
            for asked in foreseen:  # a reply that comes later is nobody's
                self._in_flight.pop(asked.serial, None)
                self._ahead.pop(asked.request, None)
                asked.reply = asked.reply or _UNASKED

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

    async def _fed(self) -> None:
        self._feed()

    async def _gather(self, requests: Sequence[Request], seconds: float) -> list[Reply]:
        """All at once, without a task each: there are thousands to a look."""
        ahead = self._ahead
        every = [ahead.pop(each) if ahead and each in ahead else _Asked(each) for each in requests]
        missing = [asked for asked in every if asked.reply is None]
        for asked in missing:
            asked.wanted = True
        self._left = len(missing)
        self._waiting.extend(asked for asked in missing if not asked.serial)
        self._feed()
        if missing:
            await self._until_all(seconds, seconds * (1 + (len(missing) - 1) // _IN_FLIGHT))
        for asked in missing:
            self._in_flight.pop(asked.serial, None)
            if asked.reply is None:
                asked.reply = Reply(error=f"{asked.request.member} took over {seconds:g} s", late=True)
        return [asked.reply for asked in every if asked.reply is not None]

    async def _until_all(self, still: float, seconds: float) -> None:
        """Until every call that somebody waits for has its reply, or none came for `still`, or for so long. EOFError if
        the connection broke."""
        self._all, self._heard = self._loop.create_future(), self._loop.time()
        self._mind(self._all, still, self._loop.time() + seconds)
        try:
            await self._all
        finally:
            self._all, self._left = None, 0
            self._waiting.clear()

    def _mind(self, waiting: asyncio.Future[None], still: float, end: float) -> None:
        """End this wait at its end, or where the connection broke."""
        if waiting.done():
            return
        if not self._bus.connected:
            waiting.set_exception(EOFError("it was closed"))
        elif (left := min(end, self._heard + still) - self._loop.time()) <= 0:
            waiting.set_result(None)
        else:
            self._loop.call_later(min(left, _GLANCE), self._mind, waiting, still, end)

    def _feed(self) -> None:
        """Send what waits, as far as so many may be in flight: of what is waited for, and of what was sent ahead."""
        while self._waiting and self._left - len(self._waiting) < _IN_FLIGHT:
            self._send_off(self._waiting.popleft())
        while self._later and len(self._in_flight) - self._left + len(self._waiting) < _IN_FLIGHT:
            asked = self._later.popleft()
            if asked.reply is None and not asked.wanted:
                self._send_off(asked)

    def _send_off(self, asked: _Asked) -> None:
        message = asked.request.message()
        message.serial = asked.serial = self._bus.next_serial()
        self._in_flight[asked.serial] = asked
        self._bus.send(message)

    def _answered(self, message: Message) -> bool:
        """Whether it is an answer that somebody asked for here."""
        asked = self._in_flight.pop(message.reply_serial, None)
        if asked is None:
            return False
        asked.reply = _reply(message)
        if asked.wanted:
            self._left -= 1
            self._heard = self._loop.time()
        self._feed()
        if not self._left and self._all is not None and not self._all.done():
            self._all.set_result(None)
        return True

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
