"""An endpoint on loopback whose answers a test decides: a real server, for the real clients of OpenAI and Anthropic.

It speaks Chat Completions (streamed or not), the Responses API, the Messages API and Embeddings, keeps every request,
and can misbehave.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call of an answer."""

    name: str
    given: Mapping[str, Any]
    id: str = "call_1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says: words, calls, items of the Responses API, or a vector; what it claims to have used; why it
    ended.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    sent: int | None = 100
    written: int | None = 10
    cached: int = 0
    ended: str = ""
    vector: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong instead of an answer: a status with a message, silence, nonsense, or an answer that is cut off or
    (if silent too) stands still.
    """

    status: int = 0
    message: str = "a fault"
    silent: bool = False
    cut: bool = False
    nonsense: bool = False
    body: str = "<html>no model here</html>"  # of nonsense, and its kind
    kind: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)


Brain = Callable[[Asked], Answer | Fault]


class ModelServer(ThreadingHTTPServer):
    """`asked` are the requests in order, with their path under "path"; `at` are the times of a clock when they came."""

    daemon_threads = False  # each is awaited at the end: none may be left with its connection open

    def __init__(self, brain: Brain, *, key: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.brain, self.key = brain, key
        self.asked: list[Asked] = []
        self.at: list[float] = []
        self._open: set[socket.socket] = set()
        self.ended = Event()
        self.lock = Lock()

    @property
    def url(self) -> str:
        """What a client is given as its base."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open for their next question."""
        with self.lock:
            for request in self._open:
                with suppress(OSError):  # the client was first
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(brain: Brain, *, key: str = "") -> Iterator[ModelServer]:
    """It answers for as long as the block goes on. With a `key` it answers nobody else."""
    server = ModelServer(brain, key=key)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


def form_of(asked: Asked) -> str:
    """What else than an act a request wants: "verdict" of a judge, "lesson" of who sums a run up; "" for an act."""
    tools = asked.get("tools") or [{}]
    name = (tools[0].get("function") or tools[0]).get("name", "")
    return name if len(tools) == 1 and name in ("verdict", "lesson") else ""


def lesson(when: str = "where it is asked for", worked: str = "click it", pitfalls: Sequence[str] = ()) -> Answer:
    """What a model makes of a run."""
    return Answer(calls=(Call("lesson", {"when": when, "worked": worked, "pitfalls": list(pitfalls)}),))


def scripted(*answers: Answer | Fault) -> Brain:
    """One after another; the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append({**asked, "path": self.path})
            self.server.at.append(time.monotonic())
            given = self.headers["x-api-key"] or (self.headers["Authorization"] or "").removeprefix("Bearer ")
            wrong_key = self.server.key and given != self.server.key
            said = Fault(401, "Incorrect API key provided") if wrong_key else self.server.brain(asked)
        if isinstance(said, Fault) and not said.cut:
            return self._fault(said)
        cut = isinstance(said, Fault)
        answer = said if isinstance(said, Answer) else Answer("this comes to no", sent=None)
        if asked.get("stream"):
            return self._stream(answer, asked, said if isinstance(said, Fault) else None)
        if self.path.endswith("/messages"):
            return self._json(200, _message(answer, asked), cut=cut)
        ways = {"responses": _response, "embeddings": _embedded}
        as_wanted = ways.get(self.path.rpartition("/")[2], _completion)
        return self._json(200, as_wanted(answer, asked), cut=cut)

    def _fault(self, fault: Fault) -> None:
        if fault.silent:
            self.server.ended.wait()
            self.close_connection = True
        elif fault.nonsense:
            self._send(200, fault.body.encode(), fault.kind, {})
        else:
            body = {"type": "error", "error": {"message": fault.message, "type": "fault", "code": None, "param": None}}
            self._send(fault.status, json.dumps(body).encode(), "application/json", fault.headers)

    def _json(self, status: int, body: object, *, cut: bool = False) -> None:
        data = json.dumps(body).encode()
        if cut:
            self.close_connection = True
            self._send(status, data[: len(data) // 2], "application/json", {"Content-Length": str(len(data))})
        else:
            self._send(status, data, "application/json", {})

    def _send(self, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: Answer, asked: Asked, fault: Fault | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in _pieces(answer, asked):
            if fault and piece["choices"] and piece["choices"][0]["finish_reason"]:
                if fault.silent:
                    self.server.ended.wait()
                self.close_connection = True
                return
            self._chunk(f"data: {json.dumps(piece)}\n\n".encode())
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def log_message(self, format: str, *args: Any) -> None: ...


def _usage(answer: Answer) -> dict[str, Any] | None:
    if answer.sent is None or answer.written is None:
        return None
    return {
        "prompt_tokens": answer.sent,
        "completion_tokens": answer.written,
        "total_tokens": answer.sent + answer.written,
        "prompt_tokens_details": {"cached_tokens": answer.cached},
    }


def _calls(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "index": at,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.given)},
        }
        for at, call in enumerate(answer.calls)
    ]


def _completion(answer: Answer, asked: Asked) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = [
            {key: value for key, value in call.items() if key != "index"} for call in _calls(answer)
        ]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if answer.calls else "stop"}
    return {"id": "chat_1", "object": "chat.completion", "created": 0, "model": asked["model"], "choices": [choice],
            "usage": _usage(answer)}  # fmt: skip


def _pieces(answer: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    def piece(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "chat_1", "object": "chat.completion.chunk", "created": 0, "model": asked["model"],
                "choices": [choice]}  # fmt: skip

    yield piece({"role": "assistant", "content": ""})
    for at in range(0, len(answer.text), 7):
        yield piece({"content": answer.text[at : at + 7]})
    for call in _calls(answer):
        given = call["function"]["arguments"]
        yield piece({"tool_calls": [{**call, "function": {**call["function"], "arguments": ""}}]})
        for at in range(0, len(given), 9):
            yield piece({"tool_calls": [{"index": call["index"], "function": {"arguments": given[at : at + 9]}}]})
    yield piece({}, "tool_calls" if answer.calls else "stop")
    if usage := _usage(answer):
        yield {**piece({}), "choices": [], "usage": usage}


def _embedded(answer: Answer, asked: Asked) -> dict[str, Any]:
    usage = {"prompt_tokens": answer.sent, "total_tokens": answer.sent}
    one = {"object": "embedding", "index": 0, "embedding": list(answer.vector)}
    return {"object": "list", "model": asked["model"], "data": [one], "usage": usage}


def _response(answer: Answer, asked: Asked) -> dict[str, Any]:
    words = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": answer.text, "annotations": []}]}  # fmt: skip
    usage = _usage(answer) and {
        "input_tokens": answer.sent,
        "output_tokens": answer.written,
        "total_tokens": (answer.sent or 0) + (answer.written or 0),
        "input_tokens_details": {"cached_tokens": answer.cached},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    return {"id": "resp_1", "object": "response", "created_at": 0, "status": "completed", "model": asked["model"],
            "output": [*([words] if answer.text else []), *answer.items], "parallel_tool_calls": False,
            "tool_choice": "auto", "tools": [], "usage": usage}  # fmt: skip


def _message(answer: Answer, asked: Asked) -> dict[str, Any]:
    """Of Anthropic's Messages API."""
    words = [{"type": "text", "text": answer.text, "citations": None}] if answer.text else []
    calls = [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.given} for call in answer.calls]
    known = answer.sent is not None and answer.written is not None
    usage = {"input_tokens": (answer.sent or 0) - answer.cached, "cache_read_input_tokens": answer.cached,
             "cache_creation_input_tokens": 0, "output_tokens": answer.written}  # fmt: skip
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "content": [*words, *calls],
            "stop_reason": answer.ended or ("tool_use" if calls else "end_turn"), "stop_sequence": None,
            "usage": usage if known else None}  # fmt: skip
