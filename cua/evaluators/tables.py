"""What a check makes of spreadsheets: upstream's rules about sheets and cells, as far as values go.

Looks (fonts, colours, charts, filters, sizes) are not there yet: a rule about them is unknown and never a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cua.errors import TroubleError
from cua.evaluators.getters import File
from cua.evaluators.metrics import Rules
from cua.evaluators.metrics_settings import matches
from cua.spreadsheets import EMPTY, Cell, Cells, address, sheets

_SIDES = {"RI": 0, "RN": 0, "EI": 1, "EN": 1}
Files = Sequence[File | None]


def compare_table(result: File, expected: File | None = None, *, rules: list[dict[str, Any]]) -> bool:
    """Every rule holds of the result, and of the standard where it names that. Cells that hold the same number are the
    same however they show it.
    """
    for rule in rules:
        if rule.get("type") not in _RULES:
            known = ", ".join(_RULES)
            raise TroubleError(f"rules of type {rule.get('type')!r} about tables are not there yet; {known} are")
    return all(_RULES[rule["type"]](rule, (result, expected)) for rule in rules)


# ---------------------------------------------------------------------------------------------- rules


def _sheet_name(rule: Rules, files: Files) -> bool:
    result, expected = ([*_book(file)] for file in (files[0], files[1]))
    return result == expected


def _sheet_data(rule: Rules, files: Files) -> bool:
    one, other = (_sheet(rule[f"sheet_idx{at}"], files) for at in (0, 1))
    if one is None or other is None:
        return False
    places = {at for cells in (one, other) for at in cells}
    return all(_same(one.get(at, EMPTY), other.get(at, EMPTY), rule.get("precision", 4)) for at in places)


def _check_cell(rule: Rules, files: Files) -> bool:
    """A cell's value fits, which is null for one that holds nothing; other properties than its value are looks."""
    at = address(rule["coordinate"])
    if at is None:
        raise TroubleError(f"{rule['coordinate']!r} is no cell")
    for name in rule["props"]:
        if name != "value":
            raise TroubleError(f"the property {name!r} of a cell is not there yet; only its value is")
    cells = _sheet(rule["sheet_idx"], files)
    if cells is None:
        return False
    cell = cells.get(at)
    value = None if cell is None else cell.text if cell.number is None else cell.number
    return all(matches(value, wanted) for wanted in rule["props"].values())


_RULES: Mapping[str, Callable[[Rules, Files], bool]] = {
    "sheet_name": _sheet_name,
    "sheet_data": _sheet_data,
    "check_cell": _check_cell,
}


# ---------------------------------------------------------------------------------------------- files


def _book(file: File | None) -> Mapping[str, Cells]:
    if file is None:
        raise TroubleError("a rule compares with a standard, and the task has none")
    return sheets(file.name, file.content)


def _sheet(which: Any, files: Files) -> Cells | None:
    """By its number, of the result, or by a side ("RI0", "EI0": number; "RNName", "ENName": name). None where the
    result has none such: then no rule about it holds. Raises TroubleError where the standard has none.
    """
    side, name = ("RI", str(which)) if isinstance(which, int) else (str(which)[:2], str(which)[2:])
    if side not in _SIDES:
        raise TroubleError(f"the sheet {which!r} is not known; it begins with one of {', '.join(_SIDES)}")
    book = _book(files[_SIDES[side]])
    found = book.get(name) if side.endswith("N") else dict(enumerate(book.values())).get(int(name))
    if found is None and _SIDES[side]:
        raise TroubleError(f"the standard has no sheet {name!r}, only {', '.join(book)}; correct the rule")
    return found


def _same(one: Cell, other: Cell, precision: int) -> bool:
    if one.number is not None and other.number is not None:
        return round(one.number, precision) == round(other.number, precision)
    return one.number == other.number and one.text == other.text


def rows(cells: Cells) -> list[list[str]]:
    """The rows that hold something, as texts."""
    if not cells:
        return []
    height, width = (max(at[axis] for at in cells) + 1 for axis in (0, 1))
    return [[cells.get((row, column), EMPTY).text for column in range(width)] for row in range(height)]
