"""What a model is told of a screen in words: what shows, first what the goal is about, in a given number of bytes.

Each element that can be acted on has a number, good for this look only. What stands in one row is one line, and cells
that follow one another are told as a run: `7-9 cell "B1" to "D1" = "Oslo", "", "12"`, or "" for all. Of a page, what
the driver can scroll to is told too where there is room. Nothing is told twice, and nothing that a person typed into a
password field is told at all. Every text of the screen stands in quotes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cua.core import Element, Observation
from cua.policies.models.lines import COUNTED, Line, Parts, acts, grouped, told_of
from cua.policies.models.quoting import quoted, role_of
from cua.policies.models.worth import FIELDS, READ, Worth, called_shortly, ends_named

BYTES = 6000
_TOLD = ("disabled", "checked", "selected", "expanded", "focused", "required", "invalid", "editable")
_UNMARKED = FIELDS | {"cell", "gridcell"}  # that they can be edited goes without saying
_GROUP = 12  # lines that are one group
_HELD = 3  # names of what a closed menu holds
_FULL = 24  # bytes: with no more room than that there is none
_AWAY, _HERE = "(to scroll to:)", "(showing:)"


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines, which element each number is, and how many that could be told were left out for want of room."""

    text: str
    elements: Mapping[int, Element]
    left_out: int = 0


def listing(now: Observation, goal: str, *, most: int = BYTES, before: Observation | None = None) -> Listing:
    """What shows now; what is not as it was `before` counts as what the goal is about."""
    told = told_of(now)
    worth = Worth(now, goal, told, before)
    lines = list(grouped(now, told))
    _rate(now, lines, worth, ends_named(goal))
    return _Words(now, worth).listing(lines, most)


# ------------------------------------------------------------------------------------------------ what it is worth


def _rate(now: Observation, lines: Sequence[Line], worth: Worth, ends: frozenset[int]) -> None:
    """Each line, by the best in it, by what it says as a whole, by where it is, and by what stands beside it."""
    shown = [n for n, line in enumerate(lines) if line.shows]
    first, last = (shown[0], shown[-1]) if shown else (0, 0)
    sides, groups = dict[int, list[Line]](), dict[int, list[Line]]()
    for n, line in enumerate(lines):
        line.worth = max(worth.of[at] for at in line.at)
        if len(line.at) > 1:
            line.worth += 2 * worth.together(line.at)
        away = max(first - n, n - last, 0)
        line.worth -= 0.5 * away / (away + 200)  # what is near to what shows is scrolled to sooner
        groups.setdefault(now.elements[line.at[0]].parent, []).append(line)
        if line.row is not None:
            holder = now.elements[line.row[0]].parent if line.row[0] >= 0 else line.row[0]
            sides.setdefault(holder, []).append(line)
    for found in sides.values():
        _rate_side(found, ends)
    for found in groups.values():
        if 1 < len(found) <= _GROUP:  # what stands beside what is wanted may be what acts on it
            best = max(worth.reach[at] for line in found for at in line.at)
            for line in found:
                line.worth += best


def _rate_side(found: Sequence[Line], ends: frozenset[int]) -> None:
    """Rows of one table or list: one of many that are alike says little, the less the more of them are told before it;
    who says "the last" means an end of them.
    """
    for end in ends:
        for line in found[:2] if end == 0 else found[-2:]:
            line.worth += 5
    for line in found:
        line.worth -= 0.4 * math.log10(len(found))
    away = sorted((line for line in found if not line.shows), key=lambda line: -line.worth)
    for at, line in enumerate(away):
        line.worth -= 1.2 * math.log10(1 + at)


# ------------------------------------------------------------------------------------------------ as text


class _Words:
    """How lines are told."""

    def __init__(self, now: Observation, worth: Worth) -> None:
        self._now, self._all, self._worth = now, now.elements, worth

    def listing(self, lines: Sequence[Line], most: int) -> Listing:
        """The lines that are worth most, in the order of the screen, in at most so many bytes."""
        turns = 0 if all(line.shows for line in lines) else 4 * len(_AWAY)
        chosen = self._chosen(lines, most - 80 - turns)
        while len((found := self._written(lines, chosen)).text.encode()) > most and chosen:
            chosen.popitem()
        return found

    def _chosen(self, lines: Sequence[Line], room: int) -> dict[int, bool]:
        """The numbers of the lines that there is room for, best first, and whether each is told shortly. What shows and
        can be told in much less is told at least so: a row of cells that nobody spoke of can still be pointed at.
        """
        order = sorted(range(len(lines)), key=lambda n: -lines[n].worth)
        brief = {n: size for n in order if lines[n].shows and (size := self._brief(lines[n]))}
        chosen = dict[int, bool]()
        room -= sum(brief.values())
        for n in order:
            room += brief.pop(n, 0)
            for short in (False, True) if self._least(lines[n]) <= room else ():
                if (size := self._size(lines[n], short=short)) <= room:
                    chosen[n] = short
                    room -= size
                    break
            if room < _FULL and not brief:
                break
        return chosen

    def _least(self, line: Line) -> int:
        """Bytes that it takes at least, without spelling it: those of the roles of what is in no run."""
        alone = (e for e in map(self._all.__getitem__, line.at) if not COUNTED.fullmatch(e.name))
        return sum(10 + len(role_of(e.role)) for e in alone)

    def _brief(self, line: Line) -> int:
        """Bytes of its short form, where that is much shorter; else 0."""
        if len(line.at) <= 2 or not COUNTED.fullmatch(self._all[line.at[-1]].name):
            return 0
        size = self._size(line, short=True)
        return size if 2 * size <= self._size(line, short=False) else 0

    def _written(self, lines: Sequence[Line], chosen: Mapping[int, bool]) -> Listing:
        said, numbers, here = list[str](), dict[int, Element](), True
        for n in sorted(chosen):
            if lines[n].shows != here:
                here = lines[n].shows
                said.append(_HERE if here else _AWAY)
            said.append(self._spelt(lines[n], numbers, short=chosen[n]))
        left = sum(len(line.at) for n, line in enumerate(lines) if n not in chosen)
        if left:
            said.append(f"({left} more are not listed; scroll, or say in your reason what you seek)")
        if self._now.note:
            said.append(f"note: {quoted(self._now.note, 200)}")
        return Listing("\n".join(said), numbers, left)

    def _size(self, line: Line, *, short: bool) -> int:
        parts = self._parts(line, short=short)
        return sum(len(text.encode()) + (11 if len(run) > 1 else 7) for run, text in parts)

    def _spelt(self, line: Line, numbers: dict[int, Element], *, short: bool) -> str:
        said = []
        for run, text in self._parts(line, short=short):
            first = len(numbers) + 1
            for at in run:
                if acts(self._all[at]):
                    numbers[len(numbers) + 1] = self._all[at]
            number = "-" if len(numbers) < first else f"{first}" if len(run) == 1 else f"{first}-{len(numbers)}"
            said.append(f"{number} {text}")
        return " | ".join(said)

    def _parts(self, line: Line, *, short: bool) -> Parts:
        """The parts of a line: single elements, and runs of those that are counted on and differ in nothing else."""
        if short in line.parts:
            return line.parts[short]
        runs = list[list[int]]()
        for at in line.at:
            if runs and self._counts_on(runs[-1][-1], at, short=short):
                runs[-1].append(at)
            else:
                runs.append([at])
        parts = Parts()
        for run in runs:
            if len(run) > 2:
                parts.append((run, self._run(run, short=short)))
            else:
                parts += [([at], self._one(at, READ // 2 if short else READ)) for at in run]
        line.parts[short] = parts
        return parts

    def _counts_on(self, one: int, other: int, *, short: bool) -> bool:
        """Whether the other is what comes after it in counting: "A1" and "B1", "7" and "8"."""
        a, b = self._all[one], self._all[other]
        first, then = COUNTED.fullmatch(a.name), COUNTED.fullmatch(b.name)
        if not first or not then or a.role != b.role or a.parent != b.parent or not acts(a):
            return False
        if not short and (_marks(a) or _marks(b) or (a.value is None) != (b.value is None)):
            return False
        across = first[2] == then[2] and _column(then[1]) == _column(first[1]) + 1
        return across or (first[1] == then[1] and int(then[2]) == int(first[2]) + 1)

    def _run(self, run: Sequence[int], *, short: bool) -> str:
        first, last = self._all[run[0]], self._all[run[-1]]
        text = f"{role_of(first.role)} {quoted(first.name, READ)} to {quoted(last.name, READ)}"
        values = [self._all[at].value for at in run]
        if not any(values):
            return text if first.value is None else f'{text} = ""'
        if short:
            return f"{text} (what they hold is not told)"
        return f"{text} = {', '.join(quoted(value or '', READ // 2) for value in values)}"

    def _one(self, at: int, longest: int) -> str:
        element = self._all[at]
        name = called_shortly(element)
        parts = [role_of(element.role), quoted(name, longest)]
        if not name and (around := self._around(at)):
            parts.append(f"of {quoted(around, READ // 2)}")
        if element.value not in (None, element.name) and "password" not in element.states:
            parts.append(f"= {quoted(element.value or '', longest)}")
        if marks := _marks(element):
            parts.append(f"[{', '.join(marks)}]")
        if element.role in ("menu", "combobox") and (holds := self._held(at)):
            parts.append(f"(holds {', '.join(quoted(name, READ // 2) for name in holds)})")
        return " ".join(parts)

    def _around(self, at: int) -> str:
        """What the nearest named thing around one without a name is called."""
        above = self._all[at].parent
        while above >= 0 and not self._all[above].name:
            above = self._all[above].parent
        return self._all[above].name if above >= 0 and self._all[above].parent >= 0 else ""

    def _held(self, at: int) -> list[str]:
        """What in a closed menu the goal is about, the likeliest first; of a closed list the same, or its beginning."""
        inside, below = {at}, list[int]()
        for inner in range(at + 1, len(self._all)):
            if self._all[inner].parent not in inside:
                break
            inside.add(inner)
            below.append(inner)
        closed = [n for n in below if self._all[n].box is None and self._all[n].name]
        found = sorted(((self._worth.reaches(n), -n) for n in closed), reverse=True)
        sure = 0.5 if self._all[at].role == "menu" else 0.0
        return [self._all[-n].name for reach, n in found[:_HELD] if reach >= sure]


def _marks(element: Element) -> list[str]:
    """Its states that are told."""
    return [s for s in _TOLD if s in element.states and (s != "editable" or element.role not in _UNMARKED)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number
