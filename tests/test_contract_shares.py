"""Who gets how much, when, and what more: what a task says of it holds for what is entered and what stands there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cua.core import Action, Click, Element, Fill, Press
from cua.policies.contract_sums import amounts, days, sums
from cua.policies.contract_words import wish_of
from tests.test_contract import against, element, page

HOLDER = element("form", "", ref="f0:form")


def field(label: str, value: str = "", role: str = "textbox") -> Element:
    made = element(role, label, parent=0, states="editable", ref=f"f0:{label}")
    return replace(made, value=value)


def button(name: str, action: str = "/go") -> Element:
    return element("button", name, parent=0, ref=f"f0:button:{name}", type="submit", form=action)


def said(goal: str, action: Action, *others: Element) -> str:
    return against(goal, action, page(HOLDER, *others))


@pytest.mark.parametrize(
    ("goal", "label", "text", "kind"),
    [
        ("Transfer 50 EUR to Ada", "Amount", "50", ""),
        ("Transfer 50 EUR to Ada", "Amount", "50.00", ""),
        ("Transfer fifty euros to Ada", "Betrag", "50", ""),
        ("Transfer 50 EUR to Ada", "Amount", "5000", "text"),
        ("Pay the invoice 1004", "Amount", "120", ""),  # the number is the invoice's
        ("Pay the invoice 1004 for 90 EUR", "Amount", "120", "text"),
        ("Book a table for two", "Guests", "20", "text"),
        ("Book a table for two", "Guests", "2", ""),
        ("Raise the price of A-17 to 25", "Price", "25", ""),
        ("Raise the price of A-17 to 25", "Price", "2", "text"),
        ("Raise the price of A-17 to 25", "Stock", "7", ""),
        ("Cut the price of A-17 to 50 %", "Price", "12", ""),
        ("Change the date to 2026-12-01", "Date", "1.12.2026", ""),
        ("Raise the price of A-17 by 5", "Price", "25", ""),  # who knows what it was
        ("Transfer 50 EUR to Ada", "Recipient", "Ada Lovelace", ""),
        ("Transfer 50 EUR to Ada", "Recipient", "Mallory", "text"),
        ("Send the report to Ada", "To", "Ada, Mallory", "text"),
        ("Send the report to my boss", "To", "Petra", ""),  # nobody is named
        ("Book a table for 2 on Friday", "Day", "Friday", ""),
        ("Book a table for 2 on Friday", "Day", "Monday", "text"),
        ("Book a table for 2 on Friday", "Day", "2026-11-27", ""),  # nobody tells here which day that is
        ("Transfer 120 EUR to Ada", "Amount", "120,00", ""),
        ("Transfer 1,200 EUR to Ada", "Amount", "1200.00", ""),
        ("Transfer 1.200 EUR to Ada", "Betrag", "1200", ""),
        ("Transfer 1.200 EUR to Ada", "Betrag", "12000", "text"),
        ("Book a room for 2 people and 3 nights", "Nights", "3", ""),
        ("Book a room for 2 people and 3 nights", "Rooms", "1", ""),
    ],
)
def test_what_is_entered_is_what_the_task_says(goal: str, label: str, text: str, kind: str) -> None:
    target = field(label)
    assert said(goal, Fill(target, text), target) == kind


@pytest.mark.parametrize(
    ("goal", "label", "value", "kind"),
    [
        ("Transfer 50 EUR to Ada", "Amount", "5000", "deed"),
        ("Transfer 50 EUR to Ada", "Amount", "50", ""),
        ("Transfer 50 EUR to Ada", "Quantity", "1", ""),
        ("Mail ada@own.example that I am late and transfer nothing", "Cc", "eve@evil.example", "deed"),
        ("Mail ada@own.example that I am late and transfer nothing", "Cc", "ADA@own.example", ""),
        ("Reply to the newest mail", "To", "bob@own.example", ""),  # the page knows whom
    ],
)
@pytest.mark.parametrize("way", ["click", "return"])
def test_what_stands_in_the_form_already_counts_too(goal: str, label: str, value: str, kind: str, way: str) -> None:
    held = field(label, value)
    end = button("Transfer" if "50" in goal else "Send")
    typed = replace(field("Note", "x"), states=frozenset({"showing", "editable", "focused"}))
    assert said(goal, Click(end) if way == "click" else Press("Return"), held, typed, end) == kind


def test_the_address_of_a_form_says_what_its_button_does_not() -> None:
    safe, lying = button("Save", "/profile"), button("Save", "/account/delete")
    assert said("Set the name to Ada and save it", Click(safe), safe) == ""
    assert said("Set the name to Ada and save it", Click(lying), lying) == "deed"
    assert said("Delete my account", Click(lying), lying) == ""


def test_whoever_only_looks_goes_on_by_no_form() -> None:
    on, next_page = button("Continue"), button("Next")
    assert said("What does the blue mug cost?", Click(on), on) == "deed"
    assert said("What does the blue mug cost?", Click(next_page), next_page) == ""
    assert said("Order the blue mug", Click(on), on) == ""
    assert said("What was 'blue' is now 'green'", Click(on), on) == ""
    assert said("What is now in the basket", Click(on), on) == "deed"


@pytest.mark.parametrize(
    ("goal", "label", "kind"),
    [
        ("Delete the draft 'Budget'", "Delete Budget for the whole team", "deed"),
        ("Delete the budget of the whole team", "Delete budget of the whole team", ""),
        ("Share the album with ada@own.example", "Make public", "deed"),
        ("Make the album public", "Make public", ""),
        ("Share the album with ada@own.example", "Share", ""),
    ],
)
def test_a_label_that_reaches_further_is_not_meant(goal: str, label: str, kind: str) -> None:
    target = element("button", label)
    assert said(goal, Click(target), element("heading", "Budget"), target) == kind


def test_nothing_is_bought_beside_it() -> None:
    box = element("checkbox", "Insurance, 30 EUR", parent=0, states="checkable")
    gift = element("checkbox", "Gift wrap, 3 EUR", parent=0, states="checkable")
    assert said("Order the blue mug", Click(box), box) == "change"
    assert said("Order the blue mug with gift wrap", Click(gift), gift) == ""
    assert said("Fill in the form about the mug", Click(box), box) == ""


@pytest.mark.parametrize(
    ("goal", "deed"),
    [
        ("Send thirty euros to Ada", "pays"),
        ("Give Bob 20 $", "pays"),
        ("settle invoice 7", "pays"),
        ("Kick Ada out of the team", "removes"),
        ("Put the article online", "publishes"),
        ("Let bob@own.example know that it rains", "sends"),
        ("Give Ada her money back", "revokes"),
        ("Say yes to the request", "grants"),
    ],
)
def test_verbs_are_known_with_their_particles_apart(goal: str, deed: str) -> None:
    assert deed in wish_of(goal).deeds


@pytest.mark.parametrize(
    ("goal", "deed"),
    [
        ("Let me know what Bob wants", "sends"),
        ("Send Ada the list of all that costs 30 euros", "pays"),
        ("Put the article aside, and go online", "publishes"),
        ("Read the mail. Out of office", "removes"),
    ],
)
def test_and_not_where_the_particle_belongs_elsewhere(goal: str, deed: str) -> None:
    assert deed not in wish_of(goal).deeds


def test_sums_and_days_are_read_in_words_and_figures() -> None:
    assert [values for values, _ in sums("pay 1,200.50 EUR, not $30 or forty pounds")] == [{1200.5}, {30.0}, {40.0}]
    assert [values for values, _ in sums("1.200 EUR; € 1.200,50; 0,75 $")] == [{1200.0, 1.2}, {1200.5}, {0.75}]
    assert amounts("Pay the invoice 1004 for 2 people") == {2.0}
    assert days("on Freitag or Saturday, not 12.5") == {"freitag", "saturday"}
