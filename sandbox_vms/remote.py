"""The host's side of the guest agent: one kept connection, and a driver and a world that are over there.

It never tries an act again: what became of one whose answer was lost is not known, and it says so.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from cua import codec
from cua.core import Action, Box, Changes, Completed, Effect, Element, Frame, Observation
from cua.errors import DriverError, RecordError, SandboxError, TimedOut
from drivers.x11 import Window
from sandbox_vms.apps import App
from sandbox_vms.remote_wire import GRACE, Got, Line, query, raised

_LIMIT = 60.0
_GLANCE = 5.0  # a request to a machine that only starts may never be answered, though its connection stands
_TICK = 0.02
# what taking apart an answer of another shape than ours raises; `codec` says it as RecordError
_STRANGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, RecordError)


@dataclass(frozen=True, slots=True)
class State:
    """A moment of a home that the agent remembers."""

    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame that is here, and what the agent calls it."""

    name: str
    frame: Frame


class Remote:
    """The agent at `host` and `port`, or at "unix:" and a path. Owned by one thread at a time.

    `grace` is how long beyond its own limit, in seconds, a request may be on its way; `why` says what may keep it from
    answering. Its methods raise what the agent raised; SandboxError where it is gone or not understood and TimedOut
    where it does not answer. `picture` is the last that it sent; in a clone of a guest, which sent it to another, it
    may be set and is then not sent again.
    """

    def __init__(
        self, host: str, port: int, token: str, *, grace: float = GRACE, why: Callable[[], str] = lambda: ""
    ) -> None:
        self.line = Line(host, port, token, grace=grace, why=why)
        self._look, self._elements = 0, tuple[Element, ...]()
        self.picture: Picture | None = None

    def close(self) -> None:
        """Let go of the connection; the next request makes another."""
        self.line.close()

    # ------------------------------------------------------------------------------------------ life

    def ready(self, seconds: float = 0.0) -> dict[str, Any]:
        """What the agent says of itself once display, buses and window manager answer. Raises TimedOut with the reason
        if they do not within so long."""
        end = time.monotonic() + seconds
        while True:
            try:
                got = self.line.ask("GET", "/cua/ready", seconds=_GLANCE)
                with _understood("GET /cua/ready"):
                    if got.status == 200:
                        return dict(got.document)
                    why = str((got.document or {}).get("message", f"status {got.status}"))
                if got.status != 503:
                    raise raised(got, "GET /cua/ready")
            except (SandboxError, TimedOut) as exc:
                why = str(exc)
            if time.monotonic() > end:
                raise TimedOut(f"the guest agent at {self.line.where} is not ready within {seconds:g} s: {why}")
            time.sleep(_TICK)

    def app(self, app: App, *, seconds: float = 180.0) -> None:
        """Start an app; its window shows then, and the start state is remembered."""
        self._told("/cua/app", {"app": asdict(app), "seconds": seconds}, seconds=seconds + _LIMIT)

    def restart(self, *, seconds: float = 60.0, waiting: Callable[[], None] = lambda: None) -> None:
        """Quit the app as a person would and start it again; its window shows within so long. `waiting` is called every
        now and then meanwhile: what it raises ends the waiting."""
        end, begun = time.monotonic() + seconds + _LIMIT, False
        while time.monotonic() < end:
            given = {"seconds": seconds, "begun": begun}
            with self._post("/cua/restart", given, seconds=_LIMIT) as got:
                if got.document["done"]:
                    return
            begun = True
            waiting()
        raise TimedOut(f"the guest agent at {self.line.where} did not end a restart; reset the sandbox")

    def quit(self) -> None:
        """Close all windows politely."""
        self._told("/cua/quit", {})

    def start_state(self) -> None:
        """Let the start state be now."""
        self._told("/cua/start-state", {})

    def fresh(self, *, entropy: bytes, machine_id: str, now: float | None = None) -> tuple[str, ...]:
        """Set the clock (seconds since 1970; now, unless given), stir the randomness and name the machine anew. What
        could not be done, in words."""
        given = {"time": time.time() if now is None else now, "entropy": base64.b64encode(entropy).decode()}
        with self._post("/cua/fresh", {**given, "machine_id": machine_id}, seconds=_LIMIT) as got:
            return tuple(got.document["undone"])

    # ------------------------------------------------------------------------------------------ acts and looks

    def do(
        self,
        actions: Sequence[Action] = (),
        *,
        observe: bool = True,
        frame: bool = True,
        whole: bool = True,
        seconds: float = _LIMIT,
    ) -> tuple[tuple[Effect, ...], Observation | None]:
        """Acts up to the first that is refused, and the look after them, in one round trip. See `Desktop.observe` for
        `whole`. Raises what an act raised; the acts after it were not done."""
        given = {"actions": list(actions), "observe": observe, "frame": frame, "whole": whole, "seconds": seconds}
        have = {"look": self._look, "frame": self.picture.name if self.picture else ""}
        with self._post("/cua/do", {**given, "have": have}, seconds=seconds) as got:
            effects = codec.load(got.document["effects"], tuple)
            if actions and not effects:
                raise ValueError("no effect of any act")
            return effects, self._seen(got) if observe else None

    def _seen(self, got: Got) -> Observation:
        """The look, with what the agent left out because we have it."""
        told, elements = got.document, list[Element]()
        for each in told["elements"]:
            if isinstance(each, list):
                elements += self._elements[each[0] : each[0] + each[1]]
            else:
                elements.append(codec.load(each, Element))
        self._look, self._elements = told["look"], tuple(elements)
        seen = codec.load(told["observation"], Observation)
        frame = seen.frame
        if frame is not None and "rows" in told:
            self.picture = _pictured(frame, told["rows"], got.data, self.picture)
            frame = self.picture.frame
        return replace(seen, elements=self._elements, frame=frame)

    # ------------------------------------------------------------------------------------------ programs and files

    def exec(self, argv: Sequence[str], *, seconds: float = 30.0, cwd: str = "") -> Completed:
        """Run a program to its end; 124 is the code of one that was cut off, -N of one that signal N ended."""
        with self._post("/cua/exec", {"argv": list(argv), "seconds": seconds, "cwd": cwd}, seconds=seconds) as got:
            told = got.document
            return Completed(int(told["code"]), str(told["out"]), str(told["err"]))

    def launch(self, argv: Sequence[str], *, cwd: str = "") -> int:
        """Start a program that goes on; its process id in the guest."""
        with self._post("/cua/launch", {"argv": list(argv), "cwd": cwd}, seconds=_LIMIT) as got:
            return int(got.document["pid"])

    def windows(self) -> tuple[Window, ...]:
        """Those that show and stay, from the bottom to the top."""
        with self._got("/cua/windows") as got:
            return tuple(Window(**{**each, "box": Box(**each["box"])}) for each in got.document["windows"])

    def window(self, window: int, do: str) -> None:
        """Tell the window of that id to "activate" or to "close". Raises TargetGone."""
        self._told("/cua/window", {"id": window, "do": do})

    def read(self, path: str) -> bytes:
        """A file by its path inside. Raises FileNotFoundError."""
        return self.line.answered("GET", f"/cua/read?{query(path=path)}", seconds=_LIMIT).data

    def write(self, path: str, data: bytes) -> None:
        """A file by its path inside, made the user's."""
        self.line.answered("POST", f"/cua/write?{query(path=path)}", data, seconds=_LIMIT)

    # ------------------------------------------------------------------------------------------ what changed

    def state(self) -> State:
        """The home now, to give to `changes` later; the agent remembers the newest few."""
        with self._post("/cua/state", {}, seconds=_LIMIT) as got:
            return State(str(got.document["state"]))

    def changes(self, since: State | None = None) -> Changes:
        """What differs from the start state; of the home, from `since` if that is given."""
        with self._post("/cua/changes", {"since": since.name if since else None}, seconds=_LIMIT) as got:
            return codec.load(got.document, Changes)

    def setting(self, key: str) -> str | None:
        """The value of a settings key that holds now; None if there is none."""
        with self._got(f"/cua/setting?{query(key=key)}") as got:
            found = got.document["value"]
            return None if found is None else str(found)

    # ------------------------------------------------------------------------------------------ the wire

    @contextmanager
    def _post(self, path: str, given: Mapping[str, Any], *, seconds: float) -> Iterator[Got]:
        """The answer, to be taken apart meanwhile."""
        got = self.line.answered("POST", path, codec.dumps(given).encode(), seconds=seconds)
        with _understood(f"POST {path}"):
            yield got

    @contextmanager
    def _got(self, path: str) -> Iterator[Got]:
        got = self.line.answered("GET", path, seconds=_LIMIT)
        with _understood(f"GET {path}"):
            yield got

    def _told(self, path: str, given: Mapping[str, Any], *, seconds: float = _LIMIT) -> None:
        """Ask for something whose answer says no more than that it was done."""
        self.line.answered("POST", path, codec.dumps(given).encode(), seconds=seconds)


class RemoteDriver:
    """The eyes and hands of the guest, for whoever takes a driver; closing it leaves the guest as it is."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._open = True

    def observe(self, *, frame: bool = True, whole: bool = True) -> Observation:
        """What shows now. See `Desktop.observe`."""
        return self.do((), frame=frame, whole=whole)[1]

    def act(self, action: Action, *, patient: bool = True) -> Effect:
        """Do it. See `Desktop.act`."""
        self._check_open()
        effects, _ = self._remote.do((action,), observe=False, whole=patient)
        return effects[0]

    def do(
        self, actions: Sequence[Action], *, frame: bool = True, whole: bool = True
    ) -> tuple[tuple[Effect, ...], Observation]:
        """Acts up to the first that is refused, and the look after them, in one round trip."""
        self._check_open()
        effects, seen = self._remote.do(actions, frame=frame, whole=whole)
        if seen is None:
            raise SandboxError("the guest agent gave no observation; it is of another version")
        return effects, seen

    def close(self) -> None:
        """Let go of the guest."""
        self._open = False
        self._remote.close()

    def _check_open(self) -> None:
        if not self._open:
            raise DriverError("this driver is closed; make a new one")


class RemoteWorld:
    """What really is in the guest, for the judge."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def read(self, path: str) -> bytes:
        """A file by its path inside. Raises FileNotFoundError, SandboxError."""
        return self._remote.read(path)

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """Run a command in the home; 124 is the code of one that was cut off, -N of one that signal N ended."""
        return self._remote.exec(argv, seconds=seconds)

    def state(self) -> State:
        """The home now, to give to `changes` later."""
        return self._remote.state()

    def changes(self, since: State | None = None) -> Changes:
        """What differs from the start state; of the home, from `since` if that is given."""
        return self._remote.changes(since)

    def setting(self, key: str) -> str | None:
        """The value of a settings key that holds now, its default if nothing says otherwise, else None."""
        return self._remote.setting(key)

    def observe(self) -> Observation:
        """What the screen shows now, without a picture."""
        _, seen = self._remote.do(frame=False)
        if seen is None:
            raise SandboxError("the guest agent gave no observation; it is of another version")
        return seen


def _pictured(frame: Frame, rows: list[list[int]] | None, data: bytes, last: Picture | None) -> Picture:
    """The picture, from all of its pixels or from what differs of the last one; its hash is made here."""
    line = frame.width * 4
    lines = frame.height if rows is None else sum(count for _, count in rows)
    if len(data) != lines * line:
        raise SandboxError(f"the guest agent sent {len(data)} bytes for {lines} lines of {frame.width} pixels")
    if rows is None:
        return Picture(frame.sha, replace(frame, sha=hashlib.sha256(data).hexdigest(), pixels=data))
    if last is None or last.frame.pixels is None:
        raise SandboxError("the guest agent sent parts of a picture that is not here; reset the sandbox")
    if not rows:
        return Picture(frame.sha, last.frame)
    pixels, at = bytearray(last.frame.pixels), 0
    for first, count in rows:
        pixels[first * line : (first + count) * line] = data[at : at + count * line]
        at += count * line
    return Picture(frame.sha, replace(frame, sha=hashlib.sha256(pixels).hexdigest(), pixels=pixels))


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Translate what an answer of another shape than ours raises meanwhile."""
    try:
        yield
    except _STRANGE as exc:
        raise SandboxError(
            f"the guest agent's answer to {what} is not understood ({exc!r:.200}); it is of another version: make a "
            "new sandbox"
        ) from exc
