"""OSWorld's task files: read to the last field or refused with what is wrong, scripts for pointer and keys, needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Click, Move, Point, Press, Scroll, Type, Wait
from cua.errors import TroubleError, UsageError
from cua.evaluators import names
from cua.evaluators.evaluated import Evaluated
from cua.policies.models.code import acts, script_of
from cua.tasks.osworld import Described, load
from cua.tasks.shell import heads

FILES = Path(__file__).parent / "fixtures" / "osworld_tasks"
TASK: dict[str, Any] = {
    "id": "one",
    "snapshot": "os",
    "instruction": "Do it",
    "source": "here",
    "config": [{"type": "sleep", "parameters": {"seconds": 1}}],
    "trajectory": "trajectories/",
    "related_apps": ["os"],
    "evaluator": {
        "postconfig": [{"type": "execute", "parameters": {"command": "true", "shell": "true"}}],
        "func": "exact_match",
        "result": {"type": "vm_command_line", "command": "echo done", "shell": True},
        "expected": {"type": "rule", "rules": {"expected": "done\n"}},
    },
    "proxy": False,
    "fixed_ip": False,
    "possibility_of_env_change": "low",
}


def written(folder: Path, told: Any) -> Path:
    path = folder / "task.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def with_step(kind: str, **parameters: Any) -> dict[str, Any]:
    return TASK | {"config": [{"type": kind, "parameters": parameters}]}


# ------------------------------------------------------------------------------------------------ what is read


@pytest.mark.parametrize("path", sorted(FILES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem[:8]}")
def test_every_file_of_the_benchmark_that_needs_no_network_is_read(path: Path) -> None:
    found = load(path)
    told = json.loads(path.read_text())
    assert (found.task.id, found.task.goal) == (path.stem, told["instruction"])
    assert found.feasible == (told["evaluator"]["func"] != "infeasible")
    assert bool(found.task.checks) == found.feasible
    assert len(found.config) == len(told.get("config", []))
    assert len(found.postconfig) == len(told["evaluator"].get("postconfig", []))


def test_the_files_come_with_their_licence() -> None:
    assert "Apache License" in (FILES / "LICENSE").read_text()
    assert "OSWorld" in (FILES / "NOTICE.md").read_text()
    assert len(list(FILES.glob("*/*.json"))) >= 37


def test_a_task_is_kept_and_loaded_with_its_check(tmp_path: Path) -> None:
    codec.register(*REQUIREMENTS)
    found = load(written(tmp_path, TASK))
    assert codec.load(codec.save(found.task)) == found.task
    (check,) = found.task.checks
    assert isinstance(check, Evaluated)
    assert check.commands() == (("echo done", True),)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("launch", {"command": ["x", "y"]}),
        ("launch", {"command": "x y", "shell": True}),
        ("execute", {"command": ["x"], "stdout": "o.txt", "stderr": "", "until": {"returncode": 0}}),
        ("command", {"command": "x", "shell": "true"}),
        ("execute_with_verification", {"command": ["x"], "verification": {"window_exists": "X"}, "max_wait_time": 5}),
        ("open", {"path": "/home/user/x.txt"}),
        ("activate_window", {"window_name": "X", "strict": True, "by_class": True}),
        ("close_window", {"window_name": "X"}),
        ("download", {"files": [{"url": "http://x/y", "path": "/home/user/y"}]}),
        ("download", {"files": [{"url": "https://x.example:81/a b/ä?c=d e", "path": "~/y z"}]}),
        ("upload_file", {"files": [{"local_path": "y", "path": "/home/user/y"}]}),
        ("sleep", {"seconds": 0.5}),
        ("change_wallpaper", {"path": "/home/user/x.png"}),
        ("chrome_open_tabs", {"urls_to_open": ["http://x"]}),
        ("chrome_close_tabs", {"urls_to_close": ["http://x"]}),
    ],
)
def test_every_step_is_read(kind: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "y").touch()
    found = load(written(tmp_path, with_step(kind, **parameters)))
    assert [(step.kind, dict(step.parameters)) for step in found.config] == [(kind, parameters)]


# ------------------------------------------------------------------------------------------------ what is refused


def by_hand(script: str) -> dict[str, Any]:
    return with_step("execute", command=["python", "-c", f"import pyautogui; pyautogui.{script}"])


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in TASK.items() if key != name}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "no JSON"),
        ("[]", "is a list, and must be an object"),
        ("3", "is a number, and must be an object"),
        (TASK | {"evalutor": {}}, "'evalutor'.*evaluator"),
        (without("id"), "lacks.*'id'"),
        (without("evaluator"), "lacks.*'evaluator'"),
        (TASK | {"evaluator": None}, "the evaluator is null, and must be an object"),
        (TASK | {"instruction": ""}, "'instruction'"),
        (TASK | {"id": 3}, "'id'"),
        (TASK | {"related_apps": "os"}, "related_apps"),
        (TASK | {"config": {}}, "config is an object, and must be a list"),
        (TASK | {"config": [3]}, "step 1 of config"),
        (TASK | {"config": [{"type": "sleep", "parameters": {"seconds": 1}, "why": ""}]}, "step 1 of config.*'why'"),
        (with_step("lanch", command=["x"]), "step 1 of config.*'lanch'.*launch"),
        (with_step("launch", comand=["x"]), "launch.*'comand'.*command"),
        (with_step("launch"), "launch.*lacks.*'command'"),
        (with_step("sleep", seconds="1"), "sleep.*'seconds'"),
        (with_step("download", files=[{"url": "x"}]), "download.*'files'"),
        (TASK | {"evaluator": TASK["evaluator"] | {"postconfig": [{"type": "slep"}]}}, "postconfig.*slep.*sleep"),
        ("[" * 200_000, "brackets stand inside brackets"),
        (with_step("launch", command=[]), r"step 1 of config \(launch\): the command is empty"),
        (with_step("execute", command=""), r"step 1 of config \(execute\): the command is empty"),
        (with_step("execute", command=" ", shell=True), "names no program"),
        (with_step("execute_with_verification", command=["", "x"]), "names no program"),
        (with_step("execute", command="echo it's"), r"step 1 of config \(execute\).*echo it's.*No closing quotation"),
        (with_step("launch", command=["echo", "\0"]), r"step 1 of config \(launch\).*a character 0"),
        (by_hand("sleep()"), r"step 1 of config \(execute\).*'pyautogui.sleep\(\)'"),
        (by_hand("click(1/0, 2)"), r"step 1 of config \(execute\).*click\(1 / 0, 2\).*division by zero"),
        (by_hand("hotkey(3)"), r"hotkey\(3\)"),
        (by_hand("click((1, 2, 3))"), r"click\(\(1, 2, 3\)\)"),
        (by_hand(f"sleep({'1+' * 20_000}1)"), r"step 1 of config \(execute\).*too deep"),
        (with_step("upload_file", files=[{"local_path": "../../etc/passwd", "path": "~/x"}]),
         r"step 1 of config \(upload_file\).*etc/passwd.*does not lie in"),
        (with_step("upload_file", files=[{"local_path": "/etc/passwd", "path": "~/x"}]), "does not lie in"),
        (with_step("upload_file", files=[{"local_path": "a\0", "path": "~/x"}]), "is no path"),
        (with_step("upload_file", files=[{"local_path": "none", "path": "~/x"}]),
         r"step 1 of config \(upload_file\): local_path 'none' is no file that can be read.*beside the task"),
        (with_step("upload_file", files=[{"local_path": ".", "path": "~/x"}]), "'.' is no file that can be read"),
        (with_step("download", files=[{"url": "http://x/y", "path": "Desktop/y"}]),
         r"step 1 of config \(download\): the path 'Desktop/y' does not name a file from / or ~/ on"),
        (with_step("download", files=[{"url": "http://x/y", "path": "/home/user/"}]), "does not name a file"),
        (with_step("download", files=[{"url": "file:///etc/passwd", "path": "~/y"}]),
         r"step 1 of config \(download\): 'file:///etc/passwd' is no address of the web"),
        (with_step("download", files=[{"url": "http:///y", "path": "~/y"}]), "is no address of the web"),
        (with_step("download", files=[{"url": "http://x/a\nb", "path": "~/y"}]), "is no address of the web"),
        (with_step("download", files=[{"url": "http://[x/", "path": "~/y"}]), "is no address: .*correct it"),
        (with_step("download", files=[{"url": "http://x:port/", "path": "~/y"}]), "is no address: .*correct it"),
        *((with_step("download", files=[{"url": f"http://{host}/y", "path": "~/y"}]), "this machine or one of its own")
          for host in ("localhost", "a.Localhost.:80", "127.0.0.1:8000", "127.1", "0x7f000001", "[::1]", "10.0.0.5")),
        (with_step("change_wallpaper", path="x.png"), r"change_wallpaper\): the path 'x.png' does not begin with /"),
        (TASK | {"evaluator": TASK["evaluator"] | {"postconfig": [
            {"type": "upload_file", "parameters": {"files": [{"local_path": "none", "path": "~/x"}]}}]}},
         r"step 1 of postconfig \(upload_file\): local_path 'none'"),
        (TASK | {"evaluator": {"func": "compare_text_file", "result": {"type": "vm_file", "path": "/x", "dest": "x"},
                               "expected": {"type": "cloud_file", "path": "http://127.0.0.1/x", "dest": "y"}}},
         "getter 'cloud_file': 'http://127.0.0.1/x' is of this machine"),
        (TASK | {"evaluator": TASK["evaluator"] | {"func": "exact_mach"}}, "'exact_mach'.*exact_match"),
        (TASK | {"evaluator": TASK["evaluator"] | {"result": {"type": "vm_fil"}}}, "'vm_fil'.*vm_file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_file(told: Any, words: str, tmp_path: Path) -> None:
    path = written(tmp_path, told)
    with pytest.raises(UsageError, match=rf"(?s)task\.json.*{words}"):
        load(path)


def test_a_file_of_ours_is_not_reached_by_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="does not lie in"):
        load(written(folder, with_step("upload_file", files=[{"local_path": "link", "path": "~/x"}])))


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"x\.json is no JSON"):
        load(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (with_step("tidy_desktop"), "step 'tidy_desktop' is not there yet"),
        (with_step("googledrive", settings_file="x", operation=["delete"]), "step 'googledrive' needs an account"),
        (with_step("login", settings_file="x", platform="googledrive"), "step 'login' needs an account"),
        (
            TASK | {"evaluator": TASK["evaluator"] | {"func": "compare_pptx_files"}},
            "metric 'compare_pptx_files' is not there yet",
        ),
        (
            TASK | {"evaluator": TASK["evaluator"] | {"result": {"type": "vlc_playing_info", "dest": "x"}}},
            "getter 'vlc_playing_info' is not there yet",
        ),
    ],
)
def test_what_is_not_there_yet_is_our_trouble_and_no_wrong_request(told: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(TroubleError, match=words):
        load(written(tmp_path, told))


# ------------------------------------------------------------------------------------------------ pointer and keys


def test_a_script_becomes_acts_and_its_pauses_become_waits() -> None:
    script = (
        "import pyautogui; import time; time.sleep(0.5); pyautogui.click(1920//2, 5);"
        "pyautogui.hotkey('ctrl', 'alt', 't'); pyautogui.write('stty size');"
        "pyautogui.press('enter'); pyautogui.press('down', presses=2, interval=0.1);"
        "pyautogui.press(['f10', 'esc']); pyautogui.doubleClick(x=1, y=2); pyautogui.moveTo(3, 4);"
        "pyautogui.scroll(-3, 7, 8); pyautogui.rightClick(5, 6)"
    )
    assert acts(script) == (
        Wait(0.5), Click(Point(960, 5)), Press("ctrl+alt+t"), Type("stty size"), Press("Return"), Press("Down"),
        Press("Down"), Press("F10"), Press("Escape"), Click(Point(1, 2), count=2), Move(Point(3, 4)),
        Scroll(Point(7, 8), dy=3), Click(Point(5, 6), "right"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "script",
    [
        "import pyautogui, os; pyautogui.press('a')",
        "import pyautogui; open('/etc/passwd')",
        "import pyautogui; pyautogui.press(input())",
        "import pyautogui\nfor i in range(3): pyautogui.press('a')",
        "import pyautogui; pyautogui.screenshot()",
        "import pyautogui; pyautogui.press('a",
    ],
)
def test_a_script_that_does_more_is_not_run(script: str) -> None:
    with pytest.raises(TroubleError):
        acts(script)


def test_only_scripts_for_pointer_and_keys_are_taken_for_such() -> None:
    assert script_of(("python", "-c", "import pyautogui"))
    assert script_of(("/usr/bin/python3", "-c", "import pyautogui"))
    assert not script_of(("python", "-c", "print(1)"))
    assert not script_of(("echo", "-c", "pyautogui"))
    assert not script_of(("python", "pyautogui.py"))


# ------------------------------------------------------------------------------------------------ needs


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("a x | b y", ["a", "b"]),
        ("a && b || c; d &\ne", ["a", "b", "c", "d", "e"]),
        ("X=1 Y=2 a b", ["a"]),
        ('X=$(a b | c "d | e"); f "$(g h)"', ["a", "c", "g", "f"]),
        ("awk '{print $5 | x; y}' | sed 's/a|b/c/'", ["awk", "sed"]),
        ('echo "a; b | c" \\| d', ["echo"]),
        ("echo pw | sudo -S -p '' mkdir /x", ["echo", "sudo", "mkdir"]),
        ("timeout 10 a b", ["timeout", "a"]),
        ("if [ -f x ]; then a; else b; fi", ["a", "b", "fi"]),
        ("[ -d ~/x ] && a", ["a"]),
        ("", []),
    ],
)
def test_the_programs_of_a_shell_script_are_found(script: str, names: list[str]) -> None:
    assert sorted(heads(script)) == sorted(names)


@pytest.mark.parametrize(
    ("there", "process", "window"),
    [
        ("chromium", "chromium", "New Tab - Chromium"),
        ("google-chrome", "chrome", "New Tab - Google Chrome"),
        ("", "chrome", "New Tab - Google Chrome"),
    ],
)
def test_names_are_those_of_the_program_that_the_machine_has(there: str, process: str, window: str) -> None:
    assert names.process("chrome", lambda name: there) == process
    assert names.window("New Tab - Google Chrome", lambda name: there) == window
    assert names.process("chromedriver", lambda name: there) == "chromedriver"


def test_a_described_task_says_what_it_is(tmp_path: Path) -> None:
    found = load(written(tmp_path, TASK | {"evaluator": {"func": "infeasible"}}))
    assert isinstance(found, Described)
    assert (found.feasible, found.task.checks, found.apps) == (False, (), ("os",))
