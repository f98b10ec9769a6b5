"""What the tests of pages share: a browser, or the word that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cua.core import Observation, Open
from cua.errors import MissingProgram
from drivers.web import Web


@contextmanager
def browsing(url: str = "", **how: Any) -> Iterator[Web]:
    """A browser of one's own at this address; skips the test where there is none."""
    try:
        made = Web(url, **how)
    except MissingProgram as exc:
        pytest.skip(str(exc))
    with closing(made):
        yield made


@pytest.fixture(scope="module", name="web")
def brisk_web() -> Iterator[Web]:
    """A browser as replays use it, in place of the one that conftest gives the tests of a file."""
    with browsing(brisk=True) as made:
        yield made


def looks(web: Web, folder: Path) -> Callable[[str], Observation]:
    """Shows a page with this body in the browser, and looks at it."""

    def looked(body: str) -> Observation:
        page = folder / "page.html"
        page.write_text(f"<!doctype html><title>Page</title><body>{body}</body>", encoding="utf-8")
        web.act(Open(page.as_uri()))
        return web.observe(frame=False)

    return looked
