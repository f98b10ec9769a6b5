"""Settings that are not written at once: found by closing the dialog, or by quitting, with many controls set at once.

Each control has a code; in run r those whose bit r is 1 are brought to one value and the rest to another. A setting
whose value is decided by one control alone, in every run, is its effect; what moves by itself, or once, fits none.
Dialogs are closed first, as a person would who wants what was set; only what that does not write is sought by quitting.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cua.core import Ask, Budget, Change, Finish, Sandbox, Task
from cua.errors import TroubleError
from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability, abilities
from cua.policies.goals import Choose, Enter, Goal, Switch
from cua.policies.planner import Planner
from cua.practice.trials import Settings
from cua.run import Unkept, run
from cua.screen import MAIN, Screen

_TURNS = 3
_SPARE = 8
_ACTS = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """One run: the state that each ability was brought to, and every setting that differed after it."""

    reached: Mapping[str, str]
    settings: Mapping[str, Change]


def find_delayed(sandbox: Sandbox, known: Map, *, until: float, say: Callable[[str], None], quits: bool) -> list[Law]:
    """Laws, completed by their settings, of controls that tick or hold a value but had shown no setting. Only if it may
    be quit, `quits`, the app is.
    """
    waiting = awaited(known)
    inside = [a for a in waiting if all(control.window != MAIN for control in a.controls)]
    found = _Search(sandbox, known, until, say, quits=False).laws(inside)
    if not quits:
        return found
    completed = {law.control for law in found}
    rest = [a for a in waiting if not completed & {control.key for control in a.controls}]
    return found + _Search(sandbox, known, until, say, quits=True).laws(rest)


def awaited(known: Map) -> list[Ability]:
    """What ticks or holds a value and has shown no setting yet."""
    return [a for a in abilities(known, {}) if a.kind in ("toggle", "number", "choice", "text") and _wanting(a)]


def codes(count: int) -> list[tuple[int, ...]]:
    """So many codes of one length: each begins with 0, turns often, and most codes of that length are nobody's.

    What is written once and stays, or counts up, turns too seldom to be one of them; what two controls decide together
    is hardly ever the code of a third.
    """
    length = 4
    while True:
        words = [tuple(n >> bit & 1 for bit in range(length)) for n in range(0, 2**length, 2)]
        fit = [w for w in words if sum(a != b for a, b in itertools.pairwise(w)) >= _TURNS]
        if len(fit) >= _SPARE * count:
            return random.Random(count).sample(fit, count)
        length += 1


def owned(key: str, runs: list[Seen], noisy: frozenset[str]) -> Settings:
    """The settings whose value is decided by this ability's state alone; absent in a run means as at the start."""
    start = {name: change.before for seen in runs for name, change in seen.settings.items()}
    found: Settings = {}
    for name in sorted(start.keys() - noisy):
        values: dict[str, set[str | None]] = {}
        for seen in runs:
            if key in seen.reached:
                value = seen.settings[name].after if name in seen.settings else start[name]
                values.setdefault(seen.reached[key], set()).add(value)
        if len(values) == 2 and all(len(each) == 1 for each in values.values()):
            pairs = {state: next(iter(each)) for state, each in values.items()}
            if len(set(pairs.values())) == 2:
                found[name] = pairs
    return found


def besides(runs: list[Seen]) -> tuple[str, ...]:
    """Settings that were the same after every run though everything was varied, or other after each: nobody's."""
    found = []
    for name in sorted({name for seen in runs for name in seen.settings}):
        values = [seen.settings[name].after if name in seen.settings else "as before" for seen in runs]
        if len(set(values)) in (1, len(runs)):
            found.append(name)
    return tuple(found)


def _wanting(ability: Ability) -> bool:
    tried = ability.kind == "toggle" or len(ability.laws[0].values) > 1
    return tried and all("state" in law.signals and not law.settings for law in ability.laws)


@dataclass(slots=True)
class _Search:
    """`quits`: each run ends by quitting the app, else by closing the dialogs."""

    sandbox: Sandbox
    known: Map
    until: float
    say: Callable[[str], None]
    quits: bool

    def laws(self, waiting: list[Ability]) -> list[Law]:
        if not waiting or time.monotonic() > self.until:
            return []
        self.sandbox.reset()
        runs, waiting = self._runs(waiting)
        if not runs:
            return []
        noisy = frozenset(key.removeprefix("setting:") for key in self.known.background())
        mine = {ability.key: owned(ability.key, runs, noisy) for ability in waiting}
        claims = Counter(name for found in mine.values() for name in found)
        sole = {key: {n: v for n, v in found.items() if claims[n] == 1} for key, found in mine.items()}
        aside = () if self.quits else tuple(f"setting|{name}" for name in besides(runs))
        return [
            replace(
                law, settings=sole[ability.key], signals=("state", "setting"), delayed=self.quits, trials=len(runs),
                also=tuple(dict.fromkeys((*law.also, *aside))),
            )
            for ability in waiting if sole[ability.key] for law in ability.laws
        ]  # fmt: skip

    def _runs(self, waiting: list[Ability]) -> tuple[list[Seen], list[Ability]]:
        """A run for each place of the codes. The first shows what can be reached, and how many fit into the time; none
        if they take twice as long as that.
        """
        began = time.monotonic()
        first = self._one(waiting, dict.fromkeys((a.key for a in waiting), False))
        took = (time.monotonic() - began) / len(waiting)
        within = [a for a in waiting if a.key in first.reached]
        left = self.until - time.monotonic()
        while within and len(codes(len(within))[0]) * len(within) * took > left:
            within = within[: 2 * len(within) // 3]
        if not within:
            return [], []
        limit = time.monotonic() + 2 * left
        words = dict(zip((a.key for a in within), codes(len(within)), strict=True))
        ends = "quitting and starting again" if self.quits else "closing the dialogs"
        self.say(f"{ends} {len(words[within[0].key])} times to see what {len(within)} controls write then")
        runs = [first]
        for bit in range(1, len(words[within[0].key])):
            if time.monotonic() > limit:
                return [], []
            self.say(f"{ends}: {bit + 1} of {len(words[within[0].key])}")
            chosen = {key: bool(word[bit]) for key, word in words.items()}
            seen = self._one(within, chosen)
            if not self.quits and len(seen.reached) <= len(within) // 2:  # what was set may have hidden the way
                self.sandbox.reset()
                seen = self._one(within, chosen)
            runs.append(seen)
        return runs, within

    def _one(self, waiting: list[Ability], chosen: Mapping[str, bool]) -> Seen:
        """Bring each to its value, close all or quit, and read."""
        if self.quits:
            self.sandbox.reset()
        reached: dict[str, str] = {}
        for window in dict.fromkeys(a.controls[0].window for a in waiting):
            goals = {a.key: _goal(a, chosen[a.key]) for a in waiting if a.controls[0].window == window}
            done = self._set(window, goals)
            if self._left():
                reached |= done
        if self.quits:
            self.sandbox.restart()
        return Seen(reached, dict(self.sandbox.world.changes().settings))

    def _set(self, window: str, goals: Mapping[str, Goal]) -> dict[str, str]:
        """Reach one after the other, staying in the window; what cannot be reached is left out, and all that is left
        where the window does not open.
        """
        left = list(goals.items())
        reached: dict[str, str] = {}
        while left:
            planner = Planner(self.known, tuple(goal for _, goal in left), stay=True)
            self._follow(planner, _ACTS * len(left))
            reached |= {key: _state(goal) for key, goal in left[: planner.at]}
            left = left[planner.at + 1 :]
            if left and window not in Screen.of(self.sandbox.driver.observe(frame=False)).windows:
                break
        return reached

    def _follow(self, planner: Planner, most: int) -> None:
        """Do as it says until it is done, or stuck at one goal."""
        for _ in range(most):
            try:
                action = planner.decide(Task("delayed", "set"), (), self.sandbox.driver.observe(frame=False))
                if isinstance(action, Ask | Finish):
                    return
                self.sandbox.driver.act(action)
            except TroubleError:  # one that cannot be set is left out
                return

    def _left(self) -> bool:
        """Close what is open, taking what was set there. In trouble it starts anew, and nothing counts as reached."""
        leaving = Planner(self.known, (), kept=frozenset({MAIN}), touched=frozenset(self.known.windows))
        done = run(Task("delayed", "leave", budget=Budget(acts=10, seconds=10)), self.sandbox.driver, leaving, Unkept())
        if done.stopped == "finished":
            return True
        self.sandbox.reset()
        return False


def _goal(ability: Ability, up: bool) -> Goal:
    if ability.kind == "toggle":
        return Switch(ability, up)
    value = ability.laws[0].values[int(up)]
    return Choose(ability, value) if ability.kind == "choice" else Enter(ability, value)


def _state(goal: Goal) -> str:
    if isinstance(goal, Switch):
        return "on" if goal.on else "off"
    return goal.text if isinstance(goal, Enter) else goal.option if isinstance(goal, Choose) else ""
