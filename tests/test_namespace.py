"""A namespace sandbox keeps every promise, for root and for anybody else, and leaves nothing behind however we end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cua.core import Changes, Completed, Press, Type
from cua.errors import MissingProgram, SandboxError, UsageError
from sandbox_vms import apps, bwrap, places, promises
from sandbox_vms.apps import App, find
from sandbox_vms.namespace import Namespace
from sandbox_vms.promises import PROMISES, BrokenPromise, NoStage, Stage
from tests.sandboxes import installed, left_of, sandboxed
from tests.waiting import awaited

ROOT = Path(__file__).parents[1]
NOBODY = 64200


@pytest.fixture(scope="module")
def app() -> App:
    """An app with settings of its own."""
    return installed()


@pytest.fixture(scope="module")
def shared(app: App) -> Iterator[Namespace]:
    """One sandbox for the tests that give it back."""
    with sandboxed(app) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Namespace) -> Namespace:
    """A sandbox at its start state."""
    shared.reset()
    return shared


# ---------------------------------------------------------------------------------------------- promises


@pytest.fixture(scope="module")
def stage(app: App) -> Iterator[Stage]:
    with sandboxed(app) as sandbox:
        room = sandbox.room
        yield Stage(sandbox, lambda: left_of(room))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_a_namespace_keeps(stage: Stage, promise: Callable[[Stage], None]) -> None:
    stage.sandbox.reset()
    try:
        promise(stage)
    except NoStage as exc:
        pytest.skip(str(exc))


@dataclass
class Faulty:
    """A true sandbox, and world, with one fault."""

    true: Namespace
    fault: str

    @property
    def driver(self) -> object:
        return self.true.driver

    @property
    def world(self) -> Faulty:
        return self

    def reset(self) -> None:
        if self.fault != "does not reset":
            self.true.reset()

    def snapshot(self, name: str) -> None:
        self.true.snapshot(f"{name}-{self.fault.replace(' ', '-')}")

    def clone(self) -> Faulty:
        return Faulty(self.true if self.fault == "clones itself" else self.true.clone(), self.fault)

    def close(self) -> None:
        if self.fault not in ("does not close", "clones itself"):
            self.true.close()

    def observe(self) -> object:
        return self.true.world.observe()

    def setting(self, key: str) -> str | None:
        return None if self.fault == "knows no setting" else self.true.world.setting(key)

    def read(self, path: str) -> bytes:
        return b"" if self.fault == "reads nothing" else self.true.world.read(path)

    def changes(self) -> Changes:
        return Changes() if self.fault == "sees no change" else self.true.world.changes()

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        if self.fault == "runs on the machine itself":
            ours = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=seconds)
            return Completed(ours.returncode, ours.stdout, ours.stderr)
        done = self.true.world.exec(argv, seconds=seconds)
        return Completed(0, done.out, done.err) if self.fault == "has no exit codes" else done


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("does not reset", promises.promise_reset_gives_the_start_state_back),
        ("clones itself", promises.promise_clone_and_snapshot_carry_files),
        ("clones itself", promises.promise_two_sandboxes_do_not_see_each_other),
        ("knows no setting", promises.promise_a_changed_setting_is_told_by_its_key),
        ("reads nothing", promises.promise_a_file_reads_back),
        ("sees no change", promises.promise_each_changed_file_is_told),
        ("has no exit codes", promises.promise_exec_gives_code_and_output),
        ("has no exit codes", promises.promise_exec_has_a_time_limit),
        ("runs on the machine itself", promises.promise_there_is_no_network),
        ("runs on the machine itself", promises.promise_the_real_home_is_not_seen),
        ("does not close", promises.promise_close_leaves_nothing),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_promise_notices_a_sandbox_that(sandbox: Namespace, fault: str, promise: Callable[[Stage], None]) -> None:
    room = sandbox.room
    with pytest.raises(BrokenPromise):
        promise(Stage(Faulty(sandbox, fault), lambda: left_of(room)))  # type: ignore[arg-type]


PROMISES_OF_A_USER = """
import sys
from cua.errors import CuaError
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from sandbox_vms.promises import Stage, check
sandbox = Namespace(find("mousepad"))
room = sandbox.room
for result in check(Stage(sandbox, lambda: (str(room),) if room.exists() else ())):
    print(result.ok, result.name, result.detail)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; the other tests run as you already")
def test_an_ordinary_user_has_the_same(app: App, tmp_path_factory: pytest.TempPathFactory) -> None:
    python = next(
        (p for p in (sys.executable, f"/usr/bin/python3.{sys.version_info[1]}") if as_nobody(p, "import encodings")), ""
    )
    paths = f"{ROOT}:{sysconfig.get_path('purelib')}"
    if not python or not as_nobody(python, "import cua.core, dbus_fast, xcffib, mss, PIL", paths):
        pytest.skip("no Python of this version, or none of its libraries, can be read by an ordinary user")
    done = nobody(python, PROMISES_OF_A_USER, paths)
    folder = Path(f"/var/tmp/cua-{NOBODY}")
    rooms = [path.name for path in folder.glob("[!.]*")]
    shutil.rmtree(folder, ignore_errors=True)
    lines = done.stdout.splitlines()
    assert (len(lines), [line for line in lines if not line.startswith("True ")]) == (len(PROMISES), []), done.stderr
    assert not rooms
    assert not done.stderr


def nobody(python: str, script: str, paths: str) -> subprocess.CompletedProcess[str]:
    who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    home = Path(f"/tmp/cua-nobody-{os.getpid()}")
    home.mkdir(exist_ok=True)
    os.chown(home, NOBODY, NOBODY)
    known = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        argv = [*who, python, "-W", "error", "-c", script]
        return subprocess.run(argv, env=known, cwd="/", capture_output=True, text=True, check=False, timeout=120)
    except PermissionError as error:
        return subprocess.CompletedProcess(who, 126, "", str(error))
    finally:
        shutil.rmtree(home)


def as_nobody(python: str, script: str, paths: str = "") -> bool:
    return nobody(python, script, paths).returncode == 0


# ---------------------------------------------------------------------------------------------- the world


def test_windows_and_the_clipboard_are_told(sandbox: Namespace) -> None:
    sandbox.driver.act(Type("copied"))
    sandbox.driver.act(Press("ctrl+a"))
    sandbox.driver.act(Press("ctrl+c"))
    sandbox.driver.act(Press("ctrl+n"))
    awaited(lambda: len(sandbox.world.changes().windows) > 1, "a second window")
    changes = sandbox.world.changes()
    assert changes.clipboard is not None
    assert (changes.clipboard.before, changes.clipboard.after) == (None, "copied")
    assert "opened" in changes.windows.values()
    sandbox.reset()
    assert not sandbox.world.changes().keys()


def test_a_setting_of_the_desktop_is_told_by_its_key_alone(sandbox: Namespace) -> None:
    key = "gsettings:/org/xfce/mousepad/preferences/view/word-wrap"
    assert sandbox.world.setting(key) == "false"
    done = sandbox.world.exec(("gsettings", "set", "org.xfce.mousepad.preferences.view", "word-wrap", "true"))
    assert done.code == 0, done.err
    awaited(lambda: sandbox.world.changes().keys(), "the changed setting")
    changes = sandbox.world.changes()
    assert changes.keys() == {f"setting:{key}"}
    assert (changes.settings[key].before, changes.settings[key].after) == ("false", "true")
    assert sandbox.world.setting(key) == "true"


def test_nothing_of_the_host_is_within_reach(sandbox: Namespace) -> None:
    def inside(script: str) -> str:
        return sandbox.world.exec(("sh", "-c", script)).out.strip()

    assert inside("ls /tmp/.X11-unix") == "X0"
    assert inside("ls /root /mnt /srv /media /sys /run/dbus /run/systemd 2>/dev/null | grep -v :$") == ""
    assert inside("ls -A /home") == "user"
    assert inside("sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '") == "lo"
    assert inside("cut -f2 /proc/net/unix | grep -c @/tmp/.X11-unix/X0; id -un").splitlines()[-1] == "user"
    assert not {"CUA_HOME", "CUA_TEST_SESSION"} & set(inside("env | cut -d= -f1").split())
    assert str(os.getpid()) not in inside("ls /proc").split() or os.getpid() < 100


def test_other_people_cannot_look_into_it(sandbox: Namespace) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    link = places.X_SOCKETS / f"X{sandbox.driver.x11.display.removeprefix(':')}"  # type: ignore[union-attr]
    assert link.exists()
    other = ["setpriv", "--reuid=64201", "--clear-groups", "test"]
    codes = [subprocess.run([*other, option, str(link)], check=False).returncode for option in ("-L", "-S")]
    assert codes == [0, 1]  # the link is there to see, and leads to nothing that they may see


def test_a_command_without_a_limit_or_words_is_refused(sandbox: Namespace) -> None:
    with pytest.raises(UsageError):
        sandbox.world.exec(("true",), seconds=0)
    with pytest.raises(UsageError):
        sandbox.world.exec(())


def test_a_command_ended_by_a_signal_says_which(sandbox: Namespace) -> None:
    assert sandbox.world.exec(("sh", "-c", "kill -9 $$")).code in (-9, 137)
    assert sandbox.world.exec(("no-such-program",)).code == 127


# ---------------------------------------------------------------------------------------------- life


def test_quitting_and_starting_again_keeps_the_home(sandbox: Namespace) -> None:
    sandbox.world.exec(("sh", "-c", "echo kept >~/kept"))
    sandbox.driver.act(Type("unsaved"))
    sandbox.quit()
    assert not [window for window in sandbox.driver.x11.windows() if not window.popup]
    sandbox.restart()
    assert sandbox.world.observe().place.window
    assert sandbox.world.changes().files["kept"] == "created"


def test_a_snapshot_can_be_gone_back_to(sandbox: Namespace) -> None:
    sandbox.world.exec(("sh", "-c", "echo 1 >~/Documents/a; rmdir ~/Pictures"))
    sandbox.snapshot("later")
    with pytest.raises(UsageError, match="already"):
        sandbox.snapshot("later")
    sandbox.reset("later")
    assert sandbox.world.read("~/Documents/a") == b"1\n"
    assert not sandbox.world.changes().keys()
    assert sandbox.world.exec(("test", "-e", "Pictures")).code
    sandbox.reset()
    assert sandbox.world.exec(("test", "-e", "Documents/a")).code
    with pytest.raises(UsageError, match="later"):
        sandbox.reset("earlier")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("sh", "-c", "echo oops >&2; exit 3"), "code 3 .*oops"),
        (("sh", "-c", "echo dying; kill -6 $$"), "signal 6|code 134"),
        (("true",), "without showing a window.*terminal"),
        (("/root/no-such-app",), "not to be found in the sandbox"),
    ],
    ids=["crashes", "aborts", "no window", "not there"],
)
def test_an_app_without_a_window_is_told_with_what_it_said(app: App, command: tuple[str, ...], said: str) -> None:
    before = set(places.base().iterdir())
    with pytest.raises(SandboxError, match=said):
        Namespace(App("broken", command))
    assert {path.name for path in set(places.base().iterdir()) - before if places.holder(path) == os.getpid()} == set()


def test_an_app_takes_arguments_and_files(app: App) -> None:
    given = App("given", ("mousepad", "Documents/read me.txt"), files={"Documents/read me.txt": "hello\n"})
    with sandboxed(given) as sandbox:
        seen = sandbox.world.observe()
        assert "read me.txt" in seen.place.window
        assert any(element.value == "hello\n" for element in seen.elements)


# ---------------------------------------------------------------------------------------------- what is missing


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="apt-get install bubblewrap"):
        bwrap.check()


def test_apps_are_found_by_command_and_by_title(app: App) -> None:
    assert find("mousepad") == find("Mousepad") == app
    assert find("mousepad --disable-server 'a b'").command == ("mousepad", "--disable-server", "a b")
    for entry in apps.ENTRIES[1].glob("*.desktop"):
        if "mousepad-settings" in entry.name:
            assert find("Text Editor Settings").command[0] == "mousepad"
    with pytest.raises(UsageError, match="closest: mousepad"):
        find("moosepad")
    for bad in ("", "'", "no-such-program-anywhere"):
        with pytest.raises(UsageError):
            find(bad)


def test_nobody_of_this_machine_is_the_sandboxes_user() -> None:
    taken = {user.pw_uid for user in pwd.getpwall()}
    assert os.geteuid() != 0 or places.guest_uid() not in taken
