"""What checks on a page are worth: it is sent what was filled in, and shows afterwards what it likes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from cua.checks import ControlIs
from cua.core import Evidence, Observation, Outcome, Place, Press, Run, Step, Task, Verdict, Wait
from cua.errors import TroubleError
from cua.policies.complaints import only_filled
from cua.policies.contract_guard import Guarded
from cua.policies.lookups import looks_up
from cua.screen import Screen, called
from cua.traffic import Request

_LATE_SECONDS, _ANSWER_SECONDS = 0.5, 5.0  # in which a page sends what was done, and a server answers


def on_page(verdict: Verdict, task: Task, done: Run, start: Screen, now: Observation) -> tuple[Verdict, str]:
    """The verdict, and what to say instead of the usual, or "".

    What was only filled in is not known to be kept. A field that was emptied when its form was sent is no fail: it is a
    pass where the page now shows the value as it did not before, or was asked for what was looked up, and else unknown.
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
    sought = {check.value for check in wrong if isinstance(check, ControlIs) and _asked_for(check, start, now)}
    came = [value for value in values if value in sought or _shows(value, now) > _shows(value, start.now)]
    held = tuple(each for _, each in told if each.holds is not False)
    if len(came) == len(values) and not any(each.holds is None for each in held):
        told_of = ((value, "answers for" if value in sought else "shows") for value in came)
        shown = tuple(Evidence(True, f"the page now {does} {value!r}, as it did not before") for value, does in told_of)
        return replace(verdict, outcome="pass", evidence=(*held, *shown)), ""
    lost = tuple(Evidence(None, f"what became of {value!r} does not show") for value in values if value not in came)
    return replace(verdict, outcome="unknown", evidence=(*held, *lost)), ""


def believed(verdict: Verdict, done: Run, hands: Guarded, *, seen: bool) -> Verdict:
    """No pass where a server says that it could not do what came of the run, where the browser itself still shows or
    asks something, or where that was dismissed and checks, which do not know of it, decide. It is told whatever the
    verdict is. `seen`: whether who judged looked at all that showed at the end, as a model does: a message among it
    to which there is only one answer was weighed with the rest.
    """
    said = [str(each) for each in _failed(hands)] + _dismissed(done) + _still_open(done, hands, seen=seen)
    outcome: Outcome = "unknown" if said and verdict.outcome == "pass" else verdict.outcome
    evidence = tuple(Evidence(None, each) for each in dict.fromkeys(said))
    return replace(verdict, outcome=outcome, evidence=(*verdict.evidence, *evidence))


def _still_open(done: Run, hands: Guarded, *, seen: bool) -> list[str]:
    said, answers = _open_dialog(_last(done, hands))
    weighed = seen and answers == 1 and done.last is not None and _open_dialog(done.last) == (said, answers)
    if not said or weighed:
        return []
    if answers > 1:
        return [f"the page still waits for an answer to {said!r}; answer it, or say what to answer"]
    return [f"the page still shows {said!r} and waits until that is closed"]


def _dismissed(done: Run) -> list[str]:
    """What the browser asked upon an act of a run of which checks tell, and was told no to."""
    found = []
    for before, step in pairwise(done.steps if done.task.checks else ()):
        said, answers = _open_dialog(step.seen)
        if answers > 1 and not isinstance(before.action, Wait) and _says_no(step):
            found.append(f"the page asked {said!r}, and that was dismissed; say what to answer, if it is meant")
    return found


def _says_no(step: Step) -> bool:
    if isinstance(step.action, Press):
        return step.action.keys.casefold() in ("escape", "esc")
    buttons = [e for e in step.seen.elements if e.role == "button"]
    return bool(buttons) and getattr(step.action, "target", None) == buttons[-1]


def _failed(hands: Guarded) -> tuple[Request, ...]:
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


def _last(done: Run, hands: Guarded) -> Observation:
    """What shows now on a page, which may ask something a little later; else the run's last look."""
    last = done.last or Observation(Place(""), ())
    if not last.place.url:
        return last
    try:
        return hands.observe(frame=False)
    except TroubleError:
        return last


def _open_dialog(now: Observation) -> tuple[str, int]:
    """What a dialog of the browser itself says, and how many answers it takes; nothing where none is open."""
    for at, element in enumerate(now.elements):
        if element.role == "alertdialog" and element.box is None and {"modal", "showing"} <= element.states:
            answers = sum(e.parent == at and e.role == "button" for e in now.elements)
            return element.name or "a dialog without words", answers
    return "", 0


def _asked_for(check: ControlIs, start: Screen, now: Observation) -> bool:
    """Whether the page that shows was asked for just what is looked up with that field, as the one before was not."""
    field = start.keys.get(check.control)
    if field is None or not looks_up(field, start.now):
        return False
    asked, before = ({value for _, value in parse_qsl(urlsplit(at.place.url).query)} for at in (now, start.now))
    return check.value in asked - before


def _shows(text: str, now: Observation) -> int:
    """How often it is told on the page, beside fields."""
    return sum(text in (e.name, e.value) and bool(e.box) and "editable" not in e.states for e in now.elements)
