"""Templates: machines that were booted once, with the app's window open, kept as they stood. A clone begins there.

The memory of a template is a file that its clones map privately (`memory-backend-file`, `x-ignore-shared`: QEMU's own
way to leave shared memory out of a saved state), its disk is what theirs are laid over. Nothing writes to it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cua.errors import SandboxError, TimedOut
from sandbox_vms import agent_disk, places, session, vm
from sandbox_vms.accelerator import accelerator
from sandbox_vms.apps import App
from sandbox_vms.images import Image
from sandbox_vms.images.kept import settle, used
from sandbox_vms.remote import Remote
from sandbox_vms.vm import Hardware, Store, Vm

BOOT_LIMIT = 300.0  # seconds, on a machine that is busy with other things too
_APP_LIMIT = 300.0
_WARMING = 3  # looks, so that a clone need not do for the first time what every clone does
_ABOUT = "template.json"
_PART = "part-"
_FILES = ("disk.qcow2", "memory", "state", "agent.tar")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Build:
    """What templates are made from and where they are kept. `memory` is in MiB."""

    image: Image
    folder: Path
    memory: int = 1024


@dataclass(frozen=True, slots=True)
class Template:
    """A machine as it stood: what it is built of, and the agent's token in it. With `anew`, that moment is the start
    state of its clones, and not the one that the machine itself started from.
    """

    folder: Path
    image: Image
    hardware: Hardware
    token: str
    anew: bool = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Neither it nor its image is removed meanwhile. Raises SandboxError where that was done already."""
        with ExitStack() as last:
            last.enter_context(used(self.image))
            try:
                about = os.open(self.folder / _ABOUT, os.O_RDONLY | os.O_CLOEXEC)
            except OSError as exc:
                raise SandboxError(f"the template in {self.folder} was removed meanwhile; try again") from exc
            last.callback(os.close, about)
            fcntl.flock(about, fcntl.LOCK_SH)
            yield

    def clone(self, room: Path) -> Vm:
        """A machine that stands where the template stood, with its files in `room`. Let it `go`.

        Raises SandboxError, saying what to do if that fails again.
        """
        try:
            disk = vm.overlay(self.folder / "disk.qcow2", room / "disk.qcow2")
            return Vm(self.hardware, Store(disk, self.folder / "memory", state=self.folder / "state"), room / "log")
        except SandboxError as exc:
            anew = "take the snapshot anew" if self.anew else f"remove {self.folder}: it is made anew then"
            raise SandboxError(f"{exc}; try again, and if it does not start either, {anew}") from exc


def of(build: Build, app: App | None, *, size: tuple[int, int], say: Say) -> Template:
    """The template of that app, made first if there is none. One process makes it, others wait.

    Raises SandboxError, TimedOut or MissingProgram if the machine does not come up.
    """
    vm.check()
    image, folder, memory = build.image, build.folder, build.memory
    with places.written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        kind = accelerator(folder)
        _sweep(folder)
    told = {"image": image.id, "app": asdict(app) if app else None, "size": size, "memory": memory, "kind": kind}
    # the id says what the image is made of, but its memory fits to one content only
    subject, version = _hashed(told), _hashed([image.content, agent_disk.digest(), session.files(), _version()])
    name = f"{subject}-{version}"
    line = f"{image.command_line} cua.size={size[0]}x{size[1]}"
    with places.written(folder), used(image), _alone(folder / f"{name}.lock", say):
        kept = folder / name
        hardware = Hardware(kind, memory, image.kernel, image.initrd, kept / "agent.tar", line)
        if (found := _kept(kept, image, hardware)) is not None:
            return found
        if kept.exists():
            say("a damaged template is made anew")
            places.remove(kept)
        with _part(folder, name) as part:
            _make(part, hardware, image, app, say)
            settle(part, kept)
        _prune(folder, subject, kept)
        found = _kept(kept, image, hardware)
    if found is None:
        raise SandboxError(f"the template in {kept} was changed while it was made; remove it and try again")
    return found


def frozen(machine: Vm, template: Template, folder: Path, *, disk: Path) -> Template:
    """A template of a machine that stands still, as it stands: `disk` is what it has written to, which must not change
    any more. Its memory is brought into a file of its own by a second machine that does nothing else.

    Raises SandboxError or TimedOut; then nothing is left of it.
    """
    with places.written(folder), ExitStack() as undo:
        folder.mkdir(mode=0o700)
        undo.callback(places.remove, folder)
        _freeze(machine, template, folder, disk)
        undo.pop_all()
    return Template(folder, template.image, template.hardware, template.token, anew=True)


def check_space(folder: Path, memory: int, what: str) -> None:
    """Raises SandboxError where so many MiB cannot be kept. The memory of a machine may be written whole."""
    with places.written(folder):
        free = shutil.disk_usage(folder).free >> 20
    if free < memory:
        needed = f"{memory} MiB are needed and {free} MiB are free"
        raise SandboxError(f"no space for {what} in {folder}: {needed}; free some space on that disk")


# ---------------------------------------------------------------------------------------------- parts


def _freeze(machine: Vm, template: Template, folder: Path, disk: Path) -> None:
    state = folder / "whole"
    machine.save(state, whole=True)
    (folder / "disk.qcow2").symlink_to(disk)
    (folder / "agent.tar").symlink_to(template.hardware.agent)
    spare = vm.overlay(disk, folder / "spare.qcow2")
    _reserve(folder / "memory", template.hardware.memory)
    second = Vm(
        template.hardware, Store(spare, folder / "memory", shared=True, state=state, whole=True), folder / "log"
    )
    try:
        second.save(folder / "state")
        second.quit()
    finally:
        second.close()
    for passing in (state, spare):
        passing.unlink()
    (folder / _ABOUT).write_text("{}")


def _make(part: Path, hardware: Hardware, image: Image, app: App | None, say: Say) -> None:
    check_space(part.parent, hardware.memory, "a template")
    token = secrets.token_urlsafe(24)
    agent = part / "agent.tar"
    agent_disk.write(agent, token)
    disk = vm.overlay(image.disk, part / "disk.qcow2", kind=image.disk_format)
    _reserve(part / "memory", hardware.memory)
    built = Hardware(hardware.accelerator, hardware.memory, image.kernel, image.initrd, agent, hardware.command_line)
    say("starting the machine, for the first and only time")
    machine = Vm(built, Store(disk, part / "memory", shared=True), part / "log")
    with ExitStack() as undo:
        undo.callback(machine.close)
        machine.go()
        remote = Remote("127.0.0.1", machine.port, token, why=machine.trouble)
        undo.callback(remote.close)
        _await_agent(remote, machine, part / "log")
        if app is not None:
            say(f"starting {app.name} in it")
            remote.app(app, seconds=_APP_LIMIT)
        else:
            _begin_session(remote)
        for _ in range(_WARMING):
            remote.do(frame=True)
            remote.changes()
        remote.close()
        say("keeping it as it stands")
        machine.stop()
        machine.save(part / "state")
        machine.quit()
    about = {"token": token, "image": str(image.disk), "files": {name: _mark(part / name) for name in _FILES}}
    (part / _ABOUT).write_text(json.dumps(about))
    (part / _ABOUT).chmod(0o600)


def _begin_session(remote: Remote) -> None:
    """A desktop without an app."""
    for path, text in session.files().items():
        remote.write(f"~/{path}", text.encode())
    remote.exec(("openbox", "--reconfigure"))
    session.begin(remote.exec, remote.launch)
    remote.start_state()


def _await_agent(remote: Remote, machine: Vm, log: Path) -> None:
    try:
        remote.ready(BOOT_LIMIT)
    except TimedOut as exc:
        how = "" if machine.alive else " and QEMU has ended"
        raise TimedOut(f"{exc}{how}; the machine said last: {vm.last_lines(log)}") from exc


def _kept(folder: Path, image: Image, hardware: Hardware) -> Template | None:
    """The template there, if it is whole."""
    try:
        about = json.loads((folder / _ABOUT).read_text())
        whole = all(_mark(folder / name) == mark for name, mark in about["files"].items())
        return Template(folder, image, hardware, about["token"]) if whole else None
    except (OSError, ValueError, KeyError):
        return None


def _sweep(folder: Path) -> None:
    """Remove what was left of templates whose making was killed; who makes one holds the lock on its name."""
    for part in folder.glob(f"{_PART}*"):
        lock = os.open(folder / f"{part.name.removeprefix(_PART)}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            places.remove(part)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _prune(folder: Path, subject: str, kept: Path) -> None:
    """Remove what nobody will use again and nobody uses now: earlier versions of this template, and those whose image
    is gone."""
    for about in folder.glob(f"*/{_ABOUT}"):
        other = about.parent
        try:
            held = os.open(about, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            gone = not Path(json.loads(about.read_text())["image"]).exists()
            if other != kept and (gone or other.name.startswith(f"{subject}-")):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                places.remove(other)
        except (BlockingIOError, ValueError, KeyError):  # it is in use, or being mended by another
            continue
        finally:
            os.close(held)


def _hashed(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _mark(path: Path) -> list[int]:
    """What tells whether a file was changed: nobody writes to a template."""
    about = path.stat()
    return [about.st_size, about.st_mtime_ns]


@contextmanager
def _alone(lock: Path, say: Say) -> Iterator[None]:
    held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that makes this template")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextmanager
def _part(folder: Path, name: str) -> Iterator[Path]:
    """A folder to make it in, which is gone afterwards; what a killed process left there is removed first. The lock on
    the name is held."""
    part = folder / f"{_PART}{name}"
    if part.exists():
        places.remove(part)
    part.mkdir(mode=0o700)
    try:
        yield part
    finally:
        if part.exists():
            places.remove(part)


def _reserve(path: Path, memory: int) -> None:
    with path.open("wb") as made:
        made.truncate(memory << 20)
    path.chmod(0o600)


def _version() -> str:
    done = subprocess.run([vm.QEMU, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]
