"""The target among all that could be used beside it, matched to another look as a whole: each is taken only once.

On a page made anew little is called, keyed or placed as before, and no measure of one element alone is sure. But what
is surely matched is out of the way, and of the rest the target and one element may be alike in words as neither is with
any other. After patience diff (B. Cohen: unique lines first) and stable matching (Gale and Shapley, 1962). Pure over
one look and what the mark remembers; it chooses nothing that `choosing` rules out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cua.memory.workflows import Mark
from cua.policies.company import (
    AND,
    CHOICES,
    COMPANY,
    LONGEST,
    MOST_CHOICES,
    Used,
    choices,
    label_of,
    read,
    usable,
    used_at,
    way_of,
)
from cua.policies.fields import BESIDE, FIELDS, called_alike
from cua.policies.likeness import around_likeness, attributes, compatible, leads_home, mean
from cua.policies.lookups import used_otherwise
from cua.policies.renaming import in_table
from cua.policies.rowing import neighbours_gone
from cua.policies.surroundings import KINDS, Look, plain
from cua.policies.wording import (
    SAME_WORDS,
    SYNONYM,
    alike,
    milder,
    names_its_object,
    other_thing,
    part_of,
    tellings,
    worse,
)

# alike enough where all else speaks for it, where something around does, where nothing does; where it stands alone
_SLIGHT, _LEAST, _ENOUGH, _LIKE, _ALONE = 0.2, 0.5, 0.55, 0.75, 0.85
_RENAMED, _MARGIN = 0.6, 0.12  # of what stood beside the target; clearly more than the next
_SOME, _AROUND = 0.1, 0.3  # of what was around the target
_BESIDE, _CLOSE, _NEAR = 5, 3, 4  # places in reading order
_MANY, _STRAYED, _NEXT = 3, 4, 2  # so many that were beside it are here, and it is so far from all of them
_WAYS, _ACROSS, _CHOSEN = 0.6, 0.5, 0.9  # what addresses and lists of choices say beside labels
_OFFERED = 0.2  # of the choices of a list
_NOWHERE = (-1, 0.0)
_UNSAID = 0.8  # of what only addresses say


@dataclass(frozen=True, slots=True)
class Standing:
    """How an element stands to `many` that were beside the target: how far `away` in reading order from the nearest,
    whether it is `aside`, not between those before and those after, and whether it is the `sole` one between the two
    that stood just before and just after.
    """

    many: int
    away: int
    aside: bool
    sole: bool


class Together:
    """One mark and one look, matched as a whole."""

    def __init__(self, mark: Mark, look: Look, may_be: Callable[[int], bool]) -> None:
        said = attributes(mark)
        self._mark, self._look, self._said, self._may_be = mark, look, said, may_be
        offered = tuple(text for text in said.get(CHOICES, "").split(AND) if text)
        self._target = Used(
            mark.role, label_of(mark.role, plain(mark.name), said), way_of(said.get("href", "")), offered
        )
        self._here = usable(look)
        self._others, self._where = read(said.get(COMPANY, ""))

    @cached_property
    def _kept(self) -> dict[int, int]:
        """Of the others, by number, where they are now: those that one element here is called just like."""
        places: dict[str, list[int]] = {}
        for at, each in self._here.items():
            places.setdefault(each.name[:LONGEST], []).append(at)
        found = {}
        for number, other in enumerate(self._others):
            there = [at for at in places.get(other.name, ()) if compatible(other.role, self._here[at].role)]
            if there and other.name != self._target.name:
                found[number] = there[0]
        return found

    @cached_property
    def _taken(self) -> set[int]:
        """The elements here that are something else that was there."""
        names = {self._others[number].name for number in self._kept}
        return {at for at, each in self._here.items() if each.name[:LONGEST] in names}

    @cached_property
    def _free(self) -> list[Used]:
        """The others that are not here as they were; not those that were called as the target was."""
        numbered = enumerate(self._others)
        return [other for n, other in numbered if n not in self._kept and other.name != self._target.name]

    @cached_property
    def _rarity(self) -> Mapping[str, float]:
        """How much a word says: one that several have on either side, less. Only what could be taken for the target
        counts.
        """
        before, after = Counter[str](), Counter[str]()
        for count, every in ((before, (self._target, *self._others)), (after, self._here.values())):
            for name in {each.name for each in every if compatible(self._target.role, each.role)}:
                count.update(tellings(name))
        return {word: 1.0 / max(before[word], after[word]) for word in {*before, *after}}

    def offers_otherwise(self, at: int) -> bool:
        """Whether both are lists to choose from, and hardly a choice is the same."""
        both = self._target.choices, choices(self._look, at)
        return all(both) and _overlap(*both) < _OFFERED

    @property
    def twins(self) -> bool:
        """Whether something else that was there was called the same."""
        return any(o.name == self._target.name and compatible(o.role, self._target.role) for o in self._others)

    def is_other(self, at: int) -> bool:
        """Whether an element is rather something else that was there, of its role and called just like it: no more are
        here than were, and the target was of another role.
        """
        here = used_at(self._look, at)
        if not here.name or here.role == self._target.role:
            return False
        same = (here.role, here.name[:LONGEST])
        were = sum((other.role, other.name) == same for other in self._others)
        return 0 < were >= sum((each.role, each.name[:LONGEST]) == same for each in self._here.values())

    def best(self) -> tuple[int, float]:
        """The one element that is alike to the target as it is to no other that was there, and no other here is, and
        how alike; place -1 where there is none.
        """
        if not (self._target.name or self._target.choices) or not self._others:
            return _NOWHERE
        ranked = sorted(((self._alike(self._target, self._here[at]), at) for at in self._candidates()), reverse=True)
        if not ranked:
            return _NOWHERE
        score, at = ranked[0]
        chain = {at, *self._look.above(at), *self._look.below(at)}
        second = max((other for other, where in ranked if where not in chain), default=0.0)
        rival = max((self._alike(other, self._here[at]) for other in self._free), default=0.0)
        if score < _SLIGHT or score - max(second, rival) < _MARGIN:
            return _NOWHERE
        return (at, score) if self._in_place(at, score) else _NOWHERE

    def _in_place(self, at: int, score: float) -> bool:
        """Whether it stands beside what became of what stood beside the target, and is alike enough for that."""
        place = self.place(at)
        if (
            place.aside
            or place.away > (_CLOSE if score < _LIKE else _NEAR)
            or part_of(self._target.name, self._here[at].name)
        ):
            return False
        around = mean(around_likeness(self._mark, self._said, self._look, at), ("near", "path", "row"))
        if not place.many:
            return score >= _ALONE
        if score < _LIKE and other_thing(self._target.name, self._here[at].name):
            return False
        if not self._same_kind(at) and score < _LIKE and around < _AROUND:
            return False
        return (
            score >= _ENOUGH
            or (score >= _LEAST and around >= _SOME)
            or (place.sole and self._same_kind(at) and self._says_some(at))
        )

    def _says_some(self, at: int) -> bool:
        """Whether it says a word that the target said."""
        return not set(tellings(self._target.name)).isdisjoint(tellings(self._here[at].name))

    def _same_kind(self, at: int) -> bool:
        one, other = self._target.role, self._here[at].role
        return KINDS.get(one, one) == KINDS.get(other, other)

    def _candidates(self) -> list[int]:
        keys = set(tellings(self._target.name)) | set(tellings(self._target.way))
        found = []
        for at, each in self._here.items():
            shared = keys & {*tellings(each.name), *tellings(each.way)} or self._alike(self._target, each) >= _SLIGHT
            if at not in self._taken and shared and self._may_be(at):
                found.append(at)
        return found

    def place(self, at: int) -> Standing:
        """How an element stands to those that what was beside the target has become."""
        order = {where: number for number, where in enumerate(sorted({*self._here, at}))}
        became = [(steps, where) for steps, where in self._became if where != at]
        before = [where for steps, where in became if steps < 0][-1:]
        after = [where for steps, where in became if steps > 0][:1]
        aside = bool(before and after) and before < after and not before[0] < at < after[0]
        away = min((abs(order[where] - order[at]) for _, where in became), default=0)
        steps = dict(became)
        sole = -1 in steps and 1 in steps and order[steps[-1]] + 1 == order[at] == order[steps[1]] - 1
        return Standing(len(became), away, aside, sole)

    @cached_property
    def _became(self) -> tuple[tuple[int, int], ...]:
        """What those that stood nearest to the target have become: how many places after it each stood (before it:
        less than 0), and where it is now.
        """
        found = list[tuple[int, int]]()
        for n in range(max(0, self._where - _BESIDE), min(len(self._others), self._where + _BESIDE)):
            where = self._kept[n] if n in self._kept else self._renamed(self._others[n])
            if where is not None:
                found.append((n - self._where + (n >= self._where), where))
        return tuple(found)

    def _renamed(self, other: Used) -> int | None:
        """Where something else that was there is now under another name, if that is clear."""
        rest = (at for at in self._here if at not in self._taken)
        ranked = sorted(((self._alike(other, self._here[at]), at) for at in rest), reverse=True)[:2]
        if not ranked or ranked[0][0] < _RENAMED or (ranked[1:] and ranked[0][0] - ranked[1][0] < _MARGIN):
            return None
        score, at = ranked[0]
        return at if self._alike(self._target, self._here[at]) < score - _MARGIN else None

    def _alike(self, one: Used, other: Used) -> float:
        """How alike two labels are, or what their addresses say. What only one of the ways says is not counted against
        them.
        """
        if not compatible(one.role, other.role):
            return 0.0
        mine, yours = tellings(one.name), tellings(other.name)
        said = max(alike(one.name, other.name[:LONGEST]), self._shared(mine, yours))
        same = set(mine) & set(yours)
        pairs = ((_WAYS, one.way, other.way), (_ACROSS, one.way, other.name), (_ACROSS, one.name, other.way))
        found, ways = said, self._shared(tellings(one.way), tellings(other.way))
        for weight, left, right in pairs:
            words = tellings(left), tellings(right)
            if not set(words[0]) & set(words[1]) <= same or (left == right != ""):
                found = max(found, 1.0 - (1.0 - said) * (1.0 - weight * self._shared(*words)))
        if not said and len("".join(mine)) > 1 and len("".join(yours)) > 1 and ways < 1.0:
            found *= _UNSAID
        chosen = _CHOSEN * _overlap(one.choices, other.choices) if one.choices and other.choices else 0.0
        return max(found, chosen)

    def _shared(self, one: Sequence[str], other: Sequence[str]) -> float:
        """Of the words of both, each by how much it says, the share that both have."""
        mine, yours = set(one), set(other)
        if mine and "".join(one) == "".join(other):
            return 1.0
        total = self._weight(mine) + self._weight(yours)
        return 2 * self._weight(mine & yours) / total if total else 0.0

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(word, 1.0) for word in words)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How many of the choices of two lists are the same or much the same."""
    found = sum(max(alike(mine, yours) for yours in other) for mine in one)
    return found / max(len(one), min(len(other), MOST_CHOICES))


def ruled_out(mark: Mark, look: Look, at: int, in_row: Callable[[int], bool]) -> bool:
    """Whether an element cannot be what the target became, however alike: it does other harm or none, is in a table,
    is for looking up as the target was not, or is an act of no certain record.
    """
    wanted, name = plain(mark.name), look.plains[at]
    if worse(wanted, name) or milder(wanted, name) or (not mark.row and in_table(look, at)):
        return True
    if used_otherwise(mark, look, at):
        return True
    if names_its_object(mark.name) or mark.role in FIELDS:
        return False
    return bool(mark.row and not in_row(at)) or neighbours_gone(mark, look, at)


def strayed(mark: Mark, look: Look, at: int, together: Together, *, called: float) -> str:
    """Why an element that bears no key of the target is not it, if it is something else that was there, or stands far
    from what the others have become; "" if it may be it. `called` is how alike the two are called.
    """
    if together.is_other(at) or _fewer_nameless(mark, look, at):
        return "it was there beside it before"
    unlabelled = not mark.name and BESIDE not in mark.says
    if unlabelled and together.offers_otherwise(at):
        return "it offers other things"
    homes = (attributes(mark).get("href", ""), look.said[at].get("href", ""))
    if (called >= SAME_WORDS and not unlabelled) or leads_home(*homes, look.now.place.url):
        return ""
    place = together.place(at)
    far = place.aside or place.away > _NEXT if unlabelled else place.many >= _MANY and place.away > _STRAYED
    return "it stands far from what was beside it" if far else ""


def _fewer_nameless(mark: Mark, look: Look, at: int) -> bool:
    """Whether of several that had no name, in no row, one is gone, and nothing says that it was not the one meant."""
    said, role = attributes(mark), look.elements[at].role
    if mark.name or look.plains[at] or mark.row or role != mark.role:
        return False
    if BESIDE in said and (called_alike("", said, "", look.said[at]) or 0.0) >= SYNONYM:
        return False
    return len(look.named(role, "")) < mark.of
