"""A request that is interrupted says how far it was, and whether it is known what came of its last act.

Real pages and a real endpoint on loopback, the real command in a process of its own, real signals.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cua import app
from tests.browsers import browsing
from tests.model_server import Answer, Asked, Brain, Call, Fault
from tests.model_server import serving as modelled
from tests.served import serving
from tests.test_solving import number
from tests.waiting import LIMIT, awaited

CUA = (sys.executable, "-c", "from cua.cli import main; main()")
ORDER = """<!doctype html><title>Order</title><h1>Order</h1><form method=post action=/>
<label>Customer <input name=who></label><button>Place order</button></form>"""
WORDS = ("set customer to 'Ada'", "press Place order")
STOPS = pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])


@dataclass
class Shop:
    """A form for orders whose server answers an order only when `answers` is set."""

    url: str = ""
    orders: list[bytes] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()

    class Pages(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(ORDER.encode())

        def do_POST(self) -> None:
            found.orders.append(self.rfile.read(int(self.headers["Content-Length"])))
            found.answers.wait(LIMIT)
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with browsing():  # skips where there is no browser
        pass
    with serving(Pages) as port:
        found.url = f"http://127.0.0.1:{port}"
        try:
            yield found
        finally:
            found.answers.set()


@dataclass(frozen=True)
class Told:
    """What a request said that was interrupted, and what `cua runs show` says of it."""

    code: int
    outcome: str
    said: str
    show: str
    effects: Sequence[str]


def begun(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CUA, "do", *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def stopped(victim: subprocess.Popen[str], sent: signal.Signals) -> Told:
    """The signal once, and what is said to it."""
    victim.send_signal(sent)
    out, said = victim.communicate(timeout=LIMIT)
    with app.record() as store:
        (latest, *_) = store.runs(1)
        effects = [step.effect.kind for step in store.run(latest.id).steps]
    show = subprocess.run([*CUA, "runs", "show", latest.id], capture_output=True, text=True, check=True).stdout
    outcome = json.loads(out.splitlines()[-1])["outcome"]
    return Told(victim.returncode, outcome, said.replace(latest.id, "RUN"), show, effects)


def model_of(home: Path, url: str) -> None:
    """The settings of this test name this endpoint."""
    home.mkdir(exist_ok=True)
    lines = ("[model]", 'name = "m"', f'base_url = "{url}"', 'key = ""', "sees = false", "retries = 0")
    (home / "config.toml").write_text("\n".join(lines), "utf-8")


def filling(asked: threading.Event, *, first: bool) -> Brain:
    """A model that fills in the customer `first` or not, and is silent from then on; `asked` is set when it is."""

    def brain(request: Asked) -> Answer | Fault:
        if first and "Done so far" not in str(request["messages"]):
            return Answer(calls=(Call("fill", {"element": number(request, "Customer"), "text": "Ada"}),))
        asked.set()
        return Fault(silent=True)

    return brain


@STOPS
def test_what_came_of_the_act_in_hand_is_not_known_and_it_is_named(shop: Shop, sent: signal.Signals) -> None:
    victim = begun(" and ".join(WORDS), "--on", shop.url)
    awaited(lambda: shop.orders, "the order")
    found = stopped(victim, sent)
    assert (found.code, found.outcome, shop.orders) == (4, "unknown", [b"who=Ada"]), found
    what = "it was stopped before it was known what came of its last act (click Place order)"
    assert found.said.startswith(f"cua: {what}; look whether "), found
    assert found.said.endswith("see: cua runs show RUN\n")
    assert "2. click Place order" in found.show
    assert "before it was seen what came of its last act" in found.show


@STOPS
@pytest.mark.parametrize(
    ("first", "said"),
    [(True, "it was stopped; 1 act was done before; see: cua runs show RUN"), (False, "stopped")],
    ids=["after an act", "before any"],
)
def test_where_no_act_is_in_hand_it_is_refused_and_says_how_many_were_done(
    shop: Shop, cua_home: Path, first: bool, said: str, sent: signal.Signals
) -> None:
    asked = threading.Event()
    with modelled(filling(asked, first=first)) as endpoint:
        model_of(cua_home, endpoint.url)
        victim = begun("see to it that Ada is the one", "--on", shop.url)
        assert asked.wait(LIMIT)
        found = stopped(victim, sent)
    assert (found.code, found.outcome, found.effects) == (3, "refused", ["confirmed"] if first else []), found
    assert found.said == f"cua: {said}\n"


def read(terminal: int, until: str) -> str:
    """What stands on a terminal once this does."""
    shown = b""
    while until not in shown.decode("utf-8", "replace"):
        shown += os.read(terminal, 4096)
    return shown.decode("utf-8", "replace")


def test_an_act_that_a_person_was_asked_about_and_stopped_was_not_done(shop: Shop, cua_home: Path) -> None:
    def brain(request: Asked) -> Answer:
        return Answer(calls=(Call("click", {"element": number(request, "Place order")}),))

    terminal, theirs = pty.openpty()
    with modelled(brain) as endpoint:
        model_of(cua_home, endpoint.url)
        argv = [*CUA, "do", "see to it that Ada is the one", "--on", shop.url]
        env = {**os.environ, "TERM": "dumb"}  # nothing moves on it: nobody reads it any more after the question
        victim = subprocess.Popen(argv, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True, env=env)
        os.close(theirs)
        read(terminal, "May this be done?")
        victim.send_signal(signal.SIGINT)
        out, _ = victim.communicate(timeout=LIMIT)
    os.close(terminal)
    assert (victim.returncode, shop.orders) == (3, []), out
    assert out.startswith("refused: a person stopped it at this question, and what was asked about was not done; "), out
