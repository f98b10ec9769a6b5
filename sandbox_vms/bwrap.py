"""One generation of a namespace sandbox: a process tree in bubblewrap over an overlay home. It ends whole."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO

from cua.core import Completed
from cua.errors import MissingProgram, SandboxError, TimedOut, UsageError
from sandbox_vms import places
from sandbox_vms.inside import HOME, environment, mounts
from sandbox_vms.processes import Process, waiting_outside

CUT_OFF = 124
_SESSION = Path(__file__).with_name("session.sh")
_NEEDS = {
    "bwrap": "bubblewrap",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "dbus-daemon": "dbus",
    "dbus-send": "dbus",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
}
_START_LIMIT = 20.0
_END_LIMIT = 10.0
_NS_GET_PARENT = 0xB702
_TICK = 0.005
_PIECE = 65536
_AT_HOME = 'cd "$HOME" && exec "$@"'


def check() -> None:
    """Raises MissingProgram naming what must be installed or switched on."""
    for program, package in _NEEDS.items():
        if shutil.which(program) is None:
            raise MissingProgram(f"{program} is missing; install it with: apt-get install {package}")
    if not Path("/usr/libexec/at-spi-bus-launcher").exists():
        raise MissingProgram("accessibility is missing; install it with: apt-get install at-spi2-core")
    for name in ("kernel.unprivileged_userns_clone", "user.max_user_namespaces"):
        if _knob(name) == 0:
            value = 1 if name.startswith("kernel") else 10000
            raise MissingProgram(f"user namespaces are switched off; switch them on with: sysctl -w {name}={value}")


@dataclass(slots=True)
class Program:
    """A program inside, by the process that entered for it; `child` is there if we started it."""

    process: Process | None
    child: subprocess.Popen[bytes] | None = None

    def code(self) -> int | None:
        """None while it runs. Of one that another process started only its end is known: 0."""
        if self.child is not None:
            return self.child.poll()
        return None if self.process and self.process.alive else 0

    def wait(self, seconds: float) -> int | None:
        """Its code, or None if it still runs after so long."""
        if self.code() is None and self.process:
            self.process.await_end(seconds)
        return self.code()

    def kill(self) -> None:
        """End it and what it started."""
        if self.process:
            for process in (*self.process.below(), self.process):
                process.kill()
            self.wait(_END_LIMIT)


@dataclass(slots=True)
class Tree:
    """A running process tree. `room` holds upper, work, merged and run; `init` is its first process, seen from outside,
    and `outer` the one that waits for it. It ends when `lifeline` is closed, unless it was told to `stay`."""

    room: Path
    init: Process
    outer: Process
    env: dict[str, str]
    child: subprocess.Popen[bytes] | None = None
    lifeline: int = -1
    around: int = -1
    programs: list[Program] = field(default_factory=list)

    def enter(self, argv: tuple[str, ...], *, log: Path) -> Program:
        """Start a command inside. Its output goes to `log`."""
        with log.open("ab") as out:
            return self._enter(argv, out.fileno(), out.fileno())

    def exec(self, argv: tuple[str, ...], *, seconds: float, given: int | None = None) -> Completed:
        """Run a command to its end, or until it is cut off. What the descriptor `given` has is its standard input."""
        if not argv or seconds <= 0:
            raise UsageError(f"a command and a limit above 0 s are needed, not {argv} and {seconds:g} s")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            program = self._enter(argv, out.fileno(), err.fileno(), piped=given is not None)
            if given is not None and program.child and program.child.stdin:
                Thread(target=_pour, args=(given, program.child.stdin), daemon=True).start()
            try:
                code = program.wait(seconds)
            finally:
                program.kill()
                self.programs.remove(program)
            out.seek(0)
            err.seek(0)
            said, wrong = out.read().decode(errors="surrogateescape"), err.read().decode(errors="replace")
            if code and (not self.init.alive or wrong.startswith("nsenter: ")):
                raise SandboxError(
                    f"the sandbox in {self.room} ended meanwhile ({wrong.strip()}); reset it or make one"
                )
            return Completed(CUT_OFF if code is None else code, said, wrong)

    def end(self) -> None:
        """Kill everything inside and wait until it is gone."""
        outside = waiting_outside(self.init)
        self.init.kill()
        for process in outside:
            process.wake()
        for program in self.programs:
            program.wait(_END_LIMIT)
        if self.child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(_END_LIMIT)
        for process in (self.init, self.outer):
            if not process.await_end(_END_LIMIT):
                raise SandboxError(f"process {process.pid} of the sandbox in {self.room} does not end")
        self.let_go()

    def stay(self) -> None:
        """From now on it outlives us."""
        os.write(self.lifeline, b"stay\n")

    def let_go(self) -> None:
        """Forget it; what was told to stay goes on without us."""
        for descriptor in (self.lifeline, self.around):
            if descriptor >= 0:
                os.close(descriptor)
        self.lifeline = self.around = -1
        for child in (self.child, *(program.child for program in self.programs)):
            if child is not None and child.poll() is None:
                child.returncode = 0  # it outlives us on purpose: nobody need warn that it was not awaited

    def _enter(self, argv: tuple[str, ...], out: int, err: int, *, piped: bool = False) -> Program:
        if not self.init.alive:
            raise SandboxError(f"the sandbox in {self.room} has ended; make a new one or reset it")
        child = subprocess.Popen(
            [*self._into(), "sh", "-c", _AT_HOME, "sh", *argv],
            env=self.env,
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            program = Program(Process.of(child.pid), child)
        except ProcessLookupError:  # it ended already
            program = Program(None, child)
        self.programs.append(program)
        return program

    def _into(self) -> list[str]:
        """How to enter: root may go straight in; others need the rights of the user namespace around the innermost."""
        spaces = [f"--target={self.init.pid}", "-m", "-p", "-n", "-i", "-u"]
        if os.geteuid() == 0:
            return ["nsenter", *spaces, "-U", "--setuid", "1000", "--setgid", "1000", "--"]
        if self.around < 0:
            innermost = os.open(f"/proc/{self.init.pid}/ns/user", os.O_RDONLY)
            try:
                self.around = fcntl.ioctl(innermost, _NS_GET_PARENT)
                os.set_inheritable(self.around, False)
            finally:
                os.close(innermost)
        around = f"--user=/proc/{os.getpid()}/fd/{self.around}"
        keep = "--preserve-credentials"
        return ["nsenter", *spaces, around, keep, "--", "nsenter", "--user=/proc/1/ns/user", keep, "--"]


def _pour(source: int, into: IO[bytes]) -> None:
    """Hand on all that comes, through a pipe: what runs inside gets no file or terminal of ours into its hands."""
    with contextlib.suppress(OSError), into:  # either end may be over
        if os.isatty(source) and os.tcgetpgrp(source) != os.getpgrp():
            return  # in the background, where reading from the terminal would stop us
        while piece := os.read(source, _PIECE):
            into.write(piece)
            into.flush()


def start(room: Path, lower: Path, *, size: tuple[int, int], env: Mapping[str, str]) -> Tree:
    """Start a process tree in `room`, whose `upper` may be there already, over the home `lower`.

    Raises SandboxError with the log's last lines if it does not come up.
    """
    _furnish(room)
    known = environment(env)
    inside, lifeline = os.pipe()
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, lifeline)
        # a file and no pipe: if we are killed now, bubblewrap must not stop half way at a pipe that nobody reads
        with (room / "log").open("wb") as log, (room / "info").open("wb") as info:
            process = subprocess.Popen(
                [*_command(room, lower, info=info.fileno()), f"{size[0]}x{size[1]}x24"],
                env=known,
                stdin=inside,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(info.fileno(),),
                start_new_session=True,
            )
        os.close(inside)
        init, outer = _await_init(room, process)
        tree = Tree(room, init, outer, known, process, lifeline)
        undo.pop_all()
        undo.callback(tree.end)
        _await_ready(tree)
        undo.pop_all()
    return tree


def _furnish(room: Path) -> None:
    uid = places.guest_uid()
    for name in ("upper", "work", "merged", "run", "run/x"):
        (room / name).mkdir(parents=True, mode=0o711, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(room / name, uid, uid)
    (room / "run").chmod(0o700)
    shutil.copyfile(_SESSION, room / "session.sh")
    (room / "passwd").write_text(f"user:x:1000:1000:User:{HOME}:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n")
    (room / "group").write_text("user:x:1000:\nroot:x:0:\n")
    for name in ("passwd", "group", "session.sh"):
        (room / name).chmod(0o644)


def _command(room: Path, lower: Path, *, info: int) -> list[str]:
    root = os.geteuid() == 0
    uid = places.guest_uid()
    overlay = f"lowerdir={lower},upperdir={room}/upper,workdir={room}/work,userxattr"
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if root else []
    bwrap = [
        "bwrap",
        "--unshare-all",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--hostname",
        "sandbox",
        "--info-fd",
        str(info),
    ]
    bwrap += [*mounts(room), "--chdir", HOME, "sh", "/run/session.sh"]
    script = 'mount -t overlay overlay -o "$0" "$1" || exit 80; shift; exec "$@"'
    alone = ["unshare", "--mount", "--propagation=private"] + ([] if root else ["--user", "--map-root-user"])
    return [*alone, "sh", "-c", script, overlay, f"{room}/merged", *become, *bwrap]


def _await_init(room: Path, process: subprocess.Popen[bytes]) -> tuple[Process, Process]:
    """The first process inside, and the one that waits for it."""
    limit = time.monotonic() + _START_LIMIT
    while process.poll() is None and time.monotonic() < limit:
        with contextlib.suppress(ValueError, ProcessLookupError):  # not all is written yet; or it ended
            return Process.of(json.loads((room / "info").read_text())["child-pid"]), Process.of(process.pid)
        time.sleep(_TICK)
    if process.poll() is None:
        process.kill()
        process.wait(_END_LIMIT)
    raise SandboxError(_why(room))


def _await_ready(tree: Tree) -> None:
    limit = time.monotonic() + _START_LIMIT
    while not (tree.room / "run/ready").exists():
        if not tree.init.alive:
            raise SandboxError(_why(tree.room))
        if time.monotonic() > limit:
            raise TimedOut(
                f"the sandbox's display and buses did not come up in {_START_LIMIT:.0f} s; {_why(tree.room)}"
            )
        time.sleep(_TICK)


def _why(room: Path) -> str:
    logs = [room / "log", *(room / "run" / f"{name}.log" for name in ("xvfb", "at-spi"))]
    said = " / ".join(line for log in logs if log.is_file() for line in _tail(log))
    if "mount" in said and "permission" in said.lower():
        return f"an overlay cannot be mounted here ({said}); Linux 5.11 or later with user namespaces is needed"
    if os.geteuid() != 0 and _knob("kernel.apparmor_restrict_unprivileged_userns") == 1:
        knob = "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        return f"AppArmor refuses namespaces to ordinary users ({said}); allow them with: {knob}"
    if "ermission" in said or "ermitted" in said or "No space left" in said:
        return f"namespaces are refused ({said}); allow them with: sysctl -w user.max_user_namespaces=10000"
    return f"the sandbox did not start: {said or 'it said nothing'}"


def _tail(log: Path, lines: int = 3) -> list[str]:
    return log.read_text(errors="replace").strip().splitlines()[-lines:]


def _knob(name: str) -> int | None:
    """The number that a kernel setting has; None where there is no such setting."""
    path = Path("/proc/sys", *name.split("."))
    return int(path.read_text()) if path.is_file() else None
