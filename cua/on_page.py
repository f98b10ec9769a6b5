"""What checks on a page are worth: it is sent what was filled in, and shows afterwards what it likes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from cua.checks import ControlIs
from cua.core import Evidence, Observation, Run, Task, Verdict, Wait
from cua.policies.complaints import only_filled
from cua.policies.contract_guard import Guarded
from cua.screen import Screen, called
from cua.traffic import Request

_LATE_SECONDS, _ANSWER_SECONDS = 0.5, 5.0  # in which a page sends what was done, and a server answers


def on_page(verdict: Verdict, task: Task, done: Run, start: Screen, now: Observation) -> tuple[Verdict, str]:
    """The verdict, and what to say instead of the usual, or "".

    What was only filled in is not known to be kept. A field that was emptied when its form was sent is no fail: it is a
    pass where the page now shows the value as it did not before, and else unknown.
    """
    if verdict.outcome == "pass" and (send := only_filled(done.steps, now)):
        said = f"it is filled in, and the page has not been sent it; add to what you say: and {called(send)!r}"
        return replace(verdict, outcome="unknown", evidence=(*verdict.evidence, Evidence(None, said))), said
    if verdict.outcome != "fail" or verdict.side_effects or len(done.steps) < 2:
        return verdict, ""
    told = list(zip(task.checks, verdict.evidence, strict=False))
    wrong = [check for check, each in told if each.holds is False]
    values = [check.value for check in wrong if isinstance(check, ControlIs) and check.fact == "value" and check.value]
    if len(values) < len(wrong):
        return verdict, ""
    came = [value for value in values if _shows(value, now) > _shows(value, start.now)]
    held = tuple(each for _, each in told if each.holds is not False)
    if len(came) == len(values) and not any(each.holds is None for each in held):
        shown = tuple(Evidence(True, f"the page now shows {value!r}, as it did not before") for value in came)
        return replace(verdict, outcome="pass", evidence=(*held, *shown)), ""
    lost = tuple(Evidence(None, f"what became of {value!r} does not show") for value in values if value not in came)
    return replace(verdict, outcome="unknown", evidence=(*held, *lost)), ""


def failed(hands: Guarded) -> tuple[Request, ...]:
    """The requests that came of a run, or soon after, and that a server did not do; also those that write and were not
    answered in time.
    """
    began, found = time.monotonic(), list[Request]()
    while (passed := hands.traffic()) is not None:
        found += [each for each in passed.answers if each.failed]
        left = [each for each in passed.unanswered if each.writes]
        since = time.monotonic() - began
        if since > _ANSWER_SECONDS or (since > _LATE_SECONDS and not left):
            return (*found, *left)
        hands.act(Wait(0.1, why="a page may still send what was done, or a server answer it"))
    return ()


def believed(verdict: Verdict, last: Observation | None, failed: Sequence[Request]) -> Verdict:
    """No pass where a server says that it could not, or the browser still asks something."""
    asks = _asks(last) if last else ""
    if verdict.outcome != "pass" or not (failed or asks):
        return verdict
    said = tuple(Evidence(None, str(each)) for each in dict.fromkeys(failed))
    said += (Evidence(None, f"the page still waits for an answer to {asks!r}"),) if asks else ()
    return replace(verdict, outcome="unknown", evidence=(*verdict.evidence, *said))


def _asks(now: Observation) -> str:
    """What a dialog of the browser itself asks, to which more than one thing can be said; "" for none."""
    for at, element in enumerate(now.elements):
        ways = [e for e in now.elements if e.parent == at and e.role == "button"]
        if element.role in ("alertdialog", "dialog") and element.box is None and len(ways) > 1:
            return element.name
    return ""


def _shows(text: str, now: Observation) -> int:
    """How often it is told on the page, beside fields."""
    return sum(text in (e.name, e.value) and bool(e.box) and "editable" not in e.states for e in now.elements)
