"""Runs as the experience memory learns them: the template of the goal, and the acts in its terms; and as a model that
sums one up is told it.

A word of a goal becomes a slot if it was typed or picked from a list, or if two passed runs differ just in it: then
what both did must differ just in it too. Literals are always slots. It reads no record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from cua.core import SEAL, Effect, Element, Fill, Outcome, Press, Run, Step, Task, Type, Verdict
from cua.errors import UsageError
from cua.memory.experience import Item, Taught
from cua.memory.lessons import Advice, Lesson, Pitfall, act_of, bare, general, had_no_effect, shown, widened
from cua.memory.signatures import ITEMS, Value, plain
from cua.memory.templates import END, NEXT, SMALL, Fit, Goal, fits, slot, template, unambiguous
from cua.memory.trails import Deed
from cua.policies.gist import gist, words_of
from cua.policies.recall import deed_of, heard
from cua.sealing import MASK
from cua.secret_words import named_secret

Pattern = tuple[str, ...]

_SHORT = 4  # a shorter secret is hidden only where it stands alone: it is part of too many words
_PICKED = ITEMS - {"link"}  # links are how one gets somewhere, like buttons


def taught(run: Run, known: Sequence[Item], *, passed: bool) -> tuple[Taught, Item | None, int] | None:
    """The run in the terms of its template. With it the item, of those in the same app, that has this template; and
    which word of its pattern must become a slot first, or -1. None if the run teaches nothing.
    """
    goal = goal_of(run.task)
    looks = [step.seen for step in run.steps] + ([run.last] if run.last else [])
    apps = tuple(dict.fromkeys(look.place.app for look in looks if look.place.app))
    if goal is None or not apps or not run.steps:
        return None
    fitting = [(fit, item) for item in known if item.app == apps[0] and (fit := fit_of(item.pattern, goal))]
    item, at = None, -1
    if fitting:
        fit, item = max(fitting, key=lambda pair: pair[0].words)
        pattern = item.pattern
    else:
        pattern = _own(run, goal)
        for other in known if passed else ():
            wide = _wide(run, goal, pattern, other) if other.app == apps[0] else None
            if wide is not None:
                item, at, pattern = other, *wide
                break
        fit = fit_of(pattern, goal) or Fit(0, (), len(goal.clauses), 0)
    lesson = _lesson(run, fit.values, passed=passed)
    if not lesson.acts and not lesson.pitfalls:
        return None
    return Taught(run.id, apps, pattern, gist(tuple(_words(pattern))).places, slots(pattern), lesson), item, at


def _own(run: Run, goal: Goal) -> Pattern:
    """The pattern of one run alone."""
    deeds = [deed for step in run.steps if (deed := deed_of(step)) is not None]
    used = {deed.text for deed in deeds}
    used |= set(_secrets(run))
    used |= {mark.name for deed in deeds for mark in (deed.target, deed.to) if mark and mark.role in _PICKED}
    literals = {said.text for clause in goal.clauses for said in clause if said.kind != "word"}
    keys = frozenset(plain(text) for text in used | literals if text)
    return template(goal, keys, len(goal.clauses))


def _wide(run: Run, goal: Goal, pattern: Pattern, item: Item) -> tuple[int, Pattern] | None:
    """Where the pattern of a run and that of an item differ in one word and what both did differs just in it: which
    word, and the pattern with a slot for it.
    """
    differ = [at for at, pair in enumerate(zip(pattern, item.pattern, strict=False)) if pair[0] != pair[1]]
    if len(pattern) != len(item.pattern) or len(differ) != 1 or not item.known.acts:
        return None
    at = differ[0]
    both = (pattern[at], item.pattern[at])
    if at == 0 or pattern[at - 1] == NEXT or len(_words(both)) < 2 or not SMALL.isdisjoint(both):
        return None
    beside = any(token.startswith(slot("")) for token in (pattern[at - 1], *pattern[at + 1 : at + 2]))
    wide = (*pattern[:at], slot("word", 1 if beside else 0), *pattern[at + 1 :])
    fit = fit_of(wide, goal)
    if fit is None or set(_words(wide)) <= SMALL:
        return None
    theirs = widened(Lesson(item.known.acts), item.pattern[at], slots(pattern[:at]))
    same = theirs.acts == _lesson(run, fit.values, passed=True).acts and theirs.acts != item.known.acts
    return (at, wide) if same else None


def _lesson(run: Run, values: Sequence[Value], *, passed: bool) -> Lesson:
    """A run in words: what had an effect, and what had none."""
    acts, pitfalls = [], []
    for step in run.steps:
        deed = deed_of(replace(step, effect=Effect("confirmed")))
        if deed is None:
            continue
        act = act_of(Deed("unknown") if _into_secret(step) else deed, values)
        if step.effect.kind not in ("refused", "no_effect"):
            acts.append(act)
        elif act.do != "unknown":
            why = had_no_effect(step.effect.reason, refused=step.effect.kind == "refused")
            pitfalls.append(Pitfall(act, why))
    return Lesson(tuple(acts), tuple(pitfalls), passed)


def _into_secret(step: Step) -> bool:
    """Whether it types into a field that is called like one for a secret."""
    typed = isinstance(step.action, Type | Press)
    return typed and any("focused" in element.states and named_secret(element.name) for element in step.seen.elements)


# ---------------------------------------------------------------------------------------------- for a model


@dataclass(frozen=True, slots=True)
class Tale:
    """A run as it is told: the template of its goal, the acts that had an effect, those that had none or were refused,
    and what the judge found. All of it has slots in place of values, and no secrets.
    """

    app: str
    goal: str
    acts: tuple[str, ...]
    vain: tuple[str, ...]
    outcome: Outcome
    evidence: tuple[str, ...]


def tale_of(run: Run, of: Taught, verdict: Verdict) -> Tale:
    """The run in the terms of its template, for a model that sums it up: without values, without secrets."""
    values, hidden = values_of(of.pattern, run.task), _secrets(run)

    def plainly(text: str) -> str:
        return _masked(shown(general(text, values, 0)), hidden)

    return Tale(
        of.apps[0],
        _masked(told(of.pattern), hidden),
        tuple(_masked(act.told(), hidden) for act in of.lesson.acts),
        tuple(_masked(pitfall.told(), hidden) for pitfall in of.lesson.pitfalls),
        verdict.outcome,
        tuple(plainly(each.saying) for each in verdict.evidence),
    )


def advice_for(run: Run, of: Taught, said: Advice) -> Advice:
    """What a model made of the run as it is kept: with slots of the template, and without values and secrets that it
    names all the same.
    """
    values, hidden = values_of(of.pattern, run.task), _secrets(run)
    return said.over(lambda text: general(_masked(text, hidden), values, of.slots))


def _secrets(run: Run) -> tuple[str, ...]:
    """What was typed into fields for secrets, the longest first."""
    found = {text for step in run.steps for text in _secret(step) if text.strip() and SEAL not in text}
    return tuple(sorted(found, key=len, reverse=True))


def _secret(step: Step) -> tuple[str, ...]:
    match step.action:
        case Fill(target=Element(name=name, states=states), text=text) if "password" in states or named_secret(name):
            return (text, text.strip())
        case Type(text=text) if _into_secret(step) or any(
            {"focused", "password"} <= element.states for element in step.seen.elements
        ):
            return (text, *text.split())
        case _:
            return ()


def _masked(text: str, hidden: Sequence[str]) -> str:
    for each in hidden:
        text = re.sub(rf"(?i)(?<!\w){re.escape(each)}(?!\w)", MASK, text)
        text = text.replace(each, MASK) if len(each) >= _SHORT else text
    return text


# ---------------------------------------------------------------------------------------------- goals


def goal_of(task: Task) -> Goal | None:
    """None for a goal that says nothing."""
    return _heard_once(task.goal, tuple(sorted(task.params.items())))


@lru_cache(maxsize=64)
def _heard_once(goal: str, params: tuple[tuple[str, str], ...]) -> Goal | None:
    try:
        return heard(Task("heard", goal, dict(params)))
    except UsageError:
        return None


def fit_of(pattern: Sequence[str], goal: Goal) -> Fit | None:
    """How the whole of a goal fits a pattern; None if it does not, or in several ways."""

    def below(node: int, tokens: tuple[str, ...]) -> dict[str, int]:
        return {pattern[node]: node + 1} if node < len(pattern) and pattern[node] in tokens else {}

    found = [fit for fit in unambiguous(fits(goal, below)) if fit.clauses == len(goal.clauses)]
    return found[0] if found else None


def values_of(pattern: Sequence[str], task: Task) -> tuple[Value, ...]:
    """A task's values for the slots of a pattern; none where the task only means something like it."""
    if not slots(pattern) or not set(_words(pattern)) <= set(words_of(task)):
        return ()
    goal = goal_of(task)
    fit = fit_of(pattern, goal) if goal else None
    return fit.values if fit else ()


def meant(pattern: Sequence[str]) -> str:
    """A pattern as a wish whose values are left open, for a model that finds what means the same."""
    return re.sub(r"\{\d+\}", "…", told(pattern))


def wish_of(task: Task) -> str:
    """A task in the same form; "" for one that says nothing. No literal and no parameter is in it."""
    goal = goal_of(task)
    if goal is None:
        return ""
    given = frozenset(said.key for clause in goal.clauses for said in clause if said.kind != "word")
    return meant(template(goal, given, len(goal.clauses)))


def slots(pattern: Sequence[str]) -> int:
    return sum(token.startswith(slot("")) for token in pattern)


def _words(pattern: Sequence[str]) -> list[str]:
    """The words of a pattern that are its own."""
    return [token for token in pattern if token[0].isalnum() and "=" not in token]


def told(pattern: Sequence[str], values: Sequence[Value] = ()) -> str:
    """A pattern for a reader, with a task's values or the numbers of its slots."""
    said: list[str] = []
    number = 0
    for token in pattern:
        if token.startswith(slot("")):
            said.append(values[number].text if values else f"{{{number + 1}}}")
            number += 1
        elif token == NEXT:
            said[-1:] = [f"{said[-1]},"] if said else []
        elif token != END:
            said.append(token.partition("=")[2] or token)
    return bare(" ".join(said))
