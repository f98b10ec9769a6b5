"""The user's verb `do`: a kept workflow that the words name is replayed; else what is known, planned or asked is done.

It never prints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from shlex import quote
from threading import Event
from urllib.parse import urlsplit

from cua import app, config
from cua.app import Say, silent
from cua.config import settings
from cua.core import Run, Task, Verdict
from cua.doing import do_there
from cua.errors import UsageError
from cua.given import Wish, is_page
from cua.hints import remembered
from cua.memory import versions
from cua.memory.store import Store, acts
from cua.memory.workflows import Workflow
from cua.minds import Mind, nobody
from cua.policies.acts import origin
from cua.policies.asked_workflow import Named, named, near
from cua.policies.route import Choice
from cua.policies.understand import readable
from cua.run import new_id
from cua.seats import Done
from cua.solving import keep_choice

_PLACES = ("web", "desktop")  # where only a workflow can be asked for


def do(
    goal: str,
    on: str,
    say: Say = silent,
    *,
    model: config.Model | None = None,
    approve: Callable[[str], bool] = nobody,
) -> Done:
    """Do what the sentence asks for on the app, page or sandbox of that name, judge it from the world, and learn of it.
    A kept workflow that it names is replayed, where it was recorded if nothing is said `on` what.
    The model of the settings is asked where nobody else knows; or `model`. `approve` asks the person about an act that
    the sentence does not ask for. Raises UsageError for a sentence or a place that nothing can be done with.
    """
    readable(goal)
    with app.record() as store:
        kept = versions.load_all(store).values()
        found = named(goal, kept, lambda workflow: _fits(workflow, on))
        if question := _question(found):
            done = _asked(goal, question, [_command(each, on) for each in found], store)
        elif found:
            say(goal)
            done = _replayed(goal, found[0], on, say, store)
        else:
            close = tuple(_told(each, on) for each in near(goal, kept)) if kept else ()
            with _helped(on, close), app.seat(on, store, say) as place:
                say(goal)
                done = do_there(goal, place, Mind(model or settings().model, store, approve), close)
        notes = (remembered(store.path, goal, done.run), done.note)
        return replace(done, note="; ".join(filter(None, notes)))


# ---------------------------------------------------------------------------------------------- where


def _fits(workflow: Workflow, on: str) -> bool:
    """Whether it was recorded there: on that page or, where that is a site, on one of it; there, or in that app."""
    if not on:
        return True
    own, start = _recorded(workflow)
    if is_page(on):
        return own == "web" and _same_page(on, start)
    return own == on if on in _PLACES or own in _PLACES else app.has_app(on, own)


def _recorded(workflow: Workflow) -> tuple[str, str]:
    return ("web", workflow.on) if is_page(workflow.on) else (workflow.on, workflow.start)


def _same_page(on: str, start: str) -> bool:
    one, other = urlsplit(on), urlsplit(start)
    if not origin(on) or origin(on) != origin(start):
        return False
    site = one.scheme != "file" and one.path in ("", "/") and not one.query and not one.fragment
    return site or (one.path.rstrip("/"), *one[3:]) == (other.path.rstrip("/"), *other[3:])


def _wish(asked: Named, on: str) -> Wish:
    """How it is replayed: a page is opened where the recording began."""
    return Wish(asked.workflow.name, asked.values, "" if on in _PLACES or is_page(on) else on)


@contextmanager
def _helped(on: str, close: Sequence[str]) -> Iterator[None]:
    """Where nothing but a workflow can be asked for, the UsageError names those that are close to what was."""
    try:
        yield
    except UsageError as exc:
        if not close or (on and on not in _PLACES):
            raise
        raise UsageError(f"{exc}; close to a workflow that is kept: {', '.join(close)}") from exc


def _told(asked: Named, on: str) -> str:
    """A workflow for a person who asked for something like it."""
    own, start = _recorded(asked.workflow)
    where = start if own == "web" and start else own
    there = "" if on and _fits(asked.workflow, on) else f", recorded on {where}: --on {quote(where)}"
    kept = [
        param.name for param in asked.workflow.params if param.default and f'"{param.default}"' not in asked.sentence
    ]
    values = " ".join(f"--param {name}=VALUE" for name in kept)
    more = f"; for other values: cua replay {quote(asked.workflow.name)} {values}" if kept else ""
    return f"{asked.sentence} (workflow {asked.workflow.name}{there}{more})"


# ---------------------------------------------------------------------------------------------- asking


def _question(found: Sequence[Named]) -> str:
    """What the person must say first; "" where nothing is open."""
    if len(found) > 1:
        return "more than one workflow is asked for in these words: which is meant?"
    lacking = [name for asked in found for name in _lacking(asked)]
    if lacking:
        which = f"{lacking[0]!r}" if len(lacking) == 1 else "each of " + ", ".join(map(repr, lacking))
        return f"workflow {found[0].workflow.name} needs a value for {which}, and the words give none: what is it?"
    return ""


def _lacking(asked: Named) -> list[str]:
    """The parameters without a value, secrets aside: those are read from where they are kept."""
    params = [param for param in asked.workflow.params if param.kind != "secret" and param.default is None]
    return [param.name for param in params if param.name not in asked.values]


def _command(asked: Named, on: str) -> str:
    """What replays it so."""
    given = {**asked.values, **dict.fromkeys(_lacking(asked), "VALUE")}
    wish = _wish(asked, on)
    words = [f"--param {quote(f'{name}={value}')}" for name, value in given.items()]
    return " ".join(["cua replay", quote(wish.name), *words, *([f"--on {quote(wish.on)}"] if wish.on else [])])


def _asked(goal: str, question: str, choices: Sequence[str], store: Store) -> Done:
    """The question, on record as a run in which nothing was done."""
    run = Run(new_id(), Task("do", goal), stopped="asked", reason="\n".join((question, *choices)))
    choice = Choice(0, "person", question)
    store.begin(run.id, run.task)
    store.end(run)
    store.verdict(run.id, Verdict("unknown"))
    keep_choice(store, run.id, choice)
    return Done("unknown", goal, question, closest=tuple(choices), run=run.id, route=(choice,))


# ---------------------------------------------------------------------------------------------- replaying


def _replayed(goal: str, asked: Named, on: str, say: Say, store: Store) -> Done:
    """The replay as the answer to the request."""
    from cua import workflows_app

    began, name = time.monotonic(), asked.workflow.name
    done = workflows_app.replay_workflow(_wish(asked, on), told=lambda trod: say(trod.say), stop=Event(), say=say)
    found = done.replayed
    count = acts(store.run(found.run).steps)
    choice = Choice(0, "skill", f"workflow {name}: it was recorded for these words: {asked.sentence}", count)
    keep_choice(store, found.run, choice)
    changed = [f"changed meanwhile: {', '.join(done.changed)}"] if done.changed else []
    mended = [f"what was mended is kept as version {done.candidate}: cua workflows history {quote(name)}"]
    notes = [*changed, *done.advice, done.note, *(mended if done.candidate else [])]
    report = f"report: {done.report}" if done.report else ""
    return Done(
        found.outcome,
        goal,
        found.saying,
        f"workflow {name}",
        acts=count,
        seconds=time.monotonic() - began,
        run=found.run,
        note="; ".join(filter(None, [*notes, report])),
        route=(choice,),
    )
