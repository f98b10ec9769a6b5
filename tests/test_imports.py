"""What other tools recorded becomes a workflow, whole or with a word about what is missing; nothing of it is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cua.core import Locator, Open
from cua.errors import UsageError
from cua.memory.workflows import Act, Expect, Mark, Param
from cua.policies.finding import Found, filled_mark, find
from cua.record import files, imports
from cua.record.codegen_acts import keys
from cua.record.codegen_checks import glob
from cua.record.devtools import likely, target
from cua.record.moves import secret_field
from cua.record.playwright_locators import CannotTake
from cua.record.selectors import Said, css, xpath
from drivers.web import Web

ADA = {"row name": "name", "row was": "Ada 12 Delete", "row had": "Ada"}
FIXTURES = Path(__file__).parent / "fixtures" / "imports"
HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"


def script(tmp_path: Path, *lines: str) -> imports.Imported:
    """What is taken of a script with these lines after the first page was opened."""
    path = tmp_path / "flow.py"
    body = ('page.goto("http://127.0.0.1:1/a")', *lines)
    path.write_text(HEAD + "".join(f"    {line}\n" for line in body))
    return imports.imported(path)


def only(tmp_path: Path, *lines: str) -> Act:
    (act,) = script(tmp_path, *lines).workflow.acts()
    return act


def recording(tmp_path: Path, *steps: dict[str, Any]) -> imports.Imported:
    path = tmp_path / "flow.json"
    path.write_text(json.dumps({"title": "t", "steps": [{"type": "navigate", "url": "http://127.0.0.1:1/"}, *steps]}))
    return imports.imported(path)


# ---------------------------------------------------------------------------------------------- what codegen wrote


@pytest.mark.parametrize("flavour", ["library", "async", "pytest"])
def test_what_codegen_recorded_is_taken_over_in_every_flavour(flavour: str) -> None:
    taken = imports.imported(FIXTURES / f"codegen_{flavour}.txt")
    acts = list(taken.workflow.acts())
    assert taken.workflow.start == "http://127.0.0.1:8000/shop.html"
    assert taken.workflow.origins == ("http://127.0.0.1:8000",)
    assert [act.text for act in acts if act.do == "fill"] == [
        "${customer}", "${search_orders}", "${password}", "${country_germanyfrance}", "${receipt}", "${card}",
    ]  # fmt: skip
    assert acts[9].expect == (Expect("checked", "checkbox", "Gift wrap", "on"),)
    assert acts[12].target == Mark("button", row=("${customer}",), says=ADA)
    assert acts[15].target is not None
    assert acts[15].target.says["frame"] == 'iframe[title="pay"]'
    assert acts[18].expect == (Expect("shows", "alertdialog"),)
    assert [act.text for act in acts if act.do == "press"][-1] == ("Return" if flavour == "pytest" else "ctrl+a")


def test_a_secret_is_dropped_and_told(tmp_path: Path) -> None:
    taken = imports.imported(FIXTURES / "codegen_library.txt")
    assert Param("password", "secret", None, "Password") in taken.workflow.params
    assert "hunter22" not in files.dumps(taken.workflow)
    assert any("'Password' was dropped" in note for note in taken.notes)
    assert not any("hunter22" in note for note in taken.notes)


def test_the_text_of_a_secret_is_dropped_wherever_it_stands(tmp_path: Path) -> None:
    field, other = 'page.get_by_label("Password")', 'page.get_by_label("Again")'
    taken = script(
        tmp_path, f'{field}.fill("s3cr3t!")', f'{other}.fill("s3cr3t!")', f'expect({field}).to_have_value("s3cr3t!")'
    )
    assert "s3cr3t!" not in files.dumps(taken.workflow)
    assert any("it was dropped" in note for note in taken.notes)
    with pytest.raises(UsageError, match="line 7: the text of a secret field stands here too") as told:
        script(tmp_path, f'{field}.fill("s3cr3t!")', 'page.get_by_text("Hello s3cr3t!").click()')
    assert "s3cr3t!" not in str(told.value)


@pytest.mark.parametrize(
    "mark",
    [
        Mark("textbox", "Passwort"),
        Mark("textbox", "", (Locator("id", "userPin"),)),
        Mark("textbox", says={"type": "password"}),
        Mark("textbox", "API-Key"),
        Mark("textbox", "", (Locator("name", "card_cvc"),)),
        Mark("textbox", "Mot de passe"),
    ],
    ids=str,
)
def test_these_fields_are_secret(mark: Mark) -> None:
    assert secret_field(mark)


@pytest.mark.parametrize("name", ["Pinboard", "Name", "Compass", "Tokyo", "Spinner speed"])
def test_these_fields_are_not(name: str) -> None:
    assert not secret_field(Mark("textbox", name))


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        (
            'page.get_by_role("button", name="Save", exact=True).click()',
            Mark("button", "Save", (Locator("role", "button:Save"),), says={"exact": "1"}),
        ),
        (
            'page.get_by_placeholder("Name").click()',
            Mark("textbox", "Name", (Locator("placeholder", "Name"), Locator("role", "textbox:Name"))),
        ),
        ('page.get_by_test_id("go").click()', Mark("generic", "", (Locator("testid", "go"),))),
        ('page.get_by_alt_text("Logo").click()', Mark("img", "Logo", (Locator("alt", "Logo"),))),
        ('page.locator("#go").click()', Mark("generic", "", (Locator("id", "go"),))),
        ('page.click("text=Go on")', Mark("generic", "Go on", (Locator("text", "Go on"),))),
        ('page.locator("role=link[name=\\"Home\\"]").click()', Mark("link", "Home", (Locator("role", "link:Home"),))),
        (
            'page.get_by_role("link", name="Home").nth(2).click()',
            Mark("link", "Home", (Locator("role", "link:Home"),), nth=2, of=3, says={"place": "2"}),
        ),
        (
            'page.get_by_role("dialog", name="Bill").get_by_role("button", name="Save").click()',
            Mark("button", "Save", (Locator("role", "button:Save"),), path=("Bill",)),
        ),
        (
            'page.get_by_role("listitem").filter(has_text="Ada").get_by_role("button", name="Delete").click()',
            Mark("button", "Delete", (Locator("role", "button:Delete"),), row=("Ada",), says={"row name": "texts"}),
        ),
        (
            'page.locator("div").filter(has_text=re.compile(r"^A\\\\.B$")).get_by_role("button", name="Go").click()',
            Mark("button", "Go", (Locator("role", "button:Go"),), path=("A.B",), says={"block": "1"}),
        ),
        (
            'page.frame_locator("#pay").get_by_role("button", name="Go").click()',
            Mark("button", "Go", (Locator("role", "button:Go"),), says={"frame": "iframe#pay"}),
        ),
        (
            'page.locator("#pay").content_frame.locator("p > #b").click()',
            Mark(
                "generic",
                "",
                (Locator("id", "b"), Locator("css", "iframe#pay >>> p > #b")),
                says={"frame": "iframe#pay"},
            ),
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_a_locator_says_what_the_target_is(tmp_path: Path, line: str, mark: Mark) -> None:
    assert only(tmp_path, line.replace("\\\\", "\\")).target == mark


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("it.dblclick()", Act("s1", "click", count=2)),
        (
            'it.click(button="right", modifiers=["ControlOrMeta", "Shift"])',
            Act("s1", "click", button="right", keys=("ctrl", "shift")),
        ),
        ('it.press("Control+PageUp")', Act("s1", "press", text="ctrl+PageUp")),
        ("it.uncheck()", Act("s1", "click", expect=(Expect("checked", "", "It", "off"),))),
        ('it.fill("a ${b}")', Act("s1", "fill", text="${it}")),
        ('it.press_sequentially("abc")', Act("s1", "type", text="${it}")),
        ("page.mouse.wheel(0, 300)", Act("s1", "scroll", scroll=(0, 3))),
        ('page.keyboard.press("Escape")', Act("s1", "press", text="Escape")),
        ('page.goto("http://127.0.0.1:1/${b}")', Act("s1", "open", text="http://127.0.0.1:1/$${b}")),
        ("page.go_back()", Act("s1", "press", text="alt+Left")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_act_is_what_it_was(tmp_path: Path, line: str, act: Act) -> None:
    found = only(tmp_path, 'it = page.get_by_label("It")', line)
    assert (found.do, found.text, found.button, found.count, found.keys, found.scroll, found.expect) == (
        act.do, act.text, act.button, act.count, act.keys, act.scroll, act.expect,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expect"),
    [
        ('expect(page.get_by_text("Saved")).to_be_visible()', Expect("shows", "", "Saved", part=True)),
        ('expect(page.get_by_text("Saved", exact=True)).to_be_visible()', Expect("shows", "", "Saved")),
        (
            'expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=9000)',
            Expect("shows", "heading", "Done", seconds=9, part=True),
        ),
        (
            'expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()',
            Expect("gone", "button", "Save"),
        ),
        (
            'expect(page.get_by_role("button", name="Save")).not_to_be_visible()',
            Expect("gone", "button", "Save", part=True),
        ),
        (
            'expect(page.get_by_role("button", name="Save")).to_be_visible(visible=False)',
            Expect("gone", "button", "Save", part=True),
        ),
        ('expect(page.get_by_test_id("x")).to_contain_text("Saved")', Expect("shows", "", "Saved", part=True)),
        ('expect(page.get_by_test_id("x")).to_have_text("Saved")', Expect("shows", "", "Saved")),
        ('expect(page.get_by_role("list")).to_contain_text("Milk")', Expect("shows", "list", "Milk", part=True)),
        (
            'expect(page.get_by_role("heading", name="Order")).to_contain_text("Order 12")',
            Expect("shows", "heading", "Order 12", part=True),
        ),
        (
            'expect(page.get_by_role("status")).to_have_text(re.compile("Saved"))',
            Expect("shows", "status", "Saved", part=True),
        ),
        ('expect(page.get_by_role("status")).to_have_text(re.compile(r"^Saved$"))', Expect("shows", "status", "Saved")),
        (
            'expect(page.get_by_role("listitem").filter(has_text="Ada")).to_be_visible()',
            Expect("shows", "listitem", "Ada", part=True),
        ),
        (
            'expect(page.get_by_label("Name")).to_have_value(re.compile("Bo"))',
            Expect("holds", "", "Name", "Bo", part=True),
        ),
        (
            'expect(page.get_by_role("textbox", name="Name")).to_have_value("Bob")',
            Expect("holds", "textbox", "Name", "Bob"),
        ),
        ('expect(page.get_by_role("textbox", name="Name")).to_be_empty()', Expect("holds", "textbox", "Name", "")),
        (
            'expect(page.get_by_role("checkbox", name="On")).not_to_be_checked()',
            Expect("checked", "checkbox", "On", "off"),
        ),
        ('expect(page.get_by_role("checkbox", name="On")).to_be_checked()', Expect("checked", "checkbox", "On", "on")),
        ('expect(page).to_have_url("http://127.0.0.1:1/done?x=1")', Expect("at", value="/done?x=1")),
        ('expect(page).to_have_url(re.compile(r".*/done"))', Expect("at", value="*/done*")),
        ('expect(page).to_have_title("Shop")', Expect("window", name="Shop")),
        ('expect(page).to_have_title(re.compile("Shop"))', Expect("window", name="Shop", part=True)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_expectation_is_expected_of_the_act_before(tmp_path: Path, line: str, expect: Expect) -> None:
    assert only(tmp_path, 'page.get_by_role("button", name="Go").click()', line).expect == (expect,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('expect(page.get_by_test_id("x")).to_contain_text("Saved")', "'x' or inside of it is not expected"),
        ('expect(page.get_by_role("region", name="Cart").get_by_text("Milk")).to_be_visible()', "'Cart' or inside"),
        ('expect(page.locator("tr:nth-child(2)")).to_contain_text("paid")', "may be anywhere on the page"),
        ('expect(page.get_by_role("heading", name="Go").first).to_be_visible()', "number 1 of several"),
        ('expect(page.get_by_role("button", name="Go")).to_have_count(0)', "does not show counts as gone"),
        ('expect(page.get_by_text("A")).to_be_attached()', "does not show counts as gone"),
        ('expect(page.get_by_role("status")).to_have_text(re.compile("saved", re.I))', "upper and lower case"),
        ('expect(page).to_have_url("http://127.0.0.1:1/#/done")', "behind # in the address is not checked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_of_an_expectation_is_not_kept_is_said(tmp_path: Path, line: str, said: str) -> None:
    notes = script(tmp_path, 'page.get_by_label("It").click()', line).notes
    assert any(note.startswith("line 7: ") and said in note for note in notes), notes


def test_an_expectation_before_any_act_is_waited_for(tmp_path: Path) -> None:
    act = only(tmp_path, 'expect(page.get_by_text("Hello")).to_be_visible()')
    assert (act.do, act.expect) == ("wait", (Expect("shows", "", "Hello", part=True),))


def test_what_was_filled_and_comes_back_in_a_later_target_follows_the_value(tmp_path: Path) -> None:
    taken = script(
        tmp_path,
        'page.get_by_label("Customer").fill("Ada Lovelace")',
        'page.locator("tr:nth-child(3)").get_by_text("Ada Lovelace").click()',
        'expect(page.get_by_text("Ada Lovelace was saved")).to_be_visible()',
    )
    act = list(taken.workflow.acts())[1]
    assert act.target is not None
    assert act.target.name == "${customer}"
    assert act.expect[0].name == "${customer} was saved"


def test_the_same_target_filled_elsewhere_tells_what_it_is(tmp_path: Path) -> None:
    taken = script(tmp_path, 'page.get_by_test_id("n").click()', 'page.get_by_test_id("n").fill("x")')
    assert [act.target.role for act in taken.workflow.acts() if act.target] == ["textbox", "textbox"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("page.evaluate('1')", "`evaluate` cannot be said"),
        ("for n in range(3): page.goto('x')", "only straight lines"),
        ("page.get_by_role('button').last.click()", "which one is the last changes"),
        ("page.get_by_role('button').nth(-1).click()", "a number from 0 up"),
        ("page.get_by_role('button', name=re.compile('a|b')).click()", "stands for many texts"),
        ("page.get_by_label(word).fill('x')", "`word` is no plain text"),
        ("page.get_by_label('A').fill(f'{1}')", "is no plain text"),
        ("expect(page.get_by_role('list')).to_match_aria_snapshot('x')", "the line 'x' of the snapshot cannot be read"),
        ("expect(page.get_by_role('list')).to_match_aria_snapshot('- text: x')", "no name in the snapshot"),
        ("expect(page.get_by_text('A')).not_to_contain_text('x')", "not_to_contain_text cannot be said"),
        ("expect(page.get_by_label('A')).not_to_have_value('x')", "not_to_have_value cannot be said"),
        ("expect(page.get_by_label('A')).to_be_checked(indeterminate=True)", "with indeterminate= cannot be said"),
        ("expect(page.get_by_role('list')).to_be_empty()", "what is no field is empty cannot be said"),
        ("expect(page.get_by_role('status')).to_contain_text('')", "an empty text cannot be expected"),
        ("expect(page.get_by_role('status')).to_have_text(re.compile('^Saved'))", "bound at one end"),
        ("expect(page.get_by_role('row', name='Ada')).to_have_text('paid')", "a row has this text and no other"),
        (
            "expect(page.locator('li', has_text='A').get_by_role('listitem', name='b')).to_be_visible()",
            "which row in a row is meant",
        ),
        ("expect(page.get_by_role('status')).to_contain_text(['a', 'b'])", "is no plain text"),
        ("page.mouse.click(3, 4)", "points without a target"),
        ("page.route('**', lambda r: r.abort())", "`route` cannot be said"),
        ("other.click('#a')", "what `other` is, is not known"),
        ("page.goto('http://ada:hunter22@127.0.0.1/')", "the address holds a password"),
        ("do_login(page)", "what `do_login` does is not known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_over_names_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"flow\.py: .*\n  line 6: .*") as told:
        script(tmp_path, line)
    assert said in str(told.value)


def test_every_line_that_cannot_be_taken_over_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)line 6.*line 7.*and 2 more"):
        script(tmp_path, *["page.evaluate('1')"] * 10)


def test_going_back_to_a_page_that_is_not_in_front_is_refused(tmp_path: Path) -> None:
    popup = (
        "with page.expect_popup() as info:",
        '    page.get_by_role("link", name="Help").click()',
        "help = info.value",
    )
    with pytest.raises(UsageError, match="line 9: `page` is not the page in front; close `help`"):
        script(tmp_path, *popup, 'page.get_by_role("button", name="Go").click()')
    taken = script(tmp_path, *popup, 'help.get_by_text("A").click()', "help.close()", 'page.get_by_text("B").click()')
    assert [act.do for act in taken.workflow.acts()] == ["click", "click", "press", "click"]


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    with pytest.raises(UsageError):
        script(tmp_path, f"open({str(mark)!r}, 'w')", "page.get_by_text('A').click()")
    path = tmp_path / "top.py"
    path.write_text(f"open({str(mark)!r}, 'w')\n{HEAD}    page.goto('http://a/')\n    page.get_by_text('A').click()\n")
    imports.imported(path)
    assert not mark.exists()


# ---------------------------------------------------------------------------------------------- the browser's recorder


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("New customer", "new-customer"),
        ("Recording 11/21/2025 at 9:30:00 AM", "recording-11-21-2025-at-9-30-00-am"),
        ("Käufer anlegen", "käufer-anlegen"),
        ("注文 2", "注文-2"),
        ("${x} / y", "x-y"),
        ("!!", "workflow"),
        ("  ", "my-flow-2"),
        (None, "my-flow-2"),
    ],
)
def test_a_recording_is_called_by_its_title_else_as_its_file(tmp_path: Path, title: object, name: str) -> None:
    path = tmp_path / "My flow (2).json"
    steps = [{"type": "navigate", "url": "http://127.0.0.1:1/"}, {"type": "click", "selectors": [["aria/Go"]]}]
    path.write_text(json.dumps({"title": title, "steps": steps}))
    assert imports.read(path).name == name
    script = tmp_path / "My flow (2).py"
    script.write_text(HEAD + "    page.goto('http://127.0.0.1:1/')\n    page.get_by_text('Go').click()\n")
    assert imports.read(script).name == "my-flow-2"


def test_a_secret_that_is_repeated_is_one_and_two_different_ones_are_two(tmp_path: Path) -> None:
    def fills(first: str, again: str) -> list[str]:
        taken = script(
            tmp_path,
            f'page.get_by_label("Password").fill("{first}")',
            f'page.get_by_label("Repeat password").fill("{again}")',
        )
        said = files.dumps(taken.workflow) + "".join(taken.notes)
        assert first not in said
        assert again not in said
        assert [param.kind for param in taken.workflow.params] == ["secret"] * len(taken.workflow.params)
        return [act.text for act in taken.workflow.acts()]

    assert fills("hunter22", "hunter22") == ["${password}", "${password}"]
    assert fills("hunter22", "hunter23") == ["${password}", "${repeat_password}"]
    assert fills("4711", "4711") == ["${password}", "${password}"]
    both = [
        {"type": "change", "selectors": [["aria/PIN"]], "value": "77"},
        {"type": "change", "selectors": [["aria/Confirm PIN code"]], "value": "77"},
    ]
    assert [act.text for act in recording(tmp_path, *both).workflow.acts()] == ["${pin}", "${pin}"]


def test_a_recording_of_the_browser_is_taken_over() -> None:
    taken = imports.imported(FIXTURES / "recorder.json")
    flow = taken.workflow
    acts = list(flow.acts())
    assert (flow.start, flow.screen) == ("http://127.0.0.1:8000/shop.html", (1280, 720))
    assert [act.do for act in acts] == [
        "click",
        "fill",
        "press",
        "fill",
        "fill",
        "click",
        "scroll",
        "scroll",
        "click",
        "click",
        "click",
    ]
    assert acts[1].target == Mark("textbox", "Customer", (Locator("id", "customer"), Locator("label", "Customer")))
    assert acts[4].target is not None
    assert acts[4].target.role == "combobox"
    assert (acts[7].scroll, acts[7].say[:9]) == ((0, 0), "point at ")
    assert acts[8].keys == ("ctrl",)
    assert acts[8].target == Mark(
        "link", "${customer}", (Locator("role", "link:${customer}"), Locator("text", "${customer}")), says={"tag": "a"}
    )
    assert (acts[9].button, acts[9].count) == ("right", 2)
    assert acts[9].expect == (Expect("shows", "status", "Ready", seconds=8),)
    assert acts[10].expect == (Expect("at", value="/orders/*/done[?]*"),)
    assert "hunter22" not in files.dumps(flow)
    for step in ("step 17 (waitForExpression)", "step 19 (close)", "clicks"):
        assert any(note.startswith(step) for note in taken.notes), step


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"type": "customStep", "name": "x"}], "step 2 (customStep)"),
        ([{"type": "waitForExpression", "expression": "window.done"}], "an expression is never run"),
        ([{"type": "click", "selectors": [["aria/A"]], "button": "back"}], "'back' cannot be said"),
        ([{"type": "click", "selectors": [[]]}], "say no element"),
        ([{"type": "click"}], "step 2 (click) is damaged"),
        ([{"type": "change", "selectors": [["aria/A"]], "value": 3}], "step 2 (change) is damaged"),
        ([{"type": "waitForElement", "selectors": [".spinner"]}], "needs a name or a text"),
        ([{"type": "keyDown", "key": "Shift"}, {"type": "click", "selectors": [["aria/A"]]}], "Shift was never let go"),
        (
            [
                {"type": "click", "target": "http://b/", "selectors": [["aria/A"]]},
                {"type": "click", "target": "main", "selectors": [["aria/B"]]},
            ],
            "step 3 (click): it goes back to the first page",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_step_that_cannot_be_taken_over_is_named(tmp_path: Path, steps: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(UsageError) as told:
        recording(tmp_path, *steps)
    assert said in str(told.value)


def test_keys_that_are_held_make_a_chord(tmp_path: Path) -> None:
    down = [{"type": "keyDown", "key": key} for key in ("Control", "a")]
    up = [{"type": "keyUp", "key": key} for key in ("a", "Control")]
    assert [act.text for act in recording(tmp_path, *down, *up).workflow.acts()] == ["ctrl+a"]


def test_a_closed_popup_gives_the_first_page_back(tmp_path: Path) -> None:
    there = {"target": "http://127.0.0.1:1/help"}
    steps: list[dict[str, Any]] = [
        {"type": "click", "target": "main", "selectors": [["aria/Help"]]},
        {"type": "click", "selectors": [["aria/A"]], **there},
        {"type": "close", **there},
        {"type": "click", "target": "main", "selectors": [["aria/B"]]},
    ]
    acts = list(recording(tmp_path, *steps).workflow.acts())
    assert [(act.do, act.text) for act in acts] == [("click", ""), ("click", ""), ("press", "ctrl+w"), ("click", "")]


def test_selectors_of_one_step_say_one_element_together() -> None:
    found = target(
        [["aria/Save", 'aria/[role="button"]'], ["#host", "button.go"], ['xpath///*[@data-testid="go"]'], ["text/Save"]]
    )
    assert (found.role, found.path) == ("button", ("Save",))
    assert Locator("testid", "go") in found.locators
    assert Locator("css", "#host >>> button.go") in found.locators


# ---------------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("selector", "role", "locators"),
    [
        ('input[name="q"]', "", [Locator("name", "q")]),
        ('input[name="q"][type=text]', "textbox", [Locator("name", "q")]),
        ("input[type=checkbox]#a\\.b", "checkbox", [Locator("id", "a.b")]),
        ("[data-cy='x y']", "", [Locator("testid", "x y")]),
        ("#main  >  a.big", "link", [Locator("css", "#main > a.big")]),
        ('a:has-text("Log in")', "link", [Locator("text", "Log in")]),
        ("div[title='a > b'] span", "", [Locator("css", "div[title='a > b'] span")]),
    ],
)
def test_css_says(selector: str, role: str, locators: list[Locator]) -> None:
    said = Said()
    css(selector, said)
    assert (said.role, said.locators) == (role, locators)


def test_xpath_says() -> None:
    said = Said()
    xpath('//form//button[@id="go"]', said)
    assert (said.role, said.locators) == ("button", [Locator("id", "go")])
    said = Said()
    xpath("//li[3]/a", said)
    assert (said.role, said.locators) == ("link", [Locator("xpath", "//li[3]/a")])


def test_patterns_and_keys() -> None:
    assert [glob(r".*/a\?b=1$"), glob(r"^http://x/a.*")] == ["*/a[?]b=1", "/a*"]
    with pytest.raises(CannotTake):
        glob(r"/\d+")
    assert [keys("ControlOrMeta++"), keys("Shift+Enter"), keys("a")] == ["ctrl+plus", "shift+Return", "a"]
    assert likely("http://a/orders/4711/0a1b2c3d4e5f6a7b8c/x?y#z") == "/orders/*/*/x[?]*"
    assert [likely(url) for url in ("http://a", "http://a/", "http://a/orders#top")] == ["/", "/", "/orders"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{]", "damaged JSON"),
        ("a.json", '{"a": 1}', "this JSON is no recording"),
        ("a.py", "from playwright.sync_api import x\npage.goto(\n", "line 2: this is no Python"),
        ("a.txt", "hello", "cannot be told"),
        (
            "a.ts",
            "import { test } from '@playwright/test';\nawait page.goto('x');",
            "TypeScript or JavaScript, and only",
        ),
        ("a.py", HEAD + "    page.goto('http://a/')\n", "there is no step in it"),
        ("a.py", HEAD + "    page.goto('a')\n" + HEAD.splitlines()[3] + "\n    page.goto('a')\n", "2 tests in it"),
        ("a.json", json.dumps({"on": "web", "name": "x", "steps": [], "format": 99}), "newer version"),
    ],
)
def test_a_file_that_is_nothing_of_the_kind_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=name) as told:
        imports.read(tmp_path / name)
    assert said in str(told.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        imports.read(tmp_path / "none.py")
    (tmp_path / "b.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        imports.read(tmp_path / "b.py")


# ---------------------------------------------------------------------------------------------- on a real page

PAGE = """<!doctype html><title>Shop</title><label for=c>Customer</label><input id=c>
<label><input type=checkbox>Gift wrap</label><label for=p>Password</label><input id=p type=password>
<button data-testid=save>Save</button>
<table><tr><td>Ada<td>12<td><button>Delete</button><tr><td>Bob<td>7<td><button>Delete</button></table>"""


def test_imported_targets_are_found_on_the_page_that_they_were_recorded_on(tmp_path: Path, web: Web) -> None:
    (tmp_path / "shop.html").write_text(PAGE)
    taken = script(
        tmp_path,
        'page.get_by_label("Customer").fill("Ada")',
        'page.get_by_role("checkbox", name="Gift wrap").check()',
        'page.get_by_label("Password").fill("x")',
        'page.get_by_role("row").filter(has_text="Ada").get_by_role("button", name="Delete").click()',
        'page.get_by_role("button", name="Save").click()',
    )
    web.act(Open((tmp_path / "shop.html").as_uri()))
    now = web.observe(frame=False)
    marks = [act.target for act in taken.workflow.acts() if act.target]
    ada = [find(filled_mark(mark, {"customer": "Ada"}), now) for mark in marks]
    bob = [find(filled_mark(mark, {"customer": "Bob"}), now) for mark in marks]
    assert all(isinstance(each, Found) for each in ada), ada
    assert [each.element.name for each in ada if isinstance(each, Found)] == [
        "Customer",
        "Gift wrap",
        "Password",
        "Delete",
        "Save",
    ]
    assert isinstance(ada[3], Found)
    assert isinstance(bob[3], Found)
    assert ada[3].element.ref != bob[3].element.ref
