"""What a person is told where a replay halts: what was looked for, what came closest and where that stands, and which
page or window shows instead of the one that the step was recorded on.

Pure over observations, and for a person to read: nothing is acted on by what is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from cua.core import Box, Element, Observation, Step
from cua.memory.workflows import Act, Expect, Mark, Workflow, filled, slots
from cua.policies.acts import overwrites
from cua.policies.complaints import complaints, title, unsent
from cua.policies.expected import filled_expect, met
from cua.policies.finding import Found, Lost, filled_mark, look_at
from cua.policies.keyboard import is_window, root, window
from cua.policies.nearest import close_to
from cua.policies.records import records
from cua.policies.rowing import row_differs
from cua.policies.since import Since
from cua.policies.surroundings import plain
from cua.policies.trail import Matter, Trod, awaited, called, nothing
from cua.screen import label, top_windows, window_key

MINIMISED = "window {!r} is minimised"  # as the driver of a desktop says it
_MOST = 12


def hindrances(marks: Sequence[Mark], finds: Sequence[Found | Lost], now: Observation) -> Iterator[str]:
    """Why the targets cannot be acted on now, with what the page says of what was filled in."""
    for mark, each in zip(marks, finds, strict=True):
        if isinstance(each, Lost):
            yield f"{called(mark)} was looked for: {why_lost(each, mark, now)}{complaints(now)}"
        elif way := in_the_way(each.element, now):
            yield f"{called(mark)} cannot be reached: {way}"
        elif "disabled" in each.element.states:
            yield f"{called(mark)} is disabled{complaints(now, pending=True)}"


def in_the_way(element: Element, now: Observation) -> str:
    """Why a person could not act in its window on a desktop: that is minimised, or a modal dialog of the same program
    keeps it from being used; "" if nothing is known to. A window without a title may be the dialog's own popup.
    """
    here = root(element, now)
    if now.place.url or "active" in here.states or not here.name:
        return ""
    if here in minimised(now):
        return f"the window {here.name!r} is minimised; bring it to the front"
    over = [e for e in top_windows(now) if e is not here and {"modal", "showing"} <= e.states and _program(e, here)]
    if "modal" in here.states:
        over = [e for e in over if "active" in e.states]
    return f"the {over[-1].role} {over[-1].name!r} is in the way; close it" if over else ""


def minimised(now: Observation) -> list[Element]:
    """The windows that the driver says are minimised, as far as their titles tell them apart."""
    tops = [] if now.place.url else top_windows(now)
    said = [e for e in tops if MINIMISED.format(e.name) in now.note]
    return [e for e in said if sum(other.name == e.name for other in tops) == 1]


def _program(one: Element, other: Element) -> bool:
    """Whether both are of one program, by the part of the driver's handles that names it."""
    return one.ref.split("|")[:2][1:] == other.ref.split("|")[:2][1:]


def why_lost(lost: Lost, mark: Mark, now: Observation) -> str:
    """The reason, with what comes close."""
    return f"{lost.why}{close_to(lost, mark, now)}"


def near(finds: Sequence[Found | Lost], now: Observation, marks: Sequence[Mark] = ()) -> tuple[Box, ...]:
    """Where what came closest is on the screen: where several could be meant, all of them that are in question, since
    their rows say what the filled marks know of the row, or are alike.
    """
    closest = next((each for each in finds if isinstance(each, Lost) and each.closest is not None), None)
    if closest is None or closest.closest is None:
        return ()
    one, look = closest.closest, look_at(now)
    alike = look.named(one.role, one.name) if closest.kind == "ambiguous" else []
    wanted = next((mark.row for mark, each in zip(marks, finds, strict=False) if each is closest), ())
    told = {at: set(map(plain, look.row(at))) for at in alike}
    ways = (
        [at for at in alike if wanted and set(map(plain, wanted)) <= told[at]],
        [at for at in alike if wanted and plain(wanted[0]) in told[at]],
        [at for at in alike if look.row(at) == look.row(look.place(one))],
    )
    many = [look.elements[at] for at in next((way for way in ways if len(way) > 1), alike)] or [one]
    return tuple([e.box for e in many if e.box is not None][:_MOST])


def outside(origins: Sequence[str], here: str, now: Observation) -> str:
    """Why nothing may be done at this origin, or in this app; "" where the workflow acts there."""
    if here in origins:
        return ""
    tops = [] if now.place.url else top_windows(now)
    front = not tops or any("active" in e.states for e in tops)
    shows = f"the screen shows {here or 'nothing known'}" if front else "no window is in front"
    small = f"; the window {away[0].name!r} is minimised: bring it to the front" if (away := minimised(now)) else ""
    return f"{shows}, and the workflow may act on {', '.join(origins)} only{small}"


def leads_out(origins: Sequence[str], there: str) -> str:
    """Why this origin may not be opened; "" where the workflow may act there, and for what is no address."""
    if not there or not origins or there in origins:
        return ""
    return f"it would open {there}, and the workflow may act on {', '.join(origins)} only"


def not_so(missing: Sequence[Expect], since: Since, now: Observation, *, came: bool) -> tuple[str, Matter]:
    """What did not follow a step, or with `came` did not stay so, and what is known of why; and what is the matter."""
    limit = max(expect.seconds for expect in missing)
    when = "it did not stay so" if came else f"{limit:g} s later it is not so"
    shows, what = instead(missing, now)
    if not came and all(each.kind == "record" and not records(now, each.row[:1]) for each in missing):
        what = "unseen"
    return f"it was done, and {when} that {awaited(missing[0])}{since.why(missing[0], now)}{shows}", what


def told_apart(workflow: Workflow, act: Act) -> bool:
    """Whether the workflow's effects speak of all values that a record of this step has to say."""
    values = {name for each in act.expect if each.kind == "record" for text in each.row for name in slots(text)}
    return bool(values) and values <= set(slots(" ".join(map(repr, workflow.effects))))


def not_sent(workflow: Workflow, act: Act, trod: Trod, now: Observation) -> Trod | None:
    """The step with the values for which the browser has not sent its form; None where it has refused none."""
    fields = unsent(now) if act.do in ("click", "press", "type") else []
    if not fields:
        return None
    fills = [step for step in workflow.acts() if step.do == "fill" and step.target is not None]
    hints, texts = [], []
    for field in fields:
        step = next((s for s in fills if s.target and label(s.target.name) == label(title(field))), None)
        hints.append(_source(workflow, step) if step is not None else f"a step that fills {title(field)!r} in")
        texts.append(step.text if step is not None else "")
    return replace(trod, matter="unsent", hint=", ".join(dict.fromkeys(hints)), wrong=_given(workflow, texts))


def refused(workflow: Workflow, act: Act, trod: Trod, steps: Sequence[Step]) -> tuple[Trod, str]:
    """The step that a driver refused just now, with the value to mend where the field does not take that; and why."""
    effect = steps[-1].effect
    if effect.unfit:
        trod = replace(trod, matter="unfit", hint=_source(workflow, act), wrong=_given(workflow, [act.text]))
    return trod, f"it was refused, and {nothing(steps)}: {effect.reason}"


def _source(workflow: Workflow, step: Act) -> str:
    """What a step fills in comes from there."""
    name = next(iter(slots(step.text)), "")
    rows, _, column = name.partition(".")
    if column:
        return f"the column {column!r} of {rows!r}"
    if any((param.name, param.kind) == (name, "secret") for param in workflow.params):
        return f"the secret {name!r} (cua secret set {name})"
    return f"--param {name}" if name else f"the text of step {step.id}"


def _given(workflow: Workflow, texts: Sequence[str]) -> tuple[str, ...]:
    """The parameters in these texts whose values a command line gives."""
    plain = {param.name for param in workflow.params if param.kind in ("text", "number")}
    return tuple(dict.fromkeys(name for text in texts for name in slots(text) if name in plain))


def instead(missing: Sequence[Expect], now: Observation) -> tuple[str, Matter]:
    """What shows where another page or window had to, in words to go on with; and what is the matter then."""
    if not any(each.kind in ("at", "window", "closed") for each in missing):
        return "", "unmet"
    if now.place.url:
        return f"; {_page(now)}", "signed out" if _asks_password(now) else "unmet"
    front = window(now)
    return (f"; the window in front is {front.name!r}" if front else ""), "unmet"


def _page(now: Observation) -> str:
    return f"the page that shows is {now.place.window!r} ({urlsplit(now.place.url).path or '/'})"


def _asks_password(now: Observation) -> bool:
    return any({"password", "showing"} <= e.states for e in now.elements)


def matter(finds: Sequence[Found | Lost], elsewhere: str, now: Observation) -> Matter:
    """What is the matter, in a word."""
    if elsewhere:
        return "signed out" if _asks_password(now) else "elsewhere"
    return next((each.kind for each in finds if isinstance(each, Lost)), "")


def around(
    workflow: Workflow, act: Act, values: Mapping[str, str], finds: Sequence[Found | Lost], now: Observation
) -> tuple[str, str, Matter]:
    """What is known of why a step's targets are not found: which page shows instead, how their rows differ, and what is
    the matter.
    """
    if not any(isinstance(each, Lost) for each in finds):
        return "", "", _unable(act, values, finds)
    marks = [filled_mark(mark, values) for mark in (act.target, act.to) if mark is not None]
    page = elsewhere(workflow, act, values, now)
    return page, row_differs(marks, now), matter(finds, page, now)


def _unable(act: Act, values: Mapping[str, str], finds: Sequence[Found | Lost]) -> Matter:
    """What is the matter with targets that are all there."""
    there = [each.element for each in finds if isinstance(each, Found)]
    if any("disabled" in each.states for each in there):
        return "disabled"
    if act.target is None or not there:
        return ""
    return "held" if overwrites(act, filled_mark(act.target, values), there[0], filled(act.text, values)) else ""


def elsewhere(workflow: Workflow, act: Act, values: Mapping[str, str], now: Observation) -> str:
    """Which page or window shows instead of the one that the step was recorded on; "" where it is that, or where it is
    not known which one that was.
    """
    if not now.place.url:
        return _other_window(act, now)
    was = _recorded_on(workflow, act)
    if was is None or any(slot not in values for slot in slots(was.value)):
        return ""
    at, here = filled_expect(was, values), urlsplit(now.place.url).path or "/"
    if met(at, now) or fnmatchcase(here, at.value):
        return ""
    title = f"{at.name!r} ({at.value})" if at.name else at.value
    return f"{_page(now)}, and this step was recorded on {title}"


def _recorded_on(workflow: Workflow, act: Act) -> Expect | None:
    """The address that showed before this step when it was recorded, with the heading of that page as the name, as far
    as the steps before it tell. What was imported does not tell of every change of the page.
    """
    found = _address(workflow.start)
    for step in workflow.acts():
        if step.id == act.id:
            break
        at = next((each.value for each in step.expect if each.kind == "at"), "")
        if at:
            heads = [e.name for e in step.expect if (e.kind, e.role) == ("shows", "heading") and not slots(e.name)]
            found = Expect("at", name=(*heads, "")[0], value=at)
        elif step.do == "open":
            found = _address(step.text)
        elif workflow.source == "import" and step.do in ("click", "press", "type"):
            found = None
    return found


def _address(url: str) -> Expect | None:
    """A page that was opened by its address: where that is a mere host, another page may well have shown."""
    path = urlsplit(url).path
    return Expect("at", value=path) if path not in ("", "/") else None


def _other_window(act: Act, now: Observation) -> str:
    """On a desktop: the window in front, where the one that the target stood in is not open."""
    mark, front = act.target, window(now)
    tops = top_windows(now)
    if mark is None or front is None or ":" not in mark.window or is_window(mark, now):
        return ""
    role, _, title = mark.window.partition(":")
    if slots(title) or mark.window in {window_key(now, top) for top in tops}:
        return ""
    return (
        f"the window in front is {front.name!r}, and this step was recorded in the {role} {title!r}, which is not open"
    )
