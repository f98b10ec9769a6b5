"""Pairs for preference training: the first wrong step of a run that failed, and what a run that passed did there.

What is right on a screen is told by an action memory of its own, which has learned the passed runs of the selection
and nothing else: same template, same screen, same deeds before. Where it is not sure, there is no pair.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cua.core import Action, Ask, Finish, Move, Observation, Run, Step, Task, Wait
from cua.exporting.asking import question
from cua.exporting.chosen import Judged
from cua.exporting.folder import Folder
from cua.exporting.lessons import UNSAYABLE
from cua.exporting.tally import Tally
from cua.memory.actions import Actions
from cua.policies.models import chat
from cua.policies.recall import Recall, taken

FILE = "dpo.jsonl"
UNKNOWN = "that failed on a screen where no passed run tells what is right"
NOT_WRONG = "that failed and did nothing else than a passed run"
_NOT_KNOWN = Ask("")


class _Nobody:
    """Decides nothing: what the memory does not know stays unknown."""

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        return _NOT_KNOWN


class Preferences:
    """The pairs of one selection. Closing it lets go of its memory."""

    def __init__(self, path: Path) -> None:
        self._memory = Actions(path)
        self._recall = Recall(self._memory, _Nobody())

    def close(self) -> None:
        self._memory.close()

    def learn(self, judged: Judged) -> None:
        """A run that passed. Raises UsageError for a task without words."""
        run = judged.run
        steps = tuple(replace(step, action=judged.veil.act(step.action)) for step in run.steps)
        self._memory.learn(taken(replace(run, steps=steps)), passed=True)

    def write(self, judged: Judged, folder: Folder, tally: Tally) -> bool:
        """The pair of a run that failed, if there is one. Raises OSError, and UsageError for a task without words."""
        run = judged.run
        for at, done in enumerate(_acts(run)):
            if isinstance(done, Wait | Move):  # at worst for nothing, and maybe where no passed run had to
                continue
            right = self._right(run, at)
            if right is None:
                tally.skipped[UNKNOWN] += 1
                return False
            asked = question(run, at)
            rejected, chosen = (asked.answer(judged.veil.act(act)) for act in (done, right))
            if rejected is None or chosen is None:
                tally.skipped[f"that failed by a step that is {UNSAYABLE}"] += 1
                return False
            if rejected == chosen or (isinstance(done, Finish) and isinstance(right, Finish)):
                continue
            row = {"prompt": asked.messages, "chosen": [chosen], "rejected": [rejected], "tools": chat.tools()}
            folder.row(FILE, judged.veil.row(row))
            return True
        tally.skipped[NOT_WRONG] += 1
        return False

    def _right(self, run: Run, at: int) -> Action | None:
        now = run.steps[at].seen if at < len(run.steps) else run.last
        assert now is not None
        right = self._recall.decide(run.task, run.steps[:at], now)
        if right is _NOT_KNOWN:
            return None
        return Finish(run.task.goal) if isinstance(right, Finish) else right


def _acts(run: Run) -> list[Action]:
    """What the run did, and that it said it was done."""
    done: list[Action] = [step.action for step in run.steps]
    return [*done, Finish(run.reason)] if run.stopped == "finished" and run.last else done
