"""The user's verbs. The only place that turns names into sandboxes, drivers and policies; it never prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cua.config import Paths, paths, settings
from cua.core import Changes, Completed, Driver, Outcome, Run, Task
from cua.doing import Done, Seat, do_there
from cua.errors import UsageError
from cua.memory.library import keep_skill, load_map, load_skill, load_skills
from cua.memory.maps import Map
from cua.memory.skills import Round, Skill
from cua.memory.store import Store
from cua.policies.abilities import abilities
from cua.policies.glance import glanced
from cua.policies.planner import Planner
from cua.policies.understand import Doubt, Names, readable, understand
from cua.policies.ways import told
from cua.practice.rounds import Practice
from cua.run import run
from cua.screen import Screen
from sandbox_vms import apps, lasting
from sandbox_vms.inside import HOME
from sandbox_vms.namespace import Namespace
from sandbox_vms.promises import Result, Stage, check
from sandbox_vms.schemas import load as load_schemas

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Practised:
    """What a practice came to."""

    outcome: Outcome
    app: str
    proven: int
    tried: int
    rounds: int
    seconds: float
    report: str


@contextmanager
def record() -> Iterator[Store]:
    """The record of this user, open."""
    where: Paths = paths()
    with Store(where.record) as store:
        yield store


@contextmanager
def seat(on: str, store: Store) -> Iterator[Seat]:
    """The app or sandbox of that name, ready for requests."""
    if not on:
        raise UsageError("say where with --on: an installed app, or a sandbox from: cua sandbox list")
    if on in ("web", "android", "desktop", "fake"):
        raise UsageError(
            f"requests on {on!r} are not there yet; name an app or a sandbox: cua sandbox create APP --name N"
        )
    if on in {entry.name for entry in lasting.list_all()}:
        sandbox = lasting.attach(on)
    else:
        sandbox = Namespace(apps.find(on), size=settings().screen_size)
    try:
        yield seated(sandbox, store)
    finally:
        sandbox.close()


def seated(sandbox: Namespace, store: Store) -> Seat:
    """A seat in that sandbox, with what was learned of its app before."""
    return Seat(sandbox, store, sandbox.app.name, HOME, summaries())


def do(goal: str, on: str) -> Done:
    """Do what the sentence asks for on the app or sandbox of that name, and judge it from the world."""
    readable(goal)
    with record() as store, seat(on, store) as place:
        return do_there(goal, place)


def practice(
    app: str, *, minutes: float | None, rounds: int | None, say: Say, told: Callable[[Round], None]
) -> Practised:
    """Explore, try, judge, prove; ends with a report. What was learned before is the start of it.

    A KeyboardInterrupt, also one that `say` or `told` raises, ends it early as "refused", with its report.
    """
    found = apps.find(app)
    began, started = time.monotonic(), time.time()
    until = began + 60 * (minutes if minutes is not None else 5.0 if rounds is None else 24 * 60)
    with record() as store:
        sandbox = Namespace(found, size=settings().screen_size)
        known, learned = load_map(store, found.name), load_skills(store, found.name)
        session = Practice(found.name, sandbox, store, known, learned, summaries(), say, told)
        stopped = False
        try:
            session.go(until=until, most=rounds if rounds is not None else 1_000_000)
        except KeyboardInterrupt:
            stopped = True
        finally:
            session.sandbox.close()
        report = _report(store, session, started, time.monotonic() - began)
    proven = sum(skill.status == "proven" for skill in session.skills.values())
    tried = sum(bool(skill.proofs) for skill in session.skills.values())
    attempts = sum(line.kind == "attempt" for line in session.rounds)
    outcome: Outcome = "refused" if stopped else "pass" if proven else "fail"
    return Practised(outcome, found.name, proven, tried, attempts, time.monotonic() - began, str(report))


# ---------------------------------------------------------------------------------------------- records


def show_run(run_id: str) -> dict[str, Any]:
    """A run in words: goal, how it stopped, its acts with reasons, the verdict with its evidence."""
    with record() as store:
        found, verdict = store.run(run_id), store.judged(run_id)
    steps = [
        {"act": told(step.action), "why": step.action.why, "effect": step.effect.kind, "seconds": step.seconds}
        for step in found.steps
    ]
    return {
        "run": found.id, "goal": found.task.goal, "stopped": found.stopped, "reason": found.reason, "steps": steps,
        "outcome": verdict.outcome if verdict else "unknown",
        "evidence": [evidence.saying for evidence in verdict.evidence] if verdict else [],
        "side_effects": list(verdict.side_effects) if verdict else [],
    }  # fmt: skip


def skills(app: str = "") -> list[Skill]:
    """All skills or one app's, the proven first."""
    with record() as store:
        found = load_skills(store, app).values()
    return sorted(found, key=lambda skill: (skill.status != "proven", skill.app, skill.id))


def skill(name: str) -> Skill:
    with record() as store:
        return load_skill(store, name)


def retire(name: str) -> Skill:
    """Take a skill out of use; it stays on record as a version."""
    with record() as store:
        found = replace(load_skill(store, name), status="retired")
        keep_skill(store, found)
    return found


# ---------------------------------------------------------------------------------------------- sandboxes


def sandbox_create(app: str, name: str) -> str:
    """A sandbox that lives until it is removed; gives its name."""
    lasting.create(apps.find(app), name=name, size=settings().screen_size).close()
    return name


def sandboxes() -> tuple[lasting.Entry, ...]:
    return lasting.list_all()


def sandbox_exec(name: str, command: tuple[str, ...]) -> Completed:
    with _attached(name) as sandbox:
        return sandbox.world.exec(command)


def sandbox_changes(name: str) -> Changes:
    with _attached(name) as sandbox:
        return sandbox.world.changes()


def sandbox_reset(name: str) -> None:
    lasting.attach(name, reset=True).close()


def sandbox_rm(name: str) -> None:
    lasting.remove(name)


def doctor() -> list[Result]:
    """Each promise of the sandbox and its desktop driver, kept once on a program that is installed here."""
    return list(check(Stage(Namespace(apps.any_installed(), size=settings().screen_size))))


@contextmanager
def _attached(name: str) -> Iterator[Namespace]:
    sandbox = lasting.attach(name)
    try:
        yield sandbox
    finally:
        sandbox.close()


# ---------------------------------------------------------------------------------------------- parts


def summaries() -> dict[str, str]:
    """What the schemas on this machine say of settings keys, in words."""
    return {key: known.summary for key, known in load_schemas((Path("/usr/share"),)).keys.items() if known.summary}


def _report(store: Store, session: Practice, started: float, seconds: float) -> Path:
    from cua.practice.report import Story, write

    store.flush()
    passed = [line for line in session.rounds if line.run and line.outcome == "pass"]
    longest = max(passed, key=lambda line: line.acts, default=None)
    film = store.run(longest.run) if longest else None
    story = Story(
        session.app, started, seconds, session.known, tuple(session.skills.values()), tuple(session.rounds), film
    )
    name = f"{session.app}-{datetime.fromtimestamp(started):%Y%m%d-%H%M%S}.html"
    return write(story, store.frame_png, paths().reports / name)


# ---------------------------------------------------------------------------------------------- web


@contextmanager
def open_web(url: str) -> Iterator[Driver]:
    """A browser on that page."""
    from drivers.web import Web

    driver = Web(url, size=settings().screen_size)
    try:
        yield driver
    finally:
        driver.close()


def plan_on_screen(goal: str, driver: Driver) -> Run:
    """Do what the words ask for with what the screen alone says. The caller judges. Raises UsageError if it is
    not clear.
    """
    screen = Screen.of(driver.observe(frame=False))
    known = glanced(Map(screen.now.place.app), screen)
    asked = understand(goal, Names.of(abilities(known, {}), HOME))
    if isinstance(asked, Doubt):
        raise UsageError(f"{asked.saying}; closest: {', '.join(asked.closest) or 'nothing'}")
    with record() as store:
        return run(Task("web", goal, budget=settings().budget.of_task()), driver, Planner(known, asked), store)
