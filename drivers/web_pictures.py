"""Pictures of a page for who has no time to wait for them: taken while other things go on, one for each layout.

A picture is begun at the look that first has a layout and comes a moment later, so it may show what was filled in
meanwhile; later looks at the same layout have it too. Where a picture may not agree with what was read, its note says
so. It is named by the hash of what lies where. It never holds up a look; an act that is likely to change the layout
waits for it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import time
from collections.abc import Sequence
from functools import partial

from greenlet import greenlet
from PIL import Image
from playwright.sync_api import Error

from cua.core import Element, Frame
from drivers.web_launch import Browser

LIMIT, BREATH_MS = 0.5, 2.0
LATER = "the picture was taken a moment later: what was filled in meanwhile may show in it"
EARLIER = "the picture is an earlier one of this layout: fields may hold something else in it"
_MARKS = frozenset({"checked", "selected", "pressed", "expanded"})
FORM = {"format": "jpeg", "quality": 80, "optimizeForSpeed": True}


class Pictures:
    """Of one browser, whose view has this size."""

    def __init__(self, browser: Browser, size: tuple[int, int]) -> None:
        self._browser, self._size = browser, size
        self._layout: object = None
        self._shown: Sequence[tuple[object, ...]] = ()  # what the picture shows in the places of its layout
        self._frame: Frame | None = None
        self._going = ""
        self.note = ""  # how the last picture may differ from what was read

    def of(self, elements: Sequence[Element]) -> Frame:
        """The picture of this layout; its pixels are there from the look on at which they had come."""
        url = self._browser.page.url
        layout = (url, [(e.role, e.box) for e in elements if e.box])
        shown = [(e.name, e.value, e.states & _MARKS) for e in elements if e.box]
        if self._frame is None or layout != self._layout:
            said = repr((url, [(e.role, e.name, e.value, e.box) for e in elements])).encode("utf-8", "replace")
            name = hashlib.blake2b(said, digest_size=16).hexdigest()
            self._layout, self._shown, self._frame = layout, shown, Frame(name, *self._size)
            self._begin()
        self.note = EARLIER if shown != self._shown else LATER if self._going else ""
        return self._frame

    def picture(self) -> Frame | None:
        """The last picture with its pixels, waited for; without them if it does not come."""
        self.wait()
        return self._frame

    def wait(self) -> None:
        """Until the picture that is on its way has come, or for a moment at most."""
        end = time.monotonic() + LIMIT
        while self._going and time.monotonic() < end and self._browser.dialog is None:
            self._browser.page.wait_for_timeout(BREATH_MS)

    def _begin(self) -> None:
        if self._browser.page.url == "about:blank" or self._frame is None:
            return
        self._going = self._frame.sha
        asyncio.get_running_loop().call_soon(greenlet(partial(self._take, self._going)).switch)

    def _take(self, name: str) -> None:
        """In a greenlet of its own, so that whoever looked goes on."""
        try:
            shot = self._browser.cdp().send("Page.captureScreenshot", FORM)
            if self._frame is not None and self._frame.sha == name:
                image = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
                size = (image.width, image.height, image.width / self._size[0])
                self._frame = Frame(name, *size, image.tobytes("raw", "BGRX"))
        except Error:  # the page turned or went away: there is nothing left to take a picture of
            self._layout = None
        finally:
            self._going = "" if self._going == name else self._going
