"""What a person may do after a replay that did not come to its end: how many rows are done and what goes on from there,
what else it changed, and what mends the workflow.

Words only: it does nothing, and says of no row that it is done unless its last step was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from shlex import quote

from cua.checks import BACKGROUND, moved_between
from cua.core import Changes, Move, Run, Scroll, Wait, World
from cua.effects import Partial
from cua.errors import TroubleError
from cua.given import Wish, loop_of
from cua.memory.workflows import Act, Each, Step, Workflow
from cua.policies.acts import Rows
from cua.policies.trail import Matter, Trod, inner


@dataclass(frozen=True, slots=True)
class Again:
    """How the replay was asked for. `edit` is the command that opens its workflow, `record` the one that shows it anew,
    `command` that of the replay from a row on.
    """

    edit: str
    record: str
    command: Callable[[int], str]

    @classmethod
    def of(cls, workflow: Workflow, wish: Wish) -> Again:
        """The commands that this wish is followed by. A delivery that goes on from a row is another delivery."""
        name = quote(wish.name)
        said = [f"--param {quote(f'{key}={value}')}" for key, value in wish.params.items()]
        said += [f"--on {quote(wish.on)}"] if wish.on else []
        said += [f"--version {wish.version}"] if wish.version is not None else []

        def command(row: int) -> str:
            key = [f"--key {quote(f'{wish.key}-from-row-{row}')}"] if wish.key else []
            return " ".join(["cua replay", name, *said, f"--from-row {row}", *key])

        edit = f"edit {quote(str(wish.file))}" if wish.file else f"cua workflows edit {name}"
        return cls(edit, f"cua record {quote(workflow.name)} --force --on {_where(workflow, wish)}", command)


def _where(workflow: Workflow, wish: Wish) -> str:
    """Where it can be shown again, as a recording is told it."""
    if workflow.on == "web":
        return quote(workflow.start or "URL")
    if workflow.on == "desktop" or wish.on:
        return quote(wish.on or workflow.on)
    return f"SANDBOX (one of {workflow.on}, from: cua sandbox list)"


def cut_off(run: Run, trail: Sequence[Trod]) -> Trod | None:
    """The step that was begun when the run was cut off, where the trail does not tell of it."""
    if run.stopped == "finished" or any(trod.stage == "halted" for trod in trail):
        return None
    last = max((trod.at for trod in trail), default=-1)
    for at, step in enumerate(run.steps[last + 1 :], last + 1):
        if not isinstance(step.action, Wait | Scroll | Move):
            name, _, say = step.action.why.removeprefix("step ").partition(": ")
            done = [trod for trod in trail if not trod.aside]
            row = done[-1].row + any(t.step == name and t.row == done[-1].row for t in done) if done else 0
            return Trod(name, "halted", say, row, note=run.reason, at=at)
    return None


def advice(workflow: Workflow, steps: Sequence[Trod], rows: Rows | None, again: Again) -> tuple[str, ...]:
    """What may be done now, in sentences. `rows` are those that were to be done, `steps` what was done of them."""
    matter = steps[-1].matter if steps else ""
    return tuple(filter(None, [*_of_rows(workflow, steps, rows, again), _mending(matter, workflow, again)]))


def _mending(matter: Matter, workflow: Workflow, again: Again) -> str:
    match matter:
        case "":
            return ""
        case "missing" | "changed":
            values = "see that the values are right; " if workflow.params else ""
            return (
                f"{values}if it is there only at times, put its steps under an `if present`: {again.edit}; "
                f"if the screen has changed for good, show it once more: {again.record}"
            )
        case "ambiguous":
            return f"say which one is meant by a text of its row, or show it once more: {again.edit}, or {again.record}"
        case "elsewhere":
            return (
                f"if another page or window may come in between, give it steps of its own under an `if present`: "
                f"{again.edit}; if the way there has changed for good, show it once more: {again.record}"
            )
        case "signed out":
            return (
                "the page asks for a password, and a replay in a browser starts signed out: make signing in part of "
                f"the workflow, from that page on: {again.record}; or put those steps before it: {again.edit}"
            )
        case "unmet":
            return (
                f"look at the screen in the report; if this only takes longer, give it more `seconds`, and if it is no "
                f"longer so, leave it out: {again.edit}"
            )


# ---------------------------------------------------------------------------------------------- rows


def _of_rows(workflow: Workflow, steps: Sequence[Trod], rows: Rows | None, again: Again) -> Iterator[str]:
    loop = loop_of(workflow)
    if loop is None or rows is None:
        return
    inside = inner(loop)
    reached = [trod for trod in steps if trod.step in inside and not trod.aside]
    if not reached:
        return
    total = rows.numbers.stop - 1
    row = reached[-1].row
    now = [trod for trod in reached if trod.row == row]
    after = workflow.steps[workflow.steps.index(loop) + 1 :]
    ended = _ended(loop, now) or any(trod.step in (i for step in after for i in inner(step)) for trod in steps)
    done = _counted(rows.first, row if ended else row - 1, total)
    before = workflow.steps[: workflow.steps.index(loop)]
    sore = _irreversible((*before, *(after if ended and row == total else ())), steps)
    if sore:
        yield f"{done}; another replay would do step {sore.step} ({sore.say}) once more, and that cannot be undone"
    elif ended:
        yield f"{done}; for what is left: {again.command(row + 1)}"
    elif any(trod.risk == "irreversible" and trod.at >= 0 for trod in now):
        yield f"{done}; look whether row {row} is done too; if it is, go on after it: {again.command(row + 1)}"
        yield f"if nothing of row {row} is done: {again.command(row)}"
    elif any(trod.at >= 0 for trod in now):
        yield f"{done}, and row {row} was begun; to do that from its first step and go on: {again.command(row)}"
        yield f"to leave row {row} out: {again.command(row + 1)}"
    else:
        yield f"{done}, and nothing of row {row}; to go on with it: {again.command(row)}"


def _ended(loop: Each, now: Sequence[Trod]) -> bool:
    """Whether the last step of the row that was reached last is done."""
    last = loop.steps[-1] if loop.steps else None
    trod = now[-1]
    return isinstance(last, Act) and trod.step == last.id and trod.stage == "done"


def _counted(first: int, done: int, total: int) -> str:
    if done < first:
        return f"no row of {total} is done" if first == 1 else f"none of the rows {first} to {total} is done"
    which = f"row {first}" if done == first else f"rows {first} to {done}"
    return f"{which} of {total} {'is' if done == first else 'are'} done"


def _irreversible(steps: Sequence[Step], trail: Sequence[Trod]) -> Trod | None:
    inside = {act for step in steps for act in inner(step)}
    return next((t for t in trail if t.step in inside and t.risk == "irreversible" and t.at >= 0), None)


# ---------------------------------------------------------------------------------------------- the world


def reading(world: World) -> Changes | None:
    """What differs there now; None in a world that cannot tell all that does."""
    return None if isinstance(world, Partial) else world.changes()


def changed(before: Changes | None, world: World) -> tuple[str, ...]:
    """What changed since that reading, in words, without what toolkits write by themselves."""
    if before is None:
        return ()
    try:
        after = world.changes()
    except TroubleError as exc:  # what came of the replay is known all the same, and must be told
        return (f"what it cannot tell: {exc}",)
    moved = sorted(moved_between(before, after))
    keys = [key for key in moved if not any(fnmatchcase(key, own) for own in BACKGROUND)]
    return tuple(_worded(key, after) for key in keys)


def _worded(key: str, after: Changes) -> str:
    kind, _, what = key.partition(":")
    if kind == "file":
        return f"file ~/{what} {after.files.get(what, 'as it was at first')}"
    return f"{kind} {what}".strip()
