"""Pointer and keyboard by pyautogui, for displays that XTEST does not reach. It types nothing that it cannot deliver.

The same methods as `x11_input.XTest`. Text beyond ASCII, which pyautogui would drop, is an error here. It holds for
keyboards with the US layout. On X11 it works on the display of the environment, and it brings the package python3-xlib
(GPL-2), which is why it is imported only when this is chosen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from cua.core import Point
from cua.errors import DisplayGone, DriverError, MissingProgram, UsageError
from drivers.keysyms import chord, is_modifier, keysym_of_character, keysym_of_name

Button = Literal["left", "middle", "right"]
KEYS = {
    "shift": "shift",
    "ctrl": "ctrl",
    "alt": "alt",
    "super": "win",
    "Escape": "esc",
    "Return": "enter",
    "Tab": "tab",
    "BackSpace": "backspace",
    "Delete": "delete",
    "Insert": "insert",
    "Home": "home",
    "End": "end",
    "Page_Up": "pageup",
    "Page_Down": "pagedown",
    "Up": "up",
    "Down": "down",
    "Left": "left",
    "Right": "right",
    "Caps_Lock": "capslock",
    "Num_Lock": "numlock",
    "Print": "printscreen",
    "space": " ",
    **{f"F{number}": f"f{number}" for number in range(1, 25)},
}


class PyAutoGui:
    """The hands of the display of the environment."""

    def __init__(self) -> None:
        self._pyautogui: Any = _imported()
        self._pyautogui.PAUSE = 0.0
        self._pyautogui.FAILSAFE = False
        self._keys = {keysym_of_name(name): key for name, key in KEYS.items()}
        self._down: dict[tuple[str, str], None] = {}

    def move(self, point: Point) -> None:
        """Move the pointer."""
        with _edge("move the pointer"):
            self._check(point)
            self._pyautogui.moveTo(point.x, point.y)

    def click(self, point: Point, button: Button = "left", count: int = 1, keys: Sequence[str] = ()) -> None:
        """Click `count` times, with modifiers held."""
        held = [self._key(keysym_of_name(key)) for key in keys]
        with _edge("click"), self._holding(held):
            self._check(point)
            self._pyautogui.click(point.x, point.y, clicks=count, interval=0.0, button=button)

    def scroll(self, point: Point, dx: int = 0, dy: int = 0) -> None:
        """Scroll by notches: dy > 0 is down, dx > 0 is right."""
        self.move(point)
        with _edge("scroll"):
            if dy:
                self._pyautogui.vscroll(-dy)
            if dx:
                self._pyautogui.hscroll(dx)

    def drag(self, start: Point, end: Point) -> None:
        """Drag with the left button."""
        self.move(start)
        with _edge("drag"):
            self._check(end)
            self._down["mouse", "left"] = None
            try:
                self._pyautogui.mouseDown(button="left")
                self._pyautogui.moveTo((start.x + end.x) // 2, (start.y + end.y) // 2)
                self._pyautogui.moveTo(end.x, end.y)
            finally:
                self._up("mouse", "left")

    def press(self, keys: str) -> None:
        """Press a key or chord: "ctrl+shift+s", "Escape", "F5", "plus", "ctrl++"."""
        *held, last = [self._key(keysym) for keysym in chord(keys)]
        with _edge(f"press {keys}"), self._holding(held):
            self._pyautogui.press(last)

    def type(self, text: str) -> None:
        """Type ASCII text; DriverError, with nothing typed, if there is anything else in it."""
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        lost = sorted({c for c in plain if keysym_of_character(c) > 0x7E and c not in "\n\t\b"})
        if lost:
            raise DriverError(f"pyautogui cannot type {''.join(lost)!r}; use the XTEST input or paste the text")
        with _edge("type"):
            for character in plain:
                self._pyautogui.press(character)

    def release_all(self) -> None:
        """Let go of every key and button that we hold."""
        with _edge("release keys and buttons"):
            for kind, name in reversed(list(self._down)):
                self._up(kind, name)

    def _check(self, point: Point) -> None:
        width, height = self._pyautogui.size()
        if not (0 <= point.x < width and 0 <= point.y < height):
            raise UsageError(f"({point.x}, {point.y}) is not on the screen of {width}x{height}")

    def _key(self, keysym: int) -> str:
        """pyautogui's name of a key."""
        name = self._keys.get(keysym) or (chr(keysym) if 0x20 <= keysym <= 0x7E else "")
        if not name or not self._pyautogui.isValidKey(name):
            kind = "modifier" if is_modifier(keysym) else "key"
            raise DriverError(f"pyautogui has no {kind} for the keysym 0x{keysym:x}; use the XTEST input")
        return name

    @contextmanager
    def _holding(self, keys: list[str]) -> Iterator[None]:
        ours: list[str] = []
        try:
            for key in keys:
                self._down["key", key] = None
                ours.append(key)
                self._pyautogui.keyDown(key)
            yield
        finally:
            for key in reversed(ours):
                self._up("key", key)

    def _up(self, kind: str, name: str) -> None:
        if kind == "key":
            self._pyautogui.keyUp(name)
        else:
            self._pyautogui.mouseUp(button=name)
        self._down.pop((kind, name), None)


def _imported() -> Any:
    """pyautogui, which opens the display while it is imported."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        raise DisplayGone("pyautogui works on the display of the environment and DISPLAY is not set; set it first")
    try:
        with _edge("open the display"):
            return import_module("pyautogui")
    except SystemExit as exc:
        raise MissingProgram(f"pyautogui needs more to be installed: {exc}") from exc


@contextmanager
def _edge(doing: str) -> Iterator[None]:
    """Translate what pyautogui and the X library below it raise meanwhile."""
    lost: tuple[type[Exception], ...] = (OSError,)
    advice = "start it again; it must have an Xauthority file, empty if need be"
    if sys.platform == "linux":
        error: Any = import_module("Xlib.error")
        lost = (OSError, error.DisplayError, error.ConnectionClosedError, error.XauthError)
    try:
        yield
    except lost as exc:
        raise DisplayGone(f"cannot {doing}: lost the display of the environment ({exc}); {advice}") from exc
