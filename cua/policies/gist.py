"""What a goal says, as words that its paraphrases share: stems, and the meanings that the thesaurus knows of them.

It weighs nothing and compares nothing. Values (quotes, numbers, files) are no words of a goal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from cua.core import Task
from cua.memory.experience import Gist
from cua.policies.lexicon import listed, meanings, stem, thesaurus, verbs
from cua.policies.values import tokens

# words that the lists of small words have, and that here say which way: on or off, into or out of
_WAYS = frozenset({"off", "not", "no"})
_POLITE = frozenset({"please", "kindly", "just", "also", "now", "then", "want", "like", "need", "let", "s"})


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
    return Gist(tuple(places), frozenset(against - said))


def words_of(task: Task) -> tuple[str, ...]:
    """The words of a task's goal, without the values of its parameters and without literals."""
    goal = task.goal
    for value in sorted(task.params.values(), key=len, reverse=True):
        if value:
            goal = re.sub(rf"(?i)(?<!\w){re.escape(value)}(?!\w)", " , ", goal)
    said = (token.word if token.kind == "word" else token.unit or "" for token in tokens(goal))
    return tuple(word for words in said for word in words.split() if word[0].isalnum())


def _spans(stems: Sequence[str]) -> Iterable[tuple[str, range]]:
    phrases = _named()[0]
    for at, first in enumerate(stems):
        for phrase, name in phrases.get(first, ()):
            if stems[at : at + len(phrase)] == phrase:
                yield name, range(at, at + len(phrase))


@cache
def _named() -> tuple[dict[str, list[tuple[list[str], str]]], dict[str, set[str]]]:
    """The meanings by names that outlast a change of the thesaurus: the first phrase of each; and their opposites."""
    phrases, against = meanings()
    names: dict[str, str] = {}
    data = thesaurus()["meaning"]
    for order, line in enumerate([*data["same"], *data["opposite"], *data["state"]]):
        for side, text in enumerate(line.split(" | ")):
            names[f"c:{order}.{side}"] = f"~{re.sub(r'[ /]', '_', text.split(' = ')[0])}"
    opposites: dict[str, set[str]] = {}
    for meaning, others in against.items():
        opposites.setdefault(names[meaning], set()).update(names[other] for other in others)
    return {first: [(found, names[m]) for found, m in all_of] for first, all_of in phrases.items()}, opposites


@cache
def _small() -> frozenset[str]:
    return (listed("stop") | _POLITE) - _WAYS
