"""Chat Completions with function tools over our own acts: elements by their number in the list, or points."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cua.core import Action, Ask, Click, Drag, Element, Fill, Move, Open, Press, Scroll, Target, Type, Wait
from cua.policies.models.evidence import MOST, Piece, Proven
from cua.policies.models.keys import MODIFIERS, chord, held
from cua.policies.models.said import Said, Shot, Unparsable

Numbered = Mapping[int, Element]
_NOTCHES = 5


class _Tool(BaseModel):
    """What a model may call. Its fields are the parameters, its docstring is what the model reads of it."""

    model_config = ConfigDict(extra="forbid")
    called: ClassVar[str]

    why: str = Field(default="", description="Your reason, in a few words.")

    def act(self, elements: Numbered, shot: Shot) -> Action | None:
        """What it means; None for a look."""
        raise NotImplementedError


class _Aimed(_Tool):
    element: int | None = Field(default=None, description="Its number in the list of elements.")
    x: float | None = Field(default=None, description="Only for what is not in the list: pixels of the picture.")
    y: float | None = None

    def target(self, elements: Numbered, shot: Shot) -> Target:
        """Raises Unparsable where neither an element of the list nor a point is named, or both."""
        return _target(self.called, self.element, self.x, self.y, (elements, shot))


class ClickOn(_Aimed):
    """Click an element."""

    called = "click"

    button: Literal["left", "middle", "right"] = "left"
    count: int = Field(default=1, ge=1, le=3, description="2 for a double click.")
    keys: list[str] = Field(default=[], description=f"Held meanwhile: {', '.join(MODIFIERS)}.")

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Click(self.target(elements, shot), self.button, self.count, held(self.keys), why=self.why)


class FillIn(_Tool):
    """Make a field hold exactly this text: a text box, a number, a slider, or a choice by its label."""

    called = "fill"

    element: int
    text: str

    def act(self, elements: Numbered, shot: Shot) -> Action:
        target = _target(self.called, self.element, None, None, (elements, shot))
        assert isinstance(target, Element)
        return Fill(target, self.text, why=self.why)


class TypeIn(_Tool):
    """Type text where the keyboard is."""

    called = "type"

    text: str = Field(min_length=1)

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Type(self.text, why=self.why)


class PressKeys(_Tool):
    """Press a key or a chord, such as Return or ctrl+shift+s."""

    called = "press"

    keys: str = Field(min_length=1)

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Press(chord(self.keys), why=self.why)


class ScrollOver(_Aimed):
    """Scroll with the wheel over an element."""

    called = "scroll"

    direction: Literal["up", "down", "left", "right"] = "down"
    notches: int = Field(default=_NOTCHES, ge=1, le=100)

    def act(self, elements: Numbered, shot: Shot) -> Action:
        ways = {"down": (0, 1), "up": (0, -1), "right": (1, 0), "left": (-1, 0)}
        dx, dy = ways[self.direction]
        return Scroll(self.target(elements, shot), dx * self.notches, dy * self.notches, why=self.why)


class MoveTo(_Aimed):
    """Let the pointer rest on an element."""

    called = "move"

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Move(self.target(elements, shot), why=self.why)


class DragTo(_Aimed):
    """Drag an element onto another one."""

    called = "drag"

    to_element: int | None = None
    to_x: float | None = None
    to_y: float | None = None

    def act(self, elements: Numbered, shot: Shot) -> Action:
        end = _target("drag to", self.to_element, self.to_x, self.to_y, (elements, shot))
        return Drag(self.target(elements, shot), end, why=self.why)


class OpenIt(_Tool):
    """Open a web address, a file, or an app by its command."""

    called = "open"

    what: str = Field(min_length=1)

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Open(self.what, why=self.why)


class WaitFor(_Tool):
    """Wait until nothing moves any more, at most so many seconds."""

    called = "wait"

    seconds: float = Field(default=2.0, ge=0, le=60)

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Wait(self.seconds, why=self.why)


class Look(_Tool):
    """See the screen again as it is now."""

    called = "look"

    def act(self, elements: Numbered, shot: Shot) -> None:
        return None


class AskPerson(_Tool):
    """Stop and ask the person: where something is not said, or must not be decided without them."""

    called = "ask"

    question: str = Field(min_length=1)
    choices: list[str] = []

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Ask(self.question, tuple(self.choices), why=self.why)


class Shows(BaseModel):
    """A look at the screen that proves a part of it."""

    model_config = ConfigDict(extra="forbid")

    look: int | Literal["now"] = Field(
        description="The number of an act in 'Done so far', for what showed after it; or 'now'."
    )
    shows: str = Field(description="What that look proves.")


class Done(_Tool):
    """The task is done, and what you see shows it. A judge decides on the evidence alone: where the screen does not
    show yet what came of the task, go to where it shows before you say so.
    """

    called = "done"

    claim: str = Field(description="What was done, in a sentence.")
    evidence: list[Shows] = Field(
        default=[], max_length=MOST, description=f"Up to {MOST} looks that prove it together, no more than are needed."
    )

    def act(self, elements: Numbered, shot: Shot) -> Action:
        return Proven(self.claim, tuple(Piece(each.look, each.shows) for each in self.evidence), why=self.why)


TOOLS: Mapping[str, type[_Tool]] = {
    tool.called: tool
    for tool in (
        ClickOn, FillIn, TypeIn, PressKeys, ScrollOver, MoveTo, DragTo, OpenIt, WaitFor, Look, AskPerson, Done
    )
}  # fmt: skip


@cache  # it never changes, and takes longer than all else that is asked
def tools() -> list[dict[str, Any]]:
    """What the request names as tools; not to be changed."""
    return [{"type": "function", "function": _described(name, tool)} for name, tool in TOOLS.items()]


def _described(name: str, tool: type[_Tool]) -> dict[str, Any]:
    schema = tool.model_json_schema()
    parameters = {key: value for key, value in schema.items() if key not in ("title", "description")}
    for field in parameters["properties"].values():
        field.pop("title", None)
    return {"name": name, "description": " ".join((tool.__doc__ or "").split()), "parameters": parameters}


def read(calls: Sequence[tuple[str, str, str]], text: str, elements: Numbered, shot: Shot) -> Said:
    """What a reply says: its calls, each with its id, name and arguments as JSON, or a call written as JSON in the text
    by a model that knows no tools. Raises Unparsable.
    """
    written = [(name, given) for _, name, given in calls] or _in_words(text)
    if not written:
        raise Unparsable(f"call one of the tools: {', '.join(TOOLS)}")
    acts = [_act(name, given, elements, shot) for name, given in written]
    call = calls[0][0] if calls else ""
    done = tuple(act for act in acts if act is not None)
    return Said(done, look=not done, thought=text.strip() if calls else "", call=call)


def _act(name: str, given: str, elements: Numbered, shot: Shot) -> Action | None:
    if name not in TOOLS:
        raise Unparsable(f"there is no tool {name!r}; there are: {', '.join(TOOLS)}")
    try:
        return TOOLS[name].model_validate_json(given or "{}").act(elements, shot)
    except ValidationError as exc:
        wrong = exc.errors()[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise Unparsable(f"{name}{f', {where}' if where else ''}: {wrong['msg']}") from exc


def _in_words(text: str) -> list[tuple[str, str]]:
    """A call as an object in the text: {"name": "click", "arguments": {...}}, or {"action": "click", ...}."""
    for at, sign in enumerate(text):
        if sign != "{":
            continue
        try:
            found, _ = json.JSONDecoder().raw_decode(text[at:])
        except ValueError:
            continue
        if isinstance(found, dict) and (call := _call_of(found)):
            return [call]
    return []


def _call_of(found: dict[str, Any]) -> tuple[str, str] | None:
    for key in ("name", "action", "tool"):
        if isinstance(name := found.get(key), str):
            given = found.get("arguments", found.get("parameters"))
            rest = {other: value for other, value in found.items() if other != key}
            return name, given if isinstance(given, str) else json.dumps(rest if given is None else given)
    return None


def _target(what: str, element: int | None, x: float | None, y: float | None, there: tuple[Numbered, Shot]) -> Target:
    elements, shot = there
    point = None not in (x, y)
    if element is not None and not point and x is None and y is None:
        if element not in elements:
            most = max(elements, default=0)
            raise Unparsable(f"{what}: there is no element {element}; the list goes from 1 to {most}")
        return elements[element]
    if element is None and x is not None and y is not None:
        return shot.point(x, y)
    raise Unparsable(f"{what}: name either an element by its number, or both x and y")
