"""How quick a replay is: three web flows against hand-written Playwright scripts of the same, in the same browser.

Both do the same steps with the same checks after each, in turn, on pages served on this machine; the flow of six steps
also reads a database before and after. Each figure is a median. A replay keeps its record and its pictures meanwhile.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect

from cua.core import Open
from cua.errors import TroubleError, UsageError
from cua.memory.store import Store
from cua.memory.workflows import Expect, Workflow
from cua.probes import RowsChanged
from cua.replaying import There, replay
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.bench.rows import Row
from tests.fixtures.replay.desk import CUSTOMERS, FIELDS, Desk
from tests.fixtures.replay.shown import Line, clicking, filling, opening, shown

TIMES = 9
BAR = 1.5
ORDERS = tuple((f"Customer {n}", f"Item {n}", str(n + 1), f"note {n}") for n in range(11))
LABELS = ("Customer", "Item", "Quantity", "Note")


@dataclass(frozen=True)
class Flow:
    """The same flow twice: as lines to show once, and as a script."""

    name: str
    lines: tuple[Line, ...]
    script: Callable[[Page], None]
    checked: bool = False


def rows(args: list[str]) -> Iterator[Row]:
    """For each flow both medians and their ratio; takes no arguments."""
    if args:
        raise UsageError(f"the bench replay_speed takes no arguments, not {' '.join(args)}")
    with tempfile.TemporaryDirectory(prefix="cua-bench-") as folder, Desk(Path(folder) / "desk") as desk:
        web = Web(brisk=True)
        try:
            with Store(Path(folder) / "record.db") as store:
                for flow in flows(desk):
                    yield from _measured(flow, desk, web, store)
        finally:
            web.close()


def _measured(flow: Flow, desk: Desk, web: Web, store: Store) -> Iterator[Row]:
    desk.reset()
    workflow = shown(flow.name, web, flow.lines)
    if flow.checked:
        workflow = replace(workflow, effects=(added(ORDERS[0]),))
    there = There(web, LocalWorld(web, desk.folder), store)
    taken: tuple[list[float], list[float]] = ([], [])
    for again in range(TIMES + 1):
        ways: tuple[Callable[[], None], ...] = (
            partial(_replayed, workflow, there),
            partial(_scripted, flow, desk, web),
        )
        for into, done in zip(taken, ways, strict=True):
            desk.reset()
            web.act(Open("about:blank"))
            began = time.perf_counter()
            done()
            if again:  # the first of each is not counted
                into.append((time.perf_counter() - began) * 1000)
    ours, theirs = map(statistics.median, taken)
    case = f"{flow.name}, {len(flow.lines)} steps"
    yield Row(case, "script, p50", theirs, "ms", "none", holds=True)
    yield Row(case, "replay, p50", ours, "ms", "none", holds=True)
    yield Row(case, "replay / script", ours / theirs, "times", f"<= {BAR}", ours <= BAR * theirs)


def _replayed(workflow: Workflow, there: There) -> None:
    done = replay(workflow, {}, there)
    wanted = "independent" if workflow.effects else "screen"
    if (done.outcome, done.proof) != ("pass", wanted):
        raise TroubleError(f"the replay of {workflow.name} ended with {done.outcome}, {done.proof}: {done.saying}")


def _scripted(flow: Flow, desk: Desk, web: Web) -> None:
    before = desk.rows("orders")
    flow.script(web._browser.page)
    if flow.checked:
        new = [tuple(str(row[name]) for name in FIELDS) for row in desk.rows("orders") if row not in before]
        if new != [ORDERS[0]]:
            raise TroubleError(f"the script of {flow.name} wrote {new}")


def added(order: tuple[str, ...]) -> RowsChanged:
    """Just this order was added."""
    row = dict(zip(FIELDS, order, strict=True))
    return RowsChanged("sqlite:desk.db", "SELECT * FROM orders", key=("id",), added=(row,))


# ------------------------------------------------------------------------------------------------ the flows


def flows(desk: Desk) -> tuple[Flow, ...]:
    """One order with its row in the database; three customers edited; eleven orders."""
    one = Flow("an order", tuple(_order_lines(desk, 1)), lambda page: _orders(page, desk, 1), checked=True)
    edits = Flow("customers", tuple(_customer_lines(desk)), lambda page: _customers(page, desk))
    many = Flow("many orders", tuple(_many_lines(desk)), lambda page: _many(page, desk))
    return one, edits, many


def _order_lines(desk: Desk, count: int) -> Iterator[Line]:
    yield opening(f"{desk.url}/order", Expect("shows", "heading", "New order"))
    for order in ORDERS[:count]:
        yield from (filling(label, text) for label, text in zip(LABELS, order, strict=True))
        saved = Expect("shows", "status", f"Order for {order[0]} saved")
        yield clicking("button", "Save order", saved, risk="irreversible")


def _orders(page: Page, desk: Desk, count: int) -> None:
    page.goto(f"{desk.url}/order")
    expect(page.get_by_role("heading", name="New order")).to_be_visible()
    for order in ORDERS[:count]:
        for label, text in zip(LABELS, order, strict=True):
            box = page.get_by_label(label, exact=True)
            box.fill(text)
            expect(box).to_have_value(text)
        page.get_by_role("button", name="Save order").click()
        expect(page.get_by_role("status")).to_have_text(f"Order for {order[0]} saved")


def _customer_lines(desk: Desk) -> Iterator[Line]:
    yield opening(f"{desk.url}/customers", Expect("shows", "heading", "Customers"))
    for number, (name, _, _) in enumerate(CUSTOMERS, 1):
        yield clicking("link", "Edit", Expect("shows", "heading", name), row=name)
        yield filling("Phone", f"+44 {number}")
        yield filling("City", f"City {number}")
        yield filling("Tier", "plus", "combobox")
        yield clicking("button", "Save customer", Expect("shows", "status", f"Saved {number}"), risk="irreversible")
    yield clicking("link", "Orders", Expect("shows", "heading", "Orders"))
    yield clicking("link", "Customers", Expect("shows", "heading", "Customers"))


def _customers(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/customers")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    for number, (name, _, _) in enumerate(CUSTOMERS, 1):
        page.get_by_role("row", name=name).get_by_role("link", name="Edit").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        for label, text in (("Phone", f"+44 {number}"), ("City", f"City {number}")):
            page.get_by_label(label, exact=True).fill(text)
            expect(page.get_by_label(label, exact=True)).to_have_value(text)
        page.locator("[name=tier]").select_option("plus")
        expect(page.locator("[name=tier]")).to_have_value("plus")
        page.get_by_role("button", name="Save customer").click()
        expect(page.get_by_role("status")).to_have_text(f"Saved {number}")
    for link in ("Orders", "Customers"):
        page.get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", name=link)).to_be_visible()


def _many_lines(desk: Desk) -> Iterator[Line]:
    yield from _order_lines(desk, len(ORDERS))
    for link in ("Orders", "Customers", "Orders", "New order"):
        yield clicking("link", link, Expect("shows", "heading", link))


def _many(page: Page, desk: Desk) -> None:
    _orders(page, desk, len(ORDERS))
    for link in ("Orders", "Customers", "Orders", "New order"):
        page.get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", name=link)).to_be_visible()
