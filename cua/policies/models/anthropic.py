"""Anthropic's computer tool in its three versions (2024-10-22, 2025-01-24, 2025-11-24), and what its calls say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from cua.core import Action, Box, Click, Drag, Move, Point, Press, Scroll, Type, Wait
from cua.policies.models.keys import chord, held
from cua.policies.models.said import Said, Shot, Unparsable

Version = Literal["20241022", "20250124", "20251124"]
BETAS: Mapping[Version, str] = {  # newest first
    "20251124": "computer-use-2025-11-24",
    "20250124": "computer-use-2025-01-24",
    "20241022": "computer-use-2024-10-22",
}
_MOST_REPEATS, _LONGEST = 100, 100.0
_CLICKS: Mapping[str, tuple[str, int]] = {
    "left_click": ("left", 1),
    "click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
_WAYS = {"down": (0, 1), "up": (0, -1), "right": (1, 0), "left": (-1, 0)}
_LOOKS = frozenset({"screenshot", "cursor_position"})


def tool(version: Version, shot: Shot) -> dict[str, Any]:
    """The tool as the request names it."""
    size = {"display_width_px": shot.width, "display_height_px": shot.height}
    zoom = {"enable_zoom": True} if version == "20251124" else {}
    return {"type": f"computer_{version}", "name": "computer", **size, **zoom}


def older(version: Version, said: str) -> Version | None:
    """The next version to try where an endpoint says of this one that its model takes none of it, else None."""
    if f"computer_{version}" not in said and BETAS[version] not in said:
        return None
    return next((each for each in BETAS if each < version), None)


class Reader:
    """Reads the calls of one run in order: in the first version a click is where the pointer was left, and a button may
    be pressed in one call and let go in another.
    """

    def __init__(self) -> None:
        self._pointer: Point | None = None
        self._down: Point | None = None

    def read(self, call: str, given: Mapping[str, Any], shot: Shot, thought: str = "") -> Said:
        """What one call of the tool says, `given` its input. Raises Unparsable."""
        name = given.get("action")
        if name in _LOOKS:
            return Said(look=True, thought=thought, call=call)
        if name == "zoom":
            return Said(zoom=_region(given, shot), thought=thought, call=call)
        if not isinstance(name, str) or name not in _DONE:
            raise Unparsable(f"there is no action {name!r}; there are: {', '.join(sorted({*_DONE, *_LOOKS, 'zoom'}))}")
        return Said(tuple(_DONE[name](self, given, shot)), thought=thought, call=call)

    def _at(self, given: Mapping[str, Any], shot: Shot) -> Point:
        place = given.get("coordinate")
        if place is not None:
            self._pointer = _point(place, shot, "coordinate")
        if self._pointer is None:
            raise Unparsable("where? give coordinate: [x, y]")
        return self._pointer

    def _click(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        button, count = _CLICKS[given["action"]]
        keys = held(given.get("text") or given.get("key"))
        return [Click(self._at(given, shot), button, count, keys)]  # type: ignore[arg-type]

    def _move(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        return [Move(self._at(given, shot))]

    def _press_down(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        self._down = self._at(given, shot)
        return []

    def _let_go(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        if self._down is None:
            raise Unparsable("no button is held; left_mouse_down comes first")
        start, self._down = self._down, None
        end = self._at(given, shot)
        return [Click(end)] if start == end else [Drag(start, end)]

    def _drag(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        begin = given.get("start_coordinate")
        start = _point(begin, shot, "start_coordinate") if begin is not None else self._pointer
        if start is None:
            raise Unparsable("a drag from where? give start_coordinate: [x, y]")
        return [Drag(start, self._at(given, shot))]

    def _scroll(self, given: Mapping[str, Any], shot: Shot) -> list[Action]:
        way, amount = given.get("scroll_direction"), given.get("scroll_amount", 3)
        if way not in _WAYS or not isinstance(amount, int) or amount < 0:
            raise Unparsable(
                f"scroll_direction must be one of {', '.join(_WAYS)} and scroll_amount a number of notches from 0 on"
            )
        middle = Point(shot.screen_width // 2, shot.screen_height // 2)
        place = self._at(given, shot) if given.get("coordinate") is not None or self._pointer else middle
        dx, dy = _WAYS[way]
        return [Scroll(place, dx * amount, dy * amount)] if amount else []


def _press(_: Reader, given: Mapping[str, Any], shot: Shot) -> list[Action]:
    times = given.get("repeat", 1)
    if not isinstance(times, int) or not 1 <= times <= _MOST_REPEATS:
        raise Unparsable(f"repeat must be a number from 1 to {_MOST_REPEATS}")
    # several chords with blanks between them are pressed one after another, as xdotool does
    presses: list[Action] = [Press(chord(each)) for each in _text(given).split()]
    return presses * times


def _type(_: Reader, given: Mapping[str, Any], shot: Shot) -> list[Action]:
    return [Type(_text(given))]


def _hold(_: Reader, given: Mapping[str, Any], shot: Shot) -> list[Action]:
    return [Press(chord(_text(given)))]


def _wait(_: Reader, given: Mapping[str, Any], shot: Shot) -> list[Action]:
    seconds = given.get("duration", 1)
    if not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST:
        raise Unparsable(f"duration must be a number of seconds from 0 to {_LONGEST:g}")
    return [Wait(float(seconds))]


def _text(given: Mapping[str, Any]) -> str:
    text = given.get("text") or given.get("key")
    if not isinstance(text, str) or not text:
        raise Unparsable(f"{given['action']} needs text")
    return text


def _point(place: Any, shot: Shot, name: str) -> Point:
    match place:
        case [int() | float() as x, int() | float() as y]:
            return shot.point(x, y)
    raise Unparsable(f"{name} must be [x, y], two numbers, and is {place!r}")


def _region(given: Mapping[str, Any], shot: Shot) -> Box:
    match given.get("region"):
        case [int() | float() as left, int() | float() as top, int() | float() as right, int() | float() as bottom]:
            start, end = shot.point(left, top), shot.point(right, bottom)
            if start.x < end.x and start.y < end.y:
                return Box(start.x, start.y, end.x - start.x, end.y - start.y)
    raise Unparsable("region must be [left, top, right, bottom], left above right")


_DONE: Mapping[str, Callable[[Reader, Mapping[str, Any], Shot], list[Action]]] = {
    **dict.fromkeys(_CLICKS, Reader._click),
    "mouse_move": Reader._move,
    "move_cursor": Reader._move,
    "left_mouse_down": Reader._press_down,
    "left_mouse_up": Reader._let_go,
    "left_click_drag": Reader._drag,
    "scroll": Reader._scroll,
    "key": _press,
    "keypress": _press,
    "hotkey": _press,
    "type": _type,
    "hold_key": _hold,
    "wait": _wait,
}
