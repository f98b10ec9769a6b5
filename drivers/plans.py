"""What was asked of an application for its elements, what came back, and what became of it. It asks nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cua.core import Box, Element
from drivers.bus import Reply, Request
from drivers.grids import Cells
from drivers.nodes import Node, Tree
from drivers.renewed import Swaps, swapped_cells, swaps
from drivers.rows import Row

Asked = tuple[int, str, Request]  # the number of the row, what about it, and how that is asked


@dataclass(frozen=True, slots=True)
class Reading:
    """The elements of one application in reading order, parents before children, and what to know of them.

    `partial` says that not all of its tree was read.
    """

    elements: list[Element]
    notes: tuple[str, ...] = ()
    partial: bool = False


@dataclass(slots=True)
class Plan:
    """What was asked for a tree and what came back: as long as both are the same, so are the elements."""

    tree: Tree
    extra: tuple[Cells, tuple[Node, ...]]
    requests: list[Asked]
    replies: list[Reply] = field(default_factory=list)
    origins: tuple[tuple[int, int], ...] = ()
    popups: tuple[Box, ...] = ()
    reading: Reading | None = None
    rows: list[Row] = field(default_factory=list)
    at: dict[str, tuple[int, int]] = field(default_factory=dict)
    swaps: Swaps = field(default_factory=dict)

    def takes(self, tree: Tree, extra: tuple[Cells, tuple[Node, ...]]) -> bool:
        """Whether the same questions are to be asked of this tree; then they are, and `swaps` says what is new in it.
        `at` are the numbers of a node's row among all rows and among those that became elements.
        """
        (cells, below), (before, below_before) = extra, self.extra
        nodes = {} if tree is self.tree else swaps(self.tree.nodes, tree.nodes)
        told = swapped_cells(before.nodes, cells.nodes)
        same = (cells.boxes, cells.cut, below) == (before.boxes, before.cut, below_before)
        if self.reading is None or nodes is None or told is None or not same:
            return False
        self.tree, self.extra, self.swaps = tree, extra, nodes | told
        paths = {path: node.path for path, node in self.swaps.items() if path != node.path}
        if paths:
            self.requests = [
                (asked[0], asked[1], replace(asked[2], path=paths[asked[2].path])) if asked[2].path in paths else asked
                for asked in self.requests
            ]
        return True

    def has(self, rows: list[Row], kept: list[Row]) -> None:
        """These are its rows, and those of them that became elements."""
        numbers = {id(row): number for number, row in enumerate(kept)}
        self.rows, self.swaps = rows, {}
        self.at = {row.node.path: (at, numbers.get(id(row), -1)) for at, row in enumerate(rows)}

    def known(self, suspects: frozenset[str] | None, kept: frozenset[str]) -> list[Reply | None]:
        """For each request, what was answered about the place of what is no suspect, and about the text of what was
        `kept`; None for what must be asked again."""
        if suspects is None or len(self.replies) != len(self.requests):
            return [None] * len(self.requests)
        return [
            reply if (what == "box" and ask.path not in suspects) or (what == "text" and ask.path in kept) else None
            for (_, what, ask), reply in zip(self.requests, self.replies, strict=True)
        ]
