"""Whether the contract of a run allows an act on this screen, and if not, why: one place for all ways to do a thing.

Clicks, invoked elements, keys and points come to the same question: what is acted on, where it leads, what its words
say that it does. It never acts, and asks nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, assert_never
from urllib.parse import parse_qsl, urlsplit

from cua import core
from cua.core import Action, Element, Observation, Target
from cua.policies import keyboard, risk
from cua.policies.contract import Contract, is_terminal
from cua.policies.contract_deeds import of_change, of_click, of_return
from cua.policies.contract_places import ELSEWHERE, cleaned, does, joined, named, origin, runs, scripted, within
from cua.policies.contract_texts import brought, given
from cua.policies.contract_typing import of_text
from cua.policies.contract_view import (
    FIELDS,
    TICKS,
    base_of,
    default_button,
    frame_origin,
    framed,
    frames_of,
    front_programs,
    here,
    hit,
    locator,
    program,
    said,
    submit_of,
    way_out,
)  # fmt: skip
from cua.policies.contract_words import said_deeds
from cua.policies.lookups import fold

Kind = Literal["place", "deed", "change", "text", "keys", "file", "blind"]

_BACK = re.compile(r"(?i)alt\+left$|ctrl\+w$|escape$")
_LEAVES = re.compile(
    r"(?i).*\bsuper\b|(ctrl\+)?alt\+(shift\+)?(tab|f\d+|t|escape|space|del(ete)?)$|ctrl\+escape$|ctrl\+alt\+\S+$|print$"
)
_CLOSES = re.compile(r"(?i)alt\+f4$|ctrl\+(shift\+)?q$|ctrl\+shift\+w$")
_BROWSER = re.compile(
    r"(?i)(ctrl\+(l|k|e|d|u|o|s|p|h|j|n|shift\+(n|p|i|j|c|o|b|a|delete|del|s|m))|alt\+d|f6|f12|ctrl\+f6|alt\+[ef]|ctrl\+shift\+.*)$"
)
_PASTES = re.compile(r"(?i)ctrl\+(shift\+)?v$|shift\+insert$")
_SENDS = re.compile(r"(?i)(ctrl|alt|super)\+(shift\+)?(return|enter|kp_enter)$")
_SAVES = re.compile(r"(?i)ctrl\+(shift\+)?s$")
_DELETES = re.compile(r"(?i)(shift\+|ctrl\+)?(delete|del)$")
_STEPS = re.compile(r"(?i)(up|down|left|right|home|end|page_?up|page_?down|prior|next|\w)$")  # to another choice
_STEPPED = frozenset({"combobox", "listbox", "radio", "slider"})
_RETURN = re.compile(r"(?i)(return|enter|kp_enter|space| )$")


@dataclass(frozen=True, slots=True)
class Objection:
    """What the contract has against an act: of which kind, and in plain words."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Past:
    """What of the run so far counts: the programs whose windows were acted in, whether a form was filled in on this
    page, and whether something was chosen there.
    """

    programs: frozenset[str] = frozenset()
    filled: bool = False
    chosen: bool = False


def objection(contract: Contract, action: Action, now: Observation, past: Past = Past()) -> Objection | None:
    """What the contract has against an act on this screen; None where it is allowed."""
    match action:
        case core.Wait() | core.Ask() | core.Finish() | core.Scroll() | core.Move():
            return None
        case core.Open(what=what):
            return _opened(contract, what, now)
        case core.Press(keys=keys) if _BACK.match(keys) and now.place.url:
            return None
        case core.Click(target=target) | core.Invoke(target=target) | core.Fill(target=target):
            targets: tuple[Target, ...] = (target,)
        case core.Drag(start=start, end=end):
            targets = (start, end)
        case core.Press() | core.Type():
            focus = keyboard.focused(now)
            targets = (focus,) if focus else ()
        case _:
            assert_never(action)
    if all(isinstance(each, Element) and _leads_back(each) for each in targets) and targets:
        return None
    pressed = targets if isinstance(action, core.Click | core.Drag) else ()
    met = [frame for each in pressed for frame in framed(each, now)]
    for found in (_away(contract, now), *(_aside(contract, each, now, past) for each in (*targets, *met))):
        if found:
            return found
    return _done(contract, action, targets, now, past)


def _done(
    contract: Contract, action: Action, targets: tuple[Target, ...], now: Observation, past: Past
) -> Objection | None:
    """What is to be said against what it does, where it may be done."""
    elements = [here(each, now) for each in targets]
    target = elements[0] if elements else None
    match action:
        case core.Click() | core.Invoke():
            if target is None:
                return _blind(targets[0], now)
            under = hit(target, now) if isinstance(action, core.Click) else None
            found = _clicked(contract, action, under, now, past) if under else None
            return found or _clicked(contract, action, target, now, past)
        case core.Fill(text=text):
            return _entered(contract, text, target, now)
        case core.Type(text=text):
            if "\t" in text and (target is None or target.role in FIELDS) and not _takes_tabs(target):
                return Objection(
                    "blind", "nobody can tell where the text after a tab would go; fill in one field at a time"
                )
            ends = "\n" in text and risk.of(action, target, now, filled=True) == "irreversible"
            found = _entered(contract, text, target, now)
            return found or (_why("deed", of_return(contract, target, now)) if ends else None)
        case core.Press(keys=keys):
            return _pressed(contract, keys, target, now, past)
        case core.Drag():
            return _dragged(contract, elements, now)
        case _:
            return None


def _takes_tabs(target: Element | None) -> bool:
    return target is not None and ("multiline" in target.states or "editable" not in target.states)


def _why(kind: Kind, reason: str) -> Objection | None:
    return Objection(kind, reason) if reason else None


# ---------------------------------------------------------------------------------------------- where


def _away(contract: Contract, now: Observation) -> Objection | None:
    """The screen is none that may be acted on: the page has left, or another program is in front."""
    if now.place.url:
        place = origin(now.place.url)
        if contract.roams or within(place, contract.origins):
            return None
        return Objection("place", f"the page is now at {place or now.place.url}, which is no part of the task; go back")
    app = now.place.app
    if is_terminal(app or now.place.window) and not contract.terminal and not _spoken(contract, app):
        return Objection(
            "place", f"{app or now.place.window} takes commands for the whole machine, and the task asks for none"
        )
    if not contract.apps or not app or app in contract.apps or _spoken(contract, app) or contract.origins:
        return None
    return Objection("place", f"{app} is in front, which is no part of the task; go back to {contract.apps[0]}")


def _spoken(contract: Contract, app: str) -> bool:
    return len(app) > 2 and fold(app) in fold(contract.goal)


def _leads_back(element: Element) -> bool:
    """A way out of what is in front: another tab of the browser, a dialog of the browser left as it is."""
    own = element.ref.startswith(("tab:", "chooser:cancel", "dialog:dismiss"))
    return own or (element.role == "button" and way_out(element) and not said_deeds(said(element)))


def _aside(contract: Contract, target: Target, now: Observation, past: Past) -> Objection | None:
    """What it acts on stands in a window of another program, or in a frame from elsewhere."""
    element = here(target, now)
    for frame in frames_of(element or target, now):
        source = frame_origin(frame, now)
        if source is None or not (source == "" or contract.roams or within(source, contract.origins)):
            return Objection(
                "place", f"it stands in a frame inside the page that is from {source or 'a place not told'}"
            )
    if element is None:
        return None
    whose, ours = program(element, now), past.programs | front_programs(now)
    if whose and ours and whose not in ours:
        return Objection("place", f"{said(element)!r} is in the window of another program")
    return None


def _opened(contract: Contract, what: str, now: Observation) -> Objection | None:
    if what.startswith("tab:"):
        return None
    text = cleaned(what)
    if re.match(r"(?i)(https?|file):", text):
        return _led(contract, text, now, label=what)
    if re.match(r"(?i)[a-z][a-z0-9+.-]*:(?![\\/]{0,2}$)", text) and not re.match(r"(?i)[a-z]:\\", what):
        return Objection("place", f"an address of the kind {text.partition(':')[0]!r} is not opened")
    if given(what, contract.known) and not brought(what, (contract.goal, *contract.known)):
        return None
    return Objection("place", f"the task does not name {what!r}, so it is not opened")


def _led(contract: Contract, url: str, now: Observation, *, label: str) -> Objection | None:
    """Where an address leads, and what it carries there."""
    place, sites = origin(url), contract.origins
    named_place = next((f"{o}" for o in named(contract.goal) if within(place, (o,))), "")
    if place == ELSEWHERE or not (contract.roams or within(place, sites) or named_place):
        return Objection("place", f"{label!r} leads to {place}, which is no part of the task")
    if carried := brought(_carries(url), (*contract.known, now.place.url)):
        return Objection("text", f"{label!r} carries {carried}, which the task does not name")
    verb = does(url)
    deeds = said_deeds(verb) if verb else frozenset()
    if deeds - set(contract.deeds) and not given(url, contract.known):
        return Objection("deed", f"to follow {label!r} is to {verb}, which the task does not ask for")
    if runs(url) and not {"installs", "downloads"} & set(contract.deeds):
        return Objection("file", f"{label!r} is a program, and the task asks for none")
    return None


def _carries(url: str) -> str:
    parts = urlsplit(url)
    return "\n".join([*(value for _, value in parse_qsl(parts.query)), parts.fragment])


# ---------------------------------------------------------------------------------------------- what


def _clicked(contract: Contract, action: Action, target: Element, now: Observation, past: Past) -> Objection | None:
    if isinstance(action, core.Click) and action.button == "right":
        return None
    address = locator(target, "href")
    if address is None:
        address = next((at for e in now.ancestors(target) if (at := locator(e, "href"))), None)
    if address is not None and not address.startswith("#"):
        if why := scripted(address):
            return Objection("place", f"{said(target)!r} is not followed: {why}")
        if not re.match(r"(?i)\s*javascript:", address):
            url = joined(base_of(target, now), address)
            if found := _led(contract, url, now, label=said(target) or address):
                return found
    if found := _posted(contract, target, now):
        return found
    if locator(target, "type") == "file" and "uploads" not in contract.deeds:
        return Objection("file", "it asks for a file of the person's, and the task names none")
    if why := of_change(contract, target, now):
        return Objection("change", why)
    return _why("deed", of_click(contract, action, target, now, filled=past.filled, chosen=past.chosen))


def _posted(contract: Contract, target: Element, now: Observation) -> Objection | None:
    """A form whose answers go to another place."""
    address = locator(target, "form")
    submits = locator(target, "type") in ("submit", "image") or target.role in FIELDS
    if not address or not submits:
        return None
    place = origin(joined(base_of(target, now), address))
    if scripted(address) or not within(place, contract.origins or (origin(now.place.url),)):
        return Objection("place", f"what is entered there goes to {place}, which is no part of the task")
    return None


def _sent(contract: Contract, field: Element, now: Observation) -> Objection | None:
    """The same for a form that is ended in one of its fields: its button may send them to another place than it."""
    button = submit_of(field, now)
    return _posted(contract, field, now) or (_posted(contract, button, now) if button else None)


def _entered(contract: Contract, text: str, target: Element | None, now: Observation) -> Objection | None:
    ends = "\n" in text and target is not None and "multiline" not in target.states
    if target is not None and (found := (_sent if ends else _posted)(contract, target, now)):
        return found
    kind, why = of_text(contract, text, target, now)
    if why:
        return Objection(kind, why)
    changed = target is not None and target.role in FIELDS | TICKS
    return _why("change", of_change(contract, target, now, text=text)) if target and changed else None


def _dragged(contract: Contract, elements: list[Element | None], now: Observation) -> Objection | None:
    start, end = elements
    if start is None and end is None:
        return None
    for each in (start, end):
        deeds = said_deeds(said(each)) if each and len(said(each).split()) < 5 else frozenset()
        if deeds - set(contract.deeds):
            return Objection("deed", f"to drag to {said(each) if each else ''!r} is not what the task asks for")
    return None


def _blind(target: Target, now: Observation) -> Objection | None:
    """A click on nothing that says what it is: harmless on a page that is told as a whole, else unknown."""
    seen = bool(now.elements) and not now.partial and "no accessibility" not in now.note
    return None if seen else Objection("blind", "nobody can tell what lies at that point; name an element instead")


# ---------------------------------------------------------------------------------------------- keys


def _pressed(contract: Contract, keys: str, target: Element | None, now: Observation, past: Past) -> Objection | None:
    if found := _own_keys(contract, keys, now):
        return found
    if target is not None and target.role in _STEPPED and _STEPS.match(keys):
        return _why("change", of_change(contract, target, now, text=keys))
    if _SENDS.match(keys):
        if (
            target is not None
            and target.role == "link"
            and (found := _clicked(contract, core.Click(target), target, now, past))
        ):
            return found
        return _why("deed", of_return(contract, target, now, sends=True))
    if _DELETES.match(keys):
        editing = target is not None and ("editable" in target.states or target.role in ("cell", "gridcell", "table"))
        allowed = editing or "removes" in contract.deeds
        return None if allowed else Objection("deed", "the task does not ask to delete anything")
    return _returned(contract, keys, target, now, past) if _RETURN.match(keys) else None


def _own_keys(contract: Contract, keys: str, now: Observation) -> Objection | None:
    """Chords that mean the same wherever the keyboard is."""
    if _CLOSES.match(keys):
        asked = {"leaves", "revokes"} & set(contract.deeds)
        return None if asked else Objection("keys", f"{keys} closes the app, which the task does not ask for")
    if _LEAVES.match(keys):
        return Objection("keys", f"{keys} leaves the app, and the task stays in it")
    if now.place.url and _BROWSER.match(keys):
        return Objection("keys", f"{keys} is the browser's own, and the task is about the page")
    if _PASTES.match(keys) and not contract.wish.copies:
        return Objection("text", "nobody knows what would be pasted, and the task asks to copy nothing; type it")
    if _SAVES.match(keys) and not contract.wish.keeps:
        return Objection("deed", "the task does not ask to save")
    return None


def _returned(contract: Contract, keys: str, target: Element | None, now: Observation, past: Past) -> Objection | None:
    """Return, or the space bar: it presses what has the keyboard, or ends the form of a field."""
    target = target or default_button(now)
    if target is not None and target.role not in FIELDS and "editable" not in target.states:
        return _clicked(contract, core.Click(target), target, now, past)
    if keys.casefold() in ("space", " "):
        return None
    if target is not None and (found := _sent(contract, target, now)):
        return found
    grave = risk.of(core.Press(keys), target, now, filled=past.filled) == "irreversible"
    return _why("deed", of_return(contract, target, now)) if grave else None
