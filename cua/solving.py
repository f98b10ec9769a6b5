"""A request that the planner alone cannot do: what is known of it is replayed, and for the rest the model is asked.

What passed is proved once more in a sandbox, if one can stand in, and enters the memory: the next time nobody is asked.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from cua import codec
from cua.checks import BACKGROUND, ControlIs, DocumentIs, FileHolds, Requirement, SettingIs, key_stores, moved_between
from cua.config import settings
from cua.core import Ask, Budget, Changes, Evidence, Finish, Outcome, Run, Task, Verdict, World
from cua.errors import CuaError, TroubleError
from cua.helping import undisturbed
from cua.learning import learn
from cua.memory.actions import Actions
from cua.memory.store import Store, acts
from cua.minds import Mind
from cua.on_page import believed
from cua.policies.contract_guard import Guarded, Plea
from cua.policies.followed import Followed
from cua.policies.interruptions import Interruptible
from cua.policies.lexicon import label_words
from cua.policies.outcomes import Came, Ended, Outcomes, came_of, going_on
from cua.policies.planner import Planner
from cua.policies.recall import Recall, heard, taken
from cua.policies.route import Choice, Route, Rung, Way
from cua.policies.script import Always
from cua.policies.understand import Doubt
from cua.policies.ways import told
from cua.probes import ElementHolds, TextGone
from cua.run import run
from cua.screen import Screen
from cua.seats import Done, Seat
from cua.troubles import plainly

PROVEN = "proven skill"
_WORDS = ("skill", "planner")  # who do only what the person's own words name
_ROUTE = "route"
_CALLED = {
    "skill": PROVEN,
    "replay": "replayed from memory",
    "planner": "planned",
    "model": "by the model",
    "person": "asked",
}


def budget(mind: Mind) -> Budget:
    """What a run may use: with a model as much longer as that may take."""
    mine = settings().budget.of_task()
    return Budget(mine.acts, max(mine.seconds, mind.chosen.budget.seconds)) if mind.there else mine


@contextmanager
def opened_route(task: Task, planner: Planner, how: str, place: Seat, mind: Mind) -> Iterator[Route]:
    """Of a request that is understood: its proven skills; else what is remembered, the planner, the model."""
    proven = how.startswith(PROVEN)
    lower = [Way("model", mind.policy(task, Ask(how)), "nobody above it knew")] if mind.there else []
    if proven:
        yield Route([Way("skill", Followed(planner), how), *lower])
        return
    with Actions(place.store.path) as memory:
        yield Route([Way("planner", Followed(planner), how), *lower], memory)


def freed(place: Seat, route: Route, watched: Interruptible, plea: Plea) -> bool:
    """Whether nobody need be asked about an act beyond the contract: who decided does only what the person's own words
    name, or in a sandbox it is a change that can be taken back, or puts away what nobody asked for.
    """
    if watched.dismisses(plea.action):
        return not place.stays
    return route.rung in _WORDS or (not place.stays and plea.objection.kind == "change")


def keep_route(store: Store, run_id: str, route: Route, hands: Guarded, mind: Mind) -> None:
    """Who decided, and what the run was allowed to do, on record beside the run."""
    pleas = [
        {"act": told(plea.action), "why": plea.objection.reason, "allowed": yes, "asked": plea in mind.pleas}
        for plea, yes in hands.pleas
    ]
    contract = codec.save(hands.contract)
    store.put(
        _ROUTE, run_id, {"choices": [asdict(each) for each in route.choices], "contract": contract, "pleas": pleas}
    )


def keep_choice(store: Store, run_id: str, choice: Choice) -> None:
    """The same of a run in which one decided all, by what was agreed before: a workflow, or the person who is asked."""
    store.put(_ROUTE, run_id, {"choices": [asdict(choice)], "contract": None, "pleas": []})


def route_of(store: Store, run_id: str) -> dict[str, Any]:
    """Who decided in that run, its contract, and what was asked beyond that; empty where it was not kept."""
    return dict(store.get(_ROUTE, run_id) or {"choices": [], "contract": None, "pleas": []})


def said(choices: Sequence[Choice]) -> str:
    """In a few words who decided, where it was not one rung alone or the memory; "" where one rung did."""
    rungs = list(dict.fromkeys(choice.rung for choice in choices))
    if rungs in ([], ["skill"], ["planner"], ["person"]):
        return ""
    return ", then ".join(_CALLED[rung] for rung in rungs)


# ---------------------------------------------------------------------------------------------- beyond the planner


@dataclass(frozen=True, slots=True)
class _Start:
    """What was before the first act. `held` says of each check that is to hold at the end whether it did already."""

    before: Changes
    screen: Screen
    ended: Ended | None
    held: tuple[bool, ...]


def solve(goal: str, doubt: Doubt, place: Seat, mind: Mind, before: Changes) -> Done:
    """Do what the memory or the model knows how to do; where neither does, say what is not clear. `before` is what
    differed when the request began. What is learned of it afterwards takes none of its seconds.
    """
    began = time.monotonic()
    task = Task("do", goal, budget=budget(mind))
    ask = Ask(doubt.saying, doubt.closest)
    last = Way("model" if mind.there else "person", mind.policy(task, ask), doubt.saying)
    with Actions(place.store.path) as memory:
        outcomes = Outcomes(place.store, memory)
        start = _start(task, place, outcomes, before)
        so = _already(start, goal, mind)
        route = Route([so]) if so else Route([last], memory)
        driver = place.sparing or place.sandbox.driver
        watched = undisturbed(route, place, mind.approve)
        hands = mind.guard(task, driver, start.screen.now, partial(freed, place, route, watched))
        done = run(task, hands, watched, mind)
        found, seen = _judged(done, place, mind, start, route)
        verdict = believed(found, done, hands, seen=seen)
        place.store.verdict(done.id, verdict)
        watched.learn(done, verdict.outcome)
        keep_route(place.store, done.id, route, hands, mind)
        moved = tuple(sorted(moved_between(before, place.sandbox.world.changes())))
        seconds, note = time.monotonic() - began, _held_back(hands)
        if verdict.outcome in ("pass", "fail") and not note and not so:  # what was refused teaches nothing
            note = _learned(done, verdict, place, outcomes, (start, mind))
    return Done(
        verdict.outcome,
        goal,
        _told(done, verdict),
        said(route.choices),
        moved,
        _choices(done, doubt, route.rung) if verdict.outcome != "pass" else (),
        acts(done.steps),
        seconds,
        done.id,
        mind.spent.calls,
        note=note or _unasked(done, mind),
        tokens=mind.spent.tokens,
        cost=mind.spent.cost,
        route=tuple(route.choices),
    )


def _start(task: Task, place: Seat, outcomes: Outcomes, before: Changes) -> _Start:
    world = place.sandbox.world
    ended = outcomes.known(heard(task))
    held = tuple(_holds(check, world) for check in ended.checks) if ended else ()
    return _Start(before, Screen.of(world.observe()), ended, held)


def _already(start: _Start, goal: str, mind: Mind) -> Way | None:
    """What to do where it shows already all that it showed when this was done: nothing, if that is a state, which it
    has; else only what the person says, for it may be wanted once more.
    """
    if start.ended is None or not start.held or not all(start.held):
        return None
    why = f"it shows already what it showed after run {start.ended.run}"
    if all(_state(check) for check in start.ended.checks):
        return Way("replay", Always(Finish(f"{goal}: it was so already")), why)
    if mind.approve(f"{goal}: {why}; do it once more"):
        return None
    return Way("person", Always(Ask(f"{why}; nothing was done. Is it to be done once more?")), why)


def _state(check: Requirement) -> bool:
    """Whether it tells of how something stands, not of what came."""
    return isinstance(check, SettingIs | FileHolds | DocumentIs) or (
        isinstance(check, ControlIs) and check.fact in ("checked", "selected", "value")
    )


def _holds(check: Requirement, world: World) -> bool:
    """Whether it is known to hold."""
    try:
        return check.test(world).holds is True
    except TroubleError:
        return False


def _told(done: Run, verdict: Verdict) -> str:
    if done.stopped == "asked":
        return done.reason.partition("\n")[0]
    if done.stopped != "finished":
        return plainly(done.reason)
    lacking = [each.saying for each in verdict.evidence if each.holds is not True]
    aside = [f"it also changed {key}" for key in verdict.side_effects]
    if verdict.outcome == "pass":
        return done.task.goal if done.steps else f"{done.task.goal}: it was so already"
    return f"{done.task.goal}: {'; '.join(lacking + aside) or 'nothing here can tell whether it worked'}"


def _choices(done: Run, doubt: Doubt, rung: Rung | None) -> tuple[str, ...]:
    """What the question that it ended with offers; else what is closest, where nothing was done and nobody else
    decided.
    """
    if done.stopped == "asked":
        return tuple(done.reason.splitlines()[1:])
    return () if done.steps or rung == "model" else doubt.closest


def _held_back(hands: Guarded) -> str:
    """What was not done, for want of a person's yes."""
    acts = dict.fromkeys(
        f"{told(plea.action)} ({plea.objection.reason})" for plea, allowed in hands.pleas if not allowed
    )
    return f"not done, for nobody allowed it: {', '.join(acts)}" if acts else ""


def _unasked(done: Run, mind: Mind) -> str:
    if mind.there or done.stopped != "asked":
        return ""
    shown = f"what it would have been asked: cua runs show {done.id} --prompts"
    if settings().model.name:
        return f"a model would have been asked here, and you said --no-model; {shown}"
    return f"a model would have been asked here, and none is set up; {shown}; how to set one up: cua do --help"


# ---------------------------------------------------------------------------------------------- judging


def _judged(done: Run, place: Seat, mind: Mind, start: _Start, route: Route) -> tuple[Verdict, bool]:
    """By what the world showed when the same task had passed before; else by the evidence of the run, if a model can
    judge it. What neither tells is unknown. What showed before is enough of a model's run only where it tells each of
    the task's own values: it may have done without one. With it, whether a model looked at what showed at the end.
    """
    if done.stopped != "finished":
        refused = done.stopped == "refused"
        return Verdict("refused" if refused else "unknown", (Evidence(None, plainly(done.reason)),)), False
    modelled = any(choice.rung == "model" for choice in route.choices)
    if start.ended is not None and (start.ended.whole or not modelled):
        found = _as_before(start, start.ended, done, place)
        if found.outcome == "pass" or not mind.there:
            return found, False
    return mind.judged(done, route.rung), True


def _as_before(start: _Start, ended: Ended, done: Run, place: Seat) -> Verdict:
    """What does not hold may be another thing this time: that is unknown, and never a pass."""
    world = place.sandbox.world
    try:
        evidence = tuple(check.test(world) for check in ended.checks)
        moved = moved_between(start.before, world.changes())
    except TroubleError as exc:
        return Verdict("unknown", (Evidence(None, str(exc)),))
    noise = (*ended.may, *BACKGROUND, *key_stores(done.task.goal))
    aside = tuple(key for key in sorted(moved) if not any(key == own or fnmatchcase(key, own) for own in noise))
    whole = all(each.holds for each in evidence) and not aside
    if whole and done.steps and all(start.held):
        so = Evidence(None, "it was so before, and nothing tells what was done")
        return Verdict("unknown", (*evidence, so))
    as_then = Evidence(True, f"it shows what it showed when run {ended.run} had passed")
    return Verdict("pass" if whole else "unknown", (*evidence, *([as_then] if whole else [])), aside)


# ---------------------------------------------------------------------------------------------- learning


def _learned(done: Run, verdict: Verdict, place: Seat, outcomes: Outcomes, of: tuple[_Start, Mind]) -> str:
    """Remember it, if it does not depend on chance: what a model passed is done once more where that harms nobody. Why
    not, in a line.
    """
    start, mind = of
    if verdict.outcome == "fail":
        return learn(place.store, done, "fail", mind)
    if not done.steps:
        return ""  # that it was so already is no way to do it
    try:
        if not taken(done).deeds:
            return "it is not remembered, for nothing that was done there can be told again"
        came = _came(done, place, start)
        proven = place.stand_in is not None and start.ended is None
        if proven:
            why, came = _again(done, came, place)
            if why:
                return f"it is not remembered, for it did not come out so a second time: {why}"
        note = learn(place.store, done, "pass", mind)
        outcomes.keep(heard(done.task), came, done.id, proven=proven)
    except CuaError as exc:
        return f"what was done is not remembered for the next time: {exc}"
    return note


def _came(done: Run, place: Seat, start: _Start) -> Came:
    world = place.sandbox.world
    came = came_of(done.steps, start.screen, world, start.before, moved_between(start.before, world.changes()))
    return going_on(came, done.task.goal) if place.stays else came


def _again(done: Run, came: Came, place: Seat) -> tuple[str, Came]:
    """Why the run, without anybody who decides, does not bring about the same in another sandbox, "" where it does; and
    what it brings about each time. Texts that bear nothing of the goal may differ: clocks and counters do.
    """
    assert place.stand_in is not None
    with closing(place.stand_in()) as sandbox, tempfile.TemporaryDirectory() as folder:
        before = sandbox.world.changes()
        with Actions(Path(folder) / "proof.db") as memory:
            memory.learn(taken(done), passed=True)
            alone = Recall(memory, Always(Ask("the next act is not known")))
            again = run(done.task, sandbox.driver, alone, place.store)
        found = [(check, check.test(sandbox.world)) for check in came.checks]
        noise = (*came.moved, *BACKGROUND, *key_stores(done.task.goal))
        moved = moved_between(before, sandbox.world.changes())
    aside = tuple(key for key in sorted(moved) if not any(key == own or fnmatchcase(key, own) for own in noise))
    steady = tuple((check, each) for check, each in found if each.holds or not _loose(check, done.task.goal, moved))
    lacking = [each.saying for _, each in steady if each.holds is not True]
    outcome: Outcome = "unknown" if again.stopped != "finished" else "fail" if lacking or aside else "pass"
    place.store.verdict(again.id, Verdict(outcome, tuple(each for _, each in steady), aside))
    why = [plainly(again.reason)] if again.stopped != "finished" else lacking
    why += [f"it also changed {key}" for key in aside]
    why += ["nothing of what it had changed came about again"] if found and not steady else []
    return "; ".join(why), replace(came, checks=tuple(check for check, _ in steady))


def _loose(check: Requirement, goal: str, moved: Collection[str]) -> bool:
    """Whether it may come out otherwise each time."""
    match check:
        case ElementHolds(value=text) | TextGone(text=text):
            return not set(label_words(text)) & set(label_words(goal))
        case SettingIs() | FileHolds():
            return any(check.names(key) for key in moved)
        case _:
            return False
