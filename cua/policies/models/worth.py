"""How much each element of a screen matters to a goal in words: which are told where there is no room for all.

What a word says counts the more, the fewer elements bear it. Besides words there is what holds for any goal: what takes
input, what there is only one of, what is new, what has the keyboard, what shows without scrolling. Pure over looks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cua.core import Element, Observation
from cua.policies.lexicon import listed, meanings, stem
from cua.policies.models.quoting import plainly
from cua.screen import ACTABLE, active, called

READ = 80  # letters of a name or value that are compared
FIELDS = frozenset({"textbox", "combobox", "searchbox", "spinbutton", "slider", "listbox"})
_CONTROLS = ACTABLE - {"cell", "option"} | {"searchbox", "switch", "menu", "listbox", "columnheader"}
_MARKED = frozenset({"focused", "modal", "invalid", "refused"})
_ENDS = {"last": -1, "bottom": -1, "end": -1, "final": -1, "latest": -1, "first": 0, "top": 0}
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
Words = frozenset[str]


class Worth:
    """What each of the elements at `among` is worth, by index; `reach` is what only its words are worth."""

    def __init__(self, now: Observation, goal: str, among: Sequence[int], before: Observation | None) -> None:
        self._all, self._goal = now.elements, said(goal)
        self._texts = {at: text_of(now.elements[at]) for at in among}
        self._times = Counter(self._texts.values())
        self._words = {text: said(text) for text in self._times}
        self._rare = self._rarity()
        matches = {text: self._match(words) for text, words in self._words.items()}
        self.reach = {at: matches[text] for at, text in self._texts.items()}
        self._new = _new(now, before) if before else frozenset()
        self._kinds = {at: (now.elements[at].role, _kind(text)) for at, text in self._texts.items()}
        self._alike = Counter(self._kinds.values())  # there may be many: "Order 7" and "Order 8" are of one kind
        self.front, self.roots = _front(now), roots(now)
        self.of = {at: self._worth(at) for at in among}

    def together(self, line: Iterable[int]) -> float:
        """What all of a row say of the goal, as one."""
        return self._sum(self._goal & Words().union(*(self._words[self._texts[at]] for at in line)))

    def reaches(self, at: int) -> float:
        """What the words of any element are worth, one that is not told too."""
        return self.reach[at] if at in self.reach else self._match(said(text_of(self._all[at])))

    def _rarity(self) -> dict[str, float]:
        """How much each word of the goal says, from 0.1 to 1."""
        counts = Counter[str]()
        for text, times in self._times.items():
            for key in self._words[text] & self._goal:
                counts[key] += times
        most = math.log(len(self._texts) + 2)
        return {key: 0.1 + 0.9 * math.log((len(self._texts) + 1) / count) / most for key, count in counts.items()}

    def _worth(self, at: int) -> float:
        element = self._all[at]
        worth = 4 * self.reach[at] + 2 * (element.box is not None) + (self.roots[at] == self.front)
        if element.role in _CONTROLS or element.actions:
            worth += 1 + 1.5 / self._alike[self._kinds[at]] + 0.5 * (element.role in FIELDS)
        if not _MARKED.isdisjoint(element.states):
            worth += 3
        if at in self._new:
            worth += 1.5
        return worth - ("disabled" in element.states) - 0.5 * (element.role in ("cell", "option"))

    def _match(self, words: Words) -> float:
        if self._goal.isdisjoint(words):
            return 0.0
        found = words & self._goal
        length = sum(not key.startswith("c:") for key in words) or 1
        return self._sum(found) / math.sqrt(length) + (0.5 if words == found else 0.0) * max(
            self._rare.get(key, 1.0) for key in found
        )

    def _sum(self, found: Iterable[str]) -> float:
        return math.fsum(self._rare.get(key, 1.0) * (0.5 if key.startswith("c:") else 1.0) for key in found)


def ends_named(goal: str) -> frozenset[int]:
    """Which ends of a list or table the goal speaks of: 0 its first, -1 its last."""
    return frozenset(_ENDS[word] for word in _WORD.findall(goal.casefold()) if word in _ENDS)


def text_of(element: Element) -> str:
    """What an element says, as far as it is compared."""
    name = called_shortly(element)
    if not element.value or "password" in element.states:
        return name
    return f"{name}\n{element.value[:READ]}"


def called_shortly(element: Element) -> str:
    """Its label, or what its tooltip says; a name may be as long as a document."""
    return _called(element.name[: 4 * READ], element.description[: 4 * READ])


@lru_cache(maxsize=50_000)
def _called(name: str, description: str) -> str:
    return called(Element("", "", name, description=description)) or plainly(name or description, READ)


@lru_cache(maxsize=50_000)
def said(text: str) -> Words:
    """The stems of what a text says, and a key for each word or phrase that others mean the same as."""
    stop = listed("stop")
    words = [stem(word) for word in _WORD.findall(text[:4000].casefold()) if word not in stop]
    found, phrases = set(words), meanings()[0]
    found.update(word[2:] for word in words if word.startswith("un") and len(word) > 5)  # who says it, or its opposite
    for at, word in enumerate(words):
        found.update(key for phrase, key in phrases.get(word, ()) if words[at : at + len(phrase)] == phrase)
    return frozenset(found)


@lru_cache(maxsize=50_000)
def _kind(text: str) -> str:
    return _NUMBER.sub("#", text)


def roots(now: Observation) -> list[int]:
    """For each element the index of the window or page that it stands in."""
    found = list[int]()
    for at, element in enumerate(now.elements):
        found.append(found[element.parent] if 0 <= element.parent < at else at)
    return found


def _front(now: Observation) -> int:
    """The index of the window that takes input; -1 where no one does."""
    front = active(now)
    return next((at for at, element in enumerate(now.elements) if element is front), -1)


def _new(now: Observation, before: Observation) -> frozenset[int]:
    """What is not as any element before was. A driver may give again what it gave: that need not be compared."""
    kept = set(map(id, before.elements))
    other = [at for at, element in enumerate(now.elements) if id(element) not in kept]
    names = {now.elements[at].name for at in other}
    known = {_same(element) for element in before.elements if element.name in names}
    return frozenset(at for at in other if _same(now.elements[at]) not in known)


def _same(element: Element) -> tuple[object, ...]:
    return element.role, element.name, element.value, element.states
