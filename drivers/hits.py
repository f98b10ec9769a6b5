"""Which element lies under a point of a screen that was seen, in the window that was on top there. Pure; never acts.

An element is only said to be hit if a click in its middle would hit it again: else the point itself is the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cua.core import Box, Element, Observation, Point
from drivers.x11 import Window

_CLOSE = 32  # the shadow around a popup, in pixels
_INTERACTIVE = frozenset(
    {
        "button", "checkbox", "radio", "menuitem", "menuitemcheckbox", "menuitemradio", "menu", "option", "treeitem",
        "cell", "link", "tab", "columnheader", "rowheader", "combobox", "switch",
    }
)  # fmt: skip
_PLAIN = frozenset({"text", "img", "paragraph", "generic", "heading"})
_SCROLLED = frozenset(
    {"table", "tree", "listbox", "document", "textbox", "scrollpane", "spinbutton", "slider", "tablist", "canvas"}
)
_LISTS = frozenset({"table", "tree", "listbox"})
_INPUTS = frozenset({"textbox", "spinbutton", "slider"})
_MENU_ROLES = ("menuitem", "menuitemcheckbox", "menuitemradio", "menu")
_ROOTS = frozenset({"window", "dialog", "alert", "filechooser", "colorchooser", "fontchooser"})

Pid = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Surface:
    """A window on the screen and the box that its frame takes up; the frame is the window's manager's."""

    window: Window
    frame: Box


@dataclass(frozen=True, slots=True)
class Screen:
    """What was seen, with the windows that were there, from the bottom to the top. `pid` is of an application's bus
    name."""

    seen: Observation
    surfaces: tuple[Surface, ...]
    pid: Pid


def hit(screen: Screen, point: Point) -> Element | str:
    """The deepest element that shows at the point; or, where there is none to be named, why."""
    found = _at(screen, point)
    if isinstance(found, str):
        return found
    element = _worth(screen.seen, found, point)
    assert element.box is not None
    again = _at(screen, element.box.centre)
    if isinstance(again, str) or _worth(screen.seen, again, element.box.centre) is not element:
        return f"the middle of the {element.role} {element.name!r} is another element's"
    return element


def scrolled(screen: Screen, point: Point) -> Element | str:
    """What a wheel turned there scrolls: the nearest container that can, else what is hit."""
    found = _at(screen, point)
    if isinstance(found, str):
        return found
    above = (found, *screen.seen.ancestors(found))
    return next((e for e in above if e.role in _SCROLLED and e.box and contains(e.box, point)), hit(screen, point))


def chosen(screen: Screen, point: Point) -> tuple[Element, str] | None:
    """The combo box whose option lies there and what the option is called, where the middle of it lies elsewhere: some
    toolkits tell wrong boxes of what is in a popup."""
    found = _at(screen, point)
    if isinstance(found, str) or found.role not in ("option", "menuitem", "cell", "treeitem") or not found.name:
        return None
    combo = next((e for e in screen.seen.ancestors(found) if e.role == "combobox"), None)
    return (combo, found.name) if combo else None


def top_at(screen: Screen, point: Point) -> Window | None:
    """The window that is on top there, if that is a program's and not its frame."""
    surface = next((s for s in reversed(screen.surfaces) if contains(s.frame, point)), None)
    return surface.window if surface is not None and contains(surface.window.box, point) else None


def menu_at(screen: Screen, point: Point, entry: Element) -> Window | None:
    """The popup that is on top there, if this is an entry of a menu and all of the menu lies in it: one that does not
    fit is turned under the pointer, though nobody clicks.
    """
    window = top_at(screen, point)
    if window is None or not window.popup or entry.role not in _MENU_ROLES:
        return None
    boxes = [e.box for e in screen.seen.elements if e.parent == entry.parent and e.box]
    top, end = window.box.y - 2, window.box.y + window.box.height + 2
    return window if all(top <= box.y and box.y + box.height <= end for box in boxes) else None


def focused(screen: Screen) -> Element | None:
    """The element that has the keyboard: the deepest one that says so in the active window. Beside a text some toolkits
    call each button focused that hands its keys on to it.
    """
    seen = screen.seen
    active = next((s.window for s in screen.surfaces if s.window.active), None)
    found = [e for e in seen.elements if "focused" in e.states and "showing" in e.states and e.parent >= 0]
    mine = [e for e in found if active is None or _of_window(screen, e, active)]
    chosen = [e for e in mine if "active" in seen.ancestors(e)[-1].states] or mine
    deepest = max(chosen, key=lambda e: len(seen.ancestors(e)), default=None)
    texts = [e for e in chosen if e.role in _INPUTS and "editable" in e.states]
    handed = deepest is not None and len(texts) == 1 and texts[0] not in seen.ancestors(deepest)
    return texts[0] if handed else deepest


def contains(box: Box, point: Point) -> bool:
    return box.x <= point.x < box.x + box.width and box.y <= point.y < box.y + box.height


def _at(screen: Screen, point: Point) -> Element | str:
    """The deepest element of the window that is on top at the point."""
    surface = next((s for s in reversed(screen.surfaces) if contains(s.frame, point)), None)
    if surface is None:
        return "no window of a program is there"
    window = surface.window
    if not contains(window.box, point):
        return f"it is the frame of the window {window.title!r}, which is the window manager's"
    seen = screen.seen
    mine = [e for e in seen.elements if e.box and contains(e.box, point) and _of_window(screen, e, window)]
    if window.popup:
        mine = [e for e in mine if _in_popup(seen, e, window.box)]
    inner = [e for e in mine if e.parent >= 0 and e.role not in _ROOTS]
    if not inner:
        return f"accessibility shows nothing there in the window {window.title or window.app!r}"
    deepest = max(inner, key=lambda e: (len(seen.ancestors(e)), -_area(e)))
    other = _rival(seen, deepest, inner)
    if other is not None:
        return f"{deepest.role} {deepest.name!r} and {other.role} {other.name!r} are both told to be there"
    return deepest


def _rival(seen: Observation, deepest: Element, inner: list[Element]) -> Element | None:
    """What is told to be there besides, where a list may reach out of sight: toolkits tell its rows' whole boxes."""
    above = seen.ancestors(deepest)
    lists = [e for e in (deepest, *above) if e.role in _LISTS]
    if not lists:
        return None
    outer = lists[-1]
    strangers = [e for e in inner if e.role in _INTERACTIVE | _INPUTS and e is not outer and e not in above]
    return next((e for e in strangers if outer not in seen.ancestors(e)), None)


def _worth(seen: Observation, found: Element, point: Point) -> Element:
    """What a person calls it: not the text on a button, but the button."""
    if found.role not in _PLAIN or found.actions:
        return found
    near = seen.ancestors(found)[:3]
    return next((e for e in near if e.role in _INTERACTIVE and e.box and contains(e.box, point)), found)


def _of_window(screen: Screen, element: Element, window: Window) -> bool:
    """Whether an element is of a window, or for a popup of its program. Roots of the same name are told by place."""
    owner = element.ref.split("|")[1] if element.ref.startswith("a11y|") else ""
    if not owner:
        return False
    pid = screen.pid(owner)
    ancestors = screen.seen.ancestors(element)
    root = ancestors[-1] if ancestors else element
    if window.popup:
        return pid == window.pid or not window.pid
    if pid and window.pid and pid != window.pid:
        return root.name == window.title and bool(root.box and _same(root.box, window))
    siblings = [s.window for s in screen.surfaces if s.window.pid == window.pid and not s.window.popup]
    if len(siblings) <= 1 and pid == window.pid:
        return True
    alike = [other for other in siblings if other.title == window.title]
    in_place = bool(root.box and _same(root.box, window))
    if root.name == window.title:
        return len(alike) <= 1 or in_place
    roots = [e for e in screen.seen.elements if e.parent < 0]
    # a question or a warning is called so by accessibility, whatever its title is
    return in_place and root.role in _ROOTS and all(e.name != window.title for e in roots)


def _in_popup(seen: Observation, element: Element, popup: Box) -> bool:
    """Whether it is in the popup and not in what lies beneath it."""
    box, above = element.box, seen.ancestors(element)
    assert box is not None
    if box.y < popup.y - 2 or box.y + box.height > popup.y + popup.height + 2:
        return False
    if element.role in _MENU_ROLES and any(e.role in ("menu", "menubar", "combobox", "menuitem") for e in above):
        return box.x >= popup.x - 2
    if any(e.role == "combobox" for e in above):
        return True
    return any(e.box and _close(e.box, popup) for e in (element, *above))


def _same(box: Box, window: Window) -> bool:
    return _close(box, window.box) or _close(box, window.visible)


def _close(one: Box, other: Box) -> bool:
    edges = (
        one.x - other.x,
        one.y - other.y,
        one.x + one.width - other.x - other.width,
        one.y + one.height - other.y - other.height,
    )
    return all(abs(edge) <= _CLOSE for edge in edges)


def _area(element: Element) -> int:
    return element.box.width * element.box.height if element.box else 0
