"""What on a look comes close to a target that is not there, for a person to read: a few names, cut short, or nothing.

Pure over one look, and never to be acted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from cua.core import Element, Observation
from cua.memory.workflows import Mark
from cua.policies.finding import Lost, look_at, mark_of
from cua.policies.rowing import row_here
from cua.policies.surroundings import ROWS, plain
from cua.policies.trail import called
from cua.screen import top_windows

_PICKED = frozenset({"radio", "option"})
_MOST, _ALL, _CLOSE, _LONGEST = 3, 8, 0.6, 60


def close_to(lost: Lost, mark: Mark, now: Observation) -> str:
    """What comes close, in words to go on with; "" where nothing really does. Of rows it is what names them, of a
    choice what else there is to choose from.
    """
    if mark.role in _PICKED and mark.path and (others := _choices(mark, now)):
        return f"; {mark.path[-1]!r} has {_listed(others[:_ALL])}{_more(len(others) - _ALL)}"
    if lost.closest is None:
        return ""
    if lost.kind == "ambiguous" or (not (in_rows := _in_another_row(lost.closest, mark)) and mark.role not in ROWS):
        return f"; closest: {_placed(lost.closest, now)}"
    wanted = mark.row[0] if in_rows else mark.name
    said = _row_names(wanted, mark, now) if in_rows else [e.name for e in now.elements if e.role == mark.role]
    near = _nearest(wanted, said)
    return f"; close to that: {_listed(near)}" if near else ""


def _choices(mark: Mark, now: Observation) -> list[str]:
    """What else stands in the group that it was to be picked from."""
    group = plain(mark.path[-1])
    alike = (e for e in now.elements if e.role == mark.role and e.name)
    return list(dict.fromkeys(e.name for e in alike if any(plain(up.name) == group for up in now.ancestors(e))))


def _in_another_row(closest: Element, mark: Mark) -> bool:
    return bool(mark.row) and (closest.role, plain(closest.name)) == (mark.role, plain(mark.name))


def _row_names(wanted: str, mark: Mark, now: Observation) -> list[str]:
    """Of each row that has such an element the text that is most like the wanted one."""
    look = look_at(now)
    rows = (row_here(mark, look, at) for at in look.named(mark.role, mark.name))
    return [max(row, key=lambda text: _likeness(wanted, text)) for row in rows if row]


def _nearest(wanted: str, said: Iterable[str]) -> list[str]:
    others = [text for text in dict.fromkeys(said) if plain(text) != plain(wanted)]
    ranked = sorted(((_likeness(wanted, text), text) for text in others), key=lambda pair: -pair[0])
    return [text for likeness, text in ranked if likeness >= _CLOSE][:_MOST]


def _likeness(wanted: str, text: str) -> float:
    """How like two names are; one that holds the other's words is close."""
    one, other = plain(wanted), plain(text)
    short, long = sorted((one, other), key=len)
    within = bool(short) and f" {short} " in f" {long} "
    return max(SequenceMatcher(None, one, other).ratio(), _CLOSE if within else 0.0)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(_cut(name)) for name in names)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def _placed(element: Element, now: Observation) -> str:
    """What came nearest, and where that stands."""
    mark = mark_of(element, now)
    said = called(replace(mark, name=_cut(mark.name), row=tuple(map(_cut, mark.row))))
    if mark.row or element.parent < 0:
        return said
    where = f" under {mark.path[-1]!r}" if mark.path else f" beside {mark.near[0]!r}" if mark.near else ""
    top = (element, *now.ancestors(element))[-1]
    several = not now.place.url and len(top_windows(now)) > 1
    return f"{said}{where}{f' in the window {top.name!r}' if several and top.name else ''}"
