"""From what a page tells of an act to an Action, and which acts are parts of one. Pure; it asks no browser.

An element stands for a click only where a click in its middle does the same. Where none does, it is a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from playwright.sync_api import Page

from cua.core import SEAL, Action, Box, Click, Drag, Element, Fill, Observation, Point, Press, Scroll, Target, Type
from drivers.web_looks import At, Joined
from drivers.web_wire import SEALED

BUTTONS: tuple[Literal["left", "middle", "right"], ...] = ("left", "middle", "right")


@dataclass(frozen=True, slots=True)
class Rung:
    """A row that may stand for a target: the target itself, or one around it. `meets`: its middle is the target;
    `safe`: nothing else that can be clicked lies in its middle; `drawn`: it is a picture, and the place in it matters.
    """

    n: int
    meets: bool
    safe: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An act as `web_listen.js` tells it. `more` holds what only this kind has."""

    kind: str
    look: str
    path: At
    chain: tuple[Rung, ...]
    more: Mapping[str, Any]

    @staticmethod
    def of(told: Mapping[str, Any]) -> Told:
        return Told(told["kind"], told["look"], tuple(told["path"]), _rungs(told.get("chain", ())), told)

    def says(self, word: str) -> bool:
        """Is this word said of it: "open" (more may follow), "apart", "adds" (typed on), "soft", "file", "secret"?"""
        return self.more.get(word) is True


@dataclass(frozen=True, slots=True)
class Draft:
    """An act whose effect is still awaited. `mark` is what the page had changed by then, `at` when it was told."""

    page: Page
    told: Told
    seen: Observation
    action: Action
    mark: tuple[object, ...]
    at: float
    doc: str = ""  # the document that it was done in
    doubt: str = ""  # why it is not known what was hit
    bare: bool = False  # whether nothing that shows was hit


def _rungs(told: Any) -> tuple[Rung, ...]:
    return tuple(Rung(each["n"], each["meets"], each["safe"], each["drawn"]) for each in told)


def chosen_file(told: Told, joined: Joined) -> bool:
    """Was a file given to a control that does not show? Then it was asked for by a chooser."""
    return told.kind == "fill" and told.says("file") and _row(told, joined) is None


def action_of(told: Told, joined: Joined, seen: Observation) -> Action | None:
    """What was done, with targets from `seen`. None where nothing can be said of it."""
    more = told.more
    match told.kind:
        case "click":
            target = _target(told, joined, told.chain, (more["x"], more["y"]))
            return Click(target, BUTTONS[more["button"]], more["count"], tuple(more["keys"]))
        case "fill":
            return _fill(told, joined, seen)
        case "press":
            return Press(more["keys"])
        case "scroll":
            target = _target(told, joined, told.chain, (more["x"], more["y"]))
            return Scroll(target, more["dx"], more["dy"])
        case "drag":
            start = _target(told, joined, told.chain, (more["x"], more["y"]))
            return Drag(start, _target(told, joined, _rungs(more["to"]), (more["toX"], more["toY"])))
    return None


def _fill(told: Told, joined: Joined, seen: Observation) -> Action | None:
    field = _row(told, joined)
    if chosen_file(told, joined):
        field = next((each for each in seen.elements if each.ref == "chooser:path"), None)
    which = told.more.get("which")  # the page tells only which of the secrets typed there it is
    sealed = f"{SEAL}secret#{which}{SEAL}" if which else SEALED
    secret = told.says("secret")
    if field is not None and not (told.says("adds") and not secret):
        return Fill(field, sealed if secret else told.more["text"])
    text = sealed if secret else told.more["keys"]
    return Type(text) if text else None


def _row(told: Told, joined: Joined) -> Element | None:
    return joined.find(told.path, told.chain[0].n) if told.chain else None


def _target(told: Told, joined: Joined, chain: tuple[Rung, ...], at: tuple[float, float]) -> Target:
    left, top = joined.offsets.get(told.path, (0.0, 0.0))
    point = Point(round(at[0] + left), round(at[1] + top))
    for rung in chain:
        found = joined.find(told.path, rung.n)
        if found is None:
            continue
        stands = rung.meets or (rung.safe and "click" in found.actions) or told.kind == "scroll"
        return found if stands and not rung.drawn else point
    return point


def doubt(told: Told, joined: Joined, seen: Observation, action: Action) -> str:
    """Why a place does not say what was clicked: the look has something else there that would be taken for it."""
    at = action.target if isinstance(action, Click) else None
    if not isinstance(at, Point):
        return ""
    there = [each for each in seen.elements if "showing" in each.states and each.box and _holds(each.box, at)]
    lies = min(there[::-1], key=lambda each: each.box.width * each.box.height if each.box else 0, default=None)
    nearest = next((found for rung in told.chain if (found := joined.find(told.path, rung.n))), None)
    known = lies is None or not lies.actions or (nearest is not None and nearest.ref == lies.ref)
    return "" if known or lies is None else f"{lies.role} {lies.name!r} lies there, and it was not that"


def on_nothing(told: Told, joined: Joined, action: Action) -> bool:
    """Was it a click beside everything that shows?"""
    beside = not any(joined.find(told.path, rung.n) for rung in told.chain)
    return isinstance(action, Click) and isinstance(action.target, Point) and beside


def as_was(draft: Draft, now: Observation) -> bool:
    """Does the page show what it showed before, but for where the keyboard is?"""
    return draft.seen.place == now.place and _shape(draft.seen) == _shape(now)


def _holds(box: Box, at: Point) -> bool:
    return box.x <= at.x < box.x + box.width and box.y <= at.y < box.y + box.height


def blank(draft: Draft) -> bool:
    """A filling that left the field as it was."""
    return isinstance(draft.action, Fill) and draft.told.says("same") and not draft.told.says("secret")


def continues(old: Draft, new: Draft) -> bool:
    """Is it the same field, filled further?"""
    both = isinstance(old.action, Fill) and isinstance(new.action, Fill)
    typed = isinstance(old.action, Type) and isinstance(new.action, Type) and old.told.look == new.told.look
    return typed or (both and not old.told.says("apart") and _same_target(old, new))


def clicks_again(old: Draft, new: Draft) -> bool:
    """Is it the next click of a double click?"""
    if not isinstance(old.action, Click) or not isinstance(new.action, Click) or _place(old) != _place(new):
        return False
    same = (old.action.button, old.action.keys, old.told.chain[:1]) == (
        new.action.button,
        new.action.keys,
        new.told.chain[:1],
    )
    return same and new.action.count == old.action.count + 1


def retargeted(action: Action, to: Action) -> Action:
    """The action with the target of another one: the same element, in the look before."""
    if isinstance(action, Click | Fill) and isinstance(to, Click | Fill) and isinstance(to.target, Element):
        return replace(action, target=to.target)
    return action


def may_enter(draft: Draft) -> bool:
    """Is it a click on a field, which may turn out to be only the way into it?"""
    click = draft.action
    return isinstance(click, Click) and isinstance(click.target, Element) and "fill" in click.target.actions


def enters(old: Draft, new: Draft) -> bool:
    """Was the click only there to put the cursor into the field that is filled next?"""
    click = old.action
    if not isinstance(click, Click) or not isinstance(new.action, Fill) or click.button != "left" or click.keys:
        return False
    return _same_target(old, new) and (new.told.says("file") or _shape(old.seen) == _shape(new.seen))


def _same_target(old: Draft, new: Draft) -> bool:
    targets = [getattr(each.action, "target", None) for each in (old, new)]
    refs = [each.ref for each in targets if isinstance(each, Element)]
    return len(refs) == 2 and refs[0] == refs[1] and _place(old) == _place(new)


def _place(draft: Draft) -> tuple[object, ...]:
    return (draft.page, draft.told.path, draft.doc)


def _shape(seen: Observation) -> list[tuple[object, ...]]:
    return [(each.role, each.name, each.value, each.states - {"focused"}) for each in seen.elements]
