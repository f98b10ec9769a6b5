"""What can be told of an app without acting: each control's role says what it does. Weaker than a law, better
than nothing.
"""

from __future__ import annotations

from dataclasses import replace

from cua.memory.maps import Kind, Law, Map, Window
from cua.screen import CHOICES, MAIN, Control, Screen

_WHY = "by its role"
_BY_ROLE: dict[str, Kind] = {
    "combobox": "choice", "spinbutton": "number", "slider": "number", "textbox": "text", "searchbox": "text",
}  # fmt: skip


def glanced(known: Map, screen: Screen) -> Map:
    """The map with what shows now added where it is not known. The given map is left as it is."""
    seen = Map(
        known.app, dict(known.windows), dict(known.controls), dict(known.laws), dict(known.volatile), known.defaults
    )
    seen.windows.setdefault(MAIN, Window(MAIN, screen.now.place.window))
    for control in screen.controls():
        old = seen.controls.get(control.key)
        options = control.options or (old.options if old else ())
        seen.controls[control.key] = replace(control, options=options)
        seen.laws.setdefault(control.key, Law(control.key, _kind(control), why=_WHY))
    for control in seen.controls.values():  # what was seen before, in dialogs that are closed now
        seen.laws.setdefault(control.key, Law(control.key, _kind(control), why=_WHY))
    return seen


def merged(known: Map, seen: Map) -> Map:
    """What is known, with the windows, controls and ways that were seen besides, but for what only a role tells."""
    laws = {key: law for key, law in seen.laws.items() if law.why != _WHY}
    return replace(
        known, windows=seen.windows | known.windows, controls=seen.controls | known.controls, laws=laws | known.laws
    )


def _kind(control: Control) -> Kind:
    if control.role == "menuitem" and control.name.casefold() in ("quit", "exit"):
        return "ends"
    if control.checkable and not control.asks:
        return "choice" if control.role in CHOICES else "toggle"
    return _BY_ROLE.get(control.role, "command")
