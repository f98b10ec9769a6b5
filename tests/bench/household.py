"""A small web app on loopback for the benches of the model: a shopping list and its settings, kept by the server."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>{title} - Household</title>
<style>body{{font:16px/1.4 system-ui;max-width:44rem;margin:1rem auto}}label{{display:block;margin:.2rem 0}}</style>
<nav><a href="/">List</a> <a href="/messages">Messages</a></nav>
<h1>{title}</h1>{body}<p role=status>{said}</p></html>"""
_SETTINGS = {
    "people": ("People", ("1", "2", "3", "4")),
    "language": ("Language", ("English", "Deutsch", "Polski")),
    "day": ("Shopping day", ("Monday", "Friday", "Saturday")),
    "payer": ("Paid by", ("Ada", "Ines", "Otto")),
    "size": ("Size", ("Small", "Large")),
}
_TICKS = {"mail": "Weekly mail", "hides": "Hide what is bought"}


@dataclass(slots=True)
class Household:
    """What the server has. An item is bought or not."""

    items: dict[str, bool] = field(default_factory=lambda: {"soap": True, "stamps": False, "candles": False})
    name: str = "Home"
    people: str = "2"
    language: str = "English"
    day: str = "Monday"
    payer: str = "Ada"
    size: str = "Small"
    mail: bool = False
    hides: bool = False
    messages: list[str] = field(default_factory=list)


class Server(ThreadingHTTPServer):
    """`home` is what it has now; a new one is a fresh start."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.home = Household()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


@contextmanager
def serving() -> Iterator[Server]:
    """It answers for as long as the block goes on."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Pages(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        at = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(at.query).items()}
        self._answer(at.path, query.get("said", ""), query.get("item", ""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        back, said = _changed(self.server.home, self.path, form)
        self.send_response(303)
        self.send_header("Location", f"{back}?said={said}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, path: str, said: str, item: str) -> None:
        home = self.server.home
        pages = {"/messages": ("Messages", _messages(home)), "/rename": ("Rename", _rename(item))}
        title, body = pages.get(path, (home.name, _list(home)))
        page = _PAGE.format(title=html.escape(title), body=body, said=html.escape(said)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None: ...


def _changed(home: Household, path: str, form: dict[str, str]) -> tuple[str, str]:
    """Where to go on, and what to say there."""
    item = form.get("item", "")
    match path:
        case "/add":
            home.items[item] = False
        case "/delete":
            home.items.pop(item, None)
        case "/tick":
            home.items[item] = "bought" in form
        case "/clear":
            home.items = {name: bought for name, bought in home.items.items() if not (bought or "all" in form)}
        case "/rename":
            home.items = {form["name"] if name == item else name: bought for name, bought in home.items.items()}
        case "/send":
            home.messages.append(form["message"])
            return "/messages", "Sent"
        case "/settings":
            home.name = form["name"]
            for key in _SETTINGS:
                setattr(home, key, form[key])
            for key in _TICKS:
                setattr(home, key, key in form)
            return "/", "Settings saved"
    return "/", "Saved"


def _list(home: Household) -> str:
    rows = "".join(_row(name, bought) for name, bought in home.items.items() if not (home.hides and bought))
    fields = "".join(
        f"<label>{label} <select name={key}>{_options(many, getattr(home, key))}</select></label>"
        for key, (label, many) in _SETTINGS.items()
    )
    ticks = "".join(
        f"<label><input type=checkbox name={key}{' checked' * getattr(home, key)}> {label}</label>"
        for key, label in _TICKS.items()
    )
    return (
        f"<form method=post action=/add><label>New item <input name=item></label><button>Add</button></form>"
        f"<ul>{rows}</ul><form method=post action=/clear><button>Clear what is bought</button></form>"
        f"<form method=post action=/clear><input type=hidden name=all value=1>"
        f"<button>Empty the list</button></form>"
        f"<h2>Settings</h2><form method=post action=/settings>"
        f'<label>Name <input name=name value="{html.escape(home.name)}"></label>{fields}{ticks}'
        f"<button>Save</button></form>"
    )


def _row(name: str, bought: bool) -> str:
    safe = html.escape(name)
    held = f'<input type=hidden name=item value="{safe}">'
    return (
        f"<li><form method=post action=/tick>{held}<label><input type=checkbox name=bought onchange=this.form.submit()"
        f"{' checked' * bought}> {safe}</label></form>"
        f'<a href="/rename?item={safe}">Rename {safe}</a>'
        f"<form method=post action=/delete>{held}<button>Delete {safe}</button></form></li>"
    )


def _options(many: tuple[str, ...], held: str) -> str:
    return "".join(f"<option{' selected' * (one == held)}>{one}</option>" for one in many)


def _messages(home: Household) -> str:
    said = "".join(f"<li>{html.escape(one)}</li>" for one in home.messages)
    form = "<form method=post action=/send><label>Message <input name=message></label><button>Send</button></form>"
    return f"<ul>{said}</ul>{form}"


def _rename(item: str) -> str:
    safe = html.escape(item)
    return (
        f'<form method=post action=/rename><input type=hidden name=item value="{safe}">'
        f"<p>{safe}</p><label>New name <input name=name></label><button>Rename</button></form>"
    )
