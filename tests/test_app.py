"""The user's verbs on real sandboxes: what is asked is done and judged; what is not clear touches nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cua import app
from cua.config import paths
from cua.do_app import do
from cua.errors import CuaError, MissingProgram, UsageError
from cua.machines_app import image_of, images_folder
from cua.seats import Done
from sandbox_vms import apps
from tests.machines import image
from tests.sandboxes import lasted, moved_in
from tests.test_images import in_folder
from tests.test_practice import INI, switchboard

NAME = f"test-board-{os.getpid()}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One with a lasting sandbox with the program in tests/fixtures."""
    with lasted(switchboard(), NAME, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def board(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the sandbox, in its home."""
    moved_in(home, monkeypatch)
    return NAME


@pytest.fixture
def fresh(board: str) -> str:
    """The same at its start state."""
    app.sandbox_reset(board)
    return board


def untouched(done: Done, name: str) -> None:
    assert (done.outcome, done.acts, done.changed, done.model_calls) == ("unknown", 0, (), 0)
    assert not app.sandbox_changes(name).keys()
    (asked,) = app.prompts(done.run)
    assert done.goal in asked.request["messages"][-1]["content"]  # what a model would have been asked
    assert not asked.answer


# ---------------------------------------------------------------------------------------------- done


def test_what_was_asked_is_done_and_told(fresh: str) -> None:
    done = do("turn on grid", fresh)
    assert (done.outcome, done.saying, done.acts, done.how) == ("pass", "Grid on", 1, "read from the screen")
    assert f"setting:{INI}grid" in done.changed
    assert app.sandbox_changes(fresh).settings[f"{INI}grid"].after == "true"
    assert (done.model_calls, done.closest) == (0, ())


def test_several_things_are_done_in_one_request(fresh: str) -> None:
    done = do("turn on grid, choose theme dark and set width to 9", fresh)
    assert (done.outcome, done.acts) == ("pass", 3)
    found = app.sandbox_changes(fresh).settings
    assert [found[INI + key].after for key in ("grid", "theme", "width")] == ["true", "dark", "9"]


def test_a_number_that_a_field_does_not_take_changes_nothing(fresh: str) -> None:
    done = do("set width to 1000000", fresh)
    assert (done.outcome, done.changed) == ("fail", ())
    assert "takes " in done.saying
    assert not app.sandbox_changes(fresh).keys()


def test_what_is_so_already_takes_no_act(fresh: str) -> None:
    assert do("turn on grid", fresh).acts == 1
    again = do("turn on grid", fresh)
    assert (again.outcome, again.acts, again.changed) == ("pass", 0, ())
    assert "was so already" in again.saying


def test_a_run_is_on_record_with_its_verdict(fresh: str) -> None:
    done = do("set width to 12", fresh)
    shown = app.show_run(done.run)
    assert (shown["goal"], shown["stopped"], shown["outcome"]) == ("set width to 12", "finished", "pass")
    assert [step["act"] for step in shown["steps"]] == ["fill Width"]
    assert shown["evidence"]
    with app.record() as store:
        assert [run.id for run in store.runs()] == [done.run]


def test_what_was_done_is_remembered_and_what_cannot_be_is_told(fresh: str) -> None:
    assert do("turn on grid", fresh).note == ""
    with closing(sqlite3.connect(paths().record)) as known:
        assert known.execute("SELECT passed FROM action_runs").fetchall() == [(1,)]
        assert known.execute("SELECT count(*) FROM action_deeds").fetchone()[0] > 0
        known.execute("DROP TABLE action_uses")
    done = do("turn off grid", fresh)
    assert (done.outcome, "not remembered" in done.note) == ("pass", True)


@pytest.mark.parametrize("goal", ["tip", "about", "names"])
def test_a_dialog_that_holds_the_app_does_not_hold_the_next_request(fresh: str, goal: str) -> None:
    done = do(goal, fresh)
    assert (done.outcome, done.acts > 0) == ("unknown", True)
    assert do("turn on grid", fresh).outcome == "pass"


def test_a_command_that_ends_the_app_is_no_pass(fresh: str) -> None:
    done = do("crash", fresh)
    assert (done.outcome, done.acts) == ("unknown", 1)
    assert do("turn on grid", fresh).outcome == "pass"


def test_a_new_document_is_proven_by_its_tab() -> None:
    if shutil.which("featherpad") is None:
        pytest.skip("featherpad is not installed")
    try:
        done = do("new file", "featherpad")
    except MissingProgram as error:
        pytest.skip(str(error))
    assert (done.outcome, done.acts > 0) == ("pass", True)


# ---------------------------------------------------------------------------------------------- not done


@pytest.mark.parametrize(
    "goal", ["frobnicate the wibble", "turn on the flux compensator", "don't turn on grid", "grid", "set width", "؟؟؟"]
)
def test_what_cannot_be_matched_touches_nothing(fresh: str, goal: str) -> None:
    done = do(goal, fresh)
    untouched(done, fresh)
    assert done.saying


def test_one_part_that_is_not_clear_stops_the_rest(fresh: str) -> None:
    done = do("turn on grid and bring me coffee", fresh)
    untouched(done, fresh)
    assert "coffee" in done.saying
    assert "Grid" in done.closest


@pytest.mark.parametrize(
    ("goal", "says"), [("", "say what to do"), ("  \n ", "say what to do"), ("turn on grid " * 800, "characters")]
)
def test_an_empty_or_endless_goal_is_a_wrong_request(fresh: str, goal: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        do(goal, fresh)
    assert raised.value.exit_code == 2
    assert not app.sandbox_changes(fresh).keys()


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("", "--on"),
        ("no-such-app-anywhere", "no program is called"),
        ("galculatr", "closest"),
        ("'", "quotes"),
    ],
)
def test_an_unknown_app_is_a_wrong_request(on: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        do("turn on grid", on)


def test_one_that_only_an_image_has_is_told_with_how_to_use_it_there() -> None:
    in_folder(images_folder(), "aa", commands=("sticky-notes",))
    with pytest.raises(
        UsageError, match=r"has it: practise it with --sandbox qemu, use it with --on qemu:sticky-notes$"
    ):
        do("turn on grid", "sticky-notes")
    with pytest.raises(UsageError, match=r"--on 'qemu:sticky-notes --new'$"):
        app.wanted("namespace", "sticky-notes --new")
    found = app.wanted("qemu", "sticky-notes")
    assert (found.kind, found.app.command, image_of(found.app)) == ("qemu", ("sticky-notes",), "aa")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("no-such-app", "cua sandbox build debian --with no-such-app "),
        ("'a;'", "one has (images"),
        ("Text Editor", "one has (images"),
    ],
)
def test_one_that_no_image_has_is_a_wrong_request_with_advice_that_can_work(name: str, advice: str) -> None:
    with pytest.raises(UsageError, match="no image of a virtual machine has") as raised:
        app.wanted("qemu", name)
    assert advice in str(raised.value)
    with pytest.raises(UsageError, match="no image of a virtual machine has"):
        do("turn on grid", f"qemu:{name}")


def test_an_unknown_kind_of_sandbox_is_told_before_an_unknown_app() -> None:
    with pytest.raises(UsageError, match="'kvm'; there are: namespace, qemu"):
        app.wanted("kvm", "no-such-app-anywhere")


@pytest.mark.machines
def test_what_was_asked_is_done_in_a_virtual_machine() -> None:
    kept, said = image().folder.parent, list[str]()
    paths().data.mkdir(parents=True, exist_ok=True)
    images_folder().parent.symlink_to(kept)
    done = do("turn on word wrap", "qemu:mousepad", said.append)
    assert (done.outcome, done.saying, done.acts > 0) == ("pass", "Word Wrap on", True)
    assert any(key.endswith("word-wrap") for key in done.changed)
    assert (said[-2], said[-1]) == ("starting a machine", "turn on word wrap")
    with app.target("qemu:mousepad", start="", size=(1280, 800), visible=False, say=said.append) as (driver, world):
        assert {element.role for element in driver.observe(frame=False).elements} >= {"window", "textbox"}
        assert not world.changes().keys()


def test_an_app_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    known = apps.names()
    assert known
    for name in known:
        with pytest.raises(MissingProgram, match="apt-get install") as raised:
            apps.find(name)
        assert raised.value.exit_code == 4


def test_a_name_that_is_not_on_record_is_told_as_such() -> None:
    with pytest.raises(CuaError, match="no-such-run"):
        app.show_run("no-such-run")
    with pytest.raises(UsageError, match="no skill is called"):
        app.skill("no-such-skill")
    with pytest.raises(UsageError, match="no sandbox is called"):
        app.sandbox_changes("no-such-sandbox")


# ---------------------------------------------------------------------------------------------- records


def test_before_any_practice_there_are_no_skills(tmp_path: Path) -> None:
    assert app.skills() == []
    assert app.skills("switchboard") == []


def test_asking_does_not_practise(fresh: str) -> None:
    do("turn on grid", fresh)
    with app.record() as store:
        assert store.all("skill") == {}
        assert store.all("map") == {}
