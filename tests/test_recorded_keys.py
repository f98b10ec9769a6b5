"""Where typed text and keys are said to go: the cell of a table, the window that has the keyboard."""

from __future__ import annotations

import pytest

from cua.core import Box, Effect, Element, Observation, Place, Press, Run, Step, Task
from cua.errors import UsageError
from cua.policies import keyboard
from cua.record.cells import cell_name
from cua.record.compile import RECORDED, compile
from cua.record.params import Params


def sheet(*, current: str = "", heads: tuple[str, ...] = ()) -> tuple[Observation, dict[str, Element]]:
    """A table of two rows and columns that has the keyboard, beside it a field that names its current cell."""
    shown = frozenset({"showing"})
    table = Element("t", "table", "Sheet Sheet1", None, shown | {"focused", "editable"})
    box = Element("n", "textbox", "", current, shown | {"editable"})
    top = [
        Element(f"h{n}", "columnheader", head, None, shown, Box(80 * n, 0, 80, 20), 1) for n, head in enumerate(heads)
    ]
    places = {f"{column}{row}": (n, row) for n, column in enumerate("AB") for row in (1, 2)}
    cells = {
        name: Element(name, "cell", name, "", shown, Box(80 * n, 20 * row, 80, 20), 1)
        for name, (n, row) in places.items()
    }
    return Observation(Place("calc"), (box, table, *top, *cells.values())), {"table": table, **cells}


def test_a_cell_is_called_by_its_header_or_its_address() -> None:
    now, known = sheet(current="B2")
    assert cell_name(known["table"], now, None) == "B2"
    assert cell_name(known["table"], now, known["A1"]) == "B2"  # the keyboard went on since that was clicked
    now, known = sheet()
    assert cell_name(known["table"], now, known["A1"]) == "A1"
    assert cell_name(known["table"], now, None) == ""
    now, known = sheet(current="A2", heads=("Item", "Unit price"))
    assert cell_name(known["B1"], now, None) == "Unit price"
    assert cell_name(known["table"], now, None) == "Item"
    params = Params()
    said = [params.typed(text, known["table"], now, name) for text, name in (("7", "B2"), ("8", "B2"), ("9", ""))]
    assert said == ["${b2}", "${b2_2}", "${sheet_sheet1}"]
    assert params.params[0].label == "B2"


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
