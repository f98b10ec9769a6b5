"""The user's verb `do`: a kept workflow that the words name is replayed; else what is known, planned or asked is done.

It never prints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from shlex import quote
from threading import Event
from urllib.parse import urlsplit

from cua import app, config
from cua.app import Say, silent
from cua.config import settings
from cua.core import Run, Task, Verdict
from cua.doing import do_there
from cua.errors import UsageError
from cua.given import Wish, is_page, is_sandbox
from cua.hints import remembered
from cua.memory import versions
from cua.memory.store import Store, acts
from cua.memory.workflows import Workflow
from cua.minds import Mind, nobody
from cua.policies.acts import origin
from cua.policies.asked_workflow import Named, as_recorded, asks, named, near
from cua.policies.route import Choice
from cua.policies.understand import readable
from cua.run import new_id
from cua.seats import Done
from cua.solving import keep_choice

_LATEST = 20  # replays that are looked through for one with the same values
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
    A kept workflow that it names is replayed, where it was recorded if nothing is said `on` what; a question is not
    taken for an order. Where it halts before its first act, the request is done as if there were no workflow.
    The model of the settings is asked where nobody else knows; or `model`. `approve` asks the person about an act that
    the sentence does not ask for. Raises UsageError for a sentence or a place that nothing can be done with.
    """
    readable(goal)
    with app.record() as store:
        kept = versions.load_all(store).values()
        meant = named(goal, kept, lambda workflow: _fits(workflow, on))
        found = [each for each in meant if not asks(goal) or asks(each.sentence)]

        def otherwise(where: str, close: tuple[str, ...] = ()) -> Done:
            with app.seat(where, store, say) as place:
                say(goal)
                return do_there(goal, place, Mind(model or settings().model, store, approve), close)

        if question := _question(found):
            done = _asked(goal, question, _commands(found, on), store)
        elif found:
            say(goal)
            done = _replayed(goal, found[0], on, say, store)
            if done.outcome == "refused" and not done.acts and (where := _seat_of(found[0].workflow, on)):
                done = _instead(done, otherwise(where))
        else:
            close = _close(goal, meant, kept, on)
            with _helped(on, close):
                done = otherwise(on, close)
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


def _seat_of(workflow: Workflow, on: str) -> str:
    """Where a request is done without the workflow: there, or where it was recorded; "" where none can be."""
    own, start = _recorded(workflow)
    where = on if on and on not in _PLACES else start if own == "web" else own
    there = where.startswith(("http://", "https://")) if is_page(where) else where not in ("", *_PLACES)
    return where if there else ""


@contextmanager
def _helped(on: str, close: Sequence[str]) -> Iterator[None]:
    """Where nothing but a workflow can be asked for, the UsageError names those that are close to what was."""
    try:
        yield
    except UsageError as exc:
        if not close or (on and on not in _PLACES):
            raise
        raise UsageError(f"{exc}; close to a workflow that is kept: {', '.join(close)}") from exc


def _close(goal: str, meant: Sequence[Named], kept: Collection[Workflow], on: str) -> tuple[str, ...]:
    """What is kept and close to the words, or is meant by a question, for a person."""
    names = {asked.workflow.name for asked in meant}
    alike = [asked for asked in near(goal, kept) if asked.workflow.name not in names] if kept else []
    order = '; to have it done, say it without the "?"'
    return (*(f"{_told(asked, on)}{order}" for asked in meant), *(_told(asked, on) for asked in alike))


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
    if found and found[0].by_name and found[0].unsaid:
        name, values = found[0].workflow.name, as_recorded(found[0].unsaid)
        words = f"to have it done at once, write what it does into its goal: cua workflows edit {quote(name)}"
        return f"workflow {name} was recorded with {values}; is it to be done with the same once more? ({words})"
    return ""


def _lacking(asked: Named) -> list[str]:
    """The parameters without a value, secrets aside: those are read from where they are kept."""
    params = [param for param in asked.workflow.params if param.kind != "secret" and param.default is None]
    return [param.name for param in params if param.name not in asked.values]


def _commands(found: Sequence[Named], on: str) -> list[str]:
    """What replays each; of one alone also with other values than the recorded ones that its name does not give."""
    others = [param.name for param in found[0].unsaid] if len(found) == 1 and found[0].by_name else []
    return [*(_command(each, on) for each in found), *([_command(found[0], on, others)] if others else [])]


def _command(asked: Named, on: str, others: Sequence[str] = ()) -> str:
    """What replays it so, with another value for these."""
    given = {**asked.values, **dict.fromkeys((*_lacking(asked), *others), "VALUE")}
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
    found, run = done.replayed, store.run(done.replayed.run)
    count = acts(run.steps)
    choice = Choice(0, "skill", f"workflow {name}: it was recorded for these words: {asked.sentence}", count)
    keep_choice(store, found.run, choice)
    changed = [f"changed meanwhile: {', '.join(done.changed)}"] if done.changed else []
    mended = [f"what was mended is kept as version {done.candidate}: cua workflows history {quote(name)}"]
    kept = f"as it was recorded, for the words do not say it: {as_recorded(asked.unsaid)}" if asked.unsaid else ""
    notes = [
        *changed,
        *done.advice,
        done.note,
        *(mended if done.candidate else []),
        kept,
        _before(asked, run, on, store),
    ]
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


def _before(asked: Named, run: Run, on: str, store: Store) -> str:
    """That the same was done before, with the same values, in a world that stays; "" where it was not."""
    if is_sandbox(_wish(asked, on).on or asked.workflow.on) or any(p.kind == "rows" for p in asked.workflow.params):
        return ""
    for each in store.runs(_LATEST, task=run.task.id):
        alike = (each.goal, each.outcome) == (run.task.goal, "pass") and each.id != run.id
        if alike and store.run(each.id).task.params == run.task.params:
            when = datetime.fromtimestamp(each.started).strftime("%Y-%m-%d %H:%M")
            return f"the same was done before: run {each.id}, at {when}"
    return ""


def _instead(first: Done, other: Done) -> Done:
    """What came of the request where the workflow did nothing; the halt where nobody else knew either."""
    seconds = first.seconds + other.seconds
    if other.outcome != "pass" and not other.acts and not other.model_calls:
        return replace(first, seconds=seconds)
    halted = f"{first.how} halted before its first act (run {first.run}): {first.saying}"
    note = "; ".join(filter(None, [other.note, halted]))
    return replace(other, seconds=seconds, route=(*first.route, *other.route), note=note)
