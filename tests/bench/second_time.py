"""What a model solved once is done the second time without it: 50 tasks in three apps and one web app.

The model is an oracle behind a real endpoint that takes a set time to answer. First the task is new: the model decides,
and judges. Then the same again, from the same start. Calls saved are those of the first time that the second did not
make. An act of the second time that is not the oracle's is a wrong act, and so is a pass where the world says
otherwise. The speed-up with the set delay is measured, with others it is reckoned from the same runs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cua import app, config
from cua.core import Action, Click, Fill, Open, Step, Type, Wait
from cua.doing import do_there
from cua.memory.store import Store
from cua.minds import Mind
from cua.own_screens import open_web
from cua.screen import called
from cua.seats import Done, Seat
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench import household
from tests.bench.model_oracle import Oracle
from tests.bench.rows import Row
from tests.bench.second_time_tasks import CALCULATOR, EDITOR, PAD, TYPE, WEB, Todo, Way, WebTodo
from tests.model_server import serving

DELAY = 0.2  # seconds of an answer
RECKONED = (1.0, 3.0)
BAR = 0.95
TASKS = 50


@dataclass
class Count:
    """What was counted over the tasks of one place; times are of those that came out right both times."""

    tasks: int = 0
    right: int = 0
    first_calls: int = 0
    second_calls: int = 0
    first_seconds: float = 0.0
    second_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def rows(args: list[str]) -> Iterator[Row]:
    """All places, then all of it together; or only those that are named."""
    places = {"mousepad": EDITOR, "galculator": CALCULATOR, "featherpad": PAD, "web": ()}
    counts = {name: Count() for name in args or places}
    for name, count in counts.items():
        for todo in places[name]:
            in_app(todo, count)
        if name == "web":
            on_web(WEB, count)
        yield from _of(name, count)
    yield from total(list(counts.values()))


def in_app(todo: Todo, count: Count) -> None:
    """The task twice, from a clean home."""
    found = find(todo.app)
    oracle = Oracle(DELAY)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "cua.db") as store,
        serving(oracle) as server,
        closing(Namespace(found)) as sandbox,
    ):

        def again() -> Seat:
            sandbox.reset()
            return app.seated(sandbox, store, lambda: Namespace(found))

        trial = Trial(todo.goal, todo.way, lambda: todo.came(sandbox), again)
        twice(trial, oracle, chosen(server.url), count)


def on_web(todos: tuple[WebTodo, ...], count: Count) -> None:
    """Each twice, from the page as it is at first."""
    for todo in todos:
        oracle = Oracle(DELAY)
        with (
            household.serving() as site,
            tempfile.TemporaryDirectory() as folder,
            Store(Path(folder) / "cua.db") as store,
            serving(oracle) as server,
            open_web(site.url) as driver,
        ):

            def again() -> Seat:
                site.home = household.Household()
                driver.act(Open(site.url))
                return app.page_seat(site.url, driver, store)

            trial = Trial(todo.goal, todo.way, partial(_came, todo, site), again)
            twice(trial, oracle, chosen(server.url), count)


def _came(todo: WebTodo, site: household.Server) -> bool:
    return todo.came(site.home)


def chosen(url: str) -> config.Model:
    """The oracle as the settings would name it."""
    return config.Model(name="oracle", base_url=url, key="", sees=False, retries=0)


@dataclass(frozen=True)
class Trial:
    """A task where it is tried: `again` brings the start state back, `came` looks at the world."""

    goal: str
    way: Way
    came: Callable[[], bool]
    again: Callable[[], Seat]


def twice(trial: Trial, oracle: Oracle, model: config.Model, count: Count) -> None:
    """The same twice; whatever went wrong is told by name."""
    goal, way, came = trial.goal, trial.way, trial.came
    count.tasks += 1
    done: list[Done] = []
    for _ in range(2):
        seat = trial.again()
        oracle.set(way, came)
        done.append(do_there(goal, seat, Mind(model, seat.store)))
        if (done[-1].outcome == "pass") != came():
            count.wrong.append(f"{goal}: {done[-1].outcome}, and the world says otherwise")
        if oracle.lost:
            count.told.append(f"{goal}: {oracle.lost}")
        count.wrong += [f"{goal}: {each}" for each in strange(seat.store.run(done[-1].run).steps, way)]
    first, second = done
    count.right += first.outcome == second.outcome == "pass"
    count.first_calls += first.model_calls
    count.second_calls += second.model_calls
    if first.outcome == second.outcome == "pass":
        count.first_seconds += first.seconds
        count.second_seconds += second.seconds
    if first.outcome != "pass" or second.outcome != "pass" or second.model_calls or not first.model_calls:
        said = f"{first.outcome} ({first.model_calls} calls), {second.outcome} ({second.model_calls}): {second.saying}"
        count.told.append(f"{goal}: {said}; {first.note}")


def strange(steps: tuple[Step, ...], way: Way) -> list[str]:
    """The acts that the oracle's way does not have."""
    known = {step if isinstance(step, str) else step[0] for step in way}
    texts = {step[1] for step in way if isinstance(step, tuple)}
    return [str(step.action) for step in steps if not _known(step.action, known, texts)]


def _known(action: Action, names: set[str], texts: set[str]) -> bool:
    match action:
        case Wait():
            return True
        case Click(target=target):
            return called(target) in names if hasattr(target, "name") else False  # type: ignore[arg-type]
        case Fill(target=target, text=text):
            return called(target) in names and text in texts
        case Type(text=text):
            return TYPE in names and text in texts
        case _:
            return False


def _of(name: str, count: Count) -> Iterator[Row]:
    """Of one place."""
    for line in (*count.wrong, *count.told):
        print(f"  {name}: {line}", file=sys.stderr)
    saved = 1 - count.second_calls / max(1, count.first_calls)
    yield Row(name, f"right both times, of {count.tasks}", count.right, "tasks", "all", count.right == count.tasks)
    yield Row(name, "calls the first and second time", count.first_calls, "calls", f"then {count.second_calls}", True)
    yield Row(name, "calls saved", 100 * saved, "%", f">= {100 * BAR:g}", saved >= BAR)


def total(counts: list[Count]) -> Iterator[Row]:
    """Of all of them."""
    tasks = sum(count.tasks for count in counts)
    first, second = (sum(getattr(count, f"{which}_calls") for count in counts) for which in ("first", "second"))
    wrong = sum(len(count.wrong) for count in counts)
    yield Row("all", "tasks", tasks, "tasks", f">= {TASKS}", tasks >= TASKS)
    yield Row("all", "calls saved", 100 * (1 - second / max(1, first)), "%", f">= {100 * BAR:g}",
              second <= (1 - BAR) * first)  # fmt: skip
    yield Row("all", "wrong acts and wrong passes", wrong, "", "0", wrong == 0)
    slow = sum(count.first_seconds for count in counts)
    quick = sum(count.second_seconds for count in counts)
    for delay in (DELAY, *RECKONED):
        much = (slow + first * (delay - DELAY)) / (quick + second * (delay - DELAY)) if quick else float("nan")
        how = "measured" if delay == DELAY else "reckoned"
        yield Row("all", f"times as fast, {delay:g} s an answer, {how}", much, "times", "> 1", much > 1)
