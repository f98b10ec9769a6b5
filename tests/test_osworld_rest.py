"""A set-up waits for what works unseen, and for the windows of what it opens; it says what did not go well."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cua.core import Run, Task, World
from cua.errors import SandboxError, UsageError
from cua.tasks import processes, setting_up, starting
from cua.tasks.processes import Look, Process, busy, unseen
from cua.tasks.running import attempt
from cua.tasks.stage import Stage
from sandbox_vms.bare import BareMachine
from tests.osworld_steps import bare_machine, shell, step
from tests.sandboxes import with_gtk
from tests.test_osworld_tasks_run import described, needs_program, tried
from tests.waiting import awaited

__all__ = ["bare_machine"]  # fixtures

LONG = 60.0  # seconds that none of these tests needs
READS_X: dict[str, Any] = {"type": "vm_command_line", "command": "cat ~/x", "shell": True}
ONE = {"type": "rule", "rules": {"expected": "1\n"}}
# a window that answers and shows nothing of it, but works for a while once somebody has asked for it by a file
WORKER = """
import time
from pathlib import Path
from threading import Thread
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
window = Gtk.Window(title="Worker")
window.show_all()
def work():
    end = time.thread_time() + 1.5
    while time.thread_time() < end:
        pass
    Path.home().joinpath("x").write_text("1\\n")
def look():
    if not Path.home().joinpath("go").exists():
        return True
    Path.home().joinpath("begun").touch()
    Thread(target=work).start()
    return False
GLib.timeout_add(10, look)
Gtk.main()
"""


@pytest.fixture
def stage(machine: BareMachine, tmp_path: Path) -> Stage:
    return Stage.begin(machine, tmp_path)


def there(world: World, path: str) -> bool:
    return world.exec(("test", "-e", path)).code == 0


def runs(world: World, name: str) -> Callable[[], bool]:
    return lambda: world.exec(("pgrep", "-x", name)).code == 0


# ------------------------------------------------------------------------------------------------ what is waited for


@pytest.mark.parametrize(
    "command",
    [
        "sleep 2; echo 1 >~/x",
        "(sleep 2; echo 1 >~/x) & true",
        "setsid sh -c 'sleep 2; echo 1 >~/x' & exit",
        "mousepad & sleep 2; echo 1 >~/x",
        "(sleep 2; echo 1 >~/x) & exec mousepad",
    ],
)
def test_what_a_step_started_is_waited_for_though_nothing_of_it_shows(stage: Stage, command: str) -> None:
    needs_program("mousepad")
    starting.launch(stage, command=["bash", "-c", command])
    awaited(runs(stage.machine.world, "sleep"), "it runs")
    began = time.monotonic()
    setting_up.sleep(stage, seconds=LONG)
    assert there(stage.machine.world, "x")
    assert time.monotonic() - began < LONG / 2


def test_a_task_is_judged_once_what_its_set_up_started_is_through(machine: BareMachine, tmp_path: Path) -> None:
    late = step("launch", command=["bash", "-c", "sleep 2; echo 1 > ~/x"])
    task = described(tmp_path, late, result=READS_X, expected=ONE, postconfig=[step("sleep", seconds=LONG)])
    assert tried(machine, task).outcome == "pass"


def test_what_whoever_tried_it_left_running_is_waited_for(machine: BareMachine, tmp_path: Path) -> None:
    task = described(tmp_path, result=READS_X, expected=ONE, postconfig=[step("sleep", seconds=LONG)])

    def trying(asked: Task) -> Run:
        machine.launch(("sh", "-c", "sleep 2; echo 1 >~/x"))
        awaited(runs(machine.world, "sleep"), "it runs")
        return Run("r", asked, stopped="finished", reason="done")

    assert attempt(task, machine, trying).outcome == "pass"


def test_what_runs_in_a_terminal_is_waited_for_and_its_prompt_is_not(stage: Stage) -> None:
    needs_program("xterm")
    starting.launch(stage, command=["xterm", "-e", "sh", "-c", "sleep 2; echo 1 >~/x; exec sh"])
    awaited(stage.machine.windows, "its window")
    for _ in range(2):
        began = time.monotonic()
        setting_up.sleep(stage, seconds=LONG)
        assert time.monotonic() - began < LONG / 2
        assert there(stage.machine.world, "x")


def test_a_window_whose_program_is_busy_is_waited_for(stage: Stage) -> None:
    stage.machine.launch((with_gtk("3.0"), "-c", WORKER))
    awaited(stage.machine.windows, "its window")
    setting_up.sleep(stage, seconds=LONG)
    assert not there(stage.machine.world, "x")
    stage.machine.write("~/go", b"")
    awaited(lambda: there(stage.machine.world, "begun"), "it works")
    setting_up.sleep(stage, seconds=LONG)
    assert there(stage.machine.world, "x")


@pytest.mark.parametrize("argv", [("mousepad",), ("chromium",), ("libreoffice", "--writer"), ("gnome-terminal",)])
def test_a_program_that_only_shows_its_window_holds_nobody_up(stage: Stage, argv: tuple[str, ...]) -> None:
    needs_program(argv[0])
    starting.launch(stage, command=[*argv])
    awaited(stage.machine.windows, "its window")
    began = time.monotonic()
    setting_up.sleep(stage, seconds=LONG)
    assert time.monotonic() - began < LONG / 2


def test_what_never_ends_takes_the_whole_time_and_no_more(stage: Stage) -> None:
    starting.launch(stage, command=["sleep", "1000"])
    awaited(runs(stage.machine.world, "sleep"), "it runs")
    began = time.monotonic()
    setting_up.sleep(stage, seconds=1.5)
    assert 1.5 <= time.monotonic() - began < LONG


def test_where_it_is_not_known_what_runs_the_whole_time_is_taken(machine: BareMachine, tmp_path: Path) -> None:
    began = time.monotonic()
    setting_up.sleep(Stage(machine, tmp_path), seconds=1.5)
    assert time.monotonic() - began >= 1.5


def test_a_sleep_among_acts_waits_as_the_step_does(stage: Stage) -> None:
    starting.launch(stage, command=["bash", "-c", "sleep 2; echo 1 >~/x"])
    awaited(runs(stage.machine.world, "sleep"), "it runs")
    script = f"import pyautogui, time; time.sleep({LONG}); pyautogui.press('a')"
    setting_up.execute(stage, command=["python", "-c", script])
    assert there(stage.machine.world, "x")


# ------------------------------------------------------------------------------------------------ how it is known


def look(*told: Process) -> Look:
    return Look(100.0, {each.pid: each for each in told})


def one(pid: int, path: str, parent: int = 1, *, terminal: int = 0, ticks: int = 0, started: int = 1) -> Process:
    return Process(pid, started, parent, path, ticks, terminal, stuck=False)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ((one(2, "/usr/lib/x/app"), one(3, "/usr/lib/x/crash_handler")), []),
        ((one(2, "/usr/lib/x/app"), one(3, "/usr/lib/x/app")), [3]),
        ((one(2, "/usr/bin/app"), one(3, "/usr/bin/other")), [3]),
        ((one(2, "/usr/bin/app"), one(3, "/usr/bin/cat", 2)), []),
        ((one(2, "/usr/bin/app"), one(3, "/usr/bin/dash", 2), one(4, "/usr/bin/make", 3)), [4]),
        ((one(2, "/usr/bin/app", 3), one(3, "/usr/bin/dash")), []),
        ((one(2, "/usr/bin/app", 3), one(3, "/usr/bin/python3")), [3]),
        ((one(2, "/usr/bin/term"), one(3, "/usr/bin/vi", 2, terminal=9)), [3]),
        ((one(2, "/usr/bin/app", terminal=9), one(3, "/usr/bin/part", 2, terminal=9)), []),
        ((one(2, "/usr/bin/app"), one(3, "/usr/libexec/gvfsd"), one(4, "/usr/bin/dbus-daemon")), []),
    ],
)  # fmt: skip
def test_who_belongs_to_a_window_is_known(told: tuple[Process, ...], left: list[int]) -> None:
    assert [each.pid for each in unseen(look(*told), {2})] == left


def test_parents_in_a_circle_are_no_trouble() -> None:
    assert len(unseen(look(one(2, "/usr/bin/a", 3), one(3, "/usr/bin/b", 2)), ())) == 2


def test_a_number_that_another_process_has_now_is_not_taken_for_the_first() -> None:
    first, second = look(one(2, "/a", ticks=5)), look(one(2, "/a", started=2, ticks=5))
    assert not busy(first, first)
    assert busy(first, second)
    assert not second.besides({(2, 2)}).processes


def test_a_program_may_be_called_what_it_likes(machine: BareMachine) -> None:
    world = machine.world
    first = processes.look(world)
    assert first
    name = "a) R 1\n2 (b"
    assert world.exec(("sh", "-c", 'cp /usr/bin/sleep "./$1"', "sh", name)).code == 0
    machine.launch((f"./{name}", "1000"))

    def seen() -> list[Process]:
        found = processes.look(world)
        return [each for each in found.processes.values() if name in each.path] if found else []

    (process,) = awaited(seen, "it runs")
    assert process.key not in {each.key for each in first.processes.values()}


# ------------------------------------------------------------------------------------------------ what is told


@pytest.mark.parametrize("seconds", [-1, 3601, float("nan"), float("inf"), 10**400])
def test_a_time_that_nobody_waits_is_told_before_anything_is_done(seconds: float, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"step 1 of config \(sleep\).*'seconds'"):
        described(tmp_path, step("sleep", seconds=seconds))
    script = f"import time, pyautogui; time.sleep({-1 if seconds < 0 else 3601})"
    with pytest.raises(UsageError, match=r"step 1 of config \(execute\).*sleeps"):
        described(tmp_path, step("execute", command=["python", "-c", script]))
    with pytest.raises(UsageError, match=r"step 1 of config \(execute_with_verification\).*'max_wait_time'"):
        described(tmp_path, step("execute_with_verification", command="true", max_wait_time=seconds))


@pytest.mark.parametrize("path", ["/home/user/none.txt", "~/none.txt", "no-such-program"])
def test_what_cannot_be_opened_is_unknown_and_no_pass(machine: BareMachine, tmp_path: Path, path: str) -> None:
    task = described(tmp_path, shell("true"), step("open", path=path))
    found = tried(machine, task, "echo done >~/result")
    assert (found.outcome, found.run) == ("unknown", "")
    assert found.saying.startswith(f"set-up, step 2 (open): there is neither a file {path!r}")


def test_a_file_in_the_home_and_a_program_are_opened_with_their_windows(stage: Stage) -> None:
    needs_program("mousepad")
    needs_program("xdg-open", "xdg-utils")
    stage.machine.write("~/some notes.txt", b"text")
    starting.open_file(stage, path="~/some notes.txt")
    assert any("some notes" in window.title for window in stage.machine.windows())
    starting.open_file(stage, path="~/some notes.txt")  # it is open already
    stage.machine.close_window(stage.machine.windows()[0].id)
    awaited(lambda: not stage.machine.windows(), "it is closed")
    starting.open_file(stage, path="mousepad")
    assert stage.machine.windows()


def test_a_window_that_has_the_name_already_is_not_taken_for_the_one_that_comes(stage: Stage) -> None:
    needs_program("mousepad")
    needs_program("xdg-open", "xdg-utils")
    for name in ("page of notes.txt", "page.txt"):
        stage.machine.write(f"~/{name}", b"text")
        starting.open_file(stage, path=f"/home/user/{name}")
        titles = [window.title.partition(" - ")[0] for window in stage.machine.windows()]
        assert any(title.endswith(f"/{name}") for title in titles), titles


def test_a_command_that_ends_badly_is_told_and_fails_nothing(machine: BareMachine, tmp_path: Path) -> None:
    bad = [shell("echo >&2; echo 'bad thing' >&2; echo more >&2; exit 3"), step("command", command="false")]
    check = step("execute_with_verification", command="sh -c 'exit 124'")
    task = described(tmp_path, *bad, shell("true"), check, postconfig=[shell("kill -9 $$")])
    found = tried(machine, task, "echo done >~/result")
    assert found.outcome == "pass"
    told = "set-up, step 1 (execute) ended with 3: bad thing; set-up, step 2 (command) ended with 1; "
    assert found.saying.endswith(told + "and so did 2 more steps")
    machine.reset()
    found = tried(machine, described(tmp_path, bad[1], step("open", path="/none")))
    assert found.outcome == "unknown"
    assert found.saying.endswith("set-up, step 1 (command) ended with 1")


def test_a_command_that_is_cut_off_is_told_with_what_to_do(stage: Stage) -> None:
    with pytest.raises(SandboxError, match=r"'sleep 1000' did not end within 1 s; make it shorter.*launch"):
        stage.run(("sleep", "1000"), seconds=1)
