"""Figures that a flow itself changes: what a row says of a stock or a count is no part of which row it is.

In a table such cells are left out of a row. A list item says all in one text, "Hook, steel 413 pcs free", so there only
the figure is: a mark then says "Hook, steel ‹figure› pcs free". On a look it means the one text that says so, with
whatever figure; where several do, it means none. Pure; without the looks after the act nothing is ever left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from cua.core import Locator, Observation
from cua.memory.workflows import Mark
from cua.policies.surroundings import ROWS, Look, plain

FIGURE = "‹figure›"
_NUMBER = re.compile(r"(?<![\w.,#/-])\d+(?:[.,\s]\d+)*(?![\w/-])")
_WORDS = re.compile(r"[^\W\d_]{3,}")
_LONGEST = 3  # digits in a row; more are a code, which says which record it is
_OWN = ROWS | {"cell", "gridcell"}


def loosened(mark: Mark, now: Observation, later: Iterable[Observation]) -> Mark:
    """The mark of an element of `now`, without the figures in its row that the looks after it show changed.

    Only where the rest of a text tells its row from all others, then and afterwards, and has words of its own.
    """
    looks = [Look(now), *(Look(each) for each in later)]
    texts = (*mark.row, *([mark.name] if mark.role in _OWN else ()))
    changed = {text: bent for text in texts if (bent := _loosened(text, looks, mark)) != text}
    return _mapped(mark, lambda text: changed.get(text, text)) if changed else mark


def concrete(mark: Mark, look: Look) -> Mark:
    """The mark with the figures that this look shows; as it is where no text, or more than one, fits."""
    if not any(FIGURE in text for text in (mark.name, *mark.row)):
        return mark
    texts, found = _texts(look, mark), dict[str, str]()
    for text in {mark.name, *mark.row, *mark.near}:
        parts = [re.escape(part) for part in plain(text).split(FIGURE)]
        fits = [each for each in texts if re.fullmatch(_NUMBER.pattern.join(parts), each)] if len(parts) > 1 else []
        if len(fits) == 1:
            found[text] = texts[fits[0]]
    return _mapped(mark, lambda text: found.get(text, text))


def _loosened(text: str, looks: Sequence[Look], mark: Mark) -> str:
    own = _bare(text)
    if own == plain(text) or not _WORDS.search(own):
        return text
    alike = [{each for each in _texts(look, mark) if _bare(each) == own} for look in looks]
    if alike[0] != {plain(text)} or any(len(found) > 1 for found in alike):
        return text
    shown = [_NUMBER.findall(each) for found in alike for each in found]
    steady = [len({numbers[n] for numbers in shown}) == 1 for n in range(len(shown[0]))]
    kept = iter(steady)
    codes = any(len(max(re.findall(r"\d+", number), key=len)) > _LONGEST for number in shown[0])
    return text if codes else _NUMBER.sub(lambda found: found[0] if next(kept) else FIGURE, text)


def _texts(look: Look, mark: Mark) -> dict[str, str]:
    """What elements say, and what the rows of those of the target's role say: as it is compared, and as written."""
    rows = [look.row(at) for at, element in enumerate(look.elements) if element.role == mark.role]
    return {plain(text): text for text in (*look.names, *(text for row in rows for text in row))}


def _bare(text: str) -> str:
    return _NUMBER.sub(FIGURE, plain(text))


def _mapped(mark: Mark, each: Callable[[str], str]) -> Mark:
    def located(at: Locator) -> Locator:
        role, colon, name = at.value.partition(":")
        bent = f"{role}:{each(name)}" if at.kind == "role" and colon else each(at.value)
        return Locator(at.kind, bent)

    row, near = (tuple(map(each, texts)) for texts in (mark.row, mark.near))
    return replace(mark, name=each(mark.name), locators=tuple(map(located, mark.locators)), row=row, near=near)
