"""The user's verbs about virtual machines: which image has the app, and a machine with it. It never prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cua.config import paths, settings
from cua.errors import MissingProgram
from sandbox_vms import images, vm
from sandbox_vms.accelerator import accelerator
from sandbox_vms.apps import App
from sandbox_vms.promises import Result
from sandbox_vms.qemu import Qemu
from sandbox_vms.templates import Build

Say = Callable[[str], None]
_DISPLAY = "Xvfb"  # in each image


def images_folder() -> Path:
    """Where this person's images are kept."""
    return paths().data / "machines" / "images"


def check() -> Result:
    """Whether this machine can run virtual ones. They are nobody's must: where it cannot, that was not tried."""
    name = "virtual machines can be run"
    try:
        vm.check()
    except MissingProgram as exc:
        return Result(name, None, str(exc))
    how = "with KVM" if accelerator() == "kvm" else "emulated in software: there is no KVM here that works"
    kept = images.listed(images_folder())
    there = f"images: {len(kept)}" if kept else "there is no image yet; make one with: cua sandbox build debian"
    return Result(name, True, f"{how}; {there}")


def build_of(command: str, package: str = "") -> Build:
    """The newest image that has this program; of "", just the newest. Raises MissingProgram where there is none."""
    image = images.with_command(images_folder(), command or _DISPLAY)
    if image is None:
        lack = f"no image of a virtual machine has {command!r}" if command else "there is no image of a virtual machine"
        wanted = package or command or "PACKAGE,PACKAGE"
        raise MissingProgram(f"{lack}; make one with: cua sandbox build debian --with {wanted}")
    return Build(image, paths().data / "machines" / "templates")


def machine(app: App, say: Say) -> Qemu:
    """A virtual machine in which the app shows. Raises MissingProgram, SandboxError or TimedOut."""
    return Qemu(app, build_of(Path(app.command[0]).name, app.package), size=settings().screen_size, say=say)


def desktop(size: tuple[int, int], say: Say) -> Qemu:
    """A virtual machine without an app, of the newest image."""
    return Qemu(None, build_of(""), size=size, say=say, spare=False)
