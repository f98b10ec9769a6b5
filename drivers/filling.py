"""Making an input hold what is wanted: by accessibility where that works, else by hand as a person would.

Only what reads back the same is called confirmed. A password is never read back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dbus_fast import Variant

from cua.core import Effect, Element, Observation, Point
from cua.errors import TargetGone, UsageError
from drivers.atspi import Accessibility
from drivers.bus import Request
from drivers.nodes import PROPERTIES
from drivers.x11_input import XTest

_TRIES = 8
_OPTIONS = frozenset({"menuitem", "menuitemcheckbox", "menuitemradio", "option", "cell", "treeitem", "listitem"})
_SAME = "reads back the same"


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
        return Effect("refused", f"{target.role} {target.name!r} has one line only")
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
        if _held(hands, target) == text:
            return Effect("confirmed", _SAME)
    if (refused := _type_over(hands, target, text)) is not None:
        return refused
    if secret:
        return Effect("unverified", "a password is not read back")
    return Effect("confirmed", _SAME) if _held(hands, target) == text else Effect("no_effect", "reads back otherwise")


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


def _number(hands: Hands, target: Element, text: str) -> Effect:
    try:
        wanted = float(text)
    except ValueError as error:
        raise UsageError(f"{target.name or target.role} takes a number, not {text!r}") from error
    _, owner, path = target.ref.split("|")[:3]
    value = ("org.a11y.atspi.Value", "CurrentValue")
    asked = [Request(owner, path, PROPERTIES, "Get", "ss", (value[0], f"{end}Value")) for end in ("Minimum", "Maximum")]
    low, high = (float(reply.body[0].value) if reply else 0.0 for reply in hands.access.bus.calls(asked))
    if low < high and not low <= wanted <= high:
        return Effect("refused", f"{target.name or target.role} takes {low:g} to {high:g}, not {text}")
    hands.access.bus.call(Request(owner, path, PROPERTIES, "Set", "ssv", (*value, Variant("d", wanted))))
    hands.settle()
    get = Request(owner, path, PROPERTIES, "Get", "ss", value)
    got = hands.access.bus.call(get)
    if not (got and abs(float(got.body[0].value) - wanted) < 1e-6) and target.role == "spinbutton":
        refused = _type_over(hands, target, text, "Tab")
        if refused is not None:
            return refused
        got = hands.access.bus.call(get)
    if got and abs(float(got.body[0].value) - wanted) < 1e-6:
        return Effect("confirmed", _SAME)
    return Effect("no_effect", f"holds {got.body[0].value if got else 'nothing readable'} instead")


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
    held = _held(hands, target)
    return Effect("confirmed", _SAME) if held == text else Effect("unverified", f"it shows {held!r}")


def _choose(hands: Hands, target: Element, text: str) -> Effect:
    inside = _inside(hands, target)
    fields = [e for e in inside if e.role == "textbox" and "editable" in e.states]
    options = _called(inside, text)
    if len(options) > 1:
        return Effect("refused", f"{len(options)} options are called {text!r}")
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
        return Effect("refused", f"{len(shown)} options are called {text!r}")
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
    return Effect("confirmed", _SAME) if _shows(hands, target, text) else Effect("no_effect", "shows another option")


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
