"""What really is in a sandbox with a desktop, read beside its programs: for the judge, never for a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Literal, Protocol

from cua.core import Change, Changes, Completed, Observation
from cua.errors import UsageError
from drivers.desktop import Desktop
from sandbox_vms import xfconf
from sandbox_vms.home import Home, State
from sandbox_vms.inside import HOME, environment
from sandbox_vms.launch import Runs
from sandbox_vms.schemas import load


@dataclass(frozen=True, slots=True)
class Start:
    """The start state, which changes are told against."""

    home: State
    windows: frozenset[str]
    clipboard: str | None


class Machine(Protocol):
    """What a world is read from. Its driver may be another one after the app was started anew."""

    @property
    def home(self) -> Home: ...

    @property
    def driver(self) -> Desktop: ...

    @property
    def tree(self) -> Runs: ...


@lru_cache(maxsize=1)
def defaults() -> Mapping[str, str]:
    """The settings of installed programs that hold where nobody chose."""
    schemas = load(desktops=tuple(environment({})["XDG_CURRENT_DESKTOP"].split(":")))
    return {**schemas.defaults(), **xfconf.defaults()}


class DesktopWorld:
    """`~/.cache` does not count as a change, nor do folders without files. `command` is the app's, as far as there is
    one; `start` is now, unless it is given."""

    def __init__(self, sandbox: Machine, command: tuple[str, ...] = (), start: Start | None = None) -> None:
        self._sandbox = sandbox
        self._xfconf = xfconf.Xfconf({PurePath(each).name for each in command[:1]})
        self._last = start.home if start else State()
        self.start = start or Start(self.state(), self._titles(), self._clip())

    def read(self, path: str) -> bytes:
        """A file by its path inside. Raises FileNotFoundError, SandboxError."""
        for prefix in ("~/", HOME + "/"):
            if path.startswith(prefix):
                return self._sandbox.home.read(path.removeprefix(prefix))
        if not path.startswith("/"):
            raise UsageError(f"{path!r} begins neither with / nor with ~/; say where it lies")
        done = self.exec(("cat", "--", path))
        if done.code:
            raise FileNotFoundError(f"{path} in the sandbox: {done.err.strip()}")
        return done.out.encode(errors="surrogateescape")

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """Run a command in the home; 124 is the code of one that was cut off, -N of one that signal N ended."""
        return self._sandbox.tree.exec(argv, seconds=seconds)

    def state(self) -> State:
        """The home now, to give to `changes` later."""
        self._last = self._sandbox.home.state(self._last)
        live = self._xfconf.settings(self._sandbox.driver.session)
        return replace(self._last, settings={**self._last.settings, **live}) if live else self._last

    def changes(self, since: State | None = None) -> Changes:
        """What differs from the start state; of the home, from `since` if that is given."""
        now = self.state()
        settings, files = self._sandbox.home.changes(since or self.start.home, now)
        titles, clip = self._titles(), self._clip()
        windows: dict[str, Literal["opened", "closed"]] = {}
        windows |= {title: "opened" for title in sorted(titles - self.start.windows)}
        windows |= {title: "closed" for title in sorted(self.start.windows - titles)}
        changed = Change(self.start.clipboard, clip) if clip != self.start.clipboard else None
        contents = {path: now.hashes[path] for path in files if path in now.hashes}
        return Changes(settings, files, windows, changed, contents)

    def setting(self, key: str) -> str | None:
        """The value of a settings key that holds now, its default if nothing says otherwise, else None."""
        for settings in self.state().settings.values():
            if key in settings:
                return settings[key]
        return self._sandbox.home.defaults.get(key)

    def observe(self) -> Observation:
        """What the screen shows now, without a picture."""
        return self._sandbox.driver.observe(frame=False)

    def _titles(self) -> frozenset[str]:
        return frozenset(window.title for window in self._sandbox.driver.x11.windows() if not window.popup)

    def _clip(self) -> str | None:
        return self._sandbox.driver.x11.clipboard()
