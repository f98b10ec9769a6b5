"""Which programs of the person's run in a machine, and which of them work unseen, as its /proc tells. Nothing is
changed by looking.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cua.core import World

_LIMIT = 10.0
_TICKS = 100  # a second's, on every Linux
_BUSY = 0.25  # of one processor
_SCRIPT = r"""
read -r up rest </proc/uptime && echo "$up $$"
find /proc/[0-9]*/exe -maxdepth 0 -user "$(id -u)" -printf '%p %l\0'
cat /proc/[0-9]*/stat
:"""
# a program may be called what it likes, with brackets and ends of lines in it
_EXE = re.compile(r"/proc/(\d+)/exe ([^\0]*)\0")
_STAT = re.compile(r"^(\d+) \([\s\S]{0,64}?\) (\w) (\d+(?: -?\d+){20,})$", re.M)
_TERMINAL, _USED, _STARTED = 3, slice(10, 12), 18  # among what comes after the state
_SHELLS = frozenset({"sh", "dash", "bash", "zsh", "ksh", "fish"})
_WAITERS = _SHELLS | {"bwrap", "dbus-run-session", "timeout"}  # they run another program and wait for its end
_INSTALLED = ("/usr/", "/opt/", "/snap/")
_COMMON = ("bin", "sbin", "games", "libexec")  # folders that no program has for itself
# what a desktop's programs start for themselves and leave running
_SERVICES = (
    "*/libexec/*", "*/gvfs*", "*/dconf-service", "*/at-spi*", "*/dbus-daemon", "*/dbus-launch", "*/dbus-broker*",
    "*/xdg-*-portal*", "*/xdg-permission-store", "*/xdg-dbus-proxy", "*/gnome-keyring-daemon", "*/gpg-agent",
    "*/ssh-agent", "*/pulseaudio", "*/pipewire*", "*/wireplumber", "*/ibus-*", "*/tumblerd", "*/xfconfd",
    "*/evolution-*", "*/fusermount*",
)  # fmt: skip

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Process:
    """One that runs; `path` is its program's, `ticks` what it has used of the processors, `terminal` the number of the
    one that it runs in, or 0. `stuck`: it waits for the disk.
    """

    pid: int
    started: int
    parent: int
    path: str
    ticks: int
    terminal: int
    stuck: bool

    @property
    def key(self) -> Key:
        """What tells it from one that gets its number later."""
        return self.pid, self.started

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Look:
    """The person's processes by their numbers, `at` so many seconds after the machine began."""

    at: float
    processes: Mapping[int, Process]

    def besides(self, before: Collection[Key]) -> Look:
        """Only those that were not there before."""
        return Look(self.at, {pid: each for pid, each in self.processes.items() if each.key not in before})

    def above(self, process: Process) -> Iterator[Process]:
        """Its parent, the parent of that, and so on."""
        seen = {process.pid}
        while (parent := self.processes.get(process.parent)) and parent.pid not in seen:
            seen.add(parent.pid)
            yield parent
            process = parent


def look(world: World) -> Look | None:
    """What runs now, without what looks; None where that is not to be known, as on a system that is no Linux."""
    said = world.exec(("sh", "-c", _SCRIPT), seconds=_LIMIT).out
    head, _, rest = said.partition("\n")
    paths, end, stats = rest.rpartition("\0")
    try:
        at, own = float(head.split()[0]), int(head.split()[1])
    except (ValueError, IndexError):
        return None
    programs = {int(pid): path for pid, path in _EXE.findall(paths + end)}
    found = Look(at, {each.pid: each for each in _read(stats, programs)})
    if own not in found.processes:
        return None
    asking = {own, *(each.pid for each in found.above(found.processes[own]))}
    below = {each.pid for each in found.processes.values() if own in (above.pid for above in found.above(each))}
    left = {pid: each for pid, each in found.processes.items() if pid not in asking | below}
    return Look(at, left)


def _read(stats: str, programs: Mapping[int, str]) -> Iterator[Process]:
    for said, state, rest in _STAT.findall(stats):
        pid, fields = int(said), rest.split()
        if pid in programs and state not in "ZX":
            used = sum(int(each) for each in fields[_USED])
            started, terminal = int(fields[_STARTED]), int(fields[_TERMINAL])
            yield Process(pid, started, int(fields[0]), programs[pid], used, terminal, state == "D")


def unseen(now: Look, shown: Collection[int]) -> list[Process]:
    """Those that neither show a window nor belong to one that does, where `shown` are the numbers of those that do."""
    return [each for each in now.processes.values() if not _belongs(each, now, shown)]


def _belongs(process: Process, now: Look, shown: Collection[int]) -> bool:
    """Whether the screen tells of its work. It does not of what runs below a shell, or in a terminal of its own."""
    if process.pid in shown or any(fnmatchcase(process.path, each) for each in _SERVICES):
        return True
    seen = [each for each in now.processes.values() if each.pid in shown]
    if process.name in _WAITERS and any(process in now.above(each) for each in seen):
        return True
    if any(_beside(process.path, each.path) for each in seen):
        return True
    for above in now.above(process):
        if above.pid in shown:
            return process.terminal in (0, above.terminal) or process.name in _SHELLS
        if above.name in _SHELLS:
            return False
    return False


def _beside(path: str, other: str) -> bool:
    """Whether it is another program that lies in the same folder, and that folder is for these alone."""
    folder, _, name = path.rpartition("/")
    own = folder.startswith(_INSTALLED) and folder.rpartition("/")[2] not in _COMMON
    return own and other.rpartition("/")[0] == folder and other.rpartition("/")[2] != name


def busy(earlier: Look, now: Look) -> bool:
    """Whether they have used much of a processor since the earlier look, or wait for the disk."""
    used = 0
    for pid, each in now.processes.items():
        known = earlier.processes.get(pid)
        used += each.ticks - (known.ticks if known and known.key == each.key else 0)
    span = max(now.at - earlier.at, 1 / _TICKS)
    return used / _TICKS > _BUSY * span or any(each.stuck for each in now.processes.values())
