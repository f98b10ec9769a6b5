"""What can be told of an app without acting: each control's role says what it does. Weaker than a law, better
than nothing.
"""

from __future__ import annotations

from dataclasses import replace

from cua.memory.maps import Kind, Law, Map, Window
from cua.screen import CHOICES, MAIN, Control, Screen

_BY_ROLE: dict[str, Kind] = {"combobox": "choice", "spinbutton": "number", "slider": "number", "textbox": "text"}


def glanced(known: Map, screen: Screen) -> Map:
    """The map with what shows now added where it is not known. The given map is left as it is."""
    seen = Map(known.app, dict(known.windows), dict(known.controls), dict(known.laws), dict(known.volatile))
    seen.windows.setdefault(MAIN, Window(MAIN, screen.now.place.window))
    for control in screen.controls():
        old = seen.controls.get(control.key)
        options = control.options or (old.options if old else ())
        seen.controls[control.key] = replace(control, options=options)
        seen.laws.setdefault(control.key, Law(control.key, _kind(control), why="by its role"))
    return seen


def _kind(control: Control) -> Kind:
    if control.checkable and not control.asks:
        return "choice" if control.role in CHOICES else "toggle"
    return _BY_ROLE.get(control.role, "command")
