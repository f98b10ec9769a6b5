"""The distance graph between words and what is known: words lead to names, names to aspects, aspects to facts.

A look-up is a shortest-distance search from the words at hand; it needs no model. What no name explains costs so much
that nothing is near any more: a wrong answer is worse than none. (The idea is DisGraph's, of MOBIMEM; this is no port.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from heapq import heappop, heappush

from cua.memory.aspects import Window, data, key, listed, names, qualified, qualifiers, windows

REACH = 0.6  # what is farther is not near
SURE = 0.35
MARGIN = 0.1  # so much farther must the next be, for the nearest to be sure
_UNKNOWN = 0.7  # a word that nothing explains
_OTHER = 0.15  # a word that names something else: "e-mail or phone"
_WEAK = 0.03
_DOUBTFUL = 0.4  # a word that may make it somebody else's
_SLIP = 0.2  # a slip of the keyboard
_LEFT_OUT = 0.15  # of several, one that was not asked for in particular
_GENERAL = 0.25  # a particular one was asked for, for which the general one will do
_INSTEAD = 0.45  # the same where it will perhaps not do

Edges = Mapping[str, Mapping[str, float]]


def nearest(
    seeds: Mapping[str, float], beside: Callable[[str], Iterable[tuple[str, float]]], reach: float
) -> dict[str, float]:
    """Every node within reach of the seeds, with its shortest distance."""
    found: dict[str, float] = {}
    waiting = [(distance, node) for node, distance in seeds.items() if distance <= reach]
    waiting.sort()
    while waiting:
        distance, node = heappop(waiting)
        if node in found:
            continue
        found[node] = distance
        for other, edge in beside(node):
            if other not in found and distance + edge <= reach:
                heappush(waiting, (distance + edge, other))
    return found


def seeds(said: Sequence[str], learned: Callable[[Collection[str]], Edges], *, loose: bool = False) -> dict[str, float]:
    """The aspects that the words may name, by node, at the distance of what is left unexplained. `learned` gives the
    names that were learned among these nodes. `loose` is for whole sentences: what is left over costs nothing there.
    """
    every = list(windows(said))
    own = learned({f"n:{window.key}" for window in every})
    hits = [
        (window, own.get(f"n:{window.key}", {}))
        for window in every
        if window.key in names() or f"n:{window.key}" in own
    ]
    slip = 0.0
    if not hits and not loose:
        hits, slip = [(window, {}) for window in _slips(every)], _SLIP
    hits = [hit for hit in hits if not any(_within(hit[0], other) for other, _ in hits)]
    named = {at for window, _ in hits for at in range(window.start, window.end)}
    found: dict[str, float] = {}
    for window, mine in hits:
        left = 0.0 if loose else _left(said, window, named)
        for aspect, distance in (*_aspects(window), *mine.items()):
            found[aspect] = min(found.get(aspect, REACH + 1), distance + left + slip)
    return found


def _within(window: Window, other: Window) -> bool:
    return (
        other.start <= window.start and window.end <= other.end and other.end - other.start > window.end - window.start
    )


def _aspects(window: Window) -> Iterator[tuple[str, float]]:
    return ((node(aspect), distance) for aspect, distance in names().get(window.key, {}).items())


def _left(said: Sequence[str], window: Window, named: Collection[int]) -> float:
    """What the words beside a name cost."""
    cost = 0.0
    for at, word in enumerate(said):
        if window.start <= at < window.end or word in listed("stop") or word.isdigit() or qualified([word]):
            continue
        beside = range(*sorted((at, window.start if at < window.start else window.end)))
        if at in named:
            cost += _OTHER if any(said[between] in ("or", "and") for between in beside) else _UNKNOWN
        else:
            cost += _WEAK if word in listed("weak") else _DOUBTFUL if word in listed("doubtful") else _UNKNOWN
    return cost


def _slips(every: Iterable[Window]) -> list[Window]:
    """Windows that are a name but for one slip of the keyboard, as that name."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    found = []
    for window in every:
        if len(window.key) < 6 or qualified([window.key]):
            continue
        close = extract(window.key, _long_names(), scorer=OSA.distance, score_cutoff=1, limit=3)
        near = [name for name, _, _ in close if name[0] == window.key[0]]
        if len({tuple(sorted(names()[name])) for name in near}) == 1:
            found.append(Window(window.start, window.end, near[0]))
    return found


@cache
def _long_names() -> tuple[str, ...]:
    return tuple(name for name in names() if len(name) > 4)


def node(aspect: str) -> str:
    """The node of an aspect."""
    return f"a:{key(aspect)}"


@cache
def links() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Which aspects stand in for another: nodes with the part that is meant after "#"."""
    found: dict[str, list[tuple[str, float]]] = {}
    for link in data()["link"]:
        found.setdefault(node(link["asked"]), []).append((f"{node(link['known'])}#{link['part']}", link["distance"]))
    return {asked: tuple(known) for asked, known in found.items()}


def part_of(value: str, part: str) -> str:
    """The first or last name of a name in two words; "" where that is not sure."""
    if not part:
        return value
    said = value.split()
    return (said[0] if part == "first" else said[-1]) if len(said) == 2 else ""


def names_of(aspect: str) -> Iterator[tuple[str, float]]:
    """The names, as nodes, by which an aspect that is not known beforehand is found."""
    said = [word for word in aspect.casefold().split() if word not in listed("stop") | listed("weak") | {"always"}]
    yield f"n:{key(aspect)}", 0.0
    if len(said) > 1 or aspect.casefold() != said[0] if said else False:
        yield from ((f"n:{key(word)}", 0.3) for word in said)


def qualifying(of: str, asked: Collection[str], around: Collection[str]) -> float | None:
    """How far a fact "of" something is when these qualifiers were asked for or stand around; None for not at all."""
    persons = set(qualifiers()[1].values())
    if of in asked:
        return 0.0
    if not of and asked:
        instead = _GENERAL if set(asked) <= set(data()["qualifiers"]["general"]) else _INSTEAD
        return None if persons & set(asked) else instead
    if not of:
        return _LEFT_OUT if around else 0.0
    if asked or of in persons:
        return None
    return 0.0 if of in around else _LEFT_OUT
