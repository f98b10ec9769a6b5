"""Which runs of the record are exported, and what is known of each."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Outcome, Run
from cua.errors import UsageError
from cua.exporting.veil import Veil
from cua.memory.exchanges import Exchange
from cua.memory.store import Store, Summary

codec.register(*REQUIREMENTS)  # what the tasks of runs may ask for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs: those of these ids, those of the task of that id, or `everything`; one of the three."""

    runs: tuple[str, ...] = ()
    task: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with its outcome and what models were asked in it. `started` is in seconds since 1970."""

    run: Run
    outcome: Outcome | None
    started: float
    said: tuple[Exchange, ...]
    veil: Veil


def selected(store: Store, wanted: Wanted) -> list[Summary]:
    """The runs that are wanted, oldest first. Raises UsageError for a run or a task that is not there."""
    if (bool(wanted.runs) + bool(wanted.task) + wanted.everything) != 1:
        raise UsageError("say which runs in one way: name them, or --task ID, or --all; `cua runs list` shows them")
    found = store.runs(sys.maxsize, task=wanted.task or None)
    if wanted.runs:
        missing = {*wanted.runs} - {summary.id for summary in found}
        if missing:
            raise UsageError(f"no run {min(missing)!r} in {store.path}; `cua runs list` shows those that are there")
        found = [summary for summary in found if summary.id in {*wanted.runs}]
    if wanted.task and not found:
        raise UsageError(f"there is no run of the task {wanted.task!r} to export; `cua runs list` shows what is there")
    return found[::-1]
