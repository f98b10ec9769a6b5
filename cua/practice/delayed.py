"""Settings that are written only when the app quits: found by quitting and starting again with many controls set at
once.

Each control has a binary code; in run r those whose bit r is 1 are brought to one value and the rest to another, and in
its twin the other way about. A setting whose value is decided by one control alone, in every run, is its effect; what
moves by itself fits none.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cua.core import Budget, Change, Sandbox, Task
from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability, abilities
from cua.policies.goals import Choose, Enter, Goal, Switch
from cua.policies.planner import Planner
from cua.practice.trials import Settings
from cua.run import Unkept, run
from cua.screen import MAIN

_Run = tuple[dict[str, str], dict[str, Change]]


def find_delayed(sandbox: Sandbox, known: Map, *, until: float, say: Callable[[str], None]) -> list[Law]:
    """Laws, completed by their settings, of controls that tick or hold a number but had shown no setting."""
    waiting = [a for a in abilities(known, {}) if a.kind in ("toggle", "number", "choice", "text") and _wanting(a)]
    if not waiting:
        return []
    bits = len(waiting).bit_length() + 1  # the highest bit is 0 in every code, so that no code is another's complement
    say(f"quitting and starting again {2 * bits} times to see what {len(waiting)} controls write at the end")
    runs: list[_Run] = []
    for bit in range(bits):
        for twin in (1, 0):
            if time.monotonic() > until:
                return []
            chosen = {a.key: (number >> bit & 1) == twin for number, a in enumerate(waiting, 1)}
            out_of_reach = bit > 0 and {a.key for a in waiting if not any(a.key in reached for reached, _ in runs)}
            runs.append(_one(sandbox, known, [a for a in waiting if a.key not in (out_of_reach or ())], chosen))
    owned = {ability.key: _owned(ability, known, runs) for ability in waiting}
    claims = Counter(name for found in owned.values() for name in found)
    sole = {key: {n: v for n, v in found.items() if claims[n] == 1} for key, found in owned.items()}
    return [
        law for ability in waiting if sole[ability.key] for law in _completed(ability, sole[ability.key], len(runs))
    ]


def _wanting(ability: Ability) -> bool:
    tried = ability.kind == "toggle" or len(ability.laws[0].values) > 1
    return tried and all("state" in law.signals and not law.settings for law in ability.laws)


def _one(sandbox: Sandbox, known: Map, waiting: list[Ability], chosen: dict[str, bool]) -> _Run:
    """From the start state bring each to its value, quit, and give what was reached and every setting that moved."""
    sandbox.reset()
    reached = {}
    for ability in waiting:
        goal = _goal(ability, chosen[ability.key])
        task = Task("delayed", str(goal), budget=Budget(acts=12, seconds=10))
        if run(task, sandbox.driver, Planner(known, (goal,), stay=True), Unkept()).stopped == "finished":
            reached[ability.key] = _state(goal)
    leaving = Planner(known, (), kept=frozenset({MAIN}), touched=frozenset(known.windows))
    run(Task("delayed", "leave"), sandbox.driver, leaving, Unkept())
    sandbox.restart()
    return reached, dict(sandbox.world.changes().settings)


def _goal(ability: Ability, up: bool) -> Goal:
    if ability.kind == "toggle":
        return Switch(ability, up)
    value = ability.laws[0].values[int(up)]
    return Choose(ability, value) if ability.kind == "choice" else Enter(ability, value)


def _state(goal: Goal) -> str:
    if isinstance(goal, Switch):
        return "on" if goal.on else "off"
    return goal.text if isinstance(goal, Enter) else goal.option if isinstance(goal, Choose) else ""


def _completed(ability: Ability, settings: Settings, trials: int) -> list[Law]:
    signals = ("state", "setting")
    return [replace(law, settings=settings, signals=signals, delayed=True, trials=trials) for law in ability.laws]


def _owned(ability: Ability, known: Map, runs: list[_Run]) -> Settings:
    """The settings whose value is decided by this ability's state alone; absent in a run means as at the start."""
    start = {name: change.before for _, settings in runs for name, change in settings.items()}
    names = {name for name in start if f"setting:{name}" not in known.background()}
    found: Settings = {}
    for name in sorted(names):
        values: dict[str, set[str | None]] = {}
        for reached, settings in runs:
            if ability.key in reached:
                value = settings[name].after if name in settings else start[name]
                values.setdefault(reached[ability.key], set()).add(value)
        if len(values) == 2 and all(len(seen) == 1 for seen in values.values()):
            pairs = {state: next(iter(seen)) for state, seen in values.items()}
            if len(set(pairs.values())) == 2:
                found[name] = pairs
    return found
