"""Whether the screen shows what must follow a step. Pure over observations; it waits for nothing.

What a step's own target must hold is looked for in the very element that was acted on, never in one called alike; what
must come up in a row, in the one row that its texts name; values that must stand together, in one record that says all
of them. That a record is gone is told from the list that it stood in, never from its absence alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import assert_never
from urllib.parse import urlsplit

from cua.core import Element, Observation
from cua.memory.workflows import Expect, Mark, filled, slots
from cua.policies.finding import Found, look_at
from cua.policies.records import records, same, tells
from cua.policies.surroundings import ROWS, plain
from cua.policies.within import Row, rows, shows_in
from cua.screen import called, label, stable, top_windows

RECORDS = frozenset({"row", "listitem", "article", "treeitem", "cell", "gridcell", "rowheader"})
_TITLED = frozenset({"document", "window"})  # their names are titles, and no text that they show
_RECENT = 20  # looks that are searched for what a page said of a record before
PASSING = frozenset({"dialog", "alertdialog", "alert", "status", "log", "tooltip", "menu", "progressbar"})


def filled_expect(expect: Expect, values: Mapping[str, str]) -> Expect:
    """The expectation with every slot filled. What stands for a slot in a pattern of an address means itself."""
    plain = {name: _bare(value) for name, value in values.items()} if expect.kind == "at" else values
    row = tuple(filled(text, values) for text in expect.row)
    return replace(expect, name=filled(expect.name, values), value=filled(expect.value, plain), row=row)


def is_own(expect: Expect, mark: Mark | None) -> bool:
    """Whether an expectation is about the state of the step's own target. Both are filled."""
    if mark is None or expect.kind not in ("holds", "checked") or expect.role not in ("", mark.role):
        return False
    return bool(expect.name) and label(expect.name) == label(mark.name)


def as_called(expects: Sequence[Expect], marks: Sequence[Mark], found: Sequence[Found]) -> list[Expect]:
    """The expectations about the step's own target by what it is called here; the others as they are."""
    if len(marks) != 1 or len(found) != 1:
        return list(expects)
    own = found[0].element
    return [replace(e, role=own.role, name=own.name) if is_own(e, marks[0]) else e for e in expects]


def page(now: Observation) -> str:
    """What makes two looks those of one page or window: the path of its address, or its title."""
    return urlsplit(now.place.url).path or now.place.window


def shown_before(raw: Expect, expect: Expect, past: Mapping[str, Observation], now: Observation) -> bool:
    """Whether a value that had to show, as written and as filled, proves nothing: it is empty, or when this page was
    seen last before the act it showed as often, or two records fewer did.
    """
    then = past.get(page(now))
    if expect.kind != "shows" or not slots(raw.name):
        return False
    if not expect.name.strip():
        return True
    if then is None:
        return False
    twice = expect.role in RECORDS and not expect.part and _records(expect, now) > _records(expect, then) + 1
    return twice or 0 < _times(expect, now) <= _times(expect, then)


def recorded_before(expect: Expect, past: Sequence[Observation], now: Observation) -> bool:
    """Whether records that say all that must stand together prove nothing: as many did when this page last spoke of the
    first of it, or more than one came since.
    """
    then, there = spoken_of(expect.row[0], past, now), len(records(now, expect.row))
    before = len(records(then, expect.row)) if then is not None else 0
    return 0 < there <= before or there > before + 1


def spread(expect: Expect, past: Sequence[Observation], now: Observation) -> bool:
    """Whether what a record that was edited must say came to be said by another one too, which said it on no look."""
    look, values, own = look_at(now), expect.row[1:], records(now, expect.row)
    given = set(map(plain, values))
    for row in (each for each in records(now, values) if each not in own):
        texts = [look.names[at] for at in row if look.elements[at].role not in ROWS and tells(look.names[at])]
        texts = [text for text in texts if plain(text) not in given]
        for then in (each for each in past[-_RECENT:] if page(each) == page(now)):
            was = rows(look_at(then), texts, None, whole=True)
            if len(was) == 1 and not set(was) & set(records(then, values)):
                return True
    return False


def spoken_of(text: str, past: Sequence[Observation], now: Observation) -> Observation | None:
    """The last of these looks at this page on which a record says this, else the last at this page."""
    mine = [look for look in past if page(look) == page(now)][-_RECENT:]
    word = plain(text)
    told = (look for look in reversed(mine) if any(word in plain(e.name) for e in look.elements))
    return next((look for look in told if records(look, [text])), mine[-1] if mine else None)


def _times(expect: Expect, now: Observation) -> int:
    return sum(in_sight(element, now) for element in bearers(expect, now))


def _records(expect: Expect, now: Observation) -> int:
    """How many records are called so; what says so twice in one row is one."""
    return min(_times(expect, now), len(rows(look_at(now), [expect.name], None, whole=True)))


def in_its_row(expect: Expect, now: Observation, found: Sequence[Row]) -> bool:
    """Whether it holds in the row that was found for it; where that is none or several, it does not."""
    if len(found) != 1:
        return False
    look = look_at(now)
    if expect.kind == "gone":
        return not now.partial and not shows_in(expect, look, found[0])
    there = [
        look.elements[at]
        for at in shows_in(replace(expect, part=expect.part and expect.kind == "shows"), look, found[0])
    ]
    if not expect.name and len(there) > 1 and expect.kind != "shows":
        return False  # which of them is meant, nothing says
    match expect.kind:
        case "holds":
            return any(value_holds(expect, each, now) for each in there)
        case "checked":
            return any(checked(each) == expect.value for each in there)
        case _:
            return bool(there)


def met(expect: Expect, now: Observation) -> bool:
    """Whether it holds on this screen."""
    if expect.row and expect.kind != "record":
        return in_its_row(expect, now, rows(look_at(now), expect.row, None))
    match expect.kind:
        case "shows":
            return any(in_sight(e, now) for e in bearers(expect, now))
        case "gone":
            return not now.partial and not any(in_sight(e, now) for e in bearers(expect, now))
        case "holds":
            return any(value_holds(expect, e, now) for e in bearers(expect, now))
        case "checked":
            return any(checked(e) == expect.value for e in bearers(expect, now))
        case "record":
            return bool(records(now, expect.row))
        case "at":
            parts = urlsplit(now.place.url)
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            return fnmatchcase(found, expect.value)
        case "window":
            return _titled(expect, now)
        case "closed":
            return not now.partial and not _titled(expect, now)
        case _:
            assert_never(expect.kind)


def bearers(expect: Expect, now: Observation) -> list[Element]:
    if expect.part and expect.kind in ("shows", "gone"):
        return _saying(expect, now)
    wanted = label(expect.name)
    return [
        e for e in now.elements if expect.role in ("", e.role) and (not wanted or wanted in (label(e.name), called(e)))
    ]


def _saying(expect: Expect, now: Observation) -> list[Element]:
    """What says this text among others: by its own name, else, as a list says its items, by the texts inside it
    together. Figures are not put together: "1" beside "2" is no "12".
    """
    wanted = " ".join(expect.name.split())
    mine = [(at, e) for at, e in enumerate(now.elements) if expect.role in ("", e.role)]
    own = [e for _, e in mine if e.role not in _TITLED or expect.role]
    found = [e for e in own if wanted in " ".join(e.name.split()) or wanted in called(e)]
    if found:
        return found
    texts = _texts(now)
    squeezed = "".join(wanted.split()) if any(map(str.isalpha, wanted)) else None
    return [e for at, e in mine if wanted in texts[at] or (squeezed and squeezed in texts[at].replace(" ", ""))]


def _texts(now: Observation) -> list[str]:
    """What each element says with what is inside it: a name that holds the texts inside already is said once."""
    inside: dict[int, list[str]] = defaultdict(list)
    texts = [""] * len(now.elements)
    for at in range(len(now.elements) - 1, -1, -1):
        element = now.elements[at]
        name, inner = "" if element.role in _TITLED else element.name, " ".join(reversed(inside[at]))
        name = " ".join(name.split())
        whole = all(text in name for text in inside[at])
        texts[at] = name if whole else f"{name} {inner}".strip()
        if texts[at]:
            inside[element.parent].append(texts[at])
    return texts


def value_holds(expect: Expect, element: Element, now: Observation) -> bool:
    held = _values(element, now)
    if element.role == "cell" and not expect.part:
        return any(same(each, expect.value) for each in held)
    return any(expect.value in each for each in held) if expect.part else expect.value in held


def in_sight(element: Element, now: Observation) -> bool:
    """On a page whatever is rendered counts, also further down; elsewhere what the toolkit says that it shows."""
    return bool(now.place.url) or "showing" in element.states


def _values(element: Element, now: Observation) -> set[str]:
    """What it holds: a list the label of its selected option, and what that stands for."""
    held = {element.value if element.value is not None else element.name}
    if element.role == "combobox":
        chosen = (e for e in now.elements if e.role == "option" and "selected" in e.states)
        inside = (e for e in chosen if element in now.ancestors(e))
        held |= {at.value for e in inside for at in e.locators if at.kind == "value"}
    return held


def checked(element: Element) -> str:
    if "checkable" not in element.states:
        return ""
    return "on" if "checked" in element.states else "off"


def _titled(expect: Expect, now: Observation) -> bool:
    title = expect.name or expect.value
    titles = [now.place.window, *(e.name for e in top_windows(now)), *(e.name for e in now.elements if e.role == "tab")]
    if expect.part:
        return any(" ".join(title.split()) in " ".join(found.split()) for found in titles)
    return any(title == found or (stable(title) and stable(title) == stable(found)) for found in titles)


def _bare(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
