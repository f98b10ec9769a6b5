"""Names and characters to X keysyms, and where a keymap has them. It sends nothing and asks no server.

A key name is one of X's ("Page_Down", "plus"), a common one ("ctrl", "esc", "pgdn"), or the character itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from cua.errors import UsageError

SHIFT, CONTROL, ALT, SUPER, ALT_GR = 0xFFE1, 0xFFE3, 0xFFE9, 0xFFEB, 0xFE03
RETURN, TAB, BACKSPACE = 0xFF0D, 0xFF09, 0xFF08
_MODIFIERS = range(0xFFE1, 0xFFEF)  # Shift_L to Hyper_R
_CAPS_LOCKS = (0xFFE5, 0xFFE6)
_UNICODE = 0x01000000
_COMMON = {
    "ctrl": "Control_L",
    "control": "Control_L",
    "shift": "Shift_L",
    "alt": "Alt_L",
    "option": "Alt_L",
    "altgr": "ISO_Level3_Shift",
    "super": "Super_L",
    "win": "Super_L",
    "windows": "Super_L",
    "cmd": "Super_L",
    "command": "Super_L",
    "meta": "Super_L",
    "esc": "Escape",
    "enter": "Return",
    "del": "Delete",
    "ins": "Insert",
    "backspace": "BackSpace",
    "pgup": "Page_Up",
    "pageup": "Page_Up",
    "pgdn": "Page_Down",
    "pagedown": "Page_Down",
    "arrowup": "Up",
    "arrowdown": "Down",
    "arrowleft": "Left",
    "arrowright": "Right",
    "capslock": "Caps_Lock",
    "numlock": "Num_Lock",
    "scrolllock": "Scroll_Lock",
    "printscreen": "Print",
    "prtsc": "Print",
    "apps": "Menu",
    "contextmenu": "Menu",
    "break": "Break",
    "volumeup": "XF86AudioRaiseVolume",
    "volumedown": "XF86AudioLowerVolume",
    "mute": "XF86AudioMute",
}
# The second byte of the old keysyms, for which an 8-bit encoding gives the character of the first byte.
_OLD = {1: "iso8859-2", 2: "iso8859-3", 3: "iso8859-4", 5: "iso8859-6", 0xC: "iso8859-8", 0xD: "iso8859-11"}
_GREEK = (*range(0x7C1, 0x7D2), *range(0x7D4, 0x7DA), *range(0x7E1, 0x7F2), *range(0x7F4, 0x7FA))
_CONTROLS = {"\n": RETURN, "\r": RETURN, "\t": TAB, "\b": BACKSPACE}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A keycode and the keysyms of the modifiers that must be held to get a keysym out of it."""

    keycode: int
    modifiers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Keymap:
    """What each keycode gives in the active layout, and the keycodes that give nothing."""

    strokes: Mapping[int, Stroke]
    spares: tuple[int, ...]


def keymap(rows: Mapping[int, Sequence[int]], group: int = 0) -> Keymap:
    """Read a core keymap. Of the first layout levels 1 to 4 count, of the second 1 and 2, of others none.

    Columns 0 and 1 are the first layout's, 2 and 3 the second's, then come the first one's further levels. Modifiers
    choose the level in the same way for all keys that give characters, not for others: of those only level 1 counts.
    """
    columns = {0: ((0, ()), (1, (SHIFT,)), (4, (ALT_GR,)), (5, (ALT_GR, SHIFT))), 1: ((2, ()), (3, (SHIFT,)))}
    strokes: dict[int, Stroke] = {}
    for column, modifiers in columns.get(group, ()):
        for keycode, keysyms in rows.items():
            keysym = _modern(keysyms[column]) if column < len(keysyms) else 0
            if keysym and keysym not in strokes and (not modifiers or is_character(keysym)):
                strokes[keysym] = Stroke(keycode, modifiers)
    for keycode, keysyms in rows.items():  # modifiers and function keys are the same in every layout
        if keysyms and keysyms[0] and not is_character(keysyms[0]):
            strokes.setdefault(keysyms[0], Stroke(keycode))
    return Keymap(MappingProxyType(strokes), tuple(code for code, keysyms in rows.items() if not any(keysyms)))


def keysym_of_character(character: str) -> int:
    """The keysym that types this character; Return, Tab and BackSpace for the controls that have a key."""
    if character in _CONTROLS:
        return _CONTROLS[character]
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000:
        raise UsageError(f"no key types the character U+{code:04X}; leave it out of the text")
    return code if code < 0x100 else _UNICODE | code


def keysym_of_name(name: str) -> int:
    """The keysym of a key: X's name, a common name in any case, or the character itself."""
    if len(name) == 1:
        return keysym_of_character(name)
    names, folded = _names()
    common = _COMMON.get(name.casefold().replace(" ", ""), name)
    keysym = names.get(common) or names.get(folded.get(common.casefold(), ""))
    if not keysym:
        close = difflib.get_close_matches(name.casefold(), [*_COMMON, *folded], n=3, cutoff=0.5)
        advice = (
            f"; close to it: {', '.join(folded.get(n, n) for n in close)}" if close else "; e.g. F5, Page_Down, plus"
        )
        raise UsageError(f"no key is called {name!r}{advice}")
    return _modern(keysym)


def chord(keys: str) -> tuple[int, ...]:
    """The keysyms of a chord such as "ctrl+shift+s", in the order in which they go down. "ctrl++" ends in plus.

    All but the last are modifiers. Beside a modifier other than shift a letter is the key, in whatever case it is
    written: "ctrl+S" is "ctrl+s", and "ctrl+shift+s" is the other one.
    """
    whole = ["+"] if keys == "+" else [*keys[:-2].split("+"), "+"] if keys.endswith("++") else keys.split("+")
    names = [name.strip() or name for name in whole]
    if "" in names:
        raise UsageError(f"the chord {keys!r} has a key without a name; write e.g. ctrl+s, or ctrl++ for plus")
    *held, last = (keysym_of_name(name) for name in names)
    for name, keysym in zip(names, held, strict=False):
        if not is_modifier(keysym):
            raise UsageError(f"{name!r} in {keys!r} is no modifier; only the last key of a chord may be another one")
    if 0x41 <= last <= 0x5A and any(keysym != SHIFT for keysym in held):
        last += 0x20
    return (*held, last)


def modifier(name: str) -> int:
    """The keysym of a modifier, by name."""
    keysym = keysym_of_name(name)
    if not is_modifier(keysym):
        raise UsageError(f"{name!r} is no modifier; use ctrl, shift, alt or super")
    return keysym


def is_modifier(keysym: int) -> bool:
    """Is it held rather than tapped?"""
    return (keysym in _MODIFIERS and keysym not in _CAPS_LOCKS) or keysym == ALT_GR


def is_character(keysym: int) -> bool:
    """Does it give a character, not a function?"""
    return keysym < 0xFE00 or _UNICODE <= keysym < 0x01110000


def _modern(keysym: int) -> int:
    """The same character's keysym in the Unicode range, where this is one of the old ones for it."""
    row, byte = keysym >> 8, keysym & 0xFF
    encoding = _OLD.get(row) or ("koi8-r" if row == 6 and byte >= 0xC0 else "iso8859-7" if keysym in _GREEK else "")
    if keysym == 0x20AC:
        return _UNICODE | 0x20AC
    if not encoding or byte < 0xA1:
        return keysym
    character = bytes([byte]).decode(encoding, "ignore")
    return keysym_of_character(character) if character else keysym


@cache
def _names() -> tuple[dict[str, int], dict[str, str]]:
    """Every name that X knows with its keysym; and, in lower case, the names that this tells apart."""
    from xcffib import keysymdef, xf86keysym

    names = {name[3:]: value for name, value in vars(keysymdef).items() if name.startswith("XK_")}
    names |= {f"XF86{name[7:]}": value for name, value in vars(xf86keysym).items() if name.startswith("XF86XK_")}
    folded: dict[str, str] = {}
    for name in names:
        folded[name.casefold()] = name if name.casefold() not in folded else ""
    return names, {low: name for low, name in folded.items() if name}
