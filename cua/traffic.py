"""What a driver may tell of requests that went to servers, and how they were answered. Pure data; it asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

SAFE = ("GET", "HEAD", "OPTIONS")  # what asks, and writes nothing


class Told(Protocol):
    """A request as a driver tells it: `turn` says how many of its acts were begun before, `status` is 0 while it is not
    answered, `page` says that it was for the page itself, `body` is what tells one content from another, `own` says
    that it went where the page came from.
    """

    @property
    def turn(self) -> int: ...

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def status(self) -> int: ...

    @property
    def page(self) -> bool: ...

    @property
    def body(self) -> str: ...

    @property
    def own(self) -> bool: ...


class Traffic(Protocol):
    """How many acts were begun, how many of them when something was sent last that may have changed something or turned
    a page, the answers that are new, and what is not answered yet.
    """

    @property
    def turn(self) -> int: ...

    @property
    def sent(self) -> int: ...

    @property
    def answers(self) -> Sequence[Told]: ...

    @property
    def unanswered(self) -> Sequence[Told]: ...


@runtime_checkable
class Requesting(Protocol):
    """A driver that knows of requests."""

    def traffic(self) -> Traffic: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was sent during or after act number `at` of a run, -1 for one before all; the rest as `Told`."""

    at: int
    method: str
    path: str
    status: int = 0
    page: bool = False
    body: str = ""
    own: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may have changed something."""
        return self.method not in SAFE

    @property
    def failed(self) -> bool:
        """Whether the server says that it could not do it; or that it would not, of what was written where the page
        came from. Others refuse much that no step is about.
        """
        return self.status >= 500 or (self.status >= 400 and self.writes and (self.page or self.own))

    def __str__(self) -> str:
        asked = f"{self.method} {self.path}"
        return f"the page answered {self.status} ({asked})" if self.page else f"{asked} answered {self.status}"


@dataclass(frozen=True, slots=True)
class Passed:
    """What passed since the look before: new answers, the requests that are still open, and the act of the run after
    which something was sent last that may have changed something or turned a page (-1 for none).
    """

    answers: tuple[Request, ...] = ()
    unanswered: tuple[Request, ...] = ()
    sent: int = -1
