"""A task's parameters, drawn by a seed: the same seed gives the same values, on every machine and in every version.

A parameter is drawn (a choice, a whole number, a date, a word of a list) or made of others that stand before it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from pydantic import Field as Key

from cua.errors import UsageError
from cua.record.shape import Table, Texts

_TRIES = 200
_SLOT = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
Values = Mapping[str, str]
Day = date  # a key of a table is called so too
List = Literal["people", "surnames", "cities", "goods", "things", "topics", "verbs"]


class ParamTable(Table):
    """One parameter. Just one of the keys says how it comes about; `unlike` and `form` may stand beside it."""

    choice: Texts | None = Key(None, description="one of these")
    integer: tuple[int, int] | None = Key(None, description="a whole number from the first to the second")
    date: tuple[Day, Day] | None = Key(None, description="a day from the first to the second")
    word: List | None = Key(None, description="a word of this list")
    text: str | None = Key(None, description="this text, with {names} of parameters before it")
    sum: Texts | None = Key(None, description="the sum of these parameters")
    times: Texts | None = Key(None, description="the product of these parameters")
    minus: tuple[str, str] | None = Key(None, description="the first of these parameters less the second")
    upper: str | None = Key(None, description="this text in capitals")
    lower: str | None = Key(None, description="this text in small letters")
    of: str | None = Key(None, description="what `match` has for the value of this parameter")
    match: dict[str, str] = Key(default_factory=dict, description="of `of`: a value for each that it may have")
    form: str = Key("", description="how a date is written, as strftime has it: %d %B %Y; else as 2026-01-31")
    step: Annotated[int, Key(ge=1)] = Key(1, description="of a whole number: 5 draws 10, 15, 20, ...")
    unlike: Texts = Key((), description="parameters before it that it must differ from")


DRAWN = ("choice", "integer", "date", "word")
MADE = ("text", "sum", "times", "minus", "upper", "lower", "of")


def drawn(tables: Mapping[str, ParamTable], seed: int) -> dict[str, str]:
    """The values by name, in the order of the tables. Raises UsageError that names the parameter."""
    random = Random(seed)
    values: dict[str, str] = {}
    for name, table in tables.items():
        ways = [way for way in (*DRAWN, *MADE) if getattr(table, way) is not None]
        if len(ways) != 1:
            said = " and ".join(ways) or "nothing"
            raise UsageError(f"params.{name} says {said}; say just one of: {', '.join((*DRAWN, *MADE))}")
        others = [_value(values, other, name) for other in table.unlike]
        values[name] = _unlike(name, ways[0], table, (others, values), random)
    return values


def filled(text: str, values: Values, where: str) -> str:
    """The text with each {name} replaced; "{{" stands for a brace. Raises UsageError for a name that there is not."""

    def one(found: re.Match[str]) -> str:
        return _value(values, found[1], where) if found[1] else found[0][0]

    return _SLOT.sub(one, text)


def slots(text: str) -> frozenset[str]:
    """The names in a text."""
    return frozenset(found[1] for found in _SLOT.finditer(text) if found[1])


def _unlike(name: str, way: str, table: ParamTable, known: tuple[list[str], Values], random: Random) -> str:
    others, values = known
    for _ in range(_TRIES):
        value = _drawn(table, way, random) if way in DRAWN else _made(name, table, way, values)
        if value not in others:
            return value
        if way in MADE:
            break
    raise UsageError(f"params.{name} cannot differ from {', '.join(table.unlike)}; give it more to choose from")


def _drawn(table: ParamTable, way: str, random: Random) -> str:
    if way == "choice" and table.choice:
        return random.choice(table.choice)
    if way == "word" and table.word is not None:
        return random.choice(_lists()[table.word])
    if way == "integer" and table.integer is not None and table.integer[0] <= table.integer[1]:
        return str(random.randrange(table.integer[0], table.integer[1] + 1, table.step))
    if way == "date" and table.date is not None and table.date[0] <= table.date[1]:
        first, last = table.date
        day = first + timedelta(days=random.randrange((last - first).days + 1))
        return day.strftime(table.form) if table.form else day.isoformat()
    raise UsageError(f"{way} leaves nothing to draw; the first must not come after the last")


def _made(name: str, table: ParamTable, way: str, values: Values) -> str:
    where = f"params.{name}"
    match way:
        case "text" | "upper" | "lower":
            text = filled(getattr(table, way), values, where)
            return text.upper() if way == "upper" else text.lower() if way == "lower" else text
        case "of":
            return _matched(table, _value(values, table.of or "", where), where)
        case _:
            numbers = [_number(_value(values, other, where), where) for other in getattr(table, way)]
    total = numbers[0] if numbers else 0
    for number in numbers[1:]:
        total = total + number if way == "sum" else total * number if way == "times" else total - number
    return str(total)


def _matched(table: ParamTable, value: str, where: str) -> str:
    if value not in table.match:
        raise UsageError(f"{where}.match has nothing for {value!r}; it has: {', '.join(table.match) or 'nothing'}")
    return table.match[value]


def _number(text: str, where: str) -> int:
    try:
        return int(text)
    except ValueError as exc:
        raise UsageError(f"{where}: {text!r} is no whole number; name parameters that are") from exc


def _value(values: Values, name: str, where: str) -> str:
    if name not in values:
        raise UsageError(f"{where}: there is no parameter {name!r} before it; there are: {', '.join(values) or 'none'}")
    return values[name]


@cache
def _lists() -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return found
