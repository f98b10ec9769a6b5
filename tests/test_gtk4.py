"""What GTK 4 tells otherwise than it is: foreign acts, doubled labels, places in popovers."""

from __future__ import annotations

import pytest

from cua.core import Box
from drivers.bus import Reply
from drivers.gtk4 import has_own, once, popped_up
from drivers.nodes import Node
from drivers.rows import Row, within


def row(path: str, role: str, parent: int, box: Box | None = None, name: str = "") -> Row:
    node = Node("app", path, "", 0, 0, frozenset(), name, 0, "", 0, 0)
    return Row(node, role, parent, (), True, 0, False, box, name)


@pytest.mark.parametrize(
    ("offered", "own"),
    [([("Click", "Clicks the button", "")], True), ([("win.close", "win.close", "")], False), ([], False)],
)
def test_a_command_of_the_window_is_no_act_of_the_widget(offered: list[tuple[str, str, str]], own: bool) -> None:
    assert has_own(Reply((offered,))) == own


@pytest.mark.parametrize(
    ("told", "name"), [("7 7", "7"), ("Copy Text Copy Text", "Copy Text"), ("no yes", "no yes"), ("", ""), ("a", "a")]
)
def test_a_label_told_twice_is_one(told: str, name: str) -> None:
    assert once(told) == name


def test_what_a_popover_holds_is_where_its_popup_is() -> None:
    rows = [
        row("/w", "window", -1, Box(0, 0, 700, 500)),
        row("/b", "button", 0, Box(500, 10, 30, 30)),
        row("/m", "menu", 1, Box(500, 10, 260, 580)),
        row("/i", "menuitem", 2, Box(510, 60, 240, 30)),
        row("/c", "button", 0, Box(600, 10, 30, 30)),
    ]
    places = {r.node.path: (100, 40) for r in rows}
    popped_up(rows, places, (Box(0, 0, 5, 5), Box(480, 90, 260, 580)))
    assert places == {"/w": (100, 40), "/b": (100, 40), "/m": (-20, 80), "/i": (-20, 80), "/c": (100, 40)}


def test_a_tick_has_the_name_of_its_row_and_of_no_other() -> None:
    rows = [
        row("/l", "listbox", -1, name="Fonts"),
        row("/r", "option", 0, name="Custom font"),
        row("/g", "generic", 1),
        row("/t", "checkbox", 2),
        row("/u", "checkbox", 0),
    ]
    assert [within(found, rows) for found in rows[3:]] == ["Custom font", ""]
