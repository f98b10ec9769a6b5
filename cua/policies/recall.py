"""A policy that does what is known and asks another policy for the rest: what was solved once is a replay next time.

At each look it asks the action memory for the step of this task on this screen. It does it only if the target is found
there, is called what it was called and is in the state that it was in; else the other policy decides, as it does where
the step was done in vain before. It never judges a run itself: what it learns from, and which way, it is told.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Literal

from cua.core import (
    SEAL,
    Action,
    Ask,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Invoke,
    Locator,
    Move,
    Observation,
    Open,
    Outcome,
    Policy,
    Press,
    Run,
    Scroll,
    Step,
    Task,
    Type,
    Wait,
)
from cua.errors import UsageError
from cua.memory.actions import Actions, Offer, Taken
from cua.memory.signatures import Seen, flags, plain, seen
from cua.memory.templates import Goal, Said
from cua.memory.trails import Deed, Trail
from cua.memory.workflows import Mark
from cua.policies.finding import Found, Lost, find, mark_of
from cua.policies.values import tokens
from cua.policies.words import parse
from cua.screen import called

_UNKNOWN = Deed("unknown")
_VAIN = 2  # how often a step may do nothing before it is left to the other policy: the first may have come too early
_JOINTS = frozenset({"and", "then", ",", ";", ".", "also", "afterwards", "after", "that", "finally", "next", "!", "?"})


class Recall:
    """`recalled` and `generated` count the acts that each of the two decided; `finishes` those of the first that only
    said that it is done. One Recall serves any number of runs, one after the other.
    """

    def __init__(self, memory: Actions, other: Policy) -> None:
        self.memory = memory
        self.other = other
        self.recalled = self.generated = self.finishes = 0
        self._of: tuple[str, str] | None = None
        self._steps: tuple[Step, ...] = ()
        self._trail = Trail(Goal(()), [])
        self._offered: tuple[int, bytes] | None = None
        self._vain: Counter[bytes] = Counter()

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The remembered act, or what the other policy decides. Raises what that raises, and RecordError."""
        look = seen(now)
        self._follow(task, steps, look)
        vain = frozenset(deed for deed, times in self._vain.items() if times >= _VAIN)
        offer = self.memory.offer(self._trail, look, withheld=vain)
        action = _action(offer, now) if offer else None
        self._offered = (len(steps), offer.deed.id) if offer and action else None
        if action is None:
            self.generated += 1
            return self.other.decide(task, steps, now)
        self.recalled += 1
        self.finishes += isinstance(action, Finish)
        return action

    def learn(self, run: Run, outcome: Outcome) -> None:
        """What the judge found of a run: a pass gives its steps credit, a fail takes it away, the rest says nothing."""
        if outcome in ("pass", "fail"):
            self.memory.learn(taken(run), passed=outcome == "pass")

    def _follow(self, task: Task, steps: tuple[Step, ...], look: Seen) -> None:
        """Catch up with what was done since the last time, or from the start of another run."""
        known = len(self._steps)
        fresh = (task.id, task.goal) != self._of or not known <= len(steps)
        if fresh or any(one is not two for one, two in zip(self._steps, steps, strict=False)):
            self._trail, self._offered, self._vain, known = self.memory.trail(heard(task)), None, Counter(), 0
        self._of, self._steps = (task.id, task.goal), steps
        for step in steps[known:]:
            after = seen(steps[known + 1].seen) if known + 1 < len(steps) else look
            deed = deed_of(step, after)
            if deed is not None:
                self._trail.advance(deed, seen(step.seen), after)
            elif self._offered and self._offered[0] == known:
                self._vain[self._offered[1]] += 1
            known += 1


# ---------------------------------------------------------------------------------------------- goals


def heard(task: Task) -> Goal:
    """The goal of a task, clause by clause, its parameters as literals of their own names.

    Raises UsageError for a goal that says nothing.
    """
    goal = task.goal
    clauses = [tuple(_said(part, task)) for part in _clauses(goal)]
    named = {value.casefold() for clause in clauses for said in clause for value in [said.text]}
    unsaid = [(name, text) for name, text in sorted(task.params.items()) if text.casefold() not in named]
    if unsaid:
        extra = tuple(Said(text, plain(text), f"param:{name}") for name, text in unsaid)
        clauses[:1] = [(*extra, *clauses[0])] if clauses else [extra]
    return Goal(tuple(clause for clause in clauses if clause))


def _clauses(goal: str) -> list[str]:
    """The goal cut where each clause begins; nothing of it is left out but what joins two clauses."""
    starts, at = [0], 0
    for clause in parse(goal)[1:]:
        found = goal.find(clause.original, at)
        if found > starts[-1]:
            starts.append(found)
            at = found + len(clause.original)
    return [goal[start:end] for start, end in zip(starts, [*starts[1:], len(goal)], strict=True)]


def _said(part: str, task: Task) -> list[Said]:
    """The words and literals of one clause."""
    spans = _given(part, task)
    said = [(start, Said(part[start:end], plain(part[start:end]), f"param:{name}")) for start, end, name in spans]
    for token in tokens(part):
        if any(start < token.end and token.start < end for start, end, _ in spans):
            continue
        written = part[token.start : token.end] if token.kind == "word" else token.word
        key = token.word if token.kind == "word" else plain(token.word)
        said.append((token.start, Said(written, key, token.kind)))
        if token.unit:
            said.append((token.start, Said(token.unit, token.unit)))
    words = [word for _, word in sorted(said, key=lambda pair: pair[0])]
    while words and words[-1].kind == "word" and words[-1].key in _JOINTS:
        words.pop()
    return words


def _given(part: str, task: Task) -> list[tuple[int, int, str]]:
    """Where the values of the task's parameters stand in the clause, the longest first; no two in one place."""
    spans: list[tuple[int, int, str]] = []
    for name, text in sorted(task.params.items(), key=lambda item: -len(item[1])):
        for found in re.finditer(rf"(?i)(?<!\w){re.escape(text)}(?!\w)", part) if text else ():
            if all(found.end() <= start or end <= found.start() for start, end, _ in spans):
                spans.append((*found.span(), name))
    return sorted(spans)


# ---------------------------------------------------------------------------------------------- runs and acts


def taken(run: Run) -> Taken:
    """The run as the memory learns it. Raises UsageError for a goal that says nothing."""
    last = seen(run.last) if run.last else None
    looks = [seen(step.seen) for step in run.steps]
    afters = [*looks[1:], last]
    told = zip(run.steps, looks, afters, strict=False)
    pairs = [(deed, look) for step, look, after in told if (deed := deed_of(step, after)) is not None]
    deeds = tuple(deed for deed, _ in pairs)
    return Taken(
        run.id, heard(run.task), deeds, tuple(look for _, look in pairs), last, ended=run.stopped == "finished"
    )


def deed_of(step: Step, after: Seen | None = None) -> Deed | None:
    """The act as the memory keeps it; None for what did nothing, not even on the look `after` it. What cannot be done
    again, or bears a secret, is unknown.
    """
    if step.effect.kind == "refused" or isinstance(step.action, Wait | Move | Ask | Finish):
        return None
    if step.effect.kind == "no_effect" and (after is None or after.written == seen(step.seen).written):
        return None
    action, now = step.action, step.seen
    text = action.text if isinstance(action, Fill | Type) else ""
    if SEAL in text or (isinstance(action, Type | Press) and _secret(now)):
        return _UNKNOWN
    try:
        return _deed(action, now)
    except UsageError:  # the target is no element of the look: there is no way to find it again
        return _UNKNOWN


def _deed(action: Action, now: Observation) -> Deed:
    match action:
        case Click(target=Element() as target, button=button, count=count, keys=keys):
            return Deed("click", mark_of(target, now), button=button, count=count, keys=keys, states=flags(target))
        case Invoke(target=target):
            return Deed("invoke", mark_of(target, now), states=flags(target))
        case Fill(target=target, text=text) if "password" not in target.states:
            return Deed("fill", mark_of(target, now), text=text, states=flags(target))
        case Type(text=text):
            return Deed("type", text=text)
        case Press(keys=keys):
            return Deed("press", text=keys)
        case Scroll(target=Element() as target, dx=dx, dy=dy):
            return Deed("scroll", mark_of(target, now), scroll=(dx, dy))
        case Drag(start=Element() as start, end=Element() as end):
            return Deed("drag", mark_of(start, now), mark_of(end, now), states=flags(start))
        case Open(what=what):
            return Deed("open", text=what)
        case _:
            return _UNKNOWN


def _secret(now: Observation) -> bool:
    """Whether what is typed now goes into a password field."""
    return any({"focused", "password"} <= element.states for element in now.elements)


def _action(offer: Offer, now: Observation) -> Action | None:
    """The offered act on this screen; None if its target is not there, not the same, or already as it is to be."""
    deed = offer.deed
    target, to = (_found(mark, now) if mark else None for mark in (deed.target, deed.to))
    if (deed.target and target is None) or (deed.to and to is None):
        return None
    if target is not None and deed.do != "scroll" and flags(target) != deed.states:
        return None
    if deed.do == "fill" and target is not None and (target.value == deed.text or "password" in target.states):
        return None
    if deed.do in ("type", "press") and _secret(now):
        return None
    return _again(deed, target, to, f"as in run {offer.run}")


def _found(mark: Mark, now: Observation) -> Element | None:
    """The target, if it is found, is alone, is of the same role and is still called the same. One that is named by the
    task has nothing but that name to be found by.
    """
    if not (mark.locators or mark.row or mark.window):
        mark = replace(mark, locators=(Locator("role", f"{mark.role}:{mark.name}"),))
    match find(mark, now):
        case Found(element=element):
            same = element.role == mark.role and plain(called(element)) == plain(mark.name)
            return element if same else None
        case Lost():
            return _entry(mark, now)


def _entry(mark: Mark, now: Observation) -> Element | None:
    """The one entry that is in the same menu under the same name, whatever stands where it stood: entries, unlike what
    is in rows, are told apart by nothing else.
    """
    if not mark.role.startswith("menuitem"):
        return None
    path = next((at.value for at in mark.locators if at.kind == "path"), "")
    inside = [e for e in now.elements if e.role == mark.role and any(at.value == path for at in e.locators)]
    return inside[0] if path and len(inside) == 1 and "showing" in inside[0].states else None


def _again(deed: Deed, target: Element | None, to: Element | None, why: str) -> Action | None:
    match deed.do, target, to:
        case "click", Element() as on, _:
            return Click(on, _BUTTONS[deed.button], deed.count, deed.keys, why=why)
        case "invoke", Element() as on, _:
            return Invoke(on, why=why)
        case "fill", Element() as on, _:
            return Fill(on, deed.text, why=why)
        case "scroll", Element() as on, _:
            return Scroll(on, *deed.scroll, why=why)
        case "drag", Element() as on, Element() as end:
            return Drag(on, end, why=why)
        case "type", _, _:
            return Type(deed.text, why=why)
        case "press", _, _:
            return Press(deed.text, why=why)
        case "open", _, _:
            return Open(deed.text, why=why)
        case "finish", _, _:
            return Finish(why, why=why)
        case _:
            return None


_BUTTONS: dict[str, Literal["left", "middle", "right"]] = {"left": "left", "middle": "middle", "right": "right"}
