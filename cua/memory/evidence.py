"""Whether what others did here is what this task must do here too. Pure arithmetic over the uses of one context.

A use is one way in which a step was taken in a context: with which values, how often it passed and failed. A step is
only right for other values if the record shows that they do not matter: enough different values, one and the same step.
As long as the record leaves two answers open there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from operator import eq, itemgetter

from cua.memory.signatures import Value

# how many different values must have led to the same step before a new one is taken to lead to it as well
ENOUGH_TEXTS = 2
ENOUGH_WORDS = 3
MOST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Use:
    """`said` are the values as compared, the last one the rest of the goal; `slots` those that the step itself uses.
    `content` is what the screen showed, where that may have decided; `item` says that the step chose among it.
    `contents` are the slots whose words the run only wrote into fields, picked from choices, or told rows by.
    """

    deed: bytes
    said: tuple[str, ...]
    slots: frozenset[int]
    passes: int
    fails: int
    run: str = ""
    content: bytes = b""
    item: bool = False
    contents: frozenset[int] = frozenset()


def standing(uses: Sequence[Use], content: bytes, *, by_content: bool) -> list[Use]:
    """The uses that count where the screen shows `content`: those on the same, and all of them where enough different
    contents led to one step. In a task that says to go by content, what was chosen from it counts on the same only.
    """
    free = len({use.deed for use in uses}) == 1 and len({use.content for use in uses}) >= ENOUGH_WORDS
    if free and not (by_content and any(use.item for use in uses)):
        return list(uses)
    return [use for use in uses if use.content in (b"", content)]


def alike(uses: Sequence[Use], view: bytes) -> Sequence[Use]:
    """The uses, whatever of the task showed on the screen, where that never mattered: one and the same step was taken
    each time, never one that chose among what shows, and so it was too where just this `view` showed.
    """
    one = len({use.deed for use in uses}) == 1 and not any(use.item for use in uses)
    return uses if one and any(use.content == view and use.passes > use.fails for use in uses) else ()


def decided(uses: Sequence[Use], values: Sequence[Value]) -> bytes | None:
    """The step that this task takes here, by all uses of this context; None if the record does not make that sure.

    A template of the first clauses only answers for what is done whatever comes after them.
    """
    good = _credited(uses)
    mine = tuple(value.key for value in values)
    going_on = bool(values) and values[-1].kind == "rest" and bool(values[-1].key)
    exact = set() if going_on else {use.deed for use in good if use.said == mine}
    if exact:
        return next(iter(exact)) if len(exact) == 1 else None
    blamed = {use.deed for use in uses if use.said == mine}
    if not good or len(mine) > MOST_VALUES:
        return None
    answers = set()
    for matter in _determining(good, len(mine)):
        group = [use for use in good if all(use.said[at] == mine[at] for at in matter)]
        if going_on and len(mine) - 1 in matter:
            return None
        if not group or not all(_independent(group, at, values[at]) for at in range(len(mine)) if at not in matter):
            return None
        answers.add(group[0].deed)
    return next(iter(answers)) if len(answers) == 1 and not answers & blamed else None


def credit(uses: Iterable[Use], deed: bytes) -> tuple[int, int]:
    """Passes and fails of a step in this context, over all values."""
    taken = [use for use in uses if use.deed == deed]
    return sum(use.passes for use in taken), sum(use.fails for use in taken)


def lower_bound(passes: int, fails: int) -> float:
    """One-sided 95 % lower bound of a rate (Wilson 1927); 0 without trials."""
    trials, z = passes + fails, 1.645
    if not trials:
        return 0.0
    rate, spread = passes / trials, z * z / trials
    middle = rate + spread / 2
    return max(0.0, (middle - z * sqrt(rate * (1 - rate) / trials + spread / (4 * trials))) / (1 + spread))


def _credited(uses: Sequence[Use]) -> list[Use]:
    """Uses with more credit than blame, of steps with more credit than blame."""
    totals: dict[bytes, int] = {}
    for use in uses:
        totals[use.deed] = totals.get(use.deed, 0) + use.passes - use.fails
    return [use for use in uses if use.passes > use.fails and totals[use.deed] > 0]


def _determining(good: Sequence[Use], count: int) -> list[tuple[int, ...]]:
    """Every smallest set of values that tells which step is taken: none of them can be left out.

    Values that no two uses share would always tell, so they count only where nothing else tells.
    """
    found: list[tuple[int, ...]] = []
    if len({use.deed for use in good}) == 1:
        return [()]
    good = list({(use.said, use.deed): use for use in good}.values())
    if not _tells(good, tuple(range(count))):
        return found
    for size in range(count + 1):
        for matter in combinations(range(count), size):
            if not any(set(known) <= set(matter) for known in found) and _tells(good, matter):
                found.append(matter)
    return [matter for matter in found if _repeated(good, matter)] or found


def _repeated(good: Sequence[Use], matter: tuple[int, ...]) -> bool:
    return len({tuple(use.said[at] for at in matter) for use in good}) < len({use.said for use in good})


def _tells(good: Sequence[Use], matter: tuple[int, ...]) -> bool:
    """Whether no two uses that agree in these values led to different steps."""
    deeds = [use.deed for use in good]
    picked = itemgetter(*matter) if matter else None
    keys = [picked(use.said) if picked else None for use in good]
    steps = dict(zip(keys, deeds, strict=True))
    return all(map(eq, deeds, map(steps.get, keys)))


def _independent(group: Sequence[Use], at: int, value: Value) -> bool:
    """Whether the step is the same whatever this value is: it was seen with it, or with enough different ones."""
    known = {use.said[at] for use in group}
    if (
        value.kind == "rest" and value.key
    ):  # it served the clauses before: they had it alone, or it used a value of them
        return "" in known or (bool(group[0].slots) and len(known) >= ENOUGH_WORDS)
    if value.key in known:
        return True
    if value.kind == "rest":
        return False
    # a word that is content does not steer the other steps, as the name of a button may
    free = value.kind != "word" or at in group[0].slots or all(at in use.contents for use in group)
    return len(known) >= (ENOUGH_TEXTS if free else ENOUGH_WORDS)
