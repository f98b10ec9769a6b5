"""Forms of GTK 3 are replayed as a person fills them in: by keys where only those count, and in front."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cua.core import Budget, Click, Element, Observation, Place, Press, Run, Task
from cua.memory.workflows import Act, Expect, Mark, Workflow
from cua.policies.finding import mark_of
from cua.policies.halting import outside
from cua.policies.keyboard import window
from cua.policies.replay import Replay
from cua.run import Unkept, run
from drivers.brisk import Brisk
from sandbox_vms.namespace import Namespace
from tests.sandboxes import with_gtk
from tests.test_desktop import has, look, one, sandbox, until

FORM = """
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk
window, box = Gtk.Window(title="Form", default_width=420, default_height=320), Gtk.Box(orientation=1)
bar, menu, top = Gtk.MenuBar(), Gtk.Menu(), Gtk.MenuItem(label="View")
inner, more = Gtk.Menu(), Gtk.MenuItem(label="More")
wrap, deep = Gtk.CheckMenuItem(label="Wrap"), Gtk.CheckMenuItem(label="Deep")
top.set_submenu(menu)
more.set_submenu(inner)
bar.append(top)
inner.append(deep)
menu.append(wrap)
menu.append(more)
for item in (wrap, deep):
    item.set_active(True)
box.add(bar)
fields, keys = [], []
for name in ("Name", "Code"):
    field = Gtk.Entry(visibility=name != "Code")
    box.add(Gtk.Label(label=name, mnemonic_widget=field))
    field.set_activates_default(True)
    box.add(field)
    fields.append(field)
said, ok = Gtk.Label(label="nothing"), Gtk.Button(label="OK", sensitive=False)
for field in fields:
    field.connect("key-release-event", lambda *_: ok.set_sensitive(all(field.get_text() for field in fields)))
ok.connect("clicked", lambda _: said.set_text("took " + fields[0].get_text()))
def ask(_):
    dialog = Gtk.Dialog(title="Keep it", transient_for=window, modal=True)
    dialog.add_buttons("Yes", 0, "No", 1)
    dialog.connect("response", lambda dialog, _: dialog.destroy())
    dialog.show_all()
for name, does in (("Ask", ask), ("Small", lambda _: window.iconify())):
    button = Gtk.Button(label=name)
    button.connect("clicked", does)
    box.add(button)
def pressed(_, event):
    keys.append(Gdk.keyval_name(event.keyval))
    said.set_text("heard " + " ".join(keys))
window.connect("key-press-event", pressed)
box.add(ok)
box.add(said)
window.add(box)
ok.set_can_default(True)
window.set_default(ok)
window.show_all()
Gtk.main()
"""


@pytest.fixture
def form() -> Iterator[Namespace]:
    with sandbox((with_gtk("3.0"), "-c", FORM), has("button", "Small")) as box:
        yield box


def mark(box: Namespace, role: str, name: str) -> Mark:
    now = look(box)
    return mark_of(one(now, role, name), now)


def filling(box: Namespace, name: str, text: str) -> Act:
    return Act(f"fill {name}", "fill", mark(box, "textbox", name), text=text)


def replayed(box: Namespace, *steps: Act, dry: bool = False) -> tuple[Run, Replay]:
    workflow = Workflow("form", "desktop", steps, origins=(look(box).place.app,))
    policy = Replay(workflow, {}, dry=dry)
    return run(Task("form", "form", budget=Budget(200, 60.0)), Brisk(box.driver), policy, Unkept()), policy


def test_a_button_that_only_keys_enable_is_clicked_after_the_fields_were_filled_in(form: Namespace) -> None:
    took = Expect("shows", "text", "took Ada")
    click = Act("ok", "click", mark(form, "button", "OK"), expect=(took,))
    done, _ = replayed(form, filling(form, "Name", "Ada"), filling(form, "Code", "x y z"), click)
    assert done.stopped == "finished", done.reason
    assert has("text", "took Ada")(look(form))
    keys = [step.action.keys for step in done.steps if isinstance(step.action, Press)]
    assert keys == ["End"]


def test_a_button_that_stays_disabled_halts_the_replay(form: Namespace) -> None:
    click = Act("ok", "click", mark(form, "button", "OK"))
    done, _ = replayed(form, filling(form, "Name", "Ada"), click)
    assert done.stopped == "refused"
    assert "button 'OK' is disabled" in done.reason
    assert one(look(form), "textbox", "Name").value == "Ada"


def test_return_is_taken_by_a_button_that_only_keys_enable(form: Namespace) -> None:
    took = Expect("shows", "text", "took Ada")
    enter = Act("enter", "press", mark(form, "textbox", "Name"), text="Return", expect=(took,))
    done, _ = replayed(form, filling(form, "Code", "x y z"), filling(form, "Name", "Ada"), enter)
    assert done.stopped == "finished", done.reason


@pytest.mark.parametrize("deep", [False, True], ids=["menu", "submenu"])
def test_menus_opened_for_what_is_so_already_are_closed_again_and_nothing_else(form: Namespace, deep: bool) -> None:
    steps = [Act("view", "click", mark(form, "menuitem" if has("menuitem", "View")(look(form)) else "menu", "View"))]
    if deep:
        role = next(e.role for e in look(form).elements if e.name == "More")
        steps.append(Act("more", "click", mark(form, role, "More")))
    name = "Deep" if deep else "Wrap"
    on = Expect("checked", "menuitemcheckbox", name, "on")
    steps.append(Act("tick", "click", mark(form, "menuitemcheckbox", name), expect=(on,)))
    now = look(form)
    here = window(now)
    assert here is not None
    heard = Expect("shows", "text", "heard F5")
    steps.append(Act("key", "press", mark_of(here, now), text="F5", expect=(heard,)))
    done, policy = replayed(form, *steps)
    assert done.stopped == "finished", done.reason
    assert "so already" in next(trod.note for trod in policy.trail if trod.step == "tick")
    keys = [step.action.keys for step in done.steps if isinstance(step.action, Press)]
    assert set(keys[:-1]) == {"Escape"}
    assert "checked" in one(look(form), "menuitemcheckbox", name).states


def test_nothing_is_done_behind_a_modal_dialog(form: Namespace) -> None:
    step = filling(form, "Name", "Ada")
    form.driver.act(Click(one(look(form), "button", "Ask")))
    until(form, has("button", "Yes"))
    done, _ = replayed(form, step)
    assert done.stopped == "refused"
    assert "the dialog 'Keep it' is in the way; close it" in done.reason
    _, policy = replayed(form, step, dry=True)
    assert [(trod.stage, "'Keep it' is in the way" in trod.note) for trod in policy.trail] == [("halted", True)]
    assert not one(look(form), "textbox", "Name").value
    yes = Act("yes", "click", mark(form, "button", "Yes"), expect=(Expect("closed", name="Keep it"),))
    done, _ = replayed(form, yes, step)
    assert done.stopped == "finished", done.reason


def test_a_minimised_window_is_said_to_be_so_and_nothing_is_done_there(form: Namespace) -> None:
    step = Act("ask", "click", mark(form, "button", "Ask"))
    form.driver.act(Click(one(look(form), "button", "Small")))
    until(form, lambda now: "window 'Form' is minimised" in now.note)
    for dry in (True, False):
        done, policy = replayed(form, step, dry=dry)
        assert [trod.stage for trod in policy.trail] == ["halted"]
        assert "window 'Form' is minimised" in policy.trail[0].note
    assert done.stopped == "refused"
    assert not has("button", "Yes")(look(form))


def test_a_window_minimised_behind_another_program_is_named() -> None:
    now = Observation(Place("portal"), (Element("a11y|:1|/1", "window", "Form"),), note="window 'Form' is minimised")
    why = outside(("editor",), "portal", now)
    assert why.startswith("no window is in front, and the workflow may act on editor only")
    assert "the window 'Form' is minimised" in why
