"""What a person's words ask for, and what the words on a control say that it does; compared without a model.

The words are data (`contract.toml`). Only verbs count as asking: "the last order" asks for no order. What stands in
quotes is what is to be written, never what is to be done.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import dropwhile
from typing import Any

from cua.policies import risk
from cua.policies.contract_sums import sums
from cua.policies.lexicon import keys, known_words, listed, stem
from cua.policies.lookups import fold, pattern_of

_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»|„([^“”]*)[“”]|`([^`]*)`|(?<![\w\'])\'([^\']+)\'(?!\w)|‘([^’]*)’')
_TOKEN = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*|[,;!?\n]|[.:](?!\w)")  # the dot in an address ends no clause
_OWNED = re.compile(r"['’]s?$")  # "Ada's", "James'"
_STOPS = frozenset(".,;:!?\n")
# what may stand before a verb that asks for something
_LEADS = frozenset(
    [
        "and",
        "then",
        "to",
        "please",
        "also",
        "or",
        "now",
        "just",
        "but",
        "first",
        "finally",
        "next",
        "you",
        "i",
        "we",
        "me",
        "can",
        "could",
        "would",
        "will",
        "help",
        "let",
        "lets",
        "us",
        "must",
        "should",
        "so",
        "afterwards",
        "that",
        "und",
        "dann",
        "bitte",
        "et",
        "puis",
        "y",
        "luego",
        "por",
        "favor",
        "e",
        "poi",
        "depois",
        "en",
    ]
)
_SPACELESS = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]")
_WIDE = frozenset(
    ["all", "every", "everything", "everyone", "account", "permanently", "forever", "alle", "tout", "todo", "tutto"]
)
# on a label: not only what the person means, but others' too
_REACH = _WIDE | frozenset(
    ["whole", "entire", "everybody", "everywhere", "others", "organisation", "organization", "company", "workspace",
     "team", "ganze", "ganzen", "alles", "uberall", "tous", "toute", "toutes", "partout", "equipe", "todos", "todas",
     "equipo", "tutti", "tutta"]
)  # fmt: skip
_SMALL = frozenset(
    {"now", "please", "yes", "no", "jetzt", "bitte", "maintenant", "ahora", "ora", "agora", "nu", "teraz"}
)
_POLITE = ("please", "can", "could", "would", "you", "i", "want", "like", "need", "to", "help", "me", "now", "just")
_HANDED = 3  # words before a sum among which stands what is done with it: "send Ada 30 euros"
_AWAY = 3  # words between a "not" and the verb that it forbids
# may stand apart from their verb: "put it online", "let them know" (and not "let me know")
_PARTICLES = frozenset({"off", "out", "away", "down", "up", "back", "online", "public", "live", "know", "weg", "ab"})
_APART = 5  # words between them at most


@cache
def words() -> Mapping[str, Any]:
    """The data, read once."""
    return tomllib.loads(files("cua.policies").joinpath("contract.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a goal asks for. `deeds` are kinds of acts of no return; `ends`: something is to be changed or made, so that
    forms may be ended; `keeps`: a file may be written; `copies`: what shows may be copied. `about` are the words it is
    about, `names` those that name one thing among others; `wide`: all of them are meant.
    """

    deeds: frozenset[str]
    ends: bool
    keeps: bool
    copies: bool
    about: frozenset[str]
    names: tuple[str, ...]
    wide: bool


def wish_of(goal: str) -> Wish:
    """What the person's own words ask for."""
    quoted = [next(part for part in found.groups() if part is not None) for found in _QUOTED.finditer(goal)]
    plain = _QUOTED.sub(" it ", goal)
    said = _TOKEN.findall(fold(plain))
    data = words()
    deeds = frozenset(kind for kind in data["deeds"] if _has(said, _phrases(kind)) and not _forbids(said, kind))
    if any(_has(said[max(0, at - _HANDED) : at], data["deeds"]["pays"]["sum"]) for _, at in sums(plain)):
        deeds |= {"pays"}
    ends = (
        bool(deeds - {"downloads"})
        or _has(said, data["goals"]["changes"])
        or _declares(said)
        or not (_begins(said, data["goals"]["looks"]) or "?" in said)
    )
    keeps = _has(said, data["ends"]["keeps"])
    about = frozenset(_OWNED.sub("", word) for word in risk.parted(goal).split() if word not in listed("stop"))
    names = (*quoted, *_names(plain))
    return Wish(deeds, ends, keeps, _has(said, data["goals"]["copies"]), about, names, bool(set(said) & _WIDE))


def _declares(said: list[str]) -> bool:
    """Whether it says of something what it is to be: "what was tea is now coffee", not "what is now in the cart"."""
    phrases = [fold(phrase).split() for phrase in words()["goals"]["declares"]]
    ends = (
        at + len(phrase) for phrase in phrases for at in range(2, len(said)) if said[at : at + len(phrase)] == phrase
    )
    return "?" not in said and any(end < len(said) and said[end] not in _STOPS for end in ends)


def _begins(said: list[str], phrases: Iterable[str]) -> bool:
    """Whether a clause begins with one of the phrases: "are there any", not "we are out of it"."""
    starts = [0, *(at + 1 for at, word in enumerate(said) if word in _STOPS)]
    clauses = [" ".join(dropwhile(lambda word: word in _POLITE, said[start:])) for start in starts]
    folded = [fold(phrase) if _SPACELESS.search(phrase) else f"{fold(phrase)} " for phrase in phrases]
    return any(f"{clause} ".startswith(phrase) for clause in clauses for phrase in folded)


def _phrases(kind: str) -> tuple[str, ...]:
    lists = words()["deeds"][kind]
    return (*lists["label"], *lists["asked"])


def _forbids(said: list[str], kind: str) -> bool:
    """Whether a verb of that kind stands there that is forbidden."""
    return _has(said, words()["deeds"][kind]["label"], forbidden=True)


def _has(said: list[str], phrases: Iterable[str], *, forbidden: bool = False) -> bool:
    """Whether one of the phrases stands there as a verb that nothing forbids; or, as one that is forbidden."""
    text = " ".join(said)
    for phrase in phrases:
        parts = fold(phrase).split()
        if _SPACELESS.search(phrase):
            if fold(phrase) in text and not forbidden:
                return True
            continue
        for at in range(len(said)):
            length = _length(said[at:], parts)
            if length and _verb(said, at, length, forbidden=forbidden):
                return True
    return False


def _length(said: list[str], parts: list[str]) -> int:
    """How many words the phrase takes that begins here: its own, and those before a particle that stands apart; 0 where
    none begins.
    """
    if len(said) < len(parts) or not all(map(_is, said, parts[:-1])):
        return 0
    lead, last = len(parts) - 1, parts[-1]
    if _is(said[lead], last):
        return len(parts)
    if lead != 1 or last not in _PARTICLES:
        return 0
    near, barred = said[lead : lead + _APART + 1], {"and", *(("me", "us") if last == "know" else ())}
    stop = next((at for at, word in enumerate(near) if word in _STOPS | barred), len(near))
    return lead + near.index(last) + 1 if last in near[:stop] else 0


def _is(word: str, part: str) -> bool:
    if part.endswith("*"):
        return word.startswith(part[:-1])
    return word == part or (word.isascii() and part.isascii() and stem(word) == stem(part))


def _verb(said: list[str], at: int, length: int, *, forbidden: bool) -> bool:
    """Whether what stands there is a verb: at the beginning of a clause, after what leads to one, or, where English is
    not spoken, at the end of it; and not forbidden.
    """
    before = said[at - 1] if at else "."
    last = at + length == len(said) or said[at + length] in _STOPS
    foreign = last and said[at] not in known_words()
    never = {fold(word) for word in words()["goals"]["never"]}
    if not (before in _STOPS or before in _LEADS or foreign or before in never):
        return False
    near = said[max(0, at - _AWAY) : at]
    stop = max((n for n, word in enumerate(near) if word in _STOPS or word in ("but", "then")), default=-1)
    return bool(never & set(near[stop + 1 :])) == forbidden


def _names(plain: str) -> Iterator[str]:
    """What names one thing: words with digits or capitals within a clause, addresses."""
    for clause in re.split(r"[.!?\n;]\s+", plain):
        for at, found in enumerate(re.findall(r"[^\s,;:!?()]+", clause)):
            word = _OWNED.sub("", found.rstrip("."))
            if any(letter.isdigit() for letter in word) or "@" in word or (at and word[:1].isupper() and len(word) > 1):
                yield word


# ---------------------------------------------------------------------------------------------- what labels say


@cache
def said_deeds(text: str) -> frozenset[str]:
    """The kinds of acts of no return that a label says; "other" where it says one of no known kind.

    A longer phrase that says less goes before: to "print preview" is not to print.
    """
    plain = risk.parted(text)
    mild = [*risk.spans(plain, "read"), *risk.spans(plain, "session"), *_ends(plain)]
    found = {kind: _spans(plain, f"deeds.{kind}") for kind in words()["deeds"]}
    every = [*mild, *(span for spans in found.values() for span in spans)]
    kinds = {kind for kind, spans in found.items() if any(not _covered(span, every) for span in spans)}
    if not kinds and risk.says(text) == "irreversible" and not _ends(plain):
        kinds.add("other")
    return frozenset(kinds)


def ends_form(text: str) -> bool:
    """Whether a label says that what was filled in is kept or goes on."""
    return bool(_ends(risk.parted(text)))


def turns_page(text: str) -> bool:
    """Whether a label only says that one goes on to the next page."""
    return risk.parted(text).strip() in {fold(phrase) for phrase in words()["ends"]["pages"]}


def _ends(plain: str) -> list[tuple[int, int]]:
    return _spans(plain, "ends")


def _covered(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in others)


def _spans(plain: str, section: str) -> list[tuple[int, int]]:
    return [found.span() for pattern in _patterns(section) for found in pattern.finditer(plain)]


@cache
def _patterns(section: str) -> tuple[re.Pattern[str], ...]:
    first, _, kind = section.partition(".")
    lists = words()[first][kind] if kind else words()[first]
    return tuple(pattern_of(fold(phrase)) for phrase in lists["label"])


def beside_deed(text: str, kind: str) -> tuple[frozenset[str], frozenset[str]]:
    """What else a label says beside the act: what it is about, and words that make it reach far."""
    plain = risk.parted(text)
    wide = frozenset(plain.split()) & _REACH
    for pattern in (*_patterns(f"deeds.{kind}"), *_patterns("ends")):
        plain = pattern.sub(" ", plain)
    silent = {*words()["deeds"][kind].get("plain", ()), *listed("stop"), *_REACH, *_SMALL}
    return frozenset(word for word in plain.split() if word not in silent and not word.isdigit()), wide


def is_for(kind: str, label: str) -> bool:
    """Whether a label is that of a field for who gets something ("recipients"), or for how much ("amounts")."""
    plain = risk.parted(label).strip()
    return any(plain == fold(p) or (len(p) > 4 and holds(label, p)) for p in words()["fields"][kind])


# ---------------------------------------------------------------------------------------------- what it is about


def topics(text: str) -> frozenset[str]:
    """Which of the things that guard the person a text speaks of."""
    plain = risk.parted(text)
    return frozenset(kind for kind in words()["guarded"] if any(p.search(plain) for p in _topic(kind)))


def spoken_topics(text: str) -> frozenset[str]:
    """The same of what a person said, where a particle may stand apart: "sign me up"."""
    said = _TOKEN.findall(fold(text))
    phrases = {kind: [fold(phrase).split() for phrase in each] for kind, each in words()["guarded"].items()}
    apart = (k for k, each in phrases.items() for parts in each for at in range(len(said)) if _length(said[at:], parts))
    return topics(text) | frozenset(apart)


@cache
def _topic(kind: str) -> tuple[re.Pattern[str], ...]:
    return tuple(pattern_of(risk.parted(phrase)) for phrase in words()["guarded"][kind])


def related(text: str, about: frozenset[str]) -> bool:
    """Whether a text shares a word with what the goal is about, or one that means the same."""
    return bool(_meanings(tuple(risk.parted(text).split())) & _meanings(tuple(sorted(about))))


@cache
def _meanings(said: tuple[str, ...]) -> frozenset[str]:
    plain = tuple(fold(word) for word in said if word not in listed("stop") and len(word) > 1)
    return frozenset(key for word in plain for key, _, _ in keys((word,))) | frozenset(
        key for key, _, _ in keys(plain) if key.startswith("c:")
    )


def holds(text: str, name: str) -> bool:
    """Whether a text says a name, as whole words."""
    return bool(pattern_of(risk.parted(name)).search(risk.parted(text))) if risk.parted(name).strip() else False
