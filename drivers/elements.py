"""From accessibility nodes to elements: what shows, what it says, what it is called. Reads; never acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cua.core import Box, Element, Locator
from drivers import roles
from drivers.atspi import Accessibility
from drivers.bus import Reply, Request
from drivers.grids import Cells, common, showing_cells
from drivers.labels import LABELLED_BY, fills, nearby
from drivers.nodes import MOST_ROWS, ROOT, Node, Tree

_FLAT = frozenset({"generic", "group", "scrollpane", "splitpane", "section", "tablist", "form"})
_DROPPED = frozenset({"separator", "scrollbar"})
_WRITTEN = frozenset({"textbox", "paragraph", "status", "cell"})
_MEASURED = frozenset({"spinbutton", "slider", "progressbar", "meter"})
_INPUTS = frozenset({"textbox", "combobox", "spinbutton", "slider", "listbox", "tree", "table"})
_LISTS = frozenset({"tree", "table", "listbox"})
_TICKED = frozenset({"checkbox", "menuitemcheckbox", "menuitemradio", "radio"})
_TOGGLE_BUTTON = 62
_MOST_TEXT = 4000
_CLASS_NAME = re.compile(r"Gtk[A-Z]\w*")

Origin = Callable[[Node], tuple[int, int]]


@dataclass(slots=True)
class _Row:
    """An element in the making. `window` is the number of the row of its window."""

    node: Node
    role: str
    parent: int
    path: tuple[str, ...]
    showing: bool
    window: int
    box: Box | None = None
    name: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The elements of one application in reading order, parents before children, and what to know of them."""

    elements: list[Element]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Plan:
    """What was asked for a tree and what came back: as long as both are the same, so are the elements."""

    tree: Tree
    extra: tuple[Cells, tuple[Node, ...]]
    requests: list[tuple[int, str, Request]]
    replies: list[Reply] = field(default_factory=list)
    origins: tuple[tuple[int, int], ...] = ()
    reading: Reading | None = None


class Reader:
    """Owned by one thread. Asks everything each time; builds anew only what came out differently."""

    def __init__(self, access: Accessibility) -> None:
        self._access = access
        self._plans: dict[str, _Plan] = {}
        self._labels: dict[tuple[str, str], tuple[str, ...]] = {}
        self._whole: set[tuple[str, str]] = set()

    def read(self, tree: Tree, *, origin: Origin, screen: Box) -> Reading:
        """The elements of an application's showing windows. `origin` is what to add to a window's positions."""
        cells, rows_below = self._lazy(tree, screen)
        extra = (cells, rows_below)
        plan = self._plans.get(tree.app)
        rows: list[_Row] | None = None
        if plan is None or plan.tree is not tree or plan.extra != extra:
            rows = _rows(tree, [*cells.nodes, *rows_below])
            plan = self._plans[tree.app] = _Plan(tree, extra, self._asks(tree, rows, cells))
        replies = self._access.bus.calls([request for _, _, request in plan.requests])
        windows = _windows(tree)
        origins = tuple(origin(window) for window in windows)
        if plan.reading is None or plan.replies != replies or plan.origins != origins:
            rows = _rows(tree, [*cells.nodes, *rows_below]) if rows is None else rows
            plan.replies, plan.origins = replies, origins
            self._fill(plan, rows, screen)
            notes = (*filter(None, [tree.note]), *(["a table was cut at 600 cells"] if cells.cut else []), *_mute(rows))
            plan.reading = Reading([_element(row) for row in _single(rows)], notes)
        return plan.reading

    def _lazy(self, tree: Tree, screen: Box) -> tuple[Cells, tuple[Node, ...]]:
        """Rows and cells that are made only when asked for."""
        listed = {node.parent for node in tree.nodes.values()}
        lists = [n for n in tree.nodes.values() if roles.ROLES.get(n.role) in _LISTS and n.showing]
        large = [n for n in lists if "Table" in n.interfaces and _large(n, listed)]
        small = [n for n in lists if n not in large and n.path not in listed]
        found = [showing_cells(self._access.bus, table, screen) for table in large]
        nodes = [node for cells in found for node in cells.nodes]
        boxes = [box for cells in found for box in cells.boxes]
        together = Cells(tuple(nodes), tuple(boxes), any(cells.cut for cells in found))
        return together, tuple(self._access.unfold(tree, small)) if small else ()

    def _asks(self, tree: Tree, rows: list[_Row], cells: Cells) -> list[tuple[int, str, Request]]:
        """Which row, what about it, and how to ask."""
        kind = 1 if self._access.toolkit(tree.app).counts_from_window else 0
        known = {node.path for node in cells.nodes}
        found: list[tuple[int, str, Request]] = []
        for at, row in enumerate(rows):
            node = row.node
            if not row.showing:
                continue
            if "Component" in node.interfaces and node.path not in known:
                found.append((at, "box", node.ask("Component", "GetExtents", "u", kind)))
            if row.role in _INPUTS and not row.name and (node.app, node.path) not in self._labels:
                found.append((at, "label", node.ask("Accessible", "GetRelationSet")))
            if node.role != roles.PASSWORD and (asked := self._asks_value(row)):
                found.append((at, *asked))
        return found

    def _asks_value(self, row: _Row) -> tuple[str, Request] | None:
        node = row.node
        if row.role in _MEASURED and "Value" in node.interfaces:
            return "number", node.get("Value", "CurrentValue")
        if (row.role in _WRITTEN or (row.role == "text" and not row.name)) and "Text" in node.interfaces:
            end = -1 if (node.app, node.path) in self._whole else _MOST_TEXT
            return "text", node.ask("Text", "GetText", "ii", 0, end)
        if row.role == "combobox" and "Selection" in node.interfaces:
            return "chosen", node.ask("Selection", "GetSelectedChild", "i", 0)
        return None

    def _fill(self, plan: _Plan, rows: list[_Row], screen: Box) -> None:
        """Boxes, values, then names, from the replies."""
        boxes = dict(zip((node.path for node in plan.extra[0].nodes), plan.extra[0].boxes, strict=True))
        offsets = dict(zip((at for at, row in enumerate(rows) if row.parent < 0), plan.origins, strict=True))
        for row in rows:
            if (box := boxes.get(row.node.path)) is not None:
                row.box = common(box, screen)
        names = {row.node.path: row.name for row in rows}
        for (at, what, request), reply in zip(plan.requests, plan.replies, strict=True):
            row = rows[at]
            if what == "box":
                row.box = _placed(reply, offsets[row.window], screen)
                row.showing = row.showing and (row.node.showing or row.box is not None)
            elif what == "label":
                self._labels[row.node.app, row.node.path] = _targets(reply)
            elif what == "chosen":
                row.value = names.get(reply.body[0][1], "") if reply else None
            elif what == "number":
                row.value = f"{float(reply.body[0].value):.10g}" if reply else None
            else:
                row.value = str(reply.body[0])[:_MOST_TEXT] if reply else None
                if not row.value and row.role != "cell" and request.body[1] != -1:
                    row.value = self._all_text(row.node)
        self._name(rows)

    def _all_text(self, node: Node) -> str | None:
        """Some toolkits refuse a range that is longer than the text, or give nothing for it."""
        said = self._access.text(node.app, node.path)
        if said:
            self._whole.add((node.app, node.path))
        return None if said is None else said[:_MOST_TEXT]

    def _name(self, rows: list[_Row]) -> None:
        """Inputs that carry no name of their own get their label's: by relation, else the text to the left or above."""
        for at, row in enumerate(rows):
            if row.role == "combobox":
                row.value = row.value or _shown_in(at, rows) or row.name
                row.name = "" if row.name == row.value else row.name
            if row.parent >= 0 and rows[row.parent].role == "listbox" and not rows[row.parent].box:
                row.showing = False
            if row.role == "option" and not row.name:
                row.name = _shown_in(at, rows)
            if row.role == "text" and not row.name and row.value:
                row.name, row.value = row.value.strip(), None
        by_path = {row.node.path: row for row in rows}
        for row in rows:
            if row.role not in _INPUTS or row.name or not row.showing:
                continue
            targets = self._labels.get((row.node.app, row.node.path), ())
            row.name = next((by_path[path].name.strip(": ") for path in targets if path in by_path), "")
            if not row.name and not (row.role == "textbox" and fills(row, rows)):
                row.name = nearby(row, rows)


def _windows(tree: Tree) -> list[Node]:
    """Those that show, in the tree's order."""
    tops = [node for node in tree.nodes.values() if node.parent == ROOT and node.path != ROOT]
    tops.sort(key=_order)
    return [
        n for n in tops if n.role in roles.WINDOWS and (n.showing or n.has(roles.VISIBLE)) and not n.has(roles.DEFUNCT)
    ]


def _rows(tree: Tree, extra: list[Node]) -> list[_Row]:
    children = _children([*tree.nodes.values(), *extra])
    rows: list[_Row] = []
    for window in _windows(tree):
        # GTK 4 says "showing" of nothing below the window: there "visible" is what is left to go by.
        flat = not any(child.showing for child in children.get(window.path, []))
        _add(rows, window, (-1, len(rows)), (), children, flat)
    return rows


def _add(
    rows: list[_Row],
    node: Node,
    above: tuple[int, int],
    path: tuple[str, ...],
    children: dict[str, list[Node]],
    flat: bool,
) -> None:
    role = _role(node, above[0])
    name = "" if flat and _CLASS_NAME.fullmatch(node.name) else node.name
    at = parent = above[0]
    again = role == "text" and parent >= 0 and name == rows[parent].name and not children.get(node.path)
    if role in _DROPPED or node.has(roles.DEFUNCT) or (again and rows[parent].role not in _FLAT):
        return
    if role not in _FLAT or name or parent < 0:
        at = len(rows)
        shows = node.showing or (flat and node.has(roles.VISIBLE))
        rows.append(_Row(node, role, parent, path, shows, above[1], name=name))
        path = (*path, f"{role}:{name}")
    for child in children.get(node.path, []):
        _add(rows, child, (at, above[1]), path, children, flat)


def _role(node: Node, parent: int) -> str:
    role = roles.ROLES.get(node.role, "generic")
    if role == "menuitem" and node.high >> roles.CHECKABLE - 32 & 1:
        return "menuitemcheckbox"
    return "group" if role == "window" and parent >= 0 else role


def _children(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in nodes:
        if node.path != node.parent:
            found.setdefault(node.parent, []).append(node)
    for rows in found.values():
        rows.sort(key=_order)
    return found


def _order(node: Node) -> tuple[bool, int, int]:
    tail = node.path.rpartition("/")[2]
    return node.index < 0, node.index, int(tail) if tail.isdigit() else 0


def _large(node: Node, listed: set[str]) -> bool:
    lazy = node.children < 0 or node.has(roles.MANAGES_DESCENDANTS)
    return node.children > MOST_ROWS or (node.path not in listed and lazy)


def _placed(reply: Reply, offset: tuple[int, int], screen: Box) -> Box | None:
    if not reply:
        return None
    x, y, width, height = reply.body[0]
    return common(Box(x + offset[0], y + offset[1], width, height), screen)


def _targets(reply: Reply) -> tuple[str, ...]:
    return tuple(path for kind, found in (reply.body[0] if reply else []) if kind == LABELLED_BY for _, path in found)


def _shown_in(at: int, rows: list[_Row]) -> str:
    """What a closed combo box shows: its selected option, or the text on its face."""
    below = {at}
    texts: list[str] = []
    for number in range(at + 1, len(rows)):
        row = rows[number]
        if row.parent not in below:
            break
        below.add(number)
        if row.node.has(roles.SELECTED) and row.name:
            return row.name
        if row.role == "text" and row.showing and row.box and row.name:
            texts.append(row.name)
    return texts[0] if texts else ""


def _single(rows: list[_Row]) -> list[_Row]:
    """Without menu bars that have no place beside one that has: some programs tell of theirs twice."""
    placed = {row.window for row in rows if row.role == "menubar" and row.box}
    dropped = {at for at, row in enumerate(rows) if row.role == "menubar" and not row.box and row.window in placed}
    if not dropped:
        return rows
    moved: dict[int, int] = {-1: -1}
    kept: list[_Row] = []
    for at, row in enumerate(rows):
        if at in dropped or row.parent in dropped:
            dropped.add(at)
            continue
        moved[at] = len(kept)
        row.parent = moved[row.parent]
        kept.append(row)
    return kept


def _mute(rows: list[_Row]) -> list[str]:
    """Windows of which nothing but the window is told."""
    full = {row.window for row in rows if row.parent >= 0}
    mute = [row for row in rows if row.parent < 0 and row.window not in full and row.name and row.node.children > 0]
    why = "start its program with its accessibility switched on"
    return [f"window {row.name!r} tells nothing of what is in it ({why}): only its picture can be seen" for row in mute]


def _element(row: _Row) -> Element:
    node = row.node
    states = roles.words(node.low, node.high) - {"showing", "visible"}
    if node.role == roles.PASSWORD:
        states |= {"password"}
    if row.role in _TICKED or node.role == _TOGGLE_BUTTON:
        states |= {"checkable", "checked"} if "pressed" in states else {"checkable"}
    if row.showing:
        states |= {"showing"}
    path = " > ".join((*row.path, f"{row.role}:{row.name}"))
    return Element(
        ref=f"a11y|{node.app}|{node.path}",
        role=row.role,
        name=row.name,
        value=row.value,
        states=states,
        box=row.box if row.showing else None,
        parent=row.parent,
        locators=(Locator("role", f"{row.role}:{row.name}"), Locator("path", path)) if row.name else (),
        description=node.description if node.description != row.name else "",
        actions=("invoke",) if "Action" in node.interfaces else (),
    )
