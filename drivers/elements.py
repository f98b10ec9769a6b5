"""From accessibility nodes to elements: what shows, what it says, what it is called. Reads; never acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cua.core import Box
from drivers import roles
from drivers.atspi import Accessibility
from drivers.bus import Reply, Request
from drivers.grids import NO_CELLS, Cells, common, foreseen, showing_cells, taken_over
from drivers.gtk4 import has_own, once, popped_up
from drivers.labels import INPUTS, LABELLED_BY, close_by, fills, is_id, is_one_of, nearby
from drivers.made import TICKED, Made
from drivers.nodes import MOST_ROWS, Node, Tree
from drivers.plans import Asked, Plan, Reading
from drivers.renewed import alone, own_value
from drivers.rows import Row, below_menu, options, rows_of, shown_in, single, ticks, windows, within
from drivers.stills import Still, never

_WRITTEN = frozenset({"textbox", "paragraph", "status", "cell"})
_MEASURED = frozenset({"spinbutton", "slider", "progressbar", "meter"})
_LISTS = frozenset({"tree", "table", "listbox"})
_INVOKED = TICKED | {"button", "menuitem", "tab", "link", "option", "treeitem", "cell", "combobox", "slider"}
_MOST_TEXT, _MOST_IN_LISTS = 4000, 1000

Origin = Callable[[Node], tuple[int, int]]


class Reader:
    """Owned by one thread. Asks everything each time; builds anew only what came out differently."""

    def __init__(self, access: Accessibility) -> None:
        self._access = access
        self._plans: dict[str, Plan] = {}
        self._labels: dict[tuple[str, str], tuple[str, ...]] = {}
        self._whole: set[tuple[str, str]] = set()
        self._acts: dict[tuple[str, str], bool] = {}
        self._offsets: dict[str, dict[str, tuple[int, int]]] = {}
        self._cells: dict[tuple[str, str], Cells] = {}
        self._boxes: dict[str, dict[str, Box | None]] = {}
        self._made: dict[str, Made] = {}

    def read(
        self,
        tree: Tree,
        *,
        origin: Origin,
        popups: tuple[Box, ...],
        screen: Box,
        suspects: frozenset[str] | None = None,
        still: Still = never,
    ) -> Reading:
        """The elements of an application's showing windows. `origin` is what to add to a window's positions, `popups`
        are where menus of it lie on the screen. What is `still` and no suspect (see `suspects`) is taken to be where
        it was last time, and cells of large tables to hold what they did; None takes over nothing.
        """
        cells, rows_below = self._lazy(tree, screen, again=suspects is not None, still=still)
        extra = (cells, rows_below)
        plan = self._plans.get(tree.app)
        known = list(zip(plan.requests, plan.known(suspects, cells.kept), strict=True)) if plan else []
        rows: list[Row] | None = None
        if plan is None or not plan.takes(tree, extra):
            rows = rows_of(tree, [*cells.nodes, *rows_below])
            plan = self._plans[tree.app] = Plan(tree, extra, self._asks(tree, rows, cells))
            said = {asked[2]: reply for asked, reply in known if reply is not None}
            known = [(asked, said.get(asked[2])) for asked in plan.requests]
        replies = self._replies(plan, known)
        origins = tuple(origin(window) for window in windows(tree))
        renewed = self._renewed(plan, replies) if (plan.origins, plan.popups) == (origins, popups) else None
        plan.replies, plan.origins, plan.popups, plan.reading = replies, origins, popups, renewed
        if renewed is None:
            rows = rows_of(tree, [*cells.nodes, *rows_below]) if rows is None else rows
            self._fill(plan, rows, screen)
            notes = (*filter(None, [tree.note]), *(["a table was cut at 600 cells"] if cells.cut else []), *_mute(rows))
            kept = single(rows)
            renewed = plan.reading = Reading(
                self._made.setdefault(tree.app, Made()).elements(kept), notes, bool(tree.note)
            )
            plan.has(rows, kept)
        return renewed

    def _renewed(self, plan: Plan, replies: list[Reply]) -> Reading | None:
        """The last reading with what came out differently; None where that concerns more than the rows themselves."""
        if plan.reading is None:
            return None
        rows = plan.rows
        now = {plan.at[path][0]: replace(rows[plan.at[path][0]], node=node) for path, node in plan.swaps.items()
               if path in plan.at}  # fmt: skip
        if not all(alone(at, row.node, rows) for at, row in now.items()):
            return None
        for (at, what, ask), before, reply in zip(plan.requests, plan.replies, replies, strict=True):
            if before is reply or before == reply:
                continue
            if not own_value(rows[at].role, what):
                return None
            row = now.setdefault(at, replace(rows[at]))
            self._value(row, what, ask, reply)
        elements = list(plan.reading.elements) if now else plan.reading.elements
        for at, row in now.items():
            _, number = plan.at.pop(rows[at].node.path)
            self._move(rows[at].node, row.node)
            rows[at], plan.at[row.node.path] = row, (at, number)
            if number >= 0:
                elements[number] = self._made[plan.tree.app].one(row)
        return replace(plan.reading, elements=elements) if now else plan.reading

    def _move(self, before: Node, now: Node) -> None:
        """What is known of where a node is holds for the one in its place."""
        boxes, offsets = self._boxes[now.app], self._offsets[now.app]
        boxes[now.path], offsets[now.path] = boxes.pop(before.path), offsets.pop(before.path)

    def suspects(self, app: str, still: Still) -> frozenset[str] | None:
        """The paths of what must be asked again: what became an element, unless it is where it was and is still; None
        where that is not known."""
        if app not in self._boxes:
            return None
        return frozenset(path for path, box in self._boxes[app].items() if box is None or not still(box))

    def foreseen(self, app: str, suspects: frozenset[str] | None, still: Still) -> list[Request]:
        """What `read` will ask if the application is as it was at the last look."""
        plan = self._plans.get(app)
        if plan is None:
            return []
        asks: list[Request] = []
        kept: frozenset[str] = frozenset()
        tables = [(path, cells) for (owner, path), cells in self._cells.items() if owner == app]
        for path, cells in tables if suspects is not None else ():
            if path in plan.tree.nodes:
                asks += foreseen(plan.tree.nodes[path], cells, still)
                kept |= taken_over(cells, still)
        known = plan.known(suspects, kept)
        return asks + [ask for (_, _, ask), reply in zip(plan.requests, known, strict=True) if reply is None]

    def offset(self, app: str, path: str) -> tuple[int, int] | None:
        """What to add to the positions that an application gives of a node, as of the last look; None if unseen."""
        return self._offsets.get(app, {}).get(path)

    def _replies(self, plan: Plan, known: list[tuple[Asked, Reply | None]]) -> list[Reply]:
        """The answers to all that the plan asks; what is known of the same requests is not asked again."""
        replies = [reply if asked is of else None for asked, (of, reply) in zip(plan.requests, known, strict=True)]
        missing = [ask for (_, _, ask), reply in zip(plan.requests, replies, strict=True) if reply is None]
        fresh = iter(self._access.bus.calls(missing))
        return [next(fresh) if reply is None else reply for reply in replies]

    def _lazy(self, tree: Tree, screen: Box, *, again: bool, still: Still) -> tuple[Cells, tuple[Node, ...]]:
        """Rows and cells that are made only when asked for; of a combo box, open or closed, its options."""
        listed = {node.parent for node in tree.nodes.values()}
        every = [n for n in tree.nodes.values() if roles.ROLES.get(n.role) in _LISTS]
        dropped = [n for n in every if n.path not in listed and _below_combo(tree, n)]
        lists = [n for n in every if n.showing and n not in dropped]
        large = [n for n in lists if "Table" in n.interfaces and _large(n, listed)]
        small = [n for n in lists if n not in large and n.path not in listed]
        last = self._cells if again else {}
        found = [
            showing_cells(self._access.bus, table, screen, last.get((tree.app, table.path), NO_CELLS), still)
            for table in large
        ]
        self._cells |= {(tree.app, table.path): cells for table, cells in zip(large, found, strict=True)}
        nodes = [node for cells in found for node in cells.nodes]
        boxes = [box for cells in found for box in cells.boxes]
        kept = frozenset(path for cells in found for path in cells.kept)
        together = Cells(tuple(nodes), tuple(boxes), any(cells.cut for cells in found), kept=kept)
        small += self._access.counted(dropped)
        return together, (*self._access.unfold(tree, small), *self._untold(tree, small)) if small else ()

    def _untold(self, tree: Tree, lists: list[Node]) -> tuple[Node, ...]:
        """All that is in lists that do not say how many rows they have: GTK 3 tells of them only when asked for."""
        level = self._access.counted([node for node in lists if node.children < 0])
        found: list[Node] = []
        while level and len(found) < _MOST_IN_LISTS:
            below = self._access.unfold(tree, level)
            found += below
            level = [node for node in below if node.children > 0]
        return tuple(found)

    def _asks(self, tree: Tree, rows: list[Row], cells: Cells) -> list[tuple[int, str, Request]]:
        """Which row, what about it, and how to ask."""
        kind = 1 if self._access.toolkit(tree.app).counts_from_window else 0
        known = {node.path for node in cells.nodes}
        found: list[tuple[int, str, Request]] = []
        for at, row in enumerate(rows):
            node = row.node
            if row.role == "combobox":
                found += self._asks_combo(at, node)
            unknown = (node.app, node.path) not in self._acts
            if kind and unknown and row.role in _INVOKED and "Action" in node.interfaces:
                found.append((at, "acts", node.ask("Action", "GetActions")))
            if not row.showing:
                continue
            if "Component" in node.interfaces and node.path not in known:
                found.append((at, "box", node.ask("Component", "GetExtents", "u", kind)))
            if (
                row.role in INPUTS
                and row.role != "combobox"
                and not row.name
                and (node.app, node.path) not in self._labels
            ):
                found.append((at, "label", node.ask("Accessible", "GetRelationSet")))
            if node.role != roles.PASSWORD and (asked := self._asks_value(row)):
                found.append((at, *asked))
        return found

    def _asks_value(self, row: Row) -> tuple[str, Request] | None:
        node = row.node
        if row.role in _MEASURED and "Value" in node.interfaces:
            return "number", node.get("Value", "CurrentValue")
        if (row.role in _WRITTEN or (row.role == "text" and not row.name)) and "Text" in node.interfaces:
            end = -1 if row.role == "cell" or (node.app, node.path) in self._whole else _MOST_TEXT
            return "text", node.ask("Text", "GetText", "ii", 0, end)
        return None

    def _asks_combo(self, at: int, node: Node) -> list[tuple[int, str, Request]]:
        """What it shows is asked of a hidden one too, and its label even if it has a name: that may be an option's."""
        found: list[tuple[int, str, Request]] = []
        if (node.app, node.path) not in self._labels:
            found.append((at, "label", node.ask("Accessible", "GetRelationSet")))
        if "Selection" in node.interfaces:
            found.append((at, "chosen", node.ask("Selection", "GetSelectedChild", "i", 0)))
        return found

    def _fill(self, plan: Plan, rows: list[Row], screen: Box) -> None:
        """Boxes, values, then names, from the replies."""
        boxes = dict(zip((node.path for node in plan.extra[0].nodes), plan.extra[0].boxes, strict=True))
        offsets = dict(zip((at for at, row in enumerate(rows) if row.parent < 0), plan.origins, strict=True))
        for row in rows:
            row.box = boxes.get(row.node.path)
        names = {row.node.path: row.name for row in rows}
        for (at, what, request), reply in zip(plan.requests, plan.replies, strict=True):
            row = rows[at]
            if what == "box":
                row.box = Box(*reply.body[0]) if reply else None
            elif what == "label":
                self._labels[row.node.app, row.node.path] = _targets(reply)
            elif what == "acts":
                self._acts[row.node.app, row.node.path] = has_own(reply)
            elif what == "chosen":
                row.value = names.get(reply.body[0][1], "") if reply else None
            else:
                self._value(row, what, request, reply)
        places = self._offsets[plan.tree.app] = self._places(plan, rows, offsets)
        for row in rows:
            row.acts = self._acts.get((row.node.app, row.node.path), True)
            dx, dy = places[row.node.path]
            row.box = (
                common(Box(row.box.x + dx, row.box.y + dy, row.box.width, row.box.height), screen) if row.box else None
            )
            row.showing = row.showing and (row.node.showing or row.box is not None)
        self._boxes[plan.tree.app] = {row.node.path: row.box for row in rows}
        self._name(rows)

    def _value(self, row: Row, what: str, request: Request, reply: Reply) -> None:
        if what == "number":
            row.value = f"{float(reply.body[0].value):.10g}" if reply else None
            return
        row.value = str(reply.body[0])[:_MOST_TEXT] if reply else None
        if not row.value and request.body[1] != -1:
            row.value = self._all_text(row.node)

    def _places(self, plan: Plan, rows: list[Row], offsets: dict[int, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        """What to add to the positions of each node."""
        moved = {at: below_menu(rows, at) for at in offsets}
        places = {
            row.node.path: (offsets[row.window][0], offsets[row.window][1] + moved[row.window] * row.pane)
            for row in rows
        }
        if self._access.toolkit(plan.tree.app).counts_from_window:
            popped_up(rows, places, plan.popups)
        return places

    def _all_text(self, node: Node) -> str | None:
        """Some toolkits refuse a range that is longer than the text, or give nothing for it."""
        said = self._access.text(node.app, node.path)
        if said:
            self._whole.add((node.app, node.path))
        return None if said is None else said[:_MOST_TEXT]

    def _tidy(self, rows: list[Row]) -> None:
        """A label that is told twice is one; a tick without a label has that of the row that it stands in."""
        twice = bool(rows) and self._access.toolkit(rows[0].node.app).counts_from_window
        for row in rows:
            if row.role == "button" and twice:
                row.name = once(row.name)
            row.name = row.name or (within(row, rows) if ticks(row) else "")

    def _name(self, rows: list[Row]) -> None:
        """Inputs that carry no name of their own get their label's: by relation, else the text to the left or above."""
        named: dict[int, str] = {}
        grouped: dict[int, str] = {}
        self._tidy(rows)
        for at, row in enumerate(rows):
            if row.role in INPUTS and f"group:{row.name}" in row.path:
                grouped[at], row.name = row.name, ""
            if row.role == "combobox":
                row.value = row.value or shown_in(at, rows) or row.name
                named[at] = "" if is_one_of(row.name, (row.value or "", *options(at, rows))) else row.name
                row.name = ""
            if row.parent >= 0 and rows[row.parent].role == "listbox" and not rows[row.parent].box:
                row.showing = False
            if row.role == "option" and not row.name:
                row.name = shown_in(at, rows)
            if row.role == "text" and not row.name and row.value:
                row.name, row.value = row.value.strip(), None
        by_path = {row.node.path: row for row in rows}
        for at, row in enumerate(rows):
            if row.role in INPUTS and not row.name and (row.showing or at in named):
                targets = self._labels.get((row.node.app, row.node.path), ())
                labels = [by_path[path] for path in targets if path in by_path]
                row.name = self._called(row, rows, named.get(at, ""), labels) or grouped.get(at, "")

    def _called(self, row: Row, rows: list[Row], own: str, labels: list[Row]) -> str:
        """A group is a label only to what has no better one: Qt says it labels all that is in it."""
        label, group = (
            next((said.name.strip(": ") for said in labels if (said.role == "group") == grouped), "")
            for grouped in (False, True)
        )
        if own and self._access.toolkit(row.node.app).calls_by_row:
            own = label or close_by(row, rows) or ("" if is_id(own) else own)
        if own or label or (row.role == "textbox" and fills(row, rows)):
            return own or label or group
        return nearby(row, rows) or group or within(row, rows)


def _large(node: Node, listed: set[str]) -> bool:
    lazy = node.children < 0 or node.has(roles.MANAGES_DESCENDANTS)
    return node.children > MOST_ROWS or (node.path not in listed and lazy)


def _below_combo(tree: Tree, node: Node) -> bool:
    above = tree.nodes.get(node.parent)
    return above is not None and roles.ROLES.get(above.role) == "combobox"


def _targets(reply: Reply) -> tuple[str, ...]:
    return tuple(path for kind, found in (reply.body[0] if reply else []) if kind == LABELLED_BY for _, path in found)


def _mute(rows: list[Row]) -> list[str]:
    """Windows of which nothing but the window is told."""
    full = {row.window for row in rows if row.parent >= 0}
    mute = [row for row in rows if row.parent < 0 and row.window not in full and row.name and row.node.children > 0]
    why = "start its program with its accessibility switched on"
    return [f"window {row.name!r} tells nothing of what is in it ({why}): only its picture can be seen" for row in mute]
