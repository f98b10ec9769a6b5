"""A person who works in a spreadsheet quicker than it can be looked at: which cell is which is known all the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from cua.core import Click, Element, Point, Press, Run, Step, Task
from cua.record.compile import RECORDED, Compiled, compile
from drivers.desktop_recorder import DesktopRecorder
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.desktop_person import Session, target
from tests.sandboxes import sandboxed
from tests.waiting import awaited

TRIES = 5


@pytest.fixture(scope="module")
def box() -> Iterator[Namespace]:
    if shutil.which("libreoffice") is None:
        pytest.skip("no libreoffice; install the Debian package libreoffice-calc")
    with sandboxed(App("spreadsheet", ("libreoffice", "--calc", "--norestore", "--nologo"))) as made:
        yield made


@pytest.fixture
def session(box: Namespace) -> Iterator[Session]:
    x11 = X11(box.driver.x11.display)
    made = Session(box, DesktopRecorder(box.driver), XTest(x11))
    made.wait()
    yield made
    made.recorder.close()
    x11.close()


def compiled(session: Session, steps: list[Step]) -> Compiled:
    run = Run("r", Task(RECORDED, "shown"), tuple(steps), session.recorder.last(), "finished")
    return compile(run, "shown", on="spreadsheet")


def cell(session: Session, name: str) -> Point:
    return session.place("cell", name)


def test_a_cell_that_was_clicked_right_after_a_key_is_the_one_that_is_current_then(session: Session) -> None:
    there = cell(session, "C3")
    for _ in range(TRIES):
        session.person.press("Down")
        session.person.click(there)
        moved, clicked = session.wait()
        assert moved.action == Press("Down")
        if isinstance(clicked.action, Click) and isinstance(clicked.action.target, Element):
            break
        assert any("place only" in line for line in session.lines)  # a busy machine may look too late, and says so
    assert target(clicked) == ("cell", "C3")
    assert any("you work quicker" in line for line in session.lines)


def test_what_is_typed_after_keys_that_moved_on_is_called_after_its_own_cell(session: Session) -> None:
    session.person.click(cell(session, "B2"))
    for text in ("17", "18", "19"):
        session.person.type(text)
        session.person.press("Return")
    made = compiled(session, session.wait())
    assert {param.name: param.default for param in made.workflow.params} == {"b2": "17", "b3": "18", "b4": "19"}
    said = {(each.kind, each.name) for act in made.workflow.acts() for each in act.expect}
    assert said <= {("holds", name) for name in ("B2", "B3", "B4")}


def test_what_a_sheet_shows_while_a_cell_is_edited_does_not_tell_that_a_key_ended_it(session: Session) -> None:
    session.person.click(cell(session, "D2"))
    session.wait()
    session.person.type("=SUM(B2")
    session.wait()
    session.person.type(":B3)")
    session.person.press("Return")
    session.wait()
    *_, act = compiled(session, session.steps).workflow.acts()
    assert (act.do, act.text, act.expect) == ("press", "Return", ())


def test_a_file_is_called_as_it_was_typed_though_the_last_look_came_before_the_last_key(session: Session) -> None:
    session.person.press("ctrl+s")
    awaited(lambda: "focused" in session.element("textbox", "Name").states, "the keyboard in the field")
    session.wait()
    session.person.press("ctrl+a")
    session.person.type("budget.od")
    session.wait()
    session.person.type("s")
    session.person.press("Return")
    steps = session.wait()
    params = compiled(session, steps).workflow.params
    assert [param.default for param in params] == ["budget.ods"]
