"""What of the look before needs no more than other states or another value, so that all around it stays as it was.

It compares nodes and rows; it asks nothing. Where a change may concern the order, the names or the places of others, it
says so, and then all is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers import roles
from drivers.nodes import Node
from drivers.rows import OPTIONS, Row

_AROUND = 1 << roles.DEFUNCT | 1 << roles.SHOWING | 1 << roles.VISIBLE | 1 << roles.MANAGES_DESCENDANTS
_TICKS = 1 << roles.CHECKABLE - 32
_CHOSEN = 1 << roles.SELECTED
_NAMED_BY_CHOICE = OPTIONS - {"cell"} | {"combobox", "row"}
_OWN_VALUE = frozenset({"textbox", "paragraph", "status", "cell"})

Swaps = dict[str, Node]


def swaps(old: Mapping[str, Node], new: Mapping[str, Node]) -> Swaps | None:
    """The nodes that are other ones than they were, by their path before; None where the tree has another shape."""
    if len(old) != len(new):
        return None
    found: Swaps = {}
    for (path, before), node in zip(old.items(), new.values(), strict=True):
        if before is node or before == node:
            continue
        parent = found[before.parent].path if before.parent in found else before.parent
        if parent != node.parent or (path != node.path and node.path in old) or not _alike(before, node):
            return None
        found[path] = node
    return found


def swapped_cells(old: Sequence[Node], new: Sequence[Node]) -> Swaps | None:
    """The same of the cells of tables that are the same ones; programs may make cells anew at any time."""
    pairs = [(before, node) for before, node in zip(old, new, strict=False) if before != node]
    paths = {node.path for node in old}
    mixed = any(node.path != before.path and node.path in paths for before, node in pairs)
    if len(old) != len(new) or len(paths) < len(old) or len({node.path for _, node in pairs}) < len(pairs) or mixed:
        return None
    same = all(before.parent == node.parent and _alike(before, node) for before, node in pairs)
    return {before.path: node for before, node in pairs} if same else None


def alone(at: int, node: Node, rows: Sequence[Row]) -> bool:
    """Whether nothing but this row follows from its new states: of what can be chosen, others take their names."""
    chosen = (rows[at].node.low ^ node.low) & _CHOSEN
    while chosen and at >= 0:
        if rows[at].role in _NAMED_BY_CHOICE:
            return False
        at = rows[at].parent
    return True


def own_value(role: str, what: str) -> bool:
    """Whether what was answered about this is nobody's name."""
    return what == "number" or (what == "text" and role in _OWN_VALUE)


def _alike(one: Node, other: Node) -> bool:
    """Whether they differ in states alone, and in none that says what is there."""
    if (one.low ^ other.low) & _AROUND or (one.high ^ other.high) & _TICKS:
        return False
    return (one.role, one.index, one.children, one.name, one.description, one.interfaces) == (
        other.role, other.index, other.children, other.name, other.description, other.interfaces
    )  # fmt: skip
