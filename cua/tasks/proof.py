"""The proof of one of our own tasks: its checks are false at the start and after doing nothing, true after the oracle,
and false in every mutated end state. It needs no model and trusts no run: only what the judge says of the world counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cua.checks import holds, judge
from cua.core import Changes, Outcome, Sandbox, Verdict
from cua.errors import SandboxError, TroubleError, UsageError
from cua.tasks.own import Mutant, OwnTask, Put, Script
from cua.tasks.staging import begin, judged, perform

_SECONDS = 60.0
# the home as the oracle left it, beside which a script's damage is undone; caches are nobody's end state
_KEEP = 'rm -rf "$1" && mkdir -p "$1" && find . -mindepth 1 -maxdepth 1 ! -name .cache -exec cp -a {} "$1" \\;'
_PUT_BACK = """
find . -mindepth 1 -depth ! -path './.cache*' | while IFS= read -r at; do
  [ -e "$1/$at" ] || [ -L "$1/$at" ] || rm -rf -- "$at"
done
(cd -- "$1" && find . -mindepth 1 -type d) | while IFS= read -r at; do mkdir -p -- "$at"; done
(cd -- "$1" && find . -type f) | while IFS= read -r at; do
  cmp -s -- "$1/$at" "$at" || { rm -rf -- "$at"; cp -a -- "$1/$at" "$at"; }
  [ "$(stat -c %a -- "$1/$at")" = "$(stat -c %a -- "$at")" ] || chmod --reference="$1/$at" -- "$at"
done
"""
_KEPT = "/tmp/cua-golden"


@dataclass(frozen=True, slots=True)
class Stage:
    """A state that the world was brought into, what the judge should say of it, and what it said."""

    name: str
    wanted: Outcome
    verdict: Verdict
    mutant: bool = False

    @property
    def ok(self) -> bool:
        return self.verdict.outcome == self.wanted

    @property
    def saying(self) -> str:
        """Why the judge said so, in words."""
        return _why(self.verdict)


@dataclass(slots=True)
class Proof:
    """What the judge said of a task's states, by the seed that drew it. `told` hears of each as soon as it is judged.
    What is not as it must be ends it before the mutants.
    """

    task: str
    seed: int
    told: Callable[[Stage], None]
    stages: list[Stage] = field(default_factory=list)

    @property
    def mutants(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.mutant)

    @property
    def caught(self) -> int:
        return sum(stage.ok for stage in self.mutants)

    @property
    def proven(self) -> bool:
        return bool(self.mutants) and all(stage.ok for stage in self.stages)

    def faults(self) -> tuple[str, ...]:
        """What is not as it must be, each in a line."""
        return tuple(
            f"{self.task}, seed {self.seed}, {stage.name}: {stage.verdict.outcome} and not {stage.wanted}; "
            f"{stage.saying}"
            for stage in self.stages
            if not stage.ok
        )

    def add(self, stage: Stage) -> None:
        """One more, of which `told` hears."""
        self.stages.append(stage)
        self.told(stage)


def check_provable(own: OwnTask) -> None:
    """Raises UsageError for a task that has nothing to prove it by."""
    for key, there in (("oracle", own.oracle), ("mutants", own.mutants)):
        if not there:
            raise UsageError(f"{own.file} has no [[{key}]] to prove it by; add at least one, or only run the task")


def prove(own: OwnTask, sandbox: Sandbox, told: Callable[[Stage], None] = lambda _: None) -> Proof:
    """The proof of a task in a sandbox of its app, in its start state; in which state it is left is open.

    Raises MissingProgram where a program is not installed, and other TroubleErrors where a step cannot be done: then
    nothing is known of the task.
    """
    proof = Proof(own.task.id, own.task.seed, told)
    try:
        before = begin(own, sandbox)
    except UsageError:
        evidence = holds(own.task, sandbox.world)
        if not all(found.holds for found in evidence):
            raise
        proof.add(Stage("at the start", "fail", Verdict("pass", evidence)))
        return proof
    proof.add(Stage("at the start", "fail", judge(own.task, sandbox.world, before, placements=False)))
    proof.add(Stage("after doing nothing", "fail", judged(own, sandbox, before)))
    if own.late:  # its programs were quit and started again: what was opened for the start is gone
        sandbox.reset()
        before = begin(own, sandbox)
    perform(own, own.oracle, sandbox)
    proof.add(Stage("after the oracle", "pass", judged(own, sandbox, before)))
    if proof.stages[-1].ok:
        _keep(sandbox)
        for number, mutant in enumerate(own.mutants, 1):
            verdict = _mutated(own, mutant, sandbox, before)
            proof.add(Stage(f"mutant {mutant.name!r}", "fail", verdict, mutant=True))
            if number < len(own.mutants):
                before = _again(own, mutant, sandbox, before)
    return proof


def _mutated(own: OwnTask, mutant: Mutant, sandbox: Sandbox, before: Changes) -> Verdict:
    """What the judge says of the spoilt end state. Scripts need no program to write what it has in mind."""
    try:
        perform(own, mutant.steps, sandbox)
    except TroubleError as exc:
        raise type(exc)(f"mutant {mutant.name!r}: {exc}") from exc
    if _on_files(mutant):
        return judge(own.task, sandbox.world, before, placements=False)
    return judged(own, sandbox, before)


def _again(own: OwnTask, mutant: Mutant, sandbox: Sandbox, before: Changes) -> Changes:
    """The end state that the oracle leaves: put back where only files were spoilt, else brought about anew."""
    if _on_files(mutant):
        done = sandbox.world.exec(("sh", "-c", _PUT_BACK, "sh", _KEPT), seconds=_SECONDS)
        if done.code == 0 and judge(own.task, sandbox.world, before, placements=False).outcome == "pass":
            return before
    sandbox.reset()
    before = begin(own, sandbox)
    perform(own, own.oracle, sandbox)
    verdict = judged(own, sandbox, before)
    if verdict.outcome != "pass":
        raise SandboxError(f"{own.task.id}: the oracle did not bring it about a second time; {_why(verdict)}")
    _keep(sandbox)
    return before


def _on_files(mutant: Mutant) -> bool:
    return all(isinstance(step, Script | Put) for step in mutant.steps)


def _keep(sandbox: Sandbox) -> None:
    done = sandbox.world.exec(("sh", "-c", _KEEP, "sh", _KEPT), seconds=_SECONDS)
    if done.code:
        raise SandboxError(f"the end state could not be kept: {done.err.strip()}; see that the machine has room")


def _why(verdict: Verdict) -> str:
    said = "; ".join(found.saying for found in verdict.evidence if found.holds is not True)
    aside = f"changed besides: {', '.join(verdict.side_effects)}" if verdict.side_effects else ""
    return "; ".join(filter(None, (said, aside))) or "every check holds, and nothing else changed"
