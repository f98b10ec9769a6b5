"""What the tests of pages share: a browser, or the word that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

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
