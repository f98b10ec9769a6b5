"""Which of an app's controls and skills a clause means, by their names. Never by likeness across opposites or numbers.

A score is the share of the asked words (rare ones count more) that a thing's names hold, times the root of the share
of its own name that was asked for. Which way to switch is computed from verbs and labels, never matched. Where two
things are nearly as good, or a word is not understood, the answer is a question and not an act.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cua.policies.lexicon import keys, known_words, label_words, listed, polar, positive, stem
from cua.policies.score import TITLES, Entry, EntryKind, Match, Name, Named, NameKind, Role, Word, scored
from cua.policies.words import Clause, readings

__all__ = [
    "Ambiguous",
    "Decision",
    "Entry",
    "EntryKind",
    "Index",
    "Match",
    "Name",
    "NameKind",
    "Unknown",
    "decide",
    "positive",
]

_RUN, _ASK, _MARGIN = 0.8, 0.5, 0.15
_SHEETS = frozenset({"document", "editor", "page", "sheet", "text", "window", "app", "it", "here"})  # where one writes
_ALONE = 0.62  # enough where every word asked for was found and nothing else comes near


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several things may be meant, or one is not sure enough; best first."""

    candidates: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing here is called like that; these words are the unknown ones."""

    words: tuple[str, ...]


Decision = Match | Ambiguous | Unknown


class Index:
    """The names of everything an app offers, ready to be asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._names = [list(_taken_apart(entry)) for entry in self.entries]
        self._where: dict[str, set[int]] = {}
        for at, names in enumerate(self._names):
            for key in {key for name in names for key in name.at}:
                self._where.setdefault(key, set()).add(at)
        said = {word for names in self._names for name in names for word in name.words}
        self._mendable = sorted(word for word in said | known_words() if len(word) > 3 and word.isalpha())
        weigh = {word: self._rarity(word) * _share(word) for word in said}
        for name in (name for names in self._names for name in names):
            name.weights = [weigh[word] * (0.05 if i < name.lead else 1.0) for i, word in enumerate(name.words)]

    def _rarity(self, word: str) -> float:
        found = self._where.get(f"s:{stem(word)}") or self._where.get(f"w:{word}") or ()
        return math.log(1 + len(self.entries) / max(len(found), 0.5))

    def search(self, clause: Clause, limit: int = 5) -> list[Match]:
        """What the clause may mean here, best first; poor ones too, so that the unknown words can be told."""
        if clause.verb in ("NOTHING", "CALCULATE"):
            return []
        things, whole = self._things(clause), self._words(clause.words, clause.object.split())
        near: dict[int, float] = {}
        for word in (*things, *whole):
            for at in set[int]().union(*(self._where.get(key, ()) for key in word.keys)):
                near[at] = near.get(at, 0.0) + word.weight + 0.01
        found = []
        for at in sorted(near, key=lambda at: -near[at])[:200]:
            match = scored(self.entries[at], self._names[at], clause, things, whole)
            if match is not None and match.score > 0:
                found.append(match)
        return sorted(found, key=lambda m: (-m.exact, -m.score, m.value is not None, m.sign == 0))[:limit]

    def _things(self, clause: Clause) -> list[Word]:
        """The words for what is meant and for its value, without those that say what to do."""
        objects = clause.object.split()
        value = label_words(clause.value) if clause.value is not None and len(clause.value) < 60 else ()
        return self._words(objects, objects) + self._words(value, value, "value")

    def _words(self, said: Sequence[str], things: Collection[str], thing: Role = "object") -> list[Word]:
        mended = [self._mended(word) for word in said]
        found = []
        for (word, _), plain in zip(mended, said, strict=True):
            role: Role = thing if plain in things else "verb"
            if role == "verb" and plain in listed("neutral") | listed("stop"):
                role = "neutral"
            small = 0.0 if role == "neutral" else 0.1 if word in listed("stop") else 1.0
            found.append(Word(word, {}, self._rarity(word) * small, role, word != plain, plain))
        for key, sure, covered in keys([word for word, _ in mended]):
            for i in covered:
                found[i].keys[key] = max(found[i].keys.get(key, 0.0), sure * mended[i][1])
        for each in found:
            if 1 < len(each.text) < 5 and each.text not in known_words():
                each.keys["i:" + each.text] = 0.8
        return found

    def _mended(self, word: str) -> tuple[str, float]:
        """The word it is a misspelling of and how sure that is; itself if it is a word, or more than one is as near."""
        known = word in known_words() or f"w:{word}" in self._where or f"s:{stem(word)}" in self._where
        if known or len(word) < 3 or not word.isalpha():
            return word, 1.0
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        score = OSA.normalized_similarity
        near = process.extract(word, self._mendable, scorer=score, score_cutoff=0.75, limit=4)
        names = [found[0] for found in near if found[1] > near[0][1] - 0.12]
        if any(_opposed(one, other) for one in (word, *names) for other in names):
            return word, 1.0
        if near and (len(near) == 1 or near[0][1] > near[1][1] or stem(near[0][0]) == stem(near[1][0])):
            return str(near[0][0]), float(near[0][1])
        longer = {stem(other): other for other in self._mendable if len(word) > 3 and other.startswith(word)}
        return (next(iter(longer.values())), 0.85) if len(longer) == 1 and not near else (word, 1.0)

    def resolve(self, goal: str) -> tuple[tuple[Clause, Decision | None], ...]:
        """The reading of the sentence that fits this app best; None for a clause that needs none of its controls.

        Unless every clause is a match or None, none of them may be acted on.
        """
        best: tuple[tuple[Clause, Decision | None], ...] = ()
        rated = -1.0
        for reading in readings(goal):
            found = tuple((clause, self._needed(clause)) for clause in reading)
            worth = min(_worth(decision) for _, decision in found)
            if worth > rated:
                best, rated = found, worth
        return best

    def _needed(self, clause: Clause) -> Decision | None:
        free = clause.verb in ("NOTHING", "CALCULATE") or (
            clause.verb in ("TYPE", "OPEN", "GOTO") and not clause.object
        )
        free = free or (clause.verb == "TYPE" and set(clause.object.split()) <= _SHEETS)
        if free:
            return None
        decision = decide(self.search(clause))
        if clause.verb == "PRESS" and clause.value is not None and not isinstance(decision, Match):
            return None
        if decision == Unknown(()):
            said = clause.object.split() or clause.words
            return Unknown(tuple(word for word in said if word not in listed("stop")))
        return decision


def _share(word: str) -> float:
    """How much of a name a word is: little if it says little."""
    return 0.15 if word in listed("stop") else 0.3 if word in listed("weak") else 1.0


def _worth(decision: Decision | None) -> float:
    match decision:
        case None:
            return _RUN
        case Match():
            return decision.score + decision.exact
        case Ambiguous():
            return decision.candidates[0].score / 2
        case Unknown():
            return 0.0


def _taken_apart(entry: Entry) -> Iterator[Named]:
    given = [(name.text, str(name.kind), "") for name in entry.names] + [(text, "path", "") for text in entry.path]
    for text, kind, option in [*given, *((option, "option", option) for option in entry.options)]:
        words, lead, sign = label_words(text, kind), 0, 0
        if entry.kind in ("toggle", "command") and kind in TITLES:
            words, lead, sign = polar(words)
        name = Named(kind, words, lead, sign, option)
        for key, _, covered in keys(words):
            name.at.setdefault(key, set()).update(covered)
        if len(words) > 1 and kind in ("label", "alias"):
            name.at.setdefault("i:" + "".join(word[0] for word in words), set()).update(range(len(words)))
        yield name


def _opposed(word: str, other: str) -> bool:
    """Whether one word is the other with "un-" or "dis-" before it."""
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return any(longer == prefix + shorter for prefix in ("un", "dis", "de", "in", "non", "re", "im"))


def decide(matches: Sequence[Match]) -> Decision:
    """Act, ask or give up: act only on a good match with no rival of another effect near it."""
    if not matches or matches[0].score < _ASK:
        return Unknown(matches[0].unknown_words if matches else ())
    top = matches[0]
    rivals = [
        m
        for m in matches[1:]
        if (m.entry.effect or m.entry.key, m.option) != (top.entry.effect or top.entry.key, top.option)
    ]
    clear = all(top.score - m.score >= _MARGIN or _before(top, m) for m in rivals)
    alone = top.sure and top.entry.kind != "command" and not top.unknown_words and top.score >= _ALONE and clear
    if (alone or (top.score >= _RUN and clear)) and (top.option is not None or top.entry.kind != "choice"):
        return top
    return Ambiguous(tuple(m for m in matches if m.score >= _ASK))


def _before(top: Match, rival: Match) -> bool:
    """Whether a name that was said word for word leaves no question: "find next" is that, not "find" with a text,
    and which way to switch was said of a switch rather than of a command called like it.
    """
    if not top.exact:
        return False
    way = top.sign != 0 and rival.entry.kind == "command"
    return not rival.exact or (top.value is None and rival.value is not None) or way
