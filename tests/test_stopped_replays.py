"""What a replay says after it stopped: the line, the report, `cua runs show` and the advice agree, and none of them
offers to do again what is done, or may be.

Real pages on loopback, a real browser, real signals.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from shlex import split
from typing import Any
from urllib.parse import parse_qs

import pytest

from cua import app, workflows_app
from cua.cli import main_app
from cua.core import Action, Click, Effect, Element, Fill, Observation, Place, Press, Run, Task
from cua.core import Step as Kept
from cua.deliveries import REPLAY, Ledger, standing
from cua.errors import CuaError, RefusedError, TimedOut, TroubleError, UsageError
from cua.given import Wish
from cua.memory import versions
from cua.memory.store import Store
from cua.memory.workflows import Act, Each, Expect, Param, Risk, Step, Workflow
from cua.policies.finding import mark_of
from cua.policies.script import Script
from cua.policies.trail import Begun, Trod
from cua.record import files
from cua.record.compile import compile
from cua.replaying import There, replay
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.browsers import browsing
from tests.served import serving
from tests.waiting import LIMIT, awaited

CUA = (sys.executable, "-c", "from cua.cli import main; main()")
PLACE = "click-place-order"
IN_HAND = "was (begun|done), and its effect is not known"  # the click itself may be over, what it set off is not


@dataclass
class Shop:
    """A form for orders. `asked` is told when the nth order came; what `held` waits for comes before the answer."""

    url: str = ""
    saved: list[str] = field(default_factory=list)
    asked: Callable[[int], object] = lambda count: None
    held: threading.Event | None = None
    lands: str = "/done"
    bare: bool = False
    looks: int = 0

    def page(self, path: str) -> str:
        self.looks += 1
        if path == "/new":
            form = "<label>Customer <input name=who></label><button>Place order</button>"
            return f"<title>New</title><h1>New</h1><form method=post action=/new>{form}</form>"
        if path == "/done":
            back = "" if self.bare and len(self.saved) > 1 else "<a href=/new>Back</a>"
            return f"<title>Done</title><h1>Done</h1>{back}"
        return "<title>Orders</title><h1>Orders</h1><a href=/new>New order</a>"

    def again(self) -> None:
        self.saved.clear()
        self.asked, self.held, self.lands, self.bare, self.looks = lambda count: None, None, "/done", False, 0


@pytest.fixture(scope="module")
def open_shop() -> Iterator[Shop]:
    found = Shop()

    class Pages(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html>{found.page(self.path)}".encode())

        def do_POST(self) -> None:
            given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            found.saved.append(given.get("who", [""])[0])
            found.asked(len(found.saved))
            if found.held is not None and len(found.saved) > 1:
                found.held.wait(LIMIT)
            self.send_response(303)
            self.send_header("Location", found.lands)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Pages) as port:
        found.url = f"http://127.0.0.1:{port}"
        yield found


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    open_shop.again()
    yield open_shop
    if open_shop.held:
        open_shop.held.set()


def named(now: Observation, name: str) -> Element:
    return next(e for e in now.elements if e.name == name)


@pytest.fixture(scope="module")
def shown(open_shop: Shop) -> Workflow:
    """An order and the way back to the form, made of a run of our own."""
    script = Script(
        lambda now: Click(named(now, "New order")),
        lambda now: Fill(named(now, "Customer"), "Mary"),
        lambda now: Click(named(now, "Place order")),
        lambda now: Click(named(now, "Back")),
    )
    with browsing(f"{open_shop.url}/orders") as web:
        return compile(run(Task("shown", "order"), web, script, Unkept()), "orders", on="web").workflow


@dataclass
class Loop:
    """The order for each row of a file, as a workflow file; its steps by their parts."""

    folder: Path
    shown: Workflow
    url: str

    def kept(self, *, blind: bool = False, back: bool = True, after: tuple[Step, ...] = ()) -> str:
        """Nothing is expected of the order if `blind`; each row goes `back` as its last step, or to the form first."""
        opening, filling, placing, going = self.shown.acts()
        expect = () if blind else tuple(replace(e, seconds=1.0) for e in placing.expect if e.kind == "at")
        order = (replace(filling, text="${p.who}", expect=()), replace(placing, expect=expect))
        inside = (*order, going) if back else (Act("go", "open", text=f"{self.url}/new"), *order)
        steps = (opening, Each("all", "p", inside), *after)
        params = (*self.shown.params, Param("p", "rows"))
        text = files.dumps(replace(self.shown, name="orders", steps=steps, params=params))
        path = self.folder / "orders.toml"
        path.write_text(text.replace("${customer}", "${p.who}"), "utf-8")
        return str(path)

    def rows(self, *who: str) -> str:
        path = self.folder / "rows.csv"
        path.write_text("\n".join(("who", *who, "")), "utf-8")
        return f"p={path}"


@pytest.fixture
def loop(shown: Workflow, shop: Shop, tmp_path: Path) -> Loop:
    return Loop(tmp_path, shown, shop.url)


@dataclass
class Told:
    """All that is said of one replay."""

    code: int
    said: str
    report: str
    show: str

    @property
    def advice(self) -> list[str]:
        return [line for line in self.said.splitlines() if line.startswith("next: ")]

    def offered(self) -> list[int]:
        """The rows that it is offered to go on from."""
        return [int(row) for line in self.advice for row in re.findall(r"--from-row (\d+)", line)]


def show(capsys: pytest.CaptureFixture[str]) -> str:
    with app.record() as store:
        (latest, *_) = store.runs(1)
    main_app(["runs", "show", latest.id], standalone_mode=False)
    return capsys.readouterr().out


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Replays as from the command line, and gathers what is said of it."""

    def replayed(*arguments: str) -> Told:
        report = tmp_path / "report.html"
        code = main_app(["replay", *arguments, "--report", str(report)], standalone_mode=False)
        said = capsys.readouterr().out
        return Told(code, said, re.sub(r"<[^>]+>", " ", report.read_text("utf-8").partition("<body")[2]), show(capsys))

    return replayed


def interrupt(nth: int) -> Callable[[int], object]:
    """Ctrl-C while the nth order is on its way."""
    return lambda count: os.kill(os.getpid(), signal.SIGINT) if count == nth else None


# ------------------------------------------------------------------------------------------------ Ctrl-C


def test_ctrl_c_lets_what_came_of_the_act_in_hand_be_seen_and_it_is_not_offered_again(
    loop: Loop, shop: Shop, told: Callable[..., Told]
) -> None:
    name, rows = loop.kept(), loop.rows("Ada", "Bo", "Cy")
    shop.asked = interrupt(2)
    found = told(name, "--param", rows)
    assert (found.code, shop.saved) == (3, ["Ada", "Bo"]), found.said
    assert (
        "refused: a person stopped it; step click-place-order, row 2 (click button 'Place order') was done"
        in found.said
    )
    assert f"last step: step {PLACE}, row 2; a person stopped it" in found.show
    assert not [text for text in (found.said, found.report, found.show) if "not known" in text]
    assert (
        "row 1 of 3 is done; step click-place-order (click button 'Place order') of row 2 was done" in found.advice[0]
    )
    assert found.offered() == [3]
    command = found.advice[0].partition("cua ")[2]
    assert main_app(split(command), standalone_mode=False) == 0
    assert shop.saved == ["Ada", "Bo", "Cy"]


def test_ctrl_c_after_an_act_of_unknown_end_says_so_everywhere(
    loop: Loop, shop: Shop, told: Callable[..., Told]
) -> None:
    shop.lands = "/held"
    shop.asked = interrupt(1)
    found = told(loop.kept(), "--param", loop.rows("Ada", "Bo"))
    assert (found.code, shop.saved) == (4, ["Ada"]), found.said
    assert f"what came of step {PLACE}, row 1 is not known" in found.said
    assert f"what came of step {PLACE}, row 1 is not known" in found.report
    assert f"last step: step {PLACE}, row 1 (what came of it is not known)" in found.show
    assert "[not known]  step click-place-order" in found.show
    assert "that alone does not tell what came of it" in found.report
    first, second = found.advice[:2]
    assert "no row of 2 is done" in first
    assert "look whether row 1 is done too; if it is, go on after it: " in first
    assert first.endswith("--from-row 2")
    assert second.startswith("next: only if nothing of row 1 is done: ")


def test_ctrl_c_after_the_last_act_of_the_last_row_lets_the_replay_pass(
    loop: Loop, shop: Shop, told: Callable[..., Told]
) -> None:
    shop.asked = interrupt(2)
    found = told(loop.kept(back=False), "--param", loop.rows("Ada", "Bo"))
    assert (found.code, found.advice, shop.saved) == (0, [], ["Ada", "Bo"]), found.said


def begun(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CUA, "replay", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_a_second_ctrl_c_ends_at_once_and_says_that_the_act_in_hand_is_not_known(
    loop: Loop, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.held = threading.Event()
    victim = begun(loop.kept(), "--param", loop.rows("Ada", "Bo", "Cy"))
    awaited(lambda: shop.saved[1:], "the second order")
    os.killpg(victim.pid, signal.SIGINT)  # as a terminal does, to all that it started
    assert victim.stderr
    heard = [victim.stderr.readline(), victim.stderr.readline()]
    assert "Ctrl-C again ends at once" in heard[1]
    os.killpg(victim.pid, signal.SIGINT)
    _, said = victim.communicate(timeout=LIMIT)
    assert (victim.returncode, shop.saved) == (4, ["Ada", "Bo"]), said
    what = rf"step {PLACE}, row 2 \(click button 'Place order'\) {IN_HAND}; look whether row 2"
    assert re.match(f"cua: it was stopped at once: {what}", said), said
    assert said.count("\n") == 1
    assert re.search(what, shows := show(capsys)), shows
    assert "if it is, go on with --from-row 3; only if nothing of it is, go on with --from-row 2" in shows


@pytest.mark.parametrize("held", [True, False])
def test_a_replay_that_is_asked_to_end_says_whether_the_act_in_hand_is_known(
    loop: Loop, shop: Shop, held: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.held, shop.bare = threading.Event() if held else None, not held
    victim = begun(loop.kept(), "--param", loop.rows("Ada", "Bo", "Cy"), "--watch", "--json")
    assert victim.stdout
    if not held:  # what came of the second order is seen, and a link that is gone is looked for
        assert any(f'"step": "{PLACE}"' in line and '"row": 2' in line for line in victim.stdout)
    awaited(lambda: shop.saved[1:], "the second order")
    victim.send_signal(signal.SIGTERM)
    out, said = victim.communicate(timeout=LIMIT)
    outcome = json.loads(out.splitlines()[-1])["outcome"]
    assert (victim.returncode, outcome) == ((4, "unknown") if held else (3, "refused")), said
    assert said.startswith(f"cua: it was stopped at once: step {PLACE}, row 2"), said
    assert f"last step: step {PLACE}, row 2" in show(capsys)


# ------------------------------------------------------------------------------------------------ rows


def test_a_row_of_which_nothing_says_what_came_is_not_done_and_no_row_that_is_not_there_is_offered(
    loop: Loop, told: Callable[..., Told]
) -> None:
    found = told(loop.kept(blind=True, back=False), "--param", loop.rows("Ada"))
    assert (found.code, found.offered()) == (4, []), found.said
    assert "is done" not in found.said
    assert found.advice[0] == f"next: look what came of step {PLACE} in row 1 before you replay it again"
    assert f"give step {PLACE} an `expect`" in found.advice[1]
    assert f"last step: step {PLACE}, row 1 (what came of it is not known)" in found.show
    assert "that alone does not tell what came of it" in found.report


def test_rows_of_which_nothing_says_what_came_are_to_be_looked_at_before_one_goes_on(
    loop: Loop, shop: Shop, told: Callable[..., Told]
) -> None:
    shop.asked = interrupt(2)
    found = told(loop.kept(blind=True, back=False), "--param", loop.rows("Ada", "Bo", "Cy"))
    assert (found.code, found.offered()) == (4, [3]), found.said
    assert "cannot be undone, and nothing says what came of it" in found.said
    assert found.advice[0].startswith("next: nothing says what came of rows 1 to 2 of 3: look there first; for what")


def test_a_file_without_rows_is_refused_before_a_page_is_opened(loop: Loop, shop: Shop) -> None:
    name, rows = loop.kept(), loop.rows()
    shop.looks = 0
    error = refused("replay", name, "--param", rows)
    assert (error.exit_code, shop.looks) == (2, 0)
    assert f"{rows.removeprefix('p=')} has a header and no rows" in str(error)
    loop.rows("Ada")
    assert "there is no row 2: p has 1 row" in str(refused("replay", name, "--param", rows, "--from-row", "2"))
    assert shop.looks == 0


# ------------------------------------------------------------------------------------------------ nothing says it


def test_a_replay_that_nothing_proves_says_how_the_next_one_can_be(
    shown: Workflow, shop: Shop, told: Callable[..., Told]
) -> None:
    opening, filling, *_ = shown.acts()
    with app.record() as store:
        silent = replace(shown, name="silent one", steps=(replace(opening, expect=()), replace(filling, expect=())))
        versions.keep(store, silent)
    found = told("silent one")
    assert (found.code, len(found.advice)) == (4, 2), found.said
    assert "cua workflows edit 'silent one', and give step fill-customer an `expect`" in found.advice[1]
    assert "[[effects]]" in found.advice[1]
    with app.record() as store:
        versions.keep(store, replace(silent, steps=(opening, replace(filling, expect=()))))
    assert told("silent one").code == 0


# ------------------------------------------------------------------------------------------------ kill -9


@pytest.mark.parametrize(
    ("bare", "last", "then"),
    [
        (
            False,
            rf"\(what came of it is not known\); step {PLACE}, row 2 \(click button 'Place order'\) {IN_HAND}",
            "look whether row 2 is done; if it is, go on with --from-row 3; only if nothing of it is",
        ),
        (
            True,
            rf"; step {PLACE}, row 2 \(click button 'Place order'\) was done, and what had to follow showed",
            f"step {PLACE}, row 2 cannot be undone: do what is left of the row by hand; then go on with --from-row 3",
        ),
    ],
    ids=["in the act", "after it was seen"],
)
def test_a_replay_over_rows_that_was_killed_tells_the_last_step_its_row_and_whether_its_effect_is_known(
    loop: Loop, shop: Shop, capsys: pytest.CaptureFixture[str], bare: bool, last: str, then: str
) -> None:
    shop.bare, shop.held = bare, None if bare else threading.Event()
    victim = begun(loop.kept(), "--param", loop.rows("Ada", "Bo", "Cy"), "--watch")
    assert victim.stdout
    if bare:
        assert any(line.startswith(f"done     {PLACE} (row 2)") for line in victim.stdout)
    awaited(lambda: shop.saved[1:], "the second order")
    assert f"process {victim.pid} may still be doing it" in show(capsys)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate()
    said = show(capsys)
    assert f"last step: step {PLACE}, row 2" in said
    assert re.search(last, said), said
    assert then in said


@pytest.mark.parametrize("begun", [None, {"step": "send", "row": 2, "say": "click Send", "risk": "irreversible"}])
def test_a_record_of_an_earlier_version_is_still_told(store: Store, begun: dict[str, object] | None) -> None:
    head: dict[str, object] = {"workflow": "letters", "version": 1, "key": "k", "pid": 1}
    store.put(REPLAY, "r1", head | {"begun": begun, "at": 3, "trail": []})
    ended: dict[str, object] = {
        "begun": None,
        "trail": [],
        "outcome": "pass",
        "last": "send",
        "known": True,
        "saying": "it is done",
    }
    store.put(REPLAY, "r2", head | ended)
    cut, over = standing(store, "r1"), standing(store, "r2")
    assert cut is not None
    assert (cut.known, cut.last) == (False, "step send, row 2" if begun else "")
    assert over is not None
    assert (over.known, over.last) == (True, "step send")


def test_of_a_sandbox_that_went_with_the_replay_no_row_is_offered_to_go_on_from(store: Store) -> None:
    cut = Ledger(store, "w", 1, "k", "", total=2, passing=True)
    cut.begin("r", Task("workflow:w", "w"))

    def said(step: str, risk: Risk) -> str:
        cut.about(Begun(step, 1, f"do {step}", risk))
        cut.keep(cut.run, cut.kept, Kept(Observation(Place("a"), ()), Press("F5"), Effect("confirmed")))
        stands = standing(store, cut.run, going=False)
        assert stands is not None
        return stands.saying

    gone = "; the sandbox that it was in is gone with what was done there: "
    assert said("go", "read").endswith(f"{gone}replay it from its first step")
    assert said("pay", "irreversible").endswith(
        f"{gone}look whether step pay reached anything outside of it, then replay it from its first step"
    )


def test_what_is_told_of_a_replay_that_was_cut_off_repeats_nothing_that_cannot_be_undone(store: Store) -> None:
    """At any moment: before an act, after it, after what followed was seen, at the end."""
    look = Observation(Place("a"), ())

    def ledger(name: str, total: int) -> Ledger:
        made = Ledger(store, "w", 1, name, "", total=total)
        made.begin(name, Task("workflow:w", "w"))
        return made

    def does(on: Ledger, step: str, row: int, risk: Risk, *seen: str, ends: bool = True) -> str:
        on.about(Begun(step, row, f"do {step}", risk))
        on.keep(on.run, on.kept, Kept(look, Press("F5", why=f"step {step}: do it"), Effect("confirmed")))
        if ends:
            on.came(Trod(step, "done", f"do {step}", row, risk, expected=seen, at=on.kept - 1))
        return saying(on)

    def saying(on: Ledger) -> str:
        stands = standing(store, on.run, going=False)
        assert stands is not None
        return stands.saying

    rows = ledger("rows", 2)
    assert saying(rows) == "no act was begun"
    assert does(rows, "go", 0, "read").endswith("was done; replay it")
    assert does(rows, "fill", 1, "reversible").endswith("was done; go on with --from-row 1")
    assert does(rows, "save", 1, "irreversible", "it").endswith("by hand; then go on with --from-row 2")
    assert does(rows, "fill", 2, "reversible", ends=False).endswith("its effect is not known; go on with --from-row 2")
    rows.refused()
    assert saying(rows).startswith("step save, row 1")
    said = does(rows, "save", 2, "irreversible")
    assert "nothing says what came of it; look whether row 2 is done; if it is, all rows are done; only if" in said
    assert "look there first; the rows are done; for what is left go on with --from-row 3" in does(
        rows, "end", 0, "read"
    )
    rows.end(Run("rows", Task("workflow:w", "w"), stopped="finished"))
    assert saying(rows).endswith("it was at its end; look at what it had to bring about before you replay it")

    paid = ledger("paid", 2)
    assert does(paid, "pay", 0, "irreversible", ends=False).endswith("look whether it was done before you replay it")
    paid.came(Trod("pay", "done", "do pay", 0, "irreversible", expected=("it",), at=0))
    assert "step pay cannot be undone, and a replay would do it once more" in does(paid, "fill", 2, "reversible")
    twice = ledger("twice", 2)
    does(twice, "save", 1, "irreversible", "it")
    said = does(twice, "send", 1, "irreversible", ends=False)
    assert said.endswith("do what is left of row 1 by hand; then go on with --from-row 2")


# ------------------------------------------------------------------------------------------------ trouble in an act


class Lost(FakeDriver):
    """Its Save is done, and then it cannot be seen."""

    def act(self, action: Action) -> Effect:
        effect = super().act(action)
        if isinstance(action, Click) and isinstance(action.target, Element) and action.target.name == "Save":
            raise TimedOut("the screen did not answer within 5 s; look again")
        return effect


def saving(fake: FakeDriver, **more: Any) -> Workflow:
    now = fake.observe()
    target = mark_of(named(now, "Save"), now)
    act = Act("save", "click", target, risk="irreversible", expect=(Expect("gone", "dialog", "x"),))
    return Workflow("w", "fake", (replace(act, **more),))


@pytest.mark.parametrize("risk", ["reversible", "irreversible"])
def test_an_act_that_ended_in_trouble_is_the_last_step_and_its_effect_is_not_known(store: Store, risk: str) -> None:
    fake = Lost()
    done = replay(saving(fake, risk=risk), {}, There(fake, fake.world, store))
    fake.close()
    assert (done.outcome, done.known, done.last) == ("unknown", False, "save")
    assert [(trod.step, trod.stage, trod.risk, trod.at) for trod in done.steps] == [("save", "halted", risk, 0)]
    assert "what came of step save is not known" in done.saying


@pytest.mark.parametrize("wrong", [RefusedError, UsageError])
def test_what_was_refused_was_not_done_and_is_not_called_unknown(store: Store, wrong: type[CuaError]) -> None:
    class Refusing(FakeDriver):
        def act(self, action: Action) -> Effect:
            if isinstance(action, Click):
                raise wrong("not this one")
            return super().act(action)

    fake = Refusing()
    done = replay(saving(fake), {}, There(fake, fake.world, store))
    fake.close()
    assert (done.outcome, done.known) == ("refused", True), done.saying
    assert "not known" not in done.saying
    assert all(trod.at < 0 for trod in done.steps)


# ------------------------------------------------------------------------------------------------ bad input


def refused(*arguments: str) -> CuaError:
    with pytest.raises(CuaError) as caught:
        main_app(list(arguments), prog_name="cua", standalone_mode=False)
    return caught.value


@pytest.mark.parametrize("text", ["many", "nan", "inf", "1_000", "", "٣"])
def test_a_number_is_one_as_a_person_writes_it(shown: Workflow, tmp_path: Path, text: str) -> None:
    path = tmp_path / "counted.toml"
    files.save(replace(shown, params=(Param("customer", "number"),)), path)
    error = refused("replay", str(path), "--param", f"customer={text}")
    assert error.exit_code == 2
    assert f"needs a number for 'customer', not {text!r}" in str(error)


def test_a_place_that_cannot_be_reached_is_one_error_and_nothing_was_done(shown: Workflow, tmp_path: Path) -> None:
    path = tmp_path / "away.toml"
    files.save(shown, path)
    with serving(BaseHTTPRequestHandler) as port:
        pass
    error = refused("replay", str(path), "--on", f"http://127.0.0.1:{port}/")
    assert isinstance(error, TroubleError)
    assert error.exit_code == 4
    assert "nothing was done: see that it can be reached, or say where with --on" in str(error)


def test_a_window_of_another_size_makes_no_difference_and_one_of_no_size_there_is_is_refused(
    shown: Workflow, shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "sized.toml"
    files.save(replace(shown, screen=(320, 480)), path)
    wish = Wish(str(path), {})
    done = workflows_app.replay_workflow(wish, told=lambda trod: None, stop=threading.Event())
    assert (done.replayed.outcome, shop.saved) == ("pass", ["Mary"])
    files.save(replace(shown, screen=(99_999, 480)), path)
    assert "mend its `screen`" in str(error := refused("replay", str(path)))
    assert (error.exit_code, shop.saved) == (2, ["Mary"])


def test_a_wish_to_stop_before_the_first_act_does_nothing(loop: Loop, shop: Shop) -> None:
    stop = threading.Event()
    stop.set()
    rows = loop.rows("Ada").removeprefix("p=")
    done = workflows_app.replay_workflow(Wish(loop.kept(), {"p": rows}), told=lambda trod: None, stop=stop)
    assert (done.replayed.outcome, done.replayed.steps, shop.saved) == ("refused", (), [])
    (said,) = done.advice
    assert said.startswith("nothing was done; to do it: cua replay ")
