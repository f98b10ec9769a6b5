"""The fake driver keeps every promise, and each promise notices a driver that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cua import core
from cua.core import Action, Box, Effect, Observation
from cua.errors import DriverError, TargetGone, UsageError
from drivers import promises
from drivers.fake import FakeDriver
from drivers.promises import PROMISES, BrokenPromise, NoStage, Stage, named


def stage(driver: core.Driver) -> Stage:
    return Stage(driver, named("textbox", "Name"), named("button", "Save"), named("textbox", "Password"))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_the_fake_driver_keeps(promise: Callable[[Stage], None]) -> None:
    promise(stage(FakeDriver()))


@dataclass
class Faulty:
    """A true driver with one fault in what it shows or does."""

    show: Callable[[Observation], Observation] = lambda seen: seen
    do: Callable[[FakeDriver, Action], Effect] = FakeDriver.act

    def __post_init__(self) -> None:
        self.fake = FakeDriver()

    def observe(self, *, frame: bool = True) -> Observation:
        return self.show(self.fake.observe(frame=frame))

    def act(self, action: Action) -> Effect:
        return self.do(self.fake, action)

    def close(self) -> None:
        self.fake.close()


def each(**changed: object) -> Callable[[Observation], Observation]:
    return lambda seen: replace(seen, elements=tuple(replace(e, **changed) for e in seen.elements))  # type: ignore[arg-type]


def bad_frame(seen: Observation) -> Observation:
    return replace(seen, frame=seen.frame and replace(seen.frame, sha="0" * 32))


def always_a_frame(seen: Observation) -> Observation:
    return replace(seen, frame=core.Frame("0" * 32, 640, 400))


def telling(seen: Observation) -> Observation:
    shown = [replace(e, value=promises.SECRET) if "password" in e.states else e for e in seen.elements]
    return replace(seen, elements=tuple(shown))


def ascii_only(fake: FakeDriver, action: Action) -> Effect:
    if isinstance(action, core.Type):
        action = core.Type(action.text.encode("ascii", "ignore").decode())
    return fake.act(action)


def deaf(fake: FakeDriver, action: Action) -> Effect:
    return Effect("confirmed") if isinstance(action, core.Fill) else fake.act(action)


def clicking_by_box(fake: FakeDriver, action: Action) -> Effect:
    """Presses what lies at the place of a missing element, and then says that it is gone."""
    try:
        return fake.act(action)
    except TargetGone:
        fake.act(core.Click(named("checkbox", "Notifications")(fake.observe())))
        raise


def swallowing(fake: FakeDriver, action: Action) -> Effect:
    try:
        return fake.act(action)
    except (UsageError, TargetGone, DriverError) as exc:
        return Effect("refused", str(exc))


BROKEN = [
    (promises.promise_parents_come_before_children, Faulty(each(parent=9))),
    (promises.promise_refs_are_unique, Faulty(each(ref="same"))),
    (promises.promise_boxes_lie_inside_the_frame, Faulty(each(box=Box(600, 0, 100, 10)))),
    (promises.promise_the_frame_is_named_by_its_pixels, Faulty(bad_frame)),
    (promises.promise_a_frame_comes_only_when_wanted, Faulty(always_a_frame)),
    (promises.promise_looking_changes_nothing, Faulty(lambda seen: replace(seen, time=-seen.time))),
    (promises.promise_a_missing_element_is_never_acted_on, Faulty(do=clicking_by_box)),
    (promises.promise_a_missing_element_is_never_acted_on, Faulty(do=swallowing)),
    (promises.promise_what_is_filled_in_is_there, Faulty(do=deaf)),
    (promises.promise_typed_text_arrives_whole, Faulty(do=ascii_only)),
    (promises.promise_an_unknown_key_is_a_usage_error, Faulty(do=swallowing)),
    (promises.promise_asking_and_finishing_are_not_for_drivers, Faulty(do=swallowing)),
    (promises.promise_a_password_is_never_shown, Faulty(telling)),
    (promises.promise_a_closed_driver_says_so, Faulty(do=swallowing)),
]


@pytest.mark.parametrize(("promise", "driver"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_driver_that_breaks_it_is_noticed(promise: Callable[[Stage], None], driver: Faulty) -> None:
    with pytest.raises(BrokenPromise):
        promise(stage(driver))


def test_every_promise_is_shown_to_notice() -> None:
    assert {promise for promise, _ in BROKEN} == set(PROMISES)
    written = {value for name, value in vars(promises).items() if name.startswith("promise_")}
    assert written == set(PROMISES)


def test_a_check_gives_a_result_for_each_promise() -> None:
    results = promises.check(stage(FakeDriver()))
    assert [result.ok for result in results] == [True] * len(PROMISES)


def test_a_check_says_what_could_not_be_tried_and_what_was_broken() -> None:
    results = promises.check(Stage(Faulty(each(ref="same")), button=named("button", "Save")))
    by_name = {result.name: result for result in results}
    assert by_name["a password is never shown"].ok is None
    assert "no password box" in by_name["a password is never shown"].detail
    assert by_name["refs are unique"].ok is False
    assert "'same'" in by_name["refs are unique"].detail


def test_what_the_stage_has_not_got_is_said() -> None:
    with pytest.raises(NoStage, match="no text box"):
        promises.promise_typed_text_arrives_whole(Stage(FakeDriver()))
