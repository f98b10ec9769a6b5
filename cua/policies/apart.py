"""Whether the best of several that a mark may mean is clearly the one, as far as another one goes. In doubt it is not.

Pure over one look; called by `choosing`, after what rules an element out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cua.memory.workflows import Mark
from cua.policies.doubles import doubled, may_be_double, told_by
from cua.policies.fields import FIELDS
from cua.policies.likeness import KEYS, Likeness, attributes, share
from cua.policies.needs import MARGIN, STRONG, needed
from cua.policies.rowing import row_here
from cua.policies.surroundings import Look

_AS_BEFORE = 0.9  # around it all is much as it was
_SOLE_KEYS = frozenset({"testid", "id", "action", "name"})
_WORDS = re.compile(r"[^\W\d_]+")
_FAR, _ASIDE, _CALLED = 0.15, 0.25, 0.4


def _words(key: str) -> list[str]:
    """The words of a key, without its numbers: these tell the rows of one list apart, words tell lists apart."""
    return _WORDS.findall(key.casefold())


@dataclass(frozen=True, slots=True)
class Apart:
    """One mark in one look. `same` are the places of those called as it was, `wanted` how that is; `foreign` says that
    the page speaks other words throughout.
    """

    mark: Mark
    look: Look
    same: tuple[int, ...]
    wanted: str
    foreign: bool

    def another_of_them(self, best: Likeness, at: int) -> bool:
        """Whether several were called so or said the same, fewer are now, and nothing tells that the best is not one of
        the others.
        """
        mark = self.mark
        if may_be_double(mark, self.look, at) and not self._as_many_fields():
            return True
        if mark.of == 1 or not self.wanted or best.keys or best.name < 0.97:
            return False
        role = self.look.elements[at].role
        if sum(self.look.elements[other].role == role for other in self.same) >= mark.of:
            return False
        said, here = attributes(mark), self.look.said[at]
        if mark.row:
            return any(
                _words(said.get(kind, "")) != _words(here[kind]) for kind in KEYS if kind in said and kind in here
            )
        return best.around < _AS_BEFORE or any(kind in said and kind in here for kind in KEYS)

    def clearer(self, best: Likeness, at: int, other: Likeness, where: int) -> bool:
        """Whether nothing but the best could be meant, as far as this other one goes."""
        mark, look, gap = self.mark, self.look, best.score - other.score
        if doubled(mark, look, at, where) and not self._as_many_fields():
            return self._told(at, where)
        margin = needed(mark, best, foreign=self.foreign).margin
        if other.score < needed(mark, other, foreign=self.foreign).score - MARGIN:
            return gap >= margin or best.name - other.name >= _CALLED
        if set(best.keys) & set(other.keys) & _SOLE_KEYS:
            return self._in_its_row(at, where) or self._under_its_labels(at, where)
        strong = set(best.keys) & STRONG - set(other.keys)
        against = set(other.keys) & STRONG - set(best.keys)
        if against and not strong:
            return gap >= _FAR
        if not self.wanted and best.name - other.name >= _CALLED:
            return gap >= margin
        if look.plains[at] == look.plains[where] == self.wanted:
            counted = look.twins(at) and not mark.row and not self._as_many_fields() and not told_by(mark, look, at)
            return (bool(strong) and not counted) or self._apart(best, at, other, where)
        if other.name >= 0.97 > best.name:
            return gap >= _FAR
        return gap >= margin

    def _told(self, at: int, where: int) -> bool:
        """Of two rows that say the same: whether a key of its record or the labels around it tell which it is."""
        return bool(told_by(self.mark, self.look, at)) or self._under_its_labels(at, where)

    def _as_many_fields(self) -> bool:
        """Whether it is a field, and as many are called so as were: a form's fields stay at their places."""
        return self.mark.role in FIELDS and len(self.same) == self.mark.of

    def _apart(self, best: Likeness, at: int, other: Likeness, where: int) -> bool:
        """Of two that are called alike: whether what is around them tells which it is."""
        look, mark, same = self.look, self.mark, self.same
        if self._in_its_row(at, where):
            return True
        together = look.path(at) == look.path(where) and look.elements[at].parent == look.elements[where].parent
        if together and len(same) > mark.of:
            return False
        if self._under_its_labels(at, where):
            return True
        if len(same) == mark.of > mark.nth and same[mark.nth] == at:
            return best.around >= 0.75 and best.score - other.score >= 0.02
        return best.around - other.around >= _ASIDE and best.score - other.score >= MARGIN

    def _in_its_row(self, at: int, where: int) -> bool:
        """Whether the row is rather that of the first."""
        rows = [row_here(self.mark, self.look, n) for n in (at, where)]
        return bool(self.mark.row) and share(self.mark.row, rows[0]) - share(self.mark.row, rows[1]) >= 0.3

    def _under_its_labels(self, at: int, where: int) -> bool:
        """Whether the labels around are rather those of the first."""
        paths = [self.look.path(n) for n in (at, where)]
        return bool(self.mark.path) and share(self.mark.path, paths[0]) - share(self.mark.path, paths[1]) >= 0.4
