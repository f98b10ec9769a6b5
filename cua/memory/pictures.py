"""Pictures of screens as files named by their hash, kept while what is done goes on.

A picture is encoded losslessly on a thread of its own that runs when nothing else wants to; a few may wait, then `put`
waits too. It changes no picture that is on file, and deletes none.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore

from cua import codec
from cua.core import Frame
from cua.errors import RecordError

WAITING_PICTURES = 8
PATIENCE_FOR_PICTURES = 30.0
_LAST_OF_ALL = 19


class Pictures:
    """The pictures in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cua-pictures", initializer=_give_way)
        self._slots = BoundedSemaphore(WAITING_PICTURES)
        self._going: list[Future[None]] = []
        self._known: set[str] = set()
        self._lost: list[str] = []

    def put(self, frame: Frame | None) -> None:
        if frame is None or frame.pixels is None or frame.sha in self._known:
            return
        if self._file(frame.sha) is None:
            if not self._slots.acquire(timeout=PATIENCE_FOR_PICTURES):
                what = f"no picture was written to {self._folder} for {PATIENCE_FOR_PICTURES:g} s"
                raise RecordError(f"{what} and {WAITING_PICTURES} wait; check that disk")
            self._going = [going for going in self._going if not going.done() or going.exception()]
            going = self._thread.submit(self._write, frame)
            going.add_done_callback(lambda _: self._slots.release())
            self._going.append(going)
        self._known.add(frame.sha)

    def get(self, sha: str) -> bytes:
        wait(self._going)
        try:
            return codec.as_png((self._file(sha) or self._path(sha)).read_bytes())
        except OSError as exc:
            what = f"picture {sha} is not in {self._folder} ({exc.strerror})"
            raise RecordError(f"{what}: it was never taken, or a crash lost it; the steps themselves are kept") from exc

    def flush(self) -> None:
        going, self._going = self._going, []
        for one in going:
            one.result()
        if self._lost:
            lost, self._lost = self._lost, []
            raise RecordError(f"{len(lost)} pictures could not be kept (the steps were): {lost[0]}")

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._thread.shutdown()

    def _path(self, sha: str) -> Path:
        """Where its file is, but for the ending."""
        if not re.fullmatch("[0-9a-f]{8,128}", sha):
            raise RecordError(f"frame {sha!r} is not named by a hash in hex; the driver is at fault")
        return self._folder / sha

    def _file(self, sha: str) -> Path | None:
        """Its file, if there is one: older records have PNG."""
        files = (self._path(sha).with_suffix(ending) for ending in (".webp", ".png"))
        return next((file for file in files if file.exists()), None)

    def _write(self, frame: Frame) -> None:
        path = self._path(frame.sha)
        half = path.with_suffix(f".{os.getpid()}.half")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            ending, picture = codec.drawn(frame)
            half.write_bytes(picture)
            half.replace(path.with_suffix(f".{ending}"))
        except (OSError, RecordError) as exc:
            with suppress(OSError):  # the reason that is told is the first one
                half.unlink()
            self._known.discard(frame.sha)
            self._lost.append(f"{path}: {exc}")


def _give_way() -> None:
    """What is recorded may wait for what is done: this thread runs when no other wants to."""
    if sys.platform == "linux":  # where threads have priorities of their own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST_OF_ALL)
