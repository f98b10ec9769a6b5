"""The commands that GTK applications export on the session bus (org.gtk.Actions, org.gtk.Menus), with their state.

They give menu items the check marks that accessibility leaves out, and name commands that no menu shows. What cannot be
read is left out: they add to the accessibility tree and never replace it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from dbus_fast import Message, Variant

from cua.core import Element, Locator
from drivers.bus import Bus, Reply, Request

_ACTIONS = "org.gtk.Actions"
_MENUS = "org.gtk.Menus"
_DBUS = "org.freedesktop.DBus"
_NODES = re.compile(r'<node name="([^"]+)"')
_UNSETTLED = 0.5
_PATIENCE = 0.3
_NAMES = Request(_DBUS, "/org/freedesktop/DBus", _DBUS, "ListNames")
_KINDS = ("b", "s", "i", "u", "d", "x", "t", "n", "q", "y")


@dataclass(frozen=True, slots=True)
class Exported:
    """An action of an application ("app") or of a window ("win"). `state` is None for a plain command."""

    owner: str
    path: str
    group: str
    name: str
    enabled: bool
    parameter: str
    state: bool | int | float | str | None

    @property
    def ref(self) -> str:
        return f"gtk|{self.owner}|{self.path}|{self.name}"


@dataclass(frozen=True, slots=True)
class Item:
    """A menu entry by its labels, outermost first, and the action it stands for with its target; `opens` a submenu."""

    labels: tuple[str, ...]
    action: str
    target: Any = None
    opens: bool = False


class Actions:
    """Owned by one thread. Where actions live is looked up when a window or a program came or went, their state each
    time. An owner that does not answer soon is left out."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self._menus: dict[str, tuple[Item, ...]] = {}
        self._places: list[tuple[str, str, str]] = []
        self._moved = time.monotonic()
        self._seen = -1
        self._last: tuple[list[Reply], list[Exported]] = ([], [])
        bus.on_signal(self._hear)
        rule = f"type='signal',interface='{_DBUS}',member='NameOwnerChanged'"
        bus.call(Request(_DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", "s", (rule,)))

    def foreseen(self, changes: int) -> list[Request]:
        """What `read` will ask if the same programs and windows are there."""
        asks = [Request(name, path, _ACTIONS, "DescribeAll") for name, path, _ in self._places]
        if changes == self._seen and time.monotonic() - self._moved >= _UNSETTLED:
            return asks
        owners = dict.fromkeys(name for name, _, _ in self._places)
        return [_NAMES, *map(_windows_of, owners), *asks]

    def read(self, changes: int) -> list[Exported]:
        """`changes` differs from last time where windows changed. The same list as long as nothing did."""
        if changes != self._seen:
            self._seen, self._moved = changes, time.monotonic()
        if time.monotonic() - self._moved < _UNSETTLED:
            self._places = self._find()
        asks = [Request(name, path, _ACTIONS, "DescribeAll") for name, path, _ in self._places]
        replies = self.bus.calls(asks, seconds=_PATIENCE)
        if replies == self._last[0] and len(replies) == len(self._places):
            return self._last[1]
        found = []
        for (name, path, group), said in zip(self._places, replies, strict=True):
            for action, (enabled, parameter, state) in sorted(said.body[0].items()) if said else []:
                value = state[0].value if state and state[0].signature in _KINDS else None
                found.append(Exported(name, path, group, action, enabled, parameter, value))
        self._last = replies, found
        return found

    def _hear(self, message: Message) -> None:
        if message.member == "NameOwnerChanged":
            self._moved = time.monotonic()

    def _find(self) -> list[tuple[str, str, str]]:
        reply = self.bus.call(_NAMES)
        names = [name for name in reply.body[0] if _may_export(name)] if reply else []
        places = [(name, _path_of(name), "app") for name in names]
        windows = [_windows_of(name) for name in names]
        for (name, path, _), said in zip(tuple(places), self.bus.calls(windows, seconds=_PATIENCE), strict=True):
            nodes = _NODES.findall(said.body[0]) if said else []
            places += [(name, f"{path}/window/{node}", "win") for node in nodes]
        return places

    def menu(self, owner: str) -> tuple[Item, ...]:
        """The application's menu bar, read once."""
        if owner not in self._menus:
            path = _path_of(owner) + "/menus/menubar"
            self._menus[owner] = self._read_menu(owner, path)
        return self._menus[owner]

    def activate(self, action: Exported, target: Any = None) -> None:
        """Ask for it and do not wait: one that opens a dialog answers only when the dialog is closed."""
        signature = {bool: "b", int: "i", float: "d", str: "s"}
        parameter = [] if target is None else [Variant(action.parameter or signature[type(target)], target)]
        self.bus.send(
            Request(action.owner, action.path, _ACTIONS, "Activate", "sava{sv}", (action.name, parameter, {}))
        )

    def _read_menu(self, owner: str, path: str) -> tuple[Item, ...]:
        groups: dict[tuple[int, int], list[dict[str, Variant]]] = {}
        asked: set[int] = set()
        wanted = {0}
        while wanted - asked:
            new = sorted(wanted - asked)
            asked |= wanted
            reply = self.bus.call(Request(owner, path, _MENUS, "Start", "au", (new,)))
            for group, menu, items in reply.body[0] if reply else []:
                groups[group, menu] = items
                wanted |= {item[link].value[0] for item in items for link in (":submenu", ":section") if link in item}
        self.bus.send(Request(owner, path, _MENUS, "End", "au", (sorted(asked),)))
        return tuple(_items(groups, (0, 0), ()))


@dataclass(frozen=True, slots=True)
class Merged:
    """Menu items with the state of their action, after them the actions that no menu item stands for; and the action
    with its target behind each menu item, by the item's ref. `marked` has of each such item what it was made of."""

    elements: list[Element]
    behind: dict[str, tuple[Exported, Any]]
    marked: dict[str, tuple[Element, Element]] = field(default_factory=dict)


def merge(
    elements: list[Element], exported: list[Exported], menus: dict[str, tuple[Item, ...]], last: Merged | None = None
) -> Merged:
    """Put what accessibility says and what is exported together, with what is as it was in the `last` one."""
    by_name: dict[tuple[str, str], Exported] = {}
    for action in exported:
        by_name.setdefault((action.owner, f"{action.group}.{action.name}"), action)
    by_labels: dict[tuple[str, ...], tuple[Exported, Any]] = {}
    used: set[tuple[str, str]] = set()
    for owner, items in menus.items():
        for item in items:
            if (known := by_name.get((owner, item.action))) is not None:
                used.add((owner, item.action))
                if not item.opens:
                    by_labels[item.labels] = by_labels[item.labels[-2:]] = (known, item.target)
    ends = {labels[-1] for labels in by_labels}
    merged = list(elements)
    behind: dict[str, tuple[Exported, Any]] = {}
    made: dict[str, tuple[Element, Element]] = {}
    for at, element in enumerate(elements):
        if element.role != "menuitem" or plain(element.name) not in ends:
            continue
        labels = tuple(plain(part) for part in _labels(elements, element))
        found = by_labels.get(labels) or by_labels.get(labels[-2:])
        if found:
            before, now = last.marked.get(element.ref, (None, element)) if last else (None, element)
            if before is not element or last is None or last.behind[element.ref] != found:
                now = _marked(element, *found)
            merged[at], behind[element.ref], made[element.ref] = now, found, (element, now)
    left = [action for name, action in by_name.items() if name not in used]
    return Merged(merged + [_command(action) for action in left], behind, made)


@lru_cache(maxsize=4096)
def plain(label: str) -> str:
    """A label without mnemonic and ellipsis."""
    return re.sub(r"_(.)", r"\1", label).strip().rstrip("….").strip()


def _path_of(owner: str) -> str:
    return "/" + owner.replace(".", "/").replace("-", "_")


def _windows_of(owner: str) -> Request:
    return Request(owner, f"{_path_of(owner)}/window", f"{_DBUS}.Introspectable", "Introspect")


def _may_export(name: str) -> bool:
    return not name.startswith((":", "org.a11y.", "org.freedesktop.", "ca.desrt."))


def _items(groups: Any, at: tuple[int, int], above: tuple[str, ...]) -> list[Item]:
    found = []
    for item in groups.get(at, ()):
        label = plain(item["label"].value) if "label" in item else ""
        if "action" in item:
            target = item["target"].value if "target" in item else None
            found.append(Item((*above, label), item["action"].value, target))
        if "submenu-action" in item:
            found.append(Item((*above, label), item["submenu-action"].value, opens=True))
        if ":section" in item:
            found += _items(groups, tuple(item[":section"].value), above)
        if ":submenu" in item:
            found += _items(groups, tuple(item[":submenu"].value), (*above, label))
    return found


def _labels(elements: list[Element], element: Element) -> list[str]:
    labels = [element.name]
    parent = element.parent
    while parent >= 0 and elements[parent].role == "menu":
        labels.insert(0, elements[parent].name)
        parent = elements[parent].parent
    return labels


def _marked(element: Element, action: Exported, target: Any) -> Element:
    states = element.states - {"disabled"}
    role = element.role
    if not action.enabled:
        states |= {"disabled"}
    if target is not None and action.state is not None:
        role, states = "menuitemradio", states | {"checkable"}
        states |= {"checked"} if action.state == target else frozenset()
    elif isinstance(action.state, bool) and not action.parameter:
        role, states = "menuitemcheckbox", states | {"checkable"}
        states |= {"checked"} if action.state else frozenset()
    locator = Locator("action", f"{action.group}.{action.name}")
    return replace(element, role=role, states=states, locators=(locator, *element.locators))


def _command(action: Exported) -> Element:
    states = frozenset() if action.enabled else frozenset({"disabled"})
    if isinstance(action.state, bool) and not action.parameter:
        states |= {"checkable", "checked"} if action.state else {"checkable"}
    words = re.sub(r"[-_]+", " ", action.name.rpartition(".")[2])
    return Element(
        ref=action.ref,
        role="command",
        name=words,
        value=None if action.state is None or isinstance(action.state, bool) else str(action.state),
        states=states,
        locators=(Locator("action", f"{action.group}.{action.name}"),),
        description=re.sub(r"[-_.]+", " ", action.name),
        actions=(f"invoke:{action.parameter}" if action.parameter else "invoke",),
    )


def cast(text: str, signature: str) -> Any:
    """The text as a value of this D-Bus type."""
    if signature in ("i", "u", "x", "t", "n", "q", "y"):
        return int(text)
    if signature == "d":
        return float(text)
    return text.lower() in ("true", "on", "yes", "1") if signature == "b" else text
