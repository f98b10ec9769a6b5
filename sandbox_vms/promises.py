"""What every sandbox promises, as functions that find out. Tests run them, and so does `cua doctor`.

A promise is tried on a stage: a sandbox that may be written into, reset and, by the last promise, closed. What it needs
inside is a shell and the usual small programs.
"""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cua.core import Changes, Completed, Sandbox
from cua.errors import CuaError, SandboxError

SETTINGS = ".config/promised/promised.ini"
_REMOVED_LIMIT = 5.0
_TICK = 0.01


class BrokenPromise(AssertionError):
    """A sandbox did not do what every sandbox must; says what was expected and what was found."""


class NoStage(CuaError):
    """The stage has not got what this promise needs, so it was not tried."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A sandbox at its start state. `left` tells what is left of it on this machine; None if that cannot be told."""

    sandbox: Sandbox
    left: Callable[[], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one promise; `ok` is None if it could not be tried, and `detail` says why."""

    name: str
    ok: bool | None
    detail: str = ""


# ---------------------------------------------------------------------------------------------- the world


def promise_an_untouched_sandbox_has_no_changes(stage: Stage) -> None:
    """Looking, and running what writes nothing, changes nothing."""
    stage.sandbox.driver.observe()
    _shell(stage, "ls -la ~ >/dev/null; cat /etc/passwd >/dev/null")
    _unchanged(stage, "nothing was done")


def promise_exec_gives_code_and_output(stage: Stage) -> None:
    """Exit codes are true, output and errors come whole and apart, standard input is empty."""
    done = _shell(stage, "echo out; echo err >&2; exit 7", code=7)
    _demand((done.out, done.err) == ("out\n", "err\n"), f"output 'out' and 'err' expected, {done} found")
    large = _shell(stage, "head -c 3000000 /dev/zero | tr '\\0' x").out
    _demand(large == "x" * 3_000_000, f"3000000 letters expected, {len(large)} found")
    _demand(_shell(stage, "cat").out == "", "a command's standard input is not empty")


def promise_exec_has_a_time_limit(stage: Stage) -> None:
    """A command that takes too long is cut off with code 124, and what it leaves behind holds nobody up."""
    began = time.monotonic()
    done = stage.sandbox.world.exec(("sh", "-c", "trap '' TERM; echo begun; sleep 60 & wait"), seconds=0.5)
    _demand((done.code, done.out) == (124, "begun\n"), f"code 124 and its output expected, {done} found")
    _shell(stage, "sleep 60 &")
    _demand(time.monotonic() - began < 30, "a command was waited for beyond its limit")


def promise_each_changed_file_is_told(stage: Stage) -> None:
    """A file made, one changed and one removed are told, each as what it is, and nothing else."""
    _shell(stage, "echo one >~/made; echo two >~/.hidden")
    _told(stage, {"made": "created", ".hidden": "created"}, set())
    _shell(stage, "rm ~/made ~/.hidden")
    _unchanged(stage, "what was made is removed again")


def promise_a_changed_setting_is_told_by_its_key(stage: Stage) -> None:
    """A value in a settings file is told by file and key with its value, and the file is not told besides."""
    _shell(stage, f"mkdir -p ~/.config/promised && printf '[view]\\nwrap=true\\n' >~/{SETTINGS}")
    _told(stage, {}, {f"{SETTINGS}#view/wrap"})
    key = f"{SETTINGS}#view/wrap"
    _demand(_changes(stage).settings[key].after == "true", f"{key} is told as {_changes(stage).settings[key]}")
    _demand(stage.sandbox.world.setting(key) == "true", f"{key} reads as {stage.sandbox.world.setting(key)!r}")


def promise_a_file_reads_back(stage: Stage) -> None:
    """A file is read as it is, in the home and elsewhere; one that is not there is FileNotFoundError."""
    _shell(stage, "printf 'a\\0\\377b' >~/bytes; cp ~/bytes /tmp/bytes")
    for path in ("~/bytes", "/tmp/bytes"):
        found = stage.sandbox.world.read(path)
        _demand(found == b"a\0\xffb", f"{path} reads back as {found!r}")
    for path in ("~/none", "/tmp/none", "~/none/none"):
        with suppress(FileNotFoundError):
            raise BrokenPromise(f"{path} is not there and reads as {stage.sandbox.world.read(path)!r}")


# ---------------------------------------------------------------------------------------------- life


def promise_reset_gives_the_start_state_back(stage: Stage) -> None:
    """After it there are no changes, no process and no file from before, and the same window shows."""
    before = stage.sandbox.world.observe().place.window
    _shell(
        stage, f"mkdir -p ~/.config/promised; echo '[a]' >~/{SETTINGS}; echo x >~/left; echo x >/tmp/left; sleep 99 &"
    )
    stage.sandbox.reset()
    _unchanged(stage, "it was reset")
    _demand(_shell(stage, "cat ~/left /tmp/left 2>&1 | grep -c x; true").out == "0\n", "a file outlived the reset")
    found = _shell(stage, "grep -lsa '^sleep.99' /proc/[0-9]*/cmdline; true").out
    _demand(not found, f"a process outlived the reset: {found}")
    after = stage.sandbox.world.observe().place.window
    _demand(before == after, f"the window was {before!r} at the start and is {after!r} after a reset")


def promise_clone_and_snapshot_carry_files(stage: Stage) -> None:
    """A clone begins with the files, and what is done in one is not seen in the other."""
    _shell(stage, "echo kept >~/kept; mkdir -m 700 ~/closed; ln -s kept ~/link; echo run >~/run; chmod 755 ~/run")
    stage.sandbox.snapshot("promised")
    with _closing(stage.sandbox.clone()) as clone:
        done = clone.world.exec(("sh", "-c", "cd; cat link; stat -c %a closed run; readlink link; echo new >kept"))
        _demand(done.out == "kept\n700\n755\nkept\n", f"the clone's home says {done}")
        _demand(stage.sandbox.world.read("~/kept") == b"kept\n", "what the clone wrote is in the original")
        clone.reset()
        _demand(clone.world.read("~/kept") == b"kept\n", "a clone's start state is not what was cloned")
        _demand(not clone.world.changes().keys(), f"a new clone has the changes {clone.world.changes()}")


def promise_two_sandboxes_do_not_see_each_other(stage: Stage) -> None:
    """Neither files nor processes of one are in another."""
    with _closing(stage.sandbox.clone()) as other:
        _shell(stage, "echo secret >/tmp/promised; sleep 98 &")
        seen = other.world.exec(("sh", "-c", "ls /tmp/promised; grep -lsa '^sleep.98' /proc/[0-9]*/cmdline")).out
        _demand(not seen, f"one sandbox sees of another: {seen}")
        _demand(not other.world.changes().keys(), f"one sandbox changed another: {other.world.changes()}")


# ---------------------------------------------------------------------------------------------- walls


def promise_there_is_no_network(stage: Stage) -> None:
    """A port of this machine, open to all, cannot be reached from inside."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = stage.sandbox.world.exec(
            ("bash", "-c", f"echo >/dev/tcp/127.0.0.1/{port} || echo >/dev/tcp/10.0.2.2/{port}"), seconds=5
        )
        if done.code == 127:
            raise NoStage("there is no bash inside to try the network with")
        server.settimeout(0)
        with suppress(BlockingIOError):
            server.accept()[0].close()
            raise BrokenPromise("a program inside reached a port of this machine")
    _demand(done.code != 0, "a program inside opened a connection")


def promise_the_real_home_is_not_seen(stage: Stage) -> None:
    """A file of the person's own home is not there."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".cua-promise-", dir=Path.home()) as secret:
            found = stage.sandbox.world.exec(("cat", secret.name))
            _demand(found.code != 0, f"{secret.name} can be read inside")
    except OSError as error:
        raise NoStage(f"no file can be made in {Path.home()}: {error}") from error


def promise_programs_are_nobody_special(stage: Stage) -> None:
    """They are no root, and can write outside of their home and temporary folders nowhere."""
    _demand(_shell(stage, "id -u").out not in ("0\n", ""), "programs inside are root")
    for path in ("/usr/promised", "/etc/promised", "/bin/promised"):
        _demand(stage.sandbox.world.exec(("sh", "-c", f"echo >{path}")).code != 0, f"{path} can be written inside")
    _demand(stage.sandbox.world.exec(("cat", "/etc/shadow")).code != 0, "/etc/shadow can be read inside")


def promise_close_leaves_nothing(stage: Stage) -> None:
    """Closing twice is fine; the world is SandboxError then, and nothing is left on the machine."""
    sandbox, world = stage.sandbox, stage.sandbox.world
    _shell(stage, "setsid sleep 97 & mkdir -p ~/a/b; echo x >~/a/b/c; chmod 000 ~/a")
    sandbox.close()
    sandbox.close()
    with suppress(SandboxError):
        world.exec(("true",))
        raise BrokenPromise("a closed sandbox still runs commands")
    if stage.left is None:
        raise NoStage("not tried: nothing here tells what such a sandbox leaves on this machine")
    limit = time.monotonic() + _REMOVED_LIMIT
    while left := stage.left():
        _demand(time.monotonic() < limit, f"a closed sandbox left {', '.join(left)}")
        time.sleep(_TICK)


PROMISES: tuple[Callable[[Stage], None], ...] = (
    promise_an_untouched_sandbox_has_no_changes,
    promise_exec_gives_code_and_output,
    promise_exec_has_a_time_limit,
    promise_each_changed_file_is_told,
    promise_a_changed_setting_is_told_by_its_key,
    promise_a_file_reads_back,
    promise_reset_gives_the_start_state_back,
    promise_clone_and_snapshot_carry_files,
    promise_two_sandboxes_do_not_see_each_other,
    promise_there_is_no_network,
    promise_the_real_home_is_not_seen,
    promise_programs_are_nobody_special,
    promise_close_leaves_nothing,
)


def check(stage: Stage) -> Iterator[Result]:
    """Try every promise in order, from the start state each. The sandbox is closed afterwards."""
    with _closing(stage.sandbox):
        for at, promise in enumerate(PROMISES):
            yield _tried(promise, stage, fresh=at == 0)


def _tried(promise: Callable[[Stage], None], stage: Stage, *, fresh: bool) -> Result:
    name = promise.__name__.removeprefix("promise_").replace("_", " ")
    try:
        if not fresh:
            stage.sandbox.reset()
        promise(stage)
    except NoStage as exc:
        return Result(name, None, str(exc))
    except BrokenPromise as exc:
        return Result(name, False, str(exc))
    except (CuaError, FileNotFoundError) as exc:
        return Result(name, False, f"{type(exc).__name__}: {exc}")
    return Result(name, True)


# ---------------------------------------------------------------------------------------------- how it is found out


@contextmanager
def _closing(sandbox: Sandbox) -> Iterator[Sandbox]:
    try:
        yield sandbox
    finally:
        sandbox.close()


def _shell(stage: Stage, script: str, *, code: int = 0) -> Completed:
    done = stage.sandbox.world.exec(("sh", "-c", script))
    _demand(done.code == code, f"{script!r} ended with {done.code}: {done.err.strip()}")
    return done


def _changes(stage: Stage) -> Changes:
    return stage.sandbox.world.changes()


def _unchanged(stage: Stage, after: str) -> None:
    found = _changes(stage)
    _demand(not found.keys(), f"{after}, and {sorted(found.keys())} changed: {found}")


def _told(stage: Stage, files: dict[str, str], settings: set[str]) -> None:
    found = _changes(stage)
    _demand(dict(found.files) == files, f"the files {files} changed, {dict(found.files)} are told")
    _demand(set(found.settings) == settings, f"the settings {settings} changed, {set(found.settings)} are told")
    _demand(not found.windows and not found.clipboard, f"windows or clipboard are told to have changed: {found}")


def _demand(holds: bool, broken: str) -> None:
    if not holds:
        raise BrokenPromise(broken)
