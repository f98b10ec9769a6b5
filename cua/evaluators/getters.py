"""What a check reads of the machine: commands, files, the terminal, the screen. Each only reads.

A getter takes the world and the fields that a task file gives it. One that finds nothing there raises FileNotFoundError
or gives None: that is an answer. What it cannot find out raises a TroubleError.
"""

from __future__ import annotations

import fnmatch
import http.client
import ipaddress
import shlex
import socket
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from cua.core import Completed, Element, Observation, World
from cua.errors import SandboxError, UsageError
from cua.evaluators.fitting import kinds
from cua.evaluators.names import names
from cua.spreadsheets import sheets

COMMAND_LIMIT = 120.0  # upstream's
_CUT_OFF, _NO_COMMAND = 124, (126, 127)
_SHELL_WORDS = frozenset({"|", "||", "&&", ";", ">", ">>", "<", "2>", "2>&1"})
_DOWNLOAD_LIMIT = 60.0
_MOST_BYTES = 500_000_000
_SCHEMES = ("http", "https")
_HOME = "/home/user/"

Command = str | list[str]
Flag = bool | Literal["true", "false", "True", "False"]  # some task files write it as a text
Paths = str | list[str]


class Answer(str):
    """What a command wrote. `doubt` says why it may be no answer: the command failed, complained and wrote nothing."""

    __slots__ = ("doubt",)

    def __new__(cls, done: Completed) -> Answer:
        made = super().__new__(cls, done.out)
        failed = done.code and done.err.strip() and not done.out.strip()
        made.doubt = f"the command ended with {done.code}: {done.err.strip()[-120:]}" if failed else ""
        return made

    doubt: str


def gives(of: Callable[..., Any]) -> frozenset[Any]:
    """The types of what a getter gives, but for nothing."""
    return frozenset(kinds(get_type_hints(of)["return"])) - {type(None)}


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read, by its name without folders."""

    name: str
    content: bytes

    @property
    def text(self) -> str:
        """As UTF-8; a mark of the byte order is no text. Raises UnicodeDecodeError."""
        return self.content.decode("utf-8-sig")


# ---------------------------------------------------------------------------------------------- commands


def on(flag: Flag) -> bool:
    """Whether it says yes."""
    return flag is True or str(flag).lower() == "true"


def argv_of(command: Command, *, shell: bool) -> tuple[str, ...]:
    """What to run. A list with shell signs in it was meant for the shell, which upstream forgets: then `ls DIR | grep
    NAME` would list whatever is called NAME where it happens to run. Raises UsageError for what nobody can run: a
    command without a program, with a character 0, or, where it is not the shell's, with quotes that do not close.
    """
    said = repr(command)[:80]
    if "\0" in "".join(command):
        raise UsageError(f"the command {said} has a character 0 in it; take it out")
    if shell or (isinstance(command, list) and _SHELL_WORDS & {*command}):
        if isinstance(command, list):
            command = " ".join(word if word in _SHELL_WORDS else shlex.quote(word) for word in command)
        if not command.strip():
            raise UsageError(f"the command {said} names no program; write what is to be run")
        return ("sh", "-c", command)
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as exc:
        raise UsageError(f"the command {said} cannot be taken apart: {exc}; correct its quotes") from exc
    if not words:
        raise UsageError("the command is empty; write what is to be run")
    if not words[0].strip():
        raise UsageError(f"the command {said} names no program; write what is to be run")
    return tuple(_HOME + word[2:] if word.startswith("~/") else word for word in words)


def vm_command_line(world: World, *, command: Command, shell: Flag = False) -> Answer:
    """What a command writes. Whether it succeeded tells nothing, as upstream, unless it wrote nothing. Raises
    SandboxError where it did not run to its end.
    """
    return Answer(ran(world, argv_of(command, shell=on(shell))))


def vm_command_error(world: World, *, command: Command, shell: Flag = False) -> str:
    """What a command complains of. Raises SandboxError where it did not run to its end."""
    return ran(world, argv_of(command, shell=on(shell))).err


def ran(world: World, argv: tuple[str, ...], seconds: float = COMMAND_LIMIT) -> Completed:
    """A command that ran to its end. Raises SandboxError for one that is not there, was killed or did not end.

    Upstream takes what such a command wrote, mostly nothing, for the answer, and "nothing that is excluded" then holds.
    A shell says 127 too, where the last command of its script is not there: the rest of its answer is not known either.
    What is not there within a pipeline no code tells; the programs of a task are looked up before it is tried.
    """
    done = world.exec(argv, seconds=seconds)
    said = repr(shlex.join(argv)[:80])
    if done.code == _CUT_OFF:
        raise SandboxError(f"{said} did not end within {seconds:.0f} s; let it do less")
    if done.code in _NO_COMMAND:
        raise SandboxError(f"{said} cannot be run: {done.err.strip()[-120:]}; see that the machine has what it needs")
    if done.code < 0:
        raise SandboxError(f"{said} was ended by signal {-done.code} before it had answered; try again")
    return done


# ---------------------------------------------------------------------------------------------- files


def vm_file(  # noqa: PLR0913 - the fields that task files have
    world: World,
    *,
    path: Paths,
    dest: Paths,
    multi: bool = False,
    gives: list[int] | None = None,
    time_suffix: bool = False,
    time_format: str = "%Y%m%d_%H%M%S",
) -> File | list[File]:
    """The file at `path`, or with `multi` those that `gives` numbers. `dest` is its name for the metric; a suffix of
    the time is for upstream's cache only. Raises FileNotFoundError.
    """
    return _several(lambda each, name: read(world, each, name), path, dest, multi, gives)


def vlc_config(world: World, *, dest: str) -> File:
    """The settings of the media player. Raises FileNotFoundError."""
    return read(world, names().files["vlc_config"], dest)


def gimp_config_file(world: World, *, file_name: str, dest: str) -> File:
    """A file with settings of the image editor. Raises FileNotFoundError."""
    return read(world, f"{names().files['gimp_config_file']}/{file_name}", dest)


def shortcuts_on_desktop(world: World) -> dict[str, str]:
    """The entries on the desktop by the names of their files, as texts."""
    listed = ran(world, ("find", f"{_HOME}Desktop", "-maxdepth", "1", "-name", "*.desktop"))
    return {path: read(world, path, path).text for path in sorted(listed.out.splitlines())}


def content_from_vm_file(
    world: World, *, path: str, file_type: Literal["xlsx"], file_content: Literal["last_row"]
) -> list[str]:
    """The last row of a sheet, the only content that upstream knows to read; the first row is its heading."""
    from cua.evaluators.tables import rows

    found = rows(next(iter(sheets(path, read(world, path, path).content).values()), {}))
    return list(found[-1]) if len(found) > 1 else []


def cloud_file(
    world: World, *, path: Paths, dest: Paths, multi: bool = False, gives: list[int] | None = None
) -> File | list[File]:
    """A file that others keep, fetched by us and not by the machine. Raises SandboxError where it cannot be had."""
    return _several(lambda url, name: File(name, fetch(url)), path, dest, multi, gives)


def list_directory(world: World, *, path: str) -> dict[str, Any]:
    """A folder and all below it, in upstream's shape. Raises FileNotFoundError."""
    done = ran(world, ("find", path, "-mindepth", "0", "-printf", "%y/%P\\0"))
    if done.code and not done.out:
        raise FileNotFoundError(f"the folder {path} cannot be listed: {done.err.strip()}")
    root: dict[str, Any] = {"type": "directory", "name": path.rstrip("/").rpartition("/")[2], "children": []}
    known = {"": root}
    for line in sorted(done.out.split("\0"), key=lambda line: line.count("/")):
        kind, _, inner = line.partition("/")
        if not inner:
            continue
        above, _, name = inner.rpartition("/")
        made: dict[str, Any] = {"type": "directory" if kind == "d" else "file", "name": name}
        if kind == "d":
            made["children"] = []
            known[inner] = made
        known[above]["children"].append(made)
    return root


def read(world: World, path: str, name: str) -> File:
    """A file of the machine, from the folder that its program keeps here. Raises FileNotFoundError."""
    found = _placed(world, path)
    try:
        return File(name, world.read(found))
    except FileNotFoundError as exc:
        raise FileNotFoundError(f"there is no file {found}") from exc


def _placed(world: World, path: str) -> str:
    """Where it lies here: `*` in its name stands for anything, and a browser may keep its profile elsewhere."""
    if path.startswith(_HOME):
        path = "~/" + path.removeprefix(_HOME)
    profiles = names().browser["profiles"]
    for one in profiles:
        if path.startswith(f"{one}/"):
            from cua.evaluators.browser import profile

            path = f"{profile(world)}/{path.removeprefix(f'{one}/')}"
            break
    if "*" not in path:
        return path
    folder, _, pattern = path.rpartition("/")
    said = ran(world, ("sh", "-c", 'ls -1 -- "$1"', "sh", folder.replace("~/", _HOME, 1))).out
    fitting = sorted(fnmatch.filter(said.splitlines(), pattern))
    if not fitting:
        raise FileNotFoundError(f"no file is called {path}")
    return f"{folder}/{fitting[0]}"


def _several(one: Any, path: Paths, dest: Paths, multi: bool, gives: list[int] | None) -> File | list[File]:
    paths = path if isinstance(path, list) else [path]
    dests = dest if isinstance(dest, list) else [dest]
    if len(paths) != len(dests):
        raise UsageError(f"{len(paths)} paths and {len(dests)} names for them; give a name for each")
    chosen = gives if gives is not None else [0]
    if not multi:
        return one(paths[0], dests[0])  # type: ignore[no-any-return]
    found = [one(paths[at], dests[at]) for at in chosen]
    return found[0] if len(found) == 1 else found


def public(address: str) -> bool:
    """Whether a number of the net is anybody's: not of this machine, of its own network, or of no single machine."""
    number = ipaddress.ip_address(address)
    number = getattr(number, "ipv4_mapped", None) or number
    return number.is_global and not number.is_multicast


def fetch(url: str, *, allowed: Callable[[str], bool] = public) -> bytes:
    """What is at an address of the web. Raises UsageError for any other address, SandboxError with the reason where it
    cannot be had, or where it leads, be it by way of others, to a machine that is not `allowed`: a task that somebody
    wrote is to fetch nothing from what only this machine can reach.
    """
    opener = urllib.request.build_opener(_Only(allowed))
    try:
        if urllib.parse.urlsplit(url).scheme not in _SCHEMES:
            raise UsageError(f"{url!r} is no address of the web; nothing else is downloaded")
        with opener.open(url, timeout=_DOWNLOAD_LIMIT) as answer:
            content = bytes(answer.read(_MOST_BYTES))
            if (length := answer.headers.get("Content-Length")) and len(content) < int(length):
                raise SandboxError(f"{url} could not be downloaded: only {len(content)} of {length} bytes came")
            return content
    except (OSError, ValueError, http.client.HTTPException) as exc:
        raise SandboxError(
            f"{url} could not be downloaded: {exc}; see that there is a network, then try again"
        ) from exc


class _Only(urllib.request.BaseHandler):
    """Lets pass what asks a machine that is allowed, the first as whatever an answer sends us on to."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self.allowed = allowed

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Raises SandboxError, and OSError for a name that nobody knows."""
        url = request.full_url
        if request.type not in _SCHEMES:
            raise SandboxError(f"{url} could not be downloaded: it is no address of the web; name one that is")
        host = urllib.parse.urlsplit(url).hostname or ""
        for *_, place in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
            if not self.allowed(str(place[0])):
                raise SandboxError(
                    f"{url} could not be downloaded: {host} is {place[0]}, which is this machine or one of its own "
                    "network, and no task reads those; name an address that anybody can reach"
                )
        return request

    https_request = ftp_request = http_request


# ---------------------------------------------------------------------------------------------- the screen


def accessibility_tree(world: World) -> Observation:
    """What the screen shows now. Raises SandboxError where only a part of it could be read."""
    now = world.observe()
    if now.partial:
        raise SandboxError(f"the screen could not be read whole: {now.note}; try again")
    return now


def vm_terminal_output(world: World) -> str | None:
    """The text of the terminal in front; None where there is none. Upstream asks only one program for it."""
    now = accessibility_tree(world)
    shown = [e for e in now.elements if _is_terminal(e)]
    if not shown:
        return None
    front = [e for e in shown if any("active" in a.states for a in now.ancestors(e))]
    return (front or shown)[-1].value


def _is_terminal(element: Element) -> bool:
    about = f"{element.name} {element.description}".casefold()
    return element.role == "textbox" and "terminal" in about and "showing" in element.states


# ---------------------------------------------------------------------------------------------- what is expected


def rule(world: World, *, rules: Any) -> Any:
    """What the file itself says."""
    return rules
