"""Workflow files: TOML that a person can read and edit, checked whenever it is read or written.

A file that is damaged, from a newer version, or makes no sense is refused with the place and what to do; nothing of it
is guessed. A person's own comments do not survive a `save`.
"""

from __future__ import annotations

import difflib
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ValidationError

from cua.checks import Requirement
from cua.errors import UsageError
from cua.memory.workflows import FORMAT, Workflow
from cua.record import shape, sound

T = TypeVar("T", bound=BaseModel)

LARGEST = 5_000_000  # bytes
_HEAD = """\
# A workflow: what was shown once, as steps that a replay does again with other values.
#
# This file may be edited. ${name} in any text stands for the parameter [params.name]; $${ stands for just ${.
# A text can be made a parameter: write ${city} in its place, and add [params.city] with a default.
# Steps for each row of a CSV file: add [params.people] with kind = "rows", and around the steps
#     [[steps]]
#     id = "everyone"
#     do = "each"
#     over = "people"
#     [[steps.steps]]        # the steps inside; ${people.email} is the column "email" of the row
# Steps that are done only if something shows:
#     [[steps]]
#     id = "cookies"
#     do = "if present"
#     [steps.target]         # what to look for
#     [[steps.steps]]        # what to do then
# What the world must show afterwards, so that a pass is proven and not only seen:
#     [[effects]]
#     kind = "rows"          # or: KINDS
#     source = "sqlite:~/shop/shop.db"
#     query = "select city from customers where name = :name"
#     values = {name = "${name}"}
#     rows = [["${city}"]]
# The keys of each kind: README, or `cua workflows schema`. Whether all can be read: `cua workflows check FILE`.
# `doubt` says why it is not known what a step acts on: give the step its `target` and take `doubt` away, or delete it.
# Its `risk` and `say` are then those of that target, if they are left as they are.
# do = "hover" only points at the target, as for a menu that opens so.
# `risk` is "read", "reversible" or "irreversible"; an irreversible step whose outcome is unknown is never done again.
# `expect` is what the screen must show after a step; with row = ["${name}"] it is looked for in the row of that text.
# A secret may stand only in the text of a fill or type.
"""
_WIDE = 110
_LIST = re.compile(r"(?m)^(?P<key>\S+) = \[\n(?P<items>(?: {4}\S.*,\n)+)\]$")
_PARTS = {
    "params": "# What a replay is given, with --param NAME=VALUE; else the default is taken.\n",
    "steps": "# The steps, in order.\n",
    "effects": "# What the world must show afterwards.\n",
}


def load(path: Path) -> Workflow:
    """The workflow in a file. Raises UsageError, with the file's name."""
    if path.suffix in (".py", ".json"):
        raise UsageError(f"{path} is no workflow file; to make a workflow of it: cua workflows import {path}")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as exc:
        where = "give the path of a workflow file, or a name from: cua workflows list"
        raise UsageError(f"cannot read the workflow {path}: {exc.strerror}; {where}") from exc
    try:
        return loads(data.decode("utf-8"))
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise UsageError(f"{path}: line {line} is no UTF-8 text; save the file as UTF-8") from exc
    except UsageError as exc:
        raise UsageError(f"{path}: {exc}") from exc


def loads(text: str) -> Workflow:
    """The workflow that the text of a file says. Raises UsageError that names the line, step or key."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise UsageError(f"the workflow is larger than {LARGEST // 1_000_000} MB; cut it into several")
    raw = _parsed(text)
    version = raw.get("format", FORMAT)
    if isinstance(version, int) and version > FORMAT:
        raise UsageError(
            f"the workflow has format {version}, which a newer version of cua wrote; this one reads up to {FORMAT}. "
            "Update cua"
        )
    table = _read(shape.WorkflowTable, tuples(raw), raw, ())
    effects = tuple(_effect(raw, number) for number in range(len(table.effects)))
    workflow = table.noun(effects)
    sound.check(workflow)
    return workflow


def dumps(workflow: Workflow) -> str:
    """The text of its file. Raises UsageError for a workflow that makes no sense."""
    sound.check(workflow)
    tables = shape.plain(workflow)
    odd = next((locator for locator in _locators(tables["steps"]) if locator.find("=") < 1), None)
    if odd is not None:
        raise UsageError(f"the locator {odd!r} has no kind; a locator is written as kind=value")
    text = _LIST.sub(_on_one_line, tomli_w.dumps(tables))
    for key, say in _PARTS.items():
        text = re.sub(rf"(?m)^(?=\[+{key}\b|{key} = )", lambda _, say=say: say, text, count=1)  # type: ignore[misc]
    others = [kind for kind in shape.kinds() if kind != "rows"]
    half = len(others) // 2
    kinds = f"{', '.join(others[:half])},\n#{'# ':>29}{', '.join(others[half:])}"
    return _HEAD.replace("KINDS", kinds) + text


def save(workflow: Workflow, path: Path) -> None:
    """Write its file, whole or not at all. Raises UsageError where that cannot be."""
    data = dumps(workflow).encode("utf-8")
    if len(data) > LARGEST:
        raise UsageError(f"{workflow.name} is larger than {LARGEST // 1_000_000} MB; cut it into several")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as exc:
        with suppress(OSError):
            beside.unlink()
        raise UsageError(f"cannot write the workflow {path}: {exc.strerror}") from exc


def schema() -> dict[str, Any]:
    """The JSON schema of a workflow file, for editors that check while one writes."""
    found = shape.WorkflowTable.model_json_schema()
    effects = []
    for kind, table in shape.effect_tables().items():
        one = table.model_json_schema(ref_template=f"#/$defs/{kind}.{{model}}")
        found["$defs"] |= {f"{kind}.{name}": inner for name, inner in one.pop("$defs", {}).items()}
        found["$defs"][kind] = one
        effects.append({"$ref": f"#/$defs/{kind}"})
    found["properties"]["effects"]["items"] = {"anyOf": effects}
    unset = {"type": "object", "properties": {"unset": {"const": True}}, "required": ["unset"]}
    without: dict[str, Any] = _without_null(found, unset)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **without}


# ---------------------------------------------------------------------------------------------- reading


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"the workflow is damaged: {exc}. Mend that place; TOML is described at toml.io") from exc
    except RecursionError as exc:
        raise UsageError("the workflow is damaged: brackets stand inside brackets without end") from exc


def _effect(raw: Mapping[str, Any], number: int) -> Requirement:
    given = raw["effects"][number]
    tables = shape.effect_tables()
    kind = given.get("kind")
    if kind not in tables:
        said = "has no kind" if kind is None else f"is of the kind {kind!r}, which there is not"
        raise UsageError(f"effects[{number}] {said}; there are: {', '.join(tables)}")
    return shape.requirement(_read(tables[kind], tuples(_set(given)), raw, ("effects", number)))


def _read(table: type[T], values: Any, raw: Mapping[str, Any], at: tuple[str | int, ...]) -> T:
    try:
        return table.model_validate(values)
    except ValidationError as exc:
        faults = exc.errors(include_url=False)
        first = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
        raise UsageError(_saying(first, raw, (*at, *first["loc"]), _keys(table, first["loc"]))) from None
    except RecursionError as exc:
        raise UsageError("steps stand inside steps without end; take some out") from exc


def _saying(error: Any, raw: Mapping[str, Any], place: tuple[str | int, ...], there: Sequence[str]) -> str:
    """One fault in words: where, what, and what is there to choose from."""
    keys, step = _followed(raw, place)
    where = f"step {step!r}: {keys}" if step else keys
    match error["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(str(place[-1]), there, 1)
            guess = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(there)}"
            return f"{where} is no key that a workflow has there; {guess}"
        case "missing":
            return f"{where} is missing; add it"
        case "literal_error" if place[-1] == "do" and place[0] == "steps":
            few = error["ctx"]["expected"].replace(" or ", ", ")
            return f"{where} is {_short(error['input'])}; it should be {few}, 'each' or 'if present'"
        case "string_pattern_mismatch" if place[0] == "params":
            return f"{where}: a parameter's name has letters, digits, - and _ only, and begins with a letter"
        case "string_pattern_mismatch":
            return f'{where} is {error["input"]!r}; a locator is written as "kind=value"'
        case "string_type" if isinstance(error["input"], int | float | date):
            said = str(error["input"]).lower() if isinstance(error["input"], bool) else error["input"]
            return f'{where} is {said} and should be a text; put it into quotes: "{said}"'
        case "tuple_type":
            return f"{where} is {_short(error['input'])}; write it as a list, in brackets: [ ]"
        case "dict_type" | "model_type":
            table = f"{keys}.NAME" if keys == "params" else keys
            return f"{where} is {_short(error['input'])}; write it as a table, that begins with [{table}]"
        case _:
            what = str(error["msg"]).removeprefix("Input ")
            return f"{where} is {_short(error['input'])}; it {what}"


def _keys(table: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    """What may be written at that place: the keys of the innermost table around it."""
    inner = [table, *(_TABLES[part] for part in place[:-1] if part in _TABLES)]
    return list(inner[-1].model_fields)


def _followed(raw: object, place: tuple[str | int, ...]) -> tuple[str, str]:
    """The path of keys as a person writes it, and the id of the innermost step on the way."""
    keys, step, here = "", "", raw
    for part in place:
        if isinstance(part, int):
            keys += f"[{part}]"
            here = here[part] if isinstance(here, list) and part < len(here) else None
        elif part in ("act", "each", "if present", "[key]"):
            continue
        else:
            keys += f".{part}" if keys else part
            here = here.get(part) if isinstance(here, Mapping) else None
        if isinstance(here, Mapping) and "do" in here and isinstance(here.get("id"), str):
            step = here["id"]
    return keys, step


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."


def tuples(raw: object) -> object:
    """What was read from a file, with tuples in place of its lists."""
    match raw:
        case list():
            return tuple(tuples(each) for each in raw)
        case Mapping():
            return {key: tuples(value) for key, value in raw.items()}
        case _:
            return raw


def _set(raw: object) -> object:
    """With None where the file says that it is unset."""
    match raw:
        case Mapping() if raw == shape.UNSET:
            return None
        case list():
            return [_set(each) for each in raw]
        case Mapping():
            return {key: _set(value) for key, value in raw.items()}
        case _:
            return raw


# ---------------------------------------------------------------------------------------------- writing


def _on_one_line(found: re.Match[str]) -> str:
    items = [line.removesuffix(",")[4:] for line in found["items"].split("\n") if line]
    whole = f"{found['key']} = [{', '.join(items)}]"
    return whole if len(whole) <= _WIDE else found[0]


def _locators(tables: object) -> Iterator[str]:
    if isinstance(tables, Mapping):
        yield from tables.get("locators", ())
        tables = [value for key, value in tables.items() if key != "locators"]
    if isinstance(tables, list):
        for each in tables:
            yield from _locators(each)


def _without_null(schema: Any, unset: Mapping[str, Any]) -> Any:
    """TOML has no null: where one may stand, a table says that it is unset."""
    match schema:
        case {"type": "null"}:
            return dict(unset)
        case list():
            return [_without_null(each, unset) for each in schema]
        case dict():
            return {key: _without_null(value, unset) for key, value in schema.items()}
        case _:
            return schema


_TABLES: Mapping[str | int, type[BaseModel]] = {
    "act": shape.ActTable,
    "each": shape.EachTable,
    "if present": shape.IfPresentTable,
    "target": shape.MarkTable,
    "to": shape.MarkTable,
    "expect": shape.ExpectTable,
    "params": shape.ParamTable,
}
