"""The report of a replay: one file, true to what is on record, safe whatever a screen says, readable everywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from cua.checks import FileHolds
from cua.core import (
    SEAL,
    Box,
    Click,
    Effect,
    Element,
    Evidence,
    Fill,
    Frame,
    Locator,
    Observation,
    Place,
    Run,
    Step,
    Task,
    Wait,
)
from cua.errors import MissingProgram, RecordError
from cua.memory.workflows import Act, Mark, Param, Workflow
from cua.policies.trail import Trod
from cua.record.report import Story, page, write
from drivers.web_found import find_browser

EVIL = "<script>alert(1)</script>\u202e&\x00"
BUTTON = Element(ref="1", role="button", name="Save", states=frozenset({"showing"}), box=Box(300, 200, 120, 40))
SEEN = Observation(Place("shop", "Customers"), (BUTTON,), Frame("ab" * 8, 1280, 800))
LONG = "fill textbox with a label that goes on and on " * 4


def picture(sha: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1280, 800), 60).save(out, "PNG")
    return out.getvalue()


def lost(sha: str) -> bytes:
    raise RecordError("a crash lost it")


def story(count: int = 4, say: str = LONG) -> Story:
    """A replay with every kind of line: done, found another way, not needed, halted."""
    fresh = Mark("button", "Save", (Locator("testid", "store"),))
    trods = [
        Trod(f"s{n}", "done", f"{n} {say}", by="testid", waited=0.01, seconds=0.2, expected=("heading shows",), at=n)
        for n in range(count - 3)
    ]
    trods += [
        Trod("healed", "done", say, 2, "reversible", "label", 2, 0.8, 0.4, 0.9, (), 1, "", fresh),
        Trod("guard", "skipped", "if dialog 'Cookies' shows", note="it is not there"),
        Trod("pay", "halted", "click button 'Pay'", 0, "irreversible", "role", 0, 1.0, 0.1, 5.0,
             ("the address is /done", "cell 'Grace' shows"), 0, "it was done, and 5 s later it is not so"),
    ]  # fmt: skip
    steps = tuple(Step(SEEN, Click(BUTTON), Effect("confirmed")) for _ in range(count))
    workflow = Workflow(
        "Monthly report", "web", (Act("healed", "click", Mark("button", "Save", (Locator("testid", "save"),))),),
        params=(Param("city"), Param("password", "secret")), effects=(FileHolds("~/x.txt", "y"),),
    )  # fmt: skip
    return Story(
        workflow, Run("20251121T061437-3f2a9c1e", Task("x", "y"), steps), "unknown", "none", "what came of step pay is "
        "not known", tuple(trods), (Evidence(True, "~/x.txt holds 'y'"), Evidence(None, "nobody answers")),
        ("file:.config/other",), 1.7e9, 6.3, 0, None, {"city": EVIL},
    )  # fmt: skip


def test_a_report_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = write(story(), picture, tmp_path / "deep" / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["report.html"]


def test_what_a_screen_says_is_text_and_never_markup() -> None:
    text = page(story(say=EVIL), picture)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text


def test_the_report_says_what_is_not_known_as_plainly_as_what_is() -> None:
    text = page(story(), picture)
    assert "Not known." in text
    assert "What came of step pay is not known." in text
    assert text.count('aria-label="not so"') == 2
    assert text.count('aria-label="not known"') == 2
    assert "testid=save" in text
    assert "testid=store" in text
    assert "It also changed file:.config/other" in text
    assert text.count("<details open>") == 1


def test_waits_are_no_acts_in_a_report() -> None:
    told = story()
    waited = Step(SEEN, Wait(2.0), Effect("confirmed"))
    assert "4 acts" in page(told, picture)
    assert "4 acts" in page(replace(told, run=replace(told.run, steps=(*told.run.steps, waited, waited))), picture)


def test_no_secret_is_in_a_report() -> None:
    told = story()
    field = Element(ref="2", role="textbox", name="Password", states=frozenset({"password"}), box=Box(0, 0, 9, 9))
    step = Step(SEEN, Fill(field, f"{SEAL}password{SEAL}"), Effect("unverified"))
    run = Run("r", Task("x", "y", {"password": f"{SEAL}password{SEAL}"}), (step,))
    text = page(Story(told.workflow, run, "pass", "screen", "done", told.steps[:1], values={"city": "Lima"}), picture)
    assert SEAL not in text
    assert "Lima" in text
    assert "••••••" in text


def test_a_long_replay_stays_a_page_of_a_few_megabytes() -> None:
    many = story(count=20)
    frames = [Frame(f"{at:032x}", 1280, 800) for at in range(20)]
    steps = tuple(replace(s, seen=replace(SEEN, frame=f)) for s, f in zip(many.run.steps, frames, strict=True))
    assert len(page(replace(many, run=replace(many.run, steps=steps)), picture)) < 6_000_000
    assert len(page(many, picture)) < 1_000_000


def test_how_a_picture_differs_from_what_was_read_is_said_beside_it() -> None:
    told = story()
    noted = replace(SEEN, note="the picture is an earlier one of this layout")
    steps = tuple(replace(step, seen=noted) for step in told.run.steps)
    text = page(replace(told, run=replace(told.run, steps=steps)), picture)
    assert '<p class="note">The picture is an earlier one of this layout.</p>' in text
    blank = tuple(replace(step, seen=replace(noted, frame=None, note="a dialog blocks the page")) for step in steps)
    assert "no picture was taken; a dialog blocks the page." in page(
        replace(told, run=replace(told.run, steps=blank)), picture
    )


def test_a_picture_that_is_lost_is_said_to_be() -> None:
    assert "not on record" in page(story(), lost)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            executable = find_browser(playwright)
        except MissingProgram as exc:
            pytest.skip(str(exc))
        found = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_a_report_fits_every_width_and_can_be_opened_step_by_step(browser: Browser, tmp_path: Path, width: int) -> None:
    path = write(story(), picture, tmp_path / "report.html")
    view = browser.new_page(viewport={"width": width, "height": 800})
    view.goto(path.as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    assert view.locator("details[open] .shot svg").count() == 1
    view.locator("summary").first.click()
    shown = view.locator("details").first
    mark = shown.locator("rect").last.bounding_box()
    image = shown.locator(".shot svg").bounding_box()
    assert mark is not None
    assert image is not None
    assert abs((mark["x"] - image["x"]) / image["width"] - 300 / 1280) < 0.01
    view.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser: Browser, tmp_path: Path, scheme: str) -> None:
    path = write(story(), picture, tmp_path / "report.html")
    view = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    view.goto(path.as_uri())
    low = view.evaluate(CONTRAST)
    view.close()
    assert not low


def test_on_paper_every_step_is_open(browser: Browser, tmp_path: Path) -> None:
    path = write(story(), picture, tmp_path / "report.html")
    view = browser.new_page(viewport={"width": 700, "height": 900})
    view.goto(path.as_uri())
    view.emulate_media(media="print")
    facts = view.locator(".facts li")
    assert all(facts.nth(at).is_visible() for at in range(facts.count()))
    view.close()


# the texts whose contrast with what is behind them is below 4.5 (WCAG 2, success criterion 1.4.3)
CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = rgb => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const rgb = parse(getComputedStyle(at).backgroundColor);
      if (rgb.length === 3 || rgb[3] > 0.5) return rgb;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility()
      && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e => {
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
  }).map(e => e.textContent.slice(0, 40));
}"""
