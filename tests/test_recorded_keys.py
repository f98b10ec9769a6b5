"""Where typed text and keys are said to go: the cell of a table, the window that has the keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import Action, Box, Effect, Element, Observation, Place, Press, Run, Step, Task, Type
from cua.errors import UsageError
from cua.policies import keyboard
from cua.record.cells import Cells
from cua.record.compile import RECORDED, compile
from cua.record.deeds import Deed
from cua.record.params import Params


def sheet(*, current: str = "", heads: tuple[str, ...] = (), held: str = "") -> tuple[Observation, dict[str, Element]]:
    """A table of two rows and columns that has the keyboard, beside it a field that names its current cell. The cells
    in `held` hold "7".
    """
    shown = frozenset({"showing"})
    top = Element("w", "window", "Calc", None, shown | {"active"})
    table = Element("t", "table", "Sheet Sheet1", None, shown | {"focused", "editable"}, parent=0)
    box = Element("n", "textbox", "", current, shown | {"editable"}, parent=0)
    header = [
        Element(f"h{n}", "columnheader", head, None, shown, Box(80 * n, 0, 80, 20), 2) for n, head in enumerate(heads)
    ]
    places = {f"{column}{row}": (n, row) for n, column in enumerate("AB") for row in (1, 2)}
    cells = {
        name: Element(name, "cell", name, "7" if name in held.split() else "", shown, Box(80 * n, 20 * row, 80, 20), 2)
        for name, (n, row) in places.items()
    }
    return Observation(Place("calc"), (top, box, table, *header, *cells.values())), {"table": table, **cells}


def named(now: Observation, where: Element, *later: Observation, clicked: str = "", keyed: bool = False) -> str:
    """How the cell is called that "7" is typed into, with the looks that come later."""
    deed = Deed(1, Type("7"), now, later[0] if later else None, Effect("confirmed"))
    cell = next((e for e in now.elements if clicked and e.name == clicked), None)
    return Cells((now, *later), (deed,), cell, keyed).name("7", where, deed)


def test_a_cell_is_called_by_its_header_or_its_address() -> None:
    now, known = sheet(current="B2")
    assert named(now, known["table"]) == "B2"
    assert named(now, known["table"], clicked="A1") == "A1"  # the look is from before that click
    now, known = sheet()
    assert named(now, known["table"], clicked="A1") == "A1"
    assert named(now, known["table"]) == ""
    now, known = sheet(current="A2", heads=("Item", "Unit price"))
    assert named(now, known["B1"]) == "Unit price"
    assert named(now, known["table"]) == "Item"
    params = Params()
    said = [params.typed(text, known["table"], now, name) for text, name in (("7", "B2"), ("8", "B2"), ("9", ""))]
    assert said == ["${b2}", "${b2_2}", "${sheet_sheet1}"]
    assert params.params[0].label == "B2"


def test_a_cell_that_keys_went_on_to_is_not_called_after_the_one_before() -> None:
    """The look before is from before the keys; what comes later shows where the text went."""
    now, known = sheet(current="A1")
    went_on, _ = sheet(current="A2", held="A2")
    assert named(now, known["table"], keyed=True) == ""
    assert named(now, known["table"], sheet(current="A2")[0], keyed=True) == ""
    assert named(now, known["table"], went_on, keyed=True) == "A2"
    assert named(now, known["table"], sheet(current="B1")[0], went_on, keyed=True) == "A2"
    seen, there = sheet(current="A2")
    assert named(seen, there["table"], sheet(current="A2", heads=("Item",))[0], keyed=True) == "A2"


def test_one_text_in_two_cells_is_called_after_both() -> None:
    """Though every look came late."""
    looks = [sheet(current="A1")[0], sheet(current="A2", held="A1")[0], sheet(current="B1", held="A1 A2")[0]]
    acts: tuple[Action, ...] = (Type("7"), Press("Return"), Type("7"), Press("Return"))
    seen = (looks[0], looks[0], looks[0], looks[1])
    steps = tuple(Step(now, act, Effect("confirmed")) for now, act in zip(seen, acts, strict=True))
    made = compile(Run("r", Task(RECORDED, "shown"), steps, looks[2]), "shown", on="calc")
    assert [param.name for param in made.workflow.params] == ["a1", "a2"]


@pytest.mark.parametrize("role", ["table", "group"])
def test_what_comes_and_goes_around_a_sheet_while_a_cell_is_edited_is_not_expected(role: str) -> None:
    now, _ = sheet(current="A1")
    now = replace(now, elements=tuple(replace(e, role=role) if e.role == "table" else e for e in now.elements))
    button = Element("b", "button", "Accept", None, frozenset({"showing"}), Box(300, 0, 20, 20), 0)
    after = replace(now, elements=(*now.elements, button))
    made = compile(
        Run("r", Task(RECORDED, "shown"), (Step(now, Press("F2"), Effect("confirmed")),), after), "x", on="c"
    )
    (act,) = made.workflow.acts()
    assert bool(act.expect) == (role == "group")


@pytest.mark.parametrize("note", ["", "no accessibility in window 'Other': only its picture can be seen"])
def test_keys_are_for_a_window_that_is_known_to_have_them(note: str) -> None:
    def top(title: str, *states: str) -> Element:
        return Element(title, "window", title, None, frozenset({"showing", *states}))

    assert keyboard.window(Observation(Place("a"), (top("One"), top("Two", "active")), note=note)) == top(
        "Two", "active"
    )
    assert keyboard.window(Observation(Place("a"), (top("One"), top("Two")), note=note)) is None
    sole = keyboard.window(Observation(Place("a"), (top("One"),), note=note))
    assert sole == (None if note else top("One"))
    step = Step(Observation(Place("a"), (top("One"), top("Two"))), Press("ctrl+s"), Effect("confirmed"))
    with pytest.raises(UsageError, match="which window"):
        compile(Run("r", Task(RECORDED, "shown"), (step,), step.seen), "shown", on="desktop")
