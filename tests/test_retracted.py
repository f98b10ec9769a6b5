"""What a page takes back in mid-flow halts the replay before its next act; what goes by itself, or is undone by a step,
does not.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import Click
from cua.memory.workflows import Act, Each, Expect, Param, Workflow
from cua.policies.finding import mark_of
from cua.policies.retracted import refuses
from cua.replaying import There, replay
from drivers.promises import named
from sandbox_vms.local import LocalWorld
from tests.shown_once import Stage, stage, web
from tests.test_compile import fill

__all__ = ["stage", "web"]  # fixtures

LIST = """<h1>People</h1><form onsubmit="event.preventDefault(); add(n.value)"><label>Name<input id=n></label>
<button>Add</button></form><label>Note<input id=m oninput="TYPED"></label>
<button onclick="setTimeout(() => { h.textContent = 'All loaded' }, 700)">Load</button> <button
 onclick="undo()">Undo</button> <a href="#" onclick="l.hidden = true">Hide</a><h2 id=h></h2><ul id=l><li>Old One</li>
<li>Older One</li></ul><p role=status id=o></p><script>
function li(text) { const e = document.createElement("li"); e.textContent = text; l.append(e); return e }
function undo() { l.lastChild.remove() }
function add(text) { ADD }</script>"""
SAYS = "o.textContent = 'Saved'"
STAYS = "li(text)"
GOES = "const e = li(text); setTimeout(() => e.remove(), 600)"
SLOWLY = "const t = performance.now(); while (performance.now() - t < 60);"


def page(add: str, typed: str = "") -> str:
    return LIST.replace("ADD", add).replace("TYPED", typed)


def act(stage: Stage, role: str, name: str, *expects: Expect, text: str = "", risk: str = "reversible") -> Act:
    """A step on the page that shows."""
    now = stage.web.observe()
    do = "fill" if text else "click"
    mark = mark_of(named(role, name)(now), now)
    return Act(f"{do} {name}", do, mark, text=text, risk=risk, expect=expects)  # type: ignore[arg-type]


def adding(stage: Stage, *after: Act, said: Expect | None = None) -> Workflow:
    """Add somebody, load for a while, then write a note; and what comes `after`."""
    stage.put(page(STAYS))
    shows = said or Expect("shows", "listitem", "${who}")
    steps = (
        act(stage, "textbox", "Name", text="${who}"),
        act(stage, "button", "Add", shows, risk="irreversible"),
        act(stage, "button", "Load", Expect("shows", "heading", "All loaded"), risk="read"),
        act(stage, "textbox", "Note", text="by noon"),
    )
    quick = act(stage, "textbox", "Note", text="by one")
    return Workflow("people", "web", (*steps[:2], *(after or (*steps[2:], quick))), origins=("file://",),
                    params=(Param("who"),))  # fmt: skip


def writing(stage: Stage) -> Workflow:
    """Add somebody, and write notes."""
    stage.put(page(STAYS))
    notes = [replace(act(stage, "textbox", "Note", text=f"note {n}"), id=str(n)) for n in range(12)]
    return adding(stage, *notes)


def test_a_record_that_is_taken_back_while_fields_are_filled_in_halts(stage: Stage) -> None:
    flow = writing(stage)
    assert stage.replay(flow, page(STAYS), who="Ada").outcome == "pass"
    done = stage.replay(flow, page(GOES, SLOWLY), who="Ada")
    assert done.outcome != "pass"
    assert done.last.isdecimal()
    assert "it did not stay so that listitem 'Ada' shows" in done.saying
    told = next(trod for trod in done.steps if trod.step == "click Add")
    assert (told.expected, "did not stay" in told.note) == ((), True)


def test_what_is_taken_back_after_the_last_act_is_seen_too(stage: Stage) -> None:
    stage.put(page(STAYS))
    flow = adding(stage, act(stage, "textbox", "Note", text="by noon"))
    assert stage.replay(flow, page(STAYS), who="Ada").outcome == "pass"
    done = stage.replay(flow, page(GOES.replace("600", "800")), who="Ada")
    assert done.outcome != "pass"
    assert done.saying.startswith("after step click Add")


def test_an_earlier_row_that_is_taken_back_while_others_are_added_is_told_by_its_number(stage: Stage) -> None:
    fill_in, add, *_ = adding(stage).steps
    assert isinstance(fill_in, Act)
    assert isinstance(add, Act)
    assert add.target is not None
    shows = (Expect("shows", "listitem", "${p.who}"),)
    steps = (
        replace(fill_in, text="${p.who}"),
        replace(add, expect=shows, target=replace(add.target, row=(), near=(), path=())),
    )
    flow = Workflow("all", "web", (Each("each", "p", steps),), origins=("file://",), params=(Param("p", "rows"),))
    rows = [{"who": f"Person {n}"} for n in range(5)]

    def done(add: str) -> tuple[str, str]:
        stage.put(page(add).replace('oninput=""', f'oninput="{SLOWLY}"'))
        there = There(stage.web, LocalWorld(stage.web, stage.folder), stage.store)
        found = replay(flow, {"p": rows}, there)
        return found.outcome, found.saying

    assert done(STAYS)[0] == "pass"
    few = done("li(text); if (l.children.length > 4) l.firstElementChild.remove()")
    assert few[0] == "pass", few[1]
    outcome, saying = done("const e = li(text); if (text.endsWith('1')) setTimeout(() => e.remove(), 700)")
    assert outcome != "pass"
    assert "after step click Add, row 2" in saying
    assert "listitem 'Person 1'" in saying


@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ("for (const e of l.children) e.hidden = !e.textContent.includes('Old')", ("textbox", "Note", "Old")),
        ("", ("button", "Undo", "")),
        ("", ("link", "Hide", "")),
    ],
    ids=["filtered", "undone", "hidden"],
)
def test_a_record_that_a_later_step_makes_leave_is_no_reason_to_halt(
    stage: Stage, typed: str, after: tuple[str, str, str]
) -> None:
    stage.put(page(STAYS))
    role, name, text = after
    then = act(stage, role, name, *([] if text else [Expect("gone", "listitem", "${who}")]), text=text)
    more = replace(act(stage, "textbox", "Name", text="next"), id="more")
    assert stage.replay(adding(stage, then, more), page(STAYS, typed), who="Ada").outcome == "pass"


def test_a_list_that_is_loaded_anew_is_waited_for(stage: Stage) -> None:
    anew = "li(text); setTimeout(() => { const all = [...l.children]; l.replaceChildren(); setTimeout(() => {" + (
        "l.replaceChildren(...all) }, 40) }, 60)"
    )
    assert stage.replay(writing(stage), page(anew), who="Ada").outcome == "pass"


@pytest.mark.parametrize(
    ("then", "passes"),
    [
        ("o.textContent = ''", True),
        ("o.textContent = 'Ready'", True),
        ("o.textContent = 'All changes saved, no errors'", True),
        ("o.textContent = 'Could not save'", False),
        ("o.textContent = 'Speichern fehlgeschlagen'", False),
        ("o.remove(); document.body.insertAdjacentHTML('beforeend', '<p role=alert>Payment declined</p>')", False),
    ],
)
def test_a_message_that_a_complaint_takes_the_place_of_halts_and_one_that_goes_does_not(
    stage: Stage, then: str, passes: bool
) -> None:
    said = f"{SAYS}; setTimeout(() => {{ {then} }}, 300)"
    stage.put(page(said))
    notes = [replace(act(stage, "textbox", "Note", text=f"note {n}"), id=str(n)) for n in range(14)]
    flow = adding(stage, *notes, said=Expect("shows", "status", "Saved"))
    done = stage.replay(flow, page(said, SLOWLY), who="Ada")
    assert (done.outcome == "pass") is passes, done.saying
    assert passes or "the page said 'Saved', and now says" in done.saying


def test_a_complaint_in_the_place_of_the_message_is_heard_after_other_acts_too(stage: Stage) -> None:
    flow = adding(stage, said=Expect("shows", "status", "Saved"))
    assert stage.replay(flow, page(SAYS), who="Ada").outcome == "pass"
    done = stage.replay(flow, page(f"{SAYS}; setTimeout(() => {{ o.textContent = 'Not saved' }}, 300)"), who="Ada")
    assert done.outcome != "pass"
    assert "now says 'Not saved'" in done.saying


SWITCHES = "<h1>Mails</h1><p role=alert id=told></p>" + "".join(
    f"<button role=switch aria-checked=false id=s{n} onclick=\"turn(this, 'true'); {{THEN}}\">Topic {n}</button>"
    for n in range(8)
)
SWITCHES += "<script>function turn(e, on) { e.setAttribute('aria-checked', on) }</script>"


@pytest.mark.parametrize(
    ("then", "passes"),
    [
        ("", True),
        (
            "if (this.id === 's1') setTimeout(() => { turn(this, 'false'); told.textContent = 'Could not save' }, 400)",
            False,
        ),
        ("if (this.id === 's5') turn(s1, 'false')", True),  # one excludes the other
    ],
    ids=["all stay", "one goes back", "one turns off another"],
)
def test_a_switch_that_goes_back_while_others_are_turned_halts(stage: Stage, then: str, passes: bool) -> None:
    slow = f"{SLOWLY} {then}"
    shown = stage.show(SWITCHES.replace("{THEN}", ""), *(
        lambda now, n=n: Click(named("switch", f"Topic {n}")(now)) for n in range(8)
    ))  # fmt: skip
    done = stage.replay(shown, SWITCHES.replace("{THEN}", slow))
    assert (done.outcome == "pass") is passes, done.saying
    assert passes or "it did not stay so that switch 'Topic 1' is on" in done.saying


def test_a_record_that_was_removed_and_comes_back_halts(stage: Stage) -> None:
    rows = "<h1>People</h1><label>Note<input></label><ul>ROWS</ul><script>function gone(b) { const e = b.parentNode, "
    rows += "before = e.nextSibling; e.remove(); THEN }</script>"
    items = "".join(f"<li>{name} <button onclick='gone(this)'>Delete</button></li>" for name in ("Ada", "Bo", "Cy"))
    right = rows.replace("ROWS", items).replace("THEN", "")
    wrong = rows.replace("ROWS", items).replace("THEN", "setTimeout(() => before.before(e), 900)")
    notes = [fill("textbox", "Note", f"note {n} of many") for n in range(2)]
    shown = stage.show(right, lambda now: Click([e for e in now.elements if e.name == "Delete"][1]), *notes)
    gone = [each for each in next(shown.acts()).expect if each.kind == "gone"]
    assert gone
    assert stage.replay(shown, right).outcome == "pass"
    assert stage.replay(shown, wrong).outcome != "pass"


@pytest.mark.parametrize(
    "text",
    ["Could not save", "Not saved", "Konnte nicht gespeichert werden", "Échec de l'envoi", "保存に失敗しました"],
)
def test_what_did_not_work_is_told_in_many_languages(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["Saved", "Ready", "No errors found", "Gespeichert", "3 items, 0 failed", "Noted"])
def test_what_is_well_is_no_complaint(text: str) -> None:
    assert not refuses(text)
