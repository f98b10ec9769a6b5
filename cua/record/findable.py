"""Whether what another tool's file says of a target is enough for a replay to find it, and only it; else what to do.

Pure over marks. A place alone ("the third cell", `div:nth-child(3) > span`) means another thing as soon as something is
added above it, so it is never a target.
"""

from __future__ import annotations

from dataclasses import replace

from cua.memory.workflows import Mark
from cua.policies.contained import ROW_NAME
from cua.policies.given import PLACE, compound
from cua.policies.wording import beside_records

STRONG = frozenset({"testid", "id", "role", "label", "placeholder", "name", "href", "text", "alt"})
PAGE = "a click beside everything on the page is left out"
_WHOLE_PAGE = frozenset({"html", "body"})
_SAY = (
    "say what it is by its role and name, its label, its text or a test id, and which by a text of the row that it "
    "stands in"
)


def weak(mark: Mark) -> bool:
    """Whether it has nothing that tells it: no name, key, label or text, and nothing around it."""
    return not (mark.name or mark.row or mark.path) and not any(at.kind in STRONG for at in mark.locators)


def is_page(mark: Mark) -> bool:
    """Whether it is the page itself: a click on that is one beside everything."""
    return weak(mark) and mark.says.get("tag") in _WHOLE_PAGE


def fault(mark: Mark, scopes: tuple[str, ...] = ()) -> str:
    """Why no replay could find it, and what to write instead; "" if one could."""
    kinds = {at.kind for at in mark.locators}
    looked_for = kinds & STRONG or any(at.kind == "css" and compound(at.value) for at in mark.locators)
    if mark.locators and not looked_for and not (mark.name and mark.role in ("", "?")):
        return f"{mark.locators[0].value!r} is a place on the page, and another thing may stand there; {_SAY}"
    if weak(mark) and scopes:
        return f"what is inside of {scopes[-1]!r} cannot be told from what is elsewhere; {_SAY}"
    if weak(mark) and not mark.locators and mark.role in ("", "?", "generic"):
        return f"nothing is said of it; {_SAY}"
    return ""


def counted(mark: Mark) -> tuple[Mark, str]:
    """The mark with its number among several only where that is counted alike here and there, and what to know of it.

    Others count what is hidden too, unless they count by role.
    """
    if PLACE not in mark.says or {at.kind for at in mark.locators} <= {"role"}:
        told = "a place among several is counted only where no row or list makes it another one"
        return mark, told if PLACE in mark.says else ""
    says = {kind: said for kind, said in mark.says.items() if kind != PLACE}
    told = f"that it is number {mark.nth + 1} is not counted, as hidden ones count there too; should two show, it halts"
    return replace(mark, nth=0, of=max(mark.of, 2), says=says), told


def doubt(mark: Mark, scopes: tuple[str, ...]) -> str:
    """Why what cannot be taken back may not be done to it, though a replay might find it; "" if it may."""
    if PLACE in mark.says and (ROW_NAME not in mark.says or not mark.name):
        return f"which of several it is, only its number says, and what it does cannot be taken back; {_SAY}"
    if any(scope.startswith("number ") or ":nth" in scope for scope in scopes):
        return f"which row it is in, only a number says, and what it does cannot be taken back; {_SAY}"
    if scopes and beside_records(mark.name):
        return f"that it is inside of {scopes[-1]!r} cannot be checked, nor what it does be taken back; {_SAY}"
    if weak(mark) and not mark.locators:
        return f"nothing but its role is known, and what it does cannot be taken back; {_SAY}"
    return ""
