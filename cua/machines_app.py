"""The user's verbs about virtual machines: which image has the app, and a machine with it. It never prints."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from cua.config import paths, settings
from cua.errors import CuaError, MissingProgram, UsageError
from cua.minds import where
from cua.policies.models.making import probe
from sandbox_vms import images, vm
from sandbox_vms.accelerator import accelerator
from sandbox_vms.apps import App, any_installed, named
from sandbox_vms.images import recipe
from sandbox_vms.namespace import Namespace
from sandbox_vms.promises import PROMISES, Result, Stage
from sandbox_vms.promises import check as promises_checked
from sandbox_vms.qemu import Qemu
from sandbox_vms.templates import Build

Say = Callable[[str], None]
_DISPLAY = "Xvfb"  # in each image
_RECIPE = "debian"


def images_folder() -> Path:
    """Where this person's images are kept."""
    return paths().data / "machines" / "images"


def templates_folder() -> Path:
    """Where the templates that are made from them are kept."""
    return paths().data / "machines" / "templates"


def check() -> Result:
    """Whether this machine has what virtual ones need; none is started for it. They are nobody's must: where something
    is missing, that was not tried."""
    name = "virtual machines can be run"
    try:
        vm.check()
    except MissingProgram as exc:
        return Result(name, None, str(exc))
    how = "with KVM" if accelerator() == "kvm" else "emulated in software: there is no KVM here that works"
    kept = images.listed(images_folder())
    damaged = sum(each.damaged for each in kept)
    there = f"images: {len(kept)}" if kept else "there is no image yet; make one with: cua sandbox build debian"
    told = f"{there} ({damaged} damaged: cua sandbox images)" if damaged else there
    return Result(name, True, f"{how}; QEMU is here, and no machine was started to try it; {told}")


def doctor(say: Say) -> list[Result]:
    """Each promise of the sandbox and its desktop driver, kept once on a program that is installed here; then whether
    virtual machines can be run. `say` hears what was tried.
    """
    sandbox = Namespace(any_installed(), size=settings().screen_size)
    room, found = sandbox.room, list[Result]()
    for result in promises_checked(Stage(sandbox, left=lambda: tuple(map(str, filter(Path.exists, [room]))))):
        found.append(result)
        say(f"{len(found)} of {len(PROMISES)} promises tried: {result.name}")
    return [*found, check(), _model()]


def _model() -> Result:
    """Whether the model of the settings answers, where there is one."""
    name, chosen = "the model answers", settings().model
    if not chosen.name:
        return Result(name, None, "none is set up, and none is needed; see: cua do --help")
    try:
        return Result(name, True, probe(chosen, where(chosen)))
    except CuaError as exc:
        return Result(name, False, str(exc))


def build_of(command: str, package: str = "") -> Build:
    """The newest image that has this program; of "", just the newest. Raises MissingProgram where there is none,
    SandboxError where the only one is damaged.
    """
    image = images.with_command(images_folder(), command or _DISPLAY)
    if image is None:
        lack = f"no image of a virtual machine has {command!r}" if command else "there is no image of a virtual machine"
        wanted = package or command or "PACKAGE,PACKAGE"
        raise MissingProgram(f"{lack}; make one with: cua sandbox build debian --with {wanted}")
    return Build(image, templates_folder())


def machine(app: App, say: Say, *, spare: bool = True) -> Qemu:
    """A virtual machine in which the app shows; `spare` keeps the next one ready. Raises MissingProgram, SandboxError
    or TimedOut.
    """
    build = build_of(Path(app.command[0]).name, app.package)
    return Qemu(app, build, size=settings().screen_size, say=say, spare=spare)


def wanted(name: str) -> App:
    """The app of that name, which an image has. Raises UsageError where none has it, MissingProgram where it is an app
    whose package is known.
    """
    app = named(name)
    if known(app):
        return app
    program = Path(app.command[0]).name
    package = app.package or program
    step = "name the command of a program that one has"
    if _may_be_package(package):
        step += f", or make one with: cua sandbox build {_RECIPE} --with {shlex.quote(package)}"
    kind = MissingProgram if app.package else UsageError
    raise kind(f"no image of a virtual machine has {program!r}; {step} (images: cua sandbox images)")


def _may_be_package(name: str) -> bool:
    try:
        recipe.load(_RECIPE, (name,))
    except UsageError:
        return False
    return True


def known(app: App) -> bool:
    """Whether an image has the app, be it damaged or not."""
    return any(Path(app.command[0]).name in each.commands for each in images.listed(images_folder()))


def image_of(app: App) -> str:
    """The id of the image that the app's machine is made of; "" where none has it. Raises SandboxError where the only
    one is damaged.
    """
    image = images.with_command(images_folder(), Path(app.command[0]).name)
    return image.id if image else ""


def desktop(size: tuple[int, int], say: Say) -> Qemu:
    """A virtual machine without an app, of the newest image."""
    return Qemu(None, build_of(""), size=size, say=say, spare=False)
