"""Runs of one task side by side with their rewards, for training that compares them.

Two files. GRPO's trainer writes its own answers: it takes prompts, and hands further columns to the reward function; so
one file has one prompt for each task. The other has every run as a conversation with its reward, in the columns that
the trainer itself logs its completions with, for whoever learns from what was done already.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cua.core import Finish, Run
from cua.exporting.asking import Message, question
from cua.exporting.chosen import Judged
from cua.exporting.folder import Folder
from cua.exporting.lessons import UNSAYABLE
from cua.exporting.tally import BARE, Tally
from cua.policies.models import chat

PROMPTS, COMPLETIONS = "grpo.jsonl", "grpo_completions.jsonl"
_REWARDS = {"pass": 1.0, "fail": 0.0}


@dataclass(slots=True)
class Groups:
    """The runs of the tasks that are one by id and words; the next such task begins with `flush`."""

    folder: Folder
    tally: Tally
    _prompts: dict[tuple[object, ...], dict[str, Any]] = field(default_factory=dict)
    _rewards: Counter[tuple[tuple[object, ...], float]] = field(default_factory=Counter)
    _number: int = 0

    def add(self, judged: Judged) -> bool:
        """A run that passed or failed. False, and counted, for one of which an act cannot be said. Raises OSError."""
        run = judged.run
        if not run.steps and not _claimed(run):
            self.tally.skipped[BARE] += 1
            return False
        completion = _completion(judged)
        if completion is None:
            self.tally.skipped[f"with an act that is {UNSAYABLE}"] += 1
            return False
        key = (run.task.id, run.task.goal, *sorted(run.task.params.items()))
        prompt = judged.veil.row(question(run, 0).messages)
        if key not in self._prompts:
            self._prompts[key] = {
                "prompt": prompt, "tools": chat.tools(), "group": self._number, "task": judged.veil.row(run.task.id)
            }  # fmt: skip
            self._number += 1
        reward = _REWARDS[str(judged.outcome)]
        self._rewards[key, reward] += 1
        row = {"prompt": prompt, "completion": judged.veil.row(completion), "tools": chat.tools(), "reward": reward}
        self.folder.row(COMPLETIONS, row | {"group": self._prompts[key]["group"], "run": run.id})
        return True

    def flush(self) -> None:
        """Write the prompts of the groups so far, each with how its runs came out, and forget them. Raises OSError."""
        for key, row in self._prompts.items():
            passed, failed = self._rewards[key, 1.0], self._rewards[key, 0.0]
            self.folder.row(PROMPTS, row | {"passed": passed, "failed": failed})
            if not passed or not failed:
                self.tally.notes["groups in which all came out alike, which teach nothing by comparison"] += 1
        self._prompts.clear()
        self._rewards.clear()


def _completion(judged: Judged) -> list[Message] | None:
    """All that was done, and between two acts the screen that the first led to; None where an act cannot be said."""
    run, said = judged.run, list[Message]()
    acts = [step.action for step in run.steps] + ([Finish(run.reason)] if _claimed(run) else [])
    for at, act in enumerate(acts):
        asked = question(run, at)
        if said:
            called = said[-1]["tool_calls"][0]["function"]["name"]
            said.append({"role": "tool", "name": called, "content": asked.words})
        answer = asked.answer(judged.veil.act(act))
        if answer is None:
            return None
        said.append(answer)
    return said


def _claimed(run: Run) -> bool:
    return run.stopped == "finished" and run.last is not None
