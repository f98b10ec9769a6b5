"""Where a text still stands in a record: in which runs, facts, known steps, experience, words of goals and documents.

Texts are read as they were kept, out of JSON and what is compressed, never the form that they are kept in. A text
stands in another as whole words, whatever the case, accents and white space, also where that is escaped as in JSON, a
web address or HTML. What only a picture shows is not looked for. It changes nothing.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import sqlite3
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote_plus

from cua.memory.signatures import digest
from cua.memory.templates import END, NEXT
from cua.secret_words import folded

Where = Literal["run", "fact", "action", "experience", "words", "document", "skill", "handler"]
_OF_RUNS = ("route", "replay", "delivery")  # documents that are part of the record of a run
_WITH_IDS: dict[str, Where] = {"skill": "skill", "handler": "handler"}  # those that have an id of their own
_STRUCTURE = re.compile(r"@|[a-z][a-z_]*")  # keys that say what stands there
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SPACES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b"}
_DEEP = 4  # JSON in JSON in JSON
_GONE = "\ue011gone"  # stands where a word of a goal was forgotten; no goal holds it
_SLOT = re.compile(r"\ue012.*")
_LITERAL = re.compile(r"^(?:quoted|number|path|file|url|chord|param:[^=]*)=")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(r"[^\W_]+")
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Trace:
    """A place where it stands. `id` is that of a run, a fact, a known step, an experience, a word (`w12`) or a document
    (`d0a1...`), for a skill or handler its name; `text` says what it is.
    """

    where: Where
    id: str
    text: str = ""


class Sought:
    """Some texts that are looked for; empty ones stand nowhere."""

    def __init__(self, texts: Collection[str]) -> None:
        self._texts = tuple(filter(None, dict.fromkeys(map(_plain, texts))))
        self._words = tuple(filter(None, dict.fromkeys(map(_bare, texts))))
        self.in_text = lru_cache(maxsize=100_000)(self._in_text)

    def stands_in(self, value: Any) -> bool:
        """Whether one of them stands in a text of a JSON value."""
        match value:
            case str():
                return self.in_text(value)
            case dict():
                keys = (key for key in value if not _STRUCTURE.fullmatch(key))
                rest = (each for key, each in value.items() if key != "@")
                return any(map(self.stands_in, keys)) or any(map(self.stands_in, rest))
            case list():
                return any(map(self.stands_in, value))
            case _:
                return False

    def in_json(self, *texts: str | None) -> bool:
        """The same of JSON texts; what is none is read as it is."""
        return any(text and self._may_hold(text) and self.stands_in(_loaded(text)) for text in texts)

    def in_packed(self, *packed: bytes) -> bool:
        """The same of JSON that is compressed; what is damaged holds nothing that can be read."""
        return any(self.in_json(_unpacked(each)) for each in packed)

    def in_words(self, text: str) -> bool:
        """The same of a goal that was taken apart: only its words count."""
        said = _bare(text)
        return any(_stands(sought, said) for sought in self._words)

    def _may_hold(self, text: str) -> bool:
        """Whether the letters are there at all: to read JSON costs ten times as much."""
        return any(sought in form for form in _forms(text) for sought in self._texts)

    def _in_text(self, text: str) -> bool:
        return any(_stands(sought, form) for form in _forms(text) for sought in self._texts)


def traces(sql: sqlite3.Connection, sought: Sought) -> list[Trace]:
    """Every place where one of them stands, each once. Raises sqlite3.Error for what cannot be read."""
    finders = (_runs, _facts, _actions, _experience, _words, _documents)
    found = (trace for finder in finders for trace in finder(sql, sought))
    return sorted(dict.fromkeys(found), key=lambda trace: (trace.where, trace.id))


def stands_in_file(path: Path, sought: Sought) -> bool:
    """Whether one of them stands in a file as text. Raises OSError."""
    return sought.in_text(path.read_bytes().decode("utf-8", "replace"))


def stands_in_copy(record: Path, sought: Sought) -> bool:
    """Whether one of them stands in a damaged record, or that cannot be read to the end, so that nothing tells. Raises
    OSError where there is no room to read it beside.
    """
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if (file := record.with_name(record.name + end)).exists():
                shutil.copy(file, f"{folder}/copy{end}")
        try:
            with closing(sqlite3.connect(f"{folder}/copy")) as sql:
                return bool(traces(sql, sought))
        except (sqlite3.Error, ValueError):
            return True


def forget_word(sql: sqlite3.Connection, id: str) -> None:
    """The word of a goal is there no more, and nothing that fitted it is found again. Part of the caller's transaction.

    Its place stays taken: steps that are kept for it must never be those of other words.
    """
    child = int(id[1:])
    sql.execute("UPDATE action_words SET token = ? WHERE child = ?", (f"{_GONE}{child}", child))


def word(sql: sqlite3.Connection, id: str) -> str:
    """The words of goals up to the one of this id; "" where there is none."""
    found, child = [], int(id[1:]) if re.fullmatch(r"w\d{1,15}", id) else 0
    while row := sql.execute("SELECT parent, token FROM action_words WHERE child = ?", (child,)).fetchone():
        child = row[0]
        found.append(row[1])
    return "" if not found or found[0].startswith(_GONE) else _said(reversed(found))


def document(sql: sqlite3.Connection, id: str) -> tuple[str, str] | None:
    """The kind and name of the document of this id, if there is one."""
    names = sql.execute("SELECT DISTINCT kind, id FROM documents").fetchall()
    return next(((kind, name) for kind, name in names if _id_of(kind, name) == id), None)


# ---------------------------------------------------------------------------------------------- the parts of a record


def _runs(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    screens = {sha for sha, data in sql.execute("SELECT sha, elements FROM screens") if sought.in_packed(data)}

    def shows(seen: str | None) -> bool:
        return seen is not None and (seen[2:66] in screens or sought.in_json(seen))

    for id, goal, last, *texts in sql.execute("SELECT id, goal, last, task_id, task, ending, verdict FROM runs"):
        if sought.in_text(goal) or shows(last) or sought.in_json(*texts):
            yield Trace("run", id)
    for id, seen, *texts in sql.execute("SELECT run_id, seen, action, effect FROM steps"):
        if shows(seen) or sought.in_json(*texts):
            yield Trace("run", id)
    for id, *packed in sql.execute("SELECT run_id, request, answer FROM exchanges"):
        if sought.in_packed(*packed):
            yield Trace("run", id)


def _facts(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    current = "SELECT id FROM profile_facts WHERE (key, of, place, ended IS NULL) = (old.key, old.of, old.place, 1)"
    every = f"SELECT coalesce(({current}), id), value, aspect, of, place, source FROM profile_facts AS old"
    for id, *texts in sql.execute(every):
        if any(map(sought.in_text, texts)):
            yield Trace("fact", id)


def _actions(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    for id, *texts in sql.execute("SELECT lower(hex(id)), body, said FROM action_deeds"):
        if sought.in_json(*texts):
            yield Trace("action", f"a{id}")
    for id, said in sql.execute("SELECT DISTINCT lower(hex(deed)), said FROM action_uses"):
        if sought.in_json(said):
            yield Trace("action", f"a{id}")


def _experience(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    for id, pattern, *texts in sql.execute("SELECT id, pattern, body, app, apps FROM experience"):
        if sought.in_words(_said(json.loads(pattern))) or sought.in_json(*texts):
            yield Trace("experience", f"e{id}")
    kept = "SELECT item, body FROM experience_runs UNION SELECT item, body FROM experience_advice"
    for id, body in sql.execute(kept):
        if sought.in_json(body):
            yield Trace("experience", f"e{id}")


def _words(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    """Words of goals make a tree; told is the first one with which a goal holds it."""
    below: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for child, parent, token in sql.execute("SELECT child, parent, token FROM action_words"):
        below[parent].append((child, token))
    ways: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while ways:
        node, before = ways.pop()
        for child, token in below[node]:
            way = (*before, token)
            if sought.in_words(_said(way)):
                yield Trace("words", f"w{child}", f"words of goals: {_said(way)}")
            else:
                ways.append((child, way))


def _documents(sql: sqlite3.Connection, sought: Sought) -> Iterator[Trace]:
    runs = {id for (id,) in sql.execute("SELECT id FROM runs")}
    for kind, name, body in sql.execute("SELECT kind, id, body FROM documents"):
        if not (sought.in_json(body) or sought.in_text(name)):
            continue
        run = name if name in runs else _run_of(body)
        if kind in _OF_RUNS and run in runs:
            yield Trace("run", run)
        elif kind in _WITH_IDS:
            yield Trace(_WITH_IDS[kind], name)
        else:
            yield Trace("document", _id_of(kind, name), f"{kind} {name}")


def _run_of(body: str | None) -> str:
    kept = _loaded(body or "")
    return str(kept.get("run", "")) if isinstance(kept, dict) else ""


def _id_of(kind: str, name: str) -> str:
    return f"d{digest(kind, name).hex()[:_DIGITS]}"


def _said(tokens: Iterable[str]) -> str:
    """The words of a template of goals, with dots for what differs."""
    said = (_LITERAL.sub("", _SLOT.sub("…", token)) for token in tokens)
    return " ".join({END: "", NEXT: ";"}.get(word, word) for word in said).strip()


# ---------------------------------------------------------------------------------------------- texts


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unpacked(packed: bytes) -> str:
    try:
        return zlib.decompress(packed).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError):
        return ""


def _plain(text: str) -> str:
    plain = _FOREIGN.sub(lambda found: folded(found[0]), text.casefold())
    return " ".join(plain.split())


def _bare(text: str) -> str:
    """Its words alone, as goals are taken apart: without marks, and without the s of "Ada's"."""
    joined = re.sub(r"'s?(?!\w)|'", "", _plain(text.replace("’", "'")))
    return " ".join(_WORD.findall(joined))


def _forms(text: str) -> Iterator[str]:
    """The text as it is compared: as it is, and without what escapes it."""
    forms = [text]
    if "%" in text or "+" in text:
        forms.append(unquote_plus(text))
    if "&" in text:
        forms.append(html.unescape(text))
    for _ in range(_DEEP):
        if "\\" not in text:
            break
        text = _ESCAPED.sub(_unescaped, text)
        forms.append(text)
    yield from map(_plain, dict.fromkeys(forms))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _SPACES.get(found[3], found[3])


def _stands(sought: str, text: str) -> bool:
    """Whether it stands there without letters or digits right beside it that would make other words of it."""
    at = text.find(sought)
    while at >= 0:
        end = at + len(sought)
        if not (_one_word(text[at - 1 : at], sought[0]) or _one_word(sought[-1], text[end : end + 1])):
            return True
        at = text.find(sought, at + 1)
    return False


def _one_word(before: str, after: str) -> bool:
    """Whether these two letters belong together. Of scripts without capitals nothing tells where a word ends."""
    return all(each.isdigit() or each.lower() != each.upper() for each in (before, after))
