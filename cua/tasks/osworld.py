"""OSWorld's task files: read, checked to the last field, and turned into a `Task` whose checks are of the closed set.

Nothing is done while a file is read, and nothing in it is guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cua.core import Budget, Task
from cua.errors import TroubleError, UsageError
from cua.evaluators.evaluated import Evaluated
from cua.evaluators.fitting import called, closest
from cua.tasks.setting_up import SetUp, checked

INFEASIBLE = "infeasible"
_KNOWN = frozenset({
    "id", "snapshot", "instruction", "source", "config", "trajectory", "related_apps", "evaluator", "proxy", "fixed_ip",
    "possibility_of_env_change", "env_may_change", "hint",
})  # fmt: skip
_NEEDED = ("id", "instruction", "evaluator")
_OF_EVALUATOR = frozenset({"func", "result", "expected", "options", "conj", "postconfig"})
_ANYTHING = ("*",)  # upstream never looks at what else was changed


@dataclass(frozen=True, slots=True)
class Described:
    """A task with what is to be done before it is tried, and before it is judged. One that is not `feasible` is passed
    by saying so. `apps` are the names that the file has for the programs that it is about.
    """

    task: Task
    path: Path
    apps: tuple[str, ...]
    config: tuple[SetUp, ...]
    postconfig: tuple[SetUp, ...]
    feasible: bool = True


def load(path: Path, *, budget: Budget = Budget()) -> Described:  # noqa: B008 - it is frozen
    """The task of a file. Raises UsageError that names the file and what is wrong with it, TroubleError for what is not
    there yet.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"{path} cannot be read: {exc.strerror}; name a task file") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is no JSON: {exc}; correct it") from exc
    try:
        return described(_parsed(text), path, budget)
    except RecursionError as exc:
        raise UsageError(f"{path}: brackets stand inside brackets without end; take some out") from exc
    except UsageError as exc:
        raise UsageError(f"{path}: {exc}") from exc
    except TroubleError as exc:
        raise TroubleError(f"{path}: {exc}") from exc


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise UsageError(f"it is no JSON: {exc}; correct it") from exc


def described(told: Any, path: Path, budget: Budget) -> Described:
    """The task that an object of JSON describes. Raises UsageError, TroubleError."""
    told = _object(told, "the task")
    _only(told, _KNOWN, "the task")
    for name in _NEEDED:
        if name not in told:
            raise UsageError(f"the task lacks the field {name!r}; add it")
    name, goal = (_text(told, field) for field in ("id", "instruction"))
    apps = told.get("related_apps", [])
    if not isinstance(apps, list) or not all(isinstance(each, str) for each in apps):
        raise UsageError(f"related_apps is {str(apps)[:60]}, and must be a list of names")
    evaluator = _object(told["evaluator"], "the evaluator")
    _only(evaluator, _OF_EVALUATOR, "the evaluator")
    config = _steps(told.get("config", []), "config", path.parent)
    postconfig = _steps(evaluator.get("postconfig", []), "postconfig", path.parent)
    feasible = evaluator.get("func") != INFEASIBLE
    checks = (_check(evaluator),) if feasible else ()
    task = Task(name, goal, checks=checks, allowed=_ANYTHING if feasible else (), budget=budget)
    return Described(task, path, tuple(apps), config, postconfig, feasible)


def _check(evaluator: Mapping[str, Any]) -> Evaluated:
    kept = {name: value for name, value in evaluator.items() if name != "postconfig"}
    return Evaluated(json.dumps(kept, ensure_ascii=False, sort_keys=True)).checked()


def _steps(told: Any, what: str, folder: Path) -> tuple[SetUp, ...]:
    if not isinstance(told, list):
        raise UsageError(f"{what} is {called(told)}, and must be a list of steps")
    found = []
    for number, each in enumerate(told, 1):
        where = f"step {number} of {what}"
        step = _object(each, where)
        _only(step, frozenset({"type", "parameters"}), where)
        found.append(checked(_text(step, "type"), _object(step.get("parameters", {}), where), where, folder))
    return tuple(found)


def _object(told: Any, what: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise UsageError(f"{what} is {called(told)}, and must be an object")
    return told


def _only(told: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    for name in told:
        if name not in known:
            raise UsageError(f"{what} has an unknown field {name!r}; {closest(name, known)}")


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"the field {name!r} is {str(value)[:40]!r}, and must be a text")
    return value
