"""Which rows of tables only lay out a page, as was usual long ago, and are no rows of records. Pure over elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cua.core import Element

_PARTS = frozenset({"heading", "table"})  # of a page, when a table lays it out


def lays_out(elements: Sequence[Element], below: Callable[[int], Iterable[int]], row: int) -> bool:
    """Whether a table's row only lays out the page: it holds headings or tables, and no row beside it does.

    `below` gives the places of an element and all that is in it.
    """
    if elements[row].role != "row" or not any(elements[at].role in _PARTS for at in below(row)):
        return False
    above = elements[row].parent
    beside = [at for at in below(above) if elements[at].parent == above] if above >= 0 else []
    rows = [at for at in beside if elements[at].role == "row" and at != row]
    return not any(elements[at].role in _PARTS for other in rows for at in below(other))
