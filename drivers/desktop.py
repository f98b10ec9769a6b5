"""An X11 desktop: frames by mss, elements by AT-SPI and exported actions, input by XTEST. It decides nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
    Frame,
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
from cua.errors import DisplayGone, DriverError, TargetGone, TimedOut, UsageError
from drivers.accepting import by_keys
from drivers.aim import TICKED, Aim, live
from drivers.atspi import Accessibility, address, awaken
from drivers.bus import Bus, Request
from drivers.elements import Reader
from drivers.filling import Hands, fill
from drivers.frames import Frames
from drivers.gactions import Actions, Exported, cast
from drivers.lately import Lately, Together
from drivers.nodes import ROOT, Node
from drivers.plans import Reading
from drivers.quiet import BREATH, BREATHS, LIMIT, Quiet
from drivers.stills import Still, Taking, open_to
from drivers.toplevels import Toplevels
from drivers.x11 import X11, Window
from drivers.x11_input import XTest

_SOON = 0.1
_LONG_QUIET = 8
_TAKEN = 0.5
_HELD = " does not answer: a dialog holds it, or it hangs"
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
        self._quiet = Quiet(self.access)
        self._lately = Lately(self.access, self._windows)
        self._readings: dict[str, Reading] = {}
        self._looked, self._patient = 0, True
        self._owed: tuple[int, float] | None = None  # of an act that nobody has waited for: what was heard, and when
        self._open = True

    def observe(self, *, frame: bool = True, whole: bool = True) -> Observation:
        """What a person would see. A program that does not answer is left out after 0.4 s, and the note says so.

        Unless `whole`, what told of nothing since may be as it was at most 20 s ago where it does not show or looks as
        it did, as long as none of the program's windows came, went or moved: for looks in quick succession. The picture
        is then taken first.
        """
        self._ready()
        notes: list[str] = []
        parts: list[list[Element]] = []
        app = ""
        picture = self.frames.nameless() if frame and not whole else None
        still = self._lately.still(picture)
        names = self.access.applications(again=not whole)
        self._looked = self.access.heard
        with self._windows.held():
            windows = self._windows.windows()
            calm = set() if whole else {name for name in names if self._calm(name, still)}
            takes = {name: self._taking(name, still, whole=whole) for name in names if name not in calm}
        commands = self.session.ahead([] if whole else self.actions.foreseen(self._windows.changes))
        with self.access.bus.ahead([] if whole else self._foreseen(takes)), commands, self._windows.held():
            fit = self._quiet.answering([*takes]) | calm
            if self._windows.windows() is not windows:
                takes = {name: self._taking(name, still, whole=whole) for name in takes}
            for name in names:
                if name not in fit:
                    notes.append((self._called.get(name) or "an application") + _HELD)
                    self._lately.forget(name)
                    continue
                if name not in calm:
                    self._readings[name] = self._read(name, takes[name], whole=whole)
                found = self._readings[name]
                parts.append(found.elements)
                notes += found.notes
                said = self._called[name]
                if said and (not app or any("active" in e.states for e in found.elements)):
                    app = said
            exported = self.actions.read(self._windows.changes)
            windows = self._windows.windows()
        self._exported = {action.ref: action for action in exported}
        elements = self._together.of(parts, exported, self.actions.menu)
        notes += [
            *self._silent(windows, elements, {self.access.pid(name) for name in names}),
            *self._minimised(windows, elements),
        ]
        if not app and not elements:
            app = next((window.app for window in windows if window.active), "")
        picture = self.frames.nameless() if whole and frame else picture
        partial = len(parts) < len(names) or any(self._readings[name].partial for name in names)
        return self._observed(app, elements, picture, notes, partial=partial)

    def _observed(
        self, app: str, elements: list[Element], picture: Frame | None, notes: list[str], *, partial: bool
    ) -> Observation:
        active = [e.name for e in elements if e.parent < 0 and "active" in e.states] or [""]
        named = self.frames.named(picture) if picture is not None else None
        place, told = Place(app, active[-1]), "; ".join(notes)
        return Observation(place, tuple(elements), named, time.time(), told, partial=partial)

    def _calm(self, name: str, still: Still) -> bool:
        return name in self._readings and self._lately.calm(name, still)

    def _taking(self, app: str, still: Still, *, whole: bool) -> Taking:
        if whole or not self._lately.recent(app):
            return Taking()
        still = open_to(still, self._windows.windows(), self.access.pid(app))
        return Taking(True, self._reader.suspects(app, still), still)

    def _foreseen(self, takes: dict[str, Taking]) -> list[Request]:
        """What this look will ask, as far as that is known. First comes what shows who answers at all."""
        asks = self._quiet.pings(takes)
        for app in (ping.destination for ping in tuple(asks)):
            take = takes[app]
            asks += self.access.foreseen(app, again=take.again, suspects=take.suspects)
            asks += self._reader.foreseen(app, take.suspects, take.still)
        return asks

    def _read(self, app: str, take: Taking, *, whole: bool) -> Reading:
        if not take.again:
            self._lately.looked(app)
        tree = self.access.tree(app, again=take.again, suspects=take.suspects, whole=whole)
        self._called[app] = tree.nodes[ROOT].name if ROOT in tree.nodes else ""
        popups, screen = self._aim.popups(app), self.x11.screen
        return self._reader.read(
            tree,
            origin=self._origin,
            popups=popups,
            screen=screen,
            suspects=take.suspects,
            still=take.still,
        )

    def act(self, action: Action, *, patient: bool = True) -> Effect:
        """Do it and wait until the applications are calm. A refusal is an Effect, and nothing was done then.

        Unless `patient`, the next look or act waits, and not long for an application that is silent at first: the
        caller awaits what must follow, and has the time until then for other things.
        """
        self._ready()
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
            self._quiet.breathe(self._readings, action.seconds if soon else 0.0, self._looked)
        else:
            self._owed = heard, time.monotonic()
        deaf = patient and isinstance(action, Click | Press) and self.access.heard == heard
        if deaf and self._quiet.listen(heard):
            self.settle()
        if effect is _TOLD and self.access.heard > heard:
            return Effect("confirmed")
        return effect

    def settle(self, limit: float = LIMIT, *, breaths: int = BREATHS) -> None:
        """Until the applications answer and have nothing more to tell for so many breaths, or the limit is reached."""
        self._quiet.settle(limit, breaths=breaths)

    def _rest(self) -> None:
        """Between the parts of an act."""
        if self._patient:
            self.settle()
        else:
            self._owed = self.access.heard, time.monotonic()
            self._breathed()

    def _breathed(self) -> None:
        """Wait a breath after an act that was not waited for."""
        if self._owed is not None:
            (heard, done), self._owed = self._owed, None
            self.input.taken(_TAKEN)
            self._quiet.breathe(self._readings, BREATH - (time.monotonic() - done), heard)

    def close(self) -> None:
        """Let go of keys, buses and display, of those too that went away by themselves. Twice is fine."""
        if self._open:
            self._open = False
            parts = (self.session, self.access.bus, self.frames, self._windows, self.x11)
            for let_go in (self.input.release_all, *(part.close for part in parts)):
                with suppress(DisplayGone, TimedOut):  # one that hangs keeps us from letting go of no other
                    let_go()

    # ------------------------------------------------------------------------------------------ seeing

    @staticmethod
    def _silent(windows: Sequence[Window], elements: list[Element], pids: set[int]) -> list[str]:
        """Windows on the display that accessibility does not know of."""
        known = {e.name for e in elements if e.parent < 0}
        missing = [w for w in windows if not w.hidden and not w.popup and w.pid not in pids - {0}]
        titles = [w.title or w.app for w in missing if w.title not in known]
        return [f"no accessibility in window {title!r}: only its picture can be seen" for title in titles if title]

    @staticmethod
    def _minimised(windows: Sequence[Window], elements: list[Element]) -> list[str]:
        """Windows that accessibility knows of and tells as if they showed."""
        known = {e.name for e in elements if e.parent < 0}
        away = [w for w in windows if w.hidden and not w.popup and w.title in known]
        return [f"window {w.title!r} is minimised" for w in away]

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
        if "checkable" in target.states and target.role in TICKED and self._aim.toolkit(target).ticks_in_silence:
            if "showing" not in target.states:
                return Effect("refused", f"{target.role} {target.name!r} does not show; bring it to the screen first")
            return self._point(Click(target))
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

    def _ready(self) -> None:
        """Open, and with nobody left to wait for."""
        if not self._open:
            raise DriverError("this desktop driver is closed; make a new one")
        self._breathed()
