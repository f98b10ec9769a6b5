"""Whether an element stands in the row that a mark remembers.

The wrong row is the worst mistake there is: it never says yes where what names the row is not there. Where nothing
repeats, an act that is usual beside a record ("Edit", "Open") may still stand beside one: then its record is its row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from cua.core import Observation
from cua.memory.workflows import Mark
from cua.policies.contained import ROW_NAME, row_holds
from cua.policies.lasting import numbers_a_record
from cua.policies.lexicon import known_words
from cua.policies.surroundings import Look, plain, skeleton, steps_up
from cua.policies.wording import alike, beside_records
from cua.screen import ACTABLE

_CODE = re.compile(r"@|#\s*\d|^[a-z]+[-_/ ]?\d[\w-]*$|^\d{4,}$", re.I)
_LOOSE = re.compile(r"\d[\d.,:\s]*")
_ENOUGH, _REWORDED = 0.5, 0.66
_WORDS = re.compile(r"[^\W\d_]+")
_OF_RECORDS = frozenset({"button", "link", "checkbox", "switch", "radio", "generic", "img"})
_KEYS = ("testid", "id", "href")
_INNER_ROWS = frozenset({"row", "listitem", "article"})
_MOST = 8  # more texts than that are a page, not a record
RECORD = "record"


def record(look: Look, at: int) -> tuple[tuple[str, ...], int]:
    """What is said in the nearest holder that says anything but commands, and how many steps up that is; nothing for
    what is not usual beside records, and where a whole page is the nearest holder.
    """
    if look.elements[at].role not in _OF_RECORDS or not beside_records(look.names[at]):
        return (), 0
    found, up = _beside(look, at)
    return (found, up) if any(map(_naming, found)) else ((), 0)


def _beside(look: Look, at: int) -> tuple[tuple[str, ...], int]:
    if look.xpaths[at]:
        steps = look.xpaths[at].split("/")
        for up in range(1, len(steps) - 2):
            places = look.under("/".join(steps[:-up]))
            apart = _rows_of_their_own(look, at, places)
            said = look.texts(at, _saying(look, at, places, apart))
            if any(_lettered(text) for text in said):
                whole = look.texts(at, _saying(look, at, places)) if apart else said
                return (said, up) if len(whole) < _MOST else ((), 0)
        return (), 0
    said = look.texts(at, _saying(look, at, look.line(at)))
    parent = look.elements[at].parent
    if not said and parent >= 0 and look.elements[parent].parent >= 0:
        said = look.texts(at, _saying(look, at, look.below(parent)))
    return (said, 1) if 0 < len(said) < _MOST else ((), 0)


def _saying(look: Look, at: int, places: list[int], apart: frozenset[int] = frozenset()) -> list[int]:
    """Of these places those that say something and are no command, nor in one, nor around the one meant, nor in one of
    the rows that stand `apart` from it.
    """
    outer = {at, *look.above(at)}

    def left_out(place: int) -> bool:
        return place in apart or _commands(look, place)

    return [
        place
        for place in places
        if place not in outer and not left_out(place) and not any(map(left_out, set(look.above(place)) - outer))
    ]


def _commands(look: Look, place: int) -> bool:
    role = look.elements[place].role
    return role in ACTABLE - {"cell"} or role in ("switch", "searchbox")


def _rows_of_their_own(look: Look, at: int, places: list[int]) -> frozenset[int]:
    """Of these places the rows that have commands of their own, if there are several: what they say is of them, not of
    what stands beside all of them.
    """
    rows = {place for place in places if look.elements[place].role in _INNER_ROWS} - set(look.above(at))
    found = rows and rows & {above for n in places if _commands(look, n) for above in look.above(n)}
    return frozenset(found) if len(found) > 1 else frozenset()


def _lettered(text: str) -> bool:
    return any(letter.isalpha() for letter in _LOOSE.sub("", text)) or bool(_CODE.search(text))


def _naming(text: str) -> bool:
    """Whether a text may be the name of something: it has a word that is no usual one on screens, or is a code."""
    words = [word for word in _WORDS.findall(text.casefold()) if len(word) > 1]
    return bool(_CODE.search(text)) or any(word not in known_words() for word in words)


def record_agrees(mark: Mark, look: Look, at: int) -> bool:
    """Whether the record beside which it stands is the remembered one: each text of it that may be a name is there, or
    where none may be, its first and most of the rest. A key with the record's number or name is proof enough; a small
    number may be a place.
    """
    if _keyed(mark, look, at):
        return True
    remade = skeleton(mark.says.get("xpath", "")) != skeleton(look.xpaths[at])
    there = {plain(text) for text in (*_beside(look, at)[0], *look.row(at, steps_up(mark, look.xpaths[at])))}
    wanted = [plain(text) for text in mark.row if _lettered(text)]
    kept = [text in there or (remade and _told_otherwise([text], there, look)) for text in wanted]
    naming = [held for text, held in zip(wanted, kept, strict=True) if _naming(text)]
    if naming or not kept:
        return all(naming)
    return kept[0] and sum(kept) * 2 > len(kept)


def _keyed(mark: Mark, look: Look, at: int) -> bool:
    """Whether a key that it bears as before says which record it is of."""
    names = {word for text in mark.row for word in _WORDS.findall(text.casefold()) if _naming(word)}
    for locator in mark.locators:
        if locator.kind in _KEYS and look.said[at].get(locator.kind) == locator.value:
            words = set(_WORDS.findall(locator.value.casefold()))
            address = locator.kind == "href" and any(map(str.isdigit, locator.value))
            if address or numbers_a_record(locator.value) or words & names:
                return True
    return False


def neighbours_gone(mark: Mark, look: Look, at: int) -> bool:
    """Whether a mark without a row, of an act that is usual beside records, had names near it, and none is left."""
    if not beside_records(mark.name) or mark.role not in _OF_RECORDS or _keyed(mark, look, at):
        return False
    names = [plain(text) for text in mark.near if _naming(text) and not beside_records(text)]
    return bool(names) and not any(_stands(text, look) for text in names)


def _stands(text: str, look: Look) -> bool:
    if look.common(text) > 0 or any(f" {text} " in f" {other} " for other in look.plains if other):
        return True
    return any(alike(text, other) >= _REWORDED for other in look.plains if other)


def row_here(mark: Mark, look: Look, at: int) -> tuple[str, ...]:
    """The texts of the row or record that an element stands in, as they are compared with the mark's."""
    if mark.says.get("rows") == RECORD and (found := _beside(look, at)[0]):
        return found
    return look.row(at, steps_up(mark, look.xpaths[at]))


def row_agrees(mark: Mark, look: Look, at: int, *, alone: bool) -> bool:
    """Whether the row is the remembered one: what names it is there, and most of the rest.

    `alone` says that the element is called as before and no other is or was. Then its row may have changed, unless all
    but the texts is as it was: a row of the same make with other texts is another row.
    """
    if ROW_NAME in mark.says:
        return row_holds(mark, look, at)
    if mark.says.get("rows") == RECORD:
        return record_agrees(mark, look, at)
    was, here = skeleton(mark.says.get("xpath", "")), skeleton(look.xpaths[at])
    remade = bool(was and here) and was != here
    single = mark.says.get("rows", "many") != "many" and remade and (mark.of == 1 or not mark.name)
    if single:
        return not beside_records(mark.name) or record_agrees(mark, look, at)
    if alone and mark.says.get("tells") == "row":
        return True
    there = {plain(text) for text in look.row(at, steps_up(mark, look.xpaths[at]))}
    if not was and "rows" not in mark.says:
        there |= {plain(text) for text in _beside(look, at)[0]}
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
    return remade or (kept >= _ENOUGH * total and _half_said(wanted, there, look))


def _half_said(wanted: list[str], there: set[str], look: Look) -> bool:
    """Whether at least half of the texts are there, commands aside: one name has many records."""
    fixed = [text for text in wanted if not beside_records(text) and text not in _buttons(look)]
    return 2 * sum(text in there for text in fixed) >= len(fixed)


@lru_cache(maxsize=1)
def _buttons(look: Look) -> frozenset[str]:
    """What the buttons of a look are called."""
    return frozenset(look.plains[at] for at, element in enumerate(look.elements) if element.role == "button")


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


def row_differs(marks: Sequence[Mark], now: Observation) -> str:
    """What the rows of these marks say otherwise than recorded, in words to go on with; "" where no row here is clearly
    the one that was meant, or none of it differs.
    """
    return "".join(f"; {said}" for mark in marks if (said := _differing(mark, Look(now))))


def _differing(mark: Mark, look: Look) -> str:
    wanted = {plain(text): text for text in mark.row}
    rows = [{plain(text): text for text in row_here(mark, look, at)} for at in look.named(mark.role, mark.name)]
    rows.sort(key=lambda row: -len(row.keys() & wanted.keys()))
    shared = [len(row.keys() & wanted.keys()) for row in rows]
    if not rows or not shared[0] or shared[:1] == shared[1:2]:
        return ""
    lacks = [repr(text) for key, text in wanted.items() if key not in rows[0]]
    says = [repr(text) for key, text in rows[0].items() if key not in wanted]
    return f"the row says {', '.join(says) or 'nothing'} where {', '.join(lacks)} was recorded" if lacks else ""


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
