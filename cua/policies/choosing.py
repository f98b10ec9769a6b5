"""Which element of a look a mark means: candidates, what rules one out, and when the best is clear enough.

Pure; called by `finding`. What rules an element out is absolute: another window, another row, a known neighbour, a word
that destroys where none was. What is left is weighed; the best must be good enough for the kind of evidence it has, and
clearly better than the next. In doubt nothing is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cua.core import Element
from cua.memory.workflows import Mark
from cua.policies.apart import Apart
from cua.policies.company import COMPANY
from cua.policies.fields import BESIDE, FIELDS, SAME, called_alike, labelled_otherwise
from cua.policies.given import given, only_given
from cua.policies.likeness import (
    KEYS,
    TEXTS,
    Likeness,
    around_likeness,
    attributes,
    can_act,
    compatible,
    key_value,
    mean,
    own_likeness,
    share,
    weighed,
)
from cua.policies.lookups import bears_key, used_otherwise
from cua.policies.needs import NEVER, SAME_NAME, STRONG, needed
from cua.policies.renaming import foreign, in_table, leads_elsewhere, made_anew
from cua.policies.rowing import neighbours_gone, row_agrees
from cua.policies.rowless import leads_there, row_waived
from cua.policies.surroundings import Look, plain
from cua.policies.together import Together, ruled_out, strayed
from cua.policies.wording import SAME_WORDS, SYNONYM, alike, part_of, renamed, worse
from cua.screen import ACTABLE

RIVALS = " | "
WAYS = "ways"  # says that something called otherwise led to the same address
_CLOSER = 14  # so many of the best are weighed with all that is around them
_RENUMBERED = frozenset({"id", "name"})  # other on a page made anew
_SOLE_KEYS = frozenset({"testid", "id", "action", "name"})


@dataclass(frozen=True, slots=True)
class Found:
    """The element, what found it (a locator's kind or "likeness"), the place of that among the mark's locators (their
    number for likeness), and how alike it is to what was remembered, from 0 to 1.
    """

    element: Element
    by: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Why there is nothing to act on. `closest` is what came nearest, for a person to read; never to act on."""

    kind: Literal["missing", "ambiguous", "changed"]
    why: str
    closest: Element | None = None


class Search:
    """One search of one look."""

    def __init__(self, mark: Mark, look: Look) -> None:
        self._mark, self._look = mark, look
        self._said = attributes(mark)
        self._wanted = plain(mark.name)
        rivals = mark.says.get("rivals", "").split(RIVALS)
        named = frozenset(plain(name) for name in rivals if name)
        self._rivals = frozenset(name for name in named if alike(name, self._wanted) < SAME_WORDS)
        self._gone: frozenset[str] | None = None
        self._ruled: dict[int, str] = {}
        self._foreign, self._anew = self._is_foreign(), made_anew(mark, look)

    def result(self) -> Found | Lost:
        """The element that is meant, if that is sure."""
        if only_given(self._mark):
            return self._only_given()
        found = self._straight() or self._weighed()
        if isinstance(found, Found):
            return self._strayed(found) or found
        return found if found.kind == "ambiguous" else self._together() or found

    def _strayed(self, found: Found) -> Lost | None:
        """What bears no key of the target must be none of those beside it, nor far from them if it is not called so."""
        at = self._look.place(found.element)
        same = self._wanted == self._look.plains[at] != "" and found.element.role == self._mark.role
        if same or COMPANY not in self._said or bears_key(self._mark, self._look, at):
            return None
        together = Together(self._mark, self._look, self._may_be)
        reason = strayed(self._mark, self._look, at, together, called=self._whole(at).name)
        return Lost("missing", self._saying(reason), found.element) if reason else None

    def _together(self) -> Found | None:
        """What the target became on a page made anew, where all that was beside it tells and nothing rules it out."""
        if COMPANY not in self._said or not self._anew or (self._wanted and self._same_name()):
            return None
        in_row = self._mark.row and self._mark.says.get("rows", "many") == "many"
        may_be = (lambda at: self._may_be(at) and self._in_row(at)) if in_row else self._may_be
        together = Together(self._mark, self._look, may_be)
        at, score = together.best() if in_row or not together.twins else (-1, 0.0)
        if at < 0 or ruled_out(self._mark, self._look, at, self._in_row):
            return None
        return Found(self._look.elements[at], *self._by(at), score)

    def _only_given(self) -> Found | Lost:
        """A mark without evidence: its locators must tell one element, of a role it may have; they are not weighed."""
        hits, by, rank = given(self._mark, self._look)
        left = [at for at in hits if not self._why_not(at)]
        if len(left) == 1 == len(hits):
            return Found(self._look.elements[left[0]], by, rank, 1.0)
        closest = self._look.elements[hits[0]] if hits else None
        if len(left) > 1:
            return Lost("ambiguous", f"{len(left)} elements here could be it; give the step a row", closest)
        reason = self._why_not(hits[0]) if hits else ""
        return Lost("changed" if hits else "missing", self._saying(reason), closest)

    # ------------------------------------------------------------------------------------------ the straight way

    def _straight(self) -> Found | None:
        """All locators that tell one element from all others mean the same one, and it is where it was."""
        meant: list[tuple[int, str, int]] = []
        for rank, locator in enumerate(self._mark.locators):
            hits = self._hits(locator.kind, locator.value)
            if len(hits) > 1 and locator.kind in _SOLE_KEYS:
                return None
            if len(hits) == 1:
                meant.append((rank, locator.kind, hits[0]))
        named = [found for found in meant if found[1] not in ("css", "path")]
        if not named or len({at for _, _, at in named}) != 1:
            return None
        rank, kind, at = named[0]
        if self._wanted != self._look.plains[at] or self._why_not(at) or len(self._same_name()) > 1:
            return None
        likeness = self._whole(at)
        if self._apart().another_of_them(likeness, at):
            return None
        sure = likeness.score >= SAME_NAME.score and (bool(self._wanted) or bool(likeness.keys))
        return Found(self._look.elements[at], kind, rank, likeness.score) if sure else None

    def _hits(self, kind: str, value: str) -> list[int]:
        if kind == "href" and not key_value(kind, value):
            return []
        return [at for at in self._look.by_locator.get((kind, value), []) if self._may_be(at)]

    def _may_be(self, at: int) -> bool:
        """Of a role that the target may have, in its window."""
        look, mark = self._look, self._mark
        element = look.elements[at]
        if not compatible(mark.role, element.role) or (mark.role in ACTABLE and not can_act(element, mark.role)):
            return False
        return not mark.window or look.window(at) == mark.window

    def _same_name(self) -> list[int]:
        """The elements that may be it and are called the same, one inside the other counted once."""
        plains = self._look.plains
        found = [at for at, name in enumerate(plains) if name == self._wanted and self._may_be(at)]
        return [at for at in found if not any(above in found for above in self._look.above(at))]

    # ------------------------------------------------------------------------------------------ what rules it out

    def _why_not(self, at: int) -> str:
        """Why this one cannot be it, whatever else speaks for it; "" if nothing does."""
        if at not in self._ruled:
            self._ruled[at] = self._reason(at)
        return self._ruled[at]

    def _reason(self, at: int) -> str:
        if reason := used_otherwise(self._mark, self._look, at):
            return reason
        if self._look.plains[at] != self._wanted and (reason := self._called_wrongly(at)):
            return reason
        if not self._mark.row and neighbours_gone(self._mark, self._look, at):
            return f"nothing of what was near is here: {', '.join(map(repr, self._mark.near))}"
        if self._mark.row and not self._in_row(at):
            return f"it is not in the row of {self._mark.row[0]!r}"
        help_text, here = self._said.get("title", ""), self._look.elements[at].description
        if self._mark.says.get("told") == "title" and help_text and here and plain(help_text) != plain(here):
            return f"it says {here!r} of itself"
        if not self._wanted and (reason := self._nameless_wrongly(at)):
            return reason
        return f"it is not under {self._mark.path[-1]!r}" if self._elsewhere(at) else ""

    def _called_wrongly(self, at: int) -> str:
        """Why what is called otherwise cannot be it."""
        name = self._look.names[at]
        if self._was_rival(at) or self._became_rival(at):
            return f"{name!r} was there beside it before"
        if worse(self._wanted, self._look.plains[at]):
            return f"{name!r} would do something else"
        if part_of(self._wanted, self._look.plains[at]) and not bears_key(self._mark, self._look, at):
            return f"{name!r} is for less, or says other numbers"
        return f"{name!r} belongs to a table" if not self._mark.row and in_table(self._look, at) else ""

    def _nameless_wrongly(self, at: int) -> str:
        """Why it cannot be a target that had no name."""
        other = self._mark.role in FIELDS and labelled_otherwise(self._said, self._look.plains[at], self._look.said[at])
        if other and not bears_key(self._mark, self._look, at):
            return f"it is not the field beside {self._said[BESIDE]!r}"
        keyed = any(self._key_agrees(kind, at) for kind in STRONG)
        return "" if keyed or not leads_elsewhere(self._said, self._look, at) else "it leads elsewhere"

    def _was_rival(self, at: int) -> bool:
        """Whether something else was called so; what is called much like the target and leads where it led is it."""
        name = self._look.plains[at]
        same = leads_there(self._mark, self._look, at) and alike(name, self._wanted) >= SYNONYM
        return name in self._rivals and not same

    def _became_rival(self, at: int) -> bool:
        """Whether it is what became of something that stood beside the target; a key of the target says otherwise."""
        if self._gone is None:
            self._gone = self._rivals - set(self._look.plains)
        became = renamed(self._look.plains[at], self._wanted, self._gone)
        keys = [kind for kind in KEYS if kind != "href" or WAYS not in self._said]
        return became and not any(self._key_agrees(kind, at) for kind in keys)

    def _in_row(self, at: int) -> bool:
        mark, look = self._mark, self._look
        return row_waived(mark, look, at) or row_agrees(mark, look, at, alone=self._alone(at))

    def _elsewhere(self, at: int) -> bool:
        """Whether it is one of several that were called so, and stands under other labels than the one meant."""
        by_row = self._mark.row and self._mark.says.get("rows") == "many"
        if self._mark.of == 1 or by_row or not self._mark.path or any(self._key_agrees(kind, at) for kind in STRONG):
            return False
        here, least = (self._look.plains[at], self._look.said[at]), SYNONYM if BESIDE in self._said else SAME
        if not self._wanted and (called_alike("", self._said, *here) or 0.0) >= least:
            return False
        labels = self._look.path(at)
        return bool(labels) and share(self._mark.path, labels) < 0.5

    def _alone(self, at: int) -> bool:
        """Whether it is called as before, and no other is or was."""
        called = self._look.plains[at] == self._wanted != ""
        return self._mark.says.get("rows") != "many" and self._mark.of == 1 and called and len(self._same_name()) == 1

    def _key_agrees(self, kind: str, at: int) -> bool:
        mine = key_value(kind, self._said.get(kind, ""))
        return bool(mine) and mine == key_value(kind, self._look.said[at].get(kind, ""))

    # ------------------------------------------------------------------------------------------ the weighing

    def _whole(self, at: int) -> Likeness:
        own = own_likeness(self._mark, self._said, self._look, at)
        signs = {**own, **around_likeness(self._mark, self._said, self._look, at)}
        if self._foreign:
            signs = {kind: sign for kind, sign in signs.items() if kind not in TEXTS}
        found = weighed(signs)
        return replace(found, against=tuple(set(found.against) - _RENUMBERED)) if self._anew else found

    def _is_foreign(self) -> bool:
        mark = self._mark
        return foreign({self._wanted, *self._rivals, *map(plain, (*mark.near, *mark.path, *mark.row))}, self._look)

    def _weighed(self) -> Found | Lost:
        """First among those that have its name or a key of it; where none of them is it, among all that it may be."""
        look = self._look
        known = {at for kind in KEYS if kind in self._said for at in self._hits(kind, self._said[kind])}
        same = set(self._same_name()) if self._wanted else set()
        first = self._chosen(sorted(known | same)) if known | same else None
        if first is not None and (same or isinstance(first, Found) or first.kind == "ambiguous"):
            return first
        return self._chosen([at for at in range(len(look.elements)) if self._may_be(at)])

    def _chosen(self, places: list[int]) -> Found | Lost:
        look = self._look
        ranked = [(mean(own_likeness(self._mark, self._said, look, at)), at) for at in places]
        if not ranked:
            return Lost("missing", f"there is no {self._mark.role} here; look at the screen before this step")
        ranked.sort(key=lambda pair: -pair[0])
        closest = ranked[0][1]
        left: list[tuple[Likeness, int]] = []
        for _, at in ranked:
            if not self._why_not(at):
                left.append((self._whole(at), at))
            if len(left) == _CLOSER:
                break
        left.sort(key=lambda pair: -pair[0].score)
        reason = self._why_not(closest)
        if not left:
            kind: Literal["changed", "missing"] = "changed" if look.plains[closest] == self._wanted else "missing"
            return Lost(kind, self._saying(reason), look.elements[closest])
        return self._decided(left, reason)

    def _decided(self, left: list[tuple[Likeness, int]], reason: str) -> Found | Lost:
        (best, at), look = left[0], self._look
        chain = {at, *look.above(at)}
        others = [(other, where) for other, where in left[1:] if where not in chain and at not in look.above(where)]
        named = look.names[at] or best.keys or not self._wanted
        need = needed(self._mark, best, foreign=self._foreign) if named else NEVER
        if best.score < need.score or best.around < need.around or best.form < need.form:
            return Lost("missing", self._saying(reason), look.elements[at])
        at, best = self._innermost(at, best, left)
        apart = self._apart()
        if apart.another_of_them(best, at):
            return Lost(
                "ambiguous", f"{self._described(at)} may be another of several that were here", look.elements[at]
            )
        for other, where in others:
            if not apart.clearer(best, at, other, where):
                return Lost(
                    "ambiguous",
                    f"{self._described(at)} and {self._described(where)} could both be it; "
                    "give the step a row or a label that tells them apart",
                    look.elements[at],
                )
        return Found(look.elements[at], *self._by(at), best.score)

    def _apart(self) -> Apart:
        return Apart(self._mark, self._look, tuple(self._same_name()), self._wanted, self._foreign)

    def _innermost(self, at: int, best: Likeness, left: list[tuple[Likeness, int]]) -> tuple[int, Likeness]:
        """Of one inside the other, called alike, the one of the remembered role."""
        look = self._look
        if look.elements[at].role == self._mark.role:
            return at, best
        for other, where in left[1:]:
            nested = where in look.above(at) or at in look.above(where)
            if nested and look.elements[where].role == self._mark.role and look.plains[where] == look.plains[at]:
                return where, other
        return at, best

    def _by(self, at: int) -> tuple[str, int]:
        for rank, locator in enumerate(self._mark.locators):
            if at in self._hits(locator.kind, locator.value):
                return locator.kind, rank
        return "likeness", len(self._mark.locators)

    # ------------------------------------------------------------------------------------------ saying

    def _described(self, at: int) -> str:
        row = self._look.row(at)
        place = f" beside {row[0]!r}" if row else f" in {path[-1]!r}" if (path := self._look.path(at)) else ""
        return f"{self._look.elements[at].role} {self._look.names[at]!r}{place}"

    def _saying(self, reason: str) -> str:
        what = f"no {self._mark.role} {self._mark.name!r} is here that is surely the one meant"
        return f"{what}; the closest is not: {reason}" if reason else what
