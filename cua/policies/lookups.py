"""Fields that only something is looked up with, and fields that take in what is kept: one is never taken for the other.

Pure over one look; called by `choosing`, `together` and `finding`. It rules out; it never chooses. The words are data
(`lookups.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

from cua.core import Element, Locator, Observation, Place
from cua.memory.workflows import Mark
from cua.policies.fields import BESIDE, FIELDS
from cua.policies.likeness import KEYS, attributes, key_value
from cua.policies.surroundings import Look, plain
from cua.screen import Control

FOR = "for"  # the further attribute of a field's mark that says what it is for: "search" or "entry"
_SEARCH, _ENTRY = "search", "entry"


def purpose_of(look: Look, at: int) -> str:
    """What a field is for; "" for what is none."""
    element = look.elements[at]
    return _purpose(element, look.said[at], look.now) if element.role in FIELDS else ""


def used_otherwise(mark: Mark, look: Look, at: int) -> str:
    """Why a field is not the target, if it is for looking up and that was not, or the other way round, and no key of
    the target says that it is it; "" otherwise.

    A mark that does not tell is read by its role and its words; what is called as it was is then not ruled out.
    """
    here = purpose_of(look, at)
    if not here or mark.role not in FIELDS:
        return ""
    was = mark.says.get(FOR, "") or _by_words(mark)
    untold = not was or (FOR not in mark.says and plain(mark.name) == look.plains[at] != "")
    if was == here or untold or bears_key(mark, look, at):
        return ""
    return f"{look.names[at]!r} is {'' if here == _SEARCH else 'not '}for looking something up"


def bears_key(mark: Mark, look: Look, at: int) -> bool:
    """Whether it bears a key of the target: test id, id, action, name or address."""
    said, here = attributes(mark), look.said[at]
    mine = ((kind, key_value(kind, said.get(kind, ""))) for kind in KEYS)
    return any(value and value == key_value(kind, here.get(kind, "")) for kind, value in mine)


def _by_words(mark: Mark) -> str:
    """What a field is for by its role and what was said of it; "" where nothing was."""
    said = attributes(mark)
    hints = tuple(Locator("placeholder", said[kind]) for kind in ("placeholder", "label") if said.get(kind))
    own = Element("", mark.role, mark.name, locators=hints, description=said.get("title", ""))
    told = mark.name or hints or own.description or BESIDE in said or mark.role == "searchbox"
    return _purpose(own, said, Observation(Place(""), (own,))) if told else ""


def _purpose(field: Element, said: Mapping[str, str], now: Observation) -> str:
    """By what `said` knows of it too: its kind, and the text beside it, which stands for a label."""
    read = replace(field, locators=(*field.locators, Locator("placeholder", said.get(BESIDE, ""))))
    return _SEARCH if said.get("type") == "search" or looks_up(read, now) else _ENTRY


def looks_up(field: Element, now: Observation) -> bool:
    """Whether it is a field that only something is looked up with."""
    if field.role == "searchbox" or any(holder.role == "search" for holder in now.ancestors(field)):
        return True
    hints = (at.value for at in field.locators if at.kind == "placeholder")
    return _says(" ".join((field.name, field.description, *hints)), "search", "places")


def sought_with(field: Control) -> bool:
    """Whether it is a field of an app that things are searched for with, and not one for a place to go to."""
    return field.role == "searchbox" or _says(f"{field.name} {field.description}", "search")


def _says(said: str, *kinds: str) -> bool:
    plain = fold(said)
    return any(pattern.search(plain) for kind in kinds for pattern in _words()[kind])


@cache
def _words() -> dict[str, tuple[re.Pattern[str], ...]]:
    text = files("cua.policies").joinpath("lookups.toml").read_text(encoding="utf-8")
    fields: dict[str, list[str]] = tomllib.loads(text)["fields"]
    return {kind: tuple(pattern_of(fold(word)) for word in words) for kind, words in fields.items()}


def pattern_of(phrase: str) -> re.Pattern[str]:
    """What finds a folded phrase as whole words; one that ends in a star, as their beginning."""
    if re.search(r"[\u3040-\u9fff\uac00-\ud7af]", phrase):
        return re.compile(re.escape(phrase))
    if phrase.endswith("*"):
        return re.compile(rf"\b{re.escape(phrase[:-1])}\w*")
    return re.compile(rf"\b{re.escape(phrase)}\b")


def fold(text: str) -> str:
    """Lower case, without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ł", "l").replace("’", "'"))
    kept = "".join(letter for letter in plain if not "\u0300" <= letter <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", kept).split())
