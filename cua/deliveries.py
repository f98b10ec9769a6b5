"""What must outlive a crash of a replay: which act was begun, and which delivery must not be done twice.

An act is on record before it is done, so a replay that was killed tells which one that was. A delivery (one request to
replay, named by its key) that passed, or that began what cannot be taken back, is never done again by itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from cua.core import Frame, Run, Task
from cua.core import Step as Kept
from cua.errors import CuaError, RefusedError, TroubleError, UsageError
from cua.memory.store import Store
from cua.policies.trail import Begun, Trod
from cua.run import CUT

REPLAY, DELIVERY = "replay", "delivery"
State = Literal["claimed", "begun", "ended"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a replay is, or was when its program stopped. `last` is the step that was kept or begun last, with its row,
    and `at` the place of its act among the steps of the run, -1 where that is not known.

    `known` says whether the effect of its act is known; `saying` tells it in a line.
    """

    workflow: str
    key: str
    last: str
    known: bool
    saying: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class _Told:
    """An act that was begun as step number `at` of the run. `seen` says whether what had to follow showed: False where
    nothing had to, None while that is awaited.
    """

    begun: Begun
    at: int
    seen: bool | None = None


@dataclass(slots=True)
class Ledger:
    """Keeps a run in the store (it is a Keeper) with the acts that are about to be done. Owned by one replay. `passing`
    says that what it is done in goes with it.

    `irreversible` is the first step that began what cannot be taken back. `total` is the number of the last row where
    the workflow goes over rows once, so that one can go on from a row; else 0.
    """

    store: Store
    workflow: str
    version: int
    key: str
    fingerprint: str
    run: str = ""
    irreversible: str = ""
    kept: int = 0
    total: int = 0
    passing: bool = False
    _acts: tuple[_Told, ...] = ()  # the last one, and before it the last that cannot be taken back
    _before: tuple[_Told, ...] = ()
    _apart: str = ""  # the step outside of the rows that began what cannot be taken back
    _blind: str = ""  # the first step that cannot be taken back and of which nothing says what came
    _ended: Run | None = None

    @property
    def open(self) -> _Told | None:
        """The act that was begun and of which it is not known yet what came."""
        return self._acts[-1] if self._acts and self._acts[-1].seen is None else None

    def begin(self, run_id: str, task: Task) -> None:
        self.run = run_id
        self.store.begin(run_id, task)
        self._note()
        self.say("begun")

    def keep(self, run_id: str, index: int, step: Kept) -> None:
        self.store.keep(run_id, index, step)
        self.kept = index + 1

    def end(self, run: Run) -> None:
        self._ended = run  # on record with its outcome: until then it is still going on
        if run.stopped == "finished":
            self._note()

    def about(self, begun: Begun) -> None:
        """On record: this act is about to be done."""
        if begun.risk == "irreversible" and not self.irreversible:
            self.irreversible = begun.step
            self.say("begun")
        if begun.risk == "irreversible" and not begun.row:
            self._apart = begun.step
        grave = [act for act in self._acts if act.begun.risk == "irreversible"]
        self._before, self._acts = self._acts, (*grave[-1:], _Told(begun, self.kept))
        self._note()

    def refused(self) -> None:
        """On record: the act that was begun was refused, so nothing was done."""
        self._acts = self._before
        self._note()

    def came(self, trod: Trod) -> None:
        """On record: the step is done, and whether what had to follow showed."""
        act = self.open
        same = act is not None and (trod.step, trod.row) == (act.begun.step, act.begun.row)
        if act is not None and same and trod.stage == "done" and not trod.aside:
            self._acts = (*self._acts[:-1], replace(act, seen=bool(trod.expected)))
            if trod.risk == "irreversible" and not trod.expected:
                self._blind = self._blind or placed(trod.step, trod.row)
            self._note()

    def closed(self, result: dict[str, Any], trail: list[dict[str, Any]], picture: Frame | None) -> None:
        """On record: how it ended. `result` is what a second delivery is told, `picture` what the last look showed."""
        self._end(picture)
        self.say("ended", result=result)
        at = trail[-1]["at"] if trail else -1
        self.store.put(REPLAY, self.run, self._head() | {"at": at, "trail": trail, **result}, instead=True)

    @contextmanager
    def cut_short(self) -> Iterator[None]:
        """If what is inside is interrupted, the delivery is on record as ended without a known outcome. A person who
        interrupted it is told where it was: raises TroubleError if what came of that is not known, else RefusedError.
        """
        over = False
        try:
            yield
            over = True
        except KeyboardInterrupt as exc:
            raise self._cut(exc) from exc
        finally:
            if not over:
                self._end(None)
                what = f"it was interrupted{' after step ' + self.irreversible if self.irreversible else ''}"
                told = {"outcome": "unknown", "proof": "none", "saying": what, "last": self.irreversible}
                self.say("ended", result={**told, "known": False, "seconds": 0.0})

    def _cut(self, asked: KeyboardInterrupt) -> CuaError | KeyboardInterrupt:
        stands = standing(self.store, self.run, going=False) if self.run else None
        if stands is None:
            return asked
        said = f"it was stopped at once: {stands.saying}; see: cua runs show {self.run}"
        return RefusedError(said) if stands.known else TroubleError(said)

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

    def _note(self) -> None:
        """Where it is, on record; with the end of the run, that nothing but the verdict is left."""
        acts = [asdict(act) for act in self._acts]
        over = self._ended is not None
        told = {"acts": acts, "apart": self._apart, "blind": self._blind, "total": self.total, "over": over}
        self.store.put(REPLAY, self.run, self._head() | told | {"trail": []}, instead=True)

    def _head(self) -> dict[str, Any]:
        own = {"workflow": self.workflow, "version": self.version, "key": self.key, "pid": os.getpid()}
        return own | ({"passing": True} if self.passing else {})


def claim(ledger: Ledger) -> dict[str, Any] | None:
    """Take the delivery for this ledger; None if it is ours now, else what is on record of the one that has it.

    Of two that claim at once one has it. Raises UsageError if the key was used for something else, and where what was
    delivered before is not known any more.
    """
    if lost := ledger.store.set_aside():
        what = f"what was delivered before is in {lost[-1]}, a record that was damaged and set aside"
        raise UsageError(f"{what}; look in the world whether {ledger.key!r} was done, then move that file elsewhere")
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


def standing(store: Store, run_id: str, *, going: bool = True) -> Standing | None:
    """Where the replay of this run stands; None for a run that is no replay. Without `going` its program is ending."""
    found = store.get(REPLAY, run_id)
    if found is None:
        return None
    workflow, key = found["workflow"], found["key"]
    if "outcome" in found:
        ended = placed(found["last"], found.get("row", 0)) if found["last"] else ""
        return Standing(workflow, key, ended, found["known"], found["saying"], found.get("at", -1))
    if "acts" not in found:  # as it was written before each act was kept by itself
        begun = found.get("begun")
        named = placed(begun["step"], begun["row"]) if begun else ""
        saying = f"{named or 'what was done last'} was on record; look at what came of it before you replay it"
        return Standing(workflow, key, named, False, saying, found.get("at", -1))
    acts = [_Told(Begun(**act["begun"]), act["at"], act["seen"]) for act in found["acts"]]
    if not acts:
        return Standing(workflow, key, "", True, "no act was begun")
    last, steps = acts[-1], store.run(run_id).steps
    name = placed(last.begun.step, last.begun.row)
    if last.seen is None:
        over = last.at < len(steps) and steps[last.at].effect != CUT
        known, came = False, f"was {'done' if over else 'begun'}, and its effect is not known"
    elif last.seen:
        known, came = True, "was done, and what had to follow showed"
    else:  # that the driver saw it take effect is enough for what can be taken back
        known = last.begun.risk != "irreversible" and steps[last.at].effect.kind == "confirmed"
        came = "was done" if known else "was done, and nothing says what came of it"
    still = going and alive(found["pid"])
    advice = f"process {found['pid']} may still be doing it" if still else _advice(found, acts, known=known)
    return Standing(workflow, key, name, known, f"{name} ({last.begun.say}) {came}; {advice}", last.at)


def _advice(found: dict[str, Any], acts: Sequence[_Told], *, known: bool) -> str:
    """What may be done after a replay that was cut off, so that nothing is done twice that cannot be taken back."""
    last, apart, total = acts[-1].begun, found["apart"], found["total"]
    graves = [act for act in acts if act.begun.risk == "irreversible"]
    if found.get("passing"):
        first = f"look whether step {graves[-1].begun.step} reached anything outside of it, then " if graves else ""
        return f"the sandbox that it was in is gone with what was done there: {first}replay it from its first step"
    if found["over"]:
        return "it was at its end; look at what it had to bring about before you replay it"
    if not graves:
        return f"go on with --from-row {last.row}" if last.row and total else "replay it"
    open_end = graves[-1] is acts[-1] and not known
    if apart or not total:
        if open_end:
            return "look whether it was done before you replay it"
        step = apart or graves[-1].begun.step
        return f"step {step} cannot be undone, and a replay would do it once more; look before you do"
    blind = "" if open_end or not found["blind"] else f"nothing says what came of {found['blind']}: look there first; "
    if not last.row:
        return f"{blind}the rows are done; for what is left go on with --from-row {total + 1}"
    return blind + _advice_of_row(graves, last.row, total, open_end=open_end)


def _advice_of_row(graves: Sequence[_Told], row: int, total: int, *, open_end: bool) -> str:
    grave = graves[-1].begun
    after = f"go on with --from-row {row + 1}" if row < total else "all rows are done"
    if grave.row < row:
        return f"go on with --from-row {row}"
    if not open_end:
        return f"{placed(grave.step, row)} cannot be undone: do what is left of the row by hand; then {after}"
    if any(act.begun.row == row for act in graves[:-1]):
        return f"look whether it was done, and do what is left of row {row} by hand; then {after}"
    return f"look whether row {row} is done; if it is, {after}; only if nothing of it is, go on with --from-row {row}"


def came_of(step: Kept, at: int, stands: Standing | None) -> str:
    """What came of step number `at` of a run: what the driver saw, unless the replay does not know it."""
    unknown = stands is not None and not stands.known and stands.at == at
    return "not known" if unknown else step.effect.kind


def placed(step: str, row: int) -> str:
    """A step by its name, with the row that it is in."""
    return f"step {step}, row {row}" if row else f"step {step}"
