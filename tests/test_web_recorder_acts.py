"""What the web recorder promises of keys, clicks and secrets, with a real browser and a second party at it."""

from __future__ import annotations

import pickle
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page

from cua.core import (
    SEAL,
    Fill,
    Point,
    Run,
    Scroll,
    Step,
    Task,
)
from cua.memory.store import Store
from cua.record.compile import compile
from cua.secret_words import named_secret
from drivers.web_recorder import WebRecorder
from drivers.web_secrets import without_secrets
from tests.web_person import SECRET, Watched, elsewhere, shared, short, sites, watched

__all__ = ["shared", "sites", "watched"]  # fixtures


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
