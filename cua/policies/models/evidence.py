"""What who claims to be done submits for it: looks of the run, by their numbers, for a judge who sees those alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cua.core import Action, Finish

MOST = 3
Which = int | Literal["now"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One look: what showed after the act of that number (the first is 1), or what showed at the end; and what that
    proves, as who submits it says.
    """

    look: Which
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Proven(Finish):
    """A claim with evidence; without any there is nothing to judge it by."""

    evidence: tuple[Piece, ...] = ()


def pieces(claimed: Action) -> tuple[Piece, ...]:
    """The evidence of a claim. In a language that has no words for it, the last look is the evidence."""
    match claimed:
        case Proven(evidence=evidence):
            return evidence
        case Finish():
            return (Piece("now"),)
        case _:
            return ()
