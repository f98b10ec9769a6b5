"""What the web driver promises, on a real browser and real pages served on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import playwright.sync_api
import pytest

from cua.core import (
    Ask,
    Click,
    Drag,
    Effect,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)
from cua.errors import DisplayGone, DriverError, MissingProgram, TargetGone, TimedOut, UsageError
from drivers.web import Web
from drivers.web_launch import TRANSLATIONS
from drivers.web_words import chord
from tests.browsers import browsing
from tests.served import serving
from tests.waiting import awaited

PAGES = Path(__file__).parent / "fixtures" / "web"
UNICODE = "Zażółć gęślą jaźń, 漢字 🙂"


class Pages(SimpleHTTPRequestHandler):
    """Serves the pages; "slow.txt" only after a while."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/slow.txt":
            threading.Event().wait(0.3)
            self.path = "/lamp.txt"
        super().do_GET()

    def end_headers(self) -> None:
        if self.path == "/lamp.txt?keep":
            self.send_header("Content-Disposition", "attachment; filename=kept.txt")
        super().end_headers()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str]]:
    """Two origins with the same pages."""
    there = partial(Pages, directory=str(PAGES))
    with serving(there) as one, serving(there) as two:
        yield f"http://127.0.0.1:{one}", f"http://localhost:{two}"


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Web]:
    with browsing(downloads=downloads) as made:
        yield made


@pytest.fixture
def web(browser: Web) -> Iterator[Web]:
    """The browser with one tab and nothing that it asks; each test opens a page of its own in it."""
    yield browser
    while (refs := {each.ref for each in browser.observe(frame=False).elements}) & {"dialog", "chooser", "tabs"}:
        browser.act(Press("ctrl+w" if "tabs" in refs else "Escape"))


@pytest.fixture
def form(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/form.html")


@pytest.fixture
def still(browser: Web, sites: tuple[str, str]) -> Web:
    """The form, for tests that leave it as it is: opened once."""
    url = f"{sites[0]}/form.html?still"
    return browser if browser.observe(frame=False).place.url == url else at(browser, url)


@pytest.fixture
def asks(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/asks.html")


@pytest.fixture
def deep(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/deep.html?far={sites[1]}/inner.html")


@pytest.fixture
def moves(web: Web, sites: tuple[str, str]) -> Web:
    return at(web, f"{sites[0]}/moves.html")


def at(web: Web, url: str) -> Web:
    """There, without the wait for quiet that `Open` ends with: a tenth of a second a test."""
    with web._browser.limited(10, f"opening {url}"):
        web._browser.page.goto(url)
    return web


def find(web: Web, name: str, role: str | None = None, *, last: bool = False) -> Element:
    seen = web.observe(frame=False)
    found = [each for each in seen.elements if each.name == name and role in (None, each.role)]
    assert found, f"no {role or 'element'} {name!r} among {[(each.role, each.name) for each in seen.elements]}"
    return found[-1 if last else 0]


def said(web: Web) -> str:
    """What the page's <output> says."""
    return next((each.name for each in web.observe(frame=False).elements if each.role == "status"), "")


# ---------------------------------------------------------------------------------------------- seeing


def test_a_look_gives_roles_names_states_and_ways_to_find_again(still: Web) -> None:
    seen = still.observe()
    by_name = {each.name: each for each in seen.elements}
    assert seen.place.window == "Order"
    assert seen.place.url.endswith("/form.html?still")
    assert by_name["Order a lamp"].role == "heading"
    assert by_name["terms"].role == "link"
    who = by_name["Name"]
    assert (who.role, who.value, who.description) == ("textbox", "", "As on your card")
    assert {"required", "editable", "focusable", "showing"} <= who.states
    assert {"multiline", "editable"} <= by_name["Notes"].states
    assert {"checkable", "checked"} <= by_name["Small"].states
    assert "checked" not in by_name["Large"].states
    assert "disabled" in by_name["Later"].states
    assert by_name["Letter"].value == "Dear you"
    kinds = {each.kind: each.value for each in by_name["Send"].locators}
    assert kinds["testid"] == "send"
    assert kinds["role"] == "button:Send"
    assert {each.kind: each.value for each in who.locators}["placeholder"] == "First and last"


def test_parents_come_before_children_and_hold_them(still: Web) -> None:
    seen = still.observe(frame=False)
    assert all(each.parent < index for index, each in enumerate(seen.elements))
    large = next(each for each in seen.elements if each.name == "Large")
    assert seen.ancestors(large)[0].name == "Size"
    assert [each.role for each in seen.ancestors(large)] == ["group", "form", "main"]


def test_what_is_scrolled_away_is_known_but_has_no_box(still: Web) -> None:
    near, far = find(still, "Lamp 1"), find(still, "Lamp 20")
    assert near.box is not None
    assert far.box is None
    assert "showing" not in far.states


def test_a_picture_is_named_by_its_pixels(form: Web) -> None:
    first, second = form.observe().frame, form.observe().frame
    form.act(Click(find(form, "Gift wrap")))
    third = form.observe().frame
    assert first is not None
    assert third is not None
    assert (first.width, first.height, len(first.pixels or b"")) == (1280, 800, 1280 * 800 * 4)
    assert first == second
    assert first.sha != third.sha


def test_an_element_keeps_its_ref_and_a_new_document_never_takes_it(form: Web, sites: tuple[str, str]) -> None:
    before = find(form, "Send")
    assert find(form, "Send").ref == before.ref
    form.act(Open(f"{sites[0]}/asks.html"))
    assert before.ref not in {each.ref for each in form.observe(frame=False).elements}
    with pytest.raises(TargetGone, match="Send"):
        form.act(Click(before))


def test_looking_and_aiming_change_no_node_of_the_page(still: Web) -> None:
    page = still._browser.page
    before = page.content()
    still.act(Move(find(still, "Send")))
    still.observe()
    assert page.content() == before


def test_a_page_larger_than_the_budget_is_cut_and_says_so(web: Web) -> None:
    page = "data:text/html,<body><script>for(let n=0;n<5000;n++)document.write(`<button>b${n}</button>`)</script>"
    seen = at(web, page).observe(frame=False)
    assert 3000 < len(seen.elements) < 5000
    assert "cut at" in seen.note


# ---------------------------------------------------------------------------------------------- forms


def test_every_field_reads_back_what_was_filled_in(form: Web) -> None:
    texts = {"Name": UNICODE, "Notes": f"one\ntwo {UNICODE}", "Letter": UNICODE, "Country": "Poland"}
    texts |= {"Amount": "42", "Day": "2026-02-28", "Light": "8"}
    assert {name: form.act(Fill(find(form, name), text)).kind for name, text in texts.items()} == dict.fromkeys(
        texts, "confirmed"
    )
    seen = {each.name: each.value for each in form.observe(frame=False).elements}
    assert {name: seen[name] for name in texts} == texts


def test_a_field_hears_of_a_filling_what_it_hears_of_a_keyboard(web: Web, tmp_path: Path) -> None:
    page = tmp_path / "told.html"
    page.write_text(
        "<meta charset=utf-8><label>Name <input value=old></label><button>Go</button><p role=status></p><script>"
        "for (const type of ['beforeinput', 'input', 'change']) addEventListener(type, (event) => {"
        " document.querySelector('p').textContent += `${type} ${event.isTrusted} ${event.data}; `; }, true)</script>"
    )
    web.act(Open(str(page)))
    web.act(Fill(find(web, "Name"), UNICODE))
    web.act(Click(find(web, "Go")))
    told = f"beforeinput true {UNICODE}; input true {UNICODE}; change true undefined;"
    assert next(each for each in web.observe(frame=False).elements if each.role == "status").name == told


@pytest.mark.parametrize("cover", ["", "<dialog>First <button>OK</button></dialog>"])
def test_what_is_filled_in_is_never_written_into_another_field(web: Web, tmp_path: Path, cover: str) -> None:
    page = tmp_path / "away.html"
    page.write_text(
        f"<label>One <input value=1></label><label>Two <input value=2></label>{cover}<script>"
        "const [one, two] = document.querySelectorAll('input');"
        "document.querySelector('dialog')?.showModal() ?? one.addEventListener('focus', () => two.focus())</script>"
    )
    web.act(Open(str(page)))
    effect = web.act(Fill(find(web, "One"), "text"))
    assert (effect.kind, "cursor" in effect.reason) == ("refused", True)
    assert [find(web, name).value for name in ("One", "Two")] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("Country", "Mordor", "'Norway', 'Poland'"),
        ("Amount", "many", "does not take"),
        ("Day", "tomorrow", "does not take"),
        ("Gift wrap", "yes", "not a field to fill"),
        ("Attachment", "/no/such/file", "no file"),
    ],
)
def test_a_field_refuses_what_it_cannot_hold(still: Web, name: str, text: str, why: str) -> None:
    before = find(still, name).value
    effect = still.act(Fill(find(still, name), text))
    assert effect.kind == "refused"
    assert why in effect.reason
    assert find(still, name).value == before


def test_boxes_and_radios_take_clicks_even_when_styled_out_of_sight(form: Web) -> None:
    for name in ("Gift wrap", "Fancy paper", "Large"):
        assert form.act(Click(find(form, name))).kind == "confirmed"
        assert "checked" in find(form, name).states
    assert "checked" not in find(form, "Small").states


def test_an_option_of_a_closed_select_can_be_clicked(form: Web) -> None:
    assert form.act(Click(find(form, "Poland", "option"))).kind == "confirmed"
    assert find(form, "Country").value == "Poland"
    assert form.act(Click(find(form, "Atlantis", "option"))).kind == "refused"


def test_a_password_is_never_seen_even_when_the_page_shows_it(form: Web) -> None:
    assert "hunter2" not in repr(form.observe(frame=False))
    assert form.act(Fill(find(form, "Password"), "s3cret-word")) == Effect("confirmed")
    form._browser.page.evaluate("secret.type = 'text'")
    seen = form.observe(frame=False)
    assert "s3cret-word" not in repr(seen)
    assert "password" in next(each for each in seen.elements if each.name == "Password").states


def test_text_is_typed_in_any_script_and_tab_moves_on(form: Web) -> None:
    form.act(Click(find(form, "Name")))
    assert form.act(Type(f"{UNICODE}\t\tnote one\nnote two")).kind == "confirmed"
    assert find(form, "Name").value == UNICODE
    assert find(form, "Notes").value == "note one\nnote two"


def test_return_sends_the_form(form: Web) -> None:
    form.act(Fill(find(form, "Name"), "Ann"))
    form.act(Click(find(form, "Name")))
    assert form.act(Press("Return")).kind == "confirmed"
    assert said(form) == "Ordered by Ann"


def test_a_click_that_does_nothing_is_not_confirmed(still: Web) -> None:
    assert still.act(Click(find(still, "Idle"))).kind == "no_effect"
    assert still.act(Invoke(find(still, "Idle"))).kind == "no_effect"
    assert still.act(Type("into nothing")).kind == "no_effect"
    refused = still.act(Click(find(still, "Later")))
    assert refused == Effect("refused", "button 'Later' is disabled")


# ---------------------------------------------------------------------------------------------- frames and scrolling


def test_a_button_in_an_open_shadow_root_is_seen_and_clicked(deep: Web) -> None:
    assert deep.act(Click(find(deep, "Light"))).kind == "confirmed"
    assert (
        find(deep, "Light is on").locators[-1].value
        == "html > body:nth-of-type(1) > lamp-switch:nth-of-type(1) >>> button:nth-of-type(1)"
    )


@pytest.mark.parametrize("holder", ["Near", "Far"])
def test_a_frame_of_any_origin_is_seen_in_page_pixels_and_clicked(deep: Web, holder: str) -> None:
    seen = deep.observe(frame=False)
    inner = [each for each in seen.elements if each.name == "Inner" and seen.ancestors(each)[0].name == holder]
    frame = next(each for each in seen.elements if each.name == holder)
    assert len(inner) == 1
    assert inner[0].box
    assert frame.box
    assert frame.box.x < inner[0].box.x < frame.box.x + frame.box.width
    assert frame.box.y < inner[0].box.y < frame.box.y + frame.box.height
    deep.act(Click(inner[0].box.centre))

    def pressed_in(now: Observation) -> list[str]:
        return [now.ancestors(each)[0].name for each in now.elements if each.name == "Inner was pressed"]

    # a frame of another process may answer late
    assert pressed_in(awaited(lambda: deep.observe(frame=False), "the frame's answer", pressed_in)) == [holder]


@pytest.mark.parametrize("last", [False, True])
def test_a_click_first_scrolls_its_target_into_view_inside_its_frame(deep: Web, last: bool) -> None:
    target = find(deep, "Deep", last=last)
    assert target.box is None
    assert deep.act(Click(target)).kind == "confirmed"
    assert find(deep, "Deep was pressed").box
    assert deep.act(Click(find(deep, "Bottom"))).kind == "confirmed"
    assert find(deep, "Pressed").box
    other = find(deep, "Deep")  # now off the screen with its whole frame
    assert deep.act(Click(other)).kind == "confirmed"


def test_a_field_in_a_foreign_frame_can_be_filled(deep: Web) -> None:
    assert deep.act(Fill(find(deep, "Inner text", last=True), UNICODE)) == Effect("confirmed")
    assert find(deep, "Inner text", last=True).value == UNICODE


def test_a_scrolling_box_scrolls_until_its_end(form: Web) -> None:
    assert form.act(Scroll(find(form, "Lamps"), dy=2)).kind == "confirmed"
    assert find(form, "Lamp 1").box is None
    assert find(form, "Lamp 8").box is not None
    assert form.act(Scroll(find(form, "Lamps"), dy=20)).kind == "confirmed"
    assert find(form, "Lamp 20").box is not None
    assert form.act(Scroll(find(form, "Lamps"), dy=20)).kind == "no_effect"


def test_what_is_scrolled_away_in_a_box_can_be_clicked(form: Web) -> None:
    assert form.act(Click(find(form, "Lamp 17"))).kind == "confirmed"
    assert said(form) == "Chose 17"
    assert form.act(Invoke(find(form, "Lamp 3"))).kind == "confirmed"
    assert said(form) == "Chose 3"


# ---------------------------------------------------------------------------------------------- care


def test_a_covered_button_is_refused_and_the_cover_is_named(moves: Web) -> None:
    effect = moves.act(Click(find(moves, "Under")))
    assert effect.kind == "refused"
    assert "button 'Under' is covered by div#cover" in effect.reason


def test_an_element_that_went_away_is_gone_not_clicked(moves: Web) -> None:
    target = find(moves, "Vanish")
    moves._browser.page.evaluate("vanish.remove()")
    with pytest.raises(TargetGone, match="'Vanish' is no longer on the page"):
        moves.act(Click(target))


def test_a_ticking_clock_neither_holds_up_an_act_nor_counts_as_its_effect(web: Web, sites: tuple[str, str]) -> None:
    assert web.act(Open(f"{sites[0]}/moves.html?clock")) == Effect("confirmed")
    assert web.act(Wait(3)) == Effect("confirmed")
    effect = web.act(Click(find(web, "Vanish")))
    assert effect == Effect("no_effect", "nothing on the page changed")


@pytest.mark.parametrize(("name", "outcome"), [("Slow", "slow done"), ("Fetches", "fetched a lamp")])
def test_an_act_ends_when_what_it_started_has_ended(moves: Web, name: str, outcome: str) -> None:
    assert moves.act(Click(find(moves, name))).kind == "confirmed"
    assert said(moves) == outcome


def test_a_click_on_pixels_is_unverified(moves: Web) -> None:
    assert moves.act(Click(find(moves, "Picture"))).kind == "unverified"


def test_things_are_dragged_and_dropped(moves: Web) -> None:
    assert moves.act(Drag(find(moves, "Box"), find(moves, "Goal"))).kind == "confirmed"
    assert said(moves) == "dropped"


def test_a_page_gets_its_chords_and_the_browser_its_own(moves: Web, sites: tuple[str, str]) -> None:
    moves.act(Click(find(moves, "Keys")))
    assert moves.act(Press("ctrl+s")).kind == "confirmed"
    assert said(moves) == "saved"
    at(moves, f"{sites[0]}/other.html")
    assert moves.act(Press("alt+Left")).kind == "confirmed"
    assert moves.observe(frame=False).place.window == "Moves"


def test_a_click_with_a_modifier_reaches_the_page_with_it(web: Web) -> None:
    page = "data:text/html,<button onclick='this.textContent=String(event.ctrlKey)+event.detail'>Which</button>"
    at(web, page).act(Click(find(web, "Which"), count=2, keys=("ctrl",)))
    assert find(web, "true2").role == "button"
    web.act(Click(find(web, "true2")))
    assert find(web, "false1").role == "button"


# ---------------------------------------------------------------------------------------------- what a browser asks


def test_an_alert_blocks_until_it_is_answered(asks: Web) -> None:
    button = find(asks, "Confirm")
    assert asks.act(Click(find(asks, "Alert"))) == Effect("confirmed", "alert dialog: Mind the gap")
    seen = asks.observe()
    assert [(each.role, each.name) for each in seen.elements] == [("alertdialog", "Mind the gap"), ("button", "OK")]
    assert "modal" in seen.elements[0].states
    assert "a dialog blocks the page" in seen.note
    assert asks.act(Click(button)).kind == "refused"
    assert asks.act(Click(seen.elements[1])).kind == "confirmed"
    assert said(asks) == "alerted"
    with pytest.raises(TargetGone):
        asks.act(Click(seen.elements[1]))


@pytest.mark.parametrize(("answer", "outcome"), [("OK", "confirm true"), ("Cancel", "confirm false")])
def test_a_confirmation_takes_either_answer(asks: Web, answer: str, outcome: str) -> None:
    asks.act(Invoke(find(asks, "Confirm")))
    asks.act(Invoke(find(asks, answer)))
    assert said(asks) == outcome


def test_a_prompt_is_filled_in_and_accepted(asks: Web) -> None:
    asks.act(Click(find(asks, "Prompt")))
    field = find(asks, "Your name?", "textbox")
    assert field.value == "Ann"
    asks.act(Fill(field, UNICODE))
    asks.act(Type("!"))
    asks.act(Press("Return"))
    assert said(asks) == f"prompt {UNICODE}!"


def test_a_dialog_after_a_dialog_is_met_as_well(asks: Web) -> None:
    assert asks.act(Click(find(asks, "Twice"))).reason == "alert dialog: one"
    assert "alert dialog: two" in asks.act(Press("Return")).reason
    asks.act(Press("Escape"))
    assert said(asks) == "twice"


def test_a_dialog_that_typing_or_time_brings_up_is_met(asks: Web) -> None:
    asks.act(Click(find(asks, "Type here")))
    told = Effect("confirmed", "alert dialog: Bang; what was left to type was not typed")
    assert asks.act(Type("!?")) == told
    asks.act(Press("Return"))
    assert find(asks, "Type here").value == "!"
    asks._browser.page.evaluate("setTimeout(() => alert('Late'), 30)")
    assert "alert dialog: Late" in asks.act(Wait(2)).reason
    assert find(asks, "Late").role == "alertdialog"


def test_a_download_lands_in_the_folder_and_is_told(asks: Web, downloads: Path) -> None:
    effect = asks.act(Click(find(asks, "Download")))
    assert effect == Effect("confirmed", f"downloaded {downloads / 'lamp.txt'}")
    again = asks.act(Click(find(asks, "Download")))
    assert again.reason == f"downloaded {downloads / 'lamp (2).txt'}"
    assert (downloads / "lamp (2).txt").read_text() == "a lamp\n"


def test_an_address_that_is_a_download_is_downloaded(asks: Web, sites: tuple[str, str], downloads: Path) -> None:
    assert asks.act(Open(f"{sites[0]}/lamp.txt?keep")).reason == f"downloaded {downloads / 'kept.txt'}"
    assert asks.observe(frame=False).place.window == "Asks"


def test_a_file_chooser_is_answered_with_a_path(asks: Web) -> None:
    assert asks.act(Click(find(asks, "Choose"))) == Effect("confirmed", "asks for a file")
    assert asks.act(Click(find(asks, "Alert"))).kind == "refused"
    assert asks.act(Fill(find(asks, "File name"), "/no/such/file")).kind == "refused"
    assert asks.act(Fill(find(asks, "File name"), str(PAGES / "lamp.txt"))).kind == "confirmed"
    assert said(asks) == "file lamp.txt"
    asks.act(Click(find(asks, "Choose")))
    assert asks.act(Click(find(asks, "Cancel"))).kind == "confirmed"
    assert not [each for each in asks.observe(frame=False).elements if each.ref.startswith("chooser")]


def test_a_file_field_takes_a_path_at_once(form: Web) -> None:
    assert form.act(Fill(find(form, "Attachment"), str(PAGES / "lamp.txt"))).kind == "confirmed"
    assert find(form, "Attachment").value == "lamp.txt"


def test_a_new_tab_comes_to_the_front_and_the_old_one_can_be_had_back(asks: Web) -> None:
    effect = asks.act(Click(find(asks, "New tab")))
    assert effect == Effect("confirmed", "opened a tab")
    assert asks.observe(frame=False).place.window == "Terms"
    asks.act(Click(find(asks, "Asks", "tab")))
    assert asks.observe(frame=False).place.window == "Asks"
    assert "selected" in find(asks, "Asks", "tab").states
    asks.act(Open("tab:2"))
    assert asks.act(Press("ctrl+w")).reason == "closed a tab"
    assert asks.observe(frame=False).place.window == "Asks"


# ---------------------------------------------------------------------------------------------- trouble


def test_asking_and_finishing_are_not_for_a_driver(browser: Web) -> None:
    for action in (Ask("Which?"), Finish("done")):
        with pytest.raises(UsageError, match="the loop"):
            browser.act(action)


@pytest.mark.parametrize("what", ["Open me", "javascript:alert(1)", "chrome://crash", "/no/such/page.html"])
def test_only_addresses_and_files_are_opened(web: Web, what: str) -> None:
    with pytest.raises(UsageError, match="cannot open"):
        web.act(Open(what))


def test_a_server_that_is_not_there_is_our_trouble(web: Web) -> None:
    with pytest.raises(DriverError, match=r"127\.0\.0\.1:9"):
        web.act(Open("http://127.0.0.1:9/"))


def test_a_file_is_opened_by_its_path(web: Web) -> None:
    assert web.act(Open(str(PAGES / "other.html"))) == Effect("confirmed")
    assert web.observe(frame=False).place.window == "Terms"


def test_a_page_that_does_not_answer_is_given_up_with_a_reason(web: Web) -> None:
    with pytest.raises(TimedOut, match=r"reading took longer than 0\.2 s"), web._browser.limited(0.2, "reading"):
        web._browser.page.evaluate("for (const end = Date.now() + 600; Date.now() < end;);")
    assert isinstance(web.observe(frame=False), Observation)


def test_every_exception_of_playwright_has_a_meaning_here() -> None:
    def family(kind: type[BaseException]) -> Iterator[type[BaseException]]:
        yield kind
        for child in kind.__subclasses__():
            yield from family(child)

    assert {kind.__name__ for kind in family(playwright.sync_api.Error)} == set(TRANSLATIONS)


def elsewhere(job: Callable[[], None]) -> None:
    """In a thread of its own: Playwright allows one driver a thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(job).result()


def test_a_browser_that_is_not_installed_is_named(tmp_path: Path) -> None:
    def job() -> None:
        with pytest.raises(MissingProgram, match="no browser at"):
            Web(executable=tmp_path / "chromium")

    elsewhere(job)


def test_a_second_driver_in_one_thread_is_refused_in_words(browser: Web) -> None:
    with pytest.raises(DriverError, match="another thread"):
        Web()


def test_a_page_or_browser_that_goes_away_is_told_as_such(browser: Web, sites: tuple[str, str]) -> None:
    def job() -> None:
        web = Web(f"{sites[0]}/form.html")
        target = find(web, "Send")
        web._browser._chromium.close()
        with pytest.raises(DisplayGone, match="the browser was closed, or it crashed; start it again"):
            web.observe()
        with pytest.raises(DisplayGone):
            web.act(Click(target))
        web.close()
        with pytest.raises(DisplayGone, match="closed"):
            web.observe()
        web = Web(f"{sites[0]}/form.html")
        with pytest.raises(DriverError), web._browser.limited(2, "crashing"):
            web._browser.page.goto("chrome://crash")
        with pytest.raises(DisplayGone):
            web.observe()
        web.close()

    elsewhere(job)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ("ctrl+shift+Prior", "Control+Shift+PageUp"),
        ("Return", "Enter"),
        ("ctrl++", "Control++"),
        ("+", "+"),
        ("super+l", "Meta+l"),
        ("F5", "F5"),
        ("space", "Space"),
        ("é", "é"),
    ],
)
def test_keys_go_by_their_usual_names(keys: str, named: str) -> None:
    assert chord(keys) == named


@pytest.mark.parametrize("keys", ["", "hyper+x", "ctrl+nokey", "ctrl+"])
def test_an_unknown_key_is_a_usage_error(keys: str) -> None:
    with pytest.raises(UsageError, match="unknown key"):
        chord(keys)


def test_a_point_can_be_clicked(form: Web) -> None:
    box = find(form, "Gift wrap").box
    assert box
    assert form.act(Click(Point(box.centre.x, box.centre.y))).kind == "confirmed"
    assert "checked" in find(form, "Gift wrap").states


def test_an_option_is_chosen_by_its_label_or_else_by_its_value_if_that_is_one_option(browser: Web) -> None:
    options = "<option>start<option value=b>a<option value=a>c<option value=d>e<option value=x>f<option value=x>g"
    browser.act(Open(f"data:text/html,<select aria-label=Which>{options}</select>"))
    for asked, chosen in (("a", "a"), ("d", "e"), ("c", "c")):
        effect = browser.act(Fill(next(e for e in browser.observe().elements if e.name == "Which"), asked))
        which = next(e for e in browser.observe().elements if e.name == "Which")
        assert (effect.kind, which.value) == ("confirmed", chosen)
    assert browser.act(Fill(which, "x")).kind == "refused"
