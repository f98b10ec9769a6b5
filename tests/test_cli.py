"""The command line as other programs meet it: help, exit codes, one object a line, one line for an error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cua.cli import main_app
from sandbox_vms import lasting
from tests.sandboxes import lasted, moved_in
from tests.test_practice import switchboard
from tests.waiting import LIMIT, awaited

CUA = (sys.executable, "-c", "from cua.cli import main; main()")
NAME = f"test-cli-{os.getpid()}"


def cua(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CUA, *arguments], capture_output=True, text=True, check=False)


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Each line of the output as what it must be: one object, in standard JSON."""
    found = [json.loads(line, parse_constant=pytest.fail) for line in done.stdout.splitlines()]
    assert all(isinstance(item, dict) for item in found)
    return found


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of the standard error."""
    (line,) = done.stderr.splitlines()
    assert line.startswith("cua: ")
    return line


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every verb, and every group of them, by the words that lead there."""
    for name, below in getattr(command, "commands", {}).items():
        yield (*path, name)
        yield from verbs(below, (*path, name))


VERBS = tuple(verbs(typer.main.get_command(main_app)))


# ---------------------------------------------------------------------------------------------- help


def test_the_verbs_that_other_programs_rely_on_are_there() -> None:
    assert {("do",), ("practice",), ("doctor",), ("runs", "list"), ("skills", "show"), ("sandbox", "rm")} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_explains_itself_with_an_example_of_itself(verb: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main_app, [*verb, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    usage, said, *_ = shown.output.split("\n\n")
    assert usage.startswith("Usage:")
    assert said.endswith(".")
    assert f"Example: cua {' '.join(verb)}" in shown.output


@pytest.mark.parametrize("group", [(), ("runs",), ("skills",), ("sandbox",)], ids=" ".join)
def test_without_a_verb_the_help_comes_as_an_error(group: tuple[str, ...]) -> None:
    done = cua(*group)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr


def test_the_package_is_the_command_and_its_help_has_the_exit_codes() -> None:
    done = subprocess.run([sys.executable, "-m", "cua", "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: cua ")
    assert "3 refused or stopped (Ctrl-C, SIGTERM)" in " ".join(done.stdout.split())


# ---------------------------------------------------------------------------------------------- wrong requests


WRONG = [
    (("frobnicate",), "cua --help"),
    (("do",), "cua do --help"),
    (("do", "turn on grid", "--sideways"), "cua do --help"),
    (("practice", "my-editor", "--minutes", "-1"), "cua practice --help"),
    (("practice", "my-editor", "--rounds", "some"), "cua practice --help"),
    (("runs", "list", "--limit", "0"), "cua runs list --help"),
    (("do", "turn on grid"), "--on"),
    (("do", "turn on grid", "--on", "no-such-app-anywhere"), "name an installed command"),
    (("practice", "no-such-app-anywhere"), "name an installed command"),
    (("practice", "no-such-app-anywhere", "--sandbox", "kvm"), "there are: namespace, qemu"),
    (("practice", "no-such-app-anywhere", "--sandbox", "qemu"), "cua sandbox images"),
    (("do", "turn on grid", "--on", "qemu:no-such-app-anywhere"), "cua sandbox images"),
    (("runs", "show", "no-such-run"), "cua runs list"),
    (("skills", "show", "no-such-skill"), "cua skills list"),
    (("skills", "retire", "no-such-skill"), "cua skills list"),
    (("sandbox", "changes", "no-such-sandbox"), "there are:"),
    (("sandbox", "rm", "no-such-sandbox"), "there are:"),
]


@pytest.mark.parametrize(("arguments", "next_step"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_a_wrong_request_is_one_line_with_the_next_step_and_exit_code_2(
    arguments: tuple[str, ...], next_step: str
) -> None:
    done = cua(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert next_step in complaint(done)


@pytest.mark.parametrize("arguments", [("do",), ("runs", "show", "no-such-run")], ids=" ".join)
def test_a_wrong_request_is_an_object_too_where_objects_were_asked_for(arguments: tuple[str, ...]) -> None:
    done = cua(*arguments, "--json")
    (last,) = objects(done)
    assert (done.returncode, last["outcome"]) == (2, "refused")
    assert complaint(done) == f"cua: {last['error']}"


def test_a_missing_word_of_a_command_is_told_with_an_example_of_it() -> None:
    said = complaint(cua("sandbox", "create", "an-app"))
    assert "'--name'; for example: cua sandbox create my-editor --name notes" in said


def test_a_reader_that_has_enough_is_no_fault_of_what_was_done() -> None:
    with subprocess.Popen([*CUA, "workflows", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as begun:
        assert begun.stdout is not None
        assert begun.stderr is not None
        begun.stdout.close()
        assert (begun.stderr.read(), begun.wait(LIMIT)) == (b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written_is_told_and_is_no_pass() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*CUA, "workflows", "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 4
    assert "could not be written" in complaint(done)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("screen = ", "config.toml is no TOML"),
        ("\nscren = 1", "config.toml, line 2: scren: there is no such setting"),
        ("[budget]\nacts = 'x'", "config.toml, line 2: budget.acts: input should be a valid integer"),
    ],
    ids=["no TOML", "unknown", "type"],
)
def test_settings_that_cannot_be_understood_are_a_wrong_request(cua_home: Path, text: str, said: str) -> None:
    cua_home.mkdir()
    (cua_home / "config.toml").write_text(text, encoding="utf-8")
    done = cua("do", "turn on grid", "--on", "sh", "--json")
    (last,) = objects(done)
    assert (done.returncode, last["outcome"]) == (2, "refused")
    assert said in complaint(done)


@pytest.mark.parametrize("what", ["runs", "skills", "sandbox"])
def test_a_list_ends_with_its_outcome_and_its_length(what: str) -> None:
    done = cua(what, "list", "--json")
    *items, last = objects(done)
    assert (done.returncode, done.stderr, last) == (0, "", {"outcome": "pass", "count": len(items)})


# ---------------------------------------------------------------------------------------------- on a sandbox


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One with a lasting sandbox with the program in tests/fixtures."""
    with lasted(switchboard(), NAME, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def board(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the sandbox, in its home."""
    moved_in(home, monkeypatch)
    return NAME


def test_what_was_done_passes_and_is_on_record(board: str) -> None:
    done = cua("do", "turn on grid", "--on", board, "--json")
    *_, last = objects(done)
    assert (done.returncode, done.stderr, last["outcome"], last["model_calls"]) == (0, "", "pass", 0)
    shown = cua("runs", "show", last["run"], "--json")
    (told,) = objects(shown)
    assert (shown.returncode, told["outcome"], len(told["steps"])) == (0, "pass", last["acts"])
    *_, changes = objects(cua("sandbox", "changes", board, "--json"))
    assert any(key.endswith("grid") for key in changes["settings"])
    assert cua("sandbox", "reset", board).returncode == 0
    assert "nothing differs" in cua("sandbox", "changes", board).stdout


def test_nonsense_is_unknown_and_no_error(board: str) -> None:
    done = cua("do", "frobnicate the wibble", "--on", board, "--json")
    *_, last = objects(done)
    assert (done.returncode, done.stderr, last["outcome"], last["acts"]) == (4, "", "unknown", 0)
    assert last["saying"]


def test_an_empty_goal_is_a_wrong_request(board: str) -> None:
    done = cua("do", "", "--on", board)
    assert (done.returncode, done.stdout) == (2, "")
    assert "say what to do" in complaint(done)


def test_a_living_sandbox_is_listed_in_its_home_and_in_no_other(
    board: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (entry, last) = objects(cua("sandbox", "list", "--json"))
    assert (entry["name"], entry["alive"], last) == (board, True, {"outcome": "pass", "count": 1})
    for variable in ("CUA_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HOME", "XDG_DATA_HOME"):  # another person's session, and another folder for all data
        monkeypatch.setenv(variable, str(tmp_path / variable))
        assert objects(cua("sandbox", "list", "--json")) == [{"outcome": "pass", "count": 0}]
        for verb in ("rm", "reset", "changes"):
            done = cua("sandbox", verb, board)
            assert (done.returncode, done.stdout) == (2, "")
            assert f"no sandbox is called '{board}'; there are: none" in complaint(done)


def test_a_command_inside_gives_its_own_output_and_exit_code(board: str) -> None:
    done = cua("sandbox", "exec", board, "--", "sh", "-c", "echo out; echo err >&2; exit 130")
    assert (done.returncode, done.stdout, done.stderr) == (130, "out\n", "err\n")


def test_a_command_inside_gets_what_is_given_and_gives_what_it_has(board: str) -> None:
    given = bytes(range(256)) * 1000
    done = subprocess.run([*CUA, "sandbox", "exec", board, "--", "cat"], input=given, capture_output=True, check=False)
    assert (done.returncode, done.stdout == given, done.stderr) == (0, True, b"")
    early = subprocess.run(
        [*CUA, "sandbox", "exec", board, "--", "true"], input=given, capture_output=True, check=False
    )
    assert (early.returncode, early.stderr) == (0, b"")


def test_a_command_runs_while_another_drives_the_sandbox(board: str) -> None:
    there = lasting.attach(board)
    try:
        done = cua("sandbox", "exec", board, "--", "echo", "heard")
        assert (done.returncode, done.stdout) == (0, "heard\n")
        assert cua("sandbox", "changes", board).returncode == 4
    finally:
        there.close()


def test_a_page_shows_the_sandbox_until_a_person_ends_it(board: str) -> None:
    shown = subprocess.Popen([*CUA, "sandbox", "show", board, "--json"], stdout=subprocess.PIPE, text=True)
    assert shown.stdout is not None
    address = json.loads(shown.stdout.readline())["url"]
    with urllib.request.urlopen(address) as page:
        assert board in page.read().decode()
    shown.send_signal(signal.SIGINT)
    last, _ = shown.communicate(timeout=LIMIT)
    assert (shown.returncode, json.loads(last)["outcome"]) == (0, "pass")
    assert any(entry.name == board and entry.alive for entry in lasting.list_all())


def test_a_person_who_interrupts_gets_one_line_and_exit_code_3(board: str) -> None:
    sleeps = ("sh", "-c", "touch ~/.cache/begun; sleep 60")
    begun = subprocess.Popen([*CUA, "sandbox", "exec", board, "--", *sleeps], stderr=subprocess.PIPE, text=True)
    there = ("test", "-e", ".cache/begun")
    awaited(lambda: lasting.execute(board, there, seconds=LIMIT).code == 0, "the command runs")
    begun.send_signal(signal.SIGINT)
    _, said = begun.communicate(timeout=LIMIT)
    assert (begun.returncode, said) == (3, "cua: stopped\n")
    assert cua("sandbox", "exec", board, "--", "true").returncode == 0


def test_a_sandbox_is_removed_as_a_person_does(board: str) -> None:
    assert cua("sandbox", "rm", board, "--json").returncode == 0
    assert objects(cua("sandbox", "list", "--json")) == [{"outcome": "pass", "count": 0}]
