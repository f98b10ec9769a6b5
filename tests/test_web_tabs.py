"""A tab that an act opened is gone on in; one that opened by itself is told of, and left alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cua.core import Click, Element, Fill, Observation, Open, Press
from cua.memory.store import Store
from cua.memory.workflows import Expect
from cua.replaying import There, replay
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import browsing
from tests.fixtures.replay.shown import clicking, filling, opening, shown
from tests.served import pages, serving
from tests.waiting import LIMIT, awaited
from tests.web_pages import find

SHOP = """<!doctype html><title>Shop</title>
<a href=/terms target=_blank>Terms</a>
<a href=/terms target=_blank rel=opener>Terms with opener</a>
<button onclick="window.open('/terms')">Read</button>
<button onclick="fetch('/slow').then(() => window.open('/terms'))">Read later</button>
<button onclick="bill(window.open('').document)">Bill</button>
<label>Terms of <select onchange="window.open('/terms')"><option>Choose<option>Sale</select></label>
<button onclick="window.open('/terms'); window.open('/advert')">Both</button>
<button>Idle</button>
<script>
  const bill = (made) => { made.write("<title>Bill</title>7 pounds"); made.close(); };
  if (location.search) fetch("/signal").then(() => window.open("/advert" + location.search));
</script>"""
TERMS = """<!doctype html><title>Terms</title><label>Name <input id=who></label>
<button onclick="document.querySelector('output').textContent = 'Agreed by ' + who.value">Agree</button>
<a href=/terms target=_blank>More</a><output></output>"""
ADVERT = """<!doctype html><title>Advert</title>Buy!
<script>if (location.search === "?shouts") alert("You have won");</script>"""
BY_ITSELF = "a tab opened by itself, and was left alone: "


class Shop(pages({"/": SHOP, "/terms": TERMS, "/advert": ADVERT, "/slow": "", "/signal": ""}.get)):  # type: ignore[misc]
    """A shop that opens an advert when the signal is given."""

    signal = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/signal":
            self.signal.wait(LIMIT)
        super().do_GET()


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    handler: type[BaseHTTPRequestHandler] = Shop
    with serving(handler) as port:
        yield f"http://127.0.0.1:{port}/"
        Shop.signal.set()


@pytest.fixture(scope="module", params=[False, True], ids=["patient", "brisk"])
def browser(request: pytest.FixtureRequest) -> Iterator[Web]:
    with browsing(brisk=request.param) as made:
        yield made


@pytest.fixture
def web(browser: Web, shop: str) -> Web:
    """The shop in the only tab."""
    while len(browser._browser.tabs) > 1:
        browser.act(Open("tab:2"))
        browser.act(Press("ctrl+w"))
    browser.act(Open(shop))
    return browser


def tabs(seen: Observation) -> list[Element]:
    return [each for each in seen.elements if each.role == "tab"]


@pytest.mark.parametrize(
    ("name", "title"),
    [("Terms", "Terms"), ("Terms with opener", "Terms"), ("Read", "Terms"), ("Read later", "Terms"), ("Bill", "Bill")],
)
def test_the_tab_that_an_act_opened_is_the_one_looked_at(web: Web, name: str, title: str) -> None:
    assert web.act(Click(find(web, name))).kind == "confirmed"
    seen = web.observe(frame=False)
    assert (seen.place.window, seen.note, seen.partial) == (title, f"a new tab opened: {title}", False)
    assert [(each.name, "selected" in each.states) for each in tabs(seen)] == [("Shop", False), (title, True)]
    web.act(Click(tabs(seen)[0]))
    seen = web.observe(frame=False)
    assert (seen.place.window, seen.note) == ("Shop", "")


def test_an_option_may_open_a_tab_as_well(web: Web) -> None:
    web.act(Fill(find(web, "Terms of"), "Sale"))
    awaited(lambda: web.observe(frame=False), "the terms", lambda seen: seen.place.window == "Terms")


def test_a_tab_that_is_closed_gives_way_to_the_one_that_opened_it(web: Web) -> None:
    web.act(Click(find(web, "Terms", "link")))
    web.act(Click(find(web, "More")))
    assert len(tabs(web.observe(frame=False))) == 3
    web.act(Open("tab:1"))
    web.act(Click(find(web, "Bill")))
    assert web.observe(frame=False).place.window == "Bill"
    assert web.act(Press("ctrl+w")).reason == "closed a tab"
    seen = web.observe(frame=False)
    assert (seen.place.window, len(tabs(seen))) == ("Shop", 3)


def test_of_two_tabs_the_first_is_the_one_that_was_asked_for(web: Web, shop: str) -> None:
    web.act(Click(find(web, "Both")))
    seen = awaited(lambda: web.observe(frame=False), "both", lambda seen: len(tabs(seen)) == 3)
    assert seen.place.window == "Terms"
    assert seen.note == f"a new tab opened: Terms; {BY_ITSELF}{shop}advert"


@pytest.mark.parametrize("how", ["?calm", "?shouts"])
def test_a_tab_that_opens_by_itself_is_told_and_left_alone(web: Web, shop: str, how: str) -> None:
    Shop.signal.clear()
    web.act(Open(shop + how))
    awaited(lambda: not web._browser.requests.following, "a while without an act")
    Shop.signal.set()
    if how == "?shouts":
        awaited(lambda: web.observe(frame=False), "the alert", lambda seen: seen.elements[0].ref == "dialog")
        web.act(Press("Return"))
    seen = awaited(lambda: web.observe(frame=False), "the advert", lambda seen: len(tabs(seen)) == 2)
    assert (seen.place.window, "selected" in tabs(seen)[0].states) == ("Shop", True)
    told = f"{BY_ITSELF}{shop}advert{how}"
    assert how == "?shouts" or seen.note == told
    effect = web.act(Click(find(web, "Idle")))
    assert effect.kind != "confirmed"
    assert how == "?shouts" or effect.reason.startswith("earlier: a tab opened by itself, and was left alone")
    web.act(Click(tabs(seen)[1]))
    assert web.observe(frame=False).place.window == "Advert"


def test_a_workflow_goes_through_a_new_tab_and_back(web: Web, shop: str, store: Store) -> None:
    agreed = Expect("shows", "status", "Agreed by ${who}")
    lines = [
        opening(shop, Expect("shows", "button", "Read")),
        clicking("button", "Read", Expect("shows", "button", "Agree")),
        filling("Name", "${who}"),
        clicking("button", "Agree", agreed),
        clicking("tab", "Shop", Expect("shows", "button", "Idle")),
    ]
    workflow = shown("terms", web, lines, {"who": "Ada"})
    while len(web._browser.tabs) > 1:
        web.act(Open("tab:2"))
        web.act(Press("ctrl+w"))
    done = replay(workflow, {"who": "Grace"}, There(web, LocalWorld(web, Path()), store))
    assert done.outcome == "pass", done
    seen = web.observe(frame=False)
    assert (seen.place.window, [each.name for each in tabs(seen)]) == ("Shop", ["Shop", "Terms"])
    web.act(Open("tab:2"))
    assert find(web, "Agreed by Grace").role == "status"
