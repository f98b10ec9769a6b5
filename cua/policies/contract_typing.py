"""Whether a text may be typed into a field: what it brings in, whether it is a secret, whether it names a file."""

from __future__ import annotations

import re
from typing import Literal

from cua.core import SEAL, Element, Observation
from cua.policies import risk
from cua.policies.contract import Contract
from cua.policies.contract_places import origin, within
from cua.policies.contract_sums import aims, amounts, days, numbers
from cua.policies.contract_texts import brought, given
from cua.policies.contract_view import locator, said
from cua.policies.contract_words import is_for, related
from cua.policies.lexicon import listed
from cua.policies.lookups import looks_up
from cua.sealing import sealed_names
from cua.secret_words import named_secret

_FILES = frozenset({"filechooser"})
_PLAIN = re.compile(r"\s*[-+]?\d+(?:[.,]\d+)?\s*")  # a number, no date, time or sum of several
_GIVES = frozenset({"pays", "sends", "shares", "grants", "publishes"})


def of_text(
    contract: Contract, text: str, target: Element | None, now: Observation
) -> tuple[Literal["text", "file"], str]:
    """Why it is not typed, and of which kind that is; "" where it may be."""
    if SEAL in text:
        return "text", _secret(contract, text, target, now)
    if target is not None and _for_files(target, now):
        return "file", _file(contract, text, target)
    if target is not None and "password" in target.states and not given(text, contract.known):
        return "text", "that field is for a secret, and the task gives none for it"
    what = brought(text, contract.known)
    if not what:
        return "text", other_share(contract, text, target) if target is not None else ""
    if target is not None and looks_up(target, now) and not what.startswith("a key"):
        return "text", ""
    paper = target is not None and "multiline" in target.states and not now.place.url and not contract.terminal
    if paper and not what.startswith("a key"):
        return "text", ""
    return "text", f"it would enter {what}, which the task does not name"


def other_share(contract: Contract, text: str, target: Element) -> str:
    """Where the task says who gets how much, and when: why this in that field is not it; "" where it is, or the task
    says nothing of it.
    """
    deeds, wish, known = set(contract.deeds), contract.wish, " . ".join(contract.known)
    named = [name for name in wish.names if not any(letter.isdigit() for letter in name)]
    if named and deeds & _GIVES and is_for("recipients", said(target)):
        words = {word for each in contract.known for word in risk.parted(each).split()} - listed("stop")
        parts = [part.strip() for part in re.split(r"[,;\n]", text)]
        other = [part for part in parts if part and words.isdisjoint(risk.parted(part).split())]
        return f"it would go to {other[0]!r}, which the task does not name" if other else ""
    wanted, entered = days(known), days(text)
    if deeds and wanted and entered - wanted and not given(text, contract.known):
        return f"it would enter {text!r}, and the task names another day"
    entered_numbers, aimed = numbers(text), aims(contract.goal)
    if aimed and _PLAIN.fullmatch(text) and related(said(target), wish.about):
        held = frozenset().union(*numbers(known))
        return "" if all(each & held for each in entered_numbers) else f"it would enter {text!r}, no number of the task"
    wanted_numbers, counted = amounts(known), target.role == "spinbutton" or is_for("amounts", said(target))
    if "pays" not in deeds or not counted or all(each & {*wanted_numbers, 1.0} for each in entered_numbers):
        return ""
    return f"it would enter {text!r}, and the task names another amount" if wanted_numbers else ""


def _secret(contract: Contract, text: str, target: Element | None, now: Observation) -> str:
    """A secret goes only into a field for secrets, and only where it is for."""
    hidden = target is not None and ("password" in target.states or named_secret(said(target)))
    if not hidden:
        return "a secret goes only into a field for secrets"
    where = origin(now.place.url) if now.place.url else now.place.app
    for name in sealed_names([text]):
        meant = contract.secrets.get(name)
        fits = within(where, contract.origins) or where in contract.apps if meant is None else within(where, (meant,))
        if not fits:
            return f"the secret {name!r} is not for {where}"
    return ""


def _for_files(target: Element, now: Observation) -> bool:
    chooser = target.ref.startswith("chooser:") or locator(target, "type") == "file"
    return chooser or any(each.role in _FILES for each in now.ancestors(target))


def _file(contract: Contract, text: str, target: Element) -> str:
    """A file is named only as the person named it, in whatever folder of theirs."""
    name = text.replace("\\", "/").rpartition("/")[2] or text
    if given(text, contract.known) or (given(name, contract.known) and not brought(text, contract.known)):
        uploads = target.ref.startswith("chooser:") or locator(target, "type") == "file"
        return "the task does not ask to hand over a file" if uploads and "uploads" not in contract.deeds else ""
    return f"the task does not name the file {text!r}"
