"""The form of our own task files: which keys there are, what may stand in them, and what each is for.

It judges only form, and says what is wrong with the file, the key and the closest one that there is. It draws nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
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
_ID = r"^[a-z0-9][a-z0-9-]*$"
_AT_HOME = "^~/"
_MODE = "^([0-7]{3})?$"
_FORMS = {
    _ID: "it should have small letters, digits and - only, and begin with no -",
    _AT_HOME: "it should begin with ~/, for all files of a task lie in the home",
    _MODE: 'it should be three digits from 0 to 7, as chmod has them: "644"',
}
_KINDS = {
    "string_type": "it should be a text, in quotes",
    "tuple_type": "write it as a list, in brackets: [ ]",
    "model_type": "write it as a table, in braces: { }",
    "dict_type": "write it as a table, in braces: { }",
    "int_type": "it should be a whole number, without quotes",
    "float_type": "it should be a number, without quotes",
    "bool_type": "it should be true or false, without quotes",
    "date_type": "it should be a day, without quotes: 2026-01-31",
}


class AppTable(Table):
    """A program that a task needs: a table in it, or a file in the folder `apps` beside it, or one that is shipped."""

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

    path: str = Key(pattern=_AT_HOME, description="where it lies, from ~/")
    text: str | None = None
    rows: Rows | None = None
    paragraphs: tuple[ParagraphTable, ...] | None = None
    mode: str = Key("", pattern=_MODE, description="as chmod has it; else what the system gives")


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

    id: str = Key("", pattern=_ID, description="its name: that of the file, which is taken where none is given")
    goal: str = Key(min_length=1, description="what a person would say")
    apps: tuple[str | AppTable, ...] = Key(
        min_length=1, description="tables, or names and commands of programs; the first is the one that is started"
    )
    params: dict[Annotated[str, Key(pattern=r"^[a-z][a-z0-9_]*$")], ParamTable] = Key(default_factory=dict)
    files: tuple[PutTable, ...] = Key((), description="what is in the home at the start")
    start: tuple[StepTable, ...] = Key((), description="what is done before the policy begins")
    checks: tuple[Any, ...] = Key(min_length=1, description="what the world must show; kinds and keys as for effects")
    allowed: Texts = Key((), description="what else may change: patterns of keys of changes")
    budget: BudgetTable = BudgetTable()
    oracle: tuple[StepTable, ...] = Key((), description="what brings the goal about: to prove the task by")
    mutants: tuple[MutantTable, ...] = Key((), description="end states that its checks must refuse: to prove it by")


STEPS = tuple(name for name in StepTable.model_fields if name not in ("text", "seconds"))


def read(table: type[T], raw: Any, file: Path, at: str = "") -> T:
    """The table that a parsed file holds there. Raises UsageError with the file, the key and the closest known one."""
    try:
        return table.model_validate(tuples(raw))
    except ValidationError as exc:
        raise UsageError(f"{file}: {_saying(table, _first(exc.errors(include_url=False)), at)}") from None


def check(raw: Any, file: Path, number: int) -> Requirement:
    """One requirement, of a kind and with keys that the effects of workflows have too. Raises UsageError as `read`."""
    where, tables = f"checks[{number}]", shape.effect_tables()
    kind = str(raw.get("kind", "")) if isinstance(raw, Mapping) else ""
    if kind not in tables:
        near = difflib.get_close_matches(kind, tables, 1)
        said = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(tables)}"
        raise UsageError(f"{file}: {where}.kind is {kind!r}, which there is not; {said}")
    table = read(tables[kind], raw, file, where)
    for key in ("path", "other"):
        path = getattr(table, key, "~/")
        if not path.startswith(("~/", "/")):
            raise UsageError(
                f"{file}: {where}.{key} is {path!r}; it should begin with ~/, or with / outside of the home"
            )
    return shape.requirement(table)


def _first(faults: Sequence[Any]) -> Any:
    """The one that a person mends first: a key that there is not, then what is wrong inside of a table rather than that
    it is no text, which is the other thing that may stand there.
    """
    inside = [each for each in faults if not (each["type"] == "string_type" and isinstance(each["input"], Mapping))]
    order = inside or faults
    return next((each for each in order if each["type"] == "extra_forbidden"), order[0])


def _saying(table: type[BaseModel], fault: Any, at: str) -> str:
    """One fault in words: where, what is there, and what belongs there."""
    place: list[Any] = [part for part in fault["loc"] if part not in ("AppTable", "str", "[key]")]
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
        case "too_short" | "string_too_short":
            return f"{where} is empty; write something into it"
        case "string_pattern_mismatch" if fault["loc"][-1] == "[key]":
            return f"{where}: the name of a parameter has small letters, digits and _ only, and begins with a letter"
        case _:
            return f"{where} is {_short(fault['input'])}; {_belongs(fault)}"


def _belongs(fault: Any) -> str:
    """What should stand in the place of a value that does not fit, whatever it is."""
    given, known = fault["input"], fault.get("ctx", {})
    match fault["type"]:
        case "string_type" if isinstance(given, bool | int | float | date):
            return "it should be a text; put it into quotes"
        case "string_pattern_mismatch":
            return _FORMS.get(known["pattern"], "it is written in another way")
        case "literal_error":
            return f"it should be {known['expected']}"
        case "greater_than":
            return f"it should be more than {known['gt']:g}"
        case "greater_than_equal":
            return f"it should be {known['ge']} or more"
        case "less_than_equal":
            return f"it should be {known['le']:g} or less"
        case "too_long":
            return f"it should have {known['max_length']} entries and no more"
        case kind:
            return _KINDS.get(kind, "it does not belong there")


def _short(value: object) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, date) else repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."


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
