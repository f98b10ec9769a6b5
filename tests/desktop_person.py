"""A person at work on a desktop that is recorded, for the tests of the desktop recorder: real keys, in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cua.core import (
    Click,
    Element,
    Fill,
    Point,
    Scroll,
    Step,
)
from cua.policies import finding
from drivers.desktop_recorder import DesktopRecorder
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
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
        """What was recorded until nothing more came for a while, though a look takes long on a loaded machine."""
        new: list[Step] = []
        while (said := self.recorder.next(0.7)) is not None or self.recorder.busy:
            if said is None:
                continue
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
