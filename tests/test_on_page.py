"""Requests on a real page in a real browser, judged by what it shows, and never passed where nothing was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua import app
from cua.core import Driver, Open
from cua.doing import do_there
from cua.memory.store import Store
from cua.minds import Mind
from cua.own_screens import open_web
from cua.seats import Done
from tests.bench import household
from tests.bench.model_oracle import Oracle
from tests.bench.second_time import chosen
from tests.model_server import serving


@pytest.fixture(scope="module")
def site() -> Iterator[household.Server]:
    with household.serving() as site:
        yield site


@pytest.fixture(scope="module")
def browser(site: household.Server) -> Iterator[Driver]:
    with open_web(site.url) as driver:
        yield driver


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


def ask(goal: str, site: household.Server, browser: Driver, store: Store, mind: Mind | None = None) -> Done:
    """From a fresh start of the app."""
    site.home = household.Household()
    browser.act(Open(site.url))
    return do_there(goal, app.page_seat(site.url, browser, store), mind)


def test_what_was_only_filled_in_is_no_pass(site: household.Server, browser: Driver, store: Store) -> None:
    done = ask("set people to 3", site, browser, store)
    assert (done.outcome, site.home.people) == ("unknown", "2")
    assert "'Save'" in done.saying


def test_what_was_sent_and_shows_is(site: household.Server, browser: Driver, store: Store) -> None:
    done = ask("set people to 3 and save", site, browser, store)
    assert (done.outcome, site.home.people) == ("pass", "3")


def test_a_field_that_was_emptied_as_it_was_sent_is_no_fail(
    site: household.Server, browser: Driver, store: Store
) -> None:
    done = ask("write 'pears' into new item and press add", site, browser, store)
    assert (done.outcome, site.home.items.get("pears")) == ("pass", False)


def test_a_page_that_does_not_take_it_is_never_a_pass(site: household.Server, browser: Driver, store: Store) -> None:
    done = ask("write 'soap' into new item and press add", site, browser, store)  # it has that already
    assert done.outcome == "unknown"


def test_nothing_on_a_persons_page_is_tried_to_find_out(site: household.Server, browser: Driver, store: Store) -> None:
    done = ask("frobnicate the wibble", site, browser, store)
    assert (done.outcome, done.acts, site.home) == ("unknown", 0, household.Household())


def test_what_a_model_did_there_once_is_done_again_without_it(
    site: household.Server, browser: Driver, store: Store
) -> None:
    oracle = Oracle(0.0)
    with serving(oracle) as server:
        for what in ("tea", "oat milk"):
            oracle.set((("New item", what), "Add"), lambda what=what: what in site.home.items)  # type: ignore[misc]
            taught = ask(f"we are out of '{what}'", site, browser, store, Mind(chosen(server.url), store))
            assert (taught.outcome, taught.model_calls > 0) == ("pass", True), taught
    again = ask("we are out of 'rye bread'", site, browser, store)  # another value, and no model
    assert (again.outcome, again.model_calls, list(site.home.items)[-1]) == ("pass", 0, "rye bread"), again
