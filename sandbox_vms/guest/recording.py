"""OSWorld's routes for a film of the screen, made by ffmpeg. One film at a time."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from threading import Lock

from cua.errors import MissingProgram, SandboxError
from sandbox_vms.bwrap import Program
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.programs import Programs
from sandbox_vms.guest.wire import Answer, Asked, Route, answer

_BEGIN_LIMIT, _END_LIMIT, _LOOK_LIMIT = 30.0, 60.0, 30.0
_TICK = 0.05
_RATE = 30


class Recording:
    """The film that is being made."""

    def __init__(self, desk: Desk, programs: Programs) -> None:
        self._desk, self._programs = desk, programs
        self._lock = Lock()
        self._making: tuple[Program, Path] | None = None
        self.routes: dict[tuple[str, str], Route] = {
            ("POST", "/start_recording"): self.start,
            ("POST", "/end_recording"): self.end,
        }

    def start(self, asked: Asked) -> Answer:
        """Begin; the first picture is taken when this is answered."""
        with self._lock:
            if self._making is not None and self._making[0].code() is None:
                return answer({"status": "error", "message": "Recording is already in progress."}, status=400)
            self._forget()
            program = self._programs.where("ffmpeg")
            if program is None:
                raise MissingProgram("ffmpeg is missing in the guest; add it to the image: --with ffmpeg")
            with self._programs.as_user():
                folder = Path(tempfile.mkdtemp(prefix="cua-film-", dir="/tmp"))
            self._making = self._programs.enter(self._command(program, folder), log=None), folder
            self._await_begun(*self._making)
        return answer({"status": "success", "message": "Started recording successfully."})

    def end(self, asked: Asked) -> Answer:
        """End it; the film."""
        with self._lock:
            if self._making is None or self._making[0].code() is not None:
                self._forget()
                return answer({"status": "error", "message": "No recording in progress to stop."}, status=400)
            program, folder = self._making
            try:
                if program.process is not None:
                    os.kill(program.process.pid, signal.SIGINT)  # it finishes the file then
                if program.wait(_END_LIMIT) is None:
                    raise SandboxError(f"the recording did not end within {_END_LIMIT:g} s; it was ended by force")
                film = folder / "film.mp4"
                if not film.is_file() or not film.stat().st_size:
                    raise SandboxError("the recording failed: there is no film; look at ffmpeg in the guest")
                data = film.read_bytes()
            finally:
                self._forget()
        named = 'attachment; filename="osworld_recording.mp4"'
        return Answer(b"", "video/mp4", headers={"Content-Disposition": named}, tail=data)

    def _command(self, program: str, folder: Path) -> tuple[str, ...]:
        screen = self._desk.do(lambda desktop: desktop.x11.screen, seconds=_LOOK_LIMIT)
        source = ("-f", "x11grab", "-draw_mouse", "1", "-framerate", str(_RATE))
        width, height = screen.width // 2 * 2, screen.height // 2 * 2  # the encoder takes no odd numbers
        size = ("-video_size", f"{width}x{height}", "-i", self._programs.env.get("DISPLAY", ":0"))
        told = ("-nostdin", "-y", "-stats_period", "0.2", "-progress", str(folder / "progress"))
        coded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-r", str(_RATE))
        return program, *told, *source, *size, *coded, str(folder / "film.mp4")

    def _await_begun(self, program: Program, folder: Path) -> None:
        """Until ffmpeg tells of its first pictures. Raises SandboxError if it does not."""
        end = time.monotonic() + _BEGIN_LIMIT
        while not _begun(folder / "progress"):
            code = program.code()
            if code is not None or time.monotonic() > end:
                self._forget()
                how = "ended" if code is None else f"ended with code {code}"
                raise SandboxError(f"Failed to start recording: ffmpeg {how} before it took a picture")
            time.sleep(_TICK)

    def _forget(self) -> None:
        making, self._making = self._making, None
        if making is not None:
            making[0].kill()
            shutil.rmtree(making[1])


def _begun(progress: Path) -> bool:
    return progress.is_file() and b"frame=" in progress.read_bytes()
