"""In words, why a check does not hold: what was expected, or where two things begin to differ. Never more than a line.

It is asked only where a metric has said no, and is given what that was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from cua.evaluators import metrics, rules, tables
from cua.evaluators.getters import File

MOST_BYTES = 50_000_000
_SHOWN = 60


def too_large(values: Sequence[Any]) -> str:
    """What is too large to be compared, with its size; "" where nothing is. It would take minutes, and gigabytes."""
    for each in (part for value in values for part in (value if isinstance(value, list) else [value])):
        size = len(each.content) if isinstance(each, File) else len(each) if isinstance(each, str) else 0
        if size > MOST_BYTES:
            what = each.name if isinstance(each, File) else "what the command wrote"
            return f"{what} is {size / 1e6:.0f} MB, and at most {MOST_BYTES / 1e6:.0f} MB are compared; make it smaller"
    return ""


def difference(metric: Callable[..., bool], *values: Any, **options: Any) -> str:
    """Why it does not hold; "" where there is nothing to say of it."""
    if metric in _WHY:
        return _WHY[metric](*values, **options)
    told = values[1] if len(values) > 1 else None
    if not isinstance(told, Mapping) or "expected" not in told:
        return ""
    found, wanted = metrics.plain(values[0]), told["expected"]
    blanks = isinstance(found, str) and isinstance(wanted, str) and found.split() == wanted.split()
    return f"expected {_short(wanted)}{f', and it is {_short(str(found))}' if blanks else ''}"


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


# ---------------------------------------------------------------------------------------------- texts


def _parts(result: Any, told: rules.Parts) -> str:
    said = metrics.plain(result)
    missing = [each for each in told.get("include", ()) if each not in said]
    if missing:
        return f"{_short(missing[0])} is not in it"
    return f"{_short(next(each for each in told.get('exclude', ()) if each in said))} is in it, and must not be"


def _contained(result: Any, told: rules.Contained) -> str:
    there = told["type"] == "contain"
    return f"{_short(told['expected'])} is {'not in it' if there else 'in it, and must not be'}"


def _text(result: File, expected: File, **options: bool) -> str:
    one, other = metrics.texts(result, expected, **options)
    return _lines(one.splitlines(), other.splitlines())


def _diff(result: File, expected: File) -> str:
    return _lines(result.text.splitlines(), expected.text.splitlines())


def _csv(result: File, expected: File | list[File], **options: bool) -> str:
    """Of several standards the first is told."""
    standard = expected[0] if isinstance(expected, list) else expected
    return _lines(*(metrics.csv_rows(file, **options) for file in (result, standard)))


def _lines(one: Sequence[Any], other: Sequence[Any]) -> str:
    """The first line that is not the same, from a little before where it differs."""
    for number, (this, that) in enumerate(zip_longest(one, other), 1):
        if this != that:
            said, wanted = ("none" if each is None else _from(str(each), str(this), str(that)) for each in (this, that))
            return f"line {number} is {said}, expected {wanted}"
    return "the ends of lines differ"


def _from(text: str, one: str, other: str) -> str:
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    begin = max(0, same - _SHOWN // 2) if len(text) > _SHOWN else 0
    return ("…" if begin else "") + _short(text[begin:])


_WHY: Mapping[Callable[..., bool], Callable[..., str]] = {
    metrics.check_include_exclude: _parts,
    metrics.is_extension_installed: _contained,
    metrics.compare_text_file: _text,
    metrics.diff_text_file: _diff,
    metrics.compare_csv: _csv,
    tables.compare_table: tables.table_difference,
}
