"""A sandbox of Linux namespaces: a private display, buses, home and process tree with no network, in bubblewrap.

Its snapshots keep files only, not running programs; it cannot change network or clock.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from functools import lru_cache
from pathlib import Path

from cua.core import Change, Changes, Completed, Observation
from cua.errors import SandboxError, TimedOut
from drivers.desktop import Desktop
from sandbox_vms import bwrap, places
from sandbox_vms.apps import App
from sandbox_vms.home import Home, State
from sandbox_vms.schemas import load

_APP_LIMIT = 30.0
_QUIT_LIMIT = 5.0
_TICK = 0.01
_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures")


@lru_cache(maxsize=1)
def _defaults() -> dict[str, str]:
    return dict(load((Path("/usr/share"), Path("/usr/local/share"))).defaults())


class Namespace:
    """One app in a machine of its own. Owned by one thread, which must live as long as the sandbox.

    The app is started and shows its window when the constructor returns. Raises MissingProgram if something must be
    installed, SandboxError or TimedOut if it does not come up.
    """

    keeps = "files"

    def __init__(self, app: App, *, size: tuple[int, int] = (1280, 800), lower: Path | None = None) -> None:
        bwrap.check()
        places.sweep()
        self.app, self.size = app, size
        self.room = places.base() / f"sb-{uuid.uuid4().hex[:12]}"
        self.room.mkdir(mode=0o711)
        me = places.Process.of(os.getpid())
        (self.room / "owner").write_text(f"{me.pid} {me.start}")
        self.lower = self.room / "lower"
        self._make_lower(lower)
        self._generation = 0
        self._snapshots: dict[str, Path] = {}
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------------------------------ life

    def reset(self) -> None:
        """The start state again: everything in it ends, the home is as at first, the app is started anew."""
        self._end()
        self._start()

    def restart(self) -> None:
        """Quit the app as a person would and start it again over the home as it is now; so late writers write."""
        self.quit()
        self.driver.close()
        self._launch()

    def quit(self) -> None:
        """Close the app's windows politely, then wait until it has ended; end it if it asks or hangs."""
        limit = time.monotonic() + _QUIT_LIMIT
        for window in self.driver.x11.windows():
            self.driver.x11.close_window(window)
        while self._app.poll() is None:
            if time.monotonic() > limit:
                self._app.terminate()
                self._app.wait()
                return
            time.sleep(_TICK)

    def snapshot(self, name: str) -> None:
        """Keep the files of the home as they are now; `clone` starts from the last of them."""
        kept = self.room / f"snapshot-{name}"
        if kept.exists():
            raise SandboxError(f"there is a snapshot {name!r} already; choose another name")
        self._copy_home(kept)
        self._snapshots[name] = kept

    def clone(self) -> Namespace:
        """Another sandbox whose home starts as this one's is now. Running programs are not cloned."""
        home = self.room / f"clone-{uuid.uuid4().hex[:8]}"
        self._copy_home(home)
        try:
            return Namespace(self.app, size=self.size, lower=home)
        finally:
            shutil.rmtree(home)

    def close(self) -> None:
        self._end()
        if self.room.exists():
            places.remove(self.room)

    # ------------------------------------------------------------------------------------------ parts

    def _start(self) -> None:
        self._generation += 1
        room = self.room / f"g{self._generation}"
        room.mkdir(mode=0o711)
        self.tree = bwrap.start(room, self.lower, size=self.size, env=self.app.env)
        self.display = places.claim_display(room / "x")
        self.home = Home(self.lower, room / "upper", defaults=_defaults())
        self._launch()
        self.world = NamespaceWorld(self)

    def _launch(self) -> None:
        run = self.tree.room / "run"
        address = (run / "at-spi.address").read_text().partition('unix:path=')[2].partition(",")[0]
        inside = address.removeprefix(bwrap.RUNTIME)
        uid = places.guest_uid()
        self._app = self.tree.enter(self.app.command, log=self.tree.room / "app.log")
        self.driver = Desktop(
            f":{self.display}", f"unix:path={run}/bus", f"unix:path={run}{inside}", uid=uid
        )
        self._await_window()

    def _await_window(self) -> None:
        limit = time.monotonic() + _APP_LIMIT
        since = 0.0
        while True:
            now = self.driver.observe(frame=False)
            if any("active" in e.states for e in now.elements):
                break
            if now.note or now.elements:  # a window that accessibility does not know, or one that is not active
                since = since or time.monotonic()
                if time.monotonic() - since > 1.0:
                    break
            code = self._app.poll()
            if code:
                raise SandboxError(f"{self.app.name} ended with code {code} at once; it said: {self._said()}")
            if time.monotonic() > limit:
                raise TimedOut(f"no window of {self.app.name} within {_APP_LIMIT:.0f} s; it said: {self._said()}")
            self.driver.access.bus.pump(_TICK)
        self.driver.settle()

    def _said(self) -> str:
        lines = (self.tree.room / "app.log").read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "nothing"

    def _end(self) -> None:
        if "driver" in self.__dict__:
            self.driver.close()
        if "tree" in self.__dict__:
            self.tree.end()
            places.release_display(self.display, self.tree.room)
            if self.tree.room.exists():
                places.remove(self.tree.room)

    def _make_lower(self, source: Path | None) -> None:
        if source:
            shutil.copytree(source, self.lower, symlinks=True)
        else:
            self.lower.mkdir(mode=0o755)
            for name in _FOLDERS:
                (self.lower / name).mkdir()
            for path, text in self.app.files.items():
                (self.lower / path).parent.mkdir(parents=True, exist_ok=True)
                (self.lower / path).write_text(text)
        uid = places.guest_uid()
        for path in (self.lower, *self.lower.rglob("*")):
            os.chown(path, uid, uid if os.geteuid() == 0 else -1, follow_symlinks=False)

    def _copy_home(self, target: Path) -> None:
        target.mkdir(mode=0o755)
        packed = self.world.exec(("tar", "-C", bwrap.HOME, "--exclude=./.cache", "-cf", "/tmp/home.tar", "."))  # noqa: S108
        if packed.code > 1:
            raise SandboxError(f"the home cannot be copied: {packed.err}")
        self.tree.enter(("true",)).wait()
        with subprocess.Popen(
            [*self.tree.entering(), "cat", "/tmp/home.tar"], env=self.tree.env, stdout=subprocess.PIPE  # noqa: S108
        ) as reader:
            unpacked = subprocess.run(["tar", "-C", str(target), "-xf", "-"], stdin=reader.stdout, check=False)
        if unpacked.returncode:
            raise SandboxError("the home's copy cannot be unpacked: is the disk full?")


class NamespaceWorld:
    """What really is in the sandbox, read from outside of it. `~/.cache` does not count as a change."""

    def __init__(self, sandbox: Namespace) -> None:
        self._sandbox = sandbox
        self._first = sandbox.home.state()
        self._last = self._first
        self._windows = self._titles()
        self._clipboard = self._clip()

    def read(self, path: str) -> bytes:
        """A file by its path inside. Raises FileNotFoundError, SandboxError."""
        for prefix in ("~/", bwrap.HOME + "/"):
            if path.startswith(prefix):
                return self._sandbox.home.read(path.removeprefix(prefix))
        done = self.exec(("cat", "--", path))
        if done.code:
            raise FileNotFoundError(f"{path} in the sandbox: {done.err.strip()}")
        return done.out.encode(errors="surrogateescape")

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        process = self._sandbox.tree.enter(("timeout", "-k", "1", f"{seconds:g}", *argv))
        out, err = process.communicate()
        return Completed(process.returncode, out.decode(errors="surrogateescape"), err.decode(errors="replace"))

    def state(self) -> State:
        self._last = self._sandbox.home.state(self._last)
        return self._last

    def changes(self, since: State | None = None) -> Changes:
        settings, files = self._sandbox.home.changes(since or self._first, self.state())
        titles = self._titles()
        opened = dict.fromkeys(sorted(titles - self._windows), "opened")
        closed = dict.fromkeys(sorted(self._windows - titles), "closed")
        clip = self._clip()
        changed = Change(self._clipboard, clip) if clip != self._clipboard else None
        return Changes(settings, files, {**opened, **closed}, changed)  # type: ignore[arg-type]

    def setting(self, key: str) -> str | None:
        """The value of a settings key that holds now, its default if nothing says otherwise, else None."""
        for settings in self.state().settings.values():
            if key in settings:
                return settings[key]
        return self._sandbox.home.defaults.get(key)

    def observe(self) -> Observation:
        return self._sandbox.driver.observe(frame=False)

    def _titles(self) -> frozenset[str]:
        return frozenset(window.title for window in self._sandbox.driver.x11.windows())

    def _clip(self) -> str | None:
        return self._sandbox.driver.x11.clipboard()
