"""The mark of a recorded target, with slots, proven on the screen that it was recorded on.

A target that follows a value (its row or its name holds it) keeps only evidence that follows the value too: where the
recorded record stood, its ids and its other texts would lead a replay with another value back to it. A mark that does
not find its own target again, alone, is refused while the person is still there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cua.core import Element, Locator, Observation
from cua.errors import UsageError
from cua.memory.workflows import Mark, literal, slots
from cua.policies.figures import loosened
from cua.policies.finding import Found, Lost, filled_mark, find, mark_of
from cua.policies.surroundings import plain
from cua.policies.vanished import same_page
from cua.record.params import Params
from cua.record.steady import Later, changed

_NAMING = frozenset({"role", "label", "name", "placeholder", "text"})
_FORM = frozenset({"tag", "type", "class", "icon", "form", "up"})
_PLACES = frozenset({"css", "xpath", "at"})
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark, the parameters that the target follows, and the texts of the recorded record that were left out of it."""

    mark: Mark
    follows: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()


def marked(
    target: Element,
    now: Observation,
    params: Params,
    stale: Iterable[str],
    what: str,
    later: Later | None = None,
) -> Marked:
    """The mark of a target. `stale` are texts of a record that another value will not show; `what` is the
    step, in words; `later` what the recording shows after it: what changes there of the row is no evidence.

    Raises UsageError where the mark does not mean just this element on its own screen.
    """
    whole = _usable(mark_of(target, now))
    if later:
        whole = loosened(whole, now, [look for _, look in later.looks if same_page(look, now)])
    fault = _unsure(whole, target, now, params)
    if fault:
        raise UsageError(_refusal(what, target, fault))
    gone = {
        text for text in (changed(whole, now, later) if later else ()) if not slots(params.slotted(text, loosely=True))
    }
    if gone:
        named = ", ".join(repr(text) for text in whole.row if plain(text) in gone)
        whole = _less(whole, gone)
        if lost := _unsure(whole, target, now, params):
            raise UsageError(
                f"{what} is told from others by {named} in its row, and just that is changed in this recording, so it "
                f"would not be found the next time ({lost}); record it once more on a row that another text tells"
            )
    slotted = _without(_slotted(whole, target, params), frozenset(stale))
    following = _follows(slotted)
    if not following:
        same = _fault(slotted, target, now, params)
        return Marked(slotted if same is None else _escaped(whole))
    bare = _following(slotted, whole, now)
    texts = {*whole.row, *whole.near} - _said(bare, params)
    left = frozenset(text for text in texts if len(text) >= _SHORTEST and _once(text, now))
    for mark in (bare, slotted):
        if _fault(mark, target, now, params) is None:
            return Marked(mark, following, left)
    lost = _fault(bare, target, now, params)
    assert lost is not None
    named = ", ".join(following)
    raise UsageError(
        f"{what} must follow the value of {named}, and by that it cannot be told from others: {lost}. Record it once "
        f"more with a value for {named} that only this one shows"
    )


def _fault(mark: Mark, target: Element, now: Observation, params: Params) -> str | None:
    """Why the mark does not mean the target on this screen; None if it does."""
    found = find(filled_mark(mark, params.defaults()), now)
    match found:
        case Found(element=element):
            return None if element.ref == target.ref else f"it would mean {element.role} {element.name!r} instead"
        case Lost(why=why):
            return why


def _unsure(mark: Mark, target: Element, now: Observation, params: Params) -> str | None:
    """Why the mark as recorded is not enough to find the target again; None if it is."""
    plain_mark = _escaped(mark)
    return _fault(plain_mark, target, now, params) or _by_place_only(plain_mark, target, now, params) or None


def _less(mark: Mark, gone: set[str]) -> Mark:
    """Without these texts of its row, wherever they are evidence."""
    row, near = (tuple(text for text in texts if plain(text) not in gone) for texts in (mark.row, mark.near))
    return replace(mark, row=row, near=near)


def _by_place_only(mark: Mark, target: Element, now: Observation, params: Params) -> str:
    """Why nothing but its place tells it from others of its name; "" if something does, or there are none."""
    if mark.of == 1:
        return ""
    said = {kind: text for kind, text in mark.says.items() if kind not in _PLACES}
    kept = tuple(at for at in mark.locators if at.kind not in _PLACES)
    placeless = replace(mark, locators=kept, says=said, box=None, nth=mark.of)
    if _fault(placeless, target, now, params) is None:
        return ""
    return f"{mark.of} are alike, and only its place among them would tell which is meant"


def _refusal(what: str, target: Element, why: str) -> str:
    if not target.name and not target.description:
        todo = "it has no name; use a menu, a key or a labelled control for it"
    else:
        todo = "choose it by a control that differs from the others, or by a key"
    lost = f"{what} could not be found again on its own screen: {why}. A replay would have to guess"
    return f"{lost}; {todo}, and record it once more"


def _usable(mark: Mark) -> Mark:
    """Without attributes that look as if they had slots: these are not filled, so they may have none."""
    return replace(mark, says={kind: said for kind, said in mark.says.items() if "${" not in said})


def _escaped(mark: Mark) -> Mark:
    """The mark as recorded, with nothing that is taken for a slot."""
    return _mapped(mark, literal)


def _mapped(mark: Mark, each: Callable[[str], str]) -> Mark:
    return replace(
        mark,
        name=each(mark.name),
        locators=tuple(Locator(at.kind, each(at.value)) for at in mark.locators),
        path=tuple(each(text) for text in mark.path),
        row=tuple(each(text) for text in mark.row),
        near=tuple(each(text) for text in mark.near),
    )


def _slotted(mark: Mark, target: Element, params: Params) -> Mark:
    """With slots for values. What is named by a fixed command stays, and so do its locators."""
    fixed = not slots(params.slotted(mark.name, target)) and bool(slots(params.slotted(mark.name)))
    name = literal(mark.name) if fixed else params.slotted(mark.name, target)
    spelled = literal if fixed else params.slotted_url
    found = [Locator(at.kind, spelled(at.value)) for at in mark.locators if fixed or not params.bent(at.value)]
    row = tuple(params.slotted(text, loosely=True) for text in mark.row)
    return replace(_mapped(mark, params.slotted), name=name, locators=tuple(found), row=row)


def _follows(mark: Mark) -> tuple[str, ...]:
    """The parameters that say which one it is: in its name, its row, or a locator; beside it where it has twins. The
    title of a window only says which document is open in it.
    """
    within = (at.value.partition(" > ")[2] if at.kind == "path" else at.value for at in mark.locators)
    texts = [mark.name, *mark.row, *within, *(mark.near if mark.of > 1 else ())]
    return tuple(dict.fromkeys(name for text in texts for name in slots(text)))


def _following(mark: Mark, whole: Mark, now: Observation) -> Mark:
    """Only what holds for every value: slots, how it is called, and what it looks like."""
    texts = [text for text in mark.row if slots(text)]
    wholly = [text for text in texts if re.fullmatch(r"\$\{[^}]*\}", text)]
    bearers: dict[tuple[str, str], int] = {}
    for element in now.elements:
        for at in element.locators:
            bearers[at.kind, at.value] = bearers.get((at.kind, at.value), 0) + 1
    shared = {literal(value) for (_, value), count in bearers.items() if count > 1}
    kept = [at for at in mark.locators if slots(at.value) or at.kind in _NAMING or at.value in shared]
    in_row = bool(texts)
    return replace(
        mark,
        locators=tuple(kept),
        row=tuple(wholly or texts),
        near=tuple(text for text in mark.near if slots(text)),
        box=None,
        says={
            kind: said
            for kind, said in mark.says.items()
            if kind in _FORM or (kind == "rivals" and not slots(mark.name))
        },
        of=max(mark.of, 2) if in_row else mark.of,
        nth=max(mark.of, 2)
        if in_row or mark.of > 1
        else 0,  # its place among those alike says nothing of another value's
    )


def _said(mark: Mark, params: Params) -> set[str]:
    given = filled_mark(mark, params.defaults())
    return {*given.row, *given.near, given.name}


def _without(mark: Mark, stale: frozenset[str]) -> Mark:
    """Without what a record says around it, if the record is another next time."""

    def kept(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if slots(text) or not speaks_of(text, stale))

    return replace(mark, path=kept(mark.path), row=kept(mark.row), near=kept(mark.near))


def speaks_of(text: str, stale: Iterable[str]) -> bool:
    """Whether one of these texts stands in it, as whole words."""
    return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text) for each in stale)


def _once(text: str, now: Observation) -> bool:
    """What stands in every row is no one's data."""
    holders = {e.ref: e for e in now.elements if e.name == text}
    inner = [e for e in holders.values() if not any(above.ref in holders for above in now.ancestors(e))]
    return len(inner) <= 1
