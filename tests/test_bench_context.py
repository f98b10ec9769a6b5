"""The benches of what a model is sent and of our own time, on small real things: they count what they say."""

from __future__ import annotations

import pytest

from cua.core import Click, Fill, Press, Type
from cua.errors import TroubleError, UsageError
from drivers.fake import FakeDriver
from tests.bench import context, context_pages, context_tasks, overhead
from tests.bench.context import act_of


def test_a_hand_does_the_tasks_and_each_step_with_an_element_counts() -> None:
    driver = FakeDriver()
    asked = (
        ("long lines should not run out of the window", "menuitem:View", "menuitem:Word wrap"),
        ("I am Ada", "textbox:Name = Ada", "button:Save"),
        ("a fresh look", "!F5"),
    )
    tally = context.done(driver, asked)
    assert driver.world.settings["wrap"] == "true"
    assert driver.world.settings["name"] == "Ada"
    assert (tally.needed, tally.there, tally.lost, tally.missing) == (4, 4, [], [])
    assert len(tally.bytes) == 5
    assert all(0 < size <= 6000 for size in tally.bytes)


def test_what_is_not_in_the_list_is_no_hit_and_a_lost_way_is_told() -> None:
    driver, tally = FakeDriver(), context.Tally()
    hand = context.Hand(("export it", "button:Save"), tally)
    hand._talk.most = 100  # room for nothing
    hand.decide(hand.task, (), driver.observe())
    assert (tally.needed, tally.there, len(tally.missing)) == (1, 0, 1)


def test_steps_are_read_as_they_are_written() -> None:
    now = FakeDriver().observe()
    name = next(e for e in now.elements if e.name == "Name")
    assert act_of("textbox:Name = Ada", now) == Fill(name, "Ada")
    assert act_of("textbox:Name", now) == Click(name)
    assert act_of("!ctrl+v", now) == Press("ctrl+v")
    assert act_of(">=SUM(A1)\n", now) == Type("=SUM(A1)\n")
    assert act_of("button:Nothing", now) is None


def test_every_task_has_words_and_at_least_one_step() -> None:
    places = (context_tasks.EMPTY_SHEET, context_tasks.FULL_SHEET, context_tasks.EDITOR, context_tasks.LETTER)
    published = [asked for *_, asked in (*context_pages.PUBLISHED, *context_pages.HELD_OUT)]
    for asked in (*places, context_pages.SHOP, *published):
        assert all(len(each) > 1 and each[0] for each in asked)
        goals = [each[0] for each in asked]
        assert len(set(goals)) == len(goals)


@pytest.mark.parametrize("bench", [context, overhead])
def test_an_unknown_place_is_said_with_those_there_are(bench: object) -> None:
    with pytest.raises(UsageError, match="no place 'moon'; it has:"):
        list(bench.rows(["moon"]))  # type: ignore[attr-defined]


def test_our_time_is_what_neither_the_endpoint_nor_the_app_took() -> None:
    does = (("click", {"element": "menuitem:View"}), ("press", {"keys": "Escape"}), ("press", {"keys": "F5"}))
    ours, whole, computed = overhead.measured(FakeDriver(), does)
    assert len(ours) == len(whole) == len(computed) == 3
    assert all(0 < mine < all_ for mine, all_ in zip(ours, whole, strict=True))


def test_a_run_that_stops_early_is_no_figure() -> None:
    with pytest.raises(TroubleError, match="the run stopped after 0 acts"):
        overhead.measured(FakeDriver(), (("click", {"element": "button:Nowhere"}),))
