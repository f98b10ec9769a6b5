"""What applications say of themselves over AT-SPI: one bulk read an application, a bounded walk where it has none.

It reads trees into plain nodes; `elements.py` makes elements of them. It never acts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from dbus_fast import Message, Variant

from cua.errors import DriverError
from drivers import roles
from drivers.bus import Bus, Reply, Request
from drivers.nodes import ACCESSIBLE, MOST_ROWS, NULL, PROPERTIES, REGISTRY, ROOT, Node, Tree, short
from drivers.tellings import telling_of
from drivers.walk import Walker

__all__ = ["ACCESSIBLE", "PROPERTIES", "ROOT", "Accessibility", "Node", "Toolkit", "Tree"]

_DBUS = "org.freedesktop.DBus"
_EVENTS = (
    "object:children-changed",
    "object:state-changed",
    "object:property-change",
    "object:text-changed",
    "window:",
)
_BIG = 600
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Toolkit:
    name: str = ""
    version: str = ""

    @property
    def counts_from_window(self) -> bool:
        """GTK 4 knows no positions on the screen."""
        return self._gtk not in ("", "1", "2", "3")

    @property
    def ticks_in_silence(self) -> bool:
        """Qt's action "toggle" moves the mark of a button, and tells no program that waits for a click."""
        return self.name.casefold() == "qt"

    @property
    def calls_by_row(self) -> bool:
        """GTK 2 and 3 call a combo box that has no name by the first text of its chosen row, often an id."""
        return self._gtk in ("2", "3")

    @property
    def _gtk(self) -> str:
        return self.version.partition(".")[0] if self.name.casefold() == "gtk" else ""


class Accessibility:
    """The applications on one accessibility bus. Owned by one thread.

    A bulk read of more than 600 nodes is kept until its application sends an event; smaller ones are read each time,
    since toolkits forget events and reading is quick.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard = 0
        self._registered: list[str] = []
        self._kept: dict[str, tuple[Tree, object]] = {}
        self._news: Counter[str] = Counter()  # how many events each application sent
        self._as_of: dict[str, int] = {}  # how many of them were before its tree was asked for
        self._foreseen: dict[str, int] = {}
        self._partial: set[str] = set()
        self._walked: set[str] = set()
        self._pids: dict[str, int] = {}
        self._toolkits: dict[str, Toolkit] = {}
        self.walker = Walker(bus)
        bus.on_signal(self._hear)
        for event in _EVENTS:
            bus.call(Request(REGISTRY, "/org/a11y/atspi/registry", REGISTRY, "RegisterEvent", "s", (event,)))
        rule = "type='signal',interface='org.a11y.atspi.Event.{}'"
        rules = [rule.format("Object"), rule.format("Window"), "type='signal',interface='org.a11y.atspi.Cache'"]
        rules.append(f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged'")
        bus.calls([Request(_DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", "s", (text,)) for text in rules])

    def applications(self, *, again: bool = False) -> list[str]:
        """Bus names of what is registered; `again`: those of last time, as long as nobody came or went."""
        self.bus.pump()
        if not again or not self._registered:
            reply = self.bus.call(Request(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"))
            self._registered = [name for name, path in reply.body[0] if path != NULL] if reply else []
        return self._registered

    def answering(self, names: Iterable[str], *, seconds: float) -> set[str]:
        """Those of them that answer within the time."""
        asked = list(names)
        pings = [self.ping(name) for name in asked]
        return {name for name, reply in zip(asked, self.bus.calls(pings, seconds=seconds), strict=True) if reply}

    def ping(self, app: str) -> Request:
        """What anyone who answers at all can answer."""
        return Request(app, ROOT, PROPERTIES, "Get", "ss", (ACCESSIBLE, "ChildCount"))

    def pid(self, app: str) -> int:
        """The process behind a bus name, as the bus sees it; 0 if that is not known."""
        if app not in self._pids:
            ask = Request(_DBUS, "/org/freedesktop/DBus", _DBUS, "GetConnectionUnixProcessID", "s", (app,))
            reply = self.bus.call(ask)
            self._pids[app] = int(reply.body[0]) if reply else 0
        return self._pids[app]

    def toolkit(self, app: str) -> Toolkit:
        if app not in self._toolkits:
            face = "org.a11y.atspi.Application"
            asks = [Request(app, ROOT, PROPERTIES, "Get", "ss", (face, what)) for what in ("ToolkitName", "Version")]
            said = [str(reply.body[0].value) if reply else "" for reply in self.bus.calls(asks)]
            self._toolkits[app] = Toolkit(*said)
        return self._toolkits[app]

    def silent(self, app: str) -> bool:
        """Whether it told of nothing since its tree was read."""
        return self._news[app] == self._as_of.get(app, 0)

    def foreseen(self, app: str, *, again: bool, suspects: Collection[str] | None) -> list[Request]:
        """What `tree` will ask of it, to be sent ahead; what it tells from now on is later than that tree."""
        if app in self._walked:
            asks = self.walker.foreseen(app, suspects) if again else []
        else:
            asks = (
                []
                if app in self._kept and self._lasts(app)
                else [_items(app), Request(app, ROOT, ACCESSIBLE, "GetChildren")]
            )
        self._foreseen[app] = self._news[app]
        return asks

    def tree(
        self, app: str, *, again: bool = False, suspects: Collection[str] | None = None, whole: bool = True
    ) -> Tree:
        """The application's nodes now. `again`: of one that must be walked, what told of a change, and what shows
        and is among the `suspects` by its path; None for all. Unless `whole`, one that had to be walked last time is
        not asked whether it can list all by now.
        """
        self.bus.pump()
        lasts = app in self._kept and self._lasts(app)
        self._as_of[app] = self._foreseen.pop(app, self._news[app])
        if again and app in self._walked:
            tree = self.walker.again(app, suspects)
            self._kept[app] = tree, self._kept[app][1]
            return tree
        kept, said = self._kept.get(app, (None, None))
        if kept and lasts:
            return kept
        if kept and not whole and app in self._walked:
            tree = self.walker.walk(app)
            self._kept[app] = tree, said
            return tree
        reply = self.bus.call(_items(app), seconds=_PATIENCE)
        if not (reply and reply.body and reply.body[0]):
            self._walked.add(app)
            tree = self.walker.walk(app)
        elif kept and said == reply.body and app not in self._partial:
            return kept
        else:
            # What is listed may lack what nobody asked for before, or what came while the program started.
            listed = self._listed(app, reply)
            self._partial -= {app}
            self._walked -= {app}
            if listed is None:
                self._partial |= {app}
                self._walked |= {app}
            tree = self.walker.walk(app) if listed is None else Tree(app, listed)
        self._kept[app] = tree, reply.body
        return tree

    def _lasts(self, app: str) -> bool:
        """Whether its tree, which is kept, is whole, and large enough to be kept until it tells of something."""
        kept, said = self._kept[app]
        return self.silent(app) and len(kept.nodes) > _BIG and bool(said) and not kept.note

    def text(self, app: str, path: str) -> str | None:
        """All the text of a node; None if it has none. GTK 4 gives nothing "to the end": the end is asked for."""
        face = "org.a11y.atspi.Text"
        count = self.bus.call(Request(app, path, PROPERTIES, "Get", "ss", (face, "CharacterCount")))
        end = int(count.body[0].value) if count else -1
        reply = self.bus.call(Request(app, path, face, "GetText", "ii", (0, end)))
        return str(reply.body[0]) if reply else None

    def unfold(self, tree: Tree, parents: Iterable[Node]) -> list[Node]:
        """Rows of lists and tables that are made only when asked for, at most 200 a parent."""
        asked = [node for node in parents if node.children > 0]
        found = []
        for node, reply in zip(asked, self.bus.calls([n.ask("Accessible", "GetChildren") for n in asked]), strict=True):
            if reply:
                found += [(path, node.path) for _, path in reply.body[0][:MOST_ROWS] if path not in tree.nodes]
        return self.walker.describe(tree.app, found)

    def counted(self, lists: list[Node]) -> list[Node]:
        """Those that have rows, though not more than 200; with how many."""
        counts = self.bus.calls([node.get("Accessible", "ChildCount") for node in lists])
        known = [(node, int(said.body[0].value)) for node, said in zip(lists, counts, strict=True) if said]
        return [replace(node, children=count) for node, count in known if 0 < count <= MOST_ROWS]

    def _hear(self, message: Message) -> None:
        if message.sender not in self._registered or message.path == ROOT:
            self._registered = []
        if message.sender == _DBUS:
            return  # somebody came or went: told of by the bus, and by no application
        self.heard += 1
        if message.sender:
            self._news[message.sender] += 1
            self.walker.hear(message.sender, telling_of(message))

    def _listed(self, app: str, reply: Reply) -> dict[str, Node] | None:
        """The nodes of a bulk read that hang together from the root; None if some are not in it."""
        nodes = _nodes(app, reply)
        said = self.bus.call(Request(app, ROOT, ACCESSIBLE, "GetChildren"))
        tops = [path for owner, path in (said.body[0] if said else []) if owner == app and path != NULL]
        if ROOT not in nodes or any(path not in nodes for path in tops):
            return None
        for path in tops:
            nodes[path] = replace(nodes[path], parent=ROOT)
        children: dict[str, list[Node]] = {}
        for node in nodes.values():
            if node.parent != ROOT or node.path in tops:
                children.setdefault(node.parent, []).append(node)
        found, level = {ROOT: nodes[ROOT]}, [ROOT]
        while level:
            below = [node for path in level for node in children.get(path, []) if node.path not in found]
            found |= {node.path: node for node in below}
            level = [node.path for node in below]
        holes = [
            node for node in found.values() if node.children > len(children.get(node.path, [])) and not _lazy(node)
        ]
        for told in self.bus.calls([node.ask("Accessible", "GetChildren") for node in holes]):
            rows = [path for owner, path in (told.body[0] if told else []) if owner == app and path != NULL]
            if any(path not in found for path in rows):
                return None
        return found


def awaken(session: Bus) -> None:
    """Tell toolkits that somebody reads; some stay silent otherwise."""
    for name in ("IsEnabled", "ScreenReaderEnabled"):
        body = ("org.a11y.Status", name, Variant("b", True))
        session.call(Request("org.a11y.Bus", "/org/a11y/bus", PROPERTIES, "Set", "ssv", body))


def address(session: Bus) -> str:
    """Where the accessibility bus of a session is. Raises DriverError where it has none."""
    reply = session.call(Request("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"))
    if not reply:
        raise DriverError("no accessibility bus: install it with: apt-get install at-spi2-core")
    return str(reply.body[0])


def _items(app: str) -> Request:
    return Request(app, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")


def _nodes(app: str, reply: Reply) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    faces_of: dict[tuple[str, ...], frozenset[str]] = {}
    for ref, _, parent, index, count, faces, name, role, about, states in reply.body[0] if reply else []:
        told = tuple(faces)
        if told not in faces_of:
            faces_of[told] = short(told)
        low, high = states if len(states) == 2 else (*states, 0, 0)[:2]
        path = ref[1]
        nodes[path] = Node(app, path, parent[1], index, count, faces_of[told], name.strip(), role, about, low, high)
    return nodes


def _lazy(node: Node) -> bool:
    """Makes its children only when asked for them."""
    return node.has(roles.MANAGES_DESCENDANTS) or (node.role in roles.TABLES and node.children > MOST_ROWS)
