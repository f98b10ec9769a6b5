"""The deeds of a recording: one act each, with the screens before and after it. It judges nothing."""

from __future__ import annotations

from dataclasses import dataclass

from cua import core
from cua.core import Action, Effect, Element, Observation
from cua.memory.workflows import Mark
from cua.policies.trail import called as in_words
from cua.screen import called


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of a recording: its number there from 1, and the screens before and after it. `doubt` says why it is not
    known what it acted on.
    """

    number: int
    action: Action
    before: Observation
    after: Observation | None
    effect: Effect
    doubt: str = ""

    @property
    def target(self) -> Element | None:
        """The element that it acts on; for a drag the one that it starts from."""
        found = getattr(self.action, "target", getattr(self.action, "start", None))
        return found if isinstance(found, Element) else None


def again(target: Element | None, now: Observation | None) -> Element | None:
    """The same element on another look, by the driver's own handle."""
    if target is None or now is None:
        return None
    same = (target.ref, target.role, target.name)
    return next((e for e in now.elements if (e.ref, e.role, e.name) == same), None)


def saying(action: Action, target: Element | None) -> str:
    """An act in words, without what was typed."""
    what = in_words(Mark(target.role, called(target))) if target else ""
    match action:
        case core.Press(keys=keys):
            return f"press {keys}"
        case core.Open():
            return f"open {action.what}"
        case core.Click(button=button, count=count):
            how = "double-click" if count == 2 else "click" if button == "left" else f"{button}-click"
            return f"{how} {what}"
        case _:
            verb = "click" if isinstance(action, core.Invoke) else type(action).__name__.lower()
            return f"{verb} {what}".strip()
