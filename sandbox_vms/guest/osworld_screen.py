"""OSWorld's routes that look at the screen or handle windows. A window that is not there is an error, not a success."""

from __future__ import annotations

from typing import Any

from cua.core import Frame
from cua.errors import UsageError
from drivers.desktop import Desktop
from sandbox_vms.guest import cursor, windows
from sandbox_vms.guest.at_tree import Trees
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.forms import field, fields
from sandbox_vms.guest.wire import Answer, Asked, Route, answer, text

_LIMIT, _TREE_LIMIT = 30.0, 60.0


class Screen:
    """What the screen shows, and its windows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._trees = Trees()
        self._last: tuple[Frame, cursor.Pointer, bytes] | None = None
        self.routes: dict[tuple[str, str], Route] = {
            ("GET", "/screenshot"): self.screenshot,
            ("GET", "/accessibility"): self.accessibility,
            ("GET", "/terminal"): self.terminal,
            ("POST", "/screen_size"): self.screen_size,
            ("POST", "/window_size"): self.window_size,
            ("GET", "/cursor_position"): self.cursor_position,
            ("POST", "/setup/activate_window"): self.activate,
            ("POST", "/setup/close_window"): self.close,
        }

    def screenshot(self, asked: Asked) -> Answer:
        """A picture with the pointer in it, drawn beside the desktop's thread, and not again if it is the same."""
        frame, pointer = self._desk.do(lambda desk: (desk.frames.nameless(), cursor.pointer(desk)), seconds=_LIMIT)
        last = self._last
        if last is None or last[0] is not frame or last[1] != pointer:
            last = self._last = (frame, pointer, cursor.png(frame, pointer))
        return Answer(b"", "image/png", tail=last[2])

    def accessibility(self, asked: Asked) -> Answer:
        """The accessibility tree."""
        return answer({"AT": self._desk.do(self._trees.xml, seconds=_TREE_LIMIT)})

    def terminal(self, asked: Asked) -> Answer:
        """What stands in the terminal in front."""
        return answer({"output": self._desk.do(self._trees.terminal, seconds=_TREE_LIMIT), "status": "success"})

    def screen_size(self, asked: Asked) -> Answer:
        """How large the screen is."""
        screen = self._desk.do(_screen, seconds=_LIMIT)
        return answer({"width": screen.width, "height": screen.height})

    def window_size(self, asked: Asked) -> Answer:
        """How large the oldest window of a class is."""
        name = field(fields(asked), "app_class_name")

        def measured(desktop: Desktop) -> Answer:
            for window in windows.named(desktop, ""):
                if name.lower() in [part.lower() for part in windows.class_of(desktop.x11, window.id)]:
                    return answer({"width": window.box.width, "height": window.box.height})
            return answer({"error": f"no window has the class {name!r}"}, status=404)

        return self._desk.do(measured, seconds=_LIMIT)

    def cursor_position(self, asked: Asked) -> Answer:
        """Where the pointer is."""
        at = self._desk.do(cursor.place, seconds=_LIMIT)
        return answer([at.x, at.y])

    def activate(self, asked: Asked) -> Answer:
        """Bring a window to the front."""
        name, how = _wanted(asked)
        self._desk.do(lambda desk: windows.activate(desk, windows.the(desk, name, **how)), seconds=_LIMIT)
        return text("Window activated successfully")

    def close(self, asked: Asked) -> Answer:
        """Close a window as a person would."""
        name, how = _wanted(asked)
        closed = self._desk.do(lambda desk: windows.close(desk, windows.the(desk, name, **how)), seconds=_LIMIT)
        return text("Window closed successfully." if closed else "Window was asked to close and has not closed yet.")


def _screen(desktop: Desktop) -> Any:
    desktop.x11.drain()
    return desktop.x11.screen


def _wanted(asked: Asked) -> tuple[str, dict[str, bool]]:
    given = asked.json()
    name = given.get("window_name")
    if not isinstance(name, str) or not name:
        raise UsageError("window_name required")
    return name, {"strict": bool(given.get("strict")), "by_class": bool(given.get("by_class"))}
