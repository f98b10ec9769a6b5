"""Finding an element again: what is remembered of a target, and which element of another look it is, if any.

Pure over observations. A locator alone never decides: what it finds must be the only one, must be of a role that the
target may have now, and must stand where the target stood (row, window, labels around). What names, ids and structure
no longer tell, likeness over all evidence does, if it is clear. It never guesses: a target that is not there, or that
cannot be told from another, is Lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cua.core import Element, Locator, Observation
from cua.errors import UsageError
from cua.memory.workflows import Mark, Risk, filled, slots
from cua.policies.choosing import RIVALS, WAYS, Found, Lost, Search
from cua.policies.company import CHOICES, COMPANY, choices, company
from cua.policies.contained import as_recorded, rows_holding
from cua.policies.doubles import DOUBLE, double_said
from cua.policies.figures import concrete
from cua.policies.given import surely_called
from cua.policies.likeness import KEYS, attributes, compatible, key_value, mean, own_likeness
from cua.policies.lookups import FOR, purpose_of
from cua.policies.rowing import RECORD, record
from cua.policies.surroundings import Look, plain
from cua.policies.wording import alike

__all__ = ["RANKS", "Found", "Lost", "filled_mark", "find", "look_at", "mark_of", "surely"]

# the ways to find an element, best first; the rest of what a driver gives is evidence only
RANKS = ("testid", "id", "action", "role", "label", "name", "placeholder", "text", "href", "path", "css")
_EVIDENCE = ("tag", "type", "form", "class", "icon", "alt", "beside", "xpath", "at")
_MOST_RIVALS, _REACH, _CONFUSING = 12, 125, 0.5
_last: list[Look] = []


# ------------------------------------------------------------------------------------------------ remembering


def mark_of(element: Element, now: Observation) -> Mark:
    """All evidence that this look gives of an element.

    Of `row` the texts that tell this row from others come first. Raises UsageError for an element of another look.
    """
    look = look_at(now)
    at = look.place(element)
    if at < 0:
        raise UsageError(f"{element.role} {element.name!r} is not an element of this observation; mark it on its own")
    alike = look.named(element.role, look.names[at])
    said = look.said[at]
    beside, up = ((), 0) if look.row(at) else record(look, at)
    further = _further(look, at) | ({"rows": RECORD, "up": str(up)} if beside else {})
    mark = Mark(
        role=element.role,
        name=look.names[at],
        locators=tuple(Locator(kind, said[kind]) for kind in RANKS if said.get(kind) and not _shared(kind, look, at)),
        window=look.window(at),
        path=look.path(at),
        row=beside or look.row(at),
        near=look.near(at),
        box=_in_thousandths(element, now),
        nth=alike.index(at),
        of=len(alike),
        says={kind: said[kind] for kind in _EVIDENCE if said.get(kind)} | further,
    )
    more = {"rivals": RIVALS.join(_rivals(mark, look, at)), DOUBLE: double_said(mark, look, at)}
    more |= {COMPANY: company(look, at), CHOICES: RIVALS.join(choices(look, at)), FOR: purpose_of(look, at)}
    return replace(mark, says=dict(mark.says) | {kind: value for kind, value in more.items() if value})


def filled_mark(mark: Mark, values: Mapping[str, str]) -> Mark:
    """The mark with every slot filled. Raises UsageError for a slot that no value is for.

    Where a parameter says which row, or what the target is called, the rest that was recorded of that one row or target
    (other texts of the row, ids and addresses without a slot, its place) says nothing of another and is left out.
    """

    def fill(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(filled(text, values) for text in texts)

    locators, row, says = mark.locators, mark.row, mark.says
    slotted = tuple(text for text in row if slots(text))
    if slotted or slots(mark.name):
        bound = {*KEYS, "css", "xpath", "at", DOUBLE, COMPANY} - (
            {"action"} if slotted else {"action", "id", "testid", "name"}
        )
        locators = tuple(at for at in locators if at.kind not in bound or slots(at.value))
        says = {kind: value for kind, value in says.items() if kind not in bound}
        row = slotted or row
    return replace(
        mark,
        name=filled(mark.name, values),
        locators=tuple(Locator(at.kind, filled(at.value, values)) for at in locators),
        path=fill(mark.path),
        row=fill(row),
        near=() if slotted else fill(mark.near),
        says=says,
        box=None if slotted else mark.box,
    )


def _shared(kind: str, look: Look, at: int) -> bool:
    """Whether others bear the same name for programs: that of a group of choices, not of one of them."""
    return kind == "name" and len(look.by_locator[kind, look.said[at][kind]]) > 1


def _further(look: Look, at: int) -> dict[str, str]:
    """Its place in the page or window; how many steps above it its row is, and whether its name tells that row; how
    many there are that it could be taken for by its role.
    """
    said = {"at": look.spot(at), "up": str(look.steps_to_row(at) or "")}
    said["rows"] = ("many" if look.twins(at) else "one") if look.row(at) else ""
    said["tells"] = "row" if look.row(at) and look.tells_its_row(at) else ""
    said["title"] = look.elements[at].description
    alike = look.named(look.elements[at].role, look.names[at])
    said["told"] = "title" if len({look.elements[other].description for other in alike}) > 1 else ""
    said["alike"] = str(look.of_kind(look.elements[at].role))
    said[WAYS] = "many" if _many_ways(look, at) else ""
    return {kind: value for kind, value in said.items() if value}


def _many_ways(look: Look, at: int) -> bool:
    """Whether something that is called otherwise leads where it leads."""
    way = key_value("href", look.said[at].get("href", ""))
    own = {at, *look.above(at), *look.below(at)}
    others = (n for n, said in enumerate(look.said) if n not in own and key_value("href", said.get("href", "")) == way)
    return bool(way) and any(look.plains[n] not in ("", look.plains[at]) for n in others)


def _in_thousandths(element: Element, now: Observation) -> tuple[int, int, int, int] | None:
    box, frame = element.box, now.frame
    if box is None or frame is None:
        return None
    width, height = frame.width / frame.scale, frame.height / frame.scale
    return (
        round(1000 * box.x / width),
        round(1000 * box.y / height),
        round(1000 * box.width / width),
        round(1000 * box.height / height),
    )


def _rivals(mark: Mark, look: Look, at: int) -> tuple[str, ...]:
    """The names of the other elements that are most like it: what it must not be taken for. First those that are called
    much like it.
    """
    said, own = attributes(mark), plain(mark.name)
    ranked: list[tuple[float, str]] = []
    for other, element in enumerate(look.elements):
        name = look.names[other]
        if not name or look.plains[other] == own or RIVALS in name or not compatible(mark.role, element.role):
            continue
        called = alike(own, look.plains[other]) if own else 0.0
        if (abs(other - at) > _REACH and called < _CONFUSING) or other in look.above(at) or at in look.above(other):
            continue
        ranked.append((mean(own_likeness(mark, said, look, other)) + (called >= _CONFUSING), name[:80]))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(dict.fromkeys(name for _, name in ranked))[:_MOST_RIVALS]


# ------------------------------------------------------------------------------------------------ finding


def look_at(now: Observation) -> Look:
    """The look's index; the last one is kept, because the same look is searched several times in a row."""
    if not _last or _last[0].now is not now:
        _last[:] = [Look(now)]
    return _last[0]


def find(mark: Mark, now: Observation, *, risk: Risk = "reversible") -> Found | Lost:
    """The element of this look that the mark means, or why there is none to be sure of. The mark has no slots.

    For what cannot be taken back (`risk`) it must be called as it was, or bear a key of it and be called much the same.
    """
    mark = concrete(mark, look_at(now))
    return surely(Search(mark, look_at(now)).result(), mark, now, risk)


def surely(found: Found | Lost, mark: Mark, now: Observation, risk: Risk) -> Found | Lost:
    """What was found, if what is called so may be acted on with this risk."""
    if isinstance(found, Lost) or risk != "irreversible":
        return found
    look = look_at(now)
    if not as_recorded(mark) and (rows := rows_holding(mark, look, look.place(found.element))) > 1:
        said = " and ".join(map(repr, mark.row))
        why = f"{rows} rows here say {said}, and what this step does cannot be taken back; which is meant is not known"
        return Lost("ambiguous", why, found.element)
    if surely_called(mark, look, look.place(found.element), found.score):
        return found
    what = f"{found.element.role} {found.element.name!r} may be it, but is called otherwise"
    return Lost("changed", f"{what}, and what this step does cannot be taken back", found.element)
