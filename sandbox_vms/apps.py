"""From a name to a program that can be run: a data file in `apps/`, or any command that is installed. Knows no app itself."""

from __future__ import annotations

import difflib
import shlex
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from cua.errors import MissingProgram, SettingsError, UsageError

FOLDER = Path(__file__).parent / "apps"


@dataclass(frozen=True, slots=True)
class App:
    """A program: `command` as argv, the Debian `package` that has it, extra environment, and files that its home starts with."""

    name: str
    command: tuple[str, ...]
    package: str = ""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def find(name: str) -> App:
    """The app of that name, or the program of that command line.

    Raises UsageError if nothing is called so, MissingProgram if it is known but not installed.
    """
    words = shlex.split(name)
    if not words:
        raise UsageError("no app was named; try: cua practice COMMAND, with the command that starts it")
    described = FOLDER / f"{words[0].lower()}.toml"
    app = _described(described) if len(words) == 1 and described.is_file() else None
    if app is None:
        app = App(name=Path(words[0]).name.lower(), command=tuple(words))
    if shutil.which(app.command[0]) is None:
        if app.package:
            raise MissingProgram(f"{app.name} is not installed; install it with: apt-get install {app.package}")
        raise UsageError(f"no program is called {words[0]!r}{_closest(words[0])}; name an installed command")
    return app


def names() -> tuple[str, ...]:
    """The apps that have a data file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def _described(path: Path) -> App:
    try:
        data = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}; correct the file or remove it") from error
    command = shlex.split(data.get("command", path.stem))
    return App(path.stem, tuple(command), data.get("package", ""), data.get("env", {}), data.get("files", {}))


def _closest(name: str) -> str:
    close = difflib.get_close_matches(name, names(), n=3)
    return f" (closest: {', '.join(close)})" if close else ""
