"""The desktop and the one thread that owns it: whoever wants something of it waits his turn, within a limit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from cua.errors import DisplayGone, TimedOut
from drivers.desktop import Desktop

T = TypeVar("T")


class Desk:
    """It connects when it is first needed, and anew after the display or a bus went away."""

    def __init__(self, connect: Callable[[], Desktop]) -> None:
        self._connect = connect
        self._desktop: Desktop | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cua-desk")
        self.was_ready = False

    def begin(self, work: Callable[[Desktop], T]) -> Future[T]:
        """What `work` will give once it was done on the desktop's thread."""
        return self._thread.submit(self._done, work)

    def do(self, work: Callable[[Desktop], T], *, seconds: float) -> T:
        """What `work` gives, done on the desktop's thread. Raises TimedOut where that takes longer, the waiting for
        others' work included; work that has begun goes on, work that has not is not done."""
        job = self.begin(work)
        try:
            return job.result(seconds)
        except TimeoutError as exc:
            if job.done() and not job.cancelled():
                raise
            begun = "did not end" if not job.cancel() else "did not begin, for others' work was not done"
            raise TimedOut(f"the work on the desktop {begun} within {seconds:g} s; look again") from exc

    def ready(self, *, seconds: float = 1.0) -> None:
        """Raises DisplayGone or TimedOut unless display, buses and window manager answer. A desktop that was ready and
        is busy is ready."""
        try:
            self.do(_answers, seconds=seconds)
            self.was_ready = True
        except TimedOut:
            if not self.was_ready:
                raise
        except DisplayGone:
            self.was_ready = False
            raise

    def close(self) -> None:
        """Let go of the desktop when the work before is done."""
        self._thread.submit(self._let_go)
        self._thread.shutdown()

    def _done(self, work: Callable[[Desktop], T]) -> T:
        if self._desktop is None:
            self._desktop = self._connect()
        try:
            return work(self._desktop)
        except DisplayGone:
            self._let_go()
            raise

    def _let_go(self) -> None:
        desktop, self._desktop = self._desktop, None
        if desktop is not None:
            with suppress(DisplayGone):
                desktop.close()


def _answers(desktop: Desktop) -> None:
    desktop.access.bus.pump()
    desktop.session.pump()
    with desktop.x11.edge("look for the window manager"):
        check = desktop.x11.words(desktop.x11.root, "_NET_SUPPORTING_WM_CHECK")
        if not check or desktop.x11.words(check[0], "_NET_SUPPORTING_WM_CHECK") != check:
            raise TimedOut("no window manager answers yet; wait, or start one")
