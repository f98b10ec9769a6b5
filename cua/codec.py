"""How values become bytes: every noun as JSON and back, and pixels as pictures.

One closed registry by class name holds the frozen dataclasses of `core`; `register` adds others (the checks). A value
is saved as `{"@": class name, field: value, ...}`, fields in the order of the class, so equal values give equal text.
It never saves the pixels of a frame, never imports or runs what a record names, and never guesses at a class that it
does not know.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints, overload

from cua import core
from cua.errors import RecordError

T = TypeVar("T")
Reader = Callable[[Any], Any]

UNSAVED = {(core.Frame, "pixels")}
_PNG = b"\x89PNG"
_MOST_OF_WEBP = 16383
_FEW = 20  # one in so many elements: to hash the others costs more than to write these


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one class, called `tag` in records, is taken apart and put together.

    A reader of None means: the JSON value as it is.
    """

    tag: str
    of: type
    names: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    readers: Mapping[str, Reader | None]


_shapes: dict[str, _Shape] = {}
_by_class: dict[type, _Shape] = {}


# ---------------------------------------------------------------------------------------------- saving


def save(value: object) -> Any:
    """The value as JSON-compatible dicts, lists and scalars."""
    return json.loads(dumps(value))


def dumps(value: object) -> str:
    """The value as canonical JSON text: compact, ASCII, fields in the order of their class."""
    try:
        return _encode(value)
    except ValueError as exc:
        raise RecordError(f"cannot save a {type(value).__name__}: {exc}; records hold finite numbers only") from exc


def _taken_apart(value: object) -> object:
    """What `json` asks for when it meets something that JSON has no form for."""
    shape = _by_class.get(type(value))
    if shape is not None:
        apart: dict[str, object] = {"@": shape.tag}
        apart.update(zip(shape.names, shape.values(value), strict=True))
        return apart
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    kind = type(value).__name__
    raise RecordError(
        f"cannot save a {kind}: the record does not know that class; codec.register({kind}) makes it known"
    )


_encode = json.JSONEncoder(separators=(",", ":"), default=_taken_apart, check_circular=False, allow_nan=False).encode


# ---------------------------------------------------------------------------------------------- loading


@overload
def load(document: object) -> Any: ...
@overload
def load(document: object, kind: type[T]) -> T: ...
def load(document: object, kind: type[Any] = object) -> Any:
    """What `save` was given; `kind` is what the caller expects it to be. A top-level list loads as a tuple."""
    try:
        value = _whatever(document)
    except (TypeError, ValueError, AttributeError, KeyError) as exc:
        raise RecordError(f"cannot load a record of this shape: {exc}; it was damaged or written by hand") from exc
    if not isinstance(value, kind):
        raise RecordError(f"the record holds a {type(value).__name__} where a {kind.__name__} belongs; it was damaged")
    return value


@overload
def loads(text: str | bytes) -> Any: ...
@overload
def loads(text: str | bytes, kind: type[T]) -> T: ...
def loads(text: str | bytes, kind: type[Any] = object) -> Any:
    """What `dumps` was given."""
    try:
        document = json.loads(text)
    except ValueError as exc:
        raise RecordError(f"cannot load a record that is no JSON: {exc}; it was damaged or written by hand") from exc
    return load(document, kind)


def _whatever(value: Any) -> Any:
    if isinstance(value, dict):
        return _put_together(value)
    return tuple(_whatever(item) for item in value) if isinstance(value, list) else value


def _put_together(value: Any) -> Any:
    """The dataclass that a dict names; a scalar stays what it is, for it stands beside dataclasses in unions."""
    if not isinstance(value, dict):
        return value
    if (shape := _shapes.get(value["@"])) is None:
        raise RecordError(f"the record names {value['@']!r}, unknown here; a later cua wrote it, or codec.register it")
    readers = shape.readers
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if name != "@":
            reader = readers[name]
            kept[name] = item if reader is None else reader(item)
    return shape.of(**kept)


# ---------------------------------------------------------------------------------------------- the registry


def register(*classes: type, prefix: str = "") -> None:
    """Make frozen dataclasses known, by their names with `prefix` before them where another class is called alike.

    TypeError for a class that could not be loaded as it was saved.
    """
    for of in classes:
        if not (is_dataclass(of) and of.__dataclass_params__.frozen):  # type: ignore[attr-defined]
            raise TypeError(f"{of!r} is no frozen dataclass, and only those are saved")
        tag = prefix + of.__name__
        if tag in _shapes and _shapes[tag].of is not of:
            raise TypeError(f"two classes are called {tag}; records name classes, so rename {of!r}")
        _shapes[tag] = _by_class[of] = _shape_of(of, tag)


def _shape_of(of: type, tag: str) -> _Shape:
    names = tuple(item.name for item in fields(of) if (of, item.name) not in UNSAVED)
    hints = get_type_hints(of)
    readers: dict[str, Reader | None] = {}
    for name in names:
        try:
            readers[name] = _reader(hints[name])
        except TypeError as exc:
            raise TypeError(f"{of.__name__}.{name} cannot be saved: {exc}") from exc
    return _Shape(tag, of, names, _values_of(names), readers)


def _values_of(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _reader(hint: Any) -> Reader | None:
    """How a JSON value becomes what the field's type says."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in (str, int, float, bool, NoneType) or origin is Literal:
        return None
    if origin in (Union, UnionType):
        return _reader_of_union(hint, inner)
    if origin is tuple:
        return _reader_of_tuple(inner)
    if origin is frozenset and inner[0] in (str, int):
        return frozenset
    if origin in (Mapping, dict) and inner[0] is str:
        return _reader_of_mapping(_reader(inner[1]))
    if isinstance(hint, type) and (is_dataclass(hint) or getattr(hint, "_is_protocol", False)):
        return _put_together
    raise TypeError(f"there is no JSON form for {hint!r}")


def _reader_of_union(hint: Any, inner: tuple[Any, ...]) -> Reader | None:
    readers = [reader for reader in map(_reader, inner) if reader is not None]
    if all(reader is _put_together for reader in readers):
        return _put_together if readers else None
    if len(readers) > 1:
        raise TypeError(f"JSON cannot tell the members of {hint!r} apart")
    only = readers[0]
    return lambda value: only(value) if isinstance(value, dict | list) else value


def _reader_of_tuple(inner: tuple[Any, ...]) -> Reader:
    if len(inner) == 2 and inner[1] is Ellipsis:
        each = _reader(inner[0])
        return tuple if each is None else lambda value: tuple([each(item) for item in value])
    row = [_reader(hint) for hint in inner]
    return lambda value: tuple(item if r is None else r(item) for r, item in zip(row, value, strict=True))


def _reader_of_mapping(each: Reader | None) -> Reader:
    if each is None:
        return dict
    return lambda value: {key: each(item) for key, item in value.items()}


# ---------------------------------------------------------------------------------------------- screens and pictures


class Screens:
    """Screens as text and hash. Remembers the last one, for the next usually differs in a few elements or in none."""

    def __init__(self) -> None:
        self._elements: tuple[core.Element, ...] | None = None
        self._texts: list[str] = []
        self._text = b""
        self._sha = ""

    def sha(self, elements: tuple[core.Element, ...]) -> str:
        """The hash of the screen's canonical JSON."""
        if self._elements is not elements:
            before = self._elements or ()
            same = {id(element): text for element, text in zip(before, self._texts, strict=True)}
            many = sum(id(element) not in same for element in elements) > len(elements) // _FEW
            equal = dict(zip(before, self._texts, strict=True)) if many else {}
            texts = [same.get(id(e)) or (equal.get(e) if many else None) or dumps(e) for e in elements]
            if self._elements is None or texts != self._texts:
                self._text = f"[{','.join(texts)}]".encode("ascii")
                self._sha = hashlib.sha256(self._text).hexdigest()
            self._elements, self._texts = elements, texts
        return self._sha

    def packed(self) -> bytes:
        """The screen that was hashed last, compressed; `unpacked` reads it."""
        return zlib.compress(self._text, 3)


def unpacked(packed: bytes) -> tuple[core.Element, ...]:
    """The elements that `Screens.packed` gave."""
    try:
        return cast(tuple[core.Element, ...], loads(zlib.decompress(packed), tuple))
    except zlib.error as exc:
        raise RecordError(f"a screen in the record is damaged ({exc}); the run that saw it cannot be shown") from exc


def drawn(frame: core.Frame) -> tuple[str, bytes]:
    """The frame's pixels as a lossless picture, and the ending of its name. They must still be there.

    WebP: a third of the size of a PNG in the same time. It has no picture of more than 16,383 pixels a side.
    """
    kind = "webp" if max(frame.width, frame.height) <= _MOST_OF_WEBP and _has_webp() else "png"
    return kind, _encoded(frame, kind)


def as_png(picture: bytes) -> bytes:
    """What `drawn` gave, as PNG."""
    from PIL import Image

    if picture.startswith(_PNG):
        return picture
    out = io.BytesIO()
    try:
        Image.open(io.BytesIO(picture)).convert("RGB").save(out, "PNG", compress_level=1)
    except (OSError, SyntaxError, ValueError) as exc:
        raise RecordError(f"a picture in the record is damaged ({exc}); the steps themselves are kept") from exc
    return out.getvalue()


def _has_webp() -> bool:
    from PIL import features

    return bool(features.check("webp"))


def _encoded(frame: core.Frame, kind: str) -> bytes:
    from PIL import Image

    expected = frame.width * frame.height * 4
    if frame.pixels is None or len(frame.pixels) != expected:
        found = "none" if frame.pixels is None else len(frame.pixels)
        raise RecordError(
            f"frame {frame.sha}: {expected} bytes of BGRX expected, found {found}; the driver is at fault"
        )
    picture = Image.frombuffer("RGB", (frame.width, frame.height), frame.pixels, "raw", "BGRX", 0, 1)
    out = io.BytesIO()
    if kind == "webp":
        picture.save(out, "WEBP", lossless=True, method=1, quality=20)
    else:
        picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


register(*(noun for noun in vars(core).values() if isinstance(noun, type) and is_dataclass(noun)))
