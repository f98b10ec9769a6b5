"""Rows for supervised training: the steps of runs that passed, each as a question and its answer.

Where a model was asked, the row is what it was sent and what it answered, word for word; else the question is the one
that a model would have been asked, and the answer the call that our own grammar reads as the act that was done.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cua.core import Action, Click, Element, Fill, Finish, Invoke, Press, Run, Type, Wait
from cua.exporting.asking import Message, answered, question
from cua.exporting.chosen import Judged
from cua.exporting.correct import wrong
from cua.exporting.folder import Folder
from cua.exporting.tally import Tally
from cua.memory.exchanges import Exchange
from cua.policies.models import chat, code, ui_tars
from cua.policies.models.said import Said, Shot, Unparsable

FILE, WITH_PICTURES = "sft.jsonl", "sft_with_pictures.jsonl"
UNSAYABLE = "not to be said with a number of the list"
HALF_DONE = "of an answer that was not done as a whole"
LOST = "asked with a picture that is not on record"
# any number that a model may have named, and any point: here it only matters which acts an answer means
_ANY = dict.fromkeys(range(1, 10_000), Element("", "", ""))
_ANYWHERE = Shot(10**6, 10**6, 10**6, 10**6)
_Calls = Sequence[tuple[str, str, str]]
_DATA = re.compile(r"data:image/(\w+);base64,(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a model said before act `at`, and how many acts of the run it stands for."""

    exchange: Exchange
    said: tuple[Action, ...]
    done: int


def write(judged: Judged, folder: Folder, tally: Tally) -> int:
    """The rows of one run that passed, and how many. Raises OSError."""
    run, bad, rows = judged.run, wrong(judged.run), 0
    answers, at = _answers(judged), 0
    while at < _ends(run):
        answer = answers.get(at)
        acts = range(at, at + (answer.done if answer else 1))
        why = next((bad[act] for act in acts if act in bad), "")
        if answer and not why and len(answer.said) > answer.done:
            why = HALF_DONE
        why = why or (_kept(answer, judged, folder) if answer else _built(judged, at, folder))
        if why:
            tally.steps[why] += len(acts)
        rows += not why
        at = acts.stop
    return rows


def _ends(run: Run) -> int:
    """After the last act; saying that it is done is one more."""
    return len(run.steps) + (run.stopped == "finished" and run.last is not None)


def _act(run: Run, at: int) -> Action:
    return run.steps[at].action if at < len(run.steps) else Finish(run.reason)


def _built(judged: Judged, at: int, folder: Folder) -> str:
    """The row of an act that no model decided; why there is none, or ""."""
    asked = question(judged.run, at)
    answer = asked.answer(judged.veil.act(_act(judged.run, at)))
    if answer is None:
        return UNSAYABLE
    folder.row(FILE, judged.veil.row({"messages": [*asked.messages, answer], "tools": chat.tools()}))
    return ""


def _kept(answer: _Answer, judged: Judged, folder: Folder) -> str:
    """The row of an act that a model decided, as it was asked; why there is none, or ""."""
    said = answered(_message(answer.exchange))
    assert said is not None
    pictures: dict[str, bytes] = {}
    try:
        asked = [_without_pictures(message, pictures) for message in answer.exchange.request["messages"]]
    except LookupError:
        return LOST
    tools = {"tools": answer.exchange.request["tools"]} if answer.exchange.request.get("tools") else {}
    row: dict[str, Any] = judged.veil.row({"messages": [*asked, said], **tools})
    for name, data in pictures.items():
        folder.file(name, data)
    if pictures:
        folder.row(WITH_PICTURES, row | {"images": list(pictures)})
    else:
        folder.row(FILE, row)
    return ""


def _without_pictures(message: Mapping[str, Any], pictures: dict[str, bytes]) -> Message:
    """The message with its pictures as files, as trainers read them. Raises LookupError for one that is lost."""
    content = message.get("content")
    if not isinstance(content, list):
        return dict(message)
    parts = []
    for part in content:
        if part.get("type") != "image_url":
            parts.append(part)
            continue
        found = _DATA.fullmatch(part["image_url"]["url"])
        if found is None:
            raise LookupError
        data = base64.b64decode(found[2])
        pictures[f"pictures/{hashlib.sha256(data).hexdigest()}.{found[1]}"] = data
        parts.append({"type": "image"})
    return {**message, "content": parts}


# ---------------------------------------------------------------------------------------------- what models said


def _answers(judged: Judged) -> dict[int, _Answer]:
    """The answers that led to acts, by the first act of each: of those at one place the last that may have.

    Others cannot be read, or are another model's, such as a judge's.
    """
    asked = [exchange for exchange in judged.said if "messages" in exchange.request]
    places = sorted({exchange.step for exchange in asked})
    ends = dict(zip(places, [*places[1:], _ends(judged.run)], strict=False))
    found: dict[int, _Answer] = {}
    for exchange in asked:
        at, said = exchange.step, _meant(exchange)
        most = min(len(said), ends[at] - at, _ends(judged.run) - at)
        wrong_at = (number for number in range(most) if not _agree(said[number], _act(judged.run, at + number)))
        done = next(wrong_at, max(most, 0))
        if done > 0:
            found[at] = _Answer(exchange, said, done)
    return found


def _message(exchange: Exchange) -> dict[str, Any]:
    choices = exchange.answer.get("choices") or [{}]
    found: dict[str, Any] = choices[0].get("message") or {}
    return found


def _meant(exchange: Exchange) -> tuple[Action, ...]:
    """The acts that an answer means, whatever they aim at; none where it cannot be read."""
    message = _message(exchange)
    if answered(message) is None:
        return ()
    called = message.get("tool_calls") or ()
    calls = [("", call["function"]["name"], call["function"]["arguments"]) for call in called]
    languages = (_tools,) if calls else (_tools, _ui_tars, _code)
    for read in languages:
        try:
            said = read(calls, message.get("content") or "")
        except Unparsable:
            continue
        return said.acts or (Wait(),)  # it wanted another look, and was given the time for one
    return ()


def _tools(calls: _Calls, text: str) -> Said:
    return chat.read(calls, text, _ANY, _ANYWHERE)


def _ui_tars(_: _Calls, text: str) -> Said:
    return ui_tars.read(text, _ANYWHERE)


def _code(_: _Calls, text: str) -> Said:
    return code.Reader().read(text, _ANYWHERE)


def _agree(said: Action, done: Action) -> bool:
    """Whether this may be what was done on saying that: of the same kind, with the same text."""
    match said, done:
        case (Fill(text=one), Fill(text=two)) | (Type(text=one), Type(text=two)) | (Press(one), Press(two)):
            return one == two
        case (Click(), Click() | Invoke()) | (Finish(), Finish()):
            return True
        case _:
            return type(said) is type(done)
