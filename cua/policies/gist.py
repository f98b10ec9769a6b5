"""What a goal says, as words that its paraphrases share: stems, and the meanings that the thesaurus knows of them.

It weighs nothing and compares nothing. Values (quotes, numbers, files) are no words of a goal. Beside words that mean
the same on a screen stand those of one field of meaning: what is found by them is told, and never acted on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from cua.core import Task
from cua.memory.experience import Gist
from cua.policies.lexicon import label_words, listed, stem, thesaurus, verbs
from cua.policies.values import tokens

# words that the lists of small words have, and that here say which way: on or off, into or out of
_WAYS = frozenset({"off", "not", "no"})
_PARTICLES = frozenset({"off", "out", "up", "down", "away", "back"})  # may stand apart from their verb
_APART = 4  # words between them at most
_UNDONE = re.compile(r"un(?=[a-z]{3})")


@lru_cache(maxsize=64)
def gist(words: tuple[str, ...]) -> Gist:
    """Of words as they are compared (no case, no accents), in their order.

    Word by word the stem, and the meanings that it has a part in.
    """
    stems = [stem(word) for word in words]
    spans = list(_spans(stems))
    places: list[tuple[str, ...]] = []
    for at, word in enumerate(words):
        named = tuple(dict.fromkeys(name for name, span in spans if at in span))
        before = words[at - 1] if at else ""
        switches = word == "on" and (at == len(words) - 1 or before in verbs())
        phrase = any(at in span and len(span) > 1 for _, span in spans)
        if word in _small() and not switches and not phrase:
            continue
        place = (stems[at], *named)
        if place not in places:
            places.append(place)
    said = {name for place in places for name in place[1:]}
    against = {other for name in said for other in _named()[1].get(name, ())}
    undone = {other for word in words for other in _undone(word)}
    return Gist(tuple(places), frozenset((against - said) | undone))


def words_of(task: Task) -> tuple[str, ...]:
    """The words of a task's goal, without the values of its parameters and without literals."""
    goal = task.goal
    for value in sorted(task.params.values(), key=len, reverse=True):
        if value:
            goal = re.sub(rf"(?i)(?<!\w){re.escape(value)}(?!\w)", " , ", goal)
    said = (token.word if token.kind == "word" else token.unit or "" for token in tokens(goal))
    return tuple(word for words in said for word in words.split() if word[0].isalnum())


def _spans(stems: Sequence[str]) -> Iterable[tuple[str, Sequence[int]]]:
    """The meanings of the words, with where each stands: phrases, and verbs whose particle comes a little later."""
    phrases = _named()[0]
    for at, first in enumerate(stems):
        for phrase, name in phrases.get(first, ()):
            if stems[at : at + len(phrase)] == phrase:
                yield name, range(at, at + len(phrase))
            elif (
                len(phrase) == 2 and phrase[1] in _PARTICLES and phrase[1] in (later := stems[at + 2 : at + 2 + _APART])
            ):
                yield name, (at, at + 2 + later.index(phrase[1]))


def _undone(word: str) -> Iterable[str]:
    """The stem of what undoes a verb, or of what it undoes."""
    if word in verbs():
        yield stem(f"un{word}")
    if (done := _UNDONE.sub("", word, count=1)) != word and done in verbs():
        yield stem(done)


@cache
def _named() -> tuple[dict[str, list[tuple[list[str], str]]], dict[str, set[str]]]:
    """The meanings by names that outlast a change of the thesaurus: the first phrase of each; and their opposites."""
    phrases: dict[str, list[tuple[list[str], str]]] = {}
    against: dict[str, set[str]] = {}
    same, kin = thesaurus()["meaning"], thesaurus()["kin"]
    for line in (*same["same"], *same["opposite"], *same["state"], *kin["done"], *kin["things"]):
        sides = [side.split(" = ") for side in line.split(" | ")]
        names = [f"~{re.sub(r'[ /]', '_', side[0])}" for side in sides]
        for side, name in zip(sides, names, strict=True):
            against.setdefault(name, set()).update(other for other in names if other != name)
            for phrase in side:
                stems = [stem(word) for word in label_words(phrase)]
                if (stems, name) not in phrases.setdefault(stems[0], []):
                    phrases[stems[0]].append((stems, name))
    return phrases, against


@cache
def _small() -> frozenset[str]:
    return (listed("stop") | frozenset(thesaurus()["kin"]["closed"].split())) - _WAYS
