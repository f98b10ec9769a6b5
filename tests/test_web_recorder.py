"""What the web recorder promises, with a real browser and a second party at its mouse and keyboard.

The person is Playwright's mouse and keyboard: what they do reaches the page as trusted events, as a hand's would.
"""

from __future__ import annotations

import pickle
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Error, Page

from cua.core import (
    SEAL,
    Action,
    Click,
    Drag,
    Element,
    Fill,
    Open,
    Point,
    Press,
    Run,
    Scroll,
    Step,
    Task,
    Type,
)
from cua.errors import MissingProgram
from cua.memory.store import Store
from cua.policies.finding import Found, find, mark_of
from cua.record.compile import compile
from cua.recording import READY, Caught, Signs, in_words, watch
from cua.secret_words import named_secret
from drivers.web_launch import DialogOpened
from drivers.web_recorder import WebRecorder
from drivers.web_secrets import without_secrets
from tests.recorder_pages import PAGES
from tests.served import pages, serving
from tests.waiting import LIMIT

SECRET = "hunter2-Geheim!"
SEALED = f"{SEAL}secret{SEAL}"


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str, str]]:
    """Three origins with the same pages: one, another port of it, and another site."""
    with serving(pages(PAGES.get)) as one, serving(pages(PAGES.get)) as two:
        yield f"http://127.0.0.1:{one}", f"http://127.0.0.1:{two}", f"http://localhost:{two}"


@pytest.fixture(scope="module")
def shared() -> Iterator[WebRecorder]:
    try:
        recorder = WebRecorder(headless=True)
    except MissingProgram as exc:
        pytest.skip(str(exc))
    yield recorder
    recorder.close()


class Watched:
    """A recorder with a person at its browser, and what was recorded since the page was opened."""

    def __init__(self, recorder: WebRecorder, site: str) -> None:
        self.recorder, self.site = recorder, site
        self.lines: list[str] = []

    @property
    def page(self) -> Page:
        return self.recorder._screens.front

    def cdp(self) -> CDPSession:
        return self.recorder._wire._sessions[self.page]

    def at(self, path: str) -> Watched:
        """There, by the address bar; what was recorded of it is left out."""
        while len(self.recorder._screens.pages) > 1:
            self.recorder._screens.pages[-1].close()
            self.until(lambda: len(self.recorder._screens.pages) == len(self.recorder._browser.tabs))
        self.page.goto(self.site + path)
        began = self.page.evaluate("performance.timeOrigin / 1000")
        self.until(lambda: (seen := self.recorder.last()).time > began and seen.elements)
        assert self.recorder.last().place.url == self.site + path
        self.recorder._settle()
        self.recorder._out.clear()
        return self

    def write(self, label: str, text: str) -> None:
        """Click into the field and type."""
        self.page.get_by_label(label).click()
        self.page.keyboard.type(text)

    def shows(self, name: str) -> bool:
        """Was it there when the screen was last seen? An element of the page: the browser's tabs are told at once."""
        return any(each.name == name for each in self.recorder.last().elements)

    def until(self, holds: Callable[[], object]) -> list[Step]:
        """Listen until it holds; what came meanwhile."""
        end, found = time.monotonic() + LIMIT, list[Step]()
        while not holds():
            assert time.monotonic() < end, f"it did not come true within {LIMIT:.0f} s; {found} came"
            self.hear(found, 0.02)
        return found

    def hear(self, found: list[Step], seconds: float) -> bool:
        """Whether anything came in that time; a step is put to those found."""
        said = self.recorder.next(seconds)
        found += [said] if isinstance(said, Step) else []
        self.lines += [said] if isinstance(said, str) else []
        return said is not None

    def steps(self, least: int = 1) -> list[Step]:
        """All that was recorded by now, at least so much, without the wait for a late effect."""
        recorder, quiet, found = self.recorder, 0, list[Step]()
        end = time.monotonic() + LIMIT
        while len(found) + (recorder._draft is not None) < least:
            assert time.monotonic() < end, f"not {least} steps within {LIMIT:.0f} s; {found} came"
            self.hear(found, 0.05)
        while quiet < 6:
            quiet = 0 if self.hear(found, 0.1) else quiet + 1
        found += self.until(lambda: (draft := recorder._draft) is None or recorder.last().time > draft.seen.time)
        recorder._settle()
        while isinstance(step := self.recorder.next(0), Step):
            found.append(step)
        for step in found:
            self.check(step)
        return found

    def check(self, step: Step) -> None:
        """Every target is an element of the step's own look, and the only one that its mark finds there."""
        for target in (getattr(step.action, name, None) for name in ("target", "start", "end")):
            if isinstance(target, Element):
                assert any(each is target for each in step.seen.elements)
                if not target.ref.startswith(("tab:", "dialog:", "chooser:")):
                    found = find(mark_of(target, step.seen), step.seen)
                    assert isinstance(found, Found), (target, found)
                    assert found.element.ref == target.ref

    def said(self) -> list[tuple[object, ...]]:
        """What was recorded, in short."""
        return [short(step.action) for step in self.steps()]


def short(action: Action) -> tuple[object, ...]:
    name = type(action).__name__.lower()
    match action:
        case Click(target=Element() as target, button=button, count=count, keys=keys):
            more = [each for each in (button, count, *keys) if each not in ("left", 1)]
            return (name, target.role, target.name, *more)
        case Fill(target=target, text=text):
            return (name, target.name, text)
        case Press(keys=keys):
            return (name, keys)
        case Open(what=what):
            return (name, what.partition("//")[2].partition("/")[2] or what)
        case Type(text=text):
            return (name, text)
        case Scroll(target=target, dx=dx, dy=dy):
            return (name, target.name if isinstance(target, Element) else "", dx > 0, dy > 0)
        case Drag(start=Element() as start, end=Element() as end):
            return (name, start.name, end.name)
        case _:
            return (name, *(type(value).__name__ for value in (getattr(action, "target", None),) if value))


@pytest.fixture
def watched(shared: WebRecorder, sites: tuple[str, str, str]) -> Watched:
    return Watched(shared, sites[0])


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


# ---------------------------------------------------------------------------------------------- keys and pointer


def test_keys_are_pressed_only_where_they_do_something_themselves(watched: Watched) -> None:
    page = watched.at("/keys").page
    page.get_by_role("listbox").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("fig")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    watched.write("Chat", "hi there")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+f")
    said = watched.said()
    assert said[0][0] == "click"
    assert said[1:] == [
        ("press", "Down"),
        ("fill", "Search", "fig"),
        ("press", "Down"),
        ("press", "Escape"),
        ("press", "ctrl+k"),
        ("click", "button", "Go"),
        ("press", "Tab"),
        ("press", "Return"),
        ("fill", "Chat", "hi there"),
        ("press", "Return"),
    ]


def test_every_kind_of_click_is_told(watched: Watched) -> None:
    target = watched.at("/pointer").page.get_by_role("button", name="Target")
    target.click(button="right")
    target.click(button="middle")
    target.dblclick()
    target.click(modifiers=["Control", "Shift"])
    watched.page.mouse.click(500, 620)
    watched.page.mouse.click(900, 700)
    assert watched.said() == [
        ("click", "button", "Target", "right"),
        ("click", "button", "Target", "middle"),
        ("click", "button", "Target", 2),
        ("click", "button", "Target", "ctrl", "shift"),
        ("click", "Point"),
        ("click", "Point"),
    ]


def test_drags_are_told_and_selections_of_text_are_not(watched: Watched) -> None:
    page = watched.at("/pointer").page
    drag(page, (320, 40), (640, 60))
    drag(page, (30, 310), (440, 340))
    drag(page, (20, 525), (200, 525))
    assert watched.said() == [("drag", "Box", "Goal"), ("drag", "Card", "Lane")]


def drag(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def test_one_scroll_a_container(watched: Watched) -> None:
    page = watched.at("/pointer").page
    page.mouse.move(100, 80)
    for _ in range(5):
        page.mouse.wheel(0, 60)
    (step,) = watched.steps()
    assert isinstance(step.action, Scroll)
    assert (short(step.action), step.action.dy) == (("scroll", "Items", False, True), 3)
    watched.at("/table").page.mouse.move(600, 400)
    watched.page.mouse.wheel(0, 400)
    (step,) = watched.steps()
    assert isinstance(step.action, Scroll)
    assert isinstance(step.action.target, Point)


def test_what_scripts_do_is_not_recorded_and_the_page_cannot_see_the_listener(watched: Watched) -> None:
    page = watched.at("/scripts").page
    page.get_by_role("button", name="Real").click()
    assert watched.said() == [("click", "button", "Real")]
    assert page.locator("p").text_content() == ""


# ---------------------------------------------------------------------------------------------- secrets


def test_no_secret_ever_leaves_the_page(watched: Watched, tmp_path: Path) -> None:
    page, told = watched.at("/secrets").page, list[str]()
    watched.cdp().on("Runtime.bindingCalled", lambda event: told.append(event["payload"]))
    watched.write("User", "ada")
    for field in ("Passwort", "Card number", "Code", "API token"):
        page.get_by_label(field).click()
        page.keyboard.type(SECRET, delay=5)
    page.get_by_role("button", name="Show").click()
    page.locator("#shown").click()
    page.keyboard.type("!")
    watched.write("Place of work", "here")
    page.get_by_role("button", name="Show").click(force=True)
    steps = watched.steps()
    fills = [short(step.action)[1:] for step in steps if isinstance(step.action, Fill)]
    assert fills[0] == ("User", "ada")
    assert [name for name, _ in fills[1:5]] == ["Passwort", "Card number", "Code", "API token"]
    (sealed,) = {text for _, text in fills[1:5]}  # all four are the same, and that is all that is told of them
    assert re.fullmatch(f"{SEAL}secret#[^{SEAL}]+{SEAL}", str(sealed))
    assert fills[-1] == ("Place of work", "here")
    assert SECRET not in "".join(told)
    assert all(SECRET not in each for each in (repr(steps), repr(watched.recorder.last())))
    assert SECRET.encode() not in pickle.dumps([replace(step) for step in steps])
    keep(steps, tmp_path, watched)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(SECRET.encode() not in held for held in files)
    assert any(b"Card number" in held for held in files)


def test_a_secret_that_is_typed_again_is_told_from_another_one(watched: Watched) -> None:
    page = watched.at("/signup").page
    for field, text in (("Password", SECRET), ("Repeat password", SECRET), ("PIN", "2468"), ("PIN again", "2469")):
        page.get_by_label(field, exact=True).click()
        page.keyboard.type(text, delay=2)
    steps = watched.steps(least=4)
    run = Run("one", Task("record", "signup"), tuple(steps), watched.recorder.last(), "finished")
    made = compile(run, "signup", on="web")
    assert [param.name for param in made.workflow.params] == ["password", "pin", "pin_again"]
    assert [act.text for act in made.workflow.acts() if act.do == "fill"] == [
        "${password}", "${password}", "${pin}", "${pin_again}",
    ]  # fmt: skip
    assert any("types the secret password again" in note for note in made.notes)
    assert SECRET not in repr(steps)


def keep(steps: list[Step], folder: Path, watched: Watched) -> None:
    task = Task("recording", "what a person showed")
    with Store(folder / "store.db") as store:
        store.begin("one", task)
        for index, step in enumerate(steps):
            store.keep("one", index, step)
        store.end(Run("one", task, tuple(steps), watched.recorder.last(), "finished"))


def test_secrets_are_known_by_their_names_in_many_languages() -> None:
    secret = ["newPassword", "card_number", "CVV", "Kennwort", "Mot de passe", "Contraseña", "пароль", "密码", "pin",
              "api-token", "Numéro de carte", "Confirm your passphrase", "passwd2"]  # fmt: skip
    assert [name for name in secret if not named_secret(name)] == []
    plain = ["Shopping", "Opinion", "Spinner", "Search", "Comment", "Tokenizer", "Place of work", "Compass", "Keyword"]
    assert [name for name in plain if named_secret(name)] == []


def test_an_address_holds_no_secret() -> None:
    assert SECRET not in without_secrets(f"https://ada:{SECRET}@example.org/a?user=x&password={SECRET}#token={SECRET}")
    assert without_secrets("https://example.org/a?q=%20b&c#d") == "https://example.org/a?q=%20b&c#d"


# ---------------------------------------------------------------------------------------------- cost


def test_a_screen_is_looked_at_once_an_act_and_not_again_while_it_stays_as_it_is(watched: Watched) -> None:
    page = watched.at("/table").page
    costs = watched.recorder.costs
    page.evaluate("document.body.append('new')")
    page.get_by_text("Invoice 2", exact=True).click()
    watched.steps()
    whole = max(costs[-4:])
    before = len(costs)
    page.get_by_text("Invoice 3", exact=True).hover()
    page.mouse.down()
    page.mouse.up()
    watched.until(lambda: len(costs) > before)
    watched.steps(least=0)
    assert min(costs[before:]) < whole / 2
    assert len(costs) - before <= 3  # the act's own, and what was seen of its effect


# ---------------------------------------------------------------------------------------------- its face


def test_pausing_and_ending(sites: tuple[str, str, str]) -> None:
    elsewhere(lambda: pauses_and_ends(sites))


def test_closing_the_last_tab_ends_the_recording(sites: tuple[str, str, str]) -> None:
    elsewhere(lambda: ends_with_its_last_tab(sites))


def elsewhere(doing: Callable[[], None]) -> None:
    """In a thread of its own, for a second browser."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(doing).result()


def pauses_and_ends(sites: tuple[str, str, str]) -> None:
    with closing(WebRecorder(f"{sites[0]}/form", headless=True)) as recorder:
        watched = Watched(recorder, sites[0])
        assert recorder.last().place.url == f"{sites[0]}/form"
        assert recorder.next(0) is None
        watched.page.keyboard.press("Control+Alt+p")
        watched.until(lambda: recorder.paused)
        looks = len(recorder.costs)
        watched.page.get_by_label("Name").click()
        watched.page.keyboard.type(SECRET)
        watched.page.goto(f"{sites[0]}/keys")
        watched.page.get_by_role("button", name="Go").click()
        assert watched.steps(least=0) == []
        assert len(recorder.costs) == looks
        watched.page.keyboard.press("Control+Alt+p")
        watched.until(lambda: not recorder.paused)
        assert watched.lines == ["paused; nothing is recorded until you resume", "recording again"]
        watched.until(lambda: recorder.last().place.window == "Keys")
        watched.page.get_by_role("button", name="Go").click()
        watched.page.keyboard.press("Control+Alt+e")
        found = watched.until(lambda: recorder.ended) + watched.steps(least=0)
        assert [short(step.action) for step in found] == [("click", "button", "Go")]


def ends_with_its_last_tab(sites: tuple[str, str, str]) -> None:
    with closing(WebRecorder(f"{sites[0]}/form", headless=True)) as recorder:
        watched = Watched(recorder, sites[0])
        watched.page.get_by_label("Name").click()
        watched.page.keyboard.type("Ada")
        watched.steps()
        watched.page.close()
        watched.until(lambda: recorder.ended)
        assert recorder.next(0) is None
