"""Hands and eyes on an X display: what is sent arrives, in real programs, and what is seen is what is there."""

from __future__ import annotations

import io
import json
import os
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cua.core import Box, Point
from cua.errors import DisplayGone, DriverError, TargetGone, TimedOut, UsageError
from drivers.frames import Frames, png
from drivers.keysyms import chord, keysym_of_character, keysym_of_name
from drivers.x11 import X11, Window
from drivers.x11_input import XTest
from tests.displays import x_server
from tests.sandboxes import with_gtk
from tests.waiting import LIMIT, awaited

TEXT = 'Zażółć gęślą jaźń — 你好 🙂 ßñ "quotes" \\ ~ ^ € \t\n'
CAPS_LOCK = 2

TEXT_VIEW = """
import os, sys, gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
def changed(buffer):
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), True))
    os.replace(sys.argv[1] + ".new", sys.argv[1])
window = Gtk.Window(title="text view")
view = Gtk.TextView(wrap_mode=Gtk.WrapMode.CHAR)
view.get_buffer().connect("changed", changed)
window.connect("destroy", Gtk.main_quit)
window.add(view)
window.resize(400, 300)
window.show_all()
window.move(150, 120)
Gtk.main()
"""

LISTENER = """
import json, sys, xcffib, xcffib.xproto as xp
connection = xcffib.Connection()
screen, core = connection.setup.roots[0], connection.core
window, kinds = connection.generate_id(), xp.EventMask
mask = kinds.KeyPress | kinds.KeyRelease | kinds.ButtonPress | kinds.ButtonRelease | kinds.PointerMotion
core.CreateWindow(0, window, screen.root, 40, 30, 300, 200, 0, 1, 0, xp.CW.EventMask, [mask])
core.ChangeProperty(0, window, xp.Atom.WM_NAME, xp.Atom.STRING, 8, 8, b"listener")
core.MapWindow(window)
connection.flush()
names = {2: "key down", 3: "key up", 4: "button down", 5: "button up", 6: "move"}
while True:
    event = connection.wait_for_event()
    kind = names.get(event.response_type & 127)
    if kind:
        keysym = 0
        if kind.startswith("key"):  # as slow programs do, it asks for the keymap when it gets to the key
            row = core.GetKeyboardMapping(event.detail, 1).reply().keysyms
            keysym = row[event.state & 1] if len(row) > 1 else 0
        print(json.dumps([kind, event.detail, event.root_x, event.root_y, event.state, keysym]), flush=True)
"""


@dataclass(frozen=True)
class Happening:
    kind: str
    detail: int
    x: int
    y: int
    state: int
    keysym: int


class Listener:
    """A window that tells what arrives. It knows no _NET_WM_PING."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        assert program.stdout
        self._pipe = program.stdout.fileno()
        self._raw = b""

    def hear(self, count: int) -> list[Happening]:
        """The next so many happenings."""
        while self._raw.count(b"\n") < count:
            ready, _, _ = select.select([self._pipe], [], [], LIMIT)
            assert ready, f"heard only {self._raw!r}, not {count} happenings, within {LIMIT} s"
            self._raw += os.read(self._pipe, 1 << 16)
        *lines, self._raw = self._raw.split(b"\n", count)
        return [Happening(*json.loads(line)) for line in lines]


@contextmanager
def running(argv: list[str], display: str, *, out: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program on this display, ended by its own handle."""
    quiet = {"NO_AT_BRIDGE": "1", "GTK_IM_MODULE": "gtk-im-context-simple", "GDK_BACKEND": "x11"}
    environment = os.environ | {"DISPLAY": display} | quiet
    program = subprocess.Popen(argv, env=environment, stdout=out or subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield program
    finally:
        program.kill()
        program.wait(LIMIT)
        if program.stdout:
            program.stdout.close()


@pytest.fixture
def x11(xvfb: str) -> Iterator[X11]:
    connection = X11(xvfb)
    yield connection
    connection.close()


@pytest.fixture
def hands(x11: X11) -> Iterator[XTest]:
    hands = XTest(x11)
    yield hands
    hands.release_all()


@pytest.fixture
def listener(xvfb: str, x11: X11) -> Iterator[Listener]:
    with running([sys.executable, "-c", LISTENER], xvfb, out=subprocess.PIPE) as program:
        x11.focus(appeared(x11, "listener"))
        yield Listener(program)


def appeared(x11: X11, title: str) -> Window:
    return awaited(lambda: x11.find(title=title), f"a window called {title!r}")


@dataclass(frozen=True)
class TextView:
    window: Window
    file: Path

    def shows(self, text: str) -> None:
        awaited(self.file.read_text, text, lambda shown: shown == text)


@pytest.fixture
def text_view(xvfb: str, x11: X11, tmp_path: Path) -> Iterator[TextView]:
    file = tmp_path / "text"
    file.touch()
    with running([with_gtk("3.0"), "-c", TEXT_VIEW, str(file)], xvfb):
        window = appeared(x11, "text view")
        x11.focus(window)
        yield TextView(window, file)


def keymap_of(x11: X11) -> list[int]:
    setup = x11.connection.setup
    return list(
        x11.core.GetKeyboardMapping(setup.min_keycode, setup.max_keycode - setup.min_keycode + 1).reply().keysyms
    )


# ---------------------------------------------------------------------------------------------- typing


def test_any_text_arrives_complete_in_a_real_text_view_and_the_keymap_is_as_it_was(
    x11: X11, hands: XTest, text_view: TextView
) -> None:
    before = keymap_of(x11)
    hands.type(TEXT)
    text_view.shows(TEXT)
    assert keymap_of(x11) == before


def test_more_foreign_characters_than_spare_keys_arrive_complete_and_in_order(
    hands: XTest, text_view: TextView
) -> None:
    ranges = ((0x21, 0x7F), (0xA1, 0x17F), (0x391, 0x3A2), (0x410, 0x450), (0x4E00, 0x4F00), (0x1F600, 0x1F640))
    letters = [chr(code) for first, end in ranges for code in range(first, end) if code != 0xAD]
    text = "".join(random.Random(7).choices(letters, k=500))
    hands.type(text)
    text_view.shows(text)


def test_text_arrives_whatever_the_layout_the_group_or_caps_lock(
    xvfb: str, x11: X11, hands: XTest, text_view: TextView
) -> None:
    program = shutil.which("setxkbmap")
    if not program:
        pytest.skip("no setxkbmap; install the Debian package x11-xkb-utils")
    written = ""
    try:
        for layout in ("de", "us,ru", "fr", "pl"):
            subprocess.run([program, layout], env=os.environ | {"DISPLAY": xvfb}, check=True)
            for group in (0, 1) if "," in layout else (0,):
                with locked(x11, group):
                    hands.type("Zyx @#{} ß привет ~^\n")
                    hands.type("zyx\n")
                written += "Zyx @#{} ß привет ~^\nzyx\n"
                text_view.shows(written)
    finally:
        subprocess.run([program, "us"], env=os.environ | {"DISPLAY": xvfb}, check=True)


@contextmanager
def locked(x11: X11, group: int) -> Iterator[None]:
    """Caps Lock on, and this group of the layout."""
    import xcffib.xkb

    xkb: Any = x11.connection(xcffib.xkb.key)
    xkb.LatchLockState(0x100, CAPS_LOCK, CAPS_LOCK, True, group, 0, False, 0)
    try:
        yield
        assert xkb.GetState(0x100).reply().lockedMods & CAPS_LOCK
    finally:
        xkb.LatchLockState(0x100, CAPS_LOCK, 0, True, 0, 0, False, 0)
        x11.sync()


def released(hands: XTest) -> bool:
    with suppress(TimedOut):
        hands.release_all()
        return True
    return False


def test_a_program_that_hangs_is_said_and_gets_its_text_right_when_it_goes_on(x11: X11, text_view: TextView) -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 120)))
    before, hands, hasty = keymap_of(x11), XTest(x11), XTest(x11, limit=0.3)
    os.kill(text_view.window.pid, signal.SIGSTOP)
    try:
        with pytest.raises(TimedOut, match="hangs"):
            hasty.type(text)
    finally:
        os.kill(text_view.window.pid, signal.SIGCONT)
    awaited(text_view.file.read_text, "some of the text")
    awaited(lambda: released(hasty), "its keycodes are given back")
    assert keymap_of(x11) == before
    typed = text_view.file.read_text()
    assert text.startswith(typed)
    assert 0 < len(typed) < len(text)
    hands.type(text[len(typed) :])
    text_view.shows(text)


def test_a_program_that_answers_no_ping_gets_the_right_keysyms(hands: XTest, listener: Listener) -> None:
    hands.type("aBé你")
    keys = [keysym_of_character(c) for c in "aBé你"]
    heard = [h for h in listener.hear(10 + 2) if h.kind == "key down"]
    assert [h.keysym for h in heard if h.keysym != 0xFFE1] == keys


def test_a_character_without_a_key_is_refused_before_anything_is_typed(hands: XTest, listener: Listener) -> None:
    with pytest.raises(UsageError, match=r"U\+0007"):
        hands.type("ab\x07")
    hands.press("c")
    assert listener.hear(1)[0].keysym == ord("c")


# ---------------------------------------------------------------------------------------------- keys


def test_a_chord_holds_its_modifiers_and_lets_them_go(x11: X11, hands: XTest, listener: Listener) -> None:
    hands.press("ctrl+shift+s")
    heard = listener.hear(6)
    assert [h.kind for h in heard] == ["key down"] * 3 + ["key up"] * 3
    assert heard[2].state & 5 == 5
    assert x11.core.QueryPointer(x11.root).reply().mask == 0


@pytest.mark.parametrize(
    ("keys", "keysyms"),
    [
        ("Escape", [0xFF1B]),
        ("F5", [0xFFC2]),
        ("super", [0xFFEB]),
        ("Page_Down", [0xFF56]),
        ("pgdn", [0xFF56]),
        ("plus", [ord("+")]),
        ("+", [ord("+")]),
        ("ctrl++", [0xFFE3, ord("+")]),
        ("Ctrl+S", [0xFFE3, ord("s")]),
        ("shift+Tab", [0xFFE1, 0xFF09]),
        ("S", [ord("S")]),
        ("ł", [0x1000142]),
        ("volumeup", [0x1008FF13]),
    ],
)
def test_chords_are_read_as_people_write_them(keys: str, keysyms: list[int]) -> None:
    assert list(chord(keys)) == keysyms


def test_an_unknown_key_is_refused_with_those_close_to_it() -> None:
    with pytest.raises(UsageError, match="Page_Down"):
        keysym_of_name("page_dwn")
    with pytest.raises(UsageError, match="no modifier"):
        chord("a+b")
    with pytest.raises(UsageError, match="without a name"):
        chord("ctrl+")


def test_a_modifier_that_somebody_holds_stops_the_typing(xvfb: str, hands: XTest, listener: Listener) -> None:
    other = X11(xvfb)
    person = XTest(other)
    with other.edge("hold a key"):
        person._fake(2, 37)
    try:
        other.sync()
        with pytest.raises(DriverError, match="holds a modifier"):
            hands.type("w")
    finally:
        person.release_all()
        other.close()
    assert [h.keysym for h in listener.hear(2)] == [0xFFE3, 0xFFE3]


# ---------------------------------------------------------------------------------------------- pointer


def test_a_click_arrives_at_the_exact_point_with_its_button_count_and_modifiers(
    hands: XTest, listener: Listener
) -> None:
    hands.move(Point(700, 700))
    hands.click(Point(123, 97), "right", 2, ("ctrl", "shift"))
    heard = [h for h in listener.hear(9) if h.kind.startswith("button")]
    assert [(h.kind, h.detail, h.x, h.y, h.state & 5) for h in heard] == [
        (kind, 3, 123, 97, 5) for kind in ("button down", "button up") * 2
    ]


def test_a_scroll_gives_a_notch_for_a_notch(hands: XTest, listener: Listener) -> None:
    hands.move(Point(700, 700))
    hands.scroll(Point(100, 100), dx=-1, dy=3)
    assert [h.detail for h in listener.hear(9) if h.kind == "button down"] == [5, 5, 5, 6]


def test_a_drag_goes_down_moves_and_goes_up_where_it_should(hands: XTest, listener: Listener) -> None:
    hands.move(Point(700, 700))
    hands.drag(Point(60, 60), Point(200, 150))
    heard = listener.hear(11)
    assert [h.kind for h in heard] == ["move", "button down", *["move"] * 8, "button up"]
    assert (heard[1].x, heard[1].y) == (60, 60)
    assert (heard[-1].x, heard[-1].y) == (200, 150)


def test_a_point_off_the_screen_is_refused(hands: XTest) -> None:
    with pytest.raises(UsageError, match="not on the screen of 1280x800"):
        hands.click(Point(1280, 10))


# ---------------------------------------------------------------------------------------------- windows, clipboard


def test_a_window_is_listed_focused_and_closed(x11: X11, text_view: TextView) -> None:
    window = x11.active()
    assert window
    assert window.id == text_view.window.id
    assert (window.title, window.visible) == ("text view", Box(150, 120, 400, 300))
    assert x11.find(pid=window.pid) == window
    x11.close_window(window)
    awaited(lambda: x11.find(title="text view") is None, "the window closes")
    with pytest.raises(TargetGone):
        x11.focus(window)


def test_with_a_window_manager_its_frames_are_no_windows_and_popups_are(xvfb: str, x11: X11) -> None:
    manager = shutil.which("openbox")
    if not manager:
        pytest.skip("no openbox; install the Debian package openbox")
    with running([manager], xvfb), ExitStack() as programs:
        awaited(lambda: x11.words(x11.root, "_NET_SUPPORTED"), "the window manager starts")
        programs.enter_context(running([sys.executable, "-c", LISTENER], xvfb, out=subprocess.PIPE))
        window = appeared(x11, "listener")
        awaited(lambda: x11.words(x11.root, "_NET_CLIENT_LIST"), "the window manager takes the window")
        popup = x11.connection.generate_id()
        x11.core.CreateWindow(0, popup, x11.root, 500, 400, 90, 60, 0, 1, 0, 512, [1])
        x11.core.MapWindow(popup)
        x11.focus(window)
        assert [(w.id, w.popup, w.active) for w in x11.windows()] == [(window.id, False, True), (popup, True, False)]
        x11.core.DestroyWindow(popup)
    awaited(lambda: not x11.windows(), "the window manager is gone")


def test_the_clipboard_is_read_as_text_and_nobody_s_is_none(x11: X11, hands: XTest, text_view: TextView) -> None:
    awaited(lambda: x11.clipboard() is None, "the clipboard of an earlier program is gone")
    hands.type("żółw")
    text_view.shows("żółw")
    hands.press("ctrl+a")
    hands.press("ctrl+c")
    assert awaited(x11.clipboard, "a text on the clipboard") == "żółw"


# ---------------------------------------------------------------------------------------------- frames, display


def test_a_frame_is_what_is_on_the_screen_and_its_hash_follows_it(xvfb: str, x11: X11) -> None:
    frames = Frames(xvfb)
    before = frames.grab()
    assert (before.width, before.height, frames.note) == (1280, 800, "")
    assert frames.grab().sha == before.sha
    window = x11.connection.generate_id()
    x11.core.CreateWindow(0, window, x11.root, 10, 20, 30, 40, 0, 1, 0, 2 | 512, [0x336699, 1])
    x11.core.MapWindow(window)
    x11.sync()
    after = frames.grab()
    image = Image.open(io.BytesIO(png(after)))
    assert after.sha != before.sha
    assert (image.getpixel((10, 20)), image.getpixel((39, 59))) == ((0x33, 0x66, 0x99),) * 2
    part = frames.grab(Box(20, 30, 5, 4))
    assert part.pixels == struct.pack("=I", 0x336699) * 20 or part.pixels == struct.pack("=I", 0xFF336699) * 20
    x11.core.DestroyWindow(window)
    x11.sync()
    assert frames.grab().sha == before.sha
    frames.close()


@pytest.fixture
def own_server(xvfb: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server that a test may kill or resize; where there is the shared one."""
    with x_server("800x600") as made:
        yield made


def test_two_monitors_are_told_apart_and_both_can_be_clicked(
    own_server: tuple[subprocess.Popen[bytes], str],
) -> None:
    program = shutil.which("xrandr")
    if not program:
        pytest.skip("no xrandr; install the Debian package x11-xserver-utils")
    _, display = own_server
    for name, geometry, output in (
        ("left", "400/100x600/100+0+0", "screen"),
        ("right", "400/100x600/100+400+0", "none"),
    ):
        subprocess.run(
            [program, "-d", display, "--setmonitor", name, geometry, output], check=True, capture_output=True
        )
    x11 = X11(display)
    assert {(m.name, m.box) for m in x11.monitors()} == {
        ("left", Box(0, 0, 400, 600)),
        ("right", Box(400, 0, 400, 600)),
    }
    XTest(x11).click(Point(799, 599))
    pointer = x11.core.QueryPointer(x11.root).reply()
    assert (pointer.root_x, pointer.root_y) == (799, 599)
    x11.close()


def test_a_screen_of_another_size_is_seen_whole_and_said(own_server: tuple[subprocess.Popen[bytes], str]) -> None:
    program = shutil.which("xrandr")
    if not program:
        pytest.skip("no xrandr; install the Debian package x11-xserver-utils")
    _, display = own_server
    frames = Frames(display)
    assert frames.grab().width == 800
    mode = ["small", "25", "640", "656", "752", "800", "480", "490", "492", "525"]
    for order in (["--newmode", *mode], ["--addmode", "screen", "small"], ["--output", "screen", "--mode", "small"]):
        subprocess.run([program, "-d", display, *order], check=True, capture_output=True)
    assert (frames.grab().width, frames.note) == (640, "the screen is now 640x480; capture was opened anew")
    frames.close()


def test_a_lost_display_is_said_by_eyes_and_hands(own_server: tuple[subprocess.Popen[bytes], str]) -> None:
    server, display = own_server
    x11, frames = X11(display), Frames(display)
    hands = XTest(x11)
    frames.grab()
    server.terminate()
    server.wait(LIMIT)
    for use in (
        lambda: hands.click(Point(1, 1)),
        lambda: hands.type("a"),
        x11.windows,
        x11.clipboard,
        frames.grab,
        lambda: X11(display),
        lambda: Frames(display),
    ):
        with pytest.raises(DisplayGone):
            use()


# ---------------------------------------------------------------------------------------------- pyautogui


PORTABLE = """
from cua.core import Point
from cua.errors import DriverError, UsageError
from drivers.pyautogui_input import PyAutoGui
hands = PyAutoGui()
hands.click(Point(123, 97), "right", 1, ("shift",))
hands.press("ctrl+s")
hands.scroll(Point(100, 100), dy=2)
for text, error in (("café", DriverError), ("a\\x07", UsageError)):
    try:
        hands.type(text)
    except error as exc:
        assert "é" in str(exc) or "U+0007" in str(exc), exc
    else:
        raise AssertionError(text)
hands.type("aB!")
hands.release_all()
"""


def test_the_portable_hands_do_the_same_and_refuse_what_they_would_drop(
    xvfb: str, x11: X11, listener: Listener, tmp_path: Path
) -> None:
    (tmp_path / "authority").touch()
    x11.core.WarpPointer(0, x11.root, 0, 0, 0, 0, 700, 700)
    x11.sync()
    done = subprocess.run(
        [sys.executable, "-c", PORTABLE],
        env=os.environ | {"DISPLAY": xvfb, "XAUTHORITY": str(tmp_path / "authority")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heard = listener.hear(1)
    while heard[-1].keysym != ord("!"):
        heard += listener.hear(1)
    downs = [h for h in heard if h.kind.endswith("down")]
    buttons = [(h.detail, h.x, h.y) for h in downs if h.kind == "button down"]
    assert buttons == [(3, 123, 97), (5, 100, 100), (5, 100, 100)]
    keys = [h.keysym for h in downs if h.kind == "key down" and h.keysym not in (0xFFE1, 0xFFE3)]
    assert keys == [ord(c) for c in "saB!"]
