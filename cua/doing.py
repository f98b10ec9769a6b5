"""One request on one app: understand the words, plan, run, let the world judge, tell it in a line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from cua.checks import BACKGROUND, document, judge, moved_between
from cua.config import settings
from cua.core import Changes, Outcome, Run, Sandbox, Task, Verdict
from cua.errors import UsageError
from cua.memory.library import keep_map, load_map, load_skills
from cua.memory.maps import Map
from cua.memory.skills import Skill
from cua.memory.store import Store
from cua.policies.abilities import Ability, abilities
from cua.policies.expect import Expected, expect
from cua.policies.glance import glanced, merged
from cua.policies.goals import BARE, GiveFile, Goal, Reveal
from cua.policies.planner import Planner
from cua.policies.understand import Doubt, Names, understand
from cua.practice.scout import scout
from cua.run import Unkept, run
from cua.screen import Screen

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: the verdict of the world, in a line what was done and how it was known, what changed."""

    outcome: Outcome
    goal: str
    saying: str
    how: str = ""
    changed: tuple[str, ...] = ()
    closest: tuple[str, ...] = ()
    acts: int = 0
    seconds: float = 0.0
    run: str = ""
    model_calls: int = 0

    @property
    def brief(self) -> str:
        """What changed, shortly, without what toolkits write by themselves."""
        keys = [key for key in self.changed if not any(fnmatchcase(key, own) for own in BACKGROUND)]
        short = [f"file {key[5:]}" if key.startswith("file:") else "/".join(key.split("/")[-2:]) for key in keys]
        more = f" and {len(short) - _SHOWN} more" if len(short) > _SHOWN else ""
        return ", ".join(short[:_SHOWN]) + more


@dataclass(slots=True)
class Seat:
    """An app in its sandbox with what is known of it: made once, used for several requests.

    `home` is where files without a folder go; `described` are summaries of settings keys.
    """

    sandbox: Sandbox
    store: Store
    app: str
    home: str
    described: Mapping[str, str]
    known: Map = field(init=False)
    skills: dict[str, Skill] = field(init=False)

    def __post_init__(self) -> None:
        self.known = load_map(self.store, self.app)
        self.skills = load_skills(self.store, self.app)


def do_there(goal: str, place: Seat) -> Done:
    """The same on a seat that is taken already."""
    start = time.monotonic()
    known, asked = _understood(goal, place)
    if isinstance(asked, Doubt):
        outcome: Outcome = "unknown"
        return Done(outcome, goal, asked.saying, closest=asked.closest, seconds=time.monotonic() - start)
    world = place.sandbox.world
    screen = Screen.of(world.observe())
    expected = expect(asked, known, text=document(screen), files=_files(asked, place))
    bold = ("*",) if _unproven(asked, known) else ()
    task = Task("do", goal, {}, expected.checks, (*expected.allowed, *bold), budget=settings().budget.of_task())
    before = world.changes()
    done = run(task, place.sandbox.driver, Planner(known, asked), place.store)
    verdict = _judged(done, task, expected, place, before, known)
    place.store.verdict(done.id, verdict)
    changed = _changed(place, before)
    saying = _told(asked, done, verdict)
    return Done(
        verdict.outcome,
        goal,
        saying,
        _how(asked, place),
        changed,
        (),
        len(done.steps),
        time.monotonic() - start,
        done.id,
    )


def _understood(goal: str, place: Seat) -> tuple[Map, tuple[Goal, ...] | Doubt]:
    """First with what is known and shows; if that is not enough, after a look into the app's dialogs."""
    known = glanced(place.known, Screen.of(place.sandbox.world.observe()))
    names = Names.of(abilities(known, place.described), place.home)
    asked = understand(goal, names)
    if isinstance(asked, Doubt) and not asked.stop:
        known = scout(place.sandbox, known)
        place.known = merged(load_map(place.store, place.app), known)  # practice may have gone on meanwhile
        keep_map(place.store, place.known)
        names = Names.of(abilities(known, place.described), place.home)
        asked = understand(goal, names)
    return known, asked


def _judged(done: Run, task: Task, expected: Expected, place: Seat, before: Changes, known: Map) -> Verdict:
    looked = expected.shown and done.stopped == "finished"
    driver = place.sandbox.driver
    if looked:
        kept = frozenset(Screen.of(place.sandbox.world.observe()).windows)
        looking = Planner(known, tuple(Reveal(ability) for ability, _ in expected.shown))
        run(replace(task, id="look"), driver, looking, Unkept())
        checks = (*task.checks, *(check for _, check in expected.shown))
        task = replace(task, checks=checks, allowed=(*task.allowed, "window:*"))
    verdict = judge(task, place.sandbox.world, before)
    if looked:
        run(replace(task, id="leave"), driver, Planner(known, (), kept=kept), Unkept())
    if done.stopped == "refused":
        return Verdict("refused", verdict.evidence, verdict.side_effects)
    if done.stopped != "finished" and verdict.outcome == "pass":
        return Verdict("unknown", verdict.evidence, verdict.side_effects)
    return verdict


def _unproven(goals: tuple[Goal, ...], known: Map) -> bool:
    """Whether some goal is about an ability that nothing but its role tells of, or the app was never practised: then
    what else it changes is not known.
    """
    if not any(law.signals for law in known.laws.values()):
        return True
    concerned = [goal.ability for goal in goals if not isinstance(goal, (*BARE, Reveal, GiveFile))]
    return any(all(not law.signals for law in ability.laws) for ability in concerned)


def _files(goals: tuple[Goal, ...], place: Seat) -> dict[str, str]:
    found = {}
    for goal in goals:
        if isinstance(goal, GiveFile) and not goal.saves:
            inside = goal.path.replace(place.home + "/", "~/", 1)
            try:
                found[inside] = place.sandbox.world.read(inside).decode("utf-8", "replace")
            except FileNotFoundError as error:
                raise UsageError(f"there is no file {goal.path} in the sandbox to open") from error
    return found


def _changed(place: Seat, before: Changes) -> tuple[str, ...]:
    return tuple(sorted(moved_between(before, place.sandbox.world.changes())))


def _told(goals: tuple[Goal, ...], done: Run, verdict: Verdict) -> str:
    asked = "; ".join(str(goal) for goal in goals)
    if done.stopped != "finished":
        return f"{asked}: {done.reason}"
    if verdict.outcome == "pass":
        return asked if done.steps else f"{asked}: it was so already"
    said = [found.saying for found in verdict.evidence if found.holds is not True]
    aside = [f"it also changed {key}" for key in verdict.side_effects]
    return f"{asked}: {'; '.join(said + aside) or 'nothing here can tell whether it worked'}"


def _how(goals: tuple[Goal, ...], place: Seat) -> str:
    proven = {skill.ability: skill for skill in place.skills.values() if skill.status == "proven"}
    concerned: list[Ability] = [goal.ability for goal in goals if not isinstance(goal, (*BARE, Reveal))]
    skills = [proven[ability.key] for ability in concerned if ability.key in proven]
    if concerned and len(skills) == len(concerned):
        worst = min(skills, key=lambda skill: skill.bound)
        return f"proven skill ({worst.passes} of {len(worst.proofs)} proofs, at least {worst.bound:.0%})"
    if concerned and all(any(law.signals for law in ability.laws) for ability in concerned):
        return "planned on the learned map"
    return "read from the screen"
