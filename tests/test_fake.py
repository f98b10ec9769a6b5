"""The fake program behaves as a program does, and its world changes with it."""

from __future__ import annotations

import pytest

from cua.core import (
    Box,
    Change,
    Click,
    Drag,
    Element,
    Fill,
    Invoke,
    Observation,
    Open,
    Point,
    Press,
    Scroll,
    Type,
    World,
)
from cua.errors import SandboxError, TargetGone, UsageError
from drivers.fake import HIDDEN, NOTE, SETTINGS_FILE, FakeDriver
from drivers.promises import named


@pytest.fixture
def driver() -> FakeDriver:
    return FakeDriver()


def find(driver: FakeDriver, role: str, name: str) -> Element:
    return named(role, name)(driver.observe(frame=False))


def names(seen: Observation) -> set[str]:
    return {element.name for element in seen.elements}


def test_a_check_box_changes_a_setting_that_the_world_shows(driver: FakeDriver) -> None:
    assert "checked" in find(driver, "checkbox", "Notifications").states
    effect = driver.act(Click(find(driver, "checkbox", "Notifications")))
    assert effect.kind == "confirmed"
    assert "checked" not in find(driver, "checkbox", "Notifications").states
    assert driver.world.changes().settings == {f"{SETTINGS_FILE}#settings.notify": Change("true", "false")}
    assert b"notify=false\n" in driver.world.read(SETTINGS_FILE)


def test_a_menu_opens_acts_and_closes(driver: FakeDriver) -> None:
    assert "Word wrap" not in names(driver.observe())
    driver.act(Invoke(find(driver, "menuitem", "View")))
    wrap = find(driver, "menuitemcheckbox", "Word wrap")
    driver.act(Click(wrap))
    assert driver.world.settings["wrap"] == "true"
    assert "Word wrap" not in names(driver.observe())
    with pytest.raises(TargetGone, match="no longer"):
        driver.act(Click(wrap))
    assert driver.world.settings["wrap"] == "true"


def test_a_dialog_must_be_answered_first(driver: FakeDriver) -> None:
    driver.act(Fill(find(driver, "textbox", "Name"), "Ada"))
    driver.act(Click(find(driver, "menuitem", "View")))
    driver.act(Click(find(driver, "menuitem", "Clear…")))
    box = find(driver, "checkbox", "Notifications")
    with pytest.raises(TargetGone, match="behind a dialog"):
        driver.act(Click(box))
    assert box.box is not None
    assert driver.act(Click(box.box.centre)).kind == "no_effect"
    assert driver.world.changes().windows == {"Clear everything?": "opened"}
    assert driver.observe().place.window == "Clear everything?"
    driver.act(Click(find(driver, "button", "Cancel")))
    assert driver.world.settings["name"] == "Ada"
    driver.act(Click(find(driver, "menuitem", "View")))
    driver.act(Click(find(driver, "menuitem", "Clear…")))
    driver.act(Click(find(driver, "button", "Clear")))
    assert driver.world.changes().keys() == frozenset()


def test_keys_move_the_focus_select_and_save(driver: FakeDriver) -> None:
    driver.act(Click(find(driver, "textbox", "Name")))
    driver.act(Type("one\ttwo\tthree\nlines"))
    driver.act(Press("ctrl+s"))
    assert driver.world.read(NOTE) == b"three\nlines"
    driver.act(Press("ctrl+a"))
    driver.act(Type("new"))
    driver.act(Press("BackSpace"))
    assert find(driver, "textbox", "Note").value == "ne"
    assert find(driver, "textbox", "Password").value == HIDDEN
    assert driver.world.settings["name"] == "one"


def test_a_click_on_a_point_hits_what_is_drawn_there(driver: FakeDriver) -> None:
    box = find(driver, "checkbox", "Notifications").box
    assert box is not None
    assert driver.act(Click(box.centre)).kind == "confirmed"
    assert driver.world.settings["notify"] == "false"
    assert driver.act(Click(Point(5000, 5000))).kind == "no_effect"


def test_what_cannot_be_done_is_said(driver: FakeDriver) -> None:
    assert driver.act(Click(find(driver, "button", "Export"))).kind == "refused"
    assert driver.act(Fill(find(driver, "button", "Save"), "x")).kind == "refused"
    assert driver.act(Fill(find(driver, "textbox", "Name"), "two\nlines")).kind == "refused"
    assert driver.act(Scroll(Point(1, 1), dy=1)).kind == "no_effect"
    with pytest.raises(UsageError, match="Open"):
        driver.act(Open("anything"))
    with pytest.raises(TargetGone):
        driver.act(Drag(Element("gone", "button", "Gone"), Point(1, 1)))


def test_the_frame_shows_the_state_and_only_the_state(driver: FakeDriver) -> None:
    first, again = driver.observe().frame, driver.observe().frame
    driver.act(Click(find(driver, "checkbox", "Notifications")))
    other = driver.observe().frame
    assert first is not None
    assert other is not None
    assert first == again
    assert other.sha != first.sha
    assert other.pixels is not None
    assert len(other.pixels) == other.width * other.height * 4


def test_reset_gives_back_the_start(driver: FakeDriver) -> None:
    before = driver.observe()
    world = driver.world
    driver.act(Fill(find(driver, "textbox", "Note"), "x"))
    driver.act(Click(find(driver, "button", "Save")))
    driver.reset()
    assert driver.observe() == before
    assert (world.changes().keys(), driver.world) == (frozenset(), world)


def test_the_world_is_read_as_any_world(driver: FakeDriver) -> None:
    world: World = driver.world
    assert world.setting(f"{SETTINGS_FILE}#settings.notify") == "true"
    assert world.setting(f"{SETTINGS_FILE}#settings.none") is None
    with pytest.raises(SandboxError, match="no file"):
        world.read("~/none")
    assert driver.world.exec(("ls",)).code == 127
    assert driver.world.observe().elements == driver.observe().elements


def test_two_programs_do_not_share_anything() -> None:
    one, two = FakeDriver(), FakeDriver()
    one.act(Fill(find(one, "textbox", "Name"), "Ada"))
    assert two.world.settings["name"] == ""
    assert find(two, "textbox", "Name").box == Box(300, 100, 280, 26)
