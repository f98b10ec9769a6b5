"""A control's identity is its role, label and place: it outlives other documents, values and numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.core import Box, Element, Observation, Place
from cua.screen import MAIN, Control, Screen, active, called, stable
from drivers.fake import FakeDriver
from drivers.promises import named

_LINE = re.compile(r"( *)(\w+)(?: (?!\[)(.*?))?(?: \[([\w ]*)\])?(?: = (.*))?")


def look(drawn: str) -> Observation:
    """A screen, drawn: two blanks a level, then role, name, [states] and = value. All shows but what is [hidden]."""
    elements: list[Element] = []
    above: list[int] = []
    for number, line in enumerate(filter(str.strip, drawn.splitlines())):
        found = _LINE.fullmatch(line)
        assert found, line
        indent, role, name, states, value = found.groups()
        above = [*above[: len(indent) // 2], number]
        said = set((states or "").split())
        shown = frozenset(said - {"hidden"} | ({"showing"} - ({"showing"} if "hidden" in said else set())))
        box = Box(0, 20 * number, 200, 20) if "showing" in shown else None
        parent = above[-2] if len(above) > 1 else -1
        elements.append(Element(f"e{number}", role, name or "", value, shown, box, parent, actions=("click",)))
    return Observation(Place("quill", elements[0].name if elements else ""), tuple(elements))


def quill(document: str, *, width: str = "4", wrap: str = "checkable", found: int = 2) -> Screen:
    return Screen.of(
        look(f"""
window {document} - Quill
  menubar
    menu View
      menuitemcheckbox Wrap lines [hidden {wrap}]
      menuitem Zoom… [hidden]
  tab {document} [selected]
    textbox [multiline editable] = {document} holds this
  tab Unnamed
  spinbutton Width: = {width}
  button Close
  button Close
dialog Find in “{document}” ({found} found)
  tab Simple [selected]
    checkbox Case [checkable]
  tab Expert
    checkbox Case [checkable]
""")
    )


def headed(menu: str) -> Screen:
    """A window with a button in its header that opens a menu, and the menu [hidden] or not."""
    drawn = look(f"""
window Quill
  button
    button
    menu {menu}
      menuitem Preferences
      menuitemradio Dark [checkable]
  button Close
""")
    told = [
        replace(e, description="Main menu [F10]") if e.role == "button" and not e.name else e for e in drawn.elements
    ]
    return Screen.of(replace(drawn, elements=tuple(told)))


def controls(screen: Screen) -> dict[str, Control]:
    return {control.key: control for control in screen.controls()}


@pytest.mark.parametrize(
    "other",
    [
        quill("letter.txt"),
        quill("*notes 2"),
        quill("notes", width="8"),
        quill("notes", wrap="checkable checked"),
        quill("notes", found=17),
    ],
    ids=["name", "number and mark", "value", "tick", "number in a title"],
)
def test_identities_outlive_documents_numbers_and_values(other: Screen) -> None:
    assert list(other.keys) == list(quill("notes").keys)
    assert set(other.windows) == {MAIN, "dialog:find in  ( found)"}


@given(st.text(max_size=40))
def test_a_title_is_the_same_whatever_the_document_is_called(document: str) -> None:
    assert stable(f"{document} - Quill") == stable("*notes.txt - Quill") == "quill"


def test_a_control_says_where_it_is_and_what_it_is_called() -> None:
    found = controls(quill("notes"))
    zoom = next(control for control in found.values() if control.name == "Zoom")
    assert (zoom.role, zoom.window, zoom.path, zoom.asks) == ("menuitem", MAIN, ("View",), True)
    width = next(control for control in found.values() if control.role == "spinbutton")
    assert (width.name, width.checkable, width.asks) == ("Width", False, False)


def test_controls_of_one_name_are_told_apart() -> None:
    screen = quill("notes")
    names = Counter(control.name for control in screen.controls())
    assert names["Close"] == names["Case"] == 2
    assert [c.path for c in screen.controls() if c.name == "Case"] == [("Simple",), ("Expert",)]
    assert len(screen.keys) == len(screen.key_of)


@given(st.lists(st.sampled_from(["Close", "Open", "", "Close…", "7"]), max_size=12))
def test_each_control_has_a_key_of_its_own(names: list[str]) -> None:
    screen = Screen.of(look("\n".join(["window Quill", *(f"  button {name}".rstrip() for name in names)])))
    assert len(screen.keys) == len(screen.key_of) == len(names)
    assert {screen.keys[key].ref for key in screen.key_of.values()} == set(screen.key_of)


def test_the_members_of_a_combo_box_are_its_options_and_no_controls() -> None:
    screen = Screen.of(
        look("""
window Quill
  combobox Language = English
    menu Languages
      menuitem English
      menuitem French
      menuitem French
  button English
""")
    )
    found = list(screen.controls())
    assert [control.role for control in found] == ["combobox", "button"]
    assert found[0].options == ("English", "French")


def test_tabs_of_documents_are_no_landmarks_and_tabs_of_pages_are() -> None:
    keys = quill("notes").keys
    assert f"{MAIN}||textbox|#0" in keys
    assert [key for key in keys if "|tab|" in key and key.startswith(MAIN)] == []
    assert [name for key in keys if "|tab|" in key for name in [key.rpartition("|")[2]]] == ["Simple", "Expert"]


def test_an_input_is_known_only_while_it_shows() -> None:
    screen = Screen.of(look("window Quill\n  textbox Name [hidden]\n  checkbox Wrap [hidden checkable]"))
    assert [control.name for control in screen.controls()] == ["Wrap"]


def test_ticked_is_told_from_not_ticked_and_from_not_known() -> None:
    screen = Screen.of(look("window Q\n  checkbox A [checkable checked]\n  checkbox B [checkable]\n  checkbox C"))
    keys = [f"{MAIN}||checkbox|{name}" for name in "ABC"]
    assert [screen.checked(key) for key in keys] == [True, False, None]
    assert screen.checked("main||checkbox|gone") is None


def test_what_does_not_show_is_reached_by_the_menu_above_it() -> None:
    screen = quill("notes")
    key = f"{MAIN}|View|menuitem|Wrap lines"
    assert screen.clickable(key).name == "View"
    assert screen.clickable(f"{MAIN}||spinbutton|Width").role == "spinbutton"


def test_a_menu_entry_keeps_its_identity_when_it_gets_a_tick() -> None:
    plain, ticked = (
        Screen.of(look(f"window Q\n  menu View\n    {role} Wrap")) for role in ("menuitem", "menuitemcheckbox")
    )
    assert plain.keys.keys() == ticked.keys.keys()


@pytest.mark.parametrize(
    ("drawn", "front"),
    [
        ("window A [active]\ndialog B\nalert C [modal]\ndialog D [active]", "C"),
        ("window A\nwindow B [active]\ndialog C", "B"),
        ("window A\ndialog B\nwindow C", "B"),
        ("window A\nwindow B", "B"),
    ],
    ids=["modal", "active", "dialog", "last"],
)
def test_one_window_takes_the_input(drawn: str, front: str) -> None:
    found = active(look(drawn))
    assert found is not None
    assert found.name == front


def test_an_empty_screen_has_no_window_and_no_controls() -> None:
    screen = Screen.of(Observation(Place("quill"), ()))
    assert (screen.window, dict(screen.windows), list(screen.controls())) == ("", {}, [])


def test_a_screen_of_a_driver_is_the_same_until_something_is_done() -> None:
    driver = FakeDriver()
    first, second = (Screen.of(driver.observe()) for _ in range(2))
    assert first.keys == second.keys
    assert screen_names(first) >= {"View", "Notifications", "Name", "Password", "Note", "Save", "Export"}
    assert named("checkbox", "Notifications")(driver.observe()) == first.keys[f"{MAIN}||checkbox|Notifications"]


def screen_names(screen: Screen) -> set[str]:
    return {control.name for control in screen.controls()}


def test_a_popover_is_a_window_while_it_is_open_and_holds_nothing_while_it_is_closed() -> None:
    closed, open_ = headed("[hidden]"), headed("")
    assert set(closed.windows) == {MAIN}
    assert set(closed.keys) == {"main||button|Main menu", "main||button|Close"}
    assert set(open_.windows) == {MAIN, "popover:main menu"}
    assert open_.window == "popover:main menu"
    assert set(open_.keys) - set(closed.keys) == {
        "popover:main menu|Main menu|menuitem|Preferences",
        "popover:main menu|Main menu|menuitem|Dark",
    }


@pytest.mark.parametrize(
    ("name", "description", "said"),
    [
        ("Save…", "Write it", "Save"),
        ("", "<p style='white-space:pre'>Next (F3)</p>", "Next"),
        ("", "Clear display [Escape]", "Clear display"),
        ("", "Print (two pages a sheet)", "Print (two pages a sheet)"),
        ("", "A whole sentence that explains at length what this is for", ""),
        ("", "", ""),
    ],
)
def test_what_bears_no_label_is_called_by_its_short_tooltip(name: str, description: str, said: str) -> None:
    assert called(Element("e", "button", name, description=description)) == said
