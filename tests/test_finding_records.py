"""Which record an element is of: rows that say the same, keys that only count, figures that a flow changes, and fields
that no label names. What cannot be told is never acted on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cua.core import Element, Locator, Observation
from cua.memory.workflows import Act, Mark, Workflow
from cua.policies.figures import FIGURE, loosened
from cua.policies.finding import Found, Lost, find, mark_of
from cua.policies.healing import healed
from cua.policies.lasting import lasting, numbers_a_record
from cua.policies.trail import Trod
from drivers.web import Web
from tests.browsers import looks
from tests.looks import look as seen
from tests.test_finding import found, lost, the

Look = Callable[[str], Observation]
Page = Callable[[list[str]], str]


@pytest.fixture
def look(web: Web, tmp_path: Path) -> Look:
    return looks(web, tmp_path)


def key_of(element: Element) -> str:
    return next(at.value for at in element.locators if at.kind == "testid")


# ------------------------------------------------------------------------------------------------ rows alike

SHAPES = {
    "table": ("table", "<tr><td>Jon Frey</td><td>Suite</td><td>{}</td></tr>"),
    "list": ("ul", "<li><h3>Jon Frey</h3><p>Suite</p>{}</li>"),
    "bare list": ("ol", "<li>Jon Frey, Suite {}</li>"),
    "cards": ("div", "<div class=card><span>Jon Frey</span><span>Suite</span><div>{}</div></div>"),
    "sections": ("main", "<section><p>Jon Frey</p><p>Suite</p>{}</section>"),
    "articles": ("main", "<article><h2>Jon Frey</h2>{}</article>"),
    "definitions": ("dl", "<dt>Jon Frey</dt><dd>Suite {}</dd>"),
    "nothing": ("div", "<p>{}</p>"),
}


def rows(shape: str, keys: list[str], attribute: str = "data-testid") -> str:
    tag, row = SHAPES[shape]
    made = "".join(row.format(f'<button {attribute}="{key}">Delete</button>') for key in keys)
    return f"<h1>Bookings</h1><{tag}>{made}</{tag}><p>End</p>"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("keys", ["del-1 del-2 del-3", "row-0-delete row-1-delete", "a b", "first-del last-del"])
def test_a_key_that_counts_places_tells_no_row_from_one_that_says_the_same(look: Look, shape: str, keys: str) -> None:
    had = keys.split()
    was = look(rows(shape, had))
    for nth in range(len(had)):
        mark = mark_of(the(was, "button", "Delete", nth), was)
        for left in (had, had[:-1], had[:1]):
            assert isinstance(find(mark, look(rows(shape, left))), Lost)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_key_of_a_record_stays_with_it_among_rows_that_say_the_same(look: Look, shape: str) -> None:
    had = ["del-8841", "del-7102", "del-9930"]
    was = look(rows(shape, had))
    mark = mark_of(the(was, "button", "Delete", 1), was)
    for left in (had, had[1:], had[:2], ["del-9930", "del-7102"], ["del-7102"]):
        assert key_of(found(mark, look(rows(shape, left)))) == "del-7102"
    for left in (["del-8841", "del-9930"], ["del-8841"], ["del-9930"]):
        assert isinstance(find(mark, look(rows(shape, left))), Lost)


def test_a_row_that_was_told_alone_has_a_double_now(look: Look) -> None:
    row = "<tr><td>{}</td><td><button data-testid=del-{}>Delete</button></td></tr>"
    was = look(f"<table>{row.format('Ada', 1)}{row.format('Jon', 2)}</table>")
    mark = mark_of(the(was, "button", "Delete", 1), was)
    now = look(f"<table>{row.format('Jon', 1)}{row.format('Jon', 2)}{row.format('Ada', 3)}</table>")
    assert lost(mark, now).kind == "ambiguous"


@pytest.mark.parametrize("left", [["Jon", "Jon", "Jon"], ["Jon", "Jon"], ["Jon", "Mia"], ["Jon"]])
def test_the_number_of_a_row_tells_it_from_no_other(look: Look, left: list[str]) -> None:
    def numbered(names: list[str]) -> str:
        row = "<tr><td>{}</td><td>{}</td><td><button>Delete</button></td></tr>"
        return f"<table>{''.join(row.format(n, name) for n, name in enumerate(names, 1))}</table>"

    was = look(numbered(["Jon", "Jon", "Mia"]))
    assert isinstance(find(mark_of(the(was, "button", "Delete", 1), was), look(numbered(left))), Lost)


def test_a_small_number_in_a_key_does_not_vouch_for_the_record_beside_it(look: Look) -> None:
    card = (
        "<h1>People</h1><div><span>{}</span><span>Admin</span><div><button data-testid=edit-1>Edit</button></div></div>"
    )
    was = look(card.format("Alice Smith"))
    mark = mark_of(the(was, "button", "Edit"), was)
    assert found(mark, was).name == "Edit"
    lost(mark, look(card.format("Bob Jones")))


def test_fields_of_equal_rows_keep_their_places_while_none_is_gone(look: Look) -> None:
    line = "<tr><td>Line</td><td><label>Quantity <input data-testid=q-{}></label></td></tr>"
    was = look(f"<table>{line.format(1)}{line.format(2)}</table>")
    mark = mark_of(the(was, "textbox", "Quantity", 1), was)
    assert key_of(found(mark, was)) == "q-2"
    assert isinstance(find(mark, look(f"<table>{line.format(1)}</table>")), Lost)


@pytest.mark.parametrize(
    ("own", "peers", "stays"),
    [
        ("del-2", ["del-1", "del-2", "del-3"], False),
        ("del-7", ["del-9", "del-7"], False),
        ("x-1000", ["x-1000", "x-1001", "x-1002"], True),
        ("d-8841", ["d-8841", "d-7102"], True),
        ("r3c2001", ["r1c2001", "r2c2001", "r3c2001"], False),
        ("save-billing", ["save-billing", "save-shipping"], True),
        ("save-second", ["save-first", "save-second"], False),
        ("saveTop", ["saveTop", "saveBottom"], False),
        ("del-b", ["del-a", "del-b"], False),
        ("3f2504e0-4f89-11d3", ["3f2504e0-4f89-11d3", "7d444840-9dc0-11d1"], True),
    ],
)
def test_what_may_be_a_place_is_taken_for_one(own: str, peers: list[str], stays: bool) -> None:
    assert lasting(own, peers, moved=True) is stays


def test_a_run_of_numbers_is_doubted_when_rows_are_gone_and_the_place_is_the_same() -> None:
    assert not lasting("x-1000", ["x-1000", "x-1001"], moved=False)
    assert numbers_a_record("edit-8841")
    assert not numbers_a_record("edit-12")


# ------------------------------------------------------------------------------------------------ figures of a flow

HOOK, BRASS, NAIL = ("Hook, steel", 413), ("Hook, brass", 20), ("Nail M8", 7)


def listed(*stock: tuple[str, int]) -> str:
    return f"<ul>{''.join(f'<li>{name} {count} pcs free <button>Take</button></li>' for name, count in stock)}</ul>"


def spans(*stock: tuple[str, int]) -> str:
    row = "<li><b>{}</b> <span>{} pcs free</span> <button>Take</button></li>"
    return f"<ul>{''.join(row.format(*each) for each in stock)}</ul>"


def cards(*stock: tuple[str, int]) -> str:
    row = "<div class=card><p>{} {} pcs free</p><button>Take</button></div>"
    return f"<main>{''.join(row.format(*each) for each in stock)}</main>"


def chosen(*stock: tuple[str, int]) -> str:
    return f"<ul>{''.join(f'<li tabindex=0>{name} {count} pcs free</li>' for name, count in stock)}</ul>"


PAGES = [(listed, "button"), (spans, "button"), (cards, "button"), (chosen, "listitem")]


def targets(now: Observation, role: str) -> list[Element]:
    return [element for element in now.elements if element.role == role]


@pytest.mark.parametrize(("page", "role"), PAGES)
def test_a_figure_that_the_flow_changes_is_no_part_of_the_row(look: Look, page: Callable[..., str], role: str) -> None:
    was = look(page(HOOK, BRASS, NAIL))
    strict = mark_of(targets(was, role)[0], was)
    mark = loosened(strict, was, [look(page(("Hook, steel", 412), BRASS, NAIL))])
    assert any(FIGURE in text for text in (mark.name, *mark.row))
    now = look(page(BRASS, NAIL, ("Hook, steel", 390)))
    assert isinstance(find(strict, now), Lost)
    assert found(mark, now).ref == targets(now, role)[2].ref
    for other in ("Hook, copper", "Hook, steel large", "Big hook, steel"):
        assert isinstance(find(mark, look(page((other, 412), BRASS, NAIL))), Lost)
    assert isinstance(find(mark, look(page(HOOK, ("Hook, steel", 20), NAIL))), Lost)


@pytest.mark.parametrize(("page", "role"), PAGES)
def test_a_figure_that_nothing_changed_or_that_tells_the_row_is_kept(
    look: Look, page: Callable[..., str], role: str
) -> None:
    was = look(page(HOOK, BRASS, NAIL))
    mark = mark_of(targets(was, role)[0], was)
    assert loosened(mark, was, [was]) == mark
    was = look(page(("Room", 101), ("Room", 102)))
    mark = mark_of(targets(was, role)[0], was)
    assert loosened(mark, was, [look(page(("Room", 102)))]) == mark
    was = look(page(("Order", 10017), BRASS))
    mark = mark_of(targets(was, role)[0], was)
    assert loosened(mark, was, [look(page(("Order", 10018), BRASS))]) == mark


def test_healing_keeps_the_figure_left_out() -> None:
    old = Mark("button", "Take", (Locator("css", "#old"),), row=(f"Hook, steel {FIGURE} pcs free",))
    new = replace(old, locators=(Locator("id", "take"),), row=("Hook, steel 390 pcs free",))
    flow = Workflow("w", on="web", start="", steps=(Act("1", "click", old),))
    fresh = healed(flow, [Trod(step="1", say="Take", by="likeness", stage="done", fresh=new)], {})
    assert fresh is not None
    act = fresh.steps[0]
    assert isinstance(act, Act)
    assert act.target is not None
    assert (act.target.row, act.target.locators) == (old.row, new.locators)


# ------------------------------------------------------------------------------------------------ fields without labels


def lines(names: list[str]) -> str:
    return f"<form>{''.join(f'{name}: <input><br>' for name in names)}<button>Go</button></form>"


def cells(names: list[str]) -> str:
    return f"<form><table>{''.join(f'<tr><td>{n}</td><td><input></td></tr>' for n in names)}</table></form>"


def terms(names: list[str]) -> str:
    return f"<form><dl>{''.join(f'<dt>{name}</dt><dd><input></dd>' for name in names)}</dl></form>"


def above(names: list[str]) -> str:
    return f"<form>{''.join(f'<div><div>{name}</div><div><input></div></div>' for name in names)}</form>"


def labelled(names: list[str]) -> str:
    return f"<form>{''.join(f'<p><label>{name} <input></label></p>' for name in names)}</form>"


@pytest.mark.parametrize("page", [lines, cells, terms, above])
def test_a_field_without_a_label_is_the_one_beside_its_text(look: Look, page: Page) -> None:
    names = ["Width", "Height", "Depth"]
    was = look(page(names))
    mark = mark_of(targets(was, "textbox")[1], was)
    assert (mark.name, mark.says["beside"]) == ("", "Height")
    for other in (page, labelled):
        for order in (names, ["Height", "Depth", "Width"], ["Colour", *names], ["Height"]):
            now = look(other(order))
            assert found(mark, now).ref == targets(now, "textbox")[order.index("Height")].ref
        for order in (["Width", "Depth"], ["Width"], ["Colour", "Weight"], ["Colour"]):
            assert isinstance(find(mark, look(other(order))), Lost)


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("Name:<br><input><br>Mail *<br><input>", ["Name", "Mail"]),
        ("Price from <input> to <input>", ["Price from", "to"]),
        ("<input type=checkbox> Remember me<br><input type=checkbox> Send mail", ["Remember me", "Send mail"]),
        ("<table><tr><th>Item</th><th>Price</th></tr><tr><td>Hook</td><td><input></td></tr></table>", ["Price"]),
        ("<span>Size</span> <select><option>S</option></select> Colour <select></select>", ["Size", "Colour"]),
        ("<label for=q>Query</label> <input id=q> <input>", ["", ""]),
        ("<h1>Title</h1><form><input> <button>Go</button></form>", [""]),
        ("<input placeholder=Name> <input aria-label=Mail>", ["", ""]),
    ],
)
def test_the_text_beside_a_field_is_told_only_where_it_has_no_name(look: Look, page: str, texts: list[str]) -> None:
    now = look(page)
    fields = [e for e in now.elements if e.role in ("textbox", "combobox", "checkbox")]
    assert [next((at.value for at in e.locators if at.kind == "beside"), "") for e in fields] == texts
    assert not any(e.name in texts for e in fields if e.name)


# ------------------------------------------------------------------------------------------------ files of other tools


@pytest.mark.parametrize("role", ["link", "menuitem", "tab"])
def test_what_a_file_calls_a_button_is_no_link_of_that_name(role: str) -> None:
    wanted = Mark("button", "Sign in", (Locator("role", "button:Sign in"),))
    assert isinstance(find(wanted, seen("Account", (role, "Sign in"))), Lost)
    assert isinstance(find(wanted, seen("Account", (role, "Sign in"), ("button", "Sign in"))), Found)


@pytest.mark.parametrize("form", [False, True], ids=["bare buttons", "in forms"])
@pytest.mark.parametrize(("row", "same"), [(("5", "Cy", "Graz"), False), (("3", "Cy", "Riga"), True)])
def test_a_record_of_the_same_name_is_not_the_record(look: Look, row: tuple[str, ...], form: bool, same: bool) -> None:
    def page(*rows: tuple[str, ...]) -> str:
        acts = "".join(
            f"<form><button>{name}</button></form>" if form else f"<button>{name}</button>"
            for name in ("Make VIP", "Delete")
        )
        cells = ("".join(f"<td>{text}</td>" for text in each) for each in rows)
        return f"<h1>Customers</h1><table>{''.join(f'<tr>{each}<td>{acts}</td></tr>' for each in cells)}</table>"

    others = ("1", "Ann", "Oslo"), ("2", "Bo", "Bern"), ("4", "Di", "Prag")
    was = look(page(*others[:2], ("3", "Cy", "Paris"), others[2]))
    mark = mark_of(the(was, "button", "Delete", 2), was)
    now = look(page(*others, row))
    said = find(mark, now)
    assert isinstance(said, Found) == same, said
