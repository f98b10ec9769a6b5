"""What of a recording is worth doing again: looks, slips and repetitions go, typing into a field becomes filling it.

Nothing is left out that another screen showed an effect of. A deed that cannot be done again as it was (a menu that
only opens under the pointer) is refused by number, in words; where a person clicked on what is not known, it says so.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, zip_longest

from cua import core
from cua.core import Action, Element, Observation, Point, Run, Target
from cua.errors import UsageError
from cua.memory.workflows import Mark
from cua.policies.trail import called as in_words
from cua.record import doubtful
from cua.record.chosen import chosen
from cua.record.deeds import Deed, again
from cua.record.fields import filled, refilled, with_focus, without_tabs
from cua.record.picked import completed
from cua.screen import called

_SHOWN = "record"  # the id of a task that a person showed
_NOTHING = "nothing was done in this recording that could be done again; record it once more"
_IDLE = (
    "step {} of the recording, at {}, changed nothing on the screen, and is left out: it is not known what lay there"
)
_MENUS = frozenset({"menu", "menuitem", "menuitemcheckbox", "menuitemradio", "combobox", "listbox", "option"})
_POPUP = frozenset({"expandable", "expanded", "haspopup"})


def tidied(run: Run) -> tuple[list[Deed], list[str]]:
    """What was done, tidied, and what was left out, in words.

    Raises UsageError for a run in which nothing was done, and for what cannot be done again.
    """
    steps = list(enumerate(run.steps, 1))
    kept = [(n, step) for n, step in steps if _does(step.action) and step.effect.kind != "refused"]
    last = run.last or (run.steps[-1].seen if kept and kept[-1][0] < len(steps) else None)
    if not kept:
        raise UsageError(_NOTHING)
    after = [step.seen for _, step in kept[1:]] + [last]
    found = [Deed(n, step.action, step.seen, then, step.effect) for (n, step), then in zip(kept, after, strict=True)]
    notes: list[str] = []
    if run.task.id == _SHOWN:
        idle = {deed.number for deed, then in zip_longest(found, found[1:]) if _idle(deed, then)}
        notes = [_IDLE.format(deed.number, doubtful.where(deed.action)) for deed in found if deed.number in idle]
        found = [replace(deed, doubt=_doubt(deed)) for deed in found if deed.number not in idle]
    found = [deed if deed.doubt else _told(deed) for deed in _without_moves(found)]
    for pass_ in _PASSES:
        found = pass_(found)
    if not found:
        raise UsageError(_NOTHING)
    left = len(run.steps) - len(found)
    return found, [*notes, *([f"{left} of {len(run.steps)} recorded acts were left out or joined"] if left > 0 else [])]


def _does(action: Action) -> bool:
    return not isinstance(action, core.Wait | core.Ask | core.Finish)


# ---------------------------------------------------------------------------------------------- one deed


def _doubt(deed: Deed) -> str:
    return doubtful.doubt(deed.action, deed.before, deed.effect)


def _idle(deed: Deed, then: Deed | None) -> bool:
    """Whether it is not known what it hit, and plainly nothing came of it, at once or later."""
    keys = then is not None and isinstance(then.action, core.Type | core.Press)
    idle = doubtful.idle(deed.action, deed.before, deed.effect)
    return idle and doubtful.unchanged(deed.before, deed.after, keys=keys)


def _told(deed: Deed) -> Deed:
    """With elements for points, and Invoke as a click."""
    action = deed.action
    match action:
        case core.Invoke(target=target):
            action = core.Click(target)
        case core.Click(target=Point() as at):
            action = replace(action, target=_under(at, deed))
        case core.Scroll(target=Point() as at):
            action = replace(action, target=_holding(at, deed.before) or at)
        case core.Drag(start=start, end=end):
            action = core.Drag(_element(start, deed), _element(end, deed))
    return replace(deed, action=action)


def _element(target: Target, deed: Deed) -> Element:
    return target if isinstance(target, Element) else _under(target, deed)


def _under(at: Point, deed: Deed) -> Element:
    if (found := doubtful.under(at, deed.before)) is not None:
        return found
    raise UsageError(
        f"step {deed.number} of the recording clicked the point {at.x},{at.y}, and {doubtful.UNTOLD}; do that by a "
        "menu, a key or a labelled control and record it once more"
    )


def _holding(at: Point, now: Observation) -> Element | None:
    over = [e for e in now.elements if "scroll" in e.actions and doubtful.contains(e, at)]
    return min(over, key=doubtful.area, default=None)


# ---------------------------------------------------------------------------------------------- what does nothing


def _without_moves(given: list[Deed]) -> list[Deed]:
    """The pointer's ways go; where what came next shows only under the pointer, a click stands for a menu's opening."""
    found: list[Deed] = []
    for deed, following in zip_longest(given, given[1:]):
        if not isinstance(deed.action, core.Move):
            found.append(deed)
            continue
        wanted = following.target if following else None
        there = again(wanted, deed.before)
        if wanted is None or (there and "showing" in there.states):
            continue
        over = deed.target
        if over is None or not (over.role in _MENUS or over.states & _POPUP):
            where = in_words(Mark(over.role, called(over))) if over else "a point"
            raise UsageError(
                f"step {deed.number} of the recording rested the pointer on {where} so that {called(wanted)!r} would "
                "show, which a workflow cannot do; open it by a click or a key and record it once more"
            )
        found.append(replace(deed, action=core.Click(over)))
    return _joined(found)


def _joined(given: list[Deed]) -> list[Deed]:
    """Each deed's screen after it is the one before the next."""
    return [replace(deed, after=after.before) for deed, after in pairwise(given)] + given[-1:]


def _without_repeats(given: list[Deed]) -> list[Deed]:
    """Of an act done again because nothing happened, the one that did something; else the first."""
    found: list[Deed] = []
    for deed in given:
        last = found[-1] if found else None
        same = last is not None and _same_act(last.action, deed.action)
        if last is not None and same and deed.effect.kind == "no_effect":
            found[-1] = replace(last, after=deed.after)
        elif last is not None and same and last.effect.kind == "no_effect":
            found[-1] = replace(deed, before=last.before)
        else:
            found.append(deed)
    return found


def _same_act(one: Action, other: Action) -> bool:
    if type(one) is not type(other) or isinstance(one, core.Type):
        return False
    mine, yours = (getattr(each, "target", None) for each in (one, other))
    if isinstance(mine, Element) and isinstance(yours, Element):
        return mine.ref == yours.ref and _on(one, yours) == other
    return one == other


def _on(action: Action, target: Element) -> Action:
    """The same act on another element (or the same element as another look has it)."""
    assert isinstance(action, core.Click | core.Invoke | core.Fill | core.Scroll | core.Move)
    return replace(action, target=target)


def _without_menus(given: list[Deed]) -> list[Deed]:
    """A menu that was opened and closed again without a choice was only looked at.

    Not so before keys: what is selected, and where they go, shows on no screen, and a menu may have changed it.
    """
    found: list[Deed] = []
    for deed, following in zip_longest(given, given[1:]):
        last = found[-1] if found else None
        typed = following is not None and isinstance(following.action, core.Type | core.Press)
        looked = last is not None and deed.after is not None and _only_looked(last, deed)
        if last is None or deed.after is None or typed or not looked or _look(last.before) != _look(deed.after):
            found.append(deed)
            continue
        found.pop()
        if found:
            found[-1] = replace(found[-1], after=deed.after)
    return found


def _only_looked(opened: Deed, closed: Deed) -> bool:
    """Whether the first act opened a menu, and the second is one that closes it without a choice."""
    menu, action = opened.target, closed.action
    if menu is None or not isinstance(opened.action, core.Click) or not (menu.role in _MENUS or menu.states & _POPUP):
        return False
    if isinstance(action, core.Press):
        return action.keys.casefold() in ("escape", "esc")
    return isinstance(action, core.Click) and closed.target is not None and closed.target.ref == menu.ref


def _look(now: Observation) -> tuple[object, ...]:
    passing = {"focused", "active"}
    return tuple((e.ref, e.role, e.name, e.value, e.states - passing) for e in now.elements)


# ---------------------------------------------------------------------------------------------- scrolling


def _scrolled(given: list[Deed]) -> list[Deed]:
    """Scrolls in a row are one; one that brought nothing into view that was then used goes."""
    joined: list[Deed] = []
    for deed in given:
        last = joined[-1] if joined else None
        far = _farther(last.action, deed.action) if last is not None else None
        if last is not None and far is not None:
            joined[-1] = replace(last, action=far, after=deed.after)
        else:
            joined.append(deed)
    return _joined([deed for at, deed in enumerate(joined) if _needed(deed, joined[at + 1 :])]) if joined else []


def _farther(one: Action, other: Action) -> Action | None:
    """Two scrolls of the same thing as one; None for what is none."""
    if not isinstance(one, core.Scroll) or not isinstance(other, core.Scroll):
        return None
    refs = [each.target.ref if isinstance(each.target, Element) else "" for each in (one, other)]
    return replace(one, dx=one.dx + other.dx, dy=one.dy + other.dy) if refs[0] == refs[1] else None


def _needed(deed: Deed, later: list[Deed]) -> bool:
    if not isinstance(deed.action, core.Scroll):
        return True
    wanted = next((each.target for each in later if each.target and not isinstance(each.action, core.Scroll)), None)
    if wanted is None or (deed.action.dx, deed.action.dy) == (0, 0):
        return False
    there = again(wanted, deed.before)
    return there is None or not (deed.before.place.url or "showing" in there.states)


_PASSES = (_without_repeats, filled, refilled, chosen, _without_menus, without_tabs, _scrolled, with_focus, completed)
