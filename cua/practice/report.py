"""The report of practice: what was learned of an app, as one HTML page that needs nothing else and runs no script.

Tells what is on record and judges nothing. The markup is in `report.html` and `report.parts.html`; what goes into it
comes from apps' screens, so it is data: every text is escaped.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template

from cua.core import Action, Box, Element, Observation, Point, Run
from cua.errors import RecordError
from cua.memory.maps import Law, Map
from cua.memory.skills import Proof, Round, Skill
from cua.page import Html, Parts, Picture, acted_on, file, join, outlined, shrunk, style, text
from cua.page import write as write_page
from cua.screen import MAIN, Control

_STEPS = 24
_BYTES = 1_000_000
_ALIKE = re.compile(r"\d+(\.\d+)?|\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'")
_ROLES = {"menuitemcheckbox": "menu item", "menuitemradio": "menu item", "menuitem": "menu item", "textbox": "text box"}


@dataclass(frozen=True)
class Story:
    """One app's practice. `started` is in seconds since 1970; `film` is a run to show step by step, `place` where it
    was practised if not on this system, and `barren` why there was nothing to try.
    """

    app: str
    started: float
    seconds: float
    known: Map
    skills: tuple[Skill, ...]
    rounds: tuple[Round, ...]
    film: Run | None
    place: str = ""
    barren: str = ""


def write(story: Story, picture: Picture, path: Path) -> Path:
    """The page as a file: there is a whole one or none. RecordError if it cannot be written."""
    return write_page(page(story, picture), path)


def page(story: Story, picture: Picture) -> str:
    """The page as text. `picture` gives a frame's PNG by its hash, as Store.frame_png does."""
    began = datetime.fromtimestamp(story.started, UTC).astimezone()
    return Template(file(__package__, "report.html")).substitute(
        app=text(story.app), style=style(__package__), date=began.isoformat(), summary=_summary(story),
        when=f"{began.day} {began:%B %Y, %H:%M}", figures=_figures(story), curve=_curve(story), map=_map(story.known),
        skills=_skills(story), film=_film(story.film, picture), troubles=_troubles(story),
    )  # fmt: skip


def part(called: str, /, **slots: object) -> Html:
    """A piece of markup by its name in `report.parts.html`, with its slots filled."""
    return _parts()(called, **slots)


@cache
def _parts() -> Parts:
    return Parts(__package__, "report.parts.html")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _count(rest, "second")
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else _count(minutes, "minute")
    return f"{minutes // 60} h {minutes % 60} min"


def _few(words: Iterable[str], most: int = 5) -> str:
    found = list(dict.fromkeys(words))
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")


def _short(key: str) -> str:
    """The last part of the key of a change or setting: "setting:gsettings:/org/x/word-wrap" gives "word-wrap"."""
    return next((piece for piece in reversed(re.split(r"[/#:]", key)) if piece.strip("*?")), key)


def _summary(story: Story) -> Html:
    proven, tried = sum(s.status == "proven" for s in story.skills), sum(bool(s.proofs) for s in story.skills)
    took = f"{_span(story.seconds)}{f', in {story.place}' if story.place else ''}"
    return text(f"{_count(proven, 'skill')} proven of {tried} tried in {took}, without a model.")


def _figures(story: Story) -> Html:
    guarded = [proofs for skill in story.skills if (proofs := [p for p in skill.proofs if p.mutants])]
    sound = sum(all(p.killed == p.mutants for p in proofs) for proofs in guarded)
    killed, mutants = (sum(getattr(p, it) for proofs in guarded for p in proofs) for it in ("killed", "mutants"))
    controls, laws = story.known.controls.values(), story.known.laws.values()
    proven, attempts = sum(s.status == "proven" for s in story.skills), sum(len(s.proofs) for s in story.skills)
    tried = sum(bool(s.proofs) for s in story.skills)
    waiting = f", {len(story.skills) - tried} not tried" if tried < len(story.skills) else ""
    dark = sum(law.kind == "unknown" for law in laws)
    speed = f"{len(story.rounds) * 60 / story.seconds:.1f}" if story.seconds > 0 else "–"
    rows = (
        (proven, f" of {tried}", "skills proven", _count(attempts, "attempt") + waiting),
        (sound, f" of {len(guarded)}", "checks refused their mutants", f"{killed} of {mutants} wrong end states"),
        (speed, "", "rounds a minute", f"{_count(len(story.rounds), 'round')} in all"),
        (len(controls), "", "controls", f"in {_count(len({control.window for control in controls}), 'window')}"),
        (sum(bool(law.signals) for law in laws), "", "effects", f"{dark} not understood"),
    )
    return join(part("figure", value=value, of=of, what=what, note=note) for value, of, what, note in rows)


def _curve(story: Story) -> Html:
    rounds = sorted(story.rounds, key=lambda line: line.at)
    if not rounds:
        return part("empty", say="No round is on record, so there is no curve to draw.")
    end = max(story.seconds, rounds[-1].at, 1.0)
    times = [*(line.at for line in rounds), end]
    explored = [(max(line.at - line.seconds, 0), line.at) for line in rounds if line.kind == "explore"]
    known = {"controls known": [line.controls for line in rounds], "effects known": [line.effects for line in rounds]}
    proven = _plot(times, {"skills proven": [line.proven for line in rounds]}, 180, explored)
    unit = "minutes" if end >= 120 else "seconds"
    return part("curve", skills=proven, known=_plot(times, known, 100, explored), unit=unit)


def _plot(times: list[float], lines: Mapping[str, list[int]], height: int, bands: list[tuple[float, float]]) -> Html:
    """Stepped lines over time. Lengths along x are percentages, so that the text keeps its size at every width."""
    end, unit, wide = times[-1], 60 if times[-1] >= 120 else 1, 100 / times[-1]
    top = max(1, *(value for values in lines.values() for value in values))
    rows, ticks, legend, said = _scale(top, height // 40), _scale(end / unit, 6), [], []
    drawn = [part("band", left=a * wide, width=(b - a) * wide, height=height) for a, b in bands]
    drawn += [part("row", y=round(height * (1 - row / rows[-1])) + 0.5, value=f"{row:,}") for row in rows]
    drawn += [part("tick", x=tick * unit * wide, y=height, value=tick) for tick in ticks if tick * unit <= end]
    free = math.inf
    for what, values in sorted(lines.items(), key=lambda line: line[1][-1]):
        steps = zip(times, [*values, values[-1]], strict=True)
        path = "M0 100" + "".join(f"H{at * wide:.2f}V{100 - value * 100 / rows[-1]:.2f}" for at, value in steps)
        free = min(height * (1 - values[-1] / rows[-1]) + 4, free - 14)
        style = f"{what.split()[0]}-line"
        drawn.append(part("line", path=Html(path), style=style, height=height, y=free, value=f"{values[-1]:,}"))
        legend.append(part("legend", what=what, style=style))
        said.append(f"{what}: {values[len(values) // 2]} at half of the rounds, {values[-1]} at the end")
    keys = join([*reversed(legend), *([part("legend-band")] if bands else [])])
    return part("plot", legend=keys, height=height, said=f"Over {_span(end)}; {'; '.join(said)}", drawn=join(drawn))


def _scale(limit: float, about: int) -> list[int]:
    """Round whole numbers from 0 to at least `limit`."""
    step = next(many * 10**power for power in range(20) for many in (1, 2, 5) if many * 10**power * about >= limit)
    return list(range(0, math.ceil(limit / step) * step + 1, step))


def _skills(story: Story) -> Html:
    if not story.skills:
        why = f"There is no skill: {story.barren}." if story.barren else ""
        return part("empty", say=why or "No skill was found yet; longer practice finds them.")
    ranked = sorted(story.skills, key=lambda skill: (skill.status != "proven", -skill.bound, skill.name.casefold()))
    return part("skills", rows=join(_skill(skill) for skill in ranked))


def _skill(skill: Skill) -> Html:
    keys = [part("key", key=_short(key), whole=key) for key in skill.contract]
    return part(
        "skill", name=skill.name, goal=skill.goal, kind=skill.kind, proofs=_dots(skill.proofs),
        status="" if skill.status == "proven" else part("status", status=skill.status),
        bound=part("bound", percent=f"{skill.bound:.0%}") if skill.proofs else "–",
        median="–" if math.isnan(skill.seconds) else f"{skill.seconds:.2f} s",
        contract=part("contract", keys=join(keys)) if keys else "nothing",
    )  # fmt: skip


def _dots(proofs: Sequence[Proof]) -> Html:
    said = ", ".join(f"{number} {outcome}" for outcome, number in Counter(p.outcome for p in proofs).items())
    return (
        part("proofs", said=said, dots=join(part(f"dot-{p.outcome}") for p in proofs)) if proofs else text("not tried")
    )


def _troubles(story: Story) -> Html:
    none, controls = "no reason is on record", story.known.controls
    missed = [line for line in story.rounds if line.outcome != "pass"]
    dark = [law for law in story.known.laws.values() if law.kind in ("unknown", "ends")]
    tried = [(f"{line.outcome}: {line.why or none}", line.goal or line.skill) for line in missed]
    acted = [(law.why or none, controls[law.control].name if law.control in controls else law.control) for law in dark]
    one = _grouped("Attempts", f"{len(missed)} of {_count(len(story.rounds), 'round')} did not pass.", tried)
    two = f"{len(dark)} of {_count(len(controls), 'control')}: not understood, or the app ends."
    return join((one, _grouped("Controls", two, acted)))


def _grouped(what: str, said: str, found: Sequence[tuple[str, str]]) -> Html:
    """By reason, the commonest first; reasons that differ only in numbers and quoted words are one."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for why, name in found:
        groups.setdefault(_ALIKE.sub("…", why), []).append((why, name))
    rows = []
    for alike, of in sorted(groups.items(), key=lambda group: -len(group[1])):
        why = of[0][0] if len({why for why, _ in of}) == 1 else alike
        rows.append(part("reason", times=len(of), why=why, which=_few(name for _, name in of)))
    return Html(part("troubles", what=what, said=said) + (part("reasons", what=what, rows=join(rows)) if rows else ""))


def _film(run: Run | None, picture: Picture) -> Html:
    if run is None or not run.steps:
        return part("empty", say="No run is on record to show.")
    shown = run.steps[:_STEPS]
    whole = len(shown) == len(run.steps)
    looks = [*(step.seen for step in shown), *([run.last] if run.last and whole else [])]
    marks = [*map(acted_on, shown), []]
    area, most = _area(looks, [box for boxes in marks for box in boxes]), _BYTES // len(looks)
    shots = [_shot(look, picture, area, most, boxes) for look, boxes in zip(looks, marks, strict=False)]
    told = [dict(words=_words(step.action), why=step.action.why, reason=step.effect.reason, style=step.effect.kind,
                 effect=step.effect.kind.replace("_", " ")) for step in shown]  # fmt: skip
    told.append({"words": "Afterwards", "why": run.reason, "reason": "", "style": "", "effect": run.stopped})
    numbered = enumerate(zip(shots, told, strict=False), 1)
    cards = join(part("card", shot=shot, number=number, **slots) for number, (shot, slots) in numbered)
    cut = "" if whole else f"; the first {_STEPS} are shown"
    said = f"{_count(len(run.steps), 'step')} in {run.seconds:.1f} s{cut}"
    outlined_too = part("film-outlined") if any(marks) else ""
    return part("film", goal=run.task.goal, said=said, outlined=outlined_too, cards=cards)


def _shot(look: Observation, picture: Picture, area: Box | None, most: int, marks: Iterable[Box]) -> Html:
    """The picture cut to `area`, in at most `most` bytes if that can be, with the marks laid over it."""
    if look.frame is None:
        return part("blank", say="No picture was taken here.")
    scale = look.frame.scale
    at = area or Box(0, 0, round(look.frame.width / scale), round(look.frame.height / scale))
    try:
        shot = shrunk(look.frame, picture, most=most, area=area)
    except RecordError:
        return part("blank", say="The picture is not on record, or damaged.")
    size = {"width": shot.width, "height": shot.height, "across": at.width, "down": at.height}
    drawn = outlined((Box(b.x - at.x, b.y - at.y, b.width, b.height) for b in marks), _parts())
    said = look.place.window or look.place.app
    return part("shot", coded=shot.uri, said=f"The screen: {said}", marks=drawn, **size)


def _area(looks: Sequence[Observation], marks: Sequence[Box]) -> Box | None:
    """Where the app's windows are in any of the looks, if that is a small part of the screen."""
    frames = {(look.frame.width, look.frame.height, look.frame.scale) for look in looks if look.frame}
    boxes = [e.box for look in looks for e in look.elements if e.box and (e.parent < 0 or e.role == "menu")] + [*marks]
    if not boxes or len(frames) != 1:
        return None
    ((wide, high, scale),) = frames
    width, height = round(wide / scale), round(high / scale)
    left, top = max(min(b.x for b in boxes) - 16, 0), max(min(b.y for b in boxes) - 16, 0)
    right = min(max(b.x + b.width for b in boxes) + 16, width)
    bottom = min(max(b.y + b.height for b in boxes) + 16, height)
    around = Box(left, top, right - left, bottom - top)
    return around if 0 < around.width * around.height < 0.7 * width * height and around.width > 0 else None


def _words(action: Action) -> Html:
    """The act in words, by the part that is named after its class."""
    slots: dict[str, object] = {}
    for name in (field.name for field in fields(action)):
        value = getattr(action, name)
        if isinstance(value, Element):
            kind = "target-element" if value.name else "target-nameless"
            value = part(kind, name=value.name, role=_ROLES.get(value.role, value.role))
        slots[name] = part("target-point", x=value.x, y=value.y) if isinstance(value, Point) else value
    return part(f"act-{type(action).__name__}", **slots)


def _map(known: Map) -> Html:
    inside: dict[str, dict[str, list[Html]]] = {key: {} for key in known.windows}
    for control in known.controls.values():
        name = control.name or f"a nameless {_ROLES.get(control.role, control.role)}"
        path = " › ".join(control.path) or ("Commands" if control.role == "command" else "In the window itself")
        row = part("control", name=name, law=_does(control, known.laws.get(control.key), known))
        inside.setdefault(control.window, {}).setdefault(path, []).append(row)
    rows = []
    for key, groups in sorted(inside.items(), key=lambda item: item[0] != MAIN):
        window = known.windows.get(key)
        via = known.controls.get(window.via) if window else None
        about = _count(sum(map(len, groups.values())), "control")
        about += f", opened by {' › '.join((*via.path, via.name))}" if via else ""
        lists = join(part("group", path=path, controls=join(controls)) for path, controls in groups.items())
        rows.append(part("window", title=(window.title if window else "") or key, about=about, groups=lists))
    return join(rows) if rows else part("empty", say="Nothing is known of it yet.")


def _does(control: Control, law: Law | None, known: Map) -> Html:
    """The law in words."""
    if law is None:
        return part("law-untried")
    kind = "page" if law.kind == "opens" and law.opens == control.window else law.kind
    title = known.windows[law.opens].title if law.opens in known.windows else law.opens
    more = [_few(map(_short, law.settings), 3), f"makes the selected text {law.becomes}" if law.becomes else ""]
    more += ["written when the app quits" if law.delayed else "", law.why if law.kind in ("unknown", "nothing") else ""]
    return Html(", ".join([part(f"law-{kind}", opens=title), *map(text, filter(None, more))]))
