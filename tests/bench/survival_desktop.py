"""The desktop half of the survival matrix: a small GTK 3 program in a sandbox, whose window is built anew on order.

What was pressed is read from a file in the sandbox's home, past the screen. The position baseline is judged by what is
at the recorded position now; the program gives no other locators.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from cua.core import Click, Element, Observation
from cua.errors import DriverError, TimedOut
from cua.policies.finding import Found, find, mark_of
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.bench.survival_cells import Cell, judged

SOURCE = Path(__file__).parents[1] / "fixtures" / "apps" / "shifting.py"
PYTHON = "/usr/bin/python3"
LIMIT = 15.0
# by layout: the hidden name of a target, its role and name, and how often it comes before in reading order
TARGETS = {
    "form": (("save", "button", "Save", 0), ("copy", "button", "Copy", 0), ("apply", "button", "Apply", 0)),
    "people": (("edit Bob", "button", "Edit", 1), ("remove Alice", "button", "Remove", 0), ("new", "button", "New", 0)),
    "settings": (("wrap lines", "checkbox", "Wrap lines", 0), ("reload", "checkbox", "Reload", 0)),
}
CHANGES = (
    "none", "reordered", "banner", "inserted", "added", "renamed", "font", "theme", "translated", "lookalike",
    "missing", "duplicate", "gone",
)  # fmt: skip


def cells() -> Iterator[Cell]:
    """Every change of every layout, for each of its targets."""
    app = App("shifting", (PYTHON, "/home/user/app.py"), files={"app.py": SOURCE.read_text()})
    box = Namespace(app)
    try:
        for layout, targets in TARGETS.items():
            for truth, role, name, nth in targets:
                now = _ordered(box, layout, "none", "-")
                element = [e for e in now.elements if (e.role, e.name) == (role, name)][nth]
                mark = mark_of(element, now)
                for change in CHANGES:
                    if change == "gone" and not truth.startswith(("edit ", "remove ")):
                        continue
                    yield _tried(box, layout, change, truth, (mark, element))
    finally:
        box.close()


def _tried(box: Namespace, layout: str, change: str, truth: str, what: tuple[object, Element]) -> Cell:
    mark, element = what
    now = _ordered(box, layout, change, truth)
    found = find(mark, now)  # type: ignore[arg-type]
    acted = _acted(box, found.element) if isinstance(found, Found) else ""
    by = found.by if isinstance(found, Found) else found.kind
    there = element.box.centre if element.box else None
    under = [
        e for e in now.elements if e.box and there and e.role in ("button", "checkbox") and _holds(e, there.x, there.y)
    ]
    same = bool(under) and (under[-1].role, under[-1].name) == (element.role, element.name)
    position = judged(change, truth, "" if not under else truth if same and change != "reordered" else "another")
    return Cell("desktop", layout, change, truth, judged(change, truth, acted), {"position only": position}, by)


def _holds(element: Element, x: int, y: int) -> bool:
    box = element.box
    return box is not None and box.x <= x < box.x + box.width and box.y <= y < box.y + box.height


def _ordered(box: Namespace, layout: str, change: str, truth: str) -> Observation:
    """The window once it is built so, and what it shows has come to rest."""
    order = f"{layout} {change} {truth}"
    box.world.exec(
        ("sh", "-c", 'rm -f ~/ready ~/did; printf %s "$1" > ~/order.part; mv ~/order.part ~/order', "sh", order)
    )
    end = time.monotonic() + LIMIT
    before: tuple[object, ...] = ()
    while time.monotonic() < end:
        now = box.driver.observe(frame=False)
        seen = tuple((e.role, e.name, e.box) for e in now.elements)
        ready = box.world.exec(("sh", "-c", "cat ~/ready 2>/dev/null")).out == order
        if ready and seen == before and len(seen) > 3:
            return now
        before = seen if ready else ()
    raise TimedOut(f"the program did not build {order!r} within {LIMIT:.0f} s")


def _acted(box: Namespace, element: Element) -> str:
    """Click it, and what the program says was pressed."""
    try:
        box.driver.act(Click(element))
    except DriverError:
        return ""
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        if said := box.world.exec(("sh", "-c", "cat ~/did 2>/dev/null")).out:
            return said
    return "nothing known"
