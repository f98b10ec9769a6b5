"""A workflow in lines, for a person: its parameters, its steps with what they need and bring about, its effects.

Tells what the workflow holds and judges nothing. No secret is in a workflow, so none is in the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, assert_never

from cua.checks import Requirement
from cua.memory.workflows import Act, Each, IfPresent, Mark, Param, Step, Workflow
from cua.policies.given import only_given
from cua.policies.trail import awaited, called
from cua.record.shape import kinds
from cua.secrets import variable_of

_WAYS = 3
_LONGEST = 70


def lines(workflow: Workflow) -> Iterator[str]:
    """The whole workflow, a line at a time."""
    size = f", {workflow.screen[0]}x{workflow.screen[1]}" if any(workflow.screen) else ""
    begins = f", begins at {workflow.start}" if workflow.start else ""
    yield f"{workflow.name}: version {workflow.version}, on {workflow.on}{size}{begins}"
    if workflow.goal and workflow.goal != workflow.name:
        yield f"goal: {workflow.goal}"
    yield from map(_param, workflow.params)
    yield from _steps(workflow.steps, "")
    yield from (f"then the world must show: {_effect(effect)}" for effect in workflow.effects)
    yield from (f"mended: {what}" for what in workflow.healed)


def _param(param: Param) -> str:
    kind = "" if param.kind == "text" else f" ({param.kind})"
    if param.kind == "secret":
        default = f", from the keyring (cua secret set {param.name}) or the environment ({variable_of(param.name)})"
    else:
        default = ", must be given" if param.default is None else f", {param.default!r} if unsaid"
    label = f", field {param.label!r}" if param.label and param.label != param.name else ""
    return f"parameter {param.name}{kind}{default}{label}"


def _steps(steps: tuple[Step, ...], inside: str) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        at = f"{inside}{number}"
        indent = "  " * at.count(".")
        match step:
            case Act():
                risk = "" if step.risk == "reversible" else f"  [{step.risk}]"
                yield f"{indent}{at:>3}. {told(step)}{risk}"
                yield from (f"{indent}       {line}" for line in _about(step))
            case Each():
                yield f"{indent}{at:>3}. for each row of {step.over}:"
                yield from _steps(step.steps, f"{at}.")
            case IfPresent():
                yield f"{indent}{at:>3}. if {called(step.target)} shows within {step.seconds:g} s:"
                yield from _steps(step.steps, f"{at}.")
            case _:
                assert_never(step)


def told(act: Act) -> str:
    """What a step does, in a line."""
    text = act.text if len(act.text) <= _LONGEST else act.text[: _LONGEST - 1] + "\u2026"
    target = called(act.target) if act.target else ""
    match act.do:
        case "fill":
            return f"fill {target} with {text!r}"
        case "type":
            return f"type {text!r}{f' into {target}' if target else ''}"
        case "press":
            return f"press {text}{f' in {target}' if target else ''}"
        case "open":
            return f"open {text}"
        case "drag":
            return f"drag {target} to {called(act.to) if act.to else 'nothing'}"
        case "click":
            how = "double-click" if act.count == 2 else "click" if act.button == "left" else f"{act.button}-click"
            return f"{how} {target}" + (f" with {'+'.join(act.keys)}" if act.keys else "")
        case "scroll" if target and not any(act.scroll):
            return f"point at {target}"
        case "scroll":
            return f"scroll {act.scroll[0]}, {act.scroll[1]}{f' at {target}' if target else ''}"
        case "wait":
            return "wait"
        case _:
            assert_never(act.do)


def _about(act: Act) -> Iterator[str]:
    if act.say:
        yield act.say
    if act.doubt:
        yield f"DOUBTFUL, so it is not replayed: {act.doubt}"
    ways = [at.kind for at in act.target.locators] if act.target else []
    if act.target and act.target.name and act.target.role in ("", "?"):
        ways.insert(0, "its name")
    if ways:
        more = f" and {len(ways) - _WAYS} more" if len(ways) > _WAYS else ""
        yield f"found by {', '.join(ways[:_WAYS])}{more}"
    if act.target and (inside := _inside(act.target)):
        yield f"only inside of {inside}"
    yield from (f"then {awaited(expect)}" for expect in act.expect)


def _inside(mark: Mark) -> str:
    """What a file of another tool says is around a target, which a replay holds it to."""
    if not only_given(mark):
        return ""
    row = f"the row of {' and '.join(map(repr, mark.row))}" if mark.row else ""
    frame = f"the frame {mark.says['frame']}" if "frame" in mark.says else ""
    return ", ".join([*map(repr, mark.path), *filter(None, (row, frame))])


def _effect(effect: Requirement) -> str:
    given = {each.name: getattr(effect, each.name) for each in fields(effect)}
    plain = {each.name: each.default for each in fields(effect)}
    said = {name: value for name, value in given.items() if value not in ("", (), {}, None, False, plain[name])}
    kind = next(name for name, of in kinds().items() if of is type(effect))
    return f"{kind}: {', '.join(f'{name} {_plainly(value)}' for name, value in said.items())}"


def _plainly(value: Any) -> str:
    """As it stands in the file, in short."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{name} = {_plainly(each)}' for name, each in value.items())}}}"
        case tuple():
            return ", ".join(map(_plainly, value))
        case _:
            return repr(value)
