"""What accessibility trees are made of: nodes, and the names of what can be asked of them. It asks nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drivers import roles
from drivers.bus import Request

ACCESSIBLE = "org.a11y.atspi.Accessible"
PROPERTIES = "org.freedesktop.DBus.Properties"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
NULL = "/org/a11y/atspi/null"
MOST_ROWS = 200


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
        return self.has(roles.SHOWING)

    def has(self, state: int) -> bool:
        return bool(self.low >> state & 1)

    def ask(self, interface: str, member: str, signature: str = "", *body: object) -> Request:
        return Request(self.app, self.path, f"org.a11y.atspi.{interface}", member, signature, body)

    def get(self, interface: str, name: str) -> Request:
        return Request(self.app, self.path, PROPERTIES, "Get", "ss", (f"org.a11y.atspi.{interface}", name))


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """An application's nodes by path, and what to know of them. The same object as long as nothing changed."""

    app: str
    nodes: dict[str, Node]
    note: str = ""


def short(faces: Iterable[str]) -> frozenset[str]:
    """Interfaces without what they all begin with."""
    return frozenset(face.removeprefix("org.a11y.atspi.") for face in faces)
