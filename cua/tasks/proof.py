"""The proof of one of our own tasks: its checks are false at the start and after doing nothing, true after the oracle,
and false in every mutated end state. It needs no model and trusts no run: only what the judge says of the world counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from cua.checks import judge
from cua.core import Changes, Outcome, Sandbox, Verdict
from cua.errors import SandboxError, TroubleError
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
class Proof:
    """What the judge said of a task's end states, by the seed that drew it. `mutants` are by name."""

    task: str
    seed: int
    start: Verdict
    idle: Verdict
    golden: Verdict
    mutants: tuple[tuple[str, Verdict], ...] = ()

    @property
    def caught(self) -> int:
        return sum(verdict.outcome == "fail" for _, verdict in self.mutants)

    @property
    def proven(self) -> bool:
        ends: tuple[Outcome, ...] = (self.start.outcome, self.idle.outcome, self.golden.outcome)
        return ends == ("fail", "fail", "pass") and 0 < len(self.mutants) == self.caught

    def faults(self) -> tuple[str, ...]:
        """What is not as it must be, each in a line."""
        states = [("at the start", "fail", self.start), ("after doing nothing", "fail", self.idle)]
        states.append(("after the oracle", "pass", self.golden))
        states += [(f"mutant {name!r}", "fail", verdict) for name, verdict in self.mutants]
        return tuple(
            f"{self.task}, seed {self.seed}, {state}: {verdict.outcome} and not {wanted}; {_why(verdict)}"
            for state, wanted, verdict in states
            if verdict.outcome != wanted
        )


def prove(own: OwnTask, sandbox: Sandbox) -> Proof:
    """The proof of a task in a sandbox of its app, in its start state; in which state it is left is open.

    Raises MissingProgram where a program is not installed, and other TroubleErrors where a step cannot be done: then
    nothing is known of the task.
    """
    before = begin(own, sandbox)
    start = judge(own.task, sandbox.world, before, placements=False)
    idle = judged(own, sandbox, before)
    if own.late:  # its programs were quit and started again: what was opened for the start is gone
        sandbox.reset()
        before = begin(own, sandbox)
    perform(own, own.oracle, sandbox)
    golden = judged(own, sandbox, before)
    mutants: list[tuple[str, Verdict]] = []
    if golden.outcome == "pass":
        _keep(sandbox)
        for number, mutant in enumerate(own.mutants, 1):
            mutants.append((mutant.name, _mutated(own, mutant, sandbox, before)))
            if number < len(own.mutants):
                before = _again(own, mutant, sandbox, before)
    return Proof(own.task.id, own.task.seed, start, idle, golden, tuple(mutants))


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
