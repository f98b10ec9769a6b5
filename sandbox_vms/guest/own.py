"""Our own routes: readiness, the app, acts with the look after them, programs, files and what changed."""

from __future__ import annotations

import base64
import os
from concurrent.futures import Future, wait
from dataclasses import asdict
from typing import Any

from cua import codec, core
from cua.errors import CuaError, TargetGone, UsageError
from drivers.desktop import Desktop
from sandbox_vms import launch
from sandbox_vms.apps import App
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.fresh import freshen
from sandbox_vms.guest.looks import Looks
from sandbox_vms.guest.machine import Machine
from sandbox_vms.guest.wire import BYTES, Answer, Asked, Route, answer, number, words

LOOK_LIMIT = 60.0
ACT_LIMIT = 60.0
APP_LIMIT = 180.0
ANSWER_LIMIT = 0.5
FILE_LIMIT = 60.0
EXEC_LIMIT = 30.0


class Own:
    """The routes of one machine with its desk."""

    def __init__(self, desk: Desk, machine: Machine) -> None:
        self._desk, self._machine = desk, machine
        self._looks = Looks()
        self._restarted: Future[None] | None = None
        self.routes: dict[tuple[str, str], Route] = {
            ("GET", "/cua/ready"): self.ready,
            ("POST", "/cua/app"): self.app,
            ("POST", "/cua/restart"): self.restart,
            ("POST", "/cua/quit"): self.quit,
            ("POST", "/cua/start-state"): self.start_state,
            ("POST", "/cua/do"): self.do,
            ("POST", "/cua/exec"): self.exec,
            ("POST", "/cua/launch"): self.launch,
            ("GET", "/cua/read"): self.read,
            ("POST", "/cua/write"): self.write,
            ("POST", "/cua/state"): self.state,
            ("POST", "/cua/changes"): self.changes,
            ("GET", "/cua/setting"): self.setting,
            ("POST", "/cua/fresh"): self.fresh,
            ("GET", "/cua/windows"): self.windows,
            ("POST", "/cua/window"): self.window,
        }

    # ------------------------------------------------------------------------------------------ the app

    def ready(self, asked: Asked) -> Answer:
        """503 until display, buses and window manager answer."""
        app = self._machine.app
        try:
            self._desk.ready()
        except CuaError as exc:
            told = {"ready": False, "error": type(exc).__name__, "message": str(exc), "pid": os.getpid()}
            return answer(told, status=503)
        return answer({"ready": True, "app": app.name if app else "", "pid": os.getpid()})

    def app(self, asked: Asked) -> Answer:
        """Start an app and remember the start state."""
        given = asked.json()
        app, seconds = _app(given.get("app")), number(given, "seconds", APP_LIMIT)
        self._desk.do(lambda desktop: self._machine.start(desktop, app, seconds=seconds), seconds=seconds + ACT_LIMIT)
        return answer({"app": app.name})

    def restart(self, asked: Asked) -> Answer:
        """Quit the app and start it again. What takes longer than an answer should goes on: ask with `begun` whether it
        is done, so that whoever waits can stop waiting.
        """
        given = asked.json()
        seconds = number(given, "seconds", APP_LIMIT)
        if not given.get("begun"):
            self._restarted = self._desk.begin(lambda desktop: self._machine.restart(desktop, seconds=seconds))
        if self._restarted is None:
            raise UsageError("no restart was begun; ask for one")
        if wait([self._restarted], ANSWER_LIMIT).not_done:
            return answer({"done": False})
        self._restarted.result()
        return answer({"done": True})

    def quit(self, asked: Asked) -> Answer:
        """Close all windows."""
        self._desk.do(self._machine.quit, seconds=ACT_LIMIT)
        return answer({})

    def start_state(self, asked: Asked) -> Answer:
        """Let the start state be now."""
        self._desk.do(self._machine.begin, seconds=FILE_LIMIT)
        return answer({})

    # ------------------------------------------------------------------------------------------ acts and looks

    def do(self, asked: Asked) -> Answer:
        """Acts in their order, up to the first that is refused, then a look."""
        given = asked.json()
        actions = codec.load(given.get("actions", []), tuple)
        if not all(isinstance(action, core.Act) for action in actions):
            raise UsageError("actions must be a list of actions in the codec's form")
        whole, frame, have = bool(given.get("whole", True)), bool(given.get("frame")), given.get("have") or {}

        def done(desktop: Desktop) -> Answer:
            effects = _done(desktop, actions, whole=whole)
            seen = desktop.observe(frame=frame, whole=whole) if given.get("observe", True) else None
            return self._looks.answer(effects, seen, have)

        return self._desk.do(done, seconds=number(given, "seconds", ACT_LIMIT))

    def windows(self, asked: Asked) -> Answer:
        """The windows that show and stay, from the bottom to the top."""
        found = self._desk.do(launch.windows, seconds=FILE_LIMIT)
        return answer({"windows": [asdict(window) for window in found]})

    def window(self, asked: Asked) -> Answer:
        """Raise the window of that id, or ask its program to close it."""
        given = asked.json()

        def done(desktop: Desktop) -> None:
            found = next((each for each in launch.windows(desktop) if each.id == given.get("id")), None)
            if found is None:
                raise TargetGone("that window is no longer there; look at the windows again")
            {"activate": desktop.x11.focus, "close": desktop.x11.close_window}[str(given.get("do"))](found)

        if given.get("do") not in ("activate", "close"):
            raise UsageError(f"a window can be told to activate or to close, not to {given.get('do')!r}")
        self._desk.do(done, seconds=FILE_LIMIT)
        return answer({})

    # ------------------------------------------------------------------------------------------ programs and files

    def exec(self, asked: Asked) -> Answer:
        """A program to its end."""
        given = asked.json()
        seconds, cwd = number(given, "seconds", EXEC_LIMIT), str(given.get("cwd") or "")
        done = self._machine.tree.exec(words(given, "argv"), seconds=seconds, cwd=cwd)
        return answer({"code": done.code, "out": done.out, "err": done.err})

    def launch(self, asked: Asked) -> Answer:
        """A program that goes on beside us."""
        given = asked.json()
        program = self._machine.tree.enter(words(given, "argv"), cwd=str(given.get("cwd") or ""))
        return answer({"pid": program.child.pid if program.child else 0})

    def read(self, asked: Asked) -> Answer:
        """A file's bytes."""
        path = self._machine.tree.path(asked.given("path"))
        with self._machine.tree.as_user():
            data = path.read_bytes()
        return Answer(b"", BYTES, tail=data)

    def write(self, asked: Asked) -> Answer:
        """A file's bytes anew, its folders made where they lack."""
        path = self._machine.tree.path(asked.given("path"))
        with self._machine.tree.as_user():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(asked.body)
        return answer({"bytes": len(asked.body)})

    # ------------------------------------------------------------------------------------------ what changed

    def state(self, asked: Asked) -> Answer:
        """Remember the home as it is now."""
        return answer({"state": self._desk.do(self._machine.keep, seconds=FILE_LIMIT)})

    def changes(self, asked: Asked) -> Answer:
        """What differs from the start state, or from one that was remembered."""
        since = asked.json().get("since")
        return answer(self._desk.do(lambda desktop: self._machine.changes(desktop, since), seconds=FILE_LIMIT))

    def setting(self, asked: Asked) -> Answer:
        """The value of a setting that holds now."""
        key = asked.given("key")
        return answer(
            {"value": self._desk.do(lambda desktop: self._machine.world(desktop).setting(key), seconds=FILE_LIMIT)}
        )

    def fresh(self, asked: Asked) -> Answer:
        """Make the clone a machine of its own."""
        given = asked.json()
        try:
            entropy = base64.b64decode(str(given.get("entropy", "")), validate=True)
        except ValueError as exc:
            raise UsageError(f"entropy is no base64: {exc}") from exc
        undone = freshen(number(given, "time", 0.0, most=1 << 33), entropy, str(given.get("machine_id") or ""))
        return answer({"undone": undone})


def _app(given: Any) -> App:
    if not isinstance(given, dict) or not given.get("command"):
        raise UsageError("app must be an object with a name and a command")
    try:
        return App(**{**given, "command": words(given, "command")})
    except TypeError as exc:
        raise UsageError(f"app is none of ours: {exc}") from exc


def _done(desktop: Desktop, actions: tuple[core.Action, ...], *, whole: bool) -> list[core.Effect]:
    effects: list[core.Effect] = []
    for at, action in enumerate(actions, 1):
        try:
            effects.append(desktop.act(action, patient=whole))
        except CuaError as exc:
            if len(actions) > 1:
                raise type(exc)(f"act {at} of {len(actions)}: {exc}") from exc
            raise
        if effects[-1].kind == "refused":
            break
    return effects
