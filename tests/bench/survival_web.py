"""The web half of the survival matrix: pages served on loopback, changed in the browser, acted on by the real driver.

What was clicked is told by the page to a server that no look sees. Baselines are judged on the changed page without
acting: the element that their locator gives is compared by the same hidden attribute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator

from cua.core import Click, Element, Observation, Open, Task
from cua.errors import CuaError
from cua.memory.workflows import Act, Mark, Workflow
from cua.policies.finding import Lost, find, look_at, mark_of
from cua.policies.replay import Replay
from cua.run import Unkept, run
from drivers.web import Web
from tests.bench.survival_cells import AROUND, Cell, Result, judged

PAGES = Path(__file__).parents[1] / "fixtures" / "flows" / "pairs"
CHANGES_JS = Path(__file__).with_suffix(".js").with_name("survival.js")
FLOWS = ("news", "shop", "bank", "forum", "docs", "search", "wiki", "booking", "mail", "settings")
TARGETS = 2
BASELINES = ("codegen locator", "xpath only", "position only")
_ROLES = frozenset({"link", "button", "textbox", "searchbox", "checkbox", "radio"})
_TELL = """<script>addEventListener("click", (event) => {
  const truth = event.composedPath().map((el) => el.dataset && el.dataset.truth).find(Boolean);
  event.preventDefault();
  fetch("/did", { method: "POST", body: truth || "nothing known", keepalive: true });
}, true);</script>"""
_TRUTHS = """(paths) => paths.map((path) => {
  const found = path && !path.includes(">>>") ? document.evaluate(path, document, null, 9, null) : null;
  const el = found && found.singleNodeValue;
  return el && el.dataset.truth || "";
})"""
_NEAREST = "(el) => (el.closest('[data-truth]') || {dataset: {}}).dataset.truth || 'nothing known'"
_AT = """([kind, value]) => {
  const at = (path) => document.evaluate(path, document, null, 9, null).singleNodeValue;
  const el = kind === "at" ? document.elementFromPoint(...value) : at(value);
  return el ? (el.closest("[data-truth]") || { dataset: {} }).dataset.truth || "nothing known" : "";
}"""


class Site:
    """The pages over HTTP, and what was clicked on them."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.heard = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = PAGES / f"{self.path.strip('/').split('?')[0]}.html"
                body = (path.read_text() + _TELL).encode() if path.is_file() else b""
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                site.did.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(204)
                self.end_headers()
                site.heard.set()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def stage() -> Iterator[tuple[Web, Site]]:
    site = Site()
    web = Web()
    try:
        yield web, site
    finally:
        web.close()
        site.close()


def cells() -> Iterator[Cell]:
    """Every change of every flow, for so many targets of it."""
    script = CHANGES_JS.read_text()
    with stage() as (web, site):
        for flow in FLOWS:
            web.act(Open(f"{site.url}/{flow}.new"))
            now = web.observe(frame=False)
            changes = web._browser.page.evaluate(script, ["", next(iter(_truths(web, now).values()))])
            for truth, element in _targets(web, now).items():
                mark, base = mark_of(element, now), _baselines(element, now)
                for change in changes:
                    result = _tried(web, site, f"{site.url}/{flow}.new", (change, truth), (mark, base, script))
                    yield Cell("web", flow, change, truth, *result)


def _truths(web: Web, now: Observation) -> dict[int, str]:
    said = web._browser.page.evaluate(_TRUTHS, list(look_at(now).xpaths))
    return {at: truth for at, truth in enumerate(said) if truth}


def _targets(web: Web, now: Observation) -> dict[str, Element]:
    """Targets spread over the page: of all that a truth is known of and that can be clicked."""
    found = {t: now.elements[at] for at, t in _truths(web, now).items() if now.elements[at].role in _ROLES}
    step = max(1, len(found) // TARGETS)
    return dict(list(found.items())[step // 2 :: step][:TARGETS])


def _tried(
    web: Web, site: Site, url: str, what: tuple[str, str], how: tuple[Mark, dict[str, Any], str]
) -> tuple[Result, dict[str, Result], str]:
    """Ours first judged on the changed page, the baselines before it on the same page, without acting."""
    (change, truth), (mark, base, script) = what, how
    web._browser.page.goto(url)
    web._browser.page.evaluate(script, [change, truth])
    others = {name: judged(change, truth, _baseline(web, name, value)) for name, value in base.items()}
    site.did.clear()
    site.heard.clear()
    try:
        said, by = _replayed(web, site, mark) if change in AROUND else _acted(web, site, mark)
    except CuaError as exc:
        return "crash", others, str(exc)
    return judged(change, truth, said), others, by


def _acted(web: Web, site: Site, mark: Mark) -> tuple[str, str]:
    """Found on the page and clicked: what the page says was clicked, and how it was found."""
    found = find(mark, web.observe(frame=False))
    if isinstance(found, Lost):
        return "", found.kind
    if web.act(Click(found.element)).kind == "refused":
        return "", "refused"
    site.heard.wait(3.0)
    return site.did[-1] if site.did else "nothing known", found.by


def _replayed(web: Web, site: Site, mark: Mark) -> tuple[str, str]:
    """One click as a workflow, through the replay policy and the one loop."""
    workflow = Workflow("survival", "web", (Act("1", "click", mark),))
    run(Task("survival", "click"), web, Replay(workflow, {}), Unkept())
    return next((said for said in site.did if said != "nothing known"), ""), "replay"


# ------------------------------------------------------------------------------------------------ baselines


def _baselines(element: Element, now: Observation) -> dict[str, Any]:
    said = {at.kind: at.value for at in element.locators}
    box = element.box
    return {
        "codegen locator": _codegen(element, said),
        "xpath only": said.get("xpath", ""),
        "position only": (box.centre.x, box.centre.y) if box else None,
    }


def _codegen(element: Element, said: dict[str, str]) -> tuple[str, str]:
    """What codegen writes for it, in its order: test id, role and name, placeholder, then css."""
    if "testid" in said:
        return "testid", said["testid"]
    if element.name:
        return element.role, element.name
    if "placeholder" in said:
        return "placeholder", said["placeholder"]
    return "css", said.get("css", "")


def _baseline(web: Web, name: str, value: Any) -> str:
    """The truth of the element that the baseline would act on; "" where it would stop."""
    page = web._browser.page
    if not value:
        return ""
    if name == "codegen locator":
        kind, text = value
        by: dict[str, Callable[[str], Locator]] = {
            "testid": page.get_by_test_id, "placeholder": page.get_by_placeholder, "css": page.locator
        }  # fmt: skip
        role: Any = kind
        locator = by[kind](text) if kind in by else page.get_by_role(role, name=text, exact=True)
        if locator.count() != 1:
            return ""
        said: str = locator.evaluate(
            "(el) => (el.closest('[data-truth]') || {dataset: {}}).dataset.truth || 'nothing known'"
        )
        return said
    found: str = page.evaluate(_AT, ["at", list(value)] if name == "position only" else ["xpath", value])
    return found
