"""How alike two labels are in words and meaning, and whether one does harm that the other does not. Only compares."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz import fuzz

from cua.policies.lexicon import keys, label_words, listed, meanings, polar, stem

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_COUNT = re.compile(r"\s*[(\[]\s*\d+\s*[)\]]|[,:]?\s*\b\d+\s+(?:items?|new|unread)\b")
# of the words for what cannot be taken back, those that labels also have for less
_MILD = frozenset({"submit", "order", "post", "format", "close", "report", "clear", "send"})
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")
_LEAVING = re.compile(r"\b(sign|log)(ging|ing)? (me )?(out|off)\b")
_AND = frozenset({"and", "then", "&", "+", "/", "und", "et", "y", "e", "en", "i", "och"})
# what labels have or leave out without meaning anything else
_IDLE = frozenset({
    "view", "see", "show", "go", "browse", "to", "the", "a", "an", "my", "our", "your", "this", "us", "page", "here",
    "now", "online", "and", "of",
})  # fmt: skip
_NARROWING = frozenset({"by", "with", "without", "using", "via", "nach", "mit", "par", "avec", "por", "con"})
_BOUND = re.compile(r"\b(?:of|for|with|by|about)\b|[:(]")
_JOINED = re.compile(r"\s*(?:&|\+|/|,|\b(?:and|or|und|et|y)\b)\s*")
_ANY_HEADS = """page pages list details detail info information settings options name number no type date record records
overview address section area centre center menu account accounts data file files item items code"""
_NONE = frozenset[int]()
SAME_WORDS = 0.97  # as alike as labels are that differ in signs, spaces or counts only
_RENAMED, SYNONYM = 0.66, 0.8
_SHORT = 4


@lru_cache(maxsize=8192)
def alike(one: str, other: str) -> float:
    """Two tidied texts in lower case: 1 for the same letters, less for the same words or meaning among others."""
    if one == other:
        return 1.0
    one, other = _COUNT.sub("", one) or one, _COUNT.sub("", other) or other
    mine, yours = _WORDS.findall(one), _WORDS.findall(other)
    if not mine or not yours:
        return 0.0
    if "".join(mine) == "".join(yours):
        return 0.98
    if [word for word in mine if word.isdigit()] != [word for word in yours if word.isdigit()]:
        return 0.5 * len(set(mine) & set(yours)) / len(set(mine) | set(yours))
    small, large = sorted((list(dict.fromkeys(mine)), list(dict.fromkeys(yours))), key=len)
    common = sum(max(_words_alike(word, other) for other in large) for word in small)
    found = 0.8 * common / (len(small) + len(large) - common)
    if common >= 0.9 * len(small) and len(large) - len(small) <= 3:
        found = max(found, 0.6 + 0.3 * found)
    one, other = one.rstrip("?!"), other.rstrip("?!")
    telling = [[word for word in words if word not in _IDLE] for words in (mine, yours)]
    if telling[0] == telling[1] != []:
        return 0.85
    if _sayings().get(one, _NONE) & _sayings().get(other, _NONE):
        return 0.85
    if len(mine) < 5 and len(yours) < 5 and found < 0.85 and one.isascii() and other.isascii():
        found = max(found, 0.85 * _meant(one, other))
    return found


def renamed(name: str, wanted: str, gone: Collection[str]) -> bool:
    """Whether a label is rather that of something else by another name: it is like one of those that are gone, and no
    more like the wanted one.
    """
    own = alike(wanted, name) if wanted else 0.0
    return own < SYNONYM and any(alike(other, name) >= max(own, _RENAMED) for other in gone)


def _words_alike(one: str, other: str) -> float:
    """The same word, another form of it, or one that is a slip away; any other word is another word, and so is one that
    begins otherwise: height and weight, inbound and outbound.
    """
    if one == other:
        return 1.0
    if min(len(one), len(other)) < 4 or one[0] != other[0]:
        return 0.0
    letters: float = fuzz.ratio(one, other) / 100
    return letters if letters >= 0.75 else 0.0


def _meant(one: str, other: str) -> float:
    """The share of the words of both that mean the same."""
    mine, yours = _meanings(one), _meanings(other)
    both = mine.keys() & yours.keys()
    covered = [len(frozenset[int]().union(*(side[key] for key in both))) for side in (mine, yours)]
    whole = [max(1, len(label_words(text))) for text in (one, other)]
    return min(covered[0] / whole[0], covered[1] / whole[1])


@lru_cache(maxsize=8192)
def _meanings(text: str) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    words = label_words(text)
    for key, _, covered in keys(words):
        if key.startswith("c:") and any(_derived(words[at]) for at in covered):
            continue
        if not key.startswith("w:") or len(covered) > 1:
            found[key] = found.get(key, frozenset()) | frozenset(covered)
    stems = tuple(stem(word) for word in words)
    for at in range(len(stems)):
        for phrase, key in _interchanged().get(stems[at], ()):
            if stems[at : at + len(phrase)] == phrase:
                found[key] = found.get(key, frozenset()) | frozenset(range(at, at + len(phrase)))
    return found


@lru_cache(maxsize=8192)
def tellings(text: str) -> tuple[str, ...]:
    """The words of a label that tell what it is for, as their stems; all of them where none does."""
    words = [word for word in _WORDS.findall(_COUNT.sub("", text.casefold())) if len(word) > 1 or word.isdigit()]
    return tuple(dict.fromkeys(stem(word) for word in words if word not in _IDLE) or map(stem, words))


def figures(text: str) -> frozenset[str]:
    """The numbers that a label says, counts of what is behind it aside."""
    return frozenset(word for word in _WORDS.findall(_COUNT.sub("", text)) if word.isdigit())


@lru_cache(maxsize=8192)
def part_of(own: str, other: str) -> bool:
    """Whether the other label is for less: it says by, for or with what where the own one does not, or it says numbers
    and none that the own one says.
    """
    if not own or alike(own, other) >= SYNONYM:
        return False
    if figures(other) and figures(own).isdisjoint(figures(other)):
        return not re.fullmatch(rf"{re.escape(own)}\W*\d{{1,3}}", other)  # "All 3" says how many there are
    return bool(_NARROWING.intersection(_WORDS.findall(other)[:-1]) - set(_WORDS.findall(own)))


@lru_cache(maxsize=8192)
def other_thing(own: str, other: str) -> bool:
    """Whether what the other label is about in the end is not said by the own one: a timetable's changes are no
    timetable. Words that say of anything that it is a page, a list or a name count as none.
    """
    said, heads = set(tellings(own)), _heads(other)
    return bool(heads) and said.isdisjoint(heads) and not said.isdisjoint(tellings(other))


def _heads(text: str) -> set[str]:
    """The last telling word of a label, without what follows "of" and the like; of two joined by "and", of each."""
    found = set()
    for part in _JOINED.split(_BOUND.split(text.casefold())[0]):
        stems = [word for word in tellings(part) if word not in _any_heads()]
        found |= set(stems[-1:])
    return found


@cache
def _any_heads() -> frozenset[str]:
    return frozenset(stem(word) for word in _ANY_HEADS.split())


def _derived(word: str) -> bool:
    """Whether a word is for one who does what its stem says: forwarders are not what is forward."""
    return word.endswith(("er", "ers")) and not stem(word).endswith(("er", "e"))


@cache
def _sayings() -> dict[str, frozenset[int]]:
    """What is said alike as a whole, by the numbers of the lines that it stands in."""
    found: dict[str, frozenset[int]] = {}
    for number, line in enumerate(listed_acts()["sayings"]["same"]):
        for text in line.split(" = "):
            found[text] = found.get(text, _NONE) | {number}
    return found


@cache
def _interchanged() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Phrases that may stand for each other in a label, by their first stem, with what they all mean."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for number, line in enumerate(listed_acts()["interchanged"]["words"]):
        for text in line.split(" = "):
            phrase = tuple(stem(word) for word in label_words(text))
            found.setdefault(phrase[0], []).append((phrase, f"i:{number}"))
    return found


@cache
def listed_acts() -> Mapping[str, Mapping[str, Any]]:
    """The lists of words of labels that we ship, by section and kind."""
    return tomllib.loads(files("cua.policies").joinpath("labels.toml").read_text("utf-8"))


@cache
def _on_records() -> frozenset[str]:
    return frozenset(listed_acts()["records"]["acts"].split())


@lru_cache(maxsize=8192)
def bare(text: str, words: frozenset[str]) -> str:
    """A text without these words; "" where no others are left."""
    return " ".join(word for word in text.split() if word not in words)


@lru_cache(maxsize=8192)
def beside_records(name: str) -> bool:
    """Whether a label is one of an act that usually stands beside a record: short, and it says which act first. A sign
    or nothing at all may be any act.
    """
    words = _WORDS.findall(name.casefold())
    return not words or (len(words) <= _SHORT and (words[0] in _on_records() or "".join(words) in _on_records()))


@lru_cache(maxsize=8192)
def names_its_object(name: str) -> bool:
    """Whether a label says what its act is done to, so that it is no bare "Edit" that may be done to any record."""
    words = [word for word in _WORDS.findall(name.casefold()) if len(word) > 1 and word not in _IDLE]
    return any(word not in _on_records() for word in words)


@lru_cache(maxsize=8192)
def _harms(text: str) -> frozenset[str]:
    """Which kinds of harm a label says that it does. A word that also stands for less counts as a command only: at the
    start, or joined on.
    """
    text = text.casefold()
    words = re.findall(r"[^\W\d_]+|[&+/]", text)
    stems = [stem(word) for word in words]
    found = {"leaves"} if _LEAVING.search(text) else set()
    for at, (word, cut) in enumerate(zip(words, stems, strict=True)):
        commands = at == 0 or words[at - 1] in _AND
        if word in _MILD or cut in {stem(mild) for mild in _MILD}:
            found |= {kind for kind in _kinds(word, cut) if commands}
        else:
            found |= _kinds(word, cut)
    if not text.isascii():
        found |= {kind for sign, kind in _signs() if sign in text}
    return frozenset(found)


def _kinds(word: str, cut: str) -> frozenset[str]:
    return _harm_words().get(word, frozenset()) | _harm_words().get(cut, frozenset())


@cache
def _harm_words() -> dict[str, frozenset[str]]:
    """Every harmful word, as it is and by its stem, with its kinds."""
    found: dict[str, frozenset[str]] = {}
    for kind, line in listed_acts()["harms"].items():
        for word in line.split():
            for key in {word, stem(word)}:
                found[key] = found.get(key, frozenset()) | {kind}
    for word in listed("commits"):
        found.setdefault(stem(word), frozenset({"commits"}))
    return found


@cache
def _signs() -> tuple[tuple[str, str], ...]:
    """Harmful words of scripts that have no spaces between words."""
    harms = listed_acts()["harms"].items()
    return tuple((word, kind) for kind, line in harms for word in line.split() if _UNSPACED.fullmatch(word))


@lru_cache(maxsize=8192)
def worse(own: str, other: str) -> bool:
    """Whether the other label destroys, reaches further, or does the opposite, where the own one does not."""
    if not any(letter.isalpha() for letter in own) or not any(letter.isalpha() for letter in other) or own == other:
        return False
    if _sayings().get(own, _NONE) & _sayings().get(other, _NONE):
        return False
    mine, yours = label_words(own), label_words(other)
    stems = {stem(word) for word in mine}
    added = {stem(word) for word in yours} - stems
    if added & {stem(word) for word in listed("widening")} or _harms(other) - _harms(own):
        return True
    if (polar(mine)[2] or 1) * (polar(yours)[2] or 1) < 0:
        return True
    against = meanings()[1]
    meant = {key for key in _meanings(other) if key.startswith("c:")}
    return any(against[key] & meant - _meanings(own).keys() for key in _meanings(own) if key.startswith("c:"))


@lru_cache(maxsize=8192)
def milder(own: str, other: str) -> bool:
    """Whether a label says no more that it does what the own one did and cannot be taken back: "Delete account" is not
    "Account".
    """
    return bool(_harms(own)) and not _harms(own) & _harms(other) and alike(own, other) < SYNONYM


@lru_cache(maxsize=8192)
def harmful(name: str) -> bool:
    """Whether a label says that what it does cannot be taken back, or stops what was begun."""
    return bool(_harms(name))
