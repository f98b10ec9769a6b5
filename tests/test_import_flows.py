"""Flows as the real tools write them, of many kinds: replayed on pages, exported, and run as Playwright tests.

The scripts and recordings are `fixtures/imports/codegen_*` and `recorder_*`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cua.core import Locator, Open
from cua.errors import UsageError
from cua.memory.store import Store
from cua.memory.workflows import Mark
from cua.policies.finding import Found, Lost, find
from cua.record import imports
from cua.record.export import export
from cua.replaying import Replayed, There, replay
from drivers.web import Web
from drivers.web_found import find_browser
from sandbox_vms.local import LocalWorld
from tests.browsers import brisk_web, looks
from tests.import_flow_pages import FLOW_PAGES
from tests.served import pages, serving

__all__ = ["brisk_web"]  # fixtures

FIXTURES = Path(__file__).parent / "fixtures" / "imports"
HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"
GO = 'page.goto("http://127.0.0.1:1/")'


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages(FLOW_PAGES.get)) as port:
        yield f"http://127.0.0.1:{port}"


def taken(name: str, site: str, folder: Path) -> imports.Imported:
    path = folder / f"flow{'.json' if name.endswith('.json') else '.py'}"
    path.write_text((FIXTURES / name).read_text().replace("http://SITE", site))
    return imports.imported(path)


def played(web: Web, found: imports.Imported, folder: Path, on: str = "", **values: str) -> Replayed:
    (folder / "plan.txt").write_text("plan")
    known = {param.name: param.default for param in found.workflow.params if param.default is not None}
    known |= {param.name: "pass" for param in found.workflow.params if param.kind == "secret"}
    known |= {"attachment": str(folder / "plan.txt")} if "attachment" in known else {}
    web.act(Open(found.workflow.start + on))
    with Store(folder / "record.db") as store:
        there = There(web, LocalWorld(web, folder), store, lambda name: "hunter22")
        return replay(found.workflow, known | values, there)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("codegen_office.txt", "pass"),
        ("codegen_board.txt", "pass"),
        ("codegen_account.txt", "pass"),
        ("recorder_office.json", "pass"),
        ("recorder_board.json", "pass"),
        ("recorder_account.json", "pass"),
    ],
)
def test_a_flow_is_done_again(web: Web, site: str, tmp_path: Path, name: str, outcome: str) -> None:
    done = played(web, taken(name, site, tmp_path), tmp_path)
    assert (done.steps[-1].stage, done.outcome) == ("done", outcome), done.saying


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("codegen_office.txt", "/fails"),
        ("codegen_board.txt", "/stuck"),
        ("codegen_account.txt", "/wrong"),
        ("recorder_office.json", "/fails"),
        ("recorder_account.json", "/wrong"),
    ],
)
def test_a_flow_does_not_pass_where_the_page_says_otherwise(
    web: Web, site: str, tmp_path: Path, name: str, on: str
) -> None:
    done = played(web, taken(name, site, tmp_path), tmp_path, on)
    assert done.outcome in ("fail", "unknown"), done.saying
    assert done.steps[-1].stage == "halted"


def test_one_value_for_a_name_and_its_repetition_goes_everywhere(web: Web, site: str, tmp_path: Path) -> None:
    found = taken("codegen_account.txt", site, tmp_path)
    assert [param.name for param in found.workflow.params] == ["user_name", "password", "seats", "floor", "volume"]
    assert "line 14: 'E-mail' takes the value of user_name once more" in found.notes
    assert played(web, found, tmp_path, user_name="grace@site.example").outcome == "pass"


@pytest.mark.parametrize("name", ["codegen_board.txt", "codegen_account.txt", "recorder_board.json",
                                  "recorder_account.json"])  # fmt: skip
def test_a_flow_that_was_taken_over_runs_as_a_playwright_test(web: Web, site: str, tmp_path: Path, name: str) -> None:
    (script,) = export(taken(name, site, tmp_path).workflow, "playwright", tmp_path)
    script.write_text(script.read_text().replace("headless=headless,", 'headless=headless, args=["--no-sandbox"],'))
    known = {"BROWSER_PATH": str(find_browser(web._browser._playwright)), "CUA_SECRET_PASSWORD": "hunter22"}
    done = subprocess.run([sys.executable, script], env=os.environ | known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_second_page_or_a_frame_without_a_name_is_not_exported_as_something_else(site: str, tmp_path: Path) -> None:
    for name in ("codegen_office.txt", "recorder_office.json"):
        with pytest.raises(UsageError, match=r"goes to another tab|in a frame of which only the number is known"):
            export(taken(name, site, tmp_path).workflow, "playwright", tmp_path)


# ---------------------------------------------------------------------------------------------- targets


def line(folder: Path, *lines: str) -> imports.Imported:
    (folder / "flow.py").write_text(HEAD + "".join(f"    {each}\n" for each in (GO, *lines)))
    return imports.imported(folder / "flow.py")


@pytest.mark.parametrize(
    ("source", "risk"),
    [
        ('page.get_by_role("row", name="Ada 12").get_by_role("button").click()', "irreversible"),
        ('page.locator(".icon").click()', "irreversible"),
        ('page.get_by_test_id("trash").click()', "irreversible"),
        ('page.get_by_test_id("next-page").click()', "read"),
        ('page.get_by_role("button", name="Log in").click()', "reversible"),
        ('page.get_by_role("button", name="Anmelden").click()', "reversible"),
        ('page.get_by_role("link", name="Sign in").click()', "reversible"),
        ('page.get_by_role("button", name="Next").click()', "read"),
        ('page.get_by_role("checkbox").click()', "reversible"),
    ],
)
def test_what_says_nothing_of_itself_counts_as_what_cannot_be_taken_back(
    tmp_path: Path, source: str, risk: str
) -> None:
    found = line(tmp_path, source)
    assert [act.risk for act in found.workflow.acts()] == [risk]
    assert any("bears no name" in note for note in found.notes) == (risk == "irreversible")


def test_what_ends_a_form_with_a_password_changes_the_session(tmp_path: Path) -> None:
    go = 'page.get_by_role("button", name="Continue").click()'
    acts = line(tmp_path, 'page.get_by_label("Password").fill("hunter22")', go, go).workflow.acts()
    assert [act.risk for act in acts] == ["reversible", "reversible", "read"]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        (("Quantity", "2", "Floor", "2"), 2),
        (("City", "Berlin", "Billing city", "Berlin"), 2),
        (("Sender e-mail", "a@b.example", "Recipient e-mail", "a@b.example"), 2),
        (("E-mail", "a@b.example", "User name", "a@c.example"), 2),
        (("Customer", "Ada", "Customer", "Ada"), 2),
        (("E-mail", "a@b.example", "Confirm your e-mail address", "a@b.example"), 1),
        (("Benutzername", "ada", "E-Mail", "ada"), 1),
        (("Account number", "12345678", "Re-enter account number", "12345678"), 1),
    ],
    ids=str,
)
def test_only_what_is_plainly_the_same_is_one_parameter(
    tmp_path: Path, fields: tuple[str, str, str, str], count: int
) -> None:
    lines = (f'page.get_by_label("{label}").fill("{text}")' for label, text in (fields[:2], fields[2:]))
    assert len(line(tmp_path, *lines).workflow.params) == count


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('page.locator("div:nth-child(3) > span").click()', "'div:nth-child(3) > span' is a place on the page"),
        ('page.get_by_role("row", name="Ada").locator("td:nth-child(3) > b").click()', "is a place on the page"),
        ('page.get_by_role("button", name="Delete").nth(1).click()', "only its number says"),
        ('page.get_by_role("button", name="Delete").first.click()', "only its number says"),
        ('page.get_by_role("button").nth(1).click()', "only its number says"),
        ('page.get_by_role("row").nth(2).get_by_role("button", name="Delete").click()', "only a number says"),
        ('page.locator("tr:nth-child(3)").get_by_role("button", name="Delete").click()', "only a number says"),
        ('page.locator("#gus").get_by_role("button", name="Delete").click()', "inside of 'gus' cannot be checked"),
        ('page.get_by_role("row", name="7 Gus").get_by_role("button").first.click()', "only its number says"),
        ('page.get_by_role("button").click()', "nothing but its role is known"),
        ('page.locator("#cart").get_by_role("button").click()', "what is inside of 'cart' cannot be told"),
        ('page.on("dialog", lambda dialog: dialog.accept())', 'page.once("dialog", ...) just before it'),
        ('page.once("dialog", lambda dialog: dialog.accept("a", "b"))', "one text typed into it"),
        ('page.on("filechooser", lambda chooser: chooser.set_files("a"))', "with page.expect_file_chooser() around it"),
    ],
)
def test_a_target_that_no_replay_could_be_sure_of_is_refused_with_its_line(
    tmp_path: Path, source: str, said: str
) -> None:
    with pytest.raises(UsageError, match=r"\n  line 6: ") as told:
        line(tmp_path, source)
    assert said in str(told.value)


FORM = """<input><input type=password><input type=email><textarea></textarea><input type=number><input type=search>
<input type=checkbox><input type=hidden><input style="display: none"><select><option>a</select><input type=tel>
<button>Go on</button><button>Go</button><button>Going</button><button>Go</button><p class=note onclick=1>Note</p>"""


@pytest.mark.parametrize(
    "locator",
    [
        'get_by_role("textbox").nth(1)', 'get_by_role("textbox").nth(3)', 'get_by_role("textbox").nth(4)',
        'get_by_role("button", name="Go").nth(1)', 'get_by_role("button", name="Go", exact=True).nth(1)',
        'get_by_role("button", name="Go").first', 'get_by_role("spinbutton")', 'locator("textarea")',
        'locator("input[type=email]")', 'locator("p.note")', 'get_by_text("Go").nth(2)', 'locator("input").nth(2)',
    ],
)  # fmt: skip
def test_what_is_counted_is_the_one_that_playwright_counts_to_or_none(web: Web, tmp_path: Path, locator: str) -> None:
    now = looks(web, tmp_path)(FORM)
    try:
        (act,) = line(tmp_path, f'page.{locator}.fill("x")').workflow.acts()
    except UsageError:
        return
    assert act.target is not None
    found = find(act.target, now)
    page: Any = web._browser.page
    meant = eval(f"page.{locator}", {"page": page}).bounding_box()
    if isinstance(found, Lost):
        assert "Go" in locator or "nth" in locator, found
        return
    assert isinstance(found, Found)
    box = found.element.box
    assert box is not None
    assert (box.x, box.y) == pytest.approx((meant["x"], meant["y"]), abs=1)


def test_an_export_in_our_own_form_is_one_of_those_that_are_named(site: str, tmp_path: Path) -> None:
    found = taken("codegen_board.txt", site, tmp_path).workflow
    (path,) = export(found, "toml", tmp_path)
    assert (path.name, imports.read(path)) == ("flow.toml", found)
    with pytest.raises(UsageError, match="there are: skill, playwright, json, toml"):
        export(found, "foo", tmp_path)


def test_a_mark_of_nothing_but_a_role_is_the_only_one_of_it(web: Web, tmp_path: Path) -> None:
    look = looks(web, tmp_path)
    assert isinstance(find(Mark("textbox"), look("<input><button>Go</button>")), Found)
    assert isinstance(find(Mark("textbox"), look("<input><input>")), Lost)
    assert isinstance(find(Mark("generic", locators=(Locator("css", "div > p"),)), look("<div><p>a</div>")), Lost)
