"""The web driver: eyes and hands on a browser, through Playwright.

One injected look a frame (`web_snapshot.js`) gives every element with its role, name, states and locators; a click is
aimed again just before it is made, and refused when something else lies there. It never changes a node of the page,
never reads the value of a password field, and never answers a dialog or a file chooser by itself: they are elements.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Frame as PageFrame
from playwright.sync_api import Page

from cua.core import (
    Action,
    Ask,
    Box,
    Click,
    Drag,
    Effect,
    Element,
    Finish,
    Frame,
    Invoke,
    Locator,
    Observation,
    Open,
    Place,
    Press,
    Wait,
)  # fmt: skip
from cua.errors import DriverError, TimedOut, UsageError
from cua.traffic import Traffic
from drivers import web_asks as asks
from drivers.web_hands import Hands
from drivers.web_launch import Browser, DialogOpened, ask
from drivers.web_pictures import Pictures
from drivers.web_secrets import without_secrets
from drivers.web_words import saying

ELEMENTS = 4000  # the budget of one look
LOOK_SECONDS, FRAME_SECONDS, ACT_SECONDS = 10.0, 2.0, 30.0

_TURNING = (Click, Invoke, Press, Open, Drag)  # what is likely to change the layout

Row = list[Any]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One frame's rows, and the sheets of the frames inside it by the number of the element that holds them."""

    frame: PageFrame
    rows: list[Row]
    inside: dict[int, _Sheet] = field(default_factory=dict)


def element(row: Row, prefix: str, parent: int) -> Element:
    """The element that a row of `web_snapshot.js` tells of, as the child of the element at the index `parent`."""
    n, role, name, value, states, box, _, locators, description, actions = row
    return Element(
        ref=f"{prefix}:{n}",
        role=role,
        name=name,
        value=value,
        states=frozenset(states),
        box=Box(*box) if box else None,
        parent=parent,
        locators=tuple(Locator(kind, found) for kind, found in locators),
        description=description,
        actions=tuple(actions),
    )


class Web:
    """A browser with a fresh profile. `downloads` is the folder where downloads go; without it there are none.

    `brisk` is for who waits for conditions, as a replay does: an act is not followed by a wait for quiet, and pictures
    come a moment later than the look, one for each layout (`web_pictures`).
    """

    def __init__(
        self,
        url: str = "",
        *,
        headless: bool = True,
        executable: Path | None = None,
        size: tuple[int, int] = (1280, 800),
        downloads: Path | None = None,
        brisk: bool = False,
    ) -> None:
        self._size = size
        self._titles: dict[Page, str] = {}
        self._notes: list[str] = []
        self._next = 0
        self._lines: dict[str, Row] = {}  # of the last look, as they were read: a row is never changed
        self._fresh: dict[str, Row] = {}
        self._made: dict[str, tuple[int, Row, Element]] = {}  # of the last look: what is as it was is not made again
        self._aside = ThreadPoolExecutor(1, "pictures")
        self._looked = ""  # where the last look was taken
        self._browser = Browser(headless=headless, executable=executable, size=size, downloads=downloads)
        self._hands = Hands(self._browser, self._differs, brisk=brisk)
        self._pictures = Pictures(self._browser, size) if brisk else None
        with ExitStack() as undo:
            undo.callback(self.close)
            if url:
                self.act(Open(url))
            undo.pop_all()

    def close(self) -> None:
        """End the browser. The driver is of no use after that."""
        self._aside.shutdown()
        self._browser.close()

    def act(self, action: Action) -> Effect:
        """Do it, wait until the page is quiet, and say what was seen to change."""
        if isinstance(action, Ask | Finish):
            raise UsageError(f"{type(action).__name__} is for the person, not for a driver; the loop answers it")
        limit = ACT_SECONDS + (action.seconds if isinstance(action, Wait) else 0.0)
        with self._browser.limited(limit, saying(action)):
            self._browser.check_alive()
            if self._pictures and isinstance(action, _TURNING):
                self._pictures.wait()
            return self._hands.act(action)

    def picture(self) -> Frame | None:
        """The picture of the last look, waited for a moment where it is still on its way; None if there is none."""
        with self._browser.limited(FRAME_SECONDS, "taking a picture"):
            return self._pictures.picture() if self._pictures else None

    def traffic(self) -> Traffic:
        """What the pages asked servers for, and how that was answered; an answer is told once."""
        return self._browser.requests.take()

    # ------------------------------------------------------------------------------------------ eyes

    def observe(self, *, frame: bool = True) -> Observation:
        """One look: the page in front with its frames, the browser's tabs, and a dialog if one blocks the page."""
        browser = self._browser
        with browser.limited(LOOK_SECONDS, "looking at the page"):
            if browser.dialog is None:
                with suppress(DialogOpened):  # told below
                    return self._look(frame)
        own = tuple(asks.elements(browser, self._titles, 0))
        note = "a dialog blocks the page: no picture until answered"
        return Observation(self._place(), own, time=time.time(), note=note, partial=True)

    def _look(self, frame: bool) -> Observation:
        sheet = self._read_all()
        self._lines, self._fresh = self._fresh, {}
        drawn = self._drawn() if frame and not self._pictures else None
        elements: list[Element] = []
        made, self._made = self._made, {}
        self._flatten(sheet, -1, elements, made)
        elements += asks.elements(self._browser, self._titles, len(elements))
        picture = drawn.result() if drawn else self._pictures.of(elements) if frame and self._pictures else None
        self._looked = self._browser.page.url
        notes = [*self._notes, *asks.arrivals(self._browser, self._titles)]
        notes += [self._pictures.note] if picture and self._pictures else []
        note, partial = "; ".join(filter(None, notes)), bool(self._notes)
        return Observation(self._place(), tuple(elements), picture, time.time(), note, partial=partial)

    def _differs(self) -> bool:
        """Look anew: does the page show something else than at the last look?"""
        url, before = self._looked, self._made
        self._look(frame=False)
        return url != self._looked or _shown(before) != _shown(self._made)

    def _place(self) -> Place:
        page = self._browser.page
        return Place(urlsplit(page.url).netloc or "web", self._titles.get(page, ""), page.url)

    def _read_all(self) -> _Sheet:
        """The frames' rows; again when the page turned under our eyes."""
        for attempt in range(10):
            self._browser.check_alive()
            page = self._browser.page
            self._notes = []
            self._browser.deaf.clear()
            try:
                with self._browser.limited(LOOK_SECONDS, "reading the page"):
                    if attempt:
                        page.wait_for_load_state("domcontentloaded", timeout=LOOK_SECONDS * 1000)
                    return self._read(page.main_frame, (0.0, 0.0), (0.0, 0.0, *self._size), ELEMENTS)
            except TimedOut:
                raise
            except DriverError:
                if attempt == 9:
                    raise
        raise TimedOut("the page did not hold still to be read; wait, then look again")

    def _read(
        self, frame: PageFrame, at: tuple[float, float], view: tuple[float, float, float, float], budget: int
    ) -> _Sheet:
        wanted = {"x": round(at[0]), "y": round(at[1]), "view": view, "start": self._next, "limit": budget}
        head, *lines, _ = ask(frame, "look", wanted).split("\n")
        seen, before = json.loads(f"{head}]}}"), self._lines
        known = {line: before.get(line) or json.loads(line.removesuffix(",")) for line in lines if line}
        self._fresh |= known
        self._next = max(self._next, seen["next"])
        if frame is self._browser.page.main_frame:
            self._titles[self._browser.page] = seen["title"]
        if seen["cut"]:
            self._notes.append(f"cut at {ELEMENTS} elements")
        sheet = _Sheet(frame, list(known.values()))
        for child in frame.child_frames:
            left = budget - len(sheet.rows) - sum(len(inner.rows) for inner in sheet.inside.values())
            if left > 0:
                self._read_child(sheet, child, at, (view, left))
        return sheet

    def _read_child(
        self,
        sheet: _Sheet,
        child: PageFrame,
        at: tuple[float, float],
        bounds: tuple[tuple[float, float, float, float], int],
    ) -> None:
        (left, top, right, bottom), budget = bounds
        try:
            with self._browser.limited(FRAME_SECONDS, f"reading the frame {child.url}"):
                placed = ask(sheet.frame, "place", child.frame_element())
                if placed["n"] is None:
                    return
                x, y, width, height = (float(placed[key]) for key in ("x", "y", "width", "height"))
                view = (max(0.0, left - x), max(0.0, top - y), min(width, right - x), min(height, bottom - y))
                sheet.inside[placed["n"]] = self._read(child, (at[0] + x, at[1] + y), view, budget)
                for at_row, row in enumerate(sheet.rows):
                    if row[0] == placed["n"]:
                        sheet.rows[at_row] = [*row[:7], [*row[7], ["src", _source(child.url)]], *row[8:]]
        except TimedOut as exc:
            self._browser.deaf.add(child)
            self._notes.append(str(exc))

    def _flatten(
        self, sheet: _Sheet, root: int, into: list[Element], made: Mapping[str, tuple[int, Row, Element]]
    ) -> None:
        """Rows to elements, each frame's right after the element that holds it."""
        places: list[int] = []
        prefix = f"f{self._browser.number(sheet.frame)}"
        for row in sheet.rows:
            places.append(len(into))
            n, parent = row[0], places[row[6]] if row[6] >= 0 else root
            known = made.get(ref := f"{prefix}:{n}")
            if known is None or known[0] != parent or known[1] != row:
                known = parent, row, element(row, prefix, parent)
            self._made[ref] = known
            into.append(known[2])
            if n in sheet.inside:
                self._flatten(sheet.inside[n], places[-1], into, made)

    def _drawn(self) -> Future[Frame]:
        """The picture of now; what it takes to unpack it does not hold up the rest of the look."""
        shot = self._browser.cdp().send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return self._aside.submit(_unpacked, shot["data"], self._size[0])


def _unpacked(shot: str, width: int) -> Frame:
    image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    pixels = image.tobytes("raw", "BGRX")
    sha = hashlib.blake2b(pixels, digest_size=16).hexdigest()
    return Frame(sha, image.width, image.height, image.width / width, pixels)


def _shown(made: Mapping[str, tuple[int, Row, Element]]) -> list[tuple[object, ...]]:
    """What a look told, but for what is otherwise after scrolling, or in a document that is loaded again."""
    return [(e.role, e.name, e.value, e.states - {"showing", "focused"}) for _, _, e in made.values()]


def _source(url: str) -> str:
    """Where a frame is from, as the browser says, whatever the page says of it: without what was asked for there."""
    if url.startswith("data:"):
        return "data:"
    return without_secrets(url.partition("#")[0].partition("?")[0]) or "about:blank"
