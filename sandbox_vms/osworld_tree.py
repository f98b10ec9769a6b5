"""OSWorld's accessibility XML as elements: of its server on Linux, Windows and macOS, of ours, and of older versions.

It reads a text and asks nothing. Entities and document types are refused, and what is beyond a size is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn
from xml.parsers import expat

from cua.core import Box, Element, Locator, Place
from cua.errors import SandboxError
from drivers.grids import common
from drivers.labels import INPUTS, fills, nearby
from drivers.made import TICKED
from drivers.rows import FLAT
from sandbox_vms.osworld_roles import AT_SPI, MACOS, STATES, WINDOWS

_LARGEST = 1 << 26
_MOST_NODES, _DEEPEST, _MOST_TEXT = 20_000, 200, 4000
_TOPS = frozenset({"window", "dialog", "alert", "filechooser", "colorchooser", "fontchooser"})
_DROPPED = frozenset({"separator", "scrollbar"})
_WRITTEN = frozenset({"textbox", "paragraph", "status", "cell"})
_MEASURED = frozenset({"spinbutton", "slider", "progressbar", "meter"})
_SECRET = frozenset({"password-text", "secure_text_field"})
_TOGGLES = frozenset({"toggle-button", "toggle_button"})
_PAIR = re.compile(r"\(\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*\)")
# the word in a namespace's address that tells what it is of, in all versions
_KINDS = {"state": "st", "attributes": "attr", "component": "cp", "value": "val", "action": "act", "class": "class",
          "uia": "class", "role": "role"}  # fmt: skip
_NAMES = ("name", "attr:AXTitle", "attr:AXDescription")
_ABOUT = ("attr:description", "attr:AXHelp", "attr:placeholder-text")
_CLASSES = ("class:friendly_class_name", "class:class")
_WRAPPER = re.compile(r"(\w+?)Wrapper\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What a tree tells: `notes` what a reader must know of it, `cut` that not all of it was read."""

    place: Place
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()
    cut: bool = False


def read(xml: str, screen: Box) -> Told:
    """The elements of all windows that show. Raises SandboxError for what is no such tree."""
    tree = _Tree(xml)
    rows: list[_Row] = []
    for app, window in tree.windows():
        _add(rows, tree, window, _Above(app=app, window=len(rows), flat=tree.flat(window)), screen)
    _name(rows)
    states = [tree.states(row) for row in rows]
    front = next((at for at in tree.active(rows, states) if rows[at].parent < 0), None)
    place = Place("") if front is None else Place(rows[front].app, rows[front].name)
    if front is not None:
        states[front] |= {"active"}
    notes = ["the accessibility tree was cut at its limit"] if tree.cut else []
    notes += ["no application tells of a window: only the picture can be seen"] if not rows else []
    made = tuple(_element(row, said, at) for at, (row, said) in enumerate(zip(rows, states, strict=True)))
    return Told(place, made, tuple(notes), tree.cut)


# ---------------------------------------------------------------------------------------------- the XML


@dataclass(slots=True, eq=False)
class _Node:
    """One tag with its attributes, a namespace written as what it is of: "st:showing"."""

    tag: str
    said: dict[str, str]
    children: list[_Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)[:_MOST_TEXT]

    def first(self, names: Iterable[str]) -> str:
        """What the first of these attributes says that says anything."""
        return next((self.said[name] for name in names if self.said.get(name)), "")

    def true(self, state: str) -> bool:
        return self.said.get(f"st:{state}", "").lower() == "true"

    def below(self) -> Iterator[_Node]:
        """All under it, in order."""
        left = self.children[::-1]
        while left:
            node = left.pop()
            yield node
            left += node.children[::-1]


class _Tree:
    """The parsed tree, and what is peculiar to the system that it is of."""

    def __init__(self, xml: str) -> None:
        if len(xml) > _LARGEST:
            raise SandboxError(
                f"the accessibility tree has {len(xml)} characters, more than can be read; close windows"
            )
        self.cut = self._macos = False
        self._count = 0
        self._open: list[_Node | None] = []
        self.top = _Node("", {})
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = _refuse
        parser.buffer_text = True
        try:
            parser.Parse(xml.encode("utf-8", "replace"), True)
        except expat.ExpatError as exc:
            raise SandboxError(f"the accessibility tree of the machine is no XML ({exc}); look again") from exc
        self.linux = self.top.tag == "desktop-frame"
        self.cut = self.cut or self.top.said.get("cut") == "true"

    def windows(self) -> list[tuple[str, _Node]]:
        """Those that show, with the name of their application, in an order that is the same at each look."""
        if not self.linux:
            return [(_class(each) or each.tag, each) for each in self.children(self.top) if self.shows(each)]
        apps = sorted((each for each in self.top.children if each.tag == "application"), key=_called)
        found = [(_called(app), each) for app in apps for each in app.children]
        return [(app, each) for app, each in found if self.role(each) in _TOPS and self._there(each)]

    def children(self, node: _Node) -> list[_Node]:
        """In the order of the tree; but where that is another one at each look, as they lie on the screen."""
        return node.children if self.linux else sorted(node.children, key=_position)

    def flat(self, window: _Node) -> bool:
        """Whether nothing in it is said to be showing, as by GTK 4: then what is visible is taken to show."""
        return self.linux and not any(each.true("showing") for each in window.children)

    def shows(self, node: _Node, *, flat: bool = False) -> bool:
        if self.linux:
            return node.true("visible") and (flat or node.true("showing"))
        return node.said.get("st:visible", "true").lower() == "true"

    def role(self, node: _Node) -> str:
        if self.linux:
            role = AT_SPI.get(node.tag, "generic")
            return "menuitemcheckbox" if role == "menuitem" and node.true("checkable") else role
        if self._macos:
            return MACOS.get(node.tag, "generic")
        return WINDOWS.get(_class(node)) or WINDOWS.get(node.tag, "generic")

    def states(self, row: _Row) -> frozenset[str]:
        node = row.node
        found = {word for name, word in STATES.items() if node.true(name)}
        disabled = (node.said.get(name, "").lower() == "false" for name in ("st:enabled", "st:AXEnabled"))
        if any(disabled) or (self.linux and not (node.true("enabled") or node.true("sensitive"))):
            found.add("disabled")
        if node.tag in _SECRET:
            found.add("password")
        if row.role in TICKED or node.tag in _TOGGLES:
            found |= {"checkable", "checked"} if "pressed" in found else {"checkable"}
        if row.role == "textbox" and not self.linux and "disabled" not in found:
            found.add("editable")
        return frozenset(found | ({"showing"} if row.showing else set()))

    def active(self, rows: list[_Row], states: list[frozenset[str]]) -> Iterator[int]:
        """The windows that may have the keyboard, the likeliest first; where none says so, those with the focus."""
        yield from reversed([at for at, said in enumerate(states) if rows[at].parent < 0 and "active" in said])
        if not self.linux:
            yield from (rows[at].window for at, said in enumerate(states) if "focused" in said)

    def _there(self, window: _Node) -> bool:
        return (window.true("showing") or window.true("visible")) and not window.true("defunct")

    def _start(self, tag: str, said: dict[str, str]) -> None:
        if self._count >= _MOST_NODES or len(self._open) >= _DEEPEST or (self._open and self._open[-1] is None):
            self.cut = True
            self._open.append(None)
            return
        self._count += 1
        node = _Node(tag.rpartition(" ")[2], {_word(name): value for name, value in said.items()})
        self._macos = self._macos or any(".macos." in name for name in said)
        if self._open and (above := self._open[-1]) is not None:
            above.children.append(node)
        else:
            self.top = node
        self._open.append(node)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and (node := self._open[-1]) is not None:
            node.texts.append(text)


@lru_cache(maxsize=1024)
def _word(name: str) -> str:
    """ "https://…/ns/state showing" and "uri:deskat:state.at-spi.gnome.org showing" are both "st:showing"."""
    space, _, local = name.rpartition(" ")
    if not space:
        return local
    of = space.partition("/ns/")[2] or space.removeprefix("uri:deskat:")
    return f"{'doc' if 'document' in of else _KINDS.get(of.partition('.')[0], 'other')}:{local}"


def _refuse(*_: object) -> NoReturn:
    raise SandboxError("the accessibility tree declares a document type or entities, and is not read; is it OSWorld's?")


def _called(node: _Node) -> str:
    return node.first(_NAMES)


def _class(node: _Node) -> str:
    """What pywinauto calls a control: "button" from its friendly name or from the class that wraps it."""
    said = node.first(_CLASSES)
    wrapper = _WRAPPER.search(said)
    return (wrapper[1] if wrapper else said).lower()


def _position(node: _Node) -> tuple[int, int, str, str]:
    box = _box(node)
    return (box.y, box.x, node.tag, _called(node)) if box else (0, 0, node.tag, _called(node))


def _box(node: _Node) -> Box | None:
    at = _PAIR.fullmatch(node.said.get("cp:screencoord", "").strip())
    size = _PAIR.fullmatch(node.said.get("cp:size", "").strip())
    return Box(int(at[1]), int(at[2]), int(size[1]), int(size[2])) if at and size else None


# ---------------------------------------------------------------------------------------------- rows


@dataclass(slots=True)
class _Row:
    """An element in the making; `window` is its window's row."""

    node: _Node
    app: str
    role: str
    name: str
    value: str | None
    box: Box | None
    parent: int
    window: int
    path: tuple[str, ...]
    showing: bool


@dataclass(frozen=True, slots=True)
class _Above:
    """What a node stands under."""

    app: str
    window: int
    flat: bool
    parent: int = -1
    path: tuple[str, ...] = ()


def _add(rows: list[_Row], tree: _Tree, node: _Node, above: _Above, screen: Box) -> None:
    """The node and all below it, parents before children."""
    role, name = tree.role(node), _called(node)
    if above.parent < 0 and not tree.linux:
        role = "window"
    elif role == "window" and above.parent >= 0:
        role = "group"
    again = role == "text" and not node.children and above.parent >= 0 and name == rows[above.parent].name
    if role in _DROPPED or node.true("defunct") or (again and rows[above.parent].role not in FLAT):
        return
    at, path = above.parent, above.path
    if role not in FLAT or name or above.parent < 0:
        value = _value(node, role, linux=tree.linux)
        if role in ("text", "link") and not name and value is None:
            name = node.text.strip()
        box, shows = _box(node), tree.shows(node, flat=above.flat)
        box = common(box, screen) if box and shows else None
        at, row = len(rows), _Row(node, above.app, role, name, value, box, at, above.window, path, shows)
        rows.append(row)
        path = (*path, f"{role}:{name}")
    below = _Above(above.app, above.window, above.flat, at, path)
    for child in tree.children(node):
        _add(rows, tree, child, below, screen)


def _value(node: _Node, role: str, *, linux: bool) -> str | None:
    if node.tag in _SECRET:
        return None
    number = node.said.get("val:value")
    if role in _MEASURED and number is not None:
        try:
            return f"{float(number):.10g}"
        except ValueError:
            return number
    if role in _WRITTEN:
        held = node.text or (number or "" if not linux else "")
        return held if held or role == "textbox" else None
    if role == "combobox":
        return node.text or (number if not linux else None) or None
    return None


def _name(rows: list[_Row]) -> None:
    """Inputs that carry no name of their own get that of the text beside them. A closed combo box on Linux is called
    like what it shows."""
    for row in rows:
        if row.role == "combobox" and not row.value:
            options = {
                _called(each) for each in row.node.below() if each.tag in ("menu-item", "list-item", "table-cell")
            }
            if row.name in options:
                row.value, row.name = row.name, ""
        if row.role in INPUTS and not row.name and row.box and not (row.role == "textbox" and fills(row, rows)):
            row.name = nearby(row, rows)


def _element(row: _Row, states: frozenset[str], at: int) -> Element:
    path = " > ".join((*row.path, f"{row.role}:{row.name}"))
    about = row.node.first(_ABOUT)
    acts = row.box is not None and any(name.startswith("act:") for name in row.node.said)
    return Element(
        ref=f"osworld|{at}",
        role=row.role,
        name=row.name,
        value=row.value,
        states=states,
        box=row.box,
        parent=row.parent,
        locators=(Locator("role", f"{row.role}:{row.name}"), Locator("path", path)) if row.name else (),
        description=about if about != row.name else "",
        actions=("invoke",) if acts else (),
    )
