"""How long it takes to find the reusable step among 100, 10,000 and 1,000,000 recorded ones, in a real record on disk.

At most 1,000 of the steps are learned as runs are; the rest are rows of the same shape under keys of their own, in
bulk, with their words in the tree of templates. A query is what a policy asks at a look: which templates the goal fits,
and which step is next. Half of the queries hit: they must give the right step; half ask for tasks that are not known.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cua.core import Action, Box, Click, Effect, Element, Fill, Observation, Place, Run, Step, Task
from cua.errors import UsageError
from cua.memory.actions import Actions
from cua.memory.signatures import seen
from cua.policies.recall import heard, taken
from tests.bench.rows import Row

SIZES = (100, 10_000, 1_000_000)
STEPS = 10
QUERIES = 2000
CONTROLS = 120
BAR = 2.0
GROWTH = 3.0
_VERBS = ("send", "order", "book", "rename", "share", "print", "export", "archive", "invite", "translate")


def rows(args: list[str]) -> Iterator[Row]:
    """For each size p50 and p95 of hits and misses, then how p95 grows; an argument is the largest size to try."""
    if not all(arg.isdigit() for arg in args):
        raise UsageError(f"the bench match takes a number of steps, not {' '.join(args)}")
    sizes = [size for size in SIZES if not args or size <= int(args[0])]
    worst: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.db"
            runs = fill(path, size)
            yield Row(f"{size:,} steps", "file on disk", path.stat().st_size / 1e6, "MB", "none", holds=True)
            with Actions(path) as memory:
                hits, misses, right = queries(memory, runs)
                crowd = crowded(memory)
                yield from learning(memory, size)
        for name, taken_ms in (("hit", hits), ("miss", misses), ("crowded screen", crowd)):
            p50, p95 = statistics.median(taken_ms), percentile(taken_ms, 95)
            worst[size] = max(worst.get(size, 0.0), p95)
            yield Row(f"{size:,} steps, {name}", "find the step, p50", p50, "ms", "none", holds=True)
            yield Row(f"{size:,} steps, {name}", "find the step, p95", p95, "ms", f"<= {BAR:.0f}", p95 <= BAR)
        yield Row(f"{size:,} steps, hit", "the right step", 100 * right, "%", "100", right == 1.0)
    yield Row(f"screen of {CONTROLS} controls", "read it, p50", reading(), "ms", "none", holds=True)
    if len(sizes) > 1:
        growth = worst[sizes[-1]] / worst[sizes[0]]
        case = f"{sizes[-1]:,} against {sizes[0]:,} steps"
        yield Row(case, "find the step, p95", growth, "times", f"<= {GROWTH:.0f}", growth <= GROWTH)


def queries(memory: Actions, runs: list[Run]) -> tuple[list[float], list[float], float]:
    """Milliseconds of each query that hits and of each that misses, and the share of hits with the right step."""
    chance = random.Random(7)
    hits, misses, right = [], [], 0
    known = [(run, taken(run)) for run in runs]
    for number in range(QUERIES // 2):
        run, lesson = chance.choice(known)
        at = chance.randrange(len(lesson.deeds))
        memory_trail = memory.trail(lesson.goal)
        for before in range(at):
            memory_trail.advance(lesson.deeds[before], lesson.looks[before], lesson.looks[before + 1])
        began = time.perf_counter()
        memory.trail(lesson.goal)
        offer = memory.offer(memory_trail, lesson.looks[at])
        hits.append((time.perf_counter() - began) * 1000)
        right += offer is not None and offer.deed == lesson.deeds[at]
        goal = heard(Task("new", f"{chance.choice(_VERBS)} the unknown{number} of {run.task.goal.split()[-1]} at once"))
        began = time.perf_counter()
        offer = memory.offer(memory.trail(goal), lesson.looks[at])
        misses.append((time.perf_counter() - began) * 1000)
        assert offer is None, "a task that nothing is known of was offered a step"
    return hits, misses, right / (QUERIES // 2)


def crowded(memory: Actions) -> list[float]:
    """Milliseconds of each query on a screen that tasks with many values came to, and that led them two ways."""
    lessons = [taken(a_crowd(number)) for number in range(60)]
    memory.learn_all((lesson, True) for lesson in lessons)
    times = []
    for number in range(QUERIES // 10):
        lesson = lessons[number % len(lessons)]
        goal = taken(a_crowd(1000 + number)).goal
        began = time.perf_counter()
        memory.offer(memory.trail(goal), lesson.looks[0])
        times.append((time.perf_counter() - began) * 1000)
    return times


def a_crowd(number: int) -> Run:
    """A task with four values, on one screen for all; which way it goes depends on one of them."""
    now = screen(98, 0)
    boxes = [element for element in now.elements if element.role == "textbox"]
    values = [f"v{number}", f"w{number % 7}", f"x{number % 5}", f"y{number % 3}"]
    goal = "move '{}' from '{}' to '{}' by '{}'".format(*values)
    acts: list[Action] = [Click(now.elements[1 + number % 2]), *(Fill(boxes[0], value) for value in values)]
    steps = tuple(Step(now, act, Effect("confirmed")) for act in acts)
    return Run(f"c{number}", Task(f"c{number}", goal), steps, now, "finished")


def learning(memory: Actions, size: int) -> Iterator[Row]:
    """What it costs to add one run more."""
    times = []
    for number in range(20):
        lesson = taken(a_run(1_000_000_000 + number))
        began = time.perf_counter()
        memory.learn(lesson, passed=True)
        times.append((time.perf_counter() - began) * 1000)
    yield Row(f"{size:,} steps", f"add a run of {STEPS} steps, p50", statistics.median(times), "ms", "none", holds=True)


def reading() -> float:
    """The median time to read a screen's signature, in milliseconds."""
    times = []
    for _ in range(200):
        now = screen(3, 4, CONTROLS)  # a look that was read before is not read again
        began = time.perf_counter()
        seen(now)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


# ---------------------------------------------------------------------------------------------- what is recorded


def fill(path: Path, size: int) -> list[Run]:
    """A record with so many steps; gives the runs that were learned as runs are."""
    runs = [a_run(number) for number in range(min(size, 1000) // STEPS)]
    with Actions(path) as memory:
        memory.learn_all((taken(run), True) for run in runs)
    if left := size - len(runs) * STEPS:
        bulk(path, left)
    return runs


def bulk(path: Path, count: int) -> None:
    """So many steps more, as rows like those that learning writes: two uses a step, a deed for every fifth."""
    chance = random.Random(count)
    sql = sqlite3.connect(path, isolation_level=None)
    sql.execute("PRAGMA synchronous = OFF")
    pattern = sql.execute("SELECT said, run FROM action_uses WHERE length(said) > 20 LIMIT 1").fetchone()
    body = sql.execute("SELECT body, said FROM action_deeds LIMIT 1").fetchone()
    sql.execute("BEGIN")
    keys = sorted(chance.randbytes(16) for _ in range(2 * count // 4))
    uses = ((key, chance.randbytes(16), key, b"", *pattern[:1], 1, 0, pattern[1]) for key in keys for _ in range(4))
    sql.executemany("INSERT INTO action_uses VALUES (?, ?, ?, ?, ?, ?, ?, ?)", uses)
    deeds = sorted(chance.randbytes(16) for _ in range(count // 5))
    sql.executemany("INSERT INTO action_deeds VALUES (?, ?, ?)", ((key, *body) for key in deeds))
    child = sql.execute("SELECT max(child) FROM action_words").fetchone()[0]
    verbs = dict(sql.execute("SELECT token, child FROM action_words WHERE parent = 0").fetchall())
    for number in range(count // STEPS):
        parent = verbs.get(chance.choice(_VERBS), 0)
        for token in ("the", f"other{number}", "of", "\ue012quoted", "\ue011end"):
            found = sql.execute(
                "SELECT child FROM action_words WHERE parent = ? AND token = ?", (parent, token)
            ).fetchone()
            if found is None:
                child += 1
                sql.execute("INSERT INTO action_words VALUES (?, ?, ?)", (child, parent, token))
            parent = found[0] if found else child
    sql.execute("COMMIT")
    sql.close()


def a_run(number: int) -> Run:
    """A task of its own on an app of its own: ten screens, one field filled, the rest clicked through."""
    word, text = f"thing{number}", f"text {number}"
    task = Task(f"t{number}", f"{_VERBS[number % len(_VERBS)]} the {word} of '{text}' in app{number % 97}")
    steps = []
    for at in range(STEPS):
        now = screen(number % 97, at)
        target = now.elements[1 + at % 3]
        action: Action = Fill(target, text) if target.role == "textbox" else Click(target)
        steps.append(Step(now, action, Effect("confirmed")))
    return Run(f"r{number}", task, tuple(steps), screen(number % 97, STEPS), "finished")


def screen(app: int, page: int, controls: int = 24) -> Observation:
    """One page of one app."""
    shown = frozenset({"showing"})
    made = [Element("w", "window", f"app {app}", states=shown | {"active"}, box=Box(0, 0, 800, 600))]
    for at in range(controls):
        role, state = ("textbox", frozenset({"editable"})) if at % 12 == 2 else ("button", frozenset())
        made.append(
            Element(f"e{at}", role, f"{'pqrst'[at % 5]}{'uvwxyz'[at % 6]} {'abcdefghijk'[page]}", "" if state else None,
                    shown | state, Box(10, 20 * at, 100, 18), 0)
        )  # fmt: skip
    return Observation(Place(f"app{app}", f"page {page}", f"app://app{app}/{'abcdefghijk'[page]}"), tuple(made))
