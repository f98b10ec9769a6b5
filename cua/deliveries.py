"""What must outlive a crash of a replay: which act was begun, and which delivery must not be done twice.

An act is on record before it is done, so a replay that was killed tells which one that was. A delivery (one request to
replay, named by its key) that passed, or that began what cannot be taken back, is never done again by itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from cua.core import Frame, Run, Task
from cua.core import Step as Kept
from cua.errors import UsageError
from cua.memory.store import Store
from cua.policies.trail import Begun

REPLAY, DELIVERY = "replay", "delivery"
State = Literal["claimed", "begun", "ended"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a replay is, or was when its program stopped. `last` is the step that was kept or begun last.

    `known` says whether the effect of its act is known; `saying` tells it in a line.
    """

    workflow: str
    key: str
    last: str
    known: bool
    saying: str


@dataclass(slots=True)
class Ledger:
    """Keeps a run in the store (it is a Keeper) with the acts that are about to be done. Owned by one replay."""

    store: Store
    workflow: str
    version: int
    key: str
    fingerprint: str
    run: str = ""
    irreversible: str = ""
    kept: int = 0
    _ended: Run | None = None

    def begin(self, run_id: str, task: Task) -> None:
        self.run = run_id
        self.store.begin(run_id, task)
        self._note(None)
        self.say("begun")

    def keep(self, run_id: str, index: int, step: Kept) -> None:
        self.store.keep(run_id, index, step)
        self.kept = index + 1

    def end(self, run: Run) -> None:
        self._ended = run  # on record with its outcome: until then it is still going on

    def about(self, begun: Begun) -> None:
        """On record: this act is about to be done."""
        if begun.risk == "irreversible" and not self.irreversible:
            self.irreversible = begun.step
            self.say("begun")
        self._note(begun)

    def closed(self, result: dict[str, Any], trail: list[dict[str, Any]], picture: Frame | None) -> None:
        """On record: how it ended. `result` is what a second delivery is told, `picture` what the last look showed."""
        self._end(picture)
        self.say("ended", result=result)
        self.store.put(REPLAY, self.run, self._head() | {"begun": None, "trail": trail, **result}, instead=True)

    @contextmanager
    def cut_short(self) -> Iterator[None]:
        """If what is inside is interrupted, the delivery is on record as ended without a known outcome."""
        over = False
        try:
            yield
            over = True
        finally:
            if not over:
                self._end(None)
                what = f"it was interrupted{' after step ' + self.irreversible if self.irreversible else ''}"
                told = {"outcome": "unknown", "proof": "none", "saying": what, "last": self.irreversible}
                self.say("ended", result={**told, "known": False, "seconds": 0.0})

    def _end(self, picture: Frame | None) -> None:
        run, self._ended = self._ended, None
        if run is not None:
            last = run.last
            late = last is not None and last.frame is not None and picture is not None and last.frame.sha == picture.sha
            self.store.end(replace(run, last=replace(last, frame=picture)) if late and last else run)

    def say(self, state: State, *, result: dict[str, Any] | None = None) -> None:
        """The delivery's state, on record."""
        body = self._head() | {
            "state": state, "fingerprint": self.fingerprint, "run": self.run, "irreversible": self.irreversible,
            "result": result,
        }  # fmt: skip
        self.store.put(DELIVERY, self.key, body)

    def _note(self, begun: Begun | None) -> None:
        act = {"step": begun.step, "row": begun.row, "say": begun.say, "risk": begun.risk} if begun else None
        body = self._head() | {"begun": act, "at": self.kept, "trail": []}
        self.store.put(REPLAY, self.run, body, instead=True)

    def _head(self) -> dict[str, Any]:
        return {"workflow": self.workflow, "version": self.version, "key": self.key, "pid": os.getpid()}


def claim(ledger: Ledger) -> dict[str, Any] | None:
    """Take the delivery for this ledger; None if it is ours now, else what is on record of the one that has it.

    Of two that claim at once one has it. Raises UsageError if the key was used for something else.
    """
    gate = ledger.store.path.with_name(ledger.store.path.name + ".deliveries.lock")
    with gate.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held for two look-ups only
        said: dict[str, Any] | None = ledger.store.get(DELIVERY, ledger.key)
        if said is None or may_be_done_again(said):
            ledger.say("claimed")
            return None
    if said["fingerprint"] != ledger.fingerprint:
        what = f"the key {ledger.key!r} was used for {said['workflow']} before, or with other values"
        raise UsageError(f"{what}; give each delivery a key of its own")
    return said


def may_be_done_again(said: dict[str, Any]) -> bool:
    """Whether a delivery left nothing behind that a second one would do twice."""
    if said["irreversible"]:
        return False
    if said["state"] == "ended":
        return bool(said["result"]["outcome"] != "pass")
    return not alive(said["pid"])


def alive(pid: int) -> bool:
    """Whether the process is still there; one of another user counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def standing(store: Store, run_id: str) -> Standing | None:
    """Where the replay of this run stands; None for a run that is no replay."""
    found = store.get(REPLAY, run_id)
    if found is None:
        return None
    steps = store.run(run_id).steps
    begun = found["begun"]
    last = steps[-1].action.why.partition(":")[0] if steps else ""
    if "outcome" in found:
        return Standing(found["workflow"], found["key"], last, found["known"], found["saying"])
    if begun is None:
        return Standing(found["workflow"], found["key"], last, True, "no act was begun")
    name = f"step {begun['step']}" + (f", row {begun['row']}" if begun["row"] else "")
    advice = "look whether it was done before you replay it" if begun["risk"] == "irreversible" else "replay it"
    what = "was begun" if found["at"] >= len(steps) else "was done"  # what came of it is told by the act after it
    saying = f"{name} ({begun['say']}) {what}, and its effect is not known; {advice}"
    return Standing(found["workflow"], found["key"], name, False, saying)
