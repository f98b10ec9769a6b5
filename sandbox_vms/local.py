"""The person's own machine as a world, for replays: only what can be read without running or changing anything.

It reads files under the home, the settings in them, and the screen. It runs no program, and it cannot tell all that
changed, so nothing judged in it is proof of the whole world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cua.core import Changes, Completed, Driver, Observation, Open, Sandbox, World
from cua.errors import DriverError, SandboxError, UsageError
from sandbox_vms.settings_files import read_settings


class LocalFiles:
    """Where the files of a home lie, before there is anything to see of its world."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = (home or Path.home()).resolve()

    def path(self, path: str) -> Path:
        """Where a file lies on disk. Raises UsageError for one outside of the home."""
        found = (self._home / path.removeprefix("~/")).resolve()
        if not found.is_relative_to(self._home):
            raise UsageError(f"{path} lies outside of the home {self._home}; only files in it are read as proof")
        return found


class LocalWorld(LocalFiles):
    """`driver` is the one that the replay acts with; `home` is the folder that files are read under.

    `partial` says that `changes` knows of none: there is no start state to compare with.
    """

    partial = True

    def __init__(self, driver: Driver, home: Path | None = None) -> None:
        super().__init__(home)
        self._driver = driver

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError, UsageError, SandboxError."""
        found = self.path(path)
        try:
            return found.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as exc:
            raise SandboxError(f"{path} cannot be read: {exc.strerror}; see that it is a file of yours") from exc

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """Raises SandboxError: nothing is run on a person's machine to find out what came of a replay."""
        raise SandboxError(f"{' '.join(argv[:1])} is not run here: only a sandbox runs programs for a check")

    def changes(self) -> Changes:
        """Nothing: what it was before is not known."""
        return Changes()

    def setting(self, key: str) -> str | None:
        """The value of "<file>#<key>" or "gsettings:/path/key" in the home, None where the file does not say.

        Raises SandboxError for any other kind of key, and for a desktop setting at its default, which no file holds.
        """
        return setting_in(key, self.read)

    def observe(self) -> Observation:
        """What the screen shows now, without a picture."""
        return self._driver.observe(frame=False)

    def reload(self) -> None:
        """Fetch the page in front once more, by its address and never by sending a form again."""
        url = self._driver.observe(frame=False).place.url
        if not url:
            raise DriverError("there is no page to load again; only a browser has one")
        self._driver.act(Open(url))


@dataclass(frozen=True, slots=True)
class Standing:
    """A machine, or a page, as a sandbox that stays as it is: it is looked at and acted in, never given back its start
    state.
    """

    driver: Driver
    world: World

    def reset(self) -> None:
        raise self._refused()

    def restart(self) -> None:
        raise self._refused()

    def snapshot(self, name: str) -> None:
        raise self._refused()

    def clone(self) -> Sandbox:
        raise self._refused()

    def close(self) -> None: ...

    def _refused(self) -> UsageError:
        return UsageError(
            "what is worked on here stays as it is; only a sandbox of an app can be given back its start state"
        )


def setting_in(key: str, read: Callable[[str], bytes]) -> str | None:
    """A setting as the file that holds it says; `read` gives a file of the home, or raises FileNotFoundError.

    Raises SandboxError for a key of another kind, and for a desktop setting at its default, which no file holds.
    """
    path, mark, _ = key.partition("#")
    if key.startswith("gsettings:"):
        return _desktop_setting(key, read)
    if not mark:
        raise SandboxError(f"{key} cannot be read here: outside of a sandbox only settings in files are")
    try:
        found = read_settings(path.removeprefix("~/"), read(path))
    except FileNotFoundError:
        return None
    if found is None:
        raise SandboxError(f"{path} is no settings file that can be read; check the key")
    names = (key, key.removeprefix("~/"))
    return next((found[name] for name in names if name in found), None)


def _desktop_setting(key: str, read: Callable[[str], bytes]) -> str:
    for path in (".config/glib-2.0/settings/keyfile", ".config/dconf/user"):
        try:
            found = read_settings(path, read(path)) or {}
        except FileNotFoundError:
            continue
        if key in found:
            return found[key]
    raise SandboxError(f"{key} is at its default, which is not known here; check it in a sandbox")
