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
<table><tr><td>Ada Lovelace<td>paid<td><input type=checkbox checked aria-label="Pick Ada"><td><input value=2></tr>
<tr><td>Bob Stone<td>open<td><input type=checkbox><td><input value=3></tr></table>
<ul><li>Milk <a href=#m>more</a></li><li>Bread</li></ul><button>Save draft</button><button hidden>Delete</button>
<label>Name <input value="Bob Stone"></label><label>Note <input></label>
<label>Size <select><option value=s>Small<option value=m selected>Medium</select></label>
<label><input type=checkbox checked> Gift</label>"""
ADA = 'page.get_by_role("row", name="Ada Lovelace paid")'
BOB = 'page.get_by_role("row", name="Bob Stone")'
LINES = (
    f'expect({ADA}.get_by_role("cell", name="paid")).to_be_visible()',
    f'expect({BOB}.get_by_role("cell", name="paid")).to_be_visible()',
    f'expect({BOB}.get_by_role("cell", name="paid")).to_be_hidden()',
    f'expect({ADA}.get_by_role("cell", name="paid")).to_be_hidden()',
    f'expect({ADA}.filter(has_not=page.get_by_role("cell", name="open"))).to_have_count(1)',
    f'expect({ADA}.filter(has_not=page.get_by_role("cell", name="paid"))).to_have_count(1)',
    f'expect({BOB}).to_contain_text("open")',
    f'expect({BOB}).to_contain_text("Open")',
    f'expect({BOB}).to_contain_text("paid")',
    'expect(page.get_by_role("row").filter(has_text="Bob").get_by_text("open")).to_be_visible()',
    'expect(page.locator("tr").filter(has=page.get_by_text("Bob Stone")).get_by_text("paid")).to_be_visible()',
    'expect(page.locator("tr", has_text="Stone").filter(has_text="open")).to_be_visible()',
    'expect(page.locator("tr", has_text="Stone").filter(has_text="paid")).to_be_visible()',
    f'expect({ADA}.get_by_role("checkbox")).to_be_checked()',
    f'expect({BOB}.get_by_role("checkbox")).to_be_checked()',
    f'expect({BOB}.get_by_role("checkbox")).not_to_be_checked()',
    f'expect({ADA}.get_by_role("textbox")).to_have_value("2")',
    f'expect({BOB}.get_by_role("textbox")).to_have_value("2")',
    'expect(page.get_by_role("listitem").filter(has_text="Milk").get_by_role("link", name="more")).to_be_visible()',
    'expect(page.get_by_role("listitem").filter(has_text="Bread").get_by_role("link")).to_be_visible()',
    'expect(page.get_by_role("listitem").filter(has_text="Butter").get_by_role("link")).to_be_visible()',
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


SNAPSHOT = """
    - heading "Order 1207 saved" [level=1]
    - status: Saved at 12:05
    - table:
      - rowgroup:
        - row "Ada Lovelace paid Pick Ada 2":
          - cell "Ada Lovelace"
          - cell "paid"
          - cell "Pick Ada":
            - checkbox "Pick Ada" [checked]
        - row /Bob/:
          - cell "Bob Stone"
          - cell "open"
    - list:
      - listitem:
        - text: Milk
        - link "more":
          - /url: "#m"
      - listitem: Bread
    - textbox "Name": Bob Stone
    - combobox "Size":
      - option "Small"
      - option "Medium" [selected]
    - checkbox "Gift" [checked]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ('"open"', '"paid"'),
        ("Order 1207", "Order 1208"),
        ("at 12:05", "at 12"),
        ('Name": Bob Stone', 'Name": Bob'),
        ('"Medium"', '"Large"'),
        ('"more"', '"less"'),
        ("Bread", "Butter"),
    ],
    ids=str,
)
def test_a_snapshot_is_met_where_playwright_matches_it(web: Web, tmp_path: Path, old: str, new: str) -> None:
    line = f"expect(page.locator('body')).to_match_aria_snapshot({SNAPSHOT.replace(old, new)!r})"
    path = tmp_path / "flow.py"
    path.write_text(f'{HEAD}    page.goto("http://127.0.0.1:1/")\n    {line}\n')
    found = imports.imported(path)
    (act,) = found.workflow.acts()
    now = web.observe(frame=False)
    assert all(met(each, now) for each in act.expect) == _playwright_says(web, line) == (not old)
    assert any("nor are 'row /Bob/:', '/url: \"#m\"', 'the options of combobox Size'" in each for each in found.notes)


def _playwright_says(web: Web, line: str) -> bool:
    page: Any = web._browser.page
    expect.set_options(timeout=100)

    def part(text: str) -> re.Pattern[str]:
        return re.compile(re.escape(text))

    def named(text: str) -> re.Pattern[str]:
        return re.compile(f"^{re.escape(text)}$")

    def anything(inside: Any, name: re.Pattern[str]) -> Any:
        return inside.get_by_text(name).or_(inside.get_by_label(name))

    names = {"page": page, "expect": expect, "re": re, "part": part, "named": named, "anything": anything}
    try:
        eval(line, names)
    except AssertionError:
        return False
    finally:
        expect.set_options(timeout=5000)
    return True
