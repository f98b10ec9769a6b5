"""What a page shows at once and takes back, brings twice, or still shows of an earlier act is not taken for done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import Observation, Wait
from cua.memory.workflows import Act, Each, Expect, Mark, Param, Workflow
from cua.policies.acts import Rows
from cua.policies.expected import shown_before
from cua.policies.finding import mark_of
from cua.policies.since import Since, is_last, stale
from drivers.promises import named
from tests.shown_once import Stage, stage, web
from tests.test_compile import click, fill
from tests.test_screen import look

__all__ = ["stage", "web"]  # fixtures

PEOPLE = """<h1>People</h1><form onsubmit="event.preventDefault(); add(n.value)"><label>Name<input id=n></label>
<button>Add</button></form><ul id=l><li>Old One</li></ul><script>
function li(text) { const e = document.createElement("li"); e.textContent = text; l.append(e); return e }
function add(text) { ADD }</script>"""
SWITCH = """<h1>Mails</h1><button role=switch aria-checked=false
 onclick="this.setAttribute('aria-checked', 'true'); THEN">News</button>"""
TOASTS = """<h1>Note</h1><button onclick="say()">Save</button> <button onclick="PUBLISH">Publish</button>
<p role=status id=o></p><script>let t;
function say() { o.textContent = "Saved"; clearTimeout(t); t = setTimeout(() => { o.textContent = "" }, GOES) }
</script>"""


def people(add: str) -> str:
    return PEOPLE.replace("ADD", add)


def test_an_entry_that_is_taken_back_or_comes_twice_is_no_pass(stage: Stage) -> None:
    page = people("li(text)")
    shown = stage.show(page, fill("textbox", "Name", "Ada Lace"), click("button", "Add"))
    assert stage.replay(shown, page, name="Grace Hop").outcome == "pass"
    back = stage.replay(shown, people("const e = li(text); setTimeout(() => e.remove(), 600)"), name="Grace Hop")
    assert back.outcome == "unknown"
    assert "it did not stay so that listitem 'Grace Hop' shows" in back.saying
    twice = stage.replay(shown, people("li(text); setTimeout(() => li(text), 40)"), name="Grace Hop")
    assert twice.outcome == "unknown"


def test_a_switch_that_goes_back_by_itself_is_not_on(stage: Stage) -> None:
    page = SWITCH.replace("THEN", "")
    shown = stage.show(page, click("switch", "News"))
    assert stage.replay(shown, page).outcome == "pass"
    back = SWITCH.replace("THEN", "setTimeout(() => this.setAttribute('aria-checked', 'false'), 600)")
    done = stage.replay(shown, back)
    assert done.outcome == "fail"
    assert "it did not stay so that switch 'News' is on" in done.saying


def saved_twice(stage: Stage, page: str) -> Workflow:
    """Save, then publish, each of which says that it saved."""
    stage.put(page)
    now = stage.web.observe()
    said = (Expect("shows", "status", "Saved", seconds=2.0),)
    acts = [
        Act(name, "click", mark_of(named("button", name)(now), now), risk="irreversible", expect=said)
        for name in ("Save", "Publish")
    ]
    return Workflow("note", "web", tuple(acts), origins=("file://",))


def test_a_message_of_the_act_before_says_nothing_of_this_one(stage: Stage) -> None:
    right = TOASTS.replace("PUBLISH", "say()").replace("GOES", "700")
    flow = saved_twice(stage, right)
    assert stage.replay(flow, right).outcome == "pass"
    wrong = stage.replay(flow, right.replace('<button onclick="say()">Publish', "<button>Publish"))
    assert (wrong.outcome, wrong.proof) == ("unknown", "none")
    assert "step Publish" in wrong.saying


# ------------------------------------------------------------------------------------------------ pure


def said(role: str, *names: str, title: str = "Shop") -> Observation:
    return look(f"window {title}\n" + "\n".join(f"  {role} {name}" for name in names))


def test_a_message_is_stale_only_where_nothing_else_would_tell() -> None:
    saved, more = Expect("shows", "status", "Saved"), Expect("shows", "heading", "Thanks")
    now = said("status", "Saved")
    assert stale([saved], now) == (saved,)
    assert stale([saved, more], now) == ()
    assert stale([replace(saved, role="heading")], said("heading", "Saved")) == ()
    assert stale([replace(saved, name="")], now) == ()


def test_a_record_that_came_twice_proves_nothing_and_two_of_one_name_are_two() -> None:
    raw = Expect("shows", "listitem", "${who}")
    given = replace(raw, name="Ada Lace")
    none, one, two, three = (said("listitem", *["Ada Lace"] * count, "Bo") for count in range(4))
    for before, after, proves in ((none, one, True), (one, two, True), (none, two, False), (one, three, False)):
        assert shown_before(raw, given, {"Shop": before}, after) is not proves
    assert not shown_before(raw, given, {}, two)


def act(risk: str, do: str = "click", kind: str = "shows", role: str = "listitem") -> Act:
    expect = Expect(kind, role, "Ada Lace")  # type: ignore[arg-type]
    return Act("a", do, Mark("button", "Add"), risk=risk, expect=(expect,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "last", "stays"),
    [
        (act("irreversible"), False, True),
        (act("reversible"), False, False),
        (act("reversible"), True, True),
        (act("read"), True, False),
        (act("irreversible", "fill"), True, False),
        (act("irreversible", role="status"), True, False),
        (act("irreversible", kind="window"), True, False),
    ],
)
def test_what_must_stay_is_what_the_page_itself_might_take_back(step: Act, last: bool, stays: bool) -> None:
    before, after = said("button", "Add"), said("listitem", "Ada Lace")
    since = Since.of(step, None, (before,), Workflow("w", "web", (step,)), {})
    assert bool(since.lasting(after, last=last)) is stays
    assert since.lasting(replace(after, place=replace(after.place, window="Other")), last=last) == ()


def test_the_last_step_is_the_last_of_the_last_row() -> None:
    first, final = (Act(name, "click", Mark("button", name)) for name in ("a", "b"))
    flow = Workflow("w", "web", (first, Each("e", "people", (final,))), params=(Param("people", "rows"),))
    rows = {"people": Rows(({"name": "Ada"}, {"name": "Bo"}))}
    assert [is_last(final, row, flow, rows) for row in (1, 2)] == [False, True]
    assert not is_last(first, 0, flow, rows)
    assert is_last(final, 0, replace(flow, steps=(first, final)), {})


def test_waiting_for_a_message_to_pass_does_nothing_else(stage: Stage) -> None:
    right = TOASTS.replace("PUBLISH", "say()").replace("GOES", "700")
    done = stage.replay(saved_twice(stage, right), right)
    actions = [step.action for step in stage.store.run(done.run).steps]
    assert sum(not isinstance(each, Wait) for each in actions) == 2
