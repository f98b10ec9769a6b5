"""The steps that bring a machine to where a task begins, and to where it is judged: OSWorld's, by their names.

What upstream waits for by the clock is awaited here by what shows. A step that cannot be done is our trouble, never a
failure of who tries the task.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from cua.core import Completed, Wait
from cua.errors import SandboxError, TroubleError, UsageError
from cua.evaluators.commands import COMMAND_LIMIT, Command, Flag, argv_of, on
from cua.evaluators.downloads import check_address, fetch
from cua.evaluators.fitting import closest, fitted
from cua.policies.models.code import acts, script_of
from cua.tasks import tabs
from cua.tasks.by_hand import by_hand
from cua.tasks.ending import end, ended
from cua.tasks.stage import SETTLE, Stage, argv_on
from cua.tasks.starting import launch, open_file, started
from cua.tasks.windows import activate_window, close_window, windows

_TIMES = frozenset({"seconds", "max_wait_time", "check_interval"})
_LONGEST = 3600
_SHORT = 80  # of what a command said
_ANY_SIZE = (1920, 1080)  # of a screen, for what is only looked at
_WALLPAPER = ("gsettings", "set", "org.gnome.desktop.background", "picture-uri")


@dataclass(frozen=True, slots=True)
class SetUp:
    """One step: its type and its parameters, which fit."""

    kind: str
    parameters: Mapping[str, Any]


def checked(kind: str, parameters: Mapping[str, Any], where: str, folder: Path) -> SetUp:
    """The step of a task in that folder. Raises UsageError for one that nobody knows or that does not fit, TroubleError
    for what is not there yet.
    """
    if kind in _NOT_YET:
        raise TroubleError(f"{where}: a step {kind!r} {_NOT_YET[kind]}")
    if kind not in STEPS:
        raise UsageError(f"{where}: there is no step {kind!r}; {closest(kind, STEPS.keys() | _NOT_YET.keys())}")
    where = f"{where} ({kind})"
    parameters = fitted(STEPS[kind], parameters, where)
    for name in _TIMES & parameters.keys():
        _check_time(parameters[name], f"{where}, field {name!r}")
    if "command" in parameters:
        shell = parameters.get("shell", False)
        _check_command(parameters["command"], where, shell=shell, scripts=STEPS[kind] is execute)
    for each in parameters.get("files", ()):
        _check_file(each, where, folder)
    if kind == "change_wallpaper" and not parameters["path"].startswith("/"):
        raise UsageError(f"{where}: the path {parameters['path']!r} does not begin with /; say where the picture lies")
    return SetUp(kind, parameters)


def _check_file(given: Mapping[str, str], where: str, folder: Path) -> None:
    """Raises UsageError that begins with `where` for a file that cannot be had, or cannot be put where it is to lie."""
    target = given["path"]
    if not target.startswith(("/", "~/")) or target.endswith("/") or "\0" in target:
        raise UsageError(f"{where}: the path {target!r} does not name a file from / or ~/ on; say where it is to lie")
    if "local_path" in given:
        found = _beneath(folder, given["local_path"], where)
        if not (found.is_file() and os.access(found, os.R_OK)):
            raise UsageError(
                f"{where}: local_path {given['local_path']!r} is no file that can be read in {folder.resolve()}; put "
                "it there, beside the task"
            )
        return
    try:
        check_address(given["url"])
    except UsageError as exc:
        raise UsageError(f"{where}: {exc}") from exc


def _check_time(seconds: float, what: str) -> None:
    """Raises UsageError that begins with `what` for a time that nobody waits."""
    if not 0 <= seconds <= _LONGEST:
        raise UsageError(f"{what} is {seconds}, and must be from 0 to {_LONGEST} seconds; correct it")


def _check_command(command: Command, where: str, *, shell: Flag, scripts: bool) -> None:
    """Raises UsageError that begins with `where` for what nobody can run, TroubleError for a script that moves pointer
    and keys in ways that are not there yet.
    """
    try:
        argv = argv_on(_ANY_SIZE, command, shell=on(shell))
        if not "".join(command).strip() or not argv[0].strip():
            raise UsageError(f"the command {str(command)[:60]!r} names no program; write what is to be run")
        if "\0" in "".join(argv):
            raise UsageError(f"the command {str(command)[:60]!r} has a character 0 in it; take it out")
        for act in acts(script_of(argv) if scripts else ""):
            if isinstance(act, Wait):
                _check_time(act.seconds, "what it sleeps")
    except (UsageError, TroubleError) as exc:
        raise type(exc)(f"{where}: {exc}") from exc


def do(steps: tuple[SetUp, ...], stage: Stage) -> None:
    """All of them in order; what is to be said of one that was done stands in the stage's notes, with its number.
    Raises TroubleError that names the step.
    """
    for number, step in enumerate(steps, 1):
        which = f"{'after the task' if stage.late else 'set-up'}, step {number} ({step.kind})"
        try:
            note = STEPS[step.kind](stage, **step.parameters)
        except TroubleError as exc:
            raise TroubleError(f"{which}: {exc}") from exc
        if note:
            stage.notes.append(f"{which} {note}")


# ---------------------------------------------------------------------------------------------- programs


def ends_programs(step: SetUp) -> bool:
    """Whether a step asks programs to end and awaits it: they have written down then what they have in mind."""
    if STEPS[step.kind] not in (launch, execute):
        return False
    return bool(ended(argv_of(step.parameters["command"], shell=on(step.parameters.get("shell", False)))))


def execute(
    stage: Stage,
    *,
    command: Command,
    stdout: str = "",
    stderr: str = "",
    shell: Flag = False,
    until: dict[str, Any] | None = None,
) -> str:
    """Run a command to its end, or again and again `until` it ends as wanted. Its exit code tells nothing else; what is
    said of one that is not 0 is returned.
    """
    argv = stage.argv(command, shell=on(shell))
    if script := script_of(argv):
        by_hand(stage, script)
        return ""
    if called := ended(argv):
        end(stage, called)
        return ""
    argv = started(stage, argv)
    if not until:
        return _told(stage.run(argv))
    if not stage.until(lambda: _ended_so(stage.run(argv), until), COMMAND_LIMIT):
        raise SandboxError(f"{shlex.join(argv)[:80]!r} did not come to {until} within {COMMAND_LIMIT:.0f} s")
    return ""


def _told(done: Completed) -> str:
    """In short, that a command ended otherwise than well; "" where it did not."""
    said = next((line.strip() for line in done.err.splitlines() if line.strip()), "")[:_SHORT]
    return f"ended with {done.code}{f': {said}' if said else ''}" if done.code else ""


def _ended_so(done: Completed, until: Mapping[str, Any]) -> bool:
    told = {"returncode": done.code == until.get("returncode"), "stdout": str(until.get("stdout")) in done.out,
            "stderr": str(until.get("stderr")) in done.err}  # fmt: skip
    return any(told[name] for name in until if name in told)


class Verification(TypedDict, total=False):
    """What must come true after a command."""

    window_exists: str
    command_success: str


def execute_with_verification(
    stage: Stage,
    *,
    command: Command,
    verification: Verification | None = None,
    max_wait_time: float = 10.0,
    check_interval: float = 1.0,
    shell: Flag = False,
) -> str:
    """Run a command, then wait until a window is there, or until another command succeeds. As `execute`."""
    note = _told(stage.run(stage.argv(command, shell=on(shell))))
    wanted = verification or {}

    def holds() -> bool:
        there = "window_exists" not in wanted or bool(windows(stage, wanted["window_exists"]))
        other = wanted.get("command_success")
        return there and (other is None or stage.run(("sh", "-c", stage.filled(other))).code == 0)

    if not stage.until(holds, max_wait_time):
        raise SandboxError(f"{dict(wanted)} did not come true within {max_wait_time:.0f} s")
    return note


# ---------------------------------------------------------------------------------------------- files and pages


class Fetched(TypedDict):
    """A file of the web, and where it is to lie in the machine."""

    url: str
    path: str


class Given(TypedDict):
    """A file of ours, and where it is to lie in the machine."""

    local_path: str
    path: str


def download(stage: Stage, *, files: list[Fetched]) -> None:
    """Fetch files ourselves and write them into the machine, which needs no network for it."""
    for each in files:
        stage.machine.write(each["path"], fetch(each["url"]))


def upload_file(stage: Stage, *, files: list[Given]) -> None:
    """Write files of ours into the machine; a path is told from the folder of the task file, and leads to no other."""
    for each in files:
        path = _beneath(stage.folder, each["local_path"], "upload_file")
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise SandboxError(f"{each['local_path']} cannot be read: {exc.strerror}; put it beside the task") from exc
        stage.machine.write(each["path"], content)


def _beneath(folder: Path, local: str, where: str) -> Path:
    """Where a file of ours lies. Raises UsageError where that is not in the task's own folder."""
    try:
        found, own = (folder / local).resolve(), folder.resolve()
    except (ValueError, RuntimeError) as exc:  # a character 0, links in a circle
        raise UsageError(f"{where}: local_path {local!r} is no path: {exc}; correct it") from exc
    if not found.is_relative_to(own):
        raise UsageError(f"{where}: local_path {local!r} does not lie in {own}; put the file beside the task")
    return found


def sleep(stage: Stage, *, seconds: float) -> None:
    """Until nothing that was started is at work any more, at most that long."""
    stage.rest(seconds)


def change_wallpaper(stage: Stage, *, path: str) -> None:
    """Another picture behind the windows."""
    done = stage.run((*_WALLPAPER, f"file://{path}"))
    if done.code:
        raise SandboxError(f"the wallpaper cannot be changed: {done.err.strip()}")


def chrome_open_tabs(stage: Stage, *, urls_to_open: list[str]) -> None:
    """Pages in place of the one that the browser began with."""
    tabs.open_all(stage.machine.world, urls_to_open, until=stage.until)
    stage.quiet(SETTLE)


def chrome_close_tabs(stage: Stage, *, urls_to_close: list[str]) -> None:
    """Close the tabs of these pages."""
    tabs.close_all(stage.machine.world, urls_to_close, until=stage.until)


_NO_ACCOUNT = "needs an account with a service of the web, and none is set up here"
_NOT_YET = dict.fromkeys(("act", "replay", "tidy_desktop", "proxy", "update_browse_history"), "is not there yet")
_NOT_YET |= dict.fromkeys(("googledrive", "login"), _NO_ACCOUNT)
STEPS: Mapping[str, Callable[..., str | None]] = {
    "launch": launch,
    "execute": execute,
    "command": execute,
    "execute_with_verification": execute_with_verification,
    "open": open_file,
    "activate_window": activate_window,
    "close_window": close_window,
    "download": download,
    "upload_file": upload_file,
    "sleep": sleep,
    "change_wallpaper": change_wallpaper,
    "chrome_open_tabs": chrome_open_tabs,
    "chrome_close_tabs": chrome_close_tabs,
}
