"""What GTK 4 tells otherwise than it is, put right: acts, doubled labels, places in popovers. Reads; never acts."""

from __future__ import annotations

from cua.core import Box
from drivers.bus import Reply
from drivers.rows import Row


def has_own(reply: Reply) -> bool:
    """For what has no act of its own it lists the commands of the window ("win.close"): the first is any of them."""
    offered = reply.body[0] if reply else []
    return bool(offered) and "." not in offered[0][0]


def once(name: str) -> str:
    """A button's label and the text in it come together: "7 7"."""
    half = len(name) // 2
    return name[:half] if len(name) % 2 and name[half] == " " and name[:half] == name[half + 1 :] else name


def popped_up(rows: list[Row], places: dict[str, tuple[int, int]], popups: tuple[Box, ...]) -> None:
    """Positions in a popover are told as if it lay on the button that it hangs on: moved in `places` to where a popup
    of its size is.
    """
    moved: dict[int, tuple[int, int]] = {}
    for at, row in enumerate(rows):
        dx, dy = moved.get(row.parent, (0, 0))
        x, y = places[row.node.path]
        hangs = row.role == "menu" and row.parent >= 0 and rows[row.parent].role == "button"
        size = (row.box.width, row.box.height) if hangs and row.box else None
        found = next((box for box in popups if (box.width, box.height) == size), None)
        if row.box and found:
            dx, dy = found.x - row.box.x - x, found.y - row.box.y - y
        if dx or dy:
            moved[at] = (dx, dy)
            places[row.node.path] = (x + dx, y + dy)
