"""What the pages asked servers for, and how that was answered: method, address and status, by the act it came after.

It also knows which of them came of the act that was begun last, and may still be answered. It keeps no query, header or
body, of which it takes a hash, waits for nothing, and judges nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.sync_api import Error, Frame, Response
from playwright.sync_api import Request as Sent

from cua.traffic import SAFE, Request, Traffic

_TYPES = ("xhr", "fetch")
_STREAMS = ("text/event-stream", "multipart/x-mixed-replace", "application/x-ndjson", "application/grpc-web")
_MOST = 1000  # answers that are kept where nobody asks for them
_SOON, _LATE = 0.5, 2.0  # seconds after an act, or an answer to it, in which requests and tabs are taken to come of it
_AGAIN = 2  # what is asked for more often than this after one act is asked for again and again
_BODY_SECONDS = 1.0  # an answer whose body is not whole so long after its head is a stream

_Kind = tuple[str, str, str]


class Requests:
    """Keeps the requests of all tabs. `loading` are those that are not over yet.

    What a page asks for while an act is done, soon after it, or soon after an answer to such a request, comes of the
    act, until the page turns; not what it asks for again and again, by itself, or was awaited for in vain before.
    """

    def __init__(self) -> None:
        self.loading: set[Sent] = set()
        self.turned: set[Frame] = set()  # frames that have come to a new document since the act was begun
        self.served = False  # whether what came of the act has been answered, or some of it
        self.in_vain = False  # whether some of it was awaited in vain
        self._turn = 0
        self._sent = -1
        self._open: dict[Sent, Request] = {}
        self._answers: deque[Request] = deque(maxlen=_MOST)
        self._own: dict[Sent, float] = {}  # what came of the act, and when the head of its answer came, 0 before
        self._turning: set[Frame] = set()
        self._foretold = 0.0  # until when a page or a tab is expected
        self._last = 0.0  # when the act was done, or an answer to it came
        self._over = 0.0  # when the page turned: what it asks for then is for itself
        self._began = 0.0
        self._apart: set[_Kind] = set()  # what pages ask for by themselves, and (without a body) what has no end
        self._vain: set[_Kind] = set()  # what was awaited in vain
        self._times: Counter[_Kind] = Counter()  # how often it was asked for since the act was begun
        self._standing: set[_Kind] = set()  # what was not answered when it was begun

    def begin(self) -> None:
        """An act is about to be done: what is loading from now on may come from it."""
        for each in (self.loading, self.turned, self._turning, self._own, self._times):
            each.clear()
        self._turn += 1
        self._foretold = 0.0
        self._began, self._last, self.served, self.in_vain = time.monotonic(), float("inf"), False, False
        self._standing = {_kind(request, asked.body) for request, asked in self._open.items()}

    def done(self) -> None:
        """The act is done, and what comes of it begins."""
        self._last = time.monotonic()

    def foretold(self, seconds: float = _SOON) -> None:
        """A page said that it is about to turn, or to open a tab."""
        self._foretold = time.monotonic() + seconds

    def sent(self, request: Sent) -> None:
        """A page asks for something; pictures, styles and the like are not looked at."""
        turning = request.is_navigation_request()
        if turning or request.resource_type in _TYPES:
            self._sent = self._turn if turning or request.method not in SAFE else self._sent
            url, frame = urlsplit(request.url), _asker(request)
            host = urlsplit(frame.url).netloc if frame else ""
            asked = Request(
                self._turn, request.method, url.path or "/", page=turning and (not frame or not frame.parent_frame),
                body=_hash(request), own=url.netloc == host,
            )  # fmt: skip
            self._place(request, asked, frame if turning else None)
            self._open[request] = asked

    def _place(self, request: Sent, asked: Request, turning: Frame | None) -> None:
        """Does it come of the act?"""
        now, kind = time.monotonic(), _kind(request, asked.body)
        self._times[kind] += 1
        known = self._times[kind] > _AGAIN or any(kind[:2] == each[:2] for each in self._standing)
        vain = kind in self._vain and not turning
        if not vain and (turning or kind not in self._standing):
            self.loading.add(request)
        self.in_vain = self.in_vain or (vain and now - self._last <= _SOON)
        if asked.page:
            self._foretold = 0.0
        if turning:
            self._turning.add(turning)
        elif now - max(self._last, self._over) > _LATE:
            self._apart.add(kind)
        elif now - self._last <= _SOON and self._over < self._began and not known and not asked.page:
            self._own |= {} if {kind, (*kind[:2], "")} & self._apart else {request: 0.0}

    def answered(self, response: Response) -> None:
        """The head of an answer is there."""
        request = response.request
        if request in self._own:
            self._own[request] = time.monotonic()
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in _STREAMS:
                self._endless(request)
        asked = self._open.pop(request, None)
        if asked is not None:
            self._answers.append(replace(asked, status=response.status))

    def ended(self, request: Sent) -> None:
        """It is over, maybe without an answer."""
        if self._own.pop(request, None) is not None:
            self.served, self._last = True, time.monotonic()
        self.loading.discard(request)
        self._open.pop(request, None)

    def turns(self, frame: Frame) -> None:
        """A frame has come to another address; to a new document, if it had asked for one."""
        if frame in self._turning:
            self.turned.add(frame)
            if frame.parent_frame is None:
                self._over = time.monotonic()
                self._own.clear()

    def give_up(self) -> None:
        """The limit has come: what is not answered now is not awaited any more, nor when it is sent again."""
        self.in_vain = self.in_vain or self.awaiting
        for each in tuple(self._own):
            self._endless(each)

    def _endless(self, request: Sent) -> None:
        del self._own[request]
        self.loading.discard(request)
        self._apart.add(_kind(request, ""))
        self._vain.add(_kind(request, _hash(request)))

    @property
    def following(self) -> bool:
        """May what happens now have come of the act that was begun last?"""
        return bool(self._own) or time.monotonic() - self._last <= _LATE

    @property
    def turning(self) -> bool:
        """Whether a page or a frame is on its way."""
        return any(each.is_navigation_request() for each in self.loading)

    @property
    def awaiting(self) -> bool:
        """Whether something that came of the act may still be answered."""
        now = time.monotonic()
        late = any(not head or now - head < _BODY_SECONDS for head in self._own.values())
        return late or self.turning or now < self._foretold

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


def _kind(request: Sent, body: str) -> _Kind:
    return request.method, request.url.partition("?")[0].partition("#")[0], body


def _asker(request: Sent) -> Frame | None:
    """The frame that has asked; None for a new tab's, which is not there yet."""
    try:
        return request.frame
    except Error:
        return None
