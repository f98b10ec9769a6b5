"""Eyes and hands on a machine that speaks OSWorld's guest routes, as OSWorld's own controller uses them.

What became of an act whose answer was lost is not known, and it is never tried again.
"""

from __future__ import annotations

import hashlib
import io
import shlex
import time
from collections.abc import Callable, Sequence
from typing import assert_never

from PIL import Image

from cua.core import (
    Action,
    Ask,
    Box,
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
from cua.errors import DriverError, SandboxError, TimedOut, UsageError
from sandbox_vms import osworld_hands as hands
from sandbox_vms import osworld_tree
from sandbox_vms.osworld_wire import COMMAND_LIMIT, Wire
from sandbox_vms.osworld_world import last_line

LIMIT = 30.0  # seconds
TREE_LIMIT = 60.0
_TREE_TRIES = 3
_SETTLED_LIMIT, _STILL, _TICK = 5.0, 0.4, 0.1
_MOST_PIXELS = 1 << 26
_NOTCH = {"Windows": 120}  # what the wheel counts there
_FILLED = frozenset({"textbox", "spinbutton", "combobox"})


class OSWorldDriver:
    """Eyes and hands by OSWorld's routes. `tree` is how long the accessibility tree is awaited at each look,
    in seconds: where it takes longer, the observation has no elements and says so."""

    def __init__(self, wire: Wire, *, size: tuple[int, int], system: str, tree: float = TREE_LIMIT) -> None:
        self._wire, self._system, self._tree = wire, system, tree
        self._screen = Box(0, 0, *size)
        self._python = "python" if system == "Windows" else "python3"
        self._last = b""

    def observe(self, *, frame: bool = True) -> Observation:
        """What shows now. Raises SandboxError, and TimedOut where no picture comes."""
        end = time.monotonic() + self._tree
        try:
            told = osworld_tree.read(self._xml(end), self._screen)
        except TimedOut as exc:
            told = osworld_tree.Told(Place(""), (), (f"without elements: {exc}",), cut=True)
        picture = _frame(self._picture()) if frame else None
        return Observation(told.place, told.elements, picture, time.time(), "; ".join(told.notes), partial=told.cut)

    def act(self, action: Action) -> Effect:
        """Do it and wait until the picture stands still. A refusal is an Effect, and nothing was done then.

        Raises DriverError where pyautogui failed in the machine, SandboxError where it could not be asked.
        """
        match action:
            case Wait(seconds):
                self._settle(seconds)
                return Effect("unverified", "waited for the picture to stand still")
            case Open(what):
                return self._done(lambda: self._open(what))
            case Ask() | Finish():
                raise UsageError(f"{type(action).__name__} is for the loop, not for a driver")
            case _:
                lines = self._lines(action)
        return lines if isinstance(lines, Effect) else self._done(lambda: self._run(lines))

    def close(self) -> None:
        """Let go of the machine, which goes on. Twice is fine."""
        self._wire.close()

    # ------------------------------------------------------------------------------------------ seeing

    def _xml(self, end: float) -> str:
        """The tree as text. While a program starts or ends the server may fail to tell it, and is asked again."""
        tries = 0
        while True:
            answer = self._wire.ask("GET", "/accessibility", seconds=max(_TICK, end - time.monotonic()))
            tries += 1
            if answer.status != 500 or tries == _TREE_TRIES:
                break
            time.sleep(_TICK)
        if answer.status != 200:
            raise self._wire.refused("GET", "/accessibility", answer)
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("AT"), str):
            self._wire.strange("GET /accessibility", "no tree")
        return str(told["AT"])

    def _picture(self) -> bytes:
        self._last = self._wire.get("/screenshot", seconds=LIMIT).data
        return self._last

    def _settle(self, limit: float) -> None:
        """Until the picture has stood still for a while, or the limit is reached."""
        end, since = time.monotonic() + limit, time.monotonic()
        before = self._last
        while (now := time.monotonic()) < end:
            if (picture := self._picture()) != before:
                before, since = picture, now
            elif now - since >= _STILL:
                return
            time.sleep(_TICK)

    # ------------------------------------------------------------------------------------------ acts

    def _done(self, do: Callable[[], None]) -> Effect:
        before = self._picture()
        do()
        self._settle(_SETTLED_LIMIT)
        changed = self._last != before
        return Effect("unverified", "the screen changed" if changed else "nothing on the screen is different after it")

    def _lines(self, action: Click | Scroll | Move | Drag | Type | Press | Fill | Invoke) -> list[str] | Effect:
        """What is to be run for it, or why it is refused."""
        match action:
            case Type(text):
                return _untypable(text) or hands.typed(text)
            case Press():
                return hands.pressed(action)
            case Fill(target, text):
                return self._filling(target, text)
            case Invoke(target):
                return self._pointing(Click(target))
            case Click() | Scroll() | Move() | Drag():
                return self._pointing(action)
            case _:
                assert_never(action)

    def _pointing(self, action: Click | Scroll | Move | Drag) -> list[str] | Effect:
        spots: list[Point] = []
        for target in (action.start, action.end) if isinstance(action, Drag) else (action.target,):
            spot = self._spot(target)
            if isinstance(spot, Effect):
                return spot
            spots.append(spot)
        return hands.pointed(action, spots, _NOTCH.get(self._system, 1))

    def _spot(self, target: Target) -> Point | Effect:
        spot = target
        if isinstance(target, Element):
            if "disabled" in target.states:
                return Effect("refused", f"{target.role} {target.name!r} is disabled")
            if target.box is None:
                return Effect("refused", f"{target.role} {target.name!r} does not show; bring it to the screen first")
            spot = target.box.centre
        assert isinstance(spot, Point)
        if not (0 <= spot.x < self._screen.width and 0 <= spot.y < self._screen.height):
            raise UsageError(f"({spot.x}, {spot.y}) is not on the screen of {self._screen.width}x{self._screen.height}")
        return spot

    def _filling(self, target: Element, text: str) -> list[str] | Effect:
        if target.role not in _FILLED or "readonly" in target.states:
            return Effect("refused", f"a {target.role} cannot be filled in from here; click what it offers")
        if "\n" in text and "multiline" not in target.states:
            return Effect("refused", f"{target.role} {target.name!r} has one line only", unfit=True)
        clicked = self._pointing(Click(target))
        if isinstance(clicked, Effect):
            return clicked
        typed = hands.typed(text) if text else hands.pressed(Press("Delete"))
        return _untypable(text) or [*clicked, *hands.pressed(Press("ctrl+a")), *typed]

    def _run(self, lines: Sequence[str]) -> None:
        done = self._wire.execute([self._python, "-c", hands.program(lines)], seconds=COMMAND_LIMIT)
        if done.code:
            raise DriverError(
                f"pyautogui ended with code {done.code} in the machine at {self._wire.where}: {last_line(done)}; what "
                "of the act was done is not known: look again"
            )

    def _open(self, what: str) -> None:
        """Start a program by its command line; anything else is opened by the system."""
        argv = _words(what)
        if "://" in argv[0] or argv[0].startswith(("/", "~/")):
            argv = ["xdg-open", what]
        launch(self._wire, argv)


def _words(what: str) -> list[str]:
    try:
        words = shlex.split(what)
    except ValueError as exc:
        raise UsageError(f"{what!r} is no command line: {exc}") from exc
    if not words:
        raise UsageError("there is nothing to open; give a command line, a file or an address")
    return words


def launch(wire: Wire, argv: Sequence[str]) -> None:
    """Start a program that goes on. Raises SandboxError where it is not there."""
    wire.post("/setup/launch", {"command": list(argv), "shell": False}, seconds=LIMIT)


def _untypable(text: str) -> Effect | None:
    lost = hands.untypable(text)
    return Effect("refused", f"pyautogui cannot type {lost!r}; put the text there by a file") if lost else None


def _frame(picture: bytes) -> Frame:
    """The picture with its pixels. Raises SandboxError for what is none."""
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS:
                raise SandboxError(f"GET /screenshot gave a picture of {width}x{height}, more than can be read")
            pixels = image.convert("RGB").tobytes("raw", "BGRX")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise SandboxError(
            f"GET /screenshot gave {len(picture)} bytes that are no picture ({exc}); look again"
        ) from exc
    return Frame(hashlib.sha256(pixels).hexdigest(), width, height, pixels=pixels)
