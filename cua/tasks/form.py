"""The form of our own task files: which keys there are, what may stand in them, and what each is for.

It judges only form, and says what is wrong with the file, the key and the closest one that there is. It draws nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic import Field as Key

from cua.checks import Requirement
from cua.errors import UsageError
from cua.record import shape
from cua.record.files import tuples
from cua.record.shape import Table, Texts
from cua.tasks.drawing import ParamTable

T = TypeVar("T", bound=BaseModel)
Rows = tuple[Texts, ...]


class AppTable(Table):
    """A program that a task needs: a file in the folder `apps` beside the task, or a table in it."""

    name: str = Key(description="what it is called in reports")
    command: Texts = Key(min_length=1, description="what starts it, without documents")
    packages: Texts = Key(min_length=1, description="the Debian packages that have it")
    allowed: Texts = Key((), description="what it may write by itself: patterns of keys of changes")
    late: bool = Key(False, description="it writes late: it is quit and started again before it is judged")


class ParagraphTable(Table):
    style: str = Key("", description='as a person sees its name: "Title", "Heading 1"; else ordinary text')
    text: str


class PutTable(Table):
    """A file: text, rows of a spreadsheet, or paragraphs of a document; the ending of its name says which format."""

    path: str = Key(pattern="^~/", description="where it lies, from ~/")
    text: str | None = None
    rows: Rows | None = None
    paragraphs: tuple[ParagraphTable, ...] | None = None
    mode: str = Key("", pattern="^([0-7]{3})?$", description="as chmod has it; else what the system gives")


class ElementTable(Table):
    """Something on the screen, by what it is and is called. The first that shows is taken."""

    role: str = Key(description='ARIA role: "button", "textbox", "menuitem", ...')
    name: str = Key("", description='its label, or "Begins with*"; any, if it is not said')
    inside: str = Key("", description="what something around it is called: its window, dialog or group")
    nth: int = Key(0, ge=0, description="which of several alike, from 0, in reading order")


class StepTable(Table):
    """One step of a start, an oracle or a mutant. Just one key says what is done; `text` stands beside fill,
    `seconds` beside what waits.
    """

    sh: str | None = Key(None, description="a script for sh, in the home; each parameter is a variable of its name")
    put: PutTable | None = Key(None, description="a file is written")
    run: Texts | None = Key(None, description="a program is started and goes on; the step ends at once")
    window: str | None = Key(None, description="until a window has this in its title")
    gone: str | None = Key(None, description="until no window has this in its title")
    shows: ElementTable | None = Key(None, description="until it shows")
    click: ElementTable | None = None
    double: ElementTable | None = Key(None, description="a double click")
    right: ElementTable | None = Key(None, description="a click of the right button")
    invoke: ElementTable | None = Key(None, description="its own action, without the pointer; it need not show")
    fill: ElementTable | None = Key(None, description="a field is made to hold `text`")
    text: str = ""
    type: str | None = Key(None, description="text, where the keyboard is")
    press: str | None = Key(None, description="a key or chord, where the keyboard is: ctrl+s")
    seconds: Annotated[float, Key(gt=0, le=600, description="how long it is waited for what must show")] = 30.0
    written: str | None = Key(None, description="until a file is at this path, written since the step before")


class MutantTable(Table):
    """An end state in which the goal does not hold: what spoils the one that the oracle leaves."""

    name: str = Key(min_length=1, description="what is wrong then")
    steps: tuple[StepTable, ...] = Key(min_length=1)


class BudgetTable(Table):
    acts: Annotated[int, Key(ge=1)] = 30
    seconds: Annotated[float, Key(gt=0)] = 120.0


class TaskTable(Table):
    """A task of our own."""

    id: str = Key(pattern=r"^[a-z0-9][a-z0-9-]*$", description="its name, that of the file")
    goal: str = Key(min_length=1, description="what a person would say")
    apps: tuple[str | AppTable, ...] = Key(min_length=1, description="the first is the one that is started")
    params: dict[Annotated[str, Key(pattern=r"^[a-z][a-z0-9_]*$")], ParamTable] = Key(default_factory=dict)
    files: tuple[PutTable, ...] = Key((), description="what is in the home at the start")
    start: tuple[StepTable, ...] = Key((), description="what is done before the policy begins")
    checks: tuple[Any, ...] = Key(min_length=1, description="what the world must show; kinds and keys as for effects")
    allowed: Texts = Key((), description="what else may change: patterns of keys of changes")
    budget: BudgetTable = BudgetTable()
    oracle: tuple[StepTable, ...] = Key(min_length=1, description="what brings the goal about")
    mutants: tuple[MutantTable, ...] = Key(min_length=1)


STEPS = tuple(name for name in StepTable.model_fields if name not in ("text", "seconds"))


def read(table: type[T], raw: Any, file: Path, at: str = "") -> T:
    """The table that a parsed file holds there. Raises UsageError with the file, the key and the closest known one."""
    try:
        return table.model_validate(tuples(raw))
    except ValidationError as exc:
        faults = exc.errors(include_url=False)
        first = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
        raise UsageError(f"{file}: {_saying(table, first, at)}") from None


def check(raw: Any, file: Path, number: int) -> Requirement:
    """One requirement, of a kind and with keys that the effects of workflows have too."""
    where, tables = f"checks[{number}]", shape.effect_tables()
    kind = str(raw.get("kind", "")) if isinstance(raw, Mapping) else ""
    if kind not in tables:
        near = difflib.get_close_matches(kind, tables, 1)
        said = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(tables)}"
        raise UsageError(f"{file}: {where}.kind is {kind!r}, which there is not; {said}")
    return shape.requirement(read(tables[kind], raw, file, where))


def _saying(table: type[BaseModel], fault: Any, at: str) -> str:
    place: list[Any] = [part for part in fault["loc"] if part not in ("AppTable", "str")]
    where = at
    for part in place:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
    match fault["type"]:
        case "extra_forbidden":
            there = _keys(table, [part for part in place[:-1] if isinstance(part, str)])
            near = difflib.get_close_matches(str(place[-1]), there, 1)
            closest = f"the closest is {near[0]!r}" if near else "none is close"
            return f"{where} is no key that a task has there; {closest}; there are: {', '.join(there)}"
        case "missing":
            return f"{where} is missing; add it"
        case "string_type" if isinstance(fault["input"], bool | int | float | date):
            return f"{where} is {fault['input']} and should be a text; put it into quotes"
        case "tuple_type":
            return f"{where} is {fault['input']!r:.60}; write it as a list, in brackets: [ ]"
        case _:
            return f"{where} is {fault['input']!r:.60}; it {str(fault['msg']).removeprefix('Input ')}"


_INSIDE: Mapping[str, type[BaseModel]] = {
    "apps": AppTable, "params": ParamTable, "files": PutTable, "start": StepTable, "oracle": StepTable,
    "steps": StepTable, "mutants": MutantTable, "budget": BudgetTable, "put": PutTable, "paragraphs": ParagraphTable,
    "shows": ElementTable, "click": ElementTable, "double": ElementTable, "right": ElementTable, "invoke": ElementTable,
    "fill": ElementTable,
}  # fmt: skip


def _keys(table: type[BaseModel], place: list[str]) -> list[str]:
    """What may be written at that place: the keys of the innermost table around it."""
    inner = [table, *(_INSIDE[part] for part in place if part in _INSIDE)]
    return list(inner[-1].model_fields)
