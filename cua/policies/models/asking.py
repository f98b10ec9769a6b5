"""A question that a model answers in one form: by one call of the tool that it is given, or, where it can call none, by
one JSON object with the same fields. Over any of the APIs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cua.policies.models.endpoint import Endpoint
from cua.policies.models.messages import Messages
from cua.policies.models.said import Unparsable

T = TypeVar("T", bound=BaseModel)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_BLOCK = re.compile(r"^```json[ \t]*\n(.*?)\n```\s*\Z", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """What is to be filled in: the tool's name, what it is for, and its fields."""

    name: str
    what: str
    fields: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came: tool calls, each with name and arguments, and words."""

    calls: tuple[tuple[str, str], ...]
    text: str


Asking = Callable[[Form, str, str, Sequence[str]], Reply]
"""The form, rules, words, and pictures as addresses that hold their data, to the answer."""


def by_chat(endpoint: Endpoint, *, tools: bool = True) -> Asking:
    """Over Chat Completions; without `tools` for models that have none, whose servers may refuse to be sent any."""

    def ask(form: Form, rules: str, words: str, pictures: Sequence[str]) -> Reply:
        content: list[dict[str, Any]] = [{"type": "text", "text": words}]
        content += [{"type": "image_url", "image_url": {"url": each}} for each in pictures]
        user = {"role": "user", "content": content if pictures else words}
        request: dict[str, Any] = {"messages": [{"role": "system", "content": rules}, user]}
        if tools:
            request["tools"] = [{"type": "function", "function": _described(form)}]
        found = endpoint.complete(request)
        said = found.choices[0].message
        calls = [each.function for each in said.tool_calls or () if each.type == "function"]
        return Reply(tuple((call.name, call.arguments) for call in calls), said.content or "")

    return ask


def by_responses(endpoint: Endpoint) -> Asking:
    """Over the Responses API, of which nothing is kept there."""

    def ask(form: Form, rules: str, words: str, pictures: Sequence[str]) -> Reply:
        content: list[dict[str, Any]] = [{"type": "input_text", "text": words}]
        content += [{"type": "input_image", "image_url": each, "detail": "auto"} for each in pictures]
        found = endpoint.respond(
            {
                "instructions": rules,
                "input": [{"role": "user", "content": content}],
                "tools": [{"type": "function", "strict": False, **_described(form)}],
                "store": False,
            }
        )
        calls = [(item.name, item.arguments) for item in found.output if item.type == "function_call"]
        return Reply(tuple(calls), found.output_text)

    return ask


def by_messages(endpoint: Messages) -> Asking:
    """Over Anthropic's Messages API."""

    def ask(form: Form, rules: str, words: str, pictures: Sequence[str]) -> Reply:
        content: list[dict[str, Any]] = [{"type": "text", "text": words}]
        content += [{"type": "image", "source": each} for each in pictures]
        tool = _described(form)
        tool["input_schema"] = tool.pop("parameters")
        found = endpoint.ask({"system": rules, "messages": [{"role": "user", "content": content}], "tools": [tool]})
        calls = [(part.name, json.dumps(part.input)) for part in found.content if part.type == "tool_use"]
        return Reply(tuple(calls), "".join(part.text for part in found.content if part.type == "text"))

    return ask


def _described(form: Form) -> dict[str, Any]:
    schema = form.fields.model_json_schema()
    parameters = {key: value for key, value in schema.items() if key != "title"}
    return {"name": form.name, "description": form.what, "parameters": parameters}


# ---------------------------------------------------------------------------------------------- what is answered


def read(reply: Reply, name: str, fields: type[T]) -> T:
    """The form of that name, filled in. Raises Unparsable for anything else."""
    written = _written(reply.text)
    if len(reply.calls) + bool(written) != 1 or any(called != name for called, _ in reply.calls):
        raise Unparsable(f"call the tool {name}, once, and nothing else; or answer with its one JSON object")
    try:
        found = fields.model_validate_json(written or reply.calls[0][1] or "{}", strict=bool(written))
        json.loads(written or "{}", object_pairs_hook=lambda pairs: _once(name, pairs))
    except ValidationError as exc:
        wrong = exc.errors()[0]
        raise Unparsable(f"{name}, {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from exc
    return found


def _written(text: str) -> str:
    """The object that is the whole text, or its end as the only fenced block in it; "" where there is none such."""
    text = text.strip()
    if text.startswith("{"):
        return text
    block = _BLOCK.search(text)
    return block[1] if block and len(_FENCE.findall(text)) == 2 else ""


def _once(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object that says nothing twice. Raises Unparsable."""
    if len(found := dict(pairs)) < len(pairs):
        raise Unparsable(f"{name}: a field is there twice")
    return found


def without(text: str, nonce: str) -> str:
    """Text that stands between marks with this nonce, without what would end it."""
    while nonce in text:
        text = text.replace(nonce, "")
    return text
