"""What else could be used beside a target: told when it is remembered, and read when it is sought again.

Of each its role, what it or what stands for a label says, and the words of its address. Pure over one look; it compares
nothing and chooses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cua.policies.fields import BESIDE, FIELDS, spoken
from cua.policies.likeness import target_of
from cua.policies.surroundings import Look, plain
from cua.screen import ACTABLE

COMPANY = "company"  # says what else could be used beside the target, in reading order, and where it was among them
CHOICES = "choices"  # says what a list offered
AND = " | "
_WAY, _SELF = " > ", "*"
_MOST, LONGEST, MOST_CHOICES = 80, 48, 6
_USED = (ACTABLE | {"searchbox", "switch", "listbox"}) - {"cell", "option", "treeitem"}
_SLUG = re.compile(r"[^\W\d_]{3,}")
_FILES = frozenset(
    {"html", "htm", "php", "asp", "aspx", "jsp", "cgi", "index", "default", "www", "com", "org", "http", "https"}
)


@dataclass(frozen=True, slots=True)
class Used:
    """Something that can be used: its role, what it or what stands for a label says, and the words of its address."""

    role: str
    name: str
    way: str = ""
    choices: tuple[str, ...] = ()


def company(look: Look, at: int) -> str:
    """What else can be used on the look of an element, nearest first where there is much, told in reading order."""
    if not look.now.place.url:
        return ""
    outer, seen = {at, *look.above(at), *look.below(at)}, set[tuple[str, str]]()
    found: list[tuple[int, str]] = []
    for place in used(look):
        each = used_at(look, place)
        key = each.role, each.name
        if place in outer or not each.name or key in seen or AND in each.name or _WAY in each.name:
            continue
        seen.add(key)
        found.append((place, f"{each.role}:{each.name[:LONGEST]}" + (f"{_WAY}{each.way}" if each.way else "")))
    near = sorted(found, key=lambda pair: abs(pair[0] - at))[:_MOST]
    told = sorted([*near, (at, _SELF)])
    return AND.join(text for _, text in told)


def used(look: Look) -> list[int]:
    return [at for at, element in enumerate(look.elements) if element.role in _USED]


@lru_cache(maxsize=2)
def usable(look: Look) -> Mapping[int, Used]:
    """All that can be used on a look and says something, by place."""
    return {at: each for at in used(look) if (each := used_at(look, at)).name}


def used_at(look: Look, at: int) -> Used:
    said, element = look.said[at], look.elements[at]
    label = label_of(element.role, look.plains[at], said)
    return Used(element.role, label, way_of(said.get("href", "")), choices(look, at))


def choices(look: Look, at: int) -> tuple[str, ...]:
    """What a list offers, the first few."""
    if look.elements[at].role not in ("combobox", "listbox"):
        return ()
    inside = (look.plains[n] for n in look.below(at) if look.elements[n].role == "option" and look.plains[n])
    return tuple(dict.fromkeys(text[:LONGEST] for text in inside if AND not in text))[:MOST_CHOICES]


def label_of(role: str, name: str, said: Mapping[str, str]) -> str:
    """What it is called; of a field, what stands for a label."""
    if name or role not in FIELDS:
        return " ".join(name.split()[_glyphs(name) :])
    return plain(said.get(BESIDE, "") or said.get("placeholder", "") or spoken(said))


def _glyphs(name: str) -> int:
    """How many letters of a font of pictures a label begins with."""
    words = name.split()
    return int(len(words) > 1 and len(words[0]) == 1 and words[0].isalpha() and words[0] not in "aiyouàé")


@lru_cache(maxsize=4096)
def way_of(href: str) -> str:
    """The words of the last part of an address that has any."""
    for part in reversed(target_of(href).split("/")):
        words = [word for word in _SLUG.findall(part.casefold()) if word not in _FILES]
        if words:
            return " ".join(words[:4])
    return ""


@lru_cache(maxsize=64)
def read(text: str) -> tuple[tuple[Used, ...], int]:
    """The company as it was, the target left out, and how many stood before it."""
    parts = text.split(AND)
    where = parts.index(_SELF) if _SELF in parts else len(parts)
    found: list[Used] = []
    for part in parts:
        if part != _SELF and ":" in part:
            named, _, way = part.partition(_WAY)
            role, _, name = named.partition(":")
            found.append(Used(role, name, way))
    return tuple(found), where
