"""Where the keyboard is: which window takes the keys, which element in it, and whether that is the one that is meant.

Pure over observations. What does not say where its keys go is not guessed at.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cua.core import Element, Observation
from cua.memory.workflows import Mark
from cua.policies.choosing import RIVALS, Found, Lost
from cua.policies.finding import find
from cua.policies.trail import called
from cua.screen import MAIN, STOCK, label, stable, top_windows, window_key

IN = "in"  # the further attribute of a mark that says the title of the window that its element stood in
ENTRIES = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})  # what takes the keys by a click, and no more
_WHOLE = frozenset({"window", "dialog", "alert", "alertdialog"}) | STOCK
_DASH = re.compile(r"\s[-\u2013\u2014]\s")
# a file's name or path, or what programs call a document that has no name yet
_DOCUMENT = re.compile(
    r"(?i)\w\.[a-z]\w{0,7}\b|[/\\]|\b(untitled|unnamed|unsaved|nameless|no name|new (document|file))\b"
)
_UNSEEN = "no accessibility in window"


def window(now: Observation) -> Element | None:
    """The window that takes the keys; None on a web page, and where the screen does not tell."""
    tops = [] if now.place.url else top_windows(now)
    active = [top for top in tops if "active" in top.states]
    if len(active) == 1:
        return active[0]
    among = active or tops
    for said in ([e for e in among if e.name == now.place.window], [e for e in among if _has_focus(e, now)]):
        if len(said) == 1:
            return said[0]
    return tops[0] if len(tops) == 1 and not active and _UNSEEN not in now.note else None


def focused(now: Observation) -> Element | None:
    """What has the keyboard: of several, one inside the other, the innermost, and that of the window that takes it.
    Beside a text some toolkits call each button focused that hands its keys on to it.
    """
    here = window(now)
    found = [e for e in reversed(now.elements) if "focused" in e.states and (here is None or root(e, now) is here)]
    texts = [e for e in found if e.role in ENTRIES and "editable" in e.states]
    handed = len(texts) == 1 and texts[0] not in now.ancestors(found[0])
    return texts[0] if handed else next(iter(found), None)


def root(element: Element, now: Observation) -> Element:
    """The window or document that it stands in; itself if that is one."""
    return (element, *now.ancestors(element))[-1]


def is_window(mark: Mark, now: Observation) -> bool:
    """Whether it is the mark of a window as a whole, not of something in one."""
    return mark.role in _WHOLE and not now.place.url


def means(mark: Mark, there: Element, now: Observation) -> bool:
    """Whether this is the window that the filled mark of one means: by its title, which may have another document."""
    if mark.role != there.role:
        return False
    if _title(there.name) == _title(mark.name):
        return True
    if _title(there.name) in map(_title, mark.says.get("rivals", "").split(RIVALS)):
        return False
    alike = [e for e in top_windows(now) if e.role == there.role]
    if stable(mark.name) and stable(mark.name) == stable(there.name):
        return sum(stable(e.name) == stable(mark.name) for e in alike) == 1
    sole = len(alike) == 1 and mark.says.get("alike") == "1"
    main = mark.role == "window" and mark.window == window_key(now, there) == MAIN
    return sole and main and _documents(mark.name, there.name)


def sought(mark: Mark, now: Observation, *, keys: bool) -> Found | Lost:
    """What the filled mark means here. For `keys` that are meant for a window as a whole it must be the one that takes
    them; all else must stand in the window that it stood in.
    """
    if keys and is_window(mark, now):
        here = window(now)
        if here is not None and means(mark, here, now):
            return Found(here, "window", 0, 1.0)
        there = f"is in {here.name!r}" if here is not None else "is in no window that is known"
        return Lost("missing", f"the keyboard {there}, and this is for another window", here)
    tops = _titled(mark.says.get(IN, ""), now)
    if len(tops) == 1:  # which window is the main one is a matter of their order
        mark = replace(mark, window=window_key(now, tops[0]))
    found = find(mark, now)
    if isinstance(found, Found) and (why := strayed(mark, found.element, now)):
        return Lost("changed", why, found.element)
    return found


def strayed(mark: Mark, found: Element, now: Observation) -> str:
    """Why what was found stands in another window than the one meant; "" if it does not, or if that is not known."""
    title, here = mark.says.get(IN, ""), root(found, now)
    if now.place.url or not title or _title(here.name) == _title(title) or _titled(title, now) == [here]:
        return ""
    return f"it is in the window {here.name!r}, and was in {title!r}"


def astray(mark: Mark, found: Element, now: Observation) -> str:
    """Why keys that are meant for what was found would go elsewhere now; "" if they would not."""
    here = window(now)
    if "focused" not in found.states:
        return f"{called(mark)} does not have the keyboard focus"
    if here is None or root(found, now) is here:
        return ""
    return f"the keyboard is in the window {here.name!r}, not in that of the {found.role} {found.name!r}"


def _titled(title: str, now: Observation) -> list[Element]:
    """The windows called so; where there is none, those called so but for what changes with the document."""
    tops = [] if now.place.url or not title else top_windows(now)
    same = [e for e in tops if _title(e.name) == _title(title)]
    return same or [e for e in tops if stable(title) and stable(e.name) == stable(title)]


def _title(text: str) -> str:
    """Without the mark of what is not saved yet."""
    return label(text).strip("*•●+ ")


def _documents(one: str, other: str) -> bool:
    """Whether two titles of a main window may differ by the document alone: they begin or end with the same part, or
    each is nothing but the name of a document.
    """
    parts, others = ([label(part).casefold() for part in _DASH.split(title)] for title in (one, other))
    if len(parts) > 1 and len(others) > 1:
        return parts[-1] == others[-1] or parts[0] == others[0]
    return len(parts) == len(others) == 1 and all(_DOCUMENT.search(title) for title in (one, other))


def _has_focus(top: Element, now: Observation) -> bool:
    return any("focused" in e.states and root(e, now) is top for e in now.elements)


def within(window: Mark, last: Mark | None, now: Observation) -> Element | None:
    """The field that was clicked or filled in last, where it stands in this window: to bring that to the front."""
    if last is None or not is_window(window, now):
        return None
    found = sought(last, now, keys=False)
    there = isinstance(found, Found) and means(window, root(found.element, now), now)
    return found.element if isinstance(found, Found) and there else None
