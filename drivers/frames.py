"""Pictures of an X display by mss, through one object that lives as long as its owner. It never acts on the screen.

A new mss object costs about a hundred times a picture. It is made anew only when the screen has grown, which mss does
not notice, and then `note` says so. A lost display is `DisplayGone`, and it is never reconnected.
"""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import mss
from mss.exception import ScreenShotError
from PIL import Image

from cua.core import Box, Frame
from cua.errors import DriverError, UsageError
from drivers.x11 import X11


class Frames:
    """The eye on one display: the one named, or the one of the environment for None."""

    def __init__(self, display: str | None = None) -> None:
        self._x11 = X11(display)
        self._mss_for = self._x11.screen
        self._mss = self._open()
        self._last: tuple[Box, Frame] | None = None
        self._naming = ThreadPoolExecutor(1, thread_name_prefix="cua-frames")
        self._name: Future[str] | None = None
        self._resized = ""

    @property
    def note(self) -> str:
        """Why pictures are slow here, and what happened to the screen; empty where all is well."""
        said = [line for line in self._mss.performance_status if "working correctly" not in line]
        shared = len(said) < len(self._mss.performance_status) or self._last is None
        slow = [] if shared else [f"no shared memory (MIT-SHM) with the display: {' '.join(said) or 'no reason given'}"]
        return "; ".join([*slow, *filter(None, [self._resized])])

    def grab(self, region: Box | None = None) -> Frame:
        """A picture of the whole screen, or of the part of a region that is on it."""
        return self.named(self.nameless(region))

    def nameless(self, region: Box | None = None) -> Frame:
        """The same without its hash, which is made meanwhile: `named` gives it the name."""
        with self._x11.edge("take a picture"):
            self._x11.drain()
            self._x11.sync()
            self._x11.drain()
        screen = self._x11.screen
        if screen != self._mss_for:
            self._resized = f"the screen is now {screen.width}x{screen.height}; capture was opened anew"
            self._mss.close()
            self._mss_for, self._mss = screen, self._open()
        box = _common(region, screen) if region else screen
        try:
            shot = self._mss.grab((box.x, box.y, box.x + box.width, box.y + box.height))
        except ScreenShotError as exc:
            raise self._translated(exc) from exc
        return self._frame(box, shot.raw)  # its own copy already: another one would cost as much as taking it

    def named(self, frame: Frame) -> Frame:
        """The picture with the hash of its pixels."""
        if frame.sha or frame.pixels is None:
            return frame
        if self._name is None or self._last is None or self._last[1] is not frame:
            return replace(frame, sha=_hash(frame.pixels))
        named = replace(frame, sha=self._name.result())
        self._last = self._last[0], named
        return named

    def close(self) -> None:
        """Let go of the display, also of one that went away."""
        self._naming.shutdown()
        with suppress(ScreenShotError):
            self._mss.close()
        self._x11.close()

    def _open(self) -> mss.MSS:
        try:
            return mss.MSS(display=self._x11.display)
        except ScreenShotError as exc:
            raise self._translated(exc) from exc

    def _translated(self, exc: ScreenShotError) -> DriverError:
        with self._x11.edge("take a picture"):  # raises DisplayGone if that is the reason
            self._x11.sync()
        return DriverError(f"cannot take a picture of display {self._x11.display}: {exc}; look again")

    def _frame(self, box: Box, pixels: bytearray) -> Frame:
        """The same frame as last time if nothing changed: comparing costs a tenth of hashing."""
        if self._last and self._last[0] == box and self._last[1].pixels == pixels:
            return self._last[1]
        frame = Frame(sha="", width=box.width, height=box.height, pixels=pixels)
        self._name = self._naming.submit(_hash, pixels)
        self._last = (box, frame)
        return frame


def _hash(pixels: bytes | bytearray) -> str:
    return hashlib.sha256(pixels).hexdigest()


def png(frame: Frame) -> bytes:
    """The frame as a PNG file, packed quickly rather than tightly."""
    if frame.pixels is None:
        raise UsageError(f"the frame {frame.sha} has no pixels any more; read its file from the record")
    file = io.BytesIO()
    image = Image.frombuffer("RGB", (frame.width, frame.height), frame.pixels, "raw", "BGRX", 0, 1)
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _common(region: Box, screen: Box) -> Box:
    left, top = max(region.x, 0), max(region.y, 0)
    right, bottom = min(region.x + region.width, screen.width), min(region.y + region.height, screen.height)
    if left >= right or top >= bottom:
        raise UsageError(f"the region {region} is not on the screen of {screen.width}x{screen.height}")
    return Box(left, top, right - left, bottom - top)
