"""Trajectories in OSWorld's layout: what its tools look for is there, and the code does what was done."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cua.core import (
    Action,
    Box,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Open,
    Outcome,
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)
from cua.exporting.chosen import Wanted
from cua.exporting.pyautogui import code_of
from cua.memory import exchanges
from cua.policies.models.code import acts
from tests.exports import WRAP, click, fill, named, recorded, rows

# the names that OSWorld's runner writes for each step
KEYS = {"step_num", "action_timestamp", "action", "response", "reward", "done", "info", "screenshot_file"}
OUTCOMES: tuple[Outcome, ...] = ("unknown", "refused")
BUTTON = Element("b", "button", "Save", box=Box(10, 20, 40, 10))
FIELD = Element("f", "textbox", "Name", "", frozenset({"editable"}), Box(100, 200, 50, 20))


def test_a_run_is_laid_out_as_osworlds_results(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        told = record.exported("traj", tmp_path / "out")
        pictures = [record.store.frame_png(look.frame.sha) for look in (*[s.seen for s in done.steps], done.last)
                    if look and look.frame]  # fmt: skip
    place = tmp_path / "out" / "pyautogui" / "screenshot_a11y_tree" / "cua" / "fake" / done.id
    lines = rows(place / "traj.jsonl")
    assert (told.runs, told.rows, len(lines)) == (1, {"pyautogui/screenshot_a11y_tree/cua/*/*/traj.jsonl": 3}, 3)
    assert all(set(line) == KEYS for line in lines)
    assert [line["step_num"] for line in lines] == [1, 2, 3]
    assert [line["done"] for line in lines] == [False, False, True]
    assert lines[-1]["action"] == "DONE"
    assert [line["info"] for line in lines[:2]] == [{"effect": "confirmed"}] * 2
    # the picture of a step is the screen after it, as in OSWorld; the one before the first stands beside
    found = [(place / name).read_bytes() for name in ("initial_state.png", *[ln["screenshot_file"] for ln in lines])]
    assert found == [*pictures, pictures[-1]]
    assert Image.open(io.BytesIO(found[0])).size == (640, 400)
    for line in lines:
        name = rf"step_{line['step_num']}_{line['action_timestamp']}\.png"
        assert re.fullmatch(name, line["screenshot_file"])
        assert re.fullmatch(r"\d{8}@\d{12}", line["action_timestamp"])
    assert json.loads((place / "task.json").read_text())["instruction"] == WRAP.goal


def scores(results: Path) -> dict[str, float]:
    """What OSWorld's own counting finds: folders of an app, a task, and the number in result.txt."""
    found = {}
    for domain in results.iterdir():
        for example in domain.iterdir():
            if (example / "result.txt").exists():
                found[example.name] = float((example / "result.txt").read_text())
    return found


def test_runs_are_counted_as_judged_and_those_nobody_judged_not_at_all(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        good = record.tried(WRAP, click("View"), click("Word wrap"))
        bad = record.tried(WRAP, click("View"))
        for outcome in OUTCOMES:
            record.tried(WRAP, click("View"), click("Word wrap"), outcome=outcome)
        told = record.exported("traj", tmp_path / "out")
    results = tmp_path / "out" / "pyautogui" / "screenshot_a11y_tree" / "cua"
    assert scores(results) == {good.id: 1.0, bad.id: 0.0}
    assert (told.runs, len(list((results / "fake").iterdir()))) == (4, 4)


def test_what_a_model_answered_is_its_response(tmp_path: Path) -> None:
    answer = {"choices": [{"message": {"content": "I open the menu"}}]}
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        record.exchanges.keep(done.id, exchanges.Exchange(0, {"messages": []}, answer, 0.1, 1, 0, 1, 0.0))
        record.exported("traj", tmp_path / "out")
    (file,) = (tmp_path / "out").rglob("traj.jsonl")
    first, second, _ = rows(file)
    assert (json.loads(first["response"]), second["response"]) == (answer, "")


def test_a_picture_that_a_crash_lost_is_counted_and_the_run_is_there(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, click("View"), click("Word wrap"))
        assert done.steps[1].seen.frame
        for file in (tmp_path / "cua.frames").glob(f"{done.steps[1].seen.frame.sha}.*"):
            file.unlink()
        told = record.exported("traj", tmp_path / "out")
    (file,) = (tmp_path / "out").rglob("traj.jsonl")
    assert [line["screenshot_file"] is None for line in rows(file)] == [True, False, False]
    assert told.notes == {"looks without a picture": 1}


def test_acts_without_code_are_comments_that_do_nothing(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, Open("https://example.org/"), outcome="fail")
        told = record.exported("traj", tmp_path / "out", Wanted((done.id,)))
    (file,) = (tmp_path / "out").rglob("traj.jsonl")
    line = rows(file)[0]
    assert (line["action"], acts(line["action"])) == ('# open "https://example.org/"', ())
    assert line["info"]["effect"].startswith("refused: ")
    assert list(told.notes.values()) == [1]


# ---------------------------------------------------------------------------------------------- code


@pytest.mark.parametrize(
    ("act", "read"),
    [
        (Click(Point(3, 4)), Click(Point(3, 4))),
        (Click(BUTTON), Click(Point(30, 25))),
        (Click(Point(3, 4), count=2), Click(Point(3, 4), count=2)),
        (Click(Point(3, 4), "right"), Click(Point(3, 4), "right")),
        (Click(Point(3, 4), "middle", 3), Click(Point(3, 4), "middle", 3)),
        (Click(Point(3, 4), keys=("ctrl", "shift")), Click(Point(3, 4), keys=("ctrl", "shift"))),
        (Click(Point(3, 4), keys=("super",)), Click(Point(3, 4), keys=("super",))),
        (Invoke(BUTTON), Click(Point(30, 25))),
        (Move(Point(0, 0)), Move(Point(0, 0))),
        (Scroll(Point(3, 4), dy=5), Scroll(Point(3, 4), dy=5)),
        (Scroll(Point(3, 4), dy=-5), Scroll(Point(3, 4), dy=-5)),
        (Scroll(Point(3, 4), dx=2), Scroll(Point(3, 4), dx=2)),
        (Scroll(Point(3, 4), dx=-2), Scroll(Point(3, 4), dx=-2)),
        (Wait(1.5), Wait(1.5)),
        (Type('it\'s "x"\n\t\\ ż\ue000bank\ue000'), Type('it\'s "x"\n\t\\ ż\ue000bank\ue000')),
        (Press("a"), Press("a")),
        (Press("Enter"), Press("Return")),
    ],
    ids=repr,
)
def test_the_code_is_read_back_as_the_same_act(act: Action, read: Action) -> None:
    assert acts(code_of(act)) == (read,)


NAMED = """
    Return Escape Tab space BackSpace Delete Insert Home End Page_Up Page_Down Left Right Up Down Menu Caps_Lock
    Num_Lock Print plus F1 F12 a z 0 9
"""
SIGNS = """
    minus - comma , period . slash / equal = backslash \\ semicolon ; apostrophe ' grave ` bracketleft [ bracketright ]
"""
SPELT = [*((key, key) for key in NAMED.split()), *zip(SIGNS.split()[::2], SIGNS.split()[1::2], strict=True)]


@pytest.mark.parametrize(("key", "read"), SPELT)
@pytest.mark.parametrize("held", ["", "ctrl+", "ctrl+alt+shift+super+"])
def test_every_key_is_read_back_as_the_same_key(key: str, read: str, held: str) -> None:
    """A sign has two names, its own and X's."""
    assert acts(code_of(Press(f"{held}{key}"))) == (Press(f"{held}{read}"),)


def test_a_modifier_alone_is_a_key() -> None:
    assert acts(code_of(Press("super"))) == (Press("super"),)


@pytest.mark.parametrize(
    ("act", "read"),
    [
        (Scroll(Point(3, 4), dx=1, dy=2), (Scroll(Point(3, 4), dy=2), Scroll(Point(3, 4), dx=1))),
        (Drag(BUTTON, Point(7, 8)), (Move(Point(30, 25)), Drag(Point(30, 25), Point(7, 8)))),
        (Fill(FIELD, "Ada"), (Click(Point(125, 210)), Press("ctrl+a"), Type("Ada"))),
        (Fill(FIELD, ""), (Click(Point(125, 210)), Press("ctrl+a"), Press("Delete"))),
    ],
    ids=repr,
)
def test_what_is_no_single_call_is_done_as_a_person_would(act: Action, read: tuple[Action, ...]) -> None:
    assert acts(code_of(act)) == read


@pytest.mark.parametrize(
    "act",
    [
        Open("https://example.org/"),
        Fill(Element("s", "slider", "Volume", "5", box=Box(0, 0, 9, 9)), "7"),
        Click(Element("h", "menuitem", "Hidden")),
        Press("XF86AudioMute"),
    ],
    ids=repr,
)
def test_what_no_code_does_has_none(act: Action) -> None:
    assert code_of(act) == ""


def test_done_is_osworlds_word() -> None:
    assert code_of(Finish("it is on")) == "DONE"


def test_every_code_of_a_run_is_python(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"), Press("Tab"), click("Save"), Wait(0.1))
        record.exported("traj", tmp_path / "out")
    (file,) = (tmp_path / "out").rglob("traj.jsonl")
    found: list[dict[str, Any]] = rows(file)
    for line in found[:-1]:
        compile(line["action"], "traj.jsonl", "exec")
