"""Looks that came out of the pages, joined to one Observation: a frame's rows where the frame stands in its parent.

A look tells all frames that can see into one another; those of other sites are joined as they were last seen. It never
reads a page itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cua.core import Box, Element, Frame, Observation, Place
from drivers.web import Row, element
from drivers.web_secrets import without_secrets

At = tuple[int, ...]  # a frame's place: its index in its parent's frames, from the top frame down
Area = tuple[float, float, float, float]  # left, top, right, bottom
EVERYWHERE: Area = (0.0, 0.0, 1e9, 1e9)


@dataclass(frozen=True, slots=True)
class Holder:
    """The element that holds a frame: its number, and where the frame's inside begins and how large it is."""

    n: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One frame's rows, of which document, and the count of what had changed in it."""

    doc: str
    mark: int
    rows: list[Row]
    holders: dict[int, Holder]  # by the index of the frame inside

    @property
    def began(self) -> int:
        """When the document was begun, in milliseconds; frames are begun after what holds them."""
        return int(self.doc.partition("-")[0])


@dataclass(frozen=True, slots=True)
class Look:
    """One tab's screen at one moment: `size` is what shows of the page, in its pixels; (0, 0) while that is not known.

    `cost` is the milliseconds that it took in the page.
    """

    place: Place
    sheets: dict[At, Sheet]
    time: float
    cost: float = 0.0
    size: tuple[int, int] = (0, 0)

    @property
    def frame(self) -> Frame | None:
        """How large the picture would be; none is taken, so it has no hash."""
        return Frame("", *self.size) if all(self.size) else None

    @property
    def mark(self) -> tuple[object, ...]:
        """What differs between two looks when something changed."""
        return (self.place.url, *((at, sheet.doc, sheet.mark) for at, sheet in sorted(self.sheets.items())))


@dataclass(slots=True)
class Tab:
    """What was seen of one tab so far."""

    last: Look = field(default_factory=lambda: Look(Place("web"), {}, 0.0))
    looks: dict[str, Look] = field(default_factory=dict)
    _rows: dict[str, tuple[int, list[Row]]] = field(default_factory=dict)

    def take(self, told: dict[str, Any]) -> Look:
        """Keep a look that was told. Rows that were told before and have not changed are not told again."""
        head = told["head"]
        fresh = {tuple(each["head"]["at"]): self._sheet(each) for each in told["sheets"]}
        whole = () in fresh
        since = fresh[()].began if whole else 0
        kept = {at: sheet for at, sheet in self.last.sheets.items() if sheet.began >= since}
        url = without_secrets(head["url"]) if whole else self.last.place.url
        place = Place(urlsplit(url).netloc or "web", head["title"], url) if whole else self.last.place
        size = (head["size"][0], head["size"][1]) if whole else self.last.size
        self.last = Look(place, {**kept, **fresh}, head["at"] / 1000, head["cost"], size)
        self.looks[head["id"]] = self.last
        while len(self.looks) > 24:
            del self.looks[next(iter(self.looks))]
        return self.last

    def _sheet(self, told: dict[str, Any]) -> Sheet:
        head, rows = told["head"], told["seen"]
        doc, serial = head["doc"], head["serial"]
        if rows is not None:
            self._rows[doc] = (serial, rows["rows"])
        known = self._rows.get(doc)
        found = known[1] if known is not None and known[0] == serial else []
        holders = {
            each["index"]: Holder(each["n"], each["x"], each["y"], each["width"], each["height"])
            for each in head["holders"]
            if each["n"] is not None and each["index"] >= 0
        }
        return Sheet(doc, head["mark"], found, holders)


class Joined:
    """The elements of a look, and where a frame's row went."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.elements: list[Element] = []
        self.offsets: dict[At, tuple[float, float]] = {}
        self._places: dict[tuple[At, int], int] = {}
        if () in look.sheets:
            self._add((), -1, (0.0, 0.0), EVERYWHERE)

    def observation(self, further: list[Element]) -> Observation:
        """The screen, with the browser's own elements behind those of the page."""
        return Observation(self.look.place, (*self.elements, *further), self.look.frame, self.look.time)

    def find(self, at: At, n: int) -> Element | None:
        """The element of a frame's row, by its number."""
        place = self._places.get((at, n))
        return None if place is None else self.elements[place]

    def _add(self, at: At, root: int, offset: tuple[float, float], clip: Area) -> None:
        sheet, places = self.look.sheets[at], list[int]()
        self.offsets[at] = offset
        inside = {holder.n: (index, holder) for index, holder in sheet.holders.items()}
        prefix = f"f{'.'.join(map(str, at))}"
        for row in sheet.rows:
            places.append(len(self.elements))
            self._places[at, row[0]] = places[-1]
            parent = places[row[6]] if row[6] >= 0 else root
            self.elements.append(element(_moved(row, offset, clip) if at else row, prefix, parent))
            if row[0] in inside:
                self._descend(at, places[-1], inside[row[0]], (offset, clip))

    def _descend(self, at: At, root: int, found: tuple[int, Holder], where: tuple[tuple[float, float], Area]) -> None:
        (index, holder), (offset, clip) = found, where
        if (*at, index) not in self.look.sheets:
            return
        x, y = offset[0] + holder.x, offset[1] + holder.y
        view = (max(clip[0], x), max(clip[1], y), min(clip[2], x + holder.width), min(clip[3], y + holder.height))
        self._add((*at, index), root, (x, y), view)


def _moved(row: Row, offset: tuple[float, float], clip: Area) -> Row:
    """The row as it shows in the window: its box there, and not "showing" where the frame is cut off."""
    if row[5] is None:
        return row
    box = Box(*row[5])
    left, top = max(box.x + offset[0], clip[0]), max(box.y + offset[1], clip[1])
    right, bottom = min(box.x + box.width + offset[0], clip[2]), min(box.y + box.height + offset[1], clip[3])
    if right - left < 1 or bottom - top < 1:
        return [*row[:4], [state for state in row[4] if state != "showing"], None, *row[6:]]
    x, y = round(left), round(top)
    return [*row[:5], [x, y, max(1, round(right) - x), max(1, round(bottom) - y)], *row[6:]]
