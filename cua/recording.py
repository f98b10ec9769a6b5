"""A recording while it goes on: what the recorder catches is kept step by step, as a run, and told in a line.

It ends by the recorder's end key, by a person's Ctrl-C, or by another process that asks for it. It never acts on the
screen. Of a crash it loses at most the step in hand; the lock it holds meanwhile goes with its process.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Protocol

from cua.core import (
    SEAL,
    Action,
    Changes,
    Click,
    Drag,
    Element,
    Fill,
    Frame,
    Invoke,
    Observation,
    Open,
    Point,
    Press,
    Run,
    Scroll,
    Step,
    Task,
    Type,
    World,
)
from cua.errors import DriverError, SandboxError, TimedOut, UsageError
from cua.memory.store import Store, Summary
from cua.policies.finding import look_at
from cua.policies.surroundings import ROWS
from cua.record import doubtful
from cua.record.keys import STRAY, stray
from cua.run import new_id

TASK = "record"
READY = "go ahead: what you do now is recorded"
_DOUBTFUL = (
    "step {} is doubtful: {}. Do it once more, slower or by a menu, a key or a labelled control; the doubtful step is "
    "to be mended or deleted in the workflow file before a replay"
)
_IDLE = "step {} hit nothing that is known ({}) and changed nothing on the screen: it will be left out"
_TURN = 0.1
_END_SECONDS, _TICK = 20.0, 0.02
_LONGEST = 60
_TEXTS = ROWS | {"cell", "gridcell", "rowheader"}  # what says of its row by itself which one it is
_MOST_FILES, _LARGEST = 20, 100_000


class Recorder(Protocol):
    """What watches a person; see `drivers`. `next` gives a step, a line for the person, or None."""

    @property
    def paused(self) -> bool: ...

    @property
    def ended(self) -> bool: ...

    def next(self, seconds: float) -> Step | str | None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def last(self) -> Observation: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Showing:
    """What a person is about to show: what to call it, where, and what it does, in their words. `force` keeps it as the
    next version where the name is taken.
    """

    name: str
    on: str = "web"
    url: str = ""
    goal: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Caught:
    """One line for the person: a step with its number, or with number 0 what else they should know."""

    number: int
    say: str


# ---------------------------------------------------------------------------------------------- one at a time


class Signs:
    """How another process tells a recording to pause or to end: by files in the data folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._lock = folder / "recording.lock"
        self._files = {"stop": folder / "recording.stop", "pause": folder / "recording.pause"}

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else of this user records meanwhile. Raises UsageError if somebody does."""
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"{self.now()!r} is being recorded already; end it with: cua record --stop") from None
            os.ftruncate(lock, 0)
            os.pwrite(lock, name.encode(), 0)
            for left in self._files.values():
                left.unlink(missing_ok=True)  # of a recording that ended before it read them
            yield
        finally:
            os.close(lock)

    def now(self) -> str:
        """The name of what is being recorded; "" for nothing. What a killed process left says nothing."""
        try:
            lock = os.open(self._lock, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return ""
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.pread(lock, 200, 0).decode(errors="replace")
        finally:
            os.close(lock)
        return ""

    def tell(self, what: str) -> str:
        """Tell the recording to "stop" or to "pause" (or go on); its name. Raises UsageError where there is none."""
        name = self.now()
        if not name:
            raise UsageError("nothing is being recorded; begin with: cua record NAME --on web")
        self._files[what].touch()
        return name

    def await_end(self) -> None:
        """Until the recording has ended. Raises TimedOut."""
        limit = time.monotonic() + _END_SECONDS
        while self.now():
            if time.monotonic() > limit:
                raise TimedOut(f"the recording did not end within {_END_SECONDS:g} s; press Ctrl-C where it runs")
            time.sleep(_TICK)

    def heard(self, what: str) -> bool:
        """Whether it was told so since the last time."""
        try:
            self._files[what].unlink()
        except FileNotFoundError:
            return False
        return True


# ---------------------------------------------------------------------------------------------- watching


def going_on(signs: Signs, runs: Sequence[Summary]) -> str:
    """The id of the run, of these from the newest on, that is being recorded now; "" for none."""
    name = signs.now()
    return next((each.id for each in runs if name and (each.task, each.goal) == (TASK, name)), "")


def watch(
    recorder: Recorder, store: Store, name: str, *, told: Callable[[Caught], None], signs: Signs, stop: Event
) -> Run:
    """Keep what is caught until the recording ends; the run, as it is on record.

    `stop` is set by Ctrl-C, which ends it as well as any other way.
    """
    run = Run(new_id(), Task(TASK, name))
    began = time.monotonic()
    store.begin(run.id, run.task)
    _last(recorder)  # the first act must find a screen that was looked at just before it
    told(Caught(0, READY))
    try:
        while not (recorder.ended or stop.is_set() or signs.heard("stop")):
            if signs.heard("pause"):
                (recorder.resume if recorder.paused else recorder.pause)()
            run = _took(recorder.next(_TURN), run, store, told)
        while (left := recorder.next(0.0)) is not None:
            run = _took(left, run, store, told)
        reason = f"the person ended it{' with Ctrl-C' if stop.is_set() else ''}"
        run = replace(run, last=_last(recorder), stopped="finished", reason=reason)
    finally:
        store.end(replace(run, seconds=time.monotonic() - began))
    return replace(run, last=_bare(run.last) if run.last else None)


def _took(got: Step | str | None, run: Run, store: Store, told: Callable[[Caught], None]) -> Run:
    match got:
        case None:
            return run
        case str():
            told(Caught(0, got))
            return run
        case Step():
            store.keep(run.id, len(run.steps), got)
            number = len(run.steps) + 1
            told(Caught(number, in_words(got.action, got.seen)))
            before = run.steps[-1] if run.steps else None
            there, last = stray(got.action, got.seen), stray(before.action, before.seen) if before else None
            if there is not None and (last is None or last.ref != there.ref):
                told(Caught(0, f"step {number} {STRAY.format(there.role, there.name)}"))
            if said := doubtful.doubt(got.action, got.seen, got.effect):
                told(Caught(0, (_IDLE if got.effect.kind == "no_effect" else _DOUBTFUL).format(number, said)))
            return replace(run, steps=(*run.steps, replace(got, seen=_bare(got.seen))))


def _last(recorder: Recorder) -> Observation | None:
    """The look after the last act; None where the window was closed with it."""
    try:
        return recorder.last()
    except DriverError:
        return None


def _bare(seen: Observation) -> Observation:
    """Without pixels: they are on file, and an hour of them would fill the memory."""
    frame: Frame | None = seen.frame
    return replace(seen, frame=replace(frame, pixels=None)) if frame and frame.pixels is not None else seen


# ---------------------------------------------------------------------------------------------- the world


def texts_of(world: World, made: Changes) -> dict[str, str]:
    """What the files that were created hold, by path: of the first few, those that are text and not large."""
    found: dict[str, str] = {}
    files = [path for path, how in sorted(made.files.items()) if how == "created" and not path.endswith("/")]
    for path in files[:_MOST_FILES]:
        try:
            data = world.read(f"~/{path}")
        except (FileNotFoundError, SandboxError):
            continue  # a passing file, or none of ours: then only that it was there counts
        if len(data) <= _LARGEST and b"\0" not in data:
            with suppress(UnicodeDecodeError):
                found[path] = data.decode("utf-8")
    return found


# ---------------------------------------------------------------------------------------------- in words


def in_words(action: Action, seen: Observation) -> str:
    """What was done on this screen, in a line; a secret as dots."""

    def told(target: Element | Point) -> str:
        return called(target) + (_row(target, seen) if isinstance(target, Element) else "")

    match action:
        case Fill(target, text):
            return f"fill {told(target)} = {_shown(text)}"
        case Type(text):
            return f"type {_shown(text)}"
        case Press(keys):
            return f"press {keys}"
        case Click(target, button, count, keys):
            how = " ".join(filter(None, ["double" if count == 2 else "", "" if button == "left" else button]))
            held = f" with {'+'.join(keys)}" if keys else ""
            return f"{how + '-' if how else ''}click {told(target)}{held}"
        case Invoke(target):
            return f"use {told(target)}"
        case Scroll(target, dx, dy):
            way = ("down" if dy > 0 else "up") if dy else "right" if dx > 0 else "left"
            return f"scroll {way} {abs(dy or dx)} at {told(target)}"
        case Drag(start, end):
            return f"drag {told(start)} to {told(end)}"
        case Open(what):
            return f"open {what}"
        case _:
            return type(action).__name__.lower()


def called(target: Element | Point) -> str:
    """A target in a few words."""
    if isinstance(target, Point):
        return f"the point {target.x}, {target.y}"
    return f"{target.role} {_shown(target.name)}" if target.name else f"a {target.role} without a name"


def _row(target: Element, seen: Observation) -> str:
    """Which row a target is in, where it stands in one and does not tell it by itself."""
    at = next((n for n, each in enumerate(seen.elements) if each.ref == target.ref), -1)
    if at < 0:
        return ""
    look = look_at(seen)
    alone = len(look.named(target.role, look.names[at])) == 1
    inside = any(look.elements[above].role in ROWS for above in look.above(at))
    if alone and (target.role in _TEXTS or not inside):
        return ""
    other = next((text for text in look.row(at) if text != look.names[at]), "")
    return f" in row {_shown(other)}" if other else ""


def _shown(text: str) -> str:
    parts = text.split(SEAL)  # plain, name of a secret, plain, ...
    plain = "".join("\u2022" * 6 if at % 2 else part for at, part in enumerate(parts))
    return repr(plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "\u2026")
