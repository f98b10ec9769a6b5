"""A sandbox of Linux namespaces: a private display, buses, home and process tree with no network, in bubblewrap.

Its snapshots keep files only, not running programs; it cannot change network or clock.
"""

from __future__ import annotations

import contextlib
import math
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from cua.errors import DisplayGone, SandboxError, UsageError
from drivers.desktop import Desktop
from sandbox_vms import bwrap, launch, places
from sandbox_vms.apps import App
from sandbox_vms.home import Home, State
from sandbox_vms.inside import RUNTIME, environment, give, make_home
from sandbox_vms.interrupts import at_once, in_peace
from sandbox_vms.processes import Process
from sandbox_vms.world import DesktopWorld, Start, defaults

Say = Callable[[str], None]
T = TypeVar("T")
_ENDING = 1.0  # seconds that a program may take to end after its windows
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def checked_name(name: str) -> str:
    """The name, if a sandbox or a snapshot may be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name: up to 64 letters, digits, '-', '_' and '.', the first no '-' or '.'")
    return name


def silent(_: str) -> None:
    """Whoever does not want to hear of progress."""


def ended(name: str) -> SandboxError:
    """What to say of a lasting sandbox whose processes are gone."""
    return SandboxError(
        f"the sandbox {name!r} has ended, as with the machine; cua sandbox reset {name} starts it anew, "
        f"cua sandbox rm {name} removes it"
    )


class Namespace:
    """One app in a machine of its own. Owned by one thread from birth to `close`.

    The app is started and shows its window when the constructor returns. With a `name` it is a lasting sandbox: `close`
    lets it go on, and `sandbox_vms.lasting` finds it again. `lower` is a folder that its home starts as; `say` is told
    when the app is started. Raises MissingProgram if something must be installed, SandboxError or TimedOut if it does
    not come up.
    """

    keeps = "files"

    @at_once()
    def __init__(
        self,
        app: App,
        *,
        size: tuple[int, int] = (1280, 800),
        lower: Path | None = None,
        name: str = "",
        say: Say = silent,
    ) -> None:
        say(f"starting {app.name}")
        bwrap.check()
        places.sweep()
        called = places.lasting_name(checked_name(name)) if name else f"sb-{uuid.uuid4().hex[:12]}"
        with contextlib.ExitStack() as undo:
            with in_peace():
                self._set_up(places.make(called), app, size, name, say)
                undo.callback(self.remove)
            self._make_lower(lower)
            self._start(self._lower)
            undo.pop_all()

    @classmethod
    @at_once()
    def resume(cls, held: places.Room, *, reset: bool = False) -> Namespace:
        """Go on with a lasting sandbox whose room we hold, or give it back its start state. Its app is started if it
        has ended. Raises SandboxError if the sandbox itself has ended."""
        bwrap.check()
        known = places.recorded(held.path)
        sandbox = cls.__new__(cls)
        sandbox._set_up(held, recorded_app(known), (known["size"][0], known["size"][1]), known["name"], silent)
        sandbox._generation, sandbox.created = known["generation"], known["created"]
        with contextlib.ExitStack() as undo:
            undo.callback(sandbox.close)
            sandbox._go_on(known, reset=reset)
            undo.pop_all()
        return sandbox

    def _set_up(self, held: places.Room, app: App, size: tuple[int, int], name: str, say: Say) -> None:
        self.app, self.size, self.name, self._say = app, size, name, say
        self.created = time.time()
        self._held = held
        self._lower = held.path / "lower"
        self._generation = 0
        self._open = True
        self._tree: bwrap.Tree | None = None
        self._driver: Desktop | None = None
        self._world: DesktopWorld | None = None
        self._program = bwrap.Program(None)

    # ------------------------------------------------------------------------------------------ what it has

    @property
    def room(self) -> Path:
        """The folder that all its files are in."""
        return self._held.path

    @property
    def driver(self) -> Desktop:
        return _there(self._driver)

    @property
    def world(self) -> DesktopWorld:
        return _there(self._world)

    @property
    def tree(self) -> bwrap.Tree:
        """Its running processes."""
        return _there(self._tree)

    # ------------------------------------------------------------------------------------------ life

    @at_once()
    def reset(self, snapshot: str = "") -> None:
        """The start state again, or a snapshot: everything in it ends, the home is as then, the app is started anew."""
        lower = self._snapshot(snapshot) if snapshot else self._lower
        self._check_open()
        self._end()
        self._start(lower)

    @at_once()
    def restart(self, *, most: float = math.inf) -> None:
        """Quit the app as a person would and start it again over the home as it is now; so late writers write. Raises
        TimedOut if it shows no window then, at the latest after so many seconds.
        """
        self._say(f"{self.app.name} is quit and started again")
        self.quit()
        self._close_driver()
        self._launch(most)
        self._record()

    @at_once()
    def revive(self) -> None:
        """Start the app again if it died or shows no window any more; other programs go on, and so does the driver.
        Raises SandboxError or TimedOut if it does not come up.
        """
        shown = launch.windows(self.driver)
        if shown and not self._program.wait(_ENDING):  # it runs, or has handed over to what shows
            return
        self._say(f"{self.app.name} is gone, and is started again")
        if not shown:
            self.quit()
        self._launch(others=frozenset(window.id for window in shown))
        self._record()

    def quit(self) -> None:
        """Close the app's windows politely, then wait until it has ended; end it if it asks or hangs."""
        launch.quit_app(self._program, self.driver, self.tree)

    def snapshot(self, name: str) -> None:
        """Keep the files of the home as they are now, for `reset` and `clone`."""
        kept = self.room / f"snapshot-{checked_name(name)}"
        if kept.exists():
            raise UsageError(f"there is a snapshot {name!r} already; choose another name")
        self._check_open()
        part = self.room / f"part-{uuid.uuid4().hex[:8]}"
        self.home.copy(part)
        give(part)
        part.rename(kept)

    def clone(self, snapshot: str = "") -> Namespace:
        """Another sandbox whose home starts as this one's is now, or as a snapshot. Running programs are not cloned."""
        if snapshot:
            return Namespace(self.app, size=self.size, lower=self._snapshot(snapshot))
        self._check_open()
        part = self.room / f"part-{uuid.uuid4().hex[:8]}"
        self.home.copy(part)
        try:
            return Namespace(self.app, size=self.size, lower=part)
        finally:
            places.remove(part)

    @in_peace()
    def close(self) -> None:
        """End it and leave nothing; a lasting one is only let go."""
        if not self.name:
            self.remove()
        elif self._open:
            self._open = False
            self._close_driver()
            if self._tree is not None:
                self._tree.let_go()
            self._held.release()

    @in_peace()
    def remove(self) -> None:
        """End it and leave nothing, be it lasting or not."""
        if self._open:
            self._end()
            self._open = False
            self._held.remove()

    # ------------------------------------------------------------------------------------------ parts

    def _start(self, lower: Path) -> None:
        self._generation += 1
        room = self.room / f"g{self._generation}"
        room.mkdir(mode=0o711)
        self._start_from = lower
        self._tree = bwrap.start(room, lower, size=self.size, env=self.app.env)
        # read before any app runs: it could write there what leads us elsewhere
        said = (room / "run/at-spi.address").read_text()
        self._address = said.partition("unix:path=")[2].partition(",")[0].removeprefix(RUNTIME)
        self._display = places.claim_display(room / "run/x")
        self.home = Home(lower, room / "upper", defaults=defaults())
        self._launch()
        self._world = DesktopWorld(self, self.app.command)
        self._record()
        if self.name:
            self._tree.stay()

    def _launch(self, most: float = math.inf, others: frozenset[int] = frozenset()) -> None:
        log, limit = self.tree.room / "app.log", min(launch.APP_LIMIT, most)
        self._program = self.tree.enter(self.app.command, log=log)
        self._driver = self._driver or self._connect()
        launch.await_window(self.app, self._program, self._driver, log, seconds=limit, others=others)

    def _connect(self) -> Desktop:
        run = self.tree.room / "run"
        buses = f"unix:path={run}/bus", f"unix:path={run}{self._address}"
        return Desktop(f":{self._display}", *buses, uid=places.guest_uid())

    def _end(self) -> None:
        self._close_driver()
        if self._tree is not None:
            self._tree.end()
        self._tree = self._world = None
        for room in self.room.glob("g*"):
            places.remove(room)

    def _close_driver(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            with contextlib.suppress(DisplayGone):  # the display may have ended before us
                driver.close()

    def _go_on(self, known: dict[str, Any], *, reset: bool) -> None:
        room = self.room / f"g{self._generation}"
        init, outer = Process(*known["init"]), Process(*known["outer"])
        if init.alive:
            self._tree = bwrap.Tree(room, init, outer, environment(self.app.env))
        if reset:
            self._end()
            self._start(self._lower)
            return
        if self._tree is None:
            raise ended(self.name)
        self._display, self._address = known["display"], known["address"]
        self._start_from = self.room / known["start_from"]
        self.home = Home(self._start_from, room / "upper", defaults=defaults())
        self._program = bwrap.Program(Process(*known["program"]) if known["program"] else None)
        self._driver = self._connect()
        if self._program.code() is not None and not launch.windows(self._driver):
            self._close_driver()
            self._launch()
        start = Start(State(**_frozen(known["first"])), frozenset(known["windows"]), known["clipboard"])
        self._world = DesktopWorld(self, self.app.command, start)
        self._record()

    def _record(self) -> None:
        tree, start, program = self.tree, self.world.start, self._program.process
        self._held.record(
            {
                "name": self.name,
                "app": asdict(self.app),
                "size": self.size,
                "created": self.created,
                "generation": self._generation,
                "display": self._display,
                "address": self._address,
                "start_from": self._start_from.name,
                "init": (tree.init.pid, tree.init.start),
                "outer": (tree.outer.pid, tree.outer.start),
                "program": (program.pid, program.start) if program else None,
                "first": asdict(start.home),
                "windows": sorted(start.windows),
                "clipboard": start.clipboard,
            }
        )

    def _snapshot(self, name: str) -> Path:
        kept = self.room / f"snapshot-{checked_name(name)}"
        if not kept.is_dir():
            known = ", ".join(sorted(p.name.removeprefix("snapshot-") for p in self.room.glob("snapshot-*"))) or "none"
            raise UsageError(f"there is no snapshot {name!r}; there are: {known}")
        return kept

    def _make_lower(self, source: Path | None) -> None:
        if source:
            Home(source, source, defaults={}).copy(self._lower)
            give(self._lower)
        else:
            make_home(self._lower, self.app.files)

    def _check_open(self) -> None:
        if not self._open:
            raise SandboxError("this sandbox is closed; make a new one")


def _there(part: T | None) -> T:
    if part is None:
        raise SandboxError("this sandbox is closed, or did not start; reset it or make a new one")
    return part


def recorded_app(known: dict[str, Any]) -> App:
    """The app of a lasting sandbox, from what is recorded of it."""
    return App(**{**known["app"], "command": tuple(known["app"]["command"])})


def _frozen(known: dict[str, Any]) -> dict[str, Any]:
    return {**known, "files": {path: tuple(found) for path, found in known["files"].items()}}
