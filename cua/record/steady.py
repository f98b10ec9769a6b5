"""Which texts of a target's row the recording itself changes, so that they cannot tell the row the next time.

The row is looked for on the later screens by its other texts; where it never shows again, what was written over in a
field says it. A record that went away, or whose texts are another row's now, has not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cua import core
from cua.core import Observation
from cua.memory.workflows import Mark
from cua.policies import risk
from cua.policies.finding import look_at
from cua.policies.rowing import row_here
from cua.policies.surroundings import plain
from cua.policies.vanished import same_page
from cua.record.deeds import Deed

_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Later:
    """A recording as seen from one of its deeds: what was done, and the looks after it with their numbers from 1."""

    deeds: tuple[Deed, ...]
    looks: tuple[tuple[int, Observation], ...]


def changed(mark: Mark, now: Observation, later: Later) -> frozenset[str]:
    """The texts of the mark's row, as they are compared, that are otherwise at the end of the recording."""
    wanted = [plain(text) for text in mark.row]
    if not wanted:
        return frozenset()
    told = {text for text in wanted if look_at(now).common(text) == 1}
    there = _again(mark, now, later, told)
    last, look = next(((n, each) for n, each in reversed(later.looks) if same_page(each, now)), (0, None))
    over = {old for n, old in _written_over(later) if look is None or n + 1 >= last or not look_at(look).common(old)}
    missing = [text for text in wanted if there and text not in there]
    if missing and not _explained(mark, set(wanted), there, later):
        missing = []
    return frozenset(missing) | {text for text in wanted if text in over and text in told and len(text) >= _SHORTEST}


def _again(mark: Mark, now: Observation, later: Later, told: set[str]) -> set[str]:
    """The texts of the row on the last look that shows it, with those that stand elsewhere there."""
    for _, look in reversed(later.looks):
        if not same_page(look, now):
            continue
        index = look_at(look)
        rows = [{plain(text) for text in row_here(mark, index, at)} for at in index.named(mark.role, mark.name)]
        rows.sort(key=lambda row: -len(row & {plain(text) for text in mark.row}))
        own = [text for text in rows[0] & told if any(map(str.isalpha, text))] if rows else []
        if own and not any(text in other for other in rows[1:] for text in own):
            return rows[0] | {plain(text) for text in mark.row if index.common(text)}
    return set()


def _explained(mark: Mark, wanted: set[str], there: set[str], later: Later) -> bool:
    """Whether it is surely the same row: most of its texts are there, or what is new in it was written there."""
    if 2 * len(wanted & there) > len(wanted):
        return True
    texts = {plain(d.action.text) for d in later.deeds if isinstance(d.action, core.Fill | core.Type)}
    return any(text and text in new for text in texts for new in there - wanted)


def _written_over(later: Later) -> Iterator[tuple[int, str]]:
    """What fields held that were filled in otherwise, with the number of the deed; a search changes no record."""
    for deed in later.deeds:
        action, field = deed.action, deed.target
        if not isinstance(action, core.Fill) or field is None or field.value in (None, "", action.text):
            continue
        if not risk.looks_up(field, deed.before):
            yield deed.number, plain(field.value or "")


def later_than(deed: Deed, deeds: Sequence[Deed], looks: Sequence[Observation]) -> Later:
    """What comes after a deed. `looks` are those before each act of the recording, and the last."""
    after = tuple((number, look) for number, look in enumerate(looks, 1) if number > deed.number)
    return Later(tuple(each for each in deeds if each.number >= deed.number), after)
