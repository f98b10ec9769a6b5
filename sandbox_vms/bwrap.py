"""One generation of a namespace sandbox: a process tree in bubblewrap over an overlay home. Ends whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cua.errors import MissingProgram, SandboxError, TimedOut
from sandbox_vms import places

HOME = "/home/user"
RUNTIME = "/run/user/1000"
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
_TICK = 0.01
_AT_HOME = 'cd "$HOME" && exec "$@"'


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What every program in the sandbox gets to know; nothing of ours leaks in."""
    known = {
        "HOME": HOME,
        "USER": "user",
        "LOGNAME": "user",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "DISPLAY": ":0",
        "XDG_RUNTIME_DIR": RUNTIME,
        "XDG_CURRENT_DESKTOP": "GNOME",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus",
        "GSETTINGS_BACKEND": "keyfile",
        "GTK_MODULES": "gail:atk-bridge",
        "QT_ACCESSIBILITY": "1",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "QT_QPA_PLATFORM": "xcb",
        "GDK_BACKEND": "x11",
        "NO_AT_BRIDGE": "0",
        "GIO_USE_VFS": "local",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    return known | dict(extra)


def check() -> None:
    """Raises MissingProgram naming what must be installed or switched on."""
    for program, package in _NEEDS.items():
        if shutil.which(program) is None:
            raise MissingProgram(f"{program} is missing; install it with: apt-get install {package}")
    if not Path("/usr/libexec/at-spi-bus-launcher").exists():
        raise MissingProgram("accessibility is missing; install it with: apt-get install at-spi2-core")
    for path, least in (("kernel/unprivileged_userns_clone", 1), ("user/max_user_namespaces", 1)):
        knob = Path("/proc/sys") / path
        if knob.exists() and int(knob.read_text()) < least:
            name = path.replace("/", ".")
            raise MissingProgram(f"user namespaces are switched off; switch them on with: sysctl -w {name}=10000")


@dataclass(slots=True)
class Tree:
    """A running process tree. `room` holds upper, work, merged, x, run; `init` is its first process, seen from outside."""

    room: Path
    process: subprocess.Popen[bytes] | None
    init: places.Process
    env: dict[str, str]

    def enter(self, argv: tuple[str, ...], *, log: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a command inside. Its output goes to `log`, or to pipes if there is none."""
        out = log.open("ab") if log else subprocess.PIPE
        try:
            return subprocess.Popen(
                self.entering() + list(argv),
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
                start_new_session=True,
            )
        finally:
            if log:
                out.close()  # type: ignore[union-attr]

    def entering(self) -> list[str]:
        if not self.init.alive:
            raise SandboxError(f"the sandbox in {self.room} has ended; make a new one or reset it")
        who = ["--setuid", "1000", "--setgid", "1000"] if os.geteuid() == 0 else ["--preserve-credentials"]
        return ["nsenter", f"--target={self.init.pid}", "-U", "-m", "-p", "-n", "-i", "-u", *who, "--", "sh", "-c", _AT_HOME, "sh"]

    def end(self) -> None:
        """Kill everything inside and wait until it is gone."""
        if self.init.alive:
            os.kill(self.init.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(_END_LIMIT)
        limit = time.monotonic() + _END_LIMIT
        while self.init.alive:
            if time.monotonic() > limit:
                raise SandboxError(f"process {self.init.pid} of the sandbox in {self.room} does not end")
            time.sleep(_TICK)


def start(room: Path, lower: Path, *, size: tuple[int, int], env: Mapping[str, str], lasting: bool = False) -> Tree:
    """Start a process tree in `room` (made anew) over the home `lower`.

    It dies with us unless `lasting`. Raises SandboxError with the log's last lines if it does not come up.
    """
    uid = places.guest_uid()
    for name in ("upper", "work", "merged", "x", "run"):
        (room / name).mkdir(parents=True, mode=0o711)
        if os.geteuid() == 0:
            os.chown(room / name, uid, uid)
    (room / "x").chmod(0o777 | 0o1000)
    (room / "run").chmod(0o700)
    (room / "passwd").write_text(f"user:x:1000:1000:User:{HOME}:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n")
    (room / "group").write_text("user:x:1000:\nroot:x:0:\n")
    for name in ("passwd", "group"):
        (room / name).chmod(0o644)
    known = environment(env)
    reading, writing = os.pipe()
    with (room / "log").open("wb") as log:
        process = subprocess.Popen(
            _command(room, lower, size=size, info=writing, lasting=lasting),
            env=known,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(writing,),
            start_new_session=True,
        )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    if not said:
        process.wait()
        raise SandboxError(_why(room))
    tree = Tree(room, process, places.Process.of(json.loads(said)["child-pid"]), known)
    _await_ready(tree)
    return tree


def _command(room: Path, lower: Path, *, size: tuple[int, int], info: int, lasting: bool) -> list[str]:
    root = os.geteuid() == 0
    uid = places.guest_uid()
    overlay = f"lowerdir={lower},upperdir={room}/upper,workdir={room}/work,userxattr"
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if root else []
    inside = ["sh", "/run/session.sh", f"{size[0]}x{size[1]}x24"]
    bwrap = ["bwrap", "--unshare-all", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--info-fd", str(info)]
    bwrap += [] if lasting else ["--die-with-parent"]
    bwrap += _mounts(room) + ["--chdir", HOME, *inside]
    script = 'mount -t overlay overlay -o "$0" "$1" || exit 80; shift; exec "$@"'
    alone = ["unshare", "--mount", "--propagation=private"] + ([] if root else ["--user", "--map-root-user"])
    return [*alone, "sh", "-c", script, overlay, f"{room}/merged", *become, *bwrap]


def _mounts(room: Path) -> list[str]:
    found = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            found += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path("/", name).is_dir():
            found += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in ("/opt", "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/lib/dbus"):
        found += ["--ro-bind-try", path, path]
    found += ["--tmpfs", "/tmp", "--tmpfs", "/var/tmp", "--tmpfs", "/dev/shm", "--dir", "/root"]  # noqa: S108
    for source, target in (("x", "/tmp/.X11-unix"), ("run", RUNTIME), ("merged", HOME)):  # noqa: S108
        found += ["--bind", f"{room}/{source}", target]
    for source, target in (("passwd", "/etc/passwd"), ("group", "/etc/group")):
        found += ["--ro-bind", f"{room}/{source}", target]
    return [*found, "--ro-bind", str(_SESSION), "/run/session.sh"]


def _await_ready(tree: Tree) -> None:
    limit = time.monotonic() + _START_LIMIT
    while not (tree.room / "run/ready").exists():
        if not tree.init.alive:
            raise SandboxError(_why(tree.room))
        if time.monotonic() > limit:
            tree.end()
            raise TimedOut(f"the sandbox's display and buses did not come up in {_START_LIMIT:.0f} s; {_why(tree.room)}")
        time.sleep(_TICK)


def _why(room: Path) -> str:
    said = " / ".join((room / "log").read_text(errors="replace").strip().splitlines()[-3:])
    if "mount" in said and "permission" in said.lower():
        return f"an overlay cannot be mounted here ({said}); Linux 5.11 or later with user namespaces is needed"
    if "ermission" in said or "No space left" in said:
        return f"namespaces are refused ({said}); try: sysctl -w kernel.unprivileged_userns_clone=1"
    return f"the sandbox did not start: {said or 'it said nothing'}"
