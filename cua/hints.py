"""What the memory has to tell a model about a task: experience and the person's own facts, asked for at each look."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from cua.core import Observation, Task
from cua.memory.profile import Profile
from cua.memory.vectors import Meanings
from cua.policies.memory import Memory


class Hints:
    """Those for one task from the record `path`, which is opened when it is first asked. `used` are the ids of what was
    told, for `learn`; `meanings` finds what means the same in other words.
    """

    def __init__(self, path: Path, task: Task, meanings: Meanings | None = None) -> None:
        self._path, self._task, self._meanings = path, task, meanings
        self._stack = ExitStack()
        self._open: tuple[Memory, Profile] | None = None
        self.used: dict[str, None] = {}

    def __call__(self, now: Observation) -> tuple[str, ...]:
        """The lines that may help on this screen. Raises RecordError."""
        memory, profile = self._opened()
        recalled = memory.recall(self._task, now)
        self.used |= dict.fromkeys(recalled.ids)
        return (*recalled.lines, *profile.facts_for(self._task, now))

    def facts(self) -> tuple[str, ...]:
        """The texts of all that the person said of themselves."""
        return tuple(fact.value for fact in self._opened()[1].facts())

    def close(self) -> None:
        """Let go of the record."""
        self._stack.close()
        self._open = None

    def _opened(self) -> tuple[Memory, Profile]:
        if self._open is None:
            memory = self._stack.enter_context(Memory(self._path, meanings=self._meanings))
            self._open = memory, self._stack.enter_context(Profile(self._path))
        return self._open


def remembered(path: Path, goal: str, run: str) -> str:
    """Keep what a goal says of the person, which few do; in a line what that is, or "". Raises RecordError."""
    with Profile(path) as profile:
        facts = profile.told(goal, time.time(), run=run)
    told = ", ".join(f"{fact.aspect}: {fact.value} ({fact.id})" for fact in facts)
    return f"remembered of you: {told}; to have it forgotten: cua memory forget ID" if told else ""
