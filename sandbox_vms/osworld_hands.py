"""Acts as Python text for pyautogui in the guest, as OSWorld's own controller sends it. It runs nothing.

For keyboards with the US layout, as pyautogui itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from cua.core import Click, Drag, Move, Point, Press, Scroll
from cua.errors import UsageError
from drivers.keysyms import chord, keysym_of_name
from drivers.pyautogui_input import KEYS

_BEFORE = "import pyautogui; import time; pyautogui.FAILSAFE = False"
_NAMES = {keysym_of_name(name): key for name, key in KEYS.items()}
# pyautogui types ">" for "<" (its issue 198)
_LESS = ("shift", ",")


def program(lines: Sequence[str]) -> str:
    """The whole text to give to Python."""
    return "\n".join((_BEFORE, *lines))


def untypable(text: str) -> str:
    """The characters in it that pyautogui would drop, each once."""
    return "".join(sorted({letter for letter in _plain(text) if not " " <= letter <= "~" and letter not in "\n\t"}))


def typed(text: str) -> list[str]:
    """Type it. It must have nothing untypable."""
    lines: list[str] = []
    for at, part in enumerate(_plain(text).split("<")):
        lines += [f"pyautogui.hotkey(*{_LESS!r})"] if at else []
        lines += [f"pyautogui.write({part!r})"] if part else []
    return lines


def pressed(action: Press) -> list[str]:
    """A key or chord. Raises UsageError for a key that pyautogui has not."""
    keys = [_key(keysym) for keysym in chord(action.keys)]
    if keys[-1] == "<":
        keys = [*(key for key in keys[:-1] if key != "shift"), *_LESS]
    return [f"pyautogui.hotkey({', '.join(map(repr, keys))})"]


def pointed(action: Click | Scroll | Move | Drag, spots: Sequence[Point], notch: int) -> list[str]:
    """What the pointer does at the spots; `notch` is what the system counts for one notch of the wheel."""
    first = spots[0]
    there = f"pyautogui.moveTo({first.x}, {first.y})"
    match action:
        case Move():
            return [there]
        case Click(button=button, count=count, keys=keys):
            click = f"pyautogui.click({first.x}, {first.y}, clicks={count}, button={button!r})"
            return _holding([_key(keysym_of_name(key)) for key in keys], click)
        case Scroll(dx=dx, dy=dy):
            down = [f"pyautogui.vscroll({-dy * notch})"] if dy else []
            return [there, *down, *([f"pyautogui.hscroll({dx * notch})"] if dx else [])]
        case Drag():
            last = spots[1]
            middle = f"    pyautogui.moveTo({(first.x + last.x) // 2}, {(first.y + last.y) // 2})"
            end = f"    pyautogui.moveTo({last.x}, {last.y})"
            return [there, "pyautogui.mouseDown()", "try:", middle, end, "finally:", "    pyautogui.mouseUp()"]


def _holding(keys: Sequence[str], line: str) -> list[str]:
    if not keys:
        return [line]
    down = [f"    pyautogui.keyDown({key!r})" for key in keys]
    up = [f"    pyautogui.keyUp({key!r})" for key in reversed(keys)]
    return ["try:", *down, f"    {line}", "finally:", *up]


def _key(keysym: int) -> str:
    name = _NAMES.get(keysym) or (chr(keysym) if 0x20 <= keysym <= 0x7E else "")
    if not name:
        raise UsageError(f"pyautogui in the guest has no key for the keysym 0x{keysym:x}; do it with the pointer")
    return name


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
