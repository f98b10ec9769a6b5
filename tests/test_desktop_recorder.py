"""A person at work on a desktop is recorded as it was: real programs, real keys, in a sandbox of their own."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from cua.core import (
    SEAL,
    Box,
    Click,
    Drag,
    Effect,
    Element,
    Fill,
    Frame,
    Observation,
    Place,
    Point,
    Press,
    Run,
    Scroll,
    Step,
    Task,
    Type,
)
from cua.memory.store import Store
from cua.policies import finding
from cua.record.params import Params
from cua.recording import READY, Caught, Signs, in_words, watch
from cua.secret_words import named_secret
from drivers.desktop_recorder import DesktopRecorder
from drivers.hits import Screen, Surface, hit
from drivers.keysyms import keysym_of_name
from drivers.secret_fields import SECRET, Repeated, cleared, is_secret
from drivers.written import character, composed
from drivers.x11 import X11, Window
from drivers.x11_input import XTest
from drivers.x11_keyboard import Keyboard, named
from drivers.x11_record import Hands
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.displays import x_server
from tests.sandboxes import sandboxed, with_gtk
from tests.waiting import awaited

SECRET_TEXT, PIN_TEXT = "hunter2-Zebra", "tok-48151623"
PROGRAM = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk

def entry(grid, row, label, **how):
    field = Gtk.Entry(**how)
    name = Gtk.Label(label=label, mnemonic_widget=field, xalign=0)
    grid.attach(name, 0, row, 1, 1)
    grid.attach(field, 1, row, 1, 1)
    return field

def account(button):
    dialog = Gtk.Dialog(title="Account", transient_for=window)
    dialog.add_buttons("Cancel", 0, "Apply", 1)
    grid = Gtk.Grid(row_spacing=6, column_spacing=6)
    dialog.get_content_area().add(grid)
    entry(grid, 0, "Full name:")
    entry(grid, 1, "City:", text="Lima")
    entry(grid, 2, "Password:", visibility=False)
    entry(grid, 3, "API token:")
    spin = Gtk.SpinButton.new_with_range(0, 100, 1)
    grid.attach(Gtk.Label(label="Copies:", mnemonic_widget=spin, xalign=0), 0, 4, 1, 1)
    grid.attach(spin, 1, 4, 1, 1)
    combo = Gtk.ComboBoxText()
    for text in ("Red", "Green", "Blue"):
        combo.append_text(text)
    grid.attach(Gtk.Label(label="Colour:", mnemonic_widget=combo, xalign=0), 0, 5, 1, 1)
    grid.attach(combo, 1, 5, 1, 1)
    for at, who in enumerate(("Ada Lovelace", "Bob Stone"), 6):
        grid.attach(Gtk.Label(label=who, xalign=0), 0, at, 1, 1)
        grid.attach(Gtk.Button(label="Remove"), 1, at, 1, 1)
    dialog.connect("response", lambda d, r: d.destroy())
    dialog.show_all()

window = Gtk.Window(title="Bench", default_width=640, default_height=480)
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=1)
bar, menu = Gtk.MenuBar(), Gtk.Menu()
top = Gtk.MenuItem(label="View")
top.set_submenu(menu)
bar.append(top)
menu.append(Gtk.CheckMenuItem(label="Status Bar"))
menu.append(Gtk.MenuItem(label="Reload"))
box.add(bar)
button = Gtk.Button(label="Account")
button.connect("clicked", account)
box.add(button)
quick = Gtk.Button(label="Under")
box.add(quick)
store = Gtk.ListStore(str)
for at in range(40):
    store.append(["Row %d" % at])
rows = Gtk.TreeView(model=store)
rows.append_column(Gtk.TreeViewColumn("Name", Gtk.CellRendererText(), text=0))
scroll = Gtk.ScrolledWindow(vexpand=True)
scroll.add(rows)
box.add(scroll)
text = Gtk.TextView(height_request=90)
text.get_buffer().set_text("first line of text")
box.add(text)
context = Gtk.Menu()
for name in ("Paste Special", "Look Up"):
    context.append(Gtk.MenuItem(label=name))
context.show_all()
def popup(widget, event):
    if event.button == 3:
        context.popup_at_pointer(event)
        return True
rows.connect("button-press-event", popup)
window.add(box)
window.show_all()
window.move(60, 40)
Gtk.main()
"""


@dataclass
class Session:
    """A recorder and the person that it watches, who does the next thing when the screen has shown the last."""

    box: Namespace
    recorder: DesktopRecorder
    person: XTest
    steps: list[Step] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def display(self) -> str:
        return self.box.driver.x11.display or ""

    def wait(self) -> list[Step]:
        """What was recorded until nothing more came for a while."""
        new: list[Step] = []
        while (said := self.recorder.next(0.7)) is not None:
            if isinstance(said, str):
                self.lines.append(said)
            else:
                new.append(said)
        self.steps += new
        return new

    def element(self, role: str, name: str) -> Element:
        def found() -> list[Element]:
            return [e for e in self.recorder.last().elements if (e.role, e.name) == (role, name) and e.box]

        return awaited(found, f"a {role} {name!r}")[0]

    def place(self, role: str, name: str) -> Point:
        box = self.element(role, name).box
        assert box
        return box.centre

    def click(self, role: str, name: str, **how: object) -> list[Step]:
        self.person.click(self.place(role, name), **how)  # type: ignore[arg-type]
        return self.wait()

    def press(self, keys: str) -> list[Step]:
        self.person.press(keys)
        return self.wait()

    def type(self, text: str) -> list[Step]:
        self.person.type(text)
        return self.wait()


@pytest.fixture(scope="module")
def box() -> Iterator[Namespace]:
    """The program in a sandbox."""
    with sandboxed(App("bench", (with_gtk("3.0"), "-c", PROGRAM))) as made:
        yield made


@pytest.fixture
def session(box: Namespace) -> Iterator[Session]:
    """A recording from the program's start window."""
    x11 = X11(box.driver.x11.display)
    recorder = DesktopRecorder(box.driver)
    made = Session(box, recorder, XTest(x11))
    made.wait()
    yield made
    for _ in range(2):
        made.person.press("Escape")
        made.wait()
    recorder.close()
    x11.close()


def target(step: Step) -> tuple[str, str]:
    """Role and name of what an act was aimed at, which is an element of the step's own look."""
    action = step.action
    assert isinstance(action, Click | Fill | Scroll)
    assert isinstance(action.target, Element), f"{action} {step.effect}"
    assert action.target in step.seen.elements
    return action.target.role, action.target.name


def found_again(steps: list[Step]) -> None:
    """Each element that was recorded can be marked, and the mark finds it, and it alone, on the step's own look."""
    for step in steps:
        aimed = getattr(step.action, "target", None)
        if isinstance(aimed, Element):
            again = finding.find(finding.mark_of(aimed, step.seen), step.seen)
            assert isinstance(again, finding.Found), f"{aimed.role} {aimed.name!r}: {again}"
            assert again.element == aimed


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
        said = "\n".join(db.iterdump())
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
    assert all(step.effect == Effect("confirmed") for step in session.steps)


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


# ---------------------------------------------------------------------------------------------- keys


@contextmanager
def watched(layout: str = "us") -> Iterator[tuple[XTest, Hands, Keyboard]]:
    """Hands that press, and what watches them, on a display of their own with that layout."""
    with x_server() as (_, name):
        subprocess.run(["setxkbmap", "-display", name, *layout.split()], check=True, capture_output=True)
        person, watching = X11(name), X11(name)
        keyboard, hands = Keyboard(watching), Hands(watching)
        try:
            yield XTest(person), hands, keyboard
        finally:
            hands.close()
            person.close()
            watching.close()


def heard(hands: Hands, keyboard: Keyboard, count: int) -> list[tuple[str, str]]:
    """The names and texts of the next so many keys that are no modifiers."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        event = awaited(hands.next, f"{count} keys; {found} came")
        if event.kind == "keymap":
            keyboard.lend(event.code, event.keysyms)
        elif event.kind == "key down" and not (key := keyboard.key(event.code, event.state)).modifier:
            found.append((key.name, key.text))
    return found


NAMES = (
    "ctrl+s", "ctrl+shift+s", "ctrl+plus", "ctrl+minus", "alt+F4", "super+l", "ctrl+alt+t", "F1", "F12", "Return",
    "Escape", "Tab", "shift+Tab", "ctrl+shift+Tab", "Left", "ctrl+Right", "shift+Down", "Page_Up", "ctrl+Page_Down",
    "Home", "End", "Delete", "Insert", "BackSpace", "ctrl+space", "ctrl+Return", "shift+F10", "Menu", "Print",
    "KP_Enter", "ctrl+alt+Delete", "alt+ß",
)  # fmt: skip


def test_every_name_of_a_key_goes_in_and_comes_out_the_same() -> None:
    with watched() as (person, hands, keyboard):
        for name in NAMES:
            person.press(name)
            assert heard(hands, keyboard, 1)[0][0] == name


@pytest.mark.parametrize("layout", ["us", "de", "fr", "gb", "ru", "gr", "us -variant intl", "us,ru"])
def test_text_comes_out_as_it_was_typed_on_every_layout(layout: str) -> None:
    text = "aZ1!@#~ äß€ éñ жЯ αΩ 你🙂"
    with watched(layout) as (person, hands, keyboard):
        person.type(text)
        assert "".join(said for _, said in heard(hands, keyboard, len(text))) == text


def test_shortcuts_of_other_alphabets_are_called_by_the_latin_letter() -> None:
    with watched("us,ru -option grp:toggle") as (person, hands, keyboard):
        person._xkb.LatchLockState(0x100, 0, 0, True, 1, 0, False, 0)
        person.press("ctrl+ы")
        person.type("ы")
        assert heard(hands, keyboard, 2) == [("ctrl+s", ""), ("ы", "ы")]


def test_caps_lock_gives_capitals() -> None:
    with watched("de") as (person, hands, keyboard):
        person.press("Caps_Lock")
        for code in (38, 48):  # the keys of a and ä
            person._fake(2, code)
            person._fake(3, code)
        person._x11.sync()
        assert [said for _, said in heard(hands, keyboard, 2)] == ["A", "Ä"]


@pytest.mark.parametrize(
    ("keysyms", "text"),
    [
        (("dead_acute", "e"), "é"),
        (("dead_diaeresis", "U"), "Ü"),
        (("dead_grave", "space"), "`"),
        (("dead_caron", "Cyrillic_zhe"), None),
        (("dead_acute",), ""),
    ],
)
def test_dead_keys_are_composed_and_none_is_guessed(keysyms: tuple[str, ...], text: str | None) -> None:
    assert composed(tuple(map(keysym_of_name, keysyms))) == text


@pytest.mark.parametrize(("name", "text"), [("oe", "œ"), ("Ukrainian_yi", "ї"), ("Greek_alphaaccent", "ά"),
                                            ("KP_7", "7"), ("emdash", "—"), ("F5", ""), ("Return", "")])  # fmt: skip
def test_old_keysyms_have_their_characters(name: str, text: str) -> None:
    from xcffib import keysymdef

    assert character(getattr(keysymdef, f"XK_{name}")) == text


def test_keys_have_names_that_are_understood() -> None:
    for name in ("Page_Up", "Prior", "plus", "space", "KP_Enter", "XF86AudioMute", "a", "ß"):
        assert keysym_of_name(named(keysym_of_name(name))) == keysym_of_name(name)


# ---------------------------------------------------------------------------------------------- what is hit


def test_what_lies_on_top_is_hit_and_nothing_beneath() -> None:
    def element(number: int, role: str, name: str, box: Box, parent: int = -1, app: str = ":1.1") -> Element:
        return Element(f"a11y|{app}|/{number}", role, name, None, frozenset({"showing"}), box, parent)

    elements = (
        element(0, "window", "One", Box(0, 0, 400, 300)),
        element(1, "button", "Wide", Box(0, 20, 400, 100), 0),
        element(2, "text", "Wide", Box(180, 60, 40, 20), 1),
        element(3, "menu", "File", Box(0, 0, 40, 20), 0),
        element(4, "menuitem", "Quit", Box(0, 40, 100, 20), 3),
        element(5, "window", "Two", Box(300, 0, 300, 300), -1, ":1.2"),
        element(6, "group", "Panel", Box(320, 0, 200, 200), 5, ":1.2"),
        element(7, "button", "Middle", Box(400, 80, 40, 40), 6, ":1.2"),
    )
    one = Window(1, "One", "one", 11, Box(0, 0, 400, 300))
    two = Window(2, "Two", "two", 22, Box(300, 0, 300, 300))
    menu = Window(3, "", "one", 11, Box(0, 20, 100, 60), popup=True)
    surfaces = tuple(Surface(window, window.box) for window in (one, two, menu))
    pids = {":1.1": 11, ":1.2": 22}
    screen = Screen(Observation(Place("one"), elements), surfaces, lambda app: pids.get(app, 0))

    def called(point: Point) -> str:
        found = hit(screen, point)
        return found.name if isinstance(found, Element) else f"? {found}"

    assert called(Point(200, 70)) == "Wide"
    assert called(Point(50, 50)) == "Quit"
    assert called(Point(50, 25)).startswith("? accessibility shows nothing")
    assert called(Point(410, 90)) == "Middle"
    assert called(Point(330, 50)).startswith("? the middle of")
    assert called(Point(700, 700)).startswith("? no window")


@pytest.mark.parametrize(
    ("label", "secret"),
    [
        ("Password:", True), ("Neues Kennwort", True), ("Mot de passe :", True), ("Contraseña", True), ("PIN", True),
        ("API-Key", True), ("Пароль", True), ("パスワード", True), ("密码", True), ("_Passphrase", True),
        ("Opinion", False), ("Shipping", False), ("Spinning", False), ("Search tokens", False), ("Keyword", False),
    ],
)  # fmt: skip
def test_labels_that_ask_for_secrets_are_known_in_many_languages(label: str, secret: bool) -> None:
    assert named_secret(label) == secret


def test_a_secret_typed_again_is_told_from_another_one_and_its_text_is_not_held() -> None:
    repeated = Repeated()
    first, again, other = (repeated.sealed(text) for text in (SECRET_TEXT, SECRET_TEXT, PIN_TEXT))
    assert first == again != other
    assert repeated.sealed(None) == repeated.sealed("") == SECRET
    held = b"".join(repeated._known) + repeated._key
    assert SECRET_TEXT.encode() not in held
    assert Repeated()._key != repeated._key
    session = Params()
    field, repeat = Element("", "textbox", "Password"), Element("", "textbox", "Repeat password")
    now = Observation(Place("app"), (field, repeat))
    assert [session.typed(text, where, now) for text, where in ((first, field), (again, repeat))] == ["${password}"] * 2
    assert session.typed(other, repeat, now) == "${repeat_password}"


def test_a_terminal_that_asks_for_a_password_holds_a_secret_until_it_is_given() -> None:
    asked = Element("a11y|:1.1|/1", "textbox", "Terminal", "$ sudo id\nPassword: ", frozenset({"focused", "showing"}))
    given = Element("a11y|:1.1|/1", "textbox", "Terminal", "Password: \nroot\n$ ", frozenset({"focused", "showing"}))
    assert (is_secret(asked), is_secret(given)) == (True, False)


def test_a_screen_is_cleared_of_a_secret_wherever_it_shows() -> None:
    states = frozenset({"editable", "showing", "focused"})
    field = Element("a11y|:1.1|/1", "textbox", "PIN", "4815162342", states, Box(1, 1, 2, 1))
    echo = Element("a11y|:1.1|/2", "text", "You typed 4815162342", None, frozenset({"showing"}), Box(0, 0, 1, 1))
    frame = Frame("ab" * 16, 4, 3, pixels=b"\xff" * 48)
    clear = cleared(Observation(Place("one"), (field, echo), frame))
    assert "4815162342" not in repr(clear)
    assert clear.frame
    assert clear.frame.pixels
    assert clear.frame.sha != frame.sha
    assert clear.frame.pixels.count(0) == 3 * 4
