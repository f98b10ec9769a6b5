"""The words we ship, and names taken apart by them: what means the same, what the opposite, what only says which way.

The words are data (`thesaurus.toml`), about user interfaces in general; no app is named. Nothing here decides anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import snowballstemmer

from cua.policies.values import NUMERAL, tokens

_LETTERS = re.compile(r"[A-Za-z ]+")
stem = cache(snowballstemmer.stemmer("english").stemWord)


@cache
def thesaurus() -> Mapping[str, Any]:
    """The words we ship, read once."""
    return tomllib.loads(files("cua.policies").joinpath("thesaurus.toml").read_text("utf-8"))


@cache
def verbs() -> frozenset[str]:
    """The words a frame or an imperative may begin with."""
    heads = [re.match(r"\(([^)]*)\)|(\w+)", say) for frame in thesaurus()["frame"] for say in frame["say"]]
    leading = {word.split()[0] for head in heads if head for word in (head[1] or head[2]).split("|")}
    return frozenset(leading | set(thesaurus()["words"]["imperatives"]))


@cache
def known_words() -> frozenset[str]:
    """Every word we know; none of them is ever taken for a misspelling."""
    data = thesaurus()
    phrases = [*data["politeness"]["stop"], *data["politeness"]["weak"], data["words"]["known"]]
    phrases += data["meaning"]["same"] + data["meaning"]["opposite"] + data["meaning"]["state"]
    phrases += [re.sub(r"\{\w+\}", "", say) for frame in data["frame"] for say in frame["say"]]
    return verbs() | grammar() | frozenset(re.findall(r"[^\W\d_]+", " ".join(phrases)))


@cache
def grammar() -> frozenset[str]:
    """The words of the frames and of politeness: how things are asked for, not what for."""
    data = thesaurus()
    said = [re.sub(r"\{\w+\}", "", say) for frame in data["frame"] for say in frame["say"]]
    return frozenset(
        re.findall(r"[a-z]{4,}", " ".join([*said, *data["politeness"]["before"], *data["negation"]["before"]]))
    )


def slip(word: str, among: Collection[str]) -> str | None:
    """The one word among these that is this word but for one slip of the keyboard."""
    from rapidfuzz.distance import OSA

    if len(word) < 3 or not word.isalpha() or word in known_words():
        return None
    near = [other for other in among if len(other) > 3 and OSA.distance(other, word, score_cutoff=1) == 1]
    return near[0] if len(near) == 1 else None


@cache
def listed(name: str) -> frozenset[str]:
    """One of the lists of small words."""
    return frozenset(thesaurus()["politeness"][name])


@cache
def meanings() -> tuple[dict[str, list[tuple[list[str], str]]], dict[str, set[str]]]:
    """Phrases by their first stem with the meaning they have, and for each meaning its opposites."""
    phrases: dict[str, list[tuple[list[str], str]]] = {}
    against: dict[str, set[str]] = {}
    data = thesaurus()["meaning"]
    for order, line in enumerate([*data["same"], *data["opposite"], *data["state"]]):
        sides = line.split(" | ")
        for side, text in enumerate(sides):
            meaning = f"c:{order}.{side}"
            against[meaning] = {f"c:{order}.{1 - side}"} if len(sides) == 2 else set()
            for phrase in text.split(" = "):
                stems = [stem(word) for word in label_words(phrase)]
                phrases.setdefault(stems[0], []).append((stems, meaning))
    return phrases, against


def label_words(text: str, kind: str = "label") -> tuple[str, ...]:
    """The words of a name as they are compared: without mnemonics, accelerators, dots; identifiers cut into words."""
    if kind == "id":
        text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^\w]|_", " ", text)
    text = re.sub(r"\t.*|\s*\((?:ctrl|alt|shift|super|f\d)[^)]*\)\s*$|(?:\.\.\.|…)|[_&](?=\w)", "", text, flags=re.I)
    if _LETTERS.fullmatch(text) and not NUMERAL & set(text.casefold().split()):
        words = text.casefold().split()
    else:
        words = [word for token in tokens(text) for word in token.word.casefold().split()]
    said = [word for word in words if word[0].isalnum()] or words or ["?"]
    return tuple(word for word in said if word not in ("a", "an", "the")) or tuple(said)


def positive(label: str) -> tuple[str, int]:
    """The thing that a label switches, and -1 where the label switches it off: "Hide toolbar" is ("toolbar", -1)."""
    words, lead, sign = polar(label_words(label))
    return " ".join(words[lead:]), sign or 1


def polar(words: tuple[str, ...]) -> tuple[tuple[str, ...], int, int]:
    """The words, how many at the start only say which way, and that way (0 if none says)."""
    lead = sign = 0
    ways, states = _ways()
    while found := next((p for p in ways.get(words[lead], ()) if words[lead : lead + len(p)] == p), None):
        if lead + len(found) >= len(words):
            break
        lead, sign = lead + len(found), (sign or 1) * (-1 if " ".join(found) in _negative() else 1)
    if words[lead] in states:
        words, sign = (*words[:lead], states[words[lead]], *words[lead + 1 :]), -(sign or 1)
    return words, lead, sign


@cache
def _negative() -> frozenset[str]:
    return frozenset(thesaurus()["words"]["negative"])


@cache
def _ways() -> tuple[dict[str, list[tuple[str, ...]]], dict[str, str]]:
    """The beginnings that only say which way, by first word, longest first; and each undone state with its state."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted([*thesaurus()["words"]["positive"], *_negative()], key=lambda said: -said.count(" ")):
        found.setdefault(phrase.split()[0], []).append(tuple(phrase.split()))
    pairs = [line.split(" | ") for line in thesaurus()["meaning"]["state"]]
    return found, {word: state.split(" = ")[0] for state, undone in pairs for word in undone.split(" = ")}


def keys(words: Sequence[str]) -> Iterator[tuple[str, float, range]]:
    """Every key by which words may be found, how sure it is, and the words it stands for."""
    phrases = meanings()[0]
    stems = [stem(word) for word in words]
    for i, word in enumerate(words):
        yield f"w:{word}", 1.0, range(i, i + 1)
        if not word.isdigit():
            yield f"s:{stems[i]}", 0.95, range(i, i + 1)
        if i + 1 < len(words):
            yield f"w:{word}{words[i + 1]}", 1.0, range(i, i + 2)
        for phrase, meaning in phrases.get(stems[i], ()):
            if stems[i : i + len(phrase)] == phrase:
                yield meaning, 0.9, range(i, i + len(phrase))
