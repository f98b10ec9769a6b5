"""The mouse pointer: where it is, what it looks like, and a picture of the screen with it. It moves nothing."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import xcffib.xfixes
from PIL import Image

from cua.core import Frame, Point
from cua.errors import DriverError
from drivers.desktop import Desktop

_VERSION = (4, 0)


@dataclass(frozen=True, slots=True)
class Pointer:
    """How the pointer looks: `pixels` are BGRA, the colours times their opacity; `corner` is where its picture goes."""

    corner: Point
    width: int
    height: int
    pixels: bytes


def place(desktop: Desktop) -> Point:
    """Where it points."""
    with desktop.x11.edge("look where the pointer is"):
        found = desktop.x11.core.QueryPointer(desktop.x11.root).reply()
    return Point(found.root_x, found.root_y)


def pointer(desktop: Desktop) -> Pointer:
    """What it looks like. Raises DriverError where the display does not tell."""
    x11 = desktop.x11
    with x11.edge("look at the pointer"):
        if not x11.core.QueryExtension(len("XFIXES"), "XFIXES").reply().present:
            raise DriverError("the X server has no XFIXES extension, so the pointer cannot be seen; use another server")
        fixes = x11.connection(xcffib.xfixes.key)
        fixes.QueryVersion(*_VERSION).reply()
        said = fixes.GetCursorImage().reply()
    pixels = struct.pack(f"={said.width * said.height}I", *said.cursor_image)
    return Pointer(Point(said.x - said.xhot, said.y - said.yhot), said.width, said.height, pixels)


def png(frame: Frame, over: Pointer) -> bytes:
    """The picture with the pointer on it, as a PNG file."""
    assert frame.pixels is not None
    size = (frame.width, frame.height)
    picture = Image.frombytes("RGB", size, bytes(frame.pixels), "raw", "BGRX")
    drawn = Image.frombytes("RGBA", (over.width, over.height), over.pixels, "raw", "BGRa")
    picture.paste(drawn, (over.corner.x, over.corner.y), drawn)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()
