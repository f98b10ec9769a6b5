"""Workflows in the record, version by version: which one is active, which are candidates, what each has passed.

A workflow's document is the list of what was done with it; every change is one entry, so a crash leaves it before or
after the change and never between. The state is worked out from the entries in their order: an entry that another
program overtook counts for nothing, so exactly one version is active at any time. Nothing is ever lost but by the
record's own end; a healed version never becomes active by itself, and never asks for less than the one before.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any, Literal

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Outcome
from cua.errors import NewerRecord, RecordError, RefusedError, UsageError
from cua.memory.mending import refuse_weaker
from cua.memory.store import Store, Version
from cua.memory.workflows import FORMAT, Act, Each, Expect, IfPresent, Mark, Param, Workflow

codec.register(*REQUIREMENTS)
codec.register(Param, Mark, Expect, Act, Each, IfPresent, Workflow, prefix="workflow.")

Status = Literal["active", "candidate", "superseded", "rolled back"]
_KIND, _REPLAYS = "workflow", "workflow replays"


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a workflow.

    `base` is the version that a candidate was made from, 0 for one that was kept outright. `replays` counts those of
    this version, `passes` the ones that passed; `last` is the outcome of the latest one and `last_run` its run. Times
    are seconds since 1970.
    """

    number: int
    time: float
    status: Status
    workflow: Workflow
    base: int = 0
    replays: int = 0
    passes: int = 0
    last: Outcome | None = None
    last_run: str = ""
    last_pass: float | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """What of the version before was mended, in words."""
        return self.workflow.healed


# ---------------------------------------------------------------------------------------------- keep and load


def keep(store: Store, workflow: Workflow) -> Workflow:
    """Keep it as a new version that is active; the workflow with its version's number. What is active already stays."""
    line = _line(store, workflow.name)
    if line.active and _same(line.versions[line.active].workflow, workflow):
        return line.versions[line.active].workflow
    return _added(store, workflow, {"did": "kept", "workflow": codec.save(workflow)})


def load(store: Store, name: str, version: int | None = None) -> Workflow:
    """The active version, or the one of that number. Raises UsageError where there is none."""
    line = _there(store, name)
    return line.versions[line.active if version is None else _known(line, name, version)].workflow


def load_all(store: Store) -> dict[str, Workflow]:
    """The active version of every workflow that can be read, by name; `unreadable` tells of the others."""
    lines = {name: _grown(store, name) for name in store.names(_KIND)}
    return {
        name: line.versions[line.active].workflow for name, line in lines.items() if line.active and not line.damage
    }


def unreadable(store: Store) -> dict[str, str]:
    """Why a workflow that is there cannot be read, by its name."""
    lines = {name: _grown(store, name) for name in store.names(_KIND)}
    return {name: str(line.damage) for name, line in lines.items() if line.damage}


def history(store: Store, name: str) -> tuple[Kept, ...]:
    """Every version with what became of it, oldest first. Raises UsageError where there is no such workflow."""
    line = _there(store, name)
    runs = _replays(store, name, line.born)
    return tuple(_counted(replace(each, status=line.status(each)), runs) for each in line.versions.values())


def delete(store: Store, name: str) -> None:
    """The workflow is gone with its candidates; the record keeps what it was. Raises UsageError where there is none."""
    if name not in store.names(_KIND):  # one that cannot be read can be taken away all the same
        _there(store, name)
    store.delete(_KIND, name)


# ---------------------------------------------------------------------------------------------- healing


def candidate(store: Store, healed: Workflow) -> Workflow:
    """Keep a healed one beside the active one; the workflow with its version's number.

    What is kept already, as the active version, a candidate or one that was rolled back, is not kept again. Raises
    UsageError where there is no active version, or where the healed one differs from it in more than its marks.
    """
    line = _there(store, healed.name)
    active = line.versions[line.active].workflow
    if _same(active, healed):
        return active
    for each in line.versions.values():
        if each.base == line.active and _same(each.workflow, healed):
            return each.workflow
    refuse_weaker(active, healed)
    entry = {"did": "candidate", "base": line.active, "workflow": codec.save(replace(healed, source=active.source))}
    return _added(store, healed, entry)


def cleared(store: Store, name: str, version: int, run_id: str, outcome: Outcome) -> None:
    """Put on record what came of a replay of this version. The same run counts once, by what was said of it last."""
    _known(_there(store, name), name, version)
    store.put(_REPLAYS, name, {"version": version, "run": run_id, "outcome": outcome})


def promote(store: Store, name: str, version: int) -> Workflow:
    """Make a candidate the active version, or one that was rolled back active again. Raises RefusedError for a healed
    one unless its latest replay passed, and if the version that it was made from is no longer active.
    """
    line = _there(store, name)
    found = _counted(line.versions[_known(line, name, version)], _replays(store, name, line.born))
    if line.active == version:
        return found.workflow
    again = f"replay {name} with version {line.active} to have what was mended kept anew"
    undone, run = line.status(found) == "rolled back", found.last_run
    if undone and not found.base:  # as a person kept it
        store.put(_KIND, name, {"did": "promoted", "version": version, "base": line.active, "run": run})
        return _took(store, name, version)
    if not found.base:
        raise RefusedError(f"version {version} of {name} is no candidate but an older version; roll back to it instead")
    if found.base != line.active:
        raise RefusedError(
            f"version {version} of {name} mends version {found.base}, and version {line.active} is active now; {again}"
        )
    if found.last != "pass":
        said = f"its last replay ({found.last_run}) ended {found.last}" if found.last else "it was never replayed"
        raise RefusedError(
            f"version {version} of {name} has no clean replay: {said}; first run: cua replay {name} --version {version}"
        )
    store.put(_KIND, name, {"did": "promoted", "version": version, "base": line.active, "run": run})
    return _took(store, name, version)


def rollback(store: Store, name: str) -> Workflow:
    """Make the version that was active before active again; what was active stays in the history, as rolled back.

    Raises RefusedError where none was active before.
    """
    line = _there(store, name)
    if len(line.stack) < 2:
        raise RefusedError(f"version {line.active} of {name} is the first that was active; there is none to go back to")
    store.put(_KIND, name, {"did": "rolled back", "version": line.active, "to": line.stack[-2]})
    return _took(store, name, line.stack[-2])


# ---------------------------------------------------------------------------------------------- the line of versions


@dataclass(slots=True)
class _Line:
    """The versions by number, and the active ones in the order in which they came to be, the present one last.

    `born` is when the workflow was first kept, or kept again after it was deleted; `damage` is why not all of it can be
    read, None where it can.
    """

    versions: dict[int, Kept] = field(default_factory=dict)
    stack: list[int] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    born: float = 0.0
    damage: RecordError | None = None

    @property
    def active(self) -> int:
        """The active version's number; 0 where there is none."""
        return self.stack[-1] if self.stack else 0

    def status(self, kept: Kept) -> Status:
        """What became of it. A candidate for a version that is active no more is superseded."""
        if kept.number == self.active:
            return "active"
        if kept.number in self.undone:
            return "rolled back"
        tried = kept.number in self.stack
        return "candidate" if kept.base and kept.base == self.active and not tried else "superseded"


def _line(store: Store, name: str) -> _Line:
    """Raises RecordError for one that cannot be read."""
    line = _grown(store, name)
    if line.damage is not None:
        raise line.damage
    return line


def _grown(store: Store, name: str) -> _Line:
    """What was done with the workflow, as far as it can be read."""
    line, number = _Line(), 0
    for entry in store.history(_KIND, name):
        if entry.deleted:
            line = _Line()
            continue
        line.born = line.born or entry.time
        try:
            number += _grow(line, name, entry, number + 1)
        except NewerRecord as exc:
            line.damage = exc
        except (RecordError, KeyError, TypeError, AttributeError) as exc:
            said = entry.damage or f"workflow {name!r} is damaged (entry {entry.number}: {exc}); the others can be read"
            line.damage = RecordError(f"{said}. Take it away: cua workflows rm {quote(name)}; then show it once more")
    return line


def _grow(line: _Line, name: str, entry: Version, number: int) -> bool:
    """Put one entry to the line; whether that is version `number` of the workflow."""
    body = entry.body
    made = body["did"] in ("kept", "candidate")
    if made:
        workflow = replace(_loaded(name, body["workflow"]), version=number)
        line.versions[number] = Kept(number, entry.time, "candidate", workflow, body.get("base", 0))
        if body["did"] == "kept":
            line.stack.append(number)
    elif body["did"] == "promoted" and line.active == body["base"]:
        line.stack.append(body["version"])
        line.undone.discard(body["version"])
    elif body["did"] == "rolled back" and line.active == body["version"] and line.stack[-2:-1] == [body["to"]]:
        line.undone.add(line.stack.pop())
    return made


def _loaded(name: str, saved: Any) -> Workflow:
    written = saved.get("format", FORMAT)
    if written > FORMAT:
        raise NewerRecord(
            f"workflow {name} has format {written}, which a later cua wrote; this one reads up to {FORMAT}: update it"
        )
    return codec.load(saved, Workflow)


def _there(store: Store, name: str) -> _Line:
    line = _line(store, name)
    if not line.active:
        close = difflib.get_close_matches(name, store.names(_KIND), n=3, cutoff=0.4)
        said = f"; close: {', '.join(close)}" if close else ""
        raise UsageError(f"no workflow is called {name!r}{said}; see: cua workflows list")
    return line


def _known(line: _Line, name: str, version: int) -> int:
    if version not in line.versions:
        raise UsageError(f"{name} has no version {version}; it has: {', '.join(map(str, line.versions))}")
    return version


def _added(store: Store, workflow: Workflow, entry: dict[str, Any]) -> Workflow:
    """Put the entry on record; the workflow as the newest version that is like it."""
    store.put(_KIND, workflow.name, entry)
    versions = _line(store, workflow.name).versions.values()
    return next(each.workflow for each in reversed(versions) if _same(each.workflow, workflow))


def _took(store: Store, name: str, version: int) -> Workflow:
    """The workflow that is active now, if it is that version: another program may have been quicker."""
    line = _there(store, name)
    if line.active != version:
        raise RefusedError(
            f"{name} was changed meanwhile: version {line.active} is active; look at: cua workflows history {name}"
        )
    return line.versions[version].workflow


def _same(one: Workflow, two: Workflow) -> bool:
    """Whether they do the same, whatever is said of where they come from."""
    return _bare(one) == _bare(two)


def _bare(workflow: Workflow) -> Workflow:
    return replace(workflow, version=1, healed=(), source="person")


def _replays(store: Store, name: str, since: float) -> dict[int, dict[str, tuple[float, Outcome]]]:
    """By version and run, oldest first: when each replay ended, and how."""
    found: dict[int, dict[str, tuple[float, Outcome]]] = {}
    for entry in store.history(_REPLAYS, name):
        if entry.damage:
            found.clear()  # it may have failed: what passed before must pass again
        elif not entry.deleted and entry.time >= since:
            runs = found.setdefault(entry.body["version"], {})
            runs.pop(entry.body["run"], None)
            runs[entry.body["run"]] = (entry.time, entry.body["outcome"])
    return found


def _counted(kept: Kept, replays: dict[int, dict[str, tuple[float, Outcome]]]) -> Kept:
    runs = replays.get(kept.number, {})
    passes = [at for at, outcome in runs.values() if outcome == "pass"]
    last = next(reversed(runs), "")
    return replace(
        kept,
        replays=len(runs),
        passes=len(passes),
        last=runs[last][1] if last else None,
        last_run=last,
        last_pass=passes[-1] if passes else None,
    )
