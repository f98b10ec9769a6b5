"""Making what a clone has in common with its brothers its own again: the clock, the randomness, the machine's name."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time
from pathlib import Path

from cua.errors import UsageError

_RANDOM = Path("/dev/urandom")
_ADD_ENTROPY, _RESEED = 0x40085203, 0x5207
_ID = re.compile("[0-9a-f]{32}")
_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_MOST_ENTROPY = 4096


def freshen(now: float, entropy: bytes, machine_id: str) -> tuple[str, ...]:
    """Set the clock (seconds since 1970), stir the randomness, name the machine. What could not be done, in words.

    Raises UsageError for what can be done nowhere.
    """
    if not 0 < now < 1 << 33:
        raise UsageError(f"time is {now!r}; it must be seconds since 1970")
    if not entropy or len(entropy) > _MOST_ENTROPY:
        raise UsageError(f"entropy has {len(entropy)} bytes; it must have 1 to {_MOST_ENTROPY}")
    if machine_id and not _ID.fullmatch(machine_id):
        raise UsageError(f"machine_id is {machine_id!r}; it must have 32 hexadecimal digits")
    undone = [*_set_clock(now), *_stir(entropy), *(_name(machine_id) if machine_id else ())]
    return tuple(undone)


def _set_clock(now: float) -> list[str]:
    try:
        time.clock_settime(time.CLOCK_REALTIME, now)
    except OSError as exc:
        return [f"the clock was not set: {exc.strerror}"]
    return []


def _stir(entropy: bytes) -> list[str]:
    """Credited where we may, and taken up at once; else only mixed in."""
    device = os.open(_RANDOM, os.O_WRONLY)
    try:
        fcntl.ioctl(device, _ADD_ENTROPY, struct.pack("ii", 8 * len(entropy), len(entropy)) + entropy)
        fcntl.ioctl(device, _RESEED)
    except OSError as exc:
        os.write(device, entropy)
        return [f"the randomness was stirred, but is not fresh before the kernel takes it up: {exc.strerror}"]
    finally:
        os.close(device)
    return []


def _name(machine_id: str) -> list[str]:
    undone = []
    for path in _ID_FILES:
        if path.is_file() and not path.is_symlink():
            try:
                path.write_text(f"{machine_id}\n")
            except OSError as exc:
                undone.append(f"{path} was not written: {exc.strerror}")
    return undone
