"""How large a desktop recording is: bytes a step on disk, of a person who works in an editor.

Arguments: the number of steps (1000). The person is XTEST on a connection of its own; the screens are those of a real
program in a sandbox; the recording is kept in a real store, and measured when that is closed.
"""

from __future__ import annotations

import itertools
import math
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cua.core import Box, Element, Observation, Point, Run, Step, Task
from cua.errors import MissingProgram, UsageError
from cua.memory.store import Store
from drivers.desktop_recorder import DesktopRecorder
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench.rows import Row

APP = "mousepad"
STEPS, BAR_KB = 1000, 40.0
_BREATH = 0.12  # seconds without a new step after which the person goes on
_WORDS = (
    "river", "stone", "lantern", "quiet", "harbour", "seven", "orange", "window", "paper", "north", "signal", "copper",
    "meadow", "winter", "engine", "bridge", "market", "silver", "garden", "letter", "morning", "island", "thunder",
)  # fmt: skip


def rows(args: list[str]) -> Iterator[Row]:
    """Bytes a step in all, then what they are made of."""
    wanted = _steps(args)
    case = f"{APP}, {wanted} steps"
    try:
        app = find(APP)
        sandbox = Namespace(app)
    except (MissingProgram, UsageError) as error:
        yield Row(f"{case} ({error})", "bytes a step", math.nan, "KB", f"<= {BAR_KB:.0f}", holds=False)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        try:
            kept, seconds, worst = _recorded(sandbox, path, wanted)
        finally:
            sandbox.close()
        pictures = sorted((path.with_name(f"{path.stem}.frames")).glob("*"))
        drawn = sum(picture.stat().st_size for picture in pictures)
        total = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    each = total / kept / 1000
    yield Row(case, "bytes a step", each, "KB", f"<= {BAR_KB:.0f}", each <= BAR_KB and kept >= wanted)
    yield Row(case, "of that, pictures", drawn / kept / 1000, "KB", "none", holds=True)
    yield Row(case, "of that, screens and steps", (total - drawn) / kept / 1000, "KB", "none", holds=True)
    yield Row(case, "pictures a step", len(pictures) / kept, "", "none", holds=True)
    yield Row(case, "seconds a step", seconds / kept, "s", "none", holds=True)
    yield Row(case, "longest wait of the store", worst * 1000, "ms", "none", holds=True)


def _steps(args: list[str]) -> int:
    if len(args) > 1 or not all(arg.isdigit() and int(arg) > 0 for arg in args):
        raise UsageError(f"the bench record-size takes the number of steps, not {' '.join(args)}")
    return int(args[0]) if args else STEPS


def _recorded(sandbox: Namespace, path: Path, wanted: int) -> tuple[int, float, float]:
    """How many steps were kept, how long that took, and the longest time that keeping one took, in seconds."""
    recorder = DesktopRecorder(sandbox.driver)
    x11 = X11(sandbox.driver.x11.display)
    task = Task("recording", "what a person did")
    kept, worst, began = 0, 0.0, time.monotonic()
    try:
        with Store(path) as store:
            store.begin("recorded", task)
            for _ in _work(XTest(x11), recorder):
                while (said := recorder.next(_BREATH)) is not None:
                    if isinstance(said, Step):
                        before = time.monotonic()
                        store.keep("recorded", kept, said)
                        worst = max(worst, time.monotonic() - before)
                        kept += 1
                if kept >= wanted:
                    break
            store.end(Run("recorded", task, last=recorder.last(), stopped="finished"))
    finally:
        recorder.close()
        x11.close()
    return kept, time.monotonic() - began, worst


def _work(person: XTest, recorder: DesktopRecorder) -> Iterator[None]:
    """A person's acts, one at a time: writing most of the time, and menus, searches and dialogs in between."""
    chance = random.Random(7)
    for number in itertools.count():
        for _ in range(4):
            person.type(f"{number}: {' '.join(chance.choices(_WORDS, k=6))}, ")
            yield
            person.press(chance.choice(("Return", "ctrl+Left", "ctrl+Home", "ctrl+End", "Up")))
            yield
        yield from (_menus, _search, _dialog, _pointer)[number % 4](person, recorder, chance)


def _menus(person: XTest, recorder: DesktopRecorder, chance: random.Random) -> Iterator[None]:
    menus = _showing(recorder.last(), "menu")  # none, once the menu bar itself was switched off
    for menu in chance.sample(menus, min(2, len(menus))):
        person.click(_place(menu))
        yield
        ticks = _showing(recorder.last(), "menuitemcheckbox")
        if ticks and chance.random() < 0.5:
            person.click(_place(chance.choice(ticks)))
        else:
            person.press("Escape")
        yield


def _search(person: XTest, recorder: DesktopRecorder, chance: random.Random) -> Iterator[None]:
    person.press("ctrl+f")
    yield
    person.type(chance.choice(_WORDS))
    yield
    for keys in ("Return", "Return", "Escape"):
        person.press(keys)
        yield


def _dialog(person: XTest, recorder: DesktopRecorder, chance: random.Random) -> Iterator[None]:
    person.press("ctrl+g")
    yield
    person.type(str(chance.randrange(1, 9)))
    yield
    person.press("Escape")
    yield
    person.press("ctrl+shift+s")
    yield
    person.type(chance.choice(_WORDS))
    yield
    for _ in range(2):
        person.press("Escape")
        yield


def _pointer(person: XTest, recorder: DesktopRecorder, chance: random.Random) -> Iterator[None]:
    page = next((e.box for e in _showing(recorder.last(), "textbox") if "multiline" in e.states and e.box), None)
    if page is None:
        return
    spot = Point(page.x + chance.randrange(10, page.width - 10), page.y + chance.randrange(10, page.height - 10))
    person.click(spot, count=2)
    yield
    person.scroll(spot, dy=chance.choice((-3, 3)))
    yield
    person.drag(Point(page.x + 5, page.y + 5), spot)
    yield
    person.click(spot, button="right")
    yield
    person.press("Escape")
    yield


def _showing(now: Observation, role: str) -> list[Element]:
    return [e for e in now.elements if e.role == role and e.box and "disabled" not in e.states]


def _place(element: Element) -> Point:
    assert isinstance(element.box, Box)
    return element.box.centre
