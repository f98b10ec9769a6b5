"""OSWorld's tasks on a real desktop: set up, tried, judged; what is void, what is unknown, how the command tells."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cua.core import Effect as Came
from cua.core import Observation, Outcome, Place, Press, Run, Step, Stopped, Task, Verdict
from cua.errors import SandboxError, TroubleError, UsageError
from cua.evaluators import browser, getters
from cua.evaluators.names import names
from cua.tasks import setting_up, starting, windows
from cua.tasks.osworld import Described, load
from cua.tasks.running import CANNOT, Result, attempt, of_run
from cua.tasks.stage import Stage
from sandbox_vms import session
from sandbox_vms.apps import App
from sandbox_vms.bare import Bare, BareMachine
from sandbox_vms.namespace import Namespace
from tests.bench.osworld import FILES, of_task
from tests.osworld_steps import bare_machine, shell, step
from tests.sandboxes import with_gtk
from tests.waiting import awaited

__all__ = ["bare_machine"]  # fixtures

DONE = {"type": "rule", "rules": {"expected": "done\n"}}
# when something is typed in it, it shows for a while that it works at that, and has made a file at the end
SLOW = """
import time
from pathlib import Path
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
window, entry, label = Gtk.Window(title="Slow one"), Gtk.Entry(), Gtk.Label(label="0")
box = Gtk.Box()
window.add(box)
box.add(entry)
box.add(label)
def typed(entry):
    end = time.monotonic() + 2.5
    def works():
        label.set_text(str(time.monotonic()))
        if time.monotonic() > end:
            Path.home().joinpath("made").touch()
        return time.monotonic() <= end
    GLib.timeout_add(30, works)
entry.connect("changed", typed)
window.show_all()
Gtk.main()
"""
SLOW_TO_END = "#!/bin/sh\ntrap 'sleep {seconds}; echo done >~/result; exit' TERM\nwhile :; do sleep 0.1; done\n"
READS: dict[str, Any] = {"type": "vm_command_line", "command": "cat ~/result 2>/dev/null", "shell": True}


def needs_program(name: str, package: str = "") -> None:
    """Skips the test where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name}; install it with: apt-get install {package or name}")


class Furnished(Bare):
    """A bare desktop where what lies in the folder bin of the home is installed."""

    def __init__(self) -> None:
        env = {"PATH": "/home/user/bin:/usr/bin:/bin"}
        Namespace.__init__(self, App("desktop", ("sh",), env=env, files=session.files()))


@pytest.fixture
def theirs(machine: BareMachine, tmp_path: Path) -> Iterator[Stage]:
    """A machine with another browser than ours."""
    with closing(BareMachine(Furnished())) as made:
        make = "mkdir bin && cp /usr/bin/sleep bin/chrome && echo '#!/bin/sh' >bin/google-chrome && chmod +x bin/*"
        assert made.world.exec(("sh", "-c", make)).code == 0
        yield Stage(made, tmp_path)


@pytest.fixture
def stage(machine: BareMachine, tmp_path: Path) -> Stage:
    return Stage(machine, tmp_path)


def described(folder: Path, *config: dict[str, Any], **evaluator: Any) -> Described:
    told = {
        "id": "one",
        "instruction": "Write done into the file result",
        "config": config,
        "evaluator": {"func": "exact_match", "result": READS, "expected": DONE} | evaluator,
    }
    path = folder / "task.json"
    path.write_text(json.dumps(told))
    return load(path)


def ended(task: Task, claim: str = "done", *steps: Step) -> Run:
    return Run("r", task, steps, stopped="finished", reason=claim)


def running(machine: BareMachine, command: str, claim: str = "done") -> Callable[[Task], Run]:
    """Who does it by a command, past the screen."""

    def trying(task: Task) -> Run:
        assert machine.world.exec(("sh", "-c", command)).code == 0
        return ended(task, claim)

    return trying


def tried(machine: BareMachine, task: Described, command: str = "true", claim: str = "done") -> Result:
    return attempt(task, machine, running(machine, command, claim))


# ------------------------------------------------------------------------------------------------ verdicts


def test_a_task_is_set_up_tried_finished_and_judged(machine: BareMachine, tmp_path: Path) -> None:
    # what is asked for is there only once the step after the task has run
    task = described(tmp_path, shell("echo do >~/part"), postconfig=[shell("cat ~/part >~/result")])
    found = tried(machine, task, "echo done >~/part")
    assert (found.outcome, found.verdict.outcome, found.run) == ("pass", "pass", "r")
    machine.reset()
    found = tried(machine, task)
    assert found.outcome == "fail"
    assert "do" in found.saying


def test_a_goal_that_holds_already_is_void_and_nobody_tries(machine: BareMachine, tmp_path: Path) -> None:
    found = tried(machine, described(tmp_path, shell("echo done >~/result")), "false")
    assert (found.outcome, found.run) == ("unknown", "")
    assert "already holds" in found.saying


def test_a_goal_that_holds_only_for_a_moment_is_no_void(machine: BareMachine, tmp_path: Path) -> None:
    passing = "echo done >~/result; setsid -f sh -c 'sleep 0.5; rm ~/result' >/dev/null 2>&1"
    found = tried(machine, described(tmp_path, shell(passing)), "echo done >~/result")
    assert (found.outcome, found.run) == ("pass", "r")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (step("launch", command=["no-such-program"]), "not installed: no-such-program"),
        (shell("true | no-such-program -x"), "not installed: no-such-program"),
        (shell("gsettings set org.no.such.schema key 1"), "not installed: the settings org.no.such.schema"),
    ],
)
def test_what_is_not_installed_is_told_before_anything_is_done(
    machine: BareMachine, tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    found = tried(machine, described(tmp_path, shell("touch ~/begun"), config), "false")
    assert (found.outcome, found.lacks, found.saying) == ("unknown", True, words)
    assert machine.world.exec(("test", "-e", "begun")).code == 1


def test_a_program_that_cannot_work_here_is_told(machine: BareMachine, tmp_path: Path) -> None:
    needs_program("timedatectl", "systemd")
    reads = {"type": "vm_command_line", "command": "timedatectl status", "shell": True}
    found = tried(machine, described(tmp_path, func="exact_match", result=reads), "false")
    assert (found.outcome, found.lacks) == ("unknown", True)
    assert "systemd" in found.saying


def test_a_step_that_cannot_be_done_is_named_and_no_failure(machine: BareMachine, tmp_path: Path) -> None:
    closed = step("upload_file", files=[{"local_path": "task.json", "path": "/usr/task.json"}])
    (tmp_path / "task.json").touch()
    found = tried(machine, described(tmp_path, shell("true"), closed), "false")
    assert (found.outcome, found.run) == ("unknown", "")
    assert found.saying.startswith("set-up, step 2 (upload_file): /usr/task.json cannot be written")


def test_a_program_that_a_step_brings_is_not_looked_for_before(machine: BareMachine, tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/sh\necho don >~/result\n")
    put = step("upload_file", files=[{"local_path": "run.sh", "path": "/home/user/run.sh"}])
    task = described(tmp_path, put, shell("chmod +x ~/run.sh"), step("execute", command=["/home/user/run.sh"]))
    assert tried(machine, task, "echo done >~/result").outcome == "pass"
    machine.reset()
    found = tried(machine, described(tmp_path, step("execute", command=["/home/user/run.sh"])), "false")
    assert (found.outcome, found.lacks) == ("unknown", False)  # nobody brought it, and that is our trouble
    assert found.saying.startswith("set-up, step 1 (execute)")


@pytest.mark.parametrize(
    ("command", "shell_runs_it"),
    [
        ("/home/user/run.sh", False),
        (["/home/user/run.sh", "-x"], False),
        (["bash", "/home/user/run.sh"], False),
        ("~/run.sh", True),
        ("cd ~ && ./run.sh", True),
    ],
)
def test_a_program_that_the_task_is_to_make_and_nobody_made_is_a_fail(
    machine: BareMachine, tmp_path: Path, command: str | list[str], shell_runs_it: bool
) -> None:
    result = {"type": "vm_command_line", "command": command, "shell": shell_runs_it}
    task = described(tmp_path, func="exact_match", result=result, expected=DONE)
    found = tried(machine, task)
    assert found.outcome == "fail"
    assert "run.sh is not there" in found.saying
    assert tried(machine, task, "printf '#!/bin/sh\necho done\n' >run.sh; chmod +x run.sh").outcome == "pass"


def test_a_pass_that_nobody_did_anything_for_says_what_did_it(machine: BareMachine, tmp_path: Path) -> None:
    late = described(tmp_path, postconfig=[shell("echo done >~/result")])
    found = tried(machine, late)
    assert found.outcome == "pass"
    assert found.saying.startswith("no act was done by who tried it, and its own steps after it (postconfig) made")
    machine.reset()
    act = Step(Observation(Place(""), ()), Press("a"), Came("confirmed", ""))
    found = attempt(late, machine, lambda task: ended(task, "done", act))
    assert (found.outcome, found.acts) == ("pass", 1)
    assert "no act was done" not in found.saying


def test_a_machine_that_goes_away_is_our_trouble(machine: BareMachine, tmp_path: Path) -> None:
    def trying(task: Task) -> Run:
        machine.sandbox.tree.end()
        return ended(task)

    found = attempt(described(tmp_path), machine, trying)
    assert found.outcome == "unknown"


def test_trouble_of_the_policy_is_no_failure(machine: BareMachine, tmp_path: Path) -> None:
    found = attempt(described(tmp_path), machine, lambda task: Run("r", task, stopped="trouble", reason="lost"))
    assert (found.outcome, found.saying) == ("unknown", "lost")


def test_what_a_browser_writes_late_is_waited_for(machine: BareMachine, tmp_path: Path) -> None:
    folder = str(names().browser["profiles"][0]).removeprefix("~/") + "/Default"
    late = f"mkdir -p {folder}; (sleep 3; echo '{{\"enable_do_not_track\": true}}' >{folder}/Preferences)"
    reads = {"type": "enable_do_not_track"}
    task = described(tmp_path, result=reads, expected={"type": "rule", "rules": {"expected": "true"}})

    def trying(asked: Task) -> Run:
        machine.launch(("sh", "-c", late))
        return ended(asked)

    assert attempt(task, machine, trying).outcome == "pass"


def test_a_file_that_comes_late_is_waited_for(machine: BareMachine, tmp_path: Path) -> None:
    reads = {"type": "vm_file", "path": "/home/user/kept.txt", "dest": "kept.txt"}
    expected = {"type": "rule", "rules": {"expected": ["done"]}}
    task = described(tmp_path, func="file_contains", result=reads, expected=expected)

    def trying(asked: Task) -> Run:
        machine.launch(("sh", "-c", "sleep 2; echo done >~/kept.txt"))
        return ended(asked)

    assert attempt(task, machine, trying).outcome == "pass"


@pytest.mark.parametrize(
    ("stopped", "outcome"),
    [("finished", "fail"), ("budget", "fail"), ("trouble", "unknown"), ("refused", "refused"),
     ("interrupted", "refused")],
)  # fmt: skip
def test_a_run_that_was_stopped_is_no_failure(stopped: Stopped, outcome: Outcome, tmp_path: Path) -> None:
    done = Run("r", described(tmp_path).task, stopped=stopped)
    assert of_run(done, Verdict("fail")).outcome == outcome


def test_what_an_app_of_the_task_keeps_of_itself_is_no_change(machine: BareMachine, tmp_path: Path) -> None:
    needs_program("chromium")
    path = described(tmp_path, func="infeasible", result=None, expected=None).path
    path.write_text(json.dumps(json.loads(path.read_text()) | {"related_apps": ["chrome"]}))
    task = load(path)

    def wrote(*files: str) -> Result:
        def trying(asked: Task) -> Run:
            for file in files:
                machine.write(f"~/{file}", b"[x]\na=b\n")
            return ended(asked, CANNOT, Step(Observation(Place(""), ()), Press("a"), Came("confirmed")))

        return attempt(task, machine, trying)

    assert (
        wrote(".config/chromium/Default/History", ".config/google-chrome/x.ini", ".local/share/chromium/x").outcome
        == "pass"
    )
    for other in ("chromium/x", ".config/chromium.txt", ".local/bin/chromium", ".config/other/x"):
        found = wrote(".config/chromium/Default/Other", other)
        assert (found.outcome, len(found.verdict.side_effects)) == ("fail", 1), found


def test_what_cannot_be_done_is_passed_by_saying_so_and_touching_nothing(machine: BareMachine, tmp_path: Path) -> None:
    task = described(tmp_path, func="infeasible", result=None, expected=None)
    assert not task.feasible
    assert tried(machine, task, claim=f"{CANNOT}: there is no such thing").outcome == "pass"
    assert tried(machine, task).outcome == "fail"

    def meddling(asked: Task) -> Run:
        machine.world.exec(("sh", "-c", "echo x >~/Documents/x"))
        seen = Observation(Place(""), ())
        return ended(asked, CANNOT, Step(seen, Press("a"), Came("confirmed")))

    found = attempt(task, machine, meddling)
    assert found.outcome == "fail"
    assert "Documents/x" in found.saying


def test_calling_impossible_what_was_done_is_no_pass(machine: BareMachine, tmp_path: Path) -> None:
    assert tried(machine, described(tmp_path), "echo done >~/result", CANNOT).outcome == "fail"


# ------------------------------------------------------------------------------------------------ steps


def test_commands_are_filled_in_run_and_repeated(stage: Stage) -> None:
    setting_up.execute(stage, command="echo {CLIENT_PASSWORD} {SCREEN_WIDTH_HALF} >~/said", shell=True)
    assert stage.machine.world.read("~/said") == b"password 960\n"
    setting_up.execute(stage, command="echo x >>~/count; wc -l <~/count", shell=True, until={"stdout": "3"})
    assert stage.machine.world.read("~/count") == b"x\nx\nx\n"
    setting_up.execute(stage, command="echo x >>~/once", shell=True, until={"returncode": 0})
    assert stage.machine.world.read("~/once") == b"x\n"
    with pytest.raises(SandboxError, match="cannot be run"):
        setting_up.execute(stage, command=["no-such-program"])


def test_a_command_is_verified(stage: Stage) -> None:
    late = ["sh", "-c", "(sleep 0.3; touch ~/late) &"]
    setting_up.execute_with_verification(stage, command=late, verification={"command_success": "true"})
    wanted: setting_up.Verification = {"window_exists": "no such window"}
    with pytest.raises(SandboxError, match="did not come true"):
        setting_up.execute_with_verification(stage, command=["true"], verification=wanted, max_wait_time=0.2)


def test_files_of_ours_are_written_into_the_machine(stage: Stage) -> None:
    (stage.folder / "own.bin").write_bytes(bytes(range(256)) * 1000)
    setting_up.upload_file(stage, files=[{"local_path": "own.bin", "path": "/home/user/new folder/it's.bin"}])
    assert stage.machine.world.read("~/new folder/it's.bin") == bytes(range(256)) * 1000
    with pytest.raises(SandboxError, match=r"none\.bin cannot be read"):
        setting_up.upload_file(stage, files=[{"local_path": "none.bin", "path": "/home/user/x"}])
    with pytest.raises(SandboxError, match="cannot be written"):
        setting_up.upload_file(stage, files=[{"local_path": "own.bin", "path": "/usr/x"}])


def test_files_of_others_stay_where_they_are(stage: Stage) -> None:
    with pytest.raises(UsageError, match="does not lie in"):
        setting_up.upload_file(stage, files=[{"local_path": "../other/x", "path": "/home/user/x"}])


def test_a_download_without_a_network_is_our_trouble(stage: Stage) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), object) as free:  # type: ignore[arg-type]
        url = f"http://127.0.0.1:{free.server_port}/x"
    with pytest.raises(SandboxError, match="could not be downloaded"):
        setting_up.download(stage, files=[{"url": url, "path": "/home/user/x"}])


def test_a_program_is_started_typed_into_brought_forward_and_closed(stage: Stage) -> None:
    needs_program("mousepad")
    starting.launch(stage, command=["mousepad"])
    script = "import pyautogui; pyautogui.write('held'); pyautogui.hotkey('ctrl', 'a')"
    setting_up.execute(stage, command=["python", "-c", script])
    assert any(element.value == "held" for element in stage.machine.world.observe().elements)
    stage.machine.write("~/second", b"text")
    starting.launch(stage, command="mousepad -o window /home/user/second", shell=True)
    windows.activate_window(stage, window_name="untitled")
    shown = [window.title for window in stage.machine.windows() if window.active]
    assert "ntitled" in shown[0]
    windows.close_window(stage, window_name="second")
    assert not any("second" in window.title for window in stage.machine.windows())
    starting.launch(stage, command="pkill mousepad", shell=True)
    assert stage.machine.world.exec(("pgrep", "mousepad")).code == 1


def test_what_is_done_by_hand_is_done_once_the_programs_are_through_with_it(stage: Stage) -> None:
    stage.machine.launch((with_gtk("3.0"), "-c", SLOW))
    awaited(stage.machine.windows, "its window")
    setting_up.execute(stage, command=["python", "-c", "import pyautogui; pyautogui.write('x')"])
    assert stage.machine.world.exec(("test", "-e", "made")).code == 0


def test_a_program_is_ended_and_a_window_found_by_the_names_of_the_machine(theirs: Stage) -> None:
    needs_program("mousepad")
    world = theirs.machine.world
    theirs.machine.launch(("chrome", "1000"))
    awaited(lambda: world.exec(("pgrep", "chrome")).code == 0, "it runs")
    starting.launch(theirs, command=["pkill", "chrome"])
    assert world.exec(("pgrep", "chrome")).code == 1
    theirs.machine.write("~/About Google Chrome", b"text")
    starting.launch(theirs, command=["mousepad", "/home/user/About Google Chrome"])
    windows.activate_window(theirs, window_name="Google Chrome")


@pytest.mark.parametrize("kind", [starting.launch, setting_up.execute])
def test_an_end_that_is_asked_for_in_another_way_is_left_as_it_is(kind: Callable[..., None], stage: Stage) -> None:
    world = stage.machine.world
    stage.machine.launch(("sh", "-c", "sleep 1000; true", "my_script.py"))
    awaited(lambda: world.exec(("pgrep", "-f", "my_script[.]py")).code == 0, "it runs")
    kind(stage, command="pkill -f my_script.py", shell=True)
    awaited(lambda: world.exec(("pgrep", "-f", "my_script[.]py")).code == 1, "it has ended")


def test_after_a_task_a_program_has_time_to_write_down_what_it_has_in_mind(
    machine: BareMachine, tmp_path: Path
) -> None:
    assert ended_late(machine, tmp_path, 12).outcome == "pass"


@pytest.mark.live
def test_what_is_not_written_down_is_unknown(machine: BareMachine, tmp_path: Path) -> None:
    found = ended_late(machine, tmp_path, 1000)
    assert found.outcome == "unknown"
    assert "slowly does not end" in found.saying


def ended_late(machine: BareMachine, folder: Path, seconds: int) -> Result:
    """Of a task whose program takes so long to end and to write what is asked for."""
    task = described(folder, postconfig=[step("launch", command=["pkill", "slowly"])])

    def trying(asked: Task) -> Run:
        machine.write("~/slowly", SLOW_TO_END.format(seconds=seconds).encode())
        assert machine.world.exec(("chmod", "+x", "slowly")).code == 0
        machine.launch(("./slowly",))
        awaited(lambda: machine.world.exec(("pgrep", "slowly")).code == 0, "it runs")
        return ended(asked)

    return attempt(task, machine, trying)


def test_a_file_is_opened_and_its_window_awaited(stage: Stage) -> None:
    needs_program("mousepad")
    needs_program("xdg-open", "xdg-utils")
    stage.machine.write("~/notes of mine.txt", b"text")
    starting.open_file(stage, path="/home/user/notes of mine.txt")
    assert any("notes of mine" in window.title for window in stage.machine.windows())


def test_a_window_that_is_not_there_is_told_with_those_that_are(stage: Stage) -> None:
    with pytest.raises(SandboxError, match=r"no window 'Nothing'.*open are: none"):
        windows.activate_window(stage, window_name="Nothing")
    late = Stage(stage.machine, stage.folder, late=True)
    windows.activate_window(late, window_name="Nothing")  # who tried the task may have closed it


def test_nothing_is_typed_where_no_window_takes_it(stage: Stage) -> None:
    with pytest.raises(SandboxError, match="no window takes"):
        setting_up.execute(stage, command=["python", "-c", "import pyautogui; pyautogui.write('x')"])


def test_the_wallpaper_is_changed(stage: Stage) -> None:
    needs_program("gsettings", "libglib2.0-bin")
    setting_up.change_wallpaper(stage, path="/home/user/x.png")
    done = stage.machine.world.exec(("gsettings", "get", "org.gnome.desktop.background", "picture-uri"))
    assert done.out.strip() == "'file:///home/user/x.png'"


def test_entries_on_the_desktop_are_read(stage: Stage) -> None:
    assert getters.shortcuts_on_desktop(stage.machine.world) == {}
    stage.machine.write("~/Desktop/x y.desktop", b"[Desktop Entry]\nName=X\n")
    found = getters.shortcuts_on_desktop(stage.machine.world)
    assert found == {"/home/user/Desktop/x y.desktop": "[Desktop Entry]\nName=X\n"}


def test_tabs_are_opened_closed_and_read_and_need_a_network(stage: Stage) -> None:
    needs_program("chromium")
    world = stage.machine.world
    with pytest.raises(SandboxError, match="no browser answers"):
        browser.open_tabs_info(world)
    starting.launch(stage, command=["google-chrome", "--remote-debugging-port=1337"])
    for name in ("one", "two"):
        stage.machine.write(f"~/{name}.html", f"<title>{name}</title>".encode())
    urls = [f"file:///home/user/{name}.html" for name in ("one", "two")]
    setting_up.chrome_open_tabs(stage, urls_to_open=urls)
    assert {tab["url"] for tab in browser.open_tabs_info(world)} == {*urls}
    assert browser.active_tab_info(world)["title"] == "two"
    assert browser.active_url_from_accessTree(world, goto_prefix="") == urls[1]
    setting_up.chrome_close_tabs(stage, urls_to_close=urls[1:])
    awaited(lambda: browser.open_tabs_info(world), "one tab less", lambda tabs: [t["url"] for t in tabs] == urls[:1])
    with pytest.raises(TroubleError, match="no network"):
        setting_up.chrome_open_tabs(stage, urls_to_open=["https://example.org/"])


def test_the_terminal_is_read(stage: Stage) -> None:
    needs_program("gnome-terminal")
    assert getters.vm_terminal_output(stage.machine.world) is None
    script = "import pyautogui; pyautogui.hotkey('ctrl', 'alt', 't'); pyautogui.write('echo $((6*7))\\n')"
    setting_up.execute(stage, command=["python", "-c", script])
    world = stage.machine.world
    said = awaited(lambda: getters.vm_terminal_output(world), "the answer", lambda text: "42" in (text or ""))
    assert "echo" in (said or "")


# ------------------------------------------------------------------------------------------------ whole tasks


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("os/f9be0997", "gsettings"),
        ("os/b3d4a89c", "true"),
        ("chrome/030eeff7", "socat"),
        ("libreoffice_impress/ef9d12bd", "loimpress"),  # it comes with libreoffice-impress
    ],
)
def test_an_oracle_passes_a_task_of_the_benchmark_and_doing_nothing_does_not(name: str, program: str) -> None:
    needs_program(program)
    (path,) = FILES.glob(f"{name}*.json")
    rows = list(of_task(load(path), 1, BareMachine))
    assert [row.metric for row in rows] == ["passes when done", "fails when nothing is done"], rows
    assert all(row.holds for row in rows), rows


def cua(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "cua", "task", "run", *map(str, arguments)]
    env = os.environ | {"CUA_HOME": str(folder / "home")}
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_the_command_tells_each_task_and_counts_apart_what_cannot_be_done(machine: BareMachine, tmp_path: Path) -> None:
    unready = tmp_path / "unready.json"
    told = {"id": "u", "instruction": "Do it", "evaluator": {"func": "compare_pptx_files"}}
    unready.write_text(json.dumps(told))
    infeasible = next(FILES.glob("os/b3d4a89c*"))
    task = described(tmp_path).path
    done = cua(tmp_path, task, infeasible, unready, "--policy", "none", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["outcome"] for line in lines] == ["fail", "fail", "unknown", "fail"], done.stderr
    assert "compare_pptx_files" in lines[2]["saying"]
    assert lines[3]["feasible"] == {"passed": 0, "failed": 1, "unknown": 1, "refused": 0}
    assert lines[3]["infeasible"] == {"passed": 0, "failed": 1, "unknown": 0, "refused": 0}
    assert done.returncode == 1
    done = cua(tmp_path, unready)
    assert done.returncode == 4
    assert "not there yet" in done.stdout


def test_the_planner_does_what_a_task_asks_for(machine: BareMachine, tmp_path: Path) -> None:
    needs_program("mousepad")
    reads = {"type": "vm_command_line", "command": "gsettings get org.xfce.mousepad.preferences.view word-wrap"}
    told = {
        "id": "wrap",
        "instruction": "turn on word wrap",
        "config": [step("launch", command=["mousepad"])],
        "evaluator": {
            "func": "exact_match",
            "result": reads,
            "expected": {"type": "rule", "rules": {"expected": "true\n"}},
        },
    }
    path = tmp_path / "wrap.json"
    path.write_text(json.dumps(told))
    done = cua(tmp_path, path, "--json")
    first, last = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["outcome"], last["outcome"], done.returncode) == ("pass", "pass", 0), done.stdout
    assert first["acts"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{good}", "none.json"), "none.json cannot be read"),
        (("{good}", "{bad}"), "no JSON"),
        (("task.txt",), "should end in .json or .toml"),
        (("{good}", "--policy", "best"), "no policy 'best'.*planner, model, none"),
        (("{good}", "--on", "mars"), "'mars'.*namespace"),
    ],
)
def test_a_wrong_request_is_told_before_any_task_is_tried(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    good = described(tmp_path).path
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    done = cua(tmp_path, *(each.format(good=good, bad=bad) for each in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.search(f"(?s){words}", done.stderr), done.stderr
