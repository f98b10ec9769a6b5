"""Where the keys of a recording went: into an element, or to a window as a whole. It guesses at nothing.

A shortcut of a program is for its window, wherever in it the keyboard is; what is typed, and keys that move or edit, is
for what has the focus. So a replay can look that they do not go elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cua import core
from cua.core import Element, Observation
from cua.errors import UsageError
from cua.memory.workflows import Mark
from cua.policies.finding import mark_of
from cua.policies.keyboard import IN, focused, root, window
from cua.record.deeds import Deed
from cua.record.params import Params
from cua.screen import called, label, top_windows

_FREE_ON_PAGES = re.compile(r"(?i)((ctrl|alt|super|meta)\+.*|f\d+|escape|esc)$")
_OF_WINDOWS = re.compile(
    r"(?i)(((ctrl|alt|super|meta|shift)\+)*(ctrl|alt|super|meta)\+(shift\+)?\S|(\w+\+)?f(?!2$)\d+|escape|esc)$"
)
STRAY = (
    "writes while the {} {!r} has the keyboard, which takes no text: if it was meant for a field, click into the field "
    "first, and record it once more"
)
_DEAF = frozenset({"button", "link", "checkbox", "radio", "switch", "tab"})
_OF_TEXT = re.compile(r"(?i)(ctrl|meta)\+(shift\+)?[acvxyz]$")


def taker(deed: Deed, typed: Element | None) -> Element | None:
    """What the keys of a deed go to, where that matters. `typed` is where the deed before it typed, if it did.

    Raises UsageError for keys on a desktop where nothing shows which window took them.
    """
    action, now = deed.action, deed.before
    if not isinstance(action, core.Type | core.Press):
        return None
    if now.place.url:
        free = isinstance(action, core.Press) and _FREE_ON_PAGES.match(action.keys)
        there = None if free else focused(now)
        return there if there and there.role not in ("window", "document") else None
    here = window(now)
    if here is None:
        raise UsageError(
            f"step {deed.number} of the recording used the keyboard while nothing told which window has it; click into "
            "the window first, or use one that is known to accessibility, and record it once more"
        )
    if isinstance(action, core.Press) and _OF_WINDOWS.match(action.keys) and not _OF_TEXT.match(action.keys):
        return here
    same = next((e for e in now.elements if typed and e.ref == typed.ref and "focused" in e.states), None)
    there = same or focused(now)
    return there if there is not None and there.role != "document" else here


def stray(action: core.Action, now: Observation) -> Element | None:
    """The control that had the keyboard while something was written, and takes no text; None where there is none."""
    text = getattr(action, "text", "") if isinstance(action, core.Type) else getattr(action, "keys", "")
    writes = isinstance(action, core.Type) or (isinstance(action, core.Press) and len(text) == 1)
    there = focused(now) if writes and text.strip() else None
    return there if there is not None and there.role in _DEAF and "haspopup" not in there.states else None


def strays(deeds: Sequence[Deed]) -> Iterator[str]:
    """What a person is told of what they wrote while a button had the keyboard, once for all of it at one place."""
    last: Element | None = None
    for deed in deeds:
        there = stray(deed.action, deed.before)
        if there is not None and (last is None or there.ref != last.ref):
            yield f"step {deed.number} of the recording {STRAY.format(there.role, called(there))}"
        last = there


def of_window(element: Element | None, now: Observation) -> bool:
    """Whether it is a window as a whole."""
    return element is not None and not now.place.url and element.parent < 0


def window_mark(there: Element, now: Observation, params: Params, what: str) -> Mark:
    """The mark of a window as a whole. Raises UsageError where another is called the same."""
    if sum(label(e.name) == label(there.name) for e in top_windows(now)) > 1:
        raise UsageError(
            f"{what}: two windows are called {there.name!r}; close one, or rename it, and record once more"
        )
    mark = mark_of(there, now)
    says = {kind: said for kind, said in mark.says.items() if kind in ("rivals", "alike") and "${" not in said}
    return Mark(mark.role, params.slotted(mark.name), window=mark.window, box=mark.box, says=says)


def placed(mark: Mark, target: Element, now: Observation, params: Params) -> Mark:
    """The mark with the title of its window, where there is more than one and a value stands in none of it."""
    here = root(target, now)
    tops = [e for e in top_windows(now) if e.role == here.role]
    if now.place.url or len(tops) < 2 or not here.name or params.slotted(here.name) != here.name:
        return mark
    return replace(mark, says=dict(mark.says) | {IN: here.name})
