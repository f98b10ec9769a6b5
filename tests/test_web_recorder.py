"""What the web recorder promises of forms, places and tabs, with a real browser and a second party at its keyboard."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

from cua.core import (
    Click,
    Element,
    Fill,
    Run,
    Step,
    Task,
)
from cua.memory.store import Store
from cua.policies.finding import mark_of
from cua.record.compile import compile
from cua.recording import READY, Caught, Signs, in_words, watch
from drivers.web_launch import Browser, DialogOpened
from drivers.web_wire import Heard, Wire, holding
from tests.waiting import LIMIT, awaited
from tests.web_person import SEALED, SECRET, Watched, elsewhere, shared, short, sites, watched

__all__ = ["shared", "sites", "watched"]  # fixtures


# ---------------------------------------------------------------------------------------------- forms


def test_a_form_is_recorded_as_what_a_person_would_say_of_it(watched: Watched) -> None:
    page = watched.at("/form").page
    watched.write("Name", "Ada Lovelace")
    page.get_by_text("Newsletter").click()
    page.get_by_text("Large").click()
    page.keyboard.press("ArrowUp")
    page.get_by_label("Country").focus()
    page.keyboard.type("Pol")
    watched.write("Note", "one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    watched.write("Rich", "rich text")
    page.get_by_label("Volume").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_label("When").focus()
    page.keyboard.type("02032024")
    page.get_by_label("Name").click()
    page.keyboard.press("Enter")
    steps = watched.steps()
    assert [short(step.action) for step in steps] == [
        ("fill", "Name", "Ada Lovelace"),
        ("click", "checkbox", "Newsletter"),
        ("click", "radio", "Large"),
        ("click", "radio", "Small"),
        ("fill", "Country", "Poland"),
        ("fill", "Note", "one\ntwo"),
        ("fill", "Rich", "rich text"),
        ("fill", "Volume", "7"),
        ("fill", "When", "2024-02-03"),
        ("click", "textbox", "Name"),
        ("press", "Return"),
    ]
    named = {step.action.target.name: step for step in steps if isinstance(step.action, Fill)}
    assert isinstance(named["Name"].action, Fill)
    assert named["Name"].action.target.value == ""  # the look is the one before the first key
    assert {step.effect.kind for step in steps[:-2]} == {"confirmed"}
    assert steps[-1].effect.kind == "confirmed"
    assert watched.recorder.last().place.url.startswith(f"{watched.site}/done?who=Ada")


def test_a_recording_tells_its_size_and_where_each_target_stood(watched: Watched) -> None:
    watched.at("/form").page.get_by_label("City").click()
    (step,) = watched.steps()
    width, height = watched.page.evaluate("[innerWidth, innerHeight]")
    assert isinstance(step.action, Click) and isinstance(step.action.target, Element)  # noqa: PT018
    found, shown = mark_of(step.action.target, step.seen).box, step.action.target.box
    assert found
    assert shown
    assert found[:2] == (round(1000 * shown.x / width), round(1000 * shown.y / height))
    done = compile(Run("r", Task("record", "shown"), (step,), watched.recorder.last()), "shown", on="web").workflow
    assert done.screen == (width, height)


def test_what_is_done_once_it_says_go_ahead_is_recorded(watched: Watched, tmp_path: Path) -> None:
    watched.at("/form")
    stop = threading.Event()

    def told(caught: Caught) -> None:
        if caught.say == READY:
            watched.page.get_by_text("Newsletter").click()
        elif caught.number:
            stop.set()

    with Store(tmp_path / "record.db") as store:
        done = watch(watched.recorder, store, "shown", told=told, signs=Signs(tmp_path), stop=stop)
    assert [(type(step.action), step.action.target.name) for step in done.steps] == [(Click, "Newsletter")]  # type: ignore[union-attr]


def test_options_of_a_list_are_clicked_one_by_one(watched: Watched) -> None:
    page = watched.at("/form").page
    page.get_by_role("option", name="Mon").click()
    page.get_by_role("option", name="Wed").click(modifiers=["Control"])
    assert watched.said() == [("click", "option", "Mon"), ("click", "option", "Wed")]


def test_what_the_page_takes_out_of_a_field_is_a_filling_of_its_own(watched: Watched) -> None:
    page = watched.at("/chips").page
    page.get_by_label("Tags").click()
    page.keyboard.type("red,blue")
    assert watched.said() == [("fill", "Tags", "red,"), ("fill", "Tags", "blue")]


def test_a_click_in_a_long_table_is_told_from_its_like_by_its_row(watched: Watched) -> None:
    page = watched.at("/table").page
    page.get_by_role("row", name="Invoice 4 28").get_by_role("button").click()
    (step,) = watched.steps()
    assert isinstance(step.action, Click)
    assert isinstance(step.action.target, Element)
    row = next(each for each in step.seen.ancestors(step.action.target) if each.role == "row")
    cells = [each.name for each in step.seen.elements if step.seen.elements[each.parent] is row]
    assert cells[0] == "Invoice 4"
    assert step.effect.kind == "confirmed"
    assert in_words(step.action, step.seen) == f"click button {step.action.target.name!r} in row 'Invoice 4'"


def test_files_are_given_to_the_field_or_to_the_chooser_that_a_button_opens(watched: Watched, tmp_path: Path) -> None:
    page = watched.at("/files").page
    (tmp_path / "cat.png").write_bytes(b"cat")
    for button, chosen in (("Photo", "input:not([hidden])"), ("Upload", "#hidden")):
        page.get_by_text(button).click()
        found = watched.cdp().send("Runtime.evaluate", {"expression": f"document.querySelector('{chosen}')"})
        files = {"files": [str(tmp_path / "cat.png")], "objectId": found["result"]["objectId"]}
        watched.cdp().send("DOM.setFileInputFiles", files)
    assert watched.said() == [
        ("fill", "Photo", "cat.png"),
        ("click", "button", "Upload"),
        ("fill", "File name", "cat.png"),
    ]


# ---------------------------------------------------------------------------------------------- where it is


@pytest.mark.parametrize("other", [1, 2])
def test_frames_of_any_origin_are_seen_in_their_place(
    watched: Watched, sites: tuple[str, str, str], other: int
) -> None:
    page = watched.at(f"/frames?far={sites[other]}").page
    frames = [each for each in page.frames if each.parent_frame]
    watched.until(lambda: watched.shows("Far off"))
    for frame in frames:
        frame.get_by_role("textbox").click()
        page.keyboard.type("x")
        frame.get_by_role("button").click()
    steps = watched.steps()
    assert [short(step.action)[0] for step in steps] == ["fill", "click", "fill", "click"]
    for step, title in zip(steps, ("near", "near", "far", "far"), strict=True):
        target = getattr(step.action, "target", None)
        assert isinstance(target, Element)
        above = step.seen.ancestors(target)
        assert [each.name for each in above if each.role == "document"] == [title]
        assert any(each.name == "Outer" for each in step.seen.elements)
        shown = page.get_by_title(title).bounding_box()
        assert shown
        assert target.box
        assert shown["x"] <= target.box.x
        assert target.box.y + target.box.height <= shown["y"] + shown["height"]


def test_shadow_roots_are_seen_through(watched: Watched) -> None:
    page = watched.at("/shadow").page
    watched.write("Deep", "x")
    page.get_by_role("button").click()
    assert watched.said() == [("fill", "Deep", "x"), ("click", "button", "Deepest")]


def test_the_look_is_the_one_before_the_page_reacted(watched: Watched) -> None:
    watched.at("/spa").page.get_by_role("button").click()
    (step,) = watched.steps()
    assert short(step.action) == ("click", "button", "Next")
    assert step.seen.place.url == f"{watched.site}/spa"
    assert [each.role for each in step.seen.elements if each.role in ("main", "heading")] == ["main"]
    assert step.effect.kind == "confirmed"
    assert watched.recorder.last().place.url == f"{watched.site}/spa?second"


def test_a_press_that_leads_away_before_it_ends_is_a_click(watched: Watched) -> None:
    watched.at("/away").page.get_by_role("button", name="Leave").click()
    (step,) = watched.steps()
    assert short(step.action) == ("click", "button", "Leave")
    assert step.seen.place.window == "Away"
    assert watched.recorder.last().place.window == "Done"


# ---------------------------------------------------------------------------------------------- turns and tabs


def test_only_the_persons_own_navigations_are_steps(watched: Watched) -> None:
    page = watched.at("/away").page
    page.get_by_role("link", name="Link").click()
    assert watched.said() == [("click", "link", "Link")]
    history = watched.cdp().send("Page.getNavigationHistory")
    watched.recorder._turns.acted -= 10  # the person takes their time
    watched.cdp().send("Page.navigateToHistoryEntry", {"entryId": history["entries"][-2]["id"]})
    assert watched.said() == [("open", "away")]
    watched.cdp().send("Page.reload")
    assert watched.said() == [("open", "away")]
    page.get_by_role("button", name="Again").click()
    assert watched.said() == [("click", "button", "Again")]
    watched.cdp().send("Page.navigate", {"url": f"{watched.site}/form", "transitionType": "typed"})
    assert watched.said() == [("open", "form")]
    watched.at("/away").page.get_by_role("button", name="Back").click()
    assert watched.said() == [("click", "button", "Back")]


def test_tabs_that_open_and_close_are_followed(watched: Watched) -> None:
    page = watched.at("/away").page
    page.get_by_role("button", name="Popup").click()
    found = watched.until(lambda: watched.shows("Stay"))
    watched.page.get_by_role("button", name="Stay").click()
    page.get_by_role("link", name="New tab").click()
    found += watched.until(lambda: len(watched.recorder._screens.pages) == 3) + watched.steps(least=0)
    assert [short(step.action) for step in found] == [
        ("click", "button", "Popup"),
        ("click", "button", "Stay"),
        ("click", "tab", "Away"),
        ("click", "link", "New tab"),
    ]
    watched.recorder._turns.acted -= 10
    watched.page.close()
    assert watched.said() == [("press", "ctrl+w")]
    with suppress(Error):  # the page may be gone before the press is over
        watched.page.get_by_role("button", name="Close me").click()
    assert watched.said() == [("click", "button", "Close me")]
    assert watched.page is page


def test_a_tab_that_opens_by_itself_is_in_a_recording_only_if_the_person_goes_to_it(watched: Watched) -> None:
    recorder = watched.recorder

    def opened(tabs: int) -> Page:
        recorder._turns.acted -= 10  # the person does nothing for a while
        with watched.page.context.expect_page() as made:
            watched.page.evaluate("void window.open('/form')")
        assert watched.until(lambda: len(recorder._screens.pages) == tabs) == []
        return made.value

    page = watched.at("/away").page
    opened(2).close()
    assert watched.until(lambda: len(recorder._screens.pages) == 1) == []
    page.get_by_role("button", name="Again").click()
    assert watched.said() == [("click", "button", "Again")]
    advert = opened(2)
    watched.until(lambda: recorder._screens.tab(advert).last.sheets)
    advert.get_by_text("Newsletter").click()
    assert [each[:2] for each in watched.said()] == [("click", "tab"), ("click", "checkbox")]
    assert watched.page is advert


@pytest.mark.parametrize("how", ["Popup", "Apart", "Written", "Written late", "Led"])
def test_what_a_page_gets_as_soon_as_it_is_opened_is_recorded(watched: Watched, how: str) -> None:
    opener, clicked = watched.at("/openers").page, list[Page]()

    def hasty(page: Page) -> None:
        for _ in range(3):
            page.get_by_role("button", name="Count").click()
        clicked.append(page)

    watched.recorder._browser.context.once("page", hasty)
    opener.get_by_role("button", name=how, exact=True).click()
    found = watched.until(lambda: clicked) + watched.steps(least=0)
    told = [short(step.action) for step in found]
    assert told[0] == ("click", "button", how)
    assert all(each[:3] == ("click", "button", "Count") for each in told[1:])
    recorded = sum(step.action.count for step in found[1:] if isinstance(step.action, Click))
    assert recorded == int(watched.page.title()) > 0


@pytest.mark.parametrize(("most", "told", "done"), [(LIMIT, "held", 0), (0.0, "missed", 2)])
def test_acts_wait_for_the_listener_and_it_tells_of_those_that_did_not(
    sites: tuple[str, str, str], most: float, told: str, done: int
) -> None:
    elsewhere(lambda: acts_without_a_listener(sites[0], most, told, done))


def acts_without_a_listener(site: str, most: float, told: str, done: int) -> None:
    with closing(Browser(headless=True, executable=None, size=(800, 600), downloads=None, person=True)) as browser:
        page, button = browser.page, browser.page.get_by_role("button", name="Count")

        def act() -> int:
            button.click()
            page.keyboard.press("Enter")
            return int(page.title())

        def heard() -> set[str]:
            page.title()  # lets the browser speak
            return {each.kind for each in wire.heard} & {"held", "missed"}

        browser.context.add_init_script(holding(most))
        page.goto(f"{site}/counts")
        assert act() == done
        wire = Wire(browser)
        assert awaited(heard, "what came before it") == {told}
        assert act() == done + 2
        wire = Wire(browser)
        assert act() == done + 4
        assert heard() == set()  # all of that was listened to


def test_a_recording_says_what_it_lacks(watched: Watched) -> None:
    page = watched.at("/counts").page
    watched.recorder._wire.heard.append(Heard(time.monotonic(), page, "missed", {}))
    page.get_by_role("button", name="Count").click()
    (step,) = watched.steps()
    assert step.effect.kind == "unverified"
    assert step.effect.reason == watched.lines[0]
    assert f"{watched.site}/counts" in step.effect.reason


def test_the_persons_answer_to_a_dialog_is_a_click_on_it(watched: Watched) -> None:
    page = watched.at("/dialogs").page
    answers = {"Alert": (True, ""), "Confirm": (False, ""), "Prompt": (True, "Ada"), "Login": (True, SECRET)}
    found: list[Step] = []
    for name, (accept, text) in answers.items():
        browser = watched.recorder._browser
        with suppress(DialogOpened), browser.limited(10, "pressing"):  # the press comes back only after the answer
            page.get_by_role("button", name=name).click()
        found += watched.until(lambda: watched.recorder._dialog is not None)
        watched.cdp().send("Page.handleJavaScriptDialog", {"accept": accept, "promptText": text})
        found += watched.until(lambda: watched.recorder._dialog is None)
        found += watched.steps(least=0)
    assert [short(step.action) for step in found] == [
        ("click", "button", "Alert"),
        ("click", "button", "OK"),
        ("click", "button", "Confirm"),
        ("click", "button", "Cancel"),
        ("click", "button", "Prompt"),
        ("fill", "Your name?", "Ada"),
        ("click", "button", "OK"),
        ("click", "button", "Login"),
        ("fill", "Your password?", SEALED),
        ("click", "button", "OK"),
    ]
    assert SECRET not in repr(found)
    assert {step.effect.kind for step in found} == {"confirmed"}
