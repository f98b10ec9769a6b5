"""What comes up in the row that was acted in is expected there: the same text in another row is no proof."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import Click, Observation
from cua.memory.workflows import Act, Expect, Mark, Workflow
from cua.policies.expected import met
from cua.policies.finding import look_at
from cua.policies.since import Since, unmet
from cua.policies.within import Make, rows
from cua.record import files
from cua.record.export import export
from tests.shown_once import Stage, expected, rowed, stage, web
from tests.test_compile import click, fill
from tests.test_screen import look

__all__ = ["stage", "web"]  # fixtures

PEOPLE = (("Anna Berg", "anna@x.org"), ("Bo Lind", "bo@x.org"), ("Cai Moe", "cai@x.org"))
WHO = "<label>Who<input></label>"
OWN, LAST = "b.closest('.r')", "[...document.querySelectorAll('.r')].at(-1)"
TURN = "r.querySelector('.s').textContent='Approved'; r.querySelector('button').remove();"


def table(people: tuple[tuple[str, str], ...] = PEOPLE, *, where: str = OWN, turn: str = TURN) -> str:
    """A table of requests; `where` is the row that the button turns, and `turn` how."""
    made = "".join(
        f"<tr class=r><td>{name}<td>{mail}<td class=s>Pending<td><button onclick=go(this)>Approve</button>"
        for name, mail in people
    )
    heads = "<tr><th>Name<th>Mail<th>State<th>"
    return f"<h1>Requests</h1><table>{heads}{made}</table><script>function go(b){{const r={where};{turn}}}</script>"


def cards(*, where: str = OWN) -> str:
    made = "".join(
        f"<div class='r card'><div><b>{name}</b> <i>{mail}</i></div><div><span class=s>Pending</span>"
        "<button onclick=go(this)>Approve</button></div></div>"
        for name, mail in PEOPLE
    )
    return f"<h1>Requests</h1><div>{made}</div><script>function go(b){{const r={where};{TURN}}}</script>"


def test_what_came_up_in_the_row_is_expected_in_that_row(stage: Stage) -> None:
    shown = stage.show(table(), click("button", "Approve", "Anna Berg"))
    assert expected(shown) == ["cell 'Approved' in the row of 'Anna Berg' shows"]
    assert stage.replay(shown, table()).outcome == "pass"
    wrong = stage.replay(_hasty(shown), table(where=LAST))
    assert wrong.outcome == "unknown"
    assert "cell 'Approved' in the row of 'Anna Berg' shows" in wrong.saying


def test_the_row_follows_the_parameter_that_says_which(stage: Stage) -> None:
    shown = stage.show(WHO + table(), fill("textbox", "Who", "Anna Berg"), click("button", "Approve", "Anna Berg"))
    assert [each.row for each in rowed(shown)] == [("${who}",)]
    assert stage.replay(shown, WHO + table(), who="Bo Lind").outcome == "pass"
    assert stage.replay(_hasty(shown), WHO + table(where=LAST), who="Bo Lind").outcome == "unknown"


def test_a_state_is_expected_of_a_row_that_was_looked_up_too(stage: Stage) -> None:
    find = "oninput=\"document.querySelectorAll('.r').forEach(r => r.hidden = !r.textContent.includes(this.value))\""
    arrived = table(turn=TURN.replace("Approved", "Enrolled"))
    page = f"<label>Search<input type=search {find}></label>{arrived}"
    shown = stage.show(page, fill("searchbox", "Search", "Bo Lind"), click("button", "Approve", "Bo Lind"))
    assert "cell 'Enrolled' in the row of '${search}' shows" in expected(shown)
    assert stage.replay(shown, page, search="Cai Moe").outcome == "pass"
    idle = page.replace("textContent='Enrolled'", "textContent='Pending'")
    assert stage.replay(_hasty(shown), idle, search="Cai Moe").outcome != "pass"


@pytest.mark.parametrize(
    "turn",
    [
        f"{TURN} r.parentNode.append(r)",
        f"{TURN} setTimeout(() => {{ const t = r.parentNode; t.innerHTML = t.innerHTML }}, 30)",
        f"setTimeout(() => {{ {TURN} }}, 400)",
    ],
    ids=["moved to the end", "drawn anew", "late"],
)
def test_a_row_that_moves_or_is_drawn_anew_is_still_the_row(stage: Stage, turn: str) -> None:
    shown = stage.show(table(), click("button", "Approve", "Anna Berg"))
    others = (("Dan Oak", "dan@x.org"), PEOPLE[0], ("Eva Dahl", "eva@x.org"))
    assert stage.replay(shown, table(others, turn=turn)).outcome == "pass"


def test_rows_that_are_rows_by_repetition_alone_count_too(stage: Stage) -> None:
    def first(now: Observation) -> Click:
        return Click(next(e for e in now.elements if e.name == "Approve"))

    shown = stage.show(cards(), first)
    assert expected(shown) == ["text 'Approved' in the row of 'Anna Berg' shows"]
    assert stage.replay(shown, cards()).outcome == "pass"
    assert stage.replay(_hasty(shown), cards(where=LAST)).outcome == "unknown"
    (written, *_) = export(shown, "playwright", stage.folder)
    assert 'in the row of "Anna Berg", which is not checked' in written.read_text("utf-8")


ASKING = """let r; function go(b) { r = WHERE; const d = document.createElement('dialog');
 d.innerHTML = '<p>Sure?</p><button onclick="this.parentNode.remove(); turn()">Yes</button>';
 document.body.append(d); d.showModal() } function turn() { TURN }""".replace("TURN", TURN)


ORDERS = (
    ("1", "Anna Berg", "Tea", "2", "no"),
    ("2", "Bo Lind", "Rye", "1", "yes"),
    ("3", "Cai Moe", "Tea", "5", "no"),
    ("4", "Eva Dahl", "Oil", "4", "yes"),
)


def test_another_row_that_bears_the_figures_of_one_that_went_is_not_taken_for_it(stage: Stage) -> None:
    """The order deleted was number 2, of 1 piece; number 1 is of 2 pieces."""
    made = "".join(
        f"<tr class=r><td>{'<td>'.join(each)}<td><button onclick=go(this)>Delete</button>" for each in ORDERS
    )
    heads = "<tr><th>No<th>Who<th>What<th>Count<th>Express<th>"
    page = f"<h1>Orders</h1><table>{heads}{made}</table><script>{ASKING}</script>"
    page = page.replace("WHERE", OWN).replace(TURN, "r.remove()")
    shown = stage.show(page, click("button", "Delete", "Bo Lind"), click("button", "Yes"))
    assert not rowed(shown), [(each.row, each.name) for each in rowed(shown)]


def test_a_question_that_is_answered_first_is_about_the_row_too(stage: Stage) -> None:
    def page(where: str) -> str:
        return f"{table().partition('<script>')[0]}<script>{ASKING.replace('WHERE', where)}</script>"

    shown = stage.show(page(OWN), click("button", "Approve", "Anna Berg"), click("button", "Yes"))
    assert "cell 'Approved' in the row of 'Anna Berg' shows" in expected(shown)
    assert stage.replay(shown, page(OWN)).outcome == "pass"
    assert stage.replay(_hasty(shown), page(LAST)).outcome == "unknown"


def test_what_is_ticked_in_the_row_is_expected_there(stage: Stage) -> None:
    ticks = "".join(
        f"<tr class=r><td>{name}<td><input type=checkbox aria-label=Active>"
        "<td><button onclick=go(this)>Activate</button>"
        for name, _ in PEOPLE
    )
    script = "function go(b) { const r = WHERE; r.querySelector('input').checked = true }"
    page = f"<table>{ticks}</table><script>{script}</script>"
    shown = stage.show(page.replace("WHERE", OWN), click("button", "Activate", "Anna Berg"))
    assert expected(shown) == ["checkbox 'Active' in the row of 'Anna Berg' is on"]
    assert stage.replay(shown, page.replace("WHERE", OWN)).outcome == "pass"
    assert stage.replay(_hasty(shown), page.replace("WHERE", LAST)).outcome == "unknown"


def test_a_row_that_fades_away_afterwards_was_not_taken_back(stage: Stage) -> None:
    shown = stage.show(table(), click("button", "Approve", "Anna Berg"))
    assert stage.replay(shown, table(turn=f"{TURN} setTimeout(() => r.remove(), 500)")).outcome == "pass"
    back = f"const h = r.innerHTML; {TURN} setTimeout(() => {{ r.innerHTML = h }}, 500)"
    assert "did not stay so" in stage.replay(shown, table(turn=back)).saying


def test_where_what_came_up_may_be_data_it_is_enough_that_the_command_went_from_the_row(stage: Stage) -> None:
    seen = table(turn="r.querySelector('.s').textContent='Seen by Ola Nord'; r.querySelector('button').remove()")
    shown = stage.show(WHO + seen, fill("textbox", "Who", "Anna Berg"), click("button", "Approve", "Anna Berg"))
    assert expected(shown) == ["button 'Approve' in the row of '${who}' is gone"]
    assert stage.replay(shown, WHO + seen.replace("Ola Nord", "Eva Dahl"), who="Bo Lind").outcome == "pass"


BOARD = """<h1>Board</h1><label>Where<input></label><div id=b></div><script>
const names = ["Plan", "Doing", "Checked", "Done"], cards = CARDS;
function draw() { b.innerHTML = "<ul>" + names.map((name, at) => "<li><h2>" + name + "</h2>" + cards[at].map((card) =>
 "<button onclick='move(" + at + ', "' + card + '"' + ")'>" + card + "</button>").join("")).join("") + "</ul>" }
function move(at, card) { cards[at] = cards[at].filter((c) => c !== card); cards[at + 1].push(card); draw() } draw()
</script>"""


def board(*cards: list[str]) -> str:
    return BOARD.replace("CARDS", str([list(column) for column in cards]))


def test_what_must_leave_a_row_is_not_acted_on_in_another(stage: Stage) -> None:
    shown = stage.show(board(["Write docs", "Fix it"], ["Ship it"], [], []), click("button", "Write docs"))
    (step,) = shown.acts()
    shown = replace(shown, steps=(replace(step, expect=(Expect("gone", "button", "Write docs", row=("Plan",)),)),))
    assert stage.replay(shown, board(["Ask Bo", "Write docs"], ["Ship it"], [], [])).outcome == "pass"
    later = stage.replay(shown, board(["Fix it"], ["Write docs", "Ship it"], [], []))
    assert later.outcome == "refused"
    assert "it was in the row of 'Plan'" in later.saying


EDITOR = """<div id=a></div><script>let all = [["Anna Berg", "Rome"], ["Bo Lind", "Oslo"]];
function list() { a.innerHTML = "<h1>Customers</h1><table>" + all.map((d, i) =>
  `<tr><td>${d[0]}<td>${d[1]}<td><button onclick="edit(${i})">Edit</button>`).join("") + "</table>" }
function edit(i) { a.innerHTML =
  `<h1>Edit</h1><label>City<input id=c value="${all[i][1]}"></label><button onclick="save(${i})">Save</button>` }
function save(i) { all[WHICH][1] = c.value; list() } list()</script>"""


def test_what_was_edited_elsewhere_is_expected_in_the_row_of_its_record(stage: Stage) -> None:
    page = EDITOR.replace("WHICH", "i")
    acts = (click("button", "Edit", "Anna Berg"), fill("textbox", "City", "Paris"), click("button", "Save"))
    shown = stage.show(page, *acts)
    assert "one record says 'Anna Berg', '${city}'" in expected(shown)
    assert stage.replay(shown, page, city="Lyon").outcome == "pass"
    assert stage.replay(_hasty(shown), EDITOR.replace("WHICH", "1"), city="Lyon").outcome == "unknown"


def test_what_was_in_the_row_before_proves_nothing(stage: Stage) -> None:
    shown = stage.show(table(), click("button", "Approve", "Anna Berg"))
    done = stage.replay(shown, table(turn="").replace("Pending", "Approved"))
    assert (done.outcome, done.proof) == ("unknown", "none")


def test_an_exported_test_looks_in_the_row_where_a_browser_knows_it(stage: Stage) -> None:
    shown = stage.show(table(), click("button", "Approve", "Anna Berg"))
    written = export(shown, "playwright", stage.folder)[0].read_text("utf-8")
    assert 'filter(has=page.get_by_text("Anna Berg", exact=True))' in written
    assert '.get_by_role("cell", name=named("Approved")).first).to_be_visible()' in written


# ------------------------------------------------------------------------------------------------ pure


DESK = """
window People
  table People
    row Anna
      cell Anna Berg
      cell {anna}
    row Bo
      cell Bo Lind
      cell {bo}
"""
APPROVED = Expect("shows", "cell", "Approved", row=("Anna Berg",))


def test_a_row_of_a_desktop_program_is_known_alike() -> None:
    assert met(APPROVED, look(DESK.format(anna="Approved", bo="Pending")))
    assert not met(APPROVED, look(DESK.format(anna="Pending", bo="Approved")))
    gone = replace(APPROVED, kind="gone")
    assert met(gone, look(DESK.format(anna="Pending", bo="Approved")))


def test_what_is_gone_with_its_row_is_not_gone_from_it() -> None:
    there = look(DESK.format(anna="Pending", bo="Pending").replace("Anna Berg", "Dan Oak"))
    assert not met(replace(APPROVED, kind="gone"), there)


def test_where_two_rows_are_called_so_it_holds_in_none() -> None:
    twins = look(DESK.format(anna="Approved", bo="Approved").replace("Bo Lind", "Anna Berg"))
    assert not met(APPROVED, twins)
    assert "2 rows say 'Anna Berg'" in Since().why(APPROVED, twins)
    assert unmet([APPROVED], twins) == (APPROVED,)


def test_further_texts_choose_among_rows_and_need_not_all_be_there() -> None:
    twins = look(DESK.format(anna="Approved", bo="Pending").replace("Bo Lind", "Anna Berg"))
    assert met(replace(APPROVED, row=("Anna Berg", "Approved", "Rome")), twins)


def test_a_longer_text_names_a_row_only_where_no_text_stood_for_itself() -> None:
    now = look_at(look(DESK.format(anna="x", bo="y")))
    assert len(rows(now, ["Lind"], Make("row"))) == 1
    assert not rows(now, ["Lind"], Make("row"), whole=True)


def test_a_file_without_rows_reads_as_before_and_one_with_them_is_checked() -> None:
    act = Act("a", "click", Mark("button", "Approve"), expect=(APPROVED,))
    flow = Workflow("w", "web", (act,))
    text = files.dumps(flow)
    assert 'row = ["Anna Berg"]' in text
    assert files.loads(text) == flow
    old = files.loads(text.replace('row = ["Anna Berg"]\n', ""))
    assert [each.row for step in old.acts() for each in step.expect] == [()]


def _hasty(workflow: Workflow) -> Workflow:
    """That waits for nothing long."""
    steps = [replace(act, expect=tuple(replace(each, seconds=0.4) for each in act.expect)) for act in workflow.acts()]
    return replace(workflow, steps=tuple(steps))
