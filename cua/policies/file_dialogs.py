"""Naming a file in the dialog that asks for it: where the name goes, what accepts it, when it is done. It never
overwrites: what else the dialog asks is for the person. Sees screens only.
"""

from __future__ import annotations

from dataclasses import dataclass

from cua.core import Action, Ask, Click, Element, Fill, Type, Wait
from cua.screen import Screen, label

_LOOKS = 5
_MOST_LOOKS = 15
_SLOW = 3.0
_NAMES = ("file name", "filename", "name", "location", "file", "path")
_LISTS = frozenset({"table", "tree", "listbox"})
_ACCEPT = ("save", "open", "ok", "choose", "select")


@dataclass(slots=True)
class Naming:
    """One file named in one dialog. `called` is the command that opens it."""

    path: str
    called: str
    dialog: str = ""
    slashed: bool = False
    accepted: bool = False
    awaited: str = ""
    since: float = 0.0
    looks: int = 0

    def next(self, screen: Screen, new: list[str]) -> Action | None:
        """The next act; None when the dialog has taken the name and gone. `new` are the windows that were not there
        before, the last one on top."""
        if not new:
            return None if self.accepted else self._await(screen, f"{self.called} opened no dialog to name a file in")
        top, said = new[-1], said_in(screen, new[-1])
        if not self.accepted:
            self.dialog = top
            return self._name(screen, top)
        if top != self.dialog:
            return Ask(f"{self.path} was named, and {top!r} asks: {said}")
        return self._await(screen, f"the dialog {top!r} stays open after {self.path} was named", said)

    def _name(self, screen: Screen, window: str) -> Action:
        """Into the field for it, which "/" brings up where there is none; accepted once it is there as given."""
        said, field = said_in(screen, window), name_field(screen, window)
        if field is None and not self.slashed and window == screen.window and lists_files(screen, window):
            self.slashed = True
            return Type("/", why="brings up the field for a path")
        if field is None:
            return self._await(screen, f"{window!r} has no field for a file's name", said)
        if field.value != self.path:
            return Fill(field, self.path, why="names the file")
        button = accept_button(screen, window, self.called)
        if button is None:
            return self._await(screen, f"nothing in {window!r} accepts {self.path}", said)
        self.accepted = True
        return Click(button, why="accepts the file's name")

    def _await(self, screen: Screen, otherwise: str, said: str = "") -> Action:
        """Look again until something comes; ask after some seconds."""
        if self.awaited != otherwise:
            self.awaited, self.since, self.looks = otherwise, screen.now.time, 0
        self.looks += 1
        late = self.looks > _LOOKS and screen.now.time - self.since >= _SLOW
        if late or self.looks > _MOST_LOOKS:
            return Ask(f"{otherwise}: {said}" if said else otherwise)
        return Wait(1.0, why="something should come or go")


def name_field(screen: Screen, window: str) -> Element | None:
    """The field that takes the file's name: by what it is called, else by the keyboard's focus."""
    fields = [e for e in _usable(screen, window) if "editable" in e.states and e.role in ("textbox", "combobox")]
    named = [e for name in _NAMES for e in fields if label(e.name).casefold() == name]
    focused = [e for e in fields if "focused" in e.states]
    return next(iter(named + focused), None)


def accept_button(screen: Screen, window: str, called: str) -> Element | None:
    """The dialog's own choice, else what is called like the command, else what such buttons are called."""
    buttons = [e for e in _usable(screen, window) if e.role == "button"]
    default = [e for e in buttons if "default" in e.states]
    names = (label(called).casefold(), *_ACCEPT)
    named = [e for name in names for e in buttons if label(e.name).casefold() == name]
    return next(iter(default + named), None)


def lists_files(screen: Screen, window: str) -> bool:
    """Whether it shows a list, as what asks for a file does and what asks a question does not."""
    top = screen.windows[window]
    lists = [e for e in screen.now.elements if e.role in _LISTS and "showing" in e.states and e.box]
    return any(top in screen.now.ancestors(e) for e in lists)


def said_in(screen: Screen, window: str) -> str:
    """What is to be read in a window, as far as it is more than a label; and what it may be answered."""
    top = screen.windows[window]
    inside = [e for e in screen.now.elements if "showing" in e.states and top in screen.now.ancestors(e)]
    words = "; ".join(e.name for e in inside if e.role in ("text", "paragraph") and len(e.name) > 20)[:200]
    answers = ", ".join(e.name for e in inside if e.role == "button" and e.name)[:100]
    return " ".join(filter(None, [words, f"({answers})" if answers else ""]))


def _usable(screen: Screen, window: str) -> list[Element]:
    inside = [e for key, e in screen.keys.items() if key.startswith(f"{window}|")]
    return [e for e in inside if e.box and "showing" in e.states and "disabled" not in e.states]
