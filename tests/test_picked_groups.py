"""What was picked from a group of choices on a page is a value: another is picked there, or nothing. Real pages."""

from __future__ import annotations

import pytest

from cua.core import Action, Click, Observation
from cua.memory.workflows import Param
from tests.shown_once import Stage, stage, web

__all__ = ["stage", "web"]
SAY = "onclick=\"document.querySelector('p').textContent = 'Chosen: ' + this.textContent\""
PAGE = """<h1>Order</h1><p>Nothing</p>
<fieldset><legend>Delivery</legend><label><input type=radio name=d>Standard</label>
<label><input type=radio name=d>Express</label>{more}</fieldset>
<fieldset><legend>Payment</legend><label><input type=radio name=p>Card</label>
<label><input type=radio name=p>Overnight</label></fieldset>
<div role=listbox aria-label=Colour><div role=option {say}>Red</div><div role=option {say}>Green</div></div>"""
SHOWN = PAGE.format(more="", say=SAY)
MORE = PAGE.format(more="<label><input type=radio name=d>Pick up</label>", say=SAY)
TWICE = PAGE.format(more="<label><input type=radio name=d>Standard</label>", say=SAY)


def click(role: str, name: str) -> object:
    def made(now: Observation) -> Action:
        return Click(next(e for e in now.elements if (e.role, e.name) == (role, name)))

    return made


def checked(now: Observation) -> list[str]:
    return [e.name for e in now.elements if e.role == "radio" and "checked" in e.states]


def test_another_choice_of_the_group_is_picked_and_checked(stage: Stage) -> None:
    flow = stage.show(SHOWN, click("radio", "Express"))  # type: ignore[arg-type]
    assert flow.params == (Param("delivery", "text", "Express", "Delivery"),)
    assert stage.replay(flow, SHOWN).outcome == "pass"
    assert checked(stage.web.observe()) == ["Express"]
    assert stage.replay(flow, MORE, delivery="Pick up").outcome == "pass"
    assert checked(stage.web.observe()) == ["Pick up"]


@pytest.mark.parametrize(
    ("page", "value"), [(SHOWN, "Overnight"), (SHOWN, "Slow"), (TWICE, "Standard"), (SHOWN, "Exp")]
)
def test_what_is_not_just_once_in_the_group_is_not_picked_anywhere(stage: Stage, page: str, value: str) -> None:
    flow = stage.show(SHOWN, click("radio", "Express"))  # type: ignore[arg-type]
    assert stage.replay(flow, page, delivery=value).outcome != "pass"
    assert checked(stage.web.observe()) == []


def test_an_option_of_a_list_that_a_page_made_itself_is_such_a_value(stage: Stage) -> None:
    flow = stage.show(SHOWN, click("option", "Red"))  # type: ignore[arg-type]
    assert flow.params == (Param("colour", "text", "Red", "Colour"),)
    done = stage.replay(flow, SHOWN, colour="Green")
    assert done.outcome == "pass", done.saying
    assert any(e.name == "Chosen: Green" for e in stage.web.observe().elements)


def test_a_group_that_another_is_called_like_makes_no_value(stage: Stage) -> None:
    page = SHOWN.replace("Payment", "Delivery address")
    flow = stage.show(page, click("radio", "Express"))  # type: ignore[arg-type]
    assert flow.params == ()
    assert stage.replay(flow, page).outcome == "pass"
