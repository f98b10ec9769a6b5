"""The guest agent in a sandbox, driven from outside: a driver and a world like those that are here, and it lasts."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import xcffib.res

from cua.core import Click, Element, Fill, Invoke, Move, Observation, Point, Press, Sandbox, Type, Wait
from cua.errors import CuaError, SandboxError, TargetGone, TimedOut, UsageError
from drivers import promises as driving
from drivers.brisk import Brisk
from drivers.promises import named
from sandbox_vms import promises as living
from sandbox_vms.apps import App
from sandbox_vms.remote import Remote, RemoteDriver, RemoteWorld
from tests.guests import TOKEN, Guest, guested
from tests.sandboxes import installed
from tests.waiting import awaited

ACTS = 2000


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with guested(installed()) as made:
        yield made


@pytest.fixture
def remote(guest: Guest) -> Iterator[Remote]:
    """A connection of its own, so that one test's looks are not another's."""
    with closing(Remote(f"unix:{guest.socket}", 0, TOKEN)) as made:
        yield made


@pytest.fixture
def driver(remote: Remote) -> RemoteDriver:
    """At an empty document, whatever the test before left behind."""
    made = RemoteDriver(remote)
    made.do([Press("Escape"), Fill(document(made.observe(frame=False)), "")])
    return made


def document(now: Observation) -> Element:
    return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


def shown(driver: RemoteDriver) -> str:
    return document(driver.observe(frame=False)).value or ""


# ---------------------------------------------------------------------------------------------- a driver


@pytest.mark.parametrize("promise", driving.PROMISES, ids=lambda promise: promise.__name__)
def test_the_driver_over_there_keeps(promise: Callable[[driving.Stage], None], driver: RemoteDriver) -> None:
    try:
        promise(driving.Stage(driver, textbox=document, button=named("menuitem", "Quit")))
    except driving.NoStage as exc:
        pytest.skip(str(exc))


def test_acts_and_the_look_after_them_are_one_round_trip(driver: RemoteDriver) -> None:
    effects, seen = driver.do([Type("first"), Press("ctrl+a"), Type("second\nünd 日本")])
    assert [effect.kind for effect in effects] == ["confirmed"] * 3
    assert document(seen).value == "second\nünd 日本"
    assert seen.frame is not None
    assert seen.frame.pixels is not None
    assert len(seen.frame.pixels) == seen.frame.width * seen.frame.height * 4
    assert driver.do([], frame=False)[1].frame is None


def test_a_refused_act_is_the_last(driver: RemoteDriver) -> None:
    refused = Invoke(disabled(driver.observe(frame=False)))
    effects, seen = driver.do([Type("before"), refused, Type("after")])
    assert [effect.kind for effect in effects] == ["confirmed", "refused"]
    assert effects[1].reason
    assert document(seen).value == "before"


def disabled(now: Observation) -> Element:
    return next(e for e in now.elements if e.role == "menuitem" and "disabled" in e.states and e.actions)


def test_an_act_that_fails_is_raised_with_its_place_and_nothing_comes_after(driver: RemoteDriver) -> None:
    gone = Element("|:9.99|/nowhere", "button", "Gone")
    with pytest.raises(TargetGone, match="act 2 of 3"):
        driver.do([Type("before"), Click(gone), Type("after")])
    assert shown(driver) == "before"
    with pytest.raises(UsageError):
        driver.act(Press("no+such+key"))


def test_it_sees_what_the_driver_here_sees(guest: Guest, driver: RemoteDriver) -> None:
    driver.do([Type("the same")])
    here = guest.sandbox.driver.observe()
    there = driver.observe()
    told = [
        [(e.role, e.name, e.value, e.box, e.parent, sorted(e.states)) for e in seen.elements] for seen in (here, there)
    ]
    assert told[0] == told[1]
    assert here.place == there.place

    def pictures() -> tuple[str, str]:
        looks = guest.sandbox.driver.observe().frame, driver.observe().frame
        assert None not in looks
        return looks[0].sha, looks[1].sha  # type: ignore[union-attr]

    awaited(pictures, "both take the same picture, between two blinks", lambda shas: shas[0] == shas[1])


def test_pictures_in_parts_are_whole(driver: RemoteDriver) -> None:
    """The pixels that were put together have the hash that the driver over there gave them."""
    for text in ("a", "b\n\n\nc", "d" * 40):
        frame = driver.do([Type(text)])[1].frame
        assert frame is not None
        assert frame.pixels is not None
        assert hashlib.sha256(frame.pixels).hexdigest() == frame.sha


def test_quick_successions_are_driven_over_there_too(driver: RemoteDriver) -> None:
    brisk = Brisk(driver)  # type: ignore[arg-type]  # it uses what both have
    for letter in "brisk":
        brisk.act(Type(letter))
    awaited(lambda: document(brisk.observe(frame=False)).value, "what was typed", lambda said: said == "brisk")
    began = time.monotonic()
    brisk.act(Wait(0.05))
    assert time.monotonic() - began < 5


# ---------------------------------------------------------------------------------------------- a world


@dataclass
class Inhabited:
    """As much of a sandbox as the agent is."""

    driver: RemoteDriver
    world: RemoteWorld
    restart: Callable[[], None]


WORLDLY = [
    living.promise_an_untouched_sandbox_has_no_changes,
    living.promise_exec_gives_code_and_output,
    living.promise_exec_has_a_time_limit,
    living.promise_each_changed_file_is_told,
    living.promise_a_changed_setting_is_told_by_its_key,
    living.promise_a_file_reads_back,
]


@pytest.mark.parametrize("promise", WORLDLY, ids=lambda promise: promise.__name__)
def test_the_world_over_there_keeps(promise: Callable[[living.Stage], None], remote: Remote) -> None:
    remote.start_state()
    there: Sandbox = Inhabited(RemoteDriver(remote), RemoteWorld(remote), remote.restart)  # type: ignore[assignment]
    try:
        promise(living.Stage(there))
    except living.NoStage as exc:
        pytest.skip(str(exc))


def test_changes_since_a_moment(remote: Remote, driver: RemoteDriver) -> None:
    world = RemoteWorld(remote)
    remote.start_state()
    world.exec(("sh", "-c", "echo one >~/one"))
    then = world.state()
    world.exec(("sh", "-c", "echo two >~/two; rm ~/one"))
    assert world.changes().files == {"two": "created"}
    assert world.changes(since=then).files == {"two": "created", "one": "deleted"}
    for _ in range(8):
        world.state()
    with pytest.raises(UsageError, match="any more"):
        world.changes(since=then)


def test_windows_and_clipboard_are_changes(remote: Remote, driver: RemoteDriver) -> None:
    driver.act(Type("to be cut"))
    remote.start_state()
    driver.do([Press("ctrl+a"), Press("ctrl+x"), Press("ctrl+n")])
    changes = awaited(RemoteWorld(remote).changes, "the text is on the clipboard", lambda found: found.clipboard)
    assert changes.clipboard is not None
    assert changes.clipboard.after == "to be cut"
    assert "opened" in changes.windows.values()
    remote.restart()


def test_settings_have_their_defaults(remote: Remote) -> None:
    world = RemoteWorld(remote)
    assert world.setting("gsettings:/org/gnome/desktop/interface/toolkit-accessibility") == "true"
    assert world.setting("gsettings:/org/gnome/desktop/interface/no-such-key") is None


# ---------------------------------------------------------------------------------------------- the app


def test_the_app_is_quit_and_started_again(remote: Remote, guest: Guest) -> None:
    name = guest.sandbox.app.name
    assert remote.ready()["app"] == name
    remote.exec(["sh", "-c", "echo kept >~/kept"])
    remote.quit()
    assert not titles(remote)
    remote.restart()
    assert titles(remote)
    assert remote.read("~/kept") == b"kept\n"


def test_one_that_shows_no_window_again_is_told_and_whoever_waits_may_stop() -> None:
    app = installed()
    twice = '[ "$(cat ~/starts)" = xx ] && exec sleep 60; printf x >>~/starts; exec "$@"'  # the first is the sandbox's

    def enough() -> None:
        raise KeyboardInterrupt

    with guested(App(app.name, ("sh", "-c", twice, "sh", *app.command))) as guest:
        with pytest.raises(KeyboardInterrupt):
            guest.remote.restart(seconds=2.0, waiting=enough)
        with pytest.raises(TimedOut, match="showed a window, and shows none within 2 s when it is started again"):
            guest.remote.restart(seconds=2.0)


def titles(remote: Remote) -> list[str]:
    _, seen = remote.do(frame=False)
    assert seen is not None
    return [e.name for e in seen.elements if e.parent < 0 and e.role == "window"]


def test_readiness_waits_for_nobody_and_a_program_without_a_window_is_told(remote: Remote, guest: Guest) -> None:
    raised: list[CuaError] = []

    def start() -> None:
        with closing(Remote(f"unix:{guest.socket}", 0, TOKEN)) as other:
            try:
                other.app(App("nothing", ("sh", "-c", "echo no window for you; sleep 3; exit 3")))
            except CuaError as exc:
                raised.append(exc)

    thread = threading.Thread(target=start)
    thread.start()
    try:
        awaited(lambda: "sleep 3" in remote.exec(["ps", "ax"]).out, "the program runs")
        began = time.monotonic()
        assert remote.ready()["ready"]
        assert remote.exec(["true"]).code == 0
        assert time.monotonic() - began < 3
        assert thread.is_alive()
    finally:
        thread.join(60)
        remote.app(guest.sandbox.app)
    (said,) = raised
    assert isinstance(said, SandboxError)
    assert "ended with code 3" in str(said)
    assert "no window for you" in str(said)


def test_files_of_a_new_home_are_laid_where_there_are_none(remote: Remote, guest: Guest) -> None:
    app = guest.sandbox.app
    remote.write("~/.config/there.ini", b"[old]\n")
    files = {".config/there.ini": "[new]\n", ".config/deep/new.ini": "[new]\n"}
    remote.app(App(app.name, app.command, env=app.env, files=files))
    assert remote.read("~/.config/there.ini") == b"[old]\n"
    assert remote.read("~/.config/deep/new.ini") == b"[new]\n"
    assert not RemoteWorld(remote).changes().keys()
    remote.app(app)


def test_what_a_clone_cannot_make_its_own_is_said(remote: Remote) -> None:
    """In a sandbox without rights of its own: the clock is this machine's, and the randomness is only stirred."""
    undone = remote.fresh(entropy=b"\x01" * 64, machine_id="0123456789abcdef" * 2)
    assert any("clock" in saying for saying in undone)
    assert any("randomness" in saying for saying in undone)


# ---------------------------------------------------------------------------------------------- it lasts


def test_it_does_not_grow(remote: Remote, guest: Guest, driver: RemoteDriver) -> None:
    pid = remote.ready()["pid"]

    def some(acts: int) -> None:
        for number in range(acts // 10):
            here, there = Move(Point(10 + number % 300, 20)), Move(Point(200, 20 + number % 300))
            effects, _ = driver.do([here, Type("x"), there, Press("BackSpace")] * 2, frame=number % 9 == 0, whole=False)
            assert len(effects) == 8
            for action in (here, there):
                driver.act(action, patient=False)
            if number % 10 == 0:
                remote.exec(["true"])
                remote.write("~/passing", b"x" * 1000)
                RemoteWorld(remote).state()
                with closing(Remote(f"unix:{guest.socket}", 0, TOKEN)) as other:
                    other.ready()

    some(200)  # after which it has all that it keeps
    before = used(remote, guest, pid)
    some(ACTS)

    def small(after: Used) -> bool:
        return (
            after.descriptors <= before.descriptors + 2
            and after.threads <= before.threads + 1
            and after.clients <= before.clients
            and after.kilobytes <= before.kilobytes + 3 * PICTURE
        )

    awaited(lambda: used(remote, guest, pid), f"it is as small as before, {before}", small)  # what closes, closes late


PICTURE = 4000  # kB; one more or one less is kept as it comes


@dataclass(frozen=True)
class Used:
    """What the agent has of the machine."""

    kilobytes: int
    descriptors: int
    threads: int
    clients: int


def used(remote: Remote, guest: Guest, pid: int) -> Used:
    status = remote.read(f"/proc/{pid}/status").decode()
    numbers = {line.split(":")[0]: line.split(":")[1].split() for line in status.splitlines()}
    files = remote.exec(["ls", f"/proc/{pid}/fd"]).out.split()
    x11 = guest.sandbox.driver.x11
    clients = x11.connection(xcffib.res.key).QueryClients().reply().num_clients
    return Used(int(numbers["VmRSS"][0]), len(files), int(numbers["Threads"][0]), clients)


def test_it_ends_when_it_is_told_to_and_says_when_the_display_is_gone() -> None:
    with guested(installed(), lasting=False) as guest:
        guest.sandbox.tree.exec(("sh", "-c", "kill $(pidof Xvfb)"), seconds=10)
        awaited(lambda: not_ready(guest.remote), "it notices that the display is gone")
        pid = int(guest.remote.exec(["pidof", "-s", "-x", "python3"]).out.split()[0])
        guest.remote.exec(["kill", str(pid)])
        awaited(guest.program.code, "it ends", lambda code: code is not None)
        assert guest.program.code() == 0, guest.log
        with pytest.raises(SandboxError, match="is gone"):
            guest.remote.exec(["true"])


def not_ready(remote: Remote) -> bool:
    try:
        remote.ready()
    except CuaError as exc:
        return "lost display" in str(exc) or "cannot open display" in str(exc)
    return False


@pytest.mark.parametrize("said", [["--token-file", "empty"], ["--token-file", "none"], []], ids=str)
def test_without_a_token_it_does_not_begin(said: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    command = [sys.executable, "-m", "sandbox_vms.guest", *said]
    env = {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "token" in done.stderr
