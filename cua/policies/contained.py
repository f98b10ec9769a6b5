"""Whether a row or block on the screen holds a text that another tool wrote for it: its words in order, nothing bent.

Other tools know a row by all its texts in one ("Ada Lovelace ada@site Edit"), with or without spaces between them, and
a block by the text in it. Pure over one look; it chooses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cua.memory.workflows import Mark
from cua.policies.surroundings import ROWS, Look, plain

# says that a mark's row is told by a file: by its NAME, by TEXTS that are in it somewhere, or by whole texts (CELLS)
ROW_NAME = "row name"
NAME, TEXTS, CELLS = "name", "texts", "cells"
# what a row said that is known by the values in it, a line for each text, and what those values then were
WAS, HAD = "row was", "row had"
BLOCK = "block"  # says that a mark's path is told by texts in it, not by names
_FIELDS = frozenset({"textbox", "searchbox", "combobox", "listbox", "spinbutton", "slider"})


def row_holds(mark: Mark, look: Look, at: int) -> bool:
    """Whether the nearest row that an element stands in holds all that the mark's file says of it."""
    holder = next((above for above in look.above(at) if look.elements[above].role in ROWS), -1)
    if holder < 0:
        return False
    if HAD in mark.says and as_recorded(mark) and not all(says(text, look, holder) for text in _lines(mark, WAS)):
        return False
    if HAD in mark.says or mark.says.get(ROW_NAME) == CELLS:
        cells = {plain(text) for text in (*look.row(at), *(text for texts in _told(look, holder) for text in texts))}
        return all(plain(text) in cells for text in mark.row)
    return all(says(text, look, holder) for text in mark.row)


def as_recorded(mark: Mark) -> bool:
    """Whether the values that a filled mark knows its row by are those that were recorded."""
    return HAD not in mark.says or list(map(plain, _lines(mark, HAD))) == list(map(plain, mark.row))


def rows_holding(mark: Mark, look: Look, at: int) -> int:
    """How many rows say the values that a mark knows its row by, without those around others; that of an element, which
    may hold them in fields, is one.
    """
    wanted = {plain(text) for text in mark.row}
    rows = [place for place, element in enumerate(look.elements) if element.role in ROWS]
    holding = [row for row in rows if wanted <= {look.plains[place] for place in look.below(row)}]
    holding += [above for above in look.above(at) if above in rows][:1]
    return len(set(holding) - {above for row in holding for above in look.above(row)})


def _lines(mark: Mark, kind: str) -> list[str]:
    return mark.says[kind].split("\n")


def says(wanted: str, look: Look, holder: int) -> bool:
    """Whether a row says these words, as its name or one after the other."""
    return any(in_order(wanted, texts) for texts in _told(look, holder))


def labelled(wanted: str, look: Look, at: int) -> bool:
    """Whether something around an element is called so."""
    labels = (*look.path(at), *(look.names[above] for above in look.above(at)))
    return any(in_order(wanted, (label,)) for label in labels)


def block_holds(wanted: str, look: Look, at: int) -> bool:
    """Whether an element stands in a block that is told by this text: a label around it holds it, or a text of its row;
    or a block around it says these words with the element's own among them, or just these.
    """
    if labelled(wanted, look, at) or any(in_order(wanted, (text,)) for text in look.row(at)):
        return True
    steps = look.xpaths[at].split("/")
    for up in range(1, len(steps) - 3):
        places = look.under("/".join(steps[:-up]))
        for texts, owners in _sequences(look, places):
            own = owners.index(at) if at in owners else -1
            if _squeezed("".join(texts)) == _squeezed(wanted) or (own >= 0 and in_order(wanted, texts, through=own)):
                return True
    return False


def in_order(wanted: str, texts: Sequence[str], *, through: int = -1) -> bool:
    """Whether the wanted words are these texts one after the other. Texts between may be left out; the first may begin
    and the last may end with another word. With `through` the text at that place must be among them.
    """
    whole = _squeezed(wanted)
    if not whole:
        return False
    for at, text in enumerate(texts):
        short = _squeezed(text)
        for start in _bounds(text):
            rest = short[start:]
            inside = rest.startswith(whole) and start + len(whole) in _bounds(text)
            if inside and through in (-1, at):
                return True
            follows = rest and whole.startswith(rest) and _ends(whole[len(rest) :], texts, at + 1, through, at)
            if follows:
                return True
        if at == through:
            return False
    return False


def _ends(rest: str, texts: Sequence[str], at: int, through: int, last: int) -> bool:
    """Whether the rest of the words are texts from here on; `last` is the place of the text before."""
    if not rest:
        return through <= last
    for place in range(at, len(texts)):
        short = _squeezed(texts[place])
        if short and rest.startswith(short) and _ends(rest[len(short) :], texts, place + 1, through, place):
            return True
        if short.startswith(rest) and len(rest) in _bounds(texts[place]) and through <= place:
            return True
        if place == through:
            return False
    return False


def _told(look: Look, holder: int) -> Iterator[list[str]]:
    """What a row says, told in several ways."""
    if look.names[holder]:
        yield [look.names[holder]]
    for texts, _ in _sequences(look, look.below(holder)[1:]):
        yield texts


def _sequences(look: Look, places: list[int]) -> Iterator[tuple[list[str], list[int]]]:
    """The texts of these places in reading order and the places that say them: of the outer ones; of the inner ones; of
    those with the values of fields in place of their names; of those without fields.
    """
    named = [place for place in places if look.names[place] and look.elements[place].role != "option"]
    held = {above for place in named for above in look.above(place)}
    inner = [place for place in named if place not in held]
    outer = [place for place in named if not set(look.above(place)) & set(named)]
    yield [look.names[place] for place in outer], outer
    yield [look.names[place] for place in inner], inner
    fields = {place for place in inner if look.elements[place].role in _FIELDS}
    if fields:
        yield [(look.elements[n].value or "") if n in fields else look.names[n] for n in inner], inner
        bare = [place for place in inner if place not in fields]
        yield [look.names[place] for place in bare], bare


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _bounds(text: str) -> set[int]:
    """The places in the squeezed text where a word begins or ends."""
    found, at = {0}, 0
    for part in text.casefold().split():
        inner = (n for n in range(1, len(part)) if not (part[n - 1].isalnum() and part[n].isalnum()))
        found |= {at, at + len(part)} | {at + n for n in inner}
        at += len(part)
    return found
