"""One attempt: a task of a family, tried from a clean state and judged from the world. In sandboxes only."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from cua.checks import document, holds, judge
from cua.core import Budget, Evidence, Run, Sandbox, Task, Verdict
from cua.errors import TroubleError
from cua.memory.maps import Map
from cua.memory.skills import Proof, Skill
from cua.policies.abilities import Ability
from cua.policies.expect import Expected, expect
from cua.policies.goals import Goal, Reveal, Switch
from cua.policies.planner import Planner
from cua.practice.curriculum import Drawn, draw
from cua.run import Keeper, Unkept, run
from cua.screen import MAIN, Screen

_CUT_OFF = ("trouble", "refused", "interrupted")  # then nothing is known, whatever the world is like


class Records(Keeper, Protocol):
    """Where runs are kept, and what the judge found of them."""

    def verdict(self, run_id: str, verdict: Verdict) -> None: ...


@dataclass(frozen=True, slots=True)
class Attempts:
    """At what an app offers, in one sandbox."""

    sandbox: Sandbox
    keep: Records
    known: Map
    offered: Mapping[str, Ability]

    def attempt(self, skill: Skill, seed: int) -> Proof:
        """From a clean state: the goal must be unmet before, then try, then judge, then see that the check can fail."""
        ability = self.offered[skill.ability]
        self.sandbox.reset()
        start = Screen.of(self.sandbox.driver.observe(frame=False))
        ticked = next((t for c in ability.controls if (t := start.checked(c.key)) is not None), None)
        drawn = draw(ability, self.known, seed, ticked)
        if ability.kind == "option" and ticked:
            drawn = replace(drawn, before=self._brother(ability))
        if drawn.before:
            self._bring_about(drawn.before)
        expected = self._expected(drawn.goals)
        task = self._task(skill, drawn, expected, seed)
        seen = tuple(check for _, check in expected.shown)
        everything = replace(task, checks=(*task.checks, *expected.late, *seen))
        unmet = [found.holds for found in self._tested(everything, expected)]
        if unmet and all(unmet):
            return Proof(seed, drawn.sentence, "unknown", "", 0.0, 0, "it held already at the start")
        if seen:
            self._leave()
        before = self.sandbox.world.changes()
        began = time.monotonic()
        done = run(task, self.sandbox.driver, Planner(self.known, drawn.goals), self.keep)
        seconds = time.monotonic() - began
        if expected.late:
            task = replace(task, checks=expected.late)
        elif seen:
            task = replace(task, checks=(*task.checks, *seen), allowed=(*task.allowed, "window:*"))
        self._settle_for(expected)
        verdict = judge(task, self.sandbox.world, before)
        if done.stopped != "finished":
            known = verdict.outcome == "fail" and done.stopped not in _CUT_OFF
            verdict = replace(verdict, outcome="fail" if known else "unknown")
        self.keep.verdict(done.id, verdict)
        proof = Proof(
            seed, drawn.sentence, verdict.outcome, done.id, seconds, len(done.steps), diagnosis(done, verdict)
        )
        return self._mutated(proof, drawn, task, expected, unmet) if verdict.outcome == "pass" else proof

    def _mutated(self, proof: Proof, drawn: Drawn, task: Task, expected: Expected, unmet: list[bool | None]) -> Proof:
        """The passed proof with what its check says of end states that must not pass: the start, and all undone."""
        mutants, killed = 1, int(False in unmet)
        if drawn.undo:
            self._bring_about(drawn.undo)
            mutants, killed = 2, killed + int(any(e.holds is False for e in self._tested(task, expected)))
        if killed == mutants:
            return replace(proof, mutants=mutants, killed=killed)
        why = "the check does not tell this from a state in which it is not so"
        return replace(proof, outcome="unknown", why=why, mutants=mutants, killed=killed)

    def _tested(self, task: Task, expected: Expected) -> tuple[Evidence, ...]:
        self._settle_for(expected)
        return holds(task, self.sandbox.world)

    def _settle_for(self, expected: Expected) -> None:
        """Bring the world to where the checks can be made: after the app's end, or with their controls in sight."""
        if expected.late:
            self.sandbox.restart()
        elif expected.shown:
            self._bring_about(tuple(Reveal(ability) for ability, _ in expected.shown))

    def _leave(self) -> None:
        leaving = Planner(self.known, (), kept=frozenset({MAIN}))
        run(Task("set-up", "leave", budget=Budget(acts=10, seconds=10)), self.sandbox.driver, leaving, Unkept())

    def _brother(self, ability: Ability) -> tuple[Goal, ...]:
        """Choosing another of the same group, so that there is something to do."""
        first = ability.controls[0]
        for other in self.offered.values():
            there = other.controls[0]
            alike = other is not ability and other.kind == "option" and not there.asks
            if alike and (there.window, there.path) == (first.window, first.path):
                return (Switch(other, True),)
        return ()

    def _bring_about(self, goals: tuple[Goal, ...]) -> None:
        task = Task("set-up", "set-up", budget=Budget(acts=20, seconds=15))
        done = run(task, self.sandbox.driver, Planner(self.known, goals), Unkept())
        if done.stopped != "finished":
            raise TroubleError(f"the set-up could not be made: {done.reason}")

    def _expected(self, goals: tuple[Goal, ...]) -> Expected:
        text = document(Screen.of(self.sandbox.driver.observe(frame=False)))
        return expect(goals, self.known, text=text, files={})

    def _task(self, skill: Skill, drawn: Drawn, expected: Expected, seed: int) -> Task:
        budget = Budget(acts=20, seconds=20)
        return Task(skill.id, drawn.sentence, {}, expected.checks, expected.allowed, seed, budget)


def diagnosis(done: Run, verdict: Verdict) -> str:
    """Why it did not pass, in words; "" if it did."""
    if verdict.outcome == "pass":
        return ""
    parts = [done.reason] if done.stopped != "finished" else []
    parts += [found.saying for found in verdict.evidence if found.holds is not True]
    parts += [f"it also changed {key}" for key in verdict.side_effects]
    return "; ".join(parts) or "nothing could be checked"
