"""Task templates with slots: the words of a goal, of which those that the run itself used are slots. Pure data.

A word becomes a slot only because a step of a passed run clicked, typed or opened just that. Everything else of the
goal stays as it was said: "two", "tonight" or "cheapest", which no step used by name, may steer the steps in ways that
nothing shows, so another word there is another template. It never guesses which words are values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cua.memory.signatures import Value, plain

LONGEST = 5
NEXT, END = "\ue011next", "\ue011end"
_SLOT = "\ue012"
_SMALL_WORDS = """
    a an the of to in on at by for from with and or then as it is be do my me i you your this that not no
    turn set switch make put get go off
"""
SMALL = frozenset(_SMALL_WORDS.split())
# a goal that says so leaves it to what the screen shows: its steps are only good for the very same content
_CONTENT_WORDS = """
    all another any anything best biggest both cheapest closest each either every everything except fastest fewest
    few first highest if last latest least longest lowest many more most nearest newest next oldest only other others
    previous quickest random recent second shortest smallest some third top unless unread until when whenever where
    whether whichever while largest highest-rated
"""
_CONTENT = frozenset(_CONTENT_WORDS.split())
_MORE = frozenset({"more", "another"})  # of these words, those that may just add to what stands behind them
_AMONG = frozenset({"than", "which", "what", "who", "whose"})


@dataclass(frozen=True, slots=True)
class Said:
    """One word of a goal, or one literal. `text` is as written, `key` as it is compared; `kind` as in Value."""

    text: str
    key: str
    kind: str = "word"


@dataclass(frozen=True, slots=True)
class Goal:
    """A task in words, clause by clause."""

    clauses: tuple[tuple[Said, ...], ...]

    @property
    def by_content(self) -> bool:
        """Whether what is to be done depends on what the screen shows."""
        words = (said.key for clause in self.clauses for said in clause if said.kind == "word")
        return any(map(_by_content, words))

    def adds_to(self, values: Sequence[Value]) -> bool:
        """Whether all that sounds as if it went by content only adds to one of these values, as in "one more 'X'"."""
        keys = [[said.key for said in clause] for clause in self.clauses]
        named = [value.key.split() if value.kind == "word" else [value.key] for value in values if value.kind != "rest"]
        if any(not _AMONG.isdisjoint(clause) for clause in keys):
            return False
        for clause in keys:
            for at, word in enumerate(clause):
                behind = clause[at + 1 + (clause[at + 1 : at + 2] == ["of"]) :]
                to_it = word in _MORE and any(behind[: len(name)] == name for name in named)
                if _by_content(word) and not to_it:
                    return False
        return True

    def words(self, count: int) -> frozenset[str]:
        """The words of the first clauses that are no mere grammar."""
        return frozenset(
            word for clause in self.clauses[:count] for said in clause for word in said.key.split() if word not in SMALL
        )

    def after(self, count: int) -> Goal:
        """What is left when the first clauses are done."""
        return Goal(self.clauses[count:])


def _by_content(word: str) -> bool:
    return word in _CONTENT or (len(word) > 5 and word.endswith(("iest", "est")))


@dataclass(frozen=True, slots=True)
class Fit:
    """A template that a goal fits: its number, the values in its slots, and how many clauses of the goal it covers. The
    last value is the rest: the clauses after those, as one text.
    """

    template: int
    values: tuple[Value, ...]
    clauses: int
    words: int

    def alone(self) -> Fit:
        """The same for a goal that ends where these clauses end."""
        return replace(self, values=(*self.values[:-1], Value("", "", "rest")))


def rest(goal: Goal, count: int) -> Value:
    """The clauses after the first so many, as one value; what literals they hold makes no other value of it."""
    words = (" ".join(said.key if said.kind == "word" else said.kind for said in part) for part in goal.clauses[count:])
    text = "; ".join(words)
    return Value(text, text, "rest")


def template(goal: Goal, used: frozenset[str], count: int) -> tuple[str, ...]:
    """The first `count` clauses with the words in `used` (as compared) taken out, as tokens of the tree."""
    tokens: list[str] = []
    for number, clause in enumerate(goal.clauses[:count]):
        tokens += [NEXT] if number else []
        parts = list(_cut(clause, used, goal))
        lengths = [0, *(length for _, length in parts), 0]
        for before, (start, length), after in zip(lengths, parts, lengths[2:], strict=False):
            said = clause[start]
            beside = said.kind == "word" and (before > 0 or after > 0)
            tokens.append(slot(said.kind, length if beside else 0) if length else literal(said))
    return (*tokens, END)


def _cut(clause: Sequence[Said], used: frozenset[str], goal: Goal) -> Iterator[tuple[int, int]]:
    """Where each word or slot of the clause starts, and how many words the slot takes; 0 for a word of its own."""
    at = 0
    while at < len(clause):
        length = _used(clause, at, used, goal)
        yield at, length
        at += length or 1


def literal(said: Said) -> str:
    """A word or literal as a token of the tree."""
    return said.key if said.kind == "word" else f"{said.kind}={said.key}"


def slot(kind: str, length: int = 0) -> str:
    """A slot of this kind as a token of the tree. One that stands beside another takes always as many words: nothing
    else would tell where it ends.
    """
    return f"{_SLOT}{kind}{length or ''}"


def _used(clause: Sequence[Said], at: int, used: frozenset[str], goal: Goal) -> int:
    """How many words from here on are one value that the run used; 0 if none. One that is said twice is no slot."""
    longest = LONGEST if clause[at].kind == "word" else 1
    for length in range(min(longest, len(clause) - at), 0, -1):
        part = clause[at : at + length]
        if any(said.kind != part[0].kind for said in part):
            continue
        small = part[0].kind == "word" and part[-1].key in SMALL
        if not small and plain(phrase(part)) in used and _times(goal, part) == 1:
            return length
    return 0


def _times(goal: Goal, part: Sequence[Said]) -> int:
    wanted = [said.key for said in part]
    keys = [[said.key for said in clause] for clause in goal.clauses]
    return sum(found[at : at + len(wanted)] == wanted for found in keys for at in range(len(found) - len(wanted) + 1))


def phrase(part: Sequence[Said]) -> str:
    """The words as they were written."""
    return " ".join(said.text for said in part)


def fits(goal: Goal, children: Callable[[int, tuple[str, ...]], dict[str, int]], *, most: int = 400) -> list[Fit]:
    """The templates in the tree that the goal fits, those with most words of their own first.

    `children` gives for a node and some tokens the nodes below it. A goal that would take more than `most` looks fits
    none.
    """
    if not goal.clauses:
        return []
    walk = _Walk(goal, children, most)
    walk.on(0, 0, 0, (), 0)
    return sorted(walk.found, key=lambda fit: (-fit.clauses, -fit.words)) if walk.left >= 0 else []


@dataclass(slots=True)
class _Walk:
    """One goal on its ways through the tree."""

    goal: Goal
    children: Callable[[int, tuple[str, ...]], dict[str, int]]
    left: int
    found: list[Fit] = field(default_factory=list)

    def on(self, node: int, clause: int, at: int, values: tuple[Value, ...], own: int) -> None:
        """From this node, with so much of the goal behind: these values taken, so many words matched."""
        self.left -= 1
        if self.left < 0:
            return
        said = self.goal.clauses[clause]
        if at == len(said):
            self._past(node, clause, values, own)
            return
        word, readings = literal(said[at]), list(_readings(said, at))
        below = self.children(node, (word, slot(said[at].kind), *(slot("word", length) for _, length in readings)))
        if word in below:
            self.on(below[word], clause, at + 1, values, own + 1)
        for value, length in readings:
            for gap in (slot(value.kind), slot(value.kind, length)):
                if gap in below:
                    self.on(below[gap], clause, at + length, (*values, value), own)

    def _past(self, node: int, clause: int, values: tuple[Value, ...], own: int) -> None:
        """At the end of a clause: a template may end here, and the next clause begin."""
        below = self.children(node, (END, NEXT))
        if END in below and _distinct(values):
            self.found.append(Fit(below[END], (*values, rest(self.goal, clause + 1)), clause + 1, own))
        if NEXT in below and clause + 1 < len(self.goal.clauses):
            self.on(below[NEXT], clause + 1, 0, values, own)


def unambiguous(found: Sequence[Fit], used: frozenset[str] = frozenset()) -> list[Fit]:
    """The fits without those of templates that the goal fits in several ways, none of which has more values that the
    run used than the others.
    """
    ways: dict[int, list[Fit]] = {}
    for fit in found:
        ways.setdefault(fit.template, []).append(fit)
    kept = []
    for fit in found:
        scores = [sum(value.key in used for value in way.values) for way in ways[fit.template]]
        best = ways[fit.template][scores.index(max(scores))]
        if fit is best and scores.count(max(scores)) == 1:
            kept.append(fit)
    return kept


def _readings(said: Sequence[Said], at: int) -> Iterator[tuple[Value, int]]:
    """What a slot may hold from here on: one literal, or up to LONGEST words."""
    longest = LONGEST if said[at].kind == "word" else 1
    for length in range(1, min(longest, len(said) - at) + 1):
        part = said[at : at + length]
        if any(each.kind != part[0].kind for each in part):
            return
        if part[0].kind == "word" and part[-1].key in SMALL:
            continue
        text = phrase(part)
        yield Value(text, plain(text), part[0].kind), length


def _distinct(values: Sequence[Value]) -> bool:
    """Two slots that hold the same cannot be told apart in what was done."""
    keys = [value.key for value in values]
    return len(set(keys)) == len(keys)


# ---------------------------------------------------------------------------------------------- texts with slots

_LOOSE = frozenset({"word", "rest"})  # what stands in other texts by chance
_INEXACT = _LOOSE | {"number"}  # 12 stands in 12.5 too
_FORMS: dict[str, Callable[[str], str]] = {
    "": lambda text: text,
    ".title": str.title,
    ".first": lambda text: text[:1].upper() + text[1:],
    ".lower": str.lower,
    ".upper": str.upper,
}
_NAMED = re.compile(r"\ue012(\d+)(\.\w+)?\ue012")
_APART = re.compile(r"(\ue012[^\ue012]*\ue012)")


def with_slots(text: str, values: Sequence[Value]) -> str:
    """A label with the values in it as slots: the whole of it, or for literals a part between word ends. The shortest
    are told only beside longer ones: alone, what looks like them is mostly something else.
    """
    key = plain(text)
    for number, value in enumerate(values):
        if value.kind != "rest" and value.key == key:
            return f"{_SLOT}{number}{_SLOT}"
    literals = [(value.text, number) for number, value in enumerate(values) if value.text and value.kind not in _LOOSE]
    literals.sort(key=lambda literal: -len(literal[0]))
    long = [said for said, _ in literals if len(said) > 2]
    if not long or not _standing(long).search(text):
        return text
    numbers = [number for _, number in literals]
    pattern = _standing(said for said, _ in literals)
    return pattern.sub(lambda found: f"{_SLOT}{numbers[(found.lastindex or 1) - 1]}{_SLOT}", text)


def _standing(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of the texts between word ends, each a group; one of a sign or two is no part of a number or a date."""
    ways = (
        f"({re.escape(text)})" if len(text) > 2 else rf"(?<![.,:/-])({re.escape(text)})(?![.,:/-]\w)" for text in texts
    )
    return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(ways)})(?!\w)")


def with_words(text: str, values: Sequence[Value]) -> str:
    """A text with slots, and with such for the words too that are values and stand in it, in whichever capitals."""
    for number, value in enumerate(values):
        for form, apply in _FORMS.items() if value.kind == "word" and len(value.key) > 2 else ():
            parts = _APART.split(text)
            parts[::2] = (_between_words(apply(value.text)).sub(f"{_SLOT}{number}{form}{_SLOT}", x) for x in parts[::2])
            text = "".join(parts)
    return text


def typed_with_slots(text: str, values: Sequence[Value]) -> str:
    """What was typed as a slot, if it is just one of the values, with how its capitals differ."""
    for number, value in enumerate(values):
        if value.kind != "rest" and value.key == plain(text):
            for form, apply in _FORMS.items():
                if apply(value.text) == text:
                    return f"{_SLOT}{number}{form}{_SLOT}"
    return text


def written_with_slots(text: str, values: Sequence[Value]) -> str:
    """A text that was written as a slot, or with the literals in it as slots that stand there as they were said."""
    whole = typed_with_slots(text, values)
    if whole != text:
        return whole
    literals = [(value, number) for number, value in enumerate(values) if value.kind != "rest"]
    for value, number in sorted(literals, key=lambda pair: -len(pair[0].text)):
        if stands_in(value, text):
            text = _between_words(value.text).sub(f"{_SLOT}{number}{_SLOT}", text)
    return text


def stands_in(said: Said | Value, text: str) -> bool:
    """Whether it is a literal that stands in the text, between word ends, as it was said."""
    return said.kind not in _INEXACT and len(said.key) > 2 and bool(_between_words(said.text).search(text))


def _between_words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


def slots(*texts: str) -> frozenset[int]:
    """The numbers of the slots in these texts."""
    return frozenset(int(number) for text in texts for number, _ in _NAMED.findall(text))


def beside_slots(text: str) -> str:
    """What the text says besides what is in its slots."""
    return _NAMED.sub("", text)


def filled(text: str, values: Sequence[Value]) -> str:
    """The text with these values in its slots."""
    return _NAMED.sub(lambda found: _FORMS[found[2] or ""](values[int(found[1])].text), text)
