"""What the agent's routes are given and give back, whoever asks and however it came. It opens no socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cua import codec
from cua.errors import UsageError

JSON = "application/json"
BYTES = "application/octet-stream"
TEXT = "text/html; charset=utf-8"  # what OSWorld's server says of its plain answers


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Header names are in lower case."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; nothing is an empty one. Raises UsageError for what is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as exc:
            raise UsageError(f"the body of {self.path} is no JSON ({exc}); send an object") from exc
        if not isinstance(found, dict):
            raise UsageError(f"the body of {self.path} is a JSON {type(found).__name__}; send an object")
        return found

    def given(self, name: str) -> str:
        """What the address says of this name. Raises UsageError where it says nothing."""
        if name not in self.query:
            raise UsageError(f"{self.path} needs ?{name}= in its address")
        return self.query[name]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: `body`, then `tail`, which may be large."""

    body: bytes
    kind: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    tail: bytes | bytearray | memoryview = b""


Route = Callable[[Asked], Answer]


def answer(value: object, *, status: int = 200) -> Answer:
    """A value as JSON, our nouns in the form of the codec."""
    return Answer(codec.dumps(value).encode(), status=status)


def text(words: str, *, status: int = 200) -> Answer:
    """Plain words."""
    return Answer(words.encode(errors="surrogateescape"), TEXT, status)


def number(given: Mapping[str, Any], name: str, otherwise: float, *, most: float = 1e6) -> float:
    """A positive number of a request. Raises UsageError for anything else."""
    found = given.get(name, otherwise)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < most:
        raise UsageError(f"{name} is {found!r}; it must be a number above 0 and below {most:g}")
    return float(found)


def words(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts of a request, not empty. Raises UsageError for anything else."""
    found = given.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
        raise UsageError(f"{name} is {found!r}; it must be a list of texts")
    return tuple(found)
