"""What may be done about an interruption, best first: what was learned, then ways out that decide nothing.

Never accepts, agrees or confirms. Pure over looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cua.core import SEAL, Action, Click, Element, Fill, Observation, Press, Step, Wait
from cua.memory.handlers import Handler, May
from cua.policies.finding import Found, find, mark_of
from cua.policies.interrupt_kinds import Interruption, inside, turns
from cua.policies.interrupt_words import closes, complains, denies
from cua.policies.popups import way_out
from cua.screen import called

_BEATS = 0.5  # seconds between looks at what goes by itself
_ESCAPE = "Escape"
_HELD = "a dialog that nobody asked for is in the way"


def learned(handler: Handler, item: Interruption, now: Observation) -> Action | None:
    """The learned act on this look; None where its target is not there, or not part of what came."""
    why = f"learned in run {handler.proofs[-1].run}" if handler.proofs else "learned"
    match handler.do, handler.target:
        case "click", target if target is not None:
            found = find(target, now)
            on = found.element if isinstance(found, Found) else None
            same = on is not None and (on.role, called(on)) == (target.role, target.name) and inside(item, on, now)
            return Click(on, why=why) if on is not None and same else None
        case "press", _:
            return Press(handler.text, why=why)
    return None


def ways(item: Interruption, now: Observation, uses: frozenset[str], *, unwanted: bool) -> list[Action]:
    """The ways out that decide nothing. `unwanted`: the policy was asked and does not want what came; where that is so,
    or the interruption is `sure`, a no may be said for it.
    """
    if item.kind == "busy":
        return [Wait(_BEATS, why="until the page can be used again")]
    if item.kind in ("reloaded", "signed out", "vanished"):
        return []
    found = list(_buttons(item, now, uses, no=item.sure or (unwanted and item.nuisance)))
    if item.root is not None and _escapes(item):
        found.append(Press(_ESCAPE, why=_HELD))
    if item.root is None:
        found.append(Wait(_BEATS, why=f"what covers it may go by itself: {item.said}"))
    return found


def _buttons(item: Interruption, now: Observation, uses: frozenset[str], *, no: bool) -> Iterator[Action]:
    """Clicks on what puts it away: what closes it, then what declines it, if only one does."""
    if item.native:
        return
    out = way_out(now, uses, settled=item.sure) if item.root is not None else None
    if out is not None and inside(item, out.target, now):
        yield out
        return
    for says in (closes, denies) if no else (closes,):
        named = [e for e in item.buttons if says(called(e)) and e.role == "button" and "disabled" not in e.states]
        if len({called(e).casefold() for e in named}) == 1:
            yield Click(named[0], why=_HELD)
            return


def _escapes(item: Interruption) -> bool:
    """Whether Escape reaches it and decides nothing: a notice has but one answer, and to the rest it says no."""
    notice = len(item.buttons) <= 1 and not complains(item.said)
    return (item.modal or item.native) and (item.sure or notice or (item.nuisance and item.native))


def refills(steps: Sequence[Step], now: Observation) -> list[Fill]:
    """What the run had filled in on this page since it was last left, for fields that are there and hold it no more."""
    texts: dict[tuple[str, str], Step] = {}
    for step in reversed(steps):
        if step.seen.place.url != now.place.url or turns(step.action):
            break
        if isinstance(step.action, Fill) and step.effect.kind in ("confirmed", "unverified"):
            texts.setdefault((step.action.target.role, step.action.target.name), step)
    found = []
    for step in reversed(texts.values()):
        act = step.action
        if not isinstance(act, Fill) or SEAL in act.text or "password" in act.target.states:
            continue
        again = find(mark_of(act.target, step.seen), now)
        if isinstance(again, Found) and again.element.value != act.text:
            found.append(Fill(again.element, act.text, why="the page was loaded anew and holds it no more"))
    return found


def needs(action: Action, item: Interruption) -> May:
    """What kind of act it is: a no, or what may be a yes. The lone button of a mere notice is no yes."""
    if isinstance(action, Press):
        return "dismiss" if action.keys == _ESCAPE else "accept"
    target = getattr(action, "target", None)
    name = called(target) if isinstance(target, Element) else ""
    alone = len(item.buttons) == 1 and item.root is not None and not complains(item.said)
    return "dismiss" if closes(name) or denies(name) or alone else "accept"
