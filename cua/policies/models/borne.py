"""Which of the values that a person put in quotes a run had nothing to do with: then no judge's word makes it a pass.

Pure over a run. It errs towards saying nothing: a value that was written, is told by what was acted on or by the row of
it, came to show, or is what the page is about was not left out. Of numbers and dates, which show in many forms, it
says nothing where something was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cua.core import Click, Drag, Element, Fill, Invoke, Observation, Open, Press, Run, Step, Type
from cua.memory.store import acts
from cua.policies.contract_view import front, record_of, text_of
from cua.policies.values import fold, tokens


def unborne(run: Run) -> tuple[str, ...]:
    """The values in quotes of its goal that the last look holds nowhere, if nothing was done; else those that neither
    what was done nor what came to show has to do with.
    """
    last = run.last
    if last is None:
        return ()
    wanted = dict.fromkeys(
        token.word for token in tokens(run.task.goal) if token.kind == "quoted" and token.word.strip()
    )
    if not acts(run.steps):
        return tuple(value for value in wanted if not _count(value, _texts(last)))
    done = [step for step in run.steps if step.effect.kind in ("confirmed", "unverified")]
    written = "".join(step.action.text for step in done if isinstance(step.action, Type))
    told = [written, front(last), *(text for step in done for text in _of(step))]
    start = run.steps[0].seen
    return tuple(
        value
        for value in wanted
        if _wordy(value)
        and not _count(value, told)
        and _count(value, _texts(last)) <= _count(value, _texts(start))
        and not any(_hidden(value, step) for step in done)
    )


def _of(step: Step) -> Iterator[str]:
    """What an act wrote, and what its targets and the rows of these say."""
    match step.action:
        case Fill(text=text) | Open(what=text) | Press(keys=text):
            yield text
        case _:
            pass
    for target in _targets(step):
        yield from (target.name, target.value or "", target.description)
        if record := record_of(target, step.seen):
            yield text_of(record, step.seen)


def _targets(step: Step) -> list[Element]:
    match step.action:
        case Click(target=target) | Invoke(target=target) | Fill(target=target):
            return [target] if isinstance(target, Element) else []
        case Drag(start=start, end=end):
            return [each for each in (start, end) if isinstance(each, Element)]
        case _:
            return []


def _hidden(value: str, step: Step) -> bool:
    """Whether it showed there, and nothing tells what of it the target belongs to: a point, or no row or item."""
    apart = all(record_of(target, step.seen) is None for target in _targets(step))
    return apart and not isinstance(step.action, Fill | Type | Press) and bool(_count(value, _texts(step.seen)))


def _texts(now: Observation) -> Iterable[str]:
    return (now.place.window, *(text for e in now.elements for text in (e.name, e.value, e.description) if text))


def _count(value: str, texts: Iterable[str]) -> int:
    """How many of them say it, and not only as a part of other words."""
    pattern = re.compile(rf"(?<!\w){re.escape(_plain(value))}(?!\w)")
    return sum(pattern.search(_plain(text)) is not None for text in texts)


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _wordy(value: str) -> bool:
    letters, digits = (sum(map(kind, value)) for kind in (str.isalpha, str.isdigit))
    return letters > 0 and letters >= digits
