"""Return in a one-line entry goes to the default button of its window, and is lost while that is disabled.

A dialog may enable it a moment after the entry has changed, as GTK 3 does where a file is named. So Return waits for it
to be enabled, for a short while, and is pressed then: it may be that the entry takes Return itself. Where a program
looks at a text only when a key is pressed in it, End is pressed meanwhile, which changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from cua.core import Element, Press, Type
from drivers import roles
from drivers.bus import Request
from drivers.filling import Hands
from drivers.nodes import ACCESSIBLE

_LIMIT = 2.0
_POLL = 0.012
_RETURNS = frozenset({"return", "enter", "kp_enter"})
_ENTRIES = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})


def by_keys(hands: Hands, action: Type | Press, elements: Sequence[Element]) -> None:
    """Type or press it; Return, alone or after one line of text, only once it is taken. `elements` are as last seen."""
    button = default_button(elements)
    match action:
        case Press(keys):
            if button and keys.strip().casefold() in _RETURNS:
                _await(hands, button, text=any(e.role == "textbox" and _takes_line(e) for e in elements))
            hands.input.press(keys)
        case Type(text):
            line = text.removesuffix("\n")
            if button and line and line != text and "\n" not in line:
                hands.input.type(line)
                hands.settle()
                _await(hands, button)
                text = "\n"
            hands.input.type(text)


def default_button(elements: Sequence[Element]) -> Element | None:
    """The button that Return goes to from the one-line entry that has the keyboard; None where there is none."""
    entries = {i for i, e in enumerate(elements) if e.role in _ENTRIES and _takes_line(e)}
    tops = {_top(elements, i) for i in entries}
    found = [e for i, e in enumerate(elements) if {"default", "showing"} <= e.states and _top(elements, i) in tops]
    return found[0] if len(found) == 1 and found[0].ref.startswith("a11y|") else None


def _await(hands: Hands, button: Element, *, text: bool = False) -> None:
    """Until it is enabled or gone, or for `_LIMIT` seconds; in a `text` with a key after half of that."""
    _, owner, path = button.ref.split("|")[:3]
    end = time.monotonic() + _LIMIT
    while (left := end - time.monotonic()) > 0:
        state = hands.access.bus.call(Request(owner, path, ACCESSIBLE, "GetState"), seconds=left)
        if not state or "disabled" not in roles.words(*state.body[0]):
            return
        if text and left < _LIMIT / 2:
            text = False
            hands.input.press("End")
        hands.access.bus.pump(_POLL)


def _takes_line(element: Element) -> bool:
    return "focused" in element.states and "multiline" not in element.states


def _top(elements: Sequence[Element], at: int) -> int:
    while elements[at].parent >= 0:
        at = elements[at].parent
    return at
