"""What a person is told of a replay: the screens that matter, the values it was given, how far it came, what to do now.

Real pages on loopback and a real browser; the report is read as the file that it is.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from shlex import split
from typing import Any
from urllib.parse import parse_qs

import pytest

from cua import onward, workflows_app
from cua.cli import main_app
from cua.core import (
    SEAL,
    Click,
    Element,
    Fill,
    Locator,
    Observation,
    Open,
    Place,
    Task,
)
from cua.errors import UsageError
from cua.given import Wish, loop_of, rows_from
from cua.memory.store import Store
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Workflow
from cua.policies import keyboard
from cua.policies.acts import Rows
from cua.policies.finding import Found, Lost, find, mark_of
from cua.policies.halting import elsewhere, near, why_lost
from cua.policies.script import Script
from cua.policies.trail import Trod, in_words, whole
from cua.record import files
from cua.record.compile import compile
from cua.replaying import There, replay
from cua.run import Unkept, run
from cua.sealing import MASK
from drivers.fake import FakeDriver
from tests.browsers import browsing
from tests.served import serving

STYLE = "<style>body{font:16px sans-serif;margin:24px}td{padding:5px}</style>"


@dataclass
class Shop:
    """Orders in a list, and a form for new ones. `ways` says how it is out of order now."""

    saved: list[str] = field(default_factory=list)
    ways: set[str] = field(default_factory=set)
    url: str = ""

    def page(self, path: str) -> tuple[str, str]:
        """The title and the body."""
        if path == "/login" or "signed out" in self.ways:
            return "Sign in", "<form><label>Password <input type=password></label><button>Sign in</button></form>"
        if path == "/new":
            button = "" if "no button" in self.ways else "<button>Place order</button>"
            return "New order", (
                f"<form method=post action=/new><label>Customer <input name=who></label>{button}"
                "<button type=reset>Order again</button></form>"
            )
        if path == "/held":
            return "Held", "<p>That customer is on hold</p><a href=/orders>Orders</a>"
        names = ["Ada", "Bo", *(["Bo"] if "twice" in self.ways else []), *self.saved]
        rows = "".join(f"<tr><td>{name}</td><td><a href=/new>Reorder</a></td></tr>" for name in names)
        return "Orders", f"<a href=/new>New order</a><table>{rows}</table>"


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()

    class Pages(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            if "signed out" in found.ways and self.path != "/login":
                self.goes("/login")
                return
            title, body = found.page(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>{title}</title>{STYLE}<h1>{title}</h1>{body}".encode())

        def do_POST(self) -> None:
            given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            name = given.get("who", [""])[0]
            if name == "Grace" and "holds" in found.ways:
                self.goes("/held")
                return
            found.saved.append(name)
            self.goes("/orders")

        def goes(self, where: str) -> None:
            self.send_response(303)
            self.send_header("Location", where)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Pages) as port:
        found.url = f"http://127.0.0.1:{port}"
        yield found


def in_look(now: Observation, role: str, name: str, nth: int = 0) -> Element:
    return [e for e in now.elements if (e.role, e.name) == (role, name)][nth]


@pytest.fixture
def ordering(shop: Shop) -> Workflow:
    """A new order, made of a run of our own."""
    script = Script(
        lambda now: Click(in_look(now, "link", "New order")),
        lambda now: Fill(in_look(now, "textbox", "Customer"), "Mary"),
        lambda now: Click(in_look(now, "button", "Place order")),
    )
    with browsing(f"{shop.url}/orders") as web:
        shown = run(Task("shown", "order"), web, script, Unkept())
    found = compile(shown, "ordering", on="web").workflow
    shop.saved.clear()
    return found


def kept(workflow: Workflow, folder: Path) -> str:
    path = folder / f"{workflow.name}.toml"
    files.save(workflow, path)
    return str(path)


def told_of(name: str, report: Path, **more: Any) -> tuple[workflows_app.Done, str]:
    """The replay of that file, and its report."""
    wish = Wish(name, {}, report=report)
    done = workflows_app.replay_workflow(replace(wish, **more), told=lambda trod: None, stop=threading.Event())
    return done, report.read_text("utf-8") if report.exists() else ""


def shots(html: str) -> list[str]:
    """What is said of each picture, of the steps in turn."""
    return re.findall(r"<figcaption>(.*?)</figcaption>", html)


# ------------------------------------------------------------------------------------------------ halts on pages


def test_the_screen_of_a_halt_is_in_the_report_with_what_came_closest(
    ordering: Workflow, shop: Shop, tmp_path: Path
) -> None:
    name, report = kept(ordering, tmp_path), tmp_path / "report.html"
    shop.ways = {"no button"}
    done, html = told_of(name, report)
    assert done.replayed.outcome == "refused"
    assert shots(html)[-1] == "The screen on which it halted; outlined is what came closest: New order"
    assert "<rect" in html.rpartition("<figcaption>")[2]
    assert "closest: button 'Order again' under 'New order'" in done.replayed.saying
    assert (done.whole, sum(trod.stage == "done" for trod in done.replayed.steps)) == (3, 2)
    assert "2<small> of 3</small>" in html
    assert done.advice == onward.advice(ordering, done.replayed.steps, None, onward.Again.of(ordering, Wish(name, {})))
    assert "`if present`" in done.advice[0]

    shop.ways = {"signed out"}
    done, html = told_of(name, report)
    assert "the page that shows is 'Sign in' (/login), and this step was recorded on /orders" in done.replayed.saying
    assert "starts signed out" in done.advice[0]
    assert shots(html)[-1].endswith("Sign in")
    assert shop.saved == []


def test_the_screen_after_an_act_of_unknown_effect_is_in_the_report_and_the_rows_left_can_be_done(
    ordering: Workflow, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opening, filling, placing = ordering.acts()
    expect = tuple(replace(each, seconds=0.5) for each in placing.expect if each.kind == "at")
    steps = (opening, replace(filling, text="${p.who}", expect=()), replace(placing, expect=expect))
    work = replace(ordering, name="rows", steps=(Each("all", "p", steps),), params=(Param("p", "rows"),))
    name, report, table = kept(work, tmp_path), tmp_path / "report.html", tmp_path / "p.csv"
    table.write_text("who\nMary\nGrace\nCy\n", "utf-8")
    shop.ways = {"holds"}
    code = main_app(["replay", name, "--param", f"p={table}", "--report", str(report)], standalone_mode=False)
    said, html = capsys.readouterr().out, report.read_text("utf-8")
    assert (code, shop.saved) == (4, ["Mary"])
    assert shots(html)[-1] == "The screen afterwards: Held"
    assert "Before the act; outlined is what it was on" in html
    assert "5 of 9 steps done" in said
    assert "next: row 1 of 3 is done; what came of step click-place-order in row 2 is not known" in said
    assert "look whether row 2 is done too" in said
    command = next(line for line in said.splitlines() if line.endswith("--from-row 3")).partition("cua ")[2]
    assert main_app(split(command), standalone_mode=False) == 0
    assert shop.saved == ["Mary", "Cy"]
    assert "3 steps done" in capsys.readouterr().out


def test_of_several_that_could_be_meant_those_alike_are_outlined_and_nothing_else(shop: Shop) -> None:
    with browsing(f"{shop.url}/orders") as web:
        now = web.observe()
        target = mark_of(in_look(now, "link", "Reorder", 1), now)
        shop.ways = {"twice"}
        web.act(Open(f"{shop.url}/orders"))
        now = web.observe()
    found = find(target, now)
    assert isinstance(found, Lost)
    assert found.kind == "ambiguous"
    assert list(near([found], now)) == [in_look(now, "link", "Reorder", at).box for at in (1, 2)]
    assert "in the row of 'Bo'" in why_lost(found, target, now)


def test_a_dry_run_over_several_pages_is_no_fault(ordering: Workflow, shop: Shop, tmp_path: Path) -> None:
    cookies = Mark("button", "Accept cookies", (Locator("testid", "cookies"),))
    guard = IfPresent("cookies", cookies, (Act("accept", "click", cookies),))
    name = kept(replace(ordering, steps=(guard, *ordering.steps)), tmp_path)
    done, _ = told_of(name, tmp_path / "none.html", dry=True)
    stages = [(trod.step, trod.stage) for trod in done.replayed.steps]
    assert stages[0] == ("accept", "skipped")
    assert "only where button 'Accept cookies' shows" in done.replayed.steps[0].note
    assert [stage for _, stage in stages[1:]] == ["found", "skipped", "skipped"]
    assert done.replayed.outcome == "pass"
    assert done.replayed.saying == "1 of 4 targets found on the screen that shows; 3 lie behind acts"
    assert shop.saved == []


# ------------------------------------------------------------------------------------------------ values in words


def test_slots_are_filled_in_what_is_said_and_secrets_never(store: Store) -> None:
    fake = FakeDriver()
    now = fake.observe()
    target = replace(mark_of(in_look(now, "textbox", "Note"), now), name="${which}")
    act = Act(
        "1",
        "fill",
        target,
        text="x",
        expect=(Expect("holds", "textbox", "${which}", "x"),),
        say="note for ${which} by ${pin}",
    )
    work = Workflow("w", "fake", (act,), params=(Param("which"), Param("pin", "secret")))
    given = {"which": "Note", "pin": "pin"}
    done = replay(work, given, There(fake, fake.world, store, secrets=lambda name: "4711!"))
    fake.close()
    assert done.outcome == "pass", done.saying
    assert [trod.say for trod in done.steps] == [f"note for Note by {MASK}"]
    assert SEAL not in repr(done.steps)
    assert in_words(Act("1", "click", Mark("link", "${rows.name}"))) == "click link '<rows.name>'"
    assert in_words(Act("1", "click", Mark("link", "Open", row=("Bo",)), say="click link Open")) == (
        "click link Open in the row of 'Bo'"
    )
    assert len(in_words(Act("1", "open", text="${url}"), {"url": "long " * 99})) < 80


def test_steps_are_counted_for_each_row_and_under_guards_that_let_them_be_done() -> None:
    one, two, three = (Act(name, "press", text="F5") for name in "abc")
    steps = (one, Each("all", "rows", (two, IfPresent("if", Mark("button", "OK"), (three,)))))
    assert whole(steps, {"rows": range(1, 4)}, ()) == 4
    done = [Trod("c", "done", "", row=2), Trod("if", "skipped", "", row=3)]
    assert whole(steps, {"rows": range(1, 4)}, done) == 5
    assert whole(steps, {"rows": range(3, 4)}, done) == 2


# ------------------------------------------------------------------------------------------------ rows


ROWS = Rows([{"name": name} for name in ("Ada", "Bo", "Cy")])
AGAIN = onward.Again("EDIT", "RECORD", lambda row: f"GO {row}")


def over_rows(*before: Act, after: tuple[Act, ...] = ()) -> Workflow:
    inside = (Act("open", "press", text="F5"), Act("save", "press", text="F6", risk="irreversible"))
    return Workflow("w", "web", (*before, Each("all", "p", inside), *after), params=(Param("p", "rows"),))


def done(step: str, row: int = 0, stage: str = "done", risk: str = "read", at: int = 1, shows: str = "it") -> Trod:
    seen = (shows,) if stage == "done" and shows else ()
    return Trod(step, stage, f"do {step}", row, risk, at=at, expected=seen)  # type: ignore[arg-type]


FIRST = (done("open", 1), done("save", 1, risk="irreversible"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((done("open", 2, "halted", at=-1),), ("row 1 of 3 is done, and nothing of row 2; to go on with it: GO 2",)),
        (
            (done("open", 2), done("save", 2, "halted", "irreversible", -1)),
            (
                "row 1 of 3 is done, and row 2 was begun; to do that from its first step and go on: GO 2",
                "to leave row 2 out, go on after it: GO 3",
            ),
        ),
        (
            (done("open", 2), done("save", 2, "halted", "irreversible")),
            (
                "row 1 of 3 is done; what came of step save in row 2 is not known; look whether row 2 is done too; "
                "if it is, go on after it: GO 3",
                "only if nothing of row 2 is done: GO 2",
            ),
        ),
        (
            (done("open", 2), done("save", 2, risk="irreversible"), done("open", 3, "halted", at=-1)),
            ("rows 1 to 2 of 3 are done, and nothing of row 3; to go on with it: GO 3",),
        ),
        (
            (done("open", 2), done("save", 2, risk="irreversible", shows="")),
            ("row 1 of 3 is done; nothing says what came of row 2 of 3: look there first; for what is left: GO 3",),
        ),
        ((), ("row 1 of 3 is done; for what is left: GO 2",)),
    ],
    ids=["nothing of it", "begun", "not known", "nothing of the last", "nothing says it", "cut off between rows"],
)
def test_how_far_the_rows_are_done_and_what_goes_on_from_there(more: tuple[Trod, ...], said: tuple[str, ...]) -> None:
    assert onward.advice(over_rows(), (*FIRST, *more), ROWS, AGAIN) == said


def test_nothing_that_cannot_be_undone_is_offered_to_be_done_again() -> None:
    pay = Act("pay", "press", text="F7", risk="irreversible")
    paid = done("pay", risk="irreversible")
    (said,) = onward.advice(over_rows(pay), (paid, *FIRST), ROWS, AGAIN)
    assert "GO" not in said
    assert "step pay (do pay) once more, and that cannot be undone" in said
    work = over_rows(after=(Act("end", "press", text="F8"),))
    rows = [trod for row in (1, 2, 3) for trod in (done("open", row), done("save", row, risk="irreversible"))]
    assert onward.advice(work, (*rows, done("end", 0, "halted", at=-1)), ROWS, AGAIN) == (
        "rows 1 to 3 of 3 are done; for what is left: GO 4",
    )


def test_rows_go_on_from_a_number_that_there_is() -> None:
    left = rows_from(over_rows(), {"p": ROWS}, 3)["p"]
    assert (list(left), left.numbers) == ([{"name": "Cy"}], range(3, 4))
    with pytest.raises(UsageError, match="no row 4: p has 3 rows"):
        rows_from(over_rows(), {"p": ROWS}, 4)
    more = over_rows(after=(Act("end", "press", text="F8"),))
    assert list(rows_from(more, {"p": ROWS}, 4)["p"]) == []
    with pytest.raises(UsageError, match="no row 5"):
        rows_from(more, {"p": ROWS}, 5)
    twice = replace(over_rows(), steps=over_rows().steps * 2)
    assert loop_of(twice) is None
    with pytest.raises(UsageError, match="goes over rows once"):
        rows_from(twice, {"p": ROWS}, 2)
    again = onward.Again.of(over_rows(), Wish("w", {"p": "my rows.csv"}, on="box", key="k"))
    assert again.command(2) == "cua replay w --param 'p=my rows.csv' --on box --from-row 2 --key k-from-row-2"


# ------------------------------------------------------------------------------------------------ what else is known


def test_what_a_replay_changed_before_it_stopped_is_told() -> None:
    fake = FakeDriver()
    before = onward.reading(fake.world)
    fake.world.files["notes.txt"] = b"new"
    fake.world.settings["notify"] = "false"
    told = onward.changed(before, fake.world)
    fake.close()
    assert "file ~/notes.txt created" in told
    assert any(said.startswith("setting ") and said.endswith("notify") for said in told)
    assert onward.changed(None, fake.world) == ()


def test_only_what_is_known_is_said_of_the_page_that_a_step_was_recorded_on() -> None:
    def now(url: str) -> Observation:
        return Observation(Place("web", "Somewhere", url), ())

    go = Act(
        "go", "click", Mark("link", "Go"), expect=(Expect("at", value="/order/*"), Expect("shows", "heading", "Order"))
    )
    save, more = Act("save", "click", Mark("button", "Save")), Act("more", "click", Mark("button", "More"))
    work = Workflow("w", "web", (go, save, more), start="http://h/orders?all=1")
    assert "was recorded on /orders" in elsewhere(work, go, {}, now("http://h/login"))
    assert "was recorded on 'Order' (/order/*)" in elsewhere(work, more, {}, now("http://h/login?next=/order/1"))
    assert not elsewhere(work, go, {}, now("http://h/orders"))
    assert not elsewhere(work, save, {}, now("http://h/order/7"))
    assert not elsewhere(replace(work, start="http://h/"), go, {}, now("http://h/home"))
    assert not elsewhere(replace(work, source="import"), more, {}, now("http://h/login"))


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("*Untitled 1 - Editor", "letter.txt - Editor", True),
        ("Terminal - me@here: ~", "Terminal - me@here: ~/work", True),
        ("letter.txt", "~/budget.txt", True),
        ("(Untitled)", "letter.txt", True),
        ("Untitled 1 - Office Calc", "Office Start Centre", False),
        ("letter.txt - Editor", "Search", False),
        ("Mail", "Compose", False),
        ("letter.txt", "Preferences", False),
    ],
)
def test_keys_go_to_the_window_that_they_were_recorded_in_which_may_show_another_document(
    was: str, now: str, same: bool
) -> None:
    there = Element("w", "window", now, None, frozenset({"showing", "active"}))
    mark = Mark("window", was, window="main", says={"alike": "1"})
    found = keyboard.sought(mark, Observation(Place("app", now), (there,)), keys=True)
    assert isinstance(found, Found) == same
