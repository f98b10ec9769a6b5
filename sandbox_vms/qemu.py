"""A sandbox that is a whole virtual machine, cloned from a template in which the app already runs.

Its snapshots keep running programs too. The guest has no network but the agent's port; it cannot change its network.
"""

from __future__ import annotations

import contextlib
import math
import uuid
from pathlib import Path
from threading import Lock

from cua.errors import SandboxError, UsageError
from drivers.x11 import Window
from sandbox_vms import places, templates, vm
from sandbox_vms.apps import App
from sandbox_vms.interrupts import at_once, in_peace
from sandbox_vms.namespace import checked_name, silent
from sandbox_vms.pool import Pool, Running, begin
from sandbox_vms.processes import Process
from sandbox_vms.remote import Remote, RemoteDriver, RemoteWorld
from sandbox_vms.templates import Build, Say, Template
from sandbox_vms.vm import Vm

_RESTART_LIMIT = 60.0


class Qemu:
    """One app in a machine of its own, or none: then only its desktop. Owned by one thread from birth to `close`.

    `spare` keeps a clone ready for `reset`; `say` is told what is done. Raises MissingProgram if something must be
    installed, SandboxError or TimedOut if it does not come up.
    """

    keeps = "files and running programs"

    @at_once()
    def __init__(
        self,
        app: App | None,
        build: Build,
        *,
        size: tuple[int, int] = (1280, 800),
        say: Say = silent,
        spare: bool = True,
    ) -> None:
        vm.check()
        places.sweep()
        self._say = say
        self._begin(app, size, templates.of(build, app, size=size, say=say), spare)

    def _begin(self, app: App | None, size: tuple[int, int], template: Template, spare: bool) -> None:
        self._say("starting a machine")
        self.app, self.size = app, size
        self._template, self._spare = template, spare
        self._snapshots: dict[str, Template] = {}
        self._processes: dict[int, int] = {}
        self._recording = Lock()
        self._running: Running | None = None
        self._open = True
        self._last = last = contextlib.ExitStack()
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            last.enter_context(template.held())
            with in_peace():
                self._held = places.make(f"vm-{uuid.uuid4().hex[:12]}")
                last.callback(self._held.remove)
            self._pool = Pool(lambda: self._new(template))
            last.callback(self._pool.close)
            last.callback(self._end)
            self._use(self._pool.take(more=spare))
            undo.pop_all()

    # ------------------------------------------------------------------------------------------ what it has

    @property
    def room(self) -> Path:
        """The folder that all its files are in."""
        return self._held.path

    @property
    def remote(self) -> Remote:
        """The guest agent."""
        return self._now.remote

    @property
    def token(self) -> str:
        """What the agent must be told with each request."""
        return self._template.token

    @property
    def machine(self) -> Vm:
        """The machine that runs now."""
        return self._now.vm

    @property
    def driver(self) -> RemoteDriver:
        return self._driver

    @property
    def world(self) -> RemoteWorld:
        return self._world

    @property
    def _now(self) -> Running:
        if self._running is None:
            raise SandboxError("this sandbox is closed, or did not start; reset it or make a new one")
        return self._running

    # ------------------------------------------------------------------------------------------ putting it in order

    def launch(self, argv: tuple[str, ...]) -> None:
        """Start a program in the background, as the person, in the home."""
        self.remote.launch(argv)

    def windows(self) -> tuple[Window, ...]:
        """Those that show and stay, from the bottom to the top."""
        return self.remote.windows()

    def activate(self, window: int) -> None:
        """Raise it and give it the keyboard. Raises TimedOut, TargetGone."""
        self.remote.window(window, "activate")

    def close_window(self, window: int) -> None:
        """Ask its program to close it. Raises TargetGone."""
        self.remote.window(window, "close")

    def write(self, path: str, content: bytes) -> None:
        """A file of the person's, with the folders above it."""
        self.remote.write(path, content)

    # ------------------------------------------------------------------------------------------ life

    @at_once()
    def reset(self, snapshot: str = "") -> None:
        """The start state again, or a snapshot: another clone takes its place, and this one ends."""
        self._check_open()
        template = self._snapshot(snapshot) if snapshot else None
        running, self._running = self._running, None
        if running is not None:
            running.close()
        self._use(self._new(template) if template else self._pool.take(more=self._spare))

    @at_once()
    def restart(self, *, most: float = math.inf) -> None:
        """Quit the app as a person would and start it again over the home as it is now; so late writers write. Raises
        TimedOut if it shows no window then, at the latest after so many seconds.
        """
        said = f"{self.app.name if self.app else 'the app'} is quit and started again"
        self.remote.restart(seconds=min(_RESTART_LIMIT, most), waiting=lambda: self._say(said))

    def revive(self) -> None:
        """Start the app again if no window shows any more. Raises TimedOut if it shows none then."""
        if self.app is not None and not self.windows():
            self.restart()

    def quit(self) -> None:
        """Close the app's windows politely, then wait until it has ended; end it if it asks or hangs."""
        self.remote.quit()

    def snapshot(self, name: str) -> None:
        """Keep all of it as it is now, running programs too, for `reset` and `clone`. It goes on afterwards."""
        if checked_name(name) in self._snapshots:
            raise UsageError(f"there is a snapshot {name!r} already; choose another name")
        self._check_open()
        now = self._now
        # its memory is there twice for a while
        templates.check_space(self.room, 2 * self._template.hardware.memory, "a snapshot")
        now.remote.close()  # a connection that stands would be in the snapshot, with nobody at its other end
        now.vm.stop()
        try:
            now.kept = True
            written = now.vm.lay_over(now.room / f"over-{uuid.uuid4().hex[:8]}.qcow2")
            kept = templates.frozen(now.vm, self._template, self.room / f"snapshot-{name}", disk=written)
        finally:
            now.vm.go()
        self._snapshots[name] = kept

    def clone(self, snapshot: str = "") -> Qemu:
        """Another sandbox that begins as this one is now, or as a snapshot. It needs this one's files as long as it
        lives: close it first."""
        name = snapshot
        if not name:
            name = f"clone-{uuid.uuid4().hex[:8]}"
            self.snapshot(name)
        made = Qemu.__new__(Qemu)
        made._say = self._say
        made._begin(self.app, self.size, self._snapshot(name), False)
        return made

    @in_peace()
    def close(self) -> None:
        """End it and leave nothing."""
        if self._open:
            self._last.close()

    remove = close

    # ------------------------------------------------------------------------------------------ parts

    def _use(self, running: Running) -> None:
        self._running = running
        self._driver, self._world = RemoteDriver(running.remote), RemoteWorld(running.remote)

    def _new(self, template: Template) -> Running:
        return begin(template, self.room / f"m-{uuid.uuid4().hex[:8]}", started=self._started)

    def _started(self, machine: Vm) -> None:
        """Record it, so that the next start of ours ends what was left."""
        with self._recording:
            alive = {pid: start for pid, start in self._processes.items() if Process(pid, start).alive}
            self._processes = alive | {machine.process.pid: machine.process.start}
            self._held.record({"processes": list(self._processes.items())})
            if not self._open:  # nobody will use it
                machine.process.kill()

    def _end(self) -> None:
        """All its machines at once: one that is in the making waits for its guest no more."""
        with self._recording:
            self._open = False
            for pid, start in self._processes.items():
                Process(pid, start).kill()
        running, self._running = self._running, None
        if running is not None:
            running.close()

    def _snapshot(self, name: str) -> Template:
        if name not in self._snapshots:
            known = ", ".join(sorted(self._snapshots)) or "none"
            raise UsageError(f"there is no snapshot {name!r}; there are: {known}")
        return self._snapshots[name]

    def _check_open(self) -> None:
        if not self._open:
            raise SandboxError("this sandbox is closed; make a new one")
