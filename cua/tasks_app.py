"""The user's verbs about tasks from files: OSWorld's and our own are tried in a machine and judged, and our own are
proven. It never prints.

All files are read before anything is done. Each task gets a machine of its own, which ends with it.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from cua import app, config, machines_app
from cua.app import Say
from cua.config import settings
from cua.core import Ask, Outcome, Run, Sandbox, Task, Verdict
from cua.errors import MissingProgram, TroubleError, UsageError
from cua.learning import learn
from cua.memory.actions import Actions
from cua.memory.library import load_map
from cua.memory.store import Store
from cua.minds import Mind
from cua.policies.route import Route, Way
from cua.practice.rounds import Restorable
from cua.run import run
from cua.tasks import osworld, own, staging
from cua.tasks.machine import Machine
from cua.tasks.osworld import Described
from cua.tasks.own import OwnTask, Program
from cua.tasks.policies import IDLE, planner
from cua.tasks.proof import Proof, Stage, check_provable, prove
from cua.tasks.running import Result, attempt, ended, of_run
from sandbox_vms import apps
from sandbox_vms.bare import SIZE, BareMachine
from sandbox_vms.inside import HOME
from sandbox_vms.local import Standing
from sandbox_vms.osworld import OSWorld
from sandbox_vms.osworld_wire import address

POLICIES = ("planner", "model", "none")
# what a task of OSWorld's is set up in, by the name of its kind; it says what takes long
MACHINES: dict[str, Callable[[Say], Machine]] = {
    "namespace": lambda say: BareMachine(),
    "qemu": lambda say: machines_app.desktop(SIZE, say),
}
_AT = "osworld:"  # before the address of one that is there already
_READERS = (".json", ".toml")
_SHIPPED = apps.FOLDER.parent / "tasks" / "apps"
_ORDER: tuple[Outcome, ...] = ("refused", "fail", "unknown", "pass")


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks came to what."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of all tasks; those that cannot be done are counted apart, for whoever always says so passes them."""

    outcome: Outcome
    feasible: Count = field(default_factory=Count)
    infeasible: Count = field(default_factory=Count)
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class _Unready:
    """A task that is understood, and that something is missing for."""

    path: Path
    why: str


_Loaded = Described | OwnTask | _Unready


@dataclass(frozen=True, slots=True)
class _Way:
    """How a task is tried: on which kind of machine, by whom, into which record, with which model, if any; and who
    hears what takes long.
    """

    on: str
    policy: str
    store: Store
    mind: Mind
    say: Say


def run_tasks(
    files: Sequence[Path], *, on: str, policy: str, seed: int, told: Callable[[Result], None], say: Say
) -> Summary:
    """Try each; `told` hears of each as it ends, `say` what is done meanwhile. Raises UsageError, before anything is
    done, for a file that is no task and for a policy or a machine that there is not.
    """
    if policy not in POLICIES:
        raise UsageError(f"there is no policy {policy!r}; there are: {', '.join(POLICIES)}")
    if policy == "model" and not settings().model.name:
        raise UsageError("no model is set up; name one in the settings under [model], see: cua do --help")
    _making(on)
    loaded = _loaded(files, seed, on)
    if on.startswith(_AT) and (len(loaded) > 1 or any(isinstance(each, OwnTask) for each in loaded)):
        raise UsageError("a machine at an address takes one task of OSWorld's at a time: revert it before the next")
    results: list[Result] = []
    with app.record() as store:
        for number, each in enumerate(loaded, 1):
            say(f"task {number} of {len(loaded)}")
            with Mind(settings().model if policy == "model" else config.Model(), store) as mind:
                results.append(_tried(each, _Way(on, policy, store, mind, say)))
            told(results[-1])
    return summary(results)


def prove_task(path: Path, *, seed: int, told: Callable[[Stage], None], say: Say) -> Proof:
    """Whether the checks of a task of our own tell the right end from wrong ones, tried in a sandbox; `told` hears of
    each state as it is judged.

    Raises UsageError for a file that is no such task, or has nothing to prove it by; TroubleError where a step cannot
    be done: then nothing is known of the task.
    """
    if path.suffix != ".toml":
        raise UsageError(f"{path} is no task of your own: its name should end in .toml")
    task = own.load(path, seed, lambda name: _program(name, "namespace"))
    check_provable(task)
    say(f"starting {task.app.name}")
    with closing(_sandbox(task, "namespace", say)) as sandbox:
        say("bringing about each state")
        return prove(task, sandbox, told)


def summary(results: Sequence[Result]) -> Summary:
    """The worst of all outcomes is that of the whole; what failed is worse than what is not known."""
    outcome: Outcome = next((each for each in _ORDER if any(result.outcome == each for result in results)), "unknown")
    return Summary(outcome, _count(results, feasible=True), _count(results, feasible=False), tuple(results))


def _count(results: Sequence[Result], *, feasible: bool) -> Count:
    found = Counter(result.outcome for result in results if result.feasible == feasible)
    return Count(found["pass"], found["fail"], found["unknown"], found["refused"])


# ---------------------------------------------------------------------------------------------- one task


def _loaded(files: Sequence[Path], seed: int, on: str) -> list[_Loaded]:
    """All of them. Raises UsageError that names each that is no task."""
    found: list[_Loaded] = []
    wrong: list[str] = []
    for path in files:
        try:
            found.append(_load(path, seed, on))
        except UsageError as exc:
            wrong.append(str(exc))
    if wrong and len(files) == 1:
        raise UsageError(wrong[0])
    if wrong:
        what = "is no task" if len(wrong) == 1 else "are no tasks"
        raise UsageError("\n  ".join([f"nothing was run: {len(wrong)} of {len(files)} files {what}", *wrong]))
    return found


def _load(path: Path, seed: int, on: str) -> _Loaded:
    """Raises UsageError for what is no task; what is not there yet makes the task unready."""
    if path.suffix not in _READERS:
        raise UsageError(f"{path} is no task: its name should end in {' or '.join(_READERS)}")
    try:
        if path.suffix == ".toml":
            return own.load(path, seed, lambda name: _program(name, on))
        return osworld.load(path, budget=settings().budget.of_task())
    except TroubleError as exc:
        return _Unready(path, str(exc))


def _program(name: str, on: str) -> Program:
    """What is shipped as the description of an app; of any other one, its command alone. Raises UsageError or
    MissingProgram where there is none.
    """
    shipped = _SHIPPED / f"{name}.toml"
    if shipped.is_file():
        return own.described(shipped)
    found = app.wanted(on, name).app
    return Program(found.name, found.command, (found.package or Path(found.command[0]).name,))


def _sandbox(task: OwnTask, on: str, say: Say) -> Restorable:
    """A new sandbox of that kind with the task's first app in it. Raises MissingProgram, where it is not installed."""
    first = task.app
    if on == "namespace" and shutil.which(first.command[0]) is None:
        packages = " ".join(first.packages)
        raise MissingProgram(f"{first.name} is not installed; install it with: apt-get install {packages}")
    return app.machine(on, apps.App(first.name, first.command, first.packages[0]), say)


def _tried(loaded: _Loaded, way: _Way) -> Result:
    match loaded:
        case _Unready(path=path, why=why):
            return Result(path.stem, str(path), "", True, "unknown", why)
        case OwnTask():
            return _own(loaded, way)
        case Described():
            return _described(loaded, way)


def _making(on: str) -> Callable[[Say], Machine]:
    """What makes a machine of that kind, or connects to the one at an address."""
    if on.startswith(_AT):
        where = address(on.removeprefix(_AT))
        return lambda say: OSWorld(where)
    if on not in MACHINES:
        kinds = ", ".join((*MACHINES, f"{_AT}HOST:PORT"))
        raise UsageError(f"tasks cannot be set up on {on!r}; name a kind of machine: {kinds}")
    return MACHINES[on]


def _described(described: Described, way: _Way) -> Result:
    try:
        machine = _making(way.on)(way.say)
    except TroubleError as exc:
        return Result(
            described.task.id, str(described.path), described.task.goal, described.feasible, "unknown", str(exc)
        )
    with closing(machine):

        def trying(task: Task) -> Run:
            return _run(task, Standing(machine.driver, machine.world), way)

        result = attempt(described, machine, trying)
    return _kept(result, way)


def _own(task: OwnTask, way: _Way) -> Result:
    """One of our own, in a sandbox of its first app. One whose goal holds already is void."""
    began = time.monotonic()
    result = Result(task.task.id, str(task.file), task.task.goal, True, "unknown", "")
    try:
        with closing(_sandbox(task, way.on, way.say)) as sandbox:
            before = staging.begin(task, sandbox)
            done = _run(task.task, sandbox, way)
            verdict = staging.judged(task, sandbox, before)
            result = replace(result, run=done.id, acts=len(done.steps), verdict=of_run(done, verdict))
            result = replace(result, outcome=result.verdict.outcome, saying=_told(done, verdict))
    except (TroubleError, UsageError) as exc:  # a goal that holds already is told as a UsageError
        result = replace(result, saying=str(exc))
    return _kept(replace(result, seconds=time.monotonic() - began), way)


def _told(done: Run, verdict: Verdict) -> str:
    said = [each.saying for each in verdict.evidence if each.holds is not True]
    aside = [f"it also changed {key}" for key in verdict.side_effects]
    return "; ".join([*said, *aside, ended(done)])


def _run(task: Task, sandbox: Sandbox, way: _Way) -> Run:
    """Let it be tried: what passed before is done at once, then the planner decides, then the model, if it may."""
    if way.policy == "none":
        return run(task, sandbox.driver, IDLE, way.store)
    ways = [Way("planner", planner(task.goal, sandbox, lambda name: load_map(way.store, name), HOME), "it plans")]
    mind = way.mind
    if mind.there:
        longest = max(task.budget.seconds, mind.chosen.budget.seconds)
        task = replace(task, budget=replace(task.budget, seconds=longest))
        ways.append(Way("model", mind.policy(task, Ask("what is to be done?")), "nobody above it knew"))
    with Actions(way.store.path) as memory:
        return run(task, sandbox.driver, Route(ways, memory), mind)


def _kept(result: Result, way: _Way) -> Result:
    """With its verdict on record, and remembered; a model that took part is asked what it teaches."""
    if not result.run:
        return result
    way.store.verdict(result.run, result.verdict)
    note = learn(way.store, result.run, result.outcome, way.mind)
    return replace(result, saying=f"{result.saying}; {note}") if note else result
