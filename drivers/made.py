"""Rows made into elements, once for each row that is another one than at the look before."""

from __future__ import annotations

from cua.core import Element, Locator
from drivers import roles
from drivers.rows import Row

TICKED = frozenset({"checkbox", "menuitemcheckbox", "menuitemradio", "radio"})
_TOGGLE_BUTTON = 62


class Made:
    """The elements of one application."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Row, Element]] = {}

    def elements(self, rows: list[Row]) -> list[Element]:
        """The same objects as last time for what is the same."""
        made: dict[str, tuple[Row, Element]] = {}
        found: list[Element] = []
        for row in rows:
            before, element = self._last.get(row.node.path, (None, None))
            if element is None or before != row:
                element = _element(row)
            made[row.node.path] = row, element
            found.append(element)
        self._last = made
        return found

    def one(self, row: Row) -> Element:
        """The element of a row that came in the place of another."""
        element = _element(row)
        self._last[row.node.path] = row, element
        return element


def _element(row: Row) -> Element:
    node = row.node
    states = roles.words(node.low, node.high) - {"showing", "visible"}
    if node.role == roles.PASSWORD:
        states |= {"password"}
    if row.role in TICKED or node.role == _TOGGLE_BUTTON:
        states |= {"checkable", "checked"} if "pressed" in states else {"checkable"}
    if row.showing:
        states |= {"showing"}
    path = " > ".join((*row.path, f"{row.role}:{row.name}"))
    return Element(
        ref=f"a11y|{node.app}|{node.path}",
        role=row.role,
        name=row.name,
        value=row.value,
        states=states,
        box=row.box if row.showing else None,
        parent=row.parent,
        locators=(Locator("role", f"{row.role}:{row.name}"), Locator("path", path)) if row.name else (),
        description=node.description if node.description != row.name else "",
        actions=("invoke",) if row.acts and "Action" in node.interfaces else (),
    )
