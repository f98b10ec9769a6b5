"""An X11 desktop: frames by mss, elements by AT-SPI and exported actions, input by XTEST. It decides nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import assert_never

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
from cua.errors import DisplayGone, DriverError, TargetGone, UsageError
from drivers.accepting import by_keys
from drivers.aim import Aim, live
from drivers.atspi import Accessibility, address, awaken
from drivers.bus import Bus, Request
from drivers.elements import Reader
from drivers.filling import Hands, fill
from drivers.frames import Frames
from drivers.gactions import Actions, Exported, cast
from drivers.lately import Lately, Together
from drivers.nodes import ROOT, Node
from drivers.plans import Reading
from drivers.stills import Still, never, open_to
from drivers.toplevels import Toplevels
from drivers.x11 import X11
from drivers.x11_input import XTest

_QUIET_LIMIT = 1.5
_BREATH = 0.012
_BREATHS = 2
_MOMENT = 0.003
_SOON = 0.1
_LONG_QUIET = 8
_TAKEN = 0.5
_LATE = 0.15
_DEAF = 0.4
_STILL_DEAF = 0.25
_TOLD = Effect("unverified", "the application does not say whether it took it")


class Desktop:
    """Owned by one thread. `display` is like ":0"; the buses are D-Bus addresses, and `uid` is whose they are.

    Raises DisplayGone where one of them does not answer.
    """

    def __init__(self, display: str, session_bus: str, accessibility_bus: str = "", *, uid: int | None = None) -> None:
        self.x11 = X11(display)
        self.input = XTest(self.x11)
        self.frames = Frames(display)
        self.session = Bus(session_bus, uid=uid)
        awaken(self.session)
        self.access = Accessibility(Bus(accessibility_bus or address(self.session), uid=uid))
        self.actions = Actions(self.session)
        self._windows = Toplevels(display)
        self._reader = Reader(self.access)
        self._aim = Aim(self.access, self.x11, self._windows, home=self._title_of, offset=self._reader.offset)
        self._hands = Hands(self.access, self.input, lambda: self.observe(frame=False), self._aim.at, self._rest)
        self._together = Together()
        self._exported: dict[str, Exported] = {}
        self._called: dict[str, str] = {}
        self._slow: set[str] = set()
        self._lately = Lately(self.access, self._windows)
        self._readings: dict[str, Reading] = {}
        self._looked, self._patient = 0, True
        self._open = True

    def observe(self, *, frame: bool = True, whole: bool = True) -> Observation:
        """What a person would see. A program that does not answer is left out after 0.4 s, and the note says so.

        Unless `whole`, what told of nothing since may be as it was at most 8 s ago where it does not show or looks as
        it did, as long as none of the program's windows came, went or moved: for looks in quick succession. The picture
        is then taken first.
        """
        self._check_open()
        notes: list[str] = []
        parts: list[list[Element]] = []
        app = ""
        picture = self.frames.grab() if frame and not whole else None
        still = self._lately.still(picture)
        names = self.access.applications(again=not whole)
        self._looked = self.access.heard
        calm = set() if whole else self._calm(names, still)
        fit = self._answering([name for name in names if name not in calm]) | calm
        with self._windows.held():
            for name in names:
                if name not in fit:
                    notes.append(
                        f"{self._called.get(name) or 'an application'} does not answer: a dialog holds it, or it hangs"
                    )
                    self._lately.forget(name)
                    continue
                if name not in calm:
                    self._readings[name] = self._read(name, still, whole=whole)
                found = self._readings[name]
                parts.append(found.elements)
                notes += found.notes
                said = self._called[name]
                if said and (not app or any("active" in e.states for e in found.elements)):
                    app = said
        windows = self._windows.windows()
        exported = self.actions.read(self._windows.changes)
        self._exported = {action.ref: action for action in exported}
        elements = self._together.of(parts, exported, self.actions.menu)
        notes += self._silent(elements, {self.access.pid(name) for name in names})
        if not app and not elements:
            app = next((window.app for window in windows if window.active), "")
        active = [e.name for e in elements if e.parent < 0 and "active" in e.states] or [""]
        if whole:
            picture = self.frames.grab() if frame else None
        return Observation(Place(app, active[-1]), tuple(elements), picture, time.time(), "; ".join(notes))

    def _calm(self, names: list[str], still: Still) -> set[str]:
        with self._windows.held():
            return {name for name in names if name in self._readings and self._lately.calm(name, still)}

    def _read(self, app: str, still: Still, *, whole: bool) -> Reading:
        again = not whole and self._lately.recent(app)
        if again:
            still = open_to(still, self._windows.windows(), self.access.pid(app))
        else:
            self._lately.looked(app)
        suspects = self._reader.suspects(app, still) if again else None
        tree = self.access.tree(app, again=again, suspects=suspects)
        self._called[app] = tree.nodes[ROOT].name if ROOT in tree.nodes else ""
        popups, screen = self._aim.popups(app), self.x11.screen
        return self._reader.read(
            tree,
            origin=self._origin,
            popups=popups,
            screen=screen,
            suspects=suspects,
            still=still if again else never,
        )

    def act(self, action: Action, *, patient: bool = True) -> Effect:
        """Do it and wait until the applications are calm. A refusal is an Effect, and nothing was done then.

        Unless `patient`, an application that is silent at first is not waited for: the caller awaits what must follow.
        """
        self._check_open()
        self._patient, heard = patient, self.access.heard
        soon = not patient and isinstance(action, Wait) and action.seconds <= _SOON
        try:
            effect = _TOLD if soon else self._do(action)
        except TargetGone:
            self._lately.forget()  # nothing is taken over from a look that was wrong
            raise
        if effect.kind == "refused":
            return effect
        if patient:
            self.settle()
        elif isinstance(action, Wait):
            self._breathe(action.seconds if soon else 0.0, self._looked)
        else:
            self.input.taken(_TAKEN)
            self._breathe(_BREATH, heard)
        if patient and isinstance(action, Click | Press) and self.access.heard == heard:
            self._listen(heard)
        if effect is _TOLD and self.access.heard > heard:
            return Effect("confirmed")
        return effect

    def settle(self, limit: float = _QUIET_LIMIT, *, breaths: int = _BREATHS) -> None:
        """Until the applications answer and have nothing more to tell for so many breaths, or the limit is reached."""
        end = time.monotonic() + limit
        calm = 0
        while calm < breaths and (left := end - time.monotonic()) > 0:
            heard = self.access.heard
            names = set(self.access.applications())
            known = names & self._slow
            slow = known - self.access.answering(known, seconds=_STILL_DEAF)
            fit = self.access.answering(names - known, seconds=max(left, _DEAF))
            self._slow = slow | (names - known - fit)
            self.access.bus.pump(_BREATH)
            calm = calm + 1 if self.access.heard == heard else 0

    def _rest(self) -> None:
        """Between the parts of an act."""
        if self._patient:
            self.settle()
        else:
            self.input.taken(_TAKEN)
            self._breathe(_BREATH, self.access.heard)

    def _breathe(self, seconds: float, told: int) -> None:
        """Until what answers has told more than so many events and no more for a moment, or nothing for so long."""
        began, heard = time.monotonic(), -1
        while (spent := time.monotonic() - began) < _QUIET_LIMIT:
            calm, heard = self.access.heard == heard, self.access.heard
            if calm and (heard > told or spent >= seconds):
                return
            self.access.answering(set(self._readings) - self._slow, seconds=_DEAF)
            if self.access.heard == heard <= told:
                self.access.bus.pump(_MOMENT)

    def _listen(self, heard: int) -> None:
        """A busy program, say one that reads a changed keyboard map, takes what it was sent a little late."""
        end = time.monotonic() + _LATE
        while self.access.heard == heard and time.monotonic() < end:
            self.access.bus.pump(_BREATH)
        if self.access.heard > heard:
            self.settle()

    def close(self) -> None:
        """Let go of keys, buses and display, of those too that went away by themselves. Twice is fine."""
        if self._open:
            self._open = False
            parts = (self.session, self.access.bus, self.frames, self._windows, self.x11)
            for let_go in (self.input.release_all, *(part.close for part in parts)):
                with suppress(DisplayGone):
                    let_go()

    # ------------------------------------------------------------------------------------------ seeing

    def _answering(self, names: list[str]) -> set[str]:
        known = self._slow & set(names)
        fit = self.access.answering(known, seconds=_STILL_DEAF)
        fit |= self.access.answering([name for name in names if name not in known], seconds=_DEAF)
        self._slow = set(names) - fit
        return fit

    def _silent(self, elements: list[Element], pids: set[int]) -> list[str]:
        """Windows on the display that accessibility does not know of."""
        known = {e.name for e in elements if e.parent < 0}
        missing = [w for w in self._windows.windows() if not w.hidden and not w.popup and w.pid not in pids - {0}]
        titles = [w.title or w.app for w in missing if w.title not in known]
        return [f"no accessibility in window {title!r}: only its picture can be seen" for title in titles if title]

    def _origin(self, window: Node) -> tuple[int, int]:
        return self._aim.origin(window.app, window.name)

    def _title_of(self, target: Element) -> str:
        elements = self._together.merged.elements
        at = next((i for i, e in enumerate(elements) if e.ref == target.ref), -1)
        while at >= 0 and elements[at].parent >= 0:
            at = elements[at].parent
        return elements[at].name if at >= 0 else ""

    # ------------------------------------------------------------------------------------------ acts

    def _do(self, action: Action) -> Effect:
        match action:
            case Invoke(target):
                return self._invoke(target)
            case Fill(target, text):
                return self._fill(target, text)
            case Click() | Scroll() | Move() | Drag():
                return self._point(action)
            case Type() | Press():
                by_keys(self._hands, action, self._together.merged.elements)
            case Wait(seconds):
                self.settle(seconds, breaths=_LONG_QUIET)
            case Open(what):
                raise UsageError(f"the desktop driver starts no programs ({what!r}); start it in the sandbox")
            case Ask() | Finish():
                raise UsageError(f"{type(action).__name__} is for the loop, not for a driver")
            case _:
                assert_never(action)
        return _TOLD

    def _point(self, action: Click | Scroll | Move | Drag) -> Effect:
        targets = (action.start, action.end) if isinstance(action, Drag) else (action.target,)
        spots: list[Point] = []
        for target in targets:
            spot = self._spot(target)
            if isinstance(spot, Effect):
                return spot
            spots.append(spot)
        match action:
            case Click(_, button, count, keys):
                self.input.click(spots[0], button=button, count=count, keys=keys)
            case Scroll(_, dx, dy):
                self.input.scroll(spots[0], dx=dx, dy=dy)
            case Move():
                self.input.move(spots[0])
            case Drag():
                self.input.drag(*spots)
            case _:
                assert_never(action)
        return _TOLD

    def _spot(self, target: Target) -> Point | Effect:
        if isinstance(target, Point):
            return target
        if target.ref.startswith("gtk|"):
            raise TargetGone(f"the command {target.name!r} has no place on the screen; invoke it instead")
        return self._aim.at(target)

    def _invoke(self, target: Element) -> Effect:
        if target.ref.startswith("gtk|"):
            action = self._live_action(target)
            if not action.enabled:
                return Effect("refused", f"the command {target.name!r} is disabled")
            self.actions.activate(action)
            return _TOLD
        if (refused := live(self.access, target)) is not None:
            return refused
        if target.ref in self._together.merged.behind:
            # GTK 3 stops answering on the accessibility bus while a dialog runs inside an act that came from there.
            self.actions.activate(*self._together.merged.behind[target.ref])
            return _TOLD
        # A modal dialog answers only when it is closed: the reply is not awaited, the quiet after it is.
        _, owner, path = target.ref.split("|")[:3]
        self.access.bus.send(Request(owner, path, "org.a11y.atspi.Action", "DoAction", "i", (0,)))
        return _TOLD

    def _fill(self, target: Element, text: str) -> Effect:
        if target.ref.startswith("gtk|"):
            action = self._live_action(target)
            self.actions.activate(action, cast(text, action.parameter))
            return _TOLD
        return live(self.access, target) or fill(self._hands, target, text)

    def _live_action(self, target: Element) -> Exported:
        action = self._exported.get(target.ref)
        if action is None:
            raise TargetGone(f"the command {target.name!r} is no longer exported; look again")
        return action

    def _check_open(self) -> None:
        if not self._open:
            raise DriverError("this desktop driver is closed; make a new one")
