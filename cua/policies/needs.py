"""What an element must reach to be taken for a target: the weaker its best evidence, the more all the rest must say.

A table and the reading of it; nothing is compared here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cua.memory.workflows import Mark
from cua.policies.likeness import Likeness

STRONG = frozenset({"testid", "id", "action", "name"})
MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class Need:
    """What the best must reach: likeness, distance to the next, likeness of what is around it and of its form."""

    score: float
    margin: float = MARGIN
    around: float = 0.0
    form: float = 0.0


# by the best evidence there is; the weaker it is, the more all the rest must say
SAME_NAME, _SAME_KEY, _SAME_WAY = Need(0.35), Need(0.45), Need(0.42, 0.08)
_SYNONYM, _SYNONYM_FAR, _BESIDE = Need(0.35, 0.05), Need(0.35, 0.15), Need(0.4, 0.05)
_LIKE_NAME, _SOME_NAME, _OTHER_NAME = Need(0.42, 0.1, 0.2), Need(0.47, 0.12, 0.45), Need(0.6, 0.15, 0.85, 0.9)
_OTHER_WAY = Need(0.55, 0.12, 0.2)  # a link that is called but like it, and leads elsewhere
_NO_NAME, _SOLE, _FIELD = Need(0.7, 0.15, 0.5), Need(0.5, 0.15, 0.3), Need(0.52, 0.25, 0.5)
_OTHER_KEY, _LIKE_ROW, _OTHER_ROW = Need(0.68, 0.15, 0.5), Need(0.45, 0.15), Need(0.75, 0.15, 0.5)
_IN_ROW, _TICKED, _FOREIGN, NEVER = Need(0.55, 0.1, 0.6), Need(0.45, 0.1, 0.3), Need(0.75, 0.15), Need(2.0)
# one of several to choose from: another name is another choice
_FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
_CHOICES = frozenset({"radio", "menuitemradio", "option", "tab"})
_ITEMS = frozenset({"cell", "gridcell", "treeitem", "listitem", "row"})  # records: a longer name is another one


def needed(mark: Mark, best: Likeness, *, foreign: bool) -> Need:
    """What this one must reach. `foreign` says that the page speaks other words than the recorded one throughout."""
    if foreign:
        return _FOREIGN if best.keys else NEVER
    like, synonym = best.name >= 0.66, best.name >= 0.8
    if not mark.name and not best.keys and not (like and best.name < 1.0):
        return _nameless(mark)
    if best.name >= 0.97:
        return SAME_NAME
    if best.keys:
        return _SAME_WAY if best.keys == ("href",) and not like else _SAME_KEY
    if mark.role in _ITEMS or (mark.role in _CHOICES and not like):
        return NEVER
    if set(best.against) & STRONG:
        return _SYNONYM_FAR if synonym else _OTHER_KEY
    if mark.says.get("tells") == "row":
        return _SYNONYM_FAR if synonym else _LIKE_ROW if like else _OTHER_ROW
    if synonym:
        return _SYNONYM if mark.name else _BESIDE
    if like:
        return _OTHER_WAY if "href" in best.against else _LIKE_NAME
    return _SOME_NAME if best.name >= 0.4 else _OTHER_NAME


def _nameless(mark: Mark) -> Need:
    """What there is of a target that had no name, nor a key that is here, nor anything that stands for a name."""
    if mark.role in _CHOICES | _ITEMS:
        return NEVER
    if mark.says.get("rows") == "many":
        return _TICKED if mark.role == "checkbox" else _IN_ROW
    return _SOLE if mark.says.get("alike") == "1" else _FIELD if mark.role in _FIELDS else _NO_NAME
