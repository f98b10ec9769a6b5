"""What stands around an element of one look: its row, its neighbours, the labels above it, its twins.

Worked out when asked for and kept for the look; it never decides which element is meant. On the web every element says
where it stands in the document (its xpath), so rows are found there that are rows by repetition alone; elsewhere a row
is what stands on one line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from cua.core import Element, Observation
from cua.memory.workflows import Mark
from cua.policies.layout import lays_out
from cua.policies.texts import Texts, texts_of
from cua.screen import label, top_windows, window_key

KINDS = {"searchbox": "textbox", "switch": "checkbox"}
ROWS = frozenset({"row", "listitem", "article", "treeitem", "option"})
_LANDMARKS = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog"})
_NAMED = _LANDMARKS | {
    "main", "region", "form", "group", "menu", "tab", "tabpanel", "toolbar", "listbox", "tree", "table", "list",
    "article", "figure", "menubar", "radiogroup",
}  # fmt: skip
_WHOLES = frozenset({"document", "window", "list", "table", "row", "main", "navigation", "form", "group", "rowgroup"})
_TEXTS, _NEAR, _SHORT = 8, 2, 80
_INDEX = re.compile(r"\[\d+\]")


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """A text as it is compared: no matter of case, of space, or of dots and colons at its end."""
    return label(text).casefold()


def skeleton(xpath: str) -> str:
    """Where an element stands by tags alone."""
    return _INDEX.sub("", xpath)


def steps_up(mark: Mark, xpath: str) -> int:
    """How many steps above an element its row is, as it was for the target; -1 where the page was made anew."""
    said = mark.says.get("up", "0")
    if mark.row and xpath and skeleton(xpath) != skeleton(mark.says.get("xpath", "")):
        return -1
    return int(said) if said.isdigit() else 0


class Look:
    """One observation, indexed. All texts it gives are tidied, none is empty."""

    def __init__(self, now: Observation) -> None:
        self.now = now
        self.elements = now.elements
        self._rows: dict[tuple[int, int], tuple[str, ...]] = {}

    @cached_property
    def _texts(self) -> Texts:
        return texts_of(self.elements)

    @property
    def by_locator(self) -> Mapping[tuple[str, str], list[int]]:
        return self._texts.by_locator

    @property
    def names(self) -> tuple[str, ...]:
        """What each element is called, tidied but as written."""
        return self._texts.names

    @property
    def plains(self) -> tuple[str, ...]:
        return self._texts.plains

    @property
    def said(self) -> tuple[dict[str, str], ...]:
        """Every element's locators, by kind."""
        return self._texts.said

    @cached_property
    def xpaths(self) -> tuple[str, ...]:
        return tuple(said.get("xpath", "") for said in self.said)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {element.ref: at for at, element in enumerate(self.elements)}

    def place(self, element: Element) -> int:
        """Where it is among the elements; -1 if it is none of them."""
        at = self._places.get(element.ref, -1)
        return at if at >= 0 and self.elements[at].role == element.role else -1

    def above(self, at: int) -> Iterator[int]:
        """The places of its ancestors, nearest first."""
        at = self.elements[at].parent
        while at >= 0:
            yield at
            at = self.elements[at].parent

    def of_kind(self, role: str) -> int:
        """How many elements there are of a role; of text boxes, of any kind of them."""
        kind = KINDS.get(role, role)
        return sum(KINDS.get(element.role, element.role) == kind for element in self.elements)

    def named(self, role: str, name: str) -> list[int]:
        """The elements of this role that are called so."""
        wanted = plain(name)
        return [at for at, e in enumerate(self.elements) if e.role == role and self.plains[at] == wanted]

    @cached_property
    def _windows(self) -> Mapping[int, str]:
        tops = {element.ref for element in top_windows(self.now)}
        return {at: window_key(self.now, e) for at, e in enumerate(self.elements) if e.ref in tops}

    def window(self, at: int) -> str:
        """The key of the window that it is in; "" on a web page."""
        if self.now.place.url:
            return ""
        top = next((above for above in self.above(at) if self.elements[above].parent < 0), at)
        return self._windows.get(top, "")

    def spot(self, at: int) -> str:
        """Its place and size in pixels, "x y width height": in the page on the web, in its window on a desktop."""
        if self.now.place.url:
            return self.said[at].get("at", "")
        box, above = self.elements[at].box, list(self.above(at))
        top = self.elements[above[-1]].box if above else None
        return f"{box.x - top.x} {box.y - top.y} {box.width} {box.height}" if box and top else ""

    # ------------------------------------------------------------------------------------------ labels around it

    def path(self, at: int) -> tuple[str, ...]:
        """The labels of landmarks, groups and headings around it, outermost first."""
        found: list[str] = []
        for above in self.above(at):
            element = self.elements[above]
            short = self.names[above] if len(self.names[above]) <= _SHORT else ""
            if element.parent >= 0 and element.role in _NAMED and (short or element.role in _LANDMARKS):
                found.append(short or element.role)
        heading = self._heading(at)
        return (*reversed(found), heading) if heading and heading not in found else tuple(reversed(found))

    def _heading(self, at: int) -> str:
        """The heading nearest before it whose section it is in."""
        here = self.xpaths[at]
        if not here or self.elements[at].role == "heading":
            return ""
        for before in reversed(self._headings):
            if before < at and self.names[before]:
                section = self.xpaths[before].rpartition("/")[0]
                if here.startswith(section + "/") and not here.startswith(self.xpaths[before] + "/"):
                    return self.names[before][:_SHORT]
        return ""

    @cached_property
    def _headings(self) -> tuple[int, ...]:
        return tuple(at for at, e in enumerate(self.elements) if e.role == "heading")

    # ------------------------------------------------------------------------------------------ the row

    def row(self, at: int, up: int = 0) -> tuple[str, ...]:
        """The other texts of its row: first those that no other row of its kind has.

        Where no second row shows that there are rows at all, the row is what lies under the ancestor that is so many
        steps `up`; -1 takes the nearest that holds any other text, 0 says that there is no row then.
        """
        if (at, up) not in self._rows:
            self._rows[at, up] = self.texts(at, self._row_of(at, up))
        return self._rows[at, up]

    def _row_of(self, at: int, up: int) -> list[int]:  # in reading order
        holder = next((above for above in self.above(at) if self.elements[above].role in ROWS), -1)
        if holder >= 0 and not lays_out(self.elements, self.below, holder):
            return self.below(holder)
        if self.xpaths[at]:
            so_far = self._nearest(at) if up < 0 else "/".join(self.xpaths[at].split("/")[: -up or None])
            prefix = self._repeated(at) or so_far
            prefix = "" if prefix == self.xpaths[at] else prefix
            return self.under(prefix) if prefix else []
        repeated = self.elements[at].role == "cell" or len(self.named(self.elements[at].role, self.names[at])) > 1
        return self.line(at) if repeated or up else []

    def steps_to_row(self, at: int) -> int:
        """How many steps up its row is, to be given to `row` on another look; 0 if it is in none."""
        if not self.row(at):
            return 0
        prefix = self._repeated(at) if self.xpaths[at] else ""
        return self.xpaths[at].count("/") - prefix.count("/") if prefix else 1

    def below(self, holder: int) -> list[int]:
        """An element and all that is in it: elements come in reading order, parents first."""
        found, inside = [holder], {holder}
        for at in range(holder + 1, len(self.elements)):
            if self.elements[at].parent not in inside:
                break
            inside.add(at)
            found.append(at)
        return found

    def under(self, prefix: str) -> list[int]:
        """The places of what stands at an xpath and in it."""
        paths = self._sorted
        own, past, first, last = (bisect_left(paths, (prefix + end, -1)) for end in ("", "\0", "/", "0"))
        return sorted(at for _, at in paths[own:past] + paths[first:last])

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        """All xpaths with their places; what is under one lies together ("0" follows "/")."""
        return sorted((path, at) for at, path in enumerate(self.xpaths))

    @cached_property
    def shapes(self) -> Mapping[tuple[str, str], list[int]]:
        """Elements of one role that stand alike in the document, numbers aside."""
        found: dict[tuple[str, str], list[int]] = {}
        for at, path in enumerate(self.xpaths):
            found.setdefault((self.elements[at].role, skeleton(path)), []).append(at)
        return found

    def _repeated(self, at: int) -> str:
        """The nearest ancestor that is a row: it holds more than this element, and it has siblings that hold as much
        and in the same place one that is called or styled the same. "" if there is none.
        """
        here, levels = self.xpaths[at].split("/"), dict[int, set[str]]()
        for other in self.shapes[self.elements[at].role, skeleton(self.xpaths[at])]:
            there = self.xpaths[other].split("/")
            level = next((n for n, (a, b) in enumerate(zip(here, there, strict=True)) if a != b), 0)
            same = self.plains[other] == self.plains[at]
            if 0 < level < len(here) - 1 and (same or self.said[other].get("class") == self.said[at].get("class")):
                levels.setdefault(level, set()).update({there[level]} | ({"same"} if same else set()))
        for level in sorted(levels, reverse=True):
            prefix = "/".join(here[: level + 1])
            if len(levels[level]) > 1 and self._as_much(prefix, levels[level]) and self._holds_more(prefix, at):
                return prefix
        return ""

    def _nearest(self, at: int) -> str:
        here = self.xpaths[at].split("/")
        prefixes = ("/".join(here[:level]) for level in range(len(here) - 1, 2, -1))
        return next((prefix for prefix in prefixes if self._holds_more(prefix, at)), "")

    def _as_much(self, prefix: str, siblings: set[str]) -> bool:
        """Whether one of the siblings holds about as many elements."""
        above, own = prefix.rpartition("/")[0], len(self.under(prefix))
        sizes = (len(self.under(f"{above}/{step}")) for step in sorted(siblings - {"same"}))
        return any(size <= 2 * own + 1 and own <= 2 * size + 1 for size in sizes)

    def _holds_more(self, prefix: str, at: int) -> bool:
        return bool(self.texts(at, self.under(prefix)))

    def line(self, at: int) -> list[int]:
        """What stands on one line with it, in the same holder or at least the same window."""
        box = self.elements[at].box
        if box is None:
            return []
        parent = self.elements[at].parent
        return [n for n, e in enumerate(self.elements) if e.parent == parent and e.box and _level(box.y, box.height, e)]

    def twins(self, at: int) -> bool:
        """Whether others of its role are called the same and stand alike: rows upon rows."""
        alike = self.shapes[self.elements[at].role, skeleton(self.xpaths[at])]
        known = self.said[at].get("name")
        return sum(self.plains[n] == self.plains[at] and self.said[n].get("name") == known for n in alike) > 1

    def tells_its_row(self, at: int) -> bool:
        """Whether other rows have another name in its place, so that its own name tells which row it is."""
        alike = self.shapes.get((self.elements[at].role, skeleton(self.xpaths[at])), []) if self.xpaths[at] else []
        holder = self.xpaths[at].rpartition("/")[0]
        apart = [other for other in alike if self.xpaths[other].rpartition("/")[0] != holder]
        return any(self.plains[other] != self.plains[at] for other in apart)

    def texts(self, at: int, row: list[int]) -> tuple[str, ...]:
        """The texts of these places but its own, those first that stand nowhere else."""
        outer, own = set(self.above(at)), self.plains[at]
        found: dict[str, str] = {}
        for place in sorted(row, key=lambda place: place in outer or self.elements[place].role in ROWS):
            element = self.elements[place]
            text = self.names[place]
            if at in (place, element.parent) or not text or element.role in ("document", "window"):
                continue
            if place in outer or (element.role in ROWS and len(text) > len(own)):
                text = self._rest(place, at, row)
            said = any(letter.isalnum() for letter in text) and len(text) <= _SHORT * 2
            if said and plain(text) not in (own, "") and plain(text) not in found:
                found[plain(text)] = text
        apart = [text for key, text in found.items() if self._count(key) == 1]
        shared = [text for key, text in found.items() if self._count(key) != 1]
        apart.sort(key=lambda text: not any(letter.isalpha() for letter in text))
        return tuple((apart + shared)[:_TEXTS])

    def _rest(self, holder: int, at: int, row: list[int]) -> str:
        """What a holder says itself, without what the elements in it say."""
        text = self.names[holder]
        inside = set(row) if self.elements[holder].role in ROWS else set(self.below(holder))
        for place in sorted(inside - {holder}, key=lambda place: -len(self.names[place])):
            if self.names[place] and place not in self.above(at):
                text = text.replace(self.names[place], " ", 1)
        return label(text)

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        """In how many places a text stands, one inside the other counted once."""
        found: dict[str, int] = {}
        for at, text in enumerate(self.plains):
            parent = self.elements[at].parent
            if text and (parent < 0 or self.plains[parent] != text):
                found[text] = found.get(text, 0) + 1
        return found

    def _count(self, text: str) -> int:
        return self._counts.get(text) or sum(f" {text} " in f" {whole} " for whole in self._wholes)

    @cached_property
    def _wholes(self) -> tuple[str, ...]:
        """What rows say as a whole: they may hold text that no element has by itself."""
        return tuple(self.plains[at] for at, e in enumerate(self.elements) if e.role in ROWS)

    def common(self, text: str) -> int:
        """In how many places this text stands."""
        return self._counts.get(plain(text), 0)

    # ------------------------------------------------------------------------------------------ neighbours

    def near(self, at: int, reach: int = _NEAR) -> tuple[str, ...]:
        """The texts just before and after it in reading order, those before first."""
        before = self._aside(at, range(at - 1, max(-1, at - 30), -1), reach)
        after = self._aside(at, range(at + 1, min(len(self.elements), at + 30)), reach)
        return (*reversed(before), *after)

    def _aside(self, at: int, places: range, reach: int) -> list[str]:
        outer, found, inside = set(self.above(at)), list[str](), {at}
        for place in places:
            element = self.elements[place]
            if element.parent in inside and place > at:
                inside.add(place)
                continue
            text = self.names[place]
            if not text or place in outer or element.role in _WHOLES or element.role in ROWS or len(text) > _SHORT:
                continue
            if plain(text) != self.plains[at] and text not in found:
                found.append(text)
            if len(found) == reach:
                break
        return found


def _level(y: int, height: int, other: Element) -> bool:
    box = other.box
    return box is not None and abs((box.y + box.height / 2) - (y + height / 2)) <= max(4, min(box.height, height) / 2)
