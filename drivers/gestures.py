"""From keys and buttons to acts: chords and texts here, what the pointer does beside it, all in order.

It looks at nothing and waits for nothing: looks and events are given to it.
"""

from __future__ import annotations

from cua.core import Press
from drivers.hits import focused
from drivers.pointing import QUICK, Before, Done, Pointing
from drivers.secret_fields import Repeated
from drivers.typed import EDITING, Look, Typing, holds_secret, is_field
from drivers.written import begins, composed
from drivers.x11_keyboard import Key, Keyboard
from drivers.x11_record import Happened

_WRITTEN_IN = frozenset({"textbox", "paragraph", "document", "combobox", "spinbutton", "cell", "table", "canvas"})


class Gestures:
    """`before` gives the last look from before a time, and whether nothing changed between the two."""

    def __init__(self, keyboard: Keyboard, before: Before) -> None:
        self._keyboard, self._before = keyboard, before
        self._pointing = Pointing(before)
        self.done: list[Done] = self._pointing.done
        self._typing: Typing | None = None
        self._repeated = Repeated()
        self._composing: tuple[int, ...] = ()
        self._alone = ""

    @property
    def typing(self) -> Typing | None:
        return self._typing

    def take(self, event: Happened) -> str:
        """What happened next. Gives a line for the person where it is something that is not kept."""
        match event.kind:
            case "key down":
                return self._key(self._keyboard.key(event.code, event.state), event)
            case "key up":
                alone = self._keyboard.key(event.code, event.state).tapped
                if alone and alone == self._alone:
                    self._press(alone, event.time)
                self._alone = ""
            case "button down":
                self._alone = ""
                self._end_typing(event.time)
                return self._pointing.press(event, tuple(sorted(self._keyboard.held(event.state))))
            case "button up":
                self._pointing.release(event)
            case "keymap":
                self._keyboard.lend(event.code, event.keysyms)
        return ""

    def tick(self, now: float) -> None:
        """End what the passing of time ends."""
        self._pointing.tick(now)

    def end(self, now: float) -> None:
        """End all that is open."""
        self._pointing.end(released=True)
        self._end_typing(now)

    # ------------------------------------------------------------------------------------------ keys

    def _key(self, key: Key, event: Happened) -> str:
        if key.modifier:
            self._alone = key.tapped if not key.held else ""
            return ""
        self._alone = ""
        self._pointing.end()
        look, _ = self._before(event.time)
        if self._typing and self._typing.elsewhere(look):
            self._end_typing(event.time)
        if not key.shortcut and (self._composing or begins(key.keysym)):
            self._composing += (key.keysym,)
            text = composed(self._composing)
            if text == "":
                return ""
            self._composing = ()
            if text is None:
                self._open(event.time).miss("a composed character is not known")
                return "a dead key or Compose sequence was not understood: the text there may lack a character"
            self._open(event.time).add(text, event.time)
            return ""
        self._composing = ()
        if key.text and not self._activates(key, look):
            self._open(event.time).add(key.text, event.time)
            return ""
        return self._named(key, look, event.time)

    def _named(self, key: Key, look: Look, at: float) -> str:
        """A key that types nothing: it edits what is typed, or is an act of its own."""
        name = key.name
        if not name:
            return f"a key that has no name (keysym 0x{key.keysym:x}) was pressed; it is not kept"
        target = focused(look.screen)
        starts = name in EDITING and (holds_secret(look.screen, target) or (target is not None and is_field(target)))
        typing = self._typing or (self._open(at) if starts else None)
        if typing and typing.takes(name):
            typing.edit(name, at)
            return ""
        self._press(name, at)
        return ""

    def _press(self, name: str, at: float) -> None:
        self._pointing.end()
        self._end_typing(at)
        look, fresh = self._before(at)
        self.done.append(Done(Press(name), look, at, at, "" if fresh else QUICK))

    def _open(self, at: float) -> Typing:
        if self._typing is None:
            look, fresh = self._before(at)
            self._typing = Typing(look, at, self._repeated, fresh=fresh)
        return self._typing

    def _activates(self, key: Key, look: Look) -> bool:
        """A space bar pressed on a button types nothing."""
        target = focused(look.screen)
        return key.text == " " and not self._typing and target is not None and target.role not in _WRITTEN_IN

    def _end_typing(self, at: float) -> None:
        typing, self._typing = self._typing, None
        self._composing = ()
        if typing is None:
            return
        final, _ = self._before(at)
        typing.settle(final)
        for action, reason in typing.acts(final):
            self.done.append(Done(action, typing.look, typing.last, typing.last, reason))
