"""OSWorld's own tasks: an oracle passes each, doing nothing never does, and it is always known which.

Arguments: --times N (10) runs of each kind, --on KIND of machine (namespace), ids of tasks, or how they begin (all).
Tasks whose program the machine has not are told and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from cua.core import Outcome, Run, Task
from cua.errors import SandboxError, UsageError
from cua.tasks.machine import Machine
from cua.tasks.osworld import Described, load
from cua.tasks.running import CANNOT, Result, attempt
from sandbox_vms.bare import SIZE, BareMachine
from sandbox_vms.qemu import Qemu
from tests.bench.machines import build
from tests.bench.osworld_oracles import ORACLES
from tests.bench.rows import Row

FILES = Path(__file__).parents[1] / "fixtures" / "osworld_tasks"
TIMES = 10
LEAST_TASKS = 20
RUNS_FOR_ONE = 10  # that may be unknown
LEFT_OUT = "left out"
PACKAGES = (
    "bc", "chromium", "gnome-shell-common", "gnome-terminal", "libreoffice-gtk3", "libreoffice-impress", "pulseaudio",
    "pulseaudio-utils", "socat",
)  # fmt: skip
_ELSEWHERE = ("sudo", "-n", "timedatectl", "set-timezone", "America/New_York")


def _whole() -> Machine:
    """A whole machine, whose clock is not at UTC: a task asks for just that."""
    machine = Qemu(None, build(*PACKAGES), size=SIZE, spare=False)
    machine.world.exec(_ELSEWHERE)
    return machine


_MADE: dict[str, Callable[[], Machine]] = {"namespace": BareMachine, "qemu": _whole}


def rows(args: list[str]) -> Iterator[Row]:
    """Rows of each task, then how many there were."""
    times, kind, chosen = _asked(args)
    paths = [path for path in sorted(FILES.glob("*/*.json")) if path.stem.startswith(chosen or ("",))]
    if not paths:
        raise UsageError(f"no task begins with {' or '.join(chosen)}; they lie in {FILES}")
    kinds: Counter[str] = Counter()
    for path in paths:
        found = list(of_task(load(path), times, _MADE[kind]))
        kinds[LEFT_OUT if found[0].metric == LEFT_OUT else "run"] += 1
        yield from found
    least = 1 if chosen else LEAST_TASKS
    yield Row("all", "tasks that were run", kinds["run"], "", f">= {least}", kinds["run"] >= least)


def of_task(described: Described, times: int, machine: Callable[[], Machine]) -> Iterator[Row]:
    """What came of it when it was done, and when nothing was."""
    case = f"{described.path.parent.name} {described.task.id[:8]}{'' if described.feasible else ' (infeasible)'}"
    done: list[Result] = []
    idle: list[Result] = []
    for _ in range(times):
        done.append(_tried(described, machine, by_oracle=True))
        if done[-1].lacks:
            yield Row(f"{case}: {done[-1].saying}", LEFT_OUT, 1, "", "", holds=True)
            return
        idle.append(_tried(described, machine, by_oracle=False))
    yield _row(case, "passes when done", done, "pass")
    yield _row(case, "fails when nothing is done", idle, "fail")


def _row(case: str, metric: str, found: list[Result], wanted: Outcome) -> Row:
    """How often it came out as wanted. Once in ten runs it may not be known."""
    count = sum(each.outcome == wanted for each in found)
    unknown = sum(each.outcome == "unknown" for each in found)
    least = len(found) - len(found) // RUNS_FOR_ONE
    said = next((f": {each.saying}" for each in found if each.outcome != wanted), "")
    return Row(
        f"{case}{said}",
        metric,
        count,
        f"of {len(found)}",
        f">= {least}",
        count >= least and count + unknown == len(found),
    )


def _tried(described: Described, machine: Callable[[], Machine], *, by_oracle: bool) -> Result:
    with closing(machine()) as made:

        def trying(task: Task) -> Run:
            claim = "done"
            if by_oracle and described.feasible:
                try:
                    ORACLES[task.id](made)
                except AssertionError as exc:  # what it waits for did not come
                    raise SandboxError(f"the oracle did not get through: {exc}") from exc
            elif by_oracle:
                claim = CANNOT
            return Run("bench", task, stopped="finished", reason=claim)

        return attempt(described, made, trying)


def _asked(args: list[str]) -> tuple[int, str, tuple[str, ...]]:
    left, given = list(args), {"--times": str(TIMES), "--on": "namespace"}
    for option in given:
        if option in left:
            at = left.index(option)
            given[option] = next(iter(left[at + 1 : at + 2]), "")
            del left[at : at + 2]
    if not (given["--times"].isdigit() and int(given["--times"])):
        raise UsageError("--times takes a number above 0")
    if given["--on"] not in _MADE:
        raise UsageError(f"--on takes a kind of machine: {', '.join(_MADE)}")
    return int(given["--times"]), given["--on"], tuple(left)
