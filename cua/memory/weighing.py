"""Of items that a goal may mean, which to tell first: by how alike they are, then by what they were worth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

WORST = -0.2  # the value under which an item is not worth telling
CLOSE = 0.7  # of the likeness of the best: those so near to it are compared by value, the others come after them


@dataclass(frozen=True, slots=True)
class Near:
    """An item that a goal may mean: how alike, from 0 to 1, and of what value."""

    id: int
    likeness: float
    value: float


def ranked(near: Sequence[Near]) -> list[Near]:
    """First by likeness, then by value: of those worth telling the most alike, these by both (each as z-scores); after
    them the others, by likeness alone.
    """
    good = [each for each in near if each.value >= WORST]
    nearest = max((each.likeness for each in good), default=0.0)
    close = [each for each in good if each.likeness >= CLOSE * nearest]
    alike, worth = _scores([each.likeness for each in close]), _scores([each.value for each in close])
    both = sorted(zip(alike, worth, close, strict=True), key=lambda scored: -(scored[0] + scored[1]))
    others = [each for each in good if each.likeness < CLOSE * nearest]
    return [*(each for _, _, each in both), *sorted(others, key=lambda each: -each.likeness)]


def _scores(figures: Sequence[float]) -> list[float]:
    """How far each is from the mean, in standard deviations."""
    if not figures:
        return []
    mean = sum(figures) / len(figures)
    spread = sqrt(sum((figure - mean) ** 2 for figure in figures) / len(figures))
    return [(figure - mean) / spread if spread > 1e-9 else 0.0 for figure in figures]
