"""What a sentence calls "my city" is what is known of the person: the value takes its place before the words are read.

Only a value that is asked for is meant ("set City to my city", "fill in my city"), never what a thing is called, and
only where exactly one fact answers. What is on the screen as a choice of that name is that choice. A secret is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cua.core import Observation
from cua.errors import UsageError
from cua.memory.aspects import meant, qualified, words
from cua.memory.profile import Profile, fields, place_of, sure
from cua.memory.statements import Fact
from cua.policies.understand import Doubt
from cua.policies.values import tokens
from cua.policies.words import Clause, parse
from cua.screen import Screen, label
from cua.secret_words import named_secret

_CLEAR = 0.25  # farther than this it may be another thing
_APART = r"(?!(?:and|or|into|in|to|then|as|with|on|at|for|my|is)\b)"
_NAME = rf"{_APART}[\w'’-]+(?: {_APART}[\w'’-]+){{0,4}}"
_MINE = re.compile(rf"my ({_NAME})")
_MORE = re.compile(rf"(?P<mine>my {_NAME})(?:,|,? and) (?P<rest>.+)")
_FILL = re.compile(
    rf"(?P<how>(?i:fill in|fill out|fill|enter|put in|put|input|provide|insert|type in|type|write)) "
    rf"(?P<what>my {_NAME}(?:(?:,| and|, and) my {_NAME})*)(?: in| out)?"
    r"(?: (?:in|into) (?:the )?(?P<field>\"[^\"]+\"|(?!and\b)[^\s,;.\"]+(?: (?!and\b|then\b)[^\s,;.\"]+){0,5}?)"
    r"(?: field| box)?)?(?:(?P<join>,? and|,? then|,) (?P<rest>.+))?\.?"
)
_CHOICES = frozenset(
    {"option", "radio", "tab", "listitem", "treeitem", "cell", "gridcell", "menuitem", "menuitemradio"}
)
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("`", "`"))
_FIELDLESS = ("type", "write")  # what is typed where one is, if no field is of that name


@dataclass(frozen=True, slots=True)
class Mine:
    """The sentence with the values in it, in quotes, and a note of which these are; "" where there are none."""

    goal: str
    note: str = ""


class _Unsure(UsageError):
    """What to ask the person."""

    def __init__(self, saying: str, *closest: str) -> None:
        super().__init__(saying)
        self.doubt = Doubt(saying, closest, stop=True)


def of_memory(goal: str, look: Callable[[], Observation], record: Path) -> Mine | Doubt:
    """What the sentence says once it is looked up in the record; a question where it is not known, or not which of
    several. `look` gives what shows, if it matters. Raises RecordError.
    """
    if not re.search(r"\bmy\b", goal):
        return Mine(goal)
    try:
        with Profile(record) as profile:
            reading = _Reading(Screen.of(look()), profile, {})
            said = reading.sentence(goal)
    except _Unsure as unsure:
        return unsure.doubt
    except UsageError:  # it cannot be read; whoever reads it for what it asks says why
        return Mine(goal)
    known = ", ".join(f"my {name}: {value}" for name, value in reading.used.items())
    return Mine(said, f"{known}, from memory (cua memory list --kind profile)" if known else "")


@dataclass(slots=True)
class _Reading:
    """One sentence on one screen; `used` are the values that were taken, by what they were called."""

    screen: Screen
    profile: Profile
    used: dict[str, str]

    def sentence(self, text: str) -> str:
        """It with the values in place of what they are called. Raises UsageError for what cannot be read."""
        at = 0
        for clause in parse(text):
            found = text.find(clause.original, at) if clause.original else -1
            if found >= 0:
                told = self._clause(clause)
                text = f"{text[:found]}{told}{text[found + len(clause.original) :]}"
                at = found + len(told)
        return text

    def _clause(self, clause: Clause) -> str:
        said = clause.original
        hit = _FILL.fullmatch(said)
        if hit and _is_request(hit["rest"]):
            return self._filled(hit)
        if clause.verb == "SET" and (more := _MORE.fullmatch(clause.value or "")):
            both = said.removesuffix(clause.value or ""), f"set {more['rest']}"
            if both[0] != said and all(each.verb == "SET" and each.value for each in parse(both[1])):
                return f"{self.sentence(both[0] + more['mine'])} and {self.sentence(both[1])}"
        mine = _MINE.fullmatch(clause.value or "")
        quoted = any(token.kind == "quoted" and token.word == clause.value for token in tokens(said))
        if mine is None or quoted or clause.verb not in ("SET", "TYPE", "FIND"):
            return said
        before, called, after = said.rpartition(mine[0])
        fact = self._fact(mine[1]) if called and (not after.strip(" .") or mine[0] not in before) else None
        return f"{before}{self._quoted(mine[1], fact)}{after}" if fact else said

    def _filled(self, hit: re.Match[str]) -> str:
        """ "Fill in my city and my e-mail" as each field set to its value."""
        names = [each[1] for each in _MINE.finditer(hit["what"])]
        facts = [self._fact(name) for name in names]
        parts = []
        for name, fact in zip(names, facts, strict=True):
            if fact is None or (hit["field"] and len(names) > 1):
                return hit[0]
            field = (hit["field"] or "").strip('"') or self._field(name, fact)
            if not field and (hit["how"].casefold() not in _FIELDLESS or len(names) > 1):
                what = f"no field here is surely the one for my {name}"
                raise _Unsure(f"{what}; say which: set FIELD to my {name}")
            value = self._quoted(name, fact)
            parts.append(_setting(field, value) if field else f"{hit['how']} {value}")
        rest = f"{hit['join']} {self.sentence(hit['rest'])}" if hit["rest"] else ""
        return " and ".join(parts) + rest

    def _fact(self, name: str) -> Fact | None:
        """The one that answers; None where the words are not about the person."""
        if named_secret(name) or self._shown_as_choice(f"my {name}"):
            return None
        of = qualified(words(name))  # a work e-mail is no private one, though it may do where none is known
        found = self.profile.look_up(name, place=place_of(self.screen.now))
        near = [(fact, far) for fact, far in found if _usable(fact) and (not of or fact.of in of)]
        clear = [pair for pair in near if pair[1] <= _CLEAR]
        if (one := sure(near)) and clear:
            return one
        if clear:
            lines = tuple(fact.line for fact, _ in clear)
            raise _Unsure(f"'my {name}' may be any of: {', '.join(lines)}; say which, or the value in quotes")
        if meant(name) is None:
            return None
        raise _Unsure(
            f"nothing is known of 'my {name}'; say the value in quotes, or tell it once:"
            f' cua memory add "my {name} is ..."'
        )

    def _shown_as_choice(self, text: str) -> bool:
        """Whether something here that can be chosen is called so."""
        options = [option for control in self.screen.controls() for option in control.options]
        items = [each.name for each in self.screen.now.elements if each.role in _CHOICES]
        return text.casefold() in {label(name).casefold() for name in (*options, *items)}

    def _field(self, name: str, fact: Fact) -> str:
        """What the field for that fact is called; "" where none is. Raises _Unsure where several are."""
        found = []
        for field in fields(self.screen.now):
            called = label(field.name or field.description)
            one = sure(self.profile.look_up(called, place=place_of(self.screen.now)))
            if one and (one.id, one.value) == (fact.id, fact.value):
                found.append(called)
        if len(found) > 1:
            ways = (f"set {called} to my {name}" for called in found)
            raise _Unsure(f"there are {len(found)} fields for my {name}: {', '.join(found)}; say which", *ways)
        return found[0] if found else ""

    def _quoted(self, name: str, fact: Fact) -> str:
        self.used[name] = fact.value
        return _in_quotes(fact.value)


def _is_request(rest: str | None) -> bool:
    """Whether it is nothing or asks for something of its own, and no more is said of what came before."""
    return not rest or _FILL.fullmatch(rest) is not None or parse(rest)[0].verb != "UNKNOWN"


def _usable(fact: Fact) -> bool:
    """Whether its value is something to be entered."""
    return fact.value not in ("always", "never") and not fact.value.startswith("not ")


def _setting(field: str, value: str) -> str:
    """A request to set it; what it is called stands in quotes where it would not be heard as one name."""
    plain = f"set {field} to {value}"
    heard = [(clause.verb, clause.value) for clause in parse(plain)]
    return plain if heard == [("SET", value[1:-1])] else f"set {_in_quotes(field)} to {value}"


def _in_quotes(text: str) -> str:
    for begin, end in _QUOTES:
        if begin not in text and end not in text:
            return f"{begin}{text}{end}"
    raise _Unsure(f"{text!r} holds every kind of quotes, so it cannot be said in words; fill it in yourself")
