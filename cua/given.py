"""What a replay is given from outside: values as NAME=VALUE, and rows from CSV files. It guesses nothing.

A file that is not what it should be is refused with the line and the column.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Workflow, slots

Row = Mapping[str, str]
LARGEST = 50_000_000  # bytes


def values_of(given: Sequence[str]) -> dict[str, str]:
    """The values by name, of texts like "city=Paris". Raises UsageError."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{text!r} is no parameter; write it as NAME=VALUE")
        if name.strip() in found:
            raise UsageError(f"the parameter {name.strip()!r} is given twice; give it once")
        found[name.strip()] = value
    return found


def rows_given(workflow: Workflow, values: Row) -> dict[str, tuple[Row, ...]]:
    """The rows of each parameter of kind "rows", from the files that `values` name. Raises UsageError."""
    found = {}
    for param in workflow.params:
        if param.kind == "rows":
            found[param.name] = read_rows(Path(values[param.name]).expanduser(), columns_of(workflow, param.name))
    return found


def read_rows(path: Path, columns: Sequence[str] = ()) -> tuple[Row, ...]:
    """The rows of a CSV file by the names in its header. Raises UsageError with the line and the column.

    `columns` must all be there. An empty line is skipped; a row with a cell too few or too many is refused.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than {LARGEST // 1_000_000} MB; cut it into several")
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            return _rows(lines, path, columns)
    except OSError as exc:
        raise UsageError(f"cannot read the rows in {path}: {exc.strerror}; give the path of a CSV file") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is no UTF-8 text; save the file as UTF-8") from exc


def _rows(lines: csv.Reader, path: Path, columns: Sequence[str]) -> tuple[Row, ...]:  # type: ignore[name-defined]
    found: list[Row] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, path, columns)
        for row in lines:
            if not row:
                continue
            if len(row) < len(header):
                raise UsageError(f"{path}, line {lines.line_num}: the column {header[len(row)]!r} is missing; add it")
            if len(row) > len(header):
                what = f"column {len(header) + 1} ({row[len(header)]!r}) is one too many"
                raise UsageError(f"{path}, line {lines.line_num}: {what}; put a text with commas into quotes")
            found.append(dict(zip(header, row, strict=True)))
    except csv.Error as exc:
        raise UsageError(f"{path}, line {lines.line_num}: {exc}; mend the quotes there") from exc
    return tuple(found)


def _check_header(header: list[str], path: Path, columns: Sequence[str]) -> None:
    if not any(header):
        raise UsageError(f"{path} has no header; its first line must name the columns")
    if "" in header:
        raise UsageError(f"{path}, line 1: column {header.index('') + 1} has no name; name it")
    twice = next((name for at, name in enumerate(header) if name in header[:at]), "")
    if twice:
        raise UsageError(f"{path}, line 1: two columns are called {twice!r}; rename one")
    missing = next((name for name in columns if name not in header), "")
    if missing:
        raise UsageError(f"{path}, line 1: there is no column {missing!r}, which the workflow asks for; add it")


def columns_of(workflow: Workflow, rows: str) -> tuple[str, ...]:
    """The columns of that parameter which the workflow asks for, in order of use."""
    asked = (name for text in _texts(workflow.steps) for name in slots(text))
    columns = (name.partition(".")[2] for name in asked if name.partition(".")[0] == rows)
    return tuple(dict.fromkeys(filter(None, columns)))


def _texts(value: object) -> list[str]:
    """Every text in steps, marks and expectations."""
    match value:
        case str():
            return [value]
        case Mark():
            return _texts((value.name, [at.value for at in value.locators], value.path, value.row, value.near))
        case Expect():
            return [value.name, value.value]
        case Act():
            return _texts((value.text, value.target, value.to, value.expect))
        case Each() | IfPresent():
            return _texts(value.steps) + _texts(getattr(value, "target", None))
        case tuple() | list():
            return [text for each in value for text in _texts(each)]
        case _:
            return []
