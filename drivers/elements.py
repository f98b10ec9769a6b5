"""From accessibility nodes to elements: what shows, what it says, what it is called. Reads; never acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cua.core import Box, Element, Locator
from drivers import roles
from drivers.atspi import ROOT, Accessibility, Node, Tree
from drivers.bus import Reply

_FLAT = frozenset({"generic", "group", "scrollpane", "splitpane", "section", "tablist", "form"})
_DROPPED = frozenset({"separator", "scrollbar"})
_WRITTEN = frozenset({"textbox", "paragraph", "status"})
_MEASURED = frozenset({"spinbutton", "slider", "progressbar", "meter"})
_INPUTS = frozenset({"textbox", "combobox", "spinbutton", "slider", "listbox", "tree", "table"})
_LISTS = frozenset({"tree", "table", "listbox"})
_LABELLED_BY = 2
_MOST_TEXT = 4000


@dataclass(slots=True)
class _Row:
    """An element in the making."""

    node: Node
    role: str
    parent: int
    path: tuple[str, ...]
    showing: bool
    box: Box | None = None
    name: str = ""
    value: str | None = None


def read(access: Accessibility, tree: Tree, *, origin: Callable[[Node], tuple[int, int]]) -> list[Element]:
    """The elements of an application's showing windows, in reading order, parents before children.

    `origin` gives what to add to a window's positions (for toolkits that count from the window).
    """
    rows = _rows(access, tree)
    _measure(access, rows, origin)
    _say(access, rows)
    _name(access, rows)
    return [_element(row) for row in rows]


def _rows(access: Accessibility, tree: Tree) -> list[_Row]:
    children = _children(tree.nodes.values())
    windows = [n for n in children.get(ROOT, []) if n.role in roles.WINDOWS and (n.showing or _visible(n))]
    lazy = [
        n for n in tree.nodes.values() if n.showing and roles.ROLES.get(n.role) in _LISTS and n.path not in children
    ]
    if lazy:
        for parent, found in _children(access.unfold(tree, lazy)).items():
            children[parent] = found
    rows: list[_Row] = []
    for window in windows:
        # GTK 4 says "showing" of nothing below the window: there "visible" is what is left to go by.
        flat = not any(child.showing for child in children.get(window.path, []))
        _add(rows, window, -1, (), children, flat)
    return rows


def _add(
    rows: list[_Row], node: Node, parent: int, path: tuple[str, ...], children: dict[str, list[Node]], flat: bool
) -> None:
    role = roles.ROLES.get(node.role, "generic")
    if role in _DROPPED or node.low >> roles.DEFUNCT & 1:
        return
    at = parent
    if role not in _FLAT or node.name:
        at = len(rows)
        rows.append(_Row(node, role, parent, path, node.showing or (flat and _visible(node)), name=node.name))
        path = (*path, f"{role}:{node.name}")
    for child in children.get(node.path, []):
        _add(rows, child, at, path, children, flat)


def _children(nodes) -> dict[str, list[Node]]:  # type: ignore[no-untyped-def]
    found: dict[str, list[Node]] = {}
    for node in nodes:
        if node.path != node.parent:
            found.setdefault(node.parent, []).append(node)
    for rows in found.values():
        rows.sort(key=lambda node: (node.index < 0, node.index, _number(node.path)))
    return found


def _number(path: str) -> int:
    tail = path.rpartition("/")[2]
    return int(tail) if tail.isdigit() else 0


def _visible(node: Node) -> bool:
    return bool(node.low >> roles.VISIBLE & 1)


def _measure(access: Accessibility, rows: list[_Row], origin: Callable[[Node], tuple[int, int]]) -> None:
    """Boxes, only for what shows."""
    asked = [row for row in rows if row.showing and "Component" in row.node.interfaces]
    replies = access.bus.calls([row.node.ask("Component", "GetExtents", "u", 0) for row in asked])
    dx, dy = origin(rows[0].node) if rows else (0, 0)
    for row, reply in zip(asked, replies, strict=True):
        if reply:
            x, y, width, height = reply.body[0]
            if width > 0 and height > 0 and x > -10000:
                row.box = Box(x + dx, y + dy, width, height)


def _say(access: Accessibility, rows: list[_Row]) -> None:
    """Values: text of text boxes, numbers of spin buttons and sliders, the chosen option of combo boxes."""
    requests, takers = [], []
    for at, row in enumerate(rows):
        faces = row.node.interfaces
        if row.node.role == roles.PASSWORD or not row.showing:
            continue
        if row.role in _MEASURED and "Value" in faces:
            requests.append(row.node.get("Value", "CurrentValue"))
            takers.append((at, _number_text))
        elif (row.role in _WRITTEN or (row.role == "text" and not row.name) or row.role == "cell") and "Text" in faces:
            requests.append(row.node.ask("Text", "GetText", "ii", 0, _MOST_TEXT))
            takers.append((at, _plain_text))
        elif row.role == "combobox" and "Selection" in faces:
            requests.append(row.node.ask("Selection", "GetSelectedChild", "i", 0))
            takers.append((at, _chosen(rows)))
        elif row.role == "combobox":
            row.value = row.name or None
    short = []
    for (at, read_value), request, reply in zip(takers, requests, access.bus.calls(requests), strict=True):
        if reply:
            rows[at].value = read_value(reply)
        elif request.member == "GetText":
            short.append(at)
    replies = access.bus.calls([rows[at].node.ask("Text", "GetText", "ii", 0, -1) for at in short])
    for at, reply in zip(short, replies, strict=True):
        rows[at].value = _plain_text(reply)[:_MOST_TEXT] if reply else None


def _plain_text(reply: Reply) -> str:
    return str(reply.body[0])


def _number_text(reply: Reply) -> str:
    return f"{float(reply.body[0].value):.10g}"


def _chosen(rows: list[_Row]) -> Callable[[Reply], str]:
    names = {row.node.path: row.name for row in rows}
    return lambda reply: names.get(reply.body[0][1], "")


def _name(access: Accessibility, rows: list[_Row]) -> None:
    """Inputs that carry no name of their own get their label's: by relation, else the text to the left or above."""
    for row in rows:
        if row.role == "combobox":
            row.name = ""
        if row.role == "text" and not row.name and row.value:
            row.name, row.value = row.value.strip(), None
    unnamed = [row for row in rows if row.role in _INPUTS and not row.name and row.showing]
    by_path = {row.node.path: row for row in rows}
    replies = access.bus.calls([row.node.ask("Accessible", "GetRelationSet") for row in unnamed])
    for row, reply in zip(unnamed, replies, strict=True):
        for kind, targets in reply.body[0] if reply else []:
            if kind == _LABELLED_BY and targets and targets[0][1] in by_path:
                row.name = by_path[targets[0][1]].name.strip(": ")
        if not row.name and row.box and not (row.role == "textbox" and _fills(row, rows)):
            row.name = _nearby(row, rows)


def _fills(row: _Row, rows: list[_Row]) -> bool:
    """A text area that is most of its window is the document; no label belongs to it."""
    top = rows[0].box
    return bool(top and row.box and row.box.width * row.box.height * 3 > top.width * top.height)


def _nearby(row: _Row, rows: list[_Row]) -> str:
    box = row.box
    assert box is not None
    best: tuple[int, str] = (1 << 30, "")
    for other in rows:
        if other.role != "text" or not other.box or not other.name or other.path[:1] != row.path[:1]:
            continue
        there = other.box
        beside = abs(there.centre.y - box.centre.y) <= max(box.height, there.height) // 2 and there.x < box.x
        above = there.y < box.y and 0 <= box.y - there.y - there.height <= 24 and abs(there.x - box.x) <= 24
        if beside or above:
            best = min(best, (abs(box.x - there.x - there.width) if beside else 200 + box.y - there.y, other.name))
    return best[1].strip(": ")


def _element(row: _Row) -> Element:
    node = row.node
    states = roles.words(node.low, node.high) - {"showing", "visible"}
    if node.role == roles.PASSWORD:
        states |= {"password"}
    if row.role in ("checkbox", "menuitemcheckbox", "menuitemradio", "radio") or node.role == 62:
        states |= {"checkable"}
        if "pressed" in states:
            states |= {"checked"}
    if row.showing:
        states |= {"showing"}
    path = " > ".join((*row.path, f"{row.role}:{row.name}"))
    element = Element(
        ref=f"a11y|{node.app}|{node.path}",
        role=row.role,
        name=row.name,
        value=row.value,
        states=states,
        box=row.box,
        parent=row.parent,
        locators=(Locator("role", f"{row.role}:{row.name}"), Locator("path", path)) if row.name else (),
        description=node.description if node.description != row.name else "",
        actions=("invoke",) if "Action" in node.interfaces else (),
    )
    return replace(element, box=None) if not row.showing else element
