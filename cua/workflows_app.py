"""The user's verbs about workflows: record, replay, and what is kept of them. It never prints.

Where a driver or a sandbox is needed, `app` opens it.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from cua import app, astray, drafts, given, onward, secrets
from cua.config import paths, settings
from cua.core import Outcome, Run
from cua.effects import check_readable
from cua.errors import DriverError, RecordError, UsageError
from cua.given import Wish
from cua.learning import learn
from cua.memory import versions
from cua.memory.store import Store
from cua.memory.workflows import Workflow
from cua.policies import reach
from cua.policies.acts import Rows, check_known
from cua.policies.asked_workflow import how_asked
from cua.policies.trail import Trod, whole
from cua.policies.understand import readable
from cua.record import files, sound
from cua.record.compile import Compiled, compile
from cua.record.report import Story, write
from cua.recording import Caught, Showing, Signs, texts_of, watch
from cua.replaying import Replayed, There, Values, replay

_NAME_LONGEST = 80
_WIDEST = 8_192  # pixels


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a recording, or of compiling a run: `asked` is how one asks for it, `refused` why it is none."""

    outcome: Outcome
    name: str
    run: str
    steps: int
    workflow: Workflow | None = None
    notes: tuple[str, ...] = ()
    refused: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A replay with its report, and the number of the candidate that its healing left (0 for none). `whole` is how many
    steps there were to do, `changed` what a replay that did not pass changed all the same, `advice` what the person may
    do next, `note` what else they should know.
    """

    replayed: Replayed
    report: str = ""
    candidate: int = 0
    note: str = ""
    whole: int = 0
    changed: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------- record


def record(showing: Showing, *, told: Callable[[Caught], None], stop: Event) -> Recorded:
    """Watch a person until they end it, keep it as a run, and make a workflow of it. Raises UsageError for a name that
    is taken, before anything starts, unless `force` allows a next version, and for a goal that nobody could read.
    """
    name, (on, url) = showing.name, _placed(showing.on, showing.url)
    if showing.goal:
        readable(showing.goal)
    signs = Signs(paths().data)
    with app.record() as store, signs.alone(_checked(name)):
        _check_free(store, name, force=showing.force)
        with given.unknown(on), app.recorder(on, url) as (recorder, world):
            before = world.changes() if world else None
            run = watch(recorder, store, name, told=told, signs=signs, stop=stop)
            after = world.changes() if world else None
            texts = texts_of(world, after) if world and after else {}
        store.flush()
        app_on = app.app_of(on) or on
        said = replace(run, task=replace(run.task, goal=showing.goal or name))
        return _compiled(
            store, run, name, lambda: compile(said, name, on=app_on, before=before, after=after, texts=texts)
        )


def _placed(on: str, url: str = "") -> tuple[str, str]:
    """Where that is, and its address if it is a page. Raises UsageError for an address without a scheme."""
    given.check_whole(url)
    return ("web", on) if given.is_page(on) else (on, url)


def stop_recording() -> str:
    """End the recording that goes on; its name, once it has ended. Raises UsageError where there is none."""
    signs = Signs(paths().data)
    name = signs.tell("stop")
    signs.await_end()
    return name


def pause_recording() -> str:
    """Pause the recording that goes on, or let it go on; its name."""
    return Signs(paths().data).tell("pause")


def compile_run(run_id: str, name: str, *, on: str, force: bool) -> Recorded:
    """Make a workflow of a run that is on record, a person's or one of cua's own."""
    with app.record() as store:
        _check_free(store, _checked(name), force=force)
        run = store.run(run_id)
        return _compiled(store, run, name, lambda: compile(run, name, on=on or _where(run)))


def _compiled(store: Store, run: Run, name: str, make: Callable[[], Compiled]) -> Recorded:
    found = Recorded("refused", name, run.id, len(run.steps))
    if not run.steps:
        return replace(found, refused="no step was recorded, so there is nothing to do again")
    try:
        made = make()
    except UsageError as exc:
        return replace(found, refused=str(exc))
    outcome: Outcome = "unknown" if any(act.doubt for act in made.workflow.acts()) else "pass"
    kept = versions.keep(store, made.workflow)
    return replace(found, outcome=outcome, workflow=kept, notes=made.notes, asked=how_asked(kept))


def _where(run: Run) -> str:
    """What a run was on: a browser, or the app that it began in."""
    if not run.steps:
        raise UsageError(f"run {run.id} has no step, so there is nothing to make a workflow of")
    place = run.steps[0].seen.place
    return "web" if place.url else place.app


def _check_free(store: Store, name: str, *, force: bool) -> None:
    if not force and name in {**versions.load_all(store), **versions.unreadable(store)}:
        raise UsageError(f"there is a workflow {name!r} already; choose another name, or --force for a next version")


def _checked(name: str) -> str:
    plain = name.replace("-", "").replace("_", "").replace(".", "").replace(" ", "")
    if not plain.isalnum() or name.startswith((".", "-")) or name != name.strip() or len(name) > _NAME_LONGEST:
        raise UsageError(f"{name!r} is no name for a workflow: letters, digits, spaces, '-', '_' and '.' only")
    return name


# ---------------------------------------------------------------------------------------------- replay


def replay_workflow(wish: Wish, *, told: Callable[[Trod], None], stop: Event, say: app.Say = app.silent) -> Done:
    """Replay it; every replay but a dry one leaves a report. Raises UsageError before anything is done."""
    started = time.time()
    with app.record() as store:
        workflow, kept = _loaded(store, wish)
        check_known(workflow, _again(workflow, wish).edit)
        values = given.values(workflow, wish)
        on, url = _placed(wish.on or workflow.on)
        least = settings().screen_size  # what was recorded may be the size of a page, and that of a short one
        size = max(workflow.screen[0], least[0]), max(workflow.screen[1], least[1])
        if max(size) > _WIDEST:
            raise UsageError(f"{workflow.name} says it was shown on {size[0]} x {size[1]} pixels; mend its `screen`")
        with ExitStack() as opened:
            try:
                where = app.target(on, start=url or workflow.start, size=size, visible=wish.visible, say=say)
                with given.unknown(on):
                    driver, world = opened.enter_context(where)
            except DriverError as exc:
                raise type(exc)(f"{exc}; nothing was done: see that it can be reached, or say where with --on") from exc
            there = There(driver, world, store, secrets.read, stop, passing=given.is_sandbox(on) and not app.app_of(on))
            before = None if wish.dry else onward.reading(world)
            found = replay(workflow, values, there, key=wish.key, dry=wish.dry, watch=told)
            changed = onward.changed(before, world) if found.outcome != "pass" and not found.repeated else ()
        if wish.dry:
            outcome, said = reach.told(workflow, found.steps)
            return Done(replace(found, outcome=outcome, saying=said))
        if found.repeated:
            return Done(found, advice=onward.repeated(found, _again(workflow, wish)))
        candidate, note = _learned(store, workflow, found) if kept else (0, "")
        run = store.run(found.run)
        done = replace(_done(found, run, workflow, values, wish, changed), candidate=candidate)
        try:
            note = "; ".join(filter(None, [note, learn(store, run, found.outcome)]))
            store.flush()
            report = str(_written(_story(workflow, run, done, values, started), store, wish.report))
        except RecordError as exc:  # what came of the replay is known all the same, and must be told
            report, note = "", "; ".join(filter(None, [note, f"there is no report: {exc}"]))
        return replace(done, report=report, note=note)


def _done(found: Replayed, run: Run, workflow: Workflow, values: Values, wish: Wish, moved: tuple[str, ...]) -> Done:
    """The replay with what is to be known of it: how much there was to do, and what may be done next."""
    rows = {name: text for name, text in values.items() if isinstance(text, Rows)}
    total = whole(workflow.steps, {name: text.numbers for name, text in rows.items()}, found.steps)
    if found.outcome == "pass":
        return Done(found, whole=total)
    loop, again = given.loop_of(workflow), _again(workflow, wish, found.steps[-1].wrong if found.steps else ())
    if (ended := run.stopped == "finished") and found.outcome != "unknown":
        said = astray.astray(workflow, found.evidence, found.side_effects, moved, again.edit)
    else:
        said = onward.advice(workflow, found.steps, rows.get(loop.over) if loop else None, again, ended=ended)
    return Done(found, whole=total, changed=moved, advice=said)


def _again(workflow: Workflow, wish: Wish, wrong: Sequence[str] = ()) -> onward.Again:
    on, _ = _placed(wish.on or workflow.on)
    return onward.Again.of(workflow, wish, gone=given.is_sandbox(on) and not app.app_of(on), wrong=wrong)


def _loaded(store: Store, wish: Wish) -> tuple[Workflow, bool]:
    """The workflow, and whether it is a kept one."""
    path = wish.file
    if path is not None:
        if wish.version is not None:
            raise UsageError(f"{path} is a file, which has no versions; leave out --version")
        return files.load(path), False
    return _kept(store, wish.name, wish.version), True


def _kept(store: Store, name: str, version: int | None) -> Workflow:
    """One that is on record, as sound as one that is read from a file. Raises UsageError that names the step."""
    workflow = versions.load(store, name, version)
    sound.check(workflow)
    return workflow


def _learned(store: Store, workflow: Workflow, found: Replayed) -> tuple[int, str]:
    """Put on record how the version did; the number of the candidate that was healed, or why there is none: what came
    of the replay is known all the same, and must be told.
    """
    versions.cleared(store, workflow.name, workflow.version, found.run, found.outcome)
    if found.healed is None or found.outcome != "pass":
        return 0, ""
    active = versions.load(store, workflow.name)
    if active.version != workflow.version:
        return 0, ""
    try:
        healed = versions.candidate(store, found.healed)
    except UsageError as exc:
        return 0, f"what was healed is not kept: {exc}"
    return (healed.version if healed.version != workflow.version else 0), ""


def _story(workflow: Workflow, run: Run, done: Done, values: Values, started: float) -> Story:
    found = done.replayed
    secret = {param.name for param in workflow.params if param.kind == "secret"}
    shown = {name: f"{len(text)} rows" for name, text in values.items() if not isinstance(text, str)}
    shown = {**run.task.params, **shown}
    return Story(
        workflow, run, found.outcome, found.proof, found.saying, found.steps, found.evidence, found.side_effects,
        started, found.seconds, done.candidate, found.healed,
        {key: text for key, text in shown.items() if key not in secret}, done.whole, done.changed, done.advice,
    )  # fmt: skip


def _written(story: Story, store: Store, path: Path | None) -> Path:
    """The report, where it was wished or beside the others."""
    began = f"{datetime.fromtimestamp(story.started):%Y%m%d-%H%M%S}"
    name = f"{story.workflow.name.replace(' ', '-')}-{began}-{story.run.id[-4:]}.html"
    return write(story, store.frame_png, path.expanduser().absolute() if path else paths().reports / name)


# ---------------------------------------------------------------------------------------------- what is kept


def workflows() -> dict[str, Workflow]:
    """The active version of each."""
    with app.record() as store:
        return versions.load_all(store)


def unreadable() -> dict[str, str]:
    """Why a workflow that is on record cannot be read, by its name."""
    with app.record() as store:
        return versions.unreadable(store)


def workflow(name: str, version: int | None = None) -> Workflow:
    with app.record() as store:
        return _kept(store, name, version)


def history(name: str) -> tuple[versions.Kept, ...]:
    with app.record() as store:
        return versions.history(store, name)


def promote(name: str, version: int) -> Workflow:
    with app.record() as store:
        return versions.promote(store, name, version)


def rollback(name: str) -> Workflow:
    with app.record() as store:
        return versions.rollback(store, name)


def remove(name: str) -> None:
    with app.record() as store:
        versions.delete(store, name)


def edit(name: str, *, fresh: bool) -> tuple[Workflow, bool]:
    """Open it in the person's editor; see `drafts.edit`."""
    with app.record() as store:
        return drafts.edit(store, _checked(name), paths().data / "drafts", _check_effects, fresh=fresh)


def bring_in(path: Path, *, name: str, force: bool) -> tuple[Workflow, tuple[str, ...]]:
    """Keep the workflow of a file, ours or another tool's; the workflow, and what to know of it. Raises UsageError."""
    from cua.record.imports import imported

    found, notes = (files.load(path), ()) if path.suffix == ".toml" else imported(path)
    called, found = found.name, replace(found, name=_checked(name or found.name))
    _check_effects(found)
    with app.record() as store:
        _check_free(store, found.name, force=force)
        kept = versions.keep(store, found)
    return kept, tuple(note.replace(f"cua replay {called} ", f"cua replay {shlex.quote(kept.name)} ") for note in notes)


def check(which: str) -> Workflow:
    """A workflow file, or a kept workflow, that makes sense and whose effects can be read here. Raises UsageError."""
    path = given.Wish(which, {}).file
    found = files.load(path) if path else workflow(which)
    _check_effects(found)
    return found


def _check_effects(found: Workflow) -> None:
    """Raises as a replay would where an effect cannot be read at all: a sandbox has files of its own."""
    check_readable(found.effects, app.own_files() if found.on in ("web", "desktop") else None)


def take_out(name: str, to: str, folder: Path) -> tuple[Path, ...]:
    """Write it as `to` says into the folder; the files."""
    from cua.record.export import export

    return export(workflow(name), to, folder)
