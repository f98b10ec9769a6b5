"""Lasting sandboxes by their names: made once, driven by one process after another, until somebody removes them.

It keeps no list of its own: the rooms are the list.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cua.core import Completed
from cua.errors import SandboxError, UsageError
from sandbox_vms import bwrap, places
from sandbox_vms.apps import App, asked
from sandbox_vms.inside import environment
from sandbox_vms.namespace import Namespace, checked_name, ended, recorded_app
from sandbox_vms.processes import Process
from sandbox_vms.view import View


@dataclass(frozen=True, slots=True)
class Entry:
    """A lasting sandbox. `alive` is false once it has ended, as with the machine; `driven_by` is a process id or 0;
    `asked` is what `find` gives its app for.
    """

    name: str
    app: str
    alive: bool
    created: float
    room: Path
    driven_by: int = 0
    display: str = ""
    size: tuple[int, int] = (0, 0)
    trouble: str = ""
    asked: str = ""


def create(app: App, *, name: str, size: tuple[int, int] = (1280, 800)) -> Namespace:
    """A new lasting sandbox, driven by us. Raises UsageError if the name is taken."""
    return Namespace(app, size=size, name=checked_name(name))


def attach(name: str, *, reset: bool = False) -> Namespace:
    """Drive a lasting sandbox until `close`. Its app is started again if somebody quit it.

    With `reset` it gets its start state back, also if it has ended. Raises UsageError if there is none of that name,
    SandboxError if another process drives it or it has ended.
    """
    return Namespace.resume(_held(name), reset=reset)


def execute(name: str, argv: tuple[str, ...], *, seconds: float, given: int | None = None) -> Completed:
    """Run a command in it, also while another process drives it, as while a person is recorded there. What the
    descriptor `given` has is its standard input.

    Its app is not started again. Raises UsageError if there is none of that name, SandboxError if it has ended.
    """
    path, known = _living(name)
    init, outer = Process(*known["init"]), Process(*known["outer"])
    tree = bwrap.Tree(path / f"g{known['generation']}", init, outer, environment(known["app"]["env"]))
    try:
        return tree.exec(argv, seconds=seconds, given=given)
    finally:
        tree.let_go()


def view(name: str) -> View:
    """Its screen as a page, also while another process drives it. Raises as `execute` does."""
    return View(f":{_living(name)[1]['display']}", name)


def list_all() -> tuple[Entry, ...]:
    """All of this home, by name."""
    return tuple(_entry(path) for path in places.lasting())


def remove(name: str) -> None:
    """End a lasting sandbox and leave nothing of it. UsageError if there is none, SandboxError if it is driven."""
    _held(name).remove()


def _held(name: str) -> places.Room:
    try:
        return places.take(_called(name))
    except FileNotFoundError as error:
        raise _unknown(name) from error


def _living(name: str) -> tuple[Path, dict[str, Any]]:
    """Its room and what is recorded of it, without a hold on it."""
    path = places.base() / _called(name)
    if not path.is_dir():
        raise _unknown(name)
    known = places.recorded(path)
    if not Process(*known["init"]).alive:
        raise ended(name)
    return path, known


def _called(name: str) -> str:
    """The name of its folder."""
    if name.startswith("qemu:"):
        raise UsageError(
            f"{name!r} is a virtual machine, which lives only as long as the verb that uses it; for this, make a "
            f"sandbox that stays: cua sandbox create {name.removeprefix('qemu:') or 'APP'}"
        )
    return places.lasting_name(checked_name(name))


def _unknown(name: str) -> UsageError:
    known = [places.called(path) for path in places.lasting()]
    close = ", ".join(difflib.get_close_matches(name, known, n=3)) or ", ".join(known) or "none"
    make = f"cua sandbox create APP --name {name}"
    return UsageError(f"no sandbox is called {name!r}; there are: {close}; to make one: {make}")


def _entry(path: Path) -> Entry:
    name, driver = places.called(path), places.holder(path)
    try:
        known = places.recorded(path)
    except SandboxError as error:
        return Entry(name, "", False, path.stat().st_mtime, path, driver, trouble=str(error))
    app, (width, height) = recorded_app(known), known["size"]
    alive, display = Process(*known["init"]).alive, f":{known['display']}"
    return Entry(name, app.name, alive, known["created"], path, driver, display, (width, height), asked=asked(app))
