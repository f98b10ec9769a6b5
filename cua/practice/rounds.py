"""Practice: explore, set a task, try it from a clean state, judge it from the world, keep what is proven.
Interruptible.

Every round is on record when it ends, so that stopping it at any moment loses at most the round in hand.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from cua.checks import document, holds, judge
from cua.core import Budget, Evidence, Outcome, Run, Sandbox, Task, Verdict
from cua.errors import TroubleError
from cua.memory.library import keep_map, keep_skill
from cua.memory.maps import Map
from cua.memory.skills import Proof, Round, Skill
from cua.memory.store import Store
from cua.policies.abilities import Ability, abilities
from cua.policies.expect import Expected, contract, expect
from cua.policies.goals import Goal, Reveal, Switch
from cua.policies.planner import Planner
from cua.practice.curriculum import ENOUGH, Drawn, choose, draw, families
from cua.practice.explore import Explorer
from cua.run import Unkept, run
from cua.screen import MAIN, Screen

_EXPLORING = 0.4
_GIVE_UP = 2


@dataclass(slots=True)
class Practice:
    """On one sandbox, for one app. `described` are summaries of settings keys; `say` hears each line of progress."""

    app: str
    sandbox: Sandbox
    store: Store
    known: Map
    skills: dict[str, Skill]
    described: Mapping[str, str]
    say: Callable[[str], None]
    told: Callable[[Round], None]
    offered: dict[str, Ability] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def _settle(self) -> None:
        """Start from a home in which the app ran once: what it writes at its first end is nobody's effect."""
        self.sandbox.restart()
        written = self.sandbox.world.changes().settings
        self.known.defaults |= {key: c.after for key, c in written.items() if c.before is None and c.after is not None}
        settled = self.sandbox.clone()
        self.sandbox.close()
        self.sandbox = settled

    def go(self, *, until: float, most: int) -> None:
        """Rounds until the moment `until` (of time.monotonic) or so many attempts, whichever is first."""
        self._settle()
        self._explore(self.began + (until - self.began) * _EXPLORING)
        tried = 0
        while time.monotonic() < until and tried < most:
            skill = choose(skill for skill in self.skills.values() if skill.ability in self.offered)
            if skill is None or (self._settled() and self._unknown()):
                before = len(self.known.laws)
                self._explore(min(until, time.monotonic() + 30))
                if skill is None and len(self.known.laws) == before:
                    return
                if skill is None:
                    continue
            self._round(skill)
            tried += 1

    # ------------------------------------------------------------------------------------------ exploring

    def _explore(self, until: float) -> None:
        start = time.monotonic()
        explorer = None
        outcome: Outcome = "pass"
        try:
            explorer = Explorer(self.sandbox, self.known, until=until, keep=self._keep_map, say=self.say)
            explorer.run()
            why = ""
        except TroubleError as error:
            why = str(error)
            outcome = "unknown"
        self._keep_map()
        self._find_families()
        acts = explorer.hands.acts if explorer else 0
        self._tell("explore", start, Proof(0, "find out what it can do", outcome, "", 0.0, acts, why))

    def _keep_map(self) -> None:
        keep_map(self.store, self.known)

    def _find_families(self) -> None:
        self.offered = {a.key: a for a in abilities(self.known, self.described)}
        known = {skill.ability: skill for skill in self.skills.values()}
        for skill in families(self.app, self.offered.values(), self.known):
            old = self.skills.get(skill.id)
            if old is None and skill.ability not in known:
                self.skills[skill.id] = skill
            elif old is not None and old.ability not in self.offered:  # more is known of it: it must be proven anew
                status = old.status if old.status == "retired" else "candidate"
                self.skills[skill.id] = replace(skill, status=status, version=old.version + 1)

    def _unknown(self) -> bool:
        return any(key not in self.known.laws for key in self.known.controls)

    def _settled(self) -> bool:
        return all(
            s.passes >= ENOUGH or s.status != "candidate" for s in self.skills.values() if s.ability in self.offered
        )

    # ------------------------------------------------------------------------------------------ trying

    def _round(self, skill: Skill) -> None:
        start = time.monotonic()
        seed = len(skill.proofs)
        try:
            proof = self.attempt(skill, seed)
        except Exception as error:  # noqa: BLE001 - the wall: one round may fail in any way, practice goes on
            where = traceback.extract_tb(error.__traceback__)[-1]
            why = f"{type(error).__name__}: {error} ({where.name})"
            proof = Proof(seed, skill.goal, "unknown", "", time.monotonic() - start, 0, why)
        proofs = (*skill.proofs, proof)
        may = tuple(sorted(set(contract(self.offered[skill.ability])))) if skill.ability in self.offered else ()
        skill = replace(skill, contract=may, proofs=proofs, goal=proof.goal or skill.goal, version=skill.version + 1)
        if skill.passes >= ENOUGH + 3 * skill.fails:
            skill = replace(skill, status="proven")
        elif skill.status == "proven" and proof.outcome == "fail":
            skill = replace(skill, status="candidate")
        elif skill.fails > skill.passes or (skill.passes == 0 and len(proofs) >= _GIVE_UP):
            skill = replace(skill, status="quarantined")
        self.skills[skill.id] = skill
        keep_skill(self.store, skill)
        self._tell("attempt", start, proof, skill.id)

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
        done = run(task, self.sandbox.driver, Planner(self.known, drawn.goals), self.store)
        seconds = time.monotonic() - began
        if expected.late:
            task = replace(task, checks=expected.late)
        elif seen:
            task = replace(task, checks=(*task.checks, *seen), allowed=(*task.allowed, "window:*"))
        self._settle_for(expected)
        verdict = judge(task, self.sandbox.world, before)
        if done.stopped != "finished":
            verdict = replace(verdict, outcome="fail" if verdict.outcome == "fail" else "unknown")
        self.store.verdict(done.id, verdict)
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

    def _tell(self, kind: Literal["explore", "attempt"], start: float, proof: Proof, skill: str = "") -> None:
        now = time.monotonic()
        line = Round(
            number=len(self.rounds) + 1, at=now - self.began, kind=kind, skill=skill, goal=proof.goal,
            outcome=proof.outcome, why=proof.why, seconds=now - start, acts=proof.acts,
            proven=sum(s.status == "proven" for s in self.skills.values()), controls=len(self.known.controls),
            effects=sum(bool(law.signals) for law in self.known.laws.values()), run=proof.run,
        )  # fmt: skip
        self.rounds.append(line)
        self.told(line)


def diagnosis(done: Run, verdict: Verdict) -> str:
    """Why it did not pass, in words; "" if it did."""
    if verdict.outcome == "pass":
        return ""
    parts = [done.reason] if done.stopped != "finished" else []
    parts += [found.saying for found in verdict.evidence if found.holds is not True]
    parts += [f"it also changed {key}" for key in verdict.side_effects]
    return "; ".join(parts) or "nothing could be checked"
