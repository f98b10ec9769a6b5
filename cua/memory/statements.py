"""What a person says of themselves: the facts and preferences that a text holds, by a grammar, without a model.

The forms are data (`profile.toml`). A clause counts only if it is one of the forms as a whole and its value makes sense
for its aspect; whatever may be a question, a goal, a text to write or about somebody else says nothing. Secrets are
never among what is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from cua.memory.aspects import aspects, data, listed, meant, option, qualifiers, secret_in, valid, words
from cua.memory.clauses import clauses

_SLOTS = {
    "aspect": r"(?P<aspect>[\w'’ -]+?)", "value": r"(?P<value>.+?)", "of": r"(?P<of>[\w'’-]+)", "act": r"(?P<act>.+?)",
    "thing": r"(?P<thing>[\w-]+(?: [\w-]+){0,2}?)", "title": r"(?P<title>[\w' -]+?)",
}  # fmt: skip
_PLACED = re.compile(r"(?P<what>.+?) (?P<how>as|in|with|to|by|on|at|from|via|under) (?P<value>\S.*)", re.IGNORECASE)
_RESTRICTED = re.compile(
    r"[,;:]|\b(?:on|in|at|when|while|if|with|without|until|during|unless|because)\b", re.IGNORECASE
)
_LONGEST = 300  # characters of a statement


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of the person. `of` says which or whose ("work", "boss"), `place` the only app or site it holds
    for, `source` the sentence it comes from. `confidence` is from 0 to 1.
    """

    aspect: str
    value: str
    kind: Literal["fact", "preference"] = "fact"
    of: str = ""
    place: str = ""
    source: str = ""
    run: str = ""
    time: float = 0.0
    confidence: float = 1.0
    id: str = ""

    @property
    def title(self) -> str:
        """What it is, in words: "work email"."""
        return f"{self.of} {self.aspect}".strip()

    @property
    def line(self) -> str:
        """All of it in a line: "work email: ada@example.org", "never use tabs"."""
        ordered = self.kind == "preference" and self.value in ("always", "never")
        told = f"{self.value} {self.title}" if ordered else f"{self.title}: {self.value}"
        return f"{told} (only on {self.place})" if self.place else told


def said(text: str, when: float) -> tuple[Fact, ...]:
    """The facts and preferences in a text, in order; of two on one thing the later. Unsure is nothing."""
    found: dict[tuple[str, str], Fact] = {}
    for clause, sentence in clauses(text, _read):
        for fact in _read(clause):
            if not secret_in(f"{fact.aspect} {fact.value}"):
                found.pop((fact.aspect, fact.of), None)
                found[fact.aspect, fact.of] = replace(fact, source=sentence, time=when)
    return tuple(found.values())


# ---------------------------------------------------------------------------------------------- forms


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    found = []
    for form in data()["form"]:
        for template in form["say"]:
            shape = re.sub(r"\{(\w+)\}", lambda slot: _SLOTS[slot[1]], template.replace("(", "(?:"))
            found.append((re.compile(shape, re.IGNORECASE | re.DOTALL), form["as"], form.get("aspect", "")))
    return tuple(found)


def _read(clause: str) -> tuple[Fact, ...]:
    """What the first form says in which the clause makes sense."""
    first = words(clause)[:1] if len(clause) <= _LONGEST else ()
    if not first or (first[0] in listed("questions") and words(clause)[:2] != ("do", "not")):
        return ()
    for shape, kind, aspect in _forms():
        if (hit := shape.fullmatch(clause)) and (found := _MAKE[kind](hit.groupdict(), aspect, clause)):
            return found
    return ()


Parts = dict[str, str]


def _fact(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    named = (aspect, "") if aspect else meant(parts["aspect"])
    of = _of(parts.get("of") or "")
    if not named or of is None or (of and named[1]):
        return ()
    kind = aspects()[named[0]].kind
    if kind == "option":
        found = option(parts["value"]) or option(f"{parts['value']} {named[0]}")
        value = found[1] if found and found[0] == named[0] else ""
        return (Fact(named[0], value, "preference", named[1] or of),) if value else ()
    value = valid(kind, parts["value"], whole=clause)
    if aspect == "allergies":
        value = _plain(parts["value"], 5)
    return (Fact(named[0], value, "fact", named[1] or of),) if value else ()


def _of(said: str) -> str | None:
    """The qualifier by its name; None for a word that is none."""
    own, persons = qualifiers()
    word = (words(said) or ("",))[0]
    return "" if not word else own.get(word) or persons.get(word)


def _person(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    named = qualifiers()[1].get((words(parts["of"]) or ("",))[0])
    value = valid("name", parts["value"], whole=clause)
    return (Fact("name", value, "fact", named),) if named and value else ()


def _residence(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    """A country, a city, or both; where a form gives an aspect, a city alone may be any place, such as a folder."""
    if country := valid("country", parts["value"]):
        return (Fact("country", country),)
    city, _, rest = (part.strip() for part in parts["value"].partition(","))
    found = [Fact("city", city)] if valid("place", city, whole=clause) and (rest or not aspect) else []
    if found and rest:
        if country := valid("country", rest):
            found.append(Fact("country", country))
        elif re.fullmatch(r"[A-Z]{2}", rest):
            found.append(Fact("region", rest))
        else:
            return ()
    return tuple(found)


def _work(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    title = _plain(parts["title"], 4)
    company = valid("organisation", parts["value"], whole=clause) if parts["value"] else ""
    if not title:
        return ()
    return (Fact("job title", title), *((Fact("company", company),) if company else ()))


def _reach(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    for kind in ("email", "phone"):
        if value := valid(kind, parts["value"]):
            return (Fact(kind, value),)
    return ()


# ---------------------------------------------------------------------------------------------- preferences


def _plain(text: str, most: int) -> str:
    """The text, if it is about nothing that only shows now and not too long to be a value."""
    said = words(text)
    good = 0 < len(said) <= most and said[0] not in listed("deictic") and not {"this", "that", "it"} & set(said)
    return text.strip().strip("\"“”'‘’").strip() if good and not set(said) & (listed("unnamed") - _SMALL) else ""


_SMALL = frozenset({"the", "a", "an", "or", "and", "on", "in", "at", "new", "old", "not", "no"})


def _wish(aspect: str, value: str) -> tuple[Fact, ...]:
    return (Fact(aspect, value, "preference"),)


def _favourite(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    named, value = meant(parts["thing"]), parts["value"]
    if named and aspects()[named[0]].kind == "option" and (found := _fact(parts | {"of": ""}, named[0], clause)):
        return found
    liked = re.match(r"my (favou?rite|preferred)", clause, re.IGNORECASE)
    named = None if liked and liked[1][0] in "fF" else named
    if named and (plain := valid(aspects()[named[0]].kind, value, whole=clause)):
        return _wish(named[0], plain)
    value = _plain(value, 6)
    if not value or "," in value or not (liked or value[0].isupper() or any(c.isdigit() for c in value)):
        return ()
    return _wish(f"{'favourite' if liked else 'default'} {' '.join(words(parts['thing']))}", value)


def _prefer(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    text = re.split(r",? (?:over|to|rather than|instead of|more than)\b ?", parts["value"])
    thing, _, purpose = text[0].partition(" for ")
    other = text[1] if len(text) > 1 else ""
    if words(parts["value"])[:1] == ("to",):
        return _order(parts["value"].split(None, 1)[1], "always") if words(parts["value"])[1:] else ()
    if found := option(thing):
        return _wish(*found)
    thing, purpose = _plain(thing, 4), _plain(purpose, 4)
    if not thing or _RESTRICTED.search(thing) or thing.casefold().endswith((" one", " ones")):
        return ()
    if purpose or other:
        pair = " or ".join(sorted(" ".join(words(side)) for side in (thing, other))) if other else ""
        return _wish(purpose or pair, thing) if purpose or _plain(other, 4) else ()
    nouns = [word for word in words(thing) if word.isalpha()]
    return _wish(nouns[-1], thing) if nouns and len(words(thing)) > 1 else ()


def _known(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    found = option(parts["value"], sure=True)
    return _wish(*found) if found else ()


def _dislike(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    found = option(parts["value"], sure=True)
    return _wish(found[0], f"not {found[1]}") if found else ()


def _standing(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    return _order(parts["act"], "always")


def _always(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    return _order(parts["act"], "always") if _is_clear(parts["act"]) else ()


def _never(parts: Parts, aspect: str, clause: str) -> tuple[Fact, ...]:
    ever = words(clause)[:3] == ("from", "now", "on")
    return _order(parts["act"], "never") if ever or _is_clear(parts["act"]) else ()


def _is_clear(act: str) -> bool:
    """Whether that is hardly a wish for now alone, as "always show the toolbar" may be."""
    return (words(act) or ("",))[0] not in listed("unclear")


def _order(act: str, how: str) -> tuple[Fact, ...]:
    """A standing order: of an option its value, else what is to be done in the words it was said in."""
    said = words(act)
    if not 2 <= len(said) <= 9 or said[0] not in listed("standing") or re.search(r"^\S*[^\w\s]|[,;]", act):
        return ()
    if {"this", "that", "it", "these", "those", "selected", "current", "them"} & set(said):
        return ()
    verb, rest = act.split(None, 1)
    placed = (
        _PLACED.fullmatch(act) if not rest.lower().startswith(("as ", "in ", "with ", "by ", "to ", "on ")) else None
    )
    end = placed["value"] if placed else re.sub(r"^(?:as|in|with|by|to|on) ", "", rest, flags=re.IGNORECASE)
    if found := option(end):
        return _wish(found[0], found[1] if how == "always" else f"not {found[1]}")
    if valid("language", end) and how == "always":
        return _wish(f"{verb.lower()} language", end)
    if how == "always" and verb.lower() == "use":
        return _prefer({"value": rest}, "", act)
    if how == "always" and end != rest:
        what = act[: len(act) - len(end)].strip()
        return _wish(" ".join(words(what)), end.strip("\"“”'‘’"))
    return _wish(" ".join(act.split()), how)


_MAKE: dict[str, Callable[[Parts, str, str], tuple[Fact, ...]]] = {
    "fact": _fact, "person": _person, "residence": _residence, "work": _work, "reach": _reach, "prefer": _prefer,
    "favourite": _favourite, "known": _known, "dislike": _dislike, "standing": _standing, "always": _always,
    "never": _never,
}  # fmt: skip
