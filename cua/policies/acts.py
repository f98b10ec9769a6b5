"""Parts of a replay that need no state: what a step becomes on this screen, and what of a workflow must be sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from cua import core
from cua.core import Action, Click, Drag, Element, Fill, Observation, Press, Scroll, Type, Wait
from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Step, Workflow, filled, slots
from cua.policies.finding import Found, Lost, filled_mark, mark_of, surely
from cua.policies.keyboard import ENTRIES, is_window, sought
from cua.policies.rowing import row_differs
from cua.policies.trail import called, renamed
from cua.screen import called as named
from cua.screen import label

Row = Mapping[str, str]


class Rows(tuple[Row, ...]):
    """The rows that are to be done, of which the first is number `first` (from 1) of those that there are."""

    first = 1

    @property
    def numbers(self) -> range:
        """The number of each."""
        return range(self.first, self.first + len(self))


MEND = "record it again, or say in the workflow file what its target is and take `doubt` away, or delete that step"
_NEEDS_TARGET = ("click", "fill", "drag")


def origin(url: str) -> str:
    """Scheme, host and port of an address; "" for what is none."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "file://"
    return f"{parts.scheme}://{parts.netloc}".casefold() if parts.scheme in ("http", "https") and parts.netloc else ""


def action_of(act: Act, targets: Sequence[Element], text: str, why: str, now: Observation) -> Action:
    """What a driver does for the step, on these elements of this look."""
    match act.do:
        case "click":
            return Click(targets[0], act.button, act.count, act.keys, why=why)
        case "fill":
            return Fill(targets[0], text, why=why)
        case "type":
            return Type(text, why=why)
        case "press":
            return Press(text, why=why)
        case "scroll":
            return Scroll(targets[0] if targets else _ground(now), *act.scroll, why=why)
        case "drag":
            return Drag(targets[0], targets[1], why=why)
        case "open":
            return core.Open(text, why=why)
        case "wait":
            return Wait(why=why)


def aims(act: Act, marks: Sequence[Mark], now: Observation) -> list[Found | Lost]:
    """What a step's filled marks mean here, as far as it may be acted on with the step's risk."""
    keys = act.do in ("type", "press")
    finds = [sought(mark, now, keys=keys) for mark in marks]
    whole = [keys and is_window(mark, now) for mark in marks]
    return [
        found if window else surely(found, mark, now, act.risk)
        for found, mark, window in zip(finds, marks, whole, strict=True)
    ]


def is_so(act: Act, expects: Sequence[Expect], element: Element) -> bool:
    """Whether a click would only undo what it is for: the box is ticked, or not, as the step itself expects it."""
    plain = (act.do, act.button, act.count, act.keys) == ("click", "left", 1, ())
    if not plain or "checkable" not in element.states or act.target is None:
        return False
    own = (label(element.name), named(element))
    called_so = [e for e in expects if e.kind == "checked" and label(e.name) in own]
    state = "on" if "checked" in element.states else "off"
    return "mixed" not in element.states and bool(called_so) and all(e.value == state for e in called_so)


def _ground(now: Observation) -> Element:
    """What is scrolled where no target was recorded."""
    if not now.elements:
        raise UsageError("there is nothing on this screen to scroll")
    return next((e for e in now.elements if "scroll" in e.actions and "showing" in e.states), now.elements[0])


def otherwise(act: Act, found: Found, values: Row, now: Observation) -> str:
    """What is to be said of a target that is called otherwise than it was, or, where it is not to be taken back, stands
    in a row that says something else now; a window's title may well be another.
    """
    mark = filled_mark(act.target, values) if act.target is not None else None
    if mark is None or is_window(mark, now):
        return ""
    beside = row_differs([mark], now).removeprefix("; ") if act.risk == "irreversible" and mark.row else ""
    return "; ".join(filter(None, [renamed(mark, named(found.element)), beside]))


def fresh(act: Act, found: Found, values: Row, now: Observation) -> Mark | None:
    """The target's mark as it is now, where another locator than the first found it."""
    if act.target is None or not found.rank:
        return None
    mark = mark_of(found.element, now)
    return mark if mark.locators != filled_mark(act.target, values).locators else None


HELD = "held"  # says that a mark's target held nothing when it was filled in


def overwrites(act: Act, mark: Mark, target: Element, text: str) -> str:
    """Why filling it in would destroy what somebody wrote: a page of text that was empty when this was shown."""
    there = (target.value or "").strip()
    if act.do != "fill" or HELD not in mark.says or not there or target.value == text:
        return ""
    return f"{called(mark)} was empty when this was shown, and now holds {there[:40]!r}, which would be lost"


def texts(mark: Mark) -> Iterator[str]:
    """Every text of a mark that may have a slot."""
    yield mark.name
    yield from (locator.value for locator in mark.locators)
    yield from (*mark.path, *mark.row, *mark.near)


def fillable(mark: Mark, values: Row) -> bool:
    """Whether there is a value for each slot of the mark."""
    return all(name in values for text in texts(mark) for name in slots(text))


def next_target(steps: Sequence[Step], values: Row) -> Mark | None:
    """What the step after these begins with, filled; None where that is not known yet."""
    after = next((step for step in steps if not isinstance(step, Act) or step.do not in ("wait", "scroll")), None)
    mark = after.target if isinstance(after, Act) else None
    return filled_mark(mark, values) if mark is not None and fillable(mark, values) else None


def readies(act: Act, after: Sequence[Step]) -> bool:
    """Whether a plain click only goes where the next step writes: filling a field in sees to the keyboard itself."""
    following = after[0] if after else None
    if act.target is None or not isinstance(following, Act) or following.target is None or following.do != "fill":
        return False
    plain = (act.do, act.button, act.count, act.keys) == ("click", "left", 1, ())
    one, other = act.target, following.target
    alike = (one.role, one.name, one.window, one.locators) == (other.role, other.name, other.window, other.locators)
    return plain and alike and (one.row, one.nth) == (other.row, other.nth) and one.role in ENTRIES


def names(steps: Sequence[Step]) -> Iterator[str]:
    """The names of all that a workflow uses, as they are written."""
    for step in steps:
        marks = (
            (step.target, step.to) if isinstance(step, Act) else (step.target,) if isinstance(step, IfPresent) else ()
        )
        yield from (mark.name for mark in marks if mark is not None and mark.name)
        if not isinstance(step, Act):
            yield from names(step.steps)


def check_known(workflow: Workflow, edit: str = "") -> None:
    """Raises UsageError where it is not known what a step acts on; `edit` is the command that opens the workflow."""
    if (doubted := next((act for act in workflow.acts() if act.doubt), None)) is not None:
        opened = f". Next: {edit}" if edit else ""
        raise UsageError(f"step {doubted.id!r} is doubtful ({doubted.doubt}), so nothing was done; {MEND}{opened}")


def check(workflow: Workflow, values: Row, rows: Mapping[str, Sequence[Row]]) -> None:
    """Raises UsageError for what cannot be replayed with these values, naming the step; nothing was done then."""
    check_known(workflow)
    kinds = {param.name: param.kind for param in workflow.params}
    for name in rows:
        if kinds.get(name) != "rows":
            raise UsageError(f'{workflow.name} has no parameter {name!r} of kind "rows"')
    _check(workflow.steps, values, rows, {**values})


def _check(steps: Sequence[Step], values: Row, rows: Mapping[str, Sequence[Row]], known: dict[str, str]) -> None:
    for step in steps:
        match step:
            case Each():
                if step.over not in rows:
                    raise UsageError(f"step {step.id} goes over the rows of {step.over!r}, and none were given")
                for given in rows[step.over]:
                    _check(
                        step.steps, values, rows, known | {f"{step.over}.{key}": text for key, text in given.items()}
                    )
            case IfPresent():
                _filled(step.id, texts(step.target), known)
                _check(step.steps, values, rows, known)
            case Act():
                if step.do in _NEEDS_TARGET and (step.target is None or (step.do == "drag" and step.to is None)):
                    raise UsageError(f"step {step.id} ({step.do}) has no target; record it again, or edit the workflow")
                marks = [mark for mark in (step.target, step.to) if mark is not None]
                said = [text for each in step.expect for text in (each.name, each.value, *each.row)]
                _filled(step.id, (step.text, *said, *(text for mark in marks for text in texts(mark))), known)


def _filled(step: str, said: Iterator[str] | Sequence[str], known: Row) -> None:
    for text in said:
        try:
            filled(text, known)
        except UsageError as exc:
            raise UsageError(f"step {step}: {exc}") from exc
