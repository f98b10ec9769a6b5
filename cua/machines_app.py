"""The user's verbs about virtual machines: which image has the app, and a machine with it. It never prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cua.config import paths, settings
from cua.errors import MissingProgram
from sandbox_vms import images
from sandbox_vms.apps import App
from sandbox_vms.qemu import Qemu
from sandbox_vms.templates import Build

Say = Callable[[str], None]
_DISPLAY = "Xvfb"  # in each image


def _silent(_: str) -> None:
    """Whoever does not want to hear of progress."""


def images_folder() -> Path:
    """Where this person's images are kept."""
    return paths().data / "machines" / "images"


def build_of(command: str) -> Build:
    """The newest image that has this program; of "", just the newest. Raises MissingProgram where there is none."""
    image = images.with_command(images_folder(), command or _DISPLAY)
    if image is None:
        lack = f"no image of a virtual machine has {command!r}" if command else "there is no image of a virtual machine"
        raise MissingProgram(f"{lack}; make one with: cua sandbox build debian --with {command or 'PACKAGE,PACKAGE'}")
    return Build(image, paths().data / "machines" / "templates")


def machine(app: App, say: Say = _silent) -> Qemu:
    """A virtual machine in which the app shows. Raises MissingProgram, SandboxError or TimedOut."""
    return Qemu(app, build_of(Path(app.command[0]).name), size=settings().screen_size, say=say)


def desktop(size: tuple[int, int], say: Say = _silent) -> Qemu:
    """A virtual machine without an app, of the newest image."""
    return Qemu(None, build_of(""), size=size, say=say, spare=False)
