"""A page is at rest when what it asked for has come whole and it has shown what it makes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cua.core import Click, Open, Wait
from tests.browsers import browsing

PAGE = """<!doctype html><title>Order</title><button>Save</button><p role=status></p><script>
document.querySelector("button").onclick = async () => {
  const status = document.querySelector("p");
  const answer = await fetch("/orders", { method: "POST" });
  status.textContent = "saved";
  const said = await answer.text();
  setTimeout(() => { status.textContent = said; }, 0);
};</script>"""
APART = 0.2  # seconds between the head of an answer and its body: longer than a page must be calm


class Server(BaseHTTPRequestHandler):
    """The page, and an answer whose head comes at once and whose body takes it back later."""

    def do_GET(self) -> None:
        self._head(PAGE)
        self.wfile.write(PAGE.encode())

    def do_POST(self) -> None:
        said = "rejected"
        self._head(said)
        self.wfile.flush()
        threading.Event().wait(APART)
        self.wfile.write(said.encode())

    def _head(self, said: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(name="address")
def served() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("brisk", [True, False])
def test_what_an_answer_takes_back_in_its_body_is_awaited(address: str, *, brisk: bool) -> None:
    with browsing(brisk=brisk) as web:
        web.act(Open(address))
        button = next(each for each in web.observe(frame=False).elements if each.role == "button")
        web.act(Click(button))
        assert web.act(Wait(2.0)).kind == "confirmed"
        names = [each.name for each in web.observe(frame=False).elements]
        assert "rejected" in names
        assert "saved" not in names
