"""A target is found again on a changed page, and where it is gone or has a double nothing is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cua.core import Element, Locator, Observation
from cua.errors import UsageError
from cua.memory.workflows import Mark, Risk
from cua.policies.finding import Found, Lost, filled_mark, find, mark_of
from cua.policies.rowing import row_differs
from cua.policies.wording import alike, worse
from drivers.web import Web
from tests.browsers import looks
from tests.test_screen import look as screen

Look = Callable[[str], Observation]


@pytest.fixture
def look(web: Web, tmp_path: Path) -> Look:
    return looks(web, tmp_path)


def the(now: Observation, role: str, name: str, nth: int = 0) -> Element:
    return [e for e in now.elements if (e.role, e.name) == (role, name)][nth]


def found(mark: Mark, now: Observation) -> Element:
    said = find(mark, now)
    assert isinstance(said, Found), said
    return said.element


def lost(mark: Mark, now: Observation) -> Lost:
    said = find(mark, now)
    assert isinstance(said, Lost), said
    return said


def table(names: str) -> str:
    acts = "<td><button>Edit</button><button>Delete</button></td>"
    row = "<tr><td>{0}</td><td>{0}@example.org</td><td>Admin</td>" + acts + "</tr>"
    return f"<h1>People</h1><table>{''.join(row.format(name) for name in names.split())}</table>"


def boxes(names: str) -> str:
    row = "<div><span>{0}</span><span>Admin</span><div><button>Edit</button><button>Delete</button></div></div>"
    return f"<h1>People</h1><div>{''.join(row.format(name) for name in names.split())}</div>"


def cards(names: str) -> str:
    row = "<li><h3>{0}</h3><p>Admin</p><button>Edit</button></li>"
    return f"<ul>{''.join(row.format(name) for name in names.split())}</ul>"


# ------------------------------------------------------------------------------------------------ the row


@pytest.mark.parametrize("page", [table, boxes, cards])
@pytest.mark.parametrize("names", ["Alice Bob Carol", "Carol Bob Alice", "Zoe Alice Bob Carol", "Carol Alice", "Alice"])
def test_the_row_is_found_wherever_it_went(look: Look, page: Callable[[str], str], names: str) -> None:
    was = look(page("Alice Bob Carol"))
    mark = mark_of(the(was, "button", "Edit"), was)
    now = look(page(names))
    assert found(mark, now).ref == the(now, "button", "Edit", names.split().index("Alice")).ref


@pytest.mark.parametrize("page", [table, boxes, cards])
@pytest.mark.parametrize("names", ["Bob Carol", "Bob", "Alicia Bob", "Alice-Ann Bob Carol"])
def test_a_row_that_is_gone_is_never_another_row(look: Look, page: Callable[[str], str], names: str) -> None:
    was = look(page("Alice Bob Carol"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert lost(mark, look(page(names))).kind in ("changed", "missing")


@pytest.mark.parametrize("page", [table, boxes, cards])
def test_two_rows_that_cannot_be_told_apart_are_ambiguous(look: Look, page: Callable[[str], str]) -> None:
    was = look(page("Alice Bob"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert lost(mark, look(page("Alice Alice Bob"))).kind == "ambiguous"


def bookings(*rows: str, acts: str = "<td><button>Delete</button></td>") -> str:
    made = ("".join(f"<td>{text}</td>" for text in row.split("|")) + acts for row in rows)
    return f"<h1>Bookings</h1><table>{''.join(f'<tr>{row}</tr>' for row in made)}</table><p>End</p>"


ADA, JON, MIA = "Ada Low|101|2026-11-01", "Jon Frey|102|2026-12-02", "Mia Orr|103|2026-12-09"


@pytest.mark.parametrize("risk", ["reversible", "irreversible"])
@pytest.mark.parametrize("acts", ["<td><button>Delete</button></td>", "<td><a>Edit</a><button>Delete</button></td>"])
@pytest.mark.parametrize("others", [(ADA, MIA), ()])
def test_another_row_of_the_same_name_is_not_the_row(
    look: Look, risk: Risk, acts: str, others: tuple[str, ...]
) -> None:
    was = look(bookings(JON, *others, acts=acts))
    mark = mark_of(the(was, "button", "Delete"), was)
    now = look(bookings(*others, "Jon Frey|Suite|2027-05-05|vip", acts=acts))
    assert isinstance(find(mark, now, risk=risk), Lost)
    assert row_differs([mark], now).startswith("; the row says 'Suite', ")
    assert isinstance(find(mark, look(bookings(*others, "Jon Frey|105|2026-12-02", acts=acts)), risk=risk), Found)
    given = filled_mark(replace(mark, row=("${guest}", *mark.row[1:])), {"guest": "Jon Frey"})
    assert isinstance(find(given, now, risk=risk), Found)


@pytest.mark.parametrize("rows", [(ADA, JON, MIA, JON), (ADA, JON, JON), (JON, ADA, JON)])
def test_a_second_row_that_says_the_same_is_ambiguous(look: Look, rows: tuple[str, ...]) -> None:
    was = look(bookings(ADA, JON, MIA))
    mark = mark_of(the(was, "button", "Delete", 1), was)
    assert lost(mark, look(bookings(*rows))).kind == "ambiguous"
    given = filled_mark(replace(mark, row=("${guest}", *mark.row[1:])), {"guest": "Jon Frey"})
    assert lost(given, look(bookings(*rows))).kind == "ambiguous"


@pytest.mark.parametrize("page", [table, cards])
def test_the_only_row_is_not_the_row_that_took_its_place(look: Look, page: Callable[[str], str]) -> None:
    was = look(page("Alice"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert isinstance(find(mark, look(page("Bob"))), Lost)


def test_a_parameter_in_the_row_leads_to_the_row_of_its_value(look: Look) -> None:
    was = look(table("Alice Bob Carol"))
    mark = mark_of(the(was, "button", "Edit"), was)
    slotted = replace(mark, row=("${name}", *mark.row[1:]))
    now = look(table("Carol Zoe Bob"))
    assert found(filled_mark(slotted, {"name": "Bob"}), now).ref == the(now, "button", "Edit", 2).ref
    assert isinstance(find(filled_mark(slotted, {"name": "Alice"}), now), Lost)


def test_the_row_that_lost_its_button_has_none(look: Look) -> None:
    was = look(boxes("Alice Bob Carol"))
    mark = mark_of(the(was, "button", "Edit"), was)
    page = boxes("Alice Bob Carol").replace("<button>Edit</button>", "", 1)
    assert isinstance(find(mark, look(page)), Lost)


# ------------------------------------------------------------------------------------------------ what is gone

BAR = '<form id=f><button id=open>Open</button><button id=save class="b p">Save</button><button>Save as</button></form>'


@pytest.mark.parametrize(
    "page",
    [
        "<form id=f><button id=open>Open</button><button>Save as</button></form>",
        '<form id=f><button id=open>Open</button><button id=save class="b p">Save as</button></form>',
        '<form id=f><button id=open>Open</button><button id=save class="b p">Delete all</button></form>',
        "<p>Nothing here</p>",
        BAR.replace("</form>", '<button id=save class="b p">Save</button></form>'),
    ],
)
def test_what_is_gone_or_has_a_double_is_lost(look: Look, page: str) -> None:
    was = look(BAR)
    assert isinstance(find(mark_of(the(was, "button", "Save"), was), look(page)), Lost)


@pytest.mark.parametrize(
    "page",
    [
        BAR,
        BAR.replace("id=save", "id=btn77"),
        BAR.replace('"b p"', '"css-1x2y btn-primary"'),
        BAR.replace(">Save<", ">Save changes<"),
        BAR.replace('<button id=save class="b p">Save</button>', '<a href="#" id=save role=button>Save</a>'),
        BAR.replace("<button id=save", "<button>New</button><button id=save"),
        f"<main><section><div>{BAR}</div></section></main>",
        f"<h1>Title</h1><nav><a href=/>Home</a></nav>{BAR}",
    ],
)
def test_what_only_changed_is_found(look: Look, page: str) -> None:
    was = look(BAR)
    mark = mark_of(the(was, "button", "Save"), was)
    assert found(mark, look(page)).name.startswith("Save")


def test_ids_that_changed_places_do_not_lead_astray(look: Look) -> None:
    was = look("<button id=one>Save</button><button id=two>Delete</button>")
    mark = mark_of(the(was, "button", "Save"), was)
    said = find(mark, look("<button id=two>Save</button><button id=one>Delete</button>"))
    assert isinstance(said, Lost) or said.element.name == "Save"


def test_of_two_forms_with_the_same_field_it_is_the_one_under_its_heading(look: Look) -> None:
    form = "<section><h2>{0}</h2><label>Street <input></label><button>Save</button></section>"
    was = look(form.format("Billing") + form.format("Shipping"))
    mark = mark_of(the(was, "button", "Save", 1), was)
    now = look(form.format("Shipping") + form.format("Billing"))
    assert found(mark, now).ref == the(now, "button", "Save", 0).ref
    assert isinstance(find(mark, look(form.format("Billing"))), Lost)


# ------------------------------------------------------------------------------------------------ a record alone


def card(name: str, role: str = "Admin", head: str = "People", extra: str = "") -> str:
    who = f"<span>{name}</span><span>{role}</span>{extra}"
    return f"<h1>{head}</h1><p>All who work here are listed.</p><div>{who}<div><button>Edit</button></div></div>"


def profile(name: str) -> str:
    return f"<main><h2>Profile</h2><p>{name}</p><button>Edit</button><button>Delete</button></main>"


def icons(name: str) -> str:
    return f'<div><div><b>{name}</b></div><div><button class="pen"><svg></svg></button></div></div>'


def links(name: str) -> str:
    return f"<section><p>{name}, Berlin</p><p>Since 2019</p><a href='#'>View</a></section>"


@pytest.mark.parametrize("page", [card, profile, links, icons])
def test_an_act_beside_one_record_is_not_done_to_another(look: Look, page: Callable[[str], str]) -> None:
    was = look(page("Alice Smith"))
    element = next(e for e in was.elements if e.role in ("button", "link"))
    mark = mark_of(element, was)
    assert found(mark, was).ref == element.ref
    again = look("<p>Maintenance tonight</p>" + page("Alice Smith"))
    assert found(mark, again).role == element.role
    lost(mark, look(page("Bob Jones")))
    lost(mark, look(f"<main><section>{page('Bob Jones')}</section></main>"))


def test_of_records_that_became_several_it_is_that_one(look: Look) -> None:
    was = look(boxes("Alice"))
    mark = mark_of(the(was, "button", "Edit"), was)
    now = look(boxes("Bob Alice Carol"))
    assert found(mark, now).ref == the(now, "button", "Edit", 1).ref
    lost(mark, look(boxes("Bob Carol")))


def test_a_record_made_anew_is_known_by_its_name(look: Look) -> None:
    was = look(table("Alice"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert found(mark, look(card("Alice", extra="<span>Alice@example.org</span>"))).name == "Edit"
    lost(mark, look(card("Bob", extra="<span>Bob@example.org</span>")))


def test_a_parameter_says_beside_which_record_it_must_stand(look: Look) -> None:
    was = look(card("Alice"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert "Alice" in mark.row
    slotted = replace(mark, row=tuple("${name}" if text == "Alice" else text for text in mark.row))
    assert found(filled_mark(slotted, {"name": "Bob"}), look(card("Bob"))).name == "Edit"
    lost(filled_mark(slotted, {"name": "Bob"}), look(card("Alice")))


def test_names_near_a_target_without_a_row_must_not_all_be_gone(look: Look) -> None:
    was = look(card("Alice Smith"))
    mark = replace(mark_of(the(was, "button", "Edit"), was), row=(), near=("Alice Smith", "Admin"))
    assert found(mark, was).name == "Edit"
    lost(mark, look(card("Bob Jones", "Guest")))


def test_static_labels_and_numbers_beside_a_command_may_change(look: Look) -> None:
    page = "<section><h2>Account</h2><p>Balance</p><p>{0} €</p><button>Show</button></section>"
    was = look(page.format("120.50"))
    mark = mark_of(the(was, "button", "Show"), was)
    assert found(mark, look(page.format("99.10"))).name == "Show"


# ------------------------------------------------------------------------------------------------ by risk and name


@pytest.mark.parametrize(
    "other",
    ["Cancel order", "Delete", "Pay now", "Sign out", "Discard", "Save and send", "Abbrechen", "Удалить", "取消"],
)
@pytest.mark.parametrize("risk", ["read", "reversible", "irreversible"])
@pytest.mark.parametrize("at", ["", "id=save", "data-testid=save"])
def test_a_name_that_does_harm_is_never_the_renamed_target(look: Look, other: str, risk: Risk, at: str) -> None:
    page = "<h1>Order</h1><form><label>Note <input></label><button {1} class=go>{0}</button></form>"
    was = look(page.format("Save", at))
    mark = mark_of(the(was, "button", "Save"), was)
    assert isinstance(find(mark, look(page.format(other, at)), risk=risk), Lost)


@pytest.mark.parametrize(
    ("name", "at", "there"),
    [
        ("Save", "", True),
        ("Save", "id=save", True),
        ("Save changes", "id=save", True),
        ("Save changes", "", False),
        ("Store", "", False),
        ("Go on", "id=save", False),
        ("", "id=save", False),
    ],
)
def test_what_cannot_be_taken_back_needs_its_own_name(look: Look, name: str, at: str, there: bool) -> None:
    page = "<h1>Order</h1><form><label>Note <input></label><button {1} class=go>{0}</button></form>"
    was = look(page.format("Save", at))
    mark = mark_of(the(was, "button", "Save"), was)
    said = find(mark, look(page.format(name, at)), risk="irreversible")
    assert isinstance(said, Found) is there, said


# ------------------------------------------------------------------------------------------------ only locators


SHOP = """<h1>Shop</h1><label for=c>Customer</label><input id=c placeholder="Name or number">
<label><input type=checkbox id=gift>Gift wrap</label><button data-testid=go class="btn primary">Go on</button>
<button id=dump>Delete all</button><a href="/help">Help</a><button>More</button><button>More</button>"""


@pytest.mark.parametrize(
    ("role", "name", "kind", "value", "means"),
    [
        ("textbox", "", "id", "c", "Customer"),
        ("generic", "", "id", "c", "Customer"),
        ("checkbox", "", "id", "gift", "Gift wrap"),
        ("generic", "", "testid", "go", "Go on"),
        ("textbox", "Customer", "label", "Customer", "Customer"),
        ("generic", "Gift wrap", "label", "Gift wrap", "Gift wrap"),
        ("textbox", "Name or number", "placeholder", "Name or number", "Customer"),
        ("button", "Go on", "role", "button:Go on", "Go on"),
        ("button", "", "css", "button.primary", "Go on"),
        ("generic", "Help", "text", "Help", "Help"),
        ("button", "More", "role", "button:More", None),
        ("button", "Go", "role", "button:Pay", None),
        ("checkbox", "", "id", "c", None),
        ("button", "Save", "id", "dump", None),
        ("button", "", "xpath", "//button[2]", None),
        ("button", "", "css", "form > button:first-child", None),
        ("button", "", "id", "gone", None),
    ],
)
def test_a_locator_alone_must_hit_one_thing(
    look: Look, role: str, name: str, kind: str, value: str, means: str | None
) -> None:
    now, mark = look(SHOP), Mark(role, name, (Locator(kind, value),))
    said = find(mark, now, risk="irreversible")
    assert isinstance(find(mark, now), Found) is isinstance(said, Found)
    assert (said.element.name if isinstance(said, Found) else None) == means, said


def test_locators_that_mean_different_things_mean_nothing(look: Look) -> None:
    mark = Mark("button", "Go on", (Locator("id", "dump"), Locator("role", "button:Go on")))
    lost(mark, look(SHOP))


# ------------------------------------------------------------------------------------------------ on a desktop

WINDOW = """
window Board
  button Open
  button Save
  checkbox Grid [checkable]
dialog Options
  button Save
"""


def test_a_control_of_one_window_is_not_that_of_another() -> None:
    was = screen(WINDOW)
    mark = mark_of(the(was, "button", "Save", 0), was)
    assert mark.window == "main"
    assert found(mark, was).ref == the(was, "button", "Save", 0).ref
    assert isinstance(find(mark, screen(WINDOW.replace("  button Save\n  checkbox", "  checkbox"))), Lost)


# ------------------------------------------------------------------------------------------------ the rest


def test_what_found_it_and_its_rank_are_told(look: Look) -> None:
    was = look(BAR)
    mark = mark_of(the(was, "button", "Save"), was)
    assert [each.kind for each in mark.locators][:2] == ["id", "role"]
    said = find(mark, was)
    assert isinstance(said, Found)
    assert (said.by, said.rank) == ("id", 0)
    assert said.score == pytest.approx(1.0)
    said = find(mark, look(BAR.replace("id=save", "id=btn77")))
    assert isinstance(said, Found)
    assert (said.by, said.rank) == ("role", 1)


def test_evidence_is_no_locator(look: Look) -> None:
    was = look('<a href="/about" class="btn css-9x8y7" name=go>About</a>')
    mark = mark_of(the(was, "link", "About"), was)
    assert not {"tag", "class", "xpath", "at"} & {each.kind for each in mark.locators}
    assert (mark.says["tag"], mark.says["class"]) == ("a", "btn")
    assert Locator("href", "/about") in mark.locators


def test_a_mark_needs_an_element_of_its_own_look(look: Look) -> None:
    was = look(BAR)
    with pytest.raises(UsageError, match="not an element of this observation"):
        mark_of(replace(was.elements[0], ref="other"), was)


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(UsageError, match="name"):
        filled_mark(Mark("button", "Open ${name}"), {})


@pytest.mark.parametrize(
    ("one", "other"),
    [("save", "delete"), ("reply", "reply all"), ("enable sync", "disable sync"), ("open", "open all")],
)
def test_a_label_that_does_harm_or_the_opposite_is_worse(one: str, other: str) -> None:
    assert worse(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("delete", "remove"), ("log in", "sign in"), ("search", "find"), ("x", "save")]
)
def test_another_wording_is_no_worse(one: str, other: str) -> None:
    assert not worse(one, other)


def test_other_numbers_are_other_things() -> None:
    assert alike("order 1001", "order 1002") < 0.5 < alike("inbox (3)", "inbox (5)")


def test_a_large_page_is_searched_in_a_share_of_the_time_that_the_look_took(look: Look, web: Web) -> None:
    names = " ".join(f"Person{number}" for number in range(60))
    now = look(table(names))
    mark = mark_of(the(now, "button", "Edit", 30), now)
    began = time.perf_counter()
    again = web.observe(frame=False)
    looking = time.perf_counter() - began
    began = time.perf_counter()
    assert found(mark, again).ref == the(now, "button", "Edit", 30).ref
    assert time.perf_counter() - began < looking
    began = time.perf_counter()
    mark_of(the(again, "button", "Edit", 31), again)
    assert time.perf_counter() - began < looking
