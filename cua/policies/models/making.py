"""A model as the settings name it: its endpoint, how it is spoken to, and whether it answers at all."""

from __future__ import annotations

import base64
import io
import time
from dataclasses import replace

from cua import config
from cua.errors import SettingsError
from cua.policies.models import messages
from cua.policies.models.dialects import Anthropic, Code, Computer, Dialect, Tools, UiTars
from cua.policies.models.embedding import Embedding
from cua.policies.models.endpoint import Endpoint, Heard, Where
from cua.policies.models.messages import Messages
from cua.policies.models.said import Consents
from cua.policies.models.talk import Talk

_SHORTLY = 10.0  # seconds
_TINY = 64  # pixels of a side of the picture that is asked about
_QUESTION = "Answer with the one word: ok"


def endpoint_of(chosen: config.Model, where: Where, kept: Heard = lambda _: None) -> Endpoint | Messages:
    """The endpoint for what the model speaks. Raises MissingProgram where an extra is missing, SettingsError for an
    address or key that can be none.
    """
    if chosen.speaks != "anthropic":
        return Endpoint(where, kept)
    theirs = where if "base_url" in chosen.model_fields_set else replace(where, base_url=messages.BASE_URL)
    return Messages(theirs, kept)


def embedding_of(chosen: config.Model, where: Where, kept: Heard = lambda _: None) -> Embedding | None:
    """The model that turns texts into vectors, None where none is set: waited for shortly, for without it there are
    still the words. Raises SettingsError where the endpoint is of a kind that has none.
    """
    if not chosen.embedding:
        return None
    if chosen.speaks == "anthropic":
        raise SettingsError(
            "model.embedding needs an OpenAI-compatible endpoint, and Anthropic's has no such models; remove "
            "model.embedding, or set another model.speaks and model.base_url"
        )
    return Embedding(replace(where, name=chosen.embedding, seconds=min(where.seconds, _SHORTLY), retries=0), kept)


def dialect_of(
    chosen: config.Model,
    talk: Talk,
    endpoint: Endpoint | Messages,
    consents: Consents | None = None,
) -> Dialect:
    """How the model is asked. `consents`, the very one that the policy asks, knows which of the endpoint's checks were
    passed: only of those it is told so. Raises SettingsError for a language of places in a picture where none is sent.
    """
    if not chosen.sees and chosen.speaks != "tools":
        raise SettingsError(
            f'a model that speaks "{chosen.speaks}" says places in a picture, and model.sees = false sends none; set '
            'model.sees = true, or model.speaks = "tools" for one that sees nothing'
        )
    widest = chosen.picture if chosen.sees else 0
    if isinstance(endpoint, Messages):
        return Anthropic(endpoint, talk, widest)
    match chosen.speaks:
        case "computer" | "computer-preview":
            return Computer(endpoint, talk, widest, preview=chosen.speaks == "computer-preview", consents=consents)
        case "ui-tars" | "ui-tars-thousand":
            return UiTars(endpoint, talk, widest, thousandths=chosen.speaks == "ui-tars-thousand")
        case "code":
            return Code(endpoint, talk, widest)
        case _:
            return Tools(endpoint, talk, widest)


def probe(chosen: config.Model, where: Where) -> str:
    """Asks one tiny question, with a picture where the settings say that it sees, and tells in a line what came. Raises
    EndpointError, Spent, MissingProgram and SettingsError, each with what to do.
    """
    began = time.monotonic()
    endpoint = endpoint_of(chosen, replace(where, retries=0))
    try:
        name = _answered(endpoint, chosen)
    finally:
        endpoint.close()
    sees = "takes pictures" if chosen.sees else "is sent no pictures (model.sees = false)"
    other = f", which calls itself {name}," if name != where.name else ""
    return f"the model {where.name}{other} answers in {time.monotonic() - began:.1f} s and {sees}"


def _answered(endpoint: Endpoint | Messages, chosen: config.Model) -> str:
    """The name that the endpoint gives its model."""
    picture = _picture() if chosen.sees else ""
    if isinstance(endpoint, Messages):
        parts = [{"type": "text", "text": _QUESTION}, *([{"type": "image", "source": picture}] if picture else [])]
        return str(endpoint.ask({"messages": [{"role": "user", "content": parts}]}).model)
    if chosen.speaks in ("computer", "computer-preview"):
        said = [{"type": "input_text", "text": _QUESTION}]
        said += [{"type": "input_image", "image_url": picture, "detail": "auto"}] if picture else []
        return str(endpoint.respond({"input": [{"role": "user", "content": said}], "store": False}).model)
    shown = [{"type": "image_url", "image_url": {"url": picture}}] if picture else []
    content = [{"type": "text", "text": _QUESTION}, *shown] if shown else _QUESTION
    return endpoint.complete({"messages": [{"role": "user", "content": content}]}).model


def _picture() -> str:
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (_TINY, _TINY), "white").save(data, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
