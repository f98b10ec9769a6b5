"""What the web driver promises of widgets that pages make themselves: what they are called, and how they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cua.core import Click, Drag, Effect, Element, Fill, Observation, Wait
from drivers.web import Web
from tests.browsers import browsing, looks
from tests.widget_pages import CARDS, GLIDE, SLIDER, STOOD_FOR, TABLE


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with browsing() as made:
        yield made


@pytest.fixture
def shown(web: Web, tmp_path: Path) -> Callable[[str], Observation]:
    return looks(web, tmp_path)


def of(now: Observation, role: str, name: str) -> Element:
    return next(each for each in now.elements if (each.role, each.name) == (role, name))


def output(web: Web) -> str:
    return next(each.name for each in web.observe(frame=False).elements if each.role == "status")


@pytest.mark.parametrize("value", ["70", "0", "100"])
def test_a_slider_of_a_page_is_moved_by_its_keys(web: Web, shown: Callable[[str], Observation], value: str) -> None:
    knob = of(shown(SLIDER), "slider", "Volume")
    assert web.act(Fill(knob, value)) == Effect("confirmed")
    assert of(web.observe(frame=False), "slider", "Volume").value == value


def test_a_slider_takes_only_what_it_can_stand_at(web: Web, shown: Callable[[str], Observation]) -> None:
    knob = of(shown(SLIDER), "slider", "Volume")
    assert web.act(Fill(knob, "170")).kind == "refused"
    assert of(web.observe(frame=False), "slider", "Volume").value == "0"
    assert web.act(Fill(knob, "33")).kind == "unverified"


def test_a_drag_gives_the_page_time_to_lift_and_to_follow(web: Web, shown: Callable[[str], Observation]) -> None:
    now = shown(CARDS)
    web.act(Drag(of(now, "button", "Card"), of(now, "button", "Goal")))
    assert output(web) == "dropped"


def test_a_cell_is_clicked_where_its_text_is(web: Web, shown: Callable[[str], Observation]) -> None:
    web.act(Click(of(shown(TABLE), "cell", "Lamp"), count=2))
    assert web.observe(frame=False).place.window == "edited"


def test_what_glides_to_its_place_is_waited_for(web: Web, shown: Callable[[str], Observation]) -> None:
    web.act(Click(of(shown(GLIDE), "button", "Go")))
    web.act(Wait(2.0))
    assert output(web) == "there"


def test_a_widget_is_called_after_the_hidden_field_that_it_stands_for(shown: Callable[[str], Observation]) -> None:
    now = shown(STOOD_FOR)
    boxes = [each for each in now.elements if each.role == "combobox"]
    assert [at.value for each in boxes for at in each.locators if at.kind == "beside"] == ["City"]
    assert len(boxes) == 1


def test_a_button_that_stays_pressed_is_one_that_is_on(shown: Callable[[str], Observation]) -> None:
    now = shown(STOOD_FOR)
    assert {"checkable", "checked"} <= of(now, "button", "Bold").states
    assert "checkable" not in of(now, "button", "Plain").states
