"""The report of a replay, as one HTML page that needs nothing else and runs no script.

Tells what is on record and judges nothing. A secret is in none of what it is given; the values that are shown are those
of parameters that are no secrets. The markup is in `report.html` and `report.parts.html`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template

from cua.checks import changed_key
from cua.core import Box, Evidence, Observation, Outcome, Run, Step
from cua.errors import RecordError
from cua.memory.store import acts
from cua.memory.workflows import Proof, Workflow
from cua.page import Html, Parts, Picture, acted_on, file, join, outlined, shrunk, style, text
from cua.page import write as write_page
from cua.policies.trail import Trod, spoken

_BYTES, _SMALLEST = 3_000_000, 9_000
_OUTCOMES = {
    "pass": "Passed",
    "fail": "Failed",
    "unknown": "Not known",
    "refused": "Halted",
}
PROOFS: Mapping[Proof, str] = {
    "none": "not proven",
    "screen": "what was expected showed",
    "independent": "independent read",
    "world": "whole world read",
}
_PROVEN: Mapping[Proof, str] = {
    "none": "Nothing was read that could prove it.",
    "screen": "What was expected of its steps showed. Nothing past the screen was read.",
    "independent": "What it had to bring about was read back past the screen.",
    "world": "What it had to bring about was read back past the screen, and nothing changed that may not.",
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
    `values` what its parameters were given, without secrets; `whole` how many steps there were to do; `changed` what
    differs in the world after a replay that did not pass, `advice` what may be done next, in words.
    """

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
    whole: int = 0
    changed: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


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
        values=_values(story), advice=_advice(story), steps=_steps(story, picture), world=_world(story),
        mended=_mended(story),
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
    trods = [trod for trod in story.steps if trod.stage in ("done", "halted") and not trod.aside]
    done, whole = sum(trod.stage == "done" for trod in trods), max(story.whole, len(trods))
    waited = sum(trod.waited for trod in trods)
    mended = sum(trod.fresh is not None for trod in trods)
    good, asked = sum(evidence.holds is True for evidence in story.evidence), len(story.evidence)
    read = PROOFS[story.proof] if asked else "the workflow names none" if not story.workflow.effects else "not read"
    rows = (
        (done, f" of {whole}" if done != whole else "", "steps done", _acts(story.run)),
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


def _advice(story: Story) -> Html:
    """What may be done next."""
    rows = [part("next", say=said[:1].upper() + said[1:]) for said in story.advice]
    return part("advice", rows=join(rows)) if rows else Html("")


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


# ---------------------------------------------------------------------------------------------- the steps


def _steps(story: Story, picture: Picture) -> Html:
    longest = max((max(trod.seconds, trod.waited) for trod in story.steps), default=0.0) or 1.0
    acts = [act for trod in story.steps if (act := _act(story.run, trod)) is not None]
    frames = [act.seen.frame for act in acts] + [story.run.last.frame if story.run.last else None]
    pictures = {frame.sha for frame in frames if frame is not None}
    shots = _Shots(picture, max(_SMALLEST, _BYTES // max(1, len(pictures))))
    rows = [_step(number, trod, story, longest, shots) for number, trod in enumerate(story.steps, 1)]
    if not rows:
        said = "No step was reached. The screen as it was then:"
        return join(
            [part("unreached", say=said, shot=shots.of(story.run.last, (), said), pictures=join(shots.pictures))]
        )
    return part("steps", rows=join(rows), pictures=join(shots.pictures))


def _step(number: int, trod: Trod, story: Story, longest: float, shots: _Shots) -> Html:
    act = _act(story.run, trod)
    total = max(trod.seconds, trod.waited)
    last = number == len(story.steps)
    opened = trod.stage == "halted" or (last and story.outcome not in ("pass", "refused"))
    return part(
        "step", number=number, stage=trod.stage, icon=part(f"icon-{trod.stage}"), say=trod.say,
        row=part("row", row=trod.row) if trod.row else "", found=_found(trod, story.workflow),
        risk=part("risk") if trod.risk == "irreversible" else "", time=_time(total) if total else "",
        bar=_bar(trod, total, longest), open=Html(" open") if opened else "",
        facts=join(_facts(trod, act)), shot=join(_shown(trod, act, story.run if last else None, shots)),
        stage_said=_STAGES[trod.stage],
    )  # fmt: skip


def _shown(trod: Trod, act: Step | None, run: Run | None, shots: _Shots) -> Iterator[Html]:
    """The screens of a step: that before the act, with what it was on outlined; of the last step of a run also the one
    at its end, with what came closest to what was looked for there.
    """
    if act is not None:
        said = "Before the act; outlined is what it was on" if acted_on(act) else "Before the act"
        yield shots.of(act.seen, acted_on(act), said)
    if run is None:
        return
    halted = "The screen on which it halted" if act is None and trod.stage == "halted" else "The screen afterwards"
    yield shots.of(run.last, trod.near, f"{halted}; outlined is what came closest" if trod.near else halted)


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
        unsure = trod.risk == "irreversible" and (trod.stage == "halted" or not trod.expected)
        tail = "; that alone does not tell what came of it" if unsure else ""
        what = "Seen of the act" if unsure else "Effect"
        yield part("fact", what=what, say=f"{act.effect.kind.replace('_', ' ')}{reason}{tail}")
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

    def of(self, seen: Observation | None, boxes: Sequence[Box], said: str) -> Html:
        """A screen, with these places outlined; `said` tells which one it is."""
        if seen is None:
            return part("blank", say=f"{said}: it was not looked at any more.")
        frame = seen.frame
        if frame is None:
            return part("blank", say=_sentence("; ".join(filter(None, [f"{said}: no picture was taken", seen.note]))))
        across, down = round(frame.width / frame.scale), round(frame.height / frame.scale)
        try:
            if frame.sha not in self._names:
                coded, name = shrunk(frame, self._picture, most=self._most).uri, f"screen-{len(self._names) + 1}"
                self.pictures.append(part("picture", name=name, coded=coded, across=across, down=down))
                self._names[frame.sha] = name
        except RecordError:
            return part("blank", say=f"{said}: the picture is not on record, or damaged.")
        title = seen.place.window or seen.place.app
        marks, name = outlined(boxes, _parts()), self._names[frame.sha]
        where = f"{said}: {title}" if title else said
        note = part("shot-note", say=_sentence(seen.note)) if seen.note else ""
        return part("shot", name=name, said=where, across=across, down=down, marks=marks, note=note)


def _world(story: Story) -> Html:
    if story.changed:
        rows = [part("expect-open", say=f"It changed {said}") for said in story.changed]
        return join([part("world", rows=join([*_read_back(story), *rows]))])
    if not story.workflow.effects:
        return part("empty", say="The workflow names no effect, so nothing past the screen was read.")
    if not story.evidence and not story.side_effects:
        return part("empty", say="Nothing was read back, since the replay did not come to its end.")
    return part("world", rows=join(_read_back(story)))


def _read_back(story: Story) -> Iterator[Html]:
    """What was read of the effects, and what else changed."""
    kinds = {True: "met", False: "unmet", None: "open"}
    yield from (part(f"expect-{kinds[evidence.holds]}", say=evidence.saying) for evidence in story.evidence)
    yield from (part("expect-unmet", say=f"It also changed {changed_key(key)}") for key in story.side_effects)


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
                "mend", say=trod.say,
                was=f"{was.kind}={spoken(was.value, story.values)}" if was else "nothing",
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
