"""Flows of other tools are replayed on real pages: each act on what its file means, or none.

The scripts named "replayed" are what Playwright's codegen wrote for these pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cua.core import Open
from cua.errors import UsageError
from cua.memory.store import Store
from cua.record import imports
from cua.record.export import export
from cua.replaying import Replayed, There, replay
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import brisk_web
from tests.import_pages import PAGES
from tests.served import pages, serving

__all__ = ["brisk_web"]  # fixtures

FIXTURES = Path(__file__).parent / "fixtures" / "imports"
HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"
ADA = 'page.get_by_role("row", name="Ada Lovelace ada@site Edit Delete")'


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages(PAGES.get)) as port:
        yield f"http://127.0.0.1:{port}"


class Flows:
    """Replays files of other tools."""

    def __init__(self, web: Web, site: str, folder: Path, store: Store) -> None:
        self.web, self.site, self.folder, self.store = web, site, folder, store

    def play(self, source: str, suffix: str, *, on: tuple[str, str] = ("", ""), **values: str) -> Replayed:
        path = self.folder / f"flow{suffix}"
        path.write_text(source.replace("http://SITE", self.site))
        workflow = imports.read(path)
        known = {param.name: param.default for param in workflow.params if param.default is not None}
        self.web.act(Open(workflow.start.replace(*on)))
        return replay(workflow, known | values, There(self.web, LocalWorld(self.web, self.folder), self.store))

    def script(self, path: str, *lines: str, **more: Any) -> Replayed:
        body = (f'page.goto("http://SITE{path}")', *lines)
        return self.play(HEAD + "".join(f"    {line}\n" for line in body), ".py", **more)

    def recording(self, *steps: dict[str, Any], **more: Any) -> Replayed:
        start = {"type": "navigate", "url": "http://SITE/mixed"}
        return self.play(json.dumps({"title": "t", "steps": [start, *steps]}), ".json", **more)


@pytest.fixture
def flows(web: Web, site: str, tmp_path: Path) -> Iterator[Flows]:
    with Store(tmp_path / "record.db") as store:
        yield Flows(web, site, tmp_path, store)


def said(flows: Flows) -> str:
    """What the log of the page in front says."""
    page: Any = flows.web._browser.page
    return "".join(frame.locator("#log").text_content() or "" for frame in page.frames)


# ---------------------------------------------------------------------------------------------- what codegen wrote


def test_a_row_that_is_named_by_all_its_texts_is_found_again(flows: Flows) -> None:
    done = flows.play((FIXTURES / "replayed_row.txt").read_text(), ".py")
    assert (done.steps[-1].stage, said(flows)) == ("done", "[× Ada Lovelace]")


def test_fields_in_rows_are_those_of_their_rows(flows: Flows) -> None:
    done = flows.play((FIXTURES / "replayed_fields.txt").read_text(), ".py", phone="123")
    assert (done.steps[-1].stage, said(flows)) == ("done", "[Ada Lovelace true][Ada Byron 123]")


def test_a_whole_form_with_cards_lists_frames_and_a_second_page_is_done_again(flows: Flows, tmp_path: Path) -> None:
    photo = tmp_path / "lamp.png"
    photo.write_bytes(b"lamp")
    before = len(flows.web._browser.tabs)
    done = flows.play((FIXTURES / "replayed_shop.txt").read_text(), ".py", photo=str(photo))
    assert done.steps[-1].stage == "done"
    assert said(flows) == "[asked]"
    assert len(flows.web._browser.tabs) == before + 1
    flows.web._browser.page.close()
    ordered = "[order Ada Lovelace fr m true slow lamp.png]"
    assert said(flows) == f"{ordered}[note][add Blue][no bread][paid 4111]"


def test_a_card_that_is_gone_is_not_taken_for_another(flows: Flows) -> None:
    card = 'page.locator("div").filter(has_text="Blue lamp14 EURAdd").get_by_role("button").click()'
    assert flows.script("/shop", card, on=("/shop", "/shop/sold")).outcome == "refused"
    assert said(flows) == ""


# ---------------------------------------------------------------------------------------------- what people write


@pytest.mark.parametrize(
    ("path", "line", "log"),
    [
        ("/staff", f'{ADA}.get_by_role("button", name="Delete").click()', "[Delete Ada Lovelace]"),
        (
            "/staff",
            'page.get_by_role("row").filter(has_text="Ada Lovelace").get_by_text("Edit").click()',
            "[Edit Ada Lovelace]",
        ),
        (
            "/staff",
            'page.locator("tr", has_text=re.compile("grace", re.I)).get_by_text("Edit", exact=True).click()',
            "[Edit Grace Hopper]",
        ),
        ("/mixed", 'page.get_by_role("button", name="Log out").click()', "[button]"),
        ("/mixed", 'page.get_by_role("dialog", name="Bill").get_by_role("button", name="OK").click()', "[bill]"),
        ("/mixed", 'page.get_by_label("Ship").get_by_role("button").click()', "[ship]"),
        ("/mixed", 'page.get_by_role("button", name="Save", exact=True).click()', "[saved]"),
        ("/mixed", 'page.get_by_label("Plan").select_option("p1")', "[plan p1]"),
        ("/mixed", 'page.get_by_label("Plan").select_option(label="Plus")', "[plan p1]"),
        ("/mixed", 'page.get_by_role("button", name="Deep").click()', "[deep]"),
        ("/mixed", 'page.frame_locator("iframe").get_by_role("button", name="Pay").click()', "[paid ]"),
    ],
)
def test_a_target_is_the_one_that_the_line_means(flows: Flows, path: str, line: str, log: str) -> None:
    assert flows.script(path, line).steps[-1].stage == "done"
    assert said(flows) == log


def test_a_row_is_found_where_it_is_now_and_none_stands_in_for_it(flows: Flows) -> None:
    line = f'{ADA}.get_by_role("button", name="Edit").click()'
    assert flows.script("/staff", line, on=("/staff", "/staff/more")).steps[-1].stage == "done"
    assert said(flows) == "[Edit Ada Lovelace]"
    assert flows.script("/staff", line, on=("/staff", "/staff/gone")).outcome == "refused"
    assert said(flows) == ""


def test_a_row_follows_the_value_that_was_filled_in(flows: Flows) -> None:
    lines = ('page.get_by_label("Search").fill("Ada Lovelace")', f'{ADA}.get_by_role("button", name="Edit").click()')
    assert flows.script("/staff", *lines, search="Grace Hopper").steps[-1].stage == "done"
    assert said(flows) == "[Edit Grace Hopper]"
    assert flows.script("/staff", *lines, search="Ada").steps[-1].stage == "halted"
    assert said(flows) == ""


@pytest.mark.parametrize(
    ("path", "now", "line"),
    [
        ("/staff", "/staff", 'page.get_by_role("button", name="Edit").nth(1).click()'),
        (
            "/staff",
            "/staff",
            'page.get_by_role("row").filter(has_text="Ada").get_by_role("button", name="Edit").click()',
        ),
        ("/mixed", "/mixed/renamed", 'page.get_by_role("button", name="Save", exact=True).click()'),
        ("/mixed", "/mixed", 'page.get_by_role("button", name="Log").nth(1).click()'),
        ("/mixed", "/mixed", 'page.get_by_label("Plan").select_option("p2")'),
    ],
)
def test_what_a_line_does_not_tell_for_sure_is_not_acted_on(flows: Flows, path: str, now: str, line: str) -> None:
    assert flows.script(path, line, on=(path, now)).outcome in ("refused", "fail")
    assert said(flows) == ""


def test_a_place_among_several_counts_where_it_cannot_mean_another(flows: Flows) -> None:
    assert flows.script("/mixed", 'page.get_by_role("button", name="Go").nth(1).click()').steps[-1].stage == "done"
    assert said(flows) == "[second]"
    title = 'expect(page).to_have_title("Help")'
    assert flows.script("/mixed", 'page.get_by_role("link", name="Help").first.click()', title).outcome == "pass"


def test_a_field_without_a_name_is_known_by_the_text_of_its_block(flows: Flows) -> None:
    block = 'page.locator("div").filter(has_text=re.compile(r"^Quantity$"))'
    save = 'page.get_by_role("button", name="Save", exact=True).click()'
    assert flows.script("/mixed", f'{block}.get_by_role("textbox").fill("7")', save).steps[-1].stage == "done"
    assert said(flows) == "[quantity 7][saved]"


def test_a_list_may_be_expected_to_hold_a_value_or_a_label(flows: Flows) -> None:
    plan = 'page.get_by_label("Plan")'
    for value in ("p1", "Plus"):
        lines = f'{plan}.select_option("p1")', f'expect({plan}).to_have_value("{value}")'
        assert flows.script("/mixed", *lines).outcome == "pass"


# ---------------------------------------------------------------------------------------------- the browser's recorder


def click(*selectors: list[str], **more: Any) -> dict[str, Any]:
    return {"type": "click", "target": "main", "selectors": list(selectors), "offsetX": 3, "offsetY": 3, **more}


def change(value: str, *selectors: list[str], **more: Any) -> dict[str, Any]:
    return {"type": "change", "target": "main", "selectors": list(selectors), "value": value, **more}


DELETE = ["aria/Delete"], ["body > button:nth-of-type(1)"], ["xpath//html/body/button[1]"], ["text/Delete"]


@pytest.mark.parametrize(
    ("steps", "log"),
    [
        ([change("Ada", ["aria/Name"]), click(["aria/Delete"])], "[deleted Ada]"),
        ([click(['aria/Delete[role="button"]'])], "[deleted ]"),
        ([click(*DELETE)], "[deleted ]"),
        ([click(["aria/Dark mode"])], "[dark]"),
        ([click(['aria/Log out[role="link"]'])], "[link]"),
        ([change("p1", ["aria/Plan"], ["#plan"], ["pierce/#plan"])], "[plan p1]"),
        ([change("7", ["aria/Volume"])], "[volume 7]"),
        ([click(["aria/Deep"], ["#host", "#in"], ["pierce/#in"], ["text/Deep"])], "[deep]"),
        ([change("41", ["aria/Card"], frame=[0]), click(["aria/Pay"], ["button"], frame=[0])], "[paid 41]"),
    ],
)
def test_a_step_of_a_recording_acts_on_what_its_selectors_mean(
    flows: Flows, steps: list[dict[str, Any]], log: str
) -> None:
    assert flows.recording(*steps).steps[-1].stage == "done"
    assert said(flows) == log


@pytest.mark.parametrize(
    ("page", "step"),
    [
        ("/mixed/renamed", click(["aria/Delete"])),
        ("/mixed/renamed", click(*DELETE)),
        ("/mixed", click(["aria/Log out"])),
        ("/mixed", click(["aria/Delet"])),
    ],
    ids=str,
)
def test_a_name_without_a_role_is_that_of_one_thing_to_act_on_or_nothing_is_done(
    flows: Flows, page: str, step: dict[str, Any]
) -> None:
    assert flows.recording(step, on=("/mixed", page)).outcome == "refused"
    assert said(flows) == ""


@pytest.mark.parametrize("given", ['["s", "m"]', "index=1", 'value="s", label="Small"'])
def test_choosing_otherwise_than_one_option_by_value_or_label_is_refused(flows: Flows, given: str) -> None:
    with pytest.raises(UsageError, match="line 6: what is chosen must be the value or the label of one option"):
        flows.script("/shop", f'page.get_by_label("Size").select_option({given})')


def test_what_was_imported_can_be_exported_and_means_the_same(tmp_path: Path) -> None:
    lines = (
        'page.get_by_role("row", name="Ada 12 ×").get_by_role("button").click()',
        'page.get_by_role("listitem").filter(has_text="Bread").get_by_role("button", name="Remove").click()',
        'page.locator("div").filter(has_text="Blue lamp").get_by_role("button").click()',
        'page.get_by_label("Ship").get_by_role("button", name="OK").click()',
    )
    path = tmp_path / "flow.py"
    path.write_text(HEAD + "".join(f"    {line}\n" for line in ('page.goto("http://127.0.0.1:1/")', *lines)))
    workflow = imports.read(path)
    (script,) = export(workflow, "playwright", tmp_path)
    again = imports.read(script)
    for one, other in zip(workflow.acts(), again.acts(), strict=True):
        assert one.target is not None
        assert other.target is not None
        assert (one.target.role, one.target.row, one.target.path) == (
            other.target.role, other.target.row, other.target.path,
        )  # fmt: skip
