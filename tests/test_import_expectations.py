"""What a script of another tool expects is expected here: on the same page Playwright itself and we say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from cua.core import Open
from cua.memory.workflows import Expect
from cua.policies.expected import met
from cua.record import imports
from cua.record.playwright_source import Source
from drivers.web import Web
from tests.browsers import browsing
from tests.served import pages, serving

HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"
PAGE = """<!doctype html><title>Orders of today</title><h1>Order 1207 saved</h1>
<p role=status>Saved at 12:05</p><p>Hello <b>Ada</b> Lovelace, welcome</p><p>12</p>
<table><tr><td>Ada Lovelace<td>paid</tr><tr><td>Bob Stone<td>open</tr></table>
<ul><li>Milk <a href=#m>more</a></li><li>Bread</li></ul><button>Save draft</button><button hidden>Delete</button>
<label>Name <input value="Bob Stone"></label><label>Note <input></label>
<label>Size <select><option value=s>Small<option value=m selected>Medium</select></label>
<label><input type=checkbox checked> Gift</label>"""
LINES = (
    'expect(page.get_by_role("status")).to_contain_text("Saved")',
    'expect(page.get_by_role("status")).to_contain_text("saved")',
    'expect(page.get_by_role("status")).to_have_text("Saved")',
    'expect(page.get_by_role("status")).to_have_text("Saved at 12:05")',
    'expect(page.get_by_role("status")).to_have_text(re.compile("at 12"))',
    'expect(page.get_by_role("status")).to_have_text(re.compile(r"^Saved$"))',
    'expect(page.locator("body")).to_contain_text("Hello Ada Lovelace")',
    'expect(page.locator("body")).to_contain_text("Hello Grace")',
    'expect(page.locator("body")).to_contain_text("Orders of today")',
    'expect(page.get_by_role("list")).to_contain_text("Milk more")',
    'expect(page.get_by_role("list")).to_contain_text("Bread")',
    'expect(page.get_by_role("list")).to_contain_text("Butter")',
    'expect(page.get_by_role("table")).to_contain_text("Ada Lovelacepaid")',
    'expect(page.get_by_role("table")).to_contain_text("Bob Stonepaid")',
    'expect(page.get_by_role("heading", name="Order")).to_be_visible()',
    'expect(page.get_by_role("heading", name="Order", exact=True)).to_be_visible()',
    'expect(page.get_by_role("heading", name="Order 1207")).to_contain_text("saved")',
    'expect(page.get_by_role("heading", name="Order")).to_have_text("Order 1207 saved")',
    'expect(page.get_by_role("heading", name="Order")).to_have_text("Order 1207")',
    'expect(page.get_by_text("welcome")).to_be_visible()',
    'expect(page.get_by_text("welcome", exact=True)).to_be_visible()',
    'expect(page.get_by_role("button", name="Save")).to_be_visible()',
    'expect(page.get_by_role("button", name="Save")).to_be_hidden()',
    'expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()',
    'expect(page.get_by_role("button", name="Save")).not_to_be_visible()',
    'expect(page.get_by_role("button", name="Delete")).to_be_visible(visible=False)',
    'expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("Lovelace")',
    'expect(page.get_by_label("Name")).to_have_value("Bob Stone")',
    'expect(page.get_by_label("Name")).to_have_value("Bob")',
    'expect(page.get_by_label("Name")).to_have_value(re.compile("Bob"))',
    'expect(page.get_by_label("Name")).to_be_empty()',
    'expect(page.get_by_label("Note")).to_be_empty()',
    'expect(page.get_by_label("Size")).to_have_value("m")',
    'expect(page.get_by_label("Size")).to_have_value("s")',
    'expect(page.get_by_label("Gift")).to_be_checked()',
    'expect(page.get_by_label("Gift")).not_to_be_checked()',
    'expect(page.get_by_label("Gift")).to_be_checked(checked=False)',
    'expect(page).to_have_title("Orders")',
    'expect(page).to_have_title(re.compile("Orders"))',
    'expect(page).not_to_have_title("Orders")',
    'expect(page).to_have_url(re.compile(r".*/orders"))',
    'expect(page).to_have_url(re.compile(r".*/bills$"))',
)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serving(pages({"/orders": PAGE}.get)) as port, browsing(brisk=True) as made:
        made.act(Open(f"http://127.0.0.1:{port}/orders"))
        yield made


@pytest.mark.parametrize("line", LINES)
def test_we_expect_what_playwright_expects(web: Web, tmp_path: Path, line: str) -> None:
    path = tmp_path / "flow.py"
    path.write_text(f'{HEAD}    page.goto("http://127.0.0.1:1/")\n    {line}\n')
    (act,) = imports.read(path).acts()
    (expected,) = act.expect
    assert met(expected, web.observe(frame=False)) == _playwright_says(web, line)


@pytest.mark.parametrize(
    "expected",
    [
        Expect("shows", "status", "Saved", part=True),
        Expect("shows", "", "Ada Lovelace", part=True),
        Expect("gone", "button", "Save", part=True),
        Expect("gone", "button", "Send", part=True),
        Expect("holds", "textbox", "Name", "Bob", part=True),
        Expect("window", name="Orders", part=True),
    ],
    ids=str,
)
def test_a_part_of_a_text_is_exported_as_a_part(web: Web, expected: Expect) -> None:
    line = Source().expectation(expected, "")
    assert _playwright_says(web, line) == met(expected, web.observe(frame=False))


def _playwright_says(web: Web, line: str) -> bool:
    page: Any = web._browser.page
    expect.set_options(timeout=100)

    def part(text: str) -> re.Pattern[str]:
        return re.compile(re.escape(text))

    def named(text: str) -> re.Pattern[str]:
        return re.compile(f"^{re.escape(text)}$")

    names = {"page": page, "expect": expect, "re": re, "part": part, "named": named}
    try:
        eval(line, names)
    except AssertionError:
        return False
    finally:
        expect.set_options(timeout=5000)
    return True
