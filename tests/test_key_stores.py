"""Stores of keys: what libraries write into them is nobody's doing, unless a request is about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cua.doing import do_there
from cua.memory.maps import Law
from cua.memory.store import Store
from cua.seats import Seat
from sandbox_vms.apps import App
from tests.sandboxes import sandboxed, with_gtk

# a text to write in; at the first letter a file comes to be in the home, as when a program asks for its keys
NOTES = """
import sys
from pathlib import Path
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
def typed(text):
    path = Path.home() / sys.argv[1]
    path.parent.mkdir(exist_ok=True)
    path.touch()
window, view = Gtk.Window(title="Notes"), Gtk.TextView()
view.get_buffer().connect("changed", typed)
window.add(view)
window.set_default_size(400, 300)
window.show_all()
view.grab_focus()
Gtk.main()
"""


@pytest.mark.parametrize(
    ("path", "words", "noise"),
    [
        (".gnupg/pubring.kbx", "alpha", True),
        (".gnupg/trustdb.gpg", "alpha", True),
        (".gnupg/gpg.conf", "alpha", False),
        (".gnupg/pubring.kbx", "keep .gnupg", False),
    ],
)
def test_what_libraries_put_there_neither_fails_a_request_nor_is_told(
    path: str, words: str, noise: bool, tmp_path: Path
) -> None:
    app = App("notes", (with_gtk("3.0"), "-c", NOTES, path))
    with Store(tmp_path / "record.db") as store, sandboxed(app) as box:
        place = Seat(box, store, "notes", "/home/user", {})
        place.known.laws["tick"] = Law("tick", "toggle", signals=("state",))  # it was practised: no change is let pass
        done = do_there(f"type '{words}'", place)
    assert f"file:{path}" in done.changed
    assert (done.outcome, path in done.brief) == (("pass", False) if noise else ("fail", True)), done.saying
