"""Typing a text where an app takes text: all at once, or key by key where keys work buttons. Sees screens only."""

from __future__ import annotations

from dataclasses import dataclass

from cua.core import Action, Ask, Click, Element, Type, Wait
from cua.policies.ways import told
from cua.screen import Screen, label

_KEYS_UP = 12
_LATE = 0.4
_TYPED = told(Type(""))


@dataclass(slots=True)
class Writing:
    """One text. `by_key`: each key after the last came up again, as calculators want it. `at` is how much is typed."""

    text: str
    by_key: bool = False
    at: int = 0
    waits: int = 0
    down: frozenset[str] = frozenset()
    took: bool = False  # whether anything showed of what was typed
    awaited: bool = False

    def next(self, screen: Screen, last: tuple[str, bool]) -> Action | None:
        """The next act; None once it is typed. Where nothing showed of all that was typed it asks: nothing took it."""
        self.took = self.took or (self.at > 0 and last == (_TYPED, True))
        if self.at >= len(self.text):
            return self._ended(screen)
        focused = next((e for e in screen.now.elements if "focused" in e.states), None)
        field = None if self.at else _field(screen)
        if focused is None and field:
            return Click(field, why="takes the text")
        if (focused is not None and "editable" in focused.states) or not (self.by_key or _keys(screen, self.text)):
            self.at = len(self.text)
            return Type(self.text, why="asked to type it")
        return self._key(screen)

    def _key(self, screen: Screen) -> Action:
        down = frozenset(k for k, e in screen.keys.items() if e.role == "button" and {"checked", "pressed"} & e.states)
        if not self.at:
            self.down = down
        if down - self.down and self.waits < _KEYS_UP:
            self.waits += 1
            return Wait(0.1, why="a key is still down")
        self.at, self.waits = self.at + 1, 0
        return Type(self.text[self.at - 1], why="asked to type it")

    def _ended(self, screen: Screen) -> Action | None:
        if self.took or not self.text:
            return None
        if not self.awaited:
            self.awaited = True
            return Wait(_LATE, why="it may show a little later")
        takes = any({"editable", "showing"} <= e.states for e in screen.now.elements)
        where = "typing had no effect" if takes else "nothing here takes text: typing had no effect"
        return Ask(f"{where}; say which field it is for, or open first what it is to be typed into")


def _field(screen: Screen) -> Element | None:
    """Where one would click to type: a text field of the window in front, the first that can be written in."""
    fields = [e for k, e in screen.keys.items() if k.startswith(f"{screen.window}|") and e.role == "textbox" and e.box]
    fields.sort(key=lambda e: "editable" not in e.states or "disabled" in e.states)
    return fields[0] if fields else None


def _keys(screen: Screen, text: str) -> bool:
    """Whether there are buttons for some of its characters."""
    return any(e.role == "button" and label(e.name) in set(text) for e in screen.keys.values())
