"""What applications told since it was last asked for, and whether a look shows it already: then it is no news.

Some programs tell a state again and again though it stays as it is. What is not understood counts as news; it asks
nothing of anyone.
"""

from __future__ import annotations

from dbus_fast import Message, Variant

from cua.core import Element, Observation
from drivers.bus import Bus

_EVENT = "org.a11y.atspi.Event."
_BUS = "org.freedesktop.DBus"
_STATES = frozenset({"focused", "showing", "checked", "selected", "expanded", "active", "pressed", "busy"})
_ABLE = frozenset({"sensitive", "enabled"})
_WINDOW = {"Activate": True, "Deactivate": False}


class News:
    """Listens on a bus until it is closed. Owned by the thread that owns the bus."""

    def __init__(self, bus: Bus) -> None:
        self._told: list[Message] = []
        self._open = True
        bus.on_signal(self._hear)

    def beyond(self, look: Observation) -> bool:
        """Whether anything was told since the last time that this look does not show."""
        told, self._told = self._told, []
        known = {_of(element): element for element in look.elements} if told else {}
        return any(not _shown(message, known.get((message.sender or "", message.path or ""))) for message in told)

    def close(self) -> None:
        self._open = False
        self._told.clear()

    def _hear(self, message: Message) -> None:
        if self._open and message.sender != _BUS:
            self._told.append(message)


def _of(element: Element) -> tuple[str, str]:
    """The bus name and the path of an element, from its handle."""
    owner, path = [*element.ref.split("|"), "", ""][1:3]
    return owner, path


def _shown(message: Message, element: Element | None) -> bool:
    """Whether the element is, as it was seen, just what is told of it."""
    if element is None or not (message.interface or "").startswith(_EVENT):
        return False
    match message.member, message.body:
        case "StateChanged", [str(state), 0 | 1 as on, *_] if state in _STATES:
            return (state in element.states) == bool(on)
        case "StateChanged", [str(state), 0 | 1 as on, *_] if state in _ABLE:
            return ("disabled" not in element.states) == bool(on)
        case "PropertyChange", ["accessible-name", _, _, Variant(value=str(name)), *_]:
            return name.strip() == element.name
        case ("Activate" | "Deactivate") as how, _:
            return ("active" in element.states) == _WINDOW[how]
    return False
