"""What a model is sent of a screen: bytes and elements a step, and whether what is needed is among them.

Tasks in a person's words are done for real, by a hand that knows the way, in LibreOffice Calc with an empty and with a
full sheet, in a text editor, on a page of more than 3,000 elements and on published ones. Before each act the screen is
listed as it would be for a model, with the defaults; the element needed is the one that the hand acts on next. Acts on
none (keys, text where the keyboard is) count for bytes and not for the share. The share that is asked for is that of
the steps of all places together, but for those "held out": another app and other pages, whose tasks were written before
any result on them was seen; nothing was changed for them.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cua.core import (
    Action,
    Budget,
    Click,
    Driver,
    Element,
    Fill,
    Finish,
    Observation,
    Open,
    Press,
    Step,
    Task,
    Type,
    Wait,
)
from cua.errors import CuaError, UsageError
from cua.policies.models.listing import BYTES
from cua.policies.models.talk import Talk
from cua.run import Unkept, run
from cua.screen import active, label
from drivers.web import Web
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.bench import context_pages as pages
from tests.bench import context_tasks as tasks
from tests.bench.context_tasks import Asked
from tests.bench.rows import Row

SHARE, LEAST = 0.98, 60
_WAITS = 12  # looks that something may take to come up
_CALC = ("libreoffice", "--calc", "--norestore")


@dataclass(slots=True)
class Tally:
    """What was seen at each step of the tasks of one place."""

    needed: int = 0
    there: int = 0
    bytes: list[int] = field(default_factory=list)
    elements: list[int] = field(default_factory=list)
    screens: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # tasks whose way was not as the hand knew it

    def add(self, other: Tally) -> None:
        """Counts of another place to these."""
        self.needed += other.needed
        self.there += other.there
        for mine, more in zip(self._lists(), other._lists(), strict=True):
            mine.extend(more)

    def _lists(self) -> tuple[list[object], ...]:
        return (self.bytes, self.elements, self.screens, self.seconds, self.missing, self.lost)  # type: ignore[return-value]


class Hand:
    """Does the steps of one task, and looks at each screen as a model would be told it."""

    def __init__(self, asked: Asked, tally: Tally) -> None:
        self.task = Task("context", asked[0], budget=Budget(60, 120.0))
        self._left = list(asked[1:])
        self._tally = tally
        self._talk = Talk(self.task, sees=False)
        self._waited = 0

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act, or a moment's wait for what it needs."""
        if not self._left:
            return Finish("done")
        acts = act_of(self._left[0], now)
        if acts is None:
            if self._waited < _WAITS:
                self._waited += 1
                return Wait(0.3)
            self._tally.lost.append(f"{self.task.goal}: no {self._left[0]} on {now.place.window}")
            return Finish("lost")
        self._waited = 0
        self._count(steps, now, acts)
        self._left.pop(0)
        return acts

    def _count(self, steps: tuple[Step, ...], now: Observation, act: Action) -> None:
        began = time.perf_counter()
        _, shown = self._talk.now(steps, now)
        tally = self._tally
        tally.seconds.append(time.perf_counter() - began)
        tally.bytes.append(len(shown.text.encode()))
        tally.elements.append(len(shown.elements))
        tally.screens.append(len(now.elements))
        if isinstance(act, Click | Fill):
            found = any(element is act.target for element in shown.elements.values())
            tally.needed += 1
            tally.there += found
            if not found:
                tally.missing.append(f"{self.task.goal}: {self._left[0]}")


def act_of(step: str, now: Observation) -> Action | None:
    """The act that a step means on this screen; None where what it is about is not there."""
    if step.startswith("!"):
        return Press(step[1:])
    if step.startswith(">"):
        return Type(step[1:])
    row, _, what = step.rpartition(" >> ")
    what, fills, text = what.partition(" = ")
    role, _, name = what.partition(":")
    found = [e for e in _reachable(now) if e.role.startswith(role) and label(e.name) == label(name)]
    found = [e for e in found if not row or _in_row(e, row, now)]
    if not found:
        return None
    best = next((e for e in found if e.box), found[0])
    return Fill(best, text) if fills else Click(best)


def _reachable(now: Observation) -> list[Element]:
    """What can be acted on: of the window in front what shows, of a page all that it can be scrolled to."""
    front = active(now)
    mine = [e for e in now.elements if e.box is not None or now.place.url]
    inside = [e for e in mine if front is None or e is front or front in now.ancestors(e)]
    return [e for e in (*inside, *mine) if "disabled" not in e.states]


def _in_row(element: Element, text: str, now: Observation) -> bool:
    row = next((e for e in now.ancestors(element) if e.role in ("row", "listitem", "article")), None)
    if row is None:
        return False
    return text in row.name or any(text in e.name and row in now.ancestors(e) for e in now.elements)


def done(driver: Driver, asked: Sequence[Asked]) -> Tally:
    """What came of the tasks, one after the other, each begun without a dialog or menu in front."""
    tally = Tally()
    for each in asked:
        hand = Hand(each, tally)
        went = run(hand.task, driver, hand, Unkept())
        if went.stopped != "finished":
            tally.lost.append(f"{each[0]}: {went.reason}")
        _cleared(driver)
    return tally


def _cleared(driver: Driver) -> None:
    for _ in range(5):
        now = driver.observe(frame=False)
        opened = any(
            "expanded" in e.states or "selected" in e.states for e in now.elements if e.role == "menu" and e.box
        )
        if not opened and not any(e.role in ("dialog", "alert", "alertdialog") and e.parent < 0 for e in now.elements):
            return
        driver.act(Press("Escape"))


# ------------------------------------------------------------------------------------------------ the places


def _app(command: tuple[str, ...], asked: Sequence[Asked], least: int, files: dict[str, str] | None = None) -> Tally:
    """In a sandbox, which is begun anew where the hand has lost its way."""
    tally = Tally()
    box = Namespace(App(Path(command[0]).name, command, files=files or {}))
    try:
        _up(box, least)
        for each in asked:
            came = done(box.driver, (each,))
            tally.add(came)
            if came.lost:
                box.reset()
                _up(box, least)
        return tally
    finally:
        box.close()


def _up(box: Namespace, least: int) -> None:
    end = time.monotonic() + 40
    while len(box.driver.observe(frame=False).elements) < least and time.monotonic() < end:
        box.driver.act(Wait(0.5))
    _cleared(box.driver)


def _page(html: str, asked: Sequence[Asked]) -> Tally:
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Web()) as web:
        path = Path(folder) / "page.html"
        path.write_text(html, encoding="utf-8")
        web.act(Open(path.as_uri()))
        return done(web, asked)


def _sites(found: Sequence[tuple[Path, Sequence[Asked]]]) -> Tally:
    tally = Tally()
    with contextlib.closing(Web()) as web:
        for path, asked in found:
            for each in asked:
                web.act(Open(path.as_uri()))
                tally.add(done(web, (each,)))
    return tally


PLACES: dict[str, Callable[[], Tally]] = {
    "Calc, empty sheet": lambda: _app(_CALC, tasks.EMPTY_SHEET, 1000),
    "Calc, full sheet": lambda: _app(
        (*_CALC, "/home/user/sales.fods"), tasks.FULL_SHEET, 1000, {"sales.fods": tasks.sheet()}
    ),
    "text editor": lambda: _app(("mousepad",), tasks.EDITOR, 100),
    "page of 3,000": lambda: _page(pages.shop(), pages.SHOP),
    "published pages": lambda: _sites(pages.published()),
    "held out: Writer": lambda: _app(("libreoffice", "--writer", "--norestore"), tasks.LETTER, 500),
    "held out: other pages": lambda: _sites(pages.held_out()),
}


def rows(args: list[str]) -> Iterator[Row]:
    """Bytes, elements and the share for each place, then for all but those held out; arguments are names of places."""
    if unknown := [name for name in args if name not in PLACES]:
        raise UsageError(f"the bench context has no place {unknown[0]!r}; it has: {', '.join(PLACES)}")
    whole, held = Tally(), Tally()
    for name, visit in PLACES.items():
        if args and name not in args:
            continue
        try:
            tally = visit()
        except CuaError as exc:
            print(f"  {name}: {exc}", file=sys.stderr)
            yield Row(name, "steps with an element", float("nan"), "steps", "some", holds=False)
            continue
        for line in (
            *(f"not in the list: {each}" for each in tally.missing),
            *(f"lost: {each}" for each in tally.lost),
        ):
            print(f"  {name}: {line}", file=sys.stderr)
        yield from _figures(name, tally)
        (held if name.startswith("held out") else whole).add(tally)
    if whole.needed:
        share, enough = 100 * whole.there / whole.needed, whole.needed >= LEAST
        yield Row("all but held out", "steps with an element", whole.needed, "steps", f">= {LEAST}", enough)
        bar, holds = f">= {100 * SHARE:.0f}", enough and share >= 100 * SHARE
        yield Row("all but held out", "the element needed is in it", share, "%", bar, holds)
    if held.needed:
        yield _share("held out", held)


def _share(case: str, tally: Tally) -> Row:
    """Of one place, or of what is held out: what is asked for is asked of all the other steps together."""
    return Row(case, "the element needed is in it", 100 * tally.there / tally.needed, "%", "none", holds=True)


def _figures(name: str, tally: Tally) -> Iterator[Row]:
    yield Row(name, "steps with an element", tally.needed, "steps", ">= 1", tally.needed >= 1)
    yield Row(name, "tasks done on another way", len(tally.lost), "tasks", "none", holds=True)
    if not tally.needed:
        return
    yield Row(name, "elements on the screen, most", max(tally.screens), "", "none", holds=True)
    yield Row(name, "elements sent a step, median", statistics.median(tally.elements), "", "none", holds=True)
    yield Row(name, "bytes a step, median", statistics.median(tally.bytes), "bytes", "none", holds=True)
    most = max(tally.bytes)
    yield Row(name, "bytes a step, most", most, "bytes", f"<= {BYTES}", most <= BYTES)
    yield Row(name, "to list it, p50", 1000 * statistics.median(tally.seconds), "ms", "none", holds=True)
    yield _share(name, tally)
