"""OSWorld's routes that run programs. Where its server hides how a program ended, these say it."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cua.errors import CuaError, UsageError
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.programs import Ended, Programs
from sandbox_vms.guest.wire import Answer, Asked, Route, answer, number, text
from sandbox_vms.launch import windows

_LIMIT, _PYTHON_LIMIT, _SCRIPT_LIMIT = 120.0, 30.0, 100.0
_VERIFYING_LIMIT = 5.0
_TICK = 0.05
_PYTHON = "/usr/bin/python3"


class Running:
    """Commands, scripts and programs that go on."""

    def __init__(self, desk: Desk, programs: Programs) -> None:
        self._desk, self._programs = desk, programs
        self.routes: dict[tuple[str, str], Route] = {
            ("POST", "/execute"): self.execute,
            ("POST", "/setup/execute"): self.execute,
            ("POST", "/execute_with_verification"): self.verified,
            ("POST", "/setup/execute_with_verification"): self.verified,
            ("POST", "/setup/launch"): self.launch,
            ("POST", "/run_python"): self.python,
            ("POST", "/run_bash_script"): self.script,
        }

    def execute(self, asked: Asked) -> Answer:
        """A command to its end. `status` is success however it ended; `returncode` says how."""
        given = asked.json()
        return self._executed(given, number(given, "timeout", _LIMIT))

    def verified(self, asked: Asked) -> Answer:
        """A command to its end, then until a window is there and another command succeeds."""
        given = asked.json()
        done = self._executed(given, _LIMIT)
        wanted = given.get("verification") or {}
        if done.status != 200 or not wanted:
            return done
        limit, pause = number(given, "max_wait_time", 10.0), number(given, "check_interval", 1.0)
        began = time.monotonic()
        told = Asked(asked.path, body=done.body).json()
        while not self._holds(wanted):
            if time.monotonic() - began + pause > limit:
                told |= {"status": "verification_failed", "verification": "failed"}
                return answer(told | {"wait_time": limit}, status=500)
            time.sleep(pause)
        return answer(told | {"verification": "passed", "wait_time": time.monotonic() - began})

    def launch(self, asked: Asked) -> Answer:
        """A program that goes on."""
        command = self._command(given := asked.json())
        self._programs.enter(command)
        said = given["command"]
        return text(f"{said if isinstance(said, str) else ' '.join(said)} launched successfully")

    def python(self, asked: Asked) -> Answer:
        """Python code to its end."""
        code = asked.json().get("code")
        if not code:
            return answer({"status": "error", "message": "Code not supplied!"}, status=400)
        with self._file(str(code), ".py") as path:
            ended = self._programs.run((_PYTHON, path), seconds=_PYTHON_LIMIT)
        out, err = _shown(ended.out), _shown(ended.err)
        told: dict[str, Any] = {"need_more": False, "output": out, "error": err, "return_code": ended.code}
        if ended.code is None:
            why = f"Execution timeout: the code took longer than {_PYTHON_LIMIT:g} s"
            return answer(told | {"status": "error", "message": why, "error": "TimeoutExpired"}, status=500)
        if ended.code and not err:
            told["error"] = err = f"Process exited with code {ended.code}"
        told["message"] = "\n".join(filter(None, (out, err)))
        return answer(told | {"status": "error" if ended.code else "success"})

    def script(self, asked: Asked) -> Answer:
        """A bash script to its end; its errors are among its output."""
        given = asked.json()
        script, seconds = given.get("script"), number(given, "timeout", _SCRIPT_LIMIT)
        if not script:
            return _scripted("error", "Script not supplied!", -1, status=400)
        try:
            folder = str(self._programs.path(given["working_dir"])) if given.get("working_dir") else ""
            shell = self._programs.where("bash") or "/bin/sh"
            with self._file(str(script), ".sh") as path:
                ended = self._programs.run((shell, path), seconds=seconds, cwd=folder, merged=True)
        except UsageError as exc:
            return _scripted("error", f"Working directory does not exist: {exc}", -1, status=400)
        if ended.code is None:
            return _scripted("error", f"Script execution timed out after {seconds:g} seconds", -1, status=500)
        return _scripted("error" if ended.code else "success", _shown(ended.out), ended.code)

    def _executed(self, given: Mapping[str, Any], seconds: float) -> Answer:
        command = self._command(given)
        try:
            ended = self._programs.run(command, seconds=seconds)
        except OSError as exc:
            return answer({"status": "error", "message": f"{exc}"}, status=500)
        if ended.code is None:
            why = f"Command {shlex.join(command)!r:.200} timed out after {seconds:g} seconds"
            return answer({"status": "error", "message": why}, status=500)
        return answer(_told(ended))

    def _command(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        """The words to run. Raises UsageError where there are none."""
        said, shell = given.get("command"), bool(given.get("shell"))
        if isinstance(said, str) and shell:
            return "/bin/sh", "-c", said
        if isinstance(said, str):
            said = shlex.split(said)
        if not isinstance(said, list) or not said or not all(isinstance(word, str) for word in said):
            raise UsageError(f"command is {said!r}; it must be a list of texts, or a text")
        command = [str(self._programs.path(word)) if word.startswith("~/") else word for word in said]
        if shell:
            return "/bin/sh", "-c", *command
        if command[0] == "python" and self._programs.where("python") is None:
            command[0] = _PYTHON  # what OSWorld's controllers say; where it is called otherwise, they mean this one
        return tuple(command)

    def _holds(self, wanted: Mapping[str, Any]) -> bool:
        title, command = wanted.get("window_exists"), wanted.get("command_success")
        if title is not None:
            try:
                shown = self._desk.do(windows, seconds=_VERIFYING_LIMIT)
            except CuaError:  # nobody could look: it is looked again until the limit
                return False
            if not any(str(title).lower() in window.title.lower() for window in shown):
                return False
        if command is None:
            return True
        words = self._command({"command": command, "shell": True})
        return self._programs.run(words, seconds=_VERIFYING_LIMIT).code == 0

    def _file(self, content: str, ending: str) -> _Kept:
        """A file of the user's, for as long as it is needed."""
        with self._programs.as_user():
            handle, path = tempfile.mkstemp(ending, "cua-", "/tmp")
            with os.fdopen(handle, "w", errors="surrogateescape") as file:
                file.write(content)
        return _Kept(path)


class _Kept:
    """The path of a file that goes afterwards."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> str:
        return self._path

    def __exit__(self, *_: object) -> None:
        Path(self._path).unlink(missing_ok=True)


def _told(ended: Ended) -> dict[str, Any]:
    out, err = _shown(ended.out), _shown(ended.err)
    return {"status": "success", "output": out, "error": err, "returncode": ended.code}


def _scripted(status_word: str, output: str, code: int, *, status: int = 200) -> Answer:
    told = {"status": status_word, "output": output, "error": "", "returncode": code}
    return answer(told, status=status)


def _shown(said: bytes) -> str:
    return said.decode(errors="replace")
