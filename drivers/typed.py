"""Keys that go into one place, until they go into another: one text, and what a field holds in the end.

Of a secret nothing is kept but that something was typed, and whether it was the same before. It looks at nothing: it is
given the looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cua.core import Action, Element, Fill, Observation, Press, Type
from drivers.hits import Screen, focused
from drivers.secret_fields import Repeated, asks_for_secret, is_secret

EDITING = frozenset(
    {
        "Left", "Right", "Home", "End", "Delete", "BackSpace", "Insert", "shift+Insert", "ctrl+a", "ctrl+v", "ctrl+z",
        "ctrl+y", "ctrl+u", "ctrl+k", "shift+Left", "shift+Right", "shift+Home", "shift+End", "ctrl+Left", "ctrl+Right",
        "ctrl+shift+Left", "ctrl+shift+Right", "ctrl+BackSpace", "ctrl+Delete",
    }
)  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_PATIENCE = 0.25  # seconds after which a field has surely taken in its last key

Acts = list[tuple[Action, str]]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the screen, and from when to when it was taken. `texts` are those of spin buttons, by ref."""

    screen: Screen
    began: float
    ended: float
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> Observation:
        return self.screen.seen

    def element(self, ref: str) -> Element | None:
        return next((e for e in self.seen.elements if e.ref == ref), None)

    def value(self, ref: str) -> str | None:
        found = self.element(ref)
        return self.texts.get(ref, found.value if found else None)


class Typing:
    """Typing into one place. `look` is from before the first key; it is not `fresh` if the screen changed after it."""

    def __init__(self, look: Look, began: float, repeated: Repeated, *, fresh: bool) -> None:
        self.look, self.fresh, self.last = look, fresh, began
        self._repeated = repeated
        self._hidden: str | None = ""  # all that was typed, while it is; None if that is not known
        self.target = focused(look.screen)
        self.secret = holds_secret(look.screen, self.target)
        self.text = ""
        self._sure = True  # whether the text is just what was typed, at one place
        self._keys: list[Type | Press] = []
        self._count = 0
        self._lost = ""

    @property
    def field(self) -> bool:
        """Is it one line that can be filled in?"""
        return self.target is not None and is_field(self.target)

    @property
    def empty(self) -> bool:
        return not self._count

    def add(self, text: str, at: float) -> None:
        """A character."""
        self.last = at
        self._count += 1
        self._hidden = None if self._hidden is None else self._hidden + text
        if self.secret:
            return
        self.text += text
        if self._keys and isinstance(self._keys[-1], Type):
            text = self._keys.pop().text + text  # type: ignore[union-attr]
        self._keys.append(Type(text))

    def takes(self, name: str) -> bool:
        """Whether a key changes what is typed here, so that it is no act of its own."""
        if self.secret:
            return name in EDITING
        if name == "BackSpace" and self.text and self._sure:
            return True
        return self.field and name in EDITING

    def edit(self, name: str, at: float) -> None:
        """A key that `takes` takes."""
        self.last = at
        self._count += 1
        self._hidden = self._hidden[:-1] if self._hidden and name == "BackSpace" else None
        if self.secret:
            return
        if name == "BackSpace" and self.text and self._sure:
            self.text = self.text[:-1]
            self._keys = [Type(self.text)] if self.text else []
            return
        self._sure = False
        self._keys.append(Press(name))

    def miss(self, why: str) -> None:
        """A character that was typed and is not known."""
        self._sure, self._lost, self._hidden = False, why, None

    def settle(self, later: Look) -> None:
        """Typing began before there was a look to say where; this is the first look since."""
        if self.fresh or later.began <= self.last:
            return
        found = focused(later.screen)
        if self.secret or holds_secret(later.screen, found):
            self.secret, self.text, self._keys = True, "", []
        if found is not None and (same := self.look.element(found.ref)) is not None:
            self.target, self.fresh = same, True

    def elsewhere(self, now: Look) -> bool:
        """Whether the keyboard is another element's by now."""
        found = focused(now.screen)
        return bool(self.fresh and self.target and found and found.ref != self.target.ref and now.began > self.last)

    def acts(self, final: Look | None) -> Acts:
        """What was done, with what cannot be vouched for. `final` is a look after the last key, if there was one."""
        if self.empty:
            return []
        if not self.secret and not self.fresh and _any_secret(self.look.screen):
            self.secret, self.text, self._keys = True, "", []
        if self.secret:
            fits = self.target is not None and (is_field(self.target) or "password" in self.target.states)
            sealed, self._hidden = self._repeated.sealed(self._hidden), None
            return [(Fill(self.target, sealed) if fits and self.target else Type(sealed), "")]
        held = self._held(final)
        if held is not None and self.target is not None:
            return [(Fill(self.target, held), "")]
        why = self._lost or self._why()
        return [(act, why) for act in self._keys]

    def _why(self) -> str:
        if not self.fresh:
            return "it was typed before a look could tell where"
        return "" if self.target is not None else "accessibility does not tell where it was typed"

    def _held(self, final: Look | None) -> str | None:
        """What the field holds in the end; None if it is no field, was not changed, or if that is not known."""
        if self.target is None or not self.field or not self.fresh:
            return None
        before = self.look.value(self.target.ref) or ""
        told = final.value(self.target.ref) if final is not None and final.began > self.last else None
        late = final is not None and final.began >= self.last + _PATIENCE
        if told is None or not self._follows(told, before, late):
            held = self.text if self._sure and not before else None
        else:
            held = told if told != before or self.text else None
        if held is not None and self.target.role == "spinbutton":
            number = _NUMBER.search(held)
            return number[0] if number else None
        return held

    def _follows(self, told: str, before: str, late: bool) -> bool:
        """Whether what a field says is what came of the keys: some toolkits tell of it late, or not at all."""
        if self._sure and self.text and self.text in told:
            return True
        last = self._keys[-1] if self._keys else None
        whole = not self._sure and (not isinstance(last, Type) or last.text in told)
        return told != before and (late or whole) and self.target is not None and self.target.role != "spinbutton"


def is_field(element: Element) -> bool:
    """Whether it is an input of one line whose text can be read and set."""
    if element.role == "spinbutton":
        return True
    plain = element.role in ("textbox", "combobox") and "editable" in element.states
    return plain and "multiline" not in element.states and element.value is not None


def holds_secret(screen: Screen, target: Element | None) -> bool:
    """Whether what is typed now is a secret. Where nothing says where it goes, any secret field in sight is enough."""
    if target is not None:
        return is_secret(target)
    active = next((s.window for s in screen.surfaces if s.window.active), None)
    return _any_secret(screen) or bool(active and asks_for_secret(active.title))


def _any_secret(screen: Screen) -> bool:
    return any(is_secret(e) for e in screen.seen.elements if "showing" in e.states)
