"""What the tests of the web driver share: pages that are served on this machine, and a browser at one of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from cua.core import (
    Element,
    Press,
)
from drivers.web import Web
from tests.browsers import browsing
from tests.served import serving

PAGES = Path(__file__).parent / "fixtures" / "web"
UNICODE = "Zażółć gęślą jaźń, 漢字 🙂"


class Pages(SimpleHTTPRequestHandler):
    """Serves the pages; "slow.txt" only after a while."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/slow.txt":
            threading.Event().wait(0.3)
            self.path = "/lamp.txt"
        super().do_GET()

    def end_headers(self) -> None:
        if self.path == "/lamp.txt?keep":
            self.send_header("Content-Disposition", "attachment; filename=kept.txt")
        super().end_headers()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str]]:
    """Two origins with the same pages."""
    there = partial(Pages, directory=str(PAGES))
    with serving(there) as one, serving(there) as two:
        yield f"http://127.0.0.1:{one}", f"http://localhost:{two}"


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Web]:
    with browsing(downloads=downloads) as made:
        yield made


@pytest.fixture
def web(browser: Web) -> Iterator[Web]:
    """The browser with one tab and nothing that it asks; each test opens a page of its own in it."""
    yield browser
    while (refs := {each.ref for each in browser.observe(frame=False).elements}) & {"dialog", "chooser", "tabs"}:
        browser.act(Press("ctrl+w" if "tabs" in refs else "Escape"))


@pytest.fixture
def form(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/form.html")


@pytest.fixture
def still(browser: Web, sites: tuple[str, str]) -> Web:
    """The form, for tests that leave it as it is: opened once."""
    url = f"{sites[0]}/form.html?still"
    return browser if browser.observe(frame=False).place.url == url else at(browser, url)


@pytest.fixture
def asks(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/asks.html")


@pytest.fixture
def deep(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/deep.html?far={sites[1]}/inner.html")


@pytest.fixture
def moves(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/moves.html")


def at(web: Web, url: str) -> Web:
    """There, without the wait for quiet that `Open` ends with: a tenth of a second a test."""
    with web._browser.limited(10, f"opening {url}"):
        web._browser.page.goto(url)
    return web


def find(web: Web, name: str, role: str | None = None, *, last: bool = False) -> Element:
    seen = web.observe(frame=False)
    found = [each for each in seen.elements if each.name == name and role in (None, each.role)]
    assert found, f"no {role or 'element'} {name!r} among {[(each.role, each.name) for each in seen.elements]}"
    return found[-1 if last else 0]


def said(web: Web) -> str:
    """What the page's <output> says."""
    return next((each.name for each in web.observe(frame=False).elements if each.role == "status"), "")
