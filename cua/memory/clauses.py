"""A text becomes the clauses that may be statements of the person who wrote it: no questions, no texts to be written.

What stands in quotes is no statement, nor is what follows a request to write something, or what somebody else said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from cua.memory.aspects import listed, meant, words

_SENTENCE = re.compile(
    r"(?<=[.!?;])(?<!\b[A-Z]\.)(?<!\b(?:Dr|St|Mr|Ms|No)\.)(?<!\b(?:Mrs|Str|e\.g|i\.e)\.)\s+|\s*\n+\s*"
)
_JOINT = re.compile(
    r"(?:\s*,\s*(?:and|but)?|\s+(?:and|but))\s+"
    r"(?=(?:please |also )?(?:my|i|you can|call me|always|never|from now on)\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)|(?<!\w)‘[^’]*’(?!\w)")
_SHORT = (
    (r"\bI['’]m\b", "I am"), (r"\bI['’]d\b", "I would"), (r"\bI['’]ve\b", "I have"), (r"\bdon['’]?t\b", "do not"),
    (r"\bcan['’]?t\b", "can not"),
)  # fmt: skip
_CLIPPED = re.compile(r"\bmy ((?:[\w-]+ ){0,2}[\w-]+)['’]s ", re.IGNORECASE)
_OTHER = re.compile(r"(?:,| and),? (?:and )?not (?:any ?more|[^,]+)$|, no longer .+$")
_MOST_READ = 4000  # characters of a text
_MOST_JOINED = 3  # places within a statement that look like the start of another


def clauses(text: str, fits: Callable[[str], object]) -> Iterator[tuple[str, str]]:
    """The clauses that may be statements, each with its sentence; none after what may ask for a text to be written."""
    quotes: list[str] = []

    def masked(hit: re.Match[str]) -> str:
        quotes.append(hit[0])
        return chr(0xE000 + len(quotes) - 1)

    plain = _QUOTED.sub(masked, text.strip()[:_MOST_READ])
    for shape, full in _SHORT:
        plain = re.sub(shape, full, plain, flags=re.IGNORECASE)
    plain = _CLIPPED.sub(lambda hit: f"my {hit[1]} is " if meant(hit[1]) else hit[0], plain)
    for sentence in _SENTENCE.split(plain):
        if sentence.rstrip().endswith("?") or _passing(sentence):
            continue
        found = [_unmasked(clause, quotes) for clause in _of_sentence(sentence, quotes, fits)]
        yield from ((clause, _unmasked(sentence, quotes).strip()) for clause in found)
        if not found and not listed("writing").isdisjoint(words(sentence)):
            return


def _of_sentence(sentence: str, quotes: list[str], fits: Callable[[str], object]) -> Iterator[str]:
    """The statements that a sentence is made of: each as long as one can be, none after what is no statement."""
    cuts = [(hit.start(), hit.end()) for hit in _JOINT.finditer(sentence)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
    at = 0
    while at < len(starts):
        last = min(at + _MOST_JOINED, len(ends) - 1)
        clauses = [(stop, _bare(sentence[starts[at] : ends[stop]])) for stop in range(last, at - 1, -1)]
        fitting = [(stop, clause) for stop, clause in clauses if clause and fits(_unmasked(clause, quotes))]
        if fitting:
            yield fitting[0][1]
        elif clauses[-1][1] and not _request(clauses[-1][1]):
            return
        at = fitting[0][0] + 1 if fitting else at + 1


def _unmasked(text: str, quotes: list[str]) -> str:
    return "".join(quotes[ord(c) - 0xE000] if 0 <= ord(c) - 0xE000 < len(quotes) else c for c in text)


def _passing(sentence: str) -> bool:
    plain = f" {' '.join(words(sentence))} "
    return any(f" {' '.join(words(phrase))} " in plain for phrase in listed("passing"))


def _request(part: str) -> bool:
    """Whether that asks for something without a text in it: what follows is said of the person all the same."""
    said = words(part)
    return bool(said) and said[0] in listed("asking") and listed("writing").isdisjoint(said)


def _bare(part: str) -> str:
    """A clause without what only leads to it or trails it, and without "not Eve" after "Ada"."""
    part = part.strip().rstrip(".!;,").strip()
    lead, trail = _fringes()
    before = None
    while before != part:
        before = part
        part = trail.sub("", lead.sub("", part))
        part = _OTHER.sub("", part) if " is not" not in part else part
    return part


@cache
def _fringes() -> tuple[re.Pattern[str], re.Pattern[str]]:
    lead, trail = ("|".join(sorted(map(re.escape, listed(name)), key=len, reverse=True)) for name in ("lead", "trail"))
    before, after = rf"^(?:{lead})\b\s*(?:[,:!.-]*\s+|[,:!.]*$)", rf"[,\s]+(?:{trail})$"
    return re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE)
