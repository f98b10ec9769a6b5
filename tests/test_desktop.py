"""The desktop driver tells the truth of every toolkit: real programs, each in a sandbox of its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cua.core import Box, Click, Element, Fill, Invoke, Observation, Press, Type
from cua.errors import DisplayGone, TargetGone
from drivers import promises
from drivers.promises import Stage
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.sandboxes import sandboxed, with_gtk
from tests.waiting import LIMIT, awaited

GTK4 = """
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gtk
def start(app):
    window = Gtk.ApplicationWindow(application=app, title="Four", default_width=400, default_height=300)
    grid = Gtk.Grid()
    name = Gtk.Entry()
    label = Gtk.Label(label="Name:", mnemonic_widget=name)
    go, off = Gtk.Button(label="Go"), Gtk.Button(label="Off", sensitive=False)
    go.connect("clicked", lambda button: button.set_label("Gone"))
    for row, widget in enumerate((label, name, Gtk.CheckButton(label="Notify me"), go, off)):
        grid.attach(widget, 0, row, 1, 1)
    window.set_child(grid)
    window.present()
app = Gtk.Application(application_id="org.example.Four")
app.connect("activate", start)
app.run()
"""
PAGE = (
    "data:text/html,<title>Page</title><h1>Hello</h1><button onclick=\"this.textContent='Done'\">Press</button>"
    "<input aria-label=Name><a href=x>link</a><button onclick='setInterval(() => {"
    "for (const end = Date.now() %2B 600; Date.now() < end;); }, 700)'>Be busy</button>"
)


@contextmanager
def sandbox(command: tuple[str, ...], ready: Callable[[Observation], bool]) -> Iterator[Namespace]:
    """An app whose window is ready to be played with; skipped where it or sandboxes are not to be had."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    with sandboxed(App(command[0], command)) as box:
        until(box, ready)
        box.driver.settle()
        yield box


def one(now: Observation, role: str, name: str) -> Element:
    return promises.named(role, name)(now)


def document(now: Observation) -> Element:
    return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


def look(box: Namespace) -> Observation:
    return box.driver.observe(frame=False)


def until(box: Namespace, holds: Callable[[Observation], object]) -> Observation:
    """The first look at which it holds."""
    return awaited(lambda: look(box), "the app shows it", holds)


def has(role: str, name: str, *states: str) -> Callable[[Observation], bool]:
    return lambda now: any((e.role, e.name) == (role, name) and e.states.issuperset(states) for e in now.elements)


def without(role: str, name: str, state: str) -> Callable[[Observation], bool]:
    return lambda now: has(role, name)(now) and not has(role, name, state)(now)


def options(now: Observation, combo: Element) -> list[str]:
    return [e.name for e in now.elements if e.name and combo.ref in [above.ref for above in now.ancestors(e)]]


def boxes_inside(now: Observation) -> bool:
    boxes = [e.box for e in now.elements if e.box]
    inside = all(b.x >= 0 and b.y >= 0 and b.x + b.width <= 1280 and b.y + b.height <= 800 for b in boxes)
    return bool(boxes) and inside and all(b.width > 0 and b.height > 0 for b in boxes)


# ---------------------------------------------------------------------------------------------- GTK 3


@pytest.fixture(scope="module")
def editor() -> Iterator[Namespace]:
    if shutil.which("mousepad") is None:
        pytest.skip("mousepad is not installed")
    with sandbox(("mousepad",), lambda now: any("multiline" in e.states for e in now.elements)) as box:
        yield box


def test_gtk3_menu_entries_have_their_ticks_and_act_while_closed(editor: Namespace) -> None:
    before = one(look(editor), "menuitemcheckbox", "Line Numbers")
    editor.driver.act(Invoke(before))
    changed = without if "checked" in before.states else has
    now = until(editor, changed("menuitemcheckbox", "Line Numbers", "checked"))
    assert one(now, "menuitemcheckbox", "Line Numbers").box is None


def test_a_disabled_element_is_refused_and_nothing_is_done(editor: Namespace) -> None:
    now = look(editor)
    undo = next(e for e in now.elements if "disabled" in e.states and e.role == "menuitem" and e.actions)
    for action in (Invoke(undo), Click(undo)):
        effect = editor.driver.act(action)
        assert (effect.kind, "disabled" in effect.reason) == ("refused", True)


def test_what_is_gone_raises(editor: Namespace) -> None:
    editor.driver.act(Invoke(one(look(editor), "menuitem", "Font...") if has("menuitem", "Font...")(look(editor)) else
                             one(look(editor), "menuitem", "Preferences...")))  # fmt: skip
    now = until(editor, lambda now: any(e.role == "dialog" for e in now.elements))
    buttons = [
        e
        for e in now.elements
        if e.role == "button" and "showing" in e.states and now.ancestors(e)[-1].role == "dialog"
    ]
    editor.driver.act(Press("Escape"))
    until(editor, lambda now: not any(e.role == "dialog" for e in now.elements))
    with pytest.raises(TargetGone):
        editor.driver.act(Click(buttons[0]))


def test_a_click_never_hits_a_window_that_covers_its_target(editor: Namespace) -> None:
    """The target's window is raised first: the terminal that covered it must not get the click."""
    text = document(look(editor))
    assert text.box
    argv = ("xterm", "-geometry", f"120x40+{text.box.x - 40}+{text.box.y - 60}")
    if shutil.which("xterm") is None:
        pytest.skip("xterm is not installed")
    terminal = editor.tree.enter(argv, log=editor.tree.room / "xterm.log")
    try:
        until(editor, lambda now: "no accessibility in window" in now.note and "xterm" in now.note)
        editor.driver.act(Click(text))
        active = editor.driver.x11.active()
        assert active is not None
        assert "Mousepad" in active.title
    finally:
        terminal.kill()


def test_a_program_that_hangs_is_said_and_does_not_block_the_look(editor: Namespace) -> None:
    pids = [w.pid for w in editor.driver.x11.windows() if "Mousepad" in w.title]
    inside = f"kill -STOP {pids[0]}"
    editor.world.exec(("sh", "-c", inside))
    try:
        began = time.monotonic()
        now = look(editor)
        took = time.monotonic() - began
        assert "does not answer" in now.note
        assert now.partial
        assert took < LIMIT
    finally:
        editor.world.exec(("sh", "-c", f"kill -CONT {pids[0]}"))
    until(editor, has("menu", "File"))


def test_gtk3_combo_boxes_are_called_by_their_labels_whatever_they_hold(editor: Namespace) -> None:
    """Their models' first column is an id, which the toolkit gives out as their name."""
    editor.driver.act(Invoke(one(look(editor), "menuitem", "Preferences...")))
    now = until(editor, has("tab", "View"))
    editor.driver.act(Click(one(now, "tab", "View")))
    scheme = one(until(editor, has("combobox", "Color Scheme", "showing")), "combobox", "Color Scheme")
    assert (scheme.value, options(look(editor), scheme)[:2]) == ("None", ["None", "Classic"])
    for value in ("Oblivion", "None"):
        assert editor.driver.act(Fill(scheme, value)).kind == "confirmed"
        assert one(look(editor), "combobox", "Color Scheme").value == value
    none = editor.driver.act(Fill(one(look(editor), "combobox", "Color Scheme"), "Classical"))
    assert (none.kind, none.unfit, "'Classic'" in none.reason) == ("refused", True, True), none
    editor.driver.act(Click(one(look(editor), "tab", "Window")))
    now = until(editor, has("combobox", "Icon Size", "showing"))
    held = {e.name: e.value for e in now.elements if e.role == "combobox" and "showing" in e.states}
    assert held == {"Icon Size": "Small Toolbar", "Style": "Icons Only", "Open files in": "new tabs"}
    editor.driver.act(Press("Escape"))
    until(editor, lambda now: now.elements and not any(e.role == "combobox" for e in now.elements))


@pytest.fixture(scope="module")
def stage(editor: Namespace) -> Stage:
    return Stage(editor.driver, textbox=document, button=lambda now: one(now, "menuitem", "Quit"))


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda promise: promise.__name__)
def test_the_desktop_driver_keeps(promise: Callable[[Stage], None], stage: Stage) -> None:
    try:
        promise(stage)
    except promises.NoStage as error:
        pytest.skip(str(error))


def test_gtk3_buttons_and_numbers() -> None:
    with sandbox(("galculator",), has("button", "7")) as box:
        for name in ("7", "8"):
            box.driver.act(Click(one(look(box), "button", name)))
        assert boxes_inside(until(box, lambda now: any("78" in (e.value or e.name) for e in now.elements)))


# ---------------------------------------------------------------------------------------------- Qt


@pytest.fixture(scope="module")
def qt() -> Iterator[Namespace]:
    with sandbox(("featherpad",), has("menu", "Options")) as box:
        yield box


def test_qt_closed_menus_are_told_and_open_ones_show(qt: Namespace) -> None:
    now = look(qt)
    closed = one(now, "menuitemcheckbox", "Wrap Lines")
    assert "checked" in closed.states
    assert closed.box is None
    assert now.ancestors(closed)[0].name == "Options"
    qt.driver.act(Click(one(now, "menu", "Options")))
    opened = until(qt, has("menuitemcheckbox", "Wrap Lines", "showing"))
    assert one(opened, "menuitemcheckbox", "Wrap Lines").box
    qt.driver.act(Click(one(opened, "menuitemcheckbox", "Wrap Lines")))
    now = until(qt, without("menuitemcheckbox", "Wrap Lines", "checked"))
    assert "checkable" in one(now, "menuitemcheckbox", "Wrap Lines").states


def test_qt_text_is_filled_and_read_back(qt: Namespace) -> None:
    text = "naïve ĉapelo\nzweite Zeile"
    effect = qt.driver.act(Fill(document(look(qt)), text))
    assert effect.kind == "confirmed"
    assert document(look(qt)).value == text


def test_qt_dialogs_spin_buttons_and_combo_boxes(qt: Namespace) -> None:
    qt.driver.act(Invoke(one(look(qt), "menuitem", "Preferences")))
    now = until(qt, has("dialog", "Preferences"))
    combo = next(e for e in now.elements if e.role == "combobox" and e.name == "Tab position")
    assert options(now, combo) == ["North", "South", "West", "East"]
    assert qt.driver.act(Fill(combo, "South")).kind == "confirmed"
    assert next(e for e in look(qt).elements if e.ref == combo.ref).value == "South"
    none = qt.driver.act(Fill(combo, "Up"))
    assert (none.kind, none.unfit, "offers only 'North', 'South', 'West', 'East'" in none.reason) == (
        "refused",
        True,
        True,
    )
    assert boxes_inside(look(qt))
    qt.driver.act(Click(one(look(qt), "tab", "Text")))
    now = until(qt, has("spinbutton", "Never highlight syntax for files >", "showing"))
    spin = next(
        e for e in now.elements if e.role == "spinbutton" and {"showing"} <= e.states and "disabled" not in e.states
    )
    assert spin.name == "Never highlight syntax for files >"
    assert qt.driver.act(Fill(spin, "7")).kind == "confirmed"
    assert next(e for e in look(qt).elements if e.ref == spin.ref).value == "7"
    qt.driver.act(Press("Escape"))
    until(qt, lambda now: not has("dialog", "Preferences")(now))


# ---------------------------------------------------------------------------------------------- LibreOffice


def sheet(now: Observation) -> bool:
    return has("cell", "A1")(now)


def cells(now: Observation) -> list[Element]:
    return [e for e in now.elements if e.role == "cell"]


def name_box(now: Observation) -> list[Element]:
    """The field that says where the cursor is, once that is in B3."""
    return [e for e in now.elements if e.role == "textbox" and "showing" in e.states and e.value == "B3"]


def whole_sheet(now: Observation) -> bool:
    """With the ticks of its menus too: a look at so much may be cut on a busy machine."""
    return bool(name_box(now) and cells(now) and any(e.role == "menuitemcheckbox" for e in now.elements))


def test_libreoffice_shows_its_cells_and_takes_values() -> None:
    with sandbox(("libreoffice", "--calc", "--norestore"), sheet) as box:
        tips = [e for e in look(box).elements if e.role == "dialog"]
        if tips:
            box.driver.act(Press("Escape"))
        now = until(box, lambda now: not any(e.role == "dialog" for e in now.elements) and len(cells(now)) > 100)
        assert len(cells(now)) <= 600
        effect = box.driver.act(Fill(one(now, "cell", "B2"), "hello"))
        assert effect.kind == "confirmed"
        now = until(box, whole_sheet)
        assert one(now, "cell", "B2").value == "hello"
        assert boxes_inside(now)
        assert box.driver.act(Fill(name_box(now)[0], "D4")).kind in ("confirmed", "no_effect")


# ---------------------------------------------------------------------------------------------- Chromium


def test_chromium_tells_what_is_on_its_page() -> None:
    quiet = ("--no-first-run", "--password-store=basic")
    argv = ("chromium", "--no-sandbox", "--force-renderer-accessibility", *quiet, PAGE)
    with sandbox(argv, has("button", "Press")) as box:
        now = look(box)
        assert has("heading", "Hello")(now)
        assert has("link", "link")(now)
        assert boxes_inside(now)
        box.driver.act(Click(one(now, "button", "Press")))
        until(box, has("button", "Done"))
        assert box.driver.act(Fill(one(look(box), "textbox", "Name"), "Ada ĉ")).kind == "confirmed"
        assert one(look(box), "textbox", "Name").value == "Ada ĉ"
        box.driver.act(Click(one(look(box), "button", "Be busy")))
        for text in ("one", "two and more", "three"):  # which such a page shows only a while after it was told
            effect = box.driver.act(Fill(one(look(box), "textbox", "Name"), text))
            assert (effect.kind, one(look(box), "textbox", "Name").value) == ("confirmed", text)


# ---------------------------------------------------------------------------------------------- GTK 4


def test_gtk4_positions_are_on_the_screen_and_can_be_clicked() -> None:
    with sandbox((with_gtk("4.0"), "-c", GTK4), has("button", "Go")) as box:
        now = look(box)
        window = next(w for w in box.driver.x11.windows() if w.title == "Four")
        button = one(now, "button", "Go")
        assert button.box
        assert contains(window.box, button.box)
        box.driver.act(Click(button))
        until(box, has("button", "Gone"))
        tick = one(look(box), "checkbox", "Notify me")
        box.driver.act(Click(tick))
        until(box, has("checkbox", "Notify me", "checked"))
        assert box.driver.act(Fill(one(look(box), "textbox", "Name:"), "Ada ĉ")).kind == "confirmed"
        assert box.driver.act(Click(one(look(box), "button", "Off"))).kind == "refused"


def contains(outer: Box, inner: Box) -> bool:
    right, bottom = inner.x + inner.width, inner.y + inner.height
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and right <= outer.x + outer.width
        and bottom <= outer.y + outer.height
    )


# ---------------------------------------------------------------------------------------------- no accessibility


def test_a_program_without_accessibility_is_said_so() -> None:
    with sandbox(("xterm",), lambda now: bool(now.note)) as box:
        now = box.driver.observe()
        assert now.elements == ()
        assert now.frame is not None
        assert "no accessibility in window" in now.note
        assert box.driver.act(Type("echo ok\n")).kind in ("unverified", "confirmed")


# ---------------------------------------------------------------------------------------------- what ended


def test_a_stopped_program_does_not_hold_up_the_end_of_its_sandbox() -> None:
    """What entered the sandbox for it stops with it, and the sandbox ends only when that has noticed."""
    with sandbox(("xmessage", "Hello"), lambda now: bool(now.note)) as box:
        assert box.world.exec(("pkill", "-STOP", "xmessage")).code == 0
        init = box.tree.init
    assert not init.alive


def test_a_driver_whose_display_ended_is_closed_in_silence() -> None:
    with sandbox(("xmessage", "Hello"), lambda now: bool(now.note)) as box:
        box.tree.init.kill()
        assert box.tree.init.await_end(LIMIT)
        with pytest.raises(DisplayGone):
            look(box)
        box.driver.close()
