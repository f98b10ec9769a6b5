"""The Responses API with its computer tool, in both forms: `computer` (batched `actions`) and `computer_use_preview`
(one `action`). Shapes as in the types of the `openai` package, 3.54.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from openai.types.responses import Response, ResponseComputerToolCall

from cua.core import Action, Click, Drag, Move, Press, Scroll, Type, Wait
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
    actions: list[Any] = [*(call.actions or ())] or ([call.action] if call.action else [])
    cautions = tuple(Caution(each.id, each.code or "", each.message or "") for each in call.pending_safety_checks)
    acts = tuple(act for action in actions for act in _acts(action, shot))
    if not actions:
        raise Unparsable("the call has no action")
    return Said(acts, look=not acts, thought=text, cautions=cautions, call=call.call_id)


def _acts(action: Any, shot: Shot) -> Sequence[Action]:
    match action.type:
        case "screenshot":
            return ()
        case "click":
            return (_click(action, shot),)
        case "double_click":
            return (Click(shot.point(action.x, action.y), count=2, keys=held(action.keys)),)
        case "drag":
            return (_drag(action, shot),)
        case "keypress":
            return (Press(chord(action.keys)),)
        case "move":
            return (Move(shot.point(action.x, action.y)),)
        case "scroll":
            dx, dy = notches(action.scroll_x), notches(action.scroll_y)
            return (Scroll(shot.point(action.x, action.y), dx, dy),) if dx or dy else ()
        case "type":
            return (Type(action.text),) if action.text else ()
        case "wait":
            return (Wait(_WAIT),)
        case kind:
            raise Unparsable(f"there is no action {kind!r}")


def _click(action: Any, shot: Shot) -> Action:
    if action.button in _NAVIGATION:
        return Press(_NAVIGATION[action.button])
    if action.button not in _BUTTONS:
        raise Unparsable(f"there is no button {action.button!r}; there are: {', '.join((*_BUTTONS, *_NAVIGATION))}")
    return Click(shot.point(action.x, action.y), _BUTTONS[action.button], keys=held(action.keys))


def _drag(action: Any, shot: Shot) -> Drag:
    path = [(at["x"], at["y"]) if isinstance(at, dict) else (at.x, at.y) for at in action.path]
    if len(path) < 2:
        raise Unparsable("a drag needs the point where it begins and the one where it ends")
    return Drag(shot.point(*path[0]), shot.point(*path[-1]))


def notches(pixels: float) -> int:
    """Pixels as notches of the wheel: at least one for any way at all."""
    count = round(abs(pixels) / NOTCH) or (1 if pixels else 0)
    return count if pixels > 0 else -count
