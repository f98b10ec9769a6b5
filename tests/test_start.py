"""The commands a stranger meets first: ./bootstrap and the benches; and the ground that the tests stand on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as frame
from tests.bench import start
from tests.bench.rows import Row, as_json, as_line, heading
from tests.conftest import SESSION, end_process, started_with

ROOT = Path(__file__).parents[1]
QUICK = Row("import cua", "wall time", 1.25, "ms", "< 50", holds=True)
SLOW = Row("cua --help", "CPU time", 0.31, "s", "< 0.2", holds=False)
ABSENT = Row("a peer that could not be installed", "seconds a task", math.nan, "s", "< 1", holds=False)


def run(*argv: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [[], ["frobnicate"]])
def test_bootstrap_without_a_known_verb_says_how_it_is_used_and_does_nothing(
    arguments: list[str], tmp_path: Path
) -> None:
    done = run(str(ROOT / "bootstrap"), *arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(verb in done.stderr for verb in ("demo", "test", "bench"))
    assert list(tmp_path.iterdir()) == []


def test_bootstrap_is_asked_for_nothing_but_the_gates_by_ci() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#!")
    assert [line.split("&&")[-1].strip() for line in lines[1:]] == ["exec ./bootstrap test"]


def test_without_a_name_every_bench_is_listed_with_its_purpose() -> None:
    done = run(sys.executable, "-m", "tests.bench")
    assert done.returncode == 0
    listed = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert all(len(entry) == 2 for entry in listed), done.stdout
    assert {name for name, _ in listed} == set(frame.benches())


def test_an_unknown_bench_is_a_usage_error_that_names_the_known_ones() -> None:
    done = run(sys.executable, "-m", "tests.bench", "no_such_bench")
    assert done.returncode == 2
    assert "no_such_bench" in done.stderr
    assert "start" in done.stderr


def test_a_bench_refuses_an_argument_it_does_not_know() -> None:
    assert run(sys.executable, "-m", "tests.bench", "start", "--json", "sideways").returncode == 2


@pytest.mark.parametrize(("rows", "code"), [([QUICK], 0), ([QUICK, SLOW], 1), ([QUICK, ABSENT], 1), ([], 4)])
def test_a_bench_passes_only_if_every_bar_holds(rows: list[Row], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.show(rows, as_objects=True) == code
    assert len(capsys.readouterr().out.splitlines()) == len(rows)


@pytest.mark.parametrize("row", [QUICK, SLOW, ABSENT])
def test_a_row_is_one_line_of_standard_json_with_exactly_the_promised_keys(row: Row) -> None:
    read = json.loads(as_json(row), parse_constant=pytest.fail)
    assert list(read) == ["case", "metric", "value", "unit", "bar", "holds"]
    assert read["holds"] is row.holds


def test_the_columns_of_the_table_line_up() -> None:
    edge = heading().index("unit")
    assert {as_line(row)[edge:].split()[0] for row in (QUICK, SLOW, ABSENT)} == {"ms", "s"}


def test_a_figure_that_could_not_be_had_cannot_hold() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Row("x", "y", math.nan, "s", "< 1", holds=True)


def test_cpu_time_is_that_of_the_child_and_not_of_the_wait() -> None:
    idle = start.cpu_seconds([sys.executable, "-I", "-S", "-c", "import select; select.select([], [], [], 0.3)"])
    busy = start.cpu_seconds(
        [sys.executable, "-I", "-S", "-c", "import time\nwhile time.process_time() < 0.3:\n    pass"]
    )
    assert idle < busy


def test_a_process_left_to_init_is_found_with_the_test_that_started_it() -> None:
    # the mark of another session, so that only this test sees it
    variables = os.environ | {SESSION: "of this test alone"}
    left = ["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"]
    pid = int(subprocess.run(left, env=variables, capture_output=True, text=True, check=True).stdout)
    found = [process for process in started_with("of this test alone") if process.pid == pid]
    end_process(pid)
    assert len(found) == 1
    assert "left_to_init" in str(found[0])


def test_the_shared_display_answers(xvfb: str) -> None:
    import mss

    with mss.MSS(display=xvfb) as screen:
        assert (screen.monitors[0]["width"], screen.monitors[0]["height"]) == (1280, 800)


WATCHED = """
import os, sys
seen, before = [], set(sys.modules)
def watch(event, args):
    writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in ("os.mkdir", "os.rename", "os.remove", "subprocess.Popen", "socket.connect"):
        seen.append(f"{event} {args}")
sys.addaudithook(watch)
import cua, cua.core, cua.errors
foreign = {n.partition(".")[0] for n in set(sys.modules) - before} - set(sys.stdlib_module_names) - {"cua"}
if seen or foreign:
    sys.exit(f"did {seen}, imported {sorted(foreign)}")
"""


def test_importing_cua_writes_nothing_prints_nothing_and_takes_no_third_party(tmp_path: Path) -> None:
    variables = {"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-c", WATCHED]
    done = subprocess.run(argv, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
