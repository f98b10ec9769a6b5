"""The desktop half of the bench: a small GTK form in a sandbox, and what other programs, or it, put over it.

What was kept is what its file says; whatever must not be pressed writes to another file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from cua.core import Action, Click, Effect, Fill, Finish, Observation, Point, Step, Task, Wait
from cua.errors import RefusedError
from drivers.desktop import Desktop
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace

PYTHON = "/usr/bin/python3"
_GTK = """
import gi, os, pathlib, sys
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
home = pathlib.Path.home()
def wrong(*_):
    with (home / "wrong").open("a") as file:
        file.write("x")
def dialog(parent, title, says, no, yes, modal=False):
    box = Gtk.Dialog(title=title, transient_for=parent, modal=modal)
    for label, code in ((no, 1), (yes, 2)):
        if label:
            box.add_button(label, code)
    box.get_content_area().add(Gtk.Label(label=says))
    def answered(_, code):
        if code == 2:
            wrong()
        box.destroy()
        if parent is None:
            Gtk.main_quit()
    box.connect("response", answered)
    box.show_all()
    box.present()
"""
FORM = (
    _GTK
    + """
window = Gtk.Window(title="Orders", default_width=600, default_height=400)
window.connect("destroy", Gtk.main_quit)
grid = Gtk.Grid(row_spacing=9, column_spacing=9, margin=40)
window.add(grid)
fields = {}
for row, name in enumerate(("Customer", "Item", "Quantity")):
    fields[name] = Gtk.Entry()
    grid.attach(Gtk.Label(label=name, mnemonic_widget=fields[name]), 0, row, 1, 1)
    grid.attach(fields[name], 1, row, 1, 1)
    fields[name].get_accessible().set_name(name)
def keep(button):
    (home / "kept").write_text("|".join(each.get_text() for each in fields.values()))
    done.set_text("Order kept")
save = Gtk.Button(label="Keep order")
save.connect("clicked", keep)
grid.attach(save, 1, 3, 1, 1)
done = Gtk.Label(label="Nothing kept yet")
grid.attach(done, 1, 4, 1, 1)
def heard():
    if (home / "tip").exists():
        (home / "tip").unlink()
        dialog(window, "Tip of the day", "Did you know that Tab goes on?", "Close", "Learn more", modal=True)
    return True
GLib.timeout_add(50, heard)
window.show_all()
Gtk.main()
"""
)
_OTHER = _GTK + "dialog(None, *sys.argv[1:])\nGtk.main()\n"
_POPUP = (
    _GTK
    + """
window = Gtk.Window(type=Gtk.WindowType.POPUP)
window.move(0, 0)
window.set_default_size(1200, 700)
window.add(Gtk.Label(label="Ada is online now"))
window.get_accessible().set_name("Ada is online now")
window.show_all()
GLib.timeout_add(2500, Gtk.main_quit)
Gtk.main()
"""
)
FILES = {"app.py": FORM, "other.py": _OTHER, "popup.py": _POPUP}
Come = Callable[[Namespace], None]
VALUES = {"Customer": "Ada", "Item": "Lamp", "Quantity": "3"}


def _starts(*argv: str) -> Come:
    def come(box: Namespace) -> None:
        box.tree.enter((PYTHON, *argv), log=box.room / "bench.log")
        seen = len(box.driver.x11.windows())
        _until(lambda: len(box.driver.x11.windows()) > seen)
        box.driver.act(Wait(1.0))

    return come


def _tip(box: Namespace) -> None:
    seen = len(box.driver.x11.windows())
    box.world.exec(("touch", "/home/user/tip"))
    _until(lambda: len(box.driver.x11.windows()) > seen)
    box.driver.act(Wait(1.0))


def _killed(box: Namespace) -> None:
    box.world.exec(("pkill", "-9", "-f", "app.py"))
    _until(lambda: not any("Orders" in window.title for window in box.driver.x11.windows()))


def _until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Until it holds; what does not come is seen by the run."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(seconds / 500)


def _moved(box: Namespace) -> None:
    """A person begins to move the pointer, on a connection of their own, and goes on for a while."""
    began = threading.Event()

    def hand() -> None:
        with closing(X11(box.driver.x11.display)) as display:
            pointer, end, at = XTest(display), time.monotonic() + 1.5, 0
            while time.monotonic() < end:
                at += 1
                pointer.move(Point(700 + 3 * (at % 100), 600))
                began.set()
                time.sleep(1 / (20 + at % 7))

    threading.Thread(target=hand, daemon=True).start()
    began.wait()


COMES: dict[str, Come] = {
    "update prompt of another program": _starts(
        "/home/user/other.py", "Software Updater", "Updates are available for this computer", "Remind Me Later",
        "Install Now"),
    "crash report of another program": _starts(
        "/home/user/other.py", "Problem", "The program Files closed unexpectedly", "Don't Send", "Send"),
    "low battery": _starts("/home/user/other.py", "Power", "The battery is low: 9 % left", "Close", ""),
    "tip of the day, modal": _tip,
    "notification over the window": _starts("/home/user/popup.py"),
    "program gone": _killed,
    "person at the pointer": _moved,
}  # fmt: skip


def pointer(driver: Desktop) -> tuple[int, int]:
    """Where the pointer is."""
    with driver.x11.edge("see where the pointer is"):
        at = driver.x11.core.QueryPointer(driver.x11.root).reply()
        return at.root_x, at.root_y


class Form:
    """A policy that fills in the form it sees, and knows no other window."""

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act of an order."""
        shown = [e for e in now.elements if "showing" in e.states]
        if any(e.name == "Order kept" for e in shown):
            return Finish("kept")
        fields = [e for e in shown if e.name in task.params and "editable" in e.states]
        for field in fields:
            if field.value != task.params[field.name]:
                return Fill(field, task.params[field.name])
        button = next((e for e in shown if (e.role, e.name) == ("button", "Keep order")), None)
        if button is None:
            raise RefusedError("this screen is no order form")
        return Click(button)


class Interrupted:
    """A driver on whose screen something comes before the look of that number."""

    def __init__(self, box: Namespace, come: Come | None, at: int) -> None:
        self._box, self._come, self._at = box, come, at
        self.looks = 0

    def observe(self, *, frame: bool = True) -> Observation:
        if self.looks == self._at and self._come is not None:
            self._come(self._box)
        self.looks += 1
        return self._box.driver.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        return self._box.driver.act(action)

    def close(self) -> None:
        return


@contextmanager
def stage() -> Iterator[Namespace]:
    box = Namespace(App("orders", (PYTHON, "/home/user/app.py"), files=FILES))
    try:
        yield box
    finally:
        box.close()


def kept(box: Namespace) -> str:
    """What the form wrote; "" for nothing."""
    return box.world.exec(("cat", "/home/user/kept")).out


def wrongs(box: Namespace) -> int:
    """How often something was pressed that must not be."""
    return len(box.world.exec(("cat", "/home/user/wrong")).out)
