"""Runs of the record, written in one of the forms. One run at a time is in memory, however many are chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from cua.core import Outcome
from cua.errors import RecordError, UsageError
from cua.exporting import lessons, trajectories
from cua.exporting.chosen import Judged, Wanted, selected
from cua.exporting.folder import Folder, written
from cua.exporting.groups import Groups
from cua.exporting.preferences import Preferences
from cua.exporting.tally import BARE, Exported, Tally
from cua.exporting.veil import Veil
from cua.memory.exchanges import Exchanges
from cua.memory.store import Store, Summary

Form = Literal["traj", "sft", "dpo", "grpo"]
_UNFIT: dict[Outcome | None, str] = {
    None: "not judged", "fail": "failed", "unknown": "of unknown outcome", "refused": "refused", "pass": "passed",
}  # fmt: skip


@dataclass(slots=True)
class _Export:
    """One export while it goes on."""

    store: Store
    exchanges: Exchanges
    folder: Folder
    tally: Tally
    say: Callable[[str], None]

    def judged(self, found: list[Summary], *outcomes: Outcome | None, said: bool = False) -> Iterator[Judged]:
        """The runs with one of these outcomes one after the other, with what models `said` if that is wanted."""
        for number, summary in enumerate(found, 1):
            if summary.outcome not in outcomes:
                continue
            self.say(f"run {number} of {len(found)}")
            try:
                run = self.store.run(summary.id)
                asked, veil = self.exchanges.of(summary.id) if said else (), Veil.of(run)
            except RecordError:
                self.tally.skipped["that cannot be read from the record"] += 1
            except UsageError as exc:
                self.tally.skipped[str(exc)] += 1
            else:
                yield Judged(run, summary.outcome, summary.started, asked, veil)

    def unfit(self, found: list[Summary], *outcomes: Outcome | None) -> None:
        """Count the runs with other outcomes than these."""
        for summary in found:
            if summary.outcome not in outcomes:
                self.tally.skipped[_UNFIT[summary.outcome]] += 1

    def count(self, gave: bool, why: str = "") -> None:
        """A run gave something, or nothing."""
        self.tally.runs += gave
        if why and not gave:
            self.tally.skipped[why] += 1

    @contextmanager
    def _worded(self) -> Iterator[None]:
        """Leave a run out whose task says nothing: nobody can tell which other runs have the same."""
        try:
            yield
        except UsageError:
            self.tally.skipped["whose task has no words"] += 1

    # ------------------------------------------------------------------------------------------ the forms

    def traj(self, found: list[Summary]) -> None:
        """Every run, whatever came of it."""
        for judged in self.judged(found, *_UNFIT, said=True):
            if judged.run.steps or judged.run.last:
                trajectories.write(judged, self.store, self.folder, self.tally)
            self.count(bool(judged.run.steps or judged.run.last), BARE)

    def sft(self, found: list[Summary]) -> None:
        """The runs that passed."""
        self.unfit(found, "pass")
        for judged in self.judged(found, "pass", said=True):
            self.count(lessons.write(judged, self.folder, self.tally) > 0, BARE)

    def dpo(self, found: list[Summary]) -> None:
        """What passed runs teach about the runs that failed."""
        self.unfit(found, "pass", "fail")
        with TemporaryDirectory(dir=self.folder.path) as place, closing(Preferences(Path(place) / "known.db")) as known:
            for judged in self.judged(found, "pass"):
                with self._worded():
                    known.learn(judged)
            for judged in self.judged(found, "fail"):
                with self._worded():
                    self.count(known.write(judged, self.folder, self.tally))

    def grpo(self, found: list[Summary]) -> None:
        """Passed and failed runs, task by task."""
        self.unfit(found, "pass", "fail")
        groups = Groups(self.folder, self.tally)
        ordered = sorted(found, key=lambda summary: (summary.task, summary.goal))
        for _, same in groupby(ordered, key=lambda summary: (summary.task, summary.goal)):
            for judged in self.judged(list(same), "pass", "fail"):
                self.count(groups.add(judged))
            groups.flush()


def export(
    store: Store, exchanges: Exchanges, wanted: Wanted, form: Form, out: Path, say: Callable[[str], None]
) -> Exported:
    """Write the runs as that form into a new folder, and say what came of it.

    Where none of them gives anything, or there is none yet, nothing is written. Raises UsageError for no such run or
    task and a folder that is there; TroubleError where the folder cannot be written, and RecordError for a record that
    cannot be read.
    """
    found = selected(store, wanted)
    with written(out) as folder:
        going = _Export(store, exchanges, folder, Tally(), say)
        {"traj": going.traj, "sft": going.sft, "dpo": going.dpo, "grpo": going.grpo}[form](found)
        folder.worth = going.tally.runs > 0
    tally = going.tally
    rows, nothing = (dict(folder.rows), "") if folder.worth else ({}, _nothing(form, len(found), tally))
    counts = (dict(tally.skipped), dict(tally.steps), dict(tally.notes))
    return Exported(form, str(out), rows, tally.runs, *counts, nothing)


def _nothing(form: Form, count: int, tally: Tally) -> str:
    """Why nothing at all came of it, and what would help."""
    if not count:
        return "nothing was written: there is no run yet; have something done first: cua do --help"
    needs = {
        "traj": "runs that saw a screen", "sft": "runs that passed", "grpo": "runs that passed or failed",
        "dpo": "failed runs, and passed runs of the same task that had the same screen",
    }  # fmt: skip
    why = "; ".join(f"{number} {reason}" for reason, number in (tally.skipped + tally.steps).most_common())
    gives = f"none of {count} runs gives" if count > 1 else "the one run does not give"
    said = f"nothing was written: {gives} anything for {form}, which takes {needs[form]}{f' ({why})' if why else ''}"
    return f"{said}; see what there is: cua runs list"
