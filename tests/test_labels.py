"""A label belongs to the input beside or below it, and a word for programs is nobody's name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cua.core import Box
from drivers.labels import is_id, is_one_of, nearby


@dataclass
class Thing:
    role: str
    name: str
    box: Box | None
    window: int = 0


FIELD = Thing("combobox", "", Box(200, 100, 80, 30))


def test_the_nearest_text_to_the_left_is_the_label() -> None:
    far, near = Thing("text", "Far:", Box(10, 105, 40, 20)), Thing("text", "Near:", Box(100, 105, 90, 20))
    assert nearby(FIELD, [far, near, FIELD]) == "Near"


def test_a_text_beyond_another_input_is_that_ones_label() -> None:
    text, other = Thing("text", "Encoding:", Box(10, 105, 60, 20)), Thing("combobox", "", Box(80, 100, 90, 30))
    assert nearby(other, [text, other, FIELD]) == "Encoding"
    assert nearby(FIELD, [text, other, FIELD]) == ""


def test_a_tick_close_by_is_the_label_of_what_it_switches() -> None:
    assert nearby(FIELD, [Thing("checkbox", "Margin at:", Box(20, 105, 170, 20)), FIELD]) == "Margin at"
    assert nearby(FIELD, [Thing("checkbox", "Margin at:", Box(20, 105, 90, 20)), FIELD]) == ""


def test_a_sign_alone_is_no_label() -> None:
    assert nearby(FIELD, [Thing("text", "×", Box(180, 105, 10, 20)), FIELD]) == ""


@pytest.mark.parametrize("name", ["small-toolbar", "Small Toolbar", "small_toolbar"])
def test_a_name_that_stands_for_an_option_is_known(name: str) -> None:
    assert is_one_of(name, ["Menu", "Small Toolbar"])
    assert not is_one_of(name, ["Toolbar", "Small"])


@pytest.mark.parametrize(("name", "an_id"), [("icons", True), ("en_US", True), ("3", True), ("Font name", False)])
def test_words_for_programs_are_told_from_words_for_people(name: str, an_id: bool) -> None:
    assert is_id(name) == an_id
