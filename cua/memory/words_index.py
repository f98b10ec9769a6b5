"""Which items bear the words of a question, among millions: a full-text index without contents, and how often each word
occurs.

An item's words come in places: each place is one word of the goal with the other words that mean the same. A question
looks up its rarest places first, and those that many items have only two by two; what it finds are candidates, which
whoever asks weighs. Items can be kept apart by realms (an app): a question stays within one.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations
from math import log
from statistics import fmean

Places = Sequence[tuple[str, ...]]

MOST = 50  # items that one question of the index may find
_TOGETHER = 4  # of the common places, the rarest, that are looked up in pairs
_ODD = re.compile(r"[^a-z0-9]")


class Words:
    """The index in an open record. Whoever holds the connection sees to transactions."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def add(self, items: Iterable[tuple[int, Places, Iterable[str]]]) -> None:
        """Items that are not in the index yet: the number of each, its words and its realms."""
        counts: Counter[str] = Counter()
        for item, places, realms in items:
            tokens, wholes = _tokens(places, realms)
            self._sql.execute("INSERT INTO experience_words (rowid, words) VALUES (?, ?)", (item, " ".join(tokens)))
            counts.update((*tokens, *wholes))
        sql = "INSERT INTO experience_counts VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
        self._sql.executemany(sql, counts.items())

    def remove(self, item: int, places: Places, realms: Iterable[str]) -> None:
        """An item with the words that it was added with."""
        tokens, wholes = _tokens(places, realms)
        sql = "INSERT INTO experience_words (experience_words, rowid, words) VALUES ('delete', ?, ?)"
        self._sql.execute(sql, (item, " ".join(tokens)))
        counted = [(token,) for token in (*tokens, *wholes)]
        self._sql.executemany("UPDATE experience_counts SET count = count - 1 WHERE token = ?", counted)
        self._sql.executemany("DELETE FROM experience_counts WHERE token = ? AND count <= 0", counted)

    def near(self, places: Places, realm: str = "") -> tuple[list[int], dict[str, float]]:
        """Items that may be meant, at most a hundred or two, and how much each word tells: the rarer the more.

        Items with a rare place come first, then those with two of the common ones, then those with the rarest of these;
        of too many the newest are taken. A word that no item has tells as much as those that some have. Without a realm
        all items are looked at.
        """
        within = _realm(realm)
        tokens = {word: within + _spelled(word) for place in places for word in place}
        counts = self._counts([within, *tokens.values()])
        items = counts.get(within, 0)
        telling = {word: log(1 + items / counts[token]) for word, token in tokens.items() if token in counts}
        usual = fmean(telling.values()) if telling else 1.0
        known = {tuple(tokens[word] for word in place if word in telling) for place in places} - {()}
        found = [item for match in _questions(known, counts) for item in self._matching(match)]
        return list(dict.fromkeys(found)), {word: telling.get(word, usual) for word in tokens}

    def _matching(self, match: str) -> list[int]:
        sql = "SELECT rowid FROM experience_words WHERE experience_words MATCH ? ORDER BY rowid DESC LIMIT ?"
        return [item for (item,) in self._sql.execute(sql, (match, MOST)).fetchall()]

    def _counts(self, tokens: Sequence[str]) -> dict[str, int]:
        marks = ",".join("?" * len(tokens))
        sql = f"SELECT token, count FROM experience_counts WHERE token IN ({marks})"
        return dict(self._sql.execute(sql, tokens).fetchall())


def _questions(known: Iterable[tuple[str, ...]], counts: Mapping[str, int]) -> Iterator[str]:
    """What to ask the index about the places whose tokens it has."""
    expected = {place: sum(counts[token] for token in place) for place in known}
    rare: list[tuple[str, ...]] = []
    common: list[tuple[str, ...]] = []
    for place in sorted(expected, key=lambda place: (expected[place], place)):
        fits = sum(map(expected.__getitem__, rare)) + expected[place] <= MOST
        (rare if fits else common).append(place)
    if rare:
        yield " OR ".join(map(_any, rare))
    if len(common) > 1:
        pairs = combinations(map(_any, common[:_TOGETHER]), 2)
        yield " OR ".join(f"({one} AND {other})" for one, other in pairs)
    if common:
        yield _any(common[0])


def _any(place: tuple[str, ...]) -> str:
    return f"({' OR '.join(place)})" if len(place) > 1 else place[0]


def _tokens(places: Places, realms: Iterable[str]) -> tuple[list[str], list[str]]:
    """What an item is found by: its words, and once more in each of its realms; and what counts the items of each."""
    words = {_spelled(word) for place in places for word in place}
    wholes = [_realm(realm) for realm in dict.fromkeys(("", *realms))]
    return sorted(whole + word for whole in wholes for word in words), wholes


def _realm(name: str) -> str:
    """What the words of a realm begin with, so that each realm is an index of its own."""
    return f"{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=5).hexdigest()}_" if name else "_"


def _spelled(word: str) -> str:
    """The word in letters that the index takes as one token, and no operator of it."""
    return "w" + _ODD.sub(lambda odd: f"_{ord(odd[0]):x}_", word)
