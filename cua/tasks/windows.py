"""The steps of a set-up that bring a window to the front or close it, by its title or its class."""

from __future__ import annotations

from cua.errors import SandboxError
from cua.evaluators.names import window as here
from cua.tasks.machine import Shown
from cua.tasks.stage import Stage

_COME_LIMIT = 10.0
_LATE_LIMIT = 3.0


def windows(stage: Stage, name: str, *, strict: bool = False, by_class: bool = False) -> list[Shown]:
    """Those of that title or class, the topmost first; a part of it will do unless `strict`."""
    found, name = [], here(name, stage.standing)
    for window in reversed(stage.machine.windows()):
        said = window.app if by_class else window.title
        if said == name or (not strict and name.casefold() in said.casefold()):
            found.append(window)
    return found


def activate_window(stage: Stage, *, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    """Bring a window to the front. Where it was closed in the course of the task there is nothing to do."""
    window = _awaited(stage, window_name, strict=strict, by_class=by_class)
    if window is not None:
        stage.machine.activate(window.id)


def close_window(stage: Stage, *, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    """Close a window and wait until it is gone."""
    window = _awaited(stage, window_name, strict=strict, by_class=by_class)
    if window is None:
        return
    stage.machine.close_window(window.id)
    if not stage.until(lambda: all(each.id != window.id for each in stage.machine.windows()), _COME_LIMIT):
        raise SandboxError(f"the window {window.title!r} does not close; it may ask something")


def _awaited(stage: Stage, name: str, *, strict: bool, by_class: bool) -> Shown | None:
    def found() -> list[Shown]:
        return windows(stage, name, strict=strict, by_class=by_class)

    if not stage.until(lambda: bool(found()), _COME_LIMIT if not stage.late else _LATE_LIMIT):
        if stage.late:
            return None
        there = ", ".join(repr(window.title) for window in stage.machine.windows()) or "none"
        raise SandboxError(f"no window {name!r} within {_COME_LIMIT:.0f} s; open are: {there}")
    return found()[0]
