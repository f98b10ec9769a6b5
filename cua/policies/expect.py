"""What the world must show once a goal is reached: checks, and what else may change. Made from laws, never from a
run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from urllib.parse import quote

from cua.checks import ControlIs, DocumentIs, FileHolds, Requirement, SettingIs, ShowsNumber, WindowIs, WindowTitled
from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability
from cua.policies.goals import Calculate, Choose, Enter, GiveFile, Goal, Hit, Perform, Reveal, Switch, Write
from cua.policies.sums import worked_out
from cua.screen import MAIN


@dataclass(frozen=True, slots=True)
class Expected:
    """`late` checks can be made only after the app has quit, `shown` ones while the ability's control is on the
    screen.
    """

    checks: tuple[Requirement, ...]
    allowed: tuple[str, ...] = ()
    late: tuple[Requirement, ...] = ()
    shown: tuple[tuple[Ability, ControlIs], ...] = ()


def expect(goals: tuple[Goal, ...], known: Map, *, text: str | None, files: Mapping[str, str]) -> Expected:
    """For these goals together. `text` is the document before; `files` are texts of files that will be opened, by
    path.
    """
    checks: list[Requirement] = []
    allowed = sorted(known.background()) + [f"setting:{key}={value}" for key, value in known.defaults.items()]
    late: list[Requirement] = []
    shown: list[tuple[Ability, ControlIs]] = []
    for goal in goals:
        if isinstance(goal, Write):
            checks += [] if text is None else [DocumentIs(goal.text, part=bool(text))]
            text = goal.text if text == "" else None
        elif isinstance(goal, Calculate):
            checks += [ShowsNumber(f"{worked_out(goal.expression):.12g}")]
        elif isinstance(goal, GiveFile):
            path = _inside(goal.path)
            if goal.saves:
                checks.append(FileHolds(path, text or "", part=text is None))
            elif path in files:
                text = files[path]
                checks.append(DocumentIs(text))
            name = path.rpartition("/")[2]  # a setting that names the file remembers it
            allowed += ["window:*", f"file:{path.removeprefix('~/')}"]
            allowed += [f"value:*{escape(written)}*" for written in (name, quote(name))]
        elif not isinstance(goal, Hit | Reveal):
            now, then = _of(goal)
            checks += now
            late += then
            if not now and not isinstance(goal, Perform):
                shown.append((goal.ability, _seen(goal)))
            allowed += contract(goal.ability) + _freeing(goal.ability, known)
            if isinstance(goal, Perform):
                text, check = _performed(goal, text)
                checks = [c for c in checks if text is not None or not isinstance(c, DocumentIs)] + check
    return Expected(_last_word(checks), tuple(dict.fromkeys(allowed)), tuple(late), tuple(shown))


def _seen(goal: Switch | Choose | Enter) -> ControlIs:
    key = goal.ability.controls[0].key
    match goal:
        case Switch(_, on):
            return ControlIs(key, "checked", "on" if on else "off")
        case Choose(_, wanted) | Enter(_, wanted):
            return ControlIs(key, "value", wanted)


def _of(goal: Switch | Choose | Enter | Perform) -> tuple[list[Requirement], list[Requirement]]:
    ability = goal.ability
    law = next((law for law in ability.laws if law.settings), ability.laws[0])
    control = ability.controls[0]
    match goal:
        case Switch(_, on):
            state = "on" if on else "off"
            settings = _settings(law, state)
            seen: list[Requirement] = [_seen(goal)] if control.window == MAIN else []
        case Choose(_, wanted) | Enter(_, wanted):
            settings = _settings(law, wanted)
            seen = [_seen(goal)] if control.window == MAIN else []
        case Perform():
            if control.role == "button" and control.name.isdigit():
                return [ShowsNumber(control.name)], []
            if control.role == "tab":
                return [ControlIs(control.key, "selected", "yes")], []
            if law.kind == "ends":
                return [WindowIs(MAIN, False)], []
            window = law.opens if law.kind == "opens" and not goal.values else ""
            if not window and control.asks and not goal.values and not law.trials:
                return [WindowTitled(control.name)], []
            return ([WindowIs(window, True)] if window else []), []
    return (seen, settings) if law.delayed else (seen + settings, [])


def _settings(law: Law, state: str) -> list[Requirement]:
    found: list[Requirement] = []
    for key, values in law.settings.items():
        value = values.get(state) if state in values else templated(values, state)
        if value is None and state not in values:
            continue
        absent = (None,) if values.get("absent") == state else ()
        found.append(SettingIs(key, (value, *absent)))
    return found


def templated(values: Mapping[str, str | None], wanted: str) -> str | None:
    """The stored form of an input that was never tried, if all that were tried are stored in one same manner."""
    pairs = [(text, value) for text, value in values.items() if value is not None and text != "absent"]
    if len(pairs) < 2:
        return None
    manners = (
        lambda text: text,
        lambda text: f"'{text}'",
        lambda text: f"{float(text):.6f}",
        lambda text: f"{float(text):.1f}",
        lambda text: "'" + text.casefold().replace(" ", "-") + "'",
        lambda text: text.casefold(),
    )
    for manner in manners:
        try:
            if all(manner(text) == value for text, value in pairs):
                return manner(wanted)
        except ValueError:
            continue
    return None


def _performed(goal: Perform, text: str | None) -> tuple[str | None, list[Requirement]]:
    """What a command makes of the text, if that is known; a command that nobody has tried may make anything of it."""
    if text is None or all(
        law.becomes == "other" or (law.kind, law.trials) == ("command", 0) for law in goal.ability.laws
    ):
        return None, []
    made = {
        "upper": text.upper(),
        "lower": text.lower(),
        "title": text.title(),
        "swapped": text.swapcase(),
        "empty": "",
    }
    becomes = next((law.becomes for law in goal.ability.laws if law.becomes in made), "")
    if not becomes:
        return text, []
    return made[becomes], [DocumentIs(made[becomes])]


def contract(ability: Ability) -> list[str]:
    """What acting on it was seen to change, and nothing else."""
    keys = [f"setting:{key}" for law in ability.laws for key in law.settings]
    for law in ability.laws:
        keys += [fact.replace("|", ":", 1) for fact in law.also if fact.startswith(("setting|", "file|"))]
    return keys + [f"window:{law.opens.partition(':')[2]}*" for law in ability.laws if law.opens]


def _freeing(ability: Ability, known: Map) -> list[str]:
    """What may change because a control of it must be enabled first."""
    found = [known.freeing(control.key) for control in ability.controls]
    return [f"setting:{key}" for law, _ in filter(None, found) for key in law.settings]


def _last_word(checks: list[Requirement]) -> tuple[Requirement, ...]:
    """Of several checks of one document only the last can hold."""
    documents = [check for check in checks if isinstance(check, DocumentIs)]
    return tuple(c for c in checks if not isinstance(c, DocumentIs) or c is documents[-1])


def _inside(path: str) -> str:
    return "~/" + path.removeprefix("/home/user/") if path.startswith("/home/user/") else path
