"""A row that a file names by all its texts: with the recorded value no other row of that value is taken for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cua.memory.workflows import Expect
from cua.record import imports
from cua.record.export import export
from cua.record.telling import lines
from drivers.web import Web
from tests.browsers import brisk_web
from tests.served import pages, serving
from tests.test_import_records import played, taken

__all__ = ["brisk_web"]  # fixtures

THREE, NINE = "3|Carla Diaz|Tea|5|no gift", "9|Carla Diaz|Cocoa|50|VIP"
EVE, EVE_TOO = "4|Eve Moss|Cocoa|2|gift", "8|Eve Moss|Milk|1|VIP"
LOCKED = "|locked"  # at the end of an order that has no button
PAGE = """<!doctype html><meta charset=utf-8><title>Orders</title><label>Search <input id=who oninput="draw()"></label>
<table><tr><th>No<th>Who<th>What<th>Sum<th>Note<th></tr><tbody id=all></table><p id=log></p><script>
const orders = decodeURIComponent(location.search.slice(1)).split(";").map((order) => order.split("|"));
const draw = () => { all.replaceChildren(); for (const order of orders.filter((one) => one[1].includes(who.value))) {
  const row = all.insertRow(); for (const text of order) row.insertCell().textContent = text;
  if (order.at(-1) == "locked") continue;
  const button = document.createElement("button"); row.insertCell().append(button); button.innerHTML = "<svg/>";
  button.onclick = () => { log.textContent += "gone " + order[0]; };
} };
draw();</script>"""
FILL = 'page.get_by_role("textbox", name="Search").fill("Carla Diaz")'
NAMED = 'page.get_by_role("row", name="3 Carla Diaz Tea 5 no gift").get_by_role("button").click()'
TOLD = 'page.get_by_role("row").filter(has_text="Carla Diaz").filter(has_text="Tea").get_by_role("button").click()'


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages(lambda path: PAGE)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("orders", "search", "log"),
    [
        ((THREE, EVE), "Carla Diaz", "gone 3"),
        ((NINE, THREE), "Carla Diaz", "gone 3"),
        ((NINE, EVE), "Carla Diaz", ""),
        ((NINE, THREE + LOCKED), "Carla Diaz", ""),
        ((THREE, EVE, NINE), "Eve Moss", "gone 4"),
        ((THREE, EVE, EVE_TOO), "Eve Moss", ""),
        ((THREE, EVE, EVE_TOO + LOCKED), "Eve Moss", ""),
    ],
)
def test_only_the_order_that_a_file_names_is_deleted(
    web: Web, site: str, tmp_path: Path, orders: tuple[str, ...], search: str, log: str
) -> None:
    for line in (NAMED, TOLD):
        found = taken(tmp_path, FILL, line, start=f"{site}/?{';'.join(orders)}")
        assert any("it must say" in note and "Tea" in note for note in found.notes)
        done, said = played(web, found.workflow, tmp_path, search=search)
        assert (said, done.outcome == "refused") == (log, not log), done.saying


@pytest.mark.parametrize("line", [NAMED, TOLD])
def test_an_exported_test_says_the_same_of_its_row(site: str, tmp_path: Path, line: str) -> None:
    found = taken(tmp_path, FILL, line, start=f"{site}/?{THREE};{EVE}").workflow
    (script,) = export(found, "playwright", tmp_path / "again")
    assert imports.read(script).steps[-1] == found.steps[-1]


FORM = """<!doctype html><meta charset=utf-8><title>Order</title><form onsubmit="return false">
<label>Name <input></label><label><input type=radio name=how> Post</label>
<label><input type=radio name=how> Courier</label><label><input type=checkbox> Express delivery</label></form>
<p id=log></p><script>
document.addEventListener("change", (e) => { log.textContent += `[${e.target.type} ${e.target.checked}]`; });
</script>"""
COURIER = ["aria/Courier"], ["label:nth-of-type(3) > input[type=radio]"]


@pytest.mark.parametrize(
    ("selectors", "log"),
    [
        ([["aria/Express delivery"], ["label:nth-of-type(4) > input"]], "[checkbox true]"),
        ([["aria/Express delivery"]], "[checkbox true]"),
        ([["aria/Courier"], ["label:nth-of-type(3) > input"]], "[radio true]"),
        ([*COURIER], "[radio true]"),
    ],
)
def test_a_tick_that_a_recording_names_is_set_and_told(
    web: Web, tmp_path: Path, selectors: list[list[str]], log: str
) -> None:
    fill = {"type": "change", "selectors": [["aria/Name"]], "value": "Ada"}
    with serving(pages(lambda path: FORM)) as port:
        steps = [
            {"type": "navigate", "url": f"http://127.0.0.1:{port}/"},
            fill,
            {"type": "click", "selectors": selectors},
        ]
        (tmp_path / "flow.json").write_text(json.dumps({"title": "t", "steps": steps}))
        found = imports.imported(tmp_path / "flow.json")
        done, said = played(web, found.workflow, tmp_path)
    act = list(found.workflow.acts())[-1]
    assert (done.steps[-1].stage, said.endswith(log)) == ("done", True), done.saying
    if len(selectors) > 1:
        assert act.risk == "reversible"
    assert act.expect or any("no selector says" in note for note in found.notes)
    assert "click  " not in "".join(lines(found.workflow))


def test_the_state_of_a_radio_is_expected_and_that_of_a_check_box_told(tmp_path: Path) -> None:
    clicks = [{"type": "click", "selectors": [*each]} for each in (COURIER, (["aria/Gift"], ["input[type=checkbox]"]))]
    steps = [{"type": "navigate", "url": "http://127.0.0.1:1/"}, *clicks]
    (tmp_path / "flow.json").write_text(json.dumps({"title": "t", "steps": steps}))
    found = imports.imported(tmp_path / "flow.json")
    assert [act.expect for act in found.workflow.acts()] == [(Expect("checked", "radio", "Courier", "on"),), ()]
    assert any("sets or clears 'Gift'" in note for note in found.notes)
