"""What a person's hands do on an X display, by the RECORD extension: keys and buttons in order, each with its time.

The display is the one that is named, never the one of the environment. One thread reads the data connection and only
queues what it reads; all else is the owner's. It sends no input, keeps nothing, and never says what a key means.
"""

from __future__ import annotations

import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Literal

import xcffib
import xcffib.record

from cua.core import Point
from cua.errors import DisplayGone, DriverError, TimedOut
from drivers.x11 import LIMIT, X11

_KINDS: dict[int, Kind] = {2: "key down", 3: "key up", 4: "button down", 5: "button up"}
_CHANGE_KEYBOARD_MAPPING = 100
_FROM_SERVER, _FROM_CLIENT, _START, _END = 0, 1, 4, 5
_EVENT = struct.Struct("=BBHIIIIhhhhHxx")
_WRAP = 1 << 32
_NOWHERE = Point(0, 0)
_record: Any = xcffib.record  # it has no types
_NONE = _record.Range8.synthetic(0, 0)
_NO_EXTENSION = _record.ExtRange.synthetic(_NONE, _record.Range16.synthetic(0, 0))

Kind = Literal["key down", "key up", "button down", "button up", "keymap"]


@dataclass(frozen=True, slots=True)
class Happened:
    """`code` is a keycode or a button, `state` the mask of modifiers and buttons before it, `time` as time.monotonic.

    For "keymap", which is what gives a keycode another meaning, `keysyms` are those of the keycodes from `code` on.
    """

    kind: Kind
    time: float
    code: int
    state: int = 0
    point: Point = _NOWHERE
    keysyms: tuple[tuple[int, ...], ...] = ()


class Hands:
    """Watches from construction to `close`. `x11` is the owner's connection, through which the watching is ended.

    Raises DriverError if the server has no RECORD extension.
    """

    def __init__(self, x11: X11) -> None:
        self._x11 = x11
        self._queue: SimpleQueue[Happened | None] = SimpleQueue()
        self._lost = False
        self._clock = _Clock()
        name = "RECORD"
        with x11.edge("watch keys and buttons"):
            if not x11.core.QueryExtension(len(name), name).reply().present:
                raise DriverError(f"the X server has no {name} extension, so nobody can be watched; use another server")
            self._record: Any = x11.connection(xcffib.record.key)
            self._context = x11.connection.generate_id()
            self._record.QueryVersion(1, 13).reply()
            everybody = [xcffib.record.CS.AllClients]
            self._record.CreateContext(self._context, 0, 1, 1, everybody, [_wanted()], is_checked=True).check()
        connect: Any = xcffib.Connection
        try:
            self._data: Any = connect(x11.display)
        except xcffib.XcffibException as exc:
            raise DisplayGone(f"cannot open display {x11.display} once more: {exc}; look whether it ended") from exc
        began = SimpleQueue[bool]()
        self._thread = Thread(target=self._read, args=(began,), name="cua-hands", daemon=True)
        self._thread.start()
        try:
            began.get(timeout=LIMIT)
        except Empty:
            self.close()
            raise TimedOut(f"display {x11.display} did not begin to tell of keys within {LIMIT} s; try again") from None

    def next(self) -> Happened | None:
        """What happened next, None if nothing did. DisplayGone when the display went away."""
        if not self._lost:
            with suppress(Empty):
                found = self._queue.get_nowait()
                self._lost = found is None
                if found is not None:
                    return found
        if self._lost:
            raise DisplayGone(f"lost display {self._x11.display} while watching it; start it and record anew")
        return None

    def close(self) -> None:
        """Stop watching. Twice is fine."""
        with suppress(DisplayGone, DriverError), self._x11.edge("stop watching"):
            self._record.DisableContext(self._context)
            self._x11.sync()
        self._thread.join(LIMIT)
        if not self._thread.is_alive():
            self._data.disconnect()

    # ------------------------------------------------------------------------------------------ the thread's

    def _read(self, began: SimpleQueue[bool]) -> None:
        try:
            cookie = self._data(xcffib.record.key).EnableContext(self._context)
            self._data.flush()
            while (reply := cookie.reply()).category != _END:
                now = time.monotonic()
                if reply.category == _START:
                    self._clock.set(reply.server_time, now)
                    began.put(True)
                self._put(reply.category, bytes(reply.data), reply.server_time, now)
        except xcffib.XcffibException:
            self._queue.put(None)

    def _put(self, category: int, data: bytes, server_time: int, now: float) -> None:
        if category == _FROM_CLIENT and data[:1] == bytes([_CHANGE_KEYBOARD_MAPPING]):
            self._queue.put(_remapped(data, self._clock.at(server_time, now)))
        if category != _FROM_SERVER:
            return
        for at in range(0, len(data) - _EVENT.size + 1, _EVENT.size):
            kind, code, _, stamp, _, _, _, x, y, _, _, state = _EVENT.unpack_from(data, at)
            if kind & 0x7F in _KINDS:
                happened = self._clock.at(stamp, now)
                self._queue.put(Happened(_KINDS[kind & 0x7F], happened, code, state, Point(x, y)))


class _Clock:
    """The server's milliseconds as our seconds: as early as anything that was read ever allows."""

    def __init__(self) -> None:
        self._skew = 0

    def set(self, stamp: int, now: float) -> None:
        self._skew = int(now * 1000) - stamp

    def at(self, stamp: int, now: float) -> float:
        late = (int(now * 1000) - stamp - self._skew + _WRAP // 2) % _WRAP - _WRAP // 2
        if late < 0:
            self._skew, late = self._skew + late, 0
        return now - late / 1000


def _wanted() -> Any:
    """Keys and buttons of every device, and what changes the meaning of keycodes: in one stream, so in order."""
    mapping = _record.Range8.synthetic(_CHANGE_KEYBOARD_MAPPING, _CHANGE_KEYBOARD_MAPPING)
    device = _record.Range8.synthetic(2, 5)
    return _record.Range.synthetic(mapping, _NONE, _NO_EXTENSION, _NO_EXTENSION, _NONE, device, _NONE, False, False)


def _remapped(data: bytes, happened: float) -> Happened:
    _, count, _, first, width = struct.unpack_from("=BBHBB", data)
    words = struct.unpack_from(f"={count * width}I", data, 8)
    rows = tuple(tuple(words[at * width : (at + 1) * width]) for at in range(count))
    return Happened("keymap", happened, first, keysyms=rows)
