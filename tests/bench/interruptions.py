"""What comes unasked into runs at random moments: recognised, put away, and the run goes on to pass; no wrong act.

Twenty kinds, in Chromium and on a desktop in a sandbox, into orders that a policy makes that knows of none of them.
Then the same runs with nothing that comes, and dialogs that an act did ask for, which must be left to it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cua.core import Budget, Open, Run, Task
from cua.memory.handlers import Handlers
from cua.memory.store import Store
from cua.policies.interrupt_learning import Met
from cua.policies.interruptions import Interruptible
from cua.run import run
from drivers.web import Web
from sandbox_vms.namespace import Namespace
from tests.bench import interruptions_desktop as desk
from tests.bench import interruptions_web as page
from tests.bench.interruptions_traps import TRAPS, sprung
from tests.bench.rows import Row

GOAL = "Order three lamps for Ada"
ORDER = {"Customer": "Ada", "Item": "Lamp", "Quantity": "3", "Note": "by noon"}
_BUDGET = Budget(acts=60, seconds=90.0)
# moments (looks of the run) at which something comes; a page is loaded anew where something was filled in
MOMENTS = {"": (1, 2, 3, 4, 5, 6), "page loaded anew": (2, 3, 5, 6)}
DESK_MOMENTS = {"": (0, 1, 2, 3), "program gone": (1, 2, 3), "person at the pointer": (1, 2, 3)}
_WAITED = frozenset({"toast", "slow spinner", "notification over the window", "person at the pointer"})
_NOT_LEARNED = _WAITED | {"session expiry", "page loaded anew", "program gone"}


@dataclass(frozen=True, slots=True)
class Tried:
    """One run: how it ended, what was met in it, and how often something was pressed that must not be."""

    run: Run
    passed: bool
    wrong: int
    met: tuple[Met, ...]


def rows(args: list[str]) -> Iterable[Row]:
    """Options: --moments N (3) of each kind, --seed N (1), --only NAME for one kind (several times)."""
    parser = argparse.ArgumentParser(prog="interruptions")
    parser.add_argument("--moments", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=[*page.COMES, *desk.COMES])
    given = parser.parse_args(args)
    chance = random.Random(given.seed)
    wanted = given.only or [*page.COMES, *desk.COMES]
    with tempfile.TemporaryDirectory(prefix="cua-bench-") as folder, Store(Path(folder) / "record.db") as store:
        handlers = Handlers(store)
        tried: list[Tried] = []
        if set(wanted) & set(page.COMES):
            with page.stage() as (web, shop):
                once = partial(on_page, web, shop, store, handlers)
                names = [name for name in page.COMES if name in wanted]
                yield from _kinds(names, once, partial(_moments, MOMENTS, chance, given.moments), tried)
                yield from _calm("pages, nothing comes", [once("", 0) for _ in range(given.moments)])
                if not given.only:
                    yield from _trapped(web, Path(folder))
        if set(wanted) & set(desk.COMES):
            with desk.stage() as box:
                once = partial(on_desktop, box, store, handlers)
                names = [name for name in desk.COMES if name in wanted]
                yield from _kinds(names, once, partial(_moments, DESK_MOMENTS, chance, given.moments), tried)
                yield from _calm("desktop, nothing comes", [once("", 0) for _ in range(given.moments)])
    wrong = sum(each.wrong for each in tried)
    yield Row("all kinds", "wrong acts", wrong, "acts", "0", wrong == 0)
    if not given.only:
        kinds = len(page.COMES) + len(desk.COMES)
        yield Row("all kinds", "kinds", kinds, "kinds", ">= 10", kinds >= 10)


def _moments(known: dict[str, tuple[int, ...]], chance: random.Random, count: int, name: str) -> list[int]:
    return [chance.choice(known.get(name, known[""])) for _ in range(count)]


def _kinds(
    names: Sequence[str],
    once: Callable[[str, int], Tried],
    moments: Callable[[str], list[int]],
    tried: list[Tried],
) -> Iterator[Row]:
    for name in names:
        runs = [once(name, at) for at in moments(name)]
        tried += runs
        seen, passed = sum(bool(each.met) for each in runs), sum(each.passed for each in runs)
        wrong = sum(each.wrong for each in runs)
        yield Row(name, "recognised", seen, "runs", f">= {len(runs)}", seen == len(runs))
        yield Row(name, "handled, and the run passed", passed, "runs", f">= {len(runs)}", passed == len(runs))
        yield Row(name, "wrong acts", wrong, "acts", "0", wrong == 0)
        if name not in _NOT_LEARNED and len(runs) > 1:
            later = sum(all(met.by == "learned" for met in each.met) for each in runs[1:])
            bar = len(runs) - 1
            yield Row(name, "later times by the learned handler", later, "runs", f">= {bar}", later == bar)


def _calm(case: str, runs: Sequence[Tried]) -> Iterator[Row]:
    alarms, passed = sum(len(each.met) for each in runs), sum(each.passed for each in runs)
    yield Row(case, "false alarms", alarms, "alarms", "0", alarms == 0)
    yield Row(case, "passed", passed, "runs", f">= {len(runs)}", passed == len(runs))


def _trapped(web: Web, folder: Path) -> Iterator[Row]:
    wrong = [f"{name}: {what}" for name, what in sprung(web, folder) if what]
    case = f"{len(TRAPS)} dialogs that were asked for"
    yield Row(case, "wrong acts" + "".join(f"; {each}" for each in wrong), len(wrong), "acts", "0", not wrong)


def on_page(web: Web, shop: page.Shop, store: Store, handlers: Handlers, name: str, at: int) -> Tried:
    """One order on the pages of the shop, into which this comes before the look of that number."""
    shop.reset()
    web.act(Open("about:blank"))
    policy = Interruptible(page.Orders(f"{shop.url}/"), handlers, helped=lambda item: page.logs_in(web))
    task = Task("order", GOAL, ORDER, budget=_BUDGET)
    done = run(task, page.Interrupted(web, page.COMES.get(name, ""), at), policy, store)
    passed = done.stopped == "finished" and shop.orders == [ORDER]
    policy.learn(done, "pass" if passed else "fail")
    return Tried(done, passed, shop.wrong, tuple(policy.met))


def on_desktop(box: Namespace, store: Store, handlers: Handlers, name: str, at: int) -> Tried:
    """One order in the form of the desktop, into which this comes before the look of that number."""
    box.reset()

    def again(item: object) -> bool:
        box.restart()
        return True

    policy = Interruptible(desk.Form(), handlers, helped=again, pointer=lambda: desk.pointer(box.driver))
    task = Task("order", GOAL, desk.VALUES, budget=_BUDGET)
    done = run(task, desk.Interrupted(box, desk.COMES.get(name), at), policy, store)
    passed = done.stopped == "finished" and desk.kept(box) == "|".join(desk.VALUES.values())
    policy.learn(done, "pass" if passed else "fail")
    return Tried(done, passed, desk.wrongs(box), tuple(policy.met))
