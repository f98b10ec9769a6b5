"""What can be known of a person: aspects, the names they go by, and which values make sense for them. Data and rules.

The words are in `profile.toml`. Nothing here is remembered, and what is not surely a value of its kind is none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from cua.secret_words import folded, named_secret

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])")
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_LONGEST_NAME = 7  # words
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th)?\.?"
_FORMS = {
    "email": r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}",
    "phone": r"(?=(?:\D*\d){6,15}\D*$)\+?[\d\s()./-]+",
    "url": r"https?://\S+|(?:[\w-]+\.)+(?!(?:html?|php|pdf|docx?|txt|od[tsp]|png|jpe?g|css|js|py|md|xlsx?|csv|zip)\b)"
    r"[A-Za-z]{2,}(?:/\S*)?",
    "date": rf"\d{{4}}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{{2,4}}|{_DAY}(?: of)? {_MONTH},?(?: \d{{4}})?"
    rf"|{_MONTH} {_DAY},?(?: \d{{4}})?",
    "code": r"(?=.*\d)(?:[A-Z0-9][A-Z0-9./-]*)(?: [A-Z0-9./-]*\d[A-Z0-9./-]*)*",
    "handle": r"@[\w.-]+|(?=\S*[\d._])[A-Za-z][\w.-]*\w",
    "pronouns": r"[a-z]+/[a-z]+(?:/[a-z]+)?",
    "zone": r"[A-Z][A-Za-z]+/[A-Z]\w+(?:/[A-Z]\w+)?|(?:UTC|GMT)(?:[+-]\d\d?(?::?\d\d)?)?|[A-Z]{2,4}T",
}  # fmt: skip

_KEYS = re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|glpat|AKIA|AIza|ya29)[-_]?\w{12,}|-----BEGIN|\beyJ[\w-]{10,}\.")
_LONG = re.compile(r"(?<![\w@./:-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}(?![\w@.-])")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that can be known. `values` are the spellings of each value where these are known beforehand, `beside`
    what may stand with one, and must with those of `need`.
    """

    id: str
    kind: str
    values: Mapping[str, tuple[str, ...]]
    beside: frozenset[str]
    need: frozenset[str]


@cache
def data() -> Mapping[str, Any]:
    """The words that are shipped, read once."""
    return tomllib.loads(files("cua.memory").joinpath("profile.toml").read_text("utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    """One of the lists of words."""
    return frozenset(data()["words"][name])


@cache
def aspects() -> Mapping[str, Aspect]:
    """All that are known beforehand, by id."""
    return {
        each["id"]: Aspect(
            each["id"],
            each["kind"],
            {value: tuple(map(key, said)) for value, said in each.get("values", {}).items()},
            frozenset(map(key, each.get("with", ()))),
            frozenset(map(key, each.get("need", ()))),
        )
        for each in data()["aspect"]
    }


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a label or sentence as they are compared: folded, identifiers cut, "e-mail" in one."""
    spaced = _HYPHEN.sub("", _CAMEL.sub(" ", text))
    return tuple(word.replace("’", "'").removesuffix("'s").replace("'", "") for word in _WORD.findall(folded(spaced)))


def key(text: str) -> str:
    """A name as it is compared: "First name", "first-name" and "firstName" have one key."""
    return "".join(words(text))


@cache
def names() -> Mapping[str, Mapping[str, float]]:
    """The aspects that each name may mean, with the distance."""
    found: dict[str, dict[str, float]] = {}
    for each in data()["aspect"]:
        for name in (each["id"], *each["names"]):
            found.setdefault(key(name), {})[each["id"]] = 0.0
        for name, distance in each.get("near", {}).items():
            found.setdefault(key(name), {}).setdefault(each["id"], distance)
    return found


@cache
def qualifiers() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Which of one's own is meant, and whose it is else: each word with the name of its meaning."""
    own, persons = (
        {folded(word): line.split()[0] for line in data()["qualifiers"][name] for word in line.split()}
        for name in ("own", "persons")
    )
    return own, persons


@dataclass(frozen=True, slots=True)
class Window:
    """Words that stand together in a query, from `start` to `end`, and their key."""

    start: int
    end: int
    key: str


def windows(said: Sequence[str]) -> Iterator[Window]:
    """Every run of words that may be a name, also without the s of a plural, and "X of Y" as "Y X"."""
    for start in range(len(said)):
        for end in range(start + 1, min(len(said), start + _LONGEST_NAME) + 1):
            run = [word for word in said[start:end] if word not in ("the", "my", "your")]
            whole = "".join(run)
            yield Window(start, end, whole)
            if len(whole) > 4 and whole.endswith("s"):
                yield Window(start, end, whole[:-1])
            if "of" in run[1:-1]:
                at = run.index("of")
                yield Window(start, end, "".join([*run[at + 1 :], *run[:at]]))


def qualified(said: Iterable[str]) -> frozenset[str]:
    """Which qualifiers are among these words, by name."""
    own, persons = qualifiers()
    return frozenset(own.get(word) or persons[word] for word in said if word in own or word in persons)


def meant(phrase: str) -> tuple[str, str] | None:
    """The aspect that a phrase of a sentence surely names, and its qualifier; None if a word is left over."""
    said = [word for word in words(phrase) if word not in ("new", "current", "own", "the", "a", "s")]
    for cut in (0, 1):  # "home phone" with its qualifier; "home page", of which it is a part
        of = sorted(qualified(said[:1])) if cut and len(said) > 1 else []
        if cut and not of:
            break
        exact = [each for each, far in names().get("".join(said[cut:]), {}).items() if far == 0]
        if len(exact) == 1:
            return exact[0], "".join(of)
    return None


# ---------------------------------------------------------------------------------------------- values


def valid(kind: str, text: str, *, whole: str = "") -> str:
    """The value of that kind that a text is, tidied; "" if it is not surely one. `whole` is the clause around it."""
    text = text.strip().strip(",;:").strip()
    quoted = re.fullmatch(r"[\"“'‘«](.+)[\"”'’»]", text)
    if quoted and kind in ("name", "place", "organisation", "phrase", "handle", "address"):
        return quoted[1].strip()
    text = quoted[1] if quoted else text.rstrip(".!")
    if kind in ("name", "place", "organisation"):
        shouted = whole and not re.search(r"[a-z]", whole.replace(text, ""))
        digits = kind != "organisation" and any(c.isdigit() for c in text)
        return text if not shouted and not digits and _is_name(text, 6 if kind == "organisation" else 5) else ""
    if kind == "address":
        proper = re.match(r"[\dA-ZÀ-Þ]", text) and re.search(r"\d", text) and re.search(r"[^\W\d_]{3,}", text)
        return text if proper and re.search(r"(?<!\w)[A-ZÀ-Þ]\w+", text[1:] if text[0].isdigit() else text) else ""
    if kind in ("language", "languages", "country"):
        return _listed(kind, text)
    if kind in _FORMS:
        cased = re.IGNORECASE if kind in ("date", "pronouns") else 0
        return text if re.fullmatch(_FORMS[kind], text, cased) else ""
    return text if kind == "phrase" and (text[:1].isupper() and _is_name(text, 6)) else ""


_IN_NAMES = frozenset({"the", "of", "and", "a", "an", "in", "on", "at", "new", "old", "march", "august", "no"})


def _is_name(text: str, most: int) -> bool:
    """Whether each word is written as names are: capitals, but for particles."""
    said = text.replace(", Inc", " Inc").replace(", Ltd", " Ltd").split()
    never = listed("unnamed") - (_IN_NAMES if len(said) > 1 else frozenset())
    if not 0 < len(said) <= most or not never.isdisjoint(folded(word).strip(".,") for word in said):
        return False
    small = [word for word in said if not (word[0].isupper() or word[0].isdigit() or word == "&")]
    shaped = all(re.fullmatch(r"[\w.'’&/+-]+", word) for word in said)
    proper = any(word[0].isupper() and any(letter.isalpha() for letter in word) for word in said)
    return proper and shaped and said[-1] not in small and all(word in listed("particles") for word in small)


def _listed(kind: str, text: str) -> str:
    if kind == "country":
        return text if folded(text) in listed("countries") else ""
    parts = [folded(part).strip() for part in re.split(r",| and |&", text) if part.strip()]
    known = {folded(word) for word in listed("languages")}
    good = parts and all(part in known for part in parts) and (kind == "languages" or len(parts) == 1)
    return text if good else ""


def option(phrase: str, *, sure: bool = False) -> tuple[str, str] | None:
    """The aspect and value that a phrase such as "dark mode" means; None if it is not just one. `sure` asks that the
    phrase says the aspect too, or is no common word.
    """
    said = [word for word in words(phrase) if word not in ("the", "a", "an", "my", "all", "by", "with")]
    found = set()
    for aspect in aspects().values():
        for value, spellings in aspect.values.items():
            for start, end in _places(said, spellings):
                rest = "".join(said[:start] + said[end:])
                plain = "".join(said[start:end]) not in aspect.need
                alone = not rest and plain and (not sure or any(c.isdigit() for c in phrase))
                if alone or rest in aspect.beside:
                    found.add((aspect.id, value))
    return found.pop() if len(found) == 1 else None


def _places(said: Sequence[str], spellings: Sequence[str]) -> Iterator[tuple[int, int]]:
    for start in range(len(said)):
        for end in range(start + 1, len(said) + 1):
            if "".join(said[start:end]) in spellings:
                yield start, end


# ---------------------------------------------------------------------------------------------- secrets


def secret_in(text: str) -> str:
    """What in the text is a secret, in words; "" if nothing is. It never gives the secret back."""
    if named_secret(text):
        return "a password, PIN, key or the like"
    for hit in _CARD.finditer(text):
        if _luhn(re.sub(r"\D", "", hit[0])):
            return "a card number"
    unlinked = re.sub(r"\S+://\S+|\S+@\S+", " ", text)
    return "a key or token" if _KEYS.search(text) or _LONG.search(unlinked) else ""


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
