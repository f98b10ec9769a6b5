"""What the web recorder promises of widgets that pages make themselves, with a person at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cua.core import Click, Fill, Point
from drivers.web_recorder import WebRecorder
from tests.served import pages, serving
from tests.web_person import Watched, shared
from tests.widget_pages import CODE, HOVER, KEYS, OVER, RADIO, RICH, SLIDER, SLOTTED, TABLE

__all__ = ["shared"]  # fixtures

PAGES = {"/slider": SLIDER, "/rich": RICH, "/table": TABLE, "/radio": RADIO, "/keys": KEYS}
PAGES |= {"/hover": HOVER, "/code": CODE, "/slotted": SLOTTED, "/over": OVER}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    shown = {path: f"<!doctype html><title>Page</title><body>{body}</body>" for path, body in PAGES.items()}
    with serving(pages(shown.get)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def person(shared: WebRecorder, site: str) -> Watched:
    return Watched(shared, site)


def test_where_a_slider_was_clicked_is_the_value_that_it_took(person: Watched) -> None:
    page = person.at("/slider").page
    page.locator("#rail").click(position={"x": 81, "y": 18})
    page.get_by_role("button", name="Loud").click()
    page.get_by_text("Beside it").click()
    said = person.said()
    assert said[:2] == [("fill", "Volume", "40"), ("click", "button", "Loud")]
    assert len(said) == 3
    assert said[2][0] == "click"


def test_what_is_typed_on_after_a_part_was_made_bold_is_typed_on_and_not_filled_in_anew(person: Watched) -> None:
    page = person.at("/rich").page
    page.get_by_label("Body").click()
    page.keyboard.type("Dear ")
    page.get_by_role("button").click()
    page.keyboard.type("you")
    page.get_by_role("button").click()
    page.get_by_label("Body").click()
    page.keyboard.type("!")
    assert person.said() == [
        ("fill", "Body", "Dear "),
        ("click", "button", "Bold"),
        ("type", "you"),
        ("click", "button", "Bold"),
        ("fill", "Body", "Dear you!"),
    ]


def test_what_is_clicked_in_a_cell_is_told_by_itself_and_the_text_of_a_cell_stands_for_the_cell(
    person: Watched,
) -> None:
    page = person.at("/table").page
    page.get_by_text("Delete").first.click()
    page.get_by_text("Lamp").dblclick()
    assert person.said() == [("click", "generic", "Delete"), ("click", "cell", "Lamp", 2)]


def test_a_label_stands_for_a_radio_button_without_a_size(person: Watched) -> None:
    person.at("/radio").page.get_by_text("Bug").click()
    assert person.said() == [("click", "radio", "Bug")]


def test_a_look_says_where_the_focus_went_though_nothing_else_changed(person: Watched) -> None:
    page = person.at("/keys").page
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    *_, step = person.steps(2)
    assert [each.name for each in step.seen.elements if {"focused"} <= each.states and each.role == "button"] == ["One"]


def test_what_a_menu_shows_under_the_pointer_is_told_and_not_what_lies_below(person: Watched) -> None:
    page = person.at("/hover").page
    for _ in range(2):
        page.get_by_text("Actions").hover()
        page.get_by_text("Archive all").click()
        page.mouse.move(600, 600)
    assert person.said() == [("click", "link", "Archive all")] * 2


def test_a_place_where_something_else_lies_is_one_that_says_nothing(person: Watched) -> None:
    person.at("/over").page.mouse.click(80, 80)
    (step,) = person.steps()
    assert isinstance(step.action, Click)
    assert isinstance(step.action.target, Point)
    assert step.effect.kind == "unverified"
    assert "'Remove everything' lies there" in step.effect.reason


def test_each_digit_of_a_code_is_a_secret_of_its_own_and_no_label_is_veiled(person: Watched) -> None:
    page = person.at("/code").page
    for n, digit in enumerate("2242", 1):
        page.get_by_label(f"Digit {n}").click()
        page.keyboard.type(digit)
    found = [step.action for step in person.steps(4)]
    assert [each.target.name for each in found if isinstance(each, Fill)] == [f"Digit {n}" for n in range(1, 5)]
    assert all("#" not in each.text and "2" not in each.text for each in found if isinstance(each, Fill))


def test_a_label_that_is_put_into_a_slot_is_the_name(person: Watched) -> None:
    person.at("/slotted").page.get_by_text("Public").click()
    assert person.said() == [("click", "checkbox", "Public")]
