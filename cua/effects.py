"""The effects of a replay, read from the world before it and after it, and what they prove.

An effect that held before proves nothing by holding after. A reading that went wrong is unknown. What else changed is
known only in a world that can tell.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, runtime_checkable

from cua.checks import FileHolds, FolderIs, Requirement, SettingIs, changed_key, judge
from cua.core import Changes, Driver, Evidence, Outcome, Task, Wait, World
from cua.errors import MissingProgram, TroubleError, UsageError
from cua.memory.workflows import Proof
from cua.probes import ElementHolds, HttpSays, RowsAre, RowsChanged, RowsCompared
from cua.tables import OnDisk, check_source

_SHOWN = 3
LATE_SECONDS, QUIET_SECONDS, POLL_SECONDS = 2.0, 2.0, 0.05
_READ = (RowsAre, RowsChanged, HttpSays)
_APART = (*_READ, SettingIs, FileHolds, FolderIs)  # read past the screen
_EVENTS = (
    RowsAre,
    HttpSays,
    FileHolds,
    FolderIs,
)  # brought about by the workflow; the others are states that may hold already


@runtime_checkable
class Partial(Protocol):
    """A world that cannot tell all that changed, so it never proves that nothing else did."""

    partial: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the world says afterwards. `already` says that some effect held at the start, so that it proves nothing."""

    outcome: Outcome = "unknown"
    proof: Proof = "none"
    saying: str = ""
    evidence: tuple[Evidence, ...] = ()
    side_effects: tuple[str, ...] = ()
    already: bool = False


def check_readable(effects: tuple[Requirement, ...], files: OnDisk | None) -> None:
    """Whether each can be read at all, told while a workflow is written and not only when it is replayed.

    `files` says where files lie that the replay would read; without it they are another world's. Raises UsageError and
    MissingProgram as the replay would, with the effect's number.
    """
    for number, effect in enumerate(effects):
        try:
            if isinstance(effect, RowsAre | RowsChanged):
                check_source(files, effect.source)
            elif isinstance(effect, FileHolds | FolderIs) and files is not None:
                files.path(re.sub(r"\$\{[^}]*\}", "x", effect.path))
            elif isinstance(effect, FileHolds | FolderIs) and not effect.path.startswith(("/", "~/", "${")):
                raise UsageError(f"{effect.path!r} begins neither with / nor with ~/; say where it lies")
        except (UsageError, MissingProgram) as exc:
            raise type(exc)(f"effects[{number}]: {exc}") from exc


class Effects:
    """The effects of one replay in one world."""

    def __init__(self, world: World, checks: tuple[Requirement, ...], held: tuple[bool, ...]) -> None:
        self._world, self._checks, self._held = world, checks, held
        self._changes: Changes | None = None if isinstance(world, Partial) else world.changes()

    @classmethod
    def before(cls, effects: tuple[Requirement, ...], world: World) -> Effects:
        """With the first readings. Raises TroubleError where there can be none: then nothing may be done."""
        checks = tuple(each.before(world) if isinstance(each, _READ) else each for each in effects)
        held = (not isinstance(each, RowsCompared) and _tested(each, world).holds is True for each in checks)
        return cls(world, checks, tuple(held))

    def again(self) -> None:
        """A reading just before an act that cannot be taken back. Raises TroubleError."""
        self._checks = tuple(
            each.again(self._world) if isinstance(each, RowsCompared) and each.midway is None else each
            for each in self._checks
        )

    def after(self, driver: Driver | None, allowed: tuple[str, ...]) -> Found:
        """What holds now. With the driver that acted the screen comes to rest first; late effects are waited for."""
        if not self._checks and self._changes is None:
            return Found()
        rest = driver if self._checks else None
        return self._weighed(*(self._read(allowed) if rest is None else self._at_rest(rest, allowed)))

    def _at_rest(self, driver: Driver, allowed: tuple[str, ...]) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        """The readings once the screen is quiet, so that what is undone or done twice shows; later where one fails."""
        end = time.monotonic() + LATE_SECONDS
        try:
            driver.act(Wait(QUIET_SECONDS, why="before the effects are read, the screen comes to rest"))
            evidence, aside = self._read(allowed)
            while any(found.holds is False for found in evidence) and time.monotonic() < end:
                driver.act(Wait(POLL_SECONDS, why="an effect may be late"))
                evidence, aside = self._read(allowed)
        except TroubleError as error:
            return (Evidence(None, str(error)),), ()
        return evidence, aside

    def _read(self, allowed: tuple[str, ...]) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        if self._changes is None or not self._checks:
            return tuple(_tested(check, self._world) for check in self._checks), ()
        task = Task("effects", "", checks=self._checks, allowed=allowed)
        verdict = judge(task, self._world, self._changes, placements=False)
        return verdict.evidence, verdict.side_effects

    def _weighed(self, evidence: tuple[Evidence, ...], aside: tuple[str, ...]) -> Found:
        said = [found.saying for found in evidence if found.holds is not True]
        said += [f"{changed_key(key)} changed too" for key in aside[:_SHOWN]]
        said += [f"and {len(aside) - _SHOWN} more"] if len(aside) > _SHOWN else []
        if any(found.holds is False for found in evidence) or aside:
            return Found("fail", "none", "; ".join(said), evidence, aside)
        if len(evidence) != len(self._checks) or any(found.holds is None for found in evidence):
            return Found("unknown", "none", "; ".join(said), evidence, aside)
        pairs = list(zip(self._checks, self._held, evidence, strict=True))
        void = [found.saying for check, held, found in pairs if held and isinstance(check, _EVENTS)]
        if void:
            saying = f"{void[0]}, and that was so before the replay, so it proves nothing"
            return Found("unknown", "none", saying, evidence, aside, already=True)
        new = [check for check, held, _ in pairs if not held]
        apart = any(isinstance(check, _APART) or (isinstance(check, ElementHolds) and check.reload) for check in new)
        proof: Proof = "none" if not new else "screen" if not apart else "independent"
        if new and self._changes is not None and apart:
            proof = "world"
        return Found("pass", proof, "", evidence, aside, already=any(self._held))


def _tested(check: Requirement, world: World) -> Evidence:
    try:
        return check.test(world)
    except TroubleError as error:
        return Evidence(None, str(error))


def filled_effect(
    effect: Requirement, fill: Callable[[str], str], address: Callable[[str], str] | None = None
) -> Requirement:
    """The effect with every text filled, but for a query: values are bound to that, never written into it. `address`
    fills a url, in which values must be encoded.
    """
    given = {each.name: getattr(effect, each.name) for each in fields(effect)}
    ways = {"query": lambda text: text, "url": address or fill}
    return replace(effect, **{name: _inside(value, ways.get(name, fill)) for name, value in given.items()})


def _inside(value: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, tuple):
        return tuple(_inside(each, fill) for each in value)
    if isinstance(value, Mapping):
        return {name: _inside(each, fill) for name, each in value.items()}
    return value
