"""Which buttons in a form did not end it: those after which it stood there as it was filled in, to be ended later by
another on the same page. So they can be taken back. It excuses no button that says a word of no return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from cua.core import Observation
from cua.memory.workflows import Act
from cua.policies import risk
from cua.record.deeds import Deed, again
from cua.screen import called


def excused(acts: Sequence[Act], deeds: Sequence[Deed]) -> list[Act]:
    """The acts, with those buttons as ones that can be taken back. `deeds` are what the acts were made of."""
    return [
        replace(act, risk="reversible") if _only_within(act, deed) and _ended_later(at, acts, deeds) else act
        for at, (act, deed) in enumerate(zip(acts, deeds, strict=True))
    ]


def _only_within(act: Act, deed: Deed) -> bool:
    """Whether it is a named button of which nothing was to be expected, and what was filled in still stands there."""
    target, after = deed.target, deed.after
    if target is None or after is None or act.do != "click" or act.risk != "irreversible" or act.expect:
        return False
    if not called(target) or risk.says(called(target)) == "irreversible" or target.role not in ("button", "generic"):
        return False
    filled = [each for each in deed.before.elements if "editable" in each.states and each.value]
    stays = [(there := again(each, after)) is not None and there.value == each.value for each in filled]
    return bool(filled) and all(stays) and again(target, after) is not None


def _ended_later(at: int, acts: Sequence[Act], deeds: Sequence[Deed]) -> bool:
    """Whether a later act ends what is filled in on this page, and shows that it did."""
    page = _page(deeds[at].before)
    for act, deed in zip(acts[at + 1 :], deeds[at + 1 :], strict=True):
        if not page or _page(deed.before) != page:
            return False
        if act.risk == "irreversible" and act.expect and act.do in ("click", "press"):
            return True
    return False


def _page(look: Observation) -> str:
    return urlsplit(look.place.url).path
