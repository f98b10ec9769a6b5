"""The command line of recording and replaying: parse, call, print. No logic of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cua.cli_parts import EXIT, Force, Json, print_json, print_workflow, say, status

if TYPE_CHECKING:
    from cua.policies.trail import Trod
    from cua.recording import Caught
    from cua.workflows_app import Done, Recorded

PROOFS = {
    "none": "not proven",
    "screen": "by what showed",
    "independent": "independent read",
    "world": "whole world",
}

_SHOWN, _LONGEST = 3, 80


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    main.command(epilog="Example: cua record new-customer --on http://localhost:8000")(record)
    main.command(epilog="Example: cua replay new-customer --param name=Ada --watch")(replay)


# ---------------------------------------------------------------------------------------------- record


def record(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the workflow.")] = "",
    *,
    on: Annotated[str, typer.Option("--on", help="web, an address, desktop, or a sandbox's name.")] = "web",
    url: Annotated[str, typer.Option("--url", help="The page to begin at.")] = "",
    goal: Annotated[
        str, typer.Option("--goal", help="What it does, in words with the values that you will type: for cua do.")
    ] = "",
    force: Force = False,
    stop: Annotated[bool, typer.Option("--stop", help="End the recording that goes on in another terminal.")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Pause that recording, or let it go on.")] = False,
    as_json: Json = False,
) -> None:
    """Watch you work, and keep it as a workflow that can be replayed with other values. Ctrl-C ends it.

    By its --goal `cua do` finds it, also with other values: recorded with --goal "add a customer Ada in London", where
    Ada and London are typed, it is done by cua do "add a customer Grace in Paris".
    """
    from cua import workflows_app as verbs
    from cua.errors import UsageError
    from cua.given import is_sandbox
    from cua.recording import READY, Showing

    if stop or pause:
        which = verbs.stop_recording() if stop else verbs.pause_recording()
        say(f"{which}: {'ended' if stop else 'paused, or going on again'}", {"workflow": which}, as_json)
        return
    if not name:
        raise UsageError("say what to call the workflow; try: cua record NAME --on http://localhost:8000")

    def told(caught: Caught) -> None:
        if as_json:
            print_json(asdict(caught))
            return
        if caught.say == READY:
            print(f"recording {name!r}. Pause: cua record --pause. End: Ctrl-C, or cua record --stop")
            if is_sandbox(on):
                print(f"see it and act in it: cua sandbox show {on}. Programs too: cua sandbox exec {on} -- CMD")
        print(f"{caught.number:3}. {caught.say}" if caught.number else f"     {caught.say}", flush=True)

    with _interrupts() as asked:
        done = verbs.record(Showing(name, on, url, goal, force), told=told, stop=asked)
    finish_recorded(done, as_json)


def finish_recorded(done: Recorded, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(done), "workflow": done.workflow.version if done.workflow else None})
    elif done.workflow:
        print_workflow(done.workflow)
        for note in done.notes:
            print(f"note: {note}")
        acts, name = list(done.workflow.acts()), quote(done.name)
        doubts = sum(bool(act.doubt) for act in acts)
        mend = f"{doubts} of them doubtful; before a replay: cua workflows edit {name}"
        what = mend if doubts else f"try: cua replay {name} --dry-run"
        print(f"{done.outcome}: {len(acts)} steps, from run {done.run}; {what}")
        print(done.asked)
    else:
        print(f"{done.outcome}: no workflow was made: {done.refused}")
        if done.steps:
            again = f"cua workflows compile {done.run} {quote(done.name)}"
            print(f"the recording is kept as run {done.run}; to make a workflow of it: {again}")
    raise typer.Exit(EXIT[done.outcome])


# ---------------------------------------------------------------------------------------------- replay


def replay(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A workflow, or the path of a workflow file.")],
    *,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A value, or a CSV file; once for each.")
    ] = None,
    on: Annotated[str, typer.Option("--on", help="web, an address, desktop, a sandbox, an app, or qemu:APP.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Show each step as it is done.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find the targets and act on none.")] = False,
    version: Annotated[int | None, typer.Option(min=1, help="Another version than the active one.")] = None,
    key: Annotated[str, typer.Option("--key", help="Names this delivery, so that it is not done twice.")] = "",
    report: Annotated[Path | None, typer.Option("--report", help="Where to write the report.")] = None,
    from_row: Annotated[int, typer.Option("--from-row", min=1, help="Go on with this row of the CSV file.")] = 1,
    as_json: Json = False,
) -> None:
    """Do a workflow again with other values, check every step, and say what the world shows afterwards."""
    from cua import workflows_app as verbs
    from cua.given import Wish, values_of

    wish = Wish(name, values_of(param or ()), on, version, key, dry_run, watch, report, from_row)
    with _interrupts() as asked, ExitStack() as waiting:
        progress = waiting.enter_context(status("starting", quiet=as_json))

        def told(trod: Trod) -> None:
            if not watch or dry_run:
                progress(_line(trod))
                return
            waiting.close()
            if as_json:
                print_json({"step": trod.step, "stage": trod.stage, "say": trod.say, **_how(trod)})
            else:
                print(_line(trod), flush=True)

        done = verbs.replay_workflow(wish, told=told, stop=asked, say=progress)
    if as_json:
        print_json(_object(done))
    else:
        if dry_run:
            for trod in done.replayed.steps:
                print(_line(trod))
        _print_done(done)
    raise typer.Exit(EXIT[done.replayed.outcome])


def _line(trod: Trod) -> str:
    row = f" (row {trod.row})" if trod.row else ""
    how = f"by {trod.by}{f', way {trod.rank + 1}' if trod.rank else ''}" if trod.by else ""
    took = f"{max(trod.seconds, trod.waited) * 1000:.0f} ms" if trod.stage == "done" else ""
    tail = ", ".join(filter(None, [how, took, trod.note]))
    return f"{trod.stage:8} {trod.step}{row}: {trod.say}{f'  [{tail}]' if tail else ''}"


def _how(trod: Trod) -> dict[str, Any]:
    names = ("row", "risk", "by", "rank", "waited", "seconds", "expected", "note")
    return {name: getattr(trod, name) for name in names}


def _object(done: Done) -> dict[str, Any]:
    found = done.replayed
    plain = {**asdict(found), "steps": [asdict(trod) | {"fresh": None} for trod in found.steps], "healed": None}
    names = ("report", "candidate", "note", "whole", "changed", "advice")
    return plain | {name: getattr(done, name) for name in names}


def _print_done(done: Done) -> None:
    """In one line what came of it, how far that is proven, and where the report is; then what was mended."""
    from cua.checks import changed_key

    found = done.replayed
    acted = sum(trod.stage == "done" and not trod.aside for trod in found.steps)
    proof = f" ({PROOFS[found.proof]})" if found.outcome == "pass" and found.proof != "none" else ""
    of = f" of {done.whole}" if acted < done.whole else ""
    plural = "" if (done.whole if of else acted) == 1 else "s"
    count = f"{acted}{of} step{plural} done, {found.seconds:.1f} s" if acted else ""
    parts = [found.saying, count, f"report: {done.report}" if done.report else ""]
    print(f"{found.outcome}{proof}: {'; '.join(part for part in parts if part)}")
    for evidence in found.evidence:
        if (evidence.holds is not True or found.outcome == "pass") and evidence.saying not in found.saying:
            print(f"     {evidence.saying}")
    aside = [changed_key(key) for key in found.side_effects]
    if any(f"{key} changed too" not in found.saying for key in aside):
        print(f"     it also changed {_few(aside, done.report)}")
    if done.changed:
        print(f"changed meanwhile: {_few(done.changed, done.report)}")
    for said in done.advice:
        print(f"next: {said}")
    if done.note:
        print(f"note: {done.note}")
    if done.candidate:
        name = quote(found.workflow)
        print(
            f"some targets were found another way; kept as version {done.candidate}. To take it over: "
            f"cua replay {name} --version {done.candidate}, then cua workflows promote {name} {done.candidate}"
        )


def _few(said: Sequence[str], report: str) -> str:
    """The first of them, and how many more there are and where."""
    short = [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026" for text in said[:_SHOWN]]
    where = "in the report, and with --json" if report else "with --json"
    more = f" and {len(said) - _SHOWN} more ({where})" if len(said) > _SHOWN else ""
    return f"{', '.join(short)}{more}"


@contextmanager
def _interrupts() -> Iterator[Event]:
    """Ctrl-C sets the event, so that what is in hand ends well; a second one ends at once."""
    asked = Event()

    def heard(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        print("\ncua: ending after what is in hand; Ctrl-C again ends at once", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
