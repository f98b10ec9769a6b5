"""Opening and closing tabs of the browser in a machine, through its developers' tools, before a task begins."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from cua.core import World
from cua.errors import SandboxError
from cua.evaluators.browser import open_tabs_info
from cua.evaluators.metrics_browser import same_page
from cua.evaluators.names import names

_LIMIT = 30.0
_SECONDS = 20.0
_ASK = (
    "import json, sys, urllib.parse as p, urllib.request as u\n"
    "o = u.build_opener(u.ProxyHandler({}))\n"
    "ports, what, urls = sys.argv[1].split(','), sys.argv[2], sys.argv[3:]\n"
    "def ask(path, method='GET'):\n"
    "    return o.open(u.Request(f'http://127.0.0.1:{port}/json/{path}', method=method), timeout=10).read()\n"
    "for port in ports:\n"
    "    try: there = [t for t in json.loads(ask('list')) if t['type'] == 'page']; break\n"
    "    except OSError: pass\n"
    "else: sys.exit(7)\n"
    "if what == 'open':\n"
    "    for url in urls: ask('new?' + p.quote(url, safe=''), 'PUT')\n"
    "    gone = there[:1]\n"
    "else: gone = [t for t in there if t['url'] in urls]\n"
    "for t in gone: ask('close/' + t['id'])\n"
)

Until = Callable[[Callable[[], bool], float], bool]


def open_all(world: World, urls: list[str], *, until: Until) -> None:
    """Open these pages and close the first that was there. Raises SandboxError where no browser or no network is."""
    for host in sorted({urlsplit(url).hostname or "" for url in urls if urlsplit(url).scheme in ("http", "https")}):
        if world.exec(("getent", "ahosts", host), seconds=_SECONDS).code:
            raise SandboxError(f"the machine has no network to {host}")
    _await_browser(world, until)
    _ask(world, "open", urls)


def close_all(world: World, urls: list[str], *, until: Until) -> None:
    """Close the tabs of these pages."""
    _await_browser(world, until)
    there = [tab["url"] for tab in open_tabs_info(world)]
    gone = [one for one in there if any(same_page(one, url) for url in urls)]
    if gone:
        _ask(world, "close", gone)


def _await_browser(world: World, until: Until) -> None:
    def answers() -> bool:
        try:
            return bool(open_tabs_info(world))
        except SandboxError:
            return False

    if not until(answers, _LIMIT):
        open_tabs_info(world)  # says why
        raise SandboxError("the browser has no tab")


def _ask(world: World, what: str, urls: list[str]) -> None:
    ports = ",".join(str(port) for port in names().browser["ports"])
    done = world.exec(("python3", "-c", _ASK, ports, what, *urls), seconds=_SECONDS)
    if done.code:
        raise SandboxError(f"the browser did not {what} the tabs: {done.err.strip()[-200:] or 'nobody answers'}")
