"""The form of a recording of the browser's recorder: which fields its steps have, and of what kind.

It only looks; a field that is missing or of another kind is told by its step and name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cua.errors import UsageError

Step = Mapping[str, Any]
_NEEDS = {
    "navigate": ("url",), "setViewport": ("width", "height"), "click": ("selectors",), "doubleClick": ("selectors",),
    "hover": ("selectors",), "change": ("selectors", "value"), "keyDown": ("key",), "keyUp": ("key",),
    "waitForElement": ("selectors",), "waitForExpression": ("expression",),
}  # fmt: skip
_KINDS = {
    "type": "a text", "url": "a text", "value": "a text", "key": "a text", "expression": "a text", "target": "a text",
    "button": "a text", "operator": "a text", "width": "a number", "height": "a number", "timeout": "a number",
    "offsetX": "a number", "offsetY": "a number", "x": "a number", "y": "a number", "count": "a number",
    "visible": "true or false", "frame": "a list of numbers", "selectors": "a list of selectors",
    "assertedEvents": "a list of events",
}  # fmt: skip
_LARGEST = 1e7
_AGAIN = "export it again from the recorder, as JSON, or mend it there"


def steps_of(document: Step) -> list[Step]:
    """Its steps, each with every field of the kind that it must be. Raises UsageError that names step and field."""
    steps = document["steps"]
    if not isinstance(steps, list):
        raise UsageError(f"the recording is damaged: the field 'steps' must be a list of steps; {_AGAIN}")
    for number, step in enumerate(steps, 1):
        if not isinstance(step, dict):
            raise UsageError(f"step {number} is damaged: it must be an object with a field 'type'; {_AGAIN}")
        kind = step.get("type")
        where = f"step {number} ({kind})" if isinstance(kind, str) else f"step {number}"
        for name in ("type", *(_NEEDS.get(kind, ()) if isinstance(kind, str) else ())):
            if name not in step:
                raise UsageError(f"{where} is damaged: the field {name!r} is missing; {_AGAIN}")
        odd = next((name for name in _KINDS if name in step and not _is(_KINDS[name], step[name])), "")
        if odd:
            raise UsageError(f"{where} is damaged: the field {odd!r} must be {_KINDS[odd]}; {_AGAIN}")
    return steps


def _is(kind: str, value: object) -> bool:
    match kind:
        case "a text":
            return isinstance(value, str)
        case "true or false":
            return isinstance(value, bool)
        case "a number":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and math.isfinite(value) and abs(value) < _LARGEST  # type: ignore[arg-type]
        case "a list of numbers":
            return isinstance(value, list) and all(_is("a number", each) for each in value)
        case "a list of events":
            return isinstance(value, list) and all(_is_event(each) for each in value)
        case _:
            return isinstance(value, list) and all(_is_selector(each) for each in value)


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name, ""), str) for name in ("type", "url", "title"))


def _is_selector(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))
