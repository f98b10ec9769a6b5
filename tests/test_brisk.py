"""Looks in quick succession: what shows is told as a whole look tells it, whatever was done in between."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import cast

import pytest

from cua.core import Action, Click, Effect, Element, Move, Observation, Place, Point, Press, Type, Wait
from cua.errors import TimedOut
from drivers.brisk import Brisk, Sparing
from drivers.desktop import Desktop
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.sandboxes import installed, sandboxed, whole
from tests.waiting import LIMIT, awaited

SOON = 2.0  # seconds; less than those after which a brisk look is a whole one anyway


@pytest.fixture(scope="module", params=["editor", "spreadsheet"])
def box(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """An app that gives its nodes in bulk, and one that must be walked."""
    app = installed()
    if request.param == "spreadsheet":
        if shutil.which("libreoffice") is None:
            pytest.skip("no libreoffice; install the Debian package libreoffice-calc")
        app = App("spreadsheet", ("libreoffice", "--calc", "--norestore", "--nologo"))
    least = 100 if request.param == "spreadsheet" else 1

    def ready() -> bool:
        now = made.driver.observe(frame=False)
        if dialogs(now):
            made.driver.act(Press("Escape"))
        return len(now.elements) >= least and not dialogs(now)

    with sandboxed(app) as made:
        awaited(ready, "the app alone, without a dialog")
        yield made


def dialogs(now: Observation) -> list[Element]:
    return [e for e in now.elements if e.role in ("dialog", "filechooser") and "showing" in e.states]


def shown(now: Observation) -> list[tuple[str, str, str | None, frozenset[str]]]:
    """What shows and can be told apart, without where it is."""
    return sorted(
        (e.role, e.name, e.value, e.states) for e in now.elements if "showing" in e.states and e.role != "tooltip"
    )


def first(now: Observation, *roles: str) -> Element:
    return next(e for role in roles for e in now.elements if e.role == role and e.box and "showing" in e.states)


@pytest.mark.parametrize("frame", [False, True], ids=["blind", "with pictures"])
@pytest.mark.parametrize("kind", [Brisk, Sparing])
def test_a_brisk_look_shows_what_a_whole_look_shows(box: Namespace, kind: type[Brisk | Sparing], frame: bool) -> None:
    brisk, judge = kind(box.driver), box._connect()  # eyes of its own: its looks tell the other one nothing
    start = brisk.observe(frame=frame)
    acts: list[Action] = [
        Click(first(start, "cell", "textbox")), Type("12\n"), Type("and more\n"), Press("ctrl+z"),
        Click(first(start, "menu")), Press("Escape"), Press("F10"), Press("Escape"),
    ]  # fmt: skip
    try:
        for act in acts:
            brisk.act(act)
            limit, before = time.monotonic() + SOON, shown(whole(judge))
            while (now := shown(brisk.observe(frame=frame))) != (real := shown(whole(judge))):
                still = before == real  # else it changed between the two looks, which says nothing of them
                assert not still or time.monotonic() < limit, f"after {act}: {set(now) ^ set(real)}"
                assert time.monotonic() < limit + LIMIT, f"after {act}, no rest: {set(now) ^ set(real)}"
                before = real
    finally:
        judge.close()


def test_a_brisk_look_is_told_of_a_window_at_once(box: Namespace) -> None:
    brisk = Brisk(box.driver)
    brisk.observe(frame=False)
    brisk.act(Press("ctrl+o"))
    awaited(lambda: dialogs(brisk.observe(frame=False)), "a dialog")
    brisk.act(Press("Escape"))
    awaited(lambda: not dialogs(brisk.observe(frame=False)), "no dialog")


class Eyes:
    """Stands for a desktop of which nothing is told: it notes which looks leave out nothing."""

    def __init__(self) -> None:
        self.whole: list[bool] = []
        self.effect = Effect("confirmed")

    def observe(self, *, frame: bool, whole: bool) -> Observation:
        self.whole.append(whole)
        return Observation(Place("app"), ())

    def act(self, action: Action, *, patient: bool = True) -> Effect:
        if isinstance(action, Move):
            raise TimedOut("the pointer did not come")
        return self.effect


def test_what_came_untold_is_seen_by_who_waits_for_it() -> None:
    eyes = Eyes()
    brisk = Brisk(cast(Desktop, eyes))

    def waited() -> bool:
        brisk.act(Wait(0.01))
        brisk.observe()
        return eyes.whole[-1]

    brisk.observe()
    brisk.act(Press("a"))
    brisk.observe()
    assert eyes.whole == [False, False]
    awaited(waited, "a whole look")
    assert not waited(), "one is enough for a while"
    awaited(waited, "another whole look")
    brisk.act(Press("a"))
    brisk.observe()
    assert not eyes.whole[-1], "an act ends the waiting"


def test_a_sparing_look_leaves_something_out_only_after_an_act_that_told_of_its_effect() -> None:
    eyes = Eyes()
    sparing = Sparing(cast(Desktop, eyes))
    sparing.observe()
    sparing.act(Press("a"))
    sparing.observe()
    assert eyes.whole == [True, False]
    sparing.act(Wait(0.01))
    sparing.observe()
    eyes.effect = Effect("unverified", "nothing was told")
    sparing.act(Press("a"))
    sparing.observe()
    with pytest.raises(TimedOut):
        sparing.act(Move(Point(1, 1)))
    sparing.observe()
    assert eyes.whole[2:] == [True, True, True]
