"""An X11 desktop: frames by mss, elements by AT-SPI and exported actions, input by XTEST. It decides nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, assert_never

from cua.core import (
    Action,
    Ask,
    Click,
    Drag,
    Effect,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Observation,
    Open,
    Place,
    Point,
    Press,
    Scroll,
    Target,
    Type,
    Wait,
)
from cua.errors import DriverError, TargetGone, UsageError
from drivers import elements as reading
from drivers import roles
from drivers.atspi import PROPERTIES, ROOT, Accessibility, Node
from drivers.bus import Bus, Request
from drivers.frames import Frames
from drivers.gactions import Actions, Exported, merge
from drivers.x11 import X11
from drivers.x11_input import XTest

_QUIET_LIMIT = 1.5
_BREATH = 0.012
_DEAF = 0.2
_TOLD = Effect("unverified", "the application does not say whether it took it")


class Desktop:
    """Owned by one thread. `display` is like ":0"; the buses are D-Bus addresses; `uid` is the user whose buses they are.

    Raises DisplayGone where one of them does not answer.
    """

    def __init__(self, display: str, session_bus: str, accessibility_bus: str = "", *, uid: int | None = None) -> None:
        self.x11 = X11(display)
        self.input = XTest(self.x11)
        self.frames = Frames(display)
        self.session = Bus(session_bus, uid=uid)
        self._awake()
        self.access = Accessibility(Bus(accessibility_bus or self._accessibility_address(), uid=uid))
        self.actions = Actions(self.session)
        self._exported: dict[str, Exported] = {}
        self._behind: dict[str, tuple[Exported, Any]] = {}
        self._called: dict[str, str] = {}
        self._slow: set[str] = set()
        self._open = True

    def observe(self, *, frame: bool = True) -> Observation:
        self._check_open()
        elements: list[Element] = []
        notes = []
        app = ""
        names = self.access.applications()
        deaf = self._deaf(names)
        for name in names:
            if name in deaf:
                notes.append(f"{deaf[name] or 'an application'} does not answer: a dialog holds it, or it hangs")
                continue
            tree = self.access.tree(name)
            self._called[name] = tree.nodes[ROOT].name if ROOT in tree.nodes else ""
            found = reading.read(self.access, tree, origin=self._origin)
            base = len(elements)
            elements += [replace(e, parent=e.parent + base) if e.parent >= 0 else e for e in found] if base else found
            if tree.note:
                notes.append(tree.note)
            if ROOT in tree.nodes and (not app or any("active" in e.states for e in found)):
                app = tree.nodes[ROOT].name
        exported = self.actions.read()
        self._exported = {action.ref: action for action in exported}
        merged = merge(elements, exported, {action.owner: self.actions.menu(action.owner) for action in exported})
        elements, self._behind = merged.elements, merged.behind
        notes += self._silent(elements)
        active = [e.name for e in elements if e.parent < 0 and "active" in e.states] or [""]
        picture = self.frames.grab() if frame else None
        return Observation(Place(app, active[-1]), tuple(elements), picture, time.time(), "; ".join(notes))

    def act(self, action: Action) -> Effect:
        self._check_open()
        heard = self.access.heard
        effect = self._do(action)
        self.settle()
        if effect is _TOLD and self.access.heard > heard:
            return Effect("confirmed")
        return effect

    def settle(self, limit: float = _QUIET_LIMIT) -> None:
        """Until the applications answer and have nothing more to tell for two breaths, or the limit is reached."""
        end = time.monotonic() + limit
        calm = 0
        while calm < 2 and time.monotonic() < end:
            heard = self.access.heard
            names = self.access.applications()
            replies = self.access.bus.calls([_ping(name) for name in names], seconds=limit)
            self._slow = {name for name, reply in zip(names, replies, strict=True) if not reply}
            self.access.bus.pump(_BREATH)
            calm = calm + 1 if self.access.heard == heard else 0

    def close(self) -> None:
        if self._open:
            self._open = False
            self.input.release_all()
            self.session.close()
            self.access.bus.close()
            self.frames.close()
            self.x11.close()

    def _deaf(self, names: list[str]) -> dict[str, str]:
        """Those that did not answer after the last act and still do not."""
        asked = [name for name in names if name in self._slow]
        replies = self.access.bus.calls([_ping(name) for name in asked], seconds=_DEAF)
        return {name: self._called.get(name, "") for name, reply in zip(asked, replies, strict=True) if not reply}

    # ------------------------------------------------------------------------------------------ acts

    def _do(self, action: Action) -> Effect:
        match action:
            case Invoke(target):
                return self._invoke(target)
            case Fill(target, text):
                return self._fill(target, text)
            case Click(target, button, count, keys):
                self.input.click(self._point(target), button=button, count=count, keys=keys)
            case Type(text):
                self.input.type(text)
            case Press(keys):
                self.input.press(keys)
            case Scroll(target, dx, dy):
                self.input.scroll(self._point(target), dx=dx, dy=dy)
            case Drag(start, end):
                self.input.drag(self._point(start), self._point(end))
            case Move(target):
                self.input.move(self._point(target))
            case Wait(seconds):
                self.settle(seconds)
            case Open(what):
                raise UsageError(f"the desktop driver starts no programs ({what!r}); start it in the sandbox")
            case Ask() | Finish():
                raise UsageError(f"{type(action).__name__} is for the loop, not for a driver")
            case _:
                assert_never(action)
        return _TOLD

    def _invoke(self, target: Element) -> Effect:
        kind, owner, path = target.ref.split("|")[:3]
        if kind == "gtk":
            self.actions.activate(self._live_action(target))
            return _TOLD
        self._live(target)
        if target.ref in self._behind:
            # GTK 3 stops answering on the accessibility bus while a dialog runs inside an act that came from there.
            self.actions.activate(*self._behind[target.ref])
            return _TOLD
        # A modal dialog answers only when it is closed: the reply is not awaited, the quiet after it is.
        self.access.bus.send(Request(owner, path, "org.a11y.atspi.Action", "DoAction", "i", (0,)))
        return _TOLD

    def _fill(self, target: Element, text: str) -> Effect:
        kind, owner, path = target.ref.split("|")[:3]
        if kind == "gtk":
            action = self._live_action(target)
            self.actions.activate(action, _cast(text, action.parameter))
            return _TOLD
        self._live(target)
        if target.role in ("spinbutton", "slider"):
            return self._set_number(target, owner, path, text)
        if target.role == "combobox":
            return self._choose(target, text)
        request = Request(owner, path, "org.a11y.atspi.EditableText", "SetTextContents", "s", (text,))
        if "editable" in target.states and self.access.bus.call(request):
            self.settle()
            if self._text(owner, path) == text:
                return Effect("confirmed", "reads back the same")
        self.input.click(self._point(target))
        self.input.press("ctrl+a")
        self.input.type(text)
        self.settle()
        return Effect("confirmed") if self._text(owner, path) == text else Effect("no_effect", "reads back otherwise")

    def _set_number(self, target: Element, owner: str, path: str, text: str) -> Effect:
        try:
            wanted = float(text)
        except ValueError as error:
            raise UsageError(f"{target.name or target.role} takes a number, not {text!r}") from error
        from dbus_fast import Variant

        body = ("org.a11y.atspi.Value", "CurrentValue", Variant("d", wanted))
        self.access.bus.call(Request(owner, path, PROPERTIES, "Set", "ssv", body))
        self.settle()
        got = self.access.bus.call(Request(owner, path, PROPERTIES, "Get", "ss", body[:2]))
        if got and abs(float(got.body[0].value) - wanted) < 1e-6:
            return Effect("confirmed", "reads back the same")
        return Effect("no_effect", f"holds {got.body[0].value if got else 'nothing readable'} instead")

    def _choose(self, target: Element, text: str) -> Effect:
        now = self.observe(frame=False)
        at = next((i for i, e in enumerate(now.elements) if e.ref == target.ref), -1)
        inside = [e for e in now.elements if any(a.ref == target.ref for a in now.ancestors(e))] if at >= 0 else []
        options = [e for e in inside if e.name.casefold() == text.casefold() and e.role not in ("menu", "window")]
        if len(options) != 1:
            return Effect("refused", f"{len(options)} options are called {text!r}")
        return self._invoke(options[0])

    # ------------------------------------------------------------------------------------------ finding

    def _live(self, target: Element) -> None:
        """Raises TargetGone unless the element is still there under the same role, sensitive or not."""
        _, owner, path = target.ref.split("|")[:3]
        requests = [
            Request(owner, path, "org.a11y.atspi.Accessible", "GetRole"),
            Request(owner, path, "org.a11y.atspi.Accessible", "GetState"),
        ]
        role, state = self.access.bus.calls(requests)
        if not role or not state or int(state.body[0][0]) >> roles.DEFUNCT & 1:
            raise TargetGone(f"{target.role} {target.name!r} is no longer there; look again")
        if "disabled" in roles.words(*state.body[0]):
            raise TargetGone(f"{target.role} {target.name!r} is disabled now")

    def _live_action(self, target: Element) -> Exported:
        action = self._exported.get(target.ref)
        if action is None:
            raise TargetGone(f"the command {target.name!r} is no longer exported; look again")
        return action

    def _point(self, target: Target) -> Point:
        if isinstance(target, Point):
            return target
        if not target.ref.startswith("a11y|"):
            raise TargetGone(f"the command {target.name!r} has no place on the screen; invoke it instead")
        self._live(target)
        _, owner, path = target.ref.split("|")[:3]
        reply = self.access.bus.call(Request(owner, path, "org.a11y.atspi.Component", "GetExtents", "u", (0,)))
        x, y, width, height = reply.body[0] if reply else (0, 0, 0, 0)
        if width <= 0 or height <= 0 or min(x, y) < -width - height:
            raise TargetGone(f"{target.role} {target.name!r} does not show; open what holds it first")
        return Point(x + width // 2, y + height // 2)

    def _text(self, owner: str, path: str) -> str:
        reply = self.access.bus.call(Request(owner, path, "org.a11y.atspi.Text", "GetText", "ii", (0, -1)))
        return str(reply.body[0]) if reply else ""

    # ------------------------------------------------------------------------------------------ buses

    def _awake(self) -> None:
        """Tell toolkits that somebody reads; Chromium and Qt stay silent otherwise."""
        from dbus_fast import Variant

        for name in ("IsEnabled", "ScreenReaderEnabled"):
            body = ("org.a11y.Status", name, Variant("b", True))
            self.session.call(Request("org.a11y.Bus", "/org/a11y/bus", PROPERTIES, "Set", "ssv", body))

    def _accessibility_address(self) -> str:
        reply = self.session.call(Request("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"))
        if not reply:
            raise DriverError("no accessibility bus: install it with: apt-get install at-spi2-core")
        return str(reply.body[0])

    def _origin(self, window: Node) -> tuple[int, int]:
        return (0, 0)

    def _silent(self, elements: list[Element]) -> list[str]:
        """Windows on the display that accessibility does not know of."""
        known = {e.name for e in elements if e.parent < 0}
        missing = [w.title for w in self.x11.windows() if w.title and w.title not in known]
        return [f"no accessibility in window {title!r}: only its picture can be seen" for title in missing]

    def _check_open(self) -> None:
        if not self._open:
            raise DriverError("this desktop driver is closed; make a new one")


def _ping(name: str) -> Request:
    return Request(name, ROOT, PROPERTIES, "Get", "ss", ("org.a11y.atspi.Accessible", "ChildCount"))


def _cast(text: str, signature: str) -> Any:
    if signature in ("i", "u", "x", "t", "n", "q", "y"):
        return int(text)
    if signature == "d":
        return float(text)
    return text.lower() in ("true", "on", "yes", "1") if signature == "b" else text
