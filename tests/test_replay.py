"""A replay does the workflow again or halts: it acts on nothing that it does not know, and says what is proven."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cua import app
from cua.checks import FileHolds, SettingIs
from cua.config import paths
from cua.core import Action, Click, Effect, Fill, Locator, Observation, Open
from cua.deliveries import standing
from cua.errors import RecordError, SandboxError, UsageError
from cua.memory.store import Store
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Risk, Step, Workflow
from cua.policies.expected import filled_expect, shown_before
from cua.policies.finding import mark_of
from cua.probes import ElementHolds, HttpSays, RowsChanged
from cua.replaying import There, Values, replay
from cua.sealing import MASK, Sealed, seal
from drivers.fake import HIDDEN, NOTE, SETTINGS_FILE, FakeDriver, FakeWorld
from drivers.promises import named
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import browsing
from tests.fixtures.replay.desk import FIELDS, Desk
from tests.fixtures.replay.shown import clicking, filling, opening, shown
from tests.test_screen import look
from tests.waiting import awaited

HERE = Path(__file__)
TICK = ("checkbox", "Notifications")
QUIET = SettingIs(f"{SETTINGS_FILE}#settings.notify", ("false",))
SECRET = "hunter2 is no word"


@pytest.fixture
def fake() -> Iterator[FakeDriver]:
    made = FakeDriver()
    yield made
    made.close()


def mark(driver: FakeDriver | Web, role: str, name: str) -> Mark:
    now = driver.observe()
    return mark_of(named(role, name)(now), now)


def tick(driver: FakeDriver) -> Act:
    return Act("1", "click", mark(driver, *TICK), expect=(Expect("checked", *TICK, "off"),))


def fill(driver: FakeDriver, name: str, text: str) -> Act:
    return Act(f"fill {name}", "fill", mark(driver, "textbox", name), text=text)


def save(driver: FakeDriver, *expect: Expect) -> Act:
    return Act("save", "click", mark(driver, "button", "Save"), risk="irreversible", expect=expect)


def flow(*steps: Step, params: tuple[Param, ...] = (), **more: object) -> Workflow:
    return Workflow("flow", "fake", steps, params=params, **more)  # type: ignore[arg-type]


def there(driver: FakeDriver, store: Store, **more: object) -> There:
    return There(driver, driver.world, store, **more)  # type: ignore[arg-type]


class Partly:
    """The fake world without what changed, as a person's own machine is."""

    partial = True

    def __init__(self, world: FakeWorld) -> None:
        self.read, self.exec, self.setting = world.read, world.exec, world.setting
        self.observe, self.changes = world.observe, world.changes


# ------------------------------------------------------------------------------------------------ what is proven


def test_a_change_of_the_whole_world_is_the_best_proof(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(tick(fake), effects=(QUIET,)), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("pass", "world")
    assert store.judged(done.run) is not None


def test_in_a_world_that_cannot_tell_all_an_effect_is_an_independent_proof(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(tick(fake), effects=(QUIET,)), {}, There(fake, Partly(fake.world), store))
    assert (done.outcome, done.proof) == ("pass", "independent")


def test_without_effects_the_screen_is_all_the_proof(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(tick(fake)), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("pass", "screen")


def test_without_expectations_nothing_is_proven(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(replace(tick(fake), expect=())), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("unknown", "none")


def test_a_last_change_of_which_nothing_tells_what_came_is_not_known(fake: FakeDriver, store: Store) -> None:
    last = Act("store", "click", mark(fake, "button", "Save"), risk="reversible")
    done = replay(flow(tick(fake), last), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("unknown", "none")
    assert "step store" in done.saying
    fake.reset()
    done = replay(flow(last, tick(fake)), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("pass", "screen")
    assert done.saying.endswith("what was expected showed; nothing was expected of 1 of 2 steps")


def test_a_side_effect_fails_what_else_went_well(fake: FakeDriver, store: Store) -> None:
    steps = (tick(fake), fill(fake, "Name", "Ada"))
    done = replay(flow(*steps, effects=(QUIET,)), {}, there(fake, store))
    assert done.outcome == "fail"
    assert any("name" in key for key in done.side_effects)
    fake.reset()
    allowed = (f"setting:{SETTINGS_FILE}#settings.name",)
    assert replay(flow(*steps, effects=(QUIET,), allowed=allowed), {}, there(fake, store)).outcome == "pass"


def test_an_effect_that_did_not_come_fails_whatever_the_screen_says(fake: FakeDriver, store: Store) -> None:
    wrong = SettingIs(QUIET.key, ("loud",))
    assert replay(flow(tick(fake), effects=(wrong,)), {}, there(fake, store)).outcome == "fail"


def test_an_effect_that_held_before_proves_nothing(fake: FakeDriver, store: Store) -> None:
    fake.world.files[NOTE] = b"dear all"
    write = fill(fake, "Note", "dear all"), save(fake, Expect("holds", "textbox", "Note", "dear all"))
    done = replay(flow(*write, effects=(FileHolds(NOTE, "dear all"),)), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("unknown", "none")
    assert "before" in done.saying


def test_a_setting_that_held_before_is_told_as_such(fake: FakeDriver, store: Store) -> None:
    name = fill(fake, "Name", "Ada")
    effect = SettingIs(f"{SETTINGS_FILE}#settings.name", ("Ada",))
    held = replace(name, expect=(Expect("holds", "textbox", "Name", "Ada"),))
    replay(flow(held), {}, there(fake, store))
    done = replay(flow(held, effects=(effect,)), {}, there(fake, store))
    assert (done.outcome, done.proof) == ("pass", "screen")
    assert "already" in done.saying


def test_an_effect_that_cannot_be_read_stops_it_before_anything_is_done(fake: FakeDriver, store: Store) -> None:
    effect = RowsChanged("sqlite:~/none.db", "SELECT 1")
    with pytest.raises(SandboxError):
        replay(flow(tick(fake), effects=(effect,)), {}, there(fake, store))
    assert not store.runs()


def test_an_effect_on_a_foreign_host_is_refused(fake: FakeDriver, store: Store) -> None:
    with pytest.raises(UsageError, match="origins"):
        replay(flow(tick(fake), effects=(HttpSays("http://198.51.100.7/x", "x"),)), {}, there(fake, store))


# ------------------------------------------------------------------------------------------------ when it halts


def lost(driver: FakeDriver) -> Act:
    """The tick with nothing left of what it was known by."""
    return replace(tick(driver), target=Mark("checkbox", "Send telegrams", (Locator("testid", "telegrams"),)))


def test_a_target_that_is_not_there_is_not_acted_on(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(lost(fake)), {}, there(fake, store))
    assert done.outcome == "refused"
    assert "step 1" in done.saying
    assert "Send telegrams" in done.saying
    assert fake.world == FakeWorld(observe=fake.world.observe)


def test_what_was_done_before_the_halt_is_said(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(save(fake, Expect("shows", "button", "Save")), lost(fake)), {}, there(fake, store))
    assert done.outcome == "fail"
    assert "cannot be undone" in done.saying


@pytest.mark.parametrize(("risk", "outcome"), [("reversible", "fail"), ("irreversible", "unknown")])
def test_what_must_follow_and_does_not_ends_the_replay(fake: FakeDriver, store: Store, risk: str, outcome: str) -> None:
    wrong = replace(tick(fake), risk=risk, expect=(Expect("shows", "alert", "Done"),))  # type: ignore[arg-type]
    done = replay(flow(wrong, fill(fake, "Name", "Ada")), {}, there(fake, store))
    assert (done.outcome, done.proof) == (outcome, "none")
    assert done.known == (outcome == "fail")
    assert fake.world.settings["name"] == ""


def test_another_program_than_the_workflows_is_not_acted_on(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(tick(fake), origins=("another",)), {}, there(fake, store))
    assert done.outcome == "refused"
    assert fake.world.settings["notify"] == "true"


def test_a_dialog_that_decides_nothing_is_put_away(fake: FakeDriver, store: Store) -> None:
    steps = (tick(fake), replace(fill(fake, "Name", "Ada"), expect=(Expect("holds", "textbox", "Name", "Ada"),)))
    driver = Interrupted(fake)
    done = replay(flow(*steps), {}, There(driver, Partly(fake.world), store))
    assert done.outcome == "pass"
    assert any("dialog" in trod.say for trod in done.steps)


class Interrupted:
    """The fake program, where a dialog opens by itself after the first act."""

    def __init__(self, driver: FakeDriver) -> None:
        self.driver, self.acts = driver, 0

    def observe(self, *, frame: bool = True) -> Observation:
        return self.driver.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        self.acts += 1
        effect = self.driver.act(action)
        if self.acts == 1:
            self.driver.act(Click(named("menuitem", "View")(self.driver.observe())))
            self.driver.act(Click(named("menuitem", "Clear…")(self.driver.observe())))
        return effect

    def close(self) -> None:
        self.driver.close()


# ------------------------------------------------------------------------------------------------ values, loops, guards


def test_each_row_is_done_with_its_own_values(fake: FakeDriver, store: Store) -> None:
    inner = replace(
        fill(fake, "Note", "${people.name}"), expect=(Expect("holds", "textbox", "Note", "${people.name}"),)
    )
    each = Each("all", "people", (inner,))
    given: Values = {"people": [{"name": "Ada"}, {"name": "Grace"}]}
    done = replay(flow(each, params=(Param("people", "rows"),)), given, there(fake, store))
    assert done.outcome == "pass"
    assert [trod.row for trod in done.steps] == [1, 2]
    assert named("textbox", "Note")(fake.observe()).value == "Grace"


def test_steps_under_a_guard_are_left_out_where_their_target_does_not_show(fake: FakeDriver, store: Store) -> None:
    guard = IfPresent("maybe", Mark("button", "Accept", (Locator("testid", "accept"),)), (lost(fake),), 0.0)
    done = replay(flow(guard, tick(fake)), {}, there(fake, store))
    assert done.outcome == "pass"
    assert done.steps[0].stage == "skipped"
    guard = IfPresent("maybe", mark(fake, *TICK), (replace(tick(fake), expect=(Expect("checked", *TICK, "on"),)),))
    assert replay(flow(guard), {}, there(fake, store)).outcome == "pass"
    assert fake.world.settings["notify"] == "true"


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ({"nme": "Ada"}, ()),
        ({}, ()),
        ({"name": "Ada"}, (Act("7", "fill", Mark("textbox", "${nobody}"), text="x"),)),
        ({"name": "Ada"}, (Act("7", "click"),)),
        ({"name": "Ada"}, (Each("7", "name", (Act("8", "press", text="F5"),)),)),
    ],
)
def test_values_that_do_not_fit_are_told_before_anything_is_done(
    fake: FakeDriver, store: Store, values: dict[str, str], steps: tuple[Step, ...]
) -> None:
    with pytest.raises(UsageError):
        replay(flow(tick(fake), *steps, params=(Param("name"),)), values, there(fake, store))
    assert fake.world.settings["notify"] == "true"
    assert not store.runs()


@pytest.mark.parametrize("state", ["on", "off"])
def test_a_box_that_is_already_so_is_not_clicked(fake: FakeDriver, store: Store, state: str) -> None:
    step = replace(tick(fake), expect=(Expect("checked", *TICK, state),))
    for _ in range(2):
        done = replay(flow(step), {}, there(fake, store))
        assert done.outcome == "pass"
        assert fake.world.settings["notify"] == ("true" if state == "on" else "false")
    assert done.steps[0].at == -1
    assert "already" in done.steps[0].note


@pytest.mark.parametrize("risk", ["reversible", "irreversible"])
def test_what_is_called_otherwise_is_not_done_if_it_cannot_be_taken_back(
    fake: FakeDriver, store: Store, risk: Risk
) -> None:
    old = tick(fake)
    assert old.target is not None
    step = replace(old, target=replace(old.target, name="Notifications by mail"), risk=risk)
    done = replay(flow(replace(step, target=replace(step.target, locators=()))), {}, there(fake, store))  # type: ignore[type-var]
    assert fake.world.settings["notify"] == ("true" if risk == "irreversible" else "false"), done.saying
    said = "it is called 'Notifications' here, not 'Notifications by mail'"
    assert (said in done.steps[0].note) == (risk == "reversible")


def test_a_dry_run_finds_and_does_not_act(fake: FakeDriver, store: Store) -> None:
    done = replay(flow(tick(fake), fill(fake, "Name", "Ada")), {}, there(fake, store), dry=True)
    assert (done.outcome, [trod.stage for trod in done.steps]) == ("pass", ["found", "found"])
    assert replay(flow(tick(fake), lost(fake)), {}, there(fake, store), dry=True).outcome == "unknown"
    assert fake.world.settings == FakeWorld().settings


def test_what_was_renamed_is_found_and_mended(fake: FakeDriver, store: Store) -> None:
    old = tick(fake)
    assert old.target is not None
    renamed = (Locator("testid", "notify-2"), *old.target.locators[1:])
    done = replay(flow(replace(old, target=replace(old.target, locators=renamed)), effects=(QUIET,)), {},
                  there(fake, store))  # fmt: skip
    assert done.outcome == "pass"
    assert done.healed is not None
    (mended,) = done.healed.steps
    assert isinstance(mended, Act)
    assert mended.target == old.target
    assert replace(mended, target=None) == replace(old, target=None)
    assert done.healed.effects == (QUIET,)


# ------------------------------------------------------------------------------------------------ secrets


def test_a_secret_reaches_the_field_and_no_record(fake: FakeDriver, tmp_path: Path) -> None:
    steps = (fill(fake, "Password", "${pass}"), fill(fake, "Name", "${pass}"), tick(fake))
    with Store(tmp_path / "record.db") as store:
        asked: list[str] = []
        given = there(fake, store, secrets=lambda name: asked.append(name) or SECRET)  # type: ignore[func-returns-value]
        done = replay(flow(*steps, params=(Param("pass", "secret"),)), {"pass": "bank"}, given)
        assert (done.outcome, asked) == ("pass", ["bank"])
        assert fake.world.settings["name"] == SECRET
        assert all(step.seen.frame is None for step in store.run(done.run).steps[-1:])
        assert MASK in {e.value for step in store.run(done.run).steps for e in step.seen.elements}
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in kept


def test_a_secret_that_is_not_there_is_told_before_anything_is_done(fake: FakeDriver, store: Store) -> None:
    steps = (tick(fake), fill(fake, "Password", seal("bank")))
    with pytest.raises(UsageError, match="bank"):
        replay(flow(*steps), {}, there(fake, store))
    assert fake.world.settings["notify"] == "true"


def test_no_message_tells_a_secret(fake: FakeDriver) -> None:
    driver = Sealed(fake, {"bank": SECRET})
    field = named("textbox", "Name")(fake.observe())
    driver.act(Fill(field, seal("bank")))
    assert named("textbox", "Name")(driver.observe()).value == MASK
    assert driver.masked(f"could not type {SECRET}!") == f"could not type {MASK}!"
    assert HIDDEN != MASK


# ------------------------------------------------------------------------------------------------ deliveries


def test_a_delivery_that_passed_is_not_done_again(fake: FakeDriver, store: Store) -> None:
    work = flow(tick(fake), effects=(QUIET,))
    first = replay(work, {}, there(fake, store), key="order-1")
    second = replay(work, {}, there(fake, store), key="order-1")
    assert (second.outcome, second.proof, second.repeated, second.run) == ("pass", "world", True, first.run)
    assert fake.world.settings["notify"] == "false"
    with pytest.raises(UsageError, match="order-1"):
        replay(replace(work, name="another"), {}, there(fake, store), key="order-1")


def test_a_delivery_is_refused_where_earlier_ones_are_lost_with_a_damaged_record(
    fake: FakeDriver, cua_home: Path
) -> None:
    work = flow(tick(fake), effects=(QUIET,))
    with app.record() as store:
        assert replay(work, {}, there(fake, store), key="order-1").outcome == "pass"
    paths().record.write_bytes(b"not a database any more" * 200)
    with pytest.raises(RecordError, match=r"set aside as .*nothing else was done"), app.record():
        pass
    with app.record() as store:
        with pytest.raises(UsageError, match="whether 'order-1' was done") as refused:
            replay(work, {}, there(fake, store), key="order-1")
        assert replay(work, {}, there(fake, store)).outcome == "pass"
        for lost in store.set_aside():
            assert str(lost) in str(refused.value)
            lost.unlink()
        assert replay(work, {}, there(fake, store), key="order-1").outcome == "pass"


def test_a_delivery_with_an_unknown_end_is_not_done_again(fake: FakeDriver, store: Store) -> None:
    work = flow(save(fake, Expect("shows", "alert", "Saved", seconds=0.0)))
    first = replay(work, {}, there(fake, store), key="k")
    second = replay(work, {}, there(fake, store), key="k")
    assert (first.outcome, second.outcome, second.repeated, second.known) == ("unknown", "unknown", True, False)


def test_a_delivery_that_did_nothing_may_be_tried_again(fake: FakeDriver, store: Store) -> None:
    work = flow(replace(tick(fake), expect=(Expect("shows", "alert", "Done", seconds=0.0),)))
    assert replay(work, {}, there(fake, store), key="k").outcome == "fail"
    assert not replay(work, {}, there(fake, store), key="k").repeated


def test_a_person_can_stop_it(fake: FakeDriver, store: Store) -> None:
    stop = threading.Event()
    stop.set()
    done = replay(flow(tick(fake)), {}, there(fake, store, stop=stop))
    assert done.outcome == "refused"
    assert fake.world.settings["notify"] == "true"


KILLED = """
import os, signal, sys
from pathlib import Path
from cua.memory.store import Store
from cua.replaying import There, replay
from drivers.fake import FakeDriver
from tests.test_replay import flow, save, tick

class Killed:
    def __init__(self, driver):
        self.driver, self.observe, self.close = driver, driver.observe, driver.close
    def act(self, action):
        effect = self.driver.act(action)
        if getattr(getattr(action, "target", None), "name", "") == "Save":
            os.kill(os.getpid(), signal.SIGKILL)
        return effect

fake = FakeDriver()
with Store(Path(sys.argv[1])) as store:
    replay(flow(tick(fake), save(fake), tick(fake)), {}, There(Killed(fake), fake.world, store), key="k")
"""


def test_a_killed_replay_tells_which_act_was_begun_and_is_not_repeated(fake: FakeDriver, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "record.db")], cwd=HERE.parents[1], check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    with Store(tmp_path / "record.db") as store:
        (run,) = store.runs()
        assert run.stopped == "interrupted"
        found = standing(store, run.id)
        assert found is not None
        assert (found.last, found.known) == ("step save", False)
        again = replay(flow(tick(fake), save(fake), tick(fake)), {}, there(fake, store), key="k")
        assert (again.outcome, again.repeated, again.run) == ("unknown", True, run.id)
    assert fake.world.settings["notify"] == "true"


# ------------------------------------------------------------------------------------------------ pages


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with browsing(brisk=True) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path / "desk") as made:
        yield made


def ordering(desk: Desk, web: Web) -> Workflow:
    """The workflow of an order, shown with other values than it is replayed with."""
    lines = [opening(f"{desk.url}/order", Expect("shows", "heading", "New order"))]
    lines += [filling(name.capitalize(), f"${{{name}}}") for name in FIELDS]
    saved = Expect("shows", "status", "Order for ${customer} saved")
    lines.append(clicking("button", "Save order", saved, risk="irreversible"))
    workflow = shown("order", web, lines, {"customer": "Ada", "item": "Lamp", "quantity": "1", "note": "soon"})
    row = {name: f"${{{name}}}" for name in FIELDS}
    desk.reset()
    return replace(
        workflow, effects=(RowsChanged("sqlite:desk.db", "SELECT * FROM orders", key=("id",), added=(row,)),)
    )


ORDER = {"customer": "Grace Hopper", "item": "Chair", "quantity": "12", "note": "blue, please"}


def on(web: Web, desk: Desk, store: Store) -> There:
    return There(web, LocalWorld(web, desk.folder), store)


def test_a_page_flow_is_proven_by_its_database(desk: Desk, web: Web, store: Store) -> None:
    workflow = ordering(desk, web)
    done = replay(workflow, ORDER, on(web, desk, store))
    assert (done.outcome, done.proof, done.healed) == ("pass", "independent", None)
    assert [{name: str(row[name]) for name in FIELDS} for row in desk.rows("orders")] == [ORDER]


def test_the_steps_of_a_brisk_replay_have_pictures(desk: Desk, web: Web, store: Store) -> None:
    run = store.run(replay(ordering(desk, web), ORDER, on(web, desk, store)).run)
    store.flush()
    shas = [step.seen.frame.sha for step in run.steps[1:] if step.seen.frame]
    assert run.last is not None
    assert run.last.frame is not None
    for sha in {*shas, run.last.frame.sha}:
        assert store.frame_png(sha).startswith(b"\x89PNG")


def test_a_window_of_another_size_makes_no_difference(desk: Desk, web: Web, store: Store) -> None:
    workflow = ordering(desk, web)
    page = web._browser.page
    page.set_viewport_size({"width": 700, "height": 260})
    try:
        assert replay(workflow, ORDER, on(web, desk, store)).outcome == "pass"
    finally:
        page.set_viewport_size({"width": 1280, "height": 800})


def test_another_origin_is_not_acted_on_though_it_looks_the_same(
    desk: Desk, web: Web, store: Store, tmp_path: Path
) -> None:
    workflow = ordering(desk, web)
    with Desk(tmp_path / "other") as other:
        web.act(Open(f"{other.url}/order"))
        done = replay(replace(workflow, steps=workflow.steps[1:]), ORDER, on(web, desk, store))
        assert (done.outcome, other.rows("orders")) == ("refused", [])
        opened = replace(workflow, steps=(Act("1", "open", text=f"{other.url}/order"), *workflow.steps[1:]))
        done = replay(opened, ORDER, on(web, desk, store))
        assert (done.outcome, other.rows("orders"), desk.rows("orders")) == ("refused", [], [])


LATE = """<title>Late</title><div id=here></div><button disabled onclick="said.textContent='Sent'">Send</button>
<p role=status id=said></p><script>
setTimeout(() => { here.innerHTML = "<label>Name <input></label>"; }, 300);
setTimeout(() => { document.querySelector("button").disabled = false; }, 700);
</script>"""


def test_what_is_drawn_or_enabled_late_is_waited_for(web: Web, store: Store, tmp_path: Path) -> None:
    (tmp_path / "late.html").write_text(LATE)
    url = (tmp_path / "late.html").as_uri()
    web.act(Open(url))
    now = awaited(web.observe, "the field", lambda now: any(e.role == "textbox" for e in now.elements))
    name, send = (mark_of(named(*each)(now), now) for each in (("textbox", "Name"), ("button", "Send")))
    steps = (
        Act("1", "open", text=url),
        Act("2", "fill", name, text="Ada", expect=(Expect("holds", "textbox", "Name", "Ada"),)),
        Act("3", "click", send, risk="irreversible", expect=(Expect("shows", "status", "Sent"),)),
    )
    done = replay(Workflow("late", "web", steps), {}, There(web, LocalWorld(web, tmp_path), store))
    assert (done.outcome, done.proof) == ("pass", "screen")


def test_a_page_that_is_loaded_again_tells_what_the_server_has(desk: Desk, web: Web, store: Store) -> None:
    workflow = ordering(desk, web)
    world = LocalWorld(web, desk.folder)
    web.act(Open(f"{desk.url}/orders"))
    cell = ElementHolds("cell", "Grace Hopper", "Grace Hopper", reload=True)
    assert cell.test(world).holds is False
    desk.run("INSERT INTO orders (customer, item, quantity, note) VALUES ('Grace Hopper', 'Chair', 1, '')")
    assert replace(cell, reload=False).test(world).holds is False
    assert cell.test(world).holds is True
    assert workflow.origins == (desk.url,)


def test_a_row_is_told_by_what_stands_in_it(desk: Desk, web: Web, store: Store) -> None:
    lines = [
        opening(f"{desk.url}/customers", Expect("shows", "heading", "Customers")),
        clicking("link", "Edit", Expect("shows", "heading", "Grace Hopper"), row="Grace Hopper"),
        filling("Phone", "${phone}"),
        clicking("button", "Save customer", Expect("shows", "status", "Saved 2"), risk="irreversible"),
    ]
    workflow = shown("phone", web, lines, {"phone": "1"})
    desk.reset()
    desk.run("INSERT INTO customers SELECT 0, 'Alan Turing', '9', 'Leeds', 'basic', 1")  # a row before all others
    done = replay(workflow, {"phone": "77"}, on(web, desk, store))
    assert done.outcome == "pass"
    assert {row["name"]: row["phone"] for row in desk.rows("customers")}["Grace Hopper"] == "77"
    desk.run("DELETE FROM customers WHERE name = 'Grace Hopper'")
    before = desk.rows("customers")
    assert replay(workflow, {"phone": "88"}, on(web, desk, store)).outcome == "refused"
    assert desk.rows("customers") == before


def test_a_form_whose_fields_are_called_id_and_name_is_read(web: Web) -> None:
    page = "<form aria-label=Ask><input type=hidden name=id><input name=name><button>Delete</button></form>"
    web.act(Open(f"data:text/html,{page}"))
    seen = web.observe(frame=False)
    assert "Delete" in [element.name for element in seen.elements]
    assert all(isinstance(at.value, str) for element in seen.elements for at in element.locators)


@pytest.mark.parametrize(
    ("then", "value", "vacuous"),
    [(0, "Ada", False), (1, "Ada", True), (2, "Ada", True), (1, "", True)],
    ids=["new", "as often", "more often", "empty"],
)
def test_a_value_that_showed_before_the_act_proves_nothing(then: int, value: str, vacuous: bool) -> None:
    raw = Expect("shows", "cell", "${name}")
    past = {"People": look("window People\n" + "  cell Ada\n" * then)}
    now = look("window People\n  cell Ada\n")
    assert shown_before(raw, filled_expect(raw, {"name": value}), past, now) is vacuous
    assert not shown_before(Expect("shows", "cell", "Ada"), Expect("shows", "cell", "Ada"), past, now)
