"""How much hangs on a step: whether it only looks, can be taken back, or cannot.

Words on controls are data (`risk.toml`). It errs on one side: what may be the end of a form, or says a word of no
return, is irreversible. It never looks at the world.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import assert_never

from cua import core
from cua.core import Action, Element, Observation
from cua.memory.workflows import Risk
from cua.policies import lookups
from cua.policies.lookups import pattern_of
from cua.screen import called

_COMMANDS = frozenset({"button", "menuitem", "link", "option", "command", "generic", "img", "text", "cell", "treeitem"})
_TICKS = frozenset(
    {"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option", "slider", "spinbutton"}
)
_LOOKS = frozenset(
    {"tab", "textbox", "searchbox", "combobox", "heading", "menubar", "scrollbar", "listbox", "document"}
)
_SILENT = frozenset({"button", "menuitem", "command", "generic", "img"})
_NOWHERE = re.compile(r"(?i)#|javascript:|$")
_DIALOGS = frozenset({"dialog", "alertdialog", "filechooser", "colorchooser", "fontchooser"})
_OPENERS = frozenset({"expandable", "expanded", "haspopup"})
_SAVING = re.compile(r"(?i)ctrl\+(shift\+)?(s|return|enter|d|delete)$|(^|\+)delete$|^shift\+delete$")
_STILL = re.compile(
    r"(?i)(shift\+)?(escape|tab|left|right|up|down|home|end|page_?up|page_?down|prior|next|f\d+)$"
    r"|ctrl\+(a|c|f|g|l|o|p|t|n|home|end|tab|plus|minus|0)$|alt\+(left|right|tab)$|alt\+\w$"
)
_RETURN = re.compile(r"(?i)(return|enter|kp_enter)$")


@cache
def _words() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """For each section its phrases, the longest first."""
    data = tomllib.loads(files("cua.policies").joinpath("risk.toml").read_text(encoding="utf-8"))
    found: dict[str, tuple[re.Pattern[str], ...]] = {}
    for section, lists in data.items():
        phrases = sorted(
            {fold(word) for words in lists.values() for word in words}, key=lambda word: (-len(word), word)
        )
        found[section] = tuple(pattern_of(phrase) for phrase in phrases)
    return found


def fold(text: str) -> str:
    """Lower case, without accents, one space between words."""
    return lookups.fold(text)


def says(text: str) -> Risk | None:
    """What the words on a control say of it; None where they say nothing.

    The longest phrase decides where it covers the other; else one word of no return is enough. To sign in or out can be
    taken back.
    """
    text = parted(text)
    grave, session, mild = (spans(text, section) for section in ("irreversible", "session", "read"))
    grave = [span for span in grave if not any(_covers(other, span) for other in (*session, *mild))]
    if grave:
        return "irreversible"
    return "reversible" if session else "read" if mild else None


def removal(text: str) -> str | None:
    """What is left of a label that says that something is removed, without the words that say so: of what it is. None
    where it does not say that.
    """
    words = parted(text)
    left = words
    for pattern in _words()["removal"]:
        left = pattern.sub(" ", left)
    return " ".join(left.split()) if left != words else None


def parted(text: str) -> str:
    """In plain words: "saveButton" and "btn-save" are two."""
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+(?<!')", " ", text))


def spans(text: str, section: str) -> list[tuple[int, int]]:
    """Where phrases of a section of `risk.toml` stand in a text of plain words."""
    return [found.span() for pattern in _words()[section] for found in pattern.finditer(text)]


def _covers(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer != inner


_SHEETS = frozenset({"table", "grid", "treegrid", "cell", "gridcell"})  # Return goes on to the next cell


def of(action: Action, target: Element | None, before: Observation, *, filled: bool) -> Risk:
    """The risk of a step. `target` is what it acts on, or what has the focus; `filled` says that a form was filled in
    before it on this page or window.
    """
    match action:
        case core.Click(button="right") | core.Scroll() | core.Move() | core.Wait() | core.Ask() | core.Finish():
            return "read"
        case core.Open():
            return "read"
        case core.Fill() | core.Drag():
            return "reversible"
        case core.Type(text=text):
            ends = "\n" in text and not (target and "multiline" in target.states)
            return _entered(target, before, filled=True) if ends else "reversible"
        case core.Press(keys=keys):
            return _pressed(keys, target, before, filled=filled)
        case core.Click() | core.Invoke():
            return _clicked(target, before, filled=filled) if target else "reversible"
        case _:
            assert_never(action)


def only_asked(action: Action, target: Element | None, before: Observation, after: Observation | None) -> bool:
    """Whether a key or a menu's command did no more than open a dialog that asks for something, as saving does that
    needs a name. A button is not excused so: what it opened may tell what was done.
    """
    if after is None or not (isinstance(action, core.Press) or (target and target.role in ("menuitem", "command"))):
        return False
    known = {element.ref for element in before.elements}
    dialogs = {e.ref for e in after.elements if e.role in _DIALOGS and e.ref not in known}
    fields = (e for e in after.elements if e.ref not in known and "editable" in e.states)
    return any(above.ref in dialogs for field in fields for above in after.ancestors(field))


def answers(target: Element | None, before: Observation, earlier: Observation) -> bool:
    """Whether it is a button of a dialog that was not there `earlier` and leaves a choice, and not its way out: what
    was asked for by the act before is then done by this one.
    """
    known = {element.ref for element in earlier.elements}
    asks = next((e for e in before.ancestors(target) if e.role in _DIALOGS), None) if target else None
    if target is None or target.role != "button" or asks is None or asks.ref in known:
        return False
    buttons = [e for e in before.elements if e.role == "button" and asks in before.ancestors(e) and called(e)]
    ways_out = [e for e in buttons if says(called(e)) == "read"]
    return bool(ways_out) and target not in ways_out


def _pressed(keys: str, target: Element | None, before: Observation, *, filled: bool) -> Risk:
    if _RETURN.match(keys):
        return _entered(target, before, filled=filled)
    if keys.casefold() in ("space", " ") and target and target.role in ("button", "link"):
        return _clicked(target, before, filled=filled)
    if _SAVING.match(keys) and not (target and "editable" in target.states and keys.casefold() == "delete"):
        return "irreversible"
    return "read" if _STILL.match(keys) else "reversible"


def _entered(target: Element | None, before: Observation, *, filled: bool) -> Risk:
    """Return submits a form, presses what has the focus, or breaks a line."""
    if target is None:
        return "irreversible" if filled else "reversible"
    if "multiline" in target.states or target.role in _SHEETS:
        return "reversible"
    if "editable" in target.states or target.role in ("textbox", "searchbox", "combobox", "spinbutton"):
        return "read" if looks_up(target, before) else "irreversible"
    return _clicked(target, before, filled=filled)


def looks_up(field: Element, before: Observation) -> bool:
    """Whether it is a field that only something is looked up with."""
    return lookups.looks_up(field, before)


def _clicked(target: Element, before: Observation, *, filled: bool) -> Risk:
    if target.role in _TICKS or "checkable" in target.states or _offered(target, before):
        return "reversible"
    if target.role in _LOOKS:
        return "read"
    if unknown(target):
        return "irreversible"
    name, said = called(target), _saying(target)
    if target.role == "link":
        grave = said == "irreversible" and (not name or says(name.split()[0]) == said)
        return "irreversible" if grave else "reversible" if said == "reversible" else "read"
    if name.rstrip().endswith(("...", "…")) or target.name.rstrip().endswith(("...", "…")) or target.states & _OPENERS:
        return "irreversible" if said == "irreversible" and target.role == "button" else "read"
    ends_form = (filled and target.role in ("button", "generic", "img")) or _submits(target)
    if said == "irreversible" or (ends_form and not (said in ("read", "reversible") and _wholly(name))):
        return "irreversible"
    signs_in = said == "read" and ends_form and _asks_secret(before)
    return "reversible" if signs_in else said or "reversible"


def _offered(target: Element, before: Observation) -> bool:
    """Whether it is what an open combo box offers: a plain text, where another could be chosen again."""
    open_ = any(e.role == "combobox" and {"expanded", "focused"} <= e.states for e in before.elements)
    return (
        open_ and target.role in ("generic", "text", "listitem") and bool(called(target)) and not says(called(target))
    )


def _saying(target: Element) -> Risk | None:
    """What a control says of itself, by its label, or by what else is known of it where it bears none."""
    return says(called(target) or " ".join((target.description, *_signs(target))))


def unknown(target: Element) -> bool:
    """Whether a control says nothing of itself, so that it may do anything: delete, as likely as open. A link that
    leads somewhere goes there; what opens something says so.
    """
    if called(target) or _saying(target) is not None:
        return False
    if target.role == "link":
        return not any(at.kind == "href" and not _NOWHERE.match(at.value) for at in target.locators)
    return target.role in _SILENT and not target.states & _OPENERS


def _asks_secret(before: Observation) -> bool:
    """Whether a secret is asked for here: what ends such a form signs in, or changes it."""
    return any(at.kind == "type" and at.value == "password" for each in before.elements for at in each.locators)


def _submits(target: Element) -> bool:
    return any(at.kind == "type" and at.value in ("submit", "image") for at in target.locators)


def _wholly(name: str) -> bool:
    """Whether the label says nothing but that it looks, goes on, or signs in or out."""
    left = parted(name)
    for pattern in (*_words()["read"], *_words()["session"]):
        left = pattern.sub(" ", left)
    return not left.strip()


def _signs(target: Element) -> tuple[str, ...]:
    """What a control without a label is known by."""
    return tuple(at.value for at in target.locators if at.kind in ("testid", "id", "action", "icon", "label"))
