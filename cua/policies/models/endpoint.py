"""A model behind an OpenAI-compatible endpoint: asked, awaited, counted. What goes wrong there is said with its cure.

The `openai` package does the talking, with its retries and their pauses. What was answered whole is never asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from openai.types.responses import Response, ResponseUsage

from cua.errors import TroubleError
from cua.policies.models.spending import Limits, Price, Spending, reckoned

T = TypeVar("T", ChatCompletion, Response)
_NO_SENSE = "its answer makes no sense; check that model.base_url is an OpenAI-compatible endpoint"
_PICTURE = 1_000_000  # pixels of a picture whose size nobody told


class EndpointError(TroubleError):
    """The model could not be asked, or did not answer."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which model, and how it is asked. `key` is the secret itself."""

    base_url: str
    name: str
    key: str
    seconds: float = 60.0
    retries: int = 3
    price: Price = field(default_factory=Price)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer, as they went over the wire."""

    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    seconds: float
    spent: Spending


class Endpoint:
    """One model for one run. `kept` hears of each exchange, before anybody acts on it."""

    def __init__(self, where: Where, kept: Callable[[Exchange], None] = lambda _: None) -> None:
        self.where = where
        self.spent = Spending()
        self._kept = kept
        self._client = openai.OpenAI(
            api_key=where.key or "none",
            base_url=where.base_url,
            timeout=where.seconds,
            max_retries=where.retries,
        )

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def complete(self, request: Mapping[str, Any]) -> ChatCompletion:
        """Chat Completions, streamed. Raises EndpointError and Spent."""

        def ask() -> ChatCompletion:
            with self._client.chat.completions.stream(
                **request, model=self.where.name, stream_options={"include_usage": True}
            ) as said:
                return said.get_final_completion()

        return self._asked(request, ask, lambda found: bool(found.choices and found.choices[0].finish_reason))

    def respond(self, request: Mapping[str, Any]) -> Response:
        """The Responses API. Raises EndpointError and Spent."""

        def ask() -> Response:
            found: Response = self._client.responses.create(**request, model=self.where.name)
            return found

        return self._asked(request, ask, lambda found: found.status != "in_progress")

    def _asked(self, request: Mapping[str, Any], ask: Callable[[], T], whole: Callable[[T], bool]) -> T:
        self.spent.check(self.where.limits)
        began = time.monotonic()
        found = self._whole(request, ask, whole)
        answer = found.model_dump(mode="json", exclude_unset=True)
        told = _told(found.usage)
        ours = reckoned(*_sizes(request), _sizes(answer.get("choices") or answer.get("output"))[0])
        self.spent = self.spent.with_call(told, ours, self.where.price)
        self._kept(Exchange(request, answer, time.monotonic() - began, self.spent))
        return found

    def _whole(self, request: Mapping[str, Any], ask: Callable[[], T], whole: Callable[[T], bool]) -> T:
        """An answer that came to its end. One that was cut off is asked for again, as one that never came."""
        for _ in range(self.where.retries + 1):
            try:
                found = ask()
            except httpx2.HTTPError:  # cut off: what never came, the package itself has tried again
                continue
            except AssertionError as exc:  # the package's, of a stream in which nothing came
                raise EndpointError(f"{self._who}: {_NO_SENSE}") from exc
            except openai.OpenAIError as exc:
                raise self._failed(exc, request) from exc
            if whole(found):
                return found
        raise EndpointError(f"{self._who} ends its answers in the middle; look at its log, then try again")

    @property
    def _who(self) -> str:
        return f"the model {self.where.name!r} at {self.where.base_url}"

    def _failed(self, exc: openai.OpenAIError, request: Mapping[str, Any]) -> EndpointError:
        """What went wrong, and what mends it."""
        said = " ".join(str(getattr(exc, "message", "") or exc).split())[:300]
        pictures = "image_url" in json.dumps(request)
        match exc:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                cure = "its key is wrong or lacks a right; set it with: cua secret set NAME, and model.key = NAME"
            case openai.NotFoundError():
                cure = "it has no such model or route; check model.base_url (most end in /v1) and model.name"
            case openai.RateLimitError():
                cure = "it takes no more at the moment; wait, or check what your account may use"
            case openai.BadRequestError() | openai.UnprocessableEntityError() if pictures and _about_pictures(said):
                cure = "it takes no such picture; for a model that sees none set model.sees = false"
            case openai.BadRequestError() | openai.UnprocessableEntityError():
                cure = "it does not take what was asked; check model.speaks"
            case openai.APITimeoutError():
                cure = (
                    f"it did not answer within {self.where.seconds:g} s; allow more with model.seconds, or see its log"
                )
            case openai.APIConnectionError():
                cure = "it cannot be reached; start it, or check model.base_url"
            case openai.InternalServerError():
                cure = "it failed by itself; try again, or look at its log"
            case _:
                cure = _NO_SENSE
        return EndpointError(f"{self._who}: {cure} ({said})")


def _about_pictures(said: str) -> bool:
    return any(word in said.lower() for word in ("image", "vision", "picture", "multimodal", "mmproj"))


def _told(usage: CompletionUsage | ResponseUsage | None) -> Spending:
    """What the endpoint says that it took; nothing where it says nothing."""
    match usage:
        case CompletionUsage(prompt_tokens=sent, completion_tokens=written, prompt_tokens_details=details):
            cached = (details.cached_tokens or 0) if details else 0
        case ResponseUsage(input_tokens=sent, output_tokens=written, input_tokens_details=details):
            cached = details.cached_tokens if details else 0
        case _:
            return Spending()
    counts = [count if isinstance(count, int) else 0 for count in (sent, cached, written)]
    return Spending(sent=counts[0], cached=counts[1], written=counts[2])


def _sizes(said: object) -> tuple[int, int]:
    """The letters in it, and the pixels of its pictures, about."""
    letters = pixels = 0
    todo: list[Any] = [said]
    while todo:
        match todo.pop():
            case str() as text if text.startswith("data:image/"):
                pixels += _PICTURE
            case str() as text:
                letters += len(text)
            case Mapping() as found:
                todo += found.values()
            case list() | tuple() as found:
                todo += found
    return letters, pixels
