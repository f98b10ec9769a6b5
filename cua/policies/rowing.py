"""Whether an element stands in the row that a mark remembers.

The wrong row is the worst mistake there is: it never says yes where what names the row is not there.
"""

from __future__ import annotations

import re

from cua.memory.workflows import Mark
from cua.policies.surroundings import Look, plain, skeleton, steps_up
from cua.policies.wording import alike

_CODE = re.compile(r"@|#\s*\d|^[a-z]+[-_/ ]?\d[\w-]*$|^\d{4,}$", re.I)
_LOOSE = re.compile(r"\d[\d.,:\s]*")
_ENOUGH = 0.5


def row_agrees(mark: Mark, look: Look, at: int, *, alone: bool) -> bool:
    """Whether the row is the remembered one: what names it is there, and most of the rest.

    `alone` says that the element is called as before and no other is or was. Then its row may have changed, unless all
    but the texts is as it was: a row of the same make with other texts is another row.
    """
    was, here = skeleton(mark.says.get("xpath", "")), skeleton(look.xpaths[at])
    remade = bool(was and here) and was != here
    single = mark.says.get("rows", "many") != "many" and remade and (mark.of == 1 or not mark.name)
    if single or (alone and mark.says.get("tells") == "row"):
        return True
    there = {plain(text) for text in look.row(at, steps_up(mark, look.xpaths[at]))}
    wanted = [plain(text) for text in mark.row]
    if remade and _told_otherwise(wanted, there, look):
        return True
    key, rest = wanted[0], wanted[1:]
    if key not in there:
        return False
    codes = [text for text in rest if _CODE.search(text)]
    if any(code not in there for code in codes):
        return False
    weights = {text: _weight(text, look) for text in rest}
    total = 2.0 + sum(weights.values())
    kept = 2.0 + sum(weight for text, weight in weights.items() if text in there)
    return remade or kept >= _ENOUGH * total


def _told_otherwise(wanted: list[str], there: set[str], look: Look) -> bool:
    """In a page made anew a row's texts are put together differently: its name, or a long text of it, is part of a text
    here or has one as its part, and that stands nowhere else.
    """
    for at, text in enumerate(wanted):
        for other in there:
            short, long = sorted((text, other), key=len)
            part = f" {short} " in f" {long} " and len(short) >= (4 if at == 0 else 12) and look.common(other) <= 1
            if part and any(letter.isalpha() for letter in short):
                return True
    return False


def row_kept(mark: Mark, look: Look, at: int) -> bool:
    """Whether at least half of the row's texts are still much the same: reworded, but no other row."""
    there = [plain(text) for text in look.row(at, steps_up(mark, look.xpaths[at]))]
    kept = [text for text in mark.row if max((alike(plain(text), other) for other in there), default=0.0) >= 0.7]
    return len(kept) * 2 >= len(mark.row)


def _weight(text: str, look: Look) -> float:
    """What is often on the screen, or is but a number, says little."""
    if not any(letter.isalpha() for letter in _LOOSE.sub("", text)):
        return 0.3
    return 0.3 if look.common(text) > 2 else 1.0
