"""The settings that Xfce's daemon keeps. It writes them to its files seconds later, so while it runs it is asked.

It is never started by being asked. Keys are "xfconf:/CHANNEL/property", whether the daemon or its file says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from dbus_fast import Message, Variant

from cua.errors import SandboxError
from drivers.bus import Bus, Request
from sandbox_vms.xml_files import tree

FOLDER = ".config/xfce4/xfconf/xfce-perchannel-xml/"
_SYSTEM = Path("/etc/xdg/xfce4/xfconf/xfce-perchannel-xml")
_NAME, _PATH = "org.xfce.Xfconf", "/org/xfce/Xfconf"
_HOST = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


class Xfconf:
    """The daemon, whichever connection to its session bus there is at the time. Programs call their channel like
    themselves: those of `programs` are asked for in any case.
    """

    def __init__(self, programs: Iterable[str]) -> None:
        self._bus: Bus | None = None
        # it lists a channel only once that has a file; one that was set before is heard of by nobody who comes later
        self._heard = set(programs)

    def listen(self, bus: Bus) -> None:
        """Hear of channels over this connection from now on."""
        if bus is not self._bus:
            self._bus = bus
            bus.on_signal(self._hear)
            bus.call(Request(*_HOST, "AddMatch", "s", (f"type='signal',interface='{_NAME}',member='PropertyChanged'",)))

    def settings(self, bus: Bus) -> dict[str, dict[str, str]]:
        """What it holds now, by the path under the home of the file that it writes. Empty where it does not run."""
        self.listen(bus)
        reply = bus.call(Request(*_HOST, "NameHasOwner", "s", (_NAME,)))
        if not reply or not reply.body[0]:
            return {}
        listed = bus.call(Request(_NAME, _PATH, _NAME, "ListChannels"))
        channels = sorted(self._heard.union(*listed.body))
        asked = [Request(_NAME, _PATH, _NAME, "GetAllProperties", "ss", (channel, "/")) for channel in channels]
        found = {}
        for channel, answer in zip(channels, bus.calls(asked), strict=True):
            if answer and answer.body[0]:
                held = {name: _text(value) for name, value in answer.body[0].items()}
                found[f"{FOLDER}{channel}.xml"] = {f"xfconf:/{channel}{name}": text for name, text in held.items()}
        return found

    def _hear(self, message: Message) -> None:
        if message.interface == _NAME:
            self._heard.add(message.body[0])


def pairs(root: Element) -> Iterator[tuple[str, str]]:
    """What one of its files says. Raises SandboxError where that is none of them."""
    if root.tag != "channel":
        raise SandboxError(f"no file of Xfce's settings: it begins with <{root.tag}>")
    return _properties(root, f"xfconf:/{root.get('name', '')}")


def defaults(folder: Path = _SYSTEM) -> Mapping[str, str]:
    """What holds where nobody chose."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.xml")):
        found |= pairs(tree(path.read_bytes()))
    return found


def _properties(above: Element, prefix: str) -> Iterator[tuple[str, str]]:
    for property_ in above.findall("property"):
        key = f"{prefix}/{property_.get('name', '')}"
        if property_.get("type") == "array":
            yield key, _list(value.get("value", "") for value in property_.findall("value"))
        elif property_.get("type") != "empty":
            yield key, property_.get("value", "")
        yield from _properties(property_, key)


def _list(values: Iterator[str]) -> str:
    return f"[{', '.join(values)}]"


def _text(value: Any) -> str:
    match value:
        case Variant():
            return _text(value.value)
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:f}"
        case list():
            return _list(_text(one) for one in value)
        case _:
            return str(value)
