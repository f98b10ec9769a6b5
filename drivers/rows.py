"""Which nodes of a tree become elements, in what order, under what parents and roles. Knows trees; asks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cua.core import Box
from drivers import roles
from drivers.nodes import ROOT, Node, Tree

FLAT = frozenset({"generic", "group", "scrollpane", "splitpane", "section", "tablist", "form"})
OPTIONS = frozenset({"menuitem", "menuitemcheckbox", "menuitemradio", "option", "cell", "treeitem"})
_DROPPED = frozenset({"separator", "scrollbar"})
_ROOT_PANE, _TOGGLE = 46, 62
_CLASS_NAME = re.compile(r"Gtk[A-Z]\w*")


@dataclass(slots=True)
class Row:
    """An element in the making. `window` is its window's row; `pane` says that it is under a root pane, `acts` that its
    first act is its own and not some command of its window's.
    """

    node: Node
    role: str
    parent: int
    path: tuple[str, ...]
    showing: bool
    window: int
    pane: bool
    box: Box | None = None
    name: str = ""
    value: str | None = None
    acts: bool = True


def windows(tree: Tree) -> list[Node]:
    """Those that show, in the tree's order."""
    tops = [node for node in tree.nodes.values() if node.parent == ROOT and node.path != ROOT]
    tops.sort(key=_order)
    return [
        n for n in tops if n.role in roles.WINDOWS and (n.showing or n.has(roles.VISIBLE)) and not n.has(roles.DEFUNCT)
    ]


def rows_of(tree: Tree, extra: list[Node]) -> list[Row]:
    """What becomes an element of the tree and of `extra`, parents before children."""
    children = _children([*tree.nodes.values(), *extra])
    rows: list[Row] = []
    for window in windows(tree):
        # GTK 4 says "showing" of nothing below the window: there "visible" is what is left to go by.
        flat = not any(child.showing for child in children.get(window.path, []))
        _add(rows, window, _Above(-1, len(rows), (), False), children, flat)
    return rows


@dataclass(frozen=True, slots=True)
class _Above:
    """What a node stands under."""

    parent: int
    window: int
    path: tuple[str, ...]
    pane: bool


def _add(
    rows: list[Row],
    node: Node,
    above: _Above,
    children: dict[str, list[Node]],
    flat: bool,
) -> None:
    role = _role(node, above.parent)
    name = "" if flat and _CLASS_NAME.fullmatch(node.name) else node.name
    at, path = above.parent, above.path
    parent, pane = above.parent, above.pane or node.role == _ROOT_PANE
    again = role == "text" and parent >= 0 and name == rows[parent].name and not children.get(node.path)
    if role in _DROPPED or node.has(roles.DEFUNCT) or (again and rows[parent].role not in FLAT):
        return
    if role not in FLAT or name or parent < 0:
        at = len(rows)
        shows = node.showing or (flat and node.has(roles.VISIBLE))
        rows.append(Row(node, role, parent, path, shows, above.window, pane, name=name))
        path = (*path, f"{role}:{name}")
    for child in children.get(node.path, []):
        _add(rows, child, _Above(at, above.window, path, pane), children, flat)


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


def options(at: int, rows: list[Row]) -> list[str]:
    """What a combo box has to choose from."""
    below = {at}
    found: list[str] = []
    for number in range(at + 1, len(rows)):
        if rows[number].parent not in below:
            break
        below.add(number)
        if rows[number].role in OPTIONS:
            found.append(rows[number].name)
    return found


def shown_in(at: int, rows: list[Row]) -> str:
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


def single(rows: list[Row]) -> list[Row]:
    """Without menu bars that have no place beside one that has: some programs tell of theirs twice."""
    placed = {row.window for row in rows if row.role == "menubar" and row.box}
    dropped = {at for at, row in enumerate(rows) if row.role == "menubar" and not row.box and row.window in placed}
    if not dropped:
        return rows
    moved: dict[int, int] = {-1: -1}
    kept: list[Row] = []
    for at, row in enumerate(rows):
        if at in dropped or row.parent in dropped:
            dropped.add(at)
            continue
        moved[at] = len(kept)
        row.parent = moved[row.parent]
        kept.append(row)
    return kept


def below_menu(rows: list[Row], window: int) -> int:
    """How far a pane, told to be where a native menu bar is, really lies below it."""
    mine = [row for row in rows if row.window == window and row.box]
    bars = [row.box for row in mine if row.role == "menubar" and not row.pane and row.box]
    panes = [row.box for row in mine if row.node.role == _ROOT_PANE and row.box]
    for bar in bars:
        for pane in panes:
            if bar.height > 1 and bar.y <= pane.y < bar.y + bar.height and bar.x < pane.x + pane.width:
                return bar.y + bar.height - pane.y
    return 0


def within(row: Row, rows: list[Row]) -> str:
    """The name of the row of a list that it stands in alone, as settings do."""
    at = row.parent
    while at >= 0 and rows[at].role not in ("option", "row", "listbox", "tree", "table"):
        at = rows[at].parent
    return rows[at].name or shown_in(at, rows) if at >= 0 and rows[at].role in ("option", "row") else ""


def ticks(row: Row) -> bool:
    """Whether it is a check box, or a switch: GTK 3 calls that a toggle button. A tooltip says more than a row."""
    return row.role == "checkbox" or (row.node.role == _TOGGLE and not row.node.description)
