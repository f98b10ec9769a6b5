"""Where to click so that the wanted element is hit and nothing else: alive, enabled, showing, and not covered."""

from __future__ import annotations

from collections.abc import Callable

from cua.core import Box, Effect, Element, Point
from cua.errors import DriverError, TargetGone
from drivers import roles
from drivers.atspi import Accessibility, Toolkit
from drivers.bus import Request
from drivers.grids import common
from drivers.toplevels import Toplevels
from drivers.x11 import X11, Window

_PATIENCE = 1.0
_MARK = 9  # pixels from the edge of a check box or radio button of Qt to the middle of its mark
TICKED = frozenset({"checkbox", "radio", "switch", "button"})
_IN_POPUPS = frozenset(
    {
        "menuitem", "menuitemcheckbox", "menuitemradio", "menu", "option", "cell", "treeitem", "listbox", "tooltip",
        "button",
    }
)  # fmt: skip

Home = Callable[[Element], str]
Offset = Callable[[str, str], tuple[int, int] | None]


def live(access: Accessibility, target: Element) -> Effect | None:
    """None if it can be acted on, a refusal if it is disabled. Raises TargetGone if it is no longer there."""
    parts = target.ref.split("|")
    if len(parts) < 3 or parts[0] != "a11y":
        raise TargetGone(f"{target.role} {target.name!r} is nothing of this screen; look again")
    owner, path = parts[1:3]
    asks = [Request(owner, path, "org.a11y.atspi.Accessible", f"Get{what}") for what in ("Role", "State")]
    role, state = access.bus.calls(asks, seconds=_PATIENCE)
    if role.late or state.late:
        raise DriverError(f"the application of {target.role} {target.name!r} does not answer; wait, or end it")
    if not role or not state or int(state.body[0][0]) >> roles.DEFUNCT & 1:
        raise TargetGone(f"{target.role} {target.name!r} is no longer there; look again")
    if "disabled" in roles.words(*state.body[0]):
        return Effect("refused", f"{target.role} {target.name!r} is disabled")
    return None


class Aim:
    """Owned by one thread. As last seen, `home` gives the title of an element's window ("" if it was not seen), and
    `offset` what to add to the positions of a node, by application and path."""

    def __init__(self, access: Accessibility, x11: X11, windows: Toplevels, *, home: Home, offset: Offset) -> None:
        self._access, self._x11, self._windows, self._home, self._offset = access, x11, windows, home, offset

    def at(self, target: Element) -> Point | Effect:
        """Where to click, its window raised if it must be; or the refusal that says what covers it."""
        refused = live(self._access, target)
        if refused is not None:
            return refused
        with self._windows.held():
            point = self._centre(target)
            over = self._covering(target, point)
        if over is not None and (own := self._window(target)) is not None and not own.active:
            self._x11.focus(own)
            point = self._centre(target)
            over = self._covering(target, point)
        if over is not None:
            name = over.title or over.kind
            return Effect("refused", f"the window {name!r} of {over.app or 'another program'} covers {target.name!r}")
        return point

    def toolkit(self, target: Element) -> Toolkit:
        """What draws the element."""
        return self._access.toolkit(target.ref.split("|")[1])

    def origin(self, app: str, title: str) -> tuple[int, int]:
        """What to add to the positions that an application gives."""
        if not self._access.toolkit(app).counts_from_window:
            return (0, 0)
        window = self._windows.of(self._access.pid(app), title)
        return (window.visible.x, window.visible.y) if window else (0, 0)

    def popups(self, app: str) -> tuple[Box, ...]:
        """Where menus and the like of an application lie."""
        pid = self._access.pid(app)
        return tuple(w.box for w in self._windows.windows() if w.popup and not w.hidden and w.pid == pid)

    def _window(self, target: Element) -> Window | None:
        return self._windows.of(self._access.pid(target.ref.split("|")[1]), self._home(target))

    def _centre(self, target: Element) -> Point:
        owner, path = target.ref.split("|")[1:3]
        kind = 1 if self._access.toolkit(owner).counts_from_window else 0
        ask = Request(owner, path, "org.a11y.atspi.Component", "GetExtents", "u", (kind,))
        reply = self._access.bus.call(ask, seconds=_PATIENCE)
        dx, dy = self._offset(owner, path) or self.origin(owner, self._home(target))
        x, y, width, height = reply.body[0] if reply else (0, 0, 0, 0)
        seen = common(Box(x + dx, y + dy, width, height), self._x11.screen)
        if seen is None:
            raise TargetGone(f"{target.role} {target.name!r} does not show; open or scroll to what holds it first")
        marked = target.role in ("checkbox", "radio") and self.toolkit(target).ticks_in_silence
        return Point(seen.x + min(_MARK, seen.width // 2), seen.centre.y) if marked else seen.centre

    def _covering(self, target: Element, point: Point) -> Window | None:
        """The window that a click would hit instead of the target's own; None if it is the right one."""
        top = self._windows.at(point)
        if top is None:
            return None
        pid = self._access.pid(target.ref.split("|")[1])
        own = self._window(target)
        if own is not None and top.id == own.id:
            return None
        related = bool(pid and top.pid == pid) or (own is not None and top.app == own.app)
        if not related:
            return top
        if top.popup:
            owner, path = target.ref.split("|")[1:3]
            if pid == top.pid and self._offset(owner, path) not in (None, self.origin(owner, self._home(target))):
                return None  # it was found to lie in a popup
            return None if target.role in _IN_POPUPS or top.kind in ("tooltip", "notification") else top
        return top if own is not None else None
