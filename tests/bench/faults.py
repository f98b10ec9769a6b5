"""What a replay says when the application goes wrong behind the screen: eight transactional faults and two controls.

Each is done ten times on a small order desk whose database tells the truth. Silent wrong: the replay says "pass" and
the database is not as it must be. False alarm: a control is right and the replay does not say "pass". Beside it stands
the same workflow without its effect, which trusts the screen.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from cua.core import Open
from cua.errors import UsageError
from cua.memory.store import Store
from cua.memory.workflows import Act, Expect, Workflow
from cua.probes import RowsChanged
from cua.replaying import There, replay
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.bench.rows import Row
from tests.fixtures.replay.desk import FIELDS, Desk, Fault
from tests.fixtures.replay.shown import Line, clicking, filling, opening, shown

RUNS = 10
CONTROLS: tuple[Fault, ...] = ("", "idempotent")
_SQL = "SELECT id, customer, item, quantity, note FROM orders"


@dataclass(frozen=True)
class Told:
    """What a replay said, and whether the database is right."""

    outcome: str
    right: bool


def rows(args: list[str]) -> Iterator[Row]:
    """Counts for each fault and control; takes no arguments."""
    if args:
        raise UsageError(f"the bench faults takes no arguments, not {' '.join(args)}")
    silent = alarms = 0
    with tempfile.TemporaryDirectory(prefix="cua-bench-") as folder, Desk(Path(folder) / "desk") as desk:
        web = Web(brisk=True)
        try:
            with Store(Path(folder) / "record.db") as store:
                bench = _Bench(desk, web, store)
                for fault in get_args(Fault):
                    told = [bench.once(fault, number) for number in range(RUNS)]
                    plain = [bench.once(fault, number, effects=False) for number in range(RUNS)]
                    yield from _counted(fault, told, plain)
                    silent += _silent(told)
                    alarms += sum(each.outcome != "pass" for each in told) if fault in CONTROLS else 0
        finally:
            web.close()
    yield Row("all faults and controls", "silent wrong", silent, "runs", "0", silent == 0)
    yield Row("controls", "false alarms", alarms, "runs", "0", alarms == 0)


def _counted(fault: Fault, told: list[Told], plain: list[Told]) -> Iterator[Row]:
    case = {"": "control: nothing goes wrong", "idempotent": "control: idempotent"}.get(fault, str(fault))
    most = ", ".join(f"{outcome} {count}" for outcome, count in Counter(each.outcome for each in told).most_common())
    wrong = sum(not each.right for each in told)
    yield Row(case, "database wrong", wrong, "runs", "none", holds=True)
    yield Row(case, f"silent wrong ({most})", _silent(told), "runs", "0", _silent(told) == 0)
    yield Row(case, "silent wrong, trusting the screen", _silent(plain), "runs", "none", holds=True)


def _silent(told: list[Told]) -> int:
    return sum(each.outcome == "pass" and not each.right for each in told)


class _Bench:
    """The desk with a workflow for orders and one for customers, both shown once."""

    def __init__(self, desk: Desk, web: Web, store: Store) -> None:
        self._desk, self._web, self._store = desk, web, store
        order = {"customer": "Ada Byron", "item": "Lamp", "quantity": "3", "note": "by noon"}
        phone = {"phone": "999", "city": "Paris"}
        desk.reset()
        self._order = _hasty(shown("order", web, tuple(_ordering(desk)), order))
        self._customer = _hasty(shown("customer", web, tuple(_editing(desk)), phone))

    def once(self, fault: Fault, number: int, *, effects: bool = True) -> Told:
        """One replay with other values than were shown, on a fresh database."""
        desk, web = self._desk, self._web
        desk.fault = ""
        desk.reset()
        web.act(Open("about:blank"))
        desk.fault = fault
        there = There(web, LocalWorld(web, desk.folder), self._store)
        stale = fault == "stale overwrite"
        values = _phone(number) if stale else _new_order(number)
        workflow = self._customer if stale else self._order
        if effects:
            workflow = replace(workflow, effects=(CHANGED if stale else ADDED,))
        key = f"{fault}-{number}-{effects}"
        done = replay(workflow, values, there, key=key)
        if fault == "double delivery" and number % 2:  # as a scheduler delivers what it was not told of
            desk.fault = ""
            done = replay(workflow, values, there, key=key)
        return Told(done.outcome, self._right(values, stale=stale))

    def _right(self, values: Mapping[str, str], *, stale: bool) -> bool:
        if stale:  # what the other one wrote must still be there
            row = self._desk.rows("customers")[0]
            return (row["phone"], row["city"], row["visits"]) == (values["phone"], values["city"], 6)
        return [{name: str(row[name]) for name in FIELDS} for row in self._desk.rows("orders")] == [values]


ADDED = RowsChanged("sqlite:desk.db", _SQL, key=("id",), added=({name: f"${{{name}}}" for name in FIELDS},))
CHANGED = RowsChanged(
    "sqlite:desk.db",
    "SELECT * FROM customers",
    key=("id",),
    changed=({"id": "1", "phone": "${phone}", "city": "${city}"},),
)


def _new_order(number: int) -> dict[str, str]:
    return {"customer": f"Customer {number}", "item": f"Item {number}", "quantity": str(number), "note": f"n {number}"}


def _phone(number: int) -> dict[str, str]:
    return {"phone": f"+44 {number}", "city": f"City {number}"}


def _ordering(desk: Desk) -> Iterator[Line]:
    yield opening(f"{desk.url}/order", Expect("shows", "heading", "New order"))
    yield from (filling(name.capitalize(), f"${{{name}}}") for name in FIELDS)
    yield clicking(
        "button", "Save order", Expect("shows", "status", "Order for ${customer} saved"), risk="irreversible"
    )


def _editing(desk: Desk) -> Iterator[Line]:
    yield opening(f"{desk.url}/customers", Expect("shows", "heading", "Customers"))
    yield clicking("link", "Edit", Expect("shows", "heading", "Ada Byron"), row="Ada Byron")
    yield filling("Phone", "${phone}")
    yield filling("City", "${city}")
    yield clicking("button", "Save customer", Expect("shows", "status", "Saved 1"), risk="irreversible")


def _hasty(workflow: Workflow) -> Workflow:
    """With a second for what follows the act that saves, where nothing comes after a fault."""
    *before, last = workflow.steps
    assert isinstance(last, Act)
    expects = tuple(replace(expect, seconds=1.0) for expect in last.expect)
    return replace(workflow, steps=(*before, replace(last, expect=expects)))
