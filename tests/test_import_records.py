"""Flows on records: what is expected of a row is expected in it and nowhere else, here and in an exported test alike.

Also what stands between an act and its record: dialogs of the browser, file dialogs, menus that open under the pointer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect as playwright_expects

from cua.core import Open
from cua.errors import UsageError
from cua.memory.store import Store
from cua.memory.workflows import Act, Expect, Workflow
from cua.record import imports
from cua.record.export import export
from cua.record.telling import lines
from cua.replaying import Replayed, There, replay
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.browsers import brisk_web
from tests.served import pages, serving

HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"
PAGE = """<!doctype html><meta charset=utf-8><title>Staff</title>
<nav><ul><li><a href="#all">All <span>3</span></a></ul></nav>
<style>.more { display: none; position: absolute } nav:hover .more { display: block } #up { display: none }</style>
<nav aria-label=View><span>View</span><div class=more><button onclick="say('compact')">Compact</button></div></nav>
<label>Filter <input id=flt oninput="draw()"></label><table><tbody id=rows></tbody></table>
<button onclick="up.click()">Attach</button><input type=file id=up onchange="say('file ' + up.files[0].name)">
<p id=log></p><script>
const how = location.pathname.slice(1), said = [];
const say = (text) => { said.push(text); log.textContent = said.join("; "); };
let staff = [["Ada Lovelace", "Active"], ["Alan Turing", "Not active"], ["Grace Hopper", "Active"]];
const acts = {
  Pause: (one) => { if (!confirm("Pause " + one[0] + "?")) return; say("pause " + one[0]);
    if (how == "drops") staff = staff.filter((other) => other != one);
    else if (how != "fails") one[1] = "Not active"; },
  Rename: (one) => { const name = prompt("Name", one[0]); say(one[0] + " is " + name); one[0] = name; },
};
const draw = () => { rows.replaceChildren(); for (const one of staff.filter((each) => each[0].includes(flt.value))) {
  const row = rows.insertRow(); row.insertCell().textContent = one[0]; row.insertCell().textContent = one[1];
  row.insertCell().innerHTML = "<input type=checkbox>"; const cell = row.insertCell();
  row.querySelector("input").onchange = (e) => say(one[0] + " " + e.target.checked);
  for (const name of one[1] == "Active" ? ["Pause", "Rename"] : ["Rename"]) {
    const button = document.createElement("button"); button.textContent = name; cell.append(button);
    button.onclick = () => { acts[name](one); draw(); };
  } } };
draw();</script>"""
ROW = 'page.get_by_role("row", name="Ada Lovelace")'
ACCEPT = 'page.once("dialog", lambda dialog: dialog.accept(%s))'
PAUSE = (
    'page.get_by_role("textbox", name="Filter").fill("Ada Lovelace")',
    f'{ROW}.get_by_role("checkbox").check()',
    ACCEPT % "",
    'page.get_by_role("row", name="Ada Lovelace Active Pause").get_by_role("button", name="Pause").click()',
    f"expect({ROW}).to_contain_text('Not active')",
    f'expect({ROW}.get_by_role("button", name="Pause")).to_be_hidden()',
)

__all__ = ["brisk_web"]  # fixtures


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages({"/": PAGE, "/fails": PAGE, "/drops": PAGE}.get)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(web: Web) -> Iterator[Any]:
    """A page of Playwright's own, for exported tests."""
    context = web._browser.page.context.browser.new_context()  # type: ignore[union-attr]
    playwright_expects.set_options(timeout=300)
    yield context.new_page()
    playwright_expects.set_options(timeout=5000)
    context.close()


def taken(folder: Path, *body: str, start: str = "http://127.0.0.1:1/") -> imports.Imported:
    path = folder / "flow.py"
    path.write_text(HEAD + "".join(f"    {line}\n" for line in (f'page.goto("{start}")', *body)))
    return imports.imported(path)


def played(web: Web, found: Workflow, folder: Path, **values: str) -> tuple[Replayed, str]:
    """What came of it, and what the page says was done."""
    known = {param.name: param.default for param in found.params if param.default is not None}
    web.act(Open(found.start))
    with Store(folder / "record.db") as store:
        done = replay(found, known | values, There(web, LocalWorld(web, folder), store))
    return done, web._browser.page.locator("#log").text_content() or ""


def as_test(page: Any, found: Workflow, folder: Path) -> str:
    """The exported test is run here, and comes back as it went; what the page says was done."""
    (path,) = export(found, "playwright", folder / "out")
    assert [act.expect for act in imports.read(path).acts()] == [act.expect for act in found.acts()]
    names: dict[str, Any] = {"__name__": "exported"}
    sys.modules["exported"] = sys  # where its dataclass looks for names
    exec(compile(path.read_text(), str(path), "exec"), names)
    del sys.modules["exported"]
    names["run"](page, names["Values"]())
    return str(page.locator("#log").text_content())


@pytest.mark.parametrize(("value", "log"), [("Ada Lovelace", "Ada Lovelace"), ("Grace Hopper", "Grace Hopper")])
def test_what_is_expected_of_a_row_follows_the_value_that_names_it(
    web: Web, site: str, tmp_path: Path, value: str, log: str
) -> None:
    found = taken(tmp_path, *PAUSE, start=f"{site}/").workflow
    done, said = played(web, found, tmp_path, filter=value)
    assert (done.outcome, said) == ("pass", f"{log} true; pause {log}"), done.saying


@pytest.mark.parametrize("where", ["fails", "drops"])
def test_a_row_that_is_not_so_or_is_gone_is_no_pass(web: Web, site: str, tmp_path: Path, where: str) -> None:
    found = taken(tmp_path, *PAUSE[:4], PAUSE[-1].replace("()", "(timeout=800)", 1), start=f"{site}/{where}").workflow
    done, said = played(web, found, tmp_path)
    assert (done.outcome, said[-18:]) == ("unknown", "pause Ada Lovelace")
    assert "Pause' in the row of '" in done.saying


def test_an_exported_test_holds_the_same(page: Any, site: str, tmp_path: Path) -> None:
    done = as_test(page, taken(tmp_path, *PAUSE, start=f"{site}/").workflow, tmp_path)
    assert done == "Ada Lovelace true; pause Ada Lovelace"
    for where in ("fails", "drops"):
        with pytest.raises(AssertionError, match="to have count '1'"):
            as_test(page, taken(tmp_path, *PAUSE[:4], PAUSE[-1], start=f"{site}/{where}").workflow, tmp_path)


def asked(folder: Path, site: str) -> Workflow:
    """A flow with a menu that opens under the pointer, a file dialog and a text that the browser asks for."""
    (folder / "plan.txt").write_text("plan")
    body = (
        'page.get_by_role("link", name="All", exact=False).click()',
        'page.get_by_text("View").hover()',
        'page.get_by_role("button", name="Compact").click()',
        "with page.expect_file_chooser() as fc_info:",
        '    page.get_by_role("button", name="Attach").click()',
        "file_chooser = fc_info.value",
        f'file_chooser.set_files("{folder / "plan.txt"}")',
        ACCEPT % '"Ada Byron"',
        f'{ROW}.get_by_role("button", name="Rename").click()',
        'expect(page.locator("tr").filter(has_text="Ada Byron").get_by_role("button", name="Rename")).to_be_visible()',
    )
    return taken(folder, *body, start=f"{site}/").workflow


def test_menus_files_and_texts_that_are_asked_for_are_given_again(web: Web, site: str, tmp_path: Path) -> None:
    done, said = played(web, asked(tmp_path, site), tmp_path, value_1="Ada King")
    assert (done.outcome, said) == ("pass", "compact; file plan.txt; Ada Lovelace is Ada King"), done.saying
    assert web._browser.page.url.endswith("#all")  # the link itself was clicked, and not the item that it stands in


def test_an_exported_test_gives_them_too(page: Any, site: str, tmp_path: Path) -> None:
    assert as_test(page, asked(tmp_path, site), tmp_path) == "compact; file plan.txt; Ada Lovelace is Ada Byron"


# ---------------------------------------------------------------------------------------------- what is taken


@pytest.mark.parametrize(
    ("field", "steps"),
    [
        ('locator("#up")', [("click", "Attach"), ("fill", "File name")]),
        ('locator("body")', [("click", "Attach"), ("fill", "File name")]),
        ('get_by_label("Attach")', [("click", "Attach"), ("fill", "File name")]),
        ('get_by_label("Photo")', [("click", "Attach"), ("fill", "Photo")]),
        ('get_by_role("button", name="Attach")', [("fill", "Attach")]),
    ],
)
def test_a_field_for_files_that_does_not_show_is_reached_by_its_button(
    tmp_path: Path, field: str, steps: list[tuple[str, str]]
) -> None:
    click = 'page.get_by_role("button", name="Attach").click()'
    found = taken(tmp_path, click, f'page.{field}.set_input_files("plan.txt")')
    assert [(act.do, act.target.name) for act in found.workflow.acts() if act.target] == steps
    assert any("the folder of 'plan.txt' is not known" in note for note in found.notes)


def test_files_for_no_field_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="click the button that asks for it before"):
        taken(tmp_path, 'page.locator("body").set_input_files("plan.txt")')
    with pytest.raises(UsageError, match="that no file is chosen"):
        taken(tmp_path, "with page.expect_file_chooser() as info:", f"    {ROW}.click()", "info.value.set_files([])")


def test_functions_of_a_script_are_not_taken_for_ours(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="what `row` does is not known here"):
        taken(tmp_path, 'expect(row(page, "Ada").get_by_text("paid")).to_be_visible()')


def test_what_is_expected_after_the_pointer_moved_is_waited_for(tmp_path: Path) -> None:
    tip = 'expect(page.get_by_role("tooltip", name="Total", exact=True)).to_be_visible()'
    hover, wait = taken(tmp_path, 'page.get_by_text("Sum").hover()', tip).workflow.acts()
    assert (hover.do, hover.scroll, hover.say, hover.expect) == ("scroll", (0, 0), "point at 'Sum'", ())
    assert wait == Act("s2", "wait", risk="read", expect=(Expect("shows", "tooltip", "Total"),))


def test_what_the_rest_of_a_row_said_beside_its_value_is_told(tmp_path: Path) -> None:
    fill, paid = 'page.get_by_label("Who").fill("Ada")', 'page.get_by_role("row", name="Ada paid").get_by_text("ok")'
    found = taken(tmp_path, fill, f"expect({paid}).to_be_visible()")
    assert [act.expect for act in found.workflow.acts()] == [(Expect("shows", "", "ok", part=True, row=("${who}",)),)]
    assert any("'Ada paid' follows the value in it; what else" in note for note in found.notes)


def test_a_workflow_tells_what_an_imported_target_stands_in(tmp_path: Path) -> None:
    cart = 'page.get_by_role("region", name="Cart").get_by_role("row", name="Ada")'
    pay = 'page.frame_locator("#pay").get_by_label("Code").fill("1")'
    told = list(lines(taken(tmp_path, f'{cart}.get_by_role("button", name="Edit").click()', pay).workflow))
    assert "       only inside of 'Cart', the row of 'Ada'" in told
    assert "       only inside of the frame iframe#pay" in told
