"""A connection to an X display: its screen, monitors, windows and clipboard. It sends no input and takes no pictures.

One thread owns a connection. A lost display is `DisplayGone`, and it is never reconnected behind the caller's back.
"""

from __future__ import annotations

import select
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from typing import Any

import xcffib
import xcffib.randr
import xcffib.xkb
import xcffib.xproto as xp

from cua.core import Box
from cua.errors import DisplayGone, DriverError, TargetGone, TimedOut

LIMIT = 2.0  # seconds for a window manager or another program to do what it was asked
_WORDS = 1 << 24  # more words than any property has
_TO_MANAGER = xp.EventMask.SubstructureNotify | xp.EventMask.SubstructureRedirect
_LOOKS = ("_NET_WM_STATE", "_NET_WM_WINDOW_TYPE", "_GTK_FRAME_EXTENTS")
_PROPERTIES = ("_NET_WM_NAME", "WM_NAME", "WM_CLASS", "_NET_WM_PID", "WM_TRANSIENT_FOR", *_LOOKS)
_EXTENSIONS = ("RANDR", "DAMAGE", "XTEST", "XKEYBOARD", "XInputExtension")
_GONE = (xp.WindowError, xp.DrawableError)


@dataclass(frozen=True, slots=True)
class Monitor:
    name: str
    box: Box
    primary: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A top-level window, or a popup (menu, tooltip) that no window manager manages. Unknown numbers are 0.

    `box` is the client area in root coordinates; `visible` is that without the `shadow` (left, right, top, bottom).
    """

    id: int
    title: str
    app: str
    pid: int
    box: Box
    kind: str = "normal"
    modal: bool = False
    transient_for: int = 0
    active: bool = False
    popup: bool = False
    hidden: bool = False
    shadow: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def visible(self) -> Box:
        left, right, top, bottom = self.shadow
        return Box(self.box.x + left, self.box.y + top, self.box.width - left - right, self.box.height - top - bottom)


class X11:
    """The display named `display` (":7"), or the one of the environment for None."""

    def __init__(self, display: str | None = None) -> None:
        self.display = display
        connect: Any = xcffib.Connection
        try:
            self.connection: Any = connect(display)
        except xcffib.XcffibException as exc:
            raise DisplayGone(f"cannot open display {display or '$DISPLAY'}: {exc} Start an X server first.") from exc
        self.core: Any = self.connection.core
        screen = self.connection.setup.roots[self.connection.pref_screen]
        self.root: int = screen.root
        self.screen = Box(0, 0, screen.width_in_pixels, screen.height_in_pixels)
        self.keymap_changes = 0
        self._atoms: dict[str | int, Any] = {}  # both ways
        with self.edge("set up the connection"):
            for extension in _EXTENSIONS:
                if not self.core.QueryExtension(len(extension), extension).reply().present:
                    raise DriverError(f"the X server has no {extension} extension; use another server")
            self.listen(0)

    def close(self) -> None:
        """Close the connection; what is asked of it afterwards raises DisplayGone."""
        self.connection.disconnect()

    @contextmanager
    def edge(self, doing: str) -> Iterator[None]:
        """Translate what the X library raises meanwhile into our errors."""
        try:
            yield
        except xcffib.Error as exc:
            kind = TargetGone if isinstance(exc, _GONE) else DriverError
            raise kind(f"cannot {doing}: the X server says {type(exc).__name__}; look again") from exc
        except xcffib.XcffibException as exc:
            raise DisplayGone(f"cannot {doing}: lost display {self.display} ({exc}); start it and reconnect") from exc

    def sync(self) -> None:
        """Return once the server has handled all that was sent."""
        self.core.GetInputFocus().reply()

    def poll(self) -> Any:
        """The next event that has arrived, or None; keeps `screen` and `keymap_changes` current."""
        event = self.connection.poll_for_event()
        if isinstance(event, xp.ConfigureNotifyEvent) and event.window == self.root:
            self.screen = Box(0, 0, event.width, event.height)
        elif isinstance(event, xp.MappingNotifyEvent | xcffib.xkb.NewKeyboardNotifyEvent):
            self.keymap_changes += 1
        return event

    def drain(self) -> None:
        """Take note of every event that has arrived."""
        while self.poll() is not None:
            pass

    def wait(self, match: Callable[[Any], bool], seconds: float) -> Any:
        """The first event that matches, or None if none arrives in `seconds`."""
        end, socket = time.monotonic() + seconds, self.connection.get_file_descriptor()
        self.connection.flush()
        while (event := self.poll()) is None or not match(event):
            if event is None and not select.select([socket], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
        return event

    def listen(self, more: int) -> None:
        """Ask for the root's own changes and for `more`; what is not asked for cannot pile up while we are idle."""
        self.core.ChangeWindowAttributes(self.root, xp.CW.EventMask, [xp.EventMask.StructureNotify | more])

    def atom(self, name: str) -> int:
        if name not in self._atoms:
            self._atoms[name] = self.core.InternAtom(False, len(name), name).reply().atom
        return int(self._atoms[name])

    def named(self, atom: int) -> str:
        if atom not in self._atoms:
            self._atoms[atom] = self.core.GetAtomName(atom).reply().name.to_string()
        return str(self._atoms[atom])

    def message(self, window: int, kind: str, data: tuple[int, ...], *, to_manager: bool = False) -> None:
        """Send a ClientMessage about `window`: to its program, or to the window manager."""
        to, mask = (self.root, _TO_MANAGER) if to_manager else (window, 0)
        event = struct.pack("=BBHII5I", 33, 32, 0, window, self.atom(kind), *(*data, 0, 0, 0, 0, 0)[:5])
        self.core.SendEvent(False, to, mask, event, is_checked=True).check()

    def words(self, window: int, name: str) -> tuple[int, ...]:
        """The 32-bit values of a property; none if it is not there."""
        return _words(self._ask(window, name).reply())

    def _ask(self, window: int, name: str) -> Any:
        return self.core.GetProperty(False, window, self.atom(name), 0, 0, _WORDS)

    def _text(self, reply: Any) -> str:
        latin = reply.type in (self.atom("STRING"), self.atom("COMPOUND_TEXT"))
        return str(reply.value.buf().decode("latin-1" if latin else "utf-8", "replace")) if reply.format == 8 else ""

    def monitors(self) -> tuple[Monitor, ...]:
        """Every monitor, in root coordinates."""
        with self.edge("list the monitors"):
            self.drain()
            found = self.connection(xcffib.randr.key).GetMonitors(self.root, True).reply().monitors
            return tuple(Monitor(self.named(m.name), Box(m.x, m.y, m.width, m.height), m.primary > 0) for m in found)

    def windows(self) -> tuple[Window, ...]:
        """Top-level windows from the bottom to the top, then popups. Without a window manager, what the tree shows."""
        with self.edge("list the windows"):
            self.drain()
            does = self._supported()
            lists = [name for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST") if self.atom(name) in does]
            managed = self.words(self.root, lists[0]) if lists else ()
            frames = {self.lineage(window)[-1] for window in managed}
            others = [w for w in self.core.QueryTree(self.root).reply().children if w not in frames]
            shown = (*managed, *self._viewable(others, popups_only=bool(lists)))
            active = self._active_id(shown, does)
            found = [self._described(window, active, asked) for window, asked in [(w, self._asked(w)) for w in shown]]
            seen = [w for w in found if w and (w.id in managed or ((w.popup or not lists) and self._on_screen(w)))]
            return tuple(sorted(seen, key=lambda window: window.popup))

    def active(self) -> Window | None:
        """The window that has the keyboard, if it is among the windows."""
        return next((window for window in self.windows() if window.active), None)

    def find(self, *, pid: int | None = None, title: str | None = None) -> Window | None:
        """The topmost window, popups aside, of this process and with exactly this title, as far as they are given."""
        windows = (window for window in reversed(self.windows()) if not window.popup)
        return next((w for w in windows if pid in (None, w.pid) and title in (None, w.title)), None)

    def focus(self, window: Window) -> None:
        """Raise a window and give it the keyboard; TimedOut if it does not get it."""
        with self.edge(f"focus the window {window.title!r}"):
            self.listen(xp.EventMask.PropertyChange)
            if self._manager_does("_NET_ACTIVE_WINDOW"):
                self.message(window.id, "_NET_ACTIVE_WINDOW", (2,), to_manager=True)
            else:
                self.core.ConfigureWindow(window.id, xp.ConfigWindow.StackMode, [xp.StackMode.Above])
                self.core.SetInputFocus(xp.InputFocus.PointerRoot, window.id, 0, is_checked=True).check()
            end = time.monotonic() + LIMIT
            while self._active_id((window.id,), self._supported()) != window.id:
                if (left := end - time.monotonic()) <= 0:
                    raise TimedOut(f"{window.title!r} did not become the active window within {LIMIT} s; look again")
                self.wait(lambda event: isinstance(event, xp.PropertyNotifyEvent), left)
            self.listen(0)

    def close_window(self, window: Window) -> None:
        """Ask the program to close its window. It may ask the person something first; look again."""
        with self.edge(f"close the window {window.title!r}"):
            if self._manager_does("_NET_CLOSE_WINDOW"):
                self.message(window.id, "_NET_CLOSE_WINDOW", (0, 2), to_manager=True)
            elif (delete := self.atom("WM_DELETE_WINDOW")) in self.words(window.id, "WM_PROTOCOLS"):
                self.message(window.id, "WM_PROTOCOLS", (delete,))
            else:
                raise DriverError(f"{window.title!r} cannot be asked to close; use its own menu or keys")

    def lineage(self, window: int) -> list[int]:
        """The window and its ancestors, up to but without the root; as far as they still exist."""
        found = [window]
        with suppress(*_GONE):
            while (parent := self.core.QueryTree(found[-1]).reply().parent) not in (self.root, 0):
                found.append(parent)
        return found

    def _manager_does(self, what: str) -> bool:
        """Is there a window manager, alive, that does this?"""
        return self.atom(what) in self._supported()

    def _supported(self) -> frozenset[int]:
        """The atoms of what the window manager does; none if there is none, or none alive."""
        asked = [self._ask(self.root, name) for name in ("_NET_SUPPORTING_WM_CHECK", "_NET_SUPPORTED")]
        check, supported = (_words(cookie.reply()) for cookie in asked)
        with suppress(*_GONE):
            alive = bool(check) and self.words(check[0], "_NET_SUPPORTING_WM_CHECK") == check
            return frozenset(supported) if alive else frozenset()
        return frozenset()

    def _active_id(self, candidates: tuple[int, ...], does: frozenset[int]) -> int:
        if self.atom("_NET_ACTIVE_WINDOW") in does:
            return next(iter(self.words(self.root, "_NET_ACTIVE_WINDOW")), 0)
        focus = self.core.GetInputFocus().reply().focus
        if focus in (xp.InputFocus.PointerRoot, self.root):
            focus = self.core.QueryPointer(self.root).reply().child
        return next((window for window in self.lineage(focus) if window in candidates), 0) if focus else 0

    def _viewable(self, windows: list[int], *, popups_only: bool) -> list[int]:
        """Those that show, which few do of all that programs make."""
        asked = [self.core.GetWindowAttributes(window) for window in windows]
        looks = [(window, _reply(cookie)) for window, cookie in zip(windows, asked, strict=True)]
        return [w for w, said in looks if said and _is_shown(said) and (said.override_redirect or not popups_only)]

    def _on_screen(self, window: Window) -> bool:
        (x, y, width, height), screen = astuple(window.box), self.screen
        near = -width < x < screen.width and -height < y < screen.height
        return near and min(width, height) > 1 and not window.hidden

    def _asked(self, window: int) -> list[Any]:
        """All questions about a window, on their way."""
        asked = [self._ask(window, name) for name in _PROPERTIES]
        asked += [self.core.GetWindowAttributes(window), self.core.GetGeometry(window)]
        return [*asked, self.core.TranslateCoordinates(window, self.root, 0, 0)]

    def _described(self, window: int, active: int, asked: list[Any]) -> Window | None:
        """One window from the answers; None if it is gone."""
        replies = [_reply(cookie) for cookie in asked]
        if None in replies:
            return None
        name, old_name, klass, pid, parent, state, kind, shadow, looks, size, place = replies
        states = {self.named(atom) for atom in _words(state)}
        kinds = [self.named(atom) for atom in _words(kind)]
        left, right, top, bottom = (*_words(shadow), 0, 0, 0, 0)[:4]
        return Window(
            id=window,
            title=self._text(name) or self._text(old_name),
            app=self._text(klass).rstrip("\0").rpartition("\0")[2],
            pid=next(iter(_words(pid)), 0),
            box=Box(place.dst_x, place.dst_y, size.width, size.height),
            kind=kinds[0].removeprefix("_NET_WM_WINDOW_TYPE_").lower() if kinds else "normal",
            modal="_NET_WM_STATE_MODAL" in states,
            transient_for=next(iter(_words(parent)), 0),
            active=window == active,
            popup=bool(looks.override_redirect),
            hidden="_NET_WM_STATE_HIDDEN" in states or not _is_shown(looks),
            shadow=(left, right, top, bottom),
        )

    def clipboard(self, seconds: float = LIMIT) -> str | None:
        """The text on the clipboard; None if nobody owns it or it is no text."""
        with self.edge("read the clipboard"):
            selection = self.atom("CLIPBOARD")
            if not self.core.GetSelectionOwner(selection).reply().owner:
                return None
            window = self.connection.generate_id()
            self.core.CreateWindow(0, window, self.root, 0, 0, 1, 1, 0, xp.WindowClass.InputOnly, 0, 0, [])
            self.core.ConvertSelection(window, selection, self.atom("UTF8_STRING"), self.atom("CUA_CLIPBOARD"), 0)
            try:
                answer = self.wait(lambda e: isinstance(e, xp.SelectionNotifyEvent) and e.requestor == window, seconds)
                if not answer and self.core.GetSelectionOwner(selection).reply().owner:
                    raise TimedOut(f"the clipboard's owner did not answer within {seconds} s; try again")
                reply = self._ask(window, "CUA_CLIPBOARD").reply()
                if reply.type == self.atom("INCR"):
                    raise DriverError("the clipboard holds more than one X transfer carries; paste it instead")
                return self._text(reply) if reply.type else None
            finally:
                self.core.DestroyWindow(window)


def _is_shown(looks: Any) -> bool:
    return bool(looks.map_state == xp.MapState.Viewable and looks._class == xp.WindowClass.InputOutput)


def _reply(cookie: Any) -> Any:
    """The reply, or None if it was about a window that is gone."""
    with suppress(*_GONE):
        return cookie.reply()


def _words(reply: Any) -> tuple[int, ...]:
    return struct.unpack(f"={reply.value_len}I", reply.value.buf()) if reply.format == 32 else ()
