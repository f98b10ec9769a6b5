"""Reading the GVDB files that keep desktop settings, and GVariant values in binary and text form.

`read` gives a table of key names to values in GVariant text form, letter for letter as the desktop's own tools print
them. It never writes, and takes nothing in the bytes on trust: every offset is checked, and what does not add up is a
`SandboxError`. Only little-endian files are read.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cua.errors import SandboxError

_MAGIC = b"GVariant"
_SWAPPED = b"raVGtnai"
_NO_PARENT = 0xFFFFFFFF
_DEEPEST = 64
_LONGEST_TYPE = 255
_LONGEST_NAME = 4096
_LETTERS = frozenset("bynqihuxtdsogvam(){}")
_NUMBERS = dict(zip("bynqihuxtd", ("<?", "<B", "<h", "<H", "<i", "<i", "<I", "<q", "<Q", "<d"), strict=True))
_WORDS = {"y": "byte", "n": "int16", "q": "uint16", "h": "handle", "u": "uint32", "x": "int64", "t": "uint64"}
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_Item = tuple[int, int, int, int, bytes, int, int]


@dataclass(frozen=True, slots=True)
class Variant:
    """A value with its own type. Lists are arrays and maybes (none or one item); tuples are tuples and entries."""

    type: str
    value: Value


Value = bool | int | float | str | list["Value"] | tuple["Value", ...] | Variant


@dataclass(frozen=True, slots=True)
class Table:
    """One hash table: values by full key name in GVariant text form, and the tables inside it."""

    values: Mapping[str, str]
    tables: Mapping[str, Table]


@lru_cache(maxsize=4096)
def members(types: str) -> tuple[str, ...]:
    """The complete types that stand one after the other in `types`."""
    found: list[str] = []
    start = depth = 0
    for index, letter in enumerate(types[: _LONGEST_TYPE + 1]):
        depth += (letter in "({") - (letter in ")}")
        if letter not in _LETTERS or depth < 0:
            break
        if depth == 0 and letter not in "am":
            found.append(types[start : index + 1])
            start = index + 1
    if start < len(types):
        raise SandboxError(f"{types[:80]!r} is not a GVariant type; the file is damaged or of another kind")
    return tuple(found)


@lru_cache(maxsize=4096)
def _layout(type_: str) -> tuple[int, int | None]:
    """Alignment, and the size if it is the same for all values of the type."""
    if type_[0] in _NUMBERS:
        size = struct.calcsize(_NUMBERS[type_[0]])
        return size, size
    if type_[0] in "({":
        return _tuple_layout(members(type_[1:-1]))
    if type_[0] in "am":
        return _layout(type_[1:])[0], None
    return (8 if type_[0] == "v" else 1), None


def _tuple_layout(parts: tuple[str, ...]) -> tuple[int, int | None]:
    align, total, fixed = 1, 0, True
    for part in parts:
        own_align, size = _layout(part)
        align = max(align, own_align)
        fixed = fixed and size is not None
        total = _aligned(total, own_align) + (size or 0)
    return align, (_aligned(total, align) or 1) if fixed else None


def _aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align


def decode(data: bytes, type_: str, *, depth: int = 0) -> Value:
    """The value of one complete type in GVariant's binary form."""
    if depth > _DEEPEST:
        raise SandboxError(f"GVariant nested deeper than {_DEEPEST} levels; the file is damaged")
    if type_ in _NUMBERS:
        _need(len(data) == _layout(type_)[1], type_)
        number: bool | int | float = struct.unpack(_NUMBERS[type_], data)[0]
        return number
    match type_[0]:
        case "s" | "o" | "g":
            _need(data.endswith(b"\0"), type_)
            return data[:-1].decode("utf-8", "replace")
        case "v":
            body, zero, inner = data.rpartition(b"\0")
            _need(bool(zero) and len(members(kind := inner.decode("ascii", "replace"))) == 1, type_)
            return Variant(kind, decode(body, kind, depth=depth + 1))
        case "m":
            if not data:
                return []
            return [decode(data if _layout(type_[1:])[1] else data[:-1], type_[1:], depth=depth + 1)]
        case "a":
            return [decode(item, type_[1:], depth=depth + 1) for item in _items(data, type_[1:])]
        case _:
            parts = members(type_[1:-1])
            fields = zip(_fields(data, parts), parts, strict=True)
            return tuple(decode(item, part, depth=depth + 1) for item, part in fields)


def _need(holds: bool, type_: str) -> None:
    if not holds:
        raise SandboxError(f"bytes do not hold a GVariant of type {type_!r}; the file is damaged")


def _offset_size(length: int) -> int:
    return 1 if length <= 0xFF else 2 if length <= 0xFFFF else 4


def _items(data: bytes, item: str) -> Iterator[bytes]:
    align, size = _layout(item)
    if not data:
        return
    if size is not None:
        _need(len(data) % size == 0, f"a{item}")
        yield from (data[start : start + size] for start in range(0, len(data), size))
        return
    width = _offset_size(len(data))
    first = int.from_bytes(data[-width:], "little")
    _need(first < len(data) and (len(data) - first) % width == 0, f"a{item}")
    start = 0
    for at in range(first, len(data), width):
        end = int.from_bytes(data[at : at + width], "little")
        start = _aligned(start, align)
        _need(start <= end <= first, f"a{item}")
        yield data[start:end]
        start = end


def _fields(data: bytes, parts: tuple[str, ...]) -> Iterator[bytes]:
    width = _offset_size(len(data))
    limit = len(data) - width * sum(_layout(part)[1] is None for part in parts[:-1])
    start, offset = 0, len(data)
    for index, part in enumerate(parts):
        align, size = _layout(part)
        start = _aligned(start, align)
        if size is not None:
            end = start + size
        elif index == len(parts) - 1:
            end = limit
        else:
            offset -= width
            end = int.from_bytes(data[max(offset, 0) : offset + width], "little")
        _need(0 <= start <= end <= limit, "(" + "".join(parts) + ")")
        yield data[start:end]
        start = end


def to_text(value: Value, type_: str, *, annotate: bool = False) -> str:
    """The value as GLib prints it; `annotate` says the types that a reader could not guess."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number_text(value, type_, annotate)
        case str():
            word = {"o": "objectpath ", "g": "signature "}.get(type_, "") if annotate else ""
            return word + (_quoted(value) if type_ == "s" else f"'{value}'")
        case Variant():
            return f"<{to_text(value.value, value.type, annotate=True)}>"
        case tuple():
            parts = members(type_[1:-1])
            texts = [to_text(item, part, annotate=annotate) for item, part in zip(value, parts, strict=True)]
            return ": ".join(texts) if type_[0] == "{" else f"({', '.join(texts)}{',' * (len(texts) == 1)})"
        case _:
            return _list_text(value, type_, annotate)


def _list_text(items: list[Value], type_: str, annotate: bool) -> str:
    said = f"@{type_} " if annotate else ""
    if type_[0] == "m":
        return said + _maybe_text(items, type_)
    if type_ == "ay" and items and items[-1] == 0 and 0 not in items[:-1]:
        return _byte_string(bytes(item for item in items[:-1] if isinstance(item, int)))
    opening, closing = "{}" if type_[1] == "{" else "[]"
    if not items:
        return said + opening + closing
    texts = [to_text(item, type_[1:], annotate=annotate and not index) for index, item in enumerate(items)]
    return opening + ", ".join(texts) + closing


def _maybe_text(items: list[Value], type_: str) -> str:
    justs = 0
    inner: Value = items
    while type_[0] == "m" and isinstance(inner, list):
        if not inner:
            return "just " * justs + "nothing"
        inner, type_, justs = inner[0], type_[1:], justs + 1
    return to_text(inner, type_)


def _number_text(value: int | float, type_: str, annotate: bool) -> str:
    word = f"{_WORDS[type_]} " if annotate and type_ in _WORDS else ""
    if type_ != "d":
        return f"{word}0x{value:02x}" if type_ == "y" else f"{word}{value}"
    text = f"{value:.17g}"
    return text if any(letter in text for letter in ".en") else f"{text}.0"


def _quoted(text: str) -> str:
    quote = '"' if "'" in text else "'"
    return quote + "".join(_letter(letter, quote) for letter in text) + quote


def _letter(letter: str, quote: str) -> str:
    if letter in (quote, "\\"):
        return "\\" + letter
    if unicodedata.category(letter) not in ("Cc", "Cf", "Cn", "Cs"):
        return letter
    return _ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}")


def _byte_string(data: bytes) -> str:
    named = {ord(letter): escape for letter, escape in _ESCAPES.items() if letter != "\a"} | {34: '\\"', 92: "\\\\"}
    body = "".join(named.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data)
    return f'b"{body}"' if b"'" in data else f"b'{body}'"


def read(data: bytes) -> Table:
    """The root table of a GVDB file."""
    if data.startswith(_SWAPPED):
        raise SandboxError("this GVDB file was written on a big-endian machine; read it on one like it")
    if not data.startswith(_MAGIC) or len(data) < 24:
        raise SandboxError("not a GVDB file: it does not begin with the word GVariant and a root table")
    start, end = struct.unpack_from("<II", data, 16)
    return _Reader(data).table(start, end, 0)


class _Reader:
    """Reads tables out of one file, and gives up when they claim more bytes than the file has."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = 2 * len(data)

    def table(self, start: int, end: int, depth: int) -> Table:
        self._claim(start, end, 8)
        blooms, buckets = struct.unpack_from("<II", self._data, start)
        first = start + 8 + 4 * (blooms & 0x07FFFFFF) + 4 * buckets
        if depth > _DEEPEST or first > end or (end - first) % 24:
            raise SandboxError(f"the GVDB table at byte {start} does not add up; the file is damaged")
        items: list[_Item] = [struct.unpack_from("<IIIHcxII", self._data, at) for at in range(first, end, 24)]
        values: dict[str, str] = {}
        tables: dict[str, Table] = {}
        for index, (_, _, _, _, kind, low, high) in enumerate(items):
            if kind == b"v":
                self._claim(low, high, 0)
                values[self._name(items, index)] = _value_text(self._data[low:high])
            elif kind == b"H":
                tables[self._name(items, index)] = self.table(low, high, depth + 1)
        return Table(values, tables)

    def _claim(self, start: int, end: int, least: int) -> None:
        self._left -= end - start
        if end - start < least or start > end or end > len(self._data) or self._left < 0:
            raise SandboxError(f"a GVDB pointer ({start} to {end}) leads nowhere; the file is damaged")

    def _name(self, items: list[_Item], index: int) -> str:
        """The item's key after those of its parents."""
        pieces: list[bytes] = []
        length = 0
        while index != _NO_PARENT:
            if index >= len(items) or len(pieces) > _DEEPEST or length > _LONGEST_NAME:
                raise SandboxError("a GVDB key has no true parent or no end; the file is damaged")
            _, index, key, size, *_ = items[index]
            pieces.insert(0, self._data[key : key + size])
            length += size
        return b"".join(pieces).decode("utf-8", "backslashreplace")


def _value_text(data: bytes) -> str:
    """What cannot be decoded is shown in hexadecimal, so that a change of it is still seen."""
    try:
        value = decode(data, "v")
    except SandboxError:
        return f"undecoded {data.hex()}"
    assert isinstance(value, Variant)
    return to_text(value.value, value.type)
