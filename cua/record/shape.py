"""The form of a workflow file: which keys there are, what may stand in them, and what each is for.

Tables become nouns and nouns become tables; what is at its default is not written. It reads no file, and judges only
form: whether the whole makes sense is for `sound.py`. Requirements are taken from `cua.checks` as they are there, so a
new one needs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from functools import cache, partial, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag, create_model
from pydantic import Field as Key

from cua import checks
from cua.checks import Requirement
from cua.core import Locator
from cua.errors import UsageError
from cua.memory.workflows import FORMAT, Act, Each, Expect, IfPresent, Mark, Param, Risk, Step, Workflow

UNSET = {"unset": True}  # TOML has no null
_VERBS = frozenset({"is", "are", "holds", "has", "shows", "says", "gives", "returns"})
Plain = dict[str, Any]
Texts = tuple[str, ...]


class Table(BaseModel):
    """Every table: no unknown keys, no value that is bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ParamTable(Table):
    """A value that a replay is given."""

    kind: Literal["text", "number", "secret", "rows"] = Key(
        "text",
        description='"secret" is the name of an entry in the keyring, "rows" the path of a CSV file',
    )
    default: str | None = Key(None, description="taken where none is given; a secret has none")
    label: str = Key("", description="what the field was called")

    def noun(self, name: str) -> Param:
        return Param(name, self.kind, self.default, self.label)


class MarkTable(Table):
    """What is known of a target: the ways to find it, and the evidence that it is the one."""

    role: str = Key(description='ARIA role: "button", "textbox", "menuitem", ...')
    name: str = Key("", description="its label")
    locators: tuple[Annotated[str, Key(pattern=r"(?s)^[^=]+=")], ...] = Key(
        (), description='ways to find it, best first, each as "kind=value": "testid=save", "css=#save"'
    )
    window: str = Key("", description="the window's key, on a desktop")
    path: Texts = Key((), description="labels of what is around it, outermost first")
    row: Texts = Key((), description="the other texts of its row or list item")
    near: Texts = Key((), description="the texts just before and after it")
    box: tuple[int, int, int, int] | None = Key(None, description="x, y, width, height in thousandths of the screen")
    nth: int = Key(0, ge=0, description="which of those with the same role and name it was, from 0")
    of: int = Key(1, ge=1, description="how many had the same role and name")
    says: dict[str, str] = Key({}, description="further attributes that tell it from others")

    def noun(self) -> Mark:
        found = tuple(Locator(*text.split("=", 1)) for text in self.locators)
        rest = (self.window, self.path, self.row, self.near, self.box, self.nth, self.of, self.says)
        return Mark(self.role, self.name, found, *rest)


class ExpectTable(Table):
    """What the screen must show after the step."""

    kind: Literal["shows", "gone", "holds", "checked", "at", "window", "closed", "record"] = Key(
        description="shows, gone: an element; holds: a field its value; checked: on or off; at: the url's path and "
        "query; window, closed: a window of this title is open or not"
    )
    role: str = ""
    name: str = ""
    value: str = Key("", description="of holds and checked; of at a pattern with * and ?")
    seconds: float = Key(5.0, gt=0, le=3600, description="how long to wait for it")
    part: bool = Key(False, description="the text is contained in what is there; else it is all of it")
    row: Texts = Key((), description="texts of the one row that it must stand in; the first always shows there")

    def noun(self) -> Expect:
        return Expect(self.kind, self.role, self.name, self.value, self.seconds, self.part, self.row)


class ActTable(Table):
    """One step."""

    id: str = Key(min_length=1, description="the step's name, of its own in the whole file")
    do: Literal["click", "fill", "type", "press", "scroll", "hover", "drag", "open", "wait"]
    say: str = Key("", description="the step in words, for reports")
    text: str = Key("", description="what is filled in, typed, pressed (keys, as ctrl+s) or opened (a url or an app)")
    button: Literal["left", "middle", "right"] = "left"
    count: int = Key(1, ge=1, le=3, description="2 is a double click")
    keys: Texts = Key((), description="keys held while clicking: ctrl, shift, alt, super")
    scroll: tuple[int, int] = Key((0, 0), description="notches to the right and down")
    risk: Risk = Key("reversible", description="an irreversible step is never done twice")
    expect: tuple[ExpectTable, ...] = ()
    doubt: str = Key(
        "", description="why it is not known what it acts on; it is not replayed before you say that and take this away"
    )
    target: MarkTable | None = None
    to: MarkTable | None = Key(None, description="where a drag ends")

    def noun(self) -> Act:
        target, to = (mark.noun() if mark else None for mark in (self.target, self.to))
        expect = tuple(each.noun() for each in self.expect)
        how = (self.button, self.count, self.keys, self.scroll, self.risk)
        if self.do == "hover" and (target is None or any(self.scroll)):
            said = "needs a target" if target is None else "scrolls nothing; take `scroll` away"
            raise UsageError(f'step {self.id!r}: do = "hover" {said}')
        do: Any = "scroll" if self.do == "hover" else self.do  # the pointer goes there, and scrolls by nothing
        return Act(self.id, do, target, to, self.text, *how, expect, self.say, self.doubt)


class EachTable(Table):
    """The steps inside, once for every row of a CSV file."""

    id: str = Key(min_length=1)
    do: Literal["each"]
    over: str = Key(description='a parameter of kind "rows"; inside, ${over.column} stands for a column of the row')
    steps: tuple[StepTable, ...] = Key(min_length=1)

    def noun(self) -> Each:
        return Each(self.id, self.over, tuple(step.noun() for step in self.steps))


class IfPresentTable(Table):
    """The steps inside if the target shows; else nothing."""

    id: str = Key(min_length=1)
    do: Literal["if present"]
    seconds: float = Key(1.0, ge=0, le=3600, description="how long to wait for the target to show")
    target: MarkTable
    steps: tuple[StepTable, ...] = Key(min_length=1)

    def noun(self) -> IfPresent:
        return IfPresent(self.id, self.target.noun(), tuple(step.noun() for step in self.steps), self.seconds)


def _sort(step: object) -> str:
    do = step.get("do") if isinstance(step, Mapping) else getattr(step, "do", None)
    return do if do in ("each", "if present") else "act"


StepTable = Annotated[
    Annotated[ActTable, Tag("act")] | Annotated[EachTable, Tag("each")] | Annotated[IfPresentTable, Tag("if present")],
    Discriminator(_sort),
]


class WorkflowTable(Table):
    """A workflow: what was shown once, as steps that can be done again with other values."""

    format: int = Key(FORMAT, ge=1, le=FORMAT, description="of this file; it is not for editing")
    name: str = Key(min_length=1)
    version: int = Key(1, ge=1)
    on: str = Key(description='"web", "desktop" or an app')
    goal: str = Key("", description="what it is for, in words")
    start: str = Key("", description="the url or window that it begins at")
    origins: Texts = Key((), description="where it may act: scheme, host and port; apps on a desktop")
    screen: tuple[int, int] = Key((0, 0), description="the size that it was shown on, in pixels")
    source: Literal["person", "run", "import"] = "person"
    allowed: Texts = Key((), description="what else may change in the world: patterns of keys of changes")
    healed: Texts = Key((), description="what was mended of the version before")
    params: dict[Annotated[str, Key(pattern=r"^[A-Za-z_][\w-]*$")], ParamTable] = {}
    steps: tuple[StepTable, ...] = Key(min_length=1)
    effects: tuple[dict[str, Any], ...] = Key((), description="what the world must show afterwards, each of a kind")

    def noun(self, effects: tuple[Requirement, ...]) -> Workflow:
        return Workflow(
            name=self.name,
            on=self.on,
            steps=tuple(step.noun() for step in self.steps),
            goal=self.goal,
            start=self.start,
            origins=self.origins,
            params=tuple(table.noun(name) for name, table in self.params.items()),
            effects=effects,
            allowed=self.allowed,
            screen=self.screen,
            source=self.source,
            version=self.version,
            healed=self.healed,
            format=self.format,
        )


# ---------------------------------------------------------------------------------------------- effects


@cache
def kinds() -> Mapping[str, type[Requirement]]:
    """The requirements by readable name: SettingIs is "setting"; where two would be called alike, by all words."""
    words = {each: re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", each.__name__) for each in checks.REQUIREMENTS}
    full = {each: " ".join(said).casefold() for each, said in words.items()}
    short = {each: " ".join(w for w in said.split() if w not in _VERBS) or said for each, said in full.items()}
    alike = [name for name in short.values() if list(short.values()).count(name) > 1]
    return {full[each] if short[each] in alike else short[each]: each for each in checks.REQUIREMENTS}


@cache
def effect_tables() -> Mapping[str, type[Table]]:
    """A table for each kind of requirement, with the fields that its class has."""
    return {kind: _table(kind, of) for kind, of in kinds().items()}


def requirement(table: Table) -> Requirement:
    """The requirement that a table of `effect_tables` stands for."""
    values = {name: getattr(table, name) for name in type(table).model_fields if name != "kind"}
    return kinds()[getattr(table, "kind")](**values)  # noqa: B009 - the field is made at run time


def _table(kind: str, of: type[Requirement]) -> type[Table]:
    hints = get_type_hints(of)
    made: dict[str, Any] = {"kind": (Literal[kind], ...)}
    truth = ("0", "1") if "query" in hints else ("false", "true")  # as databases hold it, or as texts say it
    made |= {each.name: (_spoken(hints[each.name], truth), _default(each)) for each in fields(of)}
    doc = " ".join((of.__doc__ or kind).split())
    return create_model(f"{of.__name__}Table", __base__=Table, __doc__=doc, **made)


def _spoken(hint: Any, truth: tuple[str, str]) -> Any:
    """The type where a text may also be written as a number, a date, false or true (by `truth`), for what that says."""
    if hint is str:
        said = partial(_text, truth=truth)
        return Annotated[str, BeforeValidator(said, json_schema_input_type=str | float | bool)]
    inner = tuple(each if each in (..., NoneType) else _spoken(each, truth) for each in get_args(hint))
    match get_origin(hint):
        case kind if kind is UnionType:
            return reduce(or_, inner)
        case kind if kind in (tuple, Mapping):
            return kind[inner]
        case _:
            return hint


def _text(value: object, truth: tuple[str, str]) -> object:
    match value:
        case bool():
            return truth[value]
        case int() | float():
            return str(value)
        case date() if not isinstance(value, datetime):  # which has more than one way to be written
            return value.isoformat()
        case _:
            return value


def _default(each: Field[Any]) -> Any:
    if each.default_factory is not MISSING:
        return Key(default_factory=each.default_factory)
    return ... if each.default is MISSING else each.default


# ---------------------------------------------------------------------------------------------- nouns to tables


def plain(workflow: Workflow) -> Plain:
    """The workflow as tables, in the order that a person reads: head, params, steps, effects."""
    head = _given(workflow, ("name", "version", "on"), ("steps", "params", "effects"))
    params = {each.name: _given(each, ("kind",), ("name",)) for each in workflow.params}
    effects = [effect(each) for each in workflow.effects]
    steps = [_step(each) for each in workflow.steps]
    rest = {"params": params, "steps": steps, "effects": effects}
    return {"format": workflow.format, **head, **{key: value for key, value in rest.items() if value}}


def effect(each: Requirement) -> Plain:
    """A requirement as its table."""
    kind = next(name for name, of in kinds().items() if type(each) is of)
    return {"kind": kind, **_given(each)}


def _step(step: Step) -> Plain:
    match step:
        case Each():
            return {"id": step.id, "do": "each", "over": step.over, "steps": [_step(each) for each in step.steps]}
        case IfPresent():
            inner = {"target": _mark(step.target), "steps": [_step(each) for each in step.steps]}
            return {"id": step.id, "do": "if present", "seconds": step.seconds, **inner}
        case Act():
            known = {"target": step.target, "to": step.to}
            marks = {key: _mark(mark) for key, mark in known.items() if mark is not None}
            say = {"say": step.say} if step.say else {}
            act = _given(step, ("id", "do", "risk"), ("target", "to", "expect", "say"))
            act |= {"do": "hover"} if step.do == "scroll" and step.target and not any(step.scroll) else {}
            expect = [_given(each, ("kind",)) for each in step.expect]
            return {"id": act.pop("id"), **say, **act, **({"expect": expect} if expect else {}), **marks}


def _mark(mark: Mark) -> Plain:
    table = _given(mark, ("role",))
    found = [f"{each.kind}={each.value}" for each in mark.locators]
    return {key: found if key == "locators" else value for key, value in table.items()}


def _given(noun: Any, always: tuple[str, ...] = (), never: tuple[str, ...] = ()) -> Plain:
    """Its fields that are not at their default, as TOML has them."""
    found: Plain = {}
    for each in fields(noun):
        value = getattr(noun, each.name)
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if each.name not in never and (each.name in always or value != default or type(value) is not type(default)):
            found[each.name] = _toml(value)
    return found


def _toml(value: object) -> object:
    match value:
        case None:
            return dict(UNSET)
        case tuple() | list():
            return [_toml(each) for each in value]
        case Mapping():
            return {key: _toml(each) for key, each in value.items()}
        case _:
            return value
