"""Our acts as the Python that OSWorld's agents write: calls of pyautogui on points of the screen."""

from __future__ import annotations

from cua.core import (
    Action,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Point,
    Press,
    Scroll,
    Target,
    Type,
    Wait,
)
from cua.policies.models.keys import chord
from cua.policies.models.said import Unparsable

_KEYS = {
    "Return": "enter", "Escape": "esc", "Page_Up": "pageup", "Page_Down": "pagedown", "super": "win", "Menu": "apps",
    "Print": "printscreen", "Caps_Lock": "capslock", "Num_Lock": "numlock", "plus": "+", "minus": "-", "comma": ",",
    "period": ".", "slash": "/", "equal": "=", "backslash": "\\", "semicolon": ";", "apostrophe": "'", "grave": "`",
    "bracketleft": "[", "bracketright": "]",
}  # fmt: skip
_FIELDS = frozenset({"textbox", "searchbox", "spinbutton"})


def code_of(action: Action) -> str:
    """The code that does the act; "" for one that pyautogui has no code for: to open something, or to set what is no
    text. A field is filled as a person would: by a click, all of it selected, and the text.
    """
    match action:
        case Click(target, button, count, keys) if at := _at(target):
            more = (f", clicks={count}" if count > 1 else "") + (f", button={button!r}" if button != "left" else "")
            down, up = ([f"pyautogui.key{way}({_named(key)!r})" for key in keys] for way in ("Down", "Up"))
            return "\n".join([*down, f"pyautogui.click({at}{more})", *reversed(up)])
        case Invoke(target) if at := _at(target):
            return f"pyautogui.click({at})"
        case Fill(target, text) if (at := _at(target)) and ("editable" in target.states or target.role in _FIELDS):
            written = f"pyautogui.write({text!r})" if text else "pyautogui.press('delete')"
            return f"pyautogui.click({at})\npyautogui.hotkey('ctrl', 'a')\n{written}"
        case Scroll(target, dx, dy) if at := _at(target, named=True):
            down = [f"pyautogui.scroll({-dy}, {at})"] if dy or not dx else []
            return "\n".join(down + ([f"pyautogui.hscroll({dx}, {at})"] if dx else []))
        case Drag(start, end) if (at := _at(start)) and (to := _at(end)):
            return f"pyautogui.moveTo({at})\npyautogui.dragTo({to}, duration=0.5, button='left')"
        case Move(target) if at := _at(target):
            return f"pyautogui.moveTo({at})"
        case Finish():
            return "DONE"
        case _:
            return _typed(action)


def _typed(action: Action) -> str:
    """The same of the acts without a place."""
    match action:
        case Type(text):
            return f"pyautogui.write({text!r})"
        case Press(keys):
            try:
                names = [_named(key) for key in chord(keys).split("+")]
            except Unparsable:
                return ""
            called = ", ".join(map(repr, names))
            return f"pyautogui.hotkey({called})" if len(names) > 1 else f"pyautogui.press({called})"
        case Wait(seconds):
            return f"time.sleep({seconds})"
        case _:
            return ""


def _at(target: Target, *, named: bool = False) -> str:
    """The point that is meant as arguments; "" for what does not show."""
    point = target.box.centre if isinstance(target, Element) and target.box else target
    if not isinstance(point, Point):
        return ""
    return f"x={point.x}, y={point.y}" if named else f"{point.x}, {point.y}"


def _named(key: str) -> str:
    return _KEYS.get(key, key if len(key) == 1 else key.lower())
