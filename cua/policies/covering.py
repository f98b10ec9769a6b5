"""What stands in the way of a target and was not there when it was shown, and how a workflow file puts it away.

Words for a person, who chooses: nothing of what is named here is ever pressed by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from json import dumps

from cua.core import Element, Observation, Step
from cua.policies.keyboard import root
from cua.policies.trail import Halt, Matter, Trod
from cua.screen import called, window_key

_DIALOGS = frozenset({"dialog", "alertdialog"})
_PRESSED = frozenset({"button", "link"})
_MOST = 4


def hinted(trod: Trod, halt: Halt, steps: Sequence[Step], now: Observation, asked: frozenset[str], reason: str) -> Trod:
    """The step that halts, with the lines that put away what was in its way, or that answer what came of it; as it is
    where nothing is known to be. `steps` are the run's, `reason` what the driver or the halt said.
    """
    if trod.hint:
        return trod
    if halt == "before":
        way = example(now, asked, trod.matter, reason)
        return replace(trod, matter="covered", hint=way) if way else trod
    before = steps[trod.at].seen if trod.matter == "unmet" and 0 <= trod.at < len(steps) else None
    there = _dialogs(before, modal=False) if before is not None else []
    came = [e for e in _dialogs(now, modal=False) if not any((e.ref, e.name) == (was.ref, was.name) for was in there)]
    way = _lines(_offers(came[-1], now), now, asked) if before is not None and came else ""
    return replace(trod, matter="asked", hint=way) if way else trod


def example(now: Observation, asked: frozenset[str], matter: Matter, reason: str) -> str:
    """The lines that put away what is in the way, in words to go on with, and what else it offers; "" where nothing is
    known to be. `asked` are the names that the workflow uses, `reason` what the driver or the halt said.
    """
    if matter not in ("", "missing", "changed"):
        return ""
    named = [e for e in now.elements if e.role in _PRESSED and f'{e.role} "{e.name}"' in reason]
    shown = _dialogs(now, modal=bool(matter) or not now.place.url)
    return _lines(named or (_offers(shown[-1], now) if shown else []), now, asked)


def _lines(offers: Sequence[Element], now: Observation, asked: frozenset[str]) -> str:
    """The lines that press the first of these, in words to go on with, and what the others are."""
    offers = [e for e in offers if "showing" in e.states and called(e)]
    names = list(dict.fromkeys((e.role, called(e)) for e in offers))
    if not names or {name for _, name in names} & asked:
        return ""
    role, name = names[0]
    window = "" if now.place.url else window_key(now, root(offers[0], now))
    keys = {"role": role, "name": name} | ({"window": window} if window else {})
    target = f"target = {{{', '.join(f'{key} = {dumps(text, ensure_ascii=False)}' for key, text in keys.items())}}}"
    slug = "-".join(re.findall(r"[^\W_]+", name.casefold())) or role
    others = ", ".join(repr(other) for _, other in names[1:_MOST])
    return (
        f"{f' (it has {others} too)' if others else ''}, for example:\n[[steps]]\nid = {dumps('if-' + slug)}\n"
        f'do = "if present"\n{target}\n[[steps.steps]]\nid = {dumps("click-" + slug)}\ndo = "click"\n{target}'
    )


def _dialogs(now: Observation, *, modal: bool) -> list[Element]:
    """The dialogs that show; with `modal` those that keep others from use. On a desktop a message is one too."""
    states = {"showing", "modal"} if modal else {"showing"}
    roles = _DIALOGS if now.place.url else _DIALOGS | {"alert"}
    return [e for e in now.elements if e.role in roles and states <= e.states]


def _offers(dialog: Element, now: Observation) -> list[Element]:
    """The buttons of a dialog."""
    return [e for e in now.elements if e.role in _PRESSED and dialog in now.ancestors(e)]
