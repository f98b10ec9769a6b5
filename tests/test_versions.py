"""Workflows in the record: one active version at any time, candidates that must earn their place, and a way back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cua import codec
from cua.checks import FileHolds
from cua.core import Locator, Outcome
from cua.errors import NewerRecord, RecordError, RefusedError, UsageError
from cua.memory import versions
from cua.memory.store import Store
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Workflow

ADD = Act("add", "fill", Mark("textbox", "Name"), text="${rows.name}")
SAVED = Expect("shows", "status", "Saved")
SAVE = Mark("button", "Save", (Locator("testid", "save"), Locator("role", "button:Save")), path=("Bill",))
DELETE = Mark("button", "Delete", (Locator("role", "button:Delete"),), row=("${who}",), near=("${who}",), nth=1, of=3)


def flow(name: str = "bill", *, save: Mark = SAVE, remove: Mark = DELETE) -> Workflow:
    loop = Each("all", "rows", (ADD,))
    banner = IfPresent("banner", Mark("button", "Accept"), (Act("accept", "click", Mark("button", "Accept")),))
    steps = (
        loop,
        banner,
        Act("remove", "click", remove, risk="irreversible"),
        Act("s", "click", save, expect=(SAVED,)),
    )
    params = (Param("who", default="Ada"), Param("rows", "rows", default="people.csv"), Param("password", "secret"))
    effects = (FileHolds("~/bill.txt", "${who}"),)
    return Workflow(name, "web", steps, origins=("http://127.0.0.1:1",), params=params, effects=effects)


def healed(name: str = "bill", where: str = "store") -> Workflow:
    mark = replace(SAVE, locators=(Locator("testid", where), *SAVE.locators[1:]))
    return replace(flow(name, save=mark), healed=(f"s: testid {where}",))


def statuses(store: Store, name: str = "bill") -> dict[int, str]:
    return {each.number: each.status for each in versions.history(store, name)}


# ---------------------------------------------------------------------------------------------- keep and load


def test_what_is_kept_loads_as_it_was(store: Store) -> None:
    assert versions.keep(store, flow()) == flow()
    assert versions.load(store, "bill") == flow()


def test_a_workflow_that_is_damaged_is_told_with_the_way_out_and_hides_no_other(store: Store) -> None:
    versions.keep(store, flow("good"))
    versions.keep(store, flow())
    for body in ('{"did": "ke', "[1]", '{"did": "kept", "workflow": {"format": 1}}', '"x"'):
        rows = sqlite3.connect(store.path)
        rows.execute("UPDATE documents SET body = ? WHERE id = 'bill' AND body IS NOT NULL", (body,))
        rows.commit()
        rows.close()
        with pytest.raises(RecordError, match=r"workflow 'bill'.*is damaged.*cua workflows rm bill"):
            versions.load(store, "bill")
        assert set(versions.load_all(store)) == {"good"}
        assert set(versions.unreadable(store)) == {"bill"}
        versions.delete(store, "bill")
        assert versions.unreadable(store) == {}
        versions.keep(store, flow())
        assert versions.load(store, "bill").steps == flow().steps


def test_a_workflow_kept_again_is_a_new_version_and_the_one_before_is_superseded(store: Store) -> None:
    versions.keep(store, flow())
    edited = versions.keep(store, replace(flow(), goal="send the bill"))
    assert edited.version == 2
    assert versions.load(store, "bill").goal == "send the bill"
    assert versions.load(store, "bill", 1).goal == ""
    assert statuses(store) == {1: "superseded", 2: "active"}


def test_keeping_what_is_active_changes_nothing(store: Store) -> None:
    versions.keep(store, flow())
    assert versions.keep(store, flow()).version == 1
    assert len(versions.history(store, "bill")) == 1


def test_a_name_that_is_not_there_is_told_with_close_ones(store: Store) -> None:
    for name in ("send bill", "send letter", "water plants"):
        versions.keep(store, flow(name))
    with pytest.raises(UsageError, match=r"'send bil'; close: send bill"):
        versions.load(store, "send bil")
    with pytest.raises(UsageError, match="no version 7; it has: 1"):
        versions.load(store, "send bill", 7)


def test_all_are_their_active_versions(store: Store) -> None:
    versions.keep(store, flow("a"))
    versions.keep(store, flow("b"))
    versions.keep(store, replace(flow("b"), goal="g"))
    versions.candidate(store, healed("a"))
    assert {name: each.version for name, each in versions.load_all(store).items()} == {"a": 1, "b": 2}


def test_a_deleted_one_is_gone_and_may_be_kept_again_under_a_new_number(store: Store) -> None:
    versions.keep(store, flow())
    versions.cleared(store, "bill", 1, "r1", "pass")
    versions.delete(store, "bill")
    assert versions.load_all(store) == {}
    with pytest.raises(UsageError):
        versions.history(store, "bill")
    with pytest.raises(UsageError):
        versions.delete(store, "bill")
    assert versions.keep(store, flow()).version == 2
    assert [each.replays for each in versions.history(store, "bill")] == [0]


def test_a_workflow_of_a_later_cua_is_left_alone(store: Store) -> None:
    later = {**codec.save(flow()), "format": 99, "tint": "blue"}
    store.put("workflow", "bill", {"did": "kept", "workflow": later})
    with pytest.raises(NewerRecord, match="format 99"):
        versions.load(store, "bill")


# ---------------------------------------------------------------------------------------------- healing


def test_a_healed_one_is_a_candidate_and_the_active_one_stays(store: Store) -> None:
    versions.keep(store, flow())
    assert versions.candidate(store, healed()).version == 2
    assert versions.load(store, "bill") == flow()
    assert versions.load(store, "bill", 2) == replace(healed(), version=2)
    assert statuses(store) == {1: "active", 2: "candidate"}
    assert versions.history(store, "bill")[1].changed == ("s: testid store",)


def test_the_same_candidate_is_kept_once(store: Store) -> None:
    versions.keep(store, flow())
    assert [versions.candidate(store, healed()).version for _ in range(3)] == [2, 2, 2]
    assert versions.candidate(store, replace(flow(), healed=("nothing really",))).version == 1
    assert versions.candidate(store, healed(where="depot")).version == 3


def test_a_candidate_needs_a_clean_replay_to_be_promoted(store: Store) -> None:
    versions.keep(store, flow())
    versions.candidate(store, healed())
    with pytest.raises(RefusedError, match=r"never replayed; first run: cua replay bill --version 2"):
        versions.promote(store, "bill", 2)
    versions.cleared(store, "bill", 1, "r0", "pass")
    versions.cleared(store, "bill", 2, "r1", "unknown")
    with pytest.raises(RefusedError, match=r"its last replay \(r1\) ended unknown"):
        versions.promote(store, "bill", 2)
    versions.cleared(store, "bill", 2, "r2", "pass")
    assert versions.promote(store, "bill", 2).version == 2
    assert statuses(store) == {1: "superseded", 2: "active"}
    assert versions.promote(store, "bill", 2).version == 2, "twice is fine"


def test_a_failure_after_a_pass_takes_the_pass_away(store: Store) -> None:
    versions.keep(store, flow())
    versions.candidate(store, healed())
    versions.cleared(store, "bill", 2, "r1", "pass")
    versions.cleared(store, "bill", 2, "r2", "fail")
    with pytest.raises(RefusedError, match="ended fail"):
        versions.promote(store, "bill", 2)


def test_a_candidate_is_refused_when_the_active_version_changed_under_it(store: Store) -> None:
    versions.keep(store, flow())
    versions.candidate(store, healed())
    versions.cleared(store, "bill", 2, "r1", "pass")
    versions.keep(store, replace(flow(), goal="edited"))
    with pytest.raises(RefusedError, match="mends version 1, and version 3 is active now"):
        versions.promote(store, "bill", 2)
    assert statuses(store) == {1: "superseded", 2: "superseded", 3: "active"}


def test_an_older_version_is_no_candidate(store: Store) -> None:
    versions.keep(store, flow())
    versions.keep(store, replace(flow(), goal="g"))
    versions.cleared(store, "bill", 1, "r", "pass")
    with pytest.raises(RefusedError, match="roll back to it instead"):
        versions.promote(store, "bill", 1)


def test_rolling_back_goes_one_version_back_at_a_time_and_keeps_both_in_the_history(store: Store) -> None:
    versions.keep(store, flow())
    versions.keep(store, replace(flow(), goal="g"))
    versions.candidate(store, replace(healed(), goal="g"))
    versions.cleared(store, "bill", 3, "r1", "pass")
    versions.promote(store, "bill", 3)
    assert versions.rollback(store, "bill").version == 2
    assert statuses(store) == {1: "superseded", 2: "active", 3: "rolled back"}
    assert versions.rollback(store, "bill").version == 1
    assert statuses(store) == {1: "active", 2: "rolled back", 3: "rolled back"}
    with pytest.raises(RefusedError, match="the first that was active"):
        versions.rollback(store, "bill")


def test_what_a_person_rolled_back_does_not_come_again_by_itself(store: Store) -> None:
    versions.keep(store, flow())
    versions.candidate(store, healed())
    versions.cleared(store, "bill", 2, "r1", "pass")
    versions.promote(store, "bill", 2)
    versions.rollback(store, "bill")
    assert versions.candidate(store, healed()).version == 2
    assert statuses(store) == {1: "active", 2: "rolled back"}
    versions.cleared(store, "bill", 2, "r2", "fail")
    with pytest.raises(RefusedError, match="has no clean replay"):
        versions.promote(store, "bill", 2)
    versions.cleared(store, "bill", 2, "r3", "pass")
    assert versions.promote(store, "bill", 2).version == 2


def test_a_rollback_can_be_taken_back_by_a_person(store: Store) -> None:
    versions.keep(store, flow())
    versions.keep(store, replace(flow(), goal="g"))
    versions.keep(store, replace(flow(), goal="h"))
    versions.rollback(store, "bill")
    versions.rollback(store, "bill")
    assert versions.promote(store, "bill", 3).goal == "h"
    assert statuses(store) == {1: "superseded", 2: "rolled back", 3: "active"}
    assert versions.rollback(store, "bill").version == 1
    assert statuses(store) == {1: "active", 2: "rolled back", 3: "rolled back"}
    assert versions.promote(store, "bill", 2).version == 2


@pytest.mark.parametrize(
    ("weaker", "said"),
    [
        (replace(healed(), effects=()), "other effects"),
        (replace(healed(), origins=("http://127.0.0.1:1", "http://elsewhere")), "other origins"),
        (replace(healed(), allowed=("file:*",)), "other allowed"),
        (replace(healed(), params=flow().params[:2]), "other params"),
        (replace(healed(), steps=flow().steps[:3]), "5 steps, not 6"),
        (replace(healed(), steps=(*flow().steps[:3], Act("s", "click", SAVE))), "step 's'"),
        (
            replace(healed(), steps=(*flow().steps[:2], Act("remove", "click", DELETE), flow().steps[3])),
            "step 'remove'",
        ),
        (replace(healed(), steps=(Each("all", "who", (ADD,)), *flow().steps[1:])), "step 'all'"),
        (replace(healed(), steps=(*flow().steps[:3], Act("s", "click", expect=(SAVED,)))), "gained or lost a target"),
        (flow(remove=replace(DELETE, row=())), "no row to be told by"),
        (flow(remove=replace(DELETE, row=("Ada",))), r"row of the healed target no longer depends on \$\{who\}"),
        (flow(save=replace(SAVE, path=())), "no path"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_healing_never_asks_for_less(store: Store, weaker: Workflow, said: str) -> None:
    versions.keep(store, flow())
    with pytest.raises(UsageError, match=said):
        versions.candidate(store, weaker)
    assert statuses(store) == {1: "active"}


def test_a_locator_that_hung_on_a_value_still_does_after_healing(store: Store) -> None:
    slotted = replace(SAVE, locators=(Locator("testid", "save-${who}"),))
    versions.keep(store, flow(save=slotted))
    with pytest.raises(UsageError, match="locator testid no longer depends on a value"):
        versions.candidate(store, flow(save=replace(SAVE, locators=(Locator("testid", "save-Ada"),))))
    versions.candidate(store, flow(save=replace(SAVE, locators=(Locator("testid", "store-${who}"),))))


# ---------------------------------------------------------------------------------------------- what was replayed


def test_each_version_counts_its_own_replays(store: Store) -> None:
    versions.keep(store, flow())
    versions.candidate(store, healed())
    outcomes: list[tuple[int, str, Outcome]] = [
        (1, "r1", "pass"),
        (1, "r2", "fail"),
        (2, "r3", "pass"),
        (1, "r4", "unknown"),
    ]
    for version, run, outcome in outcomes:
        versions.cleared(store, "bill", version, run, outcome)
    first, second = versions.history(store, "bill")
    assert (first.replays, first.passes, first.last, first.last_run) == (3, 1, "unknown", "r4")
    assert (second.replays, second.passes, second.last, second.last_run) == (1, 1, "pass", "r3")
    assert first.last_pass is not None
    assert second.last_pass is not None
    assert first.time <= first.last_pass <= second.last_pass


def test_a_run_counts_once_however_often_it_is_told(store: Store) -> None:
    versions.keep(store, flow())
    outcomes: list[Outcome] = ["unknown", "pass", "pass"]
    for outcome in outcomes:
        versions.cleared(store, "bill", 1, "r1", outcome)
    (only,) = versions.history(store, "bill")
    assert (only.replays, only.passes) == (1, 1)


def test_only_a_version_that_is_there_can_be_cleared(store: Store) -> None:
    versions.keep(store, flow())
    with pytest.raises(UsageError, match="no version 2"):
        versions.cleared(store, "bill", 2, "r1", "pass")


# ---------------------------------------------------------------------------------------------- at the same time


def test_two_programs_at_once_leave_one_active_version(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    with Store(path) as store:
        versions.keep(store, flow())
        for where in "abcdef":
            number = versions.candidate(store, healed(where=where)).version
            versions.cleared(store, "bill", number, where, "pass")

    def work(number: int) -> str:
        with Store(path) as mine:
            try:
                return f"took {versions.promote(mine, 'bill', number).version}"
            except RefusedError:
                return "refused"

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(work, range(2, 8)))
    with Store(path) as store:
        assert list(statuses(store).values()).count("active") == 1
        winner = versions.load(store, "bill").version
        assert said.count(f"took {winner}") == 1
        assert said.count("refused") == 5
        assert versions.rollback(store, "bill").version == 1


HAND = """
import sys
from pathlib import Path
from cua.memory import versions
from cua.memory.store import Store
from tests.test_versions import flow, healed
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(100000):
    versions.keep(store, flow())
    number = versions.candidate(store, healed(where=f"w{n}")).version
    versions.cleared(store, "bill", number, f"r{n}", "pass")
    versions.promote(store, "bill", number)
    versions.rollback(store, "bill")
    print(n, flush=True)
"""


def test_a_kill_at_any_moment_leaves_exactly_one_active_version(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    for rounds in range(1, 5):
        hand = subprocess.Popen(
            [sys.executable, "-c", HAND, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
        )
        assert hand.stdout is not None
        for _ in range(rounds + 1):
            hand.stdout.readline()
        os.kill(hand.pid, signal.SIGKILL)
        hand.stdout.close()
        hand.wait()
        with Store(path) as store:
            assert list(statuses(store).values()).count("active") == 1
            assert versions.load(store, "bill").name == "bill"
