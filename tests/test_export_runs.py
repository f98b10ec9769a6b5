"""`cua runs export` as a person meets it: which runs, what came of it, what went wrong, and how much room it takes."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from cua.core import Press, Run, Verdict
from cua.errors import TroubleError, UsageError
from cua.exporting.chosen import Wanted
from cua.exporting.export import Form, export
from cua.exporting.folder import written
from tests.exports import WRAP, Record, click, fill, named, recorded, rows

RIGHT = (click("View"), click("Word wrap"))


def cua(home: Path, *words: object) -> tuple[int, str, str]:
    """The command: its exit code, what it printed, what it said on the side."""
    command = [sys.executable, "-c", "from cua.cli import main; main()", "runs", "export", *map(str, words)]
    environment = os.environ | {"CUA_HOME": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of cua with four runs: two passed, one failed, one of which nobody knows."""
    place = tmp_path / "home"
    with recorded(place / "data") as record:
        record.tried(WRAP, *RIGHT)
        record.tried(WRAP, click("View"))
        record.tried(named("Ada"), fill("Name", "Ada"))
        record.tried(WRAP, *RIGHT, outcome="unknown")
    return place


def test_it_says_what_it_wrote_and_what_it_left_out(home: Path, tmp_path: Path) -> None:
    code, said, _ = cua(home, "--all", "--to", "sft", "--out", tmp_path / "out")
    assert code == 0
    assert said.splitlines() == [
        f"5 rows: {tmp_path / 'out'}/sft.jsonl",
        "from 2 runs",
        "left out: 2 runs (1 failed, 1 of unknown outcome)",
    ]
    assert len(rows(tmp_path / "out" / "sft.jsonl")) == 5


def test_with_json_it_is_one_object(home: Path, tmp_path: Path) -> None:
    code, said, _ = cua(home, "--task", "wrap", "--to", "grpo", "--out", tmp_path / "out", "--json")
    (line,) = said.splitlines()
    told = json.loads(line)
    assert (code, told["outcome"], told["form"], told["runs"]) == (0, "pass", "grpo", 2)
    assert told["rows"] == {"grpo_completions.jsonl": 2, "grpo.jsonl": 1}
    assert told["skipped"] == {"of unknown outcome": 1}


@pytest.mark.parametrize(
    ("wanted", "form", "told"),
    [
        (Wanted(), "sft", "say which runs in one way: name them, or --task ID, or --all"),
        (Wanted(task="wrap", everything=True), "sft", "say which runs in one way"),
        (Wanted(("nosuch",)), "sft", "no run 'nosuch'"),
        (Wanted(task="nosuch"), "traj", "there is no run of the task 'nosuch' to export"),
    ],
)
def test_what_is_wrong_is_said_with_the_next_step(tmp_path: Path, wanted: Wanted, form: Form, told: str) -> None:
    with recorded(tmp_path) as record:
        record.tried(named("Ada"), fill("Name", "Ada"))
        with pytest.raises(UsageError, match=told):
            record.exported(form, tmp_path / "out", wanted)
    assert not (tmp_path / "out").exists()


def test_a_form_that_there_is_not_is_said(tmp_path: Path) -> None:
    code, _, wrong = cua(tmp_path, "--all", "--to", "csv", "--out", tmp_path / "out")
    assert (code, "is not one of 'traj', 'sft', 'dpo', 'grpo'" in wrong, len(wrong.splitlines())) == (2, True, 1)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        with pytest.raises(UsageError, match="is there already; name another folder"):
            record.exported("sft", tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        with pytest.raises(TroubleError, match=r"cannot write .*; make room there, or name another place"):
            record.exported("sft", tmp_path / "file" / "out")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: writing fails in the middle, in a process of its own."""
    with recorded(tmp_path / "home" / "data") as record:
        copies(record, record.tried(WRAP, *RIGHT), 60, "wrap")
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (500000, 500000)); from cua.cli import main; main()"
    environment = os.environ | {"CUA_HOME": str(tmp_path / "home")}
    argv = [sys.executable, "-c", limited, "runs", "export", "--all", "--to", "sft", "--out", str(tmp_path / "out")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert (done.returncode, "cannot write" in done.stderr) == (4, True)
    assert [file.name for file in tmp_path.iterdir()] == ["home"]


def test_what_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupted() -> None:
        with written(tmp_path / "out") as folder:
            folder.row("a.jsonl", {"a": 1})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_an_export_is_for_its_owner_only(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        record.tried(WRAP, *RIGHT)
        record.exported("sft", tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_a_damaged_run_is_counted_and_the_others_come_out(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        bad = record.tried(WRAP, *RIGHT)
        good = record.tried(WRAP, *RIGHT)
        with record.store._writing():
            record.store._db.execute("UPDATE steps SET action = '{' WHERE run_id = ?", (bad.id,))
        told = record.exported("sft", tmp_path / "out")
    assert (told.runs, told.skipped) == (1, {"that cannot be read from the record": 1})
    assert good.id != bad.id


def test_runs_come_out_oldest_first_and_each_once(tmp_path: Path) -> None:
    with recorded(tmp_path) as record:
        first, second = (record.tried(WRAP, *RIGHT).id for _ in range(2))
        told = record.exported("grpo", tmp_path / "out", Wanted((second, first, second)))
    assert told.runs == 2
    assert [row["run"] for row in rows(tmp_path / "out" / "grpo_completions.jsonl")] == [first, second]


def copies(record: Record, of: Run, count: int, task: str) -> None:
    """The same run so many times, each a run of its own."""
    for number in range(count):
        copy = replace(of, id=f"{task}-{number:05}", task=replace(of.task, id=task))
        record.store.begin(copy.id, copy.task)
        for at, step in enumerate(copy.steps):
            record.store.keep(copy.id, at, step)
        record.store.end(copy)
        record.store.verdict(copy.id, Verdict("fail" if number % 3 == 2 else "pass"))


@pytest.mark.parametrize("form", ["traj", "sft", "dpo", "grpo"])
def test_one_run_at_a_time_is_in_memory(tmp_path: Path, form: Form) -> None:
    there: list[int] = []

    def counted(_: str) -> None:
        there.append(sum(isinstance(found, Run) and found.id.startswith("many-") for found in gc.get_objects()))

    with recorded(tmp_path) as record:
        copies(record, record.tried(WRAP, click("View"), click("Clear…"), click("Clear"), *RIGHT), 12, "many")
        record.tried(replace(WRAP, id="many"), click("View"))  # so that there is a pair
        export(record.store, record.exchanges, Wanted(task="many"), form, tmp_path / "out", counted)
    assert len(there) >= 8
    assert max(there) <= 1


@pytest.mark.parametrize("form", get_args(Form))
def test_a_record_that_gives_nothing_is_no_wrong_request(tmp_path: Path, form: Form) -> None:
    """No run yet, and then one whose password cannot be hidden; each time nothing is left where it would be."""
    home, out = tmp_path / "home", tmp_path / "out"
    with recorded(home / "data"):
        pass
    code, said, _ = cua(home, "--all", "--to", form, "--out", out)
    assert (code, said) == (0, "nothing was written: there is no run yet; have something done first: cua do --help\n")
    with recorded(home / "data") as record:
        record.tried(WRAP, click("Password"), Press("h"), Press("i"))
    code, said, _ = cua(home, "--all", "--to", form, "--out", out)
    assert (code, said.startswith("nothing was written: the one run does not give anything for "), len(said)) == (
        0, True, len(said.splitlines()[0]) + 1
    )  # fmt: skip
    assert said.endswith("; see what there is: cua runs list\n")
    code, said, _ = cua(home, "--all", "--to", form, "--out", out, "--json")
    told = json.loads(said)
    assert (code, told["outcome"], told["rows"], told["runs"]) == (0, "pass", {}, 0)
    assert told["nothing"].startswith("nothing was written: ")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home"]


def test_a_folder_that_appears_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    def overtaken() -> None:
        with written(tmp_path / "out") as folder:
            folder.row("a.jsonl", {"a": 1})
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "theirs").write_text("x")

    with pytest.raises(TroubleError, match="cannot write"):
        overtaken()
    found: list[Any] = sorted(file.name for file in tmp_path.rglob("*"))
    assert found == ["out", "theirs"]
