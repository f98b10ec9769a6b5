"""A person at work on a desktop is recorded as it was: real programs, real keys, in a sandbox of their own."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from cua.core import (
    SEAL,
    Click,
    Drag,
    Effect,
    Observation,
    Point,
    Press,
    Run,
    Scroll,
    Task,
    Type,
)
from cua.memory.store import Store
from cua.record.compile import RECORDED, compile
from cua.recording import READY, Caught, Signs, in_words, watch
from cua.replaying import There, replay
from drivers.x11 import X11
from tests.desktop_person import PIN_TEXT, SECRET_TEXT, Session, box, found_again, session, target
from tests.waiting import awaited

__all__ = ["box", "session"]  # fixtures


# ---------------------------------------------------------------------------------------------- flows


def test_menus_ticks_and_dialogs_are_recorded_with_the_screen_before_each_act(session: Session) -> None:
    steps = session.click("menu", "View") + session.click("menuitemcheckbox", "Status Bar")
    steps += session.click("button", "Account") + session.click("button", "Cancel")
    assert [target(step) for step in steps] == [
        ("menu", "View"),
        ("menuitemcheckbox", "Status Bar"),
        ("button", "Account"),
        ("button", "Cancel"),
    ]
    assert [step.effect.kind for step in steps] == ["confirmed"] * 4
    opened = [any(e.name == "Status Bar" and e.box for e in step.seen.elements) for step in steps]
    assert opened == [False, True, False, False]
    dialogs = [any(e.role == "dialog" for e in step.seen.elements) for step in steps]
    assert dialogs == [False, False, False, True]
    assert all(step.seen.frame and step.seen.frame.pixels for step in steps)
    found_again(steps)


def test_what_is_typed_into_fields_is_what_they_hold_in_the_end(session: Session) -> None:
    session.click("button", "Account")
    session.click("textbox", "Full name")
    session.type("Zoë Ĝ")
    for keys in ("BackSpace", "BackSpace", "Home"):
        session.press(keys)
    session.type("Dr ")
    (filled, tabbed) = session.press("Tab")
    assert target(filled) == ("textbox", "Full name")
    assert (filled.action.text, tabbed.action) == ("Dr Zoë", Press("Tab"))  # type: ignore[union-attr]
    assert "Dr" not in str(filled.seen.elements)
    session.press("ctrl+a")
    session.type("Oslo")
    filled, back = session.press("shift+Tab")
    assert (target(filled), filled.action.text) == (("textbox", "City"), "Oslo")  # type: ignore[union-attr]
    assert back.action == Press("shift+Tab")
    session.person.click(session.place("spinbutton", "Copies"), count=3)
    session.wait()
    session.type("42")
    filled, clicked = session.click("combobox", "Colour")
    assert (target(filled), filled.action.text) == (("spinbutton", "Copies"), "42")  # type: ignore[union-attr]
    assert target(clicked) == ("combobox", "Colour")
    (chosen,) = session.click("menuitem", "Blue")
    assert target(chosen) == ("menuitem", "Blue")
    assert session.element("combobox", "Colour").value == "Blue"
    session.click("button", "Apply")
    found_again(session.steps)


def test_a_line_names_the_row_that_a_click_was_in(session: Session) -> None:
    (account,) = session.click("button", "Account")
    assert in_words(account.action, account.seen) == "click button 'Account'"
    line = session.place("text", "Bob Stone").y
    boxes = [e.box.centre for e in session.recorder.last().elements if e.name == "Remove" and e.box]
    session.person.click(min(boxes, key=lambda place: abs(place.y - line)))
    (step,) = session.wait()
    assert in_words(step.action, step.seen) == "click button 'Remove' in row 'Bob Stone'"
    session.click("textbox", "Full name")
    session.type("Ada")
    filled, _ = session.press("Tab")
    assert in_words(filled.action, filled.seen) == "fill textbox 'Full name' = 'Ada'"


def test_a_key_that_only_moves_the_caret_fills_nothing(session: Session) -> None:
    session.click("button", "Account")
    session.click("textbox", "City")
    steps = session.press("Home") + session.press("ctrl+c")
    assert [step.action for step in steps] == [Press("Home"), Press("ctrl+c")]


def test_secrets_are_in_no_step_no_screen_no_picture_and_no_file(session: Session, tmp_path: Path) -> None:
    session.click("button", "Account")
    session.click("textbox", "Password")
    session.type(SECRET_TEXT)
    session.press("BackSpace")
    (filled, _) = session.press("Tab")
    password = filled.action.text  # type: ignore[union-attr]
    assert target(filled) == ("textbox", "Password")
    assert re.fullmatch(rf"{SEAL}secret#\d+{SEAL}", password)
    session.type(PIN_TEXT)
    filled, _ = session.click("button", "Apply")
    assert target(filled) == ("textbox", "API token")
    assert filled.action.text != password  # type: ignore[union-attr]
    last = session.recorder.last()
    with Store(tmp_path / "record.db") as store:
        task = Task("recording", "recorded")
        store.begin("r1", task)
        for index, step in enumerate(session.steps):
            store.keep("r1", index, step)
        store.end(Run("r1", task, last=last, stopped="finished"))
        kept = store.run("r1")
    assert [step.action for step in kept.steps] == [step.action for step in session.steps]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with sqlite3.connect(tmp_path / "record.db") as db:
        whole = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        said = "\n".join(repr(db.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in db.execute(whole))
    db.close()
    said += "".join(map(repr, kept.steps)) + "".join(session.lines)
    for part in (SECRET_TEXT, SECRET_TEXT[:-1], PIN_TEXT, PIN_TEXT[4:]):
        assert part not in said
        assert part.encode() not in written
    shown = [step for step in session.steps if any(e.name == "API token" for e in step.seen.elements)]
    assert blank_where_the_token_is(shown[-1].seen)


def blank_where_the_token_is(seen: Observation) -> bool:
    """Whether the picture is of one colour where the token was readable."""
    field = next(e for e in seen.elements if e.name == "API token")
    assert field.box
    assert seen.frame
    assert seen.frame.pixels
    row = field.box.centre.y * seen.frame.width
    start = (row + field.box.x) * 4
    return not any(seen.frame.pixels[start : start + field.box.width * 4])


def test_text_elsewhere_is_typed_and_shortcuts_are_pressed(session: Session) -> None:
    document = next(e for e in session.recorder.last().elements if "multiline" in e.states)
    assert document.box
    session.person.click(document.box.centre)
    session.wait()
    session.press("ctrl+End")
    session.type(" naïve 你好")
    session.press("BackSpace")
    typed, entered = session.press("Return")
    assert (typed.action, entered.action) == (Type(" naïve 你"), Press("Return"))
    names = ["ctrl+shift+Left", "F5", "Down", "ctrl+c", "alt+Left"]
    assert [step.action for name in names for step in session.press(name)] == [Press(name) for name in names]


def test_the_pointer_is_recorded_click_by_click(session: Session) -> None:
    """Double and triple clicks, buttons, held modifiers, wheel, drag, and a menu of the right button."""
    (double,) = session.click("cell", "Row 2", count=2)
    (held,) = session.click("cell", "Row 3", keys=("ctrl",))
    (middle,) = session.click("cell", "Row 1", button="middle")
    aimed = [(step.action.count, step.action.keys, step.action.button) for step in (double, held, middle)]  # type: ignore[union-attr]
    assert aimed == [(2, (), "left"), (1, ("ctrl",), "left"), (1, (), "middle")]
    assert [target(step)[1] for step in (double, held, middle)] == ["Row 2", "Row 3", "Row 1"]
    place = session.place("cell", "Row 1")
    session.person.scroll(place, dy=2)
    session.person.scroll(place, dy=3)
    (turned,) = session.wait()
    assert isinstance(turned.action, Scroll)
    assert (turned.action.dx, turned.action.dy, target(turned)[0]) == (0, 5, "table")
    session.person.scroll(place, dy=-9)
    session.wait()
    (right,) = session.click("cell", "Row 1", button="right")
    (entry,) = session.click("menuitem", "Look Up")
    assert (target(right)[1], target(entry)) == ("Row 1", ("menuitem", "Look Up"))
    document = next(e for e in session.recorder.last().elements if "multiline" in e.states)
    assert document.box
    start, end = Point(document.box.x + 2, document.box.y + 6), Point(document.box.x + 90, document.box.y + 9)
    session.person.drag(start, end)
    (dragged,) = session.wait()
    assert dragged.action == Drag(start, end)
    assert dragged.effect.kind == "unverified"
    found_again([double, held, middle, turned, right, entry])


def test_another_program_that_works_at_a_persons_pace_is_recorded_as_it_goes(session: Session) -> None:
    """The person is a process of its own, which waits for nobody."""
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    view, account = session.place("menu", "View"), session.place("button", "Account")
    script = f"mousemove {view.x} {view.y} click 1 sleep 0.8 key Escape sleep 0.8 "
    script += f"mousemove {account.x} {account.y} click 1 sleep 1.5 type --delay 60 Ada"
    person = subprocess.Popen(["xdotool", *script.split()], env={**os.environ, "DISPLAY": session.display})
    while person.poll() is None:
        session.wait()
    session.press("Tab")
    assert person.returncode == 0
    assert [type(step.action).__name__ for step in session.steps] == ["Click", "Press", "Click", "Fill", "Press"]
    filled = session.steps[3]
    assert (target(filled), filled.action.text) == (("textbox", "Full name"), "Ada")  # type: ignore[union-attr]


def test_a_press_that_comes_quicker_than_a_look_has_no_wrong_target(session: Session) -> None:
    """The entry of a menu that no look has seen open lies over another button."""
    session.click("menu", "View")
    entry = session.place("menuitem", "Reload")
    session.press("Escape")
    view = session.place("menu", "View")
    session.person.click(view)
    session.person.click(entry)
    opened, chosen = session.wait()
    assert target(opened) == ("menu", "View")
    assert isinstance(chosen.action, Click)
    assert chosen.action.target == entry
    assert (chosen.effect.kind, "quicker than a look" in chosen.effect.reason) == ("unverified", True)
    assert any("place only" in line for line in session.lines)


@pytest.mark.parametrize("name", ["Reload", "Cancel"])
def test_what_a_click_closes_is_known_though_the_program_told_of_a_change_just_before(
    session: Session, name: str
) -> None:
    """No later look can show it: the menu is closed by then, or the dialog."""
    session.click(*(("menu", "View") if name == "Reload" else ("button", "Account")))
    there = session.place("menuitem" if name == "Reload" else "button", name)
    session.recorder._looks.done(time.monotonic())
    session.person.click(there)
    (step,) = session.wait()
    assert target(step)[1] == name


def test_closing_a_window_by_its_frame_is_the_key_that_closes_it(session: Session, store: Store) -> None:
    first = len(session.steps)
    session.click("button", "Account")
    with closing(X11(session.display)) as x11:
        dialog = x11.active()
    assert dialog is not None
    session.person.click(Point(dialog.box.x + dialog.box.width - 12, dialog.box.y - 10))
    (closed,) = session.wait()
    assert (closed.action, closed.effect) == (Press("alt+F4"), Effect("confirmed"))
    assert any("kept as alt+F4" in line for line in session.lines)
    run = Run("r", Task(RECORDED, "shown"), tuple(session.steps[first:]), session.recorder.last(), "finished")
    workflow = compile(run, "shown", on="bench").workflow
    assert [act.doubt for act in workflow.acts()] == ["", ""]
    there = There(session.box.driver, session.box.world, store)
    assert replay(workflow, {}, there).outcome == "pass"
    assert not any(e.name == "Account" and e.role == "dialog" for e in session.recorder.last().elements)


def test_a_click_on_a_frame_that_closes_nothing_stays_a_place(session: Session) -> None:
    with closing(X11(session.display)) as x11:
        main = x11.active()
    assert main is not None
    bar = Point(main.box.x + main.box.width // 2, main.box.y - 10)
    session.person.click(bar)
    (step,) = awaited(session.wait, "the click on the frame")
    assert isinstance(step.action, Click)
    assert (step.action.target, "frame of the window" in step.effect.reason) == (bar, True)


def test_where_accessibility_shows_nothing_the_place_is_kept_and_said(session: Session) -> None:
    session.person.click(Point(1200, 760))
    (step,) = session.wait()
    assert step.action == Click(Point(1200, 760))
    assert step.effect.kind == "unverified"
    assert any("(1200, 760)" in line for line in session.lines)


def test_nothing_is_recorded_while_it_is_paused_and_a_key_ends_it(session: Session) -> None:
    session.press("ctrl+alt+p")
    assert session.recorder.paused
    assert session.click("menu", "View") + session.press("Escape") == []
    session.press("ctrl+alt+p")
    assert not session.recorder.paused
    session.recorder.pause()
    assert session.press("F6") == []
    session.recorder.resume()
    assert [step.action for step in session.press("F7")] == [Press("F7")]
    session.person.press("F8")
    session.person.press("ctrl+alt+e")
    assert not session.recorder.ended
    assert [step.action for step in session.wait()] == [Press("F8")]
    assert session.recorder.ended
    assert session.recorder.next(0.1) is None


def test_it_looks_at_nothing_while_nothing_happens(session: Session) -> None:
    session.click("button", "Under")
    session.recorder.last()
    session.wait()
    before = session.recorder._looks.now
    assert session.recorder.next(1.0) is None
    assert session.recorder._looks.now is before


def test_what_is_done_once_it_says_go_ahead_is_recorded(session: Session, tmp_path: Path) -> None:
    """However long ago it looked at the screen by then, and though what is done changes that at once."""
    button = session.place("button", "Account")
    time.sleep(0.6)
    stop = Event()

    def told(caught: Caught) -> None:
        if caught.say == READY:
            session.person.click(button)
        elif caught.number:
            stop.set()

    with Store(tmp_path / "record.db") as store:
        done = watch(session.recorder, store, "shown", told=told, signs=Signs(tmp_path), stop=stop)
    assert [target(step) for step in done.steps] == [("button", "Account")]
    assert done.steps[0].effect == Effect("confirmed")
