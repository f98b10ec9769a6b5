"""The showing cells of tables too large to list: measured at the edges, and each asked what it is called.

Nothing is read of a cell that does not show, and at most 600 cells of a table are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cua.core import Box
from drivers.bus import Bus, Reply, Request
from drivers.nodes import ACCESSIBLE, NULL, PROPERTIES, Node, short

MOST_CELLS = 600
_SELECTED = 1 << 23
_FOCUSED = 1 << 12


@dataclass(frozen=True, slots=True)
class Cells:
    """Nodes of cells in reading order and where each is; `cut` says that not all that show are there."""

    nodes: tuple[Node, ...] = ()
    boxes: tuple[Box, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Corner:
    """The first cell that shows, and how many rows and columns may follow."""

    box: Box
    row: int
    column: int
    rows: int
    columns: int
    role: int
    interfaces: frozenset[str]
    low: int
    high: int


def showing_cells(bus: Bus, table: Node, clip: Box) -> Cells:
    """Cells of one table inside `clip`; none where the table does not tell."""
    extents = bus.call(table.ask("Component", "GetExtents", "u", 0))
    area = common(Box(*extents.body[0]), clip) if extents else None
    corner = _corner(bus, table, area) if area else None
    if area is None or corner is None:
        return Cells()
    lefts, tops = _edges(bus, table, corner, area)
    cut = len(lefts) * len(tops) > MOST_CELLS
    tops = tops[: max(1, MOST_CELLS // max(1, len(lefts)))]
    at = [(corner.row + r, corner.column + c) for r in range(len(tops)) for c in range(len(lefts))]
    boxes = [Box(left.x, top.y, left.width, top.height) for top in tops for left in lefts]
    paths = [_path(reply) for reply in bus.calls([table.ask("Table", "GetAccessibleAt", "ii", *cell) for cell in at])]
    names = bus.calls([Request(table.app, path, PROPERTIES, "Get", "ss", (ACCESSIBLE, "Name")) for path in paths])
    chosen = _path(bus.call(table.ask("Selection", "GetSelectedChild", "i", 0)))
    nodes, places = [], []
    for number, (path, name, box) in enumerate(zip(paths, names, boxes, strict=True)):
        if path != NULL and name:
            low = corner.low | _SELECTED if path == chosen else corner.low & ~(_SELECTED | _FOCUSED)
            title = str(name.body[0].value).strip()
            node = Node(
                table.app, path, table.path, number, 0, corner.interfaces, title, corner.role, "", low, corner.high
            )
            nodes.append(node)
            places.append(box)
    return Cells(tuple(nodes), tuple(places), cut)


def _corner(bus: Bus, table: Node, area: Box) -> _Corner | None:
    probes = [(area.x + 3 + step, area.y + 3 + step) for step in (0, 9, 27)]
    hits = bus.calls([table.ask("Component", "GetAccessibleAtPoint", "iiu", x, y, 0) for x, y in probes])
    path = next((found for found in map(_path, hits) if found not in (NULL, table.path)), NULL)
    if path == NULL:
        return None
    place, index, role, faces, state, rows, columns = bus.calls(
        [
            Request(table.app, path, "org.a11y.atspi.Component", "GetExtents", "u", (0,)),
            *(Request(table.app, path, ACCESSIBLE, f"Get{what}") for what in _ASKED),
            table.get("Table", "NRows"),
            table.get("Table", "NColumns"),
        ]
    )
    if not all((place, index, role, faces, state, rows, columns)):
        return None
    number = int(index.body[0])
    lines = bus.calls([table.ask("Table", f"Get{what}AtIndex", "i", number) for what in ("Row", "Column")])
    if not all(lines) or min(first := [int(line.body[0]) for line in lines]) < 0:
        return None
    box = Box(*place.body[0])
    left = (int(rows.body[0].value) - first[0], int(columns.body[0].value) - first[1])
    low, high = (*state.body[0], 0, 0)[:2]
    return _Corner(box, first[0], first[1], left[0], left[1], int(role.body[0]), short(faces.body[0]), low, high)


_ASKED = ("IndexInParent", "Role", "Interfaces", "State")


def _edges(bus: Bus, table: Node, corner: _Corner, area: Box) -> tuple[list[Box], list[Box]]:
    """Boxes of the cells along the top and along the left, as far as they are inside."""
    across = min(corner.columns, math.ceil(area.width / max(8, corner.box.width // 4)), MOST_CELLS)
    down = min(corner.rows, math.ceil(area.height / max(8, corner.box.height // 2)), MOST_CELLS)
    cells = [(corner.row, corner.column + c) for c in range(across)]
    cells += [(corner.row + r, corner.column) for r in range(down)]
    paths = [_path(reply) for reply in bus.calls([table.ask("Table", "GetAccessibleAt", "ii", *at) for at in cells])]
    asks = [Request(table.app, path, "org.a11y.atspi.Component", "GetExtents", "u", (0,)) for path in paths]
    boxes = [Box(*reply.body[0]) if reply else Box(0, 0, 0, 0) for reply in bus.calls(asks)]
    return _inside(boxes[:across], area), _inside(boxes[across:], area)


def _inside(boxes: list[Box], area: Box) -> list[Box]:
    found: list[Box] = []
    for box in boxes:
        if common(box, area) is None:
            break
        found.append(box)
    return found


def _path(reply: Reply) -> str:
    return str(reply.body[0][1]) if reply else NULL


def common(one: Box, other: Box) -> Box | None:
    """Where two boxes overlap."""
    left, top = max(one.x, other.x), max(one.y, other.y)
    right = min(one.x + one.width, other.x + other.width)
    bottom = min(one.y + one.height, other.y + other.height)
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None
