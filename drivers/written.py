"""From keysyms to text: characters, dead keys and Compose sequences. Pure, but for X's table of those.

What cannot be known is said to be unknown: no character is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from drivers.keysyms import keysym_of_character

_UNICODE = 0x01000000
_MULTI = 0xFF20
_KEYPAD = {0xFFB0 + digit: str(digit) for digit in range(10)} | {
    0xFF80: " ", 0xFFAA: "*", 0xFFAB: "+", 0xFFAC: ",", 0xFFAD: "-", 0xFFAE: ".", 0xFFAF: "/", 0xFFBD: "=",
}  # fmt: skip
_ROWS = {
    1: "iso8859-2", 2: "iso8859-3", 3: "iso8859-4", 5: "iso8859-6", 6: "koi8-u", 7: "iso8859-7", 0xC: "iso8859-8",
    0xD: "iso8859-11",
}  # fmt: skip
# Greek in the old keysyms is in no 8-bit encoding's order where letters have accents.
_GREEK = dict(zip(range(0x7A1, 0x7BC), "ΆΈΉΊΪ\0ΌΎΫ\0Ώ\0\0΅―\0άέήίϊΐόύϋΰώ", strict=True)) | {
    0x7D2: "Σ",
    0x7F2: "σ",
    0x7F3: "ς",
}
_SERBIAN = dict(zip(range(0x6A1, 0x6B0), "ђѓёєѕіїјљњћќґўџ", strict=True))
_SINGLE = {
    0x13BC: "Œ", 0x13BD: "œ", 0x13BE: "Ÿ", 0xAA9: "—", 0xAAA: "–", 0xAAE: "…", 0xAC9: "™", 0xAD0: "‘", 0xAD1: "’",
    0xAD2: "“", 0xAD3: "”", 0xAFD: "‚", 0xAFE: "„", 0xAF1: "†", 0xAF2: "‡", 0xAE6: "•", 0x8BC: "≤", 0x8BD: "≠",
    0x8BE: "≥", 0x8C2: "∞", 0x8D6: "√", 0x8FB: "←", 0x8FC: "↑", 0x8FD: "→", 0x8FE: "↓", 0xAC3: "⅛", 0xAC4: "⅜",
    0xAC5: "⅝", 0xAC6: "⅞", 0xAB0: "⅓", 0xAB1: "⅔", 0x20AC: "€",
}  # fmt: skip
_OLD = _SINGLE | _GREEK | _SERBIAN | {keysym + 16: text.upper() for keysym, text in _SERBIAN.items()}
_DEAD = dict(
    zip(
        range(0xFE50, 0xFE67),
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328\u0345\u3099\u309a\u0323\u0309"
        "\u031b\u0338\u0313\u0314\u0325",
        strict=True,
    )
)
_SPACING = {0xFE50: "`", 0xFE51: "'", 0xFE52: "^", 0xFE53: "~", 0xFE57: '"', 0xFE5A: "ˇ", 0xFE5B: "¸", 0xFE58: "°"}
_TABLES = (Path("/usr/share/X11/locale/en_US.UTF-8/Compose"), Path("/usr/lib/X11/locale/en_US.UTF-8/Compose"))
_LINE = re.compile(r'\s*((?:<\w+>\s*)+):\s*"((?:[^"\\]|\\.)*)"')


def character(keysym: int) -> str:
    """The character of a keysym, of the keypad too; "" if it has none."""
    if _UNICODE < keysym < 0x01110000:
        return chr(keysym - _UNICODE) if keysym - _UNICODE >= 0x20 else ""
    if 0x20 <= keysym < 0x7F or 0xA0 <= keysym < 0x100:
        return chr(keysym)
    if known := (_KEYPAD.get(keysym) or _OLD.get(keysym, "").strip("\0")):
        return known
    row, byte = keysym >> 8, keysym & 0xFF
    return bytes([byte]).decode(_ROWS[row], "ignore") if row in _ROWS and byte >= 0xA1 else ""


def begins(keysym: int) -> bool:
    """Does this key wait for the next one: a dead key, or Compose?"""
    return 0xFE50 <= keysym <= 0xFE93 or keysym == _MULTI


def composed(keysyms: tuple[int, ...]) -> str | None:
    """What a sequence gives that a dead key or Compose began: "" while it waits for more, None if that is not known."""
    if keysyms[0] in _DEAD and len(keysyms) == 2 and (simple := _accented(keysyms[0], keysyms[1])):
        return simple
    known, prefixes = _table()
    same = tuple(map(_modern, keysyms))
    if same in known:
        return known[same]
    return "" if same in prefixes or len(keysyms) == 1 else None


def _accented(dead: int, keysym: int) -> str:
    base = character(keysym)
    if base == " ":
        return _SPACING.get(dead, "")
    joined = unicodedata.normalize("NFC", base + _DEAD[dead]) if base else ""
    return joined if len(joined) == 1 else ""


def _modern(keysym: int) -> int:
    text = character(keysym)
    return keysym_of_character(text) if text else keysym


@cache
def _table() -> tuple[Mapping[tuple[int, ...], str], frozenset[tuple[int, ...]]]:
    """X's table of sequences, and all that one can begin with. Empty where X has none."""
    from xcffib import keysymdef

    path = next((path for path in _TABLES if path.is_file()), None)
    names = {name[3:]: value for name, value in vars(keysymdef).items() if name.startswith("XK_")}
    known: dict[tuple[int, ...], str] = {}
    for line in path.read_text("utf-8", "replace").splitlines() if path else ():
        if found := _LINE.match(line):
            keysyms = tuple(_of(name, names) for name in re.findall(r"<(\w+)>", found[1]))
            if all(keysyms):
                known.setdefault(keysyms, re.sub(r"\\(.)", r"\1", found[2]))
    return known, frozenset(keys[:size] for keys in known for size in range(1, len(keys)))


def _of(name: str, names: Mapping[str, int]) -> int:
    if name in names:
        return _modern(names[name])
    code = re.fullmatch("U([0-9A-Fa-f]{4,6})", name)
    return keysym_of_character(chr(int(code[1], 16))) if code else 0
