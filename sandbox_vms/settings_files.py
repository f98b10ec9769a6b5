"""What one file in a home says, as flat keys and texts, so that a changed setting can be named.

`read_settings` recognises a file by where it lies and by what is in it. It opens no path of the home, never raises on
what the bytes hold, and never takes a person's document for settings: only hidden places of a home, less the caches,
logs, backups and the waste bin, are looked at.

Keys are "<path>#<section or nesting>/<key>"; the settings of the desktop are "gsettings:/path/key" whichever of its two
backends keeps them, those of Xfce's daemon "xfconf:/channel/key". A key that comes again gets its number: "key",
"key[1]", "key[2]".
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms import gvdb, xfconf, xml_files

_LARGEST = 5_000_000
_MOST_KEYS, _MOST_ROWS = 20_000, 500
_LONGEST_KEY, _LONGEST_BLOB, _DEEPEST = 2_000, 256, 64
_KEYFILE = ".config/glib-2.0/settings/keyfile"
_DCONF = ".config/dconf/"
_PLACE = re.compile(r"\.(?!\.|/|$|local/(?!share/|state/))")
_NO_PLACE = re.compile(
    r"(?i)(.*\W|gpu|shader|startup|media)?caches?|cacheddata|logs?|trash|te?mp|thumbnails|crash(es| reports)|\.git|\.\."
)
_NO_FILE = re.compile(
    r"(?i).*(~|_history|\.(log(\.\d+)?|lock|pid|bak|old|tmp|swp|part|txt|md|rst|org|tex|csv|tsv|html?|xhtml|svg"
    r"|css|py|sh|c|h|cpp|jsonl|ics|vcf|eml|ui))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_CALL = re.compile(r'\s*+\(?[\w.]++\s*+\(?\s*+"((?:\\.|[^"\\])*+)"[\s,]*+(.*)\)\s*+;?\s*+')
_WORDS = re.compile(r"([A-Za-z_][\w.-]*+)[ \t]++(.+)")
_BARE_KEY = re.compile(r"[\w.$@*-][\w.\-/:$@*\[\]<>!]{0,79}")
_COLON = re.compile(r"( *+)(-(?=\s)|[^\s:#\"'{}\[\]<>-][^:<>=]{0,79}:(?=\s|$))\s*+(.*)")
_JSON_EXTRA = re.compile(r'("(?:\\.|[^"\\])*+(?:"|\Z))|//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)|,(?=\s*+[}\]])')
_Pairs = Iterable[tuple[str, str]]


class _NotSettings(ValueError):
    """The bytes are not settings of the kind that was tried: never leaves this module."""


def read_settings(path: str, data: bytes, *, wal: bytes = b"") -> dict[str, str] | None:
    """The settings in one file, or None if it holds none. `path` is relative to the home, `wal` is a database's."""
    refused = any(map(_NO_PLACE.fullmatch, path.split("/"))) or _NO_FILE.fullmatch(path)
    if refused or not _PLACE.match(path) or not data or len(data) + len(wal) > _LARGEST:
        return None
    try:
        return _numbered(_keyed(path, data, wal))
    except (ValueError, LookupError, RecursionError, SandboxError, sqlite3.Error):
        return None


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    """What differs, by key in order."""
    keys = sorted(before.keys() | after.keys())
    return {key: Change(before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _keyed(path: str, data: bytes, wal: bytes) -> _Pairs:
    if path.startswith(_DCONF):
        return ((f"gsettings:{key}", value) for key, value in gvdb.read(data).values.items())
    if path == _KEYFILE:
        pairs = ((key.removeprefix("root/"), value) for key, value in _ini(_text(data)))
        return ((f"gsettings:/{key}", value) for key, value in pairs)
    if path.startswith(xfconf.FOLDER):
        return xfconf.pairs(xml_files.tree(data))
    return ((f"{path}#{key}", value) for key, value in _pairs(path, data, wal))


def _pairs(path: str, data: bytes, wal: bytes) -> _Pairs:
    if data.startswith(b"SQLite format 3\0"):
        return _sqlite(data, wal)
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        root = xml_files.tree(data)
        return _nested(xml_files.plist(root[0])) if root.tag == "plist" else xml_files.pairs(root)
    text = _text(data)
    if path.endswith(".toml"):
        return _nested(tomllib.loads(text, parse_float=str))
    readers = {".json": [_json], ".yaml": [_yaml], ".yml": [_yaml]}.get(PurePosixPath(path).suffix)
    for reader in readers or [_json, lambda text: _matched(text, _CALL), _ini, _yaml]:
        try:
            return reader(text)
        except ValueError:
            continue
    if not path.endswith((".conf", ".config", ".cfg", "rc")):
        raise _NotSettings("lines of no known kind")
    return _matched(text, _WORDS)


def _numbered(pairs: _Pairs) -> dict[str, str]:
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    for raw, value in pairs:
        key = raw.encode("utf-8", "backslashreplace").decode()
        unique = key
        while unique in found:
            seen[key] = seen.get(key, 0) + 1
            unique = f"{key}[{seen[key]}]"
        found[unique] = value.encode("utf-8", "backslashreplace").decode()
        if len(found) > _MOST_KEYS or len(key) > _LONGEST_KEY:
            raise _NotSettings("data of a program, not settings")
    return found


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = data.decode(encoding, "backslashreplace")
    if _CONTROL.search(text):
        raise _NotSettings("binary")
    return text


def _lines(text: str, comments: tuple[str, ...] = ("#", ";")) -> list[str]:
    """The lines that say something; at least one."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    found = [line for line in lines if line.strip() and not line.lstrip().startswith(comments)]
    if not found:
        raise _NotSettings("empty, or comments only")
    return found


def _matched(text: str, pattern: re.Pattern[str]) -> _Pairs:
    """Lines of one form: `user_pref("key", value);`, `(gtk_accel_path "key" "value")` or `key value`."""
    matches = [pattern.fullmatch(line) for line in _lines(text, ("#", ";", "//", "/*", "* "))]
    if not all(matches):
        raise _NotSettings("a line of another kind")
    return [(match[1], match[2]) for match in matches if match]


def _join(path: str, step: str) -> str:
    if len(path) > _LONGEST_KEY:
        raise _NotSettings("nested too long")
    return f"{path}/{step}" if path and step else path or step


def _nested(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """What JSON, TOML and property lists give: mappings and lists down to plain values."""
    if depth > _DEEPEST:
        raise _NotSettings("nested too deep")
    if isinstance(value, (dict, list)) and (value or not depth):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _nested(item, _join(path, str(key)), depth + 1)
    else:
        yield path, json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def _json(text: str) -> _Pairs:
    """JSON, also with comments and trailing commas. Numbers stay as they are written."""
    if not text.lstrip().startswith(("{", "[", "//", "/*")):
        raise _NotSettings("not an object or array")
    text = _JSON_EXTRA.sub(r"\1", _JSON_EXTRA.sub(r"\1", text))  # a comma may stand before a comment
    return _nested(json.loads(text, parse_int=str, parse_float=str))


def _ini(text: str) -> _Pairs:
    """Sections and `key=value` lines; a line further in than its key goes on with the value."""
    pairs: list[tuple[str, list[str]]] = []
    section, key_indent, sectioned = "", -1, False
    for line in _lines(text):
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if 0 <= key_indent < indent:
            pairs[-1][1].append(bare)
        elif bare.startswith("[") and bare.endswith("]"):
            section, key_indent, sectioned = bare[1:-1].replace("][", "/"), -1, True
        else:
            key, sign, value = line.partition("=" if "=" in line or not sectioned else ":")
            key = key.strip()
            if not sign or not (key if sectioned else _BARE_KEY.fullmatch(key)):
                raise _NotSettings("a line that is neither section nor key")
            pairs.append((_join(section, key), [value.lstrip(" \t")]))
            key_indent = indent
    return [(key, "\n".join(value)) for key, value in pairs]


def _yaml(text: str) -> _Pairs:
    """Lines of `key: value`, nested by indentation; `- item` is the key "-". No blocks of text."""
    pairs: list[tuple[str, str]] = []
    outer: list[tuple[int, str]] = []
    for line in _lines(text.replace("\n---\n", "\n").removeprefix("---\n")):
        match = _COLON.fullmatch(line.rstrip())
        if not match or match[3][:1] in ("|", ">"):
            raise _NotSettings("a line that is neither key nor item")
        level = 2 * len(match[1]) + (match[2] == "-")
        while outer and outer[-1][0] >= level:
            outer.pop()
        path = _join(outer[-1][1] if outer else "", match[2].removesuffix(":"))
        outer.append((level, path))
        pairs += [(path, match[3])] if match[3] else []
    return pairs


def _sqlite(data: bytes, wal: bytes) -> _Pairs:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "copy").write_bytes(data)
        (Path(folder) / "copy-wal").write_bytes(wal)
        with closing(sqlite3.connect(Path(folder) / "copy")) as database:
            database.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST // 5)
            database.set_progress_handler(lambda: 1, 20_000_000)
            database.execute("PRAGMA trusted_schema=OFF")
            listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name"
            names = [str(name) for (name,) in database.execute(listed) if not str(name).startswith("sqlite_")]
            return [pair for name in names for pair in _table(database, name)]


def _table(database: sqlite3.Connection, name: str) -> Iterator[tuple[str, str]]:
    """A row is known by its primary key, else by what is declared unique, else by its number."""
    table = '"' + name.replace('"', '""') + '"'
    columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    keys = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    for _, index, unique, origin, partial in database.execute(f"PRAGMA index_list({table})").fetchall():
        if unique and origin == "u" and not partial and not keys:
            keys = [row[2] for row in database.execute("SELECT * FROM pragma_index_info(?)", (index,))]
    cursor = database.execute(f"SELECT {'*' if keys else 'rowid, *'} FROM {table} LIMIT {_MOST_ROWS + 1}")
    rows, names = cursor.fetchall(), [column[0] for column in cursor.description][not keys :]
    if len(rows) > _MOST_ROWS:
        yield name, f"{database.execute(f'SELECT count(*) FROM {table}').fetchone()[0]} rows"
        return
    for row in rows:
        cells = dict(zip(names, map(_cell, row[not keys :]), strict=True))
        label = ",".join(cells[key] for key in keys) if keys else str(row[0])
        rest = [(f"{name}/{label}/{column}", text) for column, text in cells.items() if column not in keys]
        yield from rest or [(f"{name}/{label}", "")]


def _cell(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex() if len(value) <= _LONGEST_BLOB else f"sha256:{hashlib.sha256(value).hexdigest()}"
    return "null" if value is None else str(value)
