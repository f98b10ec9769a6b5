"""The text grammar of UI-TARS (bytedance/UI-TARS, codes/ui_tars): a thought, then calls such as click(point='...').

Version 1.5 gives pixels of the picture after its smart resize (Qwen2.5-VL), older ones thousandths of the screen.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping

from cua.core import Action, Click, Drag, Finish, Move, Open, Point, Press, Scroll, Type, Wait
from cua.policies.models.keys import chord
from cua.policies.models.said import Said, Shot, Unparsable

GRAMMAR = """\
Answer with a line "Thought: ..." and a line "Action: ...". The actions are:
click(point='<point>x y</point>'), left_double(point=...), right_single(point=...), hover(point=...),
drag(start_point='<point>x1 y1</point>', end_point='<point>x2 y2</point>'), hotkey(key='ctrl c'),
type(content='...') with \\n for Return, scroll(point=..., direction='down'), wait(), finished(content='...')"""
FACTOR = 28
LEAST, MOST = 100 * FACTOR * FACTOR, 16384 * FACTOR * FACTOR  # pixels of a picture
MOST_RATIO = 200
_NOTCHES = 5
_WAIT = 5.0
_CALL = re.compile(r"([a-z_]+)\s*\(", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_STARTS = ("point", "start_point", "start_box", "box")
_ENDS = ("end_point", "end_box")


def resized(width: int, height: int) -> tuple[int, int]:
    """The size that the model sees: sides that FACTOR divides, between LEAST and MOST pixels, the ratio as it was.

    Raises Unparsable for a picture that is more than MOST_RATIO times as long as wide.
    """
    if max(width, height) > MOST_RATIO * min(width, height):
        raise Unparsable(f"a picture of {width} by {height} pixels is too long for this model")
    wide, high = (max(FACTOR, round(side / FACTOR) * FACTOR) for side in (width, height))
    if wide * high > MOST:
        by = math.sqrt(width * height / MOST)
        wide, high = (math.floor(side / by / FACTOR) * FACTOR for side in (width, height))
    elif wide * high < LEAST:
        by = math.sqrt(LEAST / (width * height))
        wide, high = (math.ceil(side * by / FACTOR) * FACTOR for side in (width, height))
    return wide, high


def read(text: str, shot: Shot) -> Said:
    """What it says. Raises Unparsable."""
    thought, _, rest = text.partition("Action:")
    if not rest:
        raise Unparsable("the reply has no line that begins with 'Action:'")
    acts = tuple(act for name, options in _calls(rest) for act in _acts(name, options, shot))
    return Said(acts, thought=re.sub(r"^\s*(Thought|Reflection):\s*", "", thought).strip())


def _calls(text: str) -> list[tuple[str, dict[str, str]]]:
    """Each call with its options, in order."""
    found, at = list[tuple[str, dict[str, str]]](), 0
    while begun := _CALL.search(text, at):
        end = _closed(text, begun.end())
        found.append((begun[1].lower(), _options(text[begun.end() : end], begun[1])))
        at = end + 1
    if not found:
        raise Unparsable(f"{text.strip()[:80]!r} is no call such as click(point='<point>10 20</point>')")
    return found


def _closed(text: str, at: int) -> int:
    """Where the bracket closes that was opened before `at`; those in quotes do not count."""
    quote, depth = "", 1
    while at < len(text):
        sign = text[at]
        if quote:
            at += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if not depth:
                return at
        at += 1
    raise Unparsable(f"a call is not closed: {text.strip()[-80:]!r}")


def _options(text: str, name: str) -> dict[str, str]:
    found = dict[str, str]()
    for option in re.finditer(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", text, re.DOTALL):
        found[option[1].lower()] = _unquoted(option[2])
    left = re.sub(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", "", text, flags=re.DOTALL).strip(" ,\n")
    if left:
        raise Unparsable(
            f"{name}({text.strip()[:80]}) cannot be read at {left[:40]!r}; write each option as name='...'"
        )
    return found


def _unquoted(text: str) -> str:
    """As Python reads it, line breaks in it allowed."""
    try:
        return str(ast.literal_eval(text.replace("\n", "\\n")))
    except (SyntaxError, ValueError):
        return text[1:-1]


def _acts(name: str, options: Mapping[str, str], shot: Shot) -> list[Action]:
    if name not in _DONE:
        raise Unparsable(f"there is no action {name!r}; there are: {', '.join(sorted(_DONE))}")
    return _DONE[name](options, shot)


def _place(options: Mapping[str, str], shot: Shot, names: tuple[str, ...] = _STARTS) -> Point:
    """The middle of what is named; "<point>10 20</point>", "(10,20)" and "[10, 20, 30, 40]" are all places."""
    given = next((options[name] for name in names if name in options), "")
    numbers = [float(each) for each in _NUMBER.findall(given)]
    match numbers:
        case [x, y]:
            return shot.point(x, y)
        case [left, top, right, bottom]:
            return shot.point((left + right) / 2, (top + bottom) / 2)
    raise Unparsable(f"a place is missing: give {names[0]}='<point>x y</point>', not {given!r}")


def _click(count: int = 1, button: str = "left") -> Callable[[Mapping[str, str], Shot], list[Action]]:
    return lambda options, shot: [Click(_place(options, shot), button, count)]  # type: ignore[arg-type]


def _scroll(options: Mapping[str, str], shot: Shot) -> list[Action]:
    ways = {"down": (0, _NOTCHES), "up": (0, -_NOTCHES), "right": (_NOTCHES, 0), "left": (-_NOTCHES, 0)}
    way = options.get("direction", "").lower()
    if way not in ways:
        raise Unparsable(f"there is no direction {way!r}; there are: {', '.join(ways)}")
    middle = Point(shot.screen_width // 2, shot.screen_height // 2)
    place = _place(options, shot) if any(name in options for name in _STARTS) else middle
    return [Scroll(place, *ways[way])]


def _keys(options: Mapping[str, str], _: Shot) -> list[Action]:
    return [Press(chord(options.get("key") or options.get("hotkey") or ""))]


def _finished(options: Mapping[str, str], _: Shot) -> list[Action]:
    return [Finish(options.get("content", ""))]


_DONE: Mapping[str, Callable[[Mapping[str, str], Shot], list[Action]]] = {
    "click": _click(),
    "left_single": _click(),
    "left_double": _click(2),
    "right_single": _click(button="right"),
    "hover": lambda options, shot: [Move(_place(options, shot))],
    "drag": lambda options, shot: [Drag(_place(options, shot), _place(options, shot, _ENDS))],
    "select": lambda options, shot: [Drag(_place(options, shot), _place(options, shot, _ENDS))],
    "hotkey": _keys,
    "press": _keys,
    "keydown": _keys,
    "release": lambda options, shot: [],
    "keyup": lambda options, shot: [],
    "type": lambda options, shot: [Type(text)] if (text := options.get("content", "")) else [],
    "scroll": _scroll,
    "wait": lambda options, shot: [Wait(_WAIT)],
    "finished": _finished,
    "open_app": lambda options, shot: [Open(options.get("app_name", ""))],
}
