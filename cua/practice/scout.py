"""A look into an app's dialogs without changing anything: each is opened, read and closed again. In sandboxes only."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

from cua.core import Click, Press, Sandbox, Wait
from cua.memory.maps import Law, Map, Window
from cua.policies.glance import glanced
from cua.policies.ways import act_on, ends_at
from cua.practice.hands import Hands
from cua.screen import MAIN, Control, Screen

_SECONDS = 12.0
_LATE = 1.0
_TRIES = 8
_HELP = frozenset({"help", "?"})  # its entries set nothing, and some start a browser
_FIRST = ("preferences", "settings", "options", "configure", "properties")


def scout(sandbox: Sandbox, known: Map) -> Map:
    """The map with the contents of the dialogs that menu entries with dots lead to; preferences first."""
    hands = Hands(sandbox, known)
    asking = [c for c in known.controls.values() if c.window == MAIN and c.asks and c.role in ("menuitem", "button")]
    asking = [c for c in asking if not (c.path and c.path[0].casefold() in _HELP)]
    asking = [c for c in asking if not (law := known.laws.get(c.key)) or (law.kind, law.trials) == ("command", 0)]
    asking.sort(key=lambda c: not any(word in c.name.casefold() for word in _FIRST))
    limit = time.monotonic() + _SECONDS
    for control in asking:
        if time.monotonic() > limit:
            break
        if control.key in hands.screen.keys and "disabled" not in hands.screen.keys[control.key].states:
            known = _look_into(hands, control, known)
    return known


def _look_into(hands: Hands, control: Control, known: Map) -> Map:
    before = set(hands.screen.windows)
    for _ in range(3):
        if control.key not in hands.screen.keys:
            break
        action = act_on(hands.screen, control, known.laws.get(control.key))
        given = ends_at(action, hands.screen, control)
        hands.do(action)
        if given and not set(hands.screen.windows) - before:
            hands.do(Wait(_LATE), patient=False)  # its dialog may come after the menu has closed
        if set(hands.screen.windows) - before:
            break
    for window in set(hands.screen.windows) - before:
        title = hands.screen.windows[window].name
        stock = hands.screen.stock(window)
        known.windows.setdefault(window, Window(window, title, MAIN, control.key, stock=stock))
        old = known.laws.get(control.key) or Law(control.key, "opens")
        known.laws[control.key] = replace(old, kind="opens", opens=window, why="it was seen to open")
        if stock:
            continue
        known = glanced(known, hands.screen)
        for tab in _tabs(hands.screen, window):
            if tab in hands.screen.keys:
                hands.do(Click(hands.screen.keys[tab]), patient=False)
                known = glanced(known, hands.screen)
    hands.known = known
    close(hands, before)
    return known


def close(hands: Hands, before: Collection[str]) -> None:
    """Close what the look opened, menus too; what was open before is somebody else's."""
    for attempt in range(_TRIES):
        extra = [key for key in hands.screen.windows if key not in before]
        if extra:
            hands.leave(extra[-1], attempt)
        elif unfolded(hands.screen):
            hands.do(Press("Escape"), patient=False)
        else:
            return


def unfolded(screen: Screen) -> bool:
    """Whether a menu is open: its entries show, or it says so itself."""
    elements = screen.now.elements
    shown = [e for e in elements if e.parent >= 0 and e.box and "showing" in e.states]
    held = any(e.role == "menu" and e.states & {"focused", "expanded"} for e in elements)
    return held or any(e.role.startswith("menuitem") and elements[e.parent].role == "menu" for e in shown)


def _tabs(screen: Screen, window: str) -> list[str]:
    return [key for key, e in screen.keys.items() if e.role == "tab" and key.startswith(f"{window}|") and e.box]
