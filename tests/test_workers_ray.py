"""The same rounds on a Ray cluster: a local one of two workers. Skipped where Ray is not installed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from cua.app import Machine
from cua.memory.library import load_map, load_skills
from cua.memory.maps import Map
from cua.memory.store import Store
from cua.practice.session import Practice
from cua.practice_app import By, crew
from sandbox_vms.processes import Process
from tests.sandboxes import await_nothing_of, installed
from tests.test_practice import EFFECTS, INI, LIMIT, switchboard
from tests.test_workers import CUA, rooms, tried, workers
from tests.waiting import awaited

pytestmark = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed; install it with: pip install 'cua-daemon[ray]'"
)


def practise(record: Path) -> None:
    """A few rounds of the board on a local Ray, by two workers, in a process of their own."""
    known, until = Map("switchboard"), time.monotonic() + LIMIT
    machine, by = Machine("namespace", switchboard()), By(workers=2, engine="ray")
    with Store(record) as store, crew(machine, by, store, known, {}, lambda line: None) as hands:
        Practice("switchboard", hands, store, known, {}, {}, lambda line: None).go(until=until, most=6)


def await_nothing(below: tuple[Process, ...], held: set[Path]) -> None:
    awaited(lambda: [process for process in below if process.alive], "all processes have ended", lambda left: not left)
    for room in held:
        await_nothing_of(room)


def test_two_workers_on_ray_learn_what_one_learns_and_leave_nothing(tmp_path: Path) -> None:
    switchboard()
    record = tmp_path / "cua.db"
    child = multiprocessing.get_context("spawn").Process(target=practise, args=(record,))
    child.start()
    assert child.pid is not None
    both = awaited(lambda: workers(child.pid or 0), "two workers", lambda found: len(found) == 2)
    held = awaited(lambda: rooms(child.pid or 0), "a sandbox each", lambda found: len(found) >= 2)
    below = Process(child.pid, 0).below()
    child.join(LIMIT)
    assert (len(both), child.exitcode) == (2, 0)
    with Store(record) as store:
        laws, skills = load_map(store, "switchboard").laws, load_skills(store, "switchboard")
        proofs = [proof for skill in skills.values() for proof in skill.proofs]
        assert [proof.outcome for proof in proofs] == ["pass"] * 6
        for proof in proofs:
            (first, *_) = store.run(proof.run).steps
            assert first.seen.frame is not None
            assert store.frame_png(first.seen.frame.sha)
    found = {key: dict(values) for law in laws.values() for key, values in law.settings.items()}
    assert {key: values for _, key, values in EFFECTS if "dark" not in values.values()}.items() <= {
        key.removeprefix(INI): values for key, values in found.items()
    }.items()
    await_nothing(below, held)


def test_ctrl_c_ends_those_on_ray_too(cua_home: Path) -> None:
    name = installed().name
    argv = (*CUA, "practice", name, "--engine", "ray", "--workers", "2", "--json")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as child:
        try:
            awaited(lambda: tried(name), "they explore", lambda laws: laws >= 1)
            below, held = Process(child.pid, 0).below(), rooms(child.pid)
            os.killpg(child.pid, signal.SIGINT)
            out, err = child.communicate(timeout=LIMIT)
        finally:
            child.kill()
    assert (child.returncode, json.loads(out.splitlines()[-1])["outcome"]) == (3, "refused")
    assert err.decode().strip() == "cua: stopping after what is in hand; Ctrl-C again stops at once"
    await_nothing(below, held)
