"""An OpenAI-compatible endpoint on loopback whose answers a test decides: a real server, for the real client.

It speaks Chat Completions (streamed or not), the Responses API and embeddings, keeps every request, and can misbehave.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
    """What the model says: words, calls, or items of the Responses API; and what it claims to have used."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    sent: int | None = 100
    written: int | None = 10
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong instead of an answer: a status with a message, silence, a stream that is cut, or nonsense."""

    status: int = 0
    message: str = "a fault"
    silent: bool = False
    cut: bool = False
    nonsense: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Brain = Callable[[Asked], Answer | Fault]


class ModelServer(ThreadingHTTPServer):
    """`asked` are the requests in order, with their path under "path"."""

    daemon_threads = True

    def __init__(self, brain: Brain, *, key: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.brain, self.key = brain, key
        self.asked: list[Asked] = []
        self.ended = Event()
        self.lock = Lock()

    @property
    def url(self) -> str:
        """What a client is given as its base."""
        return f"http://127.0.0.1:{self.server_port}/v1"


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
        server.server_close()


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
            wrong_key = self.server.key and self.headers["Authorization"] != f"Bearer {self.server.key}"
            said = Fault(401, "Incorrect API key provided") if wrong_key else self.server.brain(asked)
        if isinstance(said, Fault) and not said.cut:
            return self._fault(said)
        answer = said if isinstance(said, Answer) else Answer("this comes to no", sent=None)
        if self.path.endswith("/responses"):
            return self._json(200, _response(answer, asked))
        if asked.get("stream"):
            return self._stream(answer, asked, cut=isinstance(said, Fault))
        return self._json(200, _completion(answer, asked))

    def _fault(self, fault: Fault) -> None:
        if fault.silent:
            self.server.ended.wait()
            self.close_connection = True
        elif fault.nonsense:
            self._send(200, b"<html>no model here</html>", "text/html", {})
        else:
            body = {"error": {"message": fault.message, "type": "fault", "code": None, "param": None}}
            self._send(fault.status, json.dumps(body).encode(), "application/json", fault.headers)

    def _json(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", {})

    def _send(self, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: Answer, asked: Asked, *, cut: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in _pieces(answer, asked):
            if cut and piece["choices"] and piece["choices"][0]["finish_reason"]:
                return
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

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
