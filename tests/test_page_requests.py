"""Requests on small pages of all kinds: what the server heard is what counts; nothing is dropped or made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cua import app
from cua.core import Driver, Open, Press
from cua.doing import do_there
from cua.memory.store import Store
from cua.minds import Mind
from cua.own_screens import open_web
from cua.seats import Done
from tests.bench.model_oracle import Oracle
from tests.bench.second_time import chosen
from tests.model_server import serving as model_serving
from tests.served import pages, serving

PAGE = """<!doctype html><title>Shop</title><h1>Shop</h1>
<label>Name <input onchange="fetch('/name/' + this.value)"></label>
<label>Product <input id=p></label><button onclick="fetch('/order/' + p.value)">Save order</button>
<button onclick="if (confirm('Archive it?')) fetch('/archived')">Archive</button>"""


class Shop:
    """A page whose server remembers what it was asked for."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, path: str) -> str:
        self.heard += [] if path == "/" else [path]
        return PAGE


@pytest.fixture(scope="module")
def browser() -> Iterator[Driver]:
    with open_web("about:blank") as driver:
        yield driver


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


def ask(goal: str, shop: Shop, browser: Driver, store: Store, mind: Mind | None = None) -> Done:
    with serving(pages(shop)) as port:
        url = f"http://127.0.0.1:{port}/"
        browser.act(Open(url))
        shop.heard.clear()
        return do_there(goal, app.page_seat(url, browser, store), mind)


def test_a_page_that_listens_to_fields_that_are_left_hears_of_it(shop: Shop, browser: Driver, store: Store) -> None:
    done = ask("set the Name to 'Ada'", shop, browser, store)
    assert (done.outcome, shop.heard) == ("pass", ["/name/Ada"]), done


def test_a_value_is_never_dropped(shop: Shop, browser: Driver, store: Store) -> None:
    done = ask("save an order of 'Coffee' now", shop, browser, store)
    assert (done.outcome, done.acts, shop.heard) == ("unknown", 0, []), done


def test_what_the_browser_still_asks_is_no_pass_whatever_the_judge_says(
    shop: Shop, browser: Driver, store: Store
) -> None:
    oracle = Oracle(0.0, came=lambda: True, way=("Archive",))
    with model_serving(oracle) as server:
        done = ask("archive the report", shop, browser, store, Mind(chosen(server.url), store))
    assert (done.outcome, shop.heard) == ("unknown", []), done
    assert "Archive it?" in done.saying
    browser.act(Press("Escape"))


def test_that_it_was_so_already_is_no_way_to_do_it(shop: Shop, browser: Driver, store: Store) -> None:
    oracle = Oracle(0.0, came=lambda: True)
    with model_serving(oracle) as server:
        mind = chosen(server.url)
        first = ask("see that the shop is as Ada wants it", shop, browser, store, Mind(mind, store))
        assert (first.outcome, first.acts) == ("pass", 0), first
        oracle.set((("Name", "Ada"),), lambda: True)
        second = ask("see that the shop is as Ada wants it", shop, browser, store, Mind(mind, store))
    assert (second.outcome, shop.heard) == ("pass", ["/name/Ada"]), second
