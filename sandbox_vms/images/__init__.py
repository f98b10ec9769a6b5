"""Images of the VM sandboxes, made from Debian packages by a recipe and kept by what they are made of.

`build` gives the one that is there or makes it, `with_command` finds one by a program in it; `listed` and `remove` look
after those that are kept. No image is ever downloaded ready-made, and none is changed after it was made.
"""

from sandbox_vms.images.kept import Image, Kept, listed, remove, with_command
from sandbox_vms.images.make import build

__all__ = ["Image", "Kept", "build", "listed", "remove", "with_command"]
