"""How much and when, in plain words: numbers, sums of money, days of the week.

What a person named is compared with what is entered. It knows shapes and short lists of words, and nothing of a screen.
"""

from __future__ import annotations

import re

from cua.policies.lexicon import listed
from cua.policies.values import Token, fold, tokens

_MONEY = re.compile(
    r"(?i)(?:eur|euros?|usd|gbp|chf|cad|aud|jpy|inr|pln|sek|nok|dkk|czk|dollars?|bucks|pounds?|quid|francs?|franken|yen|"
    r"rupees?|zloty|kronor|kroner|cents?|pence)$|[€$£¥₹]$"
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miercoles jueves viernes sabado domingo",
    "lunedi martedi mercoledi giovedi venerdi sabato domenica",
)
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_AIMS = frozenset({"to", "=", "auf", "a", "op", "til", "till", "на"})
_WEEK = frozenset(day for line in _DAYS for day in line.split())


def numbers(text: str) -> list[frozenset[float]]:
    """The numbers in a text, in figures or words, each as all that it may mean: "1.200" is more than one, or less."""
    return [values for token in tokens(text) if (values := _values(token, text))]


def sums(text: str) -> list[tuple[frozenset[float], int]]:
    """The sums of money in a text, each with how many words stand before it."""
    said = tokens(text)
    return [(values, at) for at in range(len(said)) if (values := _values(said[at], text)) and _priced(said, at)]


def amounts(text: str) -> frozenset[float]:
    """The numbers by which a person says how much or how many is wanted: sums of money, what follows a small word, and
    what stands right after the first one. "Pay the invoice 1004" says none: that is the name of a thing.
    """
    said = tokens(text)
    meant = [
        _values(token, text)
        for at, token in enumerate(said)
        if at == 1 or _priced(said, at) or (at and said[at - 1].word in listed("stop"))
    ]
    return frozenset().union(*meant)


def aims(text: str) -> frozenset[float]:
    """The numbers that something is to be set to: "to 25", and neither "by 5" nor "to 50 %"."""
    said = tokens(text)
    meant = [
        _values(token, text) for at, token in enumerate(said) if at and said[at - 1].word in _AIMS and token.unit != "%"
    ]
    return frozenset().union(*meant)


def days(text: str) -> frozenset[str]:
    """The days of the week that a text names."""
    return frozenset(re.findall(r"[a-z]+", fold(text))) & _WEEK


def _values(token: Token, text: str) -> frozenset[float]:
    if token.kind != "number":
        return frozenset()
    raw = text[token.start : token.end]
    written = _FIGURES.search(raw)
    if written is None:  # in words
        return frozenset([float(token.word)]) if _FIGURES.fullmatch(token.word) else frozenset()
    parts = re.split(r"[.,]", written[0])
    whole = float("".join(parts))
    grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:])
    decimal = float("".join(parts[:-1]) + "." + parts[-1]) if len(parts) > 1 else whole
    return frozenset([whole, decimal] if grouped else [decimal])


def _priced(said: tuple[Token, ...], at: int) -> bool:
    """Whether a currency stands beside a number."""
    return any(_MONEY.match(said[beside].word) for beside in (at - 1, at + 1) if 0 <= beside < len(said))
