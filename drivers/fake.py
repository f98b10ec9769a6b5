"""A small, true, graphical program in memory: windows, a menu, check boxes, text boxes, buttons and a dialog.

It keeps the promises of every driver, draws real frames, and changes a real (if tiny) world: a settings file and a
note. It is deterministic, needs no display, and ships so that anyone can try `cua`, or test against it, in no time. It
never touches the machine that it runs on, and never shows a password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from cua import core
from cua.core import Action, Box, Changes, Completed, Effect, Element, Frame, Observation, Place, Target
from cua.errors import DriverError, SandboxError, TargetGone, UsageError

WIDTH, HEIGHT = 640, 400
SETTINGS_FILE = "~/.config/fake/settings.ini"
NOTE = "~/note.txt"
HIDDEN = "••••••••"
KEYS = ("Return", "Escape", "Tab", "BackSpace", "Delete", "Home", "End", "Left", "Right", "Up", "Down", "space")
NAMED_KEYS = {*KEYS, "Enter", "ctrl", "shift", "alt", "super", *(f"F{number}" for number in range(1, 13))}


@dataclass(slots=True)
class Widget:
    """One thing in a window. `setting` is the key it writes; `does` is what activating it calls."""

    ref: str
    role: str
    name: str
    box: Box
    parent: str = ""
    states: frozenset[str] = frozenset()
    setting: str = ""
    does: str = ""
    text: str = ""


@dataclass(slots=True)
class FakeWorld:
    """What really is: settings (also readable as their file) and files. For the judge."""

    settings: dict[str, str] = field(default_factory=lambda: {"wrap": "false", "notify": "true", "name": ""})
    files: dict[str, bytes] = field(default_factory=dict)
    observe: Callable[[], Observation] = field(default=lambda: Observation(Place("fake"), ()), repr=False)
    opened: set[str] = field(default_factory=set)

    def read(self, path: str) -> bytes:
        """A file's bytes."""
        if path == SETTINGS_FILE:
            lines = [f"{key}={value}\n" for key, value in sorted(self.settings.items())]
            return ("[settings]\n" + "".join(lines)).encode()
        if path not in self.files:
            raise SandboxError(
                f"no file {path} in the fake world; there are: {', '.join([SETTINGS_FILE, *self.files])}"
            )
        return self.files[path]

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """There are no programs in the fake world."""
        return Completed(127, "", f"{' '.join(argv[:1])}: not found: there are no programs in the fake world\n")

    def setting(self, key: str) -> str | None:
        """The value of "<settings file>#settings.<key>"."""
        return self.settings.get(key.removeprefix(f"{SETTINGS_FILE}#settings."))

    def changes(self) -> Changes:
        """What differs from a new fake world."""
        start = FakeWorld()
        keys = sorted(self.settings.keys() | start.settings.keys())
        pairs = {key: core.Change(start.settings.get(key), self.settings.get(key)) for key in keys}
        return Changes(
            settings={
                f"{SETTINGS_FILE}#settings.{key}": pair for key, pair in pairs.items() if pair.before != pair.after
            },
            files=dict.fromkeys(sorted(self.files), "created"),
            windows=dict.fromkeys(sorted(self.opened), "opened"),
        )


def _widgets() -> tuple[Widget, ...]:
    """The windows as they are at the start, parents before children. A widget shows if its window or menu is open."""
    edit, go = frozenset({"editable", "focusable"}), frozenset({"focusable"})
    check, menu = frozenset({"checkable", "focusable"}), frozenset({"expandable"})
    return (
        Widget("main", "window", "Fake settings", Box(0, 0, 640, 400)),
        Widget("bar", "menubar", "", Box(0, 0, 640, 24), "main"),
        Widget("view", "menuitem", "View", Box(4, 2, 60, 20), "bar", menu, does="menu"),
        Widget("wrap", "menuitemcheckbox", "Word wrap", Box(4, 26, 160, 22), "view", check, "wrap", "toggle"),
        Widget("clear", "menuitem", "Clear…", Box(4, 50, 160, 22), "view", does="ask"),
        Widget("notify", "checkbox", "Notifications", Box(300, 60, 200, 24), "main", check, "notify", "toggle"),
        Widget("name", "textbox", "Name", Box(300, 100, 280, 26), "main", edit, "name"),
        Widget("password", "textbox", "Password", Box(300, 140, 280, 26), "main", edit | {"password"}),
        Widget("note", "textbox", "Note", Box(300, 180, 280, 90), "main", edit | {"multiline"}),
        Widget("save", "button", "Save", Box(300, 290, 90, 28), "main", go, does="save"),
        Widget("export", "button", "Export", Box(400, 290, 90, 28), "main", go | {"disabled"}),
        Widget("dialog", "dialog", "Clear everything?", Box(180, 120, 280, 130), states=frozenset({"modal"})),
        Widget("yes", "button", "Clear", Box(200, 200, 100, 28), "dialog", go, does="clear"),
        Widget("no", "button", "Cancel", Box(320, 200, 100, 28), "dialog", go, does="close"),
    )


class FakeDriver:
    """Eyes and hands on the program; `world` is what it changes; `reset` gives both back their start state."""

    def __init__(self) -> None:
        self.world = FakeWorld(observe=lambda: self.observe(frame=False))
        self._closed = False
        self.reset()

    def reset(self) -> None:
        """As it was at the start."""
        start = FakeWorld()
        self.world.settings, self.world.files, self.world.opened = start.settings, start.files, start.opened
        self._widgets = {widget.ref: widget for widget in _widgets()}
        self._open = {"main"}
        self._focus = ""
        self._selected = False
        self._clock = 0.0
        self._drawn: tuple[tuple[Element, ...], Frame] | None = None

    def close(self) -> None:
        """The program is gone. Twice is fine."""
        self._closed = True

    # ------------------------------------------------------------------------------------------ seeing

    def observe(self, *, frame: bool = True) -> Observation:
        """What a person would see."""
        self._check_open()
        shown = [widget for widget in self._widgets.values() if self._shows(widget)]
        index = {widget.ref: number for number, widget in enumerate(shown)}
        elements = tuple(self._element(widget, index.get(widget.parent, -1)) for widget in shown)
        window = self._widgets["dialog" if "dialog" in self._open else "main"].name
        return Observation(Place("fake", window), elements, self._frame(elements) if frame else None, self._clock)

    def _shows(self, widget: Widget) -> bool:
        parent = self._widgets.get(widget.parent)
        if parent is None or parent.does == "menu":
            return (parent or widget).ref in self._open
        return self._shows(parent)

    def _element(self, widget: Widget, parent: int) -> Element:
        states = widget.states | {"showing"}
        if widget.does == "toggle" and self.world.settings[widget.setting] == "true":
            states |= {"checked"}
        if widget.ref == self._focus:
            states |= {"focused"}
        if widget.does == "menu" and widget.ref in self._open:
            states |= {"expanded"}
        value = self._held(widget) if "editable" in states else None
        if "password" in states:
            value = HIDDEN if value else ""
        locators = (core.Locator("testid", widget.ref), core.Locator("role", f"{widget.role}:{widget.name}"))
        actions = ("click",) if widget.does else ()
        return Element(
            widget.ref, widget.role, widget.name, value, states, widget.box, parent, locators, actions=actions
        )

    def _frame(self, elements: tuple[Element, ...]) -> Frame:
        if self._drawn is None or self._drawn[0] != elements:
            self._drawn = elements, _draw(elements)
        return self._drawn[1]

    # ------------------------------------------------------------------------------------------ acting

    def act(self, action: Action) -> Effect:
        """Do it, and say what came of it."""
        self._check_open()
        before = self._state()
        for name in ("target", "start", "end"):
            if hasattr(action, name):
                self._hit(getattr(action, name))
        effect = self._do(action)
        self._clock += 1.0
        self.world.opened = {self._widgets[ref].name for ref in self._open - {"main", "view"}}
        if effect is not None:
            return effect
        return Effect("confirmed") if self._state() != before else Effect("no_effect", "nothing changed")

    def _do(self, action: Action) -> Effect | None:
        match action:
            case core.Click(target=target, button="left") | core.Invoke(target=target):
                return self._activate(self._hit(target))
            case core.Fill(target=target, text=text):
                return self._fill(self._hit(target), text)
            case core.Type(text=text):
                return self._type(text)
            case core.Press(keys=keys):
                return self._press(keys)
            case core.Click() | core.Scroll() | core.Move() | core.Drag():
                return None
            case core.Wait():
                return Effect("confirmed", "nothing moves here by itself")
            case core.Open() | core.Ask() | core.Finish():
                raise UsageError(f"{type(action).__name__} is nothing that the fake driver can do; it has one program")
            case _:
                assert_never(action)

    def _hit(self, target: Target) -> Widget | None:
        """The widget under a point (or None), or the one an element stands for."""
        modal = "dialog" in self._open
        if isinstance(target, core.Point):
            shown = [w for w in self._widgets.values() if self._shows(w) and (not modal or self._root(w) == "dialog")]
            # Children lie on their parents, and the open menu on all that it covers.
            over = [widget for widget in shown if _contains(widget.box, target)]
            return max(over, key=lambda w: (w.parent == "view", shown.index(w)), default=None)
        widget = self._widgets.get(target.ref)
        if widget is None or (widget.role, widget.name) != (target.role, target.name) or not self._shows(widget):
            raise TargetGone(f"{target.role} {target.name!r} ({target.ref}) is no longer on the screen; look again")
        if modal and self._root(widget) != "dialog":
            raise TargetGone(f"{target.role} {target.name!r} lies behind a dialog; answer that first")
        return widget

    def _activate(self, widget: Widget | None) -> Effect | None:
        if widget is None:
            return Effect("no_effect", "there is nothing at that point")
        if "disabled" in widget.states:
            return Effect("refused", f"{widget.role} {widget.name!r} is disabled")
        if "focusable" in widget.states and widget.parent != "view":
            self._focus = widget.ref
        self._selected = False
        match widget.does:
            case "toggle":
                now = self.world.settings[widget.setting]
                self.world.settings[widget.setting] = "false" if now == "true" else "true"
            case "ask":
                self._open, self._focus = self._open | {"dialog"}, "no"
            case "save":
                self._save()
            case "clear":
                for ref in ("name", "password", "note"):
                    self._write(self._widgets[ref], "")
        closed = {"view"} if widget.does != "menu" or "view" in self._open else set()
        self._open |= {"view"} if widget.does == "menu" and not closed else set()
        self._shut(closed | ({"dialog"} if widget.does in ("clear", "close") else set()))
        return None

    def _fill(self, widget: Widget | None, text: str) -> Effect:
        if widget is None or "editable" not in widget.states:
            return Effect("refused", "only text boxes can be filled")
        if "\n" in text and "multiline" not in widget.states:
            return Effect("refused", f"{widget.role} {widget.name!r} has one line only")
        self._focus, self._selected = widget.ref, False
        self._write(widget, text)
        return Effect("confirmed")

    def _type(self, text: str) -> Effect | None:
        for letter in text:
            widget = self._widgets.get(self._focus)
            if letter == "\t":
                self._focus_next()
            elif widget is None or "editable" not in widget.states:
                return Effect("no_effect", "no text box has the focus; click one first")
            elif letter != "\n" or "multiline" in widget.states:
                self._write(widget, ("" if self._selected else self._held(widget)) + letter)
                self._selected = False
        return None

    def _press(self, keys: str) -> Effect | None:
        for key in keys.split("+"):
            if key not in NAMED_KEYS and len(key) != 1:
                raise UsageError(f"there is no key {key!r} (in {keys!r}); use X names: Return, Escape, F5, ctrl+s")
        match keys:
            case "Escape":
                self._shut({"dialog"} if "dialog" in self._open else {"view"})
            case "ctrl+a":
                self._selected = True
            case "ctrl+s" if "dialog" not in self._open:
                self._save()
            case "Tab" | "Return" | "Enter" | "space" | "BackSpace":
                return self._press_in(self._widgets.get(self._focus), keys)
            case _ if len(keys) == 1:
                return self._type(keys)
        return None

    def _press_in(self, widget: Widget | None, key: str) -> Effect | None:
        if key == "Tab" or widget is None:
            return self._type("\t") if key == "Tab" else None
        if "editable" not in widget.states:
            return None if key == "BackSpace" else self._activate(widget)
        if key != "BackSpace":
            return self._type(" " if key == "space" else "\n")
        self._write(widget, "" if self._selected else self._held(widget)[:-1])
        self._selected = False
        return None

    def _save(self) -> None:
        self.world.files[NOTE] = self._widgets["note"].text.encode()

    def _shut(self, refs: set[str]) -> None:
        self._open -= refs
        if self._focus and not self._shows(self._widgets[self._focus]):
            self._focus = ""

    def _focus_next(self) -> None:
        top = "dialog" if "dialog" in self._open else "main"
        able = [w.ref for w in self._widgets.values() if "focusable" in w.states and "disabled" not in w.states]
        refs = [ref for ref in able if self._root(self._widgets[ref]) == top and self._widgets[ref].parent != "view"]
        self._focus = refs[(refs.index(self._focus) + 1) % len(refs)] if self._focus in refs else refs[0]
        self._selected = False

    # ------------------------------------------------------------------------------------------ state

    def _root(self, widget: Widget) -> str:
        return self._root(self._widgets[widget.parent]) if widget.parent else widget.ref

    def _held(self, widget: Widget) -> str:
        return self.world.settings[widget.setting] if widget.setting else widget.text

    def _write(self, widget: Widget, text: str) -> None:
        if widget.setting:
            self.world.settings[widget.setting] = text
        else:
            widget.text = text

    def _state(self) -> tuple[object, ...]:
        texts = tuple(widget.text for widget in self._widgets.values())
        world = (dict(self.world.settings), dict(self.world.files))
        return texts, world, frozenset(self._open), self._focus, self._selected

    def _check_open(self) -> None:
        if self._closed:
            raise DriverError("the fake program was closed; make a new FakeDriver")


def _contains(box: Box, point: core.Point) -> bool:
    return box.x <= point.x < box.x + box.width and box.y <= point.y < box.y + box.height


def _draw(elements: tuple[Element, ...]) -> Frame:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(12)
    # The open menu lies on top of what it covers.
    for element in sorted(elements, key=lambda e: elements[e.parent].name == "View"):
        if (box := element.box) is not None:
            focused = "focused" in element.states
            corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
            pen.rectangle(corners, "#f4f4f4", "#2060d0" if focused else "#808080", 2 if focused else 1)
            mark = ("[x] " if "checked" in element.states else "[ ] ") if "checkable" in element.states else ""
            label = f"{element.name}: {element.value}" if element.value is not None else mark + element.name
            pen.text((box.x + 5, box.y + 4), label, "#a0a0a0" if "disabled" in element.states else "black", font)
    pixels = picture.tobytes("raw", "BGRX")
    return Frame(hashlib.blake2b(pixels, digest_size=16).hexdigest(), WIDTH, HEIGHT, 1.0, pixels)
