"""What can be asked of an app: each effect that is known, with every way to bring it about and every name it goes by.

Made from a map; several controls with one effect are one ability. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cua.memory.maps import Law, Map
from cua.policies.lexicon import label_words
from cua.policies.match import Entry, EntryKind, Name
from cua.screen import CHOICES, ITEMS, MAIN, Control

_KINDS: Mapping[str, EntryKind] = {
    "toggle": "toggle", "number": "number", "text": "text", "opens": "command", "command": "command",
    "nothing": "command", "unknown": "command", "ends": "command",
}  # fmt: skip
_INPUTS: Mapping[str, EntryKind] = {
    "combobox": "choice", "spinbutton": "number", "slider": "number", "textbox": "text", "searchbox": "text",
}  # fmt: skip
_ENDING = frozenset(
    {"ok", "cancel", "close", "apply", "save", "open", "don't save", "discard", "yes", "no", "select", "help"}
)


@dataclass(frozen=True, slots=True)
class Ability:
    """One effect. `controls` are the ways to it, the best first."""

    key: str
    kind: EntryKind
    controls: tuple[Control, ...]
    laws: tuple[Law, ...]
    names: tuple[Name, ...]

    @property
    def title(self) -> str:
        """What a person would call it: the first label, with what it belongs to where that is needed."""
        first = self.controls[0]
        if self.kind == "option" and first.path:
            return f"{first.path[-1]}: {first.name}"
        return self.names[0].text if self.names else first.name or first.role

    def entry(self) -> Entry:
        path = tuple(dict.fromkeys(part for control in self.controls for part in control.path))
        options = tuple(dict.fromkeys(option for control in self.controls for option in control.options))
        return Entry(self.key, self.names, self.kind, options, path=path, effect=self.key)


def abilities(known: Map, described: Mapping[str, str]) -> tuple[Ability, ...]:
    """All of an app's. `described` gives a settings key's summary in words, where its schema has one."""
    grouped: dict[str, list[tuple[Control, Law]]] = {}
    menu = {c.name.casefold(): c for c in known.controls.values() if c.window == MAIN and c.role.startswith("menuitem")}
    labels = {_squeezed(c.name) for c in known.controls.values() if c.role != "command"}
    for law in known.laws.values():
        control = known.controls.get(law.control)
        if control is None or _passing(control) or _content(control, law):
            continue
        if control.role == "command" and not law.signals and _squeezed(control.name) in labels:
            continue  # an exported command that nobody sees does not rival what bears that label on the screen
        twin = menu.get(control.name.casefold()) if control.role == "button" and control.window == MAIN else None
        if twin is not None and twin.key in known.laws:
            grouped.setdefault(_effect(twin, known.laws[twin.key]), []).append((control, law))
        else:
            key = _effect(control, law)
            if any(_clash(law, other) for _, other in grouped.get(key, ())):
                key = f"control:{control.key}"
            grouped.setdefault(key, []).append((control, law))
    return tuple(_ability(key, sorted(ways, key=_cost), described) for key, ways in grouped.items())


def _clash(law: Law, other: Law) -> bool:
    """Whether two ticks write different values to one setting: one with three values may have two ticks."""
    if (law.kind, other.kind) != ("toggle", "toggle"):
        return False
    pairs = [(law.settings[key], other.settings[key]) for key in law.settings.keys() & other.settings.keys()]
    told = [(one.get(way), two.get(way)) for one, two in pairs for way in ("on", "off")]
    return any(one is not None and two is not None and one != two for one, two in told)


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _passing(control: Control) -> bool:
    """Buttons of questions and of dialogs that end them, and tabs of dialogs: nothing that one asks for by name."""
    if control.window.startswith("alert:"):
        return True
    ending = control.role == "button" and control.name.casefold() in _ENDING
    return control.window != MAIN and (ending or control.role == "tab")


def _content(control: Control, law: Law) -> bool:
    """What a list holds is to be read, unless acting on it was seen to do something."""
    return control.role in ITEMS and not law.signals


def _effect(control: Control, law: Law) -> str:
    if law.settings and law.kind in ("toggle", "number", "text"):
        return f"{law.kind}:" + ",".join(sorted(law.settings))
    if law.settings and control.role == "combobox":
        return "choice:" + ",".join(sorted(law.settings))
    if control.action and law.kind in ("toggle", "choice"):
        return f"action:{control.action}:{control.name if law.kind == 'choice' else ''}"
    if control.role == "tab":  # some windows have one row of tabs for each width
        return f"tab:{'>'.join(control.path)}:{control.name}"
    ticks = law.also if law.kind == "toggle" else ()
    mirrored = next((fact for fact in ticks if fact.startswith(f"checked|{MAIN}|")), "")
    return f"control:{mirrored.removeprefix('checked|')}" if mirrored else f"control:{control.key}"


def _cost(way: tuple[Control, Law]) -> tuple[bool, bool, bool, int]:
    control, law = way
    bare = "state" not in law.signals and law.kind in ("toggle", "choice", "number", "text")
    return (control.window != MAIN, bare, control.role in ("command", "button"), len(control.path))


def _ability(key: str, ways: list[tuple[Control, Law]], described: Mapping[str, str]) -> Ability:
    first, law = ways[0]
    by_role = law.kind in ("unknown", "nothing") and first.role in _INPUTS
    kind: EntryKind = _INPUTS[first.role] if by_role else _KINDS.get(law.kind, "command")
    if law.kind == "choice":
        kind = "choice" if first.role == "combobox" else "option"
    names = list(_names([control for control, _ in ways]))
    for setting in law.settings if len(law.settings) == 1 and not _turned_round(law) else ():
        names.append(Name(spaced(setting), "id"))
        if setting in described:
            names.append(Name(described[setting], "summary"))
    return Ability(key, kind, tuple(c for c, _ in ways), tuple(law for _, law in ways), tuple(dict.fromkeys(names)))


def _turned_round(law: Law) -> bool:
    """Whether the setting says the opposite of the tick: its name would be understood the wrong way about."""
    states = next(iter(law.settings.values()))
    return law.kind == "toggle" and (states.get("on") or "").casefold() in ("false", "0", "no", "off")


def _names(controls: Iterable[Control]) -> Iterable[Name]:
    plain = [control for control in controls if control.role != "command"]
    for control in plain:
        if control.name and not control.name.startswith("#"):
            yield Name(control.name, "label")
            if control.role == "tab":
                yield Name(f"{control.name} tab", "alias")
            if len(control.path) > 1 or (control.path and (control.role in CHOICES or _terse(control))):
                yield Name(f"{control.path[-1]} {control.name}", "alias")
    for control in controls:
        if control.role == "command":
            yield Name(control.name, "id" if plain else "label")
        elif control.action:
            yield Name(spaced(control.action), "id")
        if tooltip := re.sub(r"<[^>]*>", "", control.description).strip():
            yield Name(tooltip, "tooltip")


def _terse(control: Control) -> bool:
    """Whether a menu's entry is understood only with the menu's name: "Table" in "Insert", "New" in "Project"."""
    return control.role == "menuitem" and not control.checkable and len(label_words(control.name)) == 1


def spaced(identifier: str) -> str:
    """The words of the last part of an identifier: "view.show-line-numbers" gives "show line numbers"."""
    last = re.split(r"[/.#:]", identifier)[-1]
    return re.sub(r"[-_]+|(?<=[a-z])(?=[A-Z])", " ", last).strip().lower()
