"""The form of the Playwright scripts that we write ourselves: what is called how, and how to read it back.

Works on syntax trees; nothing of a script is ever run.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from typing import Any

from cua.errors import UsageError
from cua.memory.workflows import Param, literal
from cua.record.intake import Intake
from cua.record.playwright_locators import CannotTake

VALUES, RUN, CHOOSE, HOLDS, ROWS, PRESENT, AT, PLAIN, NAMED, PART = (
    "Values", "run", "choose", "holds", "rows", "present", "at", "plain", "named", "part"
)  # fmt: skip
_HELPERS = (AT, PLAIN, NAMED, PART)
RECORD, ONE = "record", "one"
TOLD = frozenset({"row", RECORD, "saying", "anything"})  # functions of ours that give a locator


def identifier(name: str, taken: Sequence[str] = ()) -> str:
    """A parameter's name as Python takes it."""
    found = re.sub(r"\W", "_", name)
    found = f"{found}_" if keyword.iskeyword(found) or keyword.issoftkeyword(found) else found
    while found in taken:
        found += "_"
    return found


def variable(param: Param) -> str:
    """The environment variable that holds a secret, or a value without a default."""
    kind = "SECRET" if param.kind == "secret" else "PARAM"
    return f"CUA_{kind}_{re.sub(r'[^A-Za-z0-9]', '_', param.name).upper()}"


def row_of(over: str) -> str:
    """The variable that a loop over these rows counts through."""
    return f"{identifier(over)}_row"


def steps_of(tree: ast.Module, intake: Intake) -> list[ast.stmt]:
    """The body that holds the steps: that of the one function that is given a page or a browser, or the module's."""
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    if any(isinstance(each, ast.ClassDef) and each.name == VALUES for each in tree.body):
        intake.slotted = True
        intake.params = params(tree)
        return next(each.body for each in functions if each.name == RUN)
    given = ("page", "playwright", "browser", "context")
    found = [each for each in functions if any(arg.arg in given for arg in each.args.args)]
    found = [each for each in found if "fixture" not in "".join(map(ast.unparse, each.decorator_list))]
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise UsageError(
            f"there are {len(found)} tests in it ({names}); put the one that is meant into a file of its own"
        )
    return found[0].body if found else tree.body


def params(tree: ast.Module) -> list[Param]:
    """The parameters that the class of values says, by their names as attributes."""
    found: list[Param] = []
    holder = next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == VALUES)
    for each in holder.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                found.append(_param(name, ast.unparse(kind), value))
    return found


def _param(name: str, kind: str, value: ast.expr | None) -> Param:
    """`kind` is "str", or "Annotated[str, 'rows', ...]" for what is no plain text; what follows is name and label."""
    told = re.fullmatch(r"Annotated\[str, (.*)\]", kind)
    what: Any
    what, own, label = ast.literal_eval(f"({told[1]},)") if told else ("text", name, "")
    default = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    return Param(own, what, default, label)


def loop(node: ast.For) -> tuple[str, str]:
    """The rows that a loop goes over, and its variable."""
    match node:
        case ast.For(
            target=ast.Name(id=row), iter=ast.Call(func=ast.Name(id="rows"), args=[ast.Attribute(attr=over)]), orelse=[]
        ):
            return over, row
        case _:
            raise CannotTake("only loops over the rows of a file can be read")


def guard(node: ast.If) -> tuple[ast.expr, float]:
    """The target that must show, and for how long it is waited for."""
    match node:
        case ast.If(
            test=ast.Call(func=ast.Name(id="present"), args=[target, ast.Constant(value=float(seconds))]), orelse=[]
        ):
            return target, seconds
        case _:
            raise CannotTake("only `if present(...)` can be read")


def record(node: ast.expr) -> list[ast.expr]:
    """The values that must stand together; none where it is about something else."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[_, *values]) if name == RECORD:
            return values
        case _:
            return []


def text(node: ast.expr, known: Sequence[Param], rows: Sequence[str]) -> str:
    """A text of a script, as a workflow's text with its slots."""
    match node:
        case ast.Constant(value=str(found)):
            return literal(found)
        case ast.Attribute(value=ast.Name(id="values"), attr=attr):
            return f"${{{_named(attr, known)}}}"
        case ast.Subscript(value=ast.Name(id=row), slice=ast.Constant(value=str(column))) if row in rows:
            over = next(each.name for each in known if row_of(each.name) == row)
            return f"${{{over}.{column}}}"
        case ast.JoinedStr(values=parts):
            return "".join(text(part, known, rows) for part in parts)
        case ast.FormattedValue(value=value):
            return text(value, known, rows)
        case ast.IfExp(body=inner):  # all that a row said, with the values that were recorded
            return text(inner, known, rows)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text(left, known, rows) + text(right, known, rows)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _HELPERS:
            return text(inner, known, rows)
        case ast.Call(func=ast.Attribute(value=inner, attr="splitlines")):
            return text(inner, known, rows)
        case _:
            raise CannotTake(f"`{ast.unparse(node)}` is no text of a workflow")


def _named(attr: str, known: Sequence[Param]) -> str:
    found = next((each.name for each in known if identifier(each.name) == attr), None)
    if found is None:
        raise CannotTake(f"there is no value called {attr}")
    return found
