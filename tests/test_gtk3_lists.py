"""Lists of GTK 3 tell of their rows only when asked: a real program of widgets in rows, as settings and stores have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cua.core import Click, Element, Observation
from cua.policies.finding import Found, find, mark_of
from sandbox_vms.namespace import Namespace
from tests.sandboxes import with_gtk
from tests.test_desktop import has, look, one, sandbox, until

LIST = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
said, rows = Gtk.Label(label="Nothing"), Gtk.ListBox()
def line(name, widget):
    box = Gtk.Box(spacing=12)
    box.pack_start(Gtk.Label(label=name, xalign=0), True, True, 0)
    box.pack_start(widget, False, False, 0)
    row = Gtk.ListBoxRow()
    row.add(box)
    return row
def goods(name):
    button = Gtk.Button(label="Remove")
    row = line(name, button)
    button.connect("clicked", lambda button: (said.set_text("no " + name), rows.remove(row)))
    return row
for name in ("Milk", "Bread", "Salt"):
    rows.add(goods(name))
rows.add(line("Airplane mode", Gtk.Switch()))
more = Gtk.Button(label="More")
more.connect("clicked", lambda button: (rows.insert(goods("Tea"), 0), rows.show_all()))
window = Gtk.Window(title="Goods", default_width=420, default_height=400)
whole = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
for widget in (rows, said, more):
    whole.add(widget)
window.add(whole)
window.show_all()
Gtk.main()
"""


@pytest.fixture
def goods() -> Iterator[Namespace]:
    with sandbox((with_gtk("3.0"), "-c", LIST), lambda now: any(e.name == "More" for e in now.elements)) as box:
        yield box


def row_of(now: Observation, element: Element) -> str:
    return next((above.name for above in now.ancestors(element) if above.role == "option"), "")


def removing(now: Observation) -> dict[str, Element]:
    """The buttons that remove a row, by the row's name."""
    return {row_of(now, e): e for e in now.elements if e.role == "button" and e.name == "Remove"}


def test_rows_of_a_gtk3_list_are_told_with_their_names_and_what_is_in_them(goods: Namespace) -> None:
    now = look(goods)
    assert [e.name for e in now.elements if e.role == "option"] == ["Milk", "Bread", "Salt", "Airplane mode"]
    assert list(removing(now)) == ["Milk", "Bread", "Salt"]
    switch = one(now, "button", "Airplane mode")
    assert "checked" not in switch.states
    goods.driver.act(Click(switch))
    until(goods, has("button", "Airplane mode", "checked"))


def test_a_button_in_a_row_is_found_again_in_that_row_and_in_no_other(goods: Namespace) -> None:
    now = look(goods)
    bread = mark_of(removing(now)["Bread"], now)
    goods.driver.act(Click(one(now, "button", "More")))
    now = until(goods, lambda now: "Tea" in removing(now))
    found = find(bread, now)
    assert isinstance(found, Found)
    assert row_of(now, found.element) == "Bread"
    goods.driver.act(Click(found.element))
    now = until(goods, lambda now: any(e.name == "no Bread" for e in now.elements))
    assert list(removing(now)) == ["Tea", "Milk", "Salt"]
    assert not isinstance(find(bread, now), Found)
