"""From a sentence to goals, with the app's own names. Doubt is an answer: it touches nothing and says what was not clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cua.errors import UsageError
from cua.policies.abilities import Ability
from cua.policies.goals import Choose, Enter, GiveFile, Goal, Hit, Perform, Switch, Write
from cua.policies.match import Ambiguous, Decision, Index, Match, Unknown
from cua.policies.words import Clause

_LONGEST = 500
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nothing is done, and the closest things that could be."""

    saying: str
    closest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What an app offers, ready to be asked; `home` is where files without a folder go."""

    abilities: dict[str, Ability]
    index: Index
    home: str

    @classmethod
    def of(cls, offered: Sequence[Ability], home: str) -> Names:
        return cls({a.key: a for a in offered}, Index(a.entry() for a in offered), home)


def understand(sentence: str, names: Names) -> tuple[Goal, ...] | Doubt:
    """The goals that the sentence asks for, or why it is not clear. Raises UsageError for an empty or endless one."""
    text = " ".join(sentence.split())
    if not text:
        raise UsageError('the goal is empty; say what to do, e.g. cua do "turn on word wrap" --on NAME')
    if len(text) > _LONGEST:
        raise UsageError(f"the goal has {len(text)} characters; say one thing at a time, in at most {_LONGEST}")
    goals: list[Goal] = []
    for clause, decision in names.index.resolve(sentence):
        found = _goal(clause, decision, names)
        if isinstance(found, Doubt):
            return found
        goals.append(found)
    return tuple(goals) if goals else Doubt("nothing was asked for")


def _goal(clause: Clause, decision: Decision | None, names: Names) -> Goal | Doubt:
    match decision:
        case None:
            return _free(clause, names)
        case Unknown(words):
            said = ", ".join(words) or clause.original
            return Doubt(f"nothing here is called {said!r}", _closest(clause, names))
        case Ambiguous(candidates):
            titles = tuple(dict.fromkeys(_title(m, names) for m in candidates[:_SHOWN]))
            return Doubt(f"{clause.original or clause.object!r} may mean several things", titles)
        case Match():
            return _asked(clause, decision, names)


def _free(clause: Clause, names: Names) -> Goal | Doubt:
    """What needs none of the app's controls by name."""
    match clause.verb:
        case "TYPE":
            return Write(clause.value or "")
        case "CALCULATE":
            return Write(f"{clause.value}\n")
        case "PRESS" if clause.value:
            return Hit(clause.value)
        case "NOTHING":
            return Doubt("that asks for something not to be done; nothing was done")
        case "OPEN" if clause.value:
            return _file(clause, names, ("open", "open file"), saves=False)
        case "SAVE_AS" if clause.value:
            return _file(clause, names, ("save as", "save"), saves=True)
        case _:
            return Doubt(f"{clause.original!r} was not understood", _closest(clause, names))


def _file(clause: Clause, names: Names, called: Sequence[str], *, saves: bool) -> Goal | Doubt:
    for name in called:
        for ability in names.abilities.values():
            if ability.kind == "command" and any(n.text.casefold() == name for n in ability.names):
                return GiveFile(ability, _path(clause, names.home), saves)
    return Doubt(f"no command here is called {called[0]!r}")


def _path(clause: Clause, home: str) -> str:
    path = (clause.value or "").strip()
    folder = clause.extra[0].strip("/ ") if clause.verb == "SAVE_AS" and clause.extra else ""
    if path.startswith("~/"):
        return f"{home}/{path[2:]}"
    if path.startswith("/"):
        return path
    return f"{home}/{folder.title() + '/' if folder else ''}{path}"


def _asked(clause: Clause, match: Match, names: Names) -> Goal | Doubt:
    ability = names.abilities[match.entry.key]
    value = match.value
    if clause.verb in ("SAVE_AS", "OPEN") and clause.value and ability.kind == "command":
        return GiveFile(ability, _path(clause, names.home), clause.verb == "SAVE_AS")
    match ability.kind:
        case "toggle":
            if match.sign == 0:
                return Doubt(f"{ability.title}: on or off?", (f"turn on {ability.title}", f"turn off {ability.title}"))
            return Switch(ability, match.sign > 0)
        case "option":
            return Switch(ability, True) if match.sign >= 0 else Doubt(f"which instead of {ability.title}?")
        case "choice":
            return Choose(ability, match.option) if match.option else Doubt(f"which {ability.title}?", ability.entry().options)
        case "number" | "text":
            return Enter(ability, value) if value is not None else Doubt(f"{ability.title}: to what value?")
        case _:
            values = (value,) if value is not None else ()
            extra = clause.extra[:1] if clause.verb == "REPLACE" else ()
            return Perform(ability, (*values, *extra))


def _title(match: Match, names: Names) -> str:
    title = names.abilities[match.entry.key].title
    return f"{title}: {match.option}" if match.option else title


def _closest(clause: Clause, names: Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_title(m, names) for m in names.index.search(clause)[:_SHOWN]))


