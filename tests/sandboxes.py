"""What the tests of sandboxes share: an app to put into one, looks at it, and what one has left on this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cua.core import Driver, Observation
from cua.errors import CuaError, MissingProgram
from sandbox_vms import bwrap, lasting, places
from sandbox_vms.apps import App, find
from sandbox_vms.namespace import Namespace
from tests.waiting import awaited

PYTHON = "/usr/bin/python3"


def installed() -> App:
    """An app that can be sandboxed here; skips the test where there is none."""
    try:
        bwrap.check()
        return find("mousepad")
    except CuaError as exc:
        pytest.skip(str(exc))


def with_gtk(version: str) -> str:
    """The system's Python, which has this version of GTK; skips the test where it has not."""
    script = f'import gi; gi.require_version("Gtk", "{version}"); from gi.repository import Gtk'
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", script], capture_output=True, check=False).returncode:
        pytest.skip(f"no GTK for Python; install the Debian packages python3-gi and gir1.2-gtk-{version}")
    return PYTHON


@contextmanager
def sandboxed(app: App) -> Iterator[Namespace]:
    """This app in a sandbox of its own; skips the test where there are none."""
    try:
        made = Namespace(app)
    except MissingProgram as exc:
        pytest.skip(str(exc))
    with closing(made):
        yield made


@contextmanager
def lasted(app: App, name: str, home: Path) -> Iterator[Path]:
    """A home with a lasting sandbox of that name, as at its start; it is removed, if no test has done so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUA_HOME", str(home))
        lasting.create(app, name=name).close()
    yield home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUA_HOME", str(home))
        if name in [entry.name for entry in lasting.list_all()]:
            lasting.remove(name)


def moved_in(home: Path, patch: pytest.MonkeyPatch) -> None:
    """This test has that home, with nothing in it but the sandboxes, which lie elsewhere."""
    shutil.rmtree(home, ignore_errors=True)
    patch.setenv("CUA_HOME", str(home))


def whole(driver: Driver) -> Observation:
    """A look at everything: on a busy machine one that must walk a tree may run out of time, and says so."""
    return awaited(lambda: driver.observe(frame=False), "a whole look", lambda now: "tree was cut" not in now.note)


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


def await_nothing_of(room: Path) -> None:
    awaited(lambda: left_of(room), f"nothing is left of {room}", lambda left: not left)
