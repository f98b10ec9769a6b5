"""What is expected after a step: never what goes on by itself."""

from __future__ import annotations

import pytest

from cua.core import Observation, Press, Type
from cua.policies.expected import filled_expect, met
from cua.record.expecting import Doubts, Shown, expectations, restless
from cua.record.params import Params
from tests.looks import look
from tests.test_screen import look as drawn


def test_a_message_that_goes_on_by_itself_is_relied_on_by_nothing() -> None:
    def looks(role: str, *names: str) -> tuple[Observation, ...]:
        return tuple(look("People", (role, name)) for name in names)

    assert restless(looks("status", "Tick", "Tick a"))
    assert not restless(looks("status", "", "Saved", "Saved"))
    assert not restless(looks("button", "Sort", "Sort downwards"))  # an act may have led to it


SHEET = """
window Budget
  table Sheet1
    cell A1 = {}
    cell A2 = {}
    cell A3 = 12
"""


def test_a_cell_that_a_key_ends_is_known_as_well() -> None:
    params, before = Params(), drawn(SHEET.format("", ""))
    wrote = ("Re", params.typed("Re", before.elements[1], before, "A1"))
    shown = Shown(Press("Return"), None, before, drawn(SHEET.format("Re", "")), wrote=wrote)
    (found,) = expectations(shown, params, Doubts())
    assert not met(filled_expect(found, {"a1": "Re"}), drawn(SHEET.format("Rent", "")))


@pytest.mark.parametrize(("given", "shows"), [("Rent", "Rent"), ("1200", "1,200.00")])
def test_a_cell_of_a_sheet_must_hold_what_was_typed_into_it(given: str, shows: str) -> None:
    params, before = Params(), drawn(SHEET.format("", ""))
    text = params.typed("12\n", before.elements[1], before, "A1")
    shown = Shown(Type("12\n"), before.elements[1], before, drawn(SHEET.format("12", "")))
    (found,) = expectations(shown, params, Doubts(), text=text)
    assert (found.kind, found.role, found.name, found.value) == ("holds", "cell", "A1", "${a1}")
    asked = filled_expect(found, {"a1": given})
    assert met(asked, drawn(SHEET.format(shows, "")))
    assert not met(asked, drawn(SHEET.format("", shows)))
    assert not met(asked, drawn(SHEET.format("120", "")))
