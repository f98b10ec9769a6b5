"""What stands in the way of a replay: it halts without a wrong act, and says how the workflow puts that away; what the
replay puts away by itself is no obstacle to a dry run, and a press that was kept from the page is tried again.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cua.core import Click, Element, Locator, Move, Observation, Point
from cua.given import Wish
from cua.memory.workflows import Act, Expect, Mark, Param, Workflow
from cua.onward import Again, advice
from cua.policies.covering import example
from cua.policies.finding import Lost, find, mark_of
from cua.policies.halting import near, why_lost
from cua.policies.reach import looked_for
from cua.record import files
from cua.replaying import There, replay
from drivers.promises import named
from sandbox_vms.local import LocalWorld
from tests.shown_once import Stage, stage, web
from tests.test_compile import click
from tests.test_screen import look

__all__ = ["stage", "web"]  # fixtures

PAGE = "<h1>Shop</h1><button onclick=\"document.querySelector('h1').textContent = 'Bought'\">Buy</button>"
BANNER = (
    '<div id=b style="position:fixed;inset:0;background:#ccc"><div><p>We use cookies</p></div>'
    '<div><button onclick="b.remove()">Accept all</button> <button>Settings</button></div></div>'
)
WIDGET = (
    "<div id=host></div><script>host.attachShadow({mode: 'open'}).innerHTML = `"
    + BANNER.replace("b.remove()", "this.getRootNode().host.remove()")
    + "`</script>"
)
DIALOG = (
    "<dialog id=d><p>Rate us</p><button onclick='d.close()'>Five stars</button> <button>Later</button></dialog>"
    "<script>d.showModal()</script>"
)
AGAIN = Again("EDIT", "RECORD", str)


def buying(stage: Stage) -> Workflow:
    return stage.show(PAGE, click("button", "Buy"))


@pytest.mark.parametrize(
    ("over", "name", "other"),
    [(BANNER, "Accept all", "Settings"), (WIDGET, "Accept all", "Settings"), (DIALOG, "Five stars", "Later")],
    ids=["banner", "in a shadow root", "dialog"],
)
def test_the_next_words_show_the_steps_that_put_away_what_is_in_the_way(
    stage: Stage, over: str, name: str, other: str
) -> None:
    flow = buying(stage)
    done = stage.replay(flow, PAGE + over)
    assert (done.outcome, done.steps[-1].matter) == ("refused", "covered")
    said = advice(flow, done.steps, None, AGAIN)[0]
    assert "EDIT" in said
    assert f"it has {other!r} too" in said
    text = files.dumps(flow)
    lines = said[said.index("[[steps]]") :]
    head, tail = text.split("\n[[steps]]", 1)
    mended = files.loads(f"{head}\n{lines}\n\n[[steps]]{tail}")
    assert stage.replay(mended, PAGE + over).outcome == "pass"
    assert stage.replay(mended, PAGE).outcome == "pass"
    assert f'name = "{name}"' in lines


SHIFTING = """<style>#menu div { display: none; height: 80px } #menu:hover div { display: block }</style>
<div id=menu>Menu<div>more of it</div></div>
<button style="display:block;height:40px" onclick="did.textContent = 'Kept'">Keep</button>
<button style="display:block;height:40px" onclick="did.textContent = 'Deleted'">Delete</button><h2 id=did></h2>"""


def test_a_press_that_was_kept_from_the_page_is_tried_again_though_it_cannot_be_taken_back(stage: Stage) -> None:
    stage.put(SHIFTING)
    now = stage.web.observe()
    mark = mark_of(named("button", "Delete")(now), now)
    expect = (Expect("shows", "heading", "Deleted", seconds=2.0),)
    act = Act("delete", "click", mark, risk="irreversible", expect=expect)
    flow = Workflow("shift", "web", (act,), origins=("file://",))
    stage.web.act(Move(Point(20, 15)))  # the menu opens, and closes once the pointer leaves it
    done = replay(flow, {}, There(stage.web, LocalWorld(stage.web, stage.folder), stage.store))
    assert done.outcome == "pass"
    clicks = [step.effect.kind for step in stage.store.run(done.run).steps if isinstance(step.action, Click)]
    assert clicks[0] == "refused"
    assert clicks.count("confirmed") == 1


def test_where_something_was_sent_meanwhile_it_is_not_tried_again(stage: Stage) -> None:
    sends = SHIFTING.replace("<div id=menu>", "<div id=menu onmouseleave='SEND'>")
    sends = sends.replace("SEND", 'fetch("http://127.0.0.1:9/", {method: "POST", mode: "no-cors"})')
    stage.put(sends)
    now = stage.web.observe()
    mark = mark_of(named("button", "Delete")(now), now)
    act = Act("delete", "click", mark, risk="irreversible", expect=(Expect("shows", "heading", "Deleted"),))
    stage.web.act(Move(Point(20, 15)))
    flow = Workflow("shift", "web", (act,), origins=("file://",))
    done = replay(flow, {}, There(stage.web, LocalWorld(stage.web, stage.folder), stage.store))
    assert (done.outcome, "it was refused, and nothing was done" in done.saying) == ("refused", True)


ASKING = (
    "<h1>Files</h1><button onclick='d.showModal()'>Save</button>"
    "<dialog id=d aria-label=Question><p>It is there already.</p><button onclick='d.close()'>Cancel</button>"
    " <button onclick='d.close(); document.body.append(done.content)'>Replace</button></dialog>"
    "<template id=done><h2>Saved</h2></template>"
)
SAVED = (
    "<h1>Files</h1><button onclick='document.body.append(done.content)'>Save</button>" + ASKING[ASKING.index("<te") :]
)


def test_a_dialog_that_an_act_brings_and_did_not_bring_before_is_told_with_the_lines_that_answer_it(
    stage: Stage,
) -> None:
    flow = stage.show(SAVED, click("button", "Save"))
    assert any(each.name == "Saved" for act in flow.acts() for each in act.expect)
    done = stage.replay(flow, ASKING)
    assert (done.outcome != "pass", done.steps[-1].matter) == (True, "asked")
    said = advice(flow, done.steps, None, AGAIN)[0]
    assert "take the `expect` of step" in said
    assert "it has 'Replace' too" in said
    lines = said[said.index("[[steps]]") :].replace("Cancel", "Replace")
    mended = files.loads(re.sub(r"(?m)^expect = (\[\n( .*\n)*\]|.*)\n", "", files.dumps(flow)) + f"\n{lines}\n")
    stage.replay(mended, ASKING)
    assert any(e.name == "Saved" for e in stage.web.observe().elements)


# ------------------------------------------------------------------------------------------------ which is meant


ROWS = "<table>{}</table>".format(
    "".join(f"<tr><td>{name}<td>a long text about {name}, which says much<td><button>Open</button>" for name in
            ("Ada Lovelace", "Bo Diddley", "Cy Young"))
)  # fmt: skip


@pytest.mark.parametrize(("who", "told"), [("Bo Didley", "; close to that: 'Bo Diddley'"), ("Zacharias", "")])
def test_of_other_rows_only_the_names_that_are_close_are_told(stage: Stage, who: str, told: str) -> None:
    stage.put(ROWS)
    now = stage.web.observe()
    button = [e for e in now.elements if e.name == "Open"][1]
    mark = replace(mark_of(button, now), row=(who,))
    found = find(mark, now)
    assert isinstance(found, Lost)
    assert why_lost(found, mark, now) == found.why + told


def test_of_a_choice_that_is_not_there_the_others_are_told(stage: Stage) -> None:
    stage.put(
        "<fieldset><legend>Speed</legend><label><input type=radio>Slow</label><label><input type=radio>Fast</label>"
    )
    now = stage.web.observe()
    mark = Mark("radio", "Warp", (Locator("role", "radio:Warp"),), path=("Speed",), says={"exact": "yes"})
    found = find(mark, now)
    assert isinstance(found, Lost)
    assert why_lost(found, mark, now).endswith("; 'Speed' has 'Slow', 'Fast'")


# ------------------------------------------------------------------------------------------------ what is given


FORM = "<label>Day <input type=date></label><label>Ward <select>{}</select></label><button>Go</button>"


@pytest.mark.parametrize(
    ("role", "name", "text", "said"),
    [
        ("textbox", "Day", "tomorrow", "it takes a date as 2026-12-31"),
        ("combobox", "Ward", "North", "offers only 'East', 'West'"),
    ],
)
def test_a_value_that_a_field_does_not_take_is_asked_for_and_not_offered_again(
    stage: Stage, role: str, name: str, text: str, said: str
) -> None:
    page = FORM.format("<option>East<option>West")
    stage.put(page)
    now = stage.web.observe()
    mark = mark_of(next(e for e in now.elements if (e.role, e.name) == (role, name)), now)
    act = Act("give", "fill", mark, text="${value}")
    flow = Workflow("form", "web", (act,), origins=("file://",), params=(Param("value"),))
    done = stage.replay(flow, page, value=text)
    assert (done.outcome, done.steps[-1].matter, done.steps[-1].wrong) == ("refused", "unfit", ("value",))
    assert said in done.saying
    mend, again = advice(flow, done.steps, None, Again.of(flow, Wish("form", {"value": text}), wrong=("value",)))
    assert "--param value" in mend
    assert again.endswith("cua replay form --param value=VALUE")


def test_where_a_replay_may_not_act_the_next_words_name_what_says_where_it_may(stage: Stage) -> None:
    flow = replace(buying(stage), origins=("http://127.0.0.1:9",), start="http://127.0.0.1:9/")
    done = stage.replay(flow, PAGE)
    assert (done.outcome, done.steps[-1].matter) == ("refused", "outside")
    mend, again = advice(flow, done.steps, None, Again.of(flow, Wish("buy", {}, on="http://other/")))
    assert "which is http://127.0.0.1:9/ without --on" in mend
    assert "`origins`" in mend
    assert again == "nothing was done; then do it: cua replay buy --on http://other/"


def test_rows_that_say_what_was_asked_for_and_more_are_outlined_and_no_others(stage: Stage) -> None:
    def rows(*said: str) -> Observation:
        cells = "".join(f"<tr><td>{each.replace('|', '<td>')}<td><button>Delete</button>" for each in said)
        stage.put(f"<table>{cells}</table>")
        return stage.web.observe()

    def button(now: Observation, nth: int) -> Element:
        return [e for e in now.elements if (e.role, e.name) == ("button", "Delete")][nth]

    now = rows("Ada|10", "Bo|20", "Cy|30")
    target = replace(mark_of(button(now, 1), now), row=("Bo",))
    now = rows("Ada|10", "Bo|20", "Cy|30", "Bo|25")
    found = Lost("ambiguous", "2 rows here say 'Bo'", button(now, 1))
    assert list(near([found], now, [target])) == [button(now, at).box for at in (1, 3)]


# ------------------------------------------------------------------------------------------------ a dry run


TIP = """
window Quill
  button Save
dialog Tip [modal active]
  label Press F1
  button {}
"""


@pytest.mark.parametrize(("button", "stage_of"), [("Close", "found"), ("Buy", "halted")])
def test_a_dialog_that_the_replay_closes_is_no_obstacle_to_a_dry_run(button: str, stage_of: str) -> None:
    now = look(TIP.format(button))
    saving = Act("save", "click", mark_of(now.elements[1], now))
    flow = Workflow("letter", "quill", (saving,))
    (trod,) = looked_for(flow, {}, {}, now)
    assert trod.stage == stage_of
    assert trod.note == (
        "a dialog is in the way, which a replay closes by itself"
        if button == "Close"
        else "the dialog 'Tip' is in the way; close it"
    )


def test_a_dialog_of_a_program_is_put_away_by_the_same_lines() -> None:
    now = look(TIP.format("Later"))
    said = example(now, frozenset({"Save"}), "", "the dialog 'Tip' is in the way; close it")
    assert 'do = "if present"\ntarget = {role = "button", name = "Later", window = "dialog:tip"}' in said
    assert example(now, frozenset({"Save", "Later"}), "", "") == ""
    assert example(now, frozenset(), "ambiguous", "") == ""
