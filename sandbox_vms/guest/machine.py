"""The machine that the agent is in: its app, what that started from, and what differs now. It speaks no HTTP."""

from __future__ import annotations

import tempfile
import uuid
from collections import OrderedDict
from pathlib import Path

from cua.core import Changes
from cua.errors import SandboxError, TimedOut, UsageError
from drivers.desktop import Desktop
from sandbox_vms import launch
from sandbox_vms.apps import App
from sandbox_vms.bwrap import Program
from sandbox_vms.guest.programs import Programs
from sandbox_vms.home import Home, State
from sandbox_vms.world import DesktopWorld, defaults

_MOST_STATES = 8
_QUIT_LIMIT = 15.0  # the machine may be emulated in software


class Machine:
    """What touches the desktop is called on the desktop's thread, with the desktop at hand."""

    def __init__(self, programs: Programs) -> None:
        self.tree = programs
        self.app: App | None = None
        self._room = tempfile.TemporaryDirectory(prefix="cua-guest-")
        self._desktop: Desktop | None = None
        self._home: Home | None = None
        self._world: DesktopWorld | None = None
        self._program: Program | None = None
        self._states: OrderedDict[str, State] = OrderedDict()

    def close(self) -> None:
        """Remove what it kept on the disk."""
        self._room.cleanup()

    @property
    def driver(self) -> Desktop:
        if self._desktop is None:
            raise SandboxError("the desktop was not looked at yet; ask when the agent is ready")
        return self._desktop

    @property
    def _log(self) -> Path:
        return Path(self._room.name) / "app.log"

    @property
    def home(self) -> Home:
        """The user's home, over an empty one."""
        if self._home is None:
            empty = Path(self._room.name) / "empty"
            empty.mkdir(exist_ok=True)
            self._home = Home(empty, self.tree.home, defaults=defaults())
        return self._home

    def world(self, desktop: Desktop) -> DesktopWorld:
        """What is in the machine; the start state is now if there is none yet."""
        self._desktop = desktop
        if self._world is None:
            self._world = DesktopWorld(self, self.app.command if self.app else ())
        return self._world

    def begin(self, desktop: Desktop) -> None:
        """Let the start state be now."""
        self._states.clear()
        self._world = None
        self.world(desktop)

    # ------------------------------------------------------------------------------------------ the app

    def start(self, desktop: Desktop, app: App, *, seconds: float) -> None:
        """Start this app, after one that runs is quit, and let the start state be when its window shows."""
        if self.app is not None:
            self.quit(desktop)
        self._furnish(app)
        self.app = app
        self._launch(desktop, seconds)
        self.begin(desktop)

    def restart(self, desktop: Desktop, *, seconds: float) -> None:
        """Quit the app as a person would and start it again over the home as it is now. Raises TimedOut if it shows no
        window then.
        """
        if self.app is None:
            raise UsageError("no app was started in this guest, so none can be started again")
        self.quit(desktop)
        try:
            self._launch(desktop, seconds)
        except TimedOut as exc:
            what = f"{self.app.name} showed a window, and shows none within {seconds:.0f} s when it is started again"
            raise TimedOut(f"{what}; it said: {launch.said(self._log)}") from exc

    def quit(self, desktop: Desktop) -> None:
        """Close all windows politely; end the app if it asks or hangs."""
        launch.quit_app(self._program or Program(None), desktop, self.tree, seconds=_QUIT_LIMIT)

    def _launch(self, desktop: Desktop, seconds: float) -> None:
        assert self.app is not None
        log = self._log
        log.unlink(missing_ok=True)
        others = frozenset(window.id for window in launch.windows(desktop))
        self._program = self.tree.enter(self.app.command, log=log, env=self.app.env)
        launch.await_window(self.app, self._program, desktop, log, seconds=seconds, others=others)

    def _furnish(self, app: App) -> None:
        for name, content in app.files.items():
            path = self.tree.home / name
            with self.tree.as_user():
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    path.write_text(content)

    # ------------------------------------------------------------------------------------------ its states

    def keep(self, desktop: Desktop) -> str:
        """Remember the home as it is now; the name it is remembered by. Only the newest few are."""
        name = uuid.uuid4().hex[:12]
        self._states[name] = self.world(desktop).state()
        while len(self._states) > _MOST_STATES:
            self._states.popitem(last=False)
        return name

    def changes(self, desktop: Desktop, since: str | None) -> Changes:
        """What differs from the start state; of the home, from that state if one is named."""
        if since is not None and since not in self._states:
            raise UsageError(f"there is no state {since!r} any more; the newest {_MOST_STATES} are kept")
        return self.world(desktop).changes(None if since is None else self._states[since])
