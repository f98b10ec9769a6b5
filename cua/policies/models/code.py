"""Scripts of pyautogui as acts: what OSWorld's task files move pointer and keys with, and what its agents answer with.

Nothing is run: a script is read as a list of calls with constant arguments, and one that is more than that is not ours.
A pause in it becomes a wait for a quiet screen, at most that long.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from cua.core import Action, Click, Drag, Finish, Move, Point, Press, Scroll, Type, Wait
from cua.errors import TroubleError, UsageError
from cua.policies.models.keys import MODIFIERS, chord
from cua.policies.models.said import Said, Shot, Unparsable

GRAMMAR = """\
Answer with your thought in a sentence, then one ```python block of calls of pyautogui and time.sleep with constant
arguments: no variables, no loops, no other imports. Places are pixels of the picture. There are click, doubleClick,
tripleClick, rightClick, middleClick, moveTo, dragTo, mouseDown, mouseUp, scroll, hscroll, press, hotkey, keyDown, keyUp
and write. Answer ```WAIT``` to wait, ```DONE``` when the task is done and the screen shows it, and ```FAIL``` if it
cannot be done."""
_AGAIN = "answer with one ```python block of calls with constant arguments, or with WAIT, DONE or FAIL"
_MODULE, _CLOCK = "pyautogui", "time"
_NO_ACT = frozenset({"PAUSE", "FAILSAFE"})
_FOLD: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}  # fmt: skip
_MOST = 1000  # times of one thing in one call
_WAIT = 2.0
_BLOCK = re.compile(r"```(?:[a-z]+\s)?(.*?)```", re.DOTALL | re.IGNORECASE)
_SIGNS = {"\n": "enter", "\r": "enter", "\t": "tab", "prntscrn": "print", "prtscr": "print"}  # its own names
_WORDS = ("WAIT", "DONE", "FAIL")
Button = Literal["left", "middle", "right"]
_BUTTONS: dict[str, Button] = {"left": "left", "primary": "left", "middle": "middle", "right": "right",
                               "secondary": "right"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]

    def value(self, at: int, name: str, default: Any = None) -> Any:
        return self.args[at] if at < len(self.args) else self.options.get(name, default)

    def times(self, at: int, name: str, default: int = 1) -> int:
        """How often. Raises UsageError for more than anybody means."""
        count = int(self.value(at, name, default))
        if abs(count) > _MOST:
            raise UsageError(f"{self.name} {count} times is too often: {_MOST} is the most")
        return count

    def button(self, at: int, default: Button = "left") -> Button:
        name = str(self.value(at, "button", default)).lower()
        if name not in _BUTTONS:
            raise UsageError(f"there is no button {name!r}; there are: left, middle, right")
        return _BUTTONS[name]


def script_of(argv: tuple[str, ...]) -> str:
    """The script that a command gives to Python to move pointer and keys; "" for any other command."""
    python = argv[0].rpartition("/")[2].startswith("python") if argv else False
    return argv[2] if python and len(argv) == 3 and argv[1] == "-c" and _MODULE in argv[2] else ""


def acts(script: str) -> tuple[Action, ...]:
    """What the script does. Raises TroubleError where it is more than a list of acts, UsageError where a call in it
    can be done by nobody.
    """
    hands = _Hands(lambda x, y: Point(int(x), int(y)), Point(0, 0))
    return tuple(_done(hands, script))


class Reader:
    """Reads the answers of one run in order: a click without a place is where the pointer was left."""

    def __init__(self) -> None:
        self._pointer: tuple[float, float] | None = None

    def read(self, text: str, shot: Shot) -> Said:
        """What an answer says. Raises Unparsable."""
        blocks = [block.strip() for block in _BLOCK.findall(text)]
        script, thought = ("\n".join(blocks), _BLOCK.sub("", text).strip()) if blocks else (text.strip(), "")
        *lines, last = script.splitlines() or [""]
        word = last.strip().strip("`")
        if word in _WORDS:
            script = "\n".join(lines)
        hands = _Hands(shot.point, Point(shot.screen_width // 2, shot.screen_height // 2), self._pointer)
        try:
            found = _done(hands, script)
        except (TroubleError, UsageError) as exc:
            raise Unparsable(f"{exc}; {_AGAIN}") from exc
        found += _worded(word, thought)
        if not found:
            raise Unparsable(f"the answer has no act; {_AGAIN}")
        self._pointer = hands.pointer
        return Said(tuple(found), thought=thought)


def _worded(word: str, thought: str) -> list[Action]:
    """What one of the words means that stand beside pyautogui's calls."""
    match word:
        case "WAIT":
            return [Wait(_WAIT)]
        case "DONE":
            return [Finish(thought)]
        case "FAIL":
            return [Finish(f"infeasible: {thought or 'the model says that it cannot be done'}")]
    return []


# ---------------------------------------------------------------------------------------------- the script


def _done(hands: _Hands, script: str) -> list[Action]:
    try:
        found = [act for call in _calls(ast.parse(script), script) for act in hands.acts(call, script)]
    except (SyntaxError, ValueError) as exc:  # the latter for a character 0
        reason = exc.msg if isinstance(exc, SyntaxError) else str(exc)
        raise TroubleError(f"the script {script[:60]!r} cannot be read: {reason}") from exc
    except (RecursionError, MemoryError) as exc:  # the parser raises either
        raise UsageError(f"the script {script[:60]!r} is too large or too deep to be read; make it simpler") from exc
    hands.end(script)
    return found


def _calls(tree: ast.Module, script: str) -> Iterator[ast.Call]:
    for node in tree.body:
        match node:
            case ast.Import(names=names) if {each.name for each in names} <= {_MODULE, _CLOCK}:
                continue
            case ast.ImportFrom(module="time" | "pyautogui"):
                continue
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="pyautogui"), attr=attr)]) if attr in _NO_ACT:
                continue
            case ast.Expr(value=ast.Call() as call):
                yield call
            case _:
                raise _not_ours(script, ast.unparse(node))


def _call(call: ast.Call, script: str) -> _Call:
    match call.func:
        case ast.Attribute(value=ast.Name(id="pyautogui" | "time"), attr=name) | ast.Name(id=name):
            args = tuple(_constant(arg, script) for arg in call.args)
            return _Call(name, args, {each.arg or "": _constant(each.value, script) for each in call.keywords})
    raise _not_ours(script, ast.unparse(call.func))


def _constant(node: ast.expr, script: str) -> Any:
    if isinstance(node, ast.BinOp) and type(node.op) in _FOLD:
        left, right = _constant(node.left, script), _constant(node.right, script)
        if isinstance(node.op, ast.Mult) and not all(isinstance(each, int | float) for each in (left, right)):
            raise _not_ours(script, ast.unparse(node))  # a text times a number may be of any length
        return _FOLD[type(node.op)](left, right)
    try:
        return ast.literal_eval(node)
    except ValueError as exc:
        raise _not_ours(script, ast.unparse(node)) from exc


def _not_ours(script: str, part: str) -> TroubleError:
    return TroubleError(f"the script {script[:60]!r} is more than a list of acts, at {part[:60]!r}: not there yet")


# ---------------------------------------------------------------------------------------------- acts


class _Hands:
    """What a script's calls do, in order: where the pointer is, and what is held, goes from one to the next."""

    def __init__(
        self, point: Callable[[float, float], Point], rest: Point, pointer: tuple[float, float] | None = None
    ) -> None:
        self.pointer = pointer  # in the script's own numbers
        self._point, self._rest = point, rest
        self._keys: dict[str, bool] = {}  # those held, and whether anything was done with each
        self._down: tuple[Point, Button] | None = None

    def acts(self, node: ast.Call, script: str) -> list[Action]:
        """Raises TroubleError for what is not there, UsageError for what nobody can do."""
        try:
            call = _call(node, script)
            if call.name not in _DONE:
                raise _not_ours(script, f"{_MODULE}.{call.name}")
            return _DONE[call.name](self, call)
        except UsageError as exc:
            raise UsageError(f"the script {script[:60]!r} cannot be done at {ast.unparse(node)[:60]!r}: {exc}") from exc
        except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as exc:  # given none of its kind
            said = f"the script {script[:60]!r} cannot be done at {ast.unparse(node)[:60]!r}"
            raise UsageError(f"{said}: {exc}; correct what it is given") from exc

    def end(self, script: str) -> None:
        """Raises UsageError where something stays held."""
        if left := [*self._keys, *(["the button"] if self._down else [])]:
            raise UsageError(f"the script {script[:60]!r} leaves {left[0]} held; let it go in the same script")

    def _at(self, x: Any, y: Any, name: str) -> Point:
        """The point that is meant, which the pointer then is at: where it is if none is named."""
        if isinstance(x, tuple | list):
            x, y = x
        if x is not None and y is not None:
            self.pointer = (float(x), float(y))
        if self.pointer is None:
            raise TroubleError(f"{name} where the pointer happens to be is not there yet; name x and y")
        return self._point(*self.pointer)

    def _to(self, call: _Call, *, by: bool = False) -> Point:
        x, y = call.value(0, "xOffset" if by else "x"), call.value(1, "yOffset" if by else "y")
        if not by:
            if x is None:
                raise TroubleError(f"{call.name} without a place is not there yet; name x and y")
            return self._at(x, y, call.name)
        self._at(None, None, call.name)
        assert self.pointer is not None
        return self._at(self.pointer[0] + float(x or 0), self.pointer[1] + float(y or 0), call.name)

    def _held(self, call: _Call) -> tuple[str, ...]:
        """The modifiers that are held during this."""
        self._keys = dict.fromkeys(self._keys, True)
        return tuple(name for name in MODIFIERS if name in self._keys)

    def _bare(self, call: _Call) -> None:
        if self._held(call):
            raise UsageError(f"{call.name} cannot be done while {' and '.join(self._keys)} is held")

    def click(self, call: _Call, count: int = 1, button: Button = "left") -> list[Action]:
        place = self._at(call.value(0, "x"), call.value(1, "y"), call.name)
        if call.name == "click":
            count, button = call.times(2, "clicks", count), call.button(4)
        return [Click(place, button, count, self._held(call))] if count > 0 else []

    def move(self, call: _Call, *, by: bool = False) -> list[Action]:
        place = self._to(call, by=by)
        return [] if self._down else [Move(place)]

    def drag(self, call: _Call, *, by: bool = False) -> list[Action]:
        self._bare(call)
        if call.options.get("button", "left") not in ("left", "primary"):
            raise TroubleError(f"{call.name} with another button than the left one is not there yet")
        start = self._at(None, None, call.name)
        return [Drag(start, self._to(call, by=by))]

    def mouse_down(self, call: _Call) -> list[Action]:
        self._down = self._at(call.value(0, "x"), call.value(1, "y"), call.name), call.button(2)
        return []

    def mouse_up(self, call: _Call) -> list[Action]:
        if self._down is None:
            raise UsageError("no button is held; mouseDown comes first")
        (start, button), self._down = self._down, None
        end = self._at(call.value(0, "x"), call.value(1, "y"), call.name)
        if start == end:
            return [Click(end, button, keys=self._held(call))]
        self._bare(call)
        if button != "left":
            raise TroubleError("a drag with another button than the left one is not there yet")
        return [Drag(start, end)]

    def scroll(self, call: _Call, *, across: bool = False) -> list[Action]:
        self._bare(call)
        x, y = call.value(1, "x"), call.value(2, "y")
        place = self._rest if x is None and self.pointer is None else self._at(x, y, call.name)
        clicks = call.times(0, "clicks", 0)
        if not clicks:
            return []
        return [Scroll(place, dx=clicks) if across else Scroll(place, dy=-clicks)]

    def press(self, call: _Call) -> list[Action]:
        keys = call.value(0, "keys")
        names = keys if isinstance(keys, list | tuple) else [keys]
        return [self._press(call, [each]) for _ in range(call.times(1, "presses")) for each in names]

    def hotkey(self, call: _Call) -> list[Action]:
        return [self._press(call, list(call.args[0] if call.args and isinstance(call.args[0], list) else call.args))]

    def _press(self, call: _Call, keys: list[str]) -> Action:
        return Press(_chord([*self._held(call), *keys]))

    def key_down(self, call: _Call) -> list[Action]:
        name = _chord([call.value(0, "key")])
        if name not in MODIFIERS:
            return [self._press(call, [name])]
        self._keys[name] = False
        return []

    def key_up(self, call: _Call) -> list[Action]:
        name = _chord([call.value(0, "key")])
        used = self._keys.pop(name, True)
        return [] if used else [Press("+".join([*self._held(call), name]))]

    def write(self, call: _Call) -> list[Action]:
        text = call.value(0, "message")
        if isinstance(text, list | tuple):
            return [self._press(call, [each]) for each in text]
        self._bare(call)
        return [Type(text)] if (text := str(text)) else []


def _chord(keys: list[str]) -> str:
    try:
        return chord([_SIGNS.get(key, key) for key in keys])
    except Unparsable as exc:
        raise UsageError(str(exc)) from exc


_DONE: dict[str, Callable[[_Hands, _Call], list[Action]]] = {
    "sleep": lambda _, call: [Wait(float(call.value(0, "secs", call.options.get("seconds"))))],
    "click": _Hands.click,
    "leftClick": _Hands.click,
    "doubleClick": lambda hands, call: hands.click(call, count=2),
    "tripleClick": lambda hands, call: hands.click(call, count=3),
    "rightClick": lambda hands, call: hands.click(call, button="right"),
    "middleClick": lambda hands, call: hands.click(call, button="middle"),
    "moveTo": _Hands.move,
    "moveRel": lambda hands, call: hands.move(call, by=True),
    "move": lambda hands, call: hands.move(call, by=True),
    "dragTo": _Hands.drag,
    "dragRel": lambda hands, call: hands.drag(call, by=True),
    "drag": lambda hands, call: hands.drag(call, by=True),
    "mouseDown": _Hands.mouse_down,
    "mouseUp": _Hands.mouse_up,
    "scroll": _Hands.scroll,
    "vscroll": _Hands.scroll,
    "hscroll": lambda hands, call: hands.scroll(call, across=True),
    "press": _Hands.press,
    "hotkey": _Hands.hotkey,
    "keyDown": _Hands.key_down,
    "keyUp": _Hands.key_up,
    "write": _Hands.write,
    "typewrite": _Hands.write,
}
