"""What was typed into a field is what is filled in another time, also where the next look still showed the old text."""

from __future__ import annotations

import pytest

from cua.core import Action, Effect, Fill, Observation, Press, Type
from cua.record.deeds import Deed
from cua.record.fields import filled
from cua.record.params import Params
from drivers.hits import Screen
from drivers.secret_fields import Repeated
from drivers.typed import Look, Typing
from tests.test_screen import look

SAVE = """
window Save as
  textbox Name [editable focused] = {}
"""


def typed(*steps: tuple[Action, str]) -> list[Action]:
    """What a recording becomes that begins with "Untitled 1"; each step is an act, and what the look after it shows."""
    looks = [look(SAVE.format(text)) for text in ("Untitled 1", *(shown for _, shown in steps))]

    def deed(at: int, action: Action, before: Observation, after: Observation) -> Deed:
        return Deed(at, action, before, after, Effect("unverified", ""))

    acts = (action for action, _ in steps)
    return [each.action for each in filled(list(map(deed, range(1, 9), acts, looks, looks[1:])))]


def test_a_look_that_came_before_the_text_does_not_make_the_old_text_the_value() -> None:
    (fill,) = typed((Press("ctrl+a"), "Untitled 1"), (Type("cells"), "Untitled 1"))
    assert isinstance(fill, Fill)
    assert fill.text == "cells"


def test_where_it_is_not_known_what_became_of_the_text_it_stays_as_it_was_typed() -> None:
    acts = typed((Press("ctrl+a"), "Untitled 1"), (Type("cels"), "Untitled 1"), (Press("BackSpace"), "Untitled 1"))
    assert not any(isinstance(act, Fill) for act in acts)


def test_a_look_from_before_the_last_key_does_not_cut_the_text() -> None:
    (fill,) = typed((Press("ctrl+a"), "Untitled 1"), (Type("budget.ods"), "budget.od"))
    assert isinstance(fill, Fill)
    assert fill.text == "budget.ods"
    acts = typed((Press("ctrl+a"), "Untitled 1"), (Type("celss"), "celss"), (Press("BackSpace"), "celss"))
    assert not any(isinstance(act, Fill) for act in acts)


def test_what_a_program_adds_to_the_text_is_part_of_it() -> None:
    (fill,) = typed((Press("ctrl+a"), "Untitled 1"), (Type("budg"), "budget.ods"))
    assert isinstance(fill, Fill)
    assert fill.text == "budget.ods"


@pytest.mark.parametrize(("shown", "said"), [("budget.od", ""), ("budget.ods", "budget.ods")])
def test_a_field_that_tells_of_its_last_key_late_does_not_cut_the_text(shown: str, said: str) -> None:
    before, after = (look(SAVE.format(text)) for text in ("Untitled 1", shown))
    typing = Typing(Look(Screen(before, (), lambda _: 0), 0.0, 0.1), 0.2, Repeated(), fresh=True)
    typing.edit("ctrl+a", 0.2)
    typing.add("budget.ods", 0.3)
    acts = [act for act, _ in typing.acts(Look(Screen(after, (), lambda _: 0), 0.31, 0.4))]
    assert [act.text for act in acts if isinstance(act, Fill)] == [said][: len(said)]
    assert said or acts == [Press("ctrl+a"), Type("budget.ods")]


def test_a_text_that_was_mended_is_what_the_field_then_holds() -> None:
    (fill,) = typed((Press("ctrl+a"), "Untitled 1"), (Type("celss"), "celss"), (Press("BackSpace"), "cels"))
    assert isinstance(fill, Fill)
    assert fill.text == "cels"


def test_what_was_given_and_is_then_looked_up_is_one_value() -> None:
    now = look("window Visits\n  textbox Patient [editable]\n  textbox City [editable]\n  searchbox Find [editable]\n")
    patient, city, find = (e for e in now.elements if "editable" in e.states)
    params = Params()
    assert [params.typed("Mia Arp", where, now) for where in (patient, find)] == ["${patient}", "${patient}"]
    assert params.typed("Mia Arp", city, now) == "${city}"  # another field asks for another thing
    assert params.typed("Mia Arp", find, now) == "${find}"  # and of two it is not known which was looked up
