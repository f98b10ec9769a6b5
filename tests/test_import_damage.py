"""A file that is damaged, of another language or unsafe is refused in words, whatever stands in it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cua.errors import UsageError
from cua.memory.workflows import Act, Workflow
from cua.record import files, imports, sound

FIXTURES = Path(__file__).parent / "fixtures" / "imports"
RECORDING = json.loads((FIXTURES / "recorder.json").read_text())
HEAD = "from playwright.sync_api import Page, expect\nimport re\n\ndef test_it(page: Page) -> None:\n"
EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(UsageError) as told:
        imports.read(path)
    return str(told.value)


# ---------------------------------------------------------------------------------------------- other languages

TYPESCRIPT = """import { test, expect } from '@playwright/test';

test('test', async ({ page }) => {
  await page.goto('http://127.0.0.1:8000/');
  await page.getByRole('button', { name: 'Save' }).click();
});
"""
JAVASCRIPT = """const { chromium } = require('playwright');

(async () => {
  const browser = await chromium.launch({ headless: false });
  const page = await (await browser.newContext()).newPage();
  await page.goto('http://127.0.0.1:8000/');
  // define what comes of it
  await page.locator('#go').click();
})();
"""
JAVA = """import com.microsoft.playwright.*;

public class Example {
  public static void main(String[] args) {
    Page page = Playwright.create().chromium().launch().newPage();
    page.navigate("http://127.0.0.1:8000/");
    page.locator("#go").click();
  }
}
"""
SHARP = """using Microsoft.Playwright;

await page.GotoAsync("http://127.0.0.1:8000/");
await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
"""


@pytest.mark.parametrize(
    ("name", "source", "language"),
    [
        ("a.spec.ts", TYPESCRIPT, "TypeScript"),
        ("a.js", JAVASCRIPT, "JavaScript"),
        ("A.java", JAVA, "Java"),
        ("A.cs", SHARP, "C#"),
    ],
)
def test_another_language_is_named_with_the_command_that_writes_python(
    tmp_path: Path, name: str, source: str, language: str
) -> None:
    told = refused(tmp_path / name, source)
    assert language in told
    assert "record it again with: playwright codegen --target python" in told


# ---------------------------------------------------------------------------------------------- damaged recordings


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"selectors": [["aria/A"]]}, "step 2 is damaged: the field 'type' is missing"),
        ({"type": 3}, "step 2 is damaged: the field 'type' must be a text"),
        ("click", "step 2 is damaged: it must be an object"),
        ({"type": "click"}, "step 2 (click) is damaged: the field 'selectors' is missing"),
        ({"type": "click", "selectors": "#a"}, "the field 'selectors' must be a list of selectors"),
        ({"type": "click", "selectors": [[3]]}, "the field 'selectors' must be a list of selectors"),
        ({"type": "change", "selectors": [["#a"]], "value": None}, "the field 'value' must be a text"),
        ({"type": "setViewport", "width": "wide", "height": 3}, "the field 'width' must be a number"),
        ({"type": "setViewport", "width": float("inf"), "height": 3}, "the field 'width' must be a number"),
        ({"type": "navigate", "url": ["a"]}, "step 2 (navigate) is damaged: the field 'url' must be a text"),
        ({"type": "keyDown"}, "step 2 (keyDown) is damaged: the field 'key' is missing"),
        (
            {"type": "click", "selectors": [["aria/A"]], "assertedEvents": [3]},
            "the field 'assertedEvents' must be a list of events",
        ),
    ],
    ids=str,
)
def test_a_damaged_step_is_named_with_its_field(tmp_path: Path, step: object, said: str) -> None:
    steps = [{"type": "navigate", "url": "http://127.0.0.1:1/"}, step]
    assert said in refused(tmp_path / "flow.json", json.dumps({"title": "t", "steps": steps}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(RECORDING)[:300], "damaged JSON"),
        (json.dumps([RECORDING]), "there is a list at its top"),
        ('{"title": "t", "steps": {}}', "'steps' must be a list"),
        ('{"title": "t", "steps": []}', "there is no step in it"),
    ],
)
def test_a_recording_that_is_cut_off_or_of_another_form_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path / "flow.json", text)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, each in inner for path in places(each, (*here, key)))]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["http://[", "javascript:1", "aria/", "xpath/", "\ud800", "${x}", "a" * 300, "../", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@EXAMPLES
@given(st.lists(st.tuples(st.sampled_from(places(RECORDING)[1:]), st.booleans(), VALUES), min_size=1, max_size=3))
def test_whatever_is_damaged_in_a_recording_nothing_but_our_error_comes_of_it(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], bool, Any]]
) -> None:
    document = copy.deepcopy(RECORDING)
    for path, gone, value in changes:
        holder = document
        try:
            for key in path[:-1]:
                holder = holder[key]
            if gone:
                del holder[path[-1]]
            else:
                holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):  # an earlier change took it away
            continue
    told(tmp_path / "flow.json", json.dumps(document))


@EXAMPLES
@given(st.integers(0, len(json.dumps(RECORDING))))
def test_wherever_a_recording_is_cut_off_nothing_but_our_error_comes_of_it(tmp_path: Path, end: int) -> None:
    told(tmp_path / "flow.json", json.dumps(RECORDING)[:end])


def told(path: Path, text: str) -> None:
    """Import it: a workflow that can be kept comes of it, or an error of ours."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        found = imports.read(path)
    except UsageError:
        return
    assert files.loads(files.dumps(found)) == found


# ---------------------------------------------------------------------------------------------- damaged scripts

NAMES = (
    "goto click dblclick fill press type check uncheck set_checked select_option set_input_files press_sequentially "
    "drag_to hover wait_for wait_for_url set_viewport_size once on close go_back get_by_role get_by_text get_by_label "
    "get_by_test_id get_by_title locator frame_locator content_frame filter nth first last keyboard mouse wheel "
    "new_page new_context expect_popup expect_download value and_ or_ tap clear evaluate wait_for_event"
)
CHECKS = (
    "to_be_visible to_be_hidden to_have_text to_contain_text to_have_value to_be_checked to_have_url to_have_title "
    "to_have_count to_be_empty to_match_aria_snapshot not_to_be_visible not_to_have_title nonsense"
)
GIVEN = st.sampled_from(
    ["", "None", "1", "-1", "1e400", "'x'", "'http://['", "'javascript:1'", "'\\ud800'", "b'x'", "[]", "['a', 1]", "{}",
     "{'width': 'x'}", "{'width': 1, 'height': 2}", "lambda d: d.accept()", "'dialog', lambda d: d.dismiss()", "x",
     "*x", "**x", "f'{x}'", "name='Go'", "name=1", "name=re.compile('^a')", "re.compile('[')", "re.compile(x)",
     "has_text='a'", "has=page", "has=page.get_by_text('a')", "exact=True", "timeout=0", "timeout=-5", "timeout='x'",
     "modifiers=['Alt']", "modifiers=[1]", "modifiers=[x]", "click_count=None", "click_count=-1", "button=3",
     "page", "page.locator('#a')", "'xpath=//a['", "'text='", "'>> nth=1'", "'css=a >> b'", "'role=button[name=]'",
     "'button', name='Go'", "'row', name='Ada'", "0, 300", "0, 'x'", "'#a', 'x'", "'a', 'b', 'c'", "state='hidden'"]
)  # fmt: skip
CHAINS = st.lists(st.tuples(st.sampled_from(NAMES.split()), GIVEN, st.booleans()), min_size=1, max_size=4).map(
    lambda links: "".join(f".{name}({given})" if called else f".{name}" for name, given, called in links)
)
LINES = st.one_of(
    st.tuples(st.sampled_from(["page", "other", "browser", "page1"]), CHAINS).map("".join),
    st.tuples(CHAINS, st.sampled_from(CHECKS.split()), GIVEN).map(lambda it: f"expect(page{it[0]}).{it[1]}({it[2]})"),
    st.tuples(st.sampled_from(CHECKS.split()), GIVEN).map(lambda it: f"expect(page).{it[0]}({it[1]})"),
    st.tuples(st.sampled_from(["page1", "it", "context"]), CHAINS).map(lambda it: f"{it[0]} = page{it[1]}"),
    CHAINS.map(lambda it: f"with page{it} as page1_info: page.click('#a')"),
)


@EXAMPLES
@given(st.lists(LINES, min_size=1, max_size=3))
def test_whatever_a_script_says_nothing_but_our_error_comes_of_it(tmp_path: Path, lines: list[str]) -> None:
    good = ('page.goto("http://127.0.0.1:1/")', 'page.get_by_role("button", name="Go").click()')
    told(tmp_path / "flow.py", HEAD + "".join(f"    {line}\n" for line in (*good, *lines)))


@EXAMPLES
@given(st.integers(0, 2500), st.text(max_size=5))
def test_wherever_a_script_is_damaged_nothing_but_our_error_comes_of_it(tmp_path: Path, at: int, put: str) -> None:
    text = (FIXTURES / "codegen_library.txt").read_text()
    told(tmp_path / "flow.py", text[:at] + put + text[at + len(put) :])


def test_a_script_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    deep = "page" + ".first" * 5000 + ".click()"
    assert "flow.py" in refused(tmp_path / "flow.py", f"{HEAD}    {deep}\n")
    assert "flow.py" in refused(tmp_path / "flow.py", f"{HEAD}    page.goto({'(' * 5000}'a'{')' * 5000})\n")


# ---------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("url", ["javascript:alert(1)", " JavaScript:x", "data:text/html,<b>", "vbscript:x"])
def test_an_address_that_is_code_or_content_is_refused_wherever_it_stands(tmp_path: Path, url: str) -> None:
    go = "    page.get_by_text('Go').click()\n"
    assert "line 5: " in refused(tmp_path / "flow.py", f"{HEAD}    page.goto({url!r})\n{go}")
    steps = [{"type": "navigate", "url": url}, {"type": "click", "selectors": [["aria/Go"]]}]
    assert "step 1 (navigate): " in refused(tmp_path / "flow.json", json.dumps({"title": "t", "steps": steps}))
    with pytest.raises(UsageError, match=r"^start: "):
        sound.check(Workflow("it", "web", (), start=url))
    with pytest.raises(UsageError, match=r"^step 'a': "):
        sound.check(Workflow("it", "web", (Act("a", "open", text=url),), start="http://127.0.0.1:1/"))


def test_an_address_that_is_not_whole_is_refused_and_an_empty_page_is_left_out(tmp_path: Path) -> None:
    go = "    page.get_by_text('Go').click()\n"
    assert "'/login' is no whole address" in refused(tmp_path / "flow.py", f"{HEAD}    page.goto('/login')\n{go}")
    (tmp_path / "flow.py").write_text(f"{HEAD}    page.goto('about:blank')\n    page.goto('http://127.0.0.1:1/')\n{go}")
    assert imports.read(tmp_path / "flow.py").start == "http://127.0.0.1:1/"
