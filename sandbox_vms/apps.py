"""From a name to a program that can be run: a data file in `apps/`, any installed command, or an application's title.

It knows no app itself.
"""

from __future__ import annotations

import difflib
import re
import shlex
import shutil
import tomllib
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, field
from pathlib import Path

from cua.errors import MissingProgram, SettingsError, UsageError

FOLDER = Path(__file__).parent / "apps"
ENTRIES = (Path("/usr/local/share/applications"), Path("/usr/share/applications"))
_FIELD = re.compile("%[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class App:
    """A program: `command` as argv, the Debian `package` that has it, its environment, and the files of a new home."""

    name: str
    command: tuple[str, ...]
    package: str = ""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def find(name: str) -> App:
    """The app of that name, the program of that command line, or the one whose title in the menus is that.

    Raises UsageError if nothing is called so, MissingProgram if it is known but not installed.
    """
    words = _words(name)
    app = _of_command(words)
    if shutil.which(app.command[0]) is None:
        if app.package:
            raise MissingProgram(f"{app.name} is not installed; install it with: apt-get install {app.package}")
        return _of_command(_titled(name))
    return app


def named(name: str) -> App:
    """The same without looking whether it is installed on this machine, for an app that is to be in another."""
    return _of_command(_words(name))


def asked(app: App) -> str:
    """What `find` gives this app for: its name where that says it all, else its command line."""
    return app.name if _of_command([app.name]) == app else shlex.join(app.command)


def names() -> tuple[str, ...]:
    """The apps that have a data file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def any_installed() -> App:
    """Some program with windows that is on this machine, one with a data file first. Raises MissingProgram."""
    described = [_described(path) for path in sorted(FOLDER.glob("*.toml"))]
    for app in described:
        if shutil.which(app.command[0]) is not None:
            return app
    for entry in _entries():
        words = [word for word in _words(entry["Exec"]) if not _FIELD.fullmatch(word)]
        if entry.get("Terminal", "").lower() != "true" and words and shutil.which(words[0]) is not None:
            return _of_command(words)
    first = described[0].package if described else "a program with windows"
    raise MissingProgram(f"no program with windows is installed; install one, e.g. with: apt-get install {first}")


def _described(path: Path) -> App:
    try:
        data = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}; correct the file or remove it") from error
    command = shlex.split(data.get("command", path.stem))
    return App(path.stem, tuple(command), data.get("package", ""), data.get("env", {}), data.get("files", {}))


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{command!r} is no command line: {error}; close its quotes") from error
    if not words:
        raise UsageError("no app was named; try: cua practice COMMAND, with the command that starts it")
    return words


def _of_command(words: list[str]) -> App:
    described = FOLDER / f"{words[0].lower()}.toml"
    if len(words) == 1 and described.is_file():
        return _described(described)
    return App(name=Path(words[0]).name.lower(), command=tuple(words))


def _titled(title: str) -> list[str]:
    """The command of the desktop entry that has this title. Raises UsageError if none has, or more than one."""
    entries = _entries()
    found = [entry for entry in entries if entry["Name"].casefold() == title.strip().casefold()]
    if not found:
        known = {*names(), *(entry["Name"] for entry in entries)}
        close = ", ".join(difflib.get_close_matches(title, known, n=3, cutoff=0.5))
        raise UsageError(
            f"no program is called {title!r}{f' (closest: {close})' if close else ''}; name an installed command "
            "(sandboxes that live: cua sandbox list)"
        )
    # "%f" and its like stand for the files to open; "%%" for the sign
    commands = [
        [word.replace("%%", "%") for word in _words(entry["Exec"]) if not _FIELD.fullmatch(word)] for entry in found
    ]
    if len({tuple(command) for command in commands}) > 1:
        choices = ", ".join(shlex.join(command) for command in commands)
        raise UsageError(f"{len(commands)} programs are called {title!r}; name the command: {choices}")
    if found[0].get("Terminal", "").lower() == "true":
        raise UsageError(f"{title!r} runs in a terminal; try: x-terminal-emulator -e {shlex.join(commands[0])}")
    return commands[0]


def _entries() -> list[dict[str, str]]:
    """What the desktop entries of programs say; those that cannot be understood are not for us."""
    found = []
    for path in [path for folder in ENTRIES for path in sorted(folder.rglob("*.desktop"))]:
        parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        try:
            parser.read_string(path.read_text("utf-8"))
            entry = dict(parser["Desktop Entry"])
        except (ConfigError, ValueError, OSError, KeyError):
            continue
        if entry.get("Type") == "Application" and entry.get("Exec", "").strip() and entry.get("Name"):
            found.append(entry)
    return found
