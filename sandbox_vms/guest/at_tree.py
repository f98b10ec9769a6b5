"""The accessibility tree as XML in OSWorld's form, within a limit of time and size. It acts on nothing.

Tags are the roles as the applications call them, with dashes; namespaces are those of OSWorld's server.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from cua.core import Box
from drivers import roles
from drivers.bus import Reply, Request
from drivers.desktop import Desktop
from drivers.grids import NO_CELLS, showing_cells
from drivers.nodes import MOST_ROWS, ROOT, Node
from drivers.stills import never

SPACES = {
    kind: f"https://accessibility.ubuntu.example.org/ns/{name}"
    for kind, name in (
        ("st", "state"),
        ("attr", "attributes"),
        ("cp", "component"),
        ("val", "value"),
        ("act", "action"),
    )
}
for _prefix, _space in SPACES.items():
    ElementTree.register_namespace(_prefix, _space)
# the bits of AT-SPI's state sets (atspi-constants.h), as pyatspi calls them
_STATES = (
    "invalid", "active", "armed", "busy", "checked", "collapsed", "defunct", "editable", "enabled", "expandable",
    "expanded", "focusable", "focused", "has_tooltip", "horizontal", "iconified", "modal", "multi_line",
    "multiselectable", "opaque", "pressed", "resizable", "selectable", "selected", "sensitive", "showing",
    "single_line", "stale", "transient", "vertical", "visible", "manages_descendants", "indeterminate", "required",
    "truncated", "animated", "invalid_entry", "supports_autocompletion", "selectable_text", "is_default", "visited",
    "checkable", "has_popup", "read_only",
)  # fmt: skip
_VALUES = (("value", "CurrentValue"), ("min", "MinimumValue"), ("max", "MaximumValue"), ("step", "MinimumIncrement"))
TERMINAL = 60
_MOST_NODES, _MOST_TEXT, _MOST_DEPTH = 4000, 20_000, 50
_ANSWER_LIMIT, _TREE_LIMIT = 0.4, 10.0
_AT_ONCE = 200
_UNNAMED = re.compile(r"[^\w.-]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Facts:
    """What was asked about nodes, by their path, and what came back."""

    boxes: dict[str, Box] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    extra: dict[str, dict[str, str]] = field(default_factory=dict)


class Trees:
    """Remembers what applications call their roles."""

    def __init__(self) -> None:
        self._called: dict[tuple[str, int], str] = {}

    def xml(self, desktop: Desktop, *, seconds: float = _TREE_LIMIT) -> str:
        """All applications that answer."""
        asking = _Asking(desktop, time.monotonic() + seconds)
        top = Element("desktop-frame", {"name": "main"})
        names = desktop.access.applications()
        fit = desktop.access.answering(names, seconds=_ANSWER_LIMIT)
        self._called = {known: word for known, word in self._called.items() if known[0] in names}
        for app in (name for name in names if name in fit):
            nodes = _nodes(desktop, app)
            asking.cut = asking.cut or len(nodes) > _MOST_NODES
            nodes = nodes[:_MOST_NODES]
            self._learn(asking, nodes)
            self._add(top, nodes, _facts(asking, app, nodes))
        if asking.cut:
            top.set("cut", "true")
        return ElementTree.tostring(top, encoding="unicode")

    def terminal(self, desktop: Desktop) -> str | None:
        """The text of the terminal that has the keyboard; None if none has."""
        asking = _Asking(desktop, time.monotonic() + _TREE_LIMIT)
        for app in desktop.access.answering(desktop.access.applications(), seconds=_ANSWER_LIMIT):
            for node in _nodes(desktop, app):
                if node.role == TERMINAL and node.has(_STATES.index("focused")) and _in_front(desktop, node):
                    return _texts(asking, [node]).get(node.path, "").rstrip()
        return None

    def _learn(self, asking: _Asking, nodes: list[Node]) -> None:
        new = {(node.app, node.role): node for node in nodes if (node.app, node.role) not in self._called}
        replies = asking.calls([node.ask("Accessible", "GetRoleName") for node in new.values()])
        for known, reply in zip(new, replies, strict=True):
            self._called[known] = _tag(str(reply.body[0]) if reply else "")

    def _add(self, top: Element, nodes: list[Node], facts: Facts) -> None:
        made: dict[str, tuple[Element, int]] = {}
        for node in nodes:  # parents come before children
            above, depth = made.get(node.parent, (top, 0)) if node.path != ROOT else (top, 0)
            if depth >= _MOST_DEPTH or (node.path != ROOT and node.parent not in made):
                continue
            tag = self._called.get((node.app, node.role), "unknown")
            element = ElementTree.SubElement(above, tag, _attributes(node, facts))
            element.text = _clean(facts.texts[node.path]) if facts.texts.get(node.path) else None
            made[node.path] = element, depth + 1


@dataclass(slots=True)
class _Asking:
    """Questions to applications, as long as there is time; `cut` once there was none left."""

    desktop: Desktop
    end: float
    cut: bool = False

    def calls(self, requests: list[Request]) -> list[Reply]:
        """The replies in the same order; what there was no time for is an error."""
        replies: list[Reply] = []
        for at in range(0, len(requests), _AT_ONCE):
            if time.monotonic() > self.end:
                self.cut = True
                return replies + [Reply(error="no time was left")] * (len(requests) - len(replies))
            replies += self.desktop.access.bus.calls(requests[at : at + _AT_ONCE])
        return replies


def _nodes(desktop: Desktop, app: str) -> list[Node]:
    """An application's nodes, parents before children; of tables that are too large to list, the cells that show."""
    tree = desktop.access.tree(app)
    listed = {node.parent for node in tree.nodes.values()}
    lists = [n for n in tree.nodes.values() if n.showing and roles.ROLES.get(n.role) in ("tree", "table", "listbox")]
    large = [node for node in lists if "Table" in node.interfaces and _large(node, listed)]
    small = [node for node in lists if node not in large and node.path not in listed]
    found = [*tree.nodes.values(), *desktop.access.unfold(tree, small)]
    for table in large:
        cells = showing_cells(desktop.access.bus, table, desktop.x11.screen, NO_CELLS, never)
        found += cells.nodes
    children: dict[str, list[Node]] = {}
    for node in found:
        children.setdefault("" if node.path == ROOT else node.parent, []).append(node)
    ordered = level = children.get("", [])
    while level:
        level = [below for node in level for below in sorted(children.pop(node.path, []), key=_order)]
        ordered = ordered + level
    return ordered


def _order(node: Node) -> tuple[bool, int, int]:
    """Some do not say which child they are: then they stand as they were made."""
    tail = node.path.rpartition("/")[2]
    return node.index < 0, node.index, int(tail) if tail.isdigit() else 0


def _large(node: Node, listed: set[str]) -> bool:
    lazy = node.children < 0 or node.has(roles.MANAGES_DESCENDANTS)
    return node.children > MOST_ROWS or (node.path not in listed and lazy)


def _in_front(desktop: Desktop, node: Node) -> bool:
    """Whether the window that it is in is the active one."""
    nodes = desktop.access.tree(node.app).nodes
    while node.parent in nodes and node.parent != ROOT:
        node = nodes[node.parent]
    return node.has(_STATES.index("active"))


def _facts(asking: _Asking, app: str, nodes: list[Node]) -> Facts:
    """What is not told of nodes unasked; of those that do not show, only their text."""
    shown = [node for node in nodes if node.showing and node.has(roles.VISIBLE)]
    facts = Facts(_boxes(asking, app, shown))
    _ask(asking, shown, "Accessible", lambda node: node.ask("Accessible", "GetAttributes"), facts, _attrs)
    _ask(asking, shown, "Action", lambda node: node.ask("Action", "GetActions"), facts, _acts)
    for word, name in _VALUES:
        _ask(asking, shown, "Value", _getter(name), facts, _valuer(word))
    facts.texts |= _texts(asking, [*shown, *(node for node in nodes if node not in shown)])
    return facts


def _ask(
    asking: _Asking,
    nodes: list[Node],
    face: str,
    how: Callable[[Node], Request],
    facts: Facts,
    told: Callable[[Reply], Mapping[str, str]],
) -> None:
    asked = [node for node in nodes if face in node.interfaces or face == "Accessible"]
    for node, reply in zip(asked, asking.calls([how(node) for node in asked]), strict=True):
        if reply:
            facts.extra.setdefault(node.path, {}).update(told(reply))


def _getter(name: str) -> Callable[[Node], Request]:
    return lambda node: node.get("Value", name)


def _valuer(word: str) -> Callable[[Reply], Mapping[str, str]]:
    return lambda reply: {_in("val", word): str(reply.body[0].value)}


def _attrs(reply: Reply) -> Mapping[str, str]:
    return {_in("attr", name): str(value) for name, value in reply.body[0].items() if name}


def _acts(reply: Reply) -> Mapping[str, str]:
    told: dict[str, str] = {}
    for name, about, keys in reply.body[0]:
        told |= {_in("act", f"{name}_desc"): about, _in("act", f"{name}_kb"): keys} if name else {}
    return told


def _boxes(asking: _Asking, app: str, nodes: list[Node]) -> dict[str, Box]:
    """Where nodes are on the screen. An application that counts from its windows is asked by the driver."""
    if asking.desktop.access.toolkit(app).counts_from_window:
        elements = asking.desktop.observe(frame=False).elements
        known = {element.ref: element.box for element in elements}
        refs = {node.path: [ref for ref in known if ref.split("|")[1:3] == [app, node.path]] for node in nodes}
        return {path: box for path, found in refs.items() for ref in found if (box := known[ref]) is not None}
    asked = [node for node in nodes if "Component" in node.interfaces]
    replies = asking.calls([node.ask("Component", "GetExtents", "u", 0) for node in asked])
    return {node.path: Box(*reply.body[0]) for node, reply in zip(asked, replies, strict=True) if reply}


def _texts(asking: _Asking, nodes: Iterable[Node]) -> dict[str, str]:
    """The texts of those that have one, never of a password."""
    asked = [node for node in nodes if "Text" in node.interfaces and node.role != roles.PASSWORD]
    counts = asking.calls([node.get("Text", "CharacterCount") for node in asked])
    long = [(n, int(c.body[0].value)) for n, c in zip(asked, counts, strict=True) if c and int(c.body[0].value) > 0]
    said = asking.calls([node.ask("Text", "GetText", "ii", 0, min(count, _MOST_TEXT)) for node, count in long])
    return {node.path: str(reply.body[0]) for (node, _), reply in zip(long, said, strict=True) if reply}


def _attributes(node: Node, facts: Facts) -> dict[str, str]:
    bits = node.low | node.high << 32
    found = {"name": node.name}
    found |= {_in("st", word): "true" for bit, word in enumerate(_STATES) if bit and bits >> bit & 1}
    if (box := facts.boxes.get(node.path)) is not None:
        found |= {_in("cp", "screencoord"): f"({box.x}, {box.y})", _in("cp", "size"): f"({box.width}, {box.height})"}
    found |= {word.lower(): "true" for word in ("Image", "Selection") if word in node.interfaces}
    found |= facts.extra.get(node.path, {})
    return {name: _clean(value) for name, value in found.items()}


def _in(space: str, name: str) -> str:
    return f"{{{SPACES[space]}}}{_tag(name)}"


def _tag(name: str) -> str:
    """A name that XML allows."""
    found = _UNNAMED.sub("-", name.strip())
    return found if found[:1].isalpha() else f"x-{found}" if found else "unknown"


def _clean(text: str) -> str:
    """Without what XML cannot hold, and what stands for an object in the text."""
    return _FORBIDDEN.sub("", text).replace("\ufffc", "").replace("\ufffd", "")
