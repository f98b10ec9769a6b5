"""A model behind Anthropic's Messages API, on its own SDK (an extra): asked, awaited, counted like any other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cua.errors import MissingProgram
from cua.policies.models import failures
from cua.policies.models.endpoint import Asked, EndpointError, Heard, Where, counted
from cua.policies.models.spending import Spending

if TYPE_CHECKING:
    from anthropic.types.beta import BetaMessage, BetaUsage

BASE_URL = "https://api.anthropic.com"
_MOST_WRITTEN = 4096  # tokens of an answer: a thought and a call


class Messages(Asked):
    """One model for one run. `kept` hears of each exchange, before anybody acts on it. Raises MissingProgram without
    the SDK, SettingsError for an address or key that can be none.
    """

    def __init__(self, where: Where, kept: Heard = lambda _: None) -> None:
        super().__init__(where, kept)
        try:
            sdk: Any = import_module("anthropic")
        except ImportError as exc:
            raise MissingProgram(
                "Anthropic's package is not installed; install it with: pip install 'cua-daemon[anthropic]'"
            ) from exc
        self.errors = (sdk.AnthropicError, sdk.APITimeoutError, sdk.APIConnectionError)
        self._client = sdk.Anthropic(
            api_key=where.key or "none",
            base_url=where.base_url.rstrip("/").removesuffix("/v1"),  # it adds the version itself
            timeout=where.seconds,
            max_retries=where.retries,
            open_telemetry=False,
        )

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def ask(self, request: Mapping[str, Any]) -> BetaMessage:
        """One question. A picture in it is the address that holds its data, as other endpoints take it, and gets
        Anthropic's form on its way. Raises EndpointError and Spent, RefusedError where the model itself refuses.
        """

        def ask() -> BetaMessage:
            messages = [_wired(message) for message in request["messages"]]
            found: BetaMessage = self._client.beta.messages.create(
                **{**request, "messages": messages}, model=self.where.name, max_tokens=_MOST_WRITTEN
            )
            if isinstance(getattr(found, "content", None), list) and all(part.type for part in found.content):
                return found
            raise ValueError("no message")  # the package does not look at what came

        found = self._asked(request, ask, lambda found: found.stop_reason is not None, lambda found: _told(found.usage))
        match found.stop_reason:
            case "refusal":
                raise self._refused("")
            case "model_context_window_exceeded":
                raise EndpointError(f"{self._who}: {failures.TOO_LONG}")
        return found


def _wired(message: Mapping[str, Any]) -> dict[str, Any]:
    return {**message, "content": [_part(part) for part in message["content"]]}


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if part["type"] != "image":
        return part
    kind, _, data = part["source"].removeprefix("data:").partition(";base64,")
    return {**part, "source": {"type": "base64", "media_type": kind, "data": data}}


def _told(usage: BetaUsage | None) -> Spending:
    """What the endpoint says that it took: what came from its cache or went into it, it tells apart from the rest."""
    if usage is None:
        return Spending()
    parts = [getattr(usage, name, None) for name in
             ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]  # fmt: skip
    sent = sum(part for part in parts if isinstance(part, int))
    return counted(sent, parts[1], getattr(usage, "output_tokens", None))
