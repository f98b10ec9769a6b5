"""What the tests of sandboxes share: an app to put into one, and what one has left on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cua.errors import CuaError
from sandbox_vms import bwrap, places
from sandbox_vms.apps import App, find
from tests.conftest import LIMIT


def installed() -> App:
    """An app that can be sandboxed here; skips the test where there is none."""
    try:
        bwrap.check()
        return find("mousepad")
    except CuaError as exc:
        pytest.skip(str(exc))


def left_of(room: Path) -> tuple[str, ...]:
    """What is left of a sandbox on this machine: its folder, display links, mounts, and processes that see it."""
    found = [str(room)] if room.exists() else []
    found += [str(link) for link, target in links() if target.is_relative_to(room)]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{room}/" in (process / "mountinfo").read_text():
                found.append(f"{process.name} {(process / 'comm').read_text().strip()}")
        except OSError:  # it ended meanwhile
            continue
    return tuple(found)


def links() -> list[tuple[Path, Path]]:
    return [(link, link.readlink()) for link in places.X_SOCKETS.glob("X*") if link.is_symlink()]


def awaited(holds: Callable[[], object], what: str) -> None:
    limit = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < limit, f"not within {LIMIT:.0f} s: {what}"
        time.sleep(0.01)


def await_nothing_of(room: Path) -> None:
    limit = time.monotonic() + LIMIT
    while left := left_of(room):
        assert time.monotonic() < limit, f"after {LIMIT:.0f} s there is left: {left}"
        time.sleep(0.01)
