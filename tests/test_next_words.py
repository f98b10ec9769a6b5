"""What a person reads after a replay that did not pass: each end has a word on what to do next, and none is untrue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from cua import astray, cli_replay, onward
from cua.checks import FileHolds, changed_key
from cua.core import Box, Effect, Element, Evidence, Observation, Place, Press, Step, Task
from cua.errors import UsageError
from cua.given import Wish, read_rows
from cua.memory.store import Store
from cua.memory.workflows import Act, Each, Mark, Param, Workflow
from cua.policies.acts import HELD, Rows
from cua.policies.complaints import complaints
from cua.policies.finding import Found
from cua.policies.halting import around, refused
from cua.policies.trail import Matter, Trod
from cua.record import files
from cua.recording import TASK, Signs, going_on
from cua.replaying import Replayed
from cua.workflows_app import Done

GO = Act("go", "press", text="F5")
FLOW = Workflow("flow", "editor", (GO,), effects=(FileHolds("~/Work/Shopping list.txt", "milk"),))
LOOP = Workflow("flow", "editor", (Each("all", "p", (GO,)),), params=(Param("p", "rows"),))
SHOWING = frozenset({"showing"})


def again(on: str = "", *, gone: bool = False, key: str = "", workflow: Workflow = FLOW) -> onward.Again:
    return onward.Again.of(workflow, Wish("flow", {}, on=on, key=key), gone=gone)


def trod(stage: str = "done", *, at: int = 0, matter: str = "", risk: str = "reversible", row: int = 0) -> Trod:
    return Trod("go", stage, "press F5", row, risk, at=at, matter=matter)  # type: ignore[arg-type]


def test_a_file_that_was_made_under_another_name_is_told_as_such() -> None:
    found = (Evidence(False, "there is no ~/Work/Shopping list.txt"),)
    aside = ("file:Work/Shopping_list.txt", "setting:a.conf#View/[x]")
    moved = ("file ~/Work/Shopping_list.txt created",)
    first, made, more = astray.astray(FLOW, found, aside, moved, "EDIT")
    assert "report" in first
    assert made == (
        "Work/Shopping_list.txt was made instead; if that is right, change effects[0].path in the workflow: EDIT"
    )
    allowed = 'allowed = ["setting:a.conf#View/[[]x]"]'
    assert more == f"if that may change too, write it into the workflow: {allowed}: EDIT"


def test_a_file_that_was_there_is_none_that_was_made_instead() -> None:
    found = (Evidence(False, "there is no ~/Work/Shopping list.txt"),)
    said = astray.astray(FLOW, found, ("file:other.txt",), ("file ~/other.txt modified",), "EDIT")
    assert not [each for each in said if "instead" in each]
    assert said[1].endswith("if it should be so, change effects[0] in the workflow: EDIT")


@pytest.mark.parametrize("matter", get_args(Matter))
@pytest.mark.parametrize("stage", ["done", "halted"])
def test_every_halt_and_every_stop_has_a_next(matter: str, stage: str) -> None:
    for steps in ((trod(stage, matter=matter),), (trod(stage, matter=matter, at=-1),), ()):
        for how in (again(), again("notes"), again(gone=True), again("desktop")):
            assert onward.advice(FLOW, steps, None, how)


def test_in_a_lasting_sandbox_what_was_left_there_is_reset_first() -> None:
    said = onward.advice(FLOW, (trod("halted", matter="held", at=-1),), None, again("notes"))
    assert "cua sandbox reset notes, then cua replay flow --on notes" in said[0]
    (stopped,) = onward.advice(FLOW, (trod(),), None, again("notes"))
    assert stopped.endswith("cua sandbox reset notes, then cua replay flow --on notes")


def test_what_cannot_be_undone_is_not_offered_again() -> None:
    (said,) = onward.advice(FLOW, (trod(risk="irreversible"),), None, again("notes"))
    assert "look what came of step go" in said
    assert "cua replay" not in said


def test_rows_that_were_done_in_a_sandbox_that_is_gone_are_done_again() -> None:
    rows = Rows([{"a": "1"}, {"a": "2"}])
    said = onward.advice(LOOP, (trod(row=1), trod("halted", row=2, at=-1)), rows, again(gone=True, workflow=LOOP))
    assert said[0].startswith("this was in a sandbox that is gone: do all rows again: cua replay flow; ")
    assert "--on NAME" in said[0]
    assert not [each for each in said if "--from-row" in each]
    was = Replayed("pass", "screen", "done", "flow", 1, run="r1", last="go", repeated=True)
    (told,) = onward.repeated(was, again(gone=True, key="k"))
    assert "another --key" in told
    assert onward.repeated(was, again("notes", key="k")) == ()


def test_a_delivery_that_is_not_done_again_says_where_more_is_known_and_how_to_go_on() -> None:
    was = Replayed("unknown", "none", "cut off", "flow", 1, run="r1", last="go", known=False, repeated=True)
    more, look, anew = onward.repeated(was, again("notes", key="k"))
    assert more.endswith("cua runs show r1")
    assert "step go" in look
    assert anew.startswith("only if it was not")
    assert anew.endswith("cua replay flow --on notes --key k-again")
    (done,) = onward.repeated(replace(was, known=True), again("notes", key="k"))
    assert "cua replay" not in done
    (going,) = onward.repeated(replace(was, outcome="refused", last="", known=True), again("notes", key="k"))
    assert going.startswith("wait until that has ended")


def test_of_many_changes_the_first_few_are_told_and_where_the_rest_is(capsys: pytest.CaptureFixture[str]) -> None:
    changed = tuple(f"file ~/notes/{number}-{'x' * 200}.txt created" for number in range(7))
    cli_replay._print_done(Done(Replayed("unknown", "none", "cut off", "flow", 1), "report.html", changed=changed))
    (line,) = (each for each in capsys.readouterr().out.splitlines() if each.startswith("changed meanwhile"))
    assert (line.count("~/notes/"), len(line) < 350) == (3, True)
    assert line.endswith("and 4 more (in the report, and with --json)")


def ended(effect: Effect) -> Step:
    return Step(Observation(Place("editor"), ()), Press("F5"), effect)


def test_a_value_that_a_csv_file_gave_is_to_be_mended_there() -> None:
    field = Mark("textbox", "Day")
    flow = replace(LOOP, params=(*LOOP.params, Param("pin", "secret")))
    for text, told, wrong in (
        ("${p.day}", "the column 'day' of 'p'", ()),
        ("${pin}", "the secret 'pin' (cua secret set pin)", ()),
        ("today", "the text of step day", ()),
    ):
        act = Act("day", "fill", field, text=text)
        not_taken = ended(Effect("refused", "it takes a date", unfit=True))
        halt, why = refused(flow, act, trod("halted"), (not_taken,))
        assert (halt.matter, halt.hint, halt.wrong) == ("unfit", told, wrong)
        assert why == "it was refused, and nothing was done: it takes a date"
    same, why = refused(flow, GO, trod("halted"), (ended(Effect("confirmed")), ended(Effect("refused", "covered"))))
    assert same == trod("halted")
    assert why == "it was refused, and nothing more was done: covered"


def test_why_a_target_that_is_there_cannot_be_acted_on_is_told_apart() -> None:
    off = Element(ref="1", role="button", name="OK", states=frozenset({"showing", "disabled"}), box=Box(0, 0, 9, 9))
    full = Element(ref="2", role="textbox", name="", value="old", states=SHOWING, box=Box(0, 9, 9, 9))
    now = Observation(Place("editor"), (off, full))
    click, fill = Act("a", "click", Mark("button", "OK")), Act("b", "fill", Mark("textbox", says={HELD: ""}), text="n")
    assert around(FLOW, click, {}, [Found(off, "role", 0, 1.0)], now)[2] == "disabled"
    assert around(FLOW, fill, {}, [Found(full, "role", 0, 1.0)], now)[2] == "held"


def test_a_message_on_a_desktop_is_told_by_its_sentence_and_not_its_title() -> None:
    dialog = Element(ref="1", role="alert", name="Question", states=SHOWING)
    text = Element(ref="2", role="text", name="Save before closing?", states=SHOWING, parent=0)
    button = Element(ref="3", role="button", name="Save", states=SHOWING, parent=0)
    now = Observation(Place("editor"), (dialog, text, button))
    assert complaints(now) == '; the dialog says: "Save before closing?"'
    assert complaints(now, now) == ""
    assert complaints(Observation(Place("editor"), (dialog, button))) == '; the dialog says: "Question"'


def test_a_missing_column_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("payee;amount\nAda;1\n", "utf-8")
    with pytest.raises(UsageError, match=r"no column 'payee'.*it has 'payee;amount', and a comma is what parts them"):
        read_rows(path, ("payee",))


def test_a_wrong_act_is_told_with_all_that_it_may_be() -> None:
    with pytest.raises(UsageError, match="'wait', 'each' or 'if present'"):
        files.loads('name = "x"\non = "web"\nstart = "http://localhost/"\n[[steps]]\nid = "a"\ndo = "jump"\n')


def test_a_window_without_a_title_is_told_as_one() -> None:
    assert (changed_key("window:"), changed_key("window:Open")) == ("a window without a title", "window:Open")


def test_a_recording_that_goes_on_is_told_from_one_that_was_cut_off(store: Store, tmp_path: Path) -> None:
    for run in ("old", "new"):
        store.begin(run, Task(TASK, "letters"))
    signs = Signs(tmp_path)
    assert going_on(signs, store.runs()) == ""
    with signs.alone("letters"):
        assert going_on(signs, store.runs()) == "new"
    assert going_on(signs, store.runs()) == ""
