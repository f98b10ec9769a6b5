"""Groups of runs of one task with rewards: prompts for the trainer, and whole runs as conversations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cua.core import Click
from cua.exporting.lessons import UNSAYABLE
from tests.exports import WRAP, call, click, element, fill, named, read_back, recorded, rows

RIGHT = (click("View"), click("Word wrap"))


def test_each_task_is_a_group_and_each_run_a_row_with_its_reward(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = [record.tried(WRAP, *RIGHT), record.tried(WRAP, click("View")), record.tried(WRAP, *RIGHT)]
        name = record.tried(named("Ada"), fill("Name", "Ada"))
        told = record.exported("grpo", tmp_path / "out")
    prompts, runs = (rows(tmp_path / "out" / name) for name in ("grpo.jsonl", "grpo_completions.jsonl"))
    assert told.rows == {"grpo.jsonl": 2, "grpo_completions.jsonl": 4}
    counted = {row["task"]: (row["passed"], row["failed"], row["group"]) for row in prompts}
    assert counted["wrap"][:2] == (2, 1)
    assert counted["name"][:2] == (1, 0)
    rewards = {row["run"]: (row["reward"], row["group"]) for row in runs}
    assert [rewards[run.id] for run in done] == [(reward, counted["wrap"][2]) for reward in (1.0, 0.0, 1.0)]
    assert rewards[name.id] == (1.0, counted["name"][2])
    assert told.notes == {"groups in which all came out alike, which teach nothing by comparison": 1}
    for row in (*prompts, *runs):
        assert [message["role"] for message in row["prompt"]] == ["system", "user"]


def test_a_completion_is_the_whole_run_turn_by_turn(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        done = record.tried(WRAP, *RIGHT)
        record.exported("grpo", tmp_path / "out")
    (row,) = rows(tmp_path / "out" / "grpo_completions.jsonl")
    said = row["completion"]
    assert [message["role"] for message in said] == ["assistant", "tool", "assistant", "tool", "assistant"]
    for at, step in enumerate(done.steps):
        assert read_back(said[2 * at], done, at) == (step.action,)
    assert call(said[-1]) == ("done", {"claim": done.reason})
    assert said[1]["name"] == "click"
    assert '"Word wrap"' in said[1]["content"]


def test_what_nobody_knows_is_left_out_and_counted(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, *RIGHT, outcome="unknown")
        record.tried(WRAP, *RIGHT, outcome="refused")
        told = record.exported("grpo", tmp_path / "out")
    assert (told.runs, told.rows["grpo_completions.jsonl"]) == (1, 1)
    assert told.skipped == {"of unknown outcome": 1, "refused": 1}


def test_the_same_words_with_other_parameters_are_another_task(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        for mood in ("calm", "brisk"):
            record.tried(replace(WRAP, params={"mood": mood}), *RIGHT)
        told = record.exported("grpo", tmp_path / "out")
    assert told.rows["grpo.jsonl"] == 2
    assert ["mood: calm" in row["prompt"][1]["content"] for row in rows(tmp_path / "out" / "grpo.jsonl")] == [
        True, False
    ]  # fmt: skip


def test_a_run_with_an_act_that_cannot_be_said_has_no_hole_but_is_left_out(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, *RIGHT, lambda now: Click(element(now, "Save"), keys=("hyper",)), outcome="fail")
        told = record.exported("grpo", tmp_path / "out")
    assert told.skipped == {f"with an act that is {UNSAYABLE}": 1}
