"""Whether what a task file gives fits what takes it: every field known, none missing, each of its type."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Any, get_args, get_type_hints

from pydantic import AfterValidator, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

from cua.errors import TroubleError, UsageError

_SHOWN = 60
_WANTED = {
    "string_type": "a text", "list_type": "a list", "dict_type": "an object", "bool_type": "true or false",
    "int_type": "a whole number", "float_type": "a number",
}  # fmt: skip


def closest(name: str, known: Iterable[str]) -> str:
    """In words, the known names that are most like this one."""
    found = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"closest: {', '.join(found)}" if found else f"known: {', '.join(sorted(known)) or 'none'}"


def called(value: Any) -> str:
    """What a value of JSON is called."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
    return "a list" if isinstance(value, list) else "an object"


def fitted(of: Callable[..., Any], given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The keyword arguments for `of`, or its fields where it is a TypedDict. Raises UsageError that begins with
    `what`, TroubleError for what is not there yet.
    """
    known, needed = _fields(of)
    for name in given:
        if name not in known:
            raise UsageError(f"{what} has no field {name!r}; {closest(name, known)}")
    for name in needed:
        if name not in given:
            raise UsageError(f"{what} lacks the field {name!r}; add it")
    return {name: _checked(known[name], value, f"{what}, field {name!r}") for name, value in given.items()}


def shaped(shapes: tuple[Any, ...], given: Any, what: str, later: Iterable[str] = ()) -> dict[str, Any]:
    """What a rule says. Its shape is a TypedDict, or one of several that are told apart by their field "type"; `later`
    are the types that are not there yet. Raises UsageError that begins with `what`, TroubleError.
    """
    if not isinstance(given, Mapping):
        raise UsageError(f"{what} is {called(given)}, and must be an object")
    by = {name: each for each in shapes for name in get_args(get_type_hints(each).get("type"))}
    if not by:
        return fitted(shapes[0], given, what)
    if "type" not in given:
        raise UsageError(f"{what} lacks the field 'type'; add it")
    told = str(given["type"])
    if told in later:
        raise TroubleError(f"{what} has the type {told!r}, which is not there yet; only {', '.join(by)} are")
    if told not in by:
        raise UsageError(f"{what} has the type {told!r}, which nobody knows; {closest(told, {*by, *later})}")
    return fitted(by[told], given, what)


def within(shape: Any, what: str, later: Iterable[str] = ()) -> AfterValidator:
    """For an object in another one, which has a shape of its own."""
    return AfterValidator(lambda given: shaped(kinds(shape), given, what, later))


def not_yet(value: Any, what: str) -> AfterValidator:
    """For a field that may not have this value yet."""

    def validate(given: Any) -> Any:
        if given == value:
            raise TroubleError(f"{what} is not there yet")
        return given

    return AfterValidator(validate)


def taken(of: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """Of each value that a metric takes by its place, the types that it may have."""
    hints = get_type_hints(of)
    names = [p.name for p in inspect.signature(of).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    return [kinds(hints[name]) for name in names]


def kinds(hint: Any) -> tuple[Any, ...]:
    """The types that one stands for: of several joined by "|" each."""
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


@cache
def _fields(of: Callable[..., Any]) -> tuple[dict[str, TypeAdapter[Any]], tuple[str, ...]]:
    hints = get_type_hints(of, include_extras=True)
    if is_typeddict(of):
        needed: frozenset[str] = getattr(of, "__required_keys__", frozenset())
        return {name: TypeAdapter(hint) for name, hint in hints.items()}, tuple(sorted(needed))
    found = {p.name: p for p in inspect.signature(of).parameters.values() if p.kind is p.KEYWORD_ONLY}
    least = tuple(name for name, p in found.items() if p.default is p.empty)
    return {name: TypeAdapter(hints[name]) for name in found}, least


def _checked(kind: TypeAdapter[Any], value: Any, what: str) -> Any:
    try:
        return kind.validate_python(value, strict=True)
    except UsageError as exc:
        raise UsageError(f"{what}: {exc}") from exc
    except TroubleError as exc:
        raise TroubleError(f"{what}: {exc}") from exc
    except ValidationError as exc:
        raise UsageError(f"{what} {_said(exc, value)}") from exc


def _said(exc: ValidationError, value: Any) -> str:
    """What is wrong with a value, or with a part of it."""
    errors = exc.errors(include_url=False)
    wrong = [each for each in errors if each["input"] is not value] or errors
    part = wrong[0]["input"]
    shown = repr(part)[:_SHOWN]
    wanted = " or ".join(dict.fromkeys(_WANTED[e["type"]] for e in wrong if e["type"] in _WANTED))
    if not wanted:
        said = wrong[0]["msg"][0].lower() + wrong[0]["msg"][1:]
        return f"is {shown}: {said}" if part is value else f"has {shown} in it: {said}"
    return f"is {shown}, and must be {wanted}" if part is value else f"has {shown} in it, which must be {wanted}"
