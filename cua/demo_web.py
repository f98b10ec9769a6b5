"""A small web app on loopback, a task on it in words, and a judge that reads the app's own file. For the demo only."""

from __future__ import annotations

import html
import json
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from cua import app
from cua.doing import do_there
from cua.memory.store import Store
from cua.own_screens import open_web

_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Small shop settings</title>
<style>body{{font:16px/1.5 system-ui;max-width:34rem;margin:3rem auto}}label{{display:block;margin:.6rem 0}}</style>
<h1>Settings</h1><form method=post>
<label>Shop name <input name=shop value="{shop}"></label>
<label><input type=checkbox name=newsletter {newsletter}> Weekly newsletter</label>
<label>Language <select name=language>{languages}</select></label>
<button>Save settings</button></form><p role=status>{said}</p></html>"""
_LANGUAGES = ("English", "Deutsch", "Polski")
GOAL = "set shop name to 'Corner Books', turn on weekly newsletter, set language to Polski and save settings"
WANTED = {"shop": "Corner Books", "newsletter": "on", "language": "Polski"}


def show() -> str:
    """Do the task in a real browser and say what the app's file holds afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        file.write_text(json.dumps({"shop": "My shop", "newsletter": "", "language": "English"}))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _pages(file))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/"
            with open_web(url) as driver, Store(Path(folder) / "web.db") as store:
                done = do_there(GOAL, app.page_seat(url, driver, store))
        finally:
            server.shutdown()
            server.server_close()
        found = json.loads(file.read_text())
    outcome = "pass" if found == WANTED else "fail"
    work = f"{GOAL!r} in {done.acts} acts, {done.seconds:.1f} s"
    return f"{outcome}: {work}; the app's file holds {found} ({done.saying})"


def _pages(file: Path) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            file.write_text(json.dumps({key: form.get(key, "") for key in ("shop", "newsletter", "language")}))
            self._answer("Saved")

        def _answer(self, said: str) -> None:
            held = json.loads(file.read_text())
            options = "".join(f"<option{' selected' * (held['language'] == one)}>{one}</option>" for one in _LANGUAGES)
            page = _PAGE.format(
                shop=html.escape(held["shop"]),
                newsletter="checked" if held["newsletter"] else "",
                languages=options,
                said=said,
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Pages
