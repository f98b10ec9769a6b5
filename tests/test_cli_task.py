"""Tasks of one's own from the command line, as a newcomer writes them: run by the planner, by memory, proven, refused.

Real programs in real sandboxes, through the command itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cua.errors import MissingProgram
from sandbox_vms import bwrap
from tests.bench.model_oracle import Oracle
from tests.model_server import serving

NOTE = """
goal = "Type 'buy honey' and save as honey.txt"
apps = ["mousepad"]

[[checks]]
kind = "file"
path = "~/honey.txt"
text = "buy honey"
"""
ORACLE = """
[[oracle]]
sh = "echo buy honey >honey.txt"
"""
MUTANT = """
[[mutants]]
name = "less"
steps = [{ sh = "echo honey >honey.txt" }]
"""


def cua(home: Path, *words: object) -> tuple[int, list[dict[str, Any]], str]:
    """The command with --json: its exit code, what it printed, what it said on the side."""
    command = [sys.executable, "-m", "cua", "task", *map(str, words), "--json"]
    environment = os.environ | {"CUA_HOME": str(home / "cua")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def editor() -> str:
    try:
        bwrap.check()
    except MissingProgram as error:
        pytest.skip(str(error))
    if shutil.which("mousepad") is None:
        pytest.skip("no editor; install it with: apt-get install mousepad")
    return "mousepad"


def written(folder: Path, text: str, name: str = "honey.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


# ---------------------------------------------------------------------------------------------- run


def test_what_passed_once_passes_again_when_memory_does_a_part_of_it(editor: str, tmp_path: Path) -> None:
    """The planner must follow what was done from memory: its dialog is not a stranger's."""
    path = written(tmp_path, NOTE)
    came = [cua(tmp_path, "run", path) for _ in range(3)]
    assert [(code, said[0]["outcome"], said[0]["acts"] > 0) for code, said, _ in came] == [(0, "pass", True)] * 3
    assert any("as in run" in said[0]["saying"] for _, said, _ in came)


def test_what_the_planner_does_not_understand_the_model_tries(
    editor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal = "let what is too long go on below"
    wrap = """
goal = "let what is too long go on below"
apps = ["mousepad"]

[[checks]]
kind = "setting"
key = "gsettings:/org/xfce/mousepad/preferences/view/word-wrap"
values = ["true"]
"""
    path, oracle = written(tmp_path, wrap), Oracle(0.0)
    assert cua(tmp_path, "run", path, "--policy", "model")[0] == 2  # none is set up
    assert cua(tmp_path, "run", path)[1][0]["outcome"] != "pass", goal
    with serving(oracle) as server:
        monkeypatch.setenv("CUA_MODEL__NAME", "oracle")
        monkeypatch.setenv("CUA_MODEL__BASE_URL", server.url)
        for distil, home in (("true", tmp_path), ("false", tmp_path / "other")):
            monkeypatch.setenv("CUA_MODEL__DISTIL", distil)
            oracle.set(("Document", "Word Wrap"), lambda: True)
            code, said, _ = cua(home, "run", path, "--policy", "model")
            assert (code, said[0]["outcome"], said[0]["acts"], oracle.judging) == (0, "pass", 2, 0)  # its checks judge
            assert oracle.distilling == (distil == "true"), "what it teaches is asked once, unless that is off"


def test_an_app_that_nobody_describes_is_its_command(editor: str, tmp_path: Path) -> None:
    path = written(tmp_path, NOTE.replace('"mousepad"', '"mousepad --disable-server"'))
    code, said, _ = cua(tmp_path, "run", path, "--policy", "none")
    assert (code, said[0]["outcome"]) == (1, "fail")
    assert "there is no ~/honey.txt" in said[0]["saying"]


def test_an_app_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, said, _ = cua(tmp_path, "run", written(tmp_path, NOTE.replace('"mousepad"', '"no-such-program"')))
    assert (code, said[-1]["outcome"]) == (2, "refused")
    assert "no program is called 'no-such-program'" in said[-1]["error"]


def test_each_wrong_file_is_named_and_none_is_run(tmp_path: Path) -> None:
    good = written(tmp_path, NOTE)
    bad = [
        written(tmp_path, NOTE.replace("goal", "gaol"), "one.toml"),
        written(tmp_path, "[]", "two.json"),
        written(tmp_path, NOTE, "three.txt"),
    ]
    code, said, aside = cua(tmp_path, "run", bad[0], good, *bad[1:])
    assert (code, len(said)) == (2, 1)
    lines = aside.splitlines()
    assert lines[0] == "nothing was run: 3 of 4 files are no tasks"
    assert [str(path) in line for path, line in zip(bad, lines[1:], strict=True)] == [True] * 3
    assert str(good) not in aside
    _, _, alone = cua(tmp_path, "run", bad[2])
    assert alone == f"cua: {bad[2]} is no task: its name should end in .json or .toml\n"


# ---------------------------------------------------------------------------------------------- prove


def test_a_task_is_proven_state_by_state(editor: str, tmp_path: Path) -> None:
    code, said, aside = cua(tmp_path, "prove", written(tmp_path, NOTE + ORACLE + MUTANT))
    assert not aside
    assert [(line["stage"], line["came"], line["ok"]) for line in said[:-1]] == [
        ("at the start", "fail", True),
        ("after doing nothing", "fail", True),
        ("after the oracle", "pass", True),
        ("mutant 'less'", "fail", True),
    ]
    assert (code, said[-1]) == (0, {"outcome": "pass", "task": "honey", "seed": 0, "caught": 1, "mutants": 1})


def test_a_check_that_takes_a_wrong_end_for_the_right_one_is_not_proven(editor: str, tmp_path: Path) -> None:
    text = NOTE.replace('"buy honey"\n', '"honey"\npart = true\n') + ORACLE + MUTANT
    code, said, _ = cua(tmp_path, "prove", written(tmp_path, text))
    assert (said[-2]["stage"], said[-2]["came"], said[-2]["ok"]) == ("mutant 'less'", "pass", False)
    assert (code, said[-1]["outcome"], said[-1]["caught"]) == (1, "fail", 0)


def test_an_oracle_that_cannot_be_done_is_trouble(editor: str, tmp_path: Path) -> None:
    text = NOTE + ORACLE.replace("echo", "exit 3; echo") + MUTANT
    code, said, _ = cua(tmp_path, "prove", written(tmp_path, text))
    assert (code, said[-1]["outcome"]) == (4, "unknown")
    assert "step 1 of 1: the script ended with code 3" in said[-1]["error"]


@pytest.mark.parametrize(("text", "lacks"), [(NOTE, "oracle"), (NOTE + ORACLE, "mutants")])
def test_without_anything_to_prove_it_by_the_file_is_wrong(editor: str, tmp_path: Path, text: str, lacks: str) -> None:
    code, said, _ = cua(tmp_path, "prove", written(tmp_path, text))
    assert (code, said[-1]["outcome"]) == (2, "refused")
    assert f"honey.toml has no [[{lacks}]] to prove it by; add at least one" in said[-1]["error"]


def test_only_a_task_of_ones_own_is_proven(tmp_path: Path) -> None:
    code, said, _ = cua(tmp_path, "prove", written(tmp_path, "{}", "task.json"))
    assert (code, "its name should end in .toml" in said[-1]["error"]) == (2, True)
