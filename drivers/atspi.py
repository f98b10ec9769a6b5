"""What applications say of themselves over AT-SPI: one bulk read an application, a bounded walk where it has none.

It reads trees into plain nodes; `desktop.py` makes elements of them. It never acts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dbus_fast import Message

from drivers import roles
from drivers.bus import Bus, Reply, Request

ACCESSIBLE = "org.a11y.atspi.Accessible"
PROPERTIES = "org.freedesktop.DBus.Properties"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
NULL = "/org/a11y/atspi/null"
_EVENTS = (
    "object:children-changed",
    "object:state-changed",
    "object:property-change",
    "object:text-changed",
    "window:",
)
_BIG = 600
_MOST_NODES = 4000
_MOST_SECONDS = 1.5
_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Node:
    """One accessible object: `app` is its bus name, `path` its object there; `parent` is a path of the same app."""

    app: str
    path: str
    parent: str
    index: int
    children: int
    interfaces: frozenset[str]
    name: str
    role: int
    description: str
    low: int
    high: int

    @property
    def showing(self) -> bool:
        return bool(self.low >> roles.SHOWING & 1)

    def ask(self, interface: str, member: str, signature: str = "", *body: object) -> Request:
        return Request(self.app, self.path, f"org.a11y.atspi.{interface}", member, signature, body)

    def get(self, interface: str, name: str) -> Request:
        return Request(self.app, self.path, PROPERTIES, "Get", "ss", (f"org.a11y.atspi.{interface}", name))


@dataclass(frozen=True, slots=True)
class Tree:
    """An application's nodes by path, and what a reader must know of them."""

    app: str
    nodes: dict[str, Node]
    note: str = ""


class Accessibility:
    """The applications on one accessibility bus. Owned by one thread.

    A tree of more than 600 nodes is kept until its application sends an event; smaller ones are read each time, since
    toolkits forget events and reading is quick.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard = 0
        self._kept: dict[str, Tree] = {}
        self._stale: set[str] = set()
        bus.on_signal(self._hear)
        for event in _EVENTS:
            bus.call(Request(REGISTRY, "/org/a11y/atspi/registry", REGISTRY, "RegisterEvent", "s", (event,)))
        rule = "type='signal',interface='org.a11y.atspi.Event.{}'"
        rules = [rule.format("Object"), rule.format("Window"), "type='signal',interface='org.a11y.atspi.Cache'"]
        dbus = "org.freedesktop.DBus"
        bus.calls([Request(dbus, "/org/freedesktop/DBus", dbus, "AddMatch", "s", (text,)) for text in rules])

    def applications(self) -> list[str]:
        """Bus names of what is registered."""
        reply = self.bus.call(Request(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"))
        return [name for name, path in reply.body[0] if path != NULL] if reply else []

    def tree(self, app: str) -> Tree:
        self.bus.pump()
        kept = self._kept.get(app)
        if kept and app not in self._stale and len(kept.nodes) > _BIG:
            return kept
        self._stale.discard(app)
        tree = self._bulk(app)
        if len(tree.nodes) <= 1:
            tree = self._walk(app)
        self._kept[app] = tree
        return tree

    def unfold(self, tree: Tree, parents: Iterable[Node]) -> list[Node]:
        """Rows of lists and tables that are made only when asked for, at most 200 a parent."""
        asked = [node for node in parents if node.children > 0]
        found = []
        for node, reply in zip(asked, self.bus.calls([n.ask("Accessible", "GetChildren") for n in asked]), strict=True):
            if reply:
                found += [(path, node.path) for _, path in reply.body[0][:_MOST_ROWS] if path not in tree.nodes]
        return self._describe(tree.app, found)

    def _hear(self, message: Message) -> None:
        self.heard += 1
        if message.sender:
            self._stale.add(message.sender)

    def _bulk(self, app: str) -> Tree:
        reply = self.bus.call(Request(app, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems"), seconds=5)
        nodes: dict[str, Node] = {}
        if reply and reply.body and reply.body[0] and len(reply.body[0][0]) == 10:
            for ref, _, parent, index, count, faces, name, role, about, states in reply.body[0]:
                faces = frozenset(face.removeprefix("org.a11y.atspi.") for face in faces)
                low, high = (*states, 0, 0)[:2]
                node = Node(app, ref[1], parent[1], index, count, faces, name.strip(), role, about, low, high)
                nodes[ref[1]] = node
        return Tree(app, nodes)

    def _walk(self, app: str) -> Tree:
        """Level by level, all questions of a level in flight together, within a budget of nodes and seconds."""
        limit = time.monotonic() + _MOST_SECONDS
        nodes: dict[str, Node] = {}
        level = [(ROOT, NULL)]
        while level:
            if len(nodes) > _MOST_NODES or time.monotonic() > limit:
                return Tree(app, nodes, f"cut at {len(nodes)} elements")
            found = self._describe(app, level)
            nodes |= {node.path: node for node in found}
            asked = [node for node in found if node.children != 0]
            replies = self.bus.calls([node.ask("Accessible", "GetChildren") for node in asked])
            level = []
            for node, reply in zip(asked, replies, strict=True):
                rows = reply.body[0] if reply else []
                level += [(path, node.path) for owner, path in rows if owner == app and path not in nodes]
        return Tree(app, nodes)

    def _describe(self, app: str, places: list[tuple[str, str]]) -> list[Node]:
        requests = []
        for path, _ in places:
            requests += [
                Request(app, path, PROPERTIES, "GetAll", "s", (ACCESSIBLE,)),
                Request(app, path, ACCESSIBLE, "GetRole"),
                Request(app, path, ACCESSIBLE, "GetState"),
                Request(app, path, ACCESSIBLE, "GetInterfaces"),
            ]
        replies = self.bus.calls(requests)
        found = []
        for at, (path, parent) in enumerate(places):
            node = _described(app, path, parent, replies[4 * at : 4 * at + 4])
            if node:
                found.append(replace(node, index=at))
        return found


def _described(app: str, path: str, parent: str, replies: list[Reply]) -> Node | None:
    if not all(replies):
        return None
    said, (role,), (states,), (faces,) = (reply.body for reply in replies)
    known = {name: variant.value for name, variant in said[0].items()}
    low, high = (*states, 0, 0)[:2]
    faces = frozenset(face.removeprefix("org.a11y.atspi.") for face in faces)
    count = known.get("ChildCount", -1)
    about = known.get("Description", "")
    return Node(app, path, parent, 0, count, faces, known.get("Name", "").strip(), role, about, low, high)
