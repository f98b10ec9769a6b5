"""What only somebody else can see to: an app or a page that is gone comes back, a person logs in; the run goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cua.core import Action, Driver, Effect, Observation, Open, Run, Task, Wait, World
from cua.doing import do_there
from cua.helping import undisturbed
from cua.memory.handlers import Handlers
from cua.memory.store import Store
from cua.minds import nobody
from cua.run import run
from cua.seats import Done, Seat
from drivers.web_steady import Steady
from sandbox_vms import launch
from sandbox_vms.inside import HOME
from sandbox_vms.local import LocalWorld, Standing
from sandbox_vms.namespace import Namespace
from tests.bench import interruptions as bench
from tests.bench import interruptions_desktop as desk
from tests.bench import interruptions_web as page
from tests.test_practice import INI, switchboard
from tests.waiting import awaited

TASK = Task("order", bench.GOAL, bench.ORDER, budget=bench._BUDGET)
Struck = Callable[[], object]


@dataclass
class Eventful:
    """A true driver in whose world something happens before some of its looks and acts, counted from 0."""

    driver: Driver
    looks: dict[int, Struck] = field(default_factory=dict)
    acts: dict[int, Struck] = field(default_factory=dict)

    def observe(self, *, frame: bool = True) -> Observation:
        self.looks = _happens(self.looks)
        return self.driver.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        self.acts = _happens(self.acts)
        return self.driver.act(action)

    def close(self) -> None:
        return


def _happens(due: dict[int, Struck]) -> dict[int, Struck]:
    if 0 in due:
        due[0]()
    return {at - 1: what for at, what in due.items() if at}


@dataclass
class Around:
    """A sandbox whose driver is another one around its own."""

    box: Namespace
    driver: Eventful

    @property
    def world(self) -> World:
        return self.box.world

    def reset(self) -> None:
        self.box.reset()

    def restart(self) -> None:
        self.box.restart()

    def revive(self) -> None:
        self.box.revive()

    def snapshot(self, name: str) -> None:
        self.box.snapshot(name)

    def clone(self) -> Namespace:
        return self.box.clone()

    def close(self) -> None:
        self.box.close()


# ---------------------------------------------------------------------------------------------- apps


@pytest.fixture(scope="module")
def board() -> Iterator[Namespace]:
    app = switchboard()
    with closing(Namespace(replace(app, files={**desk.FILES, **app.files}))) as box:
        yield box


@pytest.fixture
def fresh(board: Namespace) -> Namespace:
    board.reset()
    return board


def killed(box: Namespace) -> None:
    """The program dies, as by a fault of its own."""
    program = box._program
    assert program.process is not None
    program.kill()
    awaited(lambda: not launch.windows(box.driver), "its windows are gone")


def asked(goal: str, box: Namespace, store: Store, **events: dict[int, Struck]) -> Done:
    around = Eventful(box.driver, events.get("looks", {}), events.get("acts", {}))
    return do_there(goal, Seat(Around(box, around), store, "switchboard", HOME, {}))


@pytest.mark.parametrize("before", ["looks", "acts"])
@pytest.mark.parametrize(
    ("goal", "key", "value"),
    [("turn on grid", "grid", "true"), ("set width to 5", "width", "5")],
    ids=["tick", "field"],
)
def test_an_app_that_died_is_started_again_and_the_request_is_done(
    fresh: Namespace, store: Store, before: str, goal: str, key: str, value: str
) -> None:
    died = fresh._program
    struck: dict[int, Struck] = {int(before == "looks"): lambda: killed(fresh)}
    done = asked(goal, fresh, store, **{before: struck})
    assert (done.outcome, fresh.world.setting(f"{INI}{key}")) == ("pass", value), done
    assert died.code() is not None
    assert fresh._program.code() is None


def test_an_app_that_dies_each_time_is_not_started_again_and_again(fresh: Namespace, store: Store) -> None:
    done = asked("turn on grid", fresh, store, acts=dict.fromkeys(range(40), lambda: killed(fresh)))
    assert (done.outcome, done.acts < 5) == ("unknown", True), done
    assert "is gone: its program ended. Start it again" in done.saying
    assert not launch.windows(fresh.driver)


def test_an_app_whose_end_was_asked_for_stays_ended(fresh: Namespace, store: Store) -> None:
    done = asked("crash", fresh, store)
    assert (done.outcome, done.acts) == ("unknown", 1)
    assert not launch.windows(fresh.driver)


def test_what_is_there_is_left_alone_and_what_others_show_too(fresh: Namespace) -> None:
    driver, program = fresh.driver, fresh._program
    fresh.revive()
    assert (fresh.driver, fresh._program) == (driver, program)
    desk.COMES["crash report of another program"](fresh)
    assert program.process is not None
    fresh.world.exec(("pkill", "-9", "-f", "app.py"))
    awaited(lambda: len(launch.windows(driver)) == 1, "only the other program's window is left")
    fresh.revive()
    assert {window.title for window in launch.windows(driver)} == {"Switchboard", "Problem"}
    assert fresh.driver is driver


@pytest.mark.parametrize("comes", ["update prompt of another program", "crash report of another program"])
@pytest.mark.parametrize("at", [0, 1])
def test_what_comes_while_the_planner_acts_is_put_away_and_learned(
    fresh: Namespace, store: Store, comes: str, at: int
) -> None:
    done = asked("turn on grid", fresh, store, looks={at: lambda: desk.COMES[comes](fresh)})
    assert (done.outcome, fresh.world.setting(f"{INI}grid"), desk.wrongs(fresh)) == ("pass", "true", 0), done
    assert {window.title for window in launch.windows(fresh.driver)} == {"Switchboard"}
    assert [(known.needs, known.worked, known.tried) for known in Handlers(store).all().values()] == [("dismiss", 1, 1)]
    fresh.reset()
    calm = asked("turn on grid", fresh, store)
    assert (calm.outcome, calm.acts) == ("pass", 1), calm


def test_a_dialog_that_an_act_of_the_planner_opened_is_not_put_away(fresh: Namespace, store: Store) -> None:
    done = asked("names", fresh, store)
    assert [type(step.action).__name__ for step in store.run(done.run).steps] == ["Click"]
    assert {window.title for window in launch.windows(fresh.driver)} == {"Switchboard", "Names"}


def test_a_person_s_own_program_is_never_started_again(fresh: Namespace, store: Store) -> None:
    own = Eventful(fresh.driver, {1: lambda: killed(fresh)})
    place = Seat(Standing(own, LocalWorld(fresh.driver)), store, "switchboard", HOME, {}, stays=True)
    done = do_there("turn on grid", place)
    assert (done.outcome, "Start it again" in done.saying) == ("unknown", True), done
    assert not launch.windows(fresh.driver)


# ---------------------------------------------------------------------------------------------- pages


@pytest.fixture(scope="module")
def web() -> Iterator[Steady]:
    with closing(Steady()) as made:
        yield made


@pytest.fixture
def shop(web: Steady) -> Iterator[page.Shop]:
    with closing(page.Shop()) as made:
        web.act(Open("about:blank"))
        yield made


def crashed(web: Steady) -> None:
    """The program that draws the pages dies."""
    told = web._browser._chromium.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    drawing = [each["id"] for each in told["processInfo"] if each["type"] == "renderer"]
    for pid in drawing:
        os.kill(pid, signal.SIGKILL)
    awaited(lambda: not any(Path(f"/proc/{pid}").exists() for pid in drawing), "they are gone")


def ordered(
    web: Steady, shop: page.Shop, store: Store, at: dict[int, Struck], approve: Callable[[str], bool] = nobody
) -> Run:
    place = Seat(Standing(web, LocalWorld(web)), store, "shop", HOME, {}, stays=True)
    policy = undisturbed(page.Orders(f"{shop.url}/"), place, approve)
    return run(TASK, Eventful(web, at), policy, store)


@pytest.mark.parametrize("at", [2, 4, 6])
def test_a_page_that_crashed_is_loaded_again_and_the_order_is_made(
    web: Steady, shop: page.Shop, store: Store, at: int
) -> None:
    done = ordered(web, shop, store, {at: lambda: crashed(web)})
    assert (done.stopped, shop.orders) == ("finished", [bench.ORDER]), done.reason
    assert any("crashed" in step.action.why for step in done.steps)


def test_a_page_that_crashes_each_time_ends_the_run_with_that(web: Steady, shop: page.Shop, store: Store) -> None:
    done = ordered(web, shop, store, dict.fromkeys(range(3, 40), lambda: crashed(web)))
    assert (done.stopped, shop.orders) == ("asked", [])
    assert "crashed. Load it again, then go on" in done.reason
    web.revive()
    assert web.observe(frame=False).place.url == f"{shop.url}/"


def expires(web: Steady) -> None:
    """The session ends, and the page of the shop asks to log in."""
    web._browser.page.evaluate(f"() => {{ {page.COMES['session expiry']} }}")
    web.act(Wait(0.5))


def test_a_person_is_asked_to_log_in_and_the_run_goes_on(web: Steady, shop: page.Shop, store: Store) -> None:
    questions: list[str] = []

    def person(question: str) -> bool:
        questions.append(question)
        return page.logs_in(web)

    done = ordered(web, shop, store, {5: lambda: expires(web)}, person)
    assert (done.stopped, shop.orders) == ("finished", [bench.ORDER]), done.reason
    assert ["log in there first" in each for each in questions] == [True]


@pytest.mark.parametrize("answer", [False, True], ids=["no", "yes, though nothing was done"])
def test_where_nobody_logs_in_the_run_asks_for_it(web: Steady, shop: page.Shop, store: Store, answer: bool) -> None:
    questions: list[str] = []

    def person(question: str) -> bool:
        questions.append(question)
        return answer

    done = ordered(web, shop, store, {5: lambda: expires(web)}, person)
    assert (done.stopped, shop.orders, len(questions)) == ("asked", [], 1)
    assert "Log in there, then go on" in done.reason
