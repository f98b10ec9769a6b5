"""Whether what a task file gives fits the function that takes it: every field known, none missing, each of its type."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from cua.errors import UsageError


def closest(name: str, known: Iterable[str]) -> str:
    """In words, the known names that are most like this one."""
    found = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"closest: {', '.join(found)}" if found else f"known: {', '.join(sorted(known)) or 'none'}"


def fitted(of: Callable[..., Any], given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The keyword arguments for `of`. Raises UsageError that begins with `what`."""
    kinds, needed = _fields(of)
    for name in given:
        if name not in kinds:
            raise UsageError(f"{what} has no field {name!r}; {closest(name, kinds)}")
    for name in needed:
        if name not in given:
            raise UsageError(f"{what} lacks the field {name!r}; add it")
    return {name: _checked(kinds[name], value, f"{what}, field {name!r}") for name, value in given.items()}


@cache
def _fields(of: Callable[..., Any]) -> tuple[dict[str, TypeAdapter[Any]], tuple[str, ...]]:
    hints = get_type_hints(of)
    found = {p.name: p for p in inspect.signature(of).parameters.values() if p.kind is p.KEYWORD_ONLY}
    needed = tuple(name for name, p in found.items() if p.default is p.empty)
    return {name: TypeAdapter(hints[name]) for name in found}, needed


def _checked(kind: TypeAdapter[Any], value: Any, what: str) -> Any:
    try:
        return kind.validate_python(value, strict=True)
    except ValidationError as exc:
        said = exc.errors(include_url=False)[0]["msg"]
        raise UsageError(f"{what} is {str(value)[:60]!r}: {said[0].lower()}{said[1:]}") from exc
