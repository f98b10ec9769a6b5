"""Whether a workflow makes sense as a whole: every slot has a value, every step what it needs, no secret that shows.

Pure look-ups over the nouns, for what was compiled as for what a person wrote. It mends nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Literal, get_args, get_origin, get_type_hints

from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Step, Workflow, slots
from cua.record.doubtful import NOT_KNOWN

DEEPEST = 8  # steps inside steps
_NEEDS_TARGET = ("click", "fill", "drag")
_NEEDS_TEXT = ("type", "press", "open")
_TYPED = ("fill", "type")
_FEW = {
    noun: {name: get_args(hint) for name, hint in get_type_hints(noun).items() if get_origin(hint) is Literal}
    for noun in (Act, Expect, Param)
}
_CODE = re.compile(r"(?i)[\s\x00-\x1f]*(javascript|vbscript|data|blob|filesystem|view-source)\s*:")


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a text stands: whose it is in words, and which rows are at hand there."""

    where: str
    params: Mapping[str, Param]
    over: tuple[str, ...] = ()


def check(workflow: Workflow) -> None:
    """Raises UsageError that names the step or key, and says what to do."""
    room = _Room("", _params(workflow))
    head = replace(workflow, steps=(), params=(), healed=(), name="", on="", origins=())
    for key in ("goal", "start", "allowed", "effects"):
        _texts(replace(room, where=key), getattr(head, key))
    for text in (*workflow.origins, workflow.name, workflow.on):
        if slots(text):
            raise UsageError(f"{text!r} cannot hold a value: name, on and origins are the same for every replay")
    if workflow.on == "web":
        opened = [(f"step {act.id!r}", act.text) for act in workflow.acts() if act.do == "open"]
        for where, url in (("start", workflow.start), *opened):
            if said := unsafe(url):
                raise UsageError(f"{where}: {said}")
    ids = Counter(step.id for step in _every(workflow.steps))
    twice = [name for name, count in ids.items() if count > 1]
    if twice:
        raise UsageError(f"there are {ids[twice[0]]} steps with the id {twice[0]!r}; give each an id of its own")
    _steps(room, workflow.steps, 1)


def unsafe(url: str) -> str:
    """Why a page is not opened at this address; "" if nothing speaks against it."""
    if _CODE.match(url) is None:
        return ""
    return f"{url.strip()[:60]!r} is code or content, and no place to go to; give an address with http:// or https://"


def _params(workflow: Workflow) -> dict[str, Param]:
    counted = Counter(param.name for param in workflow.params)
    for param in workflow.params:
        _choices(f"params.{param.name}", param)
        if counted[param.name] > 1:
            raise UsageError(f"there are {counted[param.name]} parameters called {param.name!r}; rename one")
        if param.kind == "secret" and param.default is not None:
            raise UsageError(
                f"params.{param.name}: a secret has no default, its text may stand in no file; take it out and "
                "give the name of the secret at the replay"
            )
    return {param.name: param for param in workflow.params}


def _every(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if not isinstance(step, Act):
            yield from _every(step.steps)


def _steps(room: _Room, steps: tuple[Step, ...], depth: int) -> None:
    if depth > DEEPEST:
        raise UsageError(f"{room.where}: steps stand inside steps more than {DEEPEST} deep; take some out")
    for step in steps:
        inside = replace(room, where=f"step {step.id!r}")
        match step:
            case Act():
                _act(inside, step)
            case IfPresent():
                _texts(inside, step.target)
                _steps(inside, step.steps, depth + 1)
            case Each():
                _over(inside, step)
                _steps(replace(inside, over=(*room.over, step.over)), step.steps, depth + 1)


def _over(room: _Room, step: Each) -> None:
    param = room.params.get(step.over)
    if param is None or param.kind != "rows":
        rows = [name for name, each in room.params.items() if each.kind == "rows"]
        said = f"of kind {param.kind!r}" if param else "no parameter"
        raise UsageError(
            f'{room.where}: over = {step.over!r} is {said}; it must be one of kind "rows" (there are: '
            f'{", ".join(rows) or "none"}). Add [params.{step.over}] with kind = "rows"'
        )
    if step.over in room.over:
        raise UsageError(f"{room.where}: it stands inside a loop over the same rows; give it rows of its own")


def _choices(where: str, noun: Act | Expect | Param) -> None:
    """Each word that is one of a few must be one of these: a record may be damaged, or of a later cua."""
    for name, few in _FEW[type(noun)].items():
        if (given := getattr(noun, name)) not in few:
            raise UsageError(
                f"{where}: {name} = {given!r} is nothing that this cua knows; there are: {', '.join(few)}. Update cua "
                "if a later one wrote it; else take it away and show it once more"
            )


def _act(room: _Room, act: Act) -> None:
    _choices(room.where, act)
    for number, expect in enumerate(act.expect):
        _choices(f"{room.where}: expect[{number}]", expect)
    if act.do in _NEEDS_TARGET and act.target is None:
        raise UsageError(f'{room.where}: do = "{act.do}" needs a target; add a table "target" below the step')
    if not act.doubt and NOT_KNOWN in (act.target, act.to):
        raise UsageError(
            f"{room.where}: nothing says what its target is; give it a role and a name, or delete the step"
        )
    if act.do == "drag" and act.to is None:
        raise UsageError(f'{room.where}: do = "drag" needs a place to end at; add a table "to" below the step')
    if act.do in _NEEDS_TEXT and not act.text:
        raise UsageError(f'{room.where}: do = "{act.do}" needs a text; add text = "..."')
    if act.do in _TYPED:
        _slots(room, act.text, secret=True)
    else:
        _texts(room, act.text)
    _texts(room, replace(act, text="", doubt=""))


def _texts(room: _Room, holder: object) -> None:
    """Check every text that a noun holds."""
    match holder:
        case str():
            _slots(room, holder, secret=False)
        case tuple() | list():
            for each in holder:
                _texts(room, each)
        case Mapping():
            _texts(room, tuple(holder.values()))
        case Mark():
            unfilled = slots(" ".join((holder.role, holder.window, *holder.says.values())))
            if unfilled:
                raise UsageError(
                    f"{room.where}: ${{{unfilled[0]}}} cannot stand in the role, window or says of a target"
                )
            _texts(room, (holder.name, holder.path, holder.row, holder.near, [at.value for at in holder.locators]))
        case _ if is_dataclass(holder):
            for field in fields(holder):
                _texts(room, getattr(holder, field.name))


def _slots(room: _Room, text: str, *, secret: bool) -> None:
    for slot in slots(text):
        name, _, column = slot.partition(".")
        param = room.params.get(name)
        if param is None:
            known = ", ".join(room.params) or "none"
            raise UsageError(
                f"{room.where}: ${{{slot}}} stands for no parameter (there are: {known}). Add [params.{name}], or "
                "write $${ where no value is meant"
            )
        if column and param.kind != "rows":
            raise UsageError(f"{room.where}: ${{{slot}}} asks for a column, but {name!r} is of kind {param.kind!r}")
        if column and name not in room.over:
            raise UsageError(f'{room.where}: ${{{slot}}} stands outside of a step with do = "each", over = "{name}"')
        if param.kind == "rows" and not column:
            raise UsageError(f"{room.where}: ${{{slot}}} stands for whole rows; name a column: ${{{name}.COLUMN}}")
        if param.kind == "secret" and not secret:
            raise UsageError(
                f"{room.where}: the secret ${{{slot}}} would show there; it may stand only in the text of a step that "
                "fills or types"
            )
