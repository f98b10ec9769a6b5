"""What was typed into a field is what is filled in another time, also where the next look still showed the old text."""

from __future__ import annotations

from cua.core import Action, Effect, Fill, Observation, Press, Type
from cua.record.deeds import Deed
from cua.record.fields import filled
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
