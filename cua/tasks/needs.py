"""What a task needs of a machine before anything is done in it: programs, and settings that programs must know of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cua.core import World
from cua.errors import SandboxError
from cua.evaluators.commands import COMMAND_LIMIT, on, own
from cua.evaluators.evaluated import Evaluated
from cua.evaluators.names import names, program
from cua.policies.models.code import script_of
from cua.tasks.osworld import Described
from cua.tasks.shell import heads

_SECONDS = 20.0
_EXPERIMENTS = "check_enabled_experiments"
_SCHEMA = re.compile(r"gsettings\s+(?:get|set|reset|writable|range|list-keys)\s+([A-Za-z][\w.-]*)")
_WINDOWS = frozenset({"activate_window", "close_window"})
_OTHER_TERMINAL = re.compile(r"[\w-]*term(?:inal)?\b")
_RUNS = frozenset({"launch", "execute", "command", "execute_with_verification"})


def lacking(described: Described, world: World) -> str:
    """What the machine has not, in words; "" where nothing is missing. Raises SandboxError if that is not known."""
    programs, texts = _asked(described)
    known = names()
    groups = [of.any if (of := program(name)) else (name,) for name in programs]
    apps = [app.replace(" ", "_") for app in described.apps]
    groups += [known.apps[app] for app in apps if app in known.apps]
    checks = [check for check in described.task.checks if isinstance(check, Evaluated)]
    groups += [(known.terminal.program,)] * _opens_terminal(described, texts)
    there = _installed(world, sorted({name for group in groups for name in group}))
    missing = sorted({group[0] for group in groups if not there & {*group}})
    if missing:
        return _not_installed(missing, [known.packages.get(name, "") for name in missing])
    for name in programs:
        if (need := known.needs.get(name)) and world.exec(need.works, seconds=_SECONDS).code:
            return need.lack
    if gone := _gone(checks, world):
        return f"the browser here has no experiment {gone!r}: it was taken out of it"
    schemas = {schema for text in texts for schema in _SCHEMA.findall(text)}
    unknown = schemas - _schemas(world) if schemas else set()
    packages = [package for name in unknown for begin, package in known.schemas.items() if name.startswith(begin)]
    return _not_installed(sorted(unknown), packages, "the settings ") if unknown else ""


def _not_installed(missing: list[str], packages: Sequence[str], what: str = "") -> str:
    """What is missing, and how to get it as far as that is known."""
    add = ",".join(sorted({*packages} - {""}))
    step = f"; add it with: cua sandbox build debian --with {add} (then run it --on qemu)" if add else ""
    return f"not installed: {what}{', '.join(missing)}{step}"


def _opens_terminal(described: Described, texts: list[str]) -> bool:
    """Whether it needs a terminal without starting one by its name."""
    of = names().terminal
    checks = [check for check in described.task.checks if isinstance(check, Evaluated)]
    if any(of.keys.search(text) for text in texts) or any(of.getter in check.getters() for check in checks):
        return True
    steps = (*described.config, *described.postconfig)
    spoken = any(step.kind in _WINDOWS and step.parameters["window_name"] == of.window for step in steps)
    return spoken and not any(_OTHER_TERMINAL.search(text) for text in texts)


def _asked(described: Described) -> tuple[list[str], list[str]]:
    """The programs that steps and checks run, but for those that a step brings or that somebody has yet to make, and
    all that is said to them.
    """
    commands: list[tuple[str | list[str], bool]] = [
        (step.parameters["command"], on(step.parameters.get("shell", False)))
        for step in (*described.config, *described.postconfig)
        if step.kind in _RUNS
    ]
    for check in described.task.checks:
        if isinstance(check, Evaluated):
            commands += check.commands()
    found: list[str] = []
    for command, shell in commands:
        if isinstance(command, list) and script_of(tuple(command)):
            continue
        if isinstance(command, list):
            found += [command[0], *(heads(command[2]) if command[1:2] == ["-c"] and "sh" in command[0] else ())]
        else:
            found += heads(command) if shell else command.split()[:1]
    return [name for name in found if not own(name)], [
        " ".join(each) if isinstance(each, list) else each for each, _ in commands
    ]


def _installed(world: World, wanted: list[str]) -> set[str]:
    if not wanted:
        return set()
    loop = 'for name in "$@"; do command -v "$name" >/dev/null 2>&1 && echo "$name"; done; true'
    done = world.exec(("sh", "-c", loop, "sh", *wanted), seconds=_SECONDS)
    if done.code:
        raise SandboxError(f"what is installed in the machine cannot be found out: {done.err.strip()}; make a new one")
    return {*done.out.splitlines()}


def _gone(checks: Sequence[Evaluated], world: World) -> str:
    """The first experiment that a check asks for and that the browser does not know: nobody can choose it, and what
    others wrote of it into its files it forgets. "" where it knows them all, or cannot be asked.
    """
    told = [rules for check in checks for rules in check.rules(_EXPERIMENTS)]
    wanted: list[str] = [name for rules in told for name in rules.get("names", ())]
    files: list[str] = names().browser["binaries"] if wanted else []
    there = [file for file in files if world.exec(("test", "-f", file), seconds=_SECONDS).code == 0]
    for name in wanted if there else ():
        if world.exec(("grep", "-qaF", "--", name, *there), seconds=COMMAND_LIMIT).code == 1:
            return name
    return ""


def _schemas(world: World) -> set[str]:
    done = world.exec(("sh", "-c", "gsettings list-schemas; gsettings list-relocatable-schemas"), seconds=_SECONDS)
    return {*done.out.split()}
