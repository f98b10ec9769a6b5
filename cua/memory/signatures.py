"""What makes two looks the same screen for the action memory: structure without values, and what the task names on it.

A signature holds the app, the kind of window or page, and the controls by role and name. It never holds what lists
and tables show or what fields hold, and a value of the task inside a label stands as a slot, so that one screen is one
screen for all the tasks of a template. Pure over observations.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from cua.core import Element, Observation
from cua.screen import ACTABLE, STOCK, active, called, stable, window_key

COLLECTIONS = frozenset(
    {"list", "listbox", "table", "grid", "tree", "treegrid", "feed", "row", "listitem", "article", "rowgroup"}
)
ITEMS = frozenset({"option", "cell", "treeitem", "row", "listitem", "article", "gridcell", "link"})
_STRUCTURE = (ACTABLE | {"searchbox", "switch", "menu", "menubar", "tablist", "toolbar", "dialog", "form"} | STOCK) - {
    "cell", "option", "treeitem", "link",
}  # fmt: skip
_FLAGS = frozenset({"checked", "selected", "pressed", "expanded", "disabled"})
_STATEFUL = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "tab"})
_CHOSEN = frozenset({"checkable", "checked", "selected", "pressed"})
_VOLATILE = re.compile(r"\d|^[0-9a-f]{8,}$|^.{33,}$|%[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """What a task names and a run used: the text as written, the text as it is compared, and what kind of text it is
    ("word", "quoted", "number", "file", "path", "url", "chord", "param:<name>", or "rest" for the clauses after).
    """

    text: str
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, read once.

    `where` and `controls` are the structure, `text` both as lines and `base` what stands for them; `states` are the
    controls that are on or off, chosen or not, outside of lists. `said` is what is written on it (names and values, as
    compared) with the roles and states that it has there, `shown` the same texts as they are written, and `written` all
    of it, in order.
    """

    where: tuple[str, ...]
    controls: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    said: dict[str, tuple[str, ...]] = field(repr=False)
    shown: dict[str, str] = field(repr=False)
    text: str = field(repr=False)
    written: str = field(repr=False)
    base: bytes = b""


def plain(text: str) -> str:
    """How texts are compared: no case, single spaces, no dots or colon at the end."""
    return " ".join(text.casefold().split()).rstrip(".…:").rstrip()


def digest(*parts: str | bytes) -> bytes:
    """Sixteen bytes that stand for these parts, in this order."""
    taken = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        taken.update(len(data).to_bytes(4, "big"))
        taken.update(data)
    return taken.digest()


def flags(element: Element) -> tuple[str, ...]:
    """The states that tell whether an act on it is still to be done."""
    return tuple(sorted(element.states & _FLAGS))


class Shown:
    """A look without its picture, the same only as itself: what is read of it need be read but once."""

    __slots__ = ("now",)

    def __init__(self, now: Observation) -> None:
        self.now = replace(now, frame=None)

    def __hash__(self) -> int:
        return id(self.now.elements)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Shown) and self.now.elements is other.now.elements
        return same and self.now.place == getattr(other, "now", self.now).place


def seen(now: Observation) -> Seen:
    """The observation as the action memory compares it: of the active window, only what shows. It is for reading: who
    asks again of the same look is given the same.
    """
    return _seen(Shown(now))


@lru_cache(maxsize=8)
def _seen(look: Shown) -> Seen:
    now = look.now
    inside = _inside(now)
    front = active(now)
    controls: set[tuple[str, str]] = set()
    said: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    listed = [False] * len(now.elements)
    states: list[tuple[str, str]] = []
    written: list[str] = []
    for at, element in enumerate(now.elements):
        listed[at] = element.role in COLLECTIONS or (element.parent >= 0 and listed[element.parent])
        if not inside[at]:
            continue
        name = plain(called(element)) if element.name or element.description else ""
        if element.role in _STRUCTURE and not (element.parent >= 0 and listed[element.parent]):
            controls.add((element.role, re.sub(r"\d+", "#", name)[:60]))
            if element.role in _STATEFUL or element.states & _CHOSEN:
                states.append((name, " ".join((element.role, *flags(element)))))
        for raw in (element.name, element.value):
            if raw:
                written.append(f"{element.role} {plain(raw)}")
                key = plain(raw)
                said.setdefault(key, set()).add(" ".join((element.role, *flags(element))))
                shown.setdefault(key, raw)
    window = window_key(now, front) if front else ""
    where = (now.place.app, window, stable(now.place.window) if not front else "", *_address(now.place.url))
    ordered = tuple(sorted(controls))
    kept = {key: tuple(sorted(roles)) for key, roles in said.items()}
    text = "\n".join(sorted((*where, *(f"{role} {name}" for role, name in ordered))))
    return Seen(where, ordered, tuple(states), kept, shown, text, "\n".join(written), digest(text))


def signature(look: Seen, values: Sequence[Value]) -> bytes:
    """The screen, with the values that the task names taken out of what is written on it. A control that bears just the
    value stays: it is one of those to choose from, and they are there whatever is chosen.
    """
    keys = {value.key for value in values if value.key in look.text}
    if not keys - {""}:
        return look.base
    where = (_without(part, values) for part in look.where)
    labels = (f"{role} {name if name in keys else _without(name, values)}" for role, name in look.controls)
    return digest("\n".join(sorted((*where, *labels))))


def content(look: Seen, values: Sequence[Value]) -> bytes:
    """All that the screen shows, in order, with the values that the task names taken out."""
    return digest(_without(look.written, values))


def _without(text: str, values: Sequence[Value]) -> str:
    for number, value in enumerate(values):
        if len(value.key) > 1 and value.kind != "rest" and value.key in text:
            text = re.sub(rf"(?<!\w){re.escape(value.key)}(?!\w)", f"\ue010{number}", text)
    return text


def view(look: Seen, values: Sequence[Value], words: frozenset[str]) -> str:
    """Which of the values are written on the screen, on what, and in which state; and the states of the controls that
    bear one of these words, or of all controls if none does: whether they are on decides what is to be done.
    """
    numbers = {value.key: number for number, value in enumerate(values) if value.kind != "rest"}
    named = [",".join(look.said.get(key, ())) for key in numbers]
    mine = [state for state in look.states if not words.isdisjoint(state[0].split())] or look.states
    return "\n".join((*named, *(f"{numbers.get(key, key)}={state}" for key, state in mine)))


def _inside(now: Observation) -> list[bool]:
    """For each element, whether it shows and is of the window that takes input."""
    front = active(now)
    marked = any("showing" in element.states for element in now.elements)
    roots: list[Element] = []
    for element in now.elements:
        roots.append(roots[element.parent] if element.parent >= 0 else element)
    return [
        (front is None or root is front) and ("showing" in element.states or not marked)
        for element, root in zip(now.elements, roots, strict=True)
    ]


def _address(url: str) -> tuple[str, ...]:
    """Scheme, host and path of a url, what changes from visit to visit as "*", and the names of its parameters."""
    if not url:
        return ()
    try:
        parts = urlsplit(url)
    except ValueError:  # no url by the standard's measure: it stands for itself
        return (url,)
    fragment = parts.fragment if "/" in parts.fragment else ""
    path = [_part(part) for part in (*parts.path.split("/"), "#", *fragment.split("/")) if part]
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return (f"{parts.scheme}://{parts.netloc}", "/".join(path), " ".join(names))


def _part(part: str) -> str:
    return "*" if _VOLATILE.search(part) else plain(part)
