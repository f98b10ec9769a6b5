"""What came of a replay, from what its policy saw and the world says: the outcome, and how far that is proven.

Pure over what is known when the run has ended; it reads no world. It never calls done what nothing shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from cua.core import Element, Fill, Outcome, Run
from cua.deliveries import placed
from cua.effects import Found
from cua.memory.workflows import Expect, Proof, Workflow, slots
from cua.policies.expected import page
from cua.policies.replay import Replay
from cua.policies.trail import Trod
from cua.troubles import plainly

_PASSIVE = ("scroll", "wait", "open")
_FRAMES = frozenset(
    {"heading", "dialog", "alertdialog", "window", "document", "button", "link", "tab", "menu", "banner"}
)
_MOST = 3

Verdict = tuple[Outcome, Proof, str]


def verdict(workflow: Workflow, policy: Replay, done: Run, trail: Sequence[Trod], found: Found) -> Verdict:
    """What came of the run, how far that is proven, and a line about it. `trail` holds the steps as `noted` gives them,
    with the act that was cut off, if any, as one more than the policy knows; `found` is what the world shows.
    """
    cut = trail[-1] if len(trail) > len(policy.trail) else None
    ended = done.stopped == "finished"
    outcome, proof, saying = _proven(workflow, policy, done, trail, found) if ended else _stopped(done, policy, cut)
    return outcome, proof, saying + _remarks(policy, trail, saying)


def noted(trail: Sequence[Trod], policy: Replay, done: Run) -> tuple[Trod, ...]:
    """The steps with what servers said in the meantime, and which of them are in doubt since then."""
    said = tuple(policy.served.noted(trod, trail) for trod in trail)
    doubted = [trod for trod, _ in policy.served.doubted(said, done.steps)]
    return tuple(replace(trod, doubted=any(trod is each for each in doubted)) for trod in said)


def blind(trod: Trod) -> bool:
    """Whether it was done, cannot be taken back, and nothing says what came of it."""
    return trod.risk == "irreversible" and trod.stage == "done" and trod.at >= 0 and not trod.expected


def _remarks(policy: Replay, trail: Sequence[Trod], saying: str) -> str:
    """What servers said that failed and the line does not tell, in words to go on with."""
    told = ((each, trod) for trod, each in policy.served.failed(trail) if str(each) not in saying)
    said = dict.fromkeys(
        f"{each} in {placed(trod.step, trod.row)}" if trod is not None else f"{each} before the first step"
        for each, trod in told
    )
    return "".join(f"; {each}" for each in list(said)[:_MOST])


def _proven(workflow: Workflow, policy: Replay, done: Run, trail: Sequence[Trod], found: Found) -> Verdict:
    """The verdict on a replay that came to its end."""
    steps = [trod for trod in trail if trod.stage == "done"]
    expected = any(trod.expected for trod in steps)
    if found.evidence:
        unseen = next((trod for trod in steps if trod.matter == "unseen"), None)
        if unseen is not None and found.outcome == "pass" and found.proof not in ("independent", "world"):
            return "unknown", "none", f"{_named(unseen)}: {unseen.note}, and none that is read past the screen does"
        if found.outcome == "pass":
            proof: Proof = found.proof if found.proof != "none" else "screen" if expected else "none"
            already = "; it was so already" if found.already and found.proof == "none" else ""
            return "pass" if proof != "none" or found.already else "unknown", proof, f"{workflow.name} is done{already}"
        return found.outcome, "none", found.saying
    for trod, request in policy.served.doubted(trail, done.steps):
        return "unknown", "none", f"{request} in {_named(trod)}, and nothing shows that it was done all the same"
    if not expected:
        return "unknown", "none", "every step was done, and nothing says what had to come of it"
    if (unseen := next(filter(blind, steps), None)) is not None:
        why = f" ({unseen.note})" if unseen.note else ""
        return "unknown", "none", f"nothing says what came of {_named(unseen)}, which cannot be undone{why}"
    if last := _unfollowed(workflow, steps, done):
        return "unknown", "none", f"nothing says what had to come of {_named(last)} or after it"
    return "pass", "screen", f"{workflow.name} is done: {_looked_at(steps)}"


def _looked_at(steps: Sequence[Trod]) -> str:
    """How much of it the screen has shown."""
    acted = [trod for trod in steps if trod.at >= 0 and not trod.aside]
    blind_ones = sum(not trod.expected for trod in acted)
    if not blind_ones:
        return "every screen was as expected"
    return (
        f"what was expected showed; nothing was expected of {blind_ones} of {len(acted)} step{'s' * (len(acted) > 1)}"
    )


def _unfollowed(workflow: Workflow, steps: Sequence[Trod], done: Run) -> Trod | None:
    """The first act after all that something was expected of. A file of another tool says of few steps what must come
    of them; of what was recorded, what only looks about needs nothing, nor a field that holds what was filled in.

    What only looks about does not tell either what came of an act before it, unless it shows values that were given, or
    what was acted on next came of that act.
    """
    whole = workflow.source == "import"
    acting = {act.id for act in workflow.acts() if act.do not in _PASSIVE and (whole or act.risk != "read")}
    fills = ((at, step.effect.kind) for at, step in enumerate(done.steps) if isinstance(step.action, Fill))
    sure = {at for at, kind in fills if kind == "confirmed"}
    after = list(takewhile(lambda trod: not trod.expected, reversed(steps)))
    first = next((trod for trod in reversed(after) if trod.step in acting and (whole or trod.at not in sure)), None)
    if first is not None or whole:
        return first
    changing = [trod for trod in steps if trod.step in acting and trod.at not in sure and not trod.aside]
    if not changing or changing[-1].expected or changing[-1].at < 0:
        return None
    later = [trod for trod in steps[steps.index(changing[-1]) + 1 :] if not trod.aside]
    return None if _tells(workflow, later) or _led_on(changing[-1], later, done) else changing[-1]


def _tells(workflow: Workflow, later: Sequence[Trod]) -> bool:
    """Whether one of these steps, which only look about, expects more than the page or the window that it leads to."""
    acts = {act.id: act for act in workflow.acts()}
    expects = (each for trod in later if trod.expected for each in acts[trod.step].expect)
    return any(_of_content(each) for each in expects)


def _of_content(expect: Expect) -> bool:
    valued = bool(slots(" ".join((expect.name, expect.value, *expect.row))))
    return valued or bool(expect.row) or (expect.kind not in ("at", "window", "closed") and expect.role not in _FRAMES)


def _led_on(trod: Trod, later: Sequence[Trod], done: Run) -> bool:
    """Whether what was acted on next was not there before the act, or on another page: then that has brought it."""
    before = done.steps[trod.at].seen
    at = next((each.at for each in later if each.at >= 0), -1)
    if at < 0:
        return False
    target = getattr(done.steps[at].action, "target", None)
    there = {(e.role, e.name) for e in before.elements if "showing" in e.states}
    fresh = isinstance(target, Element) and (target.role, target.name) not in there
    return fresh or page(before) != page(done.steps[at].seen)


def _named(trod: Trod) -> str:
    return f"{placed(trod.step, trod.row)} ({trod.say})"


def _stopped(done: Run, policy: Replay, cut: Trod | None) -> Verdict:
    """The verdict on a replay that was cut short, and what is to be known of what it did."""
    trail, reason = policy.trail, plainly(done.reason)
    if policy.halted == "unknown" or (cut is not None and cut.risk == "irreversible"):
        at = cut or trail[-1]
        after = f"what came of {placed(at.step, at.row)} is not known, and it is not done again by itself"
        return "unknown", "none", f"{reason}; {after}; look before you repeat it"
    grave = [trod for trod in trail if trod.risk == "irreversible" and trod.stage == "done" and trod.at >= 0]
    unseen = next(filter(blind, grave), None)
    if unseen is not None:
        reason += f"; {_named(unseen)} was done before, cannot be undone, and nothing says what came of it"
    elif grave:
        reason += f"; {_named(grave[-1])} was done before, and cannot be undone"
    elif any(trod.stage == "done" and trod.at >= 0 and not trod.aside for trod in trail):
        reason += "; the steps before it were done"
    if policy.halted == "unmet" or (grave and policy.halted):
        return "fail", "none", reason
    if cut is not None:
        return "unknown", "none", f"{reason}; what came of {placed(cut.step, cut.row)} is not known"
    if unseen is not None:
        return "unknown", "none", reason
    if policy.halted == "before" or done.stopped in ("refused", "interrupted"):
        return "refused", "none", reason
    return "unknown", "none", reason
