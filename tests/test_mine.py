"""What a sentence calls "my city" is the person's own city, on a real page; in doubt it is asked, never made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from cua import app
from cua.core import Driver, Open
from cua.doing import do_there
from cua.memory.profile import Profile
from cua.memory.store import Store
from cua.own_screens import open_web
from cua.policies.mine import Mine, of_memory
from cua.seats import Done
from drivers.fake import FakeDriver
from tests.served import pages, serving

PAGE = """<!doctype html><title>Address</title><h1>Address</h1>
<label>City <input onchange="fetch('/city/' + this.value)"></label>
<label>E-mail address <input onchange="fetch('/mail/' + this.value)"></label>
<label>First name <input onchange="fetch('/first/' + this.value)"></label>
<label>Comment <input onchange="fetch('/comment/' + this.value)"></label>
<label>List <select onchange="fetch('/list/' + this.value)"><option>None<option>my company</select></label>
<label>Phone <input onchange="fetch('/phone/' + this.value)"></label>
<label>Mobile phone <input onchange="fetch('/mobile/' + this.value)"></label>"""
TOLD = ("I live in Graz", "my name is Grace Hopper", "my work e-mail is ada@example.org", "my phone is +43 660 123456")


class Form:
    """A page whose server remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, path: str) -> str:
        self.heard += [] if path == "/" else [unquote(path)]
        return PAGE


@pytest.fixture(scope="module")
def browser() -> Iterator[Driver]:
    with open_web("about:blank") as driver:
        yield driver


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Profile(tmp_path / "cua.db") as profile:
        for sentence in TOLD:
            profile.add(sentence, 1.0)
    with Store(tmp_path / "cua.db") as store:
        yield store


def ask(goal: str, browser: Driver, store: Store) -> tuple[Done, list[str]]:
    form = Form()
    with serving(pages(form)) as port:
        url = f"http://127.0.0.1:{port}/"
        browser.act(Open(url))
        form.heard.clear()
        done = do_there(goal, app.page_seat(url, browser, store))
    return done, form.heard


@pytest.mark.parametrize(
    ("goal", "heard", "note"),
    [
        ("set City to my city", ["/city/Graz"], "my city: Graz"),
        ("fill in my city", ["/city/Graz"], "my city: Graz"),
        ("enter my email", ["/mail/ada@example.org"], "my email: ada@example.org"),
        ("enter my work email into Comment", ["/comment/ada@example.org"], "my work email: ada@example.org"),
        ("fill in my city and my first name", ["/city/Graz", "/first/Grace"], "my city: Graz, my first name: Grace"),
        ("set City to my city and First name to 'my city'", ["/city/Graz", "/first/my city"], "my city: Graz"),
    ],
)
def test_it_is_entered_and_told(browser: Driver, store: Store, goal: str, heard: list[str], note: str) -> None:
    done, said = ask(goal, browser, store)
    assert (done.outcome, said) == ("pass", heard), done
    assert f"{note}, from memory (cua memory list --kind profile)" in done.note


@pytest.mark.parametrize(
    ("goal", "part"),
    [
        ("set Comment to my country", 'cua memory add "my country is ..."'),
        ("set Comment to my private e-mail", 'cua memory add "my private e-mail is ..."'),
        ("enter my phone number", "there are 2 fields for my phone number: Phone, Mobile phone"),
        ("fill in my name", "set FIELD to my name"),
    ],
)
def test_what_is_not_sure_is_asked_and_nothing_is_done(browser: Driver, store: Store, goal: str, part: str) -> None:
    done, said = ask(goal, browser, store)
    assert (done.outcome, done.acts, said) == ("unknown", 0, []), done
    assert part in done.saying


def test_two_facts_that_may_be_meant_are_both_told(browser: Driver, store: Store) -> None:
    with Profile(store.path) as profile:
        profile.add("my private e-mail is grace@home.example", 2.0)
    done, said = ask("set Comment to my e-mail", browser, store)
    assert (done.outcome, done.acts, said) == ("unknown", 0, []), done
    assert "ada@example.org" in done.saying
    assert "grace@home.example" in done.saying


def test_what_can_be_chosen_by_that_name_is_chosen(browser: Driver, store: Store) -> None:
    done, said = ask("set List to my company", browser, store)
    assert (done.outcome, said) == ("pass", ["/list/my company"]), done
    assert "from memory" not in done.note


@pytest.mark.parametrize(
    "goal",
    [
        "set My city to 'Linz'", "set my city to Linz", "clear my city", "turn on my newsletter", "open my phone",
        "set Comment to 'my city'", "type my dog is nice", "set Comment to My city", "set Comment to my password",
        "save as my city", "put my name, Kari, in the corner", "put my boss in cc", "",
    ],
)  # fmt: skip
def test_what_is_no_value_or_none_of_the_person_stays_as_it_was_said(store: Store, goal: str) -> None:
    assert of_memory(goal, FakeDriver().observe, store.path) == Mine(goal)


def test_where_there_is_no_field_it_is_typed_where_one_is(store: Store) -> None:
    mine = of_memory("type my city and save", FakeDriver().observe, store.path)
    assert mine == Mine('type "Graz" and save', "my city: Graz, from memory (cua memory list --kind profile)")
