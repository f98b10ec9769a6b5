"""What a server says that failed is told with its step, and no step is taken for done that it may have been.

Real pages on loopback, whose server answers as it is told to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from cua.core import Open
from cua.memory.store import Store
from cua.memory.workflows import Act, Expect, Param, Workflow
from cua.onward import Again, advice
from cua.policies.finding import mark_of
from cua.probes import HttpSays
from cua.replaying import Replayed, There, replay
from drivers.promises import named
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import brisk_web
from tests.served import serving
from tests.waiting import LIMIT

__all__ = ["brisk_web"]  # fixture

NOTES = """<!doctype html><title>Notes</title><h1>Notes</h1><label>Note<input id=n></label>
<button onclick="save()">Save</button> <button onclick="look()">Look</button> <a href=/list>List</a>
<form method=post action=/send><label>Mail<input name=m></label><button>Send</button></form><p role=status id=o></p>
<script>const put = (path, method) => fetch(path + "?of=me", {method, body: method === "GET" ? undefined : n.value});
function save() { SAVE } function look() { LOOK }</script>"""
HOPEFUL = "o.textContent = 'Saved'; put('/notes', 'POST')"
RETRIES = "o.textContent = 'Saved'; put('/notes', 'POST').then(r => { if (!r.ok) put('/notes', 'POST') })"
ONWARD = "put('/notes', 'POST').then(() => { location = '/list' })"


@dataclass
class Server:
    """A page of notes, and a list of those that were saved. `fails` says how many requests of a path it fails first."""

    url: str = ""
    save: str = HOPEFUL
    look: str = "put('/about', 'GET').then(() => { o.textContent = 'Looked' })"
    after: str = ""
    saved: list[str] = field(default_factory=list)
    fails: Counter[str] = field(default_factory=Counter)
    status: int = 500
    keeps: bool = False
    thinks: float = 0.0
    dawdles: float = 0.0
    held: Event | None = None

    def page(self, path: str) -> str:
        if path == "/list":
            rows = "".join(f"<li>{each}</li>" for each in self.saved)
            return f"<!doctype html><title>List</title><h1>List</h1><ul>{rows}</ul><script>{self.after}</script>"
        return NOTES.replace("SAVE", self.save).replace("LOOK", self.look)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Pages(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def fails(self, path: str) -> bool:
            found.fails[path] -= 1
            return found.fails[path] >= 0

        def answer(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            Event().wait(found.dawdles if path == "/about" else 0.0)
            self.answer(found.status if self.fails(path) else 200, found.page(path))

        def do_POST(self) -> None:
            given = self.rfile.read(int(self.headers["Content-Length"])).decode()
            (found.held or Event()).wait(LIMIT if found.held else found.thinks)
            failed = self.fails(self.path.partition("?")[0])
            if not failed or found.keeps:
                found.saved.append(given)
            self.answer(found.status if failed else 200, found.page("/list"))

    with serving(Pages) as port:
        found.url = f"http://127.0.0.1:{port}"
        yield found


@dataclass
class Notes:
    """A flow over the page of notes, and its replays."""

    web: Web
    folder: Path
    store: Store
    server: Server

    def act(self, role: str, name: str, *expects: Expect, text: str = "", risk: str = "reversible") -> Act:
        """A step on the page that shows."""
        now = self.web.observe()
        do = "fill" if text else "click"
        mark = mark_of(named(role, name)(now), now)
        return Act(f"{do}-{name.lower()}", do, mark, text=text, risk=risk, expect=expects)  # type: ignore[arg-type]

    def flow(self, *names: str, said: tuple[Expect, ...] = (), risk: str = "reversible") -> Workflow:
        """Write a note, then click these; `said` is expected of the first."""
        self.web.act(Open(self.server.url))
        steps = [self.act("textbox", "Note", text="${note}", risk="reversible")]
        for name in names:
            role = "link" if name == "List" else "button"
            steps.append(self.act(role, name, *(said if name == names[0] else ()), risk=risk))
        origins = (self.server.url,)
        return Workflow("notes", "web", tuple(steps), start=self.server.url, origins=origins, params=(Param("note"),))

    def replay(self, workflow: Workflow, note: str = "Ada") -> Replayed:
        self.web.act(Open(self.server.url))
        return replay(workflow, {"note": note}, There(self.web, LocalWorld(self.web, self.folder), self.store))


@pytest.fixture
def notes(web: Web, tmp_path: Path, store: Store, server: Server) -> Notes:
    return Notes(web, tmp_path, store, server)


SAVED = Expect("shows", "status", "Saved", seconds=2.0)


@pytest.mark.parametrize(("risk", "status"), [("reversible", 500), ("irreversible", 503), ("reversible", 409)])
def test_a_page_that_says_saved_before_the_server_refused_is_not_believed(notes: Notes, risk: str, status: int) -> None:
    flow = notes.flow("Save", said=(SAVED,), risk=risk)
    assert notes.replay(flow).outcome == "pass"
    notes.server.fails["/notes"], notes.server.status = 1, status
    done = notes.replay(flow)
    assert done.outcome == "unknown"
    assert f"POST /notes answered {status} in step click-save" in done.saying
    assert "of=me" not in done.saying
    told = next(trod for trod in done.steps if trod.step == "click-save")
    assert (told.note, told.doubted, done.known) == (f"POST /notes answered {status}", True, False)


def test_the_person_is_told_to_look_before_it_is_done_again(notes: Notes) -> None:
    flow = notes.flow("Save", said=(SAVED,))
    notes.server.fails["/notes"] = 1
    done = notes.replay(flow)
    said = advice(flow, done.steps, None, Again("EDIT", "RECORD", str), ended=True)
    assert said[0].startswith("look what came of step click-save before")
    assert "[[effects]]" in said[-1]


def remarked(done: Replayed, what: str, step: str) -> bool:
    """Whether the line and the step tell it, and no doubt is left."""
    told = next(trod for trod in done.steps if trod.step == step)
    return f"{what} in step {step}" in done.saying and what in told.note and not told.doubted


LOOKED = Expect("shows", "status", "Looked", seconds=2.0)


def test_what_could_not_be_read_in_the_background_is_a_remark(notes: Notes) -> None:
    flow = notes.flow("Look", said=(LOOKED,))
    notes.server.fails["/about"] = 1
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "GET /about answered 500", "click-look")) == ("pass", True)


def test_what_cannot_be_undone_may_be_sent_as_what_only_reads(notes: Notes) -> None:
    flow = notes.flow("Look", said=(LOOKED,), risk="irreversible")
    notes.server.fails["/about"] = 1
    assert notes.replay(flow).outcome == "unknown"
    notes.server.look = (
        "put('/notes', 'POST').then(() => put('/about', 'GET')).then(() => { o.textContent = 'Looked' })"
    )
    notes.server.fails["/about"] = 1
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "GET /about answered 500", "click-look")) == ("pass", True)


def test_what_was_sent_once_more_and_done_then_is_a_remark(notes: Notes) -> None:
    flow = notes.flow("Save", said=(SAVED,))
    notes.server.save, notes.server.status = RETRIES, 503
    notes.server.fails["/notes"] = 1
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "POST /notes answered 503", "click-save")) == ("pass", True)
    assert notes.server.saved == ["Ada"]


@pytest.mark.parametrize("keeps", [True, False])
def test_a_page_that_is_fetched_later_proves_it_by_the_value_that_it_shows(notes: Notes, keeps: bool) -> None:
    flow = notes.flow("Save", "List", said=(SAVED,))
    *before, last = flow.steps
    assert isinstance(last, Act)
    expects = (Expect("shows", "heading", "List"), *([Expect("shows", "listitem", "${note}")] if keeps else []))
    flow = replace(flow, steps=(*before, replace(last, expect=expects)))
    notes.server.fails["/notes"], notes.server.keeps = 1, keeps
    done = notes.replay(flow)
    assert done.outcome == ("pass" if keeps else "unknown")
    assert "POST /notes answered 500" in done.saying


def test_a_page_that_goes_on_all_the_same_is_not_believed(notes: Notes) -> None:
    notes.server.save = ONWARD
    flow = notes.flow("Save", said=(Expect("at", value="/list"), Expect("shows", "heading", "List")))
    assert notes.replay(flow).outcome == "pass"
    notes.server.fails["/notes"] = 1
    assert notes.replay(flow).outcome == "unknown"


def test_a_failure_beside_it_is_a_remark_where_the_page_that_came_shows_the_record(notes: Notes) -> None:
    notes.server.save = ONWARD
    flow = notes.flow("Save", said=(Expect("at", value="/list"), Expect("record", "listitem", row=("${note}",))))
    notes.server.after, notes.server.fails["/audit"] = "fetch('/audit', {method: 'POST', body: 'seen'})", 1
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "POST /audit answered 500", "click-save")) == ("pass", True)
    notes.server.fails["/audit"], notes.server.fails["/notes"] = 1, 1
    assert notes.replay(flow, "Bo").outcome != "pass"


@pytest.mark.parametrize(("risk", "thinks"), [("reversible", 0.1), ("irreversible", 0.1), ("irreversible", 1.5)])
def test_what_the_page_that_came_takes_back_once_it_has_asked_is_no_pass(
    notes: Notes, risk: str, thinks: float
) -> None:
    notes.server.save = ONWARD
    said = (Expect("at", value="/list"), Expect("record", "listitem", row=("${note}",)))
    flow = notes.flow("Save", said=said, risk=risk)
    notes.server.after, notes.server.dawdles = "fetch('/about').then(() => { /* GONE */ })", thinks
    assert notes.replay(flow).outcome == "pass"
    gone = "setTimeout(() => document.querySelector('li:last-child').remove(), 50)"
    notes.server.after = notes.server.after.replace("/* GONE */", gone)
    done = notes.replay(flow, "Bo")
    assert done.outcome != "pass"
    assert "so that one record says 'Bo'" in done.saying  # it did not stay so, or was gone before it could be seen


@pytest.mark.parametrize(("told", "proves"), [("<li>${note}</li>", True), ("<h1>List</h1>", False)])
def test_a_record_on_another_page_of_its_list_is_proven_by_an_effect_that_says_it(
    notes: Notes, told: str, proves: bool
) -> None:
    notes.server.save = ONWARD
    record = Expect("record", "listitem", row=("${note}",), seconds=0.3)
    flow = notes.flow("Save", said=(Expect("at", value="/list"), record), risk="irreversible")
    notes.server.after = "document.querySelector('li:last-child').remove()"
    alone = notes.replay(flow)
    assert alone.outcome == "unknown"
    said = advice(flow, alone.steps, None, Again("EDIT", "RECORD", str))
    assert "only [[effects]] that say all values of it" in said[0]
    flow = replace(flow, effects=(HttpSays(f"{notes.server.url}/list", told, part=True),))
    done = notes.replay(flow, "Bo")
    assert (done.outcome, done.proof) == (("pass", "independent") if proves else ("unknown", "none"))
    notes.server.fails["/notes"] = 1
    assert notes.replay(flow, "Cleo").outcome != "pass"


@pytest.mark.parametrize("risk", ["reversible", "irreversible"])
def test_what_the_server_has_not_answered_is_told_where_that_is_waited_for(notes: Notes, risk: str) -> None:
    notes.server.save = "put('/notes', 'POST').then(() => { o.textContent = 'Saved' })"
    flow = notes.flow("Save", said=(replace(SAVED, seconds=0.3),), risk=risk)
    assert notes.replay(flow).outcome == "pass"
    notes.server.held = Event()
    done = notes.replay(flow, "Bo")
    notes.server.held.set()
    assert done.outcome != "pass"
    assert "POST /notes is not answered yet" in done.saying
    said = advice(flow, done.steps, None, Again("EDIT", "RECORD", str))
    assert "give what step click-save expects more `seconds`: EDIT" in said[0]


@pytest.mark.parametrize("risk", ["reversible", "irreversible"])
@pytest.mark.parametrize("status", [500, 422])
def test_a_form_whose_page_says_that_it_failed_was_not_taken(notes: Notes, risk: str, status: int) -> None:
    flow = notes.flow("Send", said=(Expect("at", value="/send"),), risk=risk)
    assert notes.replay(flow).outcome == "pass"
    notes.server.fails["/send"], notes.server.status = 1, status
    done = notes.replay(flow)
    assert done.outcome == "unknown"
    assert f"the page answered {status} (POST /send) in step click-send" in done.saying


def test_a_page_that_is_not_there_is_told_with_its_status(notes: Notes) -> None:
    flow = notes.flow("List", said=(Expect("shows", "heading", "Lists", seconds=0.3),), risk="read")
    notes.server.fails["/list"], notes.server.status = 1, 404
    done = notes.replay(flow)
    assert done.outcome == "fail"
    assert "the page answered 404 (GET /list)" in done.saying


def test_a_page_that_failed_before_the_first_step_is_told_where_that_halts(notes: Notes) -> None:
    press = Act("press", "press", text="F2", expect=(Expect("shows", "heading", "Orders", seconds=0.3),))
    notes.server.fails["/"], notes.server.status = 1, 503
    done = notes.replay(Workflow("notes", "web", (press,), origins=(notes.server.url,), params=(Param("note"),)))
    assert "the page answered 503 (GET /) before the first step" in done.saying


def test_a_step_that_only_reads_is_a_pass_with_a_remark(notes: Notes) -> None:
    notes.server.save = "put('/notes', 'POST').then(() => { o.textContent = 'Saved' })"
    flow = notes.flow("Save", said=(SAVED,), risk="read")
    notes.server.fails["/notes"] = 1
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "POST /notes answered 500", "click-save")) == ("pass", True)


def test_a_refusal_that_comes_after_the_page_said_saved_is_waited_for(notes: Notes) -> None:
    flow = notes.flow("Save", said=(SAVED,))
    notes.server.fails["/notes"], notes.server.thinks = 1, 0.4
    assert notes.replay(flow).outcome == "unknown"


def test_what_is_not_answered_when_the_replay_has_ended_is_not_believed(notes: Notes) -> None:
    flow = notes.flow("Save", said=(SAVED,))
    notes.server.held = Event()
    done = notes.replay(flow)
    notes.server.held.set()
    assert done.outcome == "unknown"
    assert "POST /notes is not answered yet" in done.saying


def test_a_field_that_is_checked_before_the_form_is_whole_is_a_remark(notes: Notes) -> None:
    flow = notes.flow("Save", said=(SAVED,))
    notes.server.look += "} n.oninput = () => { put('/check', 'POST') }; {"
    notes.server.fails["/check"], notes.server.status = 1, 422
    done = notes.replay(flow)
    assert (done.outcome, remarked(done, "POST /check answered 422", "fill-note")) == ("pass", True)
