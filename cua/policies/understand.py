"""From a sentence to goals, with the app's own names. Doubt is an answer: it touches nothing and says what was
not clear.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cua.errors import UsageError
from cua.policies.abilities import Ability
from cua.policies.expect import templated
from cua.policies.goals import Calculate, Choose, Enter, GiveFile, Goal, Hit, Perform, Switch, Write
from cua.policies.lexicon import label_words, listed
from cua.policies.lookups import sought_with
from cua.policies.match import Ambiguous, Decision, Index, Match, Unknown
from cua.policies.words import Clause, as_written
from cua.screen import MAIN, label

_LONGEST = 500
_SHOWN = 5
_GOOD, _NEAR = 0.8, 0.15
_GENERIC = frozenset({"text", "word", "work", "change", "changes", "all", "line", "page", "last", "everything"})
_SHOWS = frozenset({"show", "display", "view", "reveal", "see", "bring", "pull"})
_STATES = frozenset({"turn", "switch", "toggle", "enable", "disable", "activate", "deactivate"})
_MENUS = {"SAVE_AS": "file", "SAVE": "file", "OPEN": "file", "NEW": "file"} | dict.fromkeys(
    ("FIND", "REPLACE", "UNDO", "REDO"), "edit"
)
_COMMANDS = {
    "SAVE_AS": ("save as", "save"),
    "SAVE": ("save", "save as"),
    "OPEN": ("open", "open file"),
    "FIND": ("find", "search", "find text"),
    "REPLACE": ("find and replace", "replace", "search and replace"),
    "GOTO": ("go to {object}", "goto {object}", "go to", "jump to"),
    "NEW": ("new {object}", "new"),
    "UNDO": ("undo",),
    "REDO": ("redo",),
    "ZOOM_IN": ("zoom in", "increase font size"),
    "ZOOM_OUT": ("zoom out", "decrease font size"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nothing is done, and the closest things that could be. `stop`: looking further would not help."""

    saying: str
    closest: tuple[str, ...] = ()
    stop: bool = False


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
    readable(sentence)
    goals: list[Goal] = []
    for clause, decision in names.index.resolve(sentence):
        found = _goal(clause, decision, names)
        if isinstance(found, Doubt):
            return found
        if isinstance(found, Switch) and replace(found, on=not found.on) in goals:
            return Doubt(f"{found.ability.title!r} cannot be both on and off", stop=True)
        goals += found if isinstance(found, tuple) else (found,)
    return tuple(goals) if goals else Doubt("nothing was asked for")


def readable(sentence: str) -> None:
    """Raises UsageError for a goal that is empty or endless."""
    text = " ".join(sentence.split())
    if not text:
        raise UsageError('the goal is empty; say what to do, e.g. cua do "turn on word wrap" --on NAME')
    if len(text) > _LONGEST:
        raise UsageError(f"the goal has {len(text)} characters; say one thing at a time, in at most {_LONGEST}")


def _goal(clause: Clause, decision: Decision | None, names: Names) -> Goal | tuple[Goal, ...] | Doubt:
    named = _called(clause, names)
    if sought := _lookup(clause, named or _matched(decision, names), names):
        return sought
    if named is not None and clause.verb in ("SAVE_AS", "OPEN") and clause.value:
        return _file(named, clause, names.home)
    if named is not None and not isinstance(decision, Match):
        values = (clause.value, *clause.extra[:1]) if clause.value is not None else ()
        return Perform(named, values)
    match decision:
        case None:
            return _free(clause, names)
        case Unknown(words):
            return Doubt(f"nothing here is called {_as_said(words, clause)!r}", _closest(clause, names))
        case Ambiguous(candidates) if (same := _same(candidates, names)) is not None:
            return _asked(clause, same, names)
        case Ambiguous((only,)) if clause.verb == "UNKNOWN" and only.entry.kind == "toggle":
            return _which_way(_title(only, names))
        case Ambiguous(candidates):
            return _several(clause, candidates[:_SHOWN], names)
        case Match():
            return _asked(clause, decision, names)


def _as_said(words: Sequence[str], clause: Clause) -> str:
    """Those words as the person wrote them; all that was said where one of them was only made of it."""
    written = [as_written(word, clause.original) for word in words]
    return ", ".join(dict.fromkeys(written)) if written and all(written) else clause.original


def _several(clause: Clause, candidates: Sequence[Match], names: Names) -> Goal | Doubt:
    """What to say where more than one thing may be meant, or one is meant only in part."""
    said = repr(clause.original or clause.object)
    titles = tuple(dict.fromkeys(_title(m, names) for m in candidates))
    if len(titles) > 1:
        return Doubt(f"{said} may mean several things", titles)
    found = list({m.entry.key: names.abilities[m.entry.key] for m in candidates}.values())
    if len(found) > 1:
        places = dict.fromkeys(_place(ability) for ability in found)
        return Doubt(f"there are {len(found)} of {titles[0]}; say which", tuple(f"{titles[0]} of {p}" for p in places))
    if found[0].kind in ("choice", "number", "text") and clause.value is None:
        return _asked(clause, candidates[0], names)
    return Doubt(f"{said} fits {titles[0]} only in part; if it is meant, say it by that name", titles)


def _place(ability: Ability) -> str:
    """Where it stands, by the last thing that has a name."""
    control = ability.controls[0]
    return control.path[-1] if control.path else control.window if control.window != MAIN else "the main window"


def _same(candidates: Sequence[Match], names: Names) -> Match | None:
    """The best candidate, if it is good and all that come near it would write the same value to the same setting, or
    bear the same title and one of them is in the main window: dialogs repeat what menus have.
    """
    top = candidates[0]
    if top.score < _GOOD or not top.sure:
        return None
    near = [m for m in candidates if top.score - m.score < _NEAR and m.exact >= top.exact]
    written = {_writes(m, names) for m in near}
    if len(written) == 1 and None not in written:
        return top
    outside = [m for m in near if names.abilities[m.entry.key].controls[0].window == MAIN]
    alike = len({_title(m, names).casefold() for m in near}) == 1
    return outside[0] if alike and len(outside) == 1 else None


def _writes(match: Match, names: Names) -> tuple[str, str | None] | None:
    """The setting and value that a choice or tick comes down to; None if it is not known."""
    ability = names.abilities[match.entry.key]
    law = next((law for law in ability.laws if len(law.settings) == 1), None)
    if law is None or ability.kind not in ("option", "choice", "toggle"):
        return None
    key, values = next(iter(law.settings.items()))
    state = "off" if ability.kind == "toggle" and match.sign < 0 else "on"
    value = templated(values, match.option or "") if ability.kind == "choice" else values.get(state)
    return None if value is None else (key, value)


def _called(clause: Clause, names: Names) -> Ability | None:
    """The command that apps give this name to, where the verb says it all and the rest are values."""
    generic = all(word in _GENERIC | listed("weak") | listed("stop") for word in clause.object.split())
    for name in _COMMANDS.get(clause.verb, ()):
        if not generic and "{object}" not in name:
            continue  # "make me a sandwich" is no wish for a new document
        wanted = name.format(object=clause.object).strip()
        found = [
            ability
            for ability in names.abilities.values()
            if ability.kind == "command"
            and any(label(n.text).casefold() == wanted for n in ability.names if n.kind == "label")
        ]
        usual = [ability for ability in found if _menu(ability) == _MENUS.get(clause.verb)]
        if found:
            return found[0] if len(found) == 1 else usual[0] if len(usual) == 1 else None
    return None


def _matched(decision: Decision | None, names: Names) -> Ability | None:
    return names.abilities[decision.entry.key] if isinstance(decision, Match) else None


def _lookup(clause: Clause, command: Ability | None, names: Names) -> tuple[Goal, ...]:
    """To look something up with the one field that shows for that; nothing where there is none, or more, or where a
    `command` of a menu is called so, which asks for it. A button beside a field only sends that.
    """
    found = [
        ability
        for ability in names.abilities.values()
        if ability.kind == "text" and ability.controls[0].window == MAIN and sought_with(ability.controls[0])
    ]
    beside = command is None or (command.kind == "command" and command.controls[0].role in ("button", "link"))
    if clause.verb != "FIND" or not clause.value or len(found) != 1 or not beside:
        return ()
    if not set(clause.object.split()) <= {word for name in found[0].names for word in label_words(name.text)}:
        return ()
    return Enter(found[0], clause.value), Hit("Enter")


def _menu(ability: Ability) -> str:
    """The menu of the main window that the ability stands in directly."""
    control = ability.controls[0]
    return control.path[0].casefold() if control.window == MAIN and len(control.path) == 1 else ""


def _free(clause: Clause, names: Names) -> Goal | Doubt:
    """What needs none of the app's controls by name."""
    match clause.verb:
        case "TYPE":
            return Write(clause.value or "")
        case "CALCULATE":
            return Calculate(clause.value or "")
        case "PRESS" if clause.value:
            return Hit(clause.value)
        case "NOTHING":
            return Doubt("that asks for something not to be done; nothing was done", stop=True)
        case _:
            return Doubt(f"{clause.original!r} was not understood", _closest(clause, names))


def _file(command: Ability, clause: Clause, home: str) -> GiveFile | Doubt:
    """Nothing is written outside of the home, where nobody would see what else it changed."""
    path = (clause.value or "").strip()
    folder = clause.extra[0].strip("/ ") if clause.verb == "SAVE_AS" and clause.extra else ""
    under = path[2:] if path.startswith("~/") else path if path.startswith("/") else f"{folder.title()}/{path}"
    whole = os.path.normpath(path if path.startswith("/") else f"{home}/{under}")
    saves = clause.verb == "SAVE_AS"
    if saves and not whole.startswith(home + "/"):
        return Doubt(f"{path!r} lies outside of the home {home!r}; name a file in it", stop=True)
    return GiveFile(command, whole, saves)


def _asked(clause: Clause, match: Match, names: Names) -> Goal | Doubt:
    ability = names.abilities[match.entry.key]
    value = match.value
    if clause.verb in ("SAVE_AS", "OPEN") and clause.value and ability.kind == "command":
        return _file(ability, clause, names.home)
    match ability.kind:
        case "toggle":
            if clause.verb == "PRESS" and ability.controls[0].role == "button":
                return Perform(ability)
            if match.sign == 0 or (clause.verb in ("NEW", "DELETE") and not re.search(r"[^\W\d]", clause.object)):
                return _which_way(ability.title)
            return Switch(ability, match.sign > 0)
        case "option":
            return Switch(ability, True) if match.sign >= 0 else Doubt(f"which instead of {ability.title!r}?")
        case "choice":
            return (
                Choose(ability, match.option)
                if match.option
                else Doubt(f"which {ability.title!r}?", ability.entry().options)
            )
        case "number" | "text":
            return Enter(ability, value) if value is not None else _to_what(ability)
        case _:
            if _switching(clause) and any(c.asks for c in ability.controls):
                return Doubt(f"{ability.title!r} is nothing to switch: it opens a dialog", (ability.title,))
            if ability.controls[0].role == "tab" and clause.verb == "ON" and _first(clause) not in _SHOWS:
                return Doubt(f"{ability.title!r} is a tab, which can only be shown", (f"show {ability.title}",))
            values = (value,) if value is not None else ()
            extra = clause.extra[:1] if clause.verb == "REPLACE" else ()
            return Perform(ability, (*values, *extra))


def _to_what(ability: Ability) -> Doubt:
    wanted = "NUMBER" if ability.kind == "number" else "TEXT"
    return Doubt(f"{ability.title!r}: to what value?", (f"set {ability.title} to {wanted}",))


def _which_way(title: str) -> Doubt:
    return Doubt(f"{title!r}: on or off?", (f"turn on {title}", f"turn off {title}"))


def _switching(clause: Clause) -> bool:
    """Whether a state is asked for, and not only to be shown something."""
    return clause.verb in ("ON", "OFF", "TOGGLE") and _first(clause) in _STATES


def _first(clause: Clause) -> str:
    return next(iter(clause.original.casefold().split()), "")


def _title(match: Match, names: Names) -> str:
    title = names.abilities[match.entry.key].title
    return f"{title}: {match.option}" if match.option else title


def _closest(clause: Clause, names: Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_title(m, names) for m in names.index.search(clause)[:_SHOWN]))
