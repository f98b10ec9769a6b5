"""Keys as models write them, in the names that our drivers know: X's, and the four modifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cua.policies.models.said import Unparsable

MODIFIERS = ("ctrl", "alt", "shift", "super")
_MODIFIER = {
    "ctrl": "ctrl", "control": "ctrl", "controlormeta": "ctrl", "cmdorctrl": "ctrl", "controll": "ctrl",
    "controlr": "ctrl", "ctrll": "ctrl", "ctrlr": "ctrl", "ctrlleft": "ctrl", "ctrlright": "ctrl",
    "alt": "alt", "option": "alt", "altl": "alt", "altr": "alt", "altleft": "alt", "altright": "alt",
    "shift": "shift", "shiftl": "shift", "shiftr": "shift", "shiftleft": "shift", "shiftright": "shift",
    "super": "super", "meta": "super", "win": "super", "windows": "super", "cmd": "super", "command": "super",
    "superl": "super", "superr": "super", "winleft": "super", "winright": "super",
}  # fmt: skip
_KEY = {
    "return": "Return", "enter": "Return", "kpenter": "Return", "esc": "Escape", "escape": "Escape", "tab": "Tab",
    "space": "space", "spacebar": "space", "backspace": "BackSpace", "back": "BackSpace", "delete": "Delete",
    "del": "Delete", "insert": "Insert", "ins": "Insert", "home": "Home", "end": "End", "pageup": "Page_Up",
    "pgup": "Page_Up", "prior": "Page_Up", "pagedown": "Page_Down", "pgdn": "Page_Down", "pgdown": "Page_Down",
    "next": "Page_Down", "left": "Left", "right": "Right", "up": "Up", "down": "Down", "arrowleft": "Left",
    "arrowright": "Right", "arrowup": "Up", "arrowdown": "Down", "leftarrow": "Left", "rightarrow": "Right",
    "uparrow": "Up", "downarrow": "Down", "menu": "Menu", "contextmenu": "Menu", "apps": "Menu",
    "capslock": "Caps_Lock", "numlock": "Num_Lock", "print": "Print", "printscreen": "Print", "prtsc": "Print",
    "plus": "plus", "add": "plus", "minus": "minus", "subtract": "minus", "comma": "comma", "period": "period",
    "slash": "slash", "divide": "slash", "equal": "equal", "equals": "equal", "backslash": "backslash",
    "semicolon": "semicolon", "apostrophe": "apostrophe", "grave": "grave", "bracketleft": "bracketleft",
    "bracketright": "bracketright",
}  # fmt: skip
_SIGNS = {"+": "plus"}  # in a chord the sign itself joins keys


def chord(written: str | Sequence[str]) -> str:
    """A key or chord for `Press`: "Control+Shift+s", "ctrl-s", "ctrl s" or ["CTRL", "SHIFT", "S"] is "ctrl+shift+s".

    Raises Unparsable for what is no key, or more keys than one beside modifiers.
    """
    names = _parts(written) if isinstance(written, str) else [part for each in written for part in _parts(each)]
    held = [name for each in names if (name := _MODIFIER.get(_plain(each)))]
    others = [each for each in names if _plain(each) not in _MODIFIER]
    if len(others) > 1 or not names:
        raise Unparsable(f"{written!r} is no chord: name modifiers and one key, and press other keys one after another")
    if not others:  # a modifier alone, such as the one that opens a menu
        *held, last = held
        return "+".join([*dict.fromkeys(held), last])
    return "+".join([*(name for name in MODIFIERS if name in held), _key(others[0], held)])


def held(written: Sequence[str] | str | None) -> tuple[str, ...]:
    """Modifiers that are held during a click. Raises Unparsable for any other key."""
    names = _parts(written) if isinstance(written, str) else list(written or ())
    if wrong := next((name for name in names if _plain(name) not in _MODIFIER), None):
        raise Unparsable(f"{wrong!r} cannot be held during a click; only {', '.join(MODIFIERS)} can")
    found = {_MODIFIER[_plain(name)] for name in names}
    return tuple(name for name in MODIFIERS if name in found)


def _parts(written: str) -> list[str]:
    text = written.strip()
    if len(text) <= 1:
        return [written if written == " " else text] if written else []
    end = ["+"] if text.endswith("+") else []
    text = re.sub(r"\+{1,2}$", "", text) if end else text
    joint = r"\+" if "+" in text else r"\s+" if re.search(r"\s", text) else "-" if _dashed(text) else r"(?!)"
    return [part.strip() for part in re.split(joint, text) if part.strip()] + end


def _dashed(text: str) -> bool:
    """Whether dashes join keys there, as in "ctrl-c", and are no part of a name."""
    return _plain(text.split("-", 1)[0]) in _MODIFIER


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold() if len(name) > 1 else name


def _key(name: str, held: Sequence[str]) -> str:
    if name == " ":
        return "space"
    if len(name) == 1:
        return _SIGNS.get(name, name.lower() if held else name)
    plain = _plain(name)
    if found := _KEY.get(plain):
        return found
    if re.fullmatch(r"f([1-9]|1[0-9]|2[0-4])", plain):
        return plain.upper()
    if numbered := re.fullmatch(r"(?:kp|num|numpad|digit|key)([0-9a-z])", plain):
        return str(numbered[1])
    raise Unparsable(f"no key is called {name!r}; use names such as ctrl+s, Return, Escape, F5, Page_Down")
