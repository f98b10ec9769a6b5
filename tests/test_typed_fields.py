"""What was typed into a field is what is filled in another time, also where the next look still showed the old text."""

from __future__ import annotations

from cua.core import Action, Effect, Fill, Observation, Press, Type
from cua.record.deeds import Deed
from cua.record.fields import filled
from cua.record.params import Params
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
