"""How each kind of model is asked: one seam, a small class for each language. Replies are read beside them."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from cua.core import Action, Ask, Box, Finish, Frame, Observation, Step, Task
from cua.policies.models import anthropic, chat, code, computer, ui_tars
from cua.policies.models.endpoint import Endpoint, EndpointError
from cua.policies.models.said import Caution, Consents, Said, Shot, Unparsable
from cua.policies.models.talk import Talk

if TYPE_CHECKING:
    from anthropic.types.beta import BetaMessage
    from openai.types.responses import Response

    from cua.policies.models.messages import Messages

_QUALITY = 80


class Dialect(Protocol):
    """Asks a model about one screen. `wrong` is what could not be read of the reply before, or ""."""

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        """What it says. Raises Unparsable, EndpointError and Spent."""
        ...


class Tools:
    """Chat Completions with function tools over our own acts."""

    def __init__(self, endpoint: Endpoint, talk: Talk, widest: int) -> None:
        self._endpoint, self._talk, self._widest = endpoint, talk, widest

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, shown = self._talk.now(steps, now)
        words = _told(words, wrong)
        content: list[dict[str, Any]] = [{"type": "text", "text": words}]
        shot, picture = pictured(now, self._widest if self._talk.sees else 0)
        content += [{"type": "image_url", "image_url": {"url": picture}}] if picture else []
        found = self._endpoint.complete(
            {
                "messages": [
                    {"role": "system", "content": self._talk.rules()},
                    {"role": "user", "content": content if self._talk.sees else words},
                ],
                "tools": chat.tools(),
            }
        )
        message = found.choices[0].message
        asked = [call for call in message.tool_calls or () if call.type == "function"]
        calls = [(call.id, call.function.name, call.function.arguments) for call in asked]
        return chat.read(calls, message.content or "", shown.elements, shot)


class Computer:
    """The Responses API with its computer tool. Each question stands for itself, so that it stays small and can be read
    alone: what was done before is told in words, and no answer hangs on one that the endpoint keeps.

    After a call with checks that were all passed, as `consents` knows, the endpoint is told so: that call goes along.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        talk: Talk,
        widest: int,
        *,
        preview: bool,
        consents: Consents | None = None,
    ) -> None:
        self._endpoint, self._talk, self._widest, self._preview = endpoint, talk, widest, preview
        self._consents = consents
        self._last: tuple[Response, tuple[Caution, ...]] | None = None

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, _ = self._talk.now(steps, now)
        shot, picture = pictured(now, self._widest)
        echo = self._echo(picture)
        content: list[dict[str, Any]] = [{"type": "input_text", "text": _told(words, wrong)}]
        if picture and not echo:
            content.append({"type": "input_image", "image_url": picture, "detail": "original"})
        request: dict[str, Any] = {
            "instructions": self._talk.rules(pointed=True),
            "input": [{"role": "user", "content": content}, *echo],
            "tools": [computer.tool(self._preview, shot, "browser" if now.place.url else "linux")],
            "store": False,
            "include": ["reasoning.encrypted_content"],  # what it thought can go back only so
        }
        if self._preview:
            request["truncation"] = "auto"
        reply = self._endpoint.respond(request)
        self._last = None
        said = computer.read(reply, shot)
        self._last = (reply, said.cautions)
        # one that calls no tool is done, or has a question: it says so in words
        return said if said.acts or said.look else replace(said, acts=(in_words(said.thought),))

    def _echo(self, picture: str) -> list[dict[str, Any]]:
        if self._last is None or self._consents is None:
            return []
        if not all(map(self._consents.given, self._last[1])):
            return []
        return computer.echo(self._last[0], picture)


class Anthropic:
    """Anthropic's computer tool: the newest version of it that the model takes, found out by asking. A part of the
    screen that it wants to see larger goes along with the next question.
    """

    def __init__(self, endpoint: Messages, talk: Talk, widest: int) -> None:
        self._endpoint, self._talk, self._widest = endpoint, talk, widest
        self._version: anthropic.Version = next(iter(anthropic.BETAS))
        self._reader = anthropic.Reader()
        self._zoom: Box | None = None

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, _ = self._talk.now(steps, now)
        shot, picture = pictured(now, self._widest)
        content: list[dict[str, Any]] = [{"type": "text", "text": _told(words, wrong)}]
        content += [{"type": "image", "source": picture}] if picture else []
        zoom, self._zoom = self._zoom, None
        if zoom and picture:
            part = pictured(now, self._widest, zoom)[1]
            content += [{"type": "text", "text": "The region that you wanted to see larger:"}]
            content += [{"type": "image", "source": part}]
        reply = self._asked([{"role": "user", "content": content}], shot)
        thought = "\n".join(part.text for part in reply.content if part.type == "text").strip()
        calls = [part for part in reply.content if part.type == "tool_use"]
        if not calls:
            return Said((in_words(thought),), thought=thought)
        said = [self._reader.read(call.id, call.input, shot, thought) for call in calls]
        self._zoom = said[-1].zoom
        acts = tuple(act for each in said for act in each.acts)
        return replace(said[-1], acts=acts, look=not acts)

    def _asked(self, messages: list[dict[str, Any]], shot: Shot) -> BetaMessage:
        while True:
            request = {
                "system": self._talk.rules(pointed=True),
                "messages": messages,
                "tools": [anthropic.tool(self._version, shot)],
                "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
                "betas": [anthropic.BETAS[self._version]],
            }
            try:
                return self._endpoint.ask(request)
            except EndpointError as exc:
                older = anthropic.older(self._version, exc.said)
                if older is None:
                    raise
                self._version = older


class UiTars:
    """A model that sees a picture and writes UI-TARS' grammar; `thousandths` for those before version 1.5."""

    def __init__(self, endpoint: Endpoint, talk: Talk, widest: int, *, thousandths: bool) -> None:
        self._endpoint, self._talk, self._widest, self._thousandths = endpoint, talk, widest, thousandths

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, _ = self._talk.now(steps, now)
        shot, picture = pictured(now, self._widest)
        if self._thousandths:
            shot = replace(shot, space="thousand")
        else:
            width, height = ui_tars.resized(shot.width, shot.height)
            shot = replace(shot, width=width, height=height)
        text = _told(f"{ui_tars.GRAMMAR}\n\n{words}", wrong)
        return ui_tars.read(_written(self._endpoint, self._talk.rules(pointed=True), text, picture), shot)


class Code:
    """A model that sees a picture and answers with a script of pyautogui, as OSWorld's agents do."""

    def __init__(self, endpoint: Endpoint, talk: Talk, widest: int) -> None:
        self._endpoint, self._talk, self._widest = endpoint, talk, widest
        self._reader = code.Reader()

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, _ = self._talk.now(steps, now)
        shot, picture = pictured(now, self._widest)
        text = _told(f"{code.GRAMMAR}\n\n{words}", wrong)
        return self._reader.read(_written(self._endpoint, self._talk.rules(pointed=True), text, picture), shot)


def _written(endpoint: Endpoint, rules: str, text: str, picture: str) -> str:
    """What a model answers in words to a text and a picture."""
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    content += [{"type": "image_url", "image_url": {"url": picture}}] if picture else []
    found = endpoint.complete(
        {"messages": [{"role": "system", "content": rules}, {"role": "user", "content": content}]}
    )
    return found.choices[0].message.content or ""


def in_words(text: str) -> Action:
    """What a reply without an act means: a question to the person, or that it is done. Raises Unparsable for an empty
    one, which means nothing.
    """
    if not text.strip():
        raise Unparsable("it was empty: act, or say in a sentence what was done, or what you need to know")
    return Ask(text) if text.rstrip().endswith("?") else Finish(text)


def _told(words: str, wrong: str) -> str:
    return f"{words}\n\nYour last reply could not be read: {wrong}" if wrong else words


def pictured(now: Observation, widest: int, part: Box | None = None) -> tuple[Shot, str]:
    """How numbers of the picture map to the screen, and the picture (or a part of it), at most so many pixels wide or
    high, as an address that holds its data: "" for a look without pixels, or a model that sees none (0).
    """
    frame = now.frame
    if frame is None:
        return Shot(1, 1, 1, 1), ""
    width, height = _fitting(frame.width, frame.height, widest)
    shot = Shot.of(frame, width=width, height=height)
    return shot, _address(frame, part or Box(0, 0, frame.width, frame.height), widest)


def _fitting(width: int, height: int, widest: int) -> tuple[int, int]:
    scale = min(1.0, widest / max(width, height)) if widest else 1.0
    return max(1, round(width * scale)), max(1, round(height * scale))


def _address(frame: Frame, part: Box, widest: int) -> str:
    if frame.pixels is None or not widest:
        return ""
    from PIL import Image

    picture = Image.frombuffer("RGB", (frame.width, frame.height), frame.pixels, "raw", "BGRX", 0, 1)
    if (part.width, part.height) != picture.size:
        picture = picture.crop((part.x, part.y, part.x + part.width, part.y + part.height))
    size = _fitting(part.width, part.height, widest)
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.BOX)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
