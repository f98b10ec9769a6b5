"""What the desktop's own settings can be: type, default, range and choices, from the installed GSettings schemas.

It reads the XML sources and the vendors' overrides, because only they say what a key is for. It never asks a running
desktop, never compiles, and never writes. Texts of values are GVariant text as the settings backends keep it, so that a
default can be compared with what `settings_files` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from cua.errors import SandboxError
from sandbox_vms.gvdb import Value, Variant, members, to_text

SYSTEM = (Path("/usr/local/share"), Path("/usr/share"))
_DEEPEST = 16
_TOKEN = re.compile(
    r"""\s*(b?'(?:\\.|[^'\\])*'|b?"(?:\\.|[^"\\])*"|@[\w({})]+|[-+.\w]+|[\[\](){}<>,:])""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))", re.DOTALL)
_NAMED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WORDS = "boolean byte int16 uint16 int32 uint32 int64 uint64 handle double string objectpath signature"
_TYPE_WORDS = dict(zip(_WORDS.split(), "bynqiuxthdsog", strict=True))


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `choices` are the only allowed texts of the value ('as' with `flags`: of each of its items)."""

    name: str
    type: str
    default: str
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[str, ...] = ()
    flags: bool = False
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema. Without a path it is relocatable: programs choose where its keys lie."""

    id: str
    path: str | None
    keys: Mapping[str, Key]
    children: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Schemas:
    """All schemas by id; `keys` by "gsettings:/path/key" for those that lie at a known path. `unread` says which files
    were passed over, and why."""

    schemas: Mapping[str, Schema]
    keys: Mapping[str, Key]
    unread: tuple[str, ...] = ()

    def defaults(self) -> dict[str, str]:
        """The text that each key has while nobody has set it."""
        return {name: key.default for name, key in self.keys.items()}


def load(data_dirs: Iterable[Path] = SYSTEM, *, desktops: tuple[str, ...] = ()) -> Schemas:
    """The schemas installed under data folders, the first of which counts most. `desktops` are the names of the running
    desktop, for overrides that are only for it."""
    folders = [folder / "glib-2.0" / "schemas" for folder in reversed(tuple(data_dirs))]
    unread: list[str] = []
    roots = [root for folder in folders for root in _roots(folder, unread)]
    enums = {node.get("id", ""): node for root in roots for node in root if node.tag in ("enum", "flags")}
    raw = {node.get("id", ""): node for root in roots for node in root.iter("schema")}
    overrides: dict[tuple[str, str], str] = {}
    for folder in folders:
        overrides |= _overrides(folder, desktops, unread)
    schemas = {name: _schema(node, raw, enums, overrides) for name, node in raw.items()}
    keys = {f"gsettings:{path}{key.name}": key for path, schema in _placed(schemas) for key in schema.keys.values()}
    return Schemas(schemas, keys, tuple(unread))


def _roots(folder: Path, unread: list[str]) -> list[Element]:
    roots: list[Element] = []
    for path in sorted([*folder.glob("*.gschema.xml"), *folder.glob("*.enums.xml")]):
        try:
            found = path.stat()
            roots.append(_root(path, found.st_mtime_ns, found.st_size))
        except (ElementTree.ParseError, ValueError, OSError) as exc:
            unread.append(f"{path}: {exc}")
    return roots


@lru_cache(maxsize=2048)
def _root(path: Path, mtime: int, size: int) -> Element:  # time and size: a changed file is read again
    return ElementTree.fromstring(path.read_bytes())


def _overrides(folder: Path, desktops: tuple[str, ...], unread: list[str]) -> dict[tuple[str, str], str]:
    """(schema, key) to text. What is for the running desktop wins, then the file whose name sorts last."""
    general: dict[tuple[str, str], str] = {}
    special: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.gschema.override")):
        parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section="\0")
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        try:
            parser.read_string(path.read_text("utf-8"))
        except (ConfigError, ValueError, OSError) as exc:
            unread.append(f"{path}: {exc}")
            continue
        for section in parser.sections():
            schema, _, desktop = section.partition(":")
            if not desktop or desktop in desktops:
                (special if desktop else general).update({(schema, key): text for key, text in parser.items(section)})
    return general | special


def _schema(
    node: Element, raw: Mapping[str, Element], enums: Mapping[str, Element], overrides: Mapping[tuple[str, str], str]
) -> Schema:
    line = [node]
    while (parent := raw.get(line[-1].get("extends", ""))) is not None and len(line) < _DEEPEST:
        line.append(parent)
    keys: dict[str, Key] = {}
    children: dict[str, str] = {}
    for ancestor in reversed(line):
        keys |= {child.get("name", ""): _key(child, enums) for child in ancestor.findall("key")}
        children |= {child.get("name", ""): child.get("schema", "") for child in ancestor.findall("child")}
        own = {child.get("name", ""): child.text or "" for child in ancestor.findall("override")}
        own |= {name: text for (schema, name), text in overrides.items() if schema == ancestor.get("id")}
        keys |= {
            name: replace(keys[name], default=canonical(own[name], keys[name].type)) for name in own if name in keys
        }
    return Schema(node.get("id", ""), node.get("path"), keys, children)


def _key(node: Element, enums: Mapping[str, Element]) -> Key:
    enum = enums.get(node.get("enum") or node.get("flags") or "")
    nicks = [] if enum is None else [value.get("nick", "") for value in enum.findall("value")]
    nicks += [choice.get("value", "") for choice in node.findall("choices/choice")]
    type_ = node.get("type") or ("as" if node.get("flags") else "s")
    limits = node.find("range")
    low, high = (None, None) if limits is None else (limits.get("min"), limits.get("max"))
    return Key(
        name=node.get("name", ""),
        type=type_,
        default=canonical(node.findtext("default", ""), type_),
        minimum=low and canonical(low, type_),
        maximum=high and canonical(high, type_),
        choices=tuple(to_text(nick, "s") for nick in nicks),
        flags=node.get("flags") is not None,
        summary=_prose(node.findtext("summary", "")),
        description=_prose(node.findtext("description", "")),
    )


def _prose(text: str) -> str:
    return " ".join(text.split())


def _placed(schemas: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """Each schema with a path it lies at: its own, or below a schema that has it as a child."""
    waiting = [(schema.path, schema, 0) for schema in schemas.values() if schema.path]
    while waiting:
        path, schema, depth = waiting.pop()
        yield path, schema
        for name, child_id in schema.children.items():
            child = schemas.get(child_id)
            if child and child.path is None and depth < _DEEPEST:
                waiting.append((f"{path}{name}/", child, depth + 1))


def canonical(text: str, type_: str) -> str:
    """A GVariant text as GLib itself would print it; a text that is not one of that type stays as it is written."""
    try:
        tokens = _tokens(text)
        value = _value(tokens, type_)
        return text.strip() if tokens else to_text(value, type_)
    except (ValueError, LookupError, SandboxError):
        return _in_one_line(text.strip())


def _in_one_line(text: str) -> str:
    """A list or dictionary that was written over several lines, with the space that GLib puts between its parts."""
    if "\n" not in text or text[0] not in "[{":
        return text
    try:
        tokens = _tokens(text)[::-1]
    except ValueError:
        return text
    return "".join(f"{word} " if word in (",", ":") or word.startswith("@") else word for word in tokens)


def _tokens(text: str) -> list[str]:
    """Last first, so that the next one is at the end."""
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"{text[at : at + 20]!r} is not GVariant text")
        tokens.append(match[1])
        at = match.end()
    return tokens[::-1]


def _value(tokens: list[str], type_: str) -> Value:
    if tokens[-1].startswith("@") or tokens[-1] in _TYPE_WORDS:
        tokens.pop()
    match type_[0]:
        case "v":
            _expect(tokens, "<")
            inner = _guessed(tokens)
            variant = Variant(inner, _value(tokens, inner))
            _expect(tokens, ">")
            return variant
        case "m" if tokens[-1] in ("nothing", "just"):
            return [] if tokens.pop() == "nothing" else [_value(tokens, type_[1:])]
        case "m":
            return [_value(tokens, type_[1:])]
        case "a" if type_ == "ay" and tokens[-1].startswith("b"):
            return [*_unquoted(tokens.pop()[1:]).encode("latin-1"), 0]
        case "a":
            return _items(tokens, type_[1:])
        case "(":
            return _fields(tokens, members(type_[1:-1]))
        case _:
            return _basic(tokens.pop(), type_)


def _expect(tokens: list[str], *wanted: str) -> str:
    if tokens[-1] not in wanted:
        raise ValueError(f"{tokens[-1]!r} where one of {wanted} belongs")
    return tokens.pop()


def _items(tokens: list[str], type_: str) -> list[Value]:
    closing = "]" if _expect(tokens, "[", "{") == "[" else "}"
    items: list[Value] = []
    while tokens[-1] != closing:
        if type_[0] == "{":
            key, value = members(type_[1:-1])
            parsed = _value(tokens, key)
            _expect(tokens, ":")
            items.append((parsed, _value(tokens, value)))
        else:
            items.append(_value(tokens, type_))
        if tokens[-1] != closing:
            _expect(tokens, ",")
    tokens.pop()
    return items


def _fields(tokens: list[str], types: tuple[str, ...]) -> tuple[Value, ...]:
    _expect(tokens, "(")
    fields: list[Value] = []
    for type_ in types:
        fields.append(_value(tokens, type_))
        if tokens[-1] != ")":
            _expect(tokens, ",")
    _expect(tokens, ")")
    return tuple(fields)


def _basic(token: str, type_: str) -> Value:
    if type_ == "b":
        return {"true": True, "false": False}[token]
    if type_ in ("s", "o", "g"):
        return _unquoted(token)
    return float(token) if type_ == "d" else int(token, 0)


def _unquoted(token: str) -> str:
    if token[0] not in "'\"":
        raise ValueError(f"{token!r} is not a quoted text")

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else chr(int(match[3], 8)) if match[3] else _NAMED.get(match[4], match[4])

    return _ESCAPE.sub(plain, token[1:-1])


def _guessed(tokens: list[str]) -> str:
    """The type of what stands in a variant: said before it, or plain from its first letters."""
    token = tokens[-1]
    if token.startswith("@"):
        return token[1:]
    if token in _TYPE_WORDS:
        return _TYPE_WORDS[token]
    if token == "[":
        return "a" + _guessed(tokens[:-1])
    if token in ("true", "false", "<"):
        return "v" if token == "<" else "b"
    if token[0] in "'\"":
        return "s"
    if token[:2] in ("b'", 'b"'):
        return "ay"
    return "d" if float(token) and not token.lstrip("-+").isdigit() else "i"
