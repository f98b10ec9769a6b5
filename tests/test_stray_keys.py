"""What is written while a button has the keyboard is told at once and in the workflow's remarks. Real pages and GTK."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.core import Type
from cua.memory.store import Store
from tests.desktop_person import Session, box, session
from tests.served import pages, serving
from tests.test_doubtful import kept, watched_at

__all__ = ["box", "session"]
PAGE = """<!doctype html><title>Notes</title><h1>Open</h1><label>Name <input id=name></label>
<button onclick="document.querySelector('h1').textContent = 'Chosen'">Choose</button>"""


@pytest.fixture
def site() -> Iterator[str]:
    with serving(pages({"/": PAGE}.get)) as port:
        yield f"http://127.0.0.1:{port}"


def test_keys_that_a_button_gets_on_a_page_are_told(site: str, store: Store, tmp_path: Path) -> None:
    with watched_at(site) as watched:
        watched.page.get_by_role("button").click()
        came = watched.until(lambda: watched.shows("Chosen"))
        watched.page.keyboard.type("Bob")
        came += watched.steps(0)
        made, lines = kept(came, watched.recorder.last(), store, tmp_path)
    told = [line for line in lines if "takes no text" in line]
    assert len(told) == 1
    assert "the button 'Choose' has the keyboard" in told[0]
    noted = [note for note in made.notes if "takes no text" in note]
    assert [note.partition(" writes ")[0] for note in noted] == ["step 3 of the recording"]


def test_keys_that_a_button_of_a_program_gets_are_told(session: Session, store: Store, tmp_path: Path) -> None:
    before = len(session.steps)
    session.click("button", "Under")
    session.type("Bob")
    session.recorder.pause()  # which ends what is being typed
    session.wait()
    session.recorder.resume()
    made, lines = kept(session.steps[before:], session.recorder.last(), store, tmp_path)
    assert isinstance(session.steps[-1].action, Type)
    assert sum("the button 'Under' has the keyboard, which takes no text" in line for line in lines) == 1
    assert sum("the button 'Under' has the keyboard" in note for note in made.notes) == 1


def test_what_is_written_into_a_field_is_not_remarked_on(session: Session, store: Store, tmp_path: Path) -> None:
    before = len(session.steps)
    session.click("button", "Account")
    session.click("textbox", "City")
    session.type("Rome")
    session.click("button", "Cancel")
    made, lines = kept(session.steps[before:], session.recorder.last(), store, tmp_path)
    assert not any("takes no text" in said for said in (*lines, *made.notes))
