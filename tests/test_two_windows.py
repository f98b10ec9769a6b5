"""What is shown in two windows of two programs is done again in each of them, and in no other than the one meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cua.core import Box, Budget, Click, Element, Observation, Run, Task
from cua.memory.workflows import Workflow
from cua.policies.replay import Replay
from cua.record import files
from cua.record.compile import compile
from cua.run import Unkept, run
from drivers.desktop_recorder import DesktopRecorder
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.desktop_person import Session, box
from tests.sandboxes import PYTHON, sandboxed
from tests.waiting import awaited

__all__ = ["box"]  # skips where the program cannot be shown

NOTES = """
import pathlib, sys
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk

title = sys.argv[1]
window = Gtk.Window(title=title, default_width=420, default_height=300)
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=1)
bar, menu, top = Gtk.MenuBar(), Gtk.Menu(), Gtk.MenuItem(label="View")
top.set_submenu(menu)
bar.append(top)
status = Gtk.CheckMenuItem(label="Status Bar")
menu.append(status)
box.add(bar)
owner, note = [""], Gtk.Entry()

def ask(button):
    dialog = Gtk.Dialog(title="Owner", transient_for=window, modal=True)
    dialog.add_buttons("Cancel", 0, "Apply", 1)
    name = Gtk.Entry()
    dialog.get_content_area().add(Gtk.Label(label="Full name:", mnemonic_widget=name))
    dialog.get_content_area().add(name)
    def answered(dialog, answer):
        owner[0] = name.get_text() if answer else owner[0]
        dialog.destroy()
    dialog.connect("response", answered)
    dialog.show_all()

button = Gtk.Button(label="Owner")
button.connect("clicked", ask)
box.add(button)
box.add(Gtk.Label(label="Note:", mnemonic_widget=note))
box.add(note)

def pressed(widget, event):
    if event.keyval == Gdk.KEY_s and event.state & Gdk.ModifierType.CONTROL_MASK:
        said = f"{note.get_text()}|{owner[0]}|{status.get_active()}"
        (pathlib.Path.home() / f"{title}.txt").write_text(said)
        return True
window.connect("key-press-event", pressed)
window.add(box)
window.show_all()
window.move(40 if title == "One" else 640, 60)
Gtk.main()
"""


def two(*titles: str) -> App:
    """The program once for each title, in a sandbox together."""
    start = f'exec {PYTHON} -c "$0" '
    return App("bench", ("/bin/sh", "-c", f"{start.removeprefix('exec ')}{titles[0]} & {start}{titles[1]}", NOTES))


def in_window(now: Observation, title: str, role: str, name: str) -> Element | None:
    found = [e for e in now.elements if (e.role, e.name) == (role, name) and "showing" in e.states]
    return next((e for e in found if now.ancestors(e)[-1].name == title), None)


@contextmanager
def pair(*titles: str) -> Iterator[Namespace]:
    """Both windows, at rest."""
    with sandboxed(two(*titles)) as made:
        yield both(made)


def both(made: Namespace) -> Namespace:
    def show() -> bool:
        now = made.driver.observe(frame=False)
        return all(in_window(now, title, "textbox", "Note") for title in ("One", "Two"))

    awaited(show, "both windows")
    return made


def told(made: Namespace, title: str, text: str) -> None:
    """Wait until the program of that title has written this."""
    path = f"{title}.txt"
    awaited(lambda: path in made.world.changes().files and made.world.read(f"~/{path}").decode() == text, path)


def test_keys_go_to_the_window_that_they_were_pressed_in_and_to_no_other(box: Namespace) -> None:
    with pair("One", "Two") as made:
        run_, size = shown_in_both(made)
        found = compile(run_, "notes", on="bench").workflow
        assert files.loads(files.dumps(found)) == found
        assert found.screen == size
        keys = [act for act in found.acts() if act.do == "press"]
        assert [(act.text, act.target and (act.target.role, act.target.name)) for act in keys] == [
            ("ctrl+s", ("window", "One")),
            ("ctrl+s", ("window", "Two")),
        ]
        values = {param.name: f"other {n}" for n, param in enumerate(found.params)}
        assert len(values) == 3
        made.reset()
        done = replayed(both(made), found, values)
        assert done.stopped == "finished", done.reason
        told(made, "One", "other 1|other 0|True")
        told(made, "Two", "other 2||False")
        halts_elsewhere(made, found, values)
    with pair("Two", "One") as made:  # the other one comes first on the accessibility bus
        done = replayed(made, found, values)
        assert done.stopped == "finished", done.reason
        told(made, "One", "other 1|other 0|True")
        told(made, "Two", "other 2||False")


def shown_in_both(made: Namespace) -> tuple[Run, tuple[int, int]]:
    """A person at work in one window, then in the other."""
    x11 = X11(made.driver.x11.display)
    recorder = DesktopRecorder(made.driver)
    session = Session(made, recorder, XTest(x11))
    try:
        session.wait()

        def click(title: str, role: str, name: str) -> None:
            def place() -> Box | None:
                there = in_window(recorder.last(), title, role, name)
                return there.box if there else None

            session.person.click(awaited(place, f"a {role} {name!r} in {title!r}").centre)
            session.wait()

        click("One", "menu", "View")
        click("One", "menuitemcheckbox", "Status Bar")
        click("One", "button", "Owner")
        click("Owner", "textbox", "Full name")
        session.type("Ada")
        click("Owner", "button", "Apply")
        for title, text in (("One", "first note"), ("Two", "second note")):
            click(title, "textbox", "Note")
            session.type(text)
            session.press("ctrl+s")
        told(made, "One", "first note|Ada|True")
        told(made, "Two", "second note||False")
        screen = x11.screen
        last = recorder.last()
    finally:
        recorder.close()
        x11.close()
    return Run("r1", Task("record", "notes"), tuple(session.steps), last, "finished"), (screen.width, screen.height)


def replayed(made: Namespace, workflow: Workflow, values: dict[str, str]) -> Run:
    task = Task("replay", "", budget=Budget(300, 60))
    return run(task, made.driver, Replay(workflow, values), Unkept())


def halts_elsewhere(made: Namespace, workflow: Workflow, values: dict[str, str]) -> None:
    """With the keys alone: those for the one that is not in front are not pressed."""
    press = next(act for act in workflow.acts() if act.do == "press")
    entry = in_window(made.driver.observe(frame=False), "Two", "textbox", "Note")
    assert entry
    made.driver.act(Click(entry))
    before = made.world.changes().contents
    done = replayed(made, replace(workflow, steps=(press,), params=()), {})
    assert done.stopped == "refused"
    assert "the keyboard is in 'Two'" in done.reason
    assert made.world.changes().contents == before
    filled = next(act for act in workflow.acts() if act.do == "fill" and act.target and act.target.name == "Note")
    given = values | {filled.text.strip("${}"): "by hand"}
    done = replayed(made, replace(workflow, steps=(filled, press)), given)
    assert done.stopped == "finished", done.reason  # it was brought to the front by the field that was filled in
    told(made, "One", "by hand|other 0|True")
