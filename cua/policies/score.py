"""How well a clause fits one thing an app offers: the words, the kind of thing, which way, the value. Decides nothing.

Each kind of thing takes only what it can take: a switch no value, a number field only a number, a list only what it
lists, a command only its own verb. Opposites and other numbers are no fit at all, however alike they look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from cua.policies.lexicon import listed, meanings
from cua.policies.values import number
from cua.policies.words import Clause

NameKind = Literal["label", "alias", "id", "summary", "tooltip", "path"]
Role = Literal["object", "value", "verb", "neutral"]
EntryKind = Literal["toggle", "choice", "number", "text", "command", "option"]

FIELD = {"label": 1.0, "alias": 1.0, "option": 1.0, "id": 0.8, "summary": 0.7, "tooltip": 0.5, "path": 0.4}
TITLES = {"label", "alias", "id", "option"}
# What is short of running however well it fits: one that must be asked about, and one that is hardly meant.
_CAP, _DOUBT = 0.79, 0.6
_PLAIN = {"ON", "SET", "DO", "UNKNOWN", "OPEN", "GOTO", "SELECT", "PRESS", "TOGGLE", "TYPE"}
_CARRIES = {"FIND", "REPLACE", "SAVE_AS", "OPEN", "GOTO", "TYPE", "NEW", "DO", "INCREASE", "DECREASE", "PRESS", "SAVE"}
_SWITCHES = {"ON": 1.0, "OFF": 1.0, "TOGGLE": 1.0, "PRESS": 1.0, "DO": 1.0, "SET": 1.0} | dict.fromkeys(
    ("OPEN", "CLOSE", "NEW", "DELETE", "SELECT", "GOTO"), 0.95
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a thing is called, and where that was read."""

    text: str
    kind: NameKind = "label"


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that can be asked for. `effect` names what it changes: two routes to one effect are no rivals.

    `polarity` is -1 where switching it on was found to make the effect not be. A command that stands in a list of
    values is an "option", and `path` (menus, dialog, group) leads to it.
    """

    key: str
    names: tuple[Name, ...]
    kind: EntryKind
    options: tuple[str, ...] = ()
    polarity: int = 1
    path: tuple[str, ...] = ()
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may be meant. `sign` is the state to bring it to (+1 checked, -1 not, 0 neither or the other one).

    `value` is what is still to be given to it; `exact` says that a name was said word for word; `sure` is False where
    the kind of thing makes it doubtful, however well the names fit.
    """

    entry: Entry
    score: float
    sign: int = 0
    option: str | None = None
    unknown_words: tuple[str, ...] = ()
    value: str | None = None
    exact: bool = False
    sure: bool = True


@dataclass(slots=True)
class Named:
    """A name taken apart: `at` says which of its words a key (word, stem, meaning) stands for."""

    kind: str
    words: tuple[str, ...]
    lead: int
    sign: int
    option: str = ""
    at: dict[str, set[int]] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Word:
    """A word asked for, with the keys it may be found by."""

    text: str
    keys: dict[str, float]
    weight: float
    role: Role
    mended: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Fit:
    """How the words fit the names: the title that fits best, and the words that no name holds."""

    score: float
    title: Named
    exact: bool
    unknown: tuple[str, ...]


def scored(
    entry: Entry, names: Sequence[Named], clause: Clause, things: Sequence[Word], whole: Sequence[Word]
) -> Match | None:
    """The entry as a match for the clause; None where it cannot be meant."""
    match entry.kind:
        case "toggle":
            found = _switch(entry, names, clause, things)
        case "number" | "text":
            found = _field(entry, names, clause, things)
        case "choice":
            found = _choice(entry, names, clause, things)
        case "command" | "option":
            found = _command(entry, names, clause, whole, [w for w in things if w.role == "value"])
        case _:
            assert_never(entry.kind)
    if found and any(word in listed("limiting") for word in found.unknown_words):
        return _capped(found, _DOUBT)
    return found


def _capped(found: Match, cap: float) -> Match:
    return replace(found, score=min(found.score, cap), exact=found.exact and found.score <= cap, sure=False)


def _switch(entry: Entry, names: Sequence[Named], clause: Clause, things: Sequence[Word]) -> Match | None:
    words = [word for word in things if word.role == "object"]
    if not words or (clause.value is not None and clause.verb != "PRESS"):
        return None
    fit = _fit(names, words, words)
    if fit is None:
        return None
    said = set[int]().union(*(fit.title.at.get(key, ()) for word in words for key in word.keys))
    literal = fit.title.lead > 0 and 0 in said
    way = clause.polarity * entry.polarity * (1 if literal else fit.title.sign or 1)
    found = Match(entry, fit.score * _SWITCHES.get(clause.verb, 1.0), way, None, fit.unknown, None, fit.exact)
    if any(
        word in listed("bending") and i not in said for i, word in enumerate(fit.title.words) if i >= fit.title.lead
    ):
        return _capped(found, _DOUBT)
    if clause.verb not in _SWITCHES:
        return _capped(found, _CAP if clause.verb == "UNKNOWN" else _DOUBT)
    return found


def _field(entry: Entry, names: Sequence[Named], clause: Clause, things: Sequence[Word]) -> Match | None:
    words = [word for word in things if word.role == "object"]
    fit = _fit(names, words, words) if words else None
    if fit is None:
        return None
    found = Match(entry, fit.score, 0, None, fit.unknown, clause.value, fit.exact)
    counts = clause.value is not None and number(clause.value) is not None
    if entry.kind == "number" and clause.verb in ("INCREASE", "DECREASE") and (counts or clause.value is None):
        return found
    if clause.verb not in ("SET", "TYPE", "GOTO") or clause.value is None:
        return _capped(found, _CAP)
    return found if entry.kind == "text" or counts else _capped(found, _DOUBT)


def _choice(entry: Entry, names: Sequence[Named], clause: Clause, things: Sequence[Word]) -> Match | None:
    words = list(things)
    if clause.verb not in _PLAIN or not words:
        return None
    value = [word for word in words if word.role == "value"]
    objects = [word for word in words if word.role == "object"]
    common = [name for name in names if name.kind != "option"]
    found: list[Match] = []
    for option in (name for name in names if name.kind == "option"):
        fit = _fit([*common, option], words, words, titles=[option])
        if fit is None or any(not word.keys.keys() & option.at.keys() for word in value if word.weight > 0.5):
            continue
        said = fit.score >= _CAP and _exact(value or words, option)
        exact = said and bool(value) and (not objects or any(_exact(objects, name) for name in common))
        found.append(Match(entry, 1.0 if said else fit.score, clause.polarity, option.option, fit.unknown, None, exact))
    found.sort(key=lambda m: (-m.exact, -m.score))
    if not found or found[0].score < 0.3:
        fit = _fit(common, [word for word in words if word.role == "object"], words)
        unknown = tuple(word.said or word.text for word in value)
        return Match(entry, min(fit.score, _DOUBT), 0, None, unknown or fit.unknown, clause.value) if fit else None
    unsure = len(found) > 1 and found[0].score - found[1].score < 0.15 and not found[0].exact
    alone = (
        clause.verb in ("OPEN", "GOTO") and not found[0].exact
    )  # "open project" is not the value "project" of a list
    return _capped(found[0], _CAP) if unsure or alone or clause.verb == "UNKNOWN" else found[0]


def _command(
    entry: Entry, names: Sequence[Named], clause: Clause, whole: Sequence[Word], value: Sequence[Word]
) -> Match | None:
    agrees = any(name.kind in TITLES and name.sign * clause.polarity > 0 for name in names)
    plain = [word for word in whole if not (agrees and word.role == "verb")]
    fits: list[tuple[_Fit, str | None]] = []
    if (clause.value is None or clause.verb in _CARRIES) and (fit := _fit(names, plain, plain)):
        fits.append((fit, clause.value))
    if clause.value is not None and (fit := _fit(names, [*plain, *value], [*plain, *value])):
        fits.append((fit, None))
    if not fits:
        return None
    fit, left = max(fits, key=lambda pair: (pair[0].exact, pair[0].score))
    said = set[int]().union(*(fit.title.at.get(key, ()) for word in (*plain, *value) for key in word.keys))
    if fit.title.sign * clause.polarity < 0 and not (fit.title.lead and 0 in said):
        return None
    found = Match(entry, fit.score, 0, None, fit.unknown, left, fit.exact)
    wider = any(word in listed("widening") and i not in said for i, word in enumerate(fit.title.words))
    if wider or (fit.title.sign and not clause.polarity and not (fit.title.lead and 0 in said)):
        return _capped(found, _CAP)
    verbs = [word for word in plain if word.role == "verb"]
    needed = clause.verb not in _PLAIN and not agrees and (verbs or clause.polarity < 0)
    if needed and not any(word.keys.keys() & fit.title.at.keys() for word in verbs):
        return _capped(found, _DOUBT if clause.polarity < 0 else _CAP)
    risky = any(word in listed("commits") for word in fit.title.words)
    if risky and not fit.exact and (fit.score < 0.88 or any(word.mended for word in plain)):
        return _capped(found, _CAP)
    return found


def _fit(
    names: Sequence[Named], words: Sequence[Word], all_words: Sequence[Word], titles: Sequence[Named] = ()
) -> _Fit | None:
    """How far the names hold the words; None where a title says the opposite or another number."""
    titles = titles or [name for name in names if name.kind in TITLES]
    if not titles or not words:
        return None
    heavy = any(word.weight > 0 for word in words)
    verbal = any(word.role == "verb" and word.keys.keys() & title.at.keys() for word in words for title in titles)
    gained = total = 0.0
    unknown = []
    for word in words:
        best = max((sure * FIELD[n.kind] for key, sure in word.keys.items() for n in names if key in n.at), default=0.0)
        if best == 0 and any(map(str.isdigit, word.text)):
            return None
        weight = word.weight if heavy else 1.0
        total += weight * (1.0 if best else 0.2 if word.role == "verb" and verbal else _missing(word))
        gained += weight * best
        if best == 0 and word.role != "neutral" and (word.text not in listed("stop")):
            unknown.append(word.said or word.text)
    covers = [(_covered(title, words, all_words), title) for title in titles]
    if any(cover is None for cover, _ in covers):
        exactly = [title for title in titles if _exact(words, title)]
        return _Fit(1.0, exactly[0], True, ()) if exactly else None
    cover, title = max(((cover or 0.0, title) for cover, title in covers), key=lambda pair: pair[0])
    if any(
        n.kind in ("summary", "tooltip") and any(k in n.at for w in words for k in w.keys if w.weight > 0.5)
        for n in names
    ):
        cover = max(cover, 0.75)
    exact = next((title for title in titles if _exact(words, title) or _placed(words, title, names)), None)
    score = 1.0 if exact else gained / total * cover if total else 0.0
    return _Fit(score, exact or title, exact is not None, tuple(unknown))


def _covered(title: Named, words: Sequence[Word], all_words: Sequence[Word]) -> float | None:
    """The root of the share of the title that was asked for; None if what is left of both is opposite."""
    covered = set[int]().union(*(title.at[key] for word in words for key in word.keys if key in title.at))
    if any(any(map(str.isdigit, word)) and i not in covered for i, word in enumerate(title.words)):
        return None
    against = meanings()[1]
    for word in all_words:
        if word.keys.keys() & title.at.keys():
            continue
        opposite = {other for key in word.keys for other in against.get(key, ())}
        if any(title.at[other] - covered for other in opposite if other in title.at):
            return None
    return math.sqrt(sum(title.weights[i] for i in covered) / (sum(title.weights) or 1.0)) * FIELD[title.kind]


def _missing(word: Word) -> float:
    """What it costs that no name holds the word."""
    return 0.15 if word.text in listed("weak") else 1.0


def _placed(words: Sequence[Word], title: Named, names: Sequence[Named]) -> bool:
    """Whether the words are the title and what it stands under, word for word: "mirror of left margin"."""
    if title.kind == "id" or any(word.mended for word in words):
        return False
    said = tuple(word.text for word in words if word.role != "neutral" and word.text not in listed("stop"))
    own = tuple(word for word in title.words if word not in listed("stop"))
    places = [tuple(word for word in name.words if word not in listed("stop")) for name in names if name.kind == "path"]
    return any(own and place and said in (own + place, place + own) for place in places)


def _exact(words: Sequence[Word], title: Named) -> bool:
    """Whether the words are the title, word for word, with or without the verbs that only say "do it"."""
    if title.kind == "id" or any(word.mended for word in words):
        return False
    said = tuple(word.text for word in words)
    plain = tuple(word.text for word in words if word.role != "neutral")
    return said == title.words or (bool(plain) and plain in (title.words, title.words[title.lead :]))
