"""What the web driver promises of seeing, filling in and scrolling, on a real browser and real pages served here."""

from __future__ import annotations

from pathlib import Path

import pytest

from cua.core import (
    Click,
    Effect,
    Fill,
    Invoke,
    Move,
    Observation,
    Open,
    Press,
    Scroll,
    Type,
)
from cua.errors import TargetGone
from drivers.web import Web
from tests.waiting import awaited
from tests.web_pages import (
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
