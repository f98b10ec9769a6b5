"""Our own time a step, besides the model's and the app's: real runs of the policy that asks a model, pictures and all.

A step goes from one look to the next. Taken from it are the endpoint's time, from when it has read the question until
it has written its answer, as the endpoint measures it, which runs as a process of its own; and the app's: what the two
calls of the driver, the look and the act, wait. What our thread computes in them is ours, and so is everything between
them: the list of elements, the prompt, the picture, the way to the endpoint, the reply, the record on disk. What
Playwright's own process computes between us and the browser counts as waiting.
"""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cua import config
from cua.core import Action, Ask, Budget, Driver, Effect, Observation, Open, Task
from cua.errors import TroubleError, UsageError
from cua.memory.store import Store
from cua.minds import Mind
from cua.run import run
from drivers.brisk import Sparing
from drivers.web import Web
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench.context_pages import shop
from tests.bench.match import percentile
from tests.bench.observe import sandbox
from tests.bench.rows import Row
from tests.model_server import Answer, Asked, Call, Fault, serving
from tests.model_server import _Handler as Handler

BAR = 60.0
TURNS = 6  # times that the acts of a place are done
# tool, and what it is given; "element" is ROLE:NAME, whose number the model looks up in what it was sent
Does = tuple[str, dict[str, str]]
EDITOR: tuple[Does, ...] = (
    ("click", {"element": "menu:Edit"}), ("press", {"keys": "Escape"}), ("click", {"element": "menu:View"}),
    ("press", {"keys": "Escape"}), ("type", {"text": "hello "}), ("press", {"keys": "ctrl+a"}),
)  # fmt: skip
SHEET: tuple[Does, ...] = (
    ("click", {"element": "cell:A1"}), ("press", {"keys": "Down"}), ("click", {"element": "button:Bold"}),
    ("press", {"keys": "Right"}), ("click", {"element": "button:Italic"}),
)  # fmt: skip
PAGE: tuple[Does, ...] = (
    ("click", {"element": "checkbox:Only unpaid"}), ("fill", {"element": "textbox:Customer", "text": "Ada"}),
    ("click", {"element": "button:Apply"}), ("fill", {"element": "combobox:State", "text": "paid"}),
    ("click", {"element": "button:Clear all"}),
)  # fmt: skip


@dataclass(slots=True)
class Timed:
    """A driver whose calls are timed: when each look began, and what both calls of a step only waited."""

    driver: Driver
    began: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)  # by our thread, until then
    waited: list[float] = field(default_factory=list)

    def observe(self, *, frame: bool = True) -> Observation:
        """As the driver's."""
        self.began.append(time.monotonic())
        self.computed.append(time.thread_time())
        self.waited.append(0.0)
        with self._waiting():
            return self.driver.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        """As the driver's."""
        with self._waiting():
            return self.driver.act(action)

    def close(self) -> None:
        """Whoever made the driver closes it."""

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        wall, ours = time.monotonic(), time.thread_time()
        try:
            yield
        finally:
            self.waited[-1] += (time.monotonic() - wall) - (time.thread_time() - ours)


def rows(args: list[str]) -> Iterator[Row]:
    """For each place the median and p95 of our time a step; arguments are names of places."""
    if unknown := [name for name in args if name not in PLACES]:
        raise UsageError(f"the bench overhead has no place {unknown[0]!r}; it has: {', '.join(PLACES)}")
    for name, visit in PLACES.items():
        if args and name not in args:
            continue
        with visit() as (driver, does):
            ours, whole, computed = measured(driver, [*does] * TURNS)
        p50, p95 = statistics.median(ours), percentile(ours, 95)
        yield Row(name, "steps", len(ours), "steps", "none", holds=True)
        yield Row(name, "a whole step, p50", statistics.median(whole), "ms", "none", holds=True)
        yield Row(name, "ours of it, p50", p50, "ms", f"<= {BAR:.0f}", p50 <= BAR)
        yield Row(name, "ours of it, p95", p95, "ms", "none", holds=True)
        yield Row(name, "of ours, computed, p50", statistics.median(computed), "ms", "none", holds=True)


def measured(driver: Driver, does: Sequence[Does]) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of ours at each step, of the whole step, and of our thread's computing, which another program's load
    does not lengthen as much. Raises TroubleError where the run stops too early.
    """
    task = Task("overhead", "look around, and change what is asked for", budget=Budget(len(does) + 1, 300.0))
    timed = Timed(driver)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "record.db") as store, answering(does) as told:
        chosen = config.Model(name="m", base_url=told[0], key="", seconds=20, retries=0)
        with Mind(chosen, store) as mind:
            went = run(task, timed, mind.policy(task, Ask("?")), mind)
        times = told[1]()
    if went.stopped != "finished" or any(step.effect.kind == "refused" for step in went.steps):
        raise TroubleError(f"the run stopped after {len(went.steps)} acts: {went.reason}; look at what was asked")
    ours, whole, computed = [], [], []
    for at in range(len(went.steps)):
        begin, end = timed.began[at], timed.began[at + 1]
        asked = sum(written - read for read, written in times if begin <= read < end)
        whole.append(1000 * (end - begin))
        ours.append(1000 * (end - begin - timed.waited[at] - asked))
        computed.append(1000 * (timed.computed[at + 1] - timed.computed[at]))
    return ours, whole, computed


# ------------------------------------------------------------------------------------------------ the places


@contextlib.contextmanager
def _editor() -> Iterator[tuple[Driver, Sequence[Does]]]:
    box = Namespace(find("mousepad"))
    try:
        yield Sparing(box.driver), EDITOR
    finally:
        box.close()


@contextlib.contextmanager
def _sheet() -> Iterator[tuple[Driver, Sequence[Does]]]:
    with sandbox(("libreoffice", "--calc", "--norestore"), 1000) as box:
        yield Sparing(box.driver), SHEET


@contextlib.contextmanager
def _page() -> Iterator[tuple[Driver, Sequence[Does]]]:
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Web()) as web:
        path = Path(folder) / "page.html"
        path.write_text(shop(), encoding="utf-8")
        web.act(Open(path.as_uri()))
        yield web, PAGE


PLACES = {"text editor": _editor, "spreadsheet": _sheet, "page of 3,000 elements": _page}


# ------------------------------------------------------------------------------------------------ the endpoint


@contextlib.contextmanager
def answering(does: Sequence[Does]) -> Iterator[tuple[str, Callable[[], list[tuple[float, float]]]]]:
    """The address of an endpoint in a process of its own that answers at once with these acts, then that it is done;
    and what tells when it had read each question and written its answer.
    """
    argv = [sys.executable, "-m", "tests.bench.overhead", json.dumps(does)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        url = process.stdout.readline().strip()
        told = list[tuple[float, float]]()

        def times() -> list[tuple[float, float]]:
            if not told:
                out, _ = process.communicate("\n", timeout=20)
                told.extend(_pair(line) for line in out.splitlines())
            return told

        try:
            yield url, times
        finally:
            if process.poll() is None:
                process.kill()


def _pair(line: str) -> tuple[float, float]:
    read, written = json.loads(line)
    return read, written


def serve(does: Sequence[Does]) -> None:
    """As that process: until its input says that it is over, then it tells the times."""
    left, times = list(does), list[tuple[float, float]]()

    def brain(asked: Asked) -> Answer | Fault:
        read.append(time.monotonic())
        if not left:
            return Answer(calls=(Call("done", {"claim": "done"}),))
        name, given = left.pop(0)
        found = {key: _number(asked, value) if key == "element" else value for key, value in given.items()}
        if None in found.values():
            return Fault(400, f"there is no {given['element']} in what was asked")
        return Answer(calls=(Call(name, found),))

    class Timing(Handler):
        def do_POST(self) -> None:
            super().do_POST()
            self.wfile.flush()
            times.append((read[-1], time.monotonic()))

    read = list[float]()
    with serving(brain) as server:
        server.RequestHandlerClass = Timing
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.readline()
    sys.stdout.writelines(f"{json.dumps(each)}\n" for each in times)


def _number(asked: Asked, what: str) -> int | None:
    """The number that an element has in what was sent; it may be the first of a run."""
    role, _, name = what.partition(":")
    content = asked["messages"][-1]["content"]
    words = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    found = re.search(rf'(?:^|\| )(\d+)(?:-\d+)? {role}\S* "{re.escape(name)}"', words, re.MULTILINE)
    return int(found[1]) if found else None


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
