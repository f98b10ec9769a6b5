"""Practice: skills proven in five minutes, how many replay from a clean state, rounds a minute, mutants killed.

After the time is up each proven skill is tried once more, from a clean state and with a seed that it has not seen.
A mutant is an end state in which the goal does not hold; a check that passes it proves nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from cua import app
from cua.memory.library import load_map, load_skills
from cua.memory.skills import Skill
from cua.memory.store import Store
from cua.practice.crew import Alone
from cua.practice.orders import Attempt
from cua.practice.rounds import Ground
from cua.practice.session import Practice
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench.rows import Row

_ENOUGH = 40


def rows(args: list[str]) -> Iterable[Row]:
    """Options: --minutes M (5), --app NAME (mousepad)."""
    parser = argparse.ArgumentParser(prog="practice")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--app", default="mousepad")
    given = parser.parse_args(args)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "bench.db") as store:
        yield from _measured(given.app, given.minutes, store)


def _measured(name: str, minutes: float, store: Store) -> Iterable[Row]:
    known, described = load_map(store, name), app.summaries()
    ground = Ground(Namespace(find(name)), store, known, described, lambda line: None)
    session = Practice(name, Alone(ground), store, known, load_skills(store, name), described, lambda line: None)
    began = time.monotonic()
    try:
        ground.settle()
        session.go(until=began + 60 * minutes, most=1_000_000)
        spent = time.monotonic() - began
        proven = [skill for skill in session.skills.values() if skill.status == "proven"]
        yield Row(name, "skills proven", len(proven), "skills", f">= {_ENOUGH}", len(proven) >= _ENOUGH)
        attempts = [line for line in session.rounds if line.kind == "attempt"]
        yield Row(name, "attempts", 60 * len(attempts) / spent, "a minute", "> 0", bool(attempts))
        proofs = [proof for skill in proven for proof in skill.proofs]
        mutants, killed = sum(proof.mutants for proof in proofs), sum(proof.killed for proof in proofs)
        share = killed / mutants if mutants else float("nan")
        yield Row(name, f"mutants killed of {mutants}", share, "share", ">= 0.9", share >= 0.9)
        failed = [skill for skill in proven if not _replays(ground, skill)]
    finally:
        ground.close()
    for skill in failed:
        print(f"  does not replay: {skill.goal}", file=sys.stderr)
    yield Row(name, f"of {len(proven)} do not replay again", len(failed), "skills", "0", not failed)


def _replays(ground: Ground, skill: Skill) -> bool:
    done = ground.do(Attempt(skill, 10_000 + len(skill.proofs)))
    if done.outcome == "unknown":
        print(f"  {skill.goal}: {done.why}", file=sys.stderr)
    return done.outcome == "pass"
