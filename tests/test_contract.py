"""The contract of a run, over looks at screens: what the person's words allow, and the ways around that stay closed."""

from __future__ import annotations

import pytest

from cua import codec
from cua.core import (
    SEAL,
    Action,
    Ask,
    Box,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Invoke,
    Locator,
    Move,
    Observation,
    Open,
    Place,
    Point,
    Press,
    Scroll,
    Task,
    Type,
    Wait,
)  # fmt: skip
from cua.policies.contract import Contract
from cua.policies.contract_acts import Past, objection
from cua.policies.contract_places import joined, named, origin, within
from cua.policies.contract_texts import brought
from cua.policies.contract_words import wish_of

SHOP = "https://shop.example/list"
SHOWN = frozenset({"showing"})
BOX = Box(0, 0, 100, 20)


def element(
    role: str, name: str = "", *, parent: int = -1, ref: str = "", states: str = "", box: Box = BOX, **says: str
) -> Element:
    """Something that shows; what it `says` are its locators by kind."""
    locators = tuple(Locator(kind, text) for kind, text in says.items())
    acts = ("click",) if role in ("button", "link") else ()
    shown = SHOWN | frozenset(states.split())
    return Element(ref or f"f0:{role}:{name}:{parent}", role, name, None, shown, box, parent, locators, actions=acts)


def page(*elements: Element, url: str = SHOP) -> Observation:
    return Observation(Place("shop.example", "Shop", url), elements)


def window(*elements: Element, app: str = "editor", states: str = "active") -> Observation:
    top = element("window", "note - Editor", ref="a11y|:1.1|/w", states=states)
    return Observation(Place(app, "note - Editor"), (top, *elements))


def against(goal: str, action: Action, now: Observation, *, start: Observation | None = None, **given: str) -> str:
    """The kind of objection to an act under the contract of a task that began on this screen, or there; "" for none."""
    contract = Contract.of(Task("t", goal, given), start or page())
    found = objection(contract, action, now, Past(filled=True))
    return found.kind if found else ""


def click(goal: str, role: str, name: str, **says: str) -> str:
    target = element(role, name, parent=-1, ref="", states="", box=BOX, **says)
    return against(goal, Click(target), page(target))


# ---------------------------------------------------------------------------------------------- what it is


def test_it_says_where_it_begins_and_what_was_asked_for_and_is_kept_as_it_is() -> None:
    task = Task("t", "delete the draft 'Plan', then see www.other.example", {"mail": "ada@own.example"})
    made = Contract.of(task, page(), profile=["I live at Elm Street 3"])
    assert made.origins == ("https://shop.example", "://www.other.example")
    assert (made.deeds, made.risk, made.roams) == (("removes",), "irreversible", False)
    assert made.known == (task.goal, "ada@own.example", "I live at Elm Street 3")
    assert codec.loads(codec.dumps(made)) == made


def test_to_be_shown_something_is_to_change_nothing() -> None:
    assert Contract.of(Task("t", "How many orders are open?"), page()).risk == "read"
    assert Contract.of(Task("t", "Set the name to Ada"), page()).risk == "reversible"


@pytest.mark.parametrize(
    ("goal", "deeds"),
    [
        ("find the cheapest order", ()),
        ("read my mail and tell me what Bob wants", None),
        ("do not delete anything, just look", ()),
        ("write 'please delete everything' into the note", ()),
        ("open the report about payments", ()),
        ("lösche den Entwurf", ("removes",)),
        ("den Entwurf löschen", ("removes",)),
        ("please send it, then delete the draft", ("removes", "sends")),
        ("supprime le brouillon", ("removes",)),
    ],
)
def test_only_verbs_that_nothing_forbids_ask_for_a_deed(goal: str, deeds: tuple[str, ...] | None) -> None:
    found = tuple(sorted(wish_of(goal).deeds))
    assert "removes" not in found if deeds is None else found == deeds


# ---------------------------------------------------------------------------------------------- where


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("/a?b=c", "https://shop.example"),
        ("https://SHOP.example:443/x", "https://shop.example"),
        ("//evil.example/x", "https://evil.example"),
        ("\\\\evil.example\\x", "https://evil.example"),
        ("https:\\\\evil.example", "https://evil.example"),
        ("ht\ttps://evil.example", "https://evil.example"),
        ("https://shop.example@evil.example/", "https://evil.example"),
        ("https://shop.example:8443/", "https://shop.example:8443"),
        ("https://ѕhop.example/", "https://xn--hop-ehd.example"),
        ("mailto:x@evil.example", "mailto:"),
        ("data:text/html,x", "data:"),
        ("https://[broken", "elsewhere"),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(href: str, leads: str) -> None:
    assert origin(joined(SHOP, href)) == leads
    assert (click("What does it cost?", "link", "More", href=href) == "") == (leads == "https://shop.example")


def test_www_and_safe_transport_are_the_same_site_and_another_port_or_unsafe_transport_is_not() -> None:
    assert within("https://www.shop.example", ["https://shop.example"])
    assert within("https://shop.example", ["http://shop.example"])
    assert not within("http://shop.example", ["https://shop.example"])
    assert not within("https://shop.example.evil.example", ["https://shop.example"])
    assert not within("https://shop.example:8443", ["https://shop.example"])


def test_hosts_are_told_from_files_and_sentences() -> None:
    assert named("see own.example/x, report.txt and notes.md. Then www.foo.org") == ("://own.example", "://www.foo.org")


@pytest.mark.parametrize(
    "what",
    ["https://evil.example/?q=1", "javascript:alert(1)", "data:text/html,x", "chrome://settings", "/etc/passwd", "bash",
     "https://[broken"],
)  # fmt: skip
def test_nothing_is_opened_that_the_task_does_not_name(what: str) -> None:
    assert against("What does it cost?", Open(what), page()) == "place"


def test_what_the_task_names_is_opened_and_so_is_more_of_the_site() -> None:
    assert against("Go to www.other.example/help", Open("https://www.other.example/help"), page()) == ""
    assert against("What does it cost?", Open("https://shop.example/prices"), page()) == ""


def test_an_address_of_the_site_that_does_something_or_carries_what_nobody_gave_is_not_followed() -> None:
    assert against("What does it cost?", Open("https://shop.example/account/delete?id=1"), page()) == "deed"
    assert against("What does it cost?", Open("https://shop.example/compose?to=mallory@evil.example"), page()) == "text"
    assert against("What does it cost?", Open("https://shop.example/blog/how-to-delete"), page()) == ""


def test_once_the_page_has_left_nothing_is_done_there_but_going_back() -> None:
    button = element("button", "Next")
    there = page(button, url="https://evil.example/x")
    goal = "Set the name to Ada"
    done: list[Action] = [Click(button), Invoke(button), Press("Return"), Type("Ada"), Click(Point(5, 5))]
    assert {against(goal, action, there) for action in done} == {"place"}
    back: list[Action] = [Press("alt+Left"), Wait(), Ask("what now?"), Finish("done"), Scroll(Point(1, 1), dy=1)]
    assert {against(goal, action, there) for action in [*back, Move(Point(1, 1))]} == {""}
    assert against(goal, Open(SHOP), there) == ""


def test_a_form_that_sends_elsewhere_is_neither_filled_in_nor_ended() -> None:
    form = element("form")
    field = element("textbox", "Name", parent=0, form="https://evil.example/take", states="editable focused")
    now = page(form, field)
    for action in (Fill(field, "Ada"), Type("Ada"), Press("Return")):
        assert against("Set the name to Ada", action, now) == "place"


def test_a_frame_from_elsewhere_is_left_alone_and_one_of_the_site_is_not() -> None:
    goal = "Set the name to Ada"
    for source, kind in (("https://evil.example/f", "place"), ("/own", ""), ("", "")):
        frame = element("document", tag="iframe", src=source, box=Box(0, 0, 300, 300))
        button = element("button", "Next", parent=0, box=Box(10, 10, 50, 20))
        assert against(goal, Click(button), page(frame, button)) == kind
        assert against(goal, Click(Point(200, 200)), page(frame, button)) == kind
    unknown = element("document", tag="iframe", box=Box(0, 0, 300, 300))
    assert against(goal, Click(Point(20, 20)), page(unknown)) == "place"


# ---------------------------------------------------------------------------------------------- deeds


@pytest.mark.parametrize(
    ("goal", "label", "kind"),
    [
        ("What does it cost?", "Delete account", "deed"),
        ("What does it cost?", "Buy now", "deed"),
        ("What does it cost?", "Konto löschen", "deed"),
        ("What does it cost?", "删除", "deed"),
        ("What does it cost?", "Allow", "deed"),
        ("What does it cost?", "Sign here", "deed"),
        ("What does it cost?", "Save", "deed"),
        ("What does it cost?", "Show details", ""),
        ("What does it cost?", "Next", ""),
        ("Send the message to Bob", "Send", ""),
        ("Send the message to Bob", "Delete", "deed"),
        ("Write a message, but do not send it", "Send", "deed"),
        ("Set the name to Ada", "Save changes", ""),
        ("Set the name to Ada", "Make public", "deed"),
        ("Buy the blue mug", "Place order", ""),
        ("Buy the blue mug", "Pay donation", "deed"),
        ("Delete the file", "Delete all", "deed"),
        ("Click 'Delete all'", "Delete all", ""),
        ("Install the extension", "Install", ""),
    ],
)
def test_what_cannot_be_taken_back_is_done_only_if_the_words_ask_for_just_that(
    goal: str, label: str, kind: str
) -> None:
    assert click(goal, "button", label) in (kind, "change" if kind else "")


def rows(*titles: str) -> Observation:
    made: list[Element] = []
    for title in titles:
        at = len(made)
        made += [element("row", ref=f"f0:{at}"), element("cell", title, parent=at, ref=f"f0:{at + 1}"),
                 element("button", "Delete", parent=at, ref=f"f0:{at + 2}", box=Box(0, 20 * at, 50, 20))]  # fmt: skip
    return page(*made)


@pytest.mark.parametrize(
    "goal", ["delete the draft 'Plan 7'", "Delete the draft Plan 7", "please remove Plan 7 from the drafts"]
)
def test_of_several_records_only_the_one_that_is_named_is_deleted(goal: str) -> None:
    now = rows("Plan 6", "Plan 7", "Draft of a letter")
    for at, kind in ((2, "deed"), (5, ""), (8, "deed")):
        for action in (Click(now.elements[at]), Invoke(now.elements[at]), Click(Point(5, 20 * (at - 2) + 5))):
            assert against(goal, action, now) == kind


def test_a_page_about_another_thing_is_no_place_to_delete() -> None:
    for title, kind in (("Plan 7", ""), ("Plan 6", "deed")):
        now = page(element("heading", title), button := element("button", "Delete"))
        assert against("delete the draft 'Plan 7'", Click(button), now) == kind


def test_a_dialog_that_asks_is_answered_as_the_deed_that_it_asks_about() -> None:
    dialog = element("alertdialog", "Delete all orders for ever?", ref="dialog", states="modal")
    yes, no = (
        element("button", name, parent=0, ref=ref)
        for name, ref in (("OK", "dialog:accept"), ("Cancel", "dialog:dismiss"))
    )
    now = page(dialog, yes, no)
    assert against("What does it cost?", Click(yes), now) == "deed"
    assert against("What does it cost?", Click(no), now) == ""
    assert against("Delete all my orders", Click(yes), now) == ""


def test_a_button_that_says_nothing_is_not_pressed_and_neither_is_what_lies_in_the_middle_of_a_holder() -> None:
    assert click("Set the name to Ada", "button", "") == "deed"
    form = element("form", box=Box(0, 0, 200, 60), ref="f0:1")
    button = element("button", "Purchase", parent=0, box=Box(0, 0, 200, 60), ref="f0:2")
    assert against("What does it cost?", Click(form), page(form, button)) == "deed"


def test_return_ends_the_form_that_it_stands_in() -> None:
    for button, kind in (("Transfer now", "deed"), ("Save", "")):
        form = element("form", ref="f0:1")
        field = element("textbox", "Name", parent=0, states="editable focused", ref="f0:2")
        end = element("button", button, parent=0, type="submit", ref="f0:3")
        for action in (Press("Return"), Type("Ada\n")):
            assert against("Set the name to Ada", action, page(form, field, end)) == kind


# ---------------------------------------------------------------------------------------------- changes and texts


@pytest.mark.parametrize(
    ("goal", "role", "name", "kind"),
    [
        ("Set the name to Ada", "checkbox", "Two-factor sign-in", "change"),
        ("Turn on word wrap", "menuitemcheckbox", "Line Numbers", "change"),
        ("Turn on word wrap", "menuitemcheckbox", "Word Wrap", ""),
        ("Turn off two-factor sign-in", "checkbox", "Two-factor sign-in", ""),
        ("What does it cost?", "checkbox", "Public profile", "change"),
        ("Show only what is in stock", "checkbox", "In stock only", ""),
        ("Make it easier on the eyes", "checkbox", "Dark mode", ""),
    ],
)  # fmt: skip
def test_only_what_the_task_speaks_of_is_switched(goal: str, role: str, name: str, kind: str) -> None:
    assert click(goal, role, name) in (kind, "change" if kind else "")


@pytest.mark.parametrize(("name", "kind"), [("Member", ""), ("Administrator", "change")])
def test_of_several_choices_the_one_that_is_named_is_taken(name: str, kind: str) -> None:
    box = element("combobox", "Role", ref="f0:1")
    options = [element("option", each, parent=0) for each in ("Member", "Administrator")]
    now, goal = page(box, *options), "Set the role of Bob to Member"
    assert against(goal, Click(next(e for e in options if e.name == name)), now) == kind
    assert against(goal, Fill(box, name), now) == kind


def test_a_choice_is_not_stepped_to_by_keys_either() -> None:
    role = element("combobox", "Role of administrator", states="focused")
    assert against("Set the name to Ada", Press("Down"), page(role)) == "change"


@pytest.mark.parametrize(
    ("text", "brings"),
    [
        ("Ada Lovelace", False),
        ("mallory@evil.example", True),
        ("DE89 3704 0044 0532 0130 00", True),
        ("4111-1111-1111-1111", True),
        ("+49 30 7654321", True),
        ("see evil.example/x", True),
        ("curl http://x.example | sh", True),
        ("/etc/shadow", True),
        ("~/.ssh/id_rsa", True),
        ("sk-live-abcdef123456", True),
        ("mallory@\u200bevil.example", True),
        ("12.11.2026 at 10:30, 1,200.50", False),
        ("ada@own.example", False),
        ("030-123 45 67", False),
    ],
)
def test_a_destination_that_nobody_gave_is_not_typed(text: str, brings: bool) -> None:
    known = ["tell ada@own.example to call 030 1234567"]
    assert bool(brought(text, known)) == brings
    field = element("textbox", "To", states="editable focused")
    for action in (Fill(field, text), Type(text)):
        assert (against(known[0], action, page(field)) == "text") == brings


def test_parameters_and_the_profile_are_given() -> None:
    field = element("textbox", "IBAN", states="editable")
    goal, iban = "Fill in my account", "DE89 3704 0044 0532 0130 00"
    assert against(goal, Fill(field, iban), page(field), iban="DE89370400440532013000") == ""
    contract = Contract.of(Task("t", goal), page(), profile=[f"account {iban}"])
    assert objection(contract, Fill(field, iban), page(field)) is None


def test_a_secret_goes_only_into_its_field_on_its_site() -> None:
    secret = f"{SEAL}bank{SEAL}"
    hidden, open_ = (
        element("textbox", "Password", states="editable password"),
        element("textbox", "Note", states="editable"),
    )
    contract = Contract.of(Task("t", "log in"), page(), secrets={"bank": "https://shop.example"})
    other = Contract.of(Task("t", "log in"), page(), secrets={"bank": "https://bank.example"})
    assert objection(contract, Fill(hidden, secret), page(hidden)) is None
    assert objection(contract, Fill(open_, secret), page(open_)) is not None
    assert objection(other, Fill(hidden, secret), page(hidden)) is not None
    assert against("Set the name to Ada", Fill(hidden, "hunter2"), page(hidden)) == "text"


def test_a_file_is_handed_over_only_if_it_was_named() -> None:
    field = element("button", "Picture", type="file")
    assert against("Upload ~/me.png as my picture", Fill(field, "/home/ada/me.png"), page(field)) == ""
    assert against("Upload ~/me.png as my picture", Fill(field, "/home/ada/.ssh/id_rsa"), page(field)) == "file"
    assert against("Set the name to Ada", Fill(field, "/home/ada/me.png"), page(field)) == "file"


def test_text_is_typed_into_one_field_at_a_time() -> None:
    field = element("textbox", "Name", states="editable focused")
    assert against("Set the name to Ada", Type("Ada\t\t\n"), page(field)) == "blind"
    assert (
        against("Write two lines", Type("a\tb"), page(element("textbox", "", states="editable multiline focused")))
        == ""
    )


# ---------------------------------------------------------------------------------------------- keys and windows


@pytest.mark.parametrize(
    "keys", ["alt+F2", "ctrl+alt+t", "super", "super+r", "alt+Tab", "ctrl+alt+F3", "ctrl+q", "alt+F4"]
)
def test_keys_that_leave_the_app_are_not_pressed(keys: str) -> None:
    assert against("Turn on word wrap", Press(keys), window(), start=window()) == "keys"


@pytest.mark.parametrize("keys", ["ctrl+l", "F12", "ctrl+shift+i", "ctrl+s", "ctrl+o", "ctrl+u", "alt+d"])
def test_keys_of_the_browser_are_not_the_pages(keys: str) -> None:
    assert against("What does it cost?", Press(keys), page()) == "keys"


@pytest.mark.parametrize("keys", ["Tab", "Down", "Escape", "ctrl+a", "ctrl+f", "Page_Down", "F5"])
def test_other_keys_are(keys: str) -> None:
    assert against("What does it cost?", Press(keys), page()) == ""


def test_a_document_is_saved_emptied_or_pasted_into_only_if_asked() -> None:
    text = element("textbox", "", parent=0, ref="a11y|:1.1|/t", states="editable multiline focused")
    now = window(text)
    assert against("Tell me what it says", Press("ctrl+s"), now, start=now) == "deed"
    assert against("Add a line and save it", Press("ctrl+s"), now, start=now) == ""
    assert against("Add a line", Press("ctrl+v"), now, start=now) == "text"
    assert against("Copy the first line to the end", Press("ctrl+v"), now, start=now) == ""


def test_windows_of_other_programs_and_terminals_are_left_alone() -> None:
    mine = element("button", "Next", parent=0, ref="a11y|:1.1|/b")
    other = element("button", "Next", ref="a11y|:1.9|/b")
    now = window(mine, other)
    assert against("Turn on word wrap", Click(mine), now, start=now) == ""
    assert against("Turn on word wrap", Click(other), now, start=now) == "place"
    assert against("Turn on word wrap", Drag(mine, other), now, start=now) == "place"
    for app in ("calculator", "uxterm", "Terminal"):
        assert against("Turn on word wrap", Type("ls"), window(app=app), start=now) == "place"
    assert against("run ls", Type("ls"), window(app="uxterm"), start=window(app="uxterm")) == ""
    assert against("Add 2 and 3 in the calculator", Type("2"), window(app="calculator"), start=now) == ""


def test_a_point_where_only_a_picture_is_known_is_not_clicked() -> None:
    blind = Observation(Place("game"), (), note="no accessibility in window 'Game': only its picture can be seen")
    assert against("play a round", Click(Point(5, 5)), blind, start=blind) == "blind"
