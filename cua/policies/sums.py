"""What an arithmetic expression comes to. Numbers, the four rules, powers, brackets and a few functions; nothing
else.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from cua.errors import UsageError

_RULES: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Mod: operator.mod,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[[float], float]] = {"sqrt": math.sqrt, "abs": abs, "exp": math.exp, "ln": math.log}
_MOST_POWER = 1000


def worked_out(expression: str) -> float:
    """Raises UsageError for what is no arithmetic, has no value or is too large."""
    try:
        value = _value(ast.parse(expression.replace("^", "**"), mode="eval").body)
        if not math.isfinite(value):
            raise ValueError("it is too large")
        return value
    except (SyntaxError, ZeroDivisionError, OverflowError, ValueError) as error:
        raise UsageError(f"{expression!r} cannot be worked out: {error}") from error


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner)
        case ast.BinOp(left=left, op=rule, right=right) if type(rule) in _RULES:
            second = _value(right)
            if isinstance(rule, ast.Pow) and abs(second) > _MOST_POWER:
                raise ValueError("the power is too large")
            result = _RULES[type(rule)](_value(left), second)
            if isinstance(result, complex):
                raise ValueError("it is no real number")
            return result
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(inner))
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is no arithmetic")
