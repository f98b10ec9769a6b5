"""One replay of one workflow: before, the run, after; the world says what came of it, and how far that is proven.

It never calls done what it cannot show, never repeats by itself what cannot be taken back, and gives no secret to a
policy or a record. Effects are read before and after; healing is only proposed, and loosens no check.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from glob import escape
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

from cua import codec, proving
from cua.checks import REQUIREMENTS, Requirement
from cua.core import (
    SEAL,
    Budget,
    Driver,
    Evidence,
    Outcome,
    Run,
    Task,
    Verdict,
    World,
)
from cua.deliveries import Ledger, alive, claim
from cua.effects import Effects, Found, filled_effect
from cua.errors import UsageError
from cua.given import loop_of
from cua.hands import Between, Hands
from cua.memory.store import Store
from cua.memory.workflows import Proof, Workflow, filled, slots
from cua.policies.acts import Row, origin
from cua.policies.healing import healed
from cua.policies.replay import Replay
from cua.policies.trail import Trod
from cua.probes import HttpSays
from cua.run import Unkept, new_id, run
from cua.sealing import Sealed, Secrets, no_secrets, opened, sealed_names
from cua.troubles import plainly

A_STEP_SECONDS, MOST_ACTS = 30.0, 1_000_000
codec.register(*REQUIREMENTS)

LOOPBACK = ("localhost", "127.0.0.1", "::1")

Values = Mapping[str, str | Sequence[Row]]


@dataclass(frozen=True, slots=True)
class There:
    """Where a replay is done. `secrets` gives the text of a secret by its name, or raises a CuaError; `passing` says
    that what it is done in is gone afterwards, as a sandbox of its own is.
    """

    driver: Driver
    world: World
    store: Store
    secrets: Secrets = no_secrets
    stop: Event | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    `proof` is how far the outcome is proven: "none", "screen" (what had to show did), "independent" (an effect was read
    back past the screen), "world" (and nothing else changed). `last` is the last step that was reached and `row` that
    step's row; `known` says whether what came of it is known. `repeated` says that nothing was done, since the same
    delivery was done before. `healed` is a candidate for the next version.
    """

    outcome: Outcome
    proof: Proof
    saying: str
    workflow: str
    version: int
    steps: tuple[Trod, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    side_effects: tuple[str, ...] = ()
    run: str = ""
    key: str = ""
    last: str = ""
    row: int = 0
    known: bool = True
    repeated: bool = False
    healed: Workflow | None = None
    seconds: float = 0.0


def replay(
    workflow: Workflow,
    values: Values,
    there: There,
    *,
    key: str = "",
    dry: bool = False,
    watch: Callable[[Trod], None] | None = None,
) -> Replayed:
    """Do the workflow once with these values; a parameter of kind "rows" is given its rows.

    `key` names this delivery: one that passed, or that began what cannot be taken back, is not done again under the
    same key. With `dry` nothing is acted on. `watch` is told each step. Raises UsageError (values, a missing secret)
    and TroubleError (an effect that cannot be read) before anything is done.
    """
    began = time.monotonic()
    ledger = Ledger(there.store, workflow.name, workflow.version, key or new_id(), _fingerprint(workflow, values))
    ledger.passing = there.passing

    def told(trod: Trod) -> None:
        ledger.came(trod)
        if watch is not None:
            watch(trod)

    policy = Replay(workflow, values, dry=dry, told=told)
    texts = [*policy.values.values(), *(act.text for act in workflow.acts())]
    driver = Sealed(there.driver, opened(sealed_names(texts), there.secrets))
    if dry:
        done = run(_task(workflow, policy, ()), driver, policy, Unkept(), stop=there.stop)
        return replace(_looked_through(workflow, policy, done), seconds=time.monotonic() - began)
    sealed = _sealed(workflow, policy)
    effects = Effects.before(tuple(filled_effect(effect, driver.text) for effect in sealed), there.world)
    loop = loop_of(workflow)
    ledger.total = policy.rows[loop.over].numbers.stop - 1 if loop is not None else 0
    if key and (said := claim(ledger)) is not None:
        return _again(workflow, key, said)
    with ledger.cut_short():
        hands = Hands(driver, policy, ledger, effects)
        done = run(_task(workflow, policy, sealed), hands, policy, ledger, stop=Between(there.stop, ledger))
        result = _judged(done, workflow, policy, effects, driver, _cut(done, policy, ledger))
        result = replace(result, run=done.id, key=ledger.key, seconds=time.monotonic() - began)
        ledger.closed(_told(result), [_plain(trod) for trod in result.steps], driver.picture())
        there.store.verdict(done.id, Verdict(result.outcome, result.evidence, result.side_effects))
    return result


# ---------------------------------------------------------------------------------------------- before


def _fingerprint(workflow: Workflow, values: Values) -> str:
    """What tells one delivery from another: which workflow, with which values. No value can be read from it."""
    said = json.dumps([workflow.name, sorted((name, repr(value)) for name, value in values.items())])
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()


def _sealed(workflow: Workflow, policy: Replay) -> tuple[Requirement, ...]:
    """The effects with the values in them; a secret by its name. Raises UsageError for a source that is not allowed."""
    whole = (SEAL, "://")  # what is no part of an address
    coded = {
        name: text if any(each in text for each in whole) else quote(text, safe="")
        for name, text in policy.values.items()
    }
    sealed = tuple(
        filled_effect(effect, lambda text: filled(text, policy.values), lambda text: filled(text, coded))
        for effect in workflow.effects
    )
    _check_sources(workflow, sealed)
    return sealed


def _check_sources(workflow: Workflow, effects: tuple[Requirement, ...]) -> None:
    allowed = {*workflow.origins, origin(workflow.start)} - {""}
    for url in (effect.url for effect in effects if isinstance(effect, HttpSays)):
        if origin(url) not in allowed and not (origin(url) and urlsplit(url).hostname in LOOPBACK):
            raise UsageError(f"the effect at {url} is neither on this machine nor on one of the workflow's origins")


def _task(workflow: Workflow, policy: Replay, effects: tuple[Requirement, ...]) -> Task:
    acts = sum(1 for _ in workflow.acts()) * max(1, *(len(rows) for rows in policy.rows.values()), 1)
    budget = Budget(MOST_ACTS, A_STEP_SECONDS * (acts + 2))
    goal = filled(workflow.goal, policy.values) or workflow.name
    allowed = _allowed(workflow, policy)
    return Task(f"workflow:{workflow.name}", goal, policy.values, effects, allowed, budget=budget)


def _allowed(workflow: Workflow, policy: Replay) -> tuple[str, ...]:
    """What else may change, with the values in it as they are; what each row has of its own may be anything."""
    texts = {name: escape(text) for name, text in policy.values.items()}
    return tuple(filled(each, dict.fromkeys(slots(each), "*") | texts) for each in workflow.allowed)


# ---------------------------------------------------------------------------------------------- after


def _judged(
    done: Run, workflow: Workflow, policy: Replay, effects: Effects, driver: Sealed, cut: Trod | None
) -> Replayed:
    """What came of the run: what the policy saw, then what the world says. `cut` is the act of which neither told."""
    trail = (*policy.trail, cut) if cut is not None else tuple(policy.trail)
    if policy.halted == "before":  # what was refused was not done
        trail = (*trail[:-1], replace(trail[-1], at=-1))
    ended = done.stopped == "finished"
    grave = any(trod.risk == "irreversible" and trod.at >= 0 for trod in trail)
    found = effects.after(driver if ended else None, _allowed(workflow, policy)) if ended or grave else Found()
    trail = proving.noted(trail, policy, done)
    outcome, proof, saying = proving.verdict(workflow, policy, done, trail, found)
    last = trail[-1] if trail else None
    open_end = last is not None and (
        cut is not None or policy.halted == "unknown" or proving.blind(last) or last.doubted
    )
    return Replayed(
        outcome,
        proof,
        driver.masked(saying),
        workflow.name,
        workflow.version,
        trail,
        tuple(replace(each, saying=driver.masked(each.saying)) for each in found.evidence),
        found.side_effects,
        last=last.step if last is not None else "",
        row=last.row if last is not None else 0,
        known=not open_end or (ended and outcome != "unknown"),
        healed=healed(workflow, policy.trail, policy.values) if outcome == "pass" else None,
    )


def _cut(done: Run, policy: Replay, ledger: Ledger) -> Trod | None:
    """The step whose act was begun and cut off before anything could tell what came of it."""
    act = ledger.open
    if act is None or policy.halted:
        return None
    step, why = act.begun, f"what came of it is not known: {plainly(done.reason)}"
    return Trod(step.step, "halted", step.say, step.row, step.risk, at=act.at, note=why)


def _looked_through(workflow: Workflow, policy: Replay, done: Run) -> Replayed:
    """What a dry run found."""
    missing = [trod for trod in policy.trail if trod.stage == "halted"]
    skipped = [trod for trod in policy.trail if trod.stage == "skipped"]
    found = sum(trod.stage == "found" for trod in policy.trail)
    said = f"{found} targets are on this screen, {len(missing)} are not"
    outcome: Outcome = "unknown" if missing or skipped or done.stopped != "finished" else "pass"
    return Replayed(outcome, "none", said, workflow.name, workflow.version, tuple(policy.trail))


# ---------------------------------------------------------------------------------------------- deliveries


def _again(workflow: Workflow, key: str, said: Mapping[str, Any]) -> Replayed:
    """The answer to a delivery that is not done again."""
    head = f"the delivery {key!r} was not done again: run {said['run']}"
    if said["result"] is not None:
        first = said["result"]
        told = f"{head} ended before with {first['outcome']}: {first['saying']}"
        base = Replayed(first["outcome"], first["proof"], told, workflow.name, said["version"])
        return replace(
            base, run=said["run"], key=key, last=first["last"], row=first.get("row", 0), known=first["known"],
            repeated=True,
        )  # fmt: skip
    if alive(said["pid"]):
        doing = Replayed("refused", "none", f"{head} is doing it", workflow.name, said["version"], run=said["run"])
        return replace(doing, key=key, repeated=True)
    told = f"{head} was cut off after it began step {said['irreversible']}; look whether that was done"
    base = Replayed("unknown", "none", told, workflow.name, said["version"], run=said["run"], key=key)
    return replace(base, last=said["irreversible"], known=False, repeated=True)


def _told(result: Replayed) -> dict[str, Any]:
    names = ("outcome", "proof", "saying", "last", "row", "known", "seconds")
    return {name: getattr(result, name) for name in names}


def _plain(trod: Trod) -> dict[str, Any]:
    """A line of the trail as it is kept."""
    return asdict(replace(trod, fresh=None))
