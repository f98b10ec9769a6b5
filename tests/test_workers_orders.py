"""What the writer and its workers tell each other arrives as it was, and what several learned becomes one map."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cua.core import Click, Effect, Element, Frame, Observation, Place, Step
from cua.errors import RecordError
from cua.memory.maps import Law, Map, Window
from cua.memory.skills import Skill
from cua.memory.store import Store
from cua.practice.explore import next_control
from cua.practice.messages import Job, Kept, Ready, Setup, packed, unpacked, with_pixels
from cua.practice.orders import Attempt, Begin, Done, Find, Late, Learned, Order, undone
from cua.practice.workers import Line, Workers
from cua.screen import Control

SKILL = Skill("board-grid", "board", "Grid", "toggle", "toggle:grid", "turn on Grid")


def control(name: str, role: str = "checkbox") -> Control:
    return Control(f"main||{role}|{name}", role, name, "main", checkable=role == "checkbox")


def known() -> Map:
    """A small map: two controls, of which one was tried."""
    grid, dots = control("Grid"), control("Dots")
    law = Law(grid.key, "toggle", {"grid": {"on": "true", "off": "false"}}, signals=("state", "setting"), trials=4)
    found = Map("board", {"main": Window("main", "Board")}, {grid.key: grid, dots.key: dots}, {grid.key: law})
    found.volatile["time"] = 3
    return found


@pytest.mark.parametrize("order", [Begin(), Find("main||checkbox|Grid", 2), Late(7.5), Attempt(SKILL, 3)])
def test_an_order_and_what_came_of_it_arrive_as_they_were(order: Order) -> None:
    for message in (Job(order), Job(order, Learned.of(known())), undone(order, "why", lost=True)):
        assert unpacked(packed(message)) == (message, b"")


def test_a_step_arrives_with_its_picture_and_the_next_of_that_picture_without() -> None:
    pixels = bytes(range(16))
    frame = Frame("ab" * 8, 2, 2, pixels=pixels)
    seen = Observation(Place("board"), (Element("1", "button", "Grid"),), frame)
    step = Step(seen, Click(seen.elements[0], why="it is there"), Effect("confirmed"), 0.5)
    told, came = unpacked(packed(Kept("run", 0, step), pixels))
    assert with_pixels(told.step.seen, came) == seen
    assert with_pixels(told.step.seen, came).frame.pixels == pixels  # type: ignore[union-attr]
    told, came = unpacked(packed(Kept("run", 1, step)))
    assert with_pixels(told.step.seen, came).frame.pixels is None  # type: ignore[union-attr]


@pytest.mark.parametrize("data", [b"", b"\0\0\0\2{}", b"\0\0\0\1x"])
def test_what_is_no_message_is_an_error(data: bytes) -> None:
    with pytest.raises(RecordError):
        unpacked(data)


def test_a_map_becomes_what_it_was_elsewhere() -> None:
    there, here = known(), known()
    here.laws["gone"] = Law("gone", "nothing")
    here.volatile["clock"] = 3
    Learned.of(there).become(here)
    assert here == there


def test_what_is_new_added_to_the_map_before_gives_the_map_after() -> None:
    before, after = known(), known()
    grid, dots, lines = control("Grid"), control("Dots"), control("Lines", "combobox")
    after.controls |= {lines.key: lines, dots.key: replace(dots, options=("few", "many"))}
    after.laws |= {lines.key: Law(lines.key, "choice"), grid.key: replace(after.laws[grid.key], trials=8)}
    after.windows["dialog:more"] = Window("dialog:more", "More", "main", lines.key)
    after.volatile |= {"time": 6, "clock": 3}
    after.defaults["grid"] = "true"
    news = Learned.of(after).since(Learned.of(before))
    assert {control.key for control in news.controls} == {dots.key, lines.key}
    news.add_to(before, (grid.key,))
    assert before == after
    assert Learned.of(after).since(Learned.of(after)) == Learned()


def test_what_two_learned_at_once_keeps_what_each_is_sure_of() -> None:
    both, one, two = known(), known(), known()
    grid, dots = control("Grid"), control("Dots")
    one.laws[dots.key] = Law(dots.key, "toggle", signals=("state",), trials=4)
    two.laws |= {dots.key: Law(dots.key, "choice", why="like its tried siblings"), grid.key: Law(grid.key, "unknown")}
    start = Learned.of(known())
    Learned.of(one).since(start).add_to(both, (dots.key,))
    Learned.of(two).since(start).add_to(both, ())
    assert both.laws == {**known().laws, dots.key: one.laws[dots.key]}


def test_a_law_that_was_given_up_and_is_free_again_is_dropped_and_a_found_one_is_not() -> None:
    grid, dots = control("Grid"), control("Dots")
    before, after = known(), known()
    before.laws[dots.key] = Law(dots.key, "unknown", why="it was disabled whenever it was looked at")
    del after.laws[grid.key]
    news = Learned.of(after).since(Learned.of(before))
    assert set(news.dropped) == {grid.key, dots.key}
    news.add_to(before, ())
    assert set(before.laws) == {grid.key}


def test_a_control_that_another_worker_has_in_hand_is_not_given_twice() -> None:
    found = copy.deepcopy(known())
    more = control("More")
    found.controls[more.key] = more
    first = next_control(found, {}, ())
    assert first is not None
    second = next_control(found, {}, (first,))
    assert {first, second} == {control("Dots").key, more.key}
    assert next_control(found, {}, (first, more.key, control("Dots").key)) is None
    assert next_control(found, {first: 1}, ()) == second


def test_what_came_of_a_lost_attempt_is_an_unknown_proof_with_its_run() -> None:
    done = undone(Attempt(SKILL, 1), "its worker ended: killed by SIGKILL", seconds=2.0, run="run-1", lost=True)
    assert done.proof is not None
    assert (done.outcome, done.proof.outcome, done.proof.run, done.proof.seed) == ("unknown", "unknown", "run-1", 1)
    assert isinstance(done, Done)


class Mute:
    """A worker that says it is ready and then nothing more, until it is made to end."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self.told: list[str] = []

    def send(self, message: bytes) -> None:
        if isinstance(unpacked(message)[0], Setup):
            self._heard(packed(Ready({})))

    def hang_up(self) -> None:
        self.told.append("hung up")

    def ended(self) -> str:
        self.told.append("ended")
        return "killed by SIGKILL"


class Mutes:
    """An engine of such workers."""

    def __init__(self) -> None:
        self.lines: list[Mute] = []
        self.closed = False

    def start(self, heard: Callable[[bytes], None]) -> Line:
        self.lines.append(Mute(heard))
        return self.lines[-1]

    def close(self) -> None:
        self.closed = True


def test_a_worker_that_falls_silent_is_replaced_and_its_order_unknown(tmp_path: Path) -> None:
    engine = Mutes()
    with Store(tmp_path / "cua.db") as store:
        hands = Workers(engine, Setup("", "board"), store, known(), lambda line: None)
        hands.patience = 0.0
        hands.start(1)
        assert hands.take() is None
        hands.give(Attempt(SKILL, 3))
        done = hands.take()
        hands.close()
    assert done is not None
    assert (done.outcome, done.order) == ("unknown", Attempt(SKILL, 3))
    assert "killed" in done.why
    assert [line.told for line in engine.lines] == [["hung up", "ended"], ["hung up", "ended"]]
    assert engine.closed
