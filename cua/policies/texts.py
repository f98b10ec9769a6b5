"""What the elements of one look are called and found by, indexed; what was known of one at the look before is kept.

Looks in turn differ in a few elements, and drivers give the same objects for the rest. It compares objects by identity
and decides nothing.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence

from cua.core import Element
from cua.screen import called

Places = dict[tuple[str, str], list[int]]
_NOTHING: dict[str, str] = {}


class Texts:
    """Of each element what it is `names` called, tidied but as written, and without case (`plains`), and what it has
    `said` of itself: its locators by kind. `by_locator` are the places of those that bear a locator.
    """

    names: tuple[str, ...]
    plains: tuple[str, ...]
    said: tuple[dict[str, str], ...]
    by_locator: Mapping[tuple[str, str], list[int]]

    def __init__(self, elements: Sequence[Element], last: Texts | None = None) -> None:
        self.elements = elements
        same = last is not None and len(last.elements) == len(elements)
        if last is not None and same:
            pairs = enumerate(zip(last.elements, elements, strict=True))
            new = [at for at, (before, element) in pairs if before is not element]
            names, plains, said = list(last.names), list(last.plains), list(last.said)
        else:
            new, names = list(range(len(elements))), [""] * len(elements)
            plains, said = list(names), [_NOTHING] * len(elements)
        for at in new:
            element = elements[at]
            names[at] = called(element)
            plains[at] = names[at].casefold()
            said[at] = {locator.kind: locator.value for locator in element.locators}
        self.names, self.plains, self.said = tuple(names), tuple(plains), tuple(said)
        self.by_locator = _moved(last, elements, new) if last is not None and same else _placed(elements)


_latest: list[Texts] = []


def texts_of(elements: Sequence[Element]) -> Texts:
    """The index of these elements; the one before is kept to begin with."""
    last = _latest[-1:]
    if last and last[0].elements is elements:
        return last[0]
    found = Texts(elements, last[0] if last else None)
    _latest[:] = [found]
    return found


def _placed(elements: Sequence[Element]) -> Places:
    found: Places = {}
    for at, element in enumerate(elements):
        for locator in element.locators:
            found.setdefault((locator.kind, locator.value), []).append(at)
    return found


def _moved(last: Texts, elements: Sequence[Element], new: Sequence[int]) -> Places:
    """The same places but for the new elements; the lists of the last look are left as they are."""
    found = dict(last.by_locator)
    for at in new:
        if last.elements[at].locators == elements[at].locators:
            continue
        for locator in last.elements[at].locators:
            key = locator.kind, locator.value
            found[key] = [other for other in found[key] if other != at]
            if not found[key]:
                del found[key]
        for locator in elements[at].locators:
            key = locator.kind, locator.value
            places = list(found.get(key, ()))
            insort(places, at)
            found[key] = places
    return found
