"""A step as a model would have been asked for it, and as it would have answered: a prompt, and a call of our tools.

Each question stands for itself: what was done before is told in its words, so that leaving one out leaves no hole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from cua.core import (
    Action,
    Ask,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Run,
    Scroll,
    Target,
    Type,
    Wait,
)
from cua.policies.models import chat
from cua.policies.models.keys import chord, held
from cua.policies.models.said import Shot, Unparsable, aimed
from cua.policies.models.talk import Talk

Message = dict[str, Any]
_NOWHERE = Shot(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked before an act: the words, and which element each number in them is."""

    rules: str
    words: str
    elements: chat.Numbered
    now: Observation

    @property
    def messages(self) -> list[Message]:
        """As a conversation that waits for its answer."""
        return [{"role": "system", "content": self.rules}, {"role": "user", "content": self.words}]

    def answer(self, action: Action) -> Message | None:
        """The call that our own grammar reads as that act on the elements of this question; None where it has none."""
        act = self._meant(action)
        called = _call(act, {id(element): number for number, element in self.elements.items()}) if act else None
        if act is None or called is None:
            return None
        name, given = called
        try:
            said = chat.read([("", name, json.dumps(given))], "", self.elements, _NOWHERE)
        except Unparsable:
            return None
        return _message([(name, given)]) if len(said.acts) == 1 and _same(said.acts[0], act) else None

    def _meant(self, action: Action) -> Action | None:
        """The act on the elements of the question's list, as a model would say it."""
        try:
            match action:
                case Click(target=target, keys=keys):
                    return replace(action, target=self._listed(target), keys=held(keys))
                case Invoke(target=target):
                    return Click(self._listed(target))
                case Fill(target=target):
                    return replace(action, target=_element(self._listed(target)))
                case Move(target=target) | Scroll(target=target):
                    return replace(action, target=self._listed(target))
                case Drag(start=start, end=end):
                    return replace(action, start=self._listed(start), end=self._listed(end))
                case Press(keys=keys):
                    return replace(action, keys=chord(keys))
                case _:
                    return action
        except Unparsable:
            return None

    def _listed(self, target: Target) -> Element:
        """The element of the list; a point that clearly means a control is that. Raises Unparsable for no such one."""
        wanted = aimed(target, self.now) if isinstance(target, Point) else target
        if isinstance(wanted, Element):
            for element in self.elements.values():
                if (element.ref, element.role, element.name) == (wanted.ref, wanted.role, wanted.name):
                    return element
        raise Unparsable("it is not in the list")


def question(run: Run, at: int) -> Question:
    """What would be asked before act `at` of the run, or after its last one."""
    now = run.steps[at].seen if at < len(run.steps) else run.last
    assert now is not None
    nonce = hashlib.blake2b(run.id.encode("utf-8", "replace"), digest_size=8).hexdigest()  # the same at every export
    talk = Talk(run.task, sees=False, nonce=nonce)
    words, shown = talk.now(run.steps[:at], now)
    return Question(talk.rules(), words, shown.elements, now)


def answered(message: dict[str, Any]) -> Message | None:
    """A model's answer as chat templates take it, with arguments as objects; None where they are none."""
    try:
        calls = [
            (call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"))
            for call in message.get("tool_calls") or ()
        ]
    except (KeyError, TypeError, ValueError):
        return None
    return _message(calls, message.get("content") or "")


def _message(calls: list[tuple[str, Any]], content: str = "") -> Message:
    said: Message = {"role": "assistant", "content": content}
    if calls:
        said["tool_calls"] = [
            {"type": "function", "function": {"name": name, "arguments": given}} for name, given in calls
        ]
    return said


def _same(said: Action, act: Action) -> bool:
    """What is read of saying that it is done may hold evidence besides."""
    if isinstance(said, Finish) and isinstance(act, Finish):
        return said.claim == act.claim
    return said == act


def _element(target: Target) -> Element:
    assert isinstance(target, Element)
    return target


def _call(action: Action, numbers: dict[int, int]) -> tuple[str, dict[str, Any]] | None:
    """Which tool with which arguments; nothing is said that is the tool's own default."""
    match action:
        case Click(target, button, count, keys):
            given = {"button": button, "count": count, "keys": list(keys)}
            usual = {"button": "left", "count": 1, "keys": []}
            return "click", {"element": numbers[id(target)]} | {k: v for k, v in given.items() if v != usual[k]}
        case Fill(target, text):
            return "fill", {"element": numbers[id(target)], "text": text}
        case Scroll(target, dx, dy):
            way = ("down" if dy > 0 else "up") if dy else ("right" if dx > 0 else "left")
            return "scroll", {"element": numbers[id(target)], "direction": way, "notches": abs(dy or dx)}
        case Move(target):
            return "move", {"element": numbers[id(target)]}
        case Drag(start, end):
            return "drag", {"element": numbers[id(start)], "to_element": numbers[id(end)]}
        case _:
            return _spoken(action)


def _spoken(action: Action) -> tuple[str, dict[str, Any]] | None:
    """The same of the acts without a target."""
    match action:
        case Type(text):
            return "type", {"text": text}
        case Press(keys):
            return "press", {"keys": keys}
        case Open(what):
            return "open", {"what": what}
        case Wait(seconds):
            return "wait", {"seconds": seconds}
        case Ask(question, choices):
            return "ask", {"question": question, "choices": list(choices)}
        case Finish(claim):
            return "done", {"claim": claim}
        case _:
            return None
