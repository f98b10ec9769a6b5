"""On a page made anew a target is told by all that stood beside it; what is taken out is never taken for another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cua.core import Observation
from cua.policies.company import COMPANY
from cua.policies.finding import Found, find, mark_of
from cua.policies.wording import milder, other_thing, part_of
from drivers.web import Web
from tests.browsers import looks
from tests.test_finding import found, lost, the

Look = Callable[[str], Observation]
OLD = ("Orders", "Product reviews", "Change delivery day", "Loyalty points", "Support", "Terms")
NEW = ("Purchases", "Write about products", "Pick another delivery day", "Your loyalty balance", "Help", "Terms")


@pytest.fixture
def look(web: Web, tmp_path: Path) -> Look:
    return looks(web, tmp_path)


def old_page(items: tuple[str, ...]) -> str:
    links = "".join(f"<tr><td><a href=/p{n}.php>{name}</a></td></tr>" for n, name in enumerate(items))
    return f"<table><tr><td><table>{links}</table></td></tr></table>"


def new_page(items: tuple[str, ...]) -> str:
    links = "".join(f"<li class=i><a class=l href=/app/{n}x>{name}</a></li>" for n, name in enumerate(items))
    return (
        f"<header><button>Menu</button></header><aside><nav><ul>{links}</ul></nav></aside><main><h1>Hello</h1></main>"
    )


def test_an_item_that_was_renamed_is_found_between_what_its_neighbours_became(look: Look) -> None:
    was = look(old_page(OLD))
    mark = mark_of(the(was, "link", "Change delivery day"), was)
    assert found(mark, look(new_page(NEW))).name == "Pick another delivery day"


def test_an_item_that_was_taken_out_of_a_page_made_anew_is_lost(look: Look) -> None:
    was = look(old_page(OLD))
    for at, name in enumerate(OLD[:-1]):
        mark = mark_of(the(was, "link", name), was)
        lost(mark, look(new_page(NEW[:at] + NEW[at + 1 :])))


def test_what_another_one_became_is_not_taken(look: Look) -> None:
    was = look(old_page(("News", "Gift cards", "Gift wrapping", "Stores")))
    mark = mark_of(the(was, "link", "Gift cards"), was)
    lost(mark, look(new_page(("News", "Wrapping of gifts", "Stores"))))


def test_what_stands_far_from_all_that_was_beside_it_is_not_taken(look: Look) -> None:
    was = look(old_page(("Home", "Fishing permits", "Roads", "Schools", "Parks", "Taxes")))
    mark = mark_of(the(was, "link", "Fishing permits"), was)
    more = tuple(f"Notice {letter}" for letter in "abcdefghijkl")
    lost(mark, look(new_page(("Home", "Roads", "Schools", "Parks", "Taxes", *more, "Fishing"))))


def test_a_list_is_known_by_what_it_offers(look: Look) -> None:
    offers = "<option>Collect in shop<option>Leave with neighbour<option>Parcel locker"
    was = look(f"<form><input name=a aria-label=Street><select name=m>{offers}</select><input aria-label=Town></form>")
    mark = mark_of(next(e for e in was.elements if e.role == "combobox"), was)
    fields = (
        "<label>Street<input></label><label>How would you like it?<select>{}</select></label><label>Town<input></label>"
    )
    now = look("<main><section>" + fields.format(offers) + "</section></main>")
    assert found(mark, now).name == "How would you like it?"
    lost(mark, look("<main><section>" + fields.format("<option>1<option>2<option>3") + "</section></main>"))


def test_of_several_without_a_name_none_is_taken_for_the_one_that_is_gone(look: Look) -> None:
    icons = (
        "<p><button class=i></button> <button class=i></button> <button class=i></button></p><p><a href=/x>More</a></p>"
    )
    was = look(icons)
    marks = [mark_of(e, was) for e in was.elements if e.role == "button" and not e.name]
    now = look(icons.replace("<button class=i></button> ", "", 1))
    assert len(marks) == 3
    assert not any(isinstance(find(mark, now), Found) for mark in marks)


@pytest.mark.parametrize(
    ("own", "other"),
    [("timetables", "timetable changes in may"), ("surname", "maximum surname length"), ("log in", "log in help")],
)
def test_what_a_label_is_about_in_the_end_tells_another_thing(own: str, other: str) -> None:
    assert other_thing(own, other)


@pytest.mark.parametrize(
    ("own", "other"), [("letters", "letters and documents"), ("medicine", "name of medicine"), ("make", "vehicle make")]
)
def test_a_label_that_says_more_of_the_same_tells_no_other_thing(own: str, other: str) -> None:
    assert not other_thing(own, other)


def test_a_label_for_less_or_of_other_numbers_is_for_another_part() -> None:
    assert part_of("search", "search by voice")
    assert part_of("dashboard v2", "dashboard v3")
    assert not part_of("6 months (30.00)", "6 months (38.00)")
    assert milder("delete account", "account")
    assert not milder("log off", "sign out")


def test_a_mark_remembers_what_could_be_used_beside_it_and_where_it_was_among_that(look: Look) -> None:
    was = look(old_page(("Orders", "Support", "Terms")))
    said = mark_of(the(was, "link", "Support"), was).says[COMPANY].split(" | ")
    assert [text.partition(" > ")[0] for text in said] == ["link:orders", "*", "link:terms"]
