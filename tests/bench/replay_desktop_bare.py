"""The flow of `replay_desktop`, and a bare script that does it: raw X requests at known places, reads of known nodes.

This is what somebody who knows all of both programs would write, and no more: it looks for nothing and checks nothing
but that what a step must bring about is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import xcffib.xproto
import xcffib.xtest

from cua.core import Element, Observation, Point, Run
from cua.errors import TimedOut, TroubleError
from cua.memory.workflows import Expect
from drivers.bus import Bus, Request
from drivers.keysyms import keysym_of_character
from drivers.nodes import ACCESSIBLE
from drivers.x11 import X11
from sandbox_vms.namespace import Namespace

PATIENCE = 5.0
TITLE = "~/notes.txt - Mousepad"
ENTRY = "Word Wrap"
ACTION = ("org.xfce.mousepad", "/org/xfce/mousepad", "preferences.view.word-wrap")
_KEY_DOWN, _KEY_UP, _BUTTON_DOWN, _BUTTON_UP, _MOTION = range(2, 7)
_SHOWING, _CURRENT = 1 << 25, 1 << 12 | 1 << 23
_SHIFT, _CONTROL = 0xFFE1, 0xFFE3
_TICK = 0.001


@dataclass(frozen=True, slots=True)
class Doing:
    """One step: what to do, to which element, and what must come of it: a fact and its value.

    Facts: "text": the element holds the value; "at": the cell is the selected one; "open": the entry of that name
    shows; "checked": the entry is "on" or "off", and its menu is closed; "saved": the editor's title has lost its star.
    """

    do: str
    role: str
    name: str
    text: str
    fact: str
    value: str

    def expected(self, slot: str) -> tuple[Expect, ...]:
        """The same as expectations of a workflow, where the text is written as this slot."""
        match self.fact:
            case "text":
                return (Expect("holds", self.role, self.name, slot),)
            case "at":
                return (Expect("holds", "textbox", value=self.value),)
            case "open":
                return (Expect("shows", "menuitemcheckbox", self.value),)
            case "checked":
                return Expect("checked", self.role, self.name, self.value), Expect("gone", self.role, self.name)
            case _:
                return (Expect("gone", "window", f"*{TITLE}"),)


def flow(number: int) -> tuple[Doing, ...]:
    """The 20 steps with the values of this turn."""
    note = f"Order {number} is noted"
    return (
        *_written(note),
        *_toggled("on"),
        *_entered("B2", str(number)),
        *_entered("B3", "30"),
        *_entered("B4", f"{number} again"),
        *_entered("C2", f"Paid {number}"),
        *_toggled("off"),
        *_entered("C3", f"Note {number}"),
        *_written(f"{note} and paid"),
        *_entered("B3", "31"),
    )


def _written(text: str) -> tuple[Doing, Doing]:
    return (
        Doing("fill", "textbox", "", text, "text", text),
        Doing("press", "textbox", "", "ctrl+s", "saved", ""),
    )


def _toggled(to: str) -> tuple[Doing, Doing]:
    return (
        Doing("click", "menu", "Document", "", "open", ENTRY),
        Doing("click", "menuitemcheckbox", ENTRY, "", "checked", to),
    )


def _entered(cell: str, text: str) -> tuple[Doing, Doing]:
    return (
        Doing("click", "cell", cell, "", "at", cell),
        Doing("type", "cell", cell, f"{text}\n", "text", text),
    )


def element_of(doing: Doing, now: Observation) -> Element:
    """The first of that role and name that shows; without a name, the largest."""
    found = [e for e in now.elements if e.role == doing.role and doing.name in ("", e.name) and "showing" in e.states]
    if not found:
        raise TroubleError(f"there is no {doing.role} {doing.name!r} to begin with")
    return max(found, key=lambda e: e.box.width * e.box.height if e.box and not doing.name else 0)


class Bare:
    """Raw X requests at known places, and reads of known nodes: what a person who knows all of it would write."""

    def __init__(self, box: Namespace, recorded: Run) -> None:
        self._box = box
        self._x11 = X11(box.driver.x11.display)
        self._xtest: Any = self._x11.connection(xcffib.xtest.key)
        self._bus: Bus = box.driver.access.bus
        self._session: Bus = box.driver.session
        shown = [step.seen for step in recorded.steps]
        self._known = {(e.role, e.name): e for seen in shown for e in seen.elements if e.box}
        self._editor = element_of(Doing("fill", "textbox", "", "", "", ""), shown[0])
        self._table = next(e for e in shown[0].elements if e.role == "table" and "showing" in e.states)
        self._window = next(w.id for w in box.driver.x11.windows() if w.title.endswith(TITLE))
        keys = self._x11.core.GetKeyboardMapping(8, 247).reply()
        width = keys.keysyms_per_keycode
        self._codes = {keysym: (8 + at // width, at % width) for at, keysym in reversed(list(enumerate(keys.keysyms)))}

    def do(self, doing: Doing) -> None:
        """The input, then the wait for what must come of it."""
        target = self._known[doing.role, doing.name] if doing.name else self._editor
        match doing.do:
            case "click":
                self._click(target)
            case "fill":
                self._click(target)
                self._await(self._active, "the editor's window")
                self._chord("a")
                self._type(doing.text)
            case "type":
                self._type(doing.text)
            case "press":
                self._chord(doing.text[-1])
        self._await(lambda: self._holds(doing, target), f"what follows {doing}")

    def _await(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise TimedOut(f"the bare script waited {PATIENCE:g} s for {what}")
            time.sleep(_TICK)

    def _active(self) -> bool:
        return self._x11.words(self._x11.root, "_NET_ACTIVE_WINDOW")[:1] == (self._window,)

    def _holds(self, doing: Doing, target: Element) -> bool:
        match doing.fact:
            case "text":
                reply = self._bus.call(_ask(self._now(target), "org.a11y.atspi.Text", "GetText", "ii", 0, -1))
                return bool(reply) and str(reply.body[0]).rstrip("\n") == doing.value
            case "at":
                return bool(self._state(self._now(target)) & _CURRENT)
            case "open":
                return bool(self._state(self._known["menuitemcheckbox", doing.value]) & _SHOWING)
            case "checked":
                name, path, action = ACTION
                told = self._session.call(Request(name, path, "org.gtk.Actions", "Describe", "s", (action,)))
                switched = bool(told) and told.body[0][2][0].value == (doing.value == "on")
                return switched and not self._state(target) & _SHOWING
            case _:
                asked = (False, self._window, self._x11.atom("_NET_WM_NAME"), 0, 0, 99)
                title = self._x11.core.GetProperty(*asked).reply().value
                return not title.buf().startswith(b"*")

    def _now(self, target: Element) -> Element:
        """The same cell as a node that lives: the spreadsheet makes them anew whenever they are asked for."""
        if target.role != "cell":
            return target
        row, column = int(target.name[1:]) - 1, ord(target.name[0]) - ord("A")
        reply = self._bus.call(_ask(self._table, "org.a11y.atspi.Table", "GetAccessibleAt", "ii", row, column))
        return replace(target, ref=f"a11y|{'|'.join(reply.body[0])}") if reply else target

    def _state(self, target: Element) -> int:
        reply = self._bus.call(_ask(target, ACCESSIBLE, "GetState"))
        return int(reply.body[0][0]) if reply else 0

    def _click(self, target: Element) -> None:
        point: Point = target.box.centre if target.box else Point(0, 0)
        self._xtest.FakeInput(_MOTION, 0, 0, self._x11.root, point.x, point.y, 0)
        self._tap(_BUTTON_DOWN, _BUTTON_UP, 1)
        self._x11.sync()

    def _chord(self, key: str) -> None:
        code = self._codes[_CONTROL][0]
        self._xtest.FakeInput(_KEY_DOWN, code, 0, 0, 0, 0, 0)
        self._type(key)
        self._xtest.FakeInput(_KEY_UP, code, 0, 0, 0, 0, 0)
        self._x11.sync()

    def _type(self, text: str) -> None:
        shift = self._codes[_SHIFT][0]
        for character in text:
            code, level = self._codes[keysym_of_character(character)]
            if level % 2:
                self._xtest.FakeInput(_KEY_DOWN, shift, 0, 0, 0, 0, 0)
            self._tap(_KEY_DOWN, _KEY_UP, code)
            if level % 2:
                self._xtest.FakeInput(_KEY_UP, shift, 0, 0, 0, 0, 0)
        self._x11.sync()

    def _tap(self, down: int, up: int, code: int) -> None:
        self._xtest.FakeInput(down, code, 0, 0, 0, 0, 0)
        self._xtest.FakeInput(up, code, 0, 0, 0, 0, 0)


def _ask(target: Element, interface: str, member: str, signature: str = "", *body: object) -> Request:
    _, owner, path = target.ref.split("|")[:3]
    return Request(owner, path, interface, member, signature, body)
