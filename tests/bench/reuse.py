"""How much of a stream of tasks is replayed from memory: uniform and 20/80 streams, a scripted oracle for the model.

Tasks are drawn from templates with fixed variables (small sets) and free text. In the 20/80 stream the first fifth of
the shuffled tasks has weight 16 and as many are drawn again, with replacement. Shares are over all acts of all tasks,
passed or not. A replay is wrong if it is not the act that the oracle would do on that look; it ends its run. Apps
called "held out" were written after the memory was done. Arguments: the number of tasks a stream (100), then names of
apps.
"""

from __future__ import annotations

import string
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cua.core import Action, Ask, Budget, Click, Fill, Finish, Observation, Policy, Step, Task
from cua.errors import UsageError
from cua.memory.actions import Actions
from cua.policies.recall import Recall
from cua.run import Unkept, run
from tests.bench.reuse_apps import App, Shape
from tests.bench.reuse_held_out_apps import HELD_OUT
from tests.bench.reuse_more_apps import ALL as TRIED
from tests.bench.rows import Row

ALL = TRIED | HELD_OUT
SEEDS = (1, 2, 3)
TASKS = 100
EARLY = 25
HEAVY = 16
BARS = {"uniform": 0.45, "20/80": 0.70}


@dataclass(frozen=True)
class Asked:
    """One task of a stream."""

    shape: Shape
    values: tuple[tuple[str, str], ...]

    @property
    def goal(self) -> str:
        return self.shape.goal.format(**dict(self.values))


@dataclass
class Count:
    """What was counted over streams. Acts are without the last word, that it is done; `calls` are of the oracle."""

    tasks: int = 0
    right: int = 0
    acts: int = 0
    replayed: int = 0
    wrong: int = 0
    ends: int = 0
    ends_replayed: int = 0
    early: int = 0
    early_replayed: int = 0
    wrongs: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        for name in ("tasks", "right", "acts", "replayed", "wrong", "ends", "ends_replayed", "early", "early_replayed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrongs += other.wrongs

    @property
    def share(self) -> float:
        return self.replayed / max(1, self.acts)

    @property
    def calls(self) -> int:
        return self.acts + self.ends - self.replayed - self.ends_replayed


class Oracle:
    """Stands for the model: always knows the next act. `watched` compares what is replayed with it."""

    def __init__(self, app: App, asked: Asked, count: Count) -> None:
        self.app, self.asked, self.count = app, asked, count
        self.recall: Recall | None = None
        self._own = False

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """As the other policy of Recall: the true act."""
        self._own = True
        return self.app.truth(self.asked.shape.name, dict(self.asked.values), now)

    def watched(self, recall: Policy) -> Policy:
        """The same policy, with every act compared."""
        oracle = self

        class Watched:
            def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
                oracle._own = False
                act = recall.decide(task, steps, now)
                return act if oracle.compare(act, now, task) else Ask("a wrong replay ends the run")

        return Watched()

    def compare(self, act: Action, now: Observation, task: Task) -> bool:
        true = self.app.truth(self.asked.shape.name, dict(self.asked.values), now)
        last = isinstance(act, Finish)
        self.count.acts += not last
        self.count.early += not last and self.count.tasks < EARLY
        self.count.ends += last
        if self._own:
            return True
        self.count.replayed += not last
        self.count.early_replayed += not last and self.count.tasks < EARLY
        self.count.ends_replayed += last
        right = same(act, true)
        if not right:
            self.count.wrong += 1
            self.count.wrongs.append(f"{task.goal}: {told(act)} for {told(true)}")
        return right


def same(one: Action, two: Action) -> bool:
    """Whether both do the same, to the same element of the same look."""
    match one, two:
        case (Finish(), Finish()):
            return True
        case (Click(), Click()) | (Fill(), Fill()):
            return one == two
        case _:
            return False


def told(act: Action) -> str:
    target = getattr(act, "target", None)
    return f"{type(act).__name__} {getattr(target, 'name', '')!r} {getattr(act, 'text', '')!r}"


def pool(app: type[App] | App, random: Random, count: int) -> list[Asked]:
    """So many tasks, each of a shape drawn at random with values drawn at random."""
    found = []
    for _ in range(count):
        shape = random.choice(app.shapes)
        values: dict[str, str] = {}
        for name, among in shape.fixed.items():  # a task that asks for a thing and its opposite is none
            values[name] = random.choice([value for value in among if value not in values.values()])
        values |= {name: words(random) for name in shape.free}
        found.append(Asked(shape, tuple(sorted(values.items()))))
    return found


def words(random: Random) -> str:
    """Free text: two to four words that no other task has."""
    return " ".join("".join(random.choices(string.ascii_lowercase, k=5)) for _ in range(random.randint(2, 4)))


def weighted(tasks: list[Asked], random: Random) -> list[Asked]:
    """The 20/80 stream made of these tasks."""
    shuffled = random.sample(tasks, len(tasks))
    weights = [HEAVY if at < len(tasks) // 5 else 1 for at in range(len(tasks))]
    return random.choices(shuffled, weights, k=len(tasks))


def stream(make: type[App], tasks: list[Asked], memory: Actions, seed: int) -> Count:
    """The tasks one after the other, each on the app in a start state of its own."""
    count = Count()
    for number, asked in enumerate(tasks):
        app = make(1000 * seed + number)
        oracle = Oracle(app, asked, count)
        recall = Recall(memory, oracle)
        task = Task(f"{number}", asked.goal, budget=Budget(40, 60.0))
        went = run(task, app, oracle.watched(recall), Unkept())
        passed = went.stopped == "finished" and outcome(app) == outcome(ideal(make, asked, app))
        count.tasks += 1
        count.right += passed
        recall.learn(went, "pass" if passed else "fail")
    return count


def ideal(make: type[App], asked: Asked, like: App) -> App:
    """The app after the oracle alone did the task, from the same start state."""
    app = make(like.seed)
    for _ in range(60):
        now = app.observe()
        act = app.truth(asked.shape.name, dict(asked.values), now)
        if isinstance(act, Finish):
            break
        app.act(act)
    return app


def outcome(app: App) -> list[str]:
    """What a judge would read."""
    return app.state.done


def rows(args: list[str]) -> Iterator[Row]:
    """Shares, wrong replays, right ends and calls saved, by app and stream, then over all."""
    numbers = [int(arg) for arg in args if arg.isdigit()]
    names = [arg for arg in args if not arg.isdigit()] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        raise UsageError(f"the bench reuse has no app {unknown[0]!r}; it has: {', '.join(ALL)}")
    for kind, bar in BARS.items():
        total, held_out = Count(), Count()
        for name in names:
            count = streams(ALL[name], kind, numbers[0] if numbers else TASKS)
            label = f"{kind}, {name}{' (held out)' if ALL[name].held_out else ''}"
            yield Row(label, "acts replayed", 100 * count.share, "%", "none", holds=True)
            (held_out if ALL[name].held_out else total).add(count)
        yield from summary(f"{kind}, all but held out", total, bar)
        if held_out.tasks:
            yield from summary(f"{kind}, held out", held_out, bar)


def streams(make: type[App], kind: str, size: int) -> Count:
    count = Count()
    for seed in SEEDS:
        random = Random(seed)
        tasks = pool(make, random, size)
        with tempfile.TemporaryDirectory() as folder, Actions(Path(folder) / "record.db") as memory:
            count.add(stream(make, tasks if kind == "uniform" else weighted(tasks, random), memory, seed))
    return count


def summary(case: str, count: Count, bar: float) -> Iterator[Row]:
    saved = 1 - count.calls / max(1, count.acts + count.ends)
    yield Row(case, "acts replayed", 100 * count.share, "%", f">= {100 * bar:.0f}", count.share >= bar)
    early = 100 * count.early_replayed / max(1, count.early)
    yield Row(case, f"of the first {EARLY} tasks", early, "%", "none", holds=True)
    yield Row(case, "wrong replays", count.wrong, "acts", "0", count.wrong == 0)
    yield Row(case, "tasks right", 100 * count.right / max(1, count.tasks), "%", "100", count.right == count.tasks)
    yield Row(case, "calls of the model saved", 100 * saved, "%", "none", holds=True)
    yield Row(case, "acts a task", count.acts / max(1, count.tasks), "acts", "none", holds=True)
    yield Row(case, "acts in all", count.acts, "acts", "none", holds=True)
