"""A virtual machine keeps every promise of a sandbox, gives running programs back, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cua.core import Press, Type
from cua.errors import SandboxError, TimedOut, UsageError
from sandbox_vms import places, remote, templates, vm
from sandbox_vms.processes import Process
from sandbox_vms.promises import PROMISES, NoStage, Stage
from sandbox_vms.qemu import Qemu
from tests.bench.machines import left
from tests.machines import image, machine
from tests.waiting import awaited

pytestmark = pytest.mark.machines


@pytest.fixture(scope="module")
def box() -> Iterator[Qemu]:
    with machine() as made:
        yield made


def text(box: Qemu) -> str:
    """What stands in the editor."""
    return next(e.value or "" for e in box.driver.observe(frame=False).elements if "multiline" in e.states)


@pytest.mark.parametrize("promise", PROMISES[:-1], ids=lambda promise: promise.__name__)
def test_a_machine_keeps(promise: Callable[[Stage], None], box: Qemu) -> None:
    box.reset()
    try:
        promise(Stage(box))
    except NoStage as exc:
        pytest.skip(str(exc))


def test_a_closed_machine_leaves_nothing() -> None:
    before = left()
    with machine(spare=True) as made:
        assert left() != before
        PROMISES[-1](Stage(made, left=lambda: tuple(str(made.room) for _ in (1,) if made.room.exists())))
    assert left() == before


def test_a_reset_takes_back_what_was_typed_and_what_runs(box: Qemu) -> None:
    box.driver.do((Type("lost"),), frame=False)
    box.world.exec(("sh", "-c", "sleep 77 & sudo -n sh -c 'echo broken >/etc/hosts'"))
    assert text(box) == "lost"
    box.reset()
    assert text(box) == ""
    assert "broken" not in box.world.read("/etc/hosts").decode()
    assert box.world.exec(("pgrep", "-x", "sleep")).code == 1


def test_a_snapshot_keeps_programs_that_run_and_a_clone_begins_with_them(box: Qemu) -> None:
    box.reset()
    box.driver.do((Type("half a sentence"),), frame=False)
    box.world.exec(("sh", "-c", "sleep 1234 &"))
    box.snapshot("typed")
    assert text(box) == "half a sentence"
    clone = box.clone("typed")
    try:
        clone.driver.do((Type(", ended"),), frame=False)
        assert text(clone) == "half a sentence, ended"
        assert clone.world.exec(("pgrep", "-x", "sleep")).code == 0
        clone.reset()
        assert text(clone) == "half a sentence"
    finally:
        clone.close()
    box.driver.do((Press("ctrl+a"), Press("Delete")), frame=False)
    box.reset("typed")
    assert text(box) == "half a sentence"
    box.reset()
    assert text(box) == ""
    with pytest.raises(UsageError, match="there is no snapshot 'none'"):
        box.reset("none")


def test_time_randomness_and_identity_of_clones_are_their_own(box: Qemu) -> None:
    said = []
    for _ in range(2):
        box.reset()
        script = "cat /etc/machine-id; head -c 16 /dev/urandom | sha256sum; date +%s"
        said.append(box.world.exec(("sh", "-c", script)).out.split())
        assert abs(int(said[-1][-1]) - time.time()) < 60
    assert said[0][0] != said[1][0]
    assert said[0][1] != said[1][1]


def test_a_machine_whose_qemu_is_killed_says_so_and_can_be_reset(box: Qemu) -> None:
    box.reset()
    box.machine.process.kill()
    with pytest.raises(SandboxError, match="is gone"):
        box.world.exec(("true",))
    box.reset()
    assert box.world.exec(("true",)).code == 0


def test_an_agent_that_never_answers_is_told_within_the_limit(box: Qemu) -> None:
    box.reset()
    box.machine.stop()
    with pytest.raises(TimedOut, match="did not answer"):
        box.remote.exec(("true",), seconds=-14.0)  # the way alone has 15 s
    box.reset()
    assert text(box) == ""


_OWNER = """
import sys, time
from tests.bench.machines import APP
from tests.bench.machines import machine
made = machine(APP, spare=False)
print(made.machine.process.pid, made.machine.process.start, made.room, flush=True)
sys.stdin.read()
"""


def test_nothing_outlives_an_owner_that_is_killed() -> None:
    image()
    argv = [sys.executable, "-c", _OWNER]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, start, room = owner.stdout.readline().split()
        os.kill(owner.pid, signal.SIGKILL)
    process = Process(int(pid), int(start))
    awaited(lambda: not process.alive, "the end of the machine whose owner was killed")
    places.sweep()
    assert not Path(room).exists()


def test_a_damaged_template_is_made_anew(tmp_path: Path) -> None:
    made = templates.of(image(), None, size=(640, 480), say=lambda _: None)
    kept = made.folder / "state"
    kept.chmod(0o600)
    kept.write_bytes(b"damaged")
    said: list[str] = []
    again = templates.of(image(), None, size=(640, 480), say=said.append)
    assert "a damaged template is made anew" in said
    machine = again.clone(_room(tmp_path))
    try:
        assert machine.alive
    finally:
        machine.close()


def test_a_template_whose_damage_shows_only_in_its_machines_is_made_anew() -> None:
    made = templates.of(image(), None, size=(640, 480), say=lambda _: None)
    size = (made.folder / "memory").stat().st_size
    (made.folder / "memory").write_bytes(b"")
    os.truncate(made.folder / "memory", size)  # all of it is 0
    about = made.folder / templates._ABOUT
    marks = {name: templates._mark(made.folder / name) for name in templates._FILES}
    about.write_text(json.dumps({**json.loads(about.read_text()), "files": marks}))
    said: list[str] = []
    with closing(Qemu(None, image(), size=(640, 480), say=said.append, spare=False)) as again:
        assert again.world.exec(("true",)).code == 0
        assert again.token != made.token
    assert any("no machine comes up from the template: making it anew" in line for line in said)
    said.clear()
    with closing(Qemu(None, image(), size=(640, 480), say=said.append, spare=False)):
        assert not any("anew" in line for line in said)


def test_a_machine_that_cannot_read_its_memory_says_so(box: Qemu) -> None:
    box.reset()
    assert box.machine.trouble() == ""
    os.kill(box.machine.process.pid, signal.SIGBUS)
    assert "SIGBUS" in box.machine.trouble()
    assert "SIGBUS" in box.machine.trouble()
    box.reset()
    assert box.machine.trouble() == ""


def test_a_state_that_cannot_be_read_is_an_error_and_leaves_no_process(tmp_path: Path) -> None:
    made = templates.of(image(), None, size=(640, 480), say=lambda _: None)
    before = left()["processes"]
    spoilt = tmp_path / "state"
    spoilt.write_bytes(b"no state" * 100)
    room = _room(tmp_path)
    disk = vm.overlay(made.folder / "disk.qcow2", room / "disk.qcow2")
    with pytest.raises(SandboxError, match="did not start"):
        vm.Vm(made.hardware, vm.Store(disk, made.folder / "memory", state=spoilt), room / "log")
    assert left()["processes"] == before


def test_no_space_for_a_template_is_told_before_anything_is_made(tmp_path: Path) -> None:
    boundless = templates.Build(image().image, tmp_path, memory=1 << 40)
    with pytest.raises(SandboxError, match="no space for a template"):
        templates.of(boundless, None, size=(640, 480), say=lambda _: None)
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".lock" and path.name != "accelerator"]


def test_a_snapshot_that_fails_leaves_nothing_and_the_machine_goes_on(box: Qemu) -> None:
    box.reset()
    folder = box.room / "snapshot-failed"
    box.machine.stop()
    with pytest.raises(SandboxError, match="no disk could be laid over"):
        templates.frozen(box.machine, box._template, folder, disk=box.room / "none")
    assert not folder.exists()
    box.machine.go()
    assert box.world.exec(("true",)).code == 0


def test_closing_awaits_no_spare_machine_whose_guest_is_silent() -> None:
    with machine(spare=True) as made:
        recorded = awaited(
            lambda: places.recorded(made.room)["processes"], "the spare machine", lambda found: len(found) == 2
        )
        processes = [Process(*each) for each in recorded]
        (spare,) = (each for each in processes if each != made.machine.process)
        os.kill(spare.pid, signal.SIGSTOP)
        began = time.monotonic()
    assert time.monotonic() - began < remote._LIMIT  # how long it would wait for its guest
    assert not [each for each in processes if each.alive]


def _room(folder: Path) -> Path:
    made = folder / "room"
    made.mkdir()
    return made
