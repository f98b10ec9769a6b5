"""One of our own tasks on a stage: its start is set, its steps are done, and the world it ends in is judged.

It speaks to a sandbox through the protocol of the core alone, so that any kind of machine will do. It waits for what
must show, never for a time.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import TypeVar, assert_never

from cua.checks import holds, judge
from cua.core import Changes, Click, Element, Fill, Invoke, Observation, Press, Sandbox, Type, Verdict, Wait
from cua.core import World as AnyWorld
from cua.errors import MissingProgram, SandboxError, TargetGone, TargetNotFound, TimedOut, UsageError
from cua.screen import label, top_windows
from cua.tasks.own import Await, Do, Keys, Launch, OwnTask, Put, Script, Step, Where

Seen = TypeVar("Seen")

SCRIPT_SECONDS = 60.0
QUIET = Wait(2.0)
STILL_SECONDS, STILL_LIMIT = 1.0, 15.0
_PIECE = 60_000  # bytes in one argument of a command
_TRIES = 5
_CUT_OFF = 124
_TICK = Wait(0.2)
_WRITE = 'mkdir -p -- "$(dirname -- "$1")" && : >"$1"'
_APPEND = 'printf %s "$2" | base64 -d >>"$1"'
_DETACHED = 'setsid -f -- "$@" </dev/null >/dev/null 2>&1'


def check_installed(own: OwnTask, world: AnyWorld) -> None:
    """Raises MissingProgram for a program of the task that the machine has not: the outcome is unknown then."""
    for program in own.programs:
        if world.exec(("sh", "-c", 'command -v -- "$1"', "sh", program.command[0])).code:
            packages = " ".join(program.packages)
            raise MissingProgram(f"{program.name} is not installed there; install it with: apt-get install {packages}")


def begin(own: OwnTask, sandbox: Sandbox) -> Changes:
    """The start of the task in a sandbox that is in its start state; what differs from that state then, for `judged`.

    Raises MissingProgram before anything is done; UsageError where the goal holds already: such a task is void.
    """
    check_installed(own, sandbox.world)
    for put in own.files:
        _put(put, sandbox.world)
    perform(own, own.start, sandbox)
    sandbox.driver.act(QUIET)
    evidence = holds(own.task, sandbox.world)
    if all(each.holds for each in evidence):
        raise UsageError(f"{own.task.id}, seed {own.task.seed}: the goal holds already at the start; draw another seed")
    return sandbox.world.changes()


def judged(own: OwnTask, sandbox: Sandbox, before: Changes) -> Verdict:
    """What the world shows once it stands still. Programs that write late are quit and started again first."""
    _await_still(sandbox)
    if own.late:
        sandbox.restart()
        _await_still(sandbox)
    return judge(own.task, sandbox.world, before, placements=False)


def _await_still(sandbox: Sandbox) -> None:
    """Until nothing was written for a while, or the limit is reached: some programs save after they seem to be done."""
    sandbox.driver.act(QUIET)
    last, since = sandbox.world.changes(), time.monotonic()
    end = since + STILL_LIMIT
    while (now := time.monotonic()) < end and now - since < STILL_SECONDS:
        sandbox.driver.act(_TICK)
        if (seen := sandbox.world.changes()) != last:
            last, since = seen, time.monotonic()


def perform(own: OwnTask, steps: tuple[Step, ...], sandbox: Sandbox) -> None:
    """Do these steps, one after the other. Raises SandboxError, TargetNotFound or TimedOut with the step's number."""
    stamp = ""
    for number, step in enumerate(steps, 1):
        after = steps[number] if number < len(steps) else None
        try:
            if isinstance(step, Await) and step.what == "written":
                _await_written(step, stamp, sandbox)
                continue
            stamp = _stamp(after.words, sandbox.world) if isinstance(after, Await) and after.what == "written" else ""
            _perform(own, step, sandbox)
        except (SandboxError, TargetNotFound, TargetGone, TimedOut) as exc:
            raise type(exc)(f"{own.task.id}, step {number} of {len(steps)}: {exc}") from exc


def _perform(own: OwnTask, step: Step, sandbox: Sandbox) -> None:
    match step:
        case Script(text):
            _run(own, text, sandbox.world)
        case Put():
            _put(step, sandbox.world)
        case Launch(argv):
            done = sandbox.world.exec(("sh", "-c", _DETACHED, "sh", *argv))
            _check(done.code, f"{argv[0]} did not start: {done.err.strip()}")
        case Await():
            _await(step, sandbox)
        case Keys(how, text):
            sandbox.driver.act(Press(text) if how == "press" else Type(text))
        case Do():
            _act(step, sandbox)
        case _:
            assert_never(step)


# ---------------------------------------------------------------------------------------------- scripts and files


def _run(own: OwnTask, text: str, world: AnyWorld) -> None:
    variables = tuple(f"{name}={value}" for name, value in own.task.params.items())
    done = world.exec(("env", *variables, "sh", "-e", "-c", text), seconds=SCRIPT_SECONDS)
    if done.code == _CUT_OFF:
        raise SandboxError(f"the script did not end within {SCRIPT_SECONDS:.0f} s; make it shorter, or start it by run")
    _check(done.code, f"the script ended with code {done.code}: {(done.err or done.out).strip()[-300:]}")


def _put(put: Put, world: AnyWorld) -> None:
    """Through commands, piece by piece: what a command may be given is limited."""
    path = put.path.removeprefix("~/")
    text = base64.b64encode(put.data).decode()
    commands = [(_WRITE, path), *((_APPEND, path, text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))]
    if put.mode:
        commands.append(('chmod "$2" -- "$1"', path, put.mode))
    for script, *words in commands:
        done = world.exec(("sh", "-c", script, "sh", *words))
        _check(done.code, f"{put.path} cannot be written: {done.err.strip()}")


def _check(code: int, saying: str) -> None:
    if code:
        raise SandboxError(f"{saying}; mend the step, or try again from a reset")


# ---------------------------------------------------------------------------------------------- the screen


def _act(step: Do, sandbox: Sandbox) -> None:
    """An act on an element; one that went away meanwhile is looked for again, one that took no text filled again."""
    driver = sandbox.driver
    for tried in range(_TRIES):
        target = _awaited(sandbox, lambda now: _found(now, step.where, step.how == "invoke"), step)
        try:
            effect = driver.act(_action(step, target))
        except TargetGone:
            if tried == _TRIES - 1:
                raise
            continue
        lost = step.how == "fill" and effect.kind == "no_effect" and tried < _TRIES - 1
        if effect.kind != "refused" and not lost:
            return
        driver.act(_TICK)
    raise TargetNotFound(f"{step.how} on {_words(step)} was refused: {effect.reason}")


def _action(step: Do, target: Element) -> Click | Invoke | Fill:
    match step.how:
        case "invoke":
            return Invoke(target)
        case "fill":
            return Fill(target, step.text)
        case "double":
            return Click(target, count=2)
        case "right":
            return Click(target, button="right")
        case _:
            return Click(target)


def _await(step: Await, sandbox: Sandbox) -> None:
    match step.what:
        case "window":
            _awaited(sandbox, lambda now: _titled(now, step.words) or None, step)
        case "gone":
            _awaited(sandbox, lambda now: not _titled(now, step.words) or None, step)
        case _:
            _awaited(sandbox, lambda now: _found(now, step.where, hidden=False), step)


def _await_written(step: Await, stamp: str, sandbox: Sandbox) -> None:
    """Until there is a file, another than that of the stamp."""
    _awaited(sandbox, lambda _: _stamp(step.words, sandbox.world) not in ("", stamp) or None, step)


def _stamp(path: str, world: AnyWorld) -> str:
    """What changes whenever a file is written; "" where there is none, or an empty one."""
    script = 'test ! -s "$1" || stat -c "%i %y %s" -- "$1"'
    return world.exec(("sh", "-c", script, "sh", path.removeprefix("~/"))).out.strip()


def _awaited(sandbox: Sandbox, look: Callable[[Observation], Seen | None], step: Await | Do) -> Seen:
    """What `look` finds on the screen, once it finds something. Raises TimedOut with what shows instead."""
    end = time.monotonic() + step.seconds
    while True:
        now = sandbox.driver.observe(frame=False)
        if (seen := look(now)) is not None:
            return seen
        if time.monotonic() > end:
            shown = ", ".join(_shown(now, window) for window in top_windows(now)) or "none"
            raise TimedOut(f"not within {step.seconds:g} s: {_words(step)}; windows that show: {shown}")
        sandbox.driver.act(_TICK)


def _shown(now: Observation, window: Element) -> str:
    """A window by its title, with what it says if it asks something."""
    said = [each.name for each in now.elements if each.role == "text" and window in now.ancestors(each)]
    asks = window.role != "window" and said
    return f"{window.name!r} ({said[0][:80]})" if asks else repr(window.name)


def _words(step: Await | Do) -> str:
    """What is waited for."""
    where = step.where
    inside = f" in {where.inside!r}" if where.inside else ""
    element = f"{where.role} {where.name!r}{inside}{f' ({where.nth})' if where.nth else ''}"
    if isinstance(step, Do) or step.what == "shows":
        return element
    says = {"window": "a window", "gone": "the end of a window", "written": "a new content of"}
    return f"{says[step.what]} {step.words!r}"


def _titled(now: Observation, words: str) -> bool:
    return any(words.casefold() in window.name.casefold() for window in top_windows(now))


def _found(now: Observation, where: Where, hidden: bool) -> Element | None:
    """The element, if it shows, or with `hidden` if it is there at all."""
    fits = [each for each in now.elements if _fits(now, each, where) and (hidden or "showing" in each.states)]
    shown = [each for each in fits if "showing" in each.states] or fits
    return shown[where.nth] if where.nth < len(shown) else None


def _fits(now: Observation, element: Element, where: Where) -> bool:
    if element.role != where.role or not _called(element, where.name):
        return False
    around = now.ancestors(element) if where.inside else ()
    return not where.inside or any(where.inside.casefold() in each.name.casefold() for each in around)


def _called(element: Element, name: str) -> bool:
    if name.endswith("*"):
        return label(element.name).startswith(name[:-1])
    return name in ("", element.name) or label(element.name) == label(name)
