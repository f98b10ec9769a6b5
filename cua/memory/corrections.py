"""What the profile learns where a person corrects what was filled in, by changing it or by saying so. No model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cua.memory.aspects import aspects, qualified, secret_in, valid, words
from cua.memory.distances import MARGIN, SURE
from cua.memory.profile import Profile, sure
from cua.memory.statements import Fact
from cua.secret_words import named_secret

_ONLY_HERE = 0.7  # how sure a correction is that was made in one place
_LONGEST = 200
_CHOICE = re.compile(
    r"(?:(?:no|nope|wrong|sorry)\b[,.!]?\s*)?(?:please )?(?:use|take|put|i meant|i mean|it is|it should be|make it)"
    r"(?: in)? (?:(?:the|my) )?(?P<right>.+?)(?: one)?(?:,? (?:instead|please))*[.!]*",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:no,? )?(?:it is )?not (?P<wrong>[^,;]+?)(?:,|;| but| -)+ (?:but )?(?P<right>.+?)[.!]*", re.IGNORECASE
)
_BUT_NOT = re.compile(r"(?:no,? )?(?P<right>[^,;]+?),? (?:and )?not (?P<wrong>.+?)[.!]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put into a field: its label, the value, the place (see `place_of`), and what stands around it."""

    label: str
    value: str
    place: str = ""
    around: str = ""
    run: str = ""


def corrected(profile: Profile, filled: Filled, right: str, when: float) -> Fact | None:
    """Learn that another value was right, and give the fact that it is. Another fact that is known: it is chosen here
    from now on. A new value for a fact that was filled in: it counts in this place, and everywhere once a second place
    agrees. Anything else was about that task alone: None. Raises RecordError.
    """
    right = right.strip()
    if not right or right == filled.value or named_secret(filled.label) or secret_in(right):
        return None
    near = profile.look_up(filled.label, place=filled.place, around=filled.around)
    wrong = next((fact for fact, far in near if fact.value == filled.value and far <= SURE), None)
    known = profile.having(filled.label, right)
    here = [fact for fact in known if fact.place in ("", filled.place)]
    if here:
        profile.choose(filled.place, here[0], wrong)
        return here[0]
    if wrong is None or not _makes_sense(wrong, right):
        return None
    everywhere = not filled.place or any(fact.of == wrong.of and fact.aspect == wrong.aspect for fact in known)
    new = replace(wrong, value=right, place="" if everywhere else filled.place, run=filled.run, time=when)
    sourced = replace(new, source=f"corrected in {filled.label}", confidence=1.0 if everywhere else _ONLY_HERE)
    return (profile.keep([sourced]) or (None,))[0]


def heard(profile: Profile, text: str, filled: Filled, when: float) -> str:
    """The value that is right instead, from "no, use the work address" or "not Tuesday, Wednesday"; "" if the text
    says none. What is to be learned of it is learned. Raises RecordError.
    """
    right = _right(profile, text.strip(), filled)
    if not right or secret_in(right) or named_secret(filled.label):
        return ""
    corrected(profile, filled, right, when)
    return right


def _right(profile: Profile, text: str, filled: Filled) -> str:
    for shape in (_NOT, _BUT_NOT):
        hit = shape.fullmatch(text)
        if hit and re.search(rf"(?<!\w){re.escape(hit['wrong'])}(?!\w)", filled.value):
            return filled.value.replace(hit["wrong"], hit["right"])
    hit = _CHOICE.fullmatch(text)
    if not hit:
        return ""
    asked = hit["right"]
    particular = qualified(words(asked))
    for label in (f"{' '.join(particular)} {filled.label}", asked) if particular else (asked,):
        found = profile.look_up(label)
        if fact := sure([(fact, far) for fact, far in found if far < SURE - MARGIN]):
            return fact.value
    kinds = {aspects()[fact.aspect].kind for fact, _ in profile.look_up(filled.label) if fact.aspect in aspects()}
    return next((value for kind in sorted(kinds) if (value := valid(kind, asked))), "")


def _makes_sense(wrong: Fact, right: str) -> bool:
    known = aspects().get(wrong.aspect)
    if len(right) > _LONGEST or not right.isprintable():
        return False
    return known is None or known.kind in ("option", "phrase") or bool(valid(known.kind, right))
