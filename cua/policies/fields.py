"""What a field is for, where no label says it: by its kind, its name for programs, its hint and the form it is in.

Pages that were made long ago seldom label their fields; their makers named them for programs instead. The words are
data (`labels.toml`). It reads and compares words; it never chooses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from cua.policies.wording import alike, listed_acts

BESIDE = "beside"  # what is told of a field without a label: the text beside it
FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "listbox"})
SAME = 0.85  # two fields for the same, however they are called
_UNLIKE = 0.4
_READ = 0.98  # the text beside a field is what people take for its label
_LIKE = 0.9  # a name for programs is a weaker word than a label
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS = re.compile(r"[^\W\d_]+")
_FILLING = frozenset({"input", "field", "text", "txt", "box", "form", "id", "name", "the", "your", "value", "my"})
_KINDS = frozenset({"search", "email", "password", "tel"})
_SHORT = 4
_NARROWING = frozenset({"by", "nach", "par", "por"})  # "search by name" is for less than "search" is


def called_alike(name: str, said: Mapping[str, str], label: str, here: Mapping[str, str]) -> float | None:
    """How alike two fields are called, from 0 to 1, by label or by what stands for one; None where nothing does.

    `name` and `label` are the labels, tidied and in lower case, or ""; `said` and `here` what else is known of each.
    """
    found = alike(name, label) if name and label else _beside(name, said, label, here)
    mine, yours = purpose(name, said), purpose(label, here)
    if mine and yours:
        return max(found or 0.0, SAME) if mine == yours else (found or 0.0)
    one, other = name or spoken(said), label or spoken(here)
    if one and other and bool(name) != bool(label):
        found = max(found or 0.0, _LIKE * alike(one, other))
    return found


def _beside(name: str, said: Mapping[str, str], label: str, here: Mapping[str, str]) -> float | None:
    """How alike the texts are that stand beside the fields where labels would; None where one has neither."""
    one, other = name or said.get(BESIDE, "").casefold(), label or here.get(BESIDE, "").casefold()
    return _READ * alike(one, other) if one and other else None


def labelled_otherwise(said: Mapping[str, str], label: str, here: Mapping[str, str]) -> bool:
    """Whether a field without a label had a text beside it, and this one has another label, or another text there."""
    there = label or here.get(BESIDE, "")
    return BESIDE in said and bool(there) and (called_alike("", said, label, here) or 0.0) < _UNLIKE


def purpose(label: str, said: Mapping[str, str]) -> str:
    """What it is for, as a word of ours; "" if that is not known. A label counts before all else. A list to choose from
    is for what its choices are.
    """
    if said.get("tag") == "select":
        return ""
    hint = said.get("placeholder", "").casefold()
    if label:
        return _of(label) or (_of(hint) if hint != label else "")
    kind = said.get("type", "")
    if kind in _KINDS:
        return "phone" if kind == "tel" else kind
    beside = said.get(BESIDE, "").casefold()
    own = _of(hint) or _of(beside) or _of(_split(said.get("name", ""))) or _of(_split(said.get("id", "")))
    if own or spoken(said) or kind not in ("", "text"):
        return own
    return "search" if _of(_split(said.get("form", ""))) == "search" else ""


def spoken(said: Mapping[str, str]) -> str:
    """The words of its name for programs; "" where that has none to speak of."""
    for kind in ("name", "id"):
        words = [word for word in _split(said.get(kind, "")).split() if word not in _FILLING and len(word) > 1]
        if words and len("".join(words)) > 2:
            return " ".join(words)
    return ""


@lru_cache(maxsize=4096)
def _split(text: str) -> str:
    return " ".join(_WORDS.findall(_HUMP.sub(" ", text))).casefold()


@lru_cache(maxsize=4096)
def _of(text: str) -> str:
    """The one purpose that a short text names."""
    words = _WORDS.findall(text)
    if not words or len(words) > _SHORT or _NARROWING.intersection(words):
        return ""
    joined = "".join(words)
    found = {_purposes()[word] for word in (*words, joined) if word in _purposes()}
    return found.pop() if len(found) == 1 else ""


@cache
def _purposes() -> dict[str, str]:
    return {word: purpose for purpose, line in listed_acts()["fields"].items() for word in line.split()}
