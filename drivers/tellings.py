"""What an application tells by itself of one of its nodes: that it came, went, or is otherwise now. It asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, Variant

from drivers.nodes import short

_COMING = ("showing", "visible", "defunct")  # states with which something comes or goes
_LASTING = ("accessible-role", "accessible-description")


@dataclass(frozen=True, slots=True)
class Lasting:
    """What of a node seldom changes, and is told when it does: its role (AT-SPI's number), what it can, and is for."""

    role: int
    interfaces: frozenset[str]
    description: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Of the node at `path`: whether what is below it may be other nodes now (`grown`), or what seldom changes is not
    as it was (`other`); which node `came` or `went`, itself or below it; what is told with it of what seldom changes.
    Whether it is only `listed` now, or no more: its parent tells that it came or went.
    """

    path: str
    grown: bool = False
    other: bool = False
    came: str = ""
    went: str = ""
    lasting: Lasting | None = None
    listed: bool = False


def telling_of(message: Message) -> Telling:
    """What a signal of AT-SPI says (interfaces Event and Cache); of what is not understood no more than its node."""
    path = message.path or ""
    match message.member, message.body:
        case "AddAccessible", [[[_, str(node), *_], *_, [*faces], _, int(role), str(about), _]]:
            lasting = Lasting(role, short(map(str, faces)), about)
            return Telling(node, came=node, lasting=lasting, listed=True)
        case "RemoveAccessible", [[_, str(node)]]:
            return Telling(node, other=True, went=node, listed=True)
        case "ChildrenChanged", [str(how), _, _, child, *_]:
            changed = _path_of(child)
            added = how.startswith("add")
            return Telling(path, grown=True, came=changed if added else "", went="" if added else changed)
        case "ChildrenChanged", _:
            return Telling(path, grown=True)
        case _, ["defunct", 1, *_]:
            return Telling(path, grown=True, other=True, went=path)
        case _, [str(what), *_]:
            return Telling(path, grown=what in _COMING, other=what in _LASTING)
    return Telling(path)


def _path_of(said: Any) -> str:
    match said.value if isinstance(said, Variant) else said:
        case [str(), str(path)]:
            return path
    return ""
