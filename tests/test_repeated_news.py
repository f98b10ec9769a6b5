"""A program that tells the same state on and on tells no news; what it does change is seen. A real GTK program."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.desktop_person import Session, session
from tests.sandboxes import sandboxed, with_gtk

__all__ = ["session"]  # fixture

PROGRAM = """
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("Atk", "1.0")
from gi.repository import Atk, GLib, Gtk

window = Gtk.Window(title="Chatty", default_width=400, default_height=200)
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=1)
tick, name = Gtk.CheckButton(label="Keep"), Gtk.Label(label="Ready")
for each in (tick, name):
    box.add(each)
window.add(box)
window.show_all()

def tell():
    said = tick.get_accessible()
    said.notify_state_change(Atk.StateType.CHECKED, tick.get_active())
    said.notify_state_change(Atk.StateType.SENSITIVE, True)
    name.get_accessible().notify("accessible-name")
    return True

GLib.timeout_add(40, tell)
Gtk.main()
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Namespace]:
    """The program in a sandbox, in place of the one that the recorder's other tests share."""
    with sandboxed(App("chatty", (with_gtk("3.0"), "-c", PROGRAM))) as made:
        yield made


def test_a_state_that_is_told_again_as_it_was_is_no_news(session: Session) -> None:
    session.element("checkbox", "Keep")
    looks, access = session.recorder._looks, session.box.driver.access
    told, seen, end = access.heard, looks.now, time.monotonic() + 1.0
    while time.monotonic() < end:
        assert session.recorder.next(0.1) is None
        assert not looks.stale
    assert access.heard > told + 10
    assert looks.now is seen


def test_a_state_that_changed_is_news_among_others_that_did_not(session: Session) -> None:
    (step,) = session.click("checkbox", "Keep")
    assert step.effect.kind == "confirmed"
    assert "checked" in session.element("checkbox", "Keep").states
