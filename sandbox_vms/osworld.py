"""Any machine that already speaks OSWorld's guest routes, as a sandbox: their images, those in a cloud, ours.

It uses no other route than OSWorld's own server has. It starts, reverts and ends no machine: whoever runs them does.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from http.client import OK
from typing import NoReturn

from cua.errors import SandboxError, TimedOut, UsageError
from sandbox_vms.osworld_driver import LIMIT, TREE_LIMIT, OSWorldDriver, launch
from sandbox_vms.osworld_wire import Address, Wire, address
from sandbox_vms.osworld_world import OpenWindow, OSWorldWorld

_UPLOAD_LIMIT = 600.0
_ACTIVE_LIMIT, _TICK = 10.0, 0.1
_SYSTEMS = ("Linux", "Windows", "Darwin")
_OF_OTHERS = (403, 404, 405, 502, 503, 504)  # what gateways say where nobody is, and servers of something else


@dataclass(frozen=True, slots=True)
class _Guest:
    """What the machine says of itself."""

    system: str
    size: tuple[int, int]


class OSWorld:
    """The machine at `where`: "HOST:PORT", port 5000 unless it is said; "cua:TOKEN@HOST:PORT" where it wants a token.

    Its state now is its start state. It is left running by `close`.
    """

    def __init__(self, where: str | Address, *, home: str = "/home/user", tree: float = TREE_LIMIT) -> None:
        self._wire = Wire(address(where) if isinstance(where, str) else where)
        about = _asked(self._wire)
        self.size = about.size
        self._home = home
        self._driver = OSWorldDriver(self._wire, size=about.size, system=about.system, tree=tree)
        self._world = OSWorldWorld(
            self._wire, lambda: self._driver.observe(frame=False), home=home, system=about.system
        )

    @property
    def driver(self) -> OSWorldDriver:
        return self._driver

    @property
    def world(self) -> OSWorldWorld:
        return self._world

    # ------------------------------------------------------------------------------------------ what is not done here

    def reset(self) -> None:
        """Raises SandboxError."""
        self._not_here("given its start state back", "revert it where it runs, then connect anew")

    def restart(self) -> None:
        """Raises SandboxError."""
        self._not_here("told to start its app again", "which app that is is not known: close its window and launch it")

    def snapshot(self, name: str) -> None:
        """Raises SandboxError."""
        self._not_here(f"kept as {name!r}", "take the snapshot where it runs")

    def clone(self) -> NoReturn:
        """Raises SandboxError."""
        self._not_here("cloned", "start a second machine where it runs, and give its address")

    def close(self) -> None:
        """Let go of it. Twice is fine."""
        self._driver.close()

    def _not_here(self, what: str, instead: str) -> NoReturn:
        raise SandboxError(f"the machine at {self._wire.where} cannot be {what} from here; {instead}")

    # ------------------------------------------------------------------------------------------ as tasks need it

    def launch(self, argv: tuple[str, ...]) -> None:
        """Start a program in the background. Raises SandboxError where it is not there."""
        launch(self._wire, argv)

    def windows(self) -> tuple[OpenWindow, ...]:
        """Those that are open, from the bottom to the top."""
        return self._world.windows()

    def activate(self, window: int) -> None:
        """Raise it and give it the keyboard. Raises TimedOut."""
        self._world.activate(self._window(window))
        end = time.monotonic() + _ACTIVE_LIMIT
        while not (found := self._window(window)).active:
            if time.monotonic() > end:
                raise TimedOut(f"the window {found.title!r} does not come to the front within {_ACTIVE_LIMIT:.0f} s")
            time.sleep(_TICK)

    def close_window(self, window: int) -> None:
        """Ask its program to close it."""
        self._world.close_window(self._window(window))

    def write(self, path: str, content: bytes) -> None:
        """A file with the folders above it. Raises SandboxError where it cannot be written."""
        if not path.startswith(("/", "~/")) or "$" in path or "\n" in path:
            raise UsageError(f"{path!r} cannot be written: it must begin with / or ~/, and have no $ in it")
        where = self._home + path[1:] if path.startswith("~") else path
        folder = where.rpartition("/")[0]
        if folder:  # older servers do not make it
            done = self._world.exec(("mkdir", "-p", "--", folder))
            if done.code:
                raise SandboxError(f"{folder} cannot be made in the machine: {done.err.strip()}")
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file_path"\r\n\r\n{where}\r\n--{edge}\r\n'
        head += 'Content-Disposition: form-data; name="file_data"; filename="file"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        body = head.encode(errors="surrogateescape") + content + f"\r\n--{edge}--\r\n".encode()
        self._wire.sent("/setup/upload", body, f"multipart/form-data; boundary={edge}", seconds=_UPLOAD_LIMIT)

    def _window(self, number: int) -> OpenWindow:
        found = next((each for each in self.windows() if each.id == number), None)
        if found is None:
            raise SandboxError("that window is no longer there; look at the windows again")
        return found


def _asked(wire: Wire) -> _Guest:
    """Raises SandboxError where nobody listens, and where it is no server of OSWorld's."""
    answer = wire.ask("GET", "/platform", seconds=LIMIT)
    if answer.status in _OF_OTHERS:
        raise SandboxError(
            f"no server of OSWorld's answers at {wire.where}: something there, maybe a proxy on the way, answered GET "
            f"/platform with status {answer.status}; start the machine, and see that its server listens on that port"
        )
    if answer.status != OK:
        raise wire.refused("GET", "/platform", answer)
    system = answer.data.decode(errors="replace").strip()
    if system not in _SYSTEMS:
        wire.strange("GET /platform", f"{system[:40]!r}")
    told = wire.post("/screen_size", seconds=LIMIT).json()
    try:
        size = int(told["width"]), int(told["height"])
    except (TypeError, KeyError, ValueError):
        wire.strange("POST /screen_size", json.dumps(told)[:80])
    return _Guest(system, size)
