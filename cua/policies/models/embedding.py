"""A model that turns a text into a vector, at the endpoint of the other one: asked once, awaited shortly, counted."""

from __future__ import annotations

from math import isfinite

import openai
from openai.types import CreateEmbeddingResponse

from cua.policies.models.endpoint import Asked, Heard, Where, counted
from cua.policies.models.spending import Spending

_LONGEST = 16_384  # parts of a vector


class Embedding(Asked):
    """One for one run; what it takes is counted at the price of what is sent. Raises SettingsError for an address or
    key that can be none.
    """

    errors = (openai.OpenAIError, openai.APITimeoutError, openai.APIConnectionError)

    def __init__(self, where: Where, kept: Heard = lambda _: None) -> None:
        super().__init__(where, kept)
        self._client = openai.OpenAI(
            api_key=where.key or "none", base_url=where.base_url, timeout=where.seconds, max_retries=where.retries
        )

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def vector(self, text: str) -> list[float]:
        """That of a text. Raises EndpointError and Spent."""
        request = {"input": text, "model": self.where.name}

        def ask() -> CreateEmbeddingResponse:
            found = self._client.embeddings.create(input=text, model=self.where.name, encoding_format="float")
            if not isinstance(found.data, list) or len(found.data) != 1 or not _fits(found.data[0].embedding):
                raise ValueError("no vector")
            return found

        found = self._asked(request, ask, lambda _: True, _told)
        return found.data[0].embedding


def _fits(vector: object) -> bool:
    """Whether it is one: the package does not look at what came."""
    if not isinstance(vector, list) or not 0 < len(vector) <= _LONGEST:
        return False
    return all(isinstance(part, int | float) and isfinite(part) for part in vector) and any(vector)


def _told(found: CreateEmbeddingResponse) -> Spending:
    return counted(getattr(found.usage, "prompt_tokens", 0), 0, 0)
