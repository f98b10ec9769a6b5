"""Our own tasks: how many prove themselves in real sandboxes, and how many of their mutants the checks catch.

A task is proven if its checks are false at the start and after doing nothing, true after its oracle, and false in every
mutated end state. Arguments: --seed N (0), and names of tasks, as patterns; without any, all of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from cua.errors import MissingProgram, TroubleError, UsageError
from cua.tasks.proof import Proof
from cua.tasks_app import prove_task
from tests.bench.rows import Row
from tests.own_tasks import files

_ENOUGH = 30


def rows(args: list[str]) -> Iterator[Row]:
    """A row a task as soon as it is tried, then how many were proven and how many mutants were caught."""
    parser = argparse.ArgumentParser(prog="tasks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("names", nargs="*", default=["*"])
    given = parser.parse_args(args)
    chosen = [path for path in files() if any(fnmatchcase(path.stem, name) for name in given.names)]
    if not chosen:
        raise UsageError(f"no task is called {' or '.join(given.names)}; they are files in sandbox_vms/tasks")
    proofs: list[Proof] = []
    away = 0
    for path in chosen:
        try:
            proof = _proof(path, given.seed)
        except MissingProgram as error:
            _say(f"{path.stem}: skipped: {error}")
            away += 1
            continue
        caught, of = (proof.caught, len(proof.mutants)) if proof else (0, 0)
        proven = proof is not None and proof.proven
        yield Row(path.stem, "proven, mutants caught", caught, f"of {of}", f"all {of}", proven)
        proofs += [proof] if proof else []
    tried, done = len(chosen) - away, sum(proof.proven for proof in proofs)
    enough = min(_ENOUGH, len(chosen))
    yield Row("all", f"proven of {tried} tasks", done, "tasks", f"all, >= {enough}", tried == done >= enough)
    caught, of = sum(proof.caught for proof in proofs), sum(len(proof.mutants) for proof in proofs)
    yield Row("all", f"mutants caught of {of}", caught, "mutants", "all", 0 < caught == of)


def _proof(path: Path, seed: int) -> Proof | None:
    """None where it could not be found out. Raises MissingProgram."""
    try:
        proof = prove_task(path, seed=seed, told=lambda _: None, say=lambda _: None)
    except MissingProgram:
        raise
    except (TroubleError, UsageError) as error:
        _say(f"{path.stem}: {error}")
        return None
    for fault in proof.faults():
        _say(fault)
    return proof


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
