"""A sentence becomes clauses: what is to be done, which way, to what, with which value. Never looks at a screen or app.

How people ask is data (`thesaurus.toml`); here is only how it is applied. Which way (on or off) is computed from verbs
and negations, never guessed from likeness. Where a sentence can be read in several ways, `readings` gives them, best
first, and what the app has to offer decides. A request *not* to act is a clause of its own: NOTHING.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from cua.errors import UsageError
from cua.policies.lexicon import grammar, known_words, label_words, slip, thesaurus, verbs
from cua.policies.values import Token, chord, expression, fold, number, starts, stripped, tokens

Verb = Literal[
    "ON", "OFF", "TOGGLE", "SET", "INCREASE", "DECREASE", "OPEN", "CLOSE", "GOTO", "DO", "NEW", "DELETE", "SAVE",
    "SAVE_AS", "FIND", "REPLACE", "SELECT", "TYPE", "CALCULATE", "PRESS", "UNDO", "REDO", "ZOOM_IN", "ZOOM_OUT",
    "NOTHING", "UNKNOWN",
]  # fmt: skip

_WAY: Mapping[str, int] = {"ON": 1, "OPEN": 1, "NEW": 1, "SELECT": 1, "GOTO": 1, "OFF": -1, "CLOSE": -1, "DELETE": -1}
_SLOT = {
    "object": r"(?P<object>.+?)", "text": r"(?P<text>.+)", "value": r"(?P<value>.+)", "extra": r"(?P<extra>.+)",
    "number": "(?P<number>\ue001)", "quoted": "(?P<text>\ue002)", "literal": "(?P<text>[\ue002-\ue004])",
    "url": "(?P<text>\ue004)",
}  # fmt: skip
_KINDS = ("number", "quoted", "path", "file", "url", "chord")
_MARK = dict(zip(_KINDS, "\ue001\ue002\ue003\ue003\ue004\ue005", strict=True))
_DANGLING = {"and", "or", "it", "with", "by", "as", "for", "to", "of"}
_SPLIT = {"and", "then", ",", ";", "but", "&", "."}
_FREE = {"TYPE", "FIND", "REPLACE", "SAVE_AS", "CALCULATE"}
_CLOSED = {"quoted", "number", "path", "file", "url"}  # after these a text is surely over
_AFTER_FREE = {"PRESS", "SAVE", "SAVE_AS", "CLOSE"}
_SHARED = {"ON", "OFF", "TOGGLE", "OPEN", "CLOSE", "DELETE", "SELECT", "PRESS", "SET", "INCREASE", "DECREASE"}
_FOLDER = re.compile(r"(?is)(?:in|into|to|inside) (?:the |my )?(.+?)(?: folder| directory)?")
_PLACED = re.compile(r"(?is)(.+\.\w{1,5}) (?:in|into|to|inside) (?:the |my )?(.+?)(?: folder| directory)?")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for. `object` is in words as they are compared; `value` and `extra` are exactly as written.

    `polarity` is +1 for what makes a thing be, -1 for what makes it not be, else 0. `extra` is the new text of REPLACE
    (then "all" where all are meant) and the folder of SAVE_AS. `words` is the whole clause without its value: a
    command's own name may hold its verb.
    """

    verb: Verb
    polarity: int
    object: str
    value: str | None = None
    unit: str | None = None
    extra: tuple[str, ...] = ()
    original: str = ""
    words: tuple[str, ...] = ()


@cache
def _frames() -> tuple[tuple[Verb, re.Pattern[str]], ...]:
    """The ways to ask. Of those that fit a clause, the one with most words of its own is meant, else the first."""
    return tuple((frame["verb"], re.compile(_pattern(say))) for frame in thesaurus()["frame"] for say in frame["say"])


def _pattern(template: str) -> str:
    template = re.sub(r" \[([^\[\]]*[^\[\] ])\]", r"[ \1]", template)
    for plain, meant in (("(", "(?:"), ("[", "(?:"), ("]", ")?")):
        template = template.replace(plain, meant)
    return re.sub(r"\{(\w+)\}", lambda slot: _SLOT[slot[1]], template)


def as_written(word: str, said: str) -> str:
    """The word of a clause as it was written in what was said; "" where it does not stand there, but was derived."""
    for token in tokens(said):
        written = said[token.start : token.end]
        if token.kind == "quoted":
            if found := as_written(word, token.word):
                return found
            continue
        (meant,) = _repaired([_heard(token)])
        if word in (token.word, fold(token.word), meant.word, *label_words(written)):
            return written
    return ""


def parse(goal: str) -> tuple[Clause, ...]:
    """What the sentence most likely asks for, clause by clause."""
    return readings(goal)[0]


def readings(goal: str) -> tuple[tuple[Clause, ...], ...]:
    """Every way we can read the sentence, the most likely first; never none."""
    written = tokens(goal)
    heard = [_heard(token) for token in written]
    found = _ways_to_read(_polite(heard), goal)
    if heard != list(written):  # what looks like a slip may be what something is called
        found += _ways_to_read(_polite(written), goal)
    return tuple(dict.fromkeys(found))


def _ways_to_read(said: list[Token], goal: str) -> list[tuple[Clause, ...]]:
    if not said:
        raise UsageError(f"the goal {goal!r} asks for nothing; say what to do, e.g. 'turn on line numbers'")
    parts = _parts(said, goal)
    best = tuple(_read(part, goal)[0] for part in parts)
    found = [tuple(each for clause in way for each in _each(clause)) for way in (_shared(best), best)] + [best]
    others = _read(said, goal)
    if len(parts) > 1:  # a command's own name may hold an "and"
        return [*found, (others[-1],)]
    found += [tuple(_each(clause)) for clause in others[1:3] if clause.verb != "UNKNOWN"]
    return [*found, *_states(best[0])]


def _heard(token: Token) -> Token:
    """A small word with a slip of the keyboard mended; what is asked for is left to whoever knows the names."""
    meant = slip(token.word, grammar()) if token.kind == "word" and len(token.word) > 4 else None
    return replace(token, word=meant) if meant else token


def _polite(said: Sequence[Token]) -> list[Token]:
    """Without what only makes it a request."""
    data = thesaurus()["politeness"]
    return stripped(said, data["before"], data["after"])


def _parts(said: list[Token], goal: str) -> list[list[Token]]:
    """The clauses of the sentence: cut only where both sides can stand alone."""
    cuts = [i for i, token in enumerate(said) if token.kind == "word" and token.word in _SPLIT]
    parts, start = [], 0
    for at, cut in enumerate(cuts):
        left = _polite(said[start:cut])
        following = next((later for later in cuts[at + 1 :] if later > cut + 1), len(said))
        right = _polite(said[cut + 1 : following])
        if not left or not right or not _alone(left, goal) or not _alone(right, goal):
            continue
        firm = said[cut].word in ("then", ";") or said[cut + 1].word == "then"
        free = _read(left, goal)[0].verb in _FREE and left[-1].kind not in _CLOSED
        if free and not firm and _read(right, goal)[0].verb not in _AFTER_FREE:
            text = goal[left[0].start : said[-1].end]
            raise UsageError(f"{text!r} may be one thing or two; put the text that is meant in quotes")
        parts.append(left)
        start = cut + 1
    return [*parts, _polite(said[start:])]


def _alone(part: list[Token], goal: str) -> bool:
    return bool(part) and part[0].word not in _SPLIT and _read(part, goal)[0].verb != "UNKNOWN"


def _read(part: list[Token], goal: str) -> list[Clause]:
    """The clauses that this part of the sentence may be, best first."""
    part = _polite(part)
    count, rest = _negations(part)
    if not count:
        return _framed(_repaired(part), goal)
    original = goal[part[0].start : part[-1].end]
    return [replace(clause, original=original) for clause in _negated(_repaired(rest), goal, count)]


def _negations(part: list[Token]) -> tuple[int, list[Token]]:
    data = thesaurus()["negation"]
    count = 0
    while length := max(starts(part, phrase) for phrase in data["before"]):
        rest = part[length:]
        if not rest or (part[0].word in data["gerund"] and not rest[0].word.endswith("ing")):
            break
        count, part = count + 1, rest
    return count, part


def _negated(rest: list[Token], goal: str, count: int) -> list[Clause]:
    """What "don't …" asks for: another state, or nothing at all."""
    inner = _framed(rest, goal)
    if count % 2 == 0:
        return inner
    first, data = rest[0].word, thesaurus()["negation"]
    nothing = replace(inner[0], verb="NOTHING", polarity=0)
    words = _phrase(rest)
    off = Clause("OFF", -1, " ".join(words), original=inner[0].original, words=words)
    if first in data["switching"]:
        return [nothing]
    if inner[0].verb in ("ON", "OFF"):
        other: Verb = "OFF" if inner[0].verb == "ON" else "ON"
        flipped = replace(inner[0], verb=other, polarity=-inner[0].polarity)
        return [flipped] if first in data["soft"] else [nothing]
    if inner[0].verb == "UNKNOWN" or (inner[0].verb == "DO" and inner[0].polarity):
        return [off]
    return [nothing, off]


def _repaired(part: list[Token]) -> list[Token]:
    """The first word as a verb we know: without -ing, or one slip of the keyboard mended, if only one verb fits."""
    first = part[0]
    if first.kind != "word" or first.word in known_words() or len(first.word) < 3:
        return part
    base = first.word.removesuffix("ing")
    bases = [verb for verb in (base, base + "e", base[:-1]) if base != first.word and verb in verbs()]
    verb = bases[0] if bases else slip(first.word, verbs())
    return [replace(first, word=verb), *part[1:]] if verb else part


def _framed(part: list[Token], goal: str) -> list[Clause]:
    """One clause for each verb whose frame fits, then the bare phrase."""
    string = " ".join(_MARK.get(token.kind, token.word) for token in part)
    fits = [(verb, fit) for verb, pattern in _frames() if (fit := pattern.fullmatch(string))]
    fits.sort(key=lambda pair: -_own(pair[1], len(part)))
    found = [clause for verb, fit in fits if (clause := _clause(verb, _slots(fit, part), part, goal))]
    words = _phrase(part)
    asked = part[0].kind == "word" and part[0].word in thesaurus()["words"]["imperatives"]
    original = goal[part[0].start : part[-1].end]
    bare = Clause("DO" if asked else "UNKNOWN", int(asked), " ".join(words), original=original, words=words)
    if value := expression(bare.original):
        found.insert(0, replace(bare, verb="CALCULATE", value=value, words=()))
    return [*[*{(c.verb, c.object, c.value): c for c in reversed(found)}.values()][::-1], bare]


def _own(fit: re.Match[str], length: int) -> int:
    """How many of the words are the frame's own; a value of the right kind counts as such."""
    slots = [text for text in fit.groupdict().values() if text and text not in _MARK.values()]
    return length - sum(text.count(" ") + 1 for text in slots)


def _slots(fit: re.Match[str], part: list[Token]) -> dict[str, list[Token]]:
    """The tokens in each slot of the frame."""
    begins = {
        name: fit.string[: fit.start(name)].count(" ") for name, text in fit.groupdict().items() if text is not None
    }
    return {name: part[start : start + fit[name].count(" ") + 1] for name, start in begins.items()}


def _clause(verb: Verb, slots: dict[str, list[Token]], part: list[Token], goal: str) -> Clause | None:
    """The clause of a frame that fits; None where what stands in a slot cannot be meant."""
    words = _phrase(slots.get("object", []))
    taken = [id(token) for name in ("text", "value", "extra", "number") for token in slots.get(name, [])]
    whole = _phrase([token for token in part if id(token) not in taken])
    clause = Clause(verb, _WAY.get(verb, 0), " ".join(words), original=goal[part[0].start : part[-1].end], words=whole)
    given = slots.get("number") or slots.get("value") or slots.get("text")
    if words and words[-1] in _DANGLING:
        return None
    if given is None:
        if not words and verb in ("ON", "OFF", "TOGGLE", "SET", "PRESS"):
            return None
        clause = replace(clause, polarity=1) if verb == "SET" else clause
        key = chord(clause.object) if verb == "PRESS" else None
        return replace(clause, value=key) if key else clause
    if given[0].kind == "word" and given[0].word in _DANGLING and verb != "TYPE":
        return None
    if verb == "SET" and not words:
        clause = replace(clause, object=part[0].word)
    return _valued(clause, given, slots.get("extra", []), part, goal)


def _valued(clause: Clause, given: list[Token], more: list[Token], part: list[Token], goal: str) -> Clause | None:
    """The clause with its value, exactly as written where it is text."""
    text = _written(given, goal)
    match clause.verb:
        case "CALCULATE":
            value = expression(text)
            return replace(clause, value=value) if value else None
        case "REPLACE":
            everywhere = any(token.word in ("all", "every", "each", "everywhere") for token in part)
            new = _written(more[:-1] if len(more) > 1 and more[-1].word == "everywhere" else more, goal)
            return replace(clause, value=text, extra=(new, "all") if everywhere else (new,))
        case "TYPE" | "FIND" if _says_more(clause.verb, given, text):
            return None
        case "SAVE_AS":
            named = given[0].word if given[0].kind == "quoted" else text
            rest = goal[given[0].end : given[-1].end].strip()
            if given[0].kind == "quoted" and rest:
                folder = _FOLDER.fullmatch(rest)
                return replace(clause, value=named, extra=(folder[1],)) if folder else None
            placed = _PLACED.fullmatch(text)
            if given[0].kind in ("file", "path") and rest and not placed:
                return None  # more follows the file's name: whatever that is, it is no part of it
            return replace(clause, value=placed[1], extra=(placed[2],)) if placed else replace(clause, value=text)
        case "TYPE" | "FIND":
            return replace(clause, value=text)
        case _ if given[0].kind == "quoted" and given[0].word != text:
            return None  # nor is it here: "set name to 'Ada' and city to 'Oslo'"
        case _:
            if len(given) == 1 and given[0].kind == "number":
                return replace(clause, value=given[0].word, unit=given[0].unit)
            plain = re.sub(r"(?i)^(?:the|a|an) ", "", text)
            return replace(clause, value=number(plain) or plain)


def _says_more(verb: Verb, given: list[Token], text: str) -> bool:
    """Whether more follows the quotes: whatever that is, it is not to be typed. Or it says too what is looked through:
    "parts for 'oil'".
    """
    where = verb == "FIND" and len(given) > 1 and any(token.kind == "quoted" or token.word == "for" for token in given)
    return where or (given[0].kind == "quoted" and given[0].word != text)


def _written(given: list[Token], goal: str) -> str:
    """The text of a slot: what is inside the quotes, or every character as it stands in the sentence."""
    if not given:
        return ""
    data = thesaurus()["politeness"]
    if given[0].kind == "quoted" and all(token.word in data["stop"] + data["weak"] for token in given[1:]):
        return given[0].word
    return goal[given[0].start : given[-1].end]


def _phrase(given: Sequence[Token]) -> tuple[str, ...]:
    """The words of a phrase as they are compared; a comma is an "and"."""
    skip = {*thesaurus()["politeness"]["skip"], *".;:()'-/"}
    kept = (fold(token.word) for token in given if not (token.kind == "word" and token.word in skip))
    return tuple(re.sub(r"(and )+", "and ", " ".join(kept).replace(",", "and")).split())


def _each(clause: Clause) -> list[Clause]:
    """One clause for each of "word wrap and line numbers"; "rather than tabs" only says what is not meant."""
    plain = re.split(r" (?:instead of|rather than) ", clause.object)[0]
    objects = [part for part in re.split(r" (?:and|as well as|&) ", plain) if part]
    if clause.verb not in _SHARED or len(objects) < 2 or any(part.split()[0] in verbs() for part in objects[1:]):
        return [clause if plain == clause.object else replace(clause, object=plain, words=tuple(plain.split()))]
    own = [word for word in clause.words if word not in clause.object.split()]
    return [replace(clause, object=part, words=(*own, *part.split())) for part in objects]


def _shared(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """With "auto indent" in "turn off word wrap and auto indent" switched the same way: names begin like orders too."""
    found: list[Clause] = []
    for clause in clauses:
        last = found[-1] if found else clause
        alike = last.verb in ("ON", "OFF", "TOGGLE") and clause.verb == "DO" and clause.value is None
        found.append(replace(clause, verb=last.verb, polarity=last.polarity) if alike else clause)
    return tuple(found)


def _states(clause: Clause) -> Iterator[tuple[Clause, ...]]:
    """ "Unlock the layers" may be a command, or the switch "Lock layers" turned off."""
    for pair in thesaurus()["meaning"]["state"]:
        state, undone = (side.split(" = ") for side in pair.split(" | "))
        if clause.verb == "DO" and clause.words and clause.words[0] in undone:
            words = (state[0], *clause.words[1:])
            yield (replace(clause, verb="OFF", polarity=-1, object=" ".join(words), words=words),)
