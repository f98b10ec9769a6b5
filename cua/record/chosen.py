"""What was chosen from a combo box by opening it becomes filling it in, where the next screen shows that it holds just
that. So another choice can be given. It guesses at nothing: a list that was only like a combo box stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

from cua import core
from cua.core import Element
from cua.record.deeds import Deed, again
from cua.screen import called

_CHOICES = frozenset({"menuitem", "menuitemradio", "option", "cell", "treeitem", "listitem"})


def chosen(given: list[Deed]) -> list[Deed]:
    """A combo box of a desktop that was opened by a click, and one of its choices clicked, is filled in."""
    found: list[Deed] = []
    for deed in given:
        last = found[-1] if found else None
        fill = _as_fill(last, deed) if last is not None else None
        if fill is not None:
            found[-1] = fill
        else:
            found.append(deed)
    return found


def _as_fill(opened: Deed, deed: Deed) -> Deed | None:
    box, choice = opened.target, deed.target
    if box is None or choice is None or box.role != "combobox" or choice.role not in _CHOICES or not called(choice):
        return None
    there = again(box, deed.after)
    holds = there is not None and there.value == called(choice)
    if not (_plain(opened) and _plain(deed) and holds and _is_of(choice, box, opened, deed)):
        return None
    return replace(opened, action=core.Fill(box, called(choice)), after=deed.after, effect=deed.effect)


def _plain(deed: Deed) -> bool:
    action = deed.action
    left = isinstance(action, core.Click) and action.button == "left" and action.count == 1 and not action.keys
    return left and not deed.before.place.url


def _is_of(choice: Element, box: Element, opened: Deed, deed: Deed) -> bool:
    """Whether it is a choice of this box, and the only one that is called so."""
    inside = any(above.ref == box.ref for above in deed.before.ancestors(choice))
    was = again(choice, opened.before)
    came = was is None or "showing" not in was.states
    alike = [
        e for e in deed.before.elements if (e.role, e.parent, called(e)) == (choice.role, choice.parent, called(choice))
    ]
    return (inside or came) and len(alike) == 1
