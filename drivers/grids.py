"""The showing cells of tables too large to list: measured at the edges, and each asked what it is called.

Nothing is read of a cell that does not show, and at most 600 cells of a table are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cua.core import Box
from drivers.bus import Bus, Reply, Request
from drivers.nodes import ACCESSIBLE, NULL, PROPERTIES, Node, short
from drivers.stills import Still, never

MOST_CELLS = 600
_MOST_PARTS = 8
_SELECTED = 1 << 23
_FOCUSED = 1 << 12


@dataclass(frozen=True, slots=True)
class Corner:
    """The first cell that shows, and how many rows and columns may follow."""

    box: Box
    row: int
    column: int
    rows: int
    columns: int
    role: int
    interfaces: frozenset[str]
    low: int = field(compare=False)
    high: int = field(compare=False)
    path: str = field(compare=False)
    index: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Cells:
    """Nodes of cells in reading order and where each is; `cut` says that not all that show are there. `shown` are the
    corner and the area that they were found in, `at` their rows and columns, `kept` the paths of those that were taken
    over from the look before.
    """

    nodes: tuple[Node, ...] = ()
    boxes: tuple[Box, ...] = ()
    cut: bool = False
    shown: tuple[Corner, Box] | None = field(default=None, compare=False)
    at: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    kept: frozenset[str] = field(default=frozenset(), compare=False)


NO_CELLS = Cells()


def foreseen(table: Node, last: Cells, still: Still) -> list[Request]:
    """What `showing_cells` will ask of this table if it still shows the same cells at the same places."""
    if last.shown is None:
        return []
    corner, area = last.shown
    every = zip(last.at, last.nodes, last.boxes, strict=True)
    at = [cell for cell, node, box in every if _open(node, box, still)]
    return [
        table.ask("Component", "GetExtents", "u", 0),
        *_probes(table, area),
        *_about(table, corner.path),
        *(table.ask("Table", "GetAccessibleAt", "ii", *cell) for cell in at),
        _chosen(table),
    ]


def taken_over(cells: Cells, still: Still) -> frozenset[str]:
    """The paths of the cells that need not be asked again, unless one of them was chosen since."""
    pairs = zip(cells.nodes, cells.boxes, strict=True)
    return frozenset(node.path for node, box in pairs if not _open(node, box, still))


def showing_cells(bus: Bus, table: Node, clip: Box, last: Cells = NO_CELLS, still: Still = never) -> Cells:
    """Cells of one table inside `clip`; none where the table does not tell.

    Where the table still shows the same cell in its corner and at the same place as with the `last` ones, their places
    and names are taken over, and cells that are `still` altogether.
    """
    extents = bus.call(table.ask("Component", "GetExtents", "u", 0))
    area = common(Box(*extents.body[0]), clip) if extents else None
    corner = _corner(bus, table, area, last.shown[0] if last.shown else None) if area else None
    if area is None or corner is None:
        return Cells()
    if last.shown == (corner, area):
        return _again(bus, table, last, corner, still)
    lefts, tops = _edges(bus, table, corner, area)
    cut = len(lefts) * len(tops) > MOST_CELLS
    tops = tops[: max(1, MOST_CELLS // max(1, len(lefts)))]
    at = tuple((corner.row + r, corner.column + c) for r in range(len(tops)) for c in range(len(lefts)))
    boxes = tuple(Box(left.x, top.y, left.width, top.height) for top in tops for left in lefts)
    *hits, choice = bus.calls([*(table.ask("Table", "GetAccessibleAt", "ii", *cell) for cell in at), _chosen(table)])
    nodes = _nodes(bus, table, corner, dict(enumerate(map(_path, hits))), {}, _path(choice))
    kept = [number for number, node in enumerate(nodes) if node is not None]
    found = tuple(node for node in nodes if node is not None)
    places = tuple(boxes[number] for number in kept)
    return Cells(found, places, cut, (corner, area), tuple(at[number] for number in kept))


def _again(bus: Bus, table: Node, last: Cells, corner: Corner, still: Still) -> Cells:
    """The same places. A program may have made other nodes for them, and the old ones may still answer, as of then: so
    only those are taken over that look as they did, but for what was chosen and what is.
    """
    asked = [at for at, (node, box) in enumerate(zip(last.nodes, last.boxes, strict=True)) if _open(node, box, still)]
    cells = {at: table.ask("Table", "GetAccessibleAt", "ii", *cell) for at, cell in enumerate(last.at)}
    *hits, choice = bus.calls([*(cells[at] for at in asked), _chosen(table)])
    paths, chosen = dict(zip(asked, map(_path, hits), strict=True)), _path(choice)
    paths |= {at: _path(bus.call(cells[at])) for at, node in enumerate(last.nodes) if node.path == chosen}
    nodes = _nodes(bus, table, corner, paths, {node.path: node for node in last.nodes}, chosen)
    found = {at: node for at, node in zip(paths, nodes, strict=True) if node is not None}
    if len(found) < len(paths):
        return showing_cells(bus, table, last.shown[1]) if last.shown else NO_CELLS
    kept = {at: node for at, node in enumerate(last.nodes) if at not in found}
    if kept and chosen not in (NULL, table.path, *(node.path for node in found.values())):
        return _again(bus, table, last, corner, never)
    together = tuple(node for _, node in sorted({**kept, **found}.items()))
    if all(one is other for one, other in zip(together, last.nodes, strict=True)):
        together = last.nodes
    shown = (corner, last.shown[1]) if last.shown else None
    return replace(last, nodes=together, kept=frozenset(node.path for node in kept.values()), shown=shown)


def _nodes(
    bus: Bus, table: Node, corner: Corner, paths: Mapping[int, str], known: Mapping[str, Node], chosen: str
) -> list[Node | None]:
    """The cells at these places among all, by their paths; None where there is none. The names of known ones are not
    asked again.
    """
    new = [path for path in paths.values() if path not in known]
    asks = [Request(table.app, path, PROPERTIES, "Get", "ss", (ACCESSIBLE, "Name")) for path in new]
    names = {path: str(said.body[0].value).strip() for path, said in zip(new, bus.calls(asks), strict=True) if said}
    names |= _of_parts(bus, table, [path for path, name in names.items() if not name])
    found: list[Node | None] = []
    for number, path in paths.items():
        low = corner.low | _SELECTED if path == chosen else corner.low & ~(_SELECTED | _FOCUSED)
        node = known.get(path)
        if path == NULL or (node is None and path not in names):
            found.append(None)
        elif node is not None and (node.low, node.index) == (low, number):
            found.append(node)
        else:
            title = node.name if node is not None else names[path]
            faces = corner.interfaces
            found.append(Node(table.app, path, table.path, number, 0, faces, title, corner.role, "", low, corner.high))
    return found


def _of_parts(bus: Bus, table: Node, cells: list[str]) -> dict[str, str]:
    """What cells without a name are called by the first text in them: GTK 3 makes an icon and a text parts of one."""
    asks = [Request(table.app, path, ACCESSIBLE, "GetChildren") for path in cells]
    inside = [(cell, str(path)) for cell, reply in zip(cells, bus.calls(asks), strict=True) if reply
              for _, path in reply.body[0][:_MOST_PARTS] if path != NULL]  # fmt: skip
    asks = [Request(table.app, path, PROPERTIES, "Get", "ss", (ACCESSIBLE, "Name")) for _, path in inside]
    found: dict[str, str] = {}
    for (cell, _), said in zip(inside, bus.calls(asks), strict=True):
        text = str(said.body[0].value).strip() if said else ""
        if text:
            found.setdefault(cell, text)
    return found


def _open(node: Node, box: Box, still: Still) -> bool:
    """Whether a cell must be asked again: it was chosen, or looks otherwise."""
    return bool(node.low & (_SELECTED | _FOCUSED)) or not still(box)


def _chosen(table: Node) -> Request:
    return table.ask("Selection", "GetSelectedChild", "i", 0)


def _probes(table: Node, area: Box) -> list[Request]:
    spots = [(area.x + 3 + step, area.y + 3 + step) for step in (0, 9, 27)]
    return [table.ask("Component", "GetAccessibleAtPoint", "iiu", x, y, 0) for x, y in spots]


def _about(table: Node, path: str) -> list[Request]:
    return [
        Request(table.app, path, "org.a11y.atspi.Component", "GetExtents", "u", (0,)),
        *(Request(table.app, path, ACCESSIBLE, f"Get{what}") for what in _ASKED),
        table.get("Table", "NRows"),
        table.get("Table", "NColumns"),
    ]


def _corner(bus: Bus, table: Node, area: Box, last: Corner | None = None) -> Corner | None:
    """What shows first in this area. The place of the `last` one in the table need not be asked again."""
    hits = bus.calls(_probes(table, area))
    path = next((found for found in map(_path, hits) if found not in (NULL, table.path)), NULL)
    if path == NULL:
        return None
    place, index, role, faces, state, rows, columns = bus.calls(_about(table, path))
    if not all((place, index, role, faces, state, rows, columns)):
        return None
    number, width = int(index.body[0]), int(columns.body[0].value)
    if last is not None and (last.index, last.column + last.columns) == (number, width):
        first = [last.row, last.column]
    else:
        lines = bus.calls([table.ask("Table", f"Get{what}AtIndex", "i", number) for what in ("Row", "Column")])
        if not all(lines) or min(first := [int(line.body[0]) for line in lines]) < 0:
            return None
    box = Box(*place.body[0])
    left = (int(rows.body[0].value) - first[0], width - first[1])
    low, high = (*state.body[0], 0, 0)[:2]
    kind, able = int(role.body[0]), short(faces.body[0])
    return Corner(box, first[0], first[1], left[0], left[1], kind, able, low, high, path, number)


_ASKED = ("IndexInParent", "Role", "Interfaces", "State")


def _edges(bus: Bus, table: Node, corner: Corner, area: Box) -> tuple[list[Box], list[Box]]:
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
