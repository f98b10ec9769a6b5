"""Reading an application that gives no list of its nodes: level by level, all questions of a level in flight together.

Role and interfaces of a node do not change and are asked once; name, states and children are asked every time, since
such toolkits are silent about much that changes. Properties are asked one by one: Qt 5 crashes if asked for all.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from drivers import roles
from drivers.bus import Bus, Reply, Request
from drivers.nodes import ACCESSIBLE, MOST_ROWS, NULL, PROPERTIES, ROOT, Node, Tree, short
from drivers.rewalk import foreseen, looked_again
from drivers.tellings import Lasting, Telling

MOST_NODES = 4000
_SINGLY, _MUTE = "it gives them singly", "it stopped answering"
_MENU_ITEMS = frozenset({8, 35, 45})
_MENU = 33
_MENUS = frozenset({_MENU, 41})
_FEW = 60
_MAY_BE_LONG = roles.TABLES | {31, 65, 98}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a walk that was too long before, for one that is still told of more, and for a single answer."""

    usual: float = 1.5
    most: float = 6.0
    answer: float = 2.0


class Walker:
    """Owned by one thread. Within 4,000 nodes and 6 s; what is cut is said in the tree's note.

    An application whose walk was too long even so is given 1.5 s from then on, until that is enough once. One that
    stops answering is left at once.
    """

    def __init__(self, bus: Bus, patience: Patience = Patience()) -> None:
        self._bus, self._patience = bus, patience
        self._long: set[str] = set()
        self._known: dict[tuple[str, str], Lasting] = {}
        self._ticked: set[tuple[str, str]] = set()
        self._told: dict[str, set[str]] = {}
        self._heard: dict[str, set[str]] = {}
        self._gone: dict[str, set[str]] = {}  # what went away since the last look and did not come again
        self._noted: dict[str, tuple[set[str], set[str]]] = {}
        self._last: dict[str, tuple[dict[str, Node], Tree]] = {}

    def hear(self, app: str, telling: Telling) -> None:
        """Something was told of a node: ask it again; what is below it too where that has changed."""
        path, gone = telling.path, self._gone.setdefault(app, set())
        gone.discard(telling.came)
        if telling.went:
            gone.add(telling.went)
        if telling.other:
            self._known.pop((app, path), None)
        if telling.lasting is not None:
            self._known[app, path] = telling.lasting
        if app not in self._last or telling.listed:
            return
        told, heard = self._told.setdefault(app, set()), self._heard.setdefault(app, set())
        if telling.went == path and path not in self._last[app][0]:  # it came and went since
            told.discard(path)
            heard.discard(path)
            return
        heard.add(path)
        if telling.grown:
            told.add(path)

    def walk(self, app: str) -> Tree:
        for waiting in (self._told, self._heard, self._noted, self._gone):
            waiting.pop(app, None)
        nodes, cut = self._from(app, [(ROOT, NULL)])
        if cut:
            self._last.pop(app, None)
            return Tree(app, nodes, f"an application's tree was cut at {len(nodes)} elements: {cut}")
        tree = Tree(app, _folded(nodes))
        self._last[app] = nodes, tree
        return tree

    def again(self, app: str, suspects: Collection[str] | None) -> Tree:
        """The same, but what told of nothing is taken over if it did not show or is no suspect (see `rewalk`)."""
        if app not in self._last:
            return self.walk(app)
        last, tree = self._last[app]
        told, heard = self._noted.pop(app) if app in self._noted else self._news(app)
        suspects = self._suspects(last, suspects, heard)
        new = self._new(last, told)
        self._learn(app, [path for path in new if (app, path) not in self._known])
        with self._bus.ahead(self._below(app, new)):
            now = looked_again(self._bus, last, told, lambda places: self._uncut(app, places), suspects)
        if now is None:
            return self.walk(app)
        if now != last:
            again = self._refolded(tree.nodes, last, now)
            tree = Tree(
                app, _folded({path: self._marked(node) for path, node in now.items()}) if again is None else again
            )
        self._last[app] = now, tree
        return tree

    def foreseen(self, app: str, suspects: Collection[str] | None) -> list[Request]:
        """What `again` will ask of this application, as far as that can be known now: it then goes by what was told up
        to now. What is told from here on may be later than the answers, and is for the look after."""
        if app not in self._last:
            return []
        last = self._last[app][0]
        told, heard = self._noted[app] = self._news(app)
        gone = self._gone.pop(app, set())
        asks = [ask for path in self._new(last, told) if path not in gone for ask in self._about(app, path)]

        def likely(nodes: Iterable[Node]) -> list[Request]:
            return self._likely(node for node in nodes if node.path not in gone)

        return asks + foreseen(last, told, self._suspects(last, suspects, heard), likely)

    def _news(self, app: str) -> tuple[set[str], set[str]]:
        """The paths that came, went or got other children, and all that told of something, since they were asked."""
        told, heard = self._noted.pop(app, (set(), set()))
        return told | self._told.pop(app, set()), heard | self._heard.pop(app, set())

    def _new(self, last: dict[str, Node], told: set[str]) -> list[str]:
        """What nobody knew before and is likely to be met on the way down; where much came, most of it is not."""
        new = sorted(told - last.keys())
        return new if len(new) <= _FEW else []

    def _suspects(
        self, last: dict[str, Node], suspects: Collection[str] | None, heard: set[str]
    ) -> Collection[str] | None:
        """With what told of something, and the windows."""
        if suspects is None:
            return None
        return {*suspects, *heard, ROOT, *(path for path, node in last.items() if node.parent == ROOT)}

    def _likely(self, nodes: Iterable[Node]) -> list[Request]:
        """What a walk will ask about these as long as they are there."""
        asks: list[Request] = []
        for node in nodes:
            asks += self._about(node.app, node.path)
            if not node.has(roles.MANAGES_DESCENDANTS) and _worth(node):
                asks += self._below(node.app, [node.path])
        return asks

    def _about(self, app: str, path: str) -> list[Request]:
        asks = [_get(app, path, "Name"), _state(app, path)]
        return asks if (app, path) in self._known else [*asks, *_lasting(app, path)]

    def _below(self, app: str, paths: Iterable[str]) -> list[Request]:
        """Asks for the children of those that are known to have no more than can be told."""
        known = [path for path in paths if (app, path) in self._known]
        few = [path for path in known if self._known[app, path].role not in _MAY_BE_LONG]
        return [Request(app, path, ACCESSIBLE, "GetChildren") for path in few]

    def _refolded(self, folded: dict[str, Node], last: dict[str, Node], now: dict[str, Node]) -> dict[str, Node] | None:
        """What was folded with what is new in its place; None where the folds may be others."""
        if len(last) != len(now):
            return None
        new: dict[str, Node] = {}
        for (path, before), node in zip(last.items(), now.values(), strict=True):
            if before is node:
                continue
            was = folded.get(path)
            if was is None or (was.role, was.parent) != (before.role, before.parent) or before.role != node.role:
                return None
            if bool(before.name) != bool(node.name) and node.role in _MENUS:
                return None
            new[path] = self._marked(node)
        found = (new.get(path, node) for path, node in folded.items())
        return {node.path: node for node in found}

    def _from(self, app: str, level: list[tuple[str, str]]) -> tuple[dict[str, Node], str]:
        """The nodes from these (path, parent) downwards, and why they were cut; "" where they are all."""
        limit = time.monotonic() + (self._patience.usual if app in self._long else self._patience.most)
        nodes: dict[str, Node] = {}
        while level:
            if len(nodes) + len(level) > MOST_NODES:
                return nodes, _SINGLY
            if time.monotonic() > limit:
                self._long.add(app)
                return nodes, _SINGLY
            described, below = self._level(app, level)
            nodes |= {node.path: node for node in described}
            if below is None:
                return nodes, _MUTE
            level = [(path, parent) for path, parent in below if path not in nodes]
        self._long.discard(app)
        return nodes, ""

    def _uncut(self, app: str, level: list[tuple[str, str]]) -> dict[str, Node] | None:
        nodes, cut = self._from(app, level)
        return None if cut else nodes

    def describe(self, app: str, places: list[tuple[str, str]]) -> list[Node]:
        """These nodes (path, parent) alone, as far as they are there."""
        return self._level(app, places)[0]

    def _level(self, app: str, places: list[tuple[str, str]]) -> tuple[list[Node], list[tuple[str, str]] | None]:
        """These nodes and what is below them; None for that where the application has stopped answering."""
        new = [path for path, _ in places if (app, path) not in self._known]
        asked = [ask for path, _ in places for ask in (_get(app, path, "Name"), _state(app, path))]
        with self._bus.ahead(ask for path in new for ask in _lasting(app, path)):
            replies = self._bus.calls(asked, seconds=self._patience.answer)
            if _stopped(replies):
                return [], None
            self._learn(app, new)
        found: list[Node] = []
        for at, (path, parent) in enumerate(places):
            name, state = replies[2 * at : 2 * at + 2]
            lasting = self._known.get((app, path))
            if not state or lasting is None:
                continue
            low, high = (*state.body[0], 0, 0)[:2]
            title = str(name.body[0].value).strip() if name else ""
            node = Node(
                app, path, parent, at, 0, lasting.interfaces, title, lasting.role, lasting.description, low, high
            )
            found.append(self._marked(node))
        return self._children(app, found)

    def _children(self, app: str, nodes: list[Node]) -> tuple[list[Node], list[tuple[str, str]] | None]:
        """The nodes with how many children they have, and the children. A table may have a thousand million: it is
        asked how many before it is asked which, and one that makes them on demand is not asked at all."""
        counted = [node for node in nodes if node.role in roles.TABLES and not node.has(roles.MANAGES_DESCENDANTS)]
        counts = self._bus.calls([node.get("Accessible", "ChildCount") for node in counted])
        large = {
            node.path: int(said.body[0].value) if said else -1
            for node, said in zip(counted, counts, strict=True)
            if not said or not 0 <= int(said.body[0].value) <= MOST_ROWS
        }
        lazy = {node.path: -1 for node in nodes if node.has(roles.MANAGES_DESCENDANTS)} | large
        asked = [node for node in nodes if node.path not in lazy and _worth(node)]
        replies = self._bus.calls(
            [node.ask("Accessible", "GetChildren") for node in asked], seconds=self._patience.answer
        )
        if _stopped(replies):
            return nodes, None
        below: list[tuple[str, str]] = []
        for node, said in zip(asked, replies, strict=True):
            rows = [row for owner, row in (said.body[0] if said else []) if owner == app and row != NULL]
            lazy[node.path] = len(rows)
            below += [(row, node.path) for row in rows[:MOST_ROWS]]
        return [replace(node, children=lazy.get(node.path, 0)) for node in nodes], below

    def _learn(self, app: str, new: list[str]) -> None:
        """Ask what does not change."""
        replies = iter(self._bus.calls([ask for path in new for ask in _lasting(app, path)]))
        for path, role, faces, about in zip(new, replies, replies, replies, strict=True):
            if role and faces:
                said = str(about.body[0].value) if about else ""
                self._known[app, path] = Lasting(int(role.body[0]), short(faces.body[0]), said)

    def _marked(self, node: Node) -> Node:
        """An entry that was ever ticked can be ticked; Qt 5 does not say so itself."""
        key = (node.app, node.path)
        if node.role in _MENU_ITEMS and node.has(roles.CHECKED):
            self._ticked.add(key)
        return replace(node, high=node.high | 1 << roles.CHECKABLE - 32) if key in self._ticked else node


def _stopped(replies: Sequence[Reply]) -> bool:
    """Whether the application no longer answers: a node of it may be mute by itself."""
    late = sum(reply.late for reply in replies)
    return 0 < late >= len(replies) / 2


def _get(app: str, path: str, name: str) -> Request:
    return Request(app, path, PROPERTIES, "Get", "ss", (ACCESSIBLE, name))


def _state(app: str, path: str) -> Request:
    return Request(app, path, ACCESSIBLE, "GetState")


def _lasting(app: str, path: str) -> tuple[Request, ...]:
    what = (Request(app, path, ACCESSIBLE, member) for member in ("GetRole", "GetInterfaces"))
    return (*what, _get(app, path, "Description"))


def _worth(node: Node) -> bool:
    """A window that does not show is not read."""
    return node.role not in roles.WINDOWS or node.showing or node.has(roles.VISIBLE)


def _folded(nodes: dict[str, Node]) -> dict[str, Node]:
    """An entry that holds a nameless menu is that menu: elsewhere the two are one."""
    menus = {node.path: node for node in nodes.values() if node.role in _MENUS and not node.name}
    holders = {menu.parent: menu for menu in menus.values() if nodes[menu.parent].role in _MENU_ITEMS}
    if not holders:
        return nodes
    inner = {menu.path: holder for holder, menu in holders.items()}
    found: dict[str, Node] = {}
    for path, node in nodes.items():
        if path in inner:
            continue
        now = replace(node, parent=inner.get(node.parent, node.parent))
        if path in holders:
            opened = 1 << roles.EXPANDED if holders[path].showing else 0
            now = replace(now, role=_MENU, low=node.low | opened)
        found[path] = now
    return found
