"""What the web driver promises of risky acts, of what a browser asks, and of trouble, on a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import playwright.sync_api
import pytest

from cua.core import (
    Ask,
    Click,
    Drag,
    Effect,
    Fill,
    Finish,
    Invoke,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Type,
    Wait,
)
from cua.errors import DisplayGone, DriverError, MissingProgram, TargetGone, TimedOut, UsageError
from drivers.web import Web
from drivers.web_launch import TRANSLATIONS
from drivers.web_words import chord
from tests.web_pages import (
    PAGES,
    UNICODE,
    asks,
    at,
    browser,
    deep,
    downloads,
    find,
    form,
    moves,
    said,
    sites,
    still,
    web,
)

__all__ = ["asks", "browser", "deep", "downloads", "form", "moves", "sites", "still", "web"]  # fixtures


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


SHIFTING = """<style>#menu div { display: none; height: 80px } #menu:hover div { display: block }</style>
<div id=menu>Menu<div>more of it</div></div>
<button style="display:block;height:40px" onclick="did.textContent += 'kept '">Keep</button>
<button style="display:block;height:40px" onclick="did.textContent += 'deleted '">Delete</button>
<label style="display:block;height:40px"><input type=checkbox onchange="did.textContent += 'paid '">Pay</label>
<iframe srcdoc="<button onclick='parent.did.textContent += `framed `'>Framed</button>"></iframe>
<ul onmouseover="if (!this.title) { this.title = 'new'; this.innerHTML = this.innerHTML }">
<li><button onclick="did.textContent += 'redrawn '">Redrawn</button></ul>
<p id=did></p>"""


def test_a_press_that_would_meet_something_else_since_the_page_moved_is_kept_from_it(web: Web) -> None:
    page = web._browser.page
    page.set_content(SHIFTING)
    for name, outcome in (("Delete", "deleted"), ("Framed", "deleted framed"), ("Keep", "deleted framed kept")):
        web.act(Move(Point(20, 15)))  # the menu opens, and closes once the pointer leaves it
        before = page.inner_text("#did")
        first = web.act(Click(find(web, name)))
        assert first.kind == "refused"
        assert "would have been clicked" in first.reason
        assert page.inner_text("#did") == before
        assert web.act(Click(find(web, name))).kind == "confirmed"
        assert page.inner_text("#did").strip() == outcome


def test_what_a_page_draws_anew_under_the_pointer_is_clicked(web: Web) -> None:
    web._browser.page.set_content(SHIFTING)
    assert web.act(Click(find(web, "Redrawn", "button"))).kind == "confirmed"
    assert web.act(Click(find(web, "Pay", "checkbox"))).kind == "confirmed"
    assert web._browser.page.inner_text("#did").strip() == "redrawn paid"


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
