"""On a page made anew a target is found in other words that mean the same, and never taken for another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cua.core import Observation
from cua.policies.fields import called_alike
from cua.policies.finding import Found, find, mark_of
from cua.policies.wording import alike, worse
from drivers.web import Web
from tests.browsers import looks
from tests.test_finding import found, lost, the

Look = Callable[[str], Observation]


@pytest.fixture
def look(web: Web, tmp_path: Path) -> Look:
    return looks(web, tmp_path)


def test_labels_that_say_the_same_as_a_whole_do_no_other_harm() -> None:
    assert alike("go", "submit search") >= 0.8
    assert not worse("go", "submit search")
    assert alike("add customer", "new client") >= 0.8
    assert alike("surname", "last name") >= 0.8
    assert alike("state", "region") < 0.4


MENU = "<nav><ul><li><a href=/{0}>{1}</a></li><li><a href=/{2}>{3}</a></li><li><a href=/x>{4}</a></li></ul></nav>"


def test_a_word_that_another_had_tells_nothing(look: Look) -> None:
    was = look("<h1>Town</h1>" + MENU.format("p", "Parking permits", "f", "Fishing permits", "Events"))
    mark = mark_of(the(was, "link", "Parking permits"), was)
    lost(mark, look("<h1>Town</h1><main><p>Now</p>" + MENU.format("q", "Permits", "n", "News", "Events") + "</main>"))


def test_a_page_in_other_words_of_the_same_language_is_no_foreign_one(look: Look) -> None:
    was = look(
        "<h2>Your permit</h2><form><p><input type=checkbox id=b><label for=b>I hold a disabled badge</label></p>"
        "<p><input type=checkbox id=d><label for=d>I declare that all is correct</label></p>"
        "<button>Send application</button> <button>Save and return later</button></form>"
    )
    mark = mark_of(the(was, "button", "Save and return later"), was)
    now = look(
        "<main><h1>Parking permit</h1><div><label><input type=checkbox>I have a disabled badge</label></div>"
        "<div><label><input type=checkbox>I confirm that all is correct</label></div>"
        "<div><button>Accept</button><button>Save &amp; return later</button></div></main>"
    )
    assert "foreign" not in str(find(mark, now))
    assert isinstance(find(mark, now), Found)
    abroad = look("<main><h1>Parkausweis</h1><div><button>Annehmen</button><button>Sichern</button></div></main>")
    lost(mark, abroad)


def test_what_is_done_to_a_table_is_not_what_stood_outside_of_it(look: Look) -> None:
    was = look("<nav><a href=/customers>Customers</a> <a href=/bills>Bills</a></nav><h1>Start</h1>")
    mark = mark_of(the(was, "link", "Customers"), was)
    rows = "<tr><th><button>Client</button></th><th>Town</th></tr><tr><td>Ann</td><td>Oslo</td></tr>"
    lost(mark, look(f"<nav><a href=/bills>Bills</a></nav><h1>Start</h1><table>{rows}</table>"))


def test_a_link_without_a_name_is_not_the_one_to_another_address(look: Look) -> None:
    page = "<h1>Media</h1><p>On air</p><div><a href=/{} style='display:block;width:9px;height:9px'></a></div>"
    was = look(page.format("feed"))
    mark = mark_of(the(was, "link", ""), was)
    assert isinstance(find(mark, look(page.format("feed"))), Found)
    lost(mark, look(page.format("feed-pro")))


def test_what_a_list_of_links_says_is_not_the_record_of_what_stands_beside_it(look: Look) -> None:
    page = "<header><a href=/>Start Lantern</a><ul>{}</ul></header><h1>Today</h1><div>{}</div>"

    def links(*names: str) -> str:
        return "".join(f"<li><a href=/{name}>{name}</a></li>" for name in names)

    def notes(day: str) -> str:
        return "".join(f"<p>{day} at {hour}</p>" for hour in range(9))

    was = look(page.format(links("Ponds", "Heaths", "Moors"), notes("Fog")))
    mark = mark_of(the(was, "link", "Start Lantern"), was)
    now = look("<main>" + page.format(links("Rivers", "Ponds"), notes("Sun")) + "</main>")
    assert found(mark, now).name == "Start Lantern"


def test_one_of_two_groups_is_not_the_other_by_its_name(look: Look) -> None:
    def tabs(group: str) -> str:
        names = ("Home", "Profile", "Messages")
        made = (f"<li><a role=tab id={group}-{name} href=#{group}-{name}>{name}</a></li>" for name in names)
        return f"<h2>Tabs</h2><ul role=tablist>{''.join(made)}</ul>"

    was = look(f"<h1>Kit</h1>{tabs('icons')}{tabs('text')}")
    mark = mark_of(the(was, "tab", "Profile"), was)
    assert found(mark, was).ref == the(was, "tab", "Profile").ref
    lost(mark, look(f"<h1>Kit</h1>{tabs('text')}"))


def test_a_search_by_one_thing_is_not_the_search() -> None:
    assert called_alike("search", {}, "search this site", {}) == 0.85
    assert (called_alike("search", {}, "search by name", {}) or 0.0) < 0.85


@pytest.mark.parametrize(("label", "same"), [("Last name", True), ("Maximum surname length", False)])
def test_a_field_is_known_by_the_text_that_stood_beside_it(look: Look, label: str, same: bool) -> None:
    row = "<tr><td>{}</td><td><input name=ctl{}></td></tr>"
    rows = row.format("Town", 1) + row.format("Surname", 2)
    was = look(f"<fieldset><legend>Applicant</legend><table>{rows}</table></fieldset>")
    field = [e for e in was.elements if e.role == "textbox"][1]
    now = look(f"<main><h1>About you</h1><label>{label}<input></label><label>Town or city<input></label></main>")
    assert isinstance(find(mark_of(field, was), now), Found) == same
