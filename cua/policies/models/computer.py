"""The Responses API with its computer tool, in both forms: `computer` (batched `actions`) and `computer_use_preview`
(one `action`). Shapes as in the types of the `openai` package, 3.54.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from openai.types.responses import Response, ResponseComputerToolCall

from cua.core import Action, Click, Drag, Move, Point, Press, Scroll, Type, Wait
from cua.policies.models.keys import chord, held
from cua.policies.models.said import Caution, Said, Shot, Unparsable

NOTCH = 100  # pixels that one notch of the wheel scrolls, about
_WAIT = 2.0
_BUTTONS: Mapping[str, Literal["left", "middle", "right"]] = {
    "left": "left",
    "right": "right",
    "wheel": "middle",
    "middle": "middle",
}
_NAVIGATION = {"back": "alt+Left", "forward": "alt+Right"}


def tool(preview: bool, shot: Shot, environment: str) -> dict[str, Any]:
    """The tool as the request names it; `environment` is "linux" or "browser"."""
    if not preview:
        return {"type": "computer"}
    return {
        "type": "computer_use_preview",
        "display_width": shot.width,
        "display_height": shot.height,
        "environment": environment,
    }


def read(reply: Response, shot: Shot) -> Said:
    """What it says. Raises Unparsable. A reply without a call has no acts: its text is the thought."""
    text = reply.output_text.strip()
    calls = [item for item in reply.output if isinstance(item, ResponseComputerToolCall)]
    if not calls:
        return Said(thought=text)
    if len(calls) > 1:
        raise Unparsable("one call of the computer tool at a time, please: the screen is looked at between them")
    (call,) = calls
    batch: Any = call.actions
    actions: list[Any] = batch if isinstance(batch, list) and batch else [call.action] if call.action else []
    acts = tuple(act for action in actions for act in _acts(action, shot))
    if not actions:
        raise Unparsable("the call has no action")
    return Said(acts, look=not acts, thought=text, cautions=cautions(call), call=call.call_id)


def cautions(call: ResponseComputerToolCall) -> tuple[Caution, ...]:
    """What a person must have looked at before it is done."""
    checks = call.pending_safety_checks or ()
    return tuple(Caution(each.id, each.code or "", each.message or "") for each in checks)


def echo(reply: Response, picture: str) -> list[dict[str, Any]]:
    """The items that go back after a call whose checks were passed: what the endpoint said, which keeps nothing itself,
    and the screen as it now is, with those checks. Empty where it asked for none, or there is no picture to show.
    """
    calls = [item for item in reply.output if isinstance(item, ResponseComputerToolCall)]
    if not picture or not calls or not calls[0].pending_safety_checks:
        return []
    said = [item.model_dump(mode="json", exclude_unset=True, warnings=False) for item in reply.output]
    checks = [check.model_dump(mode="json", exclude_unset=True) for check in calls[0].pending_safety_checks]
    seen = {
        "type": "computer_call_output",
        "call_id": calls[0].call_id,
        "output": {"type": "computer_screenshot", "image_url": picture},
        "acknowledged_safety_checks": checks,
    }
    return [*said, seen]


def _acts(action: Any, shot: Shot) -> Sequence[Action]:
    match getattr(action, "type", None):
        case "screenshot":
            return ()
        case "click":
            return (_click(action, shot),)
        case "double_click":
            return (Click(_point(action, shot), count=2, keys=_held(action)),)
        case "drag":
            return (_drag(action, shot),)
        case "keypress":
            return (Press(chord(_given(action, "keys", list))),)
        case "move":
            return (Move(_point(action, shot)),)
        case "scroll":
            dx, dy = (notches(_given(action, name, int | float)) for name in ("scroll_x", "scroll_y"))
            _free(action)
            return (Scroll(_point(action, shot), dx, dy),) if dx or dy else ()
        case "type":
            return (Type(text),) if (text := _given(action, "text", str)) else ()
        case "wait":
            return (Wait(_WAIT),)
        case kind:
            raise Unparsable(f"there is no action {kind!r}")


def _given(action: Any, name: str, kind: Any) -> Any:
    """A field of it. The package does not look whether an answer has all that its types promise."""
    value = action.get(name) if isinstance(action, dict) else getattr(action, name, None)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unparsable(f"{name} is missing there, or is none: {value!r}")
    return value


def _point(action: Any, shot: Shot) -> Point:
    return shot.point(_given(action, "x", int | float), _given(action, "y", int | float))


def _held(action: Any) -> tuple[str, ...]:
    keys = getattr(action, "keys", None)
    return held(_given(action, "keys", list)) if keys is not None else ()


def _free(action: Any) -> None:
    """Raises Unparsable where keys are to be held during what nothing can be held during."""
    if keys := _held(action):
        raise Unparsable(f"{action.type} with {' and '.join(keys)} held cannot be done; use a command of the app")


def _click(action: Any, shot: Shot) -> Action:
    button = _given(action, "button", str)
    if button in _NAVIGATION:
        return Press(_NAVIGATION[button])
    if button not in _BUTTONS:
        raise Unparsable(f"there is no button {button!r}; there are: {', '.join((*_BUTTONS, *_NAVIGATION))}")
    return Click(_point(action, shot), _BUTTONS[button], keys=_held(action))


def _drag(action: Any, shot: Shot) -> Drag:
    path = _given(action, "path", list)
    _free(action)
    if len(path) < 2:
        raise Unparsable("a drag needs the point where it begins and the one where it ends")
    return Drag(_point(path[0], shot), _point(path[-1], shot))


def notches(pixels: float) -> int:
    """Pixels as notches of the wheel: at least one for any way at all."""
    count = round(abs(pixels) / NOTCH) or (1 if pixels else 0)
    return count if pixels > 0 else -count
