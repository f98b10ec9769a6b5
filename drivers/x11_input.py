"""Pointer and keyboard of an X display by XTEST. It looks at no screen, and it never drops a part of a text silently.

A character that the keyboard has not is typed by a spare keycode that carries it for the moment. A program reads the
keymap as it is when it gets to the key, which may be long after the key was sent. So no keycode gets another meaning
before the program that has the keyboard says that it is through (it answers _NET_WM_PING) or, if it is one that never
answers, before the screen is quiet.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

import xcffib.damage
import xcffib.xinput
import xcffib.xkb
import xcffib.xproto as xp
import xcffib.xtest

from cua.core import Point
from cua.errors import DriverError, TimedOut, UsageError
from drivers.keysyms import SHIFT, Keymap, Stroke, chord, is_character, keymap, keysym_of_character, modifier
from drivers.x11 import X11
from drivers.x11_left import let_go, watched

QUIET = 0.15  # seconds without a change of the screen that count as quiet
STEPS = 8  # moves of a drag
_KEY_DOWN, _KEY_UP, _BUTTON_DOWN, _BUTTON_UP, _MOTION = range(2, 7)
_BUTTONS = {"left": 1, "middle": 2, "right": 3, "up": 4, "down": 5, "to the left": 6, "to the right": 7}
_CORE_KEYBOARD = 0x100
_NEW_MAPS = xcffib.xkb.EventType.NewKeyboardNotify | xcffib.xkb.EventType.MapNotify
_LOCK = xp.ModMask.Lock
_HAND_HELD = xp.ModMask.Shift | xp.ModMask.Control | xp.ModMask._1 | xp.ModMask._4

Button = Literal["left", "middle", "right"]


class XTest:
    """The hands of one display, of which only one pair may type at a time. After `limit` seconds a program hangs."""

    def __init__(self, x11: X11, limit: float = 5.0) -> None:
        self._x11, self._limit = x11, limit
        self._down: dict[tuple[int, int], None] = {}  # what we hold, in order: how it goes up, and its code
        self._borrowed: dict[int, Stroke] = {}
        self._rows: dict[int, Sequence[int]] = {}
        self._keymaps: dict[int, Keymap] = {}
        self._as_of = -1
        with x11.edge("set up the input"):
            self._xtest: Any = x11.connection(xcffib.xtest.key)
            self._xkb: Any = x11.connection(xcffib.xkb.key)
            self._damage: Any = x11.connection(xcffib.damage.key)
            self._devices: Any = x11.connection(xcffib.xinput.key)
            self._xkb.UseExtension(1, 0).reply()  # from here on, a new keymap is told by XKB's events
            self._xkb.SelectEvents(_CORE_KEYBOARD, _NEW_MAPS, 0, _NEW_MAPS, 0, 0, [])
            self._damage.QueryVersion(1, 1).reply()
            self._devices.XIQueryVersion(2, 0).reply()
            let_go(x11.connection, x11.root)

    def move(self, point: Point) -> None:
        """Move the pointer, on any monitor."""
        with self._x11.edge("move the pointer"):
            self._move(point)
            self._x11.sync()

    def click(self, point: Point, button: Button = "left", count: int = 1, keys: Sequence[str] = ()) -> None:
        """Click `count` times, with modifiers held."""
        held = [modifier(key) for key in keys]
        with self._acting("click"):
            self._move(point)
            with self._holding(held, self._current() if held else Keymap({}, ())):
                self._tap_button(button, count)
            self._x11.sync()

    def scroll(self, point: Point, dx: int = 0, dy: int = 0) -> None:
        """Scroll by notches: dy > 0 is down, dx > 0 is right."""
        with self._acting("scroll"):
            self._move(point)
            self._tap_button("down" if dy > 0 else "up", abs(dy))
            self._tap_button("to the right" if dx > 0 else "to the left", abs(dx))
            self._x11.sync()

    def drag(self, start: Point, end: Point) -> None:
        """Drag with the left button. The program gets the time to see that it begins and where it ends."""
        with self._acting("drag"):
            self._check(end)
            self._move(start)
            window = self._under_pointer()
            with watched(self._x11.connection, self._x11.root, self._x11.display or "", (_BUTTON_UP, 1)):
                try:
                    self._fake(_BUTTON_DOWN, 1)
                    for step in range(1, STEPS + 1):
                        dx, dy = (end.x - start.x) * step // STEPS, (end.y - start.y) * step // STEPS
                        self._move(Point(start.x + dx, start.y + dy))
                        if step in (1, STEPS):
                            self._settle(window)
                finally:
                    self._let_go()

    def press(self, keys: str) -> None:
        """Press a key or chord: "ctrl+shift+s", "Escape", "F5", "plus", "ctrl++", "ß"."""
        *held, last = chord(keys)
        with self._acting(f"press {keys}"):
            known = self._current()
            window = 0 if last in known.strokes else self._keyboard_window()
            self._borrow([last] if window else [], known.spares, window)
            with self._caps_lock_off() if is_character(last) else nullcontext(), self._holding(held, known):
                self._tap(known.strokes.get(last) or self._borrowed[last], known)
            self._x11.sync()
            self._give_back(window)

    def type(self, text: str) -> None:
        """Type text, any Unicode; "\\n" is Return and "\\t" is Tab. TimedOut if the program does not take it in."""
        keysyms = [keysym_of_character(character) for character in text.replace("\r\n", "\n")]
        with self._acting("type"):
            known = self._current()
            foreign = {keysym for keysym in keysyms if keysym not in known.strokes}
            window = self._keyboard_window() if foreign else 0
            with self._caps_lock_off():
                for part in _parts(keysyms, foreign, 2 * len(known.spares)):
                    self._borrow([keysym for keysym in dict.fromkeys(part) if keysym in foreign], known.spares, window)
                    for keysym in part:
                        self._tap(known.strokes.get(keysym) or self._borrowed[keysym], known)
                    self._x11.sync()
            self._give_back(window)

    def taken(self, seconds: float) -> bool:
        """Wait until the program that has the keyboard is through with what it was sent, for at most so long; False
        where it is not, or is one that never says so.
        """
        with self._x11.edge("ask whether the input was taken"):
            window = self._keyboard_window()
            try:
                return self._pinged(window, seconds) or False
            except xp.WindowError:  # its program closed it, so it got as far
                return True

    def release_all(self) -> None:
        """Let go of every key and button that we hold, and give back borrowed keycodes. TimedOut, with all of them let
        go, if the program does not take in what it was sent.
        """
        with self._x11.edge("release keys and buttons"):
            self._let_go()
            self._give_back(self._keyboard_window() if self._borrowed else 0)

    @contextmanager
    def _acting(self, doing: str) -> Iterator[None]:
        """What is pressed meanwhile is let go at the end, however that comes: an error, Ctrl-C. What goes down and up
        at once is sent together, so that a process that is killed has sent both or none.
        """
        with self._x11.edge(doing):
            try:
                yield
            finally:
                if self._down:
                    self._let_go()

    def _let_go(self) -> None:
        for way_up, code in reversed(list(self._down)):
            self._fake(way_up, code)
        self._x11.sync()

    def _fake(self, kind: int, code: int) -> None:
        """It is noted for as long as it may be down: a key that goes up twice does no harm."""
        if kind in (_KEY_DOWN, _BUTTON_DOWN):
            self._down[kind + 1, code] = None
        self._xtest.FakeInput(kind, code, 0, 0, 0, 0, 0)
        self._down.pop((kind, code), None)  # those that go up

    def _check(self, point: Point) -> None:
        self._x11.drain()
        screen = self._x11.screen
        if not (0 <= point.x < screen.width and 0 <= point.y < screen.height):
            raise UsageError(f"({point.x}, {point.y}) is not on the screen of {screen.width}x{screen.height}")

    def _move(self, point: Point) -> None:
        self._check(point)
        self._xtest.FakeInput(_MOTION, 0, 0, self._x11.root, point.x, point.y, 0)

    def _tap_button(self, button: str, count: int) -> None:
        for kind in (_BUTTON_DOWN, _BUTTON_UP) * count:
            self._fake(kind, _BUTTONS[button])

    def _tap(self, stroke: Stroke, known: Keymap) -> None:
        with self._holding(stroke.modifiers, known):
            self._fake(_KEY_DOWN, stroke.keycode)
            self._fake(_KEY_UP, stroke.keycode)

    @contextmanager
    def _holding(self, modifiers: Iterable[int], known: Keymap) -> Iterator[None]:
        """With these modifiers held, of which some may be held already."""
        ours: list[int] = []
        try:
            for keysym in modifiers:
                if keysym not in known.strokes:
                    raise DriverError(f"this keyboard has no key for the modifier 0x{keysym:x}; use another chord")
                code = known.strokes[keysym].keycode
                if (_KEY_UP, code) not in self._down:
                    self._fake(_KEY_DOWN, code)
                    ours.append(code)
            yield
        finally:
            for code in reversed(ours):
                self._fake(_KEY_UP, code)

    @contextmanager
    def _caps_lock_off(self) -> Iterator[None]:
        if not self._xkb.GetState(_CORE_KEYBOARD).reply().lockedMods & _LOCK:
            yield
            return
        self._xkb.LatchLockState(_CORE_KEYBOARD, _LOCK, 0, False, 0, 0, False, 0)
        try:
            yield
        finally:
            self._xkb.LatchLockState(_CORE_KEYBOARD, _LOCK, _LOCK, False, 0, 0, False, 0)

    def _current(self) -> Keymap:
        """What the keys give now, without those that we have borrowed."""
        self._x11.drain()
        if self._as_of != self._x11.keymap_changes:
            self._as_of, self._rows = self._x11.keymap_changes, self._read_rows()
            self._keymaps.clear()
        state = self._xkb.GetState(_CORE_KEYBOARD).reply()
        if state.baseMods & _HAND_HELD and not self._down:
            raise DriverError("somebody holds a modifier key down, so other keys would be typed; let it go, then retry")
        if state.group not in self._keymaps:
            self._keymaps[state.group] = keymap(self._rows, state.group)
        return self._keymaps[state.group]

    def _read_rows(self) -> dict[int, Sequence[int]]:
        """The keysyms of each keycode: of the XTEST device, whose layout may differ from a keyboard's in use."""
        first, last = self._x11.connection.setup.min_keycode, self._x11.connection.setup.max_keycode
        replies = [self._x11.core.GetKeyboardMapping(first, last - first + 1).reply()]
        for device in self._devices.XIQueryDevice(0).reply().infos:
            if b"XTEST keyboard" in b"".join(device.name):
                self._devices.OpenDevice(device.deviceid).reply()
                replies.append(self._devices.GetDeviceKeyMapping(device.deviceid, first, last - first + 1).reply())
        rows: dict[int, Sequence[int]] = {code: () for code in range(first + 1, last + 1)}  # the first is reserved
        borrowed = {stroke.keycode for stroke in self._borrowed.values()}
        for reply in replies:
            width, keysyms = reply.keysyms_per_keycode, list(reply.keysyms)
            for code in rows.keys() - borrowed:
                row = keysyms[(code - first) * width : (code - first + 1) * width]
                rows[code] = row if any(row) else rows[code]
        return rows

    def _borrow(self, keysyms: list[int], spares: Sequence[int], window: int) -> None:
        """Put these keysyms on spare keycodes, two on each, once nobody needs what was there."""
        if all(keysym in self._borrowed for keysym in keysyms):
            return
        used = {stroke.keycode for stroke in self._borrowed.values()}
        new = [keysym for keysym in keysyms if keysym not in self._borrowed]
        free = [code for code in spares if code not in used]
        if len(new) > 2 * len(free):
            self._settle(window)
            self._borrowed.clear()
            new, free = keysyms, list(spares)
        for code, first, second in zip(free, new[::2], [*new[1::2], new[-1]], strict=False):
            self._x11.core.ChangeKeyboardMapping(1, code, 2, [first, second])
            self._borrowed[second] = Stroke(code, (SHIFT,))
            self._borrowed[first] = Stroke(code)

    def _give_back(self, window: int) -> None:
        """Empty the borrowed keycodes, once the program has got through what it was sent."""
        if self._borrowed:
            self._settle(window)
            for code in {stroke.keycode for stroke in self._borrowed.values()}:
                self._x11.core.ChangeKeyboardMapping(1, code, 2, [0, 0])
            self._borrowed.clear()
            self._x11.sync()

    def _keyboard_window(self) -> int:
        """The window that keys go to: the input focus, or what is under the pointer where that has the keyboard."""
        focus = int(self._x11.core.GetInputFocus().reply().focus)
        return self._under_pointer() if focus in (xp.InputFocus.PointerRoot, self._x11.root) else focus

    def _under_pointer(self) -> int:
        found = self._x11.root
        while child := self._x11.core.QueryPointer(found).reply().child:
            found = child
        return found

    def _settle(self, window: int) -> None:
        """Return once the program of this window has got through what it was sent; TimedOut if it hangs."""
        try:
            heard = self._pinged(window, self._limit)
        except xp.WindowError:  # its program closed it, so it got as far; the rest went to what is there now
            heard = None
        if heard is None:
            self._quiet()
        elif not heard:
            raise TimedOut(f"the program did not take in its keys within {self._limit} s: it hangs; wait, or end it")

    def _pinged(self, window: int, seconds: float) -> bool | None:
        """Whether the program of this window answered; None where it is one that never does."""
        ping, stamp = self._x11.atom("_NET_WM_PING"), int(time.monotonic() * 1000) & 0x7FFFFFFF
        family = self._x11.lineage(window) if window not in (0, self._x11.root) else []
        asked = next((w for w in family if ping in self._x11.words(w, "WM_PROTOCOLS")), 0)
        if not asked:
            return None
        self._x11.listen(xp.EventMask.SubstructureNotify)
        try:
            self._x11.message(asked, "WM_PROTOCOLS", (ping, stamp, asked))
            return self._x11.wait(lambda event: _answers(event, self._x11.root, stamp), seconds) is not None
        finally:
            self._x11.listen(0)

    def _quiet(self) -> None:
        """Return once the screen has not changed for a moment, or when the time for an answer is over."""
        watch, end = self._x11.connection.generate_id(), time.monotonic() + self._limit
        self._damage.Create(watch, self._x11.root, xcffib.damage.ReportLevel.NonEmpty)
        while time.monotonic() < end and self._x11.wait(lambda e: isinstance(e, xcffib.damage.NotifyEvent), QUIET):
            self._damage.Subtract(watch, 0, 0)
        self._damage.Destroy(watch)


def _answers(event: Any, root: int, stamp: int) -> bool:
    return isinstance(event, xp.ClientMessageEvent) and event.window == root and event.data.data32[1] == stamp


def _parts(keysyms: Sequence[int], foreign: set[int], room: int) -> Iterator[list[int]]:
    """Cut the text so that each part needs at most `room` keysyms that the keyboard has not."""
    if foreign and not room:
        raise DriverError("this keyboard has no spare keycode, so it cannot type what it has no key for; paste it")
    part: list[int] = []
    needed: set[int] = set()
    for keysym in keysyms:
        if keysym in foreign and keysym not in needed:
            if len(needed) == room:
                yield part
                part, needed = [], set()
            needed.add(keysym)
        part.append(keysym)
    yield part
