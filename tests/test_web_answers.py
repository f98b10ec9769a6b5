"""An act is over when what it made the page ask for is answered; it is told whether the page shows something else."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from cua.core import Click, Effect, Invoke, Open, Press
from drivers.web import Web
from drivers.web_hands import ANEW, NOT_YET, NOTHING, SENT
from tests.browsers import browsing
from tests.waiting import LIMIT
from tests.web_pages import find, said

LATE = 1.2  # seconds until an answer: longer than what a page asks for by itself is awaited
PAGE = """<!doctype html><title>Orders</title>
<form method=post action="{path}"><input name=item aria-label=Item><button>Send</button></form>
<a href="{path}">Self</a>
<form method=post action="/moved{path}"><button>Send on</button></form>
<iframe srcdoc="<form method=post action='http://{host}/inner'><button>Inside</button></form>"></iframe>
<button onclick="get('/late')">Fetch</button>
<button onclick="get('/late').then(() => get('/late'))">Fetch twice</button>
<button onclick="fetch('/late')">Look up</button>
<button onclick="fetch('/late', {{method: 'POST'}})">Note</button>
<button onclick="fetch('/never')">Hang</button>
<button onclick="fetch('/stream'); fetch('/poll'); navigator.sendBeacon('/never', 'x'); new EventSource('/stream')">
  Stream</button>
<button onclick="out.textContent = 'at once'; fetch('/poll')">Count</button>
<button>Idle</button>
<output id=out>{said}</output>
<script>
  const get = (where) => fetch(where).then((answer) => answer.text()).then((text) => {{ out.textContent += text; }});
  const poll = () => fetch("/poll").then(poll, () => {{}});
  if (location.search === "?polls") poll();
</script>"""


class Orders(BaseHTTPRequestHandler):
    """Pages that are the same each time or not, and answers that come at once, late, bit by bit, or never."""

    protocol_version = "HTTP/1.1"
    visits = itertools.count()
    over = threading.Event()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        where = urlsplit(self.path).path
        with suppress(OSError):  # the browser is gone
            if where.startswith("/moved"):
                self.send_response(303)
                self.send_header("Location", where.removeprefix("/moved"))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif where in ("/never", "/poll"):
                self.over.wait(LIMIT)
            elif where == "/stream":
                self._stream()
            else:
                self.over.wait(LATE if "late" in where else 0)
                shown = f"visit {next(self.visits)}" if "fresh" in where else "as ever"
                page = PAGE.format(path=where, said=shown, host=self.headers["Host"])
                self._answer(
                    "late answer" if where == "/late" else "<button>Inside</button>" if "inner" in where else page
                )

    do_POST = do_GET

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        while not self.over.wait(0.05):
            self.wfile.write(b"data: more\n\n")
            self.wfile.flush()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Orders) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Orders.over.set()
        server.shutdown()


@pytest.fixture(scope="module", params=[False, True], ids=["patient", "brisk"])
def driver(request: pytest.FixtureRequest) -> Iterator[Web]:
    with browsing(brisk=request.param) as made:
        yield made


def pressed(web: Web, site: str, path: str, name: str) -> Effect:
    """What came of a click on the page there."""
    web.act(Open(f"{site}{path}"))
    return web.act(Click(find(web, name)))


@pytest.mark.parametrize("path", ["/same", "/fresh", "/late/same", "/late/fresh"])
@pytest.mark.parametrize("name", ["Send", "Self", "Send on", "Item"])
def test_a_page_that_comes_again_at_its_address_is_told_by_what_it_shows(
    driver: Web, site: str, path: str, name: str
) -> None:
    effect = pressed(driver, site, path, name)
    effect = driver.act(Press("Return")) if name == "Item" else effect
    shown = said(driver)
    if "fresh" in path:
        assert (effect.kind, effect.reason) == ("confirmed", "")
        assert shown == f"visit {next(Orders.visits) - 1}"
    else:
        assert effect == ANEW


def test_a_frame_that_comes_again_is_no_change_of_the_page(driver: Web, site: str) -> None:
    assert pressed(driver, site, "/same", "Inside").kind == "unverified"


@pytest.mark.parametrize(("name", "shown"), [("Fetch", "late answer"), ("Fetch twice", "late answer" * 2)])
def test_what_a_page_makes_of_a_late_answer_is_the_effect(driver: Web, site: str, name: str, shown: str) -> None:
    assert pressed(driver, site, "/same", name) == Effect("confirmed")
    assert said(driver) == f"as ever{shown}"


def test_an_answer_of_which_nothing_comes_is_told_by_what_it_may_have_changed(driver: Web, site: str) -> None:
    brisk = driver._hands._settling.brisk
    assert pressed(driver, site, "/same", "Note") == SENT
    assert pressed(driver, site, "/same", "Look up") == (SENT if brisk else NOTHING)
    assert pressed(driver, site, "/same", "Idle") == (NOT_YET if brisk else NOTHING)


def test_what_is_never_answered_holds_up_one_act_and_no_more(driver: Web, site: str) -> None:
    began = time.monotonic()
    first = pressed(driver, site, "/same", "Hang")
    once = time.monotonic() - began
    assert first == Effect("unverified", f"{NOT_YET.reason}; the page waits for an answer")
    target = find(driver, "Hang")
    began = time.monotonic()
    again = [driver.act(Invoke(target)) for _ in range(3)]
    assert time.monotonic() - began < once
    assert again == [NOT_YET] * 3


def test_streams_polls_and_beacons_hold_up_no_act(driver: Web, site: str) -> None:
    began = time.monotonic()
    pressed(driver, site, "/late/same?polls", "Fetch")
    once = time.monotonic() - began
    pressed(driver, site, "/same?polls", "Stream")
    count = find(driver, "Count")
    began = time.monotonic()
    assert {driver.act(Invoke(count)).kind for _ in range(3)} == {"confirmed"}
    assert time.monotonic() - began < once
