"""What a run teaches about interruptions: from a passed one what put them away, from a failed one nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cua.core import Action, Click, Observation, Outcome, Press, Run, Step
from cua.memory.handlers import Handler, Handlers, proof
from cua.memory.workflows import Mark
from cua.policies.finding import mark_of
from cua.policies.interrupt_kinds import Interruption, inside, still_there, targets, turns
from cua.policies.interrupt_ways import needs

By = Literal["learned", "built in", "helped", "stopped", "waited"]
Passed = Sequence[tuple[Interruption, int]]
ONCE = frozenset({"vanished", "reloaded", "signed out", "person"})  # told of the step before, once; nothing to learn
_BEFORE = 2  # acts: what came after so many that bring no question was asked for by none


@dataclass(slots=True)
class Met:
    """An interruption of this run: what was done about it, by what, and whether it went away. `at` is how many steps
    the other policy had done.
    """

    item: Interruption
    at: int
    by: By = "stopped"
    action: Action | None = None
    mark: Mark | None = None
    worked: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with what the judge found of it. `visible` are the steps of the policy whose acts were interrupted."""

    run: Run
    outcome: Outcome
    visible: tuple[Step, ...]


def learn(handlers: Handlers, met: Sequence[Met], passed: Passed, judged: Judged) -> None:
    """Proofs for what was done about what came (`met`), and what is new from what the other policy did about what was
    left to it (`passed`, with the number of the step that followed). Raises RecordError.
    """
    run = judged.run
    for each in met:
        if each.action is None or each.by not in ("learned", "built in") or each.item.kind in ONCE:
            continue
        if not isinstance(each.action, Press) and each.mark is None:
            continue  # nothing that could be found again
        good = each.worked and judged.outcome == "pass"
        bad = each.by == "learned" and (not each.worked or judged.outcome == "fail")
        if good or bad:
            verdict: Outcome = "pass" if good else "fail"
            unasked = good and _unasked(each.at, judged.visible, again=True)
            handler = replace(_handler(each.item, each.action, each.mark, "built in"), unasked=unasked)
            handlers.learn(handler, proof(run.task.goal, verdict, run.id, each.seconds))
    for item, at in passed if judged.outcome == "pass" else ():
        if item.kind == "dialog" and at < len(judged.visible):
            _from_other(handlers, item, at, judged, again=any(o.key == item.key and later > at for o, later in passed))


def _from_other(handlers: Handlers, item: Interruption, at: int, judged: Judged, *, again: bool) -> None:
    """What the other policy did about it, if the run shows that no act had asked for it; a yes speaks against a handler
    that says no, and is kept for a person to allow.
    """
    visible, run = judged.visible, judged.run
    step = visible[at]
    after = visible[at + 1].seen if at + 1 < len(visible) else run.last
    on_it = isinstance(step.action, Press) or any(inside(item, each, step.seen) for each in targets(step.action))
    if after is None or still_there(item, after) or not on_it:
        return
    mark, unasked = marked(step.action, step.seen), _unasked(at, visible, again=again)
    known = handlers.get(item.key)
    if needs(step.action, item) == "accept" and known is not None and known.needs == "dismiss":
        handlers.retire(item.key, "a passed run answered it otherwise", run.id)
    elif unasked and (mark is not None or isinstance(step.action, Press)):
        handler = replace(_handler(item, step.action, mark, "policy"), unasked=True)
        handlers.learn(handler, proof(run.task.goal, "pass", run.id, step.seconds))


def _unasked(at: int, visible: Sequence[Step], *, again: bool) -> bool:
    """Whether it came although nothing was done that brings a question, or the same act did not bring it again."""
    if not any(turns(step.action) for step in visible[max(0, at - _BEFORE) : at]):
        return at >= _BEFORE
    return at + 1 < len(visible) and named(visible[at + 1].action) == named(visible[at - 1].action) and not again


def named(action: Action) -> tuple[str, str, str]:
    """The same for two acts that do the same to what is called the same."""
    aimed = next((each for each in targets(action)), None)
    text = getattr(action, "text", "") or getattr(action, "keys", "")
    return type(action).__name__, f"{getattr(aimed, 'role', '')} {getattr(aimed, 'name', '')}", str(text)


def marked(action: Action, now: Observation) -> Mark | None:
    """What is known of what a click is aimed at; None for other acts and for what is no element of this look."""
    if not isinstance(action, Click):
        return None
    here = next((element for element in now.elements if element is action.target), None)
    return mark_of(here, now) if here is not None else None


def _handler(item: Interruption, action: Action, mark: Mark | None, origin: Literal["built in", "policy"]) -> Handler:
    do: Literal["click", "press"] = "press" if isinstance(action, Press) else "click"
    text = action.keys if isinstance(action, Press) else ""
    return Handler(item.key, item.app, item.kind, item.said, do, mark, text, needs(action, item), origin=origin)
