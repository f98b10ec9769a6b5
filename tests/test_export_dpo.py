"""Preference pairs: the first wrong step of a failed run beside what a passed run did on the same screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cua.core import Press, Run, Wait
from cua.exporting.chosen import Wanted
from cua.exporting.preferences import NOT_WRONG, UNKNOWN
from tests.exports import WRAP, Act, call, click, fill, named, read_back, recorded, rows

RIGHT = (click("View"), click("Word wrap"))


def pair(out: Path) -> tuple[tuple[str, object], tuple[str, object]]:
    """The calls of the one pair: what was right, and what was wrong."""
    (row,) = rows(out / "dpo.jsonl")
    assert set(row) == {"prompt", "chosen", "rejected", "tools"}
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]
    ((chosen,), (rejected,)) = row["chosen"], row["rejected"]
    assert (chosen["role"], rejected["role"]) == ("assistant", "assistant")
    return call(chosen), call(rejected)


def element_in(out: Path, run: Run, at: int, which: str) -> object:
    (row,) = rows(out / "dpo.jsonl")
    (read,) = read_back(row[which][0], run, at)
    return getattr(getattr(read, "target", None), "name", "")


def test_the_first_wrong_step_stands_beside_the_right_one(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        bad = record.tried(WRAP, click("View"), click("Clear…"), click("Cancel"))
        told = record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert (chosen[0], rejected[0]) == ("click", "click")
    assert element_in(tmp_path / "out", bad, 1, "chosen") == "Word wrap"
    assert element_in(tmp_path / "out", bad, 1, "rejected") == "Clear…"
    assert "1. click menuitem" in rows(tmp_path / "out" / "dpo.jsonl")[0]["prompt"][1]["content"]
    assert (told.runs, told.skipped) == (1, {})


def test_saying_too_early_that_it_is_done_is_a_wrong_step(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        bad = record.tried(WRAP, click("View"))
        record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert rejected == ("done", {"claim": bad.reason})
    assert chosen[0] == "click"


def test_going_on_where_a_passed_run_was_done_is_a_wrong_step(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, *RIGHT, click("Notifications"))
        record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert chosen == ("done", {"claim": WRAP.goal})
    assert rejected[0] == "click"


def test_a_step_that_was_refused_or_did_nothing_is_wrong_where_another_one_worked(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, Press("Return"), click("View"))
        record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert (chosen[0], rejected) == ("click", ("press", {"keys": "Return"}))


def test_a_run_of_the_same_words_with_another_value_teaches_with_this_ones_value(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        for name in ("Ada", "Bob"):
            record.tried(named(name), fill("Name", name), click("Save"))
        bad = record.tried(named("Grace"), fill("Note", "Grace"), click("Save"))
        record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert chosen[1] == {"element": call(rows(tmp_path / "out" / "dpo.jsonl")[0]["chosen"][0])[1]["element"],
                         "text": "Grace"}  # fmt: skip
    assert element_in(tmp_path / "out", bad, 0, "chosen") == "Name"
    assert rejected[0] == "fill"


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ((fill("Note", "x"), click("View")), None),  # the first step is wrong already
        ((*RIGHT,), NOT_WRONG),
    ],
)
def test_a_failed_run_gives_a_pair_only_from_a_step_that_differs(
    tmp_path: Path, acts: tuple[Act, ...], why: str | None
) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, click("View"))  # so that there is a pair at all
        record.tried(WRAP, *acts, outcome="fail")
        told = record.exported("dpo", tmp_path / "out")
    assert told.rows == {"dpo.jsonl": 1 if why else 2}
    assert told.skipped == ({why: 1} if why else {})


def test_no_pair_from_a_screen_that_no_passed_run_had(tmp_path: Path) -> None:
    """Another task on the same program, and the same task where the note holds what no passed run ever saw."""
    other = replace(WRAP, goal="make the margins wider")
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(other, click("Save"), outcome="fail")
        assert f"(1 {UNKNOWN})" in record.exported("dpo", tmp_path / "out").nothing
    assert not (tmp_path / "out").exists()


def test_waiting_on_a_screen_that_no_passed_run_saw_is_no_reason_to_stop(tmp_path: Path) -> None:
    """The first look still has the dialog, which the passed runs never met."""
    driver_opened = (click("View"), click("Clear…"))
    with recorded(tmp_path) as record:
        record.tried(WRAP, *driver_opened, click("Cancel"), *RIGHT)
        record.tried(WRAP, Wait(0.1), *driver_opened, Wait(0.1), click("Clear"))
        record.exported("dpo", tmp_path / "out")
    chosen, rejected = pair(tmp_path / "out")
    assert chosen != rejected
    assert (chosen[0], rejected[0]) == ("click", "click")


def test_waiting_is_not_wrong(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        bad = record.tried(WRAP, Wait(0.1), click("View"), click("Clear…"))
        record.exported("dpo", tmp_path / "out")
    assert element_in(tmp_path / "out", bad, 2, "rejected") == "Clear…"


@pytest.mark.parametrize("outcome", ["unknown", "refused"])
def test_what_is_not_known_to_be_wrong_or_right_says_nothing(tmp_path: Path, outcome: str) -> None:
    with recorded(tmp_path) as record:
        good = record.tried(WRAP, *RIGHT)
        bad = record.tried(WRAP, click("View"))
        record.tried(WRAP, click("Notifications"), outcome=outcome)  # type: ignore[arg-type]
        told = record.exported("dpo", tmp_path / "out")
        assert "does not give anything for dpo" in record.exported("dpo", tmp_path / "none", Wanted((bad.id,))).nothing
        record.exported("dpo", tmp_path / "two", Wanted((bad.id, good.id)))
    assert (told.rows, sum(told.skipped.values())) == ({"dpo.jsonl": 1}, 1)


def test_only_the_pairs_are_left_in_the_folder(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, click("View"))
        record.exported("dpo", tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["dpo.jsonl"]
