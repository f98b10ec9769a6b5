"""What leaves the house does the same: an exported test runs in a real browser, and fails when it must."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from skills_ref.parser import parse_frontmatter  # type: ignore[import-untyped]
from skills_ref.validator import validate  # type: ignore[import-untyped]

from cua.core import Locator
from cua.errors import MissingProgram, UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Step, Workflow
from cua.policies.finding import mark_of
from cua.record import files, imports
from cua.record.export import export
from cua.record.playwright_source import keys, quoted
from drivers.web_found import find_browser
from tests.browsers import browsing
from tests.served import pages, serving
from tests.test_versions import flow

PAGE = """<!doctype html><meta charset=utf-8><title>Bills</title>
<dialog open><p>Cookies?</p><button onclick="this.parentNode.close()">Accept</button></dialog>
<h1>Bills</h1>
<form onsubmit="event.preventDefault();
  say('Saved ' + who.value + ' ' + where.selectedOptions[0].label + ' ' + gift.checked)">
<label for=who>Customer:</label> <input id=who>
<label for=pw>Password</label> <input id=pw type=password>
<label for=where>Country</label> <select id=where><option value=de>Germany<option value=fr>France</select>
<label><input type=checkbox id=gift> Gift wrap</label>
<button>Save "all"</button></form>
<p role=status></p>
<label for=line>New line</label>
<input id=line onkeydown="if (event.key == 'Enter') { add(this.value); this.value = '' }">
<table id=lines></table>
<iframe title=pay srcdoc="<button onclick=&quot;this.textContent='Paid'&quot;>Pay</button>"></iframe>
<script>
const say = (text) => { document.querySelector('[role=status]').textContent = text; };
const add = (text) => {
  const row = document.querySelector('#lines').insertRow();
  row.insertCell().textContent = text;
  row.insertCell().innerHTML =
    '<button onclick="say(`Removed ` + this.closest(`tr`).cells[0].textContent)">Remove</button>';
};
</script>"""


SEEN = """<!doctype html><title>Seen</title><script>var clicked = []; addEventListener("click", (e) => {
  const k = e.composedPath().find((el) => el.dataset && el.dataset.testid); clicked.push(k.dataset.testid.slice(2));
  if (k.localName != "summary") e.preventDefault(); }, true)</script>
<button data-testid=k-1>Save...</button> <button data-testid=k-2 aria-label="Close: it"></button> 
<a data-testid=k-3 href=#>Home</a>
<input data-testid=k-4 placeholder="Find it"> <label>Age <input data-testid=k-5 type=number></label>
<input data-testid=k-6 type=checkbox aria-label="Tick"> <label><input data-testid=k-7 type=radio name=r>Red</label>
<details><summary data-testid=k-8>More</summary>x</details> <div data-testid=k-9 onclick=1>Plain</div>
<div data-testid=k-10 role=tab tabindex=0>Tab</div>
<button data-testid=k-11 title="By title"><svg width=9 height=9></svg></button>
<textarea data-testid=k-12 aria-label="Long  text"></textarea> <h2><a data-testid=k-13 href=#>In a  heading</a></h2>
<table><tr><td>Ada<td><button data-testid=k-14>Edit</button>
<tr><td>Bob<td><button data-testid=k-15>Edit</button></table>"""


def page_at(path: str) -> str:
    """The page, whole or broken: /wrong has another word where the name of the button should be."""
    page = {"/": PAGE, "/late": PAGE.replace("say('Saved", "setTimeout(say, 400, 'Saved")}.get(path, "")
    return page or PAGE.replace({"/lost": "Save", "/wrong": "Saved '"}.get(path, "\0"), "Other '")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages(page_at)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser_path() -> str:
    with sync_playwright() as playwright:
        try:
            return str(find_browser(playwright, None))
        except MissingProgram as exc:
            pytest.skip(str(exc))


def mark(role: str, name: str, *locators: tuple[str, str], **more: object) -> Mark:
    found = tuple(Locator(kind, value) for kind, value in locators)
    return replace(Mark(role, name, (*found, Locator("role", f"{role}:{name}"))), **more)  # type: ignore[arg-type]


def bill(site: str, csv: Path) -> Workflow:
    """A form with every kind of field, a loop, a guard, a row that hangs on a value, a frame."""
    who, gift = mark("textbox", "Customer:", ("id", "who"), ("label", "Customer:")), mark("checkbox", "Gift wrap")
    country, line = mark("combobox", "Country"), mark("textbox", "New line", ("placeholder", "none"))
    titled = Expect("window", name="Bills")
    saved = Expect("shows", "status", "Saved ${customer} ${country} true")
    lines = Each(
        "lines", "rows", (Act("l1", "fill", line, text="${rows.the text}"), Act("l2", "press", line, text="Return"))
    )
    accept = Mark("button", "Accept")
    steps: tuple[Step, ...] = (
        IfPresent("cookies", accept, (Act("c1", "click", accept, expect=(Expect("gone", "button", "Accept"),)),)),
        IfPresent("news", Mark("button", "Read the news"), (Act("n1", "click", Mark("button", "Read the news")),), 0.1),
        Act("s1", "fill", who, text="${customer}", expect=(Expect("holds", "textbox", "Customer:", "${customer}"),)),
        Act("s2", "fill", mark("textbox", "Password", ("label", "Password")), text="${the-password}"),
        Act("s3", "fill", country, text="${country}", expect=(Expect("holds", "combobox", "Country", "${country}"),)),
        Act("s4", "click", gift, expect=(Expect("checked", "checkbox", "Gift wrap", "on"),)),
        Act("s5", "click", mark("button", 'Save "all"'), risk="irreversible", expect=(saved, titled)),
        lines,
        Act("s6", "click", mark("button", "Remove", row=("${pick}",), nth=1, of=2, says={"up": "2"}),
            expect=(Expect("shows", "status", "Removed ${pick}"), Expect("at", value="/*"))),
        Act("s7", "click", mark("button", "Pay", says={"frame": 'iframe[title="pay"]'})),
    )  # fmt: skip
    params = (
        Param("customer", default="Zoë {x}", label="Customer"), Param("the-password", "secret"),
        Param("country", default="France"), Param("rows", "rows", default=str(csv)), Param("pick", default="second"),
    )  # fmt: skip
    start = f"{site}/"
    return Workflow("Send a bill", "web", steps, "send a bill", start, (site,), params, screen=(1000, 700))


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text("the text,other\nfirst,1\nsecond,2\n")
    return path


def ran(path: Path, browser_path: str, *args: str, with_pytest: bool = False) -> subprocess.CompletedProcess[str]:
    program = [
        sys.executable,
        *(["-m", "pytest", "-q", "-p", "no:cacheprovider"] if with_pytest else []),
        str(path),
        *args,
    ]
    environment = {**os.environ, "BROWSER_PATH": browser_path, "CUA_SECRET_THE_PASSWORD": "hunter22"}
    return subprocess.run(
        program, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=path.parent
    )


# ---------------------------------------------------------------------------------------------- playwright


def test_the_exported_test_passes_by_itself_with_other_values_and_under_pytest(
    site: str, csv: Path, browser_path: str, tmp_path: Path
) -> None:
    (path,) = export(bill(site, csv), "playwright", tmp_path / "out")
    alone = ran(path, browser_path, "--customer", 'Bob "x"', "--country", "Germany", "--pick", "first")
    assert alone.returncode == 0, alone.stderr
    tested = ran(path, browser_path, with_pytest=True)
    assert tested.returncode == 0, tested.stdout
    assert "1 passed" in tested.stdout


def test_an_option_of_the_exported_test_is_spelled_with_hyphens_or_underlines(
    site: str, browser_path: str, tmp_path: Path
) -> None:
    fields = mark("textbox", "Customer:", ("id", "who")), mark("textbox", "New line", ("placeholder", "none"))
    steps = tuple(
        Act(f"s{at}", "fill", field, text=f"${{{name}}}", expect=(Expect("holds", "textbox", field.name, said),))
        for at, field, name, said in ((1, fields[0], "full_name", "Ada"), (2, fields[1], "last-line", "end"))
    )
    params = Param("full_name"), Param("last-line")
    flow = Workflow("Two fields", "web", steps, start=f"{site}/", origins=(site,), params=params)
    (path,) = export(flow, "playwright", tmp_path / "out")
    for options in (("--full-name", "--last_line"), ("--full_name", "--last-line")):
        alone = ran(path, browser_path, options[0], "Ada", options[1], "end")
        assert alone.returncode == 0, alone.stderr


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        ({"start": "/lost"}, 'Save \\"all\\"'),
        ({"start": "/wrong"}, "Saved"),
        ({"pick": "third"}, "third"),
    ],
    ids=["a button that is gone", "another outcome", "a row that is not there"],
)
def test_the_exported_test_fails_when_the_page_is_not_as_it_was(
    site: str, csv: Path, browser_path: str, tmp_path: Path, break_it: dict[str, str], said: str
) -> None:
    flow = bill(site, csv)
    if "start" in break_it:
        flow = replace(flow, start=site + break_it["start"])
    (path,) = export(flow, "playwright", tmp_path / "out")
    text = path.read_text()
    path.write_text(
        text.replace("        run(page, values)", "        page.set_default_timeout(4000)\n        run(page, values)")
    )
    args = ("--pick", break_it["pick"]) if "pick" in break_it else ()
    found = ran(path, browser_path, *args)
    assert found.returncode != 0
    assert said in found.stderr


def test_an_expectation_of_the_exported_test_is_waited_for(
    site: str, csv: Path, browser_path: str, tmp_path: Path
) -> None:
    (path,) = export(replace(bill(site, csv), start=f"{site}/late"), "playwright", tmp_path)
    found = ran(path, browser_path)
    assert found.returncode == 0, found.stderr


def test_targets_as_the_web_driver_sees_them_are_found_by_playwright(
    site: str, browser_path: str, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(SEEN)
    with browsing(page.as_uri()) as web:
        now = web.observe(frame=False)
    wanted = [e for e in now.elements if e.actions and "click" in e.actions and e.role not in ("option", "combobox")]
    assert len(wanted) >= 12
    steps = tuple(Act(f"s{n}", "click", mark_of(element, now)) for n, element in enumerate(wanted))
    (path,) = export(Workflow("seen", "web", steps, start=page.as_uri()), "playwright", tmp_path)
    names = [element.locators[0].value for element in wanted]
    text = path.read_text()
    told = 'print(page.evaluate("clicked.join()"))'
    path.write_text(text.replace("        browser.close()", f"        {told}\n        browser.close()"))
    found = ran(path, browser_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip().split(",") == [name.removeprefix("k-") for name in names]


def test_a_missing_secret_is_told_and_none_is_in_the_file(
    site: str, csv: Path, browser_path: str, tmp_path: Path
) -> None:
    (path,) = export(bill(site, csv), "playwright", tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "CUA_SECRET_THE_PASSWORD"}
    found = subprocess.run(
        [sys.executable, str(path)], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert found.returncode != 0
    assert "set the environment variable CUA_SECRET_THE_PASSWORD" in found.stderr


def test_what_was_exported_to_playwright_comes_back_the_same(site: str, csv: Path, tmp_path: Path) -> None:
    before = bill(site, csv)
    (path,) = export(before, "playwright", tmp_path)
    after = imports.read(path)
    assert (after.start, after.origins, after.params) == (before.start, before.origins, before.params)
    assert [shape(step) for step in after.steps] == [shape(step) for step in before.steps]


def shape(step: Step) -> object:
    """What a step does and to what, its expectations included."""
    match step:
        case Each(over=over, steps=inner):
            return ("each", over, [shape(each) for each in inner])
        case IfPresent(target=target, steps=inner, seconds=seconds):
            return ("if", target.role, target.name, seconds, [shape(each) for each in inner])
        case Act(target=target):
            aim = (target.role, target.name.rstrip(":"), target.row, target.says.get("frame")) if target else None
            expect = tuple(replace(each, name=each.name.rstrip(":")) for each in step.expect)
            return (step.do, aim, step.text, step.count, step.button, step.keys, expect)


def test_a_script_never_turns_what_it_says_into_code(tmp_path: Path) -> None:
    nasty = '"""\nimport os; os.remove("x")\n# \\'
    steps = (Act("s1", "fill", Mark("textbox", nasty), text=nasty, say=nasty, expect=(Expect("at", value=nasty),)),)
    flow = Workflow("x", "web", steps, nasty, "http://127.0.0.1:1/", params=(Param("a", default=nasty, label=nasty),))
    (path,) = export(flow, "playwright", tmp_path)
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "remove"]
    after = imports.read(path)
    (act,) = after.acts()
    assert (act.text, act.expect[0].value, after.params) == (nasty, nasty, flow.params)


def test_names_that_are_no_names_in_python_are_bent_and_come_back(tmp_path: Path) -> None:
    params = (Param("class", default="a"), Param("first-name", default="b"), Param("help", default="c"))
    text = "".join(f"${{{param.name}}}" for param in params)
    flow = Workflow("x", "web", (Act("s1", "fill", mark("textbox", "A"), text=text),), start="http://a/", params=params)
    (path,) = export(flow, "playwright", tmp_path)
    after = imports.read(path)
    assert after.params == params
    assert next(after.acts()).text == text


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        (Workflow("x", "desktop", (Act("s1", "press", text="F5"),)), "was shown on 'desktop'"),
        (Workflow("x", "web", (Act("s1", "press", text="ctrl+w"),)), "step 's1' goes to another tab"),
        (Workflow("x", "web", (Act("s1", "fill", text="x"),)), "needs a target"),
    ],
)
def test_what_playwright_cannot_do_is_refused(tmp_path: Path, flow: Workflow, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        export(flow, "playwright", tmp_path)
    assert not list(tmp_path.glob("*_test.py"))


def test_effects_are_said_not_to_be_checked(tmp_path: Path) -> None:
    (path,) = export(flow(), "playwright", tmp_path)
    assert "is not checked here" in path.read_text()
    assert "~/bill.txt" in path.read_text()


def test_keys_and_literals() -> None:
    assert [keys("ctrl+Prior"), keys("Return"), keys("ctrl+shift+s")] == [
        "Control+PageUp",
        "Enter",
        "Control+shift+s".replace("shift", "Shift"),
    ]
    assert ast.literal_eval(quoted('a"\\\n\u2028ü')) == 'a"\\\n\u2028ü'


# ---------------------------------------------------------------------------------------------- skill and json


@pytest.mark.parametrize("name", ["bill", "Send a bill", "Über: größe -- 2!", "x" * 90, "a_b"])
def test_the_skill_passes_the_reference_validator(tmp_path: Path, name: str) -> None:
    nasty = "send: the \"bill\"\n---\n# 'x' <b>" * 40
    page, workflow = export(replace(flow(name), goal=nasty), "skill", tmp_path)
    assert validate(page.parent) == []
    assert files.load(workflow) == replace(flow(name), goal=nasty)


def test_the_skill_says_what_it_needs_checks_and_risks(tmp_path: Path) -> None:
    page, _ = export(flow(), "skill", tmp_path)
    text = page.read_text()
    for said in (
        "cua replay bill",
        "`who`: text, default `Ada`",
        "a secret, by reference",
        "“Saved” shows",
        "~/bill.txt",
        "`remove`",
    ):
        assert said in text, said


def test_the_skill_is_chosen_by_what_it_does_takes_and_is_for(tmp_path: Path) -> None:
    steps = (
        Act("a", "fill", Mark("textbox", "First <b>name</b>"), text="${first}"),
        Act("b", "fill", Mark("textbox", "City"), text="Rome"),
        Act("c", "wait"),
        Act("d", "click", Mark("button", "Save")),
    )
    params = (Param("first", default="Ada"), Param("password", "secret"))
    shown = Workflow("new-customer", "web", steps, "new-customer", origins=("https://x.example",), params=params)
    said = str(parse_frontmatter(export(shown, "skill", tmp_path)[0].read_text())[0]["description"])
    for part in ("new customer", "https://x.example", "fill in First b name /b, City; click Save", "Use when asked"):
        assert part in said, said
    assert "first (text, Ada if unsaid), password (a secret, by reference)" in said
    assert "Rome" not in said
    many = tuple(replace(steps[0], id=f"s{n}", target=Mark("textbox", f"{n} {'x' * 90}")) for n in range(200))
    lots = tuple(Param(f"p{n}", default="y" * 90) for n in range(90))
    page, _ = export(replace(shown, steps=many, params=(*params, *lots), goal="buy " * 400), "skill", tmp_path / "long")
    assert validate(page.parent) == []
    assert "Use when asked" in page.read_text()


def test_a_name_without_letters_makes_no_skill(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rename the workflow"):
        export(flow("!!"), "skill", tmp_path)


def test_json_is_the_whole_workflow_by_its_schema(site: str, csv: Path, tmp_path: Path) -> None:
    for one in (flow(), bill(site, csv)):
        (path,) = export(one, "json", tmp_path)
        assert json.loads(path.read_text()).keys() <= files.schema()["properties"].keys()
        assert imports.read(path) == one


def test_there_are_three_exports(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are: skill, playwright, json"):
        export(flow(), "pdf", tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        export(flow(), "json", tmp_path / "file")


def test_the_exported_test_fails_clearly_where_two_rows_hold_the_value(browser_path: str, tmp_path: Path) -> None:
    gone = "document.title='Removed '+this.closest('tr').cells[0].innerText"
    line = f'<tr><td>{{}}<td><button onclick="{gone}">Remove</button>'
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><title>T</title><table>" + "".join(map(line.format, ("Ada", "Bob", "Bob"))) + "</table>"
    )
    target = Mark("button", "Remove", row=("${who}",), of=3)
    step = Act("remove", "click", target, expect=(Expect("window", name="Removed ${who}"),))
    flow = Workflow("remove", "web", (step,), start=page.as_uri(), params=(Param("who", default="Ada"),))
    (path,) = export(flow, "playwright", tmp_path)
    found = ran(path, browser_path)
    assert found.returncode == 0, found.stderr
    two = ran(path, browser_path, "--who", "Bob")
    assert two.returncode != 0
    assert "just one row must hold the values" in two.stderr
    assert "Actual value: 2" in two.stderr
    assert [act.do for act in imports.imported(path)[0].acts()] == ["click"]
