"""From buttons to acts: clicks, drags and turns of the wheel, each with the look from before it.

Where a look does not show what was hit, the act has the point itself and says why. It looks at nothing and waits for
nothing: looks and events are given to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from cua.core import Action, Click, Drag, Element, Fill, Point, Scroll
from drivers.hits import chosen, hit, scrolled
from drivers.typed import Look
from drivers.x11_record import Happened

DOUBLE = 0.4  # seconds between the presses of a double click, as toolkits have it
PAUSE = 0.6  # seconds without a notch that end a turn of the wheel
NEAR = 8  # pixels that the pointer may move while a button is down without dragging
QUICK = "it came quicker than a look at the screen that it changed"
_BUTTONS: dict[int, Literal["left", "middle", "right"]] = {1: "left", 2: "middle", 3: "right"}
_WHEEL = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
_ENTRIES = frozenset({"menu", "menuitem", "menuitemcheckbox", "menuitemradio"})

Before = Callable[[float], tuple[Look, bool]]


@dataclass(frozen=True, slots=True)
class Done:
    """An act that is over since `ended`. `reason` says what cannot be vouched for, `line` what the person should know.

    `aim` is where it was pointed at, `fresh` says that the look was not older than the screen, as far as was heard:
    else a later look must show the same there.
    """

    action: Action
    look: Look
    ended: float
    began: float
    reason: str = ""
    line: str = ""
    aim: Point | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class _Down:
    """A button that went down, and may have come up again `count` times."""

    button: Literal["left", "middle", "right"]
    point: Point
    began: float
    pressed: float
    look: Look
    fresh: bool
    found: Element | str
    keys: tuple[str, ...]
    count: int = 1
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class _Turn:
    point: Point
    found: Element | str
    look: Look
    fresh: bool
    began: float
    last: float
    dx: int
    dy: int


class Pointing:
    """`before` gives the last look from before a time, and whether nothing changed between the two."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self.done: list[Done] = []
        self._down: _Down | None = None
        self._clicks: _Down | None = None
        self._turn: _Turn | None = None

    def tick(self, now: float) -> None:
        """End what the passing of time ends."""
        if self._clicks and self._down is None and now > self._clicks.pressed + DOUBLE:
            self._end_clicks()
        if self._turn and now > self._turn.last + PAUSE:
            self._end_turn()

    def end(self, *, released: bool = False) -> None:
        """End all that is open; with `released` a button that is down too, as if nobody had pressed it."""
        self._end_clicks()
        self._end_turn()
        if released:
            self._down = None

    def press(self, event: Happened, keys: tuple[str, ...]) -> str:
        """A button went down, with modifiers held. Gives a line where that is not kept."""
        if event.code in _WHEEL:
            return self._wheel(event, keys)
        self._end_turn()
        if event.code not in _BUTTONS:
            self._end_clicks()
            return f"the button {event.code} of the mouse was pressed; it is not kept"
        if self._down is not None:
            return "a second button was pressed while one was down; it is not kept"
        look, fresh = self._before(event.time)
        found = hit(look.screen, event.point)
        button = _BUTTONS[event.code]
        self._down = _Down(button, event.point, event.time, event.time, look, fresh, found, keys)
        if self._clicks and not _again(self._clicks, self._down):
            self._end_clicks()
        return ""

    def release(self, event: Happened) -> None:
        """A button came up."""
        down = self._down
        if down is None or _BUTTONS.get(event.code) != down.button:
            return
        self._down = None
        if not _near(down.point, event.point):
            self._end_clicks()
            self._dragged(down, event)
        elif self._clicks:
            again = self._clicks
            self._clicks = replace(again, count=again.count + 1, pressed=down.pressed, ended=event.time)
        else:
            self._clicks = replace(down, ended=event.time)

    def _dragged(self, down: _Down, event: Happened) -> None:
        look, fresh = self._before(event.time)
        end = hit(look.screen, event.point)
        if _entry(down.found) and _entry(end) and down.button == "left":
            # a menu that is opened by holding the button, and let go on one of its entries
            self._clicks = replace(down, ended=event.time)
            self._end_clicks()
            self._clicks = replace(down, look=look, fresh=fresh, found=end, point=event.point, ended=event.time)
            self._end_clicks()
            return
        if down.button != "left":
            click = Click(down.point, down.button)
            why = f"a drag with the {down.button} button is kept as a click"
            self.done.append(Done(click, down.look, event.time, down.began, why, why))
            return
        drag, reason = Drag(down.point, event.point), "a drag inside one element is kept by its points"
        same = down.look.element(end.ref) if isinstance(end, Element) else None
        if isinstance(down.found, Element) and same is not None and same.ref != down.found.ref and down.fresh:
            drag, reason = Drag(down.found, same), ""
        elif isinstance(down.found, str) or isinstance(end, str):
            told = [found for found in (down.found, end) if isinstance(found, str)]
            reason = f"accessibility does not tell what was dragged where: {told[0]}"
        self.done.append(Done(drag, down.look, event.time, down.began, reason, fresh=down.fresh))

    def _wheel(self, event: Happened, keys: tuple[str, ...]) -> str:
        self._end_clicks()
        if keys:
            self._end_turn()
            return f"the wheel was turned with {'+'.join(keys)} held; that is not kept"
        dx, dy = _WHEEL[event.code]
        turn = self._turn
        if turn and _near(turn.point, event.point) and event.time < turn.last + PAUSE and _onward(turn, dx, dy):
            self._turn = replace(turn, dx=turn.dx + dx, dy=turn.dy + dy, last=event.time)
            return ""
        look, fresh = self._before(event.time)
        found = scrolled(look.screen, event.point)
        if turn and isinstance(found, Element) and turn.found == found and _onward(turn, dx, dy):
            self._turn = replace(turn, dx=turn.dx + dx, dy=turn.dy + dy, last=event.time)
            return ""
        self._end_turn()
        self._turn = _Turn(event.point, found, look, fresh, event.time, event.time, dx, dy)
        return ""

    def _end_clicks(self) -> None:
        clicks, self._clicks = self._clicks, None
        if clicks is None:
            return
        if (
            isinstance(clicks.found, str)
            and clicks.button == "left"
            and (choice := chosen(clicks.look.screen, clicks.point))
        ):
            reason = "" if clicks.fresh else QUICK
            self.done.append(Done(Fill(*choice), clicks.look, clicks.ended, clicks.began, reason))
            return
        what = f"a click at ({clicks.point.x}, {clicks.point.y})"
        target, reason, line = _target(clicks.found, clicks.point, what)
        aim = clicks.point if not reason else None
        click = Click(target, clicks.button, clicks.count, clicks.keys)
        self.done.append(Done(click, clicks.look, clicks.ended, clicks.began, reason, line, aim, clicks.fresh))

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is None:
            return
        target, reason, line = _target(turn.found, turn.point, f"the wheel at ({turn.point.x}, {turn.point.y})")
        aim = turn.point if not turn.fresh and not reason else None
        scroll = Scroll(target, turn.dx, turn.dy)
        self.done.append(Done(scroll, turn.look, turn.last, turn.began, reason, line, aim))


def _target(found: Element | str, point: Point, what: str) -> tuple[Element | Point, str, str]:
    if isinstance(found, Element):
        return found, "", ""
    return point, found, f"{what} is kept as a place only: {found}"


def _again(clicks: _Down, down: _Down) -> bool:
    """Whether a button that goes down once more continues a double click."""
    alike = (clicks.button, clicks.keys) == (down.button, down.keys)
    quick = down.pressed - clicks.pressed <= DOUBLE and clicks.count < 3
    if not (alike and quick and _near(clicks.point, down.point)):
        return False
    if not down.fresh or down.look is clicks.look:
        return True
    one, other = clicks.found, down.found
    return isinstance(one, str) or (isinstance(other, Element) and one.ref == other.ref)


def _near(one: Point, other: Point) -> bool:
    return abs(one.x - other.x) <= NEAR and abs(one.y - other.y) <= NEAR


def _onward(turn: _Turn, dx: int, dy: int) -> bool:
    """Whether a notch goes the way that the wheel was turned: the ends of a list make back and forth no nought."""
    return (turn.dx * dx > 0 or turn.dy * dy > 0) if turn.dx or turn.dy else True


def _entry(found: Element | str) -> bool:
    return isinstance(found, Element) and found.role in _ENTRIES
