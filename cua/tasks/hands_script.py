"""The scripts of Python that OSWorld's task files move pointer and keys with, done by our driver.

Nothing is run: a script is read as a list of calls with constant arguments, and one that is more than that is not ours.
A pause in it becomes a wait for a quiet screen, at most that long.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cua.core import Action, Click, Move, Point, Press, Scroll, Type, Wait
from cua.errors import TroubleError, UsageError

_MODULE, _CLOCK = "pyautogui", "time"
_KEYS = {"esc": "Escape", "enter": "Return", "return": "Return", "pageup": "Page_Up", "pagedown": "Page_Down",
         "pgup": "Page_Up", "pgdn": "Page_Down", "del": "Delete", "win": "super", "command": "super", "option": "alt",
         "space": "space", "backspace": "BackSpace", "tab": "Tab", "up": "Up", "down": "Down", "left": "Left",
         "right": "Right", "home": "Home", "end": "End", "delete": "Delete", "insert": "Insert"}  # fmt: skip
_NO_ACT = frozenset({"PAUSE", "FAILSAFE"})
_FOLD: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]

    def value(self, at: int, name: str, default: Any = None) -> Any:
        return self.args[at] if at < len(self.args) else self.options.get(name, default)


def script_of(argv: tuple[str, ...]) -> str:
    """The script that a command gives to Python to move pointer and keys; "" for any other command."""
    python = argv[0].rpartition("/")[2].startswith("python") if argv else False
    return argv[2] if python and len(argv) == 3 and argv[1] == "-c" and _MODULE in argv[2] else ""


def acts(script: str) -> tuple[Action, ...]:
    """What the script does. Raises TroubleError where it is more than a list of acts, UsageError where a call in it
    can be done by nobody.
    """
    try:
        tree = ast.parse(script)
        return tuple(act for call in _calls(tree, script) for act in _acts(call, script))
    except SyntaxError as exc:
        raise TroubleError(f"the script {script[:60]!r} cannot be read: {exc.msg}") from exc
    except (RecursionError, MemoryError) as exc:  # the parser raises either
        raise UsageError(f"the script {script[:60]!r} is too large or too deep to be read; make it simpler") from exc


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
        return _FOLD[type(node.op)](_constant(node.left, script), _constant(node.right, script))
    try:
        return ast.literal_eval(node)
    except ValueError as exc:
        raise _not_ours(script, ast.unparse(node)) from exc


def _not_ours(script: str, part: str) -> TroubleError:
    return TroubleError(f"the script {script[:60]!r} is more than a list of acts, at {part[:60]!r}: not there yet")


# ---------------------------------------------------------------------------------------------- acts


def _acts(node: ast.Call, script: str) -> list[Action]:
    try:
        call = _call(node, script)
        if call.name not in _DONE:
            raise _not_ours(script, f"{_MODULE}.{call.name}")
        return _DONE[call.name](call)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as exc:  # what it is given is none of its kind
        said = f"the script {script[:60]!r} cannot be done at {ast.unparse(node)[:60]!r}"
        raise UsageError(f"{said}: {exc}; correct what it is given") from exc


def _click(call: _Call, *, count: int = 1, button: Any = "left") -> list[Action]:
    x, y = call.value(0, "x"), call.value(1, "y")
    if isinstance(x, tuple | list):
        x, y = x
    if x is None or y is None:
        raise TroubleError("a click where the pointer happens to be is not there yet")
    count = int(call.value(2, "clicks", count))
    return [Click(Point(int(x), int(y)), call.options.get("button", button), count)]


def _press(call: _Call) -> list[Action]:
    keys = call.value(0, "keys")
    names = keys if isinstance(keys, list | tuple) else [keys]
    return [Press(_key(each)) for _ in range(int(call.value(1, "presses", 1))) for each in names]


def _hotkey(call: _Call) -> list[Action]:
    keys = call.args[0] if call.args and isinstance(call.args[0], list) else call.args
    return [Press("+".join(_key(each) for each in keys))]


def _key(name: str) -> str:
    return _KEYS.get(name.lower(), name.upper() if name[:1] in "fF" and name[1:].isdigit() else name)


def _point(call: _Call, at: int = 0) -> Point:
    x, y = call.value(at, "x"), call.value(at + 1, "y")
    if x is None or y is None:
        raise TroubleError(f"{call.name} without a place is not there yet")
    return Point(int(x), int(y))


def _scroll(call: _Call) -> list[Action]:
    return [Scroll(Point(int(call.value(1, "x", 0)), int(call.value(2, "y", 0))), dy=-int(call.value(0, "clicks")))]


_DONE: dict[str, Callable[[_Call], list[Action]]] = {
    "sleep": lambda call: [Wait(float(call.value(0, "secs")))],
    "click": _click,
    "leftClick": _click,
    "doubleClick": lambda call: _click(call, count=2),
    "tripleClick": lambda call: _click(call, count=3),
    "rightClick": lambda call: _click(call, button="right"),
    "middleClick": lambda call: _click(call, button="middle"),
    "moveTo": lambda call: [Move(_point(call))],
    "press": _press,
    "hotkey": _hotkey,
    "write": lambda call: [Type(str(call.value(0, "message")))],
    "typewrite": lambda call: [Type(str(call.value(0, "message")))],
    "scroll": _scroll,
}
