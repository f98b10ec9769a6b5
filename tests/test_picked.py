"""Flows of pages as they are made now: what is picked for a field, dropped, written in place or confirmed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cua.core import Action, Click, Drag, Fill, Observation, Press
from tests.shown_once import Stage, expected, stage, web
from tests.test_compile import click, fill

__all__ = ["stage", "web"]  # fixtures

CITIES = """<label>City <input id=city role=combobox aria-expanded=false></label><ul id=all role=listbox></ul>
<button onclick="said.textContent = 'Saved ' + city.value">Save</button><output id=said></output>
<script>
  city.oninput = () => {
    all.replaceChildren(...["Bergen", "Bern", "Oslo"].filter((each) => each.startsWith(city.value)).map((each) => {
      const item = Object.assign(document.createElement("li"), { textContent: each, role: "option" });
      item.onclick = () => { city.value = each; all.replaceChildren(); };
      return item;
    }));
  };
</script>"""


def drag(one: str, other: str) -> Callable[[Observation], Action]:
    def act(now: Observation) -> Action:
        start, end = (next(e for e in now.elements if e.name == name) for name in (one, other))
        return Drag(start, end)

    return act


def calendar(month: str) -> str:
    return f"""<label>Due <input id=due></label>
    <table role=grid><tr><td role=gridcell tabindex=0 onclick="due.value = '2026-{month}-17'">17</table>"""


def board(way: str = "goal.closest('section').append(card)") -> str:
    return f"""<section><h2>To do</h2><button id=card>Fix login</button></section>
    <section><h2>Doing</h2><button id=goal>Ship it</button></section>
    <script> let held = false; card.onmousedown = (event) => {{ held = true; event.preventDefault(); }};
    window.onmouseup = ({{ target }}) => {{
      if (held && target.closest('section').contains(goal)) {way};
      held = false;
    }};
    </script>"""


INLINE = """<table><tr><th>Task<tr><td id=cell>Call Ann</table><script>
  function edit() {
    const input = document.createElement("input");
    input.value = cell.textContent;
    cell.replaceChildren(input);
    input.focus();
    input.onkeydown = (event) => { if (event.key === "Enter") cell.textContent = input.value; };
  }
  cell.ondblclick = edit;
</script>"""


def test_what_was_typed_to_find_a_choice_is_the_choice(stage: Stage) -> None:
    shown = stage.show(CITIES, fill("combobox", "City", "Ber"), click("option", "Bern"), click("button", "Save"))
    assert [(each.name, each.default) for each in shown.params] == [("city", "Bern")]
    assert [act.target.name for act in shown.acts() if act.target] == ["City", "${city}", "Save"]
    assert stage.replay(shown, CITIES, city="Oslo").outcome == "pass"
    assert stage.replay(shown, CITIES, city="Rome").outcome == "refused"


@pytest.mark.parametrize("typed", ["Bern", "er"])
def test_what_does_not_begin_the_choice_is_left_as_it_was_typed(stage: Stage, typed: str) -> None:
    page = CITIES.replace("startsWith(city.value)", "includes(city.value)")
    shown = stage.show(page, fill("combobox", "City", typed), click("option", "Bern"))
    assert [each.default for each in shown.params] == [typed]


def test_a_day_that_was_picked_must_be_that_day_again(stage: Stage) -> None:
    shown = stage.show(calendar("11"), click("gridcell", "17"))
    assert expected(shown) == ["textbox 'Due' holds '2026-11-17'"]
    assert stage.replay(shown, calendar("11")).outcome == "pass"
    assert stage.replay(shown, calendar("12")).outcome == "fail"


def test_what_was_dropped_must_stand_beside_what_it_was_dropped_on(stage: Stage) -> None:
    shown = stage.show(board(), drag("Fix login", "Ship it"))
    assert expected(shown) == ["button 'Fix login' in the row of 'Ship it' shows"]
    assert stage.replay(shown, board()).outcome == "pass"
    assert stage.replay(shown, board("void 0")).outcome != "pass"


def test_a_cell_that_was_written_in_place_shows_what_was_written(stage: Stage) -> None:
    def twice(now: Observation) -> Action:
        return Click(next(e for e in now.elements if e.name == "Call Ann"), count=2)

    def writes(now: Observation) -> Action:
        return Fill(next(e for e in now.elements if e.role == "textbox"), "Call Bob")

    shown = stage.show(INLINE, twice, writes, Press("Return"))
    assert expected(shown) == ["cell '${task}' shows"]
    assert stage.replay(shown, INLINE, task="Call Cyd").outcome == "pass"


def test_a_word_that_the_address_said_before_it_was_typed_stays_in_it(stage: Stage) -> None:
    word = stage.folder.parts[1]
    page = "<label>Folder <input></label><a href='?sent=yes'>Send</a>"
    shown = stage.show(page, fill("textbox", "Folder", word), click("link", "Send"))
    assert [each.default for each in shown.params] == [word]
    assert all("${" not in each for each in expected(shown))
    assert stage.replay(shown, page, folder="another").outcome == "pass"


FORM = """<label>Name <input id=who></label> <output id=count>1</output>
<button id=more onclick="count.textContent = Number(count.textContent) + 1">More guests</button>
<button id=other onclick="log.push(who.value)">Apply</button>
<button onclick="said.textContent = 'Booked for ' + who.value">Book</button><p role=status id=said></p>
<script> const log = []; </script>"""


def test_a_button_in_a_form_that_another_ended_later_did_not_end_it(stage: Stage) -> None:
    guests, book = click("button", "More guests"), click("button", "Book")
    shown = stage.show(FORM, fill("textbox", "Name", "Ida Nor"), guests, book)
    assert [act.risk for act in shown.acts()] == ["reversible", "reversible", "irreversible"]
    assert stage.replay(shown, FORM, name="Kai").outcome == "pass"


def test_a_button_that_nothing_came_of_and_nothing_followed_may_have_ended_it(stage: Stage) -> None:
    shown = stage.show(FORM, fill("textbox", "Name", "Ida Nor"), click("button", "Apply"))
    assert [act.risk for act in shown.acts()] == ["reversible", "irreversible"]
    emptied = FORM.replace("log.push(who.value)", "who.value = ''")
    shown = stage.show(emptied, fill("textbox", "Name", "Ida Nor"), click("button", "Apply"), click("button", "Book"))
    assert [act.risk for act in shown.acts()][1] == "irreversible"


def test_what_is_confirmed_of_given_values_proves_an_act_on_them(stage: Stage) -> None:
    page = """<label>To <input id=to></label><button onclick="ask()">Continue</button><div id=at></div><script>
    const head = "<h1>Check and confirm</h1>";
    function ask() { document.body.innerHTML =
      `${head}<p>You pay it to ${to.value}</p><form><button type=button onclick="pay('${to.value}')">Pay now`; }
    function pay(who) { document.body.innerHTML = `<h1>Payment sent</h1><p>Sum for ${who}</p>`; }</script>"""
    acts = (fill("textbox", "To", "Bob Lee"), click("button", "Continue"), click("button", "Pay now"))
    shown = stage.show(page, *acts)
    assert expected(shown) == ["paragraph 'Sum for ${to}' shows"]
    assert stage.replay(shown, page, to="Carl May").outcome == "pass"
