"""Whether an act of no return, or a change, is just the one that the person asked for. Words and their place decide.

To be asked for, the kind of act must be in the goal, what else its label says must be what the goal is about, and of
several records that offer it, it must be the one that the goal names.
"""

from __future__ import annotations

import re

from cua.core import Action, Element, Observation
from cua.policies import risk
from cua.policies.contract import Contract
from cua.policies.contract_places import does, joined
from cua.policies.contract_sums import sums
from cua.policies.contract_texts import brought, given
from cua.policies.contract_typing import other_share
from cua.policies.contract_view import (
    FIELDS,
    RECORDS,
    TICKS,
    around,
    asks,
    base_of,
    dialog_of,
    front,
    inside,
    locator,
    record_of,
    said,
    submit_of,
    text_of,
    twins,
    way_out,
)  # fmt: skip
from cua.policies.contract_words import (
    beside_deed,
    ends_form,
    holds,
    is_for,
    related,
    said_deeds,
    spoken_topics,
    topics,
    turns_page,
    words,
)
from cua.policies.lookups import fold

_BANNER = 400  # letters in which a banner about cookies says that it is one
_APPLIES = frozenset({"apply", "ok", "done", "set", "update", "continue", "next", "anwenden", "appliquer", "aplicar"})
_PROSE = 6  # words from which on a text tells something, and is no command
_COOKIES = re.compile(r"(?i)cookie")
_SPECIFIC = re.compile(
    r"\b(turn|switch|toggle|enable|disable|activate|deactivate|tick|untick|uncheck|set|change|show|hide)\b"
)
_POINTS = re.compile(
    r"(?i)\b(?:click|press|push|hit|tap|choose|select|follow|klick\w*|druck\w*|clique\w*|puls\w*)\s+(?:on\s+|auf\s+|sur\s+)?"
    r"(?:the\s+|den\s+|die\s+|le\s+|la\s+)?(?:[\w-]+\s+){0,2}[\"“'‘«]([^\"”'’»]+)[\"”'’»]"
)
_REMOVING = frozenset({"removes", "revokes"})


def of_click(
    contract: Contract, action: Action, target: Element, now: Observation, *, filled: bool, chosen: bool = False
) -> str:
    """Why the contract forbids a click for what it does; "" where it does not. `filled`: a form was filled in before;
    `chosen`: something that the goal speaks of was chosen.
    """
    label = said(target)
    grave = risk.of(action, target, now, filled=filled) == "irreversible"
    deeds = _deeds(label, target, now)
    if _pointed_at(contract, label) or (not deeds and _about_cookies(label, target, now)):
        return ""
    if deeds:
        return _unasked(contract, deeds, label, target, now)
    if not grave:
        only_looks = not contract.wish.ends and _ends_posted(target) and ends_form(label) and not turns_page(label)
        return _end(contract, label, now) if only_looks else ""
    if risk.unknown(target):
        return "it does not say what it does, and may do anything; ask the person"
    if chosen and fold(label) in _APPLIES:
        return _guards(contract, label)
    return _end(contract, label, now)


def _about_cookies(label: str, target: Element, now: Observation) -> bool:
    dialog = dialog_of(target, now)
    return bool(_COOKIES.search(f"{label} {text_of(dialog, now)[:_BANNER] if dialog else around(target, now)}"))


def _deeds(label: str, target: Element, now: Observation) -> frozenset[str]:
    """The kinds of acts that a click on it is: by its label, or by what a dialog asks that it says yes to."""
    plain = label.split()
    if target.role in FIELDS | TICKS or (len(plain) >= _PROSE and target.role != "button"):
        return frozenset()
    dialog = dialog_of(target, now)
    if _about_cookies(label, target, now):
        return said_deeds(label) - {"grants", "other"}
    if target.role == "link" and not said_deeds(plain[0] if plain else ""):
        return frozenset()
    found = said_deeds(label) | _by_address(target, now)
    if not found and dialog is not None and target.role == "button" and not way_out(target):
        found = said_deeds(asks(dialog, now))
    if risk.says(label) != "irreversible" and target.role in ("tab", "heading", "columnheader"):
        return frozenset()
    return found


def _ends_posted(target: Element) -> bool:
    """Whether it ends a form that goes to an address."""
    return locator(target, "form") is not None and locator(target, "type") in ("submit", "image")


def _by_address(target: Element, now: Observation) -> frozenset[str]:
    """The kinds of acts that the address says to which it sends a form, whatever its label says."""
    if not _ends_posted(target):
        return frozenset()
    verb = does(joined(base_of(target, now), locator(target, "form") or ""))
    return said_deeds(verb) if verb else frozenset()


def _pointed_at(contract: Contract, label: str) -> bool:
    """Whether the goal itself says to press just this."""
    wanted = fold(label)
    return any(fold(found[1]) == wanted for found in _POINTS.finditer(contract.goal))


def _unasked(contract: Contract, deeds: frozenset[str], label: str, target: Element, now: Observation) -> str:
    asked = deeds & set(contract.deeds)
    if "other" in deeds and related(label, contract.wish.about):
        asked |= {"other"}
    left = deeds - asked - ({"sends"} if asked else frozenset())
    if not asked or left:
        return f"{label!r} cannot be taken back, and the task does not ask for it"
    for kind in sorted(asked - {"other"}):
        if why := _other_thing(contract, kind, label):
            return why
    if why := _guards(contract, label) or _otherwise_filled(contract, target, now):
        return why
    return _other_record(contract, asked, label, target, now)


def _otherwise_filled(contract: Contract, target: Element, now: Observation) -> str:
    """In its form stands already that somebody else gets it, or that it is more, than the task says."""
    addressed = "@" in "".join(contract.known)
    for field in (each for each in now.elements if each.value and each.role in FIELDS):
        button, value = submit_of(field, now), field.value or ""
        if button is None or button.ref != target.ref:
            continue
        why = other_share(contract, value, field) if is_for("amounts", said(field)) else ""
        if addressed and is_for("recipients", said(field)):
            why = brought(value, contract.known)
        if why:
            return f"{said(target)!r} is about more than the task says: in {said(field)!r} stands {value!r}"
    return ""


def _other_thing(contract: Contract, kind: str, label: str) -> str:
    """The label says that it is about something else than the goal, or about more."""
    beside, wide = beside_deed(label, kind)
    wish = contract.wish
    if wide - wish.about and not wish.wide:
        return f"{label!r} reaches further than the task"
    if beside and not related(" ".join(sorted(beside)), wish.about):
        return f"{label!r} is about something that the task does not name"
    return ""


def _other_record(contract: Contract, deeds: frozenset[str], label: str, target: Element, now: Observation) -> str:
    """Another record offers the same and is what the goal names; or what would be removed is not what it names."""
    wish, record = contract.wish, record_of(target, now)
    if wish.wide:
        return ""
    rivals = [found for twin in twins(target, now) if (found := record_of(twin, now))]
    if record is not None and len(rivals) > 1:
        mine, best = _likeness(contract, record, now), max(_likeness(contract, each, now) for each in rivals)
        if mine < best or (wish.names and not mine):
            return f"{label!r} stands beside another thing than the one that the task names"
        return ""
    if not deeds & _REMOVING or not wish.names:
        return ""
    dialog = dialog_of(target, now)
    shown = f"{label} {text_of(dialog, now) if dialog else ''} {text_of(record, now) if record else front(now)}"
    if dialog is not None:
        shown += front(now)
    exact = [name for name in wish.names if " " in name or any(letter.isdigit() for letter in name)]
    missing = [name for name in exact if not holds(shown, name)]
    if missing or not any(holds(shown, name) for name in wish.names):
        return f"nothing here says that {label!r} is about {', '.join(missing or wish.names)}"
    return ""


def _likeness(contract: Contract, record: Element, now: Observation) -> float:
    """How much of what the goal names a record says."""
    text, wish = text_of(record, now), contract.wish
    named = sum(2.0 for name in wish.names if holds(text, name))
    return named + sum(1.0 for word in wish.about if holds(text, word)) / 100


def _end(contract: Contract, label: str, now: Observation) -> str:
    """The end of a form: what was entered is kept. For whoever asked only to be shown something it is none of that."""
    wish = contract.wish
    if not now.place.url and fold(label).split()[:1] == ["save"] and not wish.keeps:
        return "the task does not ask to save"
    if wish.ends:
        return _guards(contract, label)
    first = fold(label).split()[:1]
    looks = bool(first) and first[0] in words()["goals"]["looks"]
    if looks or (not ends_form(label) and related(label, wish.about)):
        return ""
    return f"{label or 'what has the keyboard'!r} may change something, and the task only asks to look"


def of_return(contract: Contract, field: Element | None, now: Observation, *, sends: bool = False) -> str:
    """Why the key that ends a form is not pressed; "" where it may be."""
    button = submit_of(field, now) if field is not None else None
    if button is not None and button is not field:
        deeds = _deeds(said(button), button, now)
        if deeds:
            return _unasked(contract, deeds, said(button), button, now)
        return _end(contract, said(button), now)
    if sends and "sends" not in contract.deeds:
        return "that key sends what was written, and the task does not ask for it"
    return _end(contract, "", now)


def _guards(contract: Contract, text: str) -> str:
    """It touches what guards the person, and the goal does not speak of that."""
    asked = spoken_topics(" ".join((contract.goal, *contract.known[1:])))
    if {"pays", "sends"} & set(contract.deeds):
        asked |= {"money"} if "pays" in contract.deeds else set()
    touched = topics(text) - asked
    return (
        f"{text!r} guards the person ({', '.join(sorted(touched))}), and the task does not speak of it"
        if touched
        else ""
    )


def of_change(contract: Contract, target: Element, now: Observation, *, text: str | None = None) -> str:
    """Why a tick, choice or field is not changed; "" where it may be. `text` is what would be entered."""
    label = f"{said(target)} {target.description}".strip()
    if target.role not in TICKS | FIELDS | {"option"} and "checkable" not in target.states:
        risky = target.role in ("button", "menuitem", "generic") and risk.says(label) not in ("read",)
        return _guards(contract, said(target)) if risky and not _pointed_at(contract, said(target)) else ""
    if target.role in FIELDS and text is None:
        return ""  # the click only puts the cursor there
    group = around(target, now)
    known = bool(text and text.strip()) and given(text or "", contract.known)
    if not known:
        chosen = f" {text}" if text and target.role in ("combobox", "listbox") else ""
        if why := _guards(contract, f"{label} {group}{chosen}"):
            return why
    if _pointed_at(contract, said(target)):
        return ""
    if not known and _other_choice(contract, target, now, text):
        return f"{text or label!r} is not the choice that the task speaks of"
    return _switched(contract, f"{label} {group}", target, now) if text is None else ""


def _switched(contract: Contract, label: str, target: Element, now: Observation) -> str:
    """Why a tick or choice is not switched that the goal may not speak of."""
    wish = contract.wish
    switches = "checkable" in target.states or target.role in TICKS
    if not switches or related(f"{label} {_row(target, now)}", wish.about):
        return ""
    if sums(label) and "pays" in contract.deeds:
        return f"{said(target)!r} costs more than the task says"
    if target.role == "radio" or (wish.ends and not _SPECIFIC.search(fold(contract.goal))):
        return ""
    return f"the task does not speak of {said(target)!r}"


def _other_choice(contract: Contract, target: Element, now: Observation, text: str | None) -> bool:
    """Whether beside this choice there is another one that the goal speaks of, and it does not speak of this."""
    if text is None and target.role not in ("option", "radio"):
        return False
    beside = [e for e in now.elements if e.parent == target.parent and e.role == target.role]
    offered = [e.name for e in (beside if text is None else inside(target, now)) if text is None or e.role == "option"]
    about = contract.wish.about - set(risk.parted(around(target, now) + " " + (said(target) if text else "")).split())
    return not related(text or said(target), about) and any(related(name, about) for name in offered)


def _row(target: Element, now: Observation) -> str:
    record = record_of(target, now)
    return text_of(record, now) if record is not None and record.role in RECORDS and any(inside(record, now)) else ""
