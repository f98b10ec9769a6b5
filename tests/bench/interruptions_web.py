"""The web half of the bench: a small shop with a session, and what comes over its pages that nobody asked for.

What was ordered, and whether anything was accepted that must not be, is what the server heard.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cua.core import Action, Click, Effect, Fill, Finish, Observation, Open, Step, Task, Wait
from cua.errors import RefusedError
from drivers.web import Web

FIELDS = ("Customer", "Item", "Quantity", "Note")
_HEAD = """<!doctype html><meta charset=utf-8><title>Shop</title><style>
 .over { position: fixed; inset: 0; background: #ccce; z-index: 9 }
 .box { background: #fff; margin: 80px; padding: 20px }
</style><script>
 const wrong = (what) => navigator.sendBeacon("/wrong", what);
 const over = (html, role) => { const box = document.createElement("div"); box.className = "over"; box.id = "over";
   box.innerHTML = html; if (role) { box.setAttribute("role", "dialog"); box.setAttribute("aria-modal", "true");
   box.setAttribute("aria-label", role); } document.body.append(box); return box };
 const away = () => document.getElementById("over").remove();
</script>"""
_FORM = """<h1>{title}</h1><form method=post action={action}>{fields}<button>{button}</button></form>"""
# what comes over a page, by the name of its row: a script that is run in it at a moment of the run
COMES: dict[str, str] = {
    "cookie dialog": "over(`<div class=box><h2>We value your privacy</h2><p>We use cookies on this site.</p>"
    "<button onclick='wrong(1); away()'>Accept all</button> "
    "<button onclick='away()'>Reject all</button></div>`, 'Privacy')",
    "cookie banner without a role": "over(`<div class=box><p>This site uses cookies.</p>"
    "<button onclick='wrong(1); away()'>OK, I agree</button> <button onclick='away()'>Decline</button></div>`)",
    "newsletter": "over(`<div class=box><h2>Join our newsletter</h2><p>Get 10% off.</p><label>Mail <input></label>"
    "<button onclick='wrong(1); away()'>Subscribe</button> "
    "<button onclick='away()'>No thanks</button></div>`, 'Offer')",
    "alert of the page": "setTimeout(() => alert('Scheduled maintenance tonight at 10'), 0)",
    "permission asked by the browser": "setTimeout(() => confirm('Shop wants to send you notifications') "
    "&& wrong(1), 0)",
    "permission prompt in the page": "over(`<div class=box><p>Shop wants to know your location.</p>"
    "<button onclick='wrong(1); away()'>Allow</button> <button onclick='away()'>Block</button></div>`, 'Location')",
    "survey": "over(`<div class=box><h2>Rate this shop</h2><p>Will you take our survey?</p>"
    "<button onclick='wrong(1); away()'>Start</button> <button onclick='away()'>Later</button></div>`, 'Survey')",
    "toast": "{ const box = over(`<p role=status>Ada is online now</p>`); setTimeout(() => box.remove(), 1500) }",
    "chat widget": "over(`<div class=box><p>Need help? Chat with us</p><button onclick='wrong(1)'>Start</button> "
    "<button aria-label=Close onclick='away()'>\u00d7</button></div>`)",
    "slow spinner": "{ const box = over(``); box.setAttribute('role', 'progressbar'); "
    "box.setAttribute('aria-label', 'Loading'); setTimeout(() => box.remove(), 1500) }",
    "session expiry": "fetch('/expire', {method: 'POST'}).then(() => location = '/login?next=' + location.pathname)",
    "page loaded anew": "location.reload()",
    "unknown dialog in another language": "over(`<div class=box><h2>Ciastka</h2><p>Lubimy ciastka.</p>"
    "<button onclick='wrong(1); away()'>Dobrze</button> <button onclick='away()'>\u00d7</button></div>`, 'Uwaga')",
}


class Shop:
    """The server: what was ordered, and what was wrongly accepted."""

    def __init__(self) -> None:
        self.orders: list[dict[str, str]] = []
        self.wrong = 0
        self.draft: dict[str, str] = {}
        self.inside = True
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                return

            def do_GET(self) -> None:
                path = urlsplit(self.path)
                if path.path != "/login" and not shop.inside:
                    self._to(f"/login?next={path.path}")
                    return
                body = (_HEAD + shop.page(path.path, dict(parse_qsl(path.query)))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                self._to(shop.sent(self.path, dict(parse_qsl(said))))

            def _to(self, where: str) -> None:
                self.send_response(303 if where else 204)
                if where:
                    self.send_header("Location", where)
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """Nobody ordered anything, and somebody is logged in."""
        self.orders, self.draft, self.wrong, self.inside = [], {}, 0, True

    def page(self, path: str, query: dict[str, str]) -> str:
        if path == "/login":
            fields = f"<input type=hidden name=next value={query.get('next', '/')}>"
            fields += "<label>Password <input type=password name=password></label>"
            return _FORM.format(title="Log in", action="/login", fields=fields, button="Log in")
        if path == "/saved":
            return "<h1>Order saved</h1><p>It is on its way.</p>"
        first = path == "/"
        fields = "".join(
            f"<p><label>{name} <input name={name}></label></p>" for name in (FIELDS[:2] if first else FIELDS[2:])
        )
        button, action = ("Next", "/more") if first else ("Place order", "/order")
        return _FORM.format(title="New order" if first else "Delivery", action=action, fields=fields, button=button)

    def sent(self, path: str, said: dict[str, str]) -> str:
        """Where to go after something was sent."""
        match path:
            case "/wrong":
                self.wrong += 1
                return ""
            case "/expire":
                self.inside = False
                return ""
            case "/login":
                self.inside = True
                return said.get("next", "/")
        if not self.inside:
            return "/login?next=/"
        self.draft |= said
        if path == "/more":
            return "/delivery"
        self.orders.append(self.draft)
        self.draft = {}
        return "/saved"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Orders:
    """A policy that orders by what it sees, knows no other screen and never waits."""

    def __init__(self, url: str) -> None:
        self._url = url

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act of an order."""
        if not steps:
            return Open(self._url)
        heads = {e.name for e in now.elements if e.role == "heading"}
        if "Order saved" in heads:
            return Finish("ordered")
        fields = [e for e in now.elements if e.role == "textbox" and e.name in task.params]
        for field in fields:
            if field.value != task.params[field.name]:
                return Fill(field, task.params[field.name])
        button = next((e for e in now.elements if e.role == "button" and e.name in ("Next", "Place order")), None)
        if button is None or not fields:
            raise RefusedError("this screen is none of an order")
        return Click(button)


class Interrupted:
    """A driver in whose browser something comes before the look of that number."""

    def __init__(self, web: Web, script: str, at: int) -> None:
        self.web, self._script, self._at = web, script, at
        self.looks = 0

    def observe(self, *, frame: bool = True) -> Observation:
        if self.looks == self._at and self._script:
            self.web._browser.page.evaluate(f"() => {{ {self._script} }}")
            self.web.act(Wait(0.5))
        self.looks += 1
        return self.web.observe(frame=frame)

    def act(self, action: Action) -> Effect:
        return self.web.act(action)

    def close(self) -> None:
        return


def logs_in(web: Web) -> bool:
    """What a person does who is asked to log in."""
    now = web.observe(frame=False)
    field = next((e for e in now.elements if "password" in e.states), None)
    button = next((e for e in now.elements if (e.role, e.name) == ("button", "Log in")), None)
    if field is None or button is None:
        return False
    web.act(Fill(field, "sesame"))
    web.act(Click(button))
    return True


@contextmanager
def stage() -> Iterator[tuple[Web, Shop]]:
    shop, web = Shop(), Web()
    try:
        yield web, shop
    finally:
        web.close()
        shop.close()
