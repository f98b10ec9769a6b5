"""What provably works: a skill is one ability of an app with its proofs. Pure data and arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cua.core import Outcome


@dataclass(frozen=True, slots=True)
class Proof:
    """One attempt from a clean state: what was asked, what the judge found, which run it was. `mutants` are end
    states that
    the check must refuse, with how many of them it did refuse."""

    seed: int
    goal: str
    outcome: Outcome
    run: str
    seconds: float
    acts: int
    why: str = ""
    mutants: int = 0
    killed: int = 0


@dataclass(frozen=True, slots=True)
class Skill:
    """`ability` is its key in the app's map. `contract` is what it may change (patterns of keys of changes)."""

    id: str
    app: str
    name: str
    kind: str
    ability: str
    goal: str
    contract: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()
    status: Literal["candidate", "proven", "retired", "quarantined"] = "candidate"
    version: int = 1

    @property
    def passes(self) -> int:
        return sum(proof.outcome == "pass" for proof in self.proofs)

    @property
    def fails(self) -> int:
        return sum(proof.outcome == "fail" for proof in self.proofs)

    @property
    def bound(self) -> float:
        """The success rate that the proofs support with 95 % confidence."""
        return lower_bound(self.passes, self.fails)

    @property
    def seconds(self) -> float:
        """The median time of a passed attempt, in seconds; nan if none passed."""
        times = sorted(proof.seconds for proof in self.proofs if proof.outcome == "pass")
        return times[len(times) // 2] if times else math.nan


def lower_bound(passes: int, fails: int) -> float:
    """One-sided 95 % lower bound of a rate with a uniform prior: the 5 % quantile of Beta(passes + 1, fails + 1)."""
    low, high = 0.0, 1.0
    trials = passes + fails + 1
    for _ in range(40):
        rate = (low + high) / 2
        at_least = sum(
            math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(passes + 1, trials + 1)
        )
        low, high = (rate, high) if at_least < 0.05 else (low, rate)
    return low


@dataclass(frozen=True, slots=True)
class Round:
    """One line of practice: `at` seconds after it began, what was tried, what came of it and why; how many skills are
    proven and how many controls and effects are known by then."""

    number: int
    at: float
    kind: Literal["explore", "attempt"]
    skill: str
    goal: str
    outcome: Outcome
    why: str
    seconds: float
    acts: int
    proven: int
    controls: int
    effects: int
    run: str = ""
