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
from tests.waiting import awaited

PAGE = """<!doctype html><title>Shop</title><h1>Shop</h1>
<label>Name <input onchange="fetch('/name/' + this.value)"></label>
<label>Product <input id=p></label><button onclick="fetch('/order/' + p.value)">Save order</button>
<button onclick="if (confirm('Archive it?')) fetch('/archived')">Archive</button>"""


ASKING = """<!doctype html><title>Shop</title><h1>Shop</h1>
<button onclick="alert('It was greeted')">Greet</button><button onclick="confirm('Archive it?')">Archive</button>
<button onclick="setTimeout(() => confirm('Really?'), 300)">Remove</button>
<button onclick="prompt('Who are you?')">Sign</button>
<label><input type=checkbox onchange="if (confirm('Wrap it?')) fetch('/wrapped')">Gift</label>
<label>City <input oninput="setTimeout(() => alert('No such city'), 300)"></label>"""

NOWHERE = """<!doctype html><title>Shop</title><h1>Shop</h1><p>Closed</p><button>1</button><button>Reload</button>
<style>@keyframes turn { to { rotate: 1turn } } i { animation: turn 1s linear infinite; display: inline-block }</style>
<i>busy</i>"""
OPENS = """<!doctype html><title>Shop</title><button onclick="this.outerHTML = field">Add a note</button>
<script>const field = `<label>Note <input onchange="fetch('/note/' + this.value)"></label>`</script>"""
DRAWN = """<!doctype html><title>Shop</title><canvas id=c></canvas><script>let said = ''
onkeydown = e => { if (e.key == 'F2') return fetch('/said/' + said)
  said += e.key; c.getContext('2d').fillText(said, 20, 20) }</script>"""
DEAD = """<!doctype html><title>Shop</title><label>Name <input onchange="this.value = ''"></label>
<label><input type=checkbox onclick="return false">Gift</label>
<label>Size <select onchange="this.selectedIndex = 0"><option>Small<option>Large</select></label>"""

FOUND = """<!doctype html><title>Shop</title><form action=/found><input name=q aria-label="Search products">
<button>Go</button></form><p>Nothing of that kind is here</p>"""
ELSEWHERE = FOUND.replace("action=/found", """onsubmit="location = '/all'; return false\"""")


class Shop:
    """A page whose server remembers what it was asked for."""

    def __init__(self, page: str = PAGE) -> None:
        self.page = page
        self.heard: list[str] = []

    def __call__(self, path: str) -> str:
        self.heard += [] if path in ("/", "/favicon.ico") else [path]
        return self.page


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


# ---------------------------------------------------------------------------------------------- in vain


@pytest.mark.parametrize(
    "goal", ["enter 'x'", "type 'more letters than there are acts to type them with'", "type '1111'", "calculate 11+11"]
)
def test_typing_where_nothing_takes_text_ends_soon_and_says_so(goal: str, browser: Driver, store: Store) -> None:
    done = ask(goal, Shop(NOWHERE), browser, store)
    assert (done.outcome, done.acts <= 3, store.run(done.run).stopped) == ("unknown", True, "asked"), done
    assert "effect" in done.saying


def test_where_typing_had_no_effect_a_model_is_asked_next(browser: Driver, store: Store) -> None:
    shop = Shop(OPENS)
    oracle = Oracle(0.0, came=lambda: "/note/tea" in shop.heard, way=("Add a note", ("Note", "tea")))
    with model_serving(oracle) as server:
        done = ask("enter 'tea'", shop, browser, store, Mind(chosen(server.url), store))
    assert (done.outcome, shop.heard, [choice.rung for choice in done.route]) == (
        "pass",
        ["/note/tea"],
        ["planner", "model"],
    ), done


def test_what_is_drawn_takes_text_once_and_nobody_else_is_asked(browser: Driver, store: Store) -> None:
    shop = Shop(DRAWN)
    with serving(pages(shop)) as port:
        url = f"http://127.0.0.1:{port}/"
        browser.act(Open(url))
        done = do_there("type 'hello'", app.page_seat(url, browser, store))
        browser.act(Press("F2"))
        assert awaited(lambda: shop.heard, "what was typed") == ["/said/hello"]
    assert (done.acts, store.run(done.run).stopped) == (1, "finished"), done


@pytest.mark.parametrize("goal", ["set name to 'Ada'", "turn on gift", "choose Large as the size"])
def test_what_does_not_keep_what_it_is_given_is_given_up_soon(goal: str, browser: Driver, store: Store) -> None:
    done = ask(goal, Shop(DEAD), browser, store)
    assert (done.outcome != "pass", 0 < done.acts <= 4) == (True, True), done
    assert store.run(done.run).stopped != "budget"


# ---------------------------------------------------------------------------------------------- no pass


@pytest.mark.parametrize(
    ("goal", "asks"),
    [
        ("press Archive", "Archive it?"),
        ("press Remove", "Really?"),
        ("press Sign", "Who are you?"),
        ("press Greet", "It was greeted"),
        ("set city to 'Oslo'", "No such city"),
        ("turn on gift", "Wrap it?"),  # nobody asked for that question, so that it was put away
    ],
)
def test_what_the_browser_asks_or_shows_is_told_and_no_pass(
    goal: str, asks: str, browser: Driver, store: Store
) -> None:
    done = ask(goal, Shop(ASKING), browser, store)
    assert done.outcome != "pass"
    assert asks in done.saying
    browser.act(Press("Escape"))


@pytest.mark.parametrize(("goal", "outcome"), [("press Greet", "pass"), ("press Remove", "unknown")])
def test_a_judge_weighs_a_message_that_it_saw_but_no_open_question(
    goal: str, outcome: str, browser: Driver, store: Store
) -> None:
    oracle = Oracle(0.0, came=lambda: True)
    with model_serving(oracle) as server:
        done = ask(goal, Shop(ASKING), browser, store, Mind(chosen(server.url), store))
    assert (done.outcome, oracle.judging) == (outcome, 1), done
    browser.act(Press("Escape"))


@pytest.mark.parametrize(
    ("goal", "outcome"),
    [
        ("see that there is 'Nutmeg' in the house", "unknown"),
        ("see that there is a 'save ORDER' for Ada", "pass"),
        ("see that both 'Archive' and 'Nutmeg' are so", "unknown"),
    ],
)
def test_that_it_was_so_already_needs_each_value_in_quotes_to_show(
    goal: str, outcome: str, shop: Shop, browser: Driver, store: Store
) -> None:
    oracle = Oracle(0.0, came=lambda: True)
    with model_serving(oracle) as server:
        done = ask(goal, shop, browser, store, Mind(chosen(server.url), store))
    assert (done.outcome, done.acts, oracle.judging) == (outcome, 0, 1), done
    assert ("'Nutmeg'" in done.saying) == (outcome == "unknown")
    assert "'Archive'" not in done.saying.removeprefix(goal)


def test_something_is_looked_up_where_the_page_was_asked_for_it(browser: Driver, store: Store) -> None:
    shop = Shop(FOUND)
    done = ask("search for 'oil can'", shop, browser, store)
    assert (done.outcome, shop.heard) == ("pass", ["/found"]), done
    shop = Shop(ELSEWHERE)
    done = ask("search for 'oil can'", shop, browser, store)
    assert (done.outcome, shop.heard) == ("unknown", ["/all"]), done
