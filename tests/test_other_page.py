"""Where another page shows than the one recorded on, nothing is taken for a target that is merely like it; and what
only looks something up is never taken for what takes something in.

Real pages on loopback and a real browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cua.core import Budget, Click, Element, Fill, Locator, Observation, Open, Task
from cua.memory.workflows import Act, IfPresent, Mark, Workflow
from cua.policies.finding import Found, Lost, find, mark_of
from cua.policies.lookups import FOR
from cua.policies.replay import Replay
from cua.policies.script import Script
from cua.record.compile import compile
from cua.run import Unkept, run
from drivers.web import Web
from tests.browsers import looks
from tests.served import pages, serving

LIST = "<nav><a href=/new>New visit</a></nav>{}<ul><li>Ada Byron<li>Bo Lind</ul>"
BOX = "<input aria-label='Search patient'><button>Search</button>"
FORM = (
    "<form><p><label>Patient <input></label><p><label>Reason <input></label><p><label>Day <input></label>"
    "<p><button type=button>Book visit</button></form>"
)


@dataclass
class Clinic:
    """A list, and a form for new visits. `leads` says where the form's address leads now, `pages` what is there."""

    url: str = ""
    leads: str = ""
    pages: dict[str, str] = field(default_factory=lambda: {"/": LIST.format(BOX), "/new": FORM})


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    found = Clinic()

    class Pages(pages(lambda path: f"<!doctype html><title>Clinic</title>{found.pages.get(path, '')}")):  # type: ignore[misc]
        def do_GET(self) -> None:
            if self.path == "/new" and found.leads:
                self.send_response(302)
                self.send_header("Location", found.leads)
                self.end_headers()
            else:
                super().do_GET()

    with serving(Pages) as port:
        found.url = f"http://127.0.0.1:{port}"
        yield found


def named(now: Observation, name: str, *roles: str) -> Element:
    return next(e for e in now.elements if e.name == name and e.role in (roles or ("textbox", "searchbox", "button")))


@pytest.fixture
def visit(clinic: Clinic, web: Web) -> Workflow:
    """A visit booked on the form, as it was shown once."""
    script = Script(
        lambda now: Fill(named(now, "Patient"), "Ada Byron"),
        lambda now: Fill(named(now, "Reason"), "cough"),
        lambda now: Click(named(now, "Book visit")),
    )
    web.act(Open(f"{clinic.url}/new"))
    return compile(run(Task("shown", "book a visit"), web, script, Unkept()), "visit", on="web").workflow


def again(workflow: Workflow, web: Web, *, dry: bool = False) -> Replay:
    """A replay of it from where it starts."""
    web.act(Open(workflow.start))
    done = Replay(workflow, {}, dry=dry)
    run(Task("again", "book a visit", budget=Budget(acts=200)), web, done, Unkept())
    return done


def held(web: Web) -> list[str]:
    return [e.value for e in web.observe(frame=False).elements if e.role in ("textbox", "searchbox") and e.value]


# ------------------------------------------------------------------------------------------------ another page


@pytest.mark.parametrize(
    "box",
    [
        BOX,
        "<input placeholder='Search patient'>",
        "<input type=search aria-label='Patient'>",
        "<search><label>Patient <input></label></search>",
        "<label>Patient name <input></label>",  # no search, and yet another thing on another page
    ],
)
def test_nothing_is_filled_in_on_a_list_where_the_form_was(visit: Workflow, clinic: Clinic, web: Web, box: str) -> None:
    clinic.leads, clinic.pages["/"] = "/", LIST.format(box)
    done = again(visit, web)
    assert (done.halted, len(done.trail), done.trail[0].stage, done.trail[0].matter) == (
        "before", 1, "halted", "elsewhere"
    )  # fmt: skip
    assert "the page that shows is 'Clinic' (/), and this step was recorded on /new" in done.trail[0].note
    assert held(web) == []


def test_a_dry_run_finds_nothing_there(visit: Workflow, clinic: Clinic, web: Web) -> None:
    clinic.leads = "/"
    assert {trod.stage for trod in again(visit, web, dry=True).trail} <= {"halted", "skipped"}


def test_a_form_that_moved_and_was_made_anew_is_filled_in_by_what_agrees(
    visit: Workflow, clinic: Clinic, web: Web
) -> None:
    clinic.leads = "/visits/add"
    clinic.pages["/visits/add"] = (
        "<main><h1>Visits</h1><form><div class=grid><div><label for=p>Patient *</label><div><input id=p></div></div>"
        "<div><label for=d>Day</label><div><input id=d></div></div><div><label for=r>Reason:</label><div><input id=r>"
        "</div></div></div><button type=button class=primary>Book visit</button></form></main>"
    )
    assert [trod.stage for trod in again(visit, web).trail] == ["done", "done", "done"]
    assert held(web) == ["Ada Byron", "cough"]


def test_a_start_that_always_leads_elsewhere_does_not_keep_what_has_no_name_from_being_found(
    clinic: Clinic, web: Web
) -> None:
    clinic.leads, clinic.pages["/visits"] = "/visits", "<h1>Visits</h1><div><input></div><p>Write a note"
    web.act(Open(f"{clinic.url}/new"))
    only = next(e for e in web.observe().elements if e.role == "textbox")
    note = Act("1", "fill", mark_of(only, web.observe()), text="fine")
    assert note.target is not None
    assert not note.target.name
    done = again(Workflow("note", "web", (note,), start=f"{clinic.url}/new"), web)
    assert [trod.stage for trod in done.trail] == ["done"]


def test_what_is_like_it_on_another_page_does_not_decide_whether_steps_are_done(
    visit: Workflow, clinic: Clinic, web: Web
) -> None:
    first = next(visit.acts())
    assert first.target is not None
    clinic.leads, clinic.pages["/"] = "/", LIST.format("<label>Patient name <input></label>")
    done = again(replace(visit, steps=(IfPresent("if", first.target, (first,)),)), web)
    assert [trod.stage for trod in done.trail] == ["skipped"]
    assert held(web) == []


# ------------------------------------------------------------------------------------------------ looking up


Look = Callable[[str], Observation]


@pytest.fixture
def look(web: Web, tmp_path: Path) -> Look:
    return looks(web, tmp_path)


def mark(look: Look, body: str, name: str) -> Mark:
    now = look(body)
    return mark_of(named(now, name), now)


SEARCHES = (
    "<input aria-label='Search city'>", "<label>City <input placeholder='Search'></label>",
    "<label>City <input type=search></label>", "<search><label>City <input></label></search>",
)  # fmt: skip


@pytest.mark.parametrize("search", SEARCHES)
def test_a_field_to_search_with_is_not_taken_for_one_that_was_none_nor_the_other_way_round(
    look: Look, search: str
) -> None:
    plain = "<label>City <input></label>"
    entry = mark(look, plain, "City")
    searching = mark(look, search, "Search city" if "Search city" in search else "City")
    assert (entry.says[FOR], searching.says[FOR]) == ("entry", "search")
    assert isinstance(find(searching, look(search)), Found)
    assert isinstance(find(searching, look(plain)), Lost)
    lost = find(entry, look(search))
    assert isinstance(lost, Lost)
    assert "is for looking something up" in lost.why


def test_a_field_that_bears_the_same_key_is_found_though_it_is_to_search_with_now(look: Look) -> None:
    entry = mark(look, "<label>City <input id=town></label>", "City")
    assert isinstance(find(entry, look("<search><label>City <input id=town></label></search>")), Found)


def test_what_a_file_says_of_a_field_does_not_tell_what_it_is_for(look: Look) -> None:
    suggesting = look("<label>City <input data-testid=x placeholder='Search cities'></label>")
    for given in (Mark("textbox", "City"), Mark("textbox", locators=(Locator("css", "input"),))):
        assert not isinstance(lost := find(given, suggesting), Lost) or "looking" not in lost.why
