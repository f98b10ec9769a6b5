"""One row of a bench, and how it is shown: a line of a table, or an object of JSON. It measures nothing."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

_WIDTHS = (34, 34, 10, 8, 12)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside the bar it must clear. `value` is NaN where the figure could not be had; that never holds."""

    case: str
    metric: str
    value: float
    unit: str
    bar: str
    holds: bool

    def __post_init__(self) -> None:
        if self.holds and math.isnan(self.value):
            raise ValueError(f"{self.case}, {self.metric}: a figure that could not be had cannot hold")


def as_json(row: Row) -> str:
    """One object on one line, with the names of the fields as keys; a figure that could not be had is null."""
    return json.dumps(asdict(row) | {"value": None if math.isnan(row.value) else row.value}, ensure_ascii=False)


def as_line(row: Row) -> str:
    """One line of the table whose first line is `heading()`."""
    value = "none" if math.isnan(row.value) else f"{row.value:.4g}" if abs(row.value) < 1000 else f"{row.value:,.0f}"
    return _line(row.case, row.metric, value, row.unit, row.bar, "yes" if row.holds else "NO")


def heading() -> str:
    """The names of the columns."""
    return _line("case", "metric", "value", "unit", "bar", "holds")


def _line(case: str, metric: str, value: str, unit: str, bar: str, holds: str) -> str:
    left, middle, right, narrow, wide = _WIDTHS
    return f"{case:<{left}}  {metric:<{middle}}  {value:>{right}}  {unit:<{narrow}}  {bar:<{wide}}  {holds}".rstrip()
