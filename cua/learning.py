"""What was done is remembered: a run that passed gives its steps credit in the action memory, one that failed takes it,
and both teach experience. Where a model decided, it is asked once what a run of its kind teaches.

It stands after the verdict and never changes it. What it reads is the run as it is on record, in which no secret is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cua.core import Outcome, Run, Verdict
from cua.errors import CuaError
from cua.memory.actions import Actions
from cua.memory.store import Store, acts
from cua.policies.memory import Learned, Memory
from cua.policies.recall import Recall
from cua.policies.script import Script

if TYPE_CHECKING:
    from cua.minds import Mind


def learn(store: Store, run: Run | str, outcome: Outcome, mind: Mind | None = None) -> str:
    """Remember a run that is on record, or the one of that name, in which that `mind` took part if any did; what could
    not be remembered and why, in a line, else "".
    """
    if outcome not in ("pass", "fail") or not run:
        return ""
    try:
        found = store.run(run) if isinstance(run, str) else run
        if outcome == "pass" and not acts(found.steps):
            return ""  # that it was so already is no way to do it
        with Actions(store.path) as memory:
            Recall(memory, Script()).learn(found, outcome)
            notice = memory.notice
        with Memory(store.path, meanings=mind.meanings if mind else None) as experience:
            learned = experience.learn(found, outcome, mind.used if mind else ())
            if learned is None or mind is None:
                return notice
            unsaid = _summed_up(experience, learned, store, mind) if mind.distils else ""
            experience.place(learned)
        return "; ".join(filter(None, (notice, unsaid, mind.unplaced)))
    except CuaError as exc:
        return f"what was done is not remembered for the next time: {exc}"


def _summed_up(experience: Memory, learned: Learned, store: Store, mind: Mind) -> str:
    """Keep with what was learned what the model makes of it; why not, in a line, else ""."""
    try:
        verdict = store.judged(learned.run.id) or Verdict("pass" if learned.passed else "fail")
        if tale := experience.tale(learned, verdict):
            experience.advise(learned, mind.distilled(tale))
    except CuaError as exc:
        return f"it is remembered, but without a summary of the model's: {exc}"
    return ""
