"""What of a workflow can be found without acting: which targets show now, which do not, and which lie behind acts.

Nothing is done; what a step does to the screen is not guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from cua.core import Observation, Outcome
from cua.memory.workflows import Act, Each, IfPresent, Step, Workflow
from cua.policies.acts import Row, fillable, names, origin, otherwise
from cua.policies.finding import Found, Lost, filled_mark
from cua.policies.halting import elsewhere, in_the_way, matter, near, outside, why_lost
from cua.policies.other_page import aimed, shown
from cua.policies.popups import way_out
from cua.policies.trail import Trod, called, in_words

_CLOSES = "a dialog is in the way, which a replay closes by itself"
_STAYS = ("fill", "type", "scroll", "wait")  # what leaves the rest of the screen as it is


def looked_for(workflow: Workflow, values: Row, rows: Mapping[str, Sequence[Row]], now: Observation) -> Iterator[Trod]:
    """A line for each act: its target is "found" here, or is missing ("halted"); or nothing can be known of it before
    others are done ("skipped"). Of rows the first is looked for.
    """
    behind = away = ""
    asked = frozenset(names(workflow.steps))
    closes = way_out(now, asked, settled=True) is not None
    for act, given, unless in _acts(workflow, workflow.steps, values, rows, now):
        trod = _looked(workflow, act, given, now, closes=closes)
        if act.do == "open":
            here = urlsplit(act.text).path == urlsplit(now.place.url).path
            away = "" if here else f"not reachable without acting: step {act.id} opens another page"
        elif away:  # what this page has of the same name is not what is meant
            trod = Trod(act.id, "skipped", trod.say, risk=act.risk, note=away)
        elif trod.stage == "halted" and (behind or unless):
            trod = replace(trod, stage="skipped", note=behind or unless, matter="", near=())
        yield trod
        if not behind and not unless and act.do not in _STAYS:
            behind = f"not reachable without acting: step {act.id} comes first"


def _acts(
    workflow: Workflow,
    steps: Sequence[Step],
    values: Row,
    rows: Mapping[str, Sequence[Row]],
    now: Observation,
    unless: str = "",
) -> Iterator[tuple[Act, Row, str]]:
    """Each act with the values it has, and why it would be left out as the screen is."""
    for step in steps:
        match step:
            case Act():
                yield step, values, unless
            case Each():
                first = next(iter(rows[step.over]), {})
                inside = {f"{step.over}.{column}": text for column, text in first.items()}
                yield from _acts(workflow, step.steps, {**values, **inside}, rows, now, unless)
            case IfPresent():
                mark = filled_mark(step.target, values) if fillable(step.target, values) else None
                shows = mark is not None and isinstance(shown(workflow, step, mark, values, now), Found)
                why = "" if shows else f"only where {called(mark or step.target)} shows"
                yield from _acts(workflow, step.steps, values, rows, now, unless or why)


def _looked(workflow: Workflow, act: Act, values: Row, now: Observation, *, closes: bool) -> Trod:
    """The line of one act; with `closes` a dialog shows that a replay puts away before it acts."""
    marks = [mark for mark in (act.target, act.to) if mark is not None]
    trod = Trod(act.id, "found", in_words(act, values), risk=act.risk)
    if not marks or not all(fillable(mark, values) for mark in marks):
        return replace(trod, stage="skipped", note="nothing to look for before the steps before it are done")
    marks = [filled_mark(mark, values) for mark in marks]
    finds = aimed(workflow, act, marks, values, now)
    if lost := [(each, mark) for each, mark in zip(finds, marks, strict=True) if isinstance(each, Lost)]:
        page = elsewhere(workflow, act, values, now)
        if closes and not page:
            return replace(trod, stage="skipped", note=f"not to be seen yet: {_CLOSES}")
        note = "; ".join(filter(None, [page, why_lost(*lost[0], now)]))
        return replace(trod, stage="halted", note=note, matter=matter(finds, page, now), near=near(finds, now, marks))
    first = finds[0]
    assert isinstance(first, Found)
    here = origin(now.place.url) or now.place.app
    origins = workflow.origins or (origin(workflow.start) or here,)
    way = in_the_way(first.element, now)
    if why := outside(origins, here, now) or ("" if closes else way):
        return replace(trod, stage="halted", note=why, matter=matter(finds, "", now))
    note = "; ".join(filter(None, [otherwise(act, first, values, now), _CLOSES if way else ""]))
    return replace(trod, by=first.by, rank=first.rank, score=first.score, note=note)


def told(workflow: Workflow, steps: Sequence[Trod]) -> tuple[Outcome, str]:
    """What these lines come to: a target that lies behind an act is no fault, and nothing is known of it."""
    if len(steps) < sum(1 for _ in workflow.acts()):
        return "unknown", "the screen could not be looked at to the end"
    targets = {act.id for act in workflow.acts() if act.target is not None}
    aimed = [trod for trod in steps if trod.step in targets]
    lost = [trod for trod in aimed if trod.stage == "halted"]
    behind = sum(trod.stage == "skipped" for trod in aimed)
    said = [f"{sum(trod.stage == 'found' for trod in aimed)} of {len(aimed)} targets found on the screen that shows"]
    said += [f"{behind} {'lies' if behind == 1 else 'lie'} behind acts"] if behind else []
    said += [f"step {trod.step} ({trod.say}): {trod.note}" for trod in lost[:1]]
    return "refused" if lost else "pass", "; ".join(said)
