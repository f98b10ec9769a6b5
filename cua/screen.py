"""What is on a screen, by identity: windows and controls known by role, labels and place.

Never by coordinates, and never by text that a person typed. Pure look-ups over one observation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cua.core import Element, Observation

_MENU_ROLES = {"menuitemcheckbox": "menuitem", "menuitemradio": "menuitem"}
STOCK = frozenset({"filechooser", "colorchooser", "fontchooser"})
_WINDOWS = frozenset({"window", "dialog", "alert", "alertdialog"}) | STOCK
_LANDMARKS = frozenset({"menu", "tab", "group", "toolbar", "listbox", "tree", "table", "row"})
ACTABLE = frozenset(
    {
        "button", "checkbox", "combobox", "command", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option",
        "radio", "slider", "spinbutton", "tab", "textbox", "treeitem", "cell",
    }
)  # fmt: skip
_KNOWN = ACTABLE | {"searchbox", "switch"}  # what has an identity: pages have roles of their own for fields and ticks
_INPUTS = frozenset({"combobox", "spinbutton", "slider", "textbox", "searchbox"})
_COMBO = "\0combobox"
_CLOSED = "\0closed"
CHOICES = frozenset({"menuitemradio", "radio"})
ITEMS = frozenset({"cell", "option", "treeitem"})
MAIN = "main"
_SHORT = 40


@dataclass(frozen=True, slots=True)
class Control:
    """Something that can be acted on. `window` and `path` (labels of menus, tabs and groups around it) say where.

    `key` is its identity within the app; `names` are what people may call it, the label first; `action` is the
    exported command behind it; `options` are the labels of a combo box's or a radio group's members; `asks` says
    that its
    label ends in dots, so that a dialog will come.
    """

    key: str
    role: str
    name: str
    window: str
    path: tuple[str, ...] = ()
    description: str = ""
    action: str = ""
    options: tuple[str, ...] = ()
    checkable: bool = False
    asks: bool = False


def top_windows(now: Observation) -> list[Element]:
    """Windows, web pages and dialogs that show, in order of the tree. An empty one beside another of its title stands
    for that: a toolkit lets another one draw its file dialogs.
    """
    last = _latest[-1:]
    if last and last[0][0] is now.elements:
        return list(last[0][1])
    found = _tops(now)
    _latest[:] = [(now.elements, found)]
    return list(found)


_latest: list[tuple[tuple[Element, ...], list[Element]]] = []  # of the last look: it is asked for again and again


def _tops(now: Observation) -> list[Element]:
    tops = [(at, e) for at, e in enumerate(now.elements) if e.parent < 0 and e.role in _WINDOWS]
    titles = Counter(e.name for _, e in tops)
    if len(titles) < len(tops):
        full = {e.parent for e in now.elements}
        drawn = {e.name for at, e in tops if at in full}
        tops = [(at, e) for at, e in tops if at in full or e.name not in drawn]
    return [e for _, e in tops]


def active(now: Observation) -> Element | None:
    """The window that takes input: a modal one first, then the active one, then the last dialog."""
    tops = top_windows(now)
    modal = [e for e in tops if "modal" in e.states]
    focused = [e for e in tops if "active" in e.states]
    dialogs = [e for e in tops if e.role != "window"]
    for found in (modal, focused, dialogs, tops):
        if found:
            return found[-1]
    return None


def window_key(now: Observation, window: Element) -> str:
    """ "main" for the app's first plain window; for the rest role and title without numbers and document names."""
    tops = top_windows(now)
    plain = [e for e in tops if e.role == "window"]
    if plain and window.ref == plain[0].ref:
        return MAIN
    return f"{window.role}:{stable(window.name)}"


def stable(title: str) -> str:
    """A title without what changes with the document: marks, numbers, quoted names, and what stands before a dash."""
    text = re.sub(r"[\"“'‘][^\"”'’]*[\"”'’]", "", title)
    text = re.split(r"\s[-–—]\s", text)[-1]
    return re.sub(r"[*•\d]+", "", text).strip().casefold()


def label(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().rstrip(".…:").strip()


def called(element: Element) -> str:
    """Its label; for one that bears none its tooltip, if that is short, without markup and shortcut."""
    if element.name.strip():
        return label(element.name)
    said = re.sub(r"<[^>]*>", "", element.description).strip()
    said = re.sub(r"\s*(\[[^\]]*\]|\([^)]*\b(F\d+|Ctrl|Alt|Shift)\b[^)]*\))$", "", said)
    return label(said) if len(said) <= _SHORT and "\n" not in said else ""


@dataclass(frozen=True, slots=True)
class Screen:
    """An observation with every element's identity worked out once."""

    now: Observation
    keys: Mapping[str, Element]
    key_of: Mapping[str, str]
    window: str
    windows: Mapping[str, Element]

    @classmethod
    def of(cls, now: Observation) -> Screen:
        tops = {e.ref: window_key(now, e) for e in top_windows(now)}
        keys: dict[str, Element] = {}
        key_of: dict[str, str] = {}
        places: list[tuple[str, tuple[str, ...]]] = []
        documents = _document_tabs(now)
        popovers: dict[str, Element] = {}
        for element in now.elements:
            window, path = places[element.parent] if element.parent >= 0 else (tops.get(element.ref, MAIN), ())
            if owner := _owner(now, element):
                window, path = (f"popover:{owner.casefold()}" if "showing" in element.states else _CLOSED), (owner,)
                popovers |= {window: element} if window != _CLOSED else {}
            inner = path
            if element.role == "combobox":
                inner = (*path, _COMBO)
            elif element.role in _LANDMARKS and element.name and element.ref not in documents:
                inner = (*path, label(element.name))
            places.append((window, inner))
            listed = element.role in _KNOWN and element.ref not in documents and window != _CLOSED
            if listed and _counts(element, path) and not _in_button(now, element):
                key = _key(window, path, element, keys)
                keys[key] = element
                key_of[element.ref] = key
        focus = active(now)
        windows = {tops[e.ref]: e for e in top_windows(now)} | popovers
        if not windows and now.place.url and now.elements:  # a web page is its own window
            return cls(now, keys, key_of, MAIN, {MAIN: now.elements[0]})
        front = next(reversed(popovers), tops[focus.ref] if focus else "")
        return cls(now, keys, key_of, front, windows)

    def controls(self) -> Iterable[Control]:
        """Every actable element as a control."""
        for key, element in self.keys.items():
            window, path = key.split("|", 2)[:2]
            action = next((at.value for at in element.locators if at.kind == "action"), "")
            yield Control(
                key=key,
                role=element.role,
                name=called(element),
                window=window,
                path=tuple(part for part in path.split(" > ") if part),
                description=element.description,
                action=action,
                options=self._options(element),
                checkable="checkable" in element.states,
                asks=element.name.rstrip().endswith(("...", "…")),
            )

    def checked(self, key: str) -> bool | None:
        """Whether it is ticked; None if it is not there or does not say."""
        element = self.keys.get(key)
        if element is None or "checkable" not in element.states:
            return None
        return "checked" in element.states

    def documents(self) -> int:
        """How many documents are open, as far as windows and tabs tell."""
        return len(_document_tabs(self.now)) + sum(e.role == "window" for e in top_windows(self.now))

    def clickable(self, key: str) -> Element:
        """What to click next so that the control is clicked: itself if it shows, else the menu that must open first."""
        element = self.keys[key]
        chain = [element, *(e for e in self.now.ancestors(element) if e.role == "menu")]
        return next((e for e in chain if "showing" in e.states and e.box), element)

    def stock(self, window: str) -> str:
        """Which of STOCK the window is, which toolkits bring and every app has alike; "" if it is the app's own."""
        top = self.windows[window]
        inside = (e for e in self.now.elements if e is top or (self.now.ancestors(e) or (None,))[-1] is top)
        return min({e.role for e in inside} & STOCK, default="")

    def _options(self, element: Element) -> tuple[str, ...]:
        if element.role != "combobox":
            return ()
        inside = [e for e in self.now.elements if e.parent >= 0 and element in self.now.ancestors(e)]
        return tuple(dict.fromkeys(e.name for e in inside if e.name and e.role in ("menuitem", "option", "cell")))


def _document_tabs(now: Observation) -> frozenset[str]:
    """Refs of tabs that stand for documents: one of their row is named in the window's title. They come and go."""
    rows: dict[int, list[Element]] = {}
    for element in now.elements:
        if element.role == "tab":
            rows.setdefault(element.parent, []).append(element)
    found = set()
    for row in rows.values():
        title = now.ancestors(row[0])[-1].name if row[0].parent >= 0 else ""
        if any(not tab.name or tab.name.lstrip("*") in title for tab in row):
            found |= {tab.ref for tab in row}
    return frozenset(found)


def _in_button(now: Observation, element: Element) -> bool:
    """Whether it is the inner part of a button that is known by its own name: both are one."""
    above = now.elements[element.parent] if element.role == "button" and element.parent >= 0 else None
    return above is not None and above.role == "button" and bool(called(above))


def _owner(now: Observation, element: Element) -> str:
    """The button that a popover menu hangs on, by what it is called: it has what it holds only while it is open, so it
    is a window of its own. "" for what is none.
    """
    above = now.elements[element.parent] if element.role == "menu" and element.parent >= 0 else None
    if above is None or above.role != "button":
        return ""
    inside = (e for e in now.elements if e.parent == element.parent and e.role == "button")
    return called(above) or next((name for e in inside if (name := called(e))), "") or "menu"


def _counts(element: Element, path: tuple[str, ...]) -> bool:
    """Options of a combo box are no controls of their own; an input is known by its label, which only shows with it."""
    if any(part.startswith(_COMBO) for part in path):
        return False
    return element.role not in _INPUTS or "showing" in element.states


def _key(window: str, path: tuple[str, ...], element: Element, taken: Mapping[str, Element]) -> str:
    role = _MENU_ROLES.get(element.role, element.role)
    name = called(element)
    base = f"{window}|{' > '.join(path)}|{role}|{name}"
    if base not in taken and name:
        return base
    number = 0
    while f"{base}#{number}" in taken:
        number += 1
    return f"{base}#{number}"
