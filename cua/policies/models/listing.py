"""What a model is told of a screen in words: what shows, first what the goal is about, in a given number of bytes.

Each element that can be acted on has a number, good for this look only. Nothing is told twice, and nothing that a
person typed into a password field is told at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cua.core import Element, Observation
from cua.policies.lexicon import label_words
from cua.screen import ACTABLE, active, called

BYTES = 6000
_LONGEST = 80  # letters of a name or value
_TOLD = ("disabled", "checked", "selected", "expanded", "focused", "required", "editable")
_GROUPS = frozenset({"row", "listitem", "treeitem", "article", "form", "group", "option"})
_HEADS = frozenset({"window", "dialog", "alert", "alertdialog", "menu", "toolbar", "tablist", "filechooser", "form"})
_WORDS = frozenset({"heading", "label", "status", "alert", "paragraph", "text", "log"})


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines, which element each number is, and how many that show were left out for want of room."""

    text: str
    elements: Mapping[int, Element]
    left_out: int = 0


def listing(now: Observation, goal: str, *, most: int = BYTES, before: Observation | None = None) -> Listing:
    """What shows now; what is not as it was `before` counts as what the goal is about."""
    worth = _worth(now, goal, before)
    lines = {index: _line(now.elements[index]) for index in worth}
    chosen, room = set[int](), most - 80
    for index in sorted(worth, key=lambda index: (-worth[index], index)):
        size = len(lines[index].encode()) + 6
        if size <= room:
            chosen.add(index)
            room -= size
    said, numbers = list[str](), dict[int, Element]()
    for index in sorted(chosen):
        element = now.elements[index]
        acts = element.role in ACTABLE or bool(element.actions)
        if acts:
            numbers[len(numbers) + 1] = element
        said.append(f"{len(numbers) if acts else '-'} {lines[index]}")
    left_out = len(worth) - len(chosen)
    if left_out:
        said.append(f"({left_out} more show and are not listed; say what you seek in your reason, or scroll)")
    if now.note:
        said.append(f"({now.note})")
    return Listing("\n".join(said), numbers, left_out)


def _worth(now: Observation, goal: str, before: Observation | None) -> dict[int, float]:
    """How much each element that shows and says something matters, by its index."""
    wanted = set(label_words(goal))
    front, known = active(now), {_same(element) for element in before.elements} if before else set()
    front_at = next((at for at, element in enumerate(now.elements) if element is front), -1)
    worth, roots = dict[int, float](), list[int]()
    for index, element in enumerate(now.elements):
        roots.append(index if element.parent < 0 else roots[element.parent])
        if element.box is None or not _says(element):
            continue
        worth[index] = _own(element, wanted) + (front_at >= 0 and roots[index] == roots[front_at])
        if before is not None and _same(element) not in known:
            worth[index] += 1.5
    for index in list(worth):  # what stands in a row or group with what is wanted may be what acts on it
        for above in _groups(now, index):
            for beside in _below(now, above, worth):
                worth[beside] += 0.5 * _likeness(now.elements[index], wanted)
    return worth


def _own(element: Element, wanted: set[str]) -> float:
    found = 4 * _likeness(element, wanted)
    found += 3 * ("focused" in element.states or "modal" in element.states)
    found += element.role in ACTABLE
    found += 0.5 * (element.role in ("textbox", "combobox", "searchbox", "button", "checkbox", "menuitem", "tab"))
    return found - ("disabled" in element.states) - 0.5 * (element.role in ("cell", "option") and not element.value)


def _likeness(element: Element, wanted: set[str]) -> float:
    said = set(label_words(f"{called(element)} {element.description} {(element.value or '')[:_LONGEST]}"))
    return len(said & wanted) / len(said) ** 0.5 if said else 0.0


def _groups(now: Observation, index: int) -> Iterable[int]:
    """The nearest row or group around it, if it is small."""
    at = now.elements[index].parent
    while at >= 0:
        if now.elements[at].role in _GROUPS:
            return (at,)
        at = now.elements[at].parent
    return ()


def _below(now: Observation, above: int, among: Mapping[int, float]) -> Iterable[int]:
    for index in among:
        at = now.elements[index].parent
        while at > above:
            at = now.elements[at].parent
        if at == above:
            yield index


def _says(element: Element) -> bool:
    if element.role in ACTABLE or element.actions:
        return True
    return element.role in _HEADS | _WORDS and bool(called(element) or element.value)


def _line(element: Element) -> str:
    parts = [element.role, f'"{_short(called(element))}"']
    if element.value is not None and "password" not in element.states:
        parts.append(f'= "{_short(element.value)}"')
    if states := [state for state in _TOLD if state in element.states]:
        parts.append(f"[{', '.join(states)}]")
    return " ".join(parts)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _same(element: Element) -> tuple[object, ...]:
    return element.role, element.name, element.value, element.states, element.parent
