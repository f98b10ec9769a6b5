"""Which kept workflow the words of a goal name: those that it was recorded for, or its name, up to its values.

Every word of the goal must be the workflow's own, in its order, or part of a value in the place of a recorded one that
it is like. Nothing is guessed: what is in quotes is a value, and what could be more than a value is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from shlex import quote

from cua.core import Task
from cua.memory.experience import likeness
from cua.memory.signatures import Value, plain
from cua.memory.templates import END, SMALL, Goal, Said, fits, slot, template, unambiguous
from cua.memory.workflows import Param, Workflow, filled, slots
from cua.policies.gist import gist, words_of
from cua.policies.lexicon import known_words, listed, thesaurus, verbs
from cua.policies.trail import spoken
from cua.policies.values import fold, stripped, tokens

CLOSE = 0.65  # how alike a goal must be to what a workflow was recorded for, that the person is told of it
_WORDS_OF_A_VALUE = 2  # that a goal may have for one, where it is only close
MOST = 3  # workflows that a person is told of
_OPEN, _CLOSED = "\ue013", "\ue014"  # around the name of a parameter, where its value stands in a sentence
_MARKED = re.compile(f"{_OPEN}([^{_CLOSED}]+){_CLOSED}")
_GLUED = re.compile(rf"(?<=[^\s(\"'“‘«,;]){_MARKED.pattern}|{_MARKED.pattern}(?=[^\s.,;:!?)\"'”’»])")
_TAKES = "takes"  # the kind of a word that is a slot
_VALUES = frozenset({slot("word"), slot("quoted")})
_ARTICLES = frozenset({"a", "an", "the"})
_WHOEVER = """
    nothing nobody none everyone everybody anyone anybody someone somebody something
"""
_WHEN = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december today tonight tomorrow yesterday later soon asap
"""
_ENDS = ",;:!?"
_BEGS = frozenset({"you", "please", "kindly"})  # what makes an order of a question that begins so
_PARTS = re.compile(r"[;!?()\n]|,(?!\d)|[.:](?!\S)")  # a sign that ends something: more than one thing is said


@dataclass(frozen=True, slots=True)
class Named:
    """A workflow that a goal names: the values that the goal gives, the sentence that it says, with the recorded values
    in quotes, how many of the words are the workflow's own, and whether that sentence is no more than its name.
    """

    workflow: Workflow
    values: Mapping[str, str]
    sentence: str
    words: int
    by_name: bool = False

    @property
    def unsaid(self) -> tuple[Param, ...]:
        """The parameters that are as they were recorded, though no word says so; secrets have no recorded value."""
        params = [each for each in self.workflow.params if each.kind != "secret" and each.name not in self.values]
        return tuple(each for each in params if each.default and not _holds(self.sentence, each.default))


def named(
    goal: str, workflows: Iterable[Workflow], here: Callable[[Workflow], bool] = lambda _: True
) -> tuple[Named, ...]:
    """Those that the goal names with most words of their own, of all that are `here`; several if it may mean either."""
    said = _pieces(goal)
    found = [each for workflow in workflows for each in _readings(said, workflow) if here(workflow)]
    most = max((each.words for each in found), default=0)
    best: list[Named] = []
    for each in found:
        known = [(other.workflow.name, other.values) for other in best]
        if each.words == most and (each.workflow.name, each.values) not in known:
            best.append(each)
    return tuple(best)


def asks(text: str) -> bool:
    """Whether that is a question, and no order that is put as one: "could you add ...?"."""
    said = tokens(text)
    if not any((token.kind, token.word) == ("word", "?") for token in said):
        return False
    left = stripped(said, thesaurus()["politeness"]["before"], ())
    return not left or not _BEGS & {token.word for token in said if token.end <= left[0].start}


def how_asked(workflow: Workflow) -> str:
    """How a person asks for it in words, or what is lacking for that, in a line."""
    texts = _sentences(workflow)
    by_name = all(texts.values())
    text = [*texts][-1 if by_name else 0]  # the name as one says it
    asked = Named(workflow, dict.fromkeys(_MARKED.findall(text), ""), _told(text, workflow), 0)
    name, left = quote(workflow.name), as_recorded(asked.unsaid)
    if (by_name and left) or not named(asked.sentence, [workflow]):
        with_values = f", with the values as they were typed ({left})" if left else ""
        return f"so that it is found by words, write what it does into its goal{with_values}: cua workflows edit {name}"
    others = ", with other values in place of those in quotes" if asked.values else ""
    kept = f"; the goal does not say {left}, which stays so" if left else ""
    return f"to ask for it in words{others}: cua do {quote(asked.sentence)}{kept}"


def as_recorded(params: Sequence[Param]) -> str:
    """These with their recorded values, for a person; a long one shortened."""
    return ", ".join(f'{param.name} "{spoken("${value}", {"value": param.default or ""})}"' for param in params)


def near(goal: str, workflows: Iterable[Workflow]) -> tuple[Named, ...]:
    """Those that were recorded for something like it, the most alike first, with no values taken out of the goal."""
    asked = gist(words_of(Task("do", goal)))
    weights = {place[0]: 1.0 for place in asked.places}
    found = []
    for workflow in workflows:
        best = (0.0, "")
        for text in _sentences(workflow):
            own = gist(tuple(words_of(Task("shown", _MARKED.sub(",", text)))))
            line = " ".join("/".join(place) for place in own.places)
            alike = likeness(asked, weights, line, _WORDS_OF_A_VALUE * len(_MARKED.findall(text)))
            best = (alike, text) if alike > best[0] else best
        if best[0] >= CLOSE:
            found.append((best[0], Named(workflow, {}, _told(best[1], workflow), 0)))
    return tuple(each for _, each in sorted(found, key=lambda pair: (-pair[0], pair[1].workflow.name))[:MOST])


# ---------------------------------------------------------------------------------------------- what it is called


def _sentences(workflow: Workflow) -> dict[str, bool]:
    """What the workflow was recorded for, and its name, with a mark in place of each recorded value; and whether that
    is its name and nothing more. What was recorded without words has its name as its goal.
    """
    own, name = _marked(workflow.goal, workflow), _marked(workflow.name, workflow)
    spaced = _marked(re.sub(r"[-_.]+", " ", workflow.name), workflow)
    found = {spaced: True, name: True, own: own == name}
    return {text: found[text] for text in (own, name, spaced) if text}


def _marked(text: str, workflow: Workflow) -> str:
    """The text with marks; "" where it has a slot that no word can fill. What nothing parts from other signs, or begins
    the sentence, stays as it was recorded.
    """
    params = {param.name: param for param in workflow.params}
    if any(name not in params or params[name].kind == "secret" for name in slots(text)):
        return ""
    parts = _MARKED.split(filled(text, {name: _mark(name) for name in params}))
    values = {plain(param.default or ""): param.name for param in params.values() if _tells(param, workflow)}
    pattern = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    whole = " ".join(parts[::2]).casefold()

    def one(found: re.Match[str]) -> str:
        value = found[0].casefold()
        name = values.get(value, "")
        once = len(re.findall(rf"(?<!\w){re.escape(value)}(?!\w)", whole)) == 1 and name not in parts[1::2]
        return _mark(name) if name and once else found[0]

    for at in range(0, len(parts), 2):
        parts[at] = re.sub(rf"(?i)(?<!\w)(?:{pattern})(?!\w)", one, parts[at]) if values else parts[at]
    marked = "".join(_mark(part) if at % 2 else part for at, part in enumerate(parts))
    return _as_recorded(marked, params)


def _mark(name: str) -> str:
    return f"{_OPEN}{name}{_CLOSED}"


def _tells(param: Param, workflow: Workflow) -> bool:
    """Whether its recorded value can be told in a sentence from what else that says, and from another one's."""
    words = (param.default or "").casefold().split()
    alone = sum(plain(other.default or "") == plain(param.default or "") for other in workflow.params) == 1
    return alone and param.kind in ("text", "number") and not set(words) <= SMALL


def _as_recorded(text: str, params: Mapping[str, Param]) -> str:
    """Without the marks at the start and inside of other words; "" where no recorded value is for one of them."""
    lost = False

    def recorded(found: re.Match[str]) -> str:
        nonlocal lost
        default = params[next(filter(None, found.groups()))].default
        lost = lost or default is None
        return default or ""

    text = _GLUED.sub(recorded, text)
    text = re.sub(rf"^\W*{_MARKED.pattern}", recorded, text) if _MARKED.match(text.lstrip()) else text
    return "" if lost else text


def _holds(text: str, value: str) -> bool:
    """Whether the text says that value as words of its own."""
    return bool(re.search(rf"(?i)(?<!\w){re.escape(value)}(?!\w)", text))


def _told(sentence: str, workflow: Workflow) -> str:
    """The sentence for a person, with the recorded values in quotes."""
    known = {param.name: param.default for param in workflow.params}
    return _MARKED.sub(lambda found: f'"{known[found[1]] or found[1]}"', sentence).replace('""', '"')


# ---------------------------------------------------------------------------------------------- comparing


def _readings(said: Sequence[Said], workflow: Workflow) -> Iterator[Named]:
    """The workflow by each of its sentences that the words say in one way only."""
    params = {param.name: param for param in workflow.params}
    cased = any(piece.text[:1].islower() and piece.kind == "word" and piece.key not in SMALL for piece in said)
    for sentence, by_name in _sentences(workflow).items():
        line = _line(sentence)
        own = [token for token in line if not _slot_of(token)]
        if not said or _slot_of(line[0]) or set(own) <= SMALL | listed("stop") | {END}:
            continue  # what is to be done is no value
        takes = [params[name] for token in line if (name := _slot_of(token))]
        found = [
            fit
            for fit in fits(Goal((tuple(said),)), _tree(line))
            if all(_may_be(param, value, cased=cased) for param, value in zip(takes, fit.values, strict=False))
        ]
        for fit in unambiguous(found, frozenset(plain(param.default or "") for param in takes)):
            values = {param.name: _taken(value) for param, value in zip(takes, fit.values, strict=False)}
            yield Named(workflow, values, _told(sentence, workflow), len(own) - 1, by_name)


def _line(sentence: str) -> tuple[str, ...]:
    """The tokens of a sentence. An article tells nothing, but where it would be read as part of a value."""
    pieces = [
        Said(hit[1], hit[1], _TAKES) if (hit := _MARKED.search(piece.text)) else piece for piece in _pieces(sentence)
    ]
    told = [
        piece
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True)
        if piece.kind == _TAKES or piece.key not in _ARTICLES or (after is not None and after.kind == _TAKES)
    ]
    return template(Goal((tuple(told),)), frozenset(), 1)


def _slot_of(token: str) -> str:
    """The parameter that a token stands for, "" for a word."""
    return token.removeprefix(f"{_TAKES}=") if token.startswith(f"{_TAKES}=") else ""


def _tree(line: Sequence[str]) -> Callable[[int, tuple[str, ...]], dict[str, int]]:
    """One sentence as the tree that goals are looked up in."""

    def children(node: int, asked: tuple[str, ...]) -> dict[str, int]:
        here = line[node]
        if _slot_of(here):
            return dict.fromkeys(_VALUES.intersection(asked), node + 1)
        aside = dict.fromkeys(_ARTICLES.intersection(asked), node)  # "the" may be said or not
        return {**aside, **dict.fromkeys({here}.intersection(asked), node + 1)}

    return children


def _pieces(text: str) -> list[Said]:
    """Words and quoted values, without what is said for politeness and without the signs at the ends of words."""
    polite = thesaurus()["politeness"]
    left = stripped(tokens(text), polite["before"], polite["after"])
    end = left[-1].end if left else 0
    end += len(text[end:]) - len(text[end:].lstrip("_"))  # which is no token
    at, found = left[0].start if left else 0, list[Said]()
    for token in [token for token in left if token.kind == "quoted"]:
        found += _words(text[at : token.start])
        found.append(Said(token.word, plain(token.word), "quoted"))
        at = token.end
    return [*found, *_words(text[at:end])]


def _words(text: str) -> list[Said]:
    """Each as it is written, with the signs around it, which are no part of what it is compared by."""
    words = ((word, fold(word).strip(f"(){_ENDS}.")) for word in re.sub(r"\s*\n\s*", "; ", text).split())
    return [Said(word, key, "word") for word, key in words if key]


# ---------------------------------------------------------------------------------------------- values


def _taken(value: Value) -> str:
    """The text of a value: what stands in quotes just as it is, else the words without the sign after them."""
    return value.text if value.kind == "quoted" else value.text.rstrip(_ENDS)


def _may_be(param: Param, value: Value, *, cased: bool) -> bool:
    """Whether that can be nothing but a value of the parameter: it is in quotes, or it is like the recorded one and has
    no word that may belong to the request. Where the goal is `cased`, what has a capital letter is a name.
    """
    text, recorded = _taken(value), param.default or ""
    if value.kind == "quoted" or text == recorded:
        return bool(text.strip())
    pieces, shown = text.split(), recorded.split()
    forms, own = set(map(_form, pieces)), set(map(_form, shown))
    names = cased and "name" in own and own <= {"name", "number"}
    if _PARTS.search(text) or not forms <= own or (len(pieces) != len(shown) and not names):
        return False
    said, before = set(map(fold, pieces)), set(map(fold, shown))
    telling = _limiting() | (verbs() - {fold(pieces[0])} if names else known_words())
    telling |= frozenset() if before & _when() else _when()
    by_content = Goal((tuple(Said(piece, fold(piece)) for piece in pieces),)).by_content
    return not by_content and not said & (telling - before)


@cache
def _when() -> frozenset[str]:
    """Words that say when something is to be done, or stand for a time where one was recorded."""
    return frozenset(_WHEN.split())


@cache
def _limiting() -> frozenset[str]:
    """Words that join, turn round or narrow what is asked for, or say it of all, and are so no part of a value."""
    return SMALL | listed("limiting") | listed("stop") | frozenset(_WHOEVER.split())


def _form(piece: str) -> str:
    """What kind of text that is, by its signs."""
    if "@" in piece or "/" in piece or "\\" in piece:
        return "address"
    if any(sign.isdigit() for sign in piece):
        return "number"
    if not piece[:1].isupper():
        return "word"
    return "capitals" if len(piece) > 1 and piece.isupper() else "name"
