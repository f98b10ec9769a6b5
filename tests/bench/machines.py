"""What the benches of virtual machines share: the image, a machine with an app, and what one holds on this machine."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from sandbox_vms import images, places
from sandbox_vms.apps import App
from sandbox_vms.qemu import Qemu
from sandbox_vms.templates import Build

_KEPT = Path(__file__).parents[2] / ".venv" / "machines"  # the image is built once for all tests and benches
APP = App("mousepad", ("mousepad",), "mousepad")


@cache
def build(*packages: str) -> Build:
    """An image with these packages beside the small one of the tests; it is built if there is none."""
    folder = _KEPT
    image = images.build(folder / "images", packages=packages or ("mousepad",))
    return Build(image, folder / "templates")


def machine(app: App | None = APP, *packages: str, spare: bool = True) -> Qemu:
    """A machine with that app, from its template."""
    return Qemu(app, build(*packages), spare=spare)


def private_mebibytes(pid: int) -> float:
    """The memory that a process shares with nobody."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", text, re.M)) / 1024


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def left() -> dict[str, int]:
    """Processes, rooms and listening ports of machines that are there now and are nobody else's."""
    processes = _qemus()
    rooms = [path for path in places.base().glob("vm-*") if path.is_dir() and _ours(path)]
    return {"processes": len(processes), "rooms": len(rooms), "ports": _ports(processes)}


def _qemus() -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            room = re.search(rb"vm-[0-9a-f]{12}", (folder / "cmdline").read_bytes())
            if (folder / "comm").read_text().startswith("qemu-system") and _ours(
                places.base() / room[0].decode() if room else None
            ):
                found.append(int(folder.name))
        except OSError:  # it ended meanwhile
            continue
    return found


def _ours(room: Path | None) -> bool:
    """Whether no other process that lives works with that room."""
    return room is None or places.holder(room) in (0, os.getpid())


def _ports(processes: list[int]) -> int:
    """How many TCP ports these processes listen on."""
    sockets = set()
    for pid in processes:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                sockets |= set(re.findall(r"socket:\[(\d+)\]", str(link.readlink())))
            except OSError:
                continue
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for line in lines if line[3] == "0A" and line[9] in sockets)
