"""What a driver may tell of requests that went to servers, and how they were answered. Pure data; it asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

SAFE = ("GET", "HEAD", "OPTIONS")  # what asks, and writes nothing


@dataclass(frozen=True, slots=True)
class Request:
    """A request for data, or for a page. `at` is the act that was begun last when it was sent: a driver tells how many
    it had begun, a replay the number in its run, -1 for what was before all. `status` is 0 while it is not answered,
    `page` says that it was for the page itself, not for a part of it, `own` that it went where the page came from, and
    `body` is a hash of what was sent, "" for nothing.
    """

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
        if not self.status:
            return f"{asked} is not answered yet"
        return f"the page answered {self.status} ({asked})" if self.page else f"{asked} answered {self.status}"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed since it was asked for last: the new answers, and the requests that are not answered; the last act
    that was begun, and the act after which something was sent last that may have changed something or turned a page,
    both counted as `Request.at`.
    """

    at: int
    sent: int = -1
    answers: tuple[Request, ...] = ()
    unanswered: tuple[Request, ...] = ()


@runtime_checkable
class Requesting(Protocol):
    """A driver that knows of requests."""

    def traffic(self) -> Traffic: ...
