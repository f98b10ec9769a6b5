"""What the pages asked servers for, and how that was answered: method, address and status, by the act it came after.

It keeps no query, header or body, of which it takes a hash, waits for nothing, and judges nothing.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.sync_api import Error, Response
from playwright.sync_api import Request as Sent

from cua.traffic import SAFE, Request, Traffic

_TYPES = ("xhr", "fetch")
_MOST = 1000  # answers that are kept where nobody asks for them


class Requests:
    """Keeps the requests of all tabs. `loading` are those that are not over yet."""

    def __init__(self) -> None:
        self.loading: set[Sent] = set()
        self._turn = 0
        self._sent = -1
        self._open: dict[Sent, Request] = {}
        self._answers: deque[Request] = deque(maxlen=_MOST)

    def begin(self) -> None:
        """An act is about to be done: what is loading from now on may come from it."""
        self.loading.clear()
        self._turn += 1

    def sent(self, request: Sent) -> None:
        """A page asks for something; pictures, styles and the like are not looked at."""
        turning = request.is_navigation_request()
        if turning or request.resource_type in _TYPES:
            self.loading.add(request)
            self._sent = self._turn if turning or request.method not in SAFE else self._sent
            url, (whole, host) = urlsplit(request.url), _asker(request)
            self._open[request] = Request(
                self._turn, request.method, url.path or "/", page=turning and whole, body=_hash(request),
                own=url.netloc == host,
            )  # fmt: skip

    def answered(self, response: Response) -> None:
        """The head of an answer is there."""
        asked = self._open.pop(response.request, None)
        if asked is not None:
            self._answers.append(replace(asked, status=response.status))

    def ended(self, request: Sent) -> None:
        """It is over, maybe without an answer."""
        self.loading.discard(request)
        self._open.pop(request, None)

    @property
    def sending(self) -> bool:
        """Whether the act that was begun last has turned a page, or sent something that may change one."""
        return self._sent == self._turn

    def take(self) -> Traffic:
        """What is known; the answers are told once."""
        told = tuple(self._answers)
        self._answers.clear()
        return Traffic(self._turn, self._sent, told, tuple(self._open.values()))


def _hash(request: Sent) -> str:
    body = request.post_data_buffer
    return hashlib.blake2b(body, digest_size=16).hexdigest() if body else ""


def _asker(request: Sent) -> tuple[bool, str]:
    """Whether the page itself has asked, not a frame in it, and from which host and port that came."""
    try:
        frame = request.frame
        return frame.parent_frame is None, urlsplit(frame.url).netloc
    except Error:  # a new tab whose frame is not there yet
        return True, ""
