"""What nobody asked for is put away and the run goes on; what an act asked for is left to it; nothing is accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.core import Action, Click, Finish, Observation, Open, Run, Step, Task
from cua.errors import RefusedError, UsageError
from cua.memory.handlers import Handler, Handlers, proof
from cua.memory.store import Store
from cua.memory.workflows import Mark
from cua.policies.interrupt_kinds import recognised
from cua.policies.interrupt_words import closes, denies, kind_of
from cua.policies.interruptions import Interruptible
from cua.policies.script import Script
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from drivers.promises import named
from drivers.web import Web
from tests.bench import interruptions as bench
from tests.bench import interruptions_web as page
from tests.bench.interruptions_traps import Plan, sprung

CLOSE = Handler("shop:dialog:1", "shop", "dialog", "Hello", "click", Mark("button", "Close"))
TASK = Task("order", "Order three lamps for Ada", bench.ORDER, budget=bench._BUDGET)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "record.db") as made:
        yield made


@pytest.fixture
def shop() -> Iterator[page.Shop]:
    made = page.Shop()
    yield made
    made.close()


# ---------------------------------------------------------------------------------------------- what is kept


def test_a_handler_is_learned_from_a_pass_only(store: Store) -> None:
    handlers = Handlers(store)
    handlers.learn(CLOSE, proof("order", "fail", "run-1", 1.0))
    assert handlers.get(CLOSE.id) is None
    handlers.learn(CLOSE, proof("order", "pass", "run-2", 1.0))
    known = handlers.usable(CLOSE.id)
    assert known is not None
    assert (known.worked, known.tried, known.target) == (1, 1, CLOSE.target)


def test_a_handler_that_fails_more_than_it_works_is_retired_and_another_act_may_be_learned(store: Store) -> None:
    handlers = Handlers(store)
    handlers.learn(CLOSE, proof("order", "pass", "run-1", 1.0))
    handlers.learn(CLOSE, proof("order", "fail", "run-2", 1.0))
    assert handlers.usable(CLOSE.id) is not None
    handlers.learn(CLOSE, proof("order", "fail", "run-3", 1.0))
    assert handlers.usable(CLOSE.id) is None
    escape = Handler(CLOSE.id, "shop", "dialog", "Hello", "press", text="Escape")
    handlers.learn(escape, proof("order", "pass", "run-4", 1.0))
    known = handlers.usable(CLOSE.id)
    assert known is not None
    assert (known.do, known.tried) == ("press", 1)


def test_another_act_does_not_replace_one_that_is_proven(store: Store) -> None:
    handlers = Handlers(store)
    handlers.learn(CLOSE, proof("order", "pass", "run-1", 1.0))
    handlers.learn(Handler(CLOSE.id, "shop", "dialog", "Hello", "press", text="Escape"), proof("o", "pass", "r", 1.0))
    known = handlers.get(CLOSE.id)
    assert known is not None
    assert (known.do, known.tried) == ("click", 1)


def test_what_accepts_something_is_used_only_once_a_person_allowed_it(store: Store) -> None:
    handlers = Handlers(store)
    agrees = Handler("shop:dialog:2", "shop", "dialog", "Terms", "click", Mark("button", "Agree"), needs="accept")
    handlers.learn(agrees, proof("order", "pass", "run-1", 1.0))
    assert handlers.usable(agrees.id) is None
    assert handlers.allow(agrees.id).usable
    assert handlers.usable(agrees.id) is not None
    with pytest.raises(UsageError, match="no handler is called"):
        handlers.allow("nothing")


def test_a_handler_that_a_passed_run_contradicts_is_retired_with_its_history(store: Store) -> None:
    handlers = Handlers(store)
    handlers.learn(CLOSE, proof("order", "pass", "run-1", 1.0))
    handlers.retire(CLOSE.id, "a passed run answered it otherwise", "run-2")
    known = handlers.all()[CLOSE.id]
    assert (known.status, known.proofs[-1].why) == ("retired", "a passed run answered it otherwise")
    assert len(store.history("handler", CLOSE.id)) == 2


# ---------------------------------------------------------------------------------------------- what is recognised


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ("We use cookies on this site", "cookies"),
        ("Updates are available for this computer", "update"),
        ("Shop wants to send you notifications", "permission"),
        ("Files quit unexpectedly", "crash report"),
        ("Are you sure that all cookies are to be deleted?", None),
        ("Save changes before the update is installed?", None),
        ("Order 3 lamps?", None),
    ],
)
def test_a_question_about_an_act_is_no_nuisance(says: str, kind: str | None) -> None:
    assert kind_of(says) == kind


def test_no_word_that_agrees_puts_anything_away() -> None:
    for name in ("OK", "Accept all", "Allow", "Yes", "Continue", "Install", "Subscribe", "Save", "Delete", "Discard"):
        assert not closes(name)
        assert not denies(name)


def test_a_dialog_that_the_act_asked_for_is_left_to_the_policy() -> None:
    driver = FakeDriver()
    acts = (
        lambda now: Click(named("menuitem", "View")(now)),
        lambda now: Click(named("menuitem", "Clear…")(now)),
        lambda now: Click(named("button", "Clear")(now)),
    )
    policy = Interruptible(Script(*acts))
    done = run(Task("clear", "Empty the note"), driver, policy, Unkept())
    assert (done.stopped, len(done.steps), policy.met) == ("finished", 3, [])


def test_what_offers_a_name_that_the_policy_uses_is_no_interruption() -> None:
    driver = FakeDriver()
    driver.act(Click(named("menuitem", "View")(driver.observe())))
    driver.act(Click(named("menuitem", "Clear…")(driver.observe())))
    now = driver.observe()
    item = recognised(Task("t", "Type something"), (), now, frozenset())
    assert item is not None
    assert (item.kind, item.sure) == ("dialog", False)
    assert recognised(Task("t", "Type something"), (), now, frozenset({"Clear"})) is None


def test_where_the_policy_is_lost_before_a_question_nothing_is_answered() -> None:
    driver = FakeDriver()
    driver.act(Click(named("menuitem", "View")(driver.observe())))
    driver.act(Click(named("menuitem", "Clear…")(driver.observe())))
    lost = Interruptible(Orders())
    done = run(Task("t", "Type something"), driver, lost, Unkept())
    assert (done.stopped, done.steps) == ("refused", ())
    assert "no order" in done.reason


class Orders:
    """Knows no screen of this program."""

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        raise RefusedError("this screen is no order")


# ---------------------------------------------------------------------------------------------- pages


def ordering(web: Web, shop: page.Shop, policy: Interruptible, comes: str, at: int) -> Run:
    shop.reset()
    web.act(Open("about:blank"))
    return run(TASK, page.Interrupted(web, page.COMES.get(comes, ""), at), policy, Unkept())


def test_none_of_the_dialogs_that_an_act_asked_for_is_put_away(web: Web, tmp_path: Path) -> None:
    assert [f"{name}: {wrong}" for name, wrong in sprung(web, tmp_path) if wrong] == []


@pytest.mark.parametrize(
    ("comes", "at"),
    [("cookie dialog", 3), ("cookie banner without a role", 4), ("alert of the page", 2), ("slow spinner", 5),
     ("toast", 6), ("page loaded anew", 3), ("permission asked by the browser", 4)],
)  # fmt: skip
def test_what_comes_over_a_page_is_put_away_and_the_run_goes_on(web: Web, shop: page.Shop, comes: str, at: int) -> None:
    policy = Interruptible(page.Orders(f"{shop.url}/"))
    done = ordering(web, shop, policy, comes, at)
    assert (done.stopped, shop.orders, shop.wrong) == ("finished", [bench.ORDER], 0)
    assert policy.met
    assert all(met.worked for met in policy.met)


def test_a_run_in_which_nothing_comes_is_not_disturbed(web: Web, shop: page.Shop) -> None:
    policy = Interruptible(page.Orders(f"{shop.url}/"))
    done = ordering(web, shop, policy, "", 0)
    assert (done.stopped, len(done.steps), policy.met) == ("finished", 7, [])


def test_where_a_session_ended_and_nobody_can_log_in_the_run_asks(web: Web, shop: page.Shop) -> None:
    policy = Interruptible(page.Orders(f"{shop.url}/"))
    done = ordering(web, shop, policy, "session expiry", 4)
    assert done.stopped == "asked"
    assert "Log in there, then go on" in done.reason
    assert not any("password" in getattr(getattr(s.action, "target", None), "states", ()) for s in done.steps)


def test_after_a_person_logged_in_the_run_goes_on_where_it_was(web: Web, shop: page.Shop) -> None:
    policy = Interruptible(page.Orders(f"{shop.url}/"), helped=lambda item: page.logs_in(web))
    done = ordering(web, shop, policy, "session expiry", 5)
    assert (done.stopped, shop.orders) == ("finished", [bench.ORDER])
    assert policy.met[0].by == "helped"


def test_the_second_time_the_learned_handler_does_it_and_a_failed_run_teaches_nothing(
    web: Web, shop: page.Shop, store: Store
) -> None:
    handlers = Handlers(store)
    policy = Interruptible(page.Orders(f"{shop.url}/"), handlers)
    policy.learn(ordering(web, shop, policy, "newsletter", 3), "fail")
    assert handlers.all() == {}
    assert [met.by for met in policy.met] == ["built in"]
    policy.learn(ordering(web, shop, policy, "newsletter", 3), "pass")
    assert [known.target and known.target.name for known in handlers.all().values()] == ["No thanks"]
    policy.learn(ordering(web, shop, policy, "newsletter", 6), "pass")
    assert [met.by for met in policy.met] == ["learned"]
    assert [known.worked for known in handlers.all().values()] == [2]


COMES_WHEN_TYPED = """<!doctype html><meta charset=utf-8><title>Shop</title><h1>Start</h1>
<label>Name <input oninput="document.getElementById('d').showModal()"></label>
<button onclick="document.querySelector('h1').textContent = 'Kept'">Keep</button>
<dialog id=d aria-label=Offer><p>Join our newsletter</p><button onclick="d.close()">No thanks</button></dialog>"""


def test_the_other_policy_sees_its_own_steps_only(web: Web, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(COMES_WHEN_TYPED)
    policy = Interruptible(Plan((tmp_path / "page.html").as_uri(), ("fill Name Ada", "click Keep")))
    done = run(Task("keep", "Keep Ada"), web, policy, Unkept())
    assert (done.stopped, [met.item.kind for met in policy.met]) == ("finished", ["newsletter"])
    assert done.last is not None
    assert "Kept" in {e.name for e in done.last.elements}
    assert len(done.steps) == 4


@pytest.mark.parametrize(
    "says", ["alert('Could not save: the disk is full')", "confirm('Go on with the old address?')"]
)
def test_what_must_be_read_or_answered_stops_a_policy_that_does_not_look(web: Web, tmp_path: Path, says: str) -> None:
    (tmp_path / "page.html").write_text(f'<h1>Start</h1><button onclick="{says}">Save</button><button>More</button>')
    url = (tmp_path / "page.html").as_uri()
    more: list[Observation] = []

    class Blind:
        """Presses More whatever shows."""

        def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
            if not steps:
                return Open(url)
            if len(steps) > 2:
                return Finish("done")
            more[:] = more or [now]
            return Click(named("button", "Save" if len(steps) == 1 else "More")(more[0]))

    done = run(Task("save", "Keep the text"), web, Interruptible(Blind()), Unkept())
    assert (done.stopped, len(done.steps)) == ("asked", 2)
    assert "Put it away, then go on" in done.reason
    assert any(e.ref == "dialog" for e in web.observe(frame=False).elements)
    web.act(Click(named("button", "OK")(web.observe(frame=False))))


def test_what_stays_over_a_target_is_told_to_the_policy_as_a_refused_act(web: Web, tmp_path: Path) -> None:
    over = "<div style='position:fixed;inset:0;background:#ccc'><p>Opening hours</p></div>"
    (tmp_path / "page.html").write_text(f"<h1>Start</h1><button>Keep</button>{over}")
    refused: list[str] = []

    class Keeps:
        """Presses Keep once, and ends when it hears that this was refused."""

        def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
            if not steps:
                return Open((tmp_path / "page.html").as_uri())
            refused.extend(step.effect.reason for step in steps if step.effect.kind == "refused")
            return Finish("refused") if refused else Click(named("button", "Keep")(now))

    done = run(Task("keep", "Keep it", budget=bench._BUDGET), web, Interruptible(Keeps()), Unkept())
    assert done.stopped == "finished"
    assert "Opening hours" in refused[0]


def test_the_bench_tells_of_each_kind_and_of_runs_in_which_nothing_comes(web: Web) -> None:
    command = [sys.executable, "-m", "tests.bench", "interruptions", "--json", "--moments", "1", "--only", "survey"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(bench.__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["case"] for row in rows} == {"survey", "pages, nothing comes", "all kinds"}
    assert all(row["holds"] for row in rows)
