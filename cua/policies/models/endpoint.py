"""A model behind an endpoint: asked, awaited, counted. What goes wrong there is said with its cure.

The package of the endpoint's kind does the talking, with its retries and their pauses. What was answered whole is never
asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from openai.types.responses import Response, ResponseOutputMessage, ResponseOutputRefusal, ResponseUsage
from pydantic import BaseModel

from cua.errors import RefusedError, SettingsError, TroubleError
from cua.policies.models import failures
from cua.policies.models.spending import Limits, Price, Spending, reckoned

T = TypeVar("T", bound=BaseModel)
_UNREAD = {"data"}  # the figures of a vector: nobody can read them
_PICTURE = 1_000_000  # pixels of a picture whose size nobody told


class EndpointError(TroubleError):
    """The model could not be asked, or did not answer. `said` is what its endpoint says of it."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True)
class Where:
    """Which model, and how it is asked. `key` is the secret itself; `lacks` says why it cannot be asked, and what to do
    about that.
    """

    base_url: str
    name: str
    key: str = field(repr=False)
    seconds: float = 60.0
    retries: int = 3
    price: Price = field(default_factory=Price)
    limits: Limits = field(default_factory=Limits)
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer, as they went over the wire."""

    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    seconds: float
    spent: Spending


Heard = Callable[[Exchange], None]


class _Torn(Exception):
    """An answer that began and did not come to its end."""


class Asked:
    """What endpoints of every kind have in common: what is spent, what is kept, what is told of failures. `errors` are
    those of its package: any, one for an answer that is late, one for an endpoint that cannot be reached.
    """

    errors: tuple[type[Exception], type[Exception], type[Exception]]

    def __init__(self, where: Where, kept: Heard = lambda _: None) -> None:
        self.where = where
        self.spent = Spending()
        self._kept = kept
        try:
            fits = httpx2.URL(where.base_url).scheme in ("http", "https") and httpx2.URL(where.base_url).host
        except httpx2.InvalidURL:
            fits = ""
        if not fits:
            raise SettingsError(
                f"model.base_url {where.base_url!r} is no address; write one such as http://HOST:PORT/v1"
            )
        self._lacks = where.lacks
        if not where.key.isascii() or not where.key.isprintable():
            self._lacks = "its key has signs that no key has; set it again with: cua secret set NAME"

    def _asked(
        self,
        request: Mapping[str, Any],
        ask: Callable[[], T],
        whole: Callable[[T], bool],
        told: Callable[[T], Spending],
    ) -> T:
        """Raises EndpointError and Spent."""
        if self._lacks:
            raise EndpointError(f"{self._who}: {self._lacks}")
        self.spent.check(self.where.limits)
        began = time.monotonic()
        found = self._whole(request, ask, whole)
        answer = found.model_dump(mode="json", exclude_unset=True, warnings=False, exclude=_UNREAD)
        written = answer.get("choices") or answer.get("output") or answer.get("content")
        ours = reckoned(*_sizes(request), _sizes(written)[0])
        self.spent = self.spent.with_call(told(found), ours, self.where.price)
        self._kept(Exchange(request, answer, time.monotonic() - began, self.spent))
        return found

    def _whole(self, request: Mapping[str, Any], ask: Callable[[], T], whole: Callable[[T], bool]) -> T:
        """An answer that came to its end. One that was cut off is asked for again, as one that never came."""
        for _ in range(self.where.retries + 1):
            try:
                found = ask()
            except (httpx2.HTTPError, _Torn):  # what never began, the package itself has tried again
                continue
            except (AssertionError, ValueError, TypeError, AttributeError) as exc:  # the package's: this is no answer
                raise EndpointError(f"{self._who}: {failures.NO_SENSE}") from exc
            except self.errors[0] as exc:
                raise self._failed(exc, request) from exc
            if not isinstance(found, BaseModel):
                raise EndpointError(f"{self._who}: {failures.NO_SENSE} ({str(found)[:100]!r})")
            if whole(found):
                return found
        raise EndpointError(f"{self._who}: {failures.CUT}")

    @property
    def _who(self) -> str:
        return f"the model {self.where.name!r} at {self.where.base_url}"

    def _refused(self, said: str) -> RefusedError:
        reason = f" ({said[:300]})" if said else ""
        return RefusedError(f"{self._who} refuses to go on with this task{reason}; do this part by hand")

    def _failed(self, exc: Exception, request: Mapping[str, Any]) -> EndpointError:
        """What went wrong, and what mends it."""
        said = " ".join(str(getattr(exc, "message", "") or exc).split())[:300]
        _, late, unreached = self.errors
        if isinstance(exc, late):
            cure = failures.late(self.where.seconds)
        elif isinstance(exc, unreached):
            torn = isinstance(exc.__cause__, httpx2.RemoteProtocolError | httpx2.ReadError)
            cure = failures.CUT if torn else failures.UNREACHED
        else:
            answer = getattr(exc, "response", None)
            wait = answer.headers.get("retry-after", "") if answer is not None else ""
            status = getattr(exc, "status_code", 500)  # one in the middle of a stream has none
            cure = failures.cure(status, said, pictures=_sizes(request)[1] > 0, wait=wait)
        return EndpointError(f"{self._who}: {cure} ({said})", said)


class Endpoint(Asked):
    """One model for one run, behind an OpenAI-compatible endpoint. `kept` hears of each exchange, before anybody acts
    on it. Raises SettingsError for an address that can be none.
    """

    errors = (openai.OpenAIError, openai.APITimeoutError, openai.APIConnectionError)

    def __init__(self, where: Where, kept: Heard = lambda _: None) -> None:
        super().__init__(where, kept)
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
        """Chat Completions, streamed. Raises EndpointError and Spent, RefusedError where the model itself refuses."""

        def ask() -> ChatCompletion:
            with self._client.chat.completions.stream(
                **request, model=self.where.name, stream_options={"include_usage": True}
            ) as said:
                try:
                    return said.get_final_completion()
                except openai.APITimeoutError:
                    raise
                except openai.APIConnectionError as exc:
                    raise _Torn from exc

        def whole(found: ChatCompletion) -> bool:
            return bool(found.choices and found.choices[0].finish_reason)

        found = self._asked(request, ask, whole, lambda found: _told(found.usage))
        if refusal := found.choices[0].message.refusal:
            raise self._refused(refusal)
        return found

    def respond(self, request: Mapping[str, Any]) -> Response:
        """The Responses API. Raises EndpointError and Spent, RefusedError where the model itself refuses."""

        def ask() -> Response:
            found: Response = self._client.responses.create(**request, model=self.where.name)
            if isinstance(found, Response) and found.error is None:
                _ = found.output_text  # the package does not look at what came before this is read
            return found

        found = self._asked(request, ask, lambda found: found.status != "in_progress", lambda found: _told(found.usage))
        if found.error is not None:
            said = str(getattr(found.error, "message", found.error))
            cure = failures.cure(500, said, pictures=_sizes(request)[1] > 0)
            raise EndpointError(f"{self._who}: {cure} ({said})", said)
        parts = [part for item in found.output if isinstance(item, ResponseOutputMessage) for part in item.content]
        if refusal := next((part.refusal for part in parts if isinstance(part, ResponseOutputRefusal)), ""):
            raise self._refused(refusal)
        return found


def _told(usage: CompletionUsage | ResponseUsage | None) -> Spending:
    """What the endpoint says that it took; nothing where it says nothing."""
    match usage:
        case CompletionUsage(prompt_tokens=sent, completion_tokens=written, prompt_tokens_details=details):
            cached = (details.cached_tokens or 0) if details else 0
        case ResponseUsage(input_tokens=sent, output_tokens=written, input_tokens_details=details):
            cached = details.cached_tokens if details else 0
        case _:
            return Spending()
    return counted(sent, cached, written)


def counted(sent: object, cached: object, written: object) -> Spending:
    """Numbers that an endpoint told, of which each may be anything."""
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
