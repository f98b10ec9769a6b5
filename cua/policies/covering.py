"""What stands in the way of a target and was not there when it was shown, and how a workflow file puts it away.

Words for a person, who chooses: nothing of what is named here is ever pressed by itself.
"""

from __future__ import annotations

import re
from json import dumps

from cua.core import Element, Observation
from cua.policies.trail import Matter
from cua.screen import called

_DIALOGS = frozenset({"dialog", "alertdialog"})
_PRESSED = frozenset({"button", "link"})
_MOST = 4


def example(now: Observation, asked: frozenset[str], matter: Matter, reason: str) -> str:
    """The lines that put away what is in the way, in words to go on with, and what else it offers; "" where nothing is
    known to be. `asked` are the names that the workflow uses, `reason` what the driver or the halt said.
    """
    if matter not in ("", "missing", "changed"):
        return ""
    named = [e for e in now.elements if e.role in _PRESSED and f'{e.role} "{e.name}"' in reason]
    offers = named or _of_dialog(now, modal=bool(matter))
    names = list(dict.fromkeys((e.role, called(e)) for e in offers if "showing" in e.states and called(e)))
    if not names or {name for _, name in names} & asked:
        return ""
    role, name = names[0]
    target = f"target = {{role = {dumps(role)}, name = {dumps(name, ensure_ascii=False)}}}"
    slug = "-".join(re.findall(r"[^\W_]+", name.casefold())) or role
    others = ", ".join(repr(other) for _, other in names[1:_MOST])
    return (
        f"{f' (it has {others} too)' if others else ''}, for example:\n[[steps]]\nid = {dumps('if-' + slug)}\n"
        f'do = "if present"\n{target}\n[[steps.steps]]\nid = {dumps("click-" + slug)}\ndo = "click"\n{target}'
    )


def _of_dialog(now: Observation, *, modal: bool) -> list[Element]:
    """The buttons of the last dialog that shows; with `modal`, and on a desktop, of one that keeps others from use."""
    states = {"showing", "modal"} if modal or not now.place.url else {"showing"}
    shown = [e for e in now.elements if e.role in _DIALOGS and states <= e.states]
    return [e for e in now.elements if e.role in _PRESSED and shown[-1] in now.ancestors(e)] if shown else []
