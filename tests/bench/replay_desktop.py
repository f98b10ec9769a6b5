"""A flow over two programs of one desktop: our replay against a bare XTEST script that waits for the same.

The flow has 20 steps in an editor and a spreadsheet. It is done once by a script, compiled like any run, and then
replayed with other values. The bare script sends the same input by raw X requests to places it knows, and after each
step waits until what the step must bring about can be read, over AT-SPI by the node's own address or from the file.
Both are taken in turn, so that other load meets both alike.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import xcffib.xproto
import xcffib.xtest

from cua.core import Action, Box, Click, Fill, Observation, Press, Run, Task, Type
from cua.errors import TimedOut, TroubleError, UsageError
from cua.memory.store import Store
from cua.memory.workflows import Workflow
from cua.policies.script import Script
from cua.record.compile import compile
from cua.replaying import There, replay
from cua.run import run
from drivers.brisk import Brisk
from drivers.x11 import X11
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.bench.replay_desktop_bare import Bare, Doing, element_of, flow
from tests.bench.rows import Row

CASE = "editor and spreadsheet, 20 steps"
TIMES, BAR, LIMIT = 5, 1.5, 40.0
SCREEN = (1600, 900)
EDITOR, SHEET = "mousepad", "libreoffice"


def rows(args: list[str]) -> Iterator[Row]:
    """Both medians, and how many times as long ours takes. `--times N` is how often each is taken."""
    times = _times(args)
    for program in (EDITOR, SHEET):
        if shutil.which(program) is None:
            yield Row(f"{CASE}: no {program} here", "ours / bare script", float("nan"), "times", f"<= {BAR}", False)
            return
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        ours, bare = [], []
        for turn in range(times):
            ours.append(stage.ours(turn))
            bare.append(stage.bare(turn))
        yield Row(CASE, "bare XTEST script, p50", statistics.median(bare), "s", "none", holds=True)
        yield Row(CASE, "cua replay, p50", statistics.median(ours), "s", "none", holds=True)
        ratio = statistics.median(ours) / statistics.median(bare)
        yield Row(CASE, "ours / bare script", ratio, "times", f"<= {BAR}", ratio <= BAR)


def _times(args: list[str]) -> int:
    match args:
        case []:
            return TIMES
        case ["--times", number] if number.isdigit() and int(number):
            return int(number)
        case _:
            raise UsageError(f"the bench replay_desktop takes --times N only, not {' '.join(args)}")


# ---------------------------------------------------------------------------------------------- both ways


@dataclass(slots=True)
class Stage:
    """A sandbox with both programs side by side, and the flow learned from one look at it being done."""

    folder: Path
    box: Namespace = field(init=False)
    store: Store = field(init=False)
    workflow: Workflow = field(init=False)
    script: Bare = field(init=False)

    def __enter__(self) -> Stage:
        self.store = Store(self.folder / "bench.db")
        self.box = Namespace(App(EDITOR, (EDITOR, "notes.txt"), files={"notes.txt": "nothing yet\n"}), size=SCREEN)
        with ExitStack() as undo:
            undo.callback(self.__exit__)
            self._furnish()
            recorded = self._recorded()
            self.workflow = expecting(compile(recorded, "bench", on="desktop").workflow)
            self.script = Bare(self.box, recorded)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()
        self.box.close()

    def ours(self, turn: int) -> float:
        """Seconds of one replay. Raises TroubleError if it does not pass."""
        values = dict(zip([p.name for p in self.workflow.params], texts(2 * turn + 10), strict=True))
        began = time.perf_counter()
        done = replay(self.workflow, values, There(Brisk(self.box.driver), self.box.world, self.store))
        took = time.perf_counter() - began
        if done.outcome != "pass":
            raise TroubleError(f"our replay ended {done.outcome}: {done.saying}")
        return took

    def bare(self, turn: int) -> float:
        """Seconds of one round of the bare script."""
        began = time.perf_counter()
        for doing in flow(2 * turn + 11):
            self.script.do(doing)
        return time.perf_counter() - began

    def _furnish(self) -> None:
        """The spreadsheet beside the editor, both in view, without a dialog in front."""
        driver = self.box.driver
        self.box.tree.enter((SHEET, "--calc", "--norestore", "--nologo"), log=self.box.tree.room / "sheet.log")
        end = time.monotonic() + LIMIT
        while True:
            now = driver.observe(frame=False)
            dialogs = [e for e in now.elements if e.role == "dialog" and "showing" in e.states]
            if dialogs:
                driver.act(Press("Escape"))
            elif sum(e.role == "cell" for e in now.elements) > 100:
                break
            if time.monotonic() > end:
                raise TimedOut(f"the spreadsheet showed {len(now.elements)} elements in {LIMIT:.0f} s; {now.note}")
            driver.settle(0.2)
        windows = {window.title: window for window in driver.x11.windows() if not window.popup}
        for title, window in windows.items():
            left = title.endswith("Calc")
            place(driver.x11, window.id, Box(0, 20, 1000, 840) if left else Box(1010, 20, 570, 840))
        for _ in range(5):
            driver.settle(1.0, breaths=10)

    def _recorded(self) -> Run:
        """The flow done once, as a run on record."""
        shown = [(replace(doing, do="click"), doing) if doing.do == "fill" else (doing,) for doing in flow(8)]
        acts = [acting(doing) for several in shown for doing in several]  # a person clicks where they write
        done = run(Task("bench", "bench"), self.box.driver, Script(*acts), self.store)
        if done.stopped != "finished":
            raise TroubleError(f"the flow could not be shown past step {len(done.steps)}: {done.reason}")
        return done


def expecting(workflow: Workflow) -> Workflow:
    """With the flow's own conditions in place of those that were compiled, so that both wait for the same."""
    wanted = list(flow(8))
    steps = []
    for act in workflow.acts():
        if act.do == "click" and wanted and wanted[0].do != "click":  # it gives the field after it the keyboard
            steps.append(replace(act, expect=(), risk="reversible"))
            continue
        if not wanted or wanted[0].do != act.do:
            raise TroubleError(f"step {act.id} was compiled where the flow has {wanted[0].do if wanted else 'no step'}")
        expect = wanted.pop(0).expected(act.text.rstrip("\n"))
        steps.append(replace(act, expect=expect, risk="reversible"))
    if wanted:
        raise TroubleError(f"the flow has {len(wanted)} steps more than were compiled")
    return replace(workflow, steps=tuple(steps))


def texts(number: int) -> list[str]:
    """What is typed, in order."""
    return [doing.text.rstrip("\n") for doing in flow(number) if doing.do in ("fill", "type")]


def acting(doing: Doing) -> Callable[[Observation], Action]:
    """The act on the element of that role and name, on whatever screen there is."""

    def act(now: Observation) -> Action:
        target = element_of(doing, now)
        match doing.do:
            case "fill":
                return Fill(target, doing.text)
            case "type":
                return Type(doing.text)
            case "press":
                return Press(doing.text)
            case _:
                return Click(target)

    return act


def place(x11: X11, window: int, box: Box) -> None:
    """Move and size a window through the window manager."""
    with x11.edge("place a window"):
        wanted = xcffib.xproto.ConfigWindow
        mask = wanted.X | wanted.Y | wanted.Width | wanted.Height
        x11.message(window, "_NET_WM_STATE", (0, x11.atom("_NET_WM_STATE_MAXIMIZED_VERT"),
                    x11.atom("_NET_WM_STATE_MAXIMIZED_HORZ"), 1, 0), to_manager=True)  # fmt: skip
        x11.core.ConfigureWindow(window, mask, [box.x, box.y, box.width, box.height])
        x11.sync()
