"""Starting and quitting the app of a sandbox as a person would: until its window shows, until its windows are gone."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cua.core import Completed
from cua.errors import SandboxError, TargetGone, TimedOut
from drivers.desktop import Desktop
from drivers.x11 import Window
from sandbox_vms.apps import App

APP_LIMIT = 30.0
_NO_FOCUS_LIMIT = 1.0
_MUTE_LIMIT = 6.0  # toolkits that are slow to start show a window long before they tell what is in it
_HANDED_OVER_LIMIT = 3.0
_QUIT_LIMIT = 5.0
_ASKING_LIMIT = 0.5
_NUDGE = 0.3
_TICK = 0.01
_LASTING = ("splash", "desktop", "dock")


class Running(Protocol):
    """A program that was started."""

    def code(self) -> int | None: ...

    def kill(self) -> None: ...


class Runs(Protocol):
    """Where programs run to their end."""

    def exec(self, argv: tuple[str, ...], *, seconds: float) -> Completed: ...


def windows(driver: Desktop) -> list[Window]:
    """What programs show and a person can close: no menus, no tooltips, no splash screens, no panels."""
    return [window for window in driver.x11.windows() if not window.popup and window.kind not in _LASTING]


def await_window(
    app: App,
    program: Running,
    driver: Desktop,
    log: Path,
    *,
    seconds: float = APP_LIMIT,
    others: frozenset[int] = frozenset(),
) -> None:
    """Until the app shows a window that can be worked with, besides the `others` that were there before by their ids.
    Raises SandboxError or TimedOut with what it said.
    """
    began = nudged = time.monotonic()
    ended = shown = 0.0
    while True:
        now = time.monotonic()
        if any(window.id not in others for window in windows(driver)):
            shown = shown or now
            # some show no window to accessibility, and some none that has the keyboard
            elements = driver.observe(frame=False).elements
            limit = _NO_FOCUS_LIMIT if elements else _MUTE_LIMIT
            if any("active" in element.states for element in elements) or now - shown > limit:
                break
        elif (code := program.code()) is not None:
            ended = ended or now
            if not code and others and now - ended > _HANDED_OVER_LIMIT:
                break  # one that ran already took over, in a window that it had
            if code or now - ended > _HANDED_OVER_LIMIT:
                raise SandboxError(_why_no_window(app, code, said(log)))
        elif now - began > seconds:
            raise TimedOut(
                f"no window of {app.name} within {seconds:.0f} s; it said: {said(log)}. Is it for a terminal?"
            )
        elif now - nudged > _NUDGE:
            # a window manager that was just starting may have read a window's request and not looked at it yet
            driver.x11.message(driver.x11.root, "CUA_LOOK", (), to_manager=True)
            nudged = now
        driver.access.bus.pump(_TICK)
    driver.settle()


def quit_app(program: Running, driver: Desktop, tree: Runs, *, seconds: float = _QUIT_LIMIT) -> None:
    """Ask its windows to close, then wait until it has ended; end it if it asks something or hangs."""
    known = windows(driver)
    for window in known:
        with suppress(TargetGone):
            driver.x11.close_window(window)
    limit = time.monotonic() + seconds
    while program.code() is None or windows(driver):
        if {window.id for window in windows(driver)} - {window.id for window in known}:
            limit = min(limit, time.monotonic() + _ASKING_LIMIT)
            known = windows(driver)
        if time.monotonic() > limit:
            _end(program, driver, tree)
            return
        driver.access.bus.pump(_TICK)


def said(log: Path) -> str:
    """The last lines that the app wrote."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "nothing"


def _end(program: Running, driver: Desktop, tree: Runs) -> None:
    """Kill it, and whoever else still shows a window."""
    program.kill()
    pids = tuple(sorted({str(window.pid) for window in windows(driver) if window.pid}))
    if pids:
        tree.exec(("sh", "-c", 'kill -9 "$@"', "sh", *pids), seconds=_QUIT_LIMIT)
    limit = time.monotonic() + _QUIT_LIMIT
    while windows(driver) and time.monotonic() < limit:  # the display takes them away a little later
        driver.access.bus.pump(_TICK)


def _why_no_window(app: App, code: int, words: str) -> str:
    command = " ".join(app.command)
    if code == 127:
        return f"{command!r} is not to be found in the sandbox, which sees /usr and /opt only; it said: {words}"
    if code:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{app.name} {how} before it showed a window; it said: {words}. Does {command!r} need other arguments?"
    return (
        f"{app.name} ended without showing a window; it said: {words}. A program for the terminal needs one: "
        f"x-terminal-emulator -e {command}"
    )
