"""How each kind of model is asked: one seam, a small class for each language. Replies are read beside them."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any, Protocol

from cua.core import Action, Ask, Finish, Observation, Step, Task
from cua.policies.models import chat, computer, ui_tars
from cua.policies.models.endpoint import Endpoint
from cua.policies.models.said import Said, Shot
from cua.policies.models.talk import Talk

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
    """

    def __init__(self, endpoint: Endpoint, talk: Talk, widest: int, *, preview: bool) -> None:
        self._endpoint, self._talk, self._widest, self._preview = endpoint, talk, widest, preview

    def ask(self, task: Task, steps: tuple[Step, ...], now: Observation, wrong: str) -> Said:
        words, _ = self._talk.now(steps, now)
        shot, picture = pictured(now, self._widest)
        content: list[dict[str, Any]] = [{"type": "input_text", "text": _told(words, wrong)}]
        content += [{"type": "input_image", "image_url": picture, "detail": "original"}] if picture else []
        request: dict[str, Any] = {
            "instructions": self._talk.rules(),
            "input": [{"role": "user", "content": content}],
            "tools": [computer.tool(self._preview, shot, "browser" if now.place.url else "linux")],
            "store": False,
        }
        if self._preview:
            request["truncation"] = "auto"
        said = computer.read(self._endpoint.respond(request), shot)
        # one that calls no tool is done, or has a question: it says so in words
        return said if said.acts or said.look else replace(said, acts=(in_words(said.thought),))


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
        content: list[dict[str, Any]] = [{"type": "text", "text": f"{ui_tars.GRAMMAR}\n\n{_told(words, wrong)}"}]
        content += [{"type": "image_url", "image_url": {"url": picture}}] if picture else []
        messages = [{"role": "system", "content": self._talk.rules()}, {"role": "user", "content": content}]
        found = self._endpoint.complete({"messages": messages})
        return ui_tars.read(found.choices[0].message.content or "", shot)


def in_words(text: str) -> Action:
    """What a reply without an act means: a question to the person, or that it is done."""
    return Ask(text) if text.rstrip().endswith("?") else Finish(text)


def _told(words: str, wrong: str) -> str:
    return f"{words}\n\nYour last reply could not be read: {wrong}" if wrong else words


def pictured(now: Observation, widest: int) -> tuple[Shot, str]:
    """How numbers of the picture map to the screen, and the picture, at most so many pixels wide or high, as an address
    that holds its data: "" for a look without pixels, or a model that sees none (0).
    """
    frame = now.frame
    if frame is None:
        return Shot(1, 1, 1, 1), ""
    scale = min(1.0, widest / max(frame.width, frame.height)) if widest else 1.0
    width, height = round(frame.width * scale), round(frame.height * scale)
    shot = Shot.of(frame, width=width, height=height)
    if frame.pixels is None or not widest:
        return shot, ""
    from PIL import Image

    picture = Image.frombuffer("RGB", (frame.width, frame.height), frame.pixels, "raw", "BGRX", 0, 1)
    if scale < 1:
        picture = picture.resize((width, height), Image.Resampling.BOX)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY)
    return shot, f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
