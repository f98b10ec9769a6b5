"""What was done is remembered: a run that passed gives its steps credit in the action memory, one that failed takes it,
and both teach experience.

It stands after the verdict and never changes it. What it reads is the run as it is on record, in which no secret is.
"""

from __future__ import annotations

from collections.abc import Collection

from cua.core import Outcome, Run
from cua.errors import CuaError
from cua.memory.actions import Actions
from cua.memory.store import Store
from cua.policies.memory import Memory
from cua.policies.recall import Recall
from cua.policies.script import Script


def learn(store: Store, run: Run | str, outcome: Outcome, used: Collection[str] = ()) -> str:
    """Remember a run that is on record, or the one of that name, which was told the hints `used`; why that could not
    be, in a line, else "".
    """
    if outcome not in ("pass", "fail") or not run:
        return ""
    try:
        found = store.run(run) if isinstance(run, str) else run
        with Actions(store.path) as memory:
            Recall(memory, Script()).learn(found, outcome)
            notice = memory.notice
        with Memory(store.path) as experience:
            experience.learn(found, outcome, used)
        return notice
    except CuaError as exc:
        return f"what was done is not remembered for the next time: {exc}"
