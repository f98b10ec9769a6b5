"""What every test stands on: a home of its own, no process left behind, and a display for those that need one.

Nothing here replaces a part of cua.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from cua.errors import MissingProgram
from cua.memory.store import Store
from drivers.web import Web
from tests.browsers import browsing
from tests.displays import x_server
from tests.waiting import LIMIT

# the gates try the same examples each time, however slow the machine; --hypothesis-profile=default looks further
hypothesis.settings.register_profile("gates", deadline=None, derandomize=True)
hypothesis.settings.load_profile("gates")

SESSION = "CUA_TEST_SESSION"
# a shell that starts a program in the background may have it ignore interrupts, and its children with it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# multiprocessing keeps these for the life of the interpreter; they end with it
KEPT_BY_PYTHON = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


@dataclass(frozen=True)
class Process:
    """A process that the tests started, itself or through others."""

    pid: int
    command: str
    test: str

    def __str__(self) -> str:
        return f"{self.pid} {self.command[:120]!r}, started by {self.test or 'an unknown test'}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", help="also run the tests that cost minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--live"):
        return
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.skip(reason="costs minutes; run with --live"))


@pytest.fixture(autouse=True)
def cua_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and data of this test alone."""
    home = tmp_path / "cua_home"
    monkeypatch.setenv("CUA_HOME", str(home))
    return home


@pytest.fixture(autouse=True, scope="session")
def no_process_stays_behind() -> Iterator[None]:
    """At the end, nothing that a test started may still run: neither children nor what they left to init."""
    mark = uuid.uuid4().hex
    os.environ[SESSION] = mark
    yield
    del os.environ[SESSION]
    end = time.monotonic() + LIMIT
    while (left := started_with(mark)) and time.monotonic() < end:
        time.sleep(0.05)  # there is no handle to wait on for what is not our child
    for process in left:
        end_process(process.pid)
    assert not left, "processes left behind (ended now):\n" + "\n".join(map(str, left))


def started_with(mark: str) -> list[Process]:
    """The living processes that have this session's mark in their environment, or are our descendants."""
    parents: dict[int, int] = {}
    found: list[Process] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended meanwhile
            continue
        if state == "Z" or any(name in command for name in KEPT_BY_PYTHON):
            continue
        pid, variables = int(folder.name), environment(folder)
        parents[pid] = os.getpid() if variables.get(SESSION) == mark else int(parent)
        found.append(Process(pid, command, variables.get("PYTEST_CURRENT_TEST", "")))
    return [process for process in found if descends(process.pid, parents)]


def environment(folder: Path) -> dict[str, str]:
    """What a process was started with; nothing where it is another user's."""
    try:
        pairs = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def descends(pid: int, parents: dict[int, int]) -> bool:
    """Is this process below ours?"""
    while pid in parents:
        pid = parents[pid]
        if pid == os.getpid():
            return True
    return False


def end_process(pid: int) -> None:
    """Kill one process; it may have ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A record of this test alone."""
    with Store(tmp_path / "record.db") as made:
        yield made


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """A browser that the tests of one file share; each opens a page of its own in it."""
    with browsing() as made:
        yield made


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """The name (":7") of a private X display, 1280x800, that all tests share."""
    try:
        with x_server() as (_, name):
            yield name
    except MissingProgram as exc:
        pytest.skip(str(exc))
