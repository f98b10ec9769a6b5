"""What a key that went down means on an X keyboard: its keysym by layout and level, its text, its name in a chord.

The server's own map is read (XKB: key types, groups and levels); keycodes that are lent another meaning for a moment
are followed as the stream of events tells of them. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import xcffib.xkb

from drivers.keysyms import is_character, is_modifier
from drivers.written import character
from drivers.x11 import X11

_CORE_KEYBOARD = 0x100
_PARTS = xcffib.xkb.MapPart.KeyTypes | xcffib.xkb.MapPart.KeySyms
_NEW_MAPS = xcffib.xkb.EventType.NewKeyboardNotify | xcffib.xkb.EventType.MapNotify
_SHIFT, _LOCK, _CONTROL = 1, 2, 4
_NAMES = {
    "alt": (0xFFE9, 0xFFEA, 0xFFE7, 0xFFE8),
    "super": (0xFFEB, 0xFFEC),
}
_ISO_LEFT_TAB, _TAB, _SPACE = 0xFE20, 0xFF09, 0x20
_TAPPED = {0xFFE9: "alt", 0xFFEA: "alt", 0xFFEB: "super", 0xFFEC: "super"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that went down. `held` are the modifiers meanwhile, of ctrl, alt, shift and super; `plain` is the keysym
    without any, of a Latin layout where the active one has none."""

    keysym: int
    plain: int
    held: frozenset[str]

    @property
    def modifier(self) -> bool:
        """Does it do nothing by itself? Locks and switches of the layout too."""
        return is_modifier(self.keysym) or 0xFE01 <= self.keysym <= 0xFE13 or self.keysym in (0xFFE5, 0xFF7F, 0xFF14)

    @property
    def tapped(self) -> str:
        """The name of a modifier that does something if it is pressed alone; else ""."""
        return _TAPPED.get(self.keysym, "")

    @property
    def shortcut(self) -> bool:
        return bool(self.held & {"ctrl", "alt", "super"})

    @property
    def text(self) -> str:
        """The character that it gives; "" for what is no text."""
        return "" if self.shortcut else character(self.keysym)

    @property
    def name(self) -> str:
        """The chord, as `XTest.press` takes it: "ctrl+shift+s", "ctrl+plus", "shift+Tab"; "" if it has none.

        A letter is called by its key with "shift" beside it, any other character by itself: it has its shift in it.
        """
        keysym = _TAB if self.keysym == _ISO_LEFT_TAB else self.keysym
        held = set(self.held)
        letter = character(self.plain)
        if self.shortcut and letter.isalpha():
            keysym = self.plain
        elif is_character(keysym) and keysym != _SPACE:
            held -= {"shift"}
        name = named(keysym)
        return "+".join([*(word for word in ("ctrl", "alt", "shift", "super") if word in held), name]) if name else ""


class Keyboard:
    """The keys of one display. Owned by the thread that owns `x11`."""

    def __init__(self, x11: X11) -> None:
        self._x11 = x11
        self._lent: dict[int, tuple[int, ...]] = {}
        with x11.edge("read the keyboard"):
            self._xkb: Any = x11.connection(xcffib.xkb.key)
            self._xkb.UseExtension(1, 0).reply()
            self._xkb.SelectEvents(_CORE_KEYBOARD, _NEW_MAPS, 0, _NEW_MAPS, 0, 0, [])
        self.read()

    def read(self) -> None:
        """The map as it is now: at the start, and when the server says that it is another one."""
        with self._x11.edge("read the keyboard"):
            found = self._xkb.GetMap(_CORE_KEYBOARD, _PARTS, 0, *[0] * 16).reply()
            modifiers = self._x11.core.GetModifierMapping().reply()
        self._types = list(found.types_rtrn)
        self._syms = {found.firstKeySym + at: row for at, row in enumerate(found.syms_rtrn)}
        width = modifiers.keycodes_per_modifier
        codes = list(modifiers.keycodes)
        self._masks = {"shift": _SHIFT, "ctrl": _CONTROL, "alt": 8, "super": 64}
        for bit in range(3, 8):
            row = {self._at(code, 0, 0) for code in codes[bit * width : (bit + 1) * width] if code}
            self._masks |= {name: 1 << bit for name, keysyms in _NAMES.items() if row & set(keysyms)}

    def lend(self, first: int, rows: tuple[tuple[int, ...], ...]) -> None:
        """Keycodes from `first` on mean this from now on; nothing, if all of a row is 0."""
        for at, row in enumerate(rows):
            if any(row):
                self._lent[first + at] = row
            else:
                self._lent.pop(first + at, None)

    def held(self, state: int) -> frozenset[str]:
        """The modifiers of an event's mask."""
        return frozenset(name for name, mask in self._masks.items() if state & mask)

    def key(self, code: int, state: int) -> Key:
        """What went down, with this mask before it."""
        chosen = state & ~(_CONTROL | self._masks["alt"] | self._masks["super"])
        if code in self._lent:
            row = self._lent[code]
            shifted = len(row) > 1 and state & _SHIFT
            return Key(row[1] if shifted else row[0], row[0], self.held(state))
        group = state >> 13 & 3
        plain = self._at(code, group, 0)
        if not _latin(plain) and is_character(plain):
            others = (self._at(code, other, 0) for other in range(4))
            plain = next((keysym for keysym in others if _latin(keysym)), plain)
        return Key(self._at(code, group, chosen), plain, self.held(state))

    def _at(self, code: int, group: int, state: int) -> int:
        """The keysym of a key in a layout with modifiers; 0 if it has none there."""
        row = self._syms.get(code)
        groups = row.groupInfo & 0x0F if row is not None else 0
        if row is None or not groups:
            return 0
        group = _wrapped(group, groups, row.groupInfo)
        kind = self._types[row.kt_index[group]]
        mods = state & kind.mods_mask
        level = next((e.level for e in kind.map if e.active and e.mods_mask == mods), 0)
        keysym = int(row.syms[group * row.width + level]) if level < row.width else 0
        if state & _LOCK and not kind.mods_mask & _LOCK and character(keysym).isalpha():
            upper = character(keysym).upper()
            return _keysym(upper) if len(upper) == 1 else keysym
        return keysym


def _wrapped(group: int, groups: int, how: int) -> int:
    """The layout that counts where a key has fewer: clamped, redirected or wrapped, as XKB's group info says."""
    if group < groups:
        return group
    if how & 0xC0 == 0x40:
        return groups - 1
    if how & 0xC0 == 0x80:
        asked = how >> 4 & 3
        return asked if asked < groups else 0
    return group % groups


def _latin(keysym: int) -> bool:
    return 0x20 < keysym < 0x100


def _keysym(text: str) -> int:
    return ord(text) if ord(text) < 0x100 else 0x01000000 | ord(text)


@cache
def named(keysym: int) -> str:
    """A name that `keysyms.keysym_of_name` takes for this keysym; "" if there is none. Signs are spelled out."""
    text = character(keysym)
    if text and is_character(keysym) and (text.isalnum() or not text.isascii()):
        return text
    return _by_keysym().get(keysym, "")


@cache
def _by_keysym() -> Mapping[int, str]:
    """One name a keysym; the shortest of the common ones, so Page_Up, not Prior."""
    from xcffib import keysymdef, xf86keysym

    names = {f"XF86{name[7:]}": value for name, value in vars(xf86keysym).items() if name.startswith("XF86XK_")}
    names |= {name[3:]: value for name, value in vars(keysymdef).items() if name.startswith("XK_")}
    found: dict[int, str] = {}
    for name, value in names.items():
        if value not in found or found[value] in ("Prior", "Next"):
            found[value] = name
    return found
