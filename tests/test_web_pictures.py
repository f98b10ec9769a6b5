"""A picture that may not agree with what was read says so, and no look is called cut for that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cua.core import Element, Fill, Open
from drivers.web import Web
from drivers.web_pictures import EARLIER, LATER
from tests.browsers import browsing
from tests.waiting import awaited

PAGE = "data:text/html,<title>Form</title><input aria-label=Name>"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with browsing(brisk=True) as made:
        yield made


def named(web: Web, name: str) -> Element:
    return next(e for e in web.observe(frame=False).elements if e.name == name)


def test_a_picture_that_is_not_of_what_was_read_is_marked(web: Web) -> None:
    web.act(Open(PAGE))
    first = awaited(web.observe, "the page", lambda now: now.elements)
    assert (first.note, first.partial) == (LATER, False)
    shown = awaited(web.observe, "its picture", lambda now: now.frame is not None and now.frame.pixels)
    assert (shown.note, shown.frame and shown.frame.sha) == ("", first.frame and first.frame.sha)
    web.act(Fill(named(web, "Name"), "Ada"))
    filled = web.observe()
    assert (filled.note, filled.partial) == (EARLIER, False)
    assert web.observe(frame=False).note == ""
    web.act(Fill(named(web, "Name"), ""))
    assert web.observe().note == ""  # as it was
