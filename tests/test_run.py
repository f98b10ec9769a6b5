"""There is one loop: it looks, asks the policy, acts, keeps, and says how it stopped. Kept in a real record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import pytest

from cua.core import (
    Action,
    Ask,
    Budget,
    Click,
    Driver,
    Effect,
    Fill,
    Finish,
    Observation,
    Press,
    Run,
    Step,
    Task,
    Type,
    Wait,
)
from cua.errors import DriverError, RecordError, RefusedError, UsageError
from cua.memory.store import Store
from cua.policies.script import Script
from cua.run import CUT, INTERRUPTED, UNSEEN, run, unseen
from drivers.fake import FakeDriver
from drivers.promises import named

TASK = Task("t1", "write Ada into Name")


def fill(now: Observation) -> Action:
    return Fill(named("textbox", "Name")(now), "Ada")


def tick(now: Observation) -> Action:
    return Click(named("checkbox", "Notifications")(now))


@dataclass
class Deciding:
    """A policy made of one function."""

    what: Callable[[tuple[Step, ...], Observation], Action]

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        return self.what(steps, now)


@dataclass
class Acting:
    """A true driver whose act is looked at first."""

    before: Callable[[Action], None]
    fake: FakeDriver = field(default_factory=FakeDriver)

    def observe(self, *, frame: bool = True) -> Observation:
        return self.fake.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        self.before(action)
        return self.fake.act(action)

    def close(self) -> None:
        self.fake.close()


def raising(error: BaseException) -> Driver:
    def fail(action: Action) -> None:
        raise error

    return Acting(fail)


class Clock:
    """Goes on by one second each time it is read."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_script_is_done_and_the_record_holds_it_exactly(store: Store) -> None:
    driver = FakeDriver()
    done = run(TASK, driver, Script(fill, Press("Tab"), Type("geheim"), tick, Finish("did it", why="asked")), store)
    assert (done.stopped, done.reason, len(done.steps)) == ("finished", "did it", 4)
    assert driver.world.settings == {"wrap": "false", "notify": "false", "name": "Ada"}
    assert store.run(done.id) == done
    assert done.last == driver.observe()
    assert [step.effect.kind for step in done.steps] == ["confirmed"] * 4


def test_a_step_is_kept_before_the_next_look(store: Store) -> None:
    kept: list[int] = []
    ids: list[str] = []

    def note(steps: tuple[Step, ...], now: Observation) -> Action:
        ids[:] = [summary.id for summary in store.runs()]
        kept.append(len(store.run(ids[0]).steps))
        return tick(now) if len(steps) < 3 else Finish()

    run(TASK, FakeDriver(), Deciding(note), store)
    assert kept == [0, 1, 2, 3]


def test_a_step_shows_the_screen_before_the_act(store: Store) -> None:
    done = run(TASK, FakeDriver(), Script(fill), store)
    assert named("textbox", "Name")(done.steps[0].seen).value == ""
    assert done.last is not None
    assert named("textbox", "Name")(done.last).value == "Ada"


def test_pictures_are_kept_and_pixels_are_not_carried_along(store: Store) -> None:
    done = run(TASK, FakeDriver(), Script(fill), store)
    store.flush()
    for seen in (done.steps[0].seen, done.last):
        assert seen is not None
        frame = seen.frame
        assert frame is not None
        assert frame.pixels is None
        assert store.frame_png(frame.sha).startswith(b"\x89PNG")


def test_a_question_stops_it_and_is_kept_with_its_choices(store: Store) -> None:
    done = run(TASK, FakeDriver(), Script(Ask("Shall I\nsave?", ("save", "leave it"))), store)
    assert (done.stopped, done.reason, done.steps) == ("asked", "Shall I save?\nsave\nleave it", ())


def test_the_budget_of_acts_stops_acts_but_not_a_claim(store: Store) -> None:
    task = Task("t", "g", budget=Budget(acts=2))
    stopped = run(task, FakeDriver(), Script(tick, tick, tick), store)
    assert (stopped.stopped, len(stopped.steps)) == ("budget", 2)
    assert "2 acts" in stopped.reason
    assert stopped.last is not None
    assert run(task, FakeDriver(), Script(tick, tick), store).stopped == "finished"


def test_waits_use_up_no_budget_of_acts_and_are_ended_by_the_seconds(store: Store) -> None:
    def slow(steps: tuple[Step, ...], now: Observation) -> Action:
        return tick(now) if len(steps) in (0, 5) else Finish("shown") if len(steps) == 9 else Wait(0.01)

    shown = run(Task("t", "g", budget=Budget(acts=2)), FakeDriver(), Deciding(slow), store)
    assert (shown.stopped, len(shown.steps)) == ("finished", 9)
    short = run(Task("t", "g", budget=Budget(acts=1)), FakeDriver(), Deciding(slow), store)
    assert (short.stopped, len(short.steps)) == ("budget", 5)
    task = Task("t", "g", budget=Budget(acts=2, seconds=20))
    stuck = run(task, FakeDriver(), Deciding(lambda steps, now: Wait(0.01)), store, clock=Clock())
    assert stuck.stopped == "budget"
    assert "20 s" in stuck.reason


def test_the_budget_of_seconds_stops_it(store: Store) -> None:
    task = Task("t", "g", budget=Budget(acts=1000, seconds=20))
    done = run(task, FakeDriver(), Deciding(lambda steps, now: tick(now)), store, clock=Clock())
    assert done.stopped == "budget"
    assert "20 s" in done.reason
    assert 0 < len(done.steps) < 20
    assert store.run(done.id) == done


def test_trouble_is_kept_with_the_act_that_met_it(store: Store) -> None:
    done = run(TASK, raising(DriverError("the screen went dark; plug it in")), Script(fill), store)
    assert (done.stopped, done.reason) == ("trouble", "DriverError: the screen went dark; plug it in")
    assert [step.effect.kind for step in done.steps] == ["unverified"]
    assert store.run(done.id) == done


def test_a_screen_that_cannot_be_seen_is_trouble(store: Store) -> None:
    driver = FakeDriver()
    driver.close()
    done = run(TASK, driver, Script(fill), store)
    assert (done.stopped, done.steps, done.last) == ("trouble", (), None)


def test_a_no_from_the_driver_is_a_refusal(store: Store) -> None:
    done = run(TASK, raising(RefusedError("not on this page")), Script(fill, tick), store)
    assert (done.stopped, done.reason) == ("refused", "not on this page")
    assert [step.effect.kind for step in done.steps] == ["refused"]


def test_a_no_from_the_policy_is_a_refusal(store: Store) -> None:
    def refuse(steps: tuple[Step, ...], now: Observation) -> Action:
        raise RefusedError("this screen is not known")

    done = run(TASK, FakeDriver(), Deciding(refuse), store)
    assert (done.stopped, done.reason) == ("refused", "this screen is not known")


def test_a_refused_effect_is_a_step_that_the_policy_may_mend(store: Store) -> None:
    def mend(steps: tuple[Step, ...], now: Observation) -> Action:
        if not steps:
            return Press("NoSuchKey")
        return fill(now) if len(steps) == 1 else Finish(steps[0].effect.reason)

    done = run(TASK, FakeDriver(), Deciding(mend), store)
    assert [step.effect.kind for step in done.steps] == ["refused", "confirmed"]
    assert "NoSuchKey" in done.reason


def test_a_script_goes_no_further_after_a_refusal(store: Store) -> None:
    driver = FakeDriver()
    done = run(TASK, driver, Script(lambda now: Click(named("button", "Export")(now)), tick), store)
    assert (done.stopped, len(done.steps)) == ("refused", 1)
    assert "disabled" in done.reason
    assert driver.world.settings["notify"] == "true"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("a bug")])
def test_what_breaks_into_an_act_leaves_an_interrupted_run_with_that_act_on_record(
    store: Store, error: BaseException
) -> None:
    acts = 0

    def second(action: Action) -> None:
        nonlocal acts
        acts += 1
        if acts == 2:
            raise error

    with pytest.raises(type(error)):
        run(TASK, Acting(second), Script(tick, tick, tick), store)
    kept = store.run(store.runs()[0].id)
    assert (kept.stopped, kept.reason, len(kept.steps)) == ("interrupted", UNSEEN, 2)
    assert (kept.steps[0].effect.kind, kept.steps[1].effect) == ("confirmed", CUT)


@pytest.mark.parametrize(
    ("action", "known"), [(Press("Escape"), False), (Press("NoSuchKey"), True), (Wait(0.0), True)], ids=str
)
def test_what_breaks_into_the_look_after_an_act_leaves_it_open_what_came_of_that(
    store: Store, action: Action, known: bool
) -> None:
    @dataclass
    class Blind(Acting):
        looks: int = 0

        def observe(self, *, frame: bool = True) -> Observation:
            self.looks += 1
            if self.looks == 3:
                raise KeyboardInterrupt
            return super().observe(frame=frame)

    with pytest.raises(KeyboardInterrupt):
        run(TASK, Blind(lambda act: None), Script(tick, lambda now: action), store)
    kept = store.run(store.runs()[0].id)
    assert (len(kept.steps), unseen(kept), kept.reason) == (2, not known, INTERRUPTED if known else UNSEEN)


def test_a_wrong_request_is_raised_and_on_record(store: Store) -> None:
    def wrong(steps: tuple[Step, ...], now: Observation) -> Action:
        raise UsageError("this workflow wants the parameter name")

    with pytest.raises(UsageError):
        run(TASK, FakeDriver(), Deciding(wrong), store)
    assert store.runs()[0].stopped == "interrupted"


def test_a_person_stops_it_before_the_act(store: Store) -> None:
    stop = Event()
    driver = FakeDriver()

    def late(steps: tuple[Step, ...], now: Observation) -> Action:
        if len(steps) == 1:
            stop.set()
        return tick(now)

    done = run(TASK, driver, Deciding(late), store, stop=stop)
    assert (done.stopped, len(done.steps)) == ("interrupted", 1)
    assert driver.world.settings["notify"] == "false"
    assert run(TASK, driver, Script(tick), store, stop=stop).steps == ()


def test_what_cannot_be_kept_is_not_gone_on_with() -> None:
    class Full:
        ended: Run | None = None

        def begin(self, run_id: str, task: Task) -> None: ...

        def keep(self, run_id: str, index: int, step: Step) -> None:
            raise RecordError("the disk is full; free some space")

        def end(self, run: Run) -> None:
            self.ended = run

    full, driver = Full(), FakeDriver()
    done = run(TASK, driver, Script(tick, tick), full)
    assert (done.stopped, done.steps) == ("trouble", ())
    assert "free some space" in done.reason
    assert driver.world.settings["notify"] == "false"
    assert full.ended is not None
    assert full.ended.id == done.id
