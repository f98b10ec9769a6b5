"""The report of a replay, as one HTML page that needs nothing else and runs no script.

Tells what is on record and judges nothing. A secret is in none of what it is given; the values that are shown are those
of parameters that are no secrets. The markup is in `report.html` and `report.parts.html`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template

from cua.core import Evidence, Outcome, Run, Step
from cua.errors import RecordError
from cua.memory.store import acts
from cua.memory.workflows import Proof, Workflow
from cua.page import Html, Parts, Picture, acted_on, file, join, outlined, shrunk, style, text
from cua.page import write as write_page
from cua.policies.trail import Trod

_BYTES, _SMALLEST = 3_000_000, 9_000
_OUTCOMES = {
    "pass": "Passed",
    "fail": "Failed",
    "unknown": "Not known",
    "refused": "Halted",
}
PROOFS: Mapping[Proof, str] = {
    "none": "not proven",
    "screen": "every screen was as expected",
    "independent": "independent read",
    "world": "whole world read",
}
_PROVEN: Mapping[Proof, str] = {
    "none": "Nothing was read that could prove it.",
    "screen": "Every screen showed what it had to. Nothing past the screen was read.",
    "independent": "What it had to bring about was read back past the screen.",
    "world": "What it had to bring about was read back past the screen, and nothing else changed.",
}
_STAGES = {"done": "done", "skipped": "not needed", "found": "found", "halted": "halted here"}
_KINDS = {
    "testid": "test id", "id": "id", "action": "command", "role": "role and name", "label": "label",
    "name": "field name", "placeholder": "placeholder", "text": "text", "href": "address", "path": "place among others",
    "css": "structure",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """One replay. `started` is in seconds since 1970; `candidate` the version that its healing was kept as, 0 for none;
    `values` what its parameters were given, without secrets."""

    workflow: Workflow
    run: Run
    outcome: Outcome
    proof: Proof
    saying: str
    steps: tuple[Trod, ...]
    evidence: tuple[Evidence, ...] = ()
    side_effects: tuple[str, ...] = ()
    started: float = 0.0
    seconds: float = 0.0
    candidate: int = 0
    healed: Workflow | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def write(story: Story, picture: Picture, path: Path) -> Path:
    """The page as a file: there is a whole one or none. RecordError if it cannot be written."""
    return write_page(page(story, picture), path)


def page(story: Story, picture: Picture) -> str:
    """The page as text. `picture` gives a frame's PNG by its hash, as Store.frame_png does."""
    began = datetime.fromtimestamp(story.started, UTC).astimezone()
    return Template(file(__package__, "report.html")).substitute(
        name=text(story.workflow.name), style=style(__package__), outcome=story.outcome,
        verdict=_OUTCOMES[story.outcome], proven=_PROVEN[story.proof] if story.outcome == "pass" else "",
        saying=text(_sentence(story.saying)), date=began.isoformat(), when=f"{began.day} {began:%B %Y, %H:%M}",
        version=story.workflow.version, on=text(story.workflow.on), run=text(story.run.id), figures=_figures(story),
        values=_values(story), steps=_steps(story, picture), world=_world(story), mended=_mended(story),
    )  # fmt: skip


@cache
def _parts() -> Parts:
    return Parts(__package__, "report.parts.html")


def part(called: str, /, **slots: object) -> Html:
    return _parts()(called, **slots)


def _sentence(said: str) -> str:
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."


# ---------------------------------------------------------------------------------------------- on top


def _figures(story: Story) -> Html:
    trods = [trod for trod in story.steps if trod.stage in ("done", "halted")]
    done = sum(trod.stage == "done" for trod in trods)
    waited = sum(trod.waited for trod in trods)
    mended = sum(trod.fresh is not None for trod in trods)
    good, asked = sum(evidence.holds is True for evidence in story.evidence), len(story.evidence)
    read = PROOFS[story.proof] if asked else "the workflow names none" if not story.workflow.effects else "not read"
    rows = (
        (done, f" of {len(trods)}" if done != len(trods) else "", "steps done", _acts(story.run)),
        (_time(story.seconds), "", "in all", f"{_time(waited)} of it looking for targets"),
        (good if asked else "–", f" of {asked}" if asked else "", "effects read back", read),
        (
            mended,
            "",
            "found another way",
            f"kept as version {story.candidate}" if story.candidate else "nothing to keep",
        ),
    )
    return join(part("figure", value=value, of=of, what=what, note=note) for value, of, what, note in rows)


def _acts(run: Run) -> str:
    count = acts(run.steps)
    return "1 act" if count == 1 else f"{count} acts"


def _values(story: Story) -> Html:
    secret = {param.name for param in story.workflow.params if param.kind == "secret"}
    given = {param.name: story.values.get(param.name, param.default or "") for param in story.workflow.params}
    if not given:
        return Html("")
    rows = [part("secret" if name in secret else "value", name=name, value=value) for name, value in given.items()]
    return part("values", rows=join(rows))


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


# ---------------------------------------------------------------------------------------------- the steps


def _steps(story: Story, picture: Picture) -> Html:
    if not story.steps:
        return part("empty", say="No step was reached.")
    longest = max(max(trod.seconds, trod.waited) for trod in story.steps) or 1.0
    acts = [act for trod in story.steps if (act := _act(story.run, trod)) is not None]
    pictures = {act.seen.frame.sha for act in acts if act.seen.frame is not None}
    shots = _Shots(picture, max(_SMALLEST, _BYTES // max(1, len(pictures))))
    rows = [_step(number, trod, story, longest, shots) for number, trod in enumerate(story.steps, 1)]
    return part("steps", rows=join(rows), pictures=join(shots.pictures))


def _step(number: int, trod: Trod, story: Story, longest: float, shots: _Shots) -> Html:
    act = _act(story.run, trod)
    total = max(trod.seconds, trod.waited)
    return part(
        "step", number=number, stage=trod.stage, icon=part(f"icon-{trod.stage}"), say=trod.say,
        row=part("row", row=trod.row) if trod.row else "", found=_found(trod, story.workflow),
        risk=part("risk") if trod.risk == "irreversible" else "", time=_time(total) if total else "",
        bar=_bar(trod, total, longest), open=Html(" open") if trod.stage == "halted" else "",
        facts=join(_facts(trod, act)), shot=shots.of(act), stage_said=_STAGES[trod.stage],
    )  # fmt: skip


def _found(trod: Trod, workflow: Workflow) -> Html:
    """How the target was found, in a few words; a lower rank than the first is marked."""
    if not trod.by:
        return Html("")
    kind = _KINDS.get(trod.by, trod.by)
    return part("healed" if trod.fresh is not None else "found", kind=kind, rank=trod.rank + 1)


def _bar(trod: Trod, total: float, longest: float) -> Html:
    wide = 100 / longest
    waited = min(trod.waited, total)
    return part("bar", waited=f"{waited * wide:.2f}", acted=f"{(total - waited) * wide:.2f}") if total else Html("")


def _facts(trod: Trod, act: Step | None) -> Iterator[Html]:
    """What is to be known of a step: why it halted, what was expected, what the driver saw, how sure the target is."""
    if trod.note:
        what = "Note" if trod.stage == "done" else "Why"
        yield part("fact-bad" if trod.stage == "halted" else "fact", what=what, say=_sentence(trod.note))
    unmet = trod.stage == "halted" and trod.at >= 0
    for at, expected in enumerate(trod.expected):
        met = "unmet" if unmet and at == 0 else "open" if unmet else "met"
        yield part(f"expect-{met}", say=expected)
    if act is not None:
        reason = f": {act.effect.reason}" if act.effect.reason else ""
        yield part("fact", what="Effect", say=f"{act.effect.kind.replace('_', ' ')}{reason}")
    if trod.by:
        kind, score = _KINDS.get(trod.by, trod.by), f", {trod.score:.0%} alike" if trod.score else ""
        yield part("fact", what="Found by", say=f"{kind} (way {trod.rank + 1}{score})")
    if trod.waited >= 0.001:
        yield part("fact", what="Looked for", say=_time(trod.waited))


def _act(run: Run, trod: Trod) -> Step | None:
    return run.steps[trod.at] if 0 <= trod.at < len(run.steps) else None


class _Shots:
    """The pictures of one page. One that several steps saw is in it once."""

    def __init__(self, picture: Picture, most: int) -> None:
        self._picture, self._most = picture, most
        self._names: dict[str, str] = {}
        self.pictures: list[Html] = []

    def of(self, act: Step | None) -> Html:
        """The screen before the act, with what it was on outlined."""
        if act is None:
            return Html("")
        frame = act.seen.frame
        if frame is None:
            return part("blank", say="No picture was taken before this step.")
        across, down = round(frame.width / frame.scale), round(frame.height / frame.scale)
        try:
            if frame.sha not in self._names:
                coded, name = shrunk(frame, self._picture, most=self._most).uri, f"screen-{len(self._names) + 1}"
                self.pictures.append(part("picture", name=name, coded=coded, across=across, down=down))
                self._names[frame.sha] = name
        except RecordError:
            return part("blank", say="The picture is not on record, or damaged.")
        said = f"The screen before the step: {act.seen.place.window or act.seen.place.app}"
        marks = outlined(acted_on(act), _parts())
        return part("shot", name=self._names[frame.sha], said=said, across=across, down=down, marks=marks)


def _world(story: Story) -> Html:
    if not story.workflow.effects:
        return part("empty", say="The workflow names no effect, so nothing past the screen was read.")
    if not story.evidence and not story.side_effects:
        return part("empty", say="Nothing was read back, since the replay did not come to its end.")
    kinds = {True: "met", False: "unmet", None: "open"}
    rows = [part(f"expect-{kinds[evidence.holds]}", say=evidence.saying) for evidence in story.evidence]
    rows += [part("expect-unmet", say=f"It also changed {key}") for key in story.side_effects]
    return part("world", rows=join(rows))


def _mended(story: Story) -> Html:
    marks = {act.id: act.target for act in story.workflow.acts()}
    rows = []
    for trod in story.steps:
        if trod.fresh is None:
            continue
        old = marks.get(trod.step)
        was = old.locators[0] if old and old.locators else None
        now = trod.fresh.locators[0] if trod.fresh.locators else None
        rows.append(
            part(
                "mend", say=trod.say, was=f"{was.kind}={was.value}" if was else "nothing",
                now=f"{now.kind}={now.value}" if now else "nothing",
            )
        )  # fmt: skip
    if not rows:
        return part("empty", say="Every target was found the way it was recorded.")
    if story.candidate:
        said = f"Kept as version {story.candidate}, a candidate: a replay of it that passes clears it to be promoted."
    else:
        said = "Not kept: only what a replay that passed has found is."
    return part("mended", rows=join(rows), said=said)
