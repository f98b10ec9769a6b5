"""Whether a record went away: it was in a list, is not any more, and the list still shows without it.

Pure over the looks before an act and the one after it. That a text is nowhere to be seen proves nothing by itself: a
list that is filtered, paged, left or not drawn yet loses its rows too. So what stood beside the record must still be
there, and where nothing stood beside it, what stands around the list, with the same values in its fields.

Where another page of its list may follow, one only asks that it does not show there: that it does is no deletion, that
it does not is no proof.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from cua.core import Element, Observation
from cua.memory.workflows import ANY_RECORD, Expect, Mark, slots
from cua.policies.finding import look_at
from cua.policies.surroundings import ROWS, Look, plain, skeleton
from cua.policies.within import Make, Row, make_of, row_at
from cua.screen import ACTABLE, called

_RECORDS = frozenset({"row", "listitem", "article", "treeitem", "cell", "gridcell", "rowheader"})
# what passes by: it may name a record that is gone, or not yet; so may a dialog that asks, which holds no list
_ASIDE = frozenset({"alertdialog", "alert", "status", "log", "tooltip", "menu", "progressbar", "timer", "marquee"})
_LISTS = frozenset({"list", "listbox", "table", "grid", "tree", "treegrid", "row", "listitem", "option", "cell"})
_WHOLES = frozenset({"document", "window", "table", "grid", "list", "main", "rowgroup", "group", "form", "row"})
_FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
_CELLS = frozenset({"cell", "gridcell", "rowheader"})
_COMMANDS = frozenset({"button", "menuitem", "checkbox", "radio", "switch"})
_ENOUGH = 0.5
_DIGITS = re.compile(r"\d+")


def naming(mark: Mark) -> tuple[str, ...]:
    """The texts of a mark that may name its record: those of its row, and its own name where that tells the row."""
    own = mark.says.get("tells") == "row" or mark.role in _RECORDS or bool(slots(mark.name))
    return (*mark.row, *([mark.name] if own and mark.name else []))


def of_record(expect: Expect, marks: Sequence[Mark]) -> bool:
    """Whether it expects that the record of one of these marks is gone; both with slots, or both without."""
    wanted = plain(expect.name)
    whole = expect.kind == "gone" and not expect.row and bool(wanted)
    if expect.role == ANY_RECORD:
        return whole
    return whole and any(plain(text) == wanted for mark in marks for text in naming(mark))


def times(expect: Expect, look: Observation) -> int:
    """How often it shows: by itself, else as whole words in a longer text; one inside the other counted once."""
    found = _bearers(expect, look)
    return len(_exactly(expect, found)) or len(found)


def still_here(expect: Expect, past: Sequence[Observation], now: Observation) -> str:
    """Why it is not sure that the record went away; "" if it did. `past` are the looks before the act, oldest first.

    Of records that are called the same there must be just one less. Where others show that its list is the same, only
    what stands as it did counts: a message that it was removed may name it too.
    """
    if now.partial:
        return f"not all of the screen could be read ({now.note})"
    if expect.role == ANY_RECORD:
        return _as_it_was(expect, past, now)
    first = ""
    for then in _showing(expect, past, now):
        reason = _left(expect, then, now)
        if not reason:
            return ""
        first = first or reason
    return first or "it was not seen here before the act, so that it is not here says nothing"


def row_stands(expect: Expect, acted: Sequence[tuple[Observation, Element]], now: Observation) -> str:
    """Why the row of the record that was acted on did not go away: it shows with all that it said. It is told by the
    last element that was acted on in a row that says the record; "" where none was, or that row is gone.
    """
    for then, element in reversed(acted):
        index = look_at(then)
        at = index.place(element)
        make = make_of(index, at) if same_page(then, now) else None
        own = set(row_at(index, at, make)) if make is not None else set()
        if make is not None and own & set(_places(expect, then)):
            texts = _said(index, tuple(sorted(own)))
            left = bool(texts) and _rows_of(expect, now, make)[texts] >= _rows_of(expect, then, make)[texts]
            return "another called so is gone, and the row that was acted in shows with all it said" if left else ""
    return ""


def stands_alike(expect: Expect, then: Observation, now: Observation) -> bool:
    """Whether what says it stands on this look as it did on that one, whatever it is."""
    before = {_shape(then.elements[at], then) for at in _places(expect, then)}
    return any(_shape(now.elements[at], now) in before for at in _places(expect, now))


def _as_it_was(expect: Expect, past: Sequence[Observation], now: Observation) -> str:
    """Why a record that may stand on another page of its list did not go away: it shows here with all that its row
    said before the act. Of several that are called so one at least must be missing; one with another row is another.
    """
    return "" if all(_changes(expect, past, now)) else "it shows with all that its row said before"


def turned(expect: Expect, past: Sequence[Observation], now: Observation) -> bool:
    """Whether a record that showed here before does, and says something else."""
    changes = list(_changes(expect, past, now))
    return bool(changes) and all(changes)


def _changes(expect: Expect, past: Sequence[Observation], now: Observation) -> Iterator[bool]:
    """For each way its rows are made here, whether one of those that showed before is missing."""
    if any(same_page(look, now) for look in past):
        for make in filter(None, _makes(expect, now)):
            was = next(filter(None, (_rows_of(expect, look, make) for look in reversed(past))), None)
            if was:
                yield bool(was - _rows_of(expect, now, make))


def _places(expect: Expect, look: Observation) -> list[int]:
    return [look_at(look).place(each) for each in _bearers(replace(expect, role=""), look)]


def _makes(expect: Expect, look: Observation) -> Iterator[Make | None]:
    """How the rows are made that say it; None for what stands in no row."""
    for at in _places(expect, look):
        role = look.elements[at].role
        yield Make(role=role) if role in ROWS else make_of(look_at(look), at)


def _rows_of(expect: Expect, look: Observation, make: Make) -> Counter[tuple[str, ...]]:
    """What the rows of this make that say it show, commands aside: their cells, where they have some."""
    index, found = look_at(look), Counter[tuple[str, ...]]()
    for row in dict.fromkeys(row for at in _places(expect, look) if (row := row_at(index, at, make))):
        if texts := _said(index, row):
            found[texts] += 1
    return found


def _said(look: Look, row: Row) -> tuple[str, ...]:
    """What a row says, commands aside: its cells, where it has some."""
    cells = [at for at in row if look.elements[at].role in _CELLS] or row
    plains = (look.plains[at] for at in cells if look.elements[at].role not in _COMMANDS)
    return tuple(sorted(filter(None, plains)))


def _left(expect: Expect, then: Observation, now: Observation) -> str:
    """Why it did not go away since that look; "" if it did."""
    was, left = _bearers(expect, then), _bearers(expect, now)
    if _peers(was[0], then):
        left = [each for each in left if any(_shape(each, now) == _shape(other, then) for other in was)]
    alone = _exactly(expect, was)
    before, after = (alone, _exactly(expect, left)) if alone else (was, left)
    if len(after) != len(before) - 1 or len(left) >= len(was):
        return f"{len(left)} of {len(was)} called so are here" if left else f"all {len(was)} called so are gone"
    return "" if same_view(expect, then, now) else "the list that it stood in does not show"


def _showing(expect: Expect, past: Sequence[Observation], now: Observation) -> Iterator[Observation]:
    """The looks at the place that is seen now which showed the record, the last first, as long as it had not gone
    before the act. A list that was searched since may show again as it did before.
    """
    later: list[Observation] = []
    found = False
    for look in reversed(past):
        if not same_page(look, now):
            continue
        if times(expect, look):
            if not found and any(same_view(expect, look, without) for without in later):
                return
            found = True
            yield look
        elif not found:
            later.append(look)


def same_view(expect: Expect, then: Observation, now: Observation) -> bool:
    """Whether the list that the record stood in still shows, and is neither filtered nor turned otherwise."""
    found = _bearers(expect, then)
    if not found or not same_page(then, now) or not _settings_kept(then, now):
        return False
    beside = _peers(found[0], then)
    if beside:
        shape = _shape(found[0], then)
        return _share(beside, (e for e in _standing(now) if _shape(e, now) == shape)) >= _ENOUGH
    labels = [text for text in look_at(then).path(then.elements.index(found[0])) if _share([text], _standing(then))]
    around = _around(found[0], then)
    kept = bool(around) and _share(around, _standing(now)) >= _ENOUGH and _share(labels, _standing(now)) == 1
    return kept and urlsplit(then.place.url).query == urlsplit(now.place.url).query


def same_page(one: Observation, other: Observation) -> bool:
    """Whether two looks are at one page, whatever it is asked for, or at one app."""
    first, second = (urlsplit(look.place.url) for look in (one, other))
    return (first.netloc, first.path) == (second.netloc, second.path) and one.place.app == other.place.app


def _standing(look: Observation) -> Iterator[Element]:
    """What shows and is no message, menu or question, nor in one."""
    web, aside = bool(look.place.url), set[int]()
    for at, element in enumerate(look.elements):
        asks = element.role == "dialog" and not _holds_list(at, look)
        if asks or element.parent in aside or element.role in _ASIDE:
            aside.add(at)
        elif web or "showing" in element.states:
            yield element


def _holds_list(at: int, look: Observation) -> bool:
    return any(look.elements[inside].role in _LISTS for inside in look_at(look).below(at))


def _bearers(expect: Expect, look: Observation) -> list[Element]:
    """What says the text: by itself, or as whole words of a longer one."""
    wanted = plain(expect.name)
    if not wanted:
        return []
    word = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    found, seen = list[Element](), set[str]()
    for element in _standing(look):
        if expect.role not in ("", element.role) or element.role in _FIELDS or not word.search(plain(called(element))):
            continue
        if not any(above.ref in seen for above in look.ancestors(element)):
            found.append(element)
        seen.add(element.ref)
    return found


def _exactly(expect: Expect, found: Sequence[Element]) -> list[Element]:
    return [each for each in found if plain(called(each)) == plain(expect.name)]


def _peers(record: Element, look: Observation) -> list[str]:
    """What the other rows say in the place of the record, where that tells them apart."""
    own, shape = _own(record, look), _shape(record, look)
    names = Counter(called(e) for e in _standing(look) if _shape(e, look) == shape)
    return [name for name, count in names.items() if name and plain(name) not in own and count == 1]


def _shape(element: Element, look: Observation) -> tuple[object, ...]:
    """How it stands: in the document, or in holders of which roles."""
    xpath = _xpath(element)
    return element.role, skeleton(xpath) if xpath else tuple(above.role for above in look.ancestors(element))


def _xpath(element: Element) -> str:
    return next((at.value for at in element.locators if at.kind == "xpath"), "")


def _own(record: Element, look: Observation) -> set[str]:
    """What the record's own row says. One that has no other beside it is told by a command in it that is no part of
    what stands there as the record does.
    """
    index = look_at(look)
    row = index.row(look.elements.index(record))
    if not row and (path := _xpath(record)):
        shape, inside = skeleton(path), [look.elements[at] for at in index.under(path.rpartition("/")[0])]
        cells = [_xpath(e) for e in inside if skeleton(_xpath(e)) == shape]
        if any(e.role in ACTABLE and not _under(e, cells) for e in inside):
            row = tuple(called(e) for e in inside)
    return {plain(text) for text in (*row, called(record))}


def _under(element: Element, paths: Sequence[str]) -> bool:
    return any(f"{_xpath(element)}/".startswith(f"{path}/") for path in paths)


def _around(record: Element, look: Observation) -> list[str]:
    """What stands around a list of one: all that has a name but the row itself."""
    own = _own(record, look)
    found = (called(e) for e in _standing(look) if e.role not in _WHOLES)
    return [name for name in dict.fromkeys(found) if name and plain(name) not in own]


def _settings_kept(then: Observation, now: Observation) -> bool:
    """Whether the fields that show on both hold what they held, and the same tabs are chosen."""
    was, here = _settings(then), _settings(now)
    return all(was[each] == here[each] for each in was.keys() & here.keys())


def _settings(look: Observation) -> dict[tuple[str, str], object]:
    """What the fields hold, and which tabs are chosen."""
    shown = [e for e in _standing(look) if e.name and (e.role in _FIELDS or e.role == "tab")]
    return {(e.role, e.name): (e.value or "", "selected" in e.states) for e in shown}


def _share(texts: Sequence[str], elements: Iterable[Element]) -> float:
    """How much of these texts is there: all of none."""
    there = {_bare(called(element)) for element in elements}
    return sum(_bare(text) in there for text in texts) / len(texts) if texts else 1.0


def _bare(text: str) -> str:
    """Without numbers: "3 of 4" counts on."""
    return _DIGITS.sub("", plain(text)).strip()
