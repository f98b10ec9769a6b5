"""The user's verbs about images of virtual machines: make one, list them, remove one. It never prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cua.machines_app import images_folder
from sandbox_vms import images

Kept = images.Kept


@dataclass(frozen=True, slots=True)
class Built:
    """An image that is ready. `size` is in bytes of the disk."""

    image: str
    path: str
    size: int


def build(recipe: str, packages: tuple[str, ...], say: Callable[[str], None]) -> Built:
    """The image of that recipe with these packages beside; made if it is not there. `say` hears what is done.

    Raises UsageError, MissingProgram or SandboxError.
    """
    image = images.build(images_folder(), packages=packages, recipe=recipe, say=say)
    (kept,) = (each for each in images.listed(images_folder()) if each.id == image.id)
    return Built(image.id, kept.path, kept.size)


def listed() -> tuple[Kept, ...]:
    """Those that are kept, the newest first."""
    return images.listed(images_folder())


def remove(name: str) -> str:
    """Remove the one whose id is or begins like that, and say which. Raises UsageError if there is no such one."""
    return images.remove(images_folder(), name)
