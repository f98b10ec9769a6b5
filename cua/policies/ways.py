"""How a control is acted on: through accessibility, or with the pointer as a person would. Decides nothing else."""

from __future__ import annotations

import re

from cua.core import Action, Ask, Click, Element, Fill, Invoke, Press
from cua.memory.maps import Law, Map
from cua.policies.goals import Goal
from cua.screen import MAIN, Control, Screen, label

_DISPLAYS = frozenset({"textbox", "text", "status", "group", "generic"})
_CLEARS = ("ac", "all clear", "clear all", "c", "clr", "clear", "ce")
_FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
_POINTED = frozenset({"button", "link", "tab", "textbox", "searchbox"})


def clicks(control: Control, element: Element) -> bool:
    """Whether it is clicked rather than invoked.

    A tick is invoked: that needs no menu open. What may open a dialog is clicked, since some toolkits stop answering
    while a dialog runs inside an act that came through accessibility; an exported command has no such trouble.
    """
    if not element.actions:
        return True
    if control.window.startswith("popover:"):
        return False
    if element.role in _POINTED and not control.checkable:
        return True
    return (control.asks or element.role == "menuitem") and not control.action


def act_on(screen: Screen, control: Control, law: Law | None, *, why: str = "") -> Click | Invoke:
    """The next act towards acting on the control, which must be on the screen: a menu above it opens first."""
    element = screen.keys[control.key]
    if (law is not None and law.way == "click") or clicks(control, element):
        return Click(screen.clickable(control.key), why=why)
    return Invoke(element, why=why)


def doors(screen: Screen, control: Control) -> list[tuple[str, Element]]:
    """Menus and pages behind which a control may be that is not on the screen, the likeliest first: some menus are
    filled only when they open, and some toolkits do not say which page belongs to which tab.
    """
    tabs = [(k, e) for k, e in screen.keys.items() if e.role == "tab" and k.startswith(f"{control.window}|")]
    closed = [(k, e) for k, e in tabs if "selected" not in e.states]
    closed.sort(key=lambda door: door[1].name not in control.path)
    inside = screen.windows.get(control.window)
    menus = [e for e in screen.now.elements if e.role == "menu" and "showing" in e.states and e.box
             and any(above is inside for above in screen.now.ancestors(e))]  # fmt: skip
    named = [(f"menu {name}", e) for name in reversed(control.path) for e in menus if label(e.name) == name]
    return named + closed


def folded(screen: Screen, control: Control) -> Element | None:
    """The closed menu that a tick stands in: some toolkits say only when it opens whether the tick is on."""
    door = screen.clickable(control.key)
    closed = control.role.startswith("menuitem") and not control.action and door.role == "menu"
    return door if closed and "showing" in door.states and door is not screen.keys[control.key] else None


def hidden(element: Element) -> bool:
    """Whether it must be clicked and cannot be: a button of a bar that is not shown."""
    return element.role in _POINTED and "showing" not in element.states


def dismissed(screen: Screen, window: str, *, new: bool) -> Action:
    """Away with a dialog that nobody asked for, if that decides nothing: by a Close that is its only button, or by
    Cancel where the dialog is new, so that nobody can have filled it in.
    """
    inside = [e for k, e in screen.keys.items() if k.startswith(f"{window}|") and e.role == "button"]
    buttons = {label(e.name).casefold(): e for e in inside}
    harmless = "cancel" if new and "cancel" in buttons else "close" if set(buttons) == {"close"} else ""
    if harmless:
        return Click(buttons[harmless], why="a dialog that nobody asked for is in the way")
    return Ask(f"the window {screen.windows[window].name or window!r} is in the way, and nobody asked for it")


def windows_towards(goal: Goal | None, known: Map) -> set[str]:
    """The windows that acts towards the goal open: on the way to its controls, and by the controls."""
    if goal is None:
        return set(known.windows)
    ability = getattr(goal, "ability", None)
    found = {law.opens for law in ability.laws} | {c.window for c in ability.controls} if ability else set()
    for window in tuple(found):
        above = window
        while above in known.windows and above != MAIN:
            found.add(above)
            above = known.windows[above].above
    return found


def clearing(screen: Screen) -> Element | None:
    """The button that empties a calculator, if it shows a number; None if it shows none, or has no such button."""
    shown = (e.value or e.name for e in screen.now.elements if "showing" in e.states and e.role in _DISPLAYS)
    if not any(re.search(r"\d", text) and text.strip() != "0" for text in shown):
        return None
    buttons = {label(e.name).casefold(): e for e in screen.keys.values() if e.role == "button" and not hidden(e)}
    return next((buttons[name] for name in _CLEARS if name in buttons), None)


def ends_at(action: Action, screen: Screen, control: Control) -> bool:
    """Whether the act is on the control itself and not on a menu above it."""
    return isinstance(action, Click | Invoke) and action.target is screen.keys[control.key]


def same(found: str, wanted: str) -> bool:
    """Whether a field that shows the one text holds the other: numbers count by value, letters without case."""
    if found == wanted:
        return True
    try:
        return float(found) == float(wanted)
    except ValueError:
        return found.casefold() == wanted.casefold()


def told(action: Action) -> str:
    """An act in words."""
    match action:
        case Click(target) | Invoke(target) | Fill(target):
            return f"{type(action).__name__.lower()} {getattr(target, 'name', '') or getattr(target, 'role', 'point')}"
        case Press(keys):
            return f"press {keys}"
        case _:
            return type(action).__name__.lower()


def buttons_of(screen: Screen, window: str) -> dict[str, Element]:
    """The buttons of a window by what they are called."""
    inside = [e for k, e in screen.keys.items() if k.startswith(f"{window}|") and e.role == "button"]
    return {label(e.name).casefold(): e for e in inside}


def is_field(element: Element) -> bool:
    """Whether it shows and takes a value."""
    return element.role in _FIELDS and "showing" in element.states and "disabled" not in element.states
