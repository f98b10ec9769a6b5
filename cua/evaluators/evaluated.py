"""The check that a task in OSWorld's form carries: metrics over what getters read, joined by "and" or "or"."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any, Literal
from xml.etree.ElementTree import ParseError

from cua.core import Evidence, Observation, World
from cua.errors import TroubleError, UsageError

_FIELDS = {"func", "result", "expected", "options", "conj"}
_SHOWN = 80
# what a metric raises about something that is not as it should be: then nothing is known
_BROKEN = (ValueError, KeyError, TypeError, IndexError, AttributeError, SyntaxError, re.error, ParseError, OSError,
           zipfile.BadZipFile)  # fmt: skip

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an `evaluator` of OSWorld's says, as JSON: `func` is a metric, `result` and `expected` are getters, and
    `options` go to the metric; each may be a list, joined by `conj`. A metric that breaks is unknown, and so is one
    whose standard cannot be had; a result that is not there fails.
    """

    evaluator: str

    def test(self, world: World) -> Evidence:
        conj, parts = _parsed(self.evaluator)
        found = [part.test(world) for part in parts]
        saying = f" {conj} ".join(each.saying for each in found)
        decisive = conj == "or"
        if any(each.holds is decisive for each in found):
            return Evidence(decisive, saying)
        return Evidence(None if any(each.holds is None for each in found) else not decisive, saying)

    def names(self, change: str) -> bool:
        return False

    def checked(self) -> Evaluated:
        """Itself. Raises UsageError for what nobody knows, TroubleError for what is not there yet."""
        _parsed(self.evaluator)
        return self

    def rules(self, metric: str) -> tuple[Mapping[str, Any], ...]:
        """What its metrics of that name are told to expect, as far as the file itself says so."""
        _, parts = _parsed(self.evaluator)
        told = [part.expected[1].get("rules", {}) for part in parts if part.metric == metric and part.expected]
        return tuple(each for each in told if isinstance(each, Mapping))

    def getters(self) -> tuple[str, ...]:
        """The names of what it reads with."""
        _, parts = _parsed(self.evaluator)
        return tuple(get.__name__ for part in parts for get, _ in (part.result, part.expected or part.result))

    def commands(self) -> tuple[tuple[str | list[str], bool], ...]:
        """The commands that its getters run, and whether by the shell."""
        from cua.evaluators.getters import on

        _, parts = _parsed(self.evaluator)
        given = [fields for part in parts for _, fields in (part.result, part.expected or part.result)]
        return tuple((each["command"], on(each.get("shell", False))) for each in given if "command" in each)


@dataclass(frozen=True, slots=True)
class _Part:
    """One metric. A getter stands with the fields that it is given."""

    metric: str
    compare: Callable[..., bool]
    result: tuple[Callable[..., Any], Given]
    expected: tuple[Callable[..., Any], Given] | None
    options: Given

    def test(self, world: World) -> Evidence:
        get, given = self.result
        try:
            found = get(world, **given)
        except FileNotFoundError as exc:
            return Evidence(False, f"{self.metric}: there is no {exc}")
        except (TroubleError, UsageError) as exc:  # a path may be none for this world
            return Evidence(None, f"{self.metric}: {exc}")
        values = [found]
        if self.expected is not None:
            get, given = self.expected
            try:
                values.append(get(world, **given))
            except (FileNotFoundError, TroubleError, UsageError) as exc:
                return Evidence(None, f"{self.metric}: what it should be cannot be had: {exc}")
        if found is None:
            return Evidence(False, f"{self.metric}: there is nothing to read")
        try:
            holds = self.compare(*values, **self.options)
        except TroubleError as exc:
            return Evidence(None, f"{self.metric}: {exc}")
        except _BROKEN as exc:
            return Evidence(None, f"{self.metric} broke on {_short(found)}: {type(exc).__name__}: {exc}")
        return Evidence(holds, f"{self.metric} {'holds' if holds else 'does not hold'} for {_short(found)}")


def _short(value: object) -> str:
    if isinstance(value, Observation):
        return "what shows"
    said = " ".join(str(getattr(value, "name", value)).split())
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


# ---------------------------------------------------------------------------------------------- parsing


@cache
def _parsed(evaluator: str) -> tuple[Literal["and", "or"], tuple[_Part, ...]]:
    from cua.evaluators.fitting import closest

    try:
        told = json.loads(evaluator)
    except ValueError as exc:
        raise UsageError(f"the evaluator is no JSON: {exc}; write it as OSWorld's task files do") from exc
    if not isinstance(told, dict):
        raise UsageError(f"the evaluator is a {type(told).__name__}, and must be an object with a func")
    for name in told.keys() - _FIELDS:
        raise UsageError(f"the evaluator has no field {name!r}; {closest(name, _FIELDS)}")
    conj = told.get("conj", "and")
    if conj not in ("and", "or"):
        raise UsageError(f"the evaluator's conj is {conj!r}; it is 'and' or 'or'")
    func = told.get("func")
    funcs = func if isinstance(func, list) else [func]
    if not funcs or not all(isinstance(each, str) for each in funcs):
        raise UsageError("the evaluator's func names no metric; name one, or a list of them")
    rows = [_row(told.get(name), len(funcs), name, listed=isinstance(func, list)) for name in _LISTED]
    return conj, tuple(_part(*each) for each in zip(funcs, *rows, strict=True))


_LISTED = ("result", "expected", "options")


def _row(told: Any, count: int, name: str, *, listed: bool) -> list[Given]:
    """One for each metric; what is left out is empty."""
    if not listed:
        told = [told]
    elif not isinstance(told, list):
        told = [told] if told is not None else []
    if len(told) > count:
        raise UsageError(f"the evaluator has {len(told)} of {name} for {count} metrics; give one for each")
    found = [each or {} for each, _ in zip_longest(told, range(count))]
    for each in found:
        if not isinstance(each, dict):
            raise UsageError(f"the evaluator's {name} is {str(each)[:40]!r}, and must be an object")
    return found


def _part(name: str, result: Given, expected: Given, options: Given) -> _Part:
    from cua.evaluators.fitting import fitted
    from cua.evaluators.registry import metric

    compare = metric(name)
    if not result:
        raise UsageError(f"the metric {name!r} has no result to look at; name a getter")
    getter, standard = _getter(result), _getter(expected) if expected else None
    most = compare.__code__.co_argcount - 1
    if not most - len(compare.__defaults__ or ()) <= bool(expected) <= most:
        raise UsageError(f"the metric {name!r} takes {'something' if most else 'nothing'} that is expected")
    known = fitted(compare, options, f"metric {name!r}")
    return _Part(name, compare, getter, standard, known)


def _getter(given: Given) -> tuple[Callable[..., Any], Given]:
    from cua.evaluators.fitting import fitted
    from cua.evaluators.getters import argv_of, on
    from cua.evaluators.registry import getter

    kind = given.get("type")
    if not isinstance(kind, str):
        raise UsageError(f"a getter has no type: {str(dict(given))[:80]}; name one")
    of = getter(kind)
    rest = {name: value for name, value in given.items() if name != "type"}
    fields = fitted(of, rest, f"getter {kind!r}")
    if "command" in fields:
        argv_of(fields["command"], shell=on(fields.get("shell", False)))
    return of, fields
