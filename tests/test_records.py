"""What was given must stand together in one record: of what was saved by halves, a replay says that it is not so."""

from __future__ import annotations

import pytest

from cua.memory.workflows import Expect, Workflow
from cua.policies.expected import met, recorded_before
from cua.policies.records import records
from cua.record.export import export
from tests.shown_once import Stage, expected, stage, web
from tests.test_compile import click, fill
from tests.test_screen import look

__all__ = ["stage", "web"]  # fixtures

# SAVED is what the server makes of what was filled in, HEAD what the column of the numbers is called
SHOP = """<h1>Orders</h1><label>Search<input type=search oninput="q = this.value; list()"></label>
<table id=t></table><div id=f></div><script>let q = "", at = -1;
const all = [["1", "Anna Berg", "3", "Tea"], ["2", "Bo Lind", "5", "Rye"], ["3", "Cai Moe", "8", "Oil"]];
function list() { t.innerHTML = "<tr><th>No<th>Customer<th>HEAD<th>Product<th>" + all.map((d, i) => d[1].includes(q)
  ? `<tr><td>${d.join("<td>")}<td><button onclick="edit(${i})">Edit</button>` : "").join("") }
function edit(i) { at = i; const d = all[i] || ["", "", "", ""]; t.innerHTML = ""; f.innerHTML =
  `<label>Customer<input id=w value="${d[1]}"></label><label>Quantity<input id=n value="${d[2]}"></label>
   <label>Product<input id=p value="${d[3]}"></label><button onclick="save()">Save</button>` }
function save() { const d = [w.value, n.value, p.value]; f.innerHTML = ""; q = ""; SAVED; list() } list()</script>
<button onclick="edit(all.length)">New order</button>"""
RIGHT = "if (all[at]) all[at] = [all[at][0], ...d]; else all.push([`${all.length + 1}`, ...d])"


def shop(saved: str = RIGHT, head: str = "Qty") -> str:
    return SHOP.replace("SAVED", saved).replace("HEAD", head)


def new(stage: Stage, page: str) -> Workflow:
    who, many = fill("textbox", "Customer", "Dan Oak"), fill("textbox", "Quantity", "7")
    return stage.show(page, click("button", "New order"), who, many, fill("textbox", "Product", "Salt"), SAVE)


def edited(stage: Stage, page: str) -> Workflow:
    sought = fill("searchbox", "Search", "Bo Lind")
    return stage.show(page, sought, click("button", "Edit", "Bo Lind"), fill("textbox", "Quantity", "9"), SAVE)


SAVE = click("button", "Save")


def test_a_new_record_must_say_all_that_was_given(stage: Stage) -> None:
    shown = new(stage, shop())
    assert "one record says '${customer}', '${quantity}', '${product}'" in expected(shown)
    assert stage.replay(shown, shop(), customer="Eva Dahl", quantity="12").outcome == "pass"
    assert stage.replay(shown, shop(), customer="Anna Berg", quantity="3", product="Tea").outcome == "pass"
    halved = stage.replay(shown, shop(RIGHT.replace("...d])", "d[0], '1', d[2]])")), customer="Eva Dahl", quantity="12")
    assert halved.outcome == "unknown"
    assert "(the one of 'Eva Dahl' does not say '12')" in halved.saying
    assert stage.replay(shown, shop("0"), customer="Anna Berg", quantity="3", product="Tea").outcome != "pass"
    twice = RIGHT.replace("else all.push(", "else for (const n of [1, 2]) all.push(")
    assert stage.replay(shown, shop(twice), customer="Eva Dahl", quantity="12").outcome == "unknown"


def test_an_edit_of_what_was_looked_up_is_proven_by_its_record(stage: Stage) -> None:
    shown = edited(stage, shop())
    assert "one record says '${search}', '${quantity}'" in expected(shown)
    assert "record '${search}' no longer shows as it was" in expected(shown)
    assert stage.replay(shown, shop(), search="Cai Moe", quantity="2").outcome == "pass"
    assert stage.replay(shown, shop("0"), search="Cai Moe", quantity="2").outcome != "pass"
    edits = "all[at] = [all[at][0], ...d]"
    for wrong in (
        "all[0][2] = d[1]",
        "all[0] = [all[0][0], ...d]",
        f"{edits}, all[0][2] = d[1]",
        "all.push(['4', ...d])",
    ):
        bad = shop(RIGHT.replace(edits, wrong))
        assert stage.replay(shown, bad, search="Cai Moe", quantity="2").outcome != "pass", wrong


TICKED = """<h1>Orders</h1><label>Customer<input id=w></label><label>Express delivery<input id=x type=checkbox></label>
<button onclick="t.innerHTML += `<tr><td>${w.value}<td>${KEPT ? 'yes' : 'no'}`">Save</button>
<table><tbody id=t><tr><th>Customer<th>Express</tbody></table>"""


def test_what_was_ticked_is_part_of_the_record(stage: Stage) -> None:
    page = TICKED.replace("KEPT", "x.checked")
    tick = click("checkbox", "Express delivery")
    shown = stage.show(page, fill("textbox", "Customer", "Dan Oak"), tick, SAVE)
    assert "one record says '${customer}', 'yes'" in expected(shown)
    assert stage.replay(shown, page, customer="Eva Dahl").outcome == "pass"
    assert stage.replay(shown, TICKED.replace("KEPT", "0"), customer="Eva Dahl").outcome != "pass"


def test_a_small_number_that_stands_there_by_chance_is_not_relied_on(stage: Stage) -> None:
    page = shop().replace('["3", "Cai Moe"', '["6", "Cai Moe"').replace("${all.length + 1}", "7")
    hidden = page.replace("d.join(", "[d[0], d[1], '', d[3]].join(")  # the quantity is nowhere, and the number is 7
    assert "one record says '${customer}', '${product}'" in expected(new(stage, hidden))


def test_an_exported_test_checks_the_record(stage: Stage) -> None:
    written = export(new(stage, shop()), "playwright", stage.folder)[0].read_text("utf-8")
    assert "expect(record(page, values.customer, values.quantity, values.product)).to_be_visible()" in written


# ------------------------------------------------------------------------------------------------ pure

DESK = """
window Stock
  table Stock
    row one
      cell {name}
      cell {price}
    row two
      cell Bolt
      cell 3.50
"""


@pytest.mark.parametrize(
    ("given", "said"),
    [("1200", "$1,200.00"), ("1200", "1 200"), ("0.5", "€0.50"), ("-3", "−3"), ("12", "12"), ("1200", "1.200,00 €")],
)
def test_a_number_is_told_however_it_is_written(given: str, said: str) -> None:
    assert records(look(DESK.format(name="Long nut", price=said)), ["Long nut", given])


@pytest.mark.parametrize(
    ("given", "said"),
    [("1200", "12.00"), ("1.2", "1,200"), ("12", "112"), ("3", "−3"), ("12", "12 of 14"), ("5", "5a"), ("0123", "123")],
)
def test_another_number_is_not(given: str, said: str) -> None:
    assert not records(look(DESK.format(name="Long nut", price=said)), ["Long nut", given])


def test_what_is_cut_short_is_told_by_its_beginning() -> None:
    now = look(DESK.format(name="Stainless…", price="4"))
    assert records(now, ["Stainless steel nut", "4"])
    assert not records(now, ["Stained glass", "4"])


def test_a_day_is_told_however_it_is_written() -> None:
    assert records(look(DESK.format(name="Long nut", price="8 Dec 2026")), ["Long nut", "2026-12-08"])
    assert not records(look(DESK.format(name="Long nut", price="12 Aug 2026")), ["Long nut", "2026-12-08"])
    assert not records(look(DESK.format(name="Long nut", price="8/12/2026")), ["Long nut", "2026-12-08"])


def test_what_is_given_twice_must_stand_there_twice() -> None:
    assert not records(look(DESK.format(name="Long nut", price="12")), ["Long nut", "12", "12"])
    assert records(look(DESK.format(name="Long nut", price="12\n      cell 12")), ["Long nut", "12", "12"])


def test_values_of_two_records_are_no_one_record() -> None:
    now = look(DESK.format(name="Nut", price="4"))
    assert met(Expect("record", row=("Bolt", "3.5")), now)
    assert not met(Expect("record", row=("Bolt", "4")), now)


def test_a_record_that_was_there_before_proves_nothing() -> None:
    now, empty = look(DESK.format(name="Nut", price="4")), look(DESK.format(name="", price=""))
    assert recorded_before(Expect("record", row=("Bolt",)), [now, empty], now)
    assert not recorded_before(Expect("record", row=("Nut",)), [empty], now)
