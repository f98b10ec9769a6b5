"""Which keys were pressed, what the pointer hit, and what is secret: on real displays, and on screens as told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cua.core import (
    Box,
    Element,
    Frame,
    Observation,
    Place,
    Point,
)
from cua.record.params import Params
from cua.secret_words import named_secret
from drivers.hits import Screen, Surface, hit
from drivers.keysyms import keysym_of_name
from drivers.secret_fields import SECRET, Repeated, cleared, is_secret
from drivers.written import character, composed
from drivers.x11 import X11, Window
from drivers.x11_input import XTest
from drivers.x11_keyboard import Keyboard, named
from drivers.x11_record import Hands
from tests.desktop_person import PIN_TEXT, SECRET_TEXT
from tests.displays import x_server
from tests.waiting import awaited

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


def test_a_question_is_hit_though_its_title_is_another() -> None:
    """Accessibility calls it a warning, and its window is titled after the program."""
    shown = frozenset({"showing"})
    elements = (
        Element("a11y|:1.1|/0", "window", "Plan", None, shown, Box(0, 0, 400, 300)),
        Element("a11y|:1.1|/1", "button", "Print", None, shown, Box(100, 100, 80, 30), 0),
        Element("a11y|:1.1|/2", "alert", "Warning", None, shown, Box(90, 80, 200, 100)),
        Element("a11y|:1.1|/3", "button", "Delete", None, shown, Box(100, 100, 80, 30), 2),
    )
    windows = (
        Window(1, "Plan", "one", 11, Box(0, 0, 400, 300)),
        Window(2, "Planner", "one", 11, Box(90, 80, 200, 100)),
    )
    surfaces = tuple(Surface(window, window.box) for window in windows)
    screen = Screen(Observation(Place("one"), elements), surfaces, lambda app: 11)
    assert hit(screen, Point(140, 110)) == elements[3]
    moved = (*elements[:2], replace(elements[2], box=Box(0, 0, 90, 60)), elements[3])
    assert isinstance(hit(replace(screen, seen=Observation(Place("one"), moved)), Point(140, 110)), str)
