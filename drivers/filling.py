"""Making an input hold what is wanted: by accessibility where that works, else by hand as a person would.

Only what reads back the same is called confirmed; a busy program is given time to show what it was sent. A password is
never read back.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from dbus_fast import Variant

from cua.core import Effect, Element, Observation, Point
from cua.errors import TargetGone
from drivers.atspi import Accessibility
from drivers.bus import Reply, Request
from drivers.nodes import PROPERTIES
from drivers.offers import offered
from drivers.x11_input import XTest

_TRIES = 8
_OPTIONS = frozenset({"menuitem", "menuitemcheckbox", "menuitemradio", "option", "cell", "treeitem", "listitem"})
_SAME = "reads back the same"
_GLANCE, _SOON, _LATE = 0.2, 1.0, 2.0  # seconds for it to show: the longer, the less is left to be tried after that
_BREATH = 0.012

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Hands:
    """What filling needs of its driver: `aim` gives where to click after all checks, or why not."""

    access: Accessibility
    input: XTest
    look: Callable[[], Observation]
    aim: Callable[[Element], Point | Effect]
    settle: Callable[[], None]


def fill(hands: Hands, target: Element, text: str) -> Effect:
    """Make a live, enabled element hold exactly the text."""
    if "\n" in text and "multiline" not in target.states:
        return Effect("refused", f"{target.role} {target.name!r} has one line only", unfit=True)
    match target.role:
        case "spinbutton" | "slider":
            return _number(hands, target, text)
        case "combobox":
            return _choose(hands, target, text)
        case "cell":
            return _cell(hands, target, text)
        case "textbox":
            return _text(hands, target, text)
        case _ if "editable" in target.states:
            return _text(hands, target, text)
        case _:
            return Effect("refused", f"a {target.role} cannot be filled in")


def _ask(target: Element, interface: str, member: str, signature: str = "", *body: object) -> Request:
    _, owner, path = target.ref.split("|")[:3]
    return Request(owner, path, f"org.a11y.atspi.{interface}", member, signature, body)


def _text(hands: Hands, target: Element, text: str) -> Effect:
    secret = "password" in target.states
    if hands.access.bus.call(_ask(target, "EditableText", "SetTextContents", "s", text)):
        hands.settle()
        if secret:
            return Effect("unverified", "a password is not read back")
        if _arrived(hands, target, text, _SOON) == text:
            return Effect("confirmed", _SAME)
    if (refused := _type_over(hands, target, text)) is not None:
        return refused
    if secret:
        return Effect("unverified", "a password is not read back")
    same = _arrived(hands, target, text, _LATE) == text
    return Effect("confirmed", _SAME) if same else Effect("no_effect", "reads back otherwise")


def _type_over(hands: Hands, target: Element, text: str, after: str = "") -> Effect | None:
    where = hands.aim(target)
    if isinstance(where, Effect):
        return where
    hands.input.click(where)
    hands.settle()
    hands.input.press("ctrl+a")
    if text:
        hands.input.type(text)
    else:
        hands.input.press("Delete")
    if after:
        hands.input.press(after)
    hands.settle()
    return None


def _held(hands: Hands, target: Element) -> str | None:
    _, owner, path = target.ref.split("|")[:3]
    return hands.access.text(owner, path)


def _awaited(
    hands: Hands,
    read: Callable[[], Read],
    holds: Callable[[Read], bool],
    seconds: float,
    *,
    before: Callable[[Read], bool],
) -> Read:
    """What is read once it holds. What is not as `before` is waited for only as long as it changes."""
    end, last = time.monotonic() + seconds, None
    while not holds(now := read()) and time.monotonic() < end:
        if now == last and not before(now):
            break
        last = now
        hands.access.bus.pump(_BREATH)
    return now


def _arrived(hands: Hands, target: Element, text: str, seconds: float) -> str | None:
    """What it holds; waited for where that is what it was, or a beginning of the text."""

    def before(held: str | None) -> bool:
        return held is not None and (held == (target.value or "") or text.startswith(held))

    def over(held: str | None) -> bool:
        return held in (text, None)

    return _awaited(hands, lambda: _held(hands, target), over, seconds, before=before)


def _number(hands: Hands, target: Element, text: str) -> Effect:
    try:
        wanted = float(text)
    except ValueError:
        return Effect("refused", f"{target.role} {target.name!r} takes a number, not {text!r}", unfit=True)
    _, owner, path = target.ref.split("|")[:3]
    face = "org.a11y.atspi.Value"
    ends = [Request(owner, path, PROPERTIES, "Get", "ss", (face, f"{end}Value")) for end in ("Minimum", "Maximum")]
    get = Request(owner, path, PROPERTIES, "Get", "ss", (face, "CurrentValue"))
    low, high, before = map(_float, hands.access.bus.calls([*ends, get]))
    if (low or 0.0) < (high or 0.0) and not (low or 0.0) <= wanted <= (high or 0.0):
        return Effect("refused", f"{target.role} {target.name!r} takes {low:g} to {high:g}, not {text}", unfit=True)

    def same(now: float | None) -> bool:
        return now is not None and abs(now - wanted) < 1e-6

    def got(seconds: float) -> float | None:
        read = partial(hands.access.bus.call, get)
        return _awaited(hands, lambda: _float(read()), same, seconds, before=lambda now: now == before)

    hands.access.bus.call(Request(owner, path, PROPERTIES, "Set", "ssv", (face, "CurrentValue", Variant("d", wanted))))
    hands.settle()
    typed = target.role == "spinbutton"
    now = got(_GLANCE if typed else _LATE)
    if typed and not same(now):
        refused = _type_over(hands, target, text, "Tab")
        if refused is not None:
            return refused
        now = got(_LATE)
    if same(now):
        return Effect("confirmed", _SAME)
    return Effect("no_effect", f"holds {'nothing readable' if now is None else now} instead")


def _float(reply: Reply) -> float | None:
    return float(reply.body[0].value) if reply else None


def _cell(hands: Hands, target: Element, text: str) -> Effect:
    where = hands.aim(target)
    if isinstance(where, Effect):
        return where
    hands.input.click(where)
    hands.settle()
    hands.input.press("Delete")
    if text:
        hands.input.type(text + "\n")
    hands.settle()
    held = _arrived(hands, target, text, _SOON)
    return Effect("confirmed", _SAME) if held == text else Effect("unverified", f"it shows {held!r}")


def _choose(hands: Hands, target: Element, text: str) -> Effect:
    inside = _inside(hands, target)
    fields = [e for e in inside if e.role == "textbox" and "editable" in e.states]
    options = _called(inside, text)
    if len(options) > 1:
        return Effect("refused", f"{len(options)} options are called {text!r}", unfit=True)
    if options and _selected(hands, target, options[0], inside):
        hands.settle()
        if _shows(hands, target, text):
            return Effect("confirmed", _SAME)
    if not options and fields:
        return _text(hands, fields[0], text)
    return _by_hand(hands, target, text)


def _selected(hands: Hands, target: Element, option: Element, inside: list[Element]) -> bool:
    """Ask the combo box itself, then the option, to choose it."""
    among = [e for e in inside if e.role in _OPTIONS]
    if hands.access.bus.call(_ask(target, "Selection", "SelectChild", "i", among.index(option))):
        hands.settle()
        if _shows(hands, target, option.name):
            return True
    hands.access.bus.send(_ask(option, "Action", "DoAction", "i", 0))
    return True


def _by_hand(hands: Hands, target: Element, text: str) -> Effect:
    """Open it, click the option, as a person would; close it again if it is not there."""
    where = hands.aim(target)
    if isinstance(where, Effect):
        return where
    hands.input.click(where)
    hands.settle()
    now = hands.look()
    shown = [e for e in _called(list(now.elements), text) if e.box and "showing" in e.states]
    if len(shown) != 1:
        hands.input.press("Escape")
        hands.settle()
        return Effect("refused", _not_one(hands, target, text, shown, now), unfit=True)
    try:
        spot = hands.aim(shown[0])
    except TargetGone as error:
        spot = Effect("refused", str(error))
    if isinstance(spot, Effect):
        hands.input.press("Escape")
        return spot
    hands.input.click(spot)
    hands.settle()
    if not _shows(hands, target, text):
        _by_keys(hands, where, [e.ref for e in now.elements if e.role in _OPTIONS and e.box].index(shown[0].ref))
    right = _awaited(hands, lambda: _shows(hands, target, text), bool, _LATE, before=operator.not_)
    return Effect("confirmed", _SAME) if right else Effect("no_effect", "shows another option")


def _not_one(hands: Hands, target: Element, text: str, shown: list[Element], opened: Observation) -> str:
    """Why none was chosen: several are called so, or none of those that showed only while the list was open."""
    if shown:
        return f"{len(shown)} options are called {text!r}"
    still = {e.ref for e in hands.look().elements if "showing" in e.states}
    options = (e for e in opened.elements if e.role in _OPTIONS and e.box and "showing" in e.states)
    return f"{target.role} {target.name!r} {offered(text, [e.name for e in options if e.ref not in still])}"


def _by_keys(hands: Hands, where: Point, number: int) -> None:
    """Some toolkits tell a wrong place of what is in a popup: open it again, go down from the first option."""
    hands.input.click(where)
    hands.settle()
    for key in ("Home", *["Down"] * number, "Return"):
        hands.input.press(key)
        hands.settle()


def _called(elements: list[Element], text: str) -> list[Element]:
    options = [e for e in elements if e.role in _OPTIONS]
    exact = [e for e in options if e.name == text]
    return exact or [e for e in options if e.name.casefold() == text.casefold()]


def _inside(hands: Hands, target: Element) -> list[Element]:
    now = hands.look()
    return [e for e in now.elements if any(above.ref == target.ref for above in now.ancestors(e))]


def _shows(hands: Hands, target: Element, text: str) -> bool:
    now = next((e for e in hands.look().elements if e.ref == target.ref), None)
    return now is not None and (now.value or "").casefold() == text.casefold()
