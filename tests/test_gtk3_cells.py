"""Cells of GTK 3 that hold an icon and a text are called by the text, and found again by their row. A real program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cua.core import Click, Element, Observation
from cua.policies.finding import Found, find, mark_of
from sandbox_vms.namespace import Namespace
from tests.sandboxes import with_gtk
from tests.test_desktop import look, sandbox, until

LIST = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
store = Gtk.ListStore(str, str, str)
for name, size in (("Milk", "1"), ("Bread", "2"), ("Salt", "2")):
    store.append(["folder", name, size])
view = Gtk.TreeView(model=store)
column, icon, text = Gtk.TreeViewColumn("Name"), Gtk.CellRendererPixbuf(), Gtk.CellRendererText()
column.pack_start(icon, False)
column.pack_start(text, True)
column.add_attribute(icon, "icon-name", 0)
column.add_attribute(text, "text", 1)
view.append_column(column)
view.append_column(Gtk.TreeViewColumn("", Gtk.CellRendererPixbuf(), icon_name=0))
view.append_column(Gtk.TreeViewColumn("Size", Gtk.CellRendererText(), text=2))
more = Gtk.Button(label="More")
more.connect("clicked", lambda button: store.insert(0, ["folder", "Tea", "1"]))
whole = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
for widget in (view, more):
    whole.add(widget)
window = Gtk.Window(title="Goods", default_width=420, default_height=400)
window.add(whole)
window.show_all()
Gtk.main()
"""


@pytest.fixture(scope="module")
def goods() -> Iterator[Namespace]:
    with sandbox((with_gtk("3.0"), "-c", LIST), lambda now: any(e.name == "2" for e in now.elements)) as box:
        yield box


def cells(now: Observation) -> list[Element]:
    return [each for each in now.elements if each.role == "cell"]


def test_a_cell_with_an_icon_and_a_text_is_called_by_its_text(goods: Namespace) -> None:
    assert [each.name for each in cells(look(goods))][::3] == ["Milk", "Bread", "Salt"]


def test_each_cell_with_a_text_is_found_again_and_is_the_only_one(goods: Namespace) -> None:
    now = look(goods)
    for each in [cell for cell in cells(now) if cell.name]:
        found = find(mark_of(each, now), now)
        assert isinstance(found, Found), (each, found)
        assert found.element == each


def test_a_cell_is_found_in_its_row_though_another_row_came_above_it(goods: Namespace) -> None:
    now = look(goods)
    mark = mark_of(cells(now)[3], now)
    more = next(each for each in now.elements if each.name == "More")
    goods.driver.act(Click(more))
    now = until(goods, lambda now: any(each.name == "Tea" for each in now.elements))
    found = find(mark, now)
    assert isinstance(found, Found)
    assert found.element.name == "Bread"
