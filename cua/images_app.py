"""The user's verbs about images of virtual machines: make one, list them, remove one. It never prints."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from cua.errors import SandboxError
from cua.machines_app import images_folder, templates_folder
from sandbox_vms import images
from sandbox_vms import templates as machine_templates


@dataclass(frozen=True, slots=True)
class Built:
    """An image that is ready. `size` is in bytes of the disk."""

    image: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An image that is kept, and how much its templates take beside it. Sizes are in bytes of the disk."""

    id: str
    recipe: str
    packages: tuple[str, ...]
    made: str
    size: int
    templates: int
    path: str
    damaged: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """An image that is gone with its templates, and how many bytes of the disk they took."""

    image: str
    freed: int


def build(recipe: str, packages: tuple[str, ...], say: Callable[[str], None]) -> Built:
    """The image of that recipe with these packages beside; made if it is not there. `say` hears what is done.

    Raises UsageError, MissingProgram or SandboxError.
    """
    image = images.build(images_folder(), packages=packages, recipe=recipe, say=say)
    (kept,) = (each for each in images.listed(images_folder()) if each.id == image.id)
    return Built(image.id, kept.path, kept.size)


def listed() -> tuple[Listed, ...]:
    """Those that are kept, the newest first. Templates that nobody will use again are removed before."""
    with contextlib.suppress(SandboxError):  # whoever needs the space is told what cannot be removed
        machine_templates.sweep(templates_folder())
    taken = machine_templates.taken(templates_folder())
    return tuple(
        Listed(
            each.id,
            each.recipe,
            each.packages,
            each.made,
            each.size,
            taken.get(each.id, 0),
            each.path,
            each.damaged,
        )
        for each in images.listed(images_folder())
    )


def remove(name: str) -> Removed:
    """Remove the one whose id is or begins like that, and its templates; say which.

    Raises UsageError if there is no such one, SandboxError while a machine runs on it.
    """
    took = {each.id: each.size + each.templates for each in listed()}
    gone = images.remove(images_folder(), name)
    machine_templates.sweep(templates_folder())
    return Removed(gone, took.get(gone, 0))
