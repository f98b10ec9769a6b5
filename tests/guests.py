"""A guest agent that runs inside of a namespace sandbox, for tests: the real program over a real display."""

from __future__ import annotations

import http.client
import importlib.util
import io
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox_vms.apps import App
from sandbox_vms.bwrap import Program
from sandbox_vms.inside import RUNTIME
from sandbox_vms.namespace import Namespace
from sandbox_vms.remote import Remote
from tests.sandboxes import PYTHON, sandboxed
from tests.waiting import awaited

TOKEN = "a-token-of-the-tests"
_ROOT = Path(__file__).parents[1]
_CODE = ("cua", "drivers", "sandbox_vms")
_NEEDS = ("xcffib", "cffi", "_cffi_backend", "pycparser", "mss", "dbus_fast", "PIL")
_INSIDE = "/tmp/agent"


class Unix(http.client.HTTPConnection):
    """A connection to an agent that listens at a path."""

    def __init__(self, where: Path) -> None:
        super().__init__("guest", timeout=120)
        self._where = where

    def connect(self) -> None:
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._where))


@dataclass(frozen=True, slots=True)
class Guest:
    """The agent, how to talk to it, and the sandbox around it."""

    sandbox: Namespace
    remote: Remote
    program: Program

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.sandbox.tree.room / "run/agent.sock"

    @property
    def log(self) -> str:
        return (self.sandbox.tree.room / "agent.log").read_text()


@contextmanager
def guested(app: App, *, lasting: bool = True) -> Iterator[Guest]:
    """An agent in a sandbox of its own, where it has started this app; skips the test where there can be none.

    It must live until the end, if it is `lasting`.
    """
    _check()
    with sandboxed(app) as sandbox:
        sandbox.quit()
        with _packed() as packed:
            unpack = (
                "sh",
                "-c",
                f"mkdir {_INSIDE} && umask 077 && echo {TOKEN} >{_INSIDE}/token && tar x -C {_INSIDE}",
            )
            done = sandbox.tree.exec(unpack, seconds=60, given=packed.fileno())
        assert done.code == 0, done.err
        command = ("env", f"PYTHONPATH={_INSIDE}", PYTHON, "-m", "sandbox_vms.guest")
        where = ("--host", f"unix:{RUNTIME}/agent.sock", "--token-file", f"{_INSIDE}/token")
        program = sandbox.tree.enter((*command, *where), log=sandbox.tree.room / "agent.log")
        with closing(Remote(f"unix:{sandbox.tree.room}/run/agent.sock", 0, TOKEN)) as remote:
            guest = Guest(sandbox, remote, program)
            awaited(lambda: guest.socket.exists() or program.code(), "the agent listens or has ended")
            assert program.code() is None, guest.log
            remote.ready(60)
            remote.app(app)
            yield guest
            assert program.code() is None or not lasting, guest.log


def _check() -> None:
    if not Path(PYTHON).exists():
        pytest.skip(f"no {PYTHON} to run the agent inside of a sandbox")
    asked = [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    if found != [str(number) for number in sys.version_info[:2]]:
        pytest.skip(f"{PYTHON} is {'.'.join(found)}, and what the agent needs is installed for another version")


@contextmanager
def _packed() -> Iterator[io.BufferedIOBase]:
    """The code that the agent needs, as an archive."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name in _CODE:
                archive.add(_ROOT / name, name, filter=_no_caches)
            for name in _NEEDS:
                _add(archive, name)
        file.seek(0)
        yield file


def _add(archive: tarfile.TarFile, name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    there = Path(spec.origin)
    package = there.parent if spec.submodule_search_locations else there
    archive.add(package, package.name, filter=_no_caches)
    libraries = package.with_name("pillow.libs")
    if name == "PIL" and libraries.is_dir():
        archive.add(libraries, libraries.name)


def _no_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith("__pycache__") else entry
