"""What the names in task files stand for on this kind of machine: data only, read once from `osworld.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

# which program stands for one, "" where none does
Standing = Callable[[str], str]
# for a program and another that may stand for it: the names of the first, and what the other has in their place
Renamed = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Program:
    """Programs that stand for a name, the first installed one counts; `also` are arguments that it gets besides."""

    any: tuple[str, ...]
    also: tuple[str, ...] = ()
    window: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """A command that succeeds where a program can work, and what to say where it cannot."""

    works: tuple[str, ...]
    lack: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """Upstream's terminal, and what of a task tells that it needs it: a pattern for the keys in a script, the title of
    a window, a getter.
    """

    program: str
    keys: re.Pattern[str]
    window: str
    getter: str


@dataclass(frozen=True, slots=True)
class Names:
    """`apps` are the programs, any of which an app of a task needs; `processes` and `windows` are the names that those
    have where another program stands for one; `packages` and `schemas` are Debian's names of what to install for a
    program, or for settings whose names begin so.
    """

    programs: Mapping[str, Program]
    apps: Mapping[str, tuple[str, ...]]
    processes: Renamed
    windows: Renamed
    needs: Mapping[str, Need]
    browser: Mapping[str, Any]
    office: Mapping[str, str]
    files: Mapping[str, str]
    terminal: Terminal
    packages: Mapping[str, str]
    schemas: Mapping[str, str]
    getters: frozenset[str] = field(default_factory=frozenset)
    metrics: frozenset[str] = field(default_factory=frozenset)


def program(command: str) -> Program | None:
    """What stands for a program here, by its name or its whole path; None for one that is only itself."""
    return names().programs.get(command.rpartition("/")[2])


def process(said: str, standing: Standing) -> str:
    """What a process that is called so upstream is called in a machine."""
    return _renamed(names().processes, said, standing).get(said, said)


def window(said: str, standing: Standing) -> str:
    """What a window that is called so upstream is called in a machine."""
    for there, here in _renamed(names().windows, said, standing).items():
        said = said.replace(there, here)
    return said


def _renamed(table: Renamed, said: str, standing: Standing) -> Mapping[str, str]:
    """The names that stand for others. The machine is asked only about a program that is spoken of."""
    for meant, others in table.items():
        if any(name in said for renamed in others.values() for name in renamed):
            return others.get(standing(meant), {})
    return {}


@cache
def names() -> Names:
    """All of them."""
    data = tomllib.loads(Path(__file__).with_name("osworld.toml").read_text(encoding="utf-8"))
    terminal = data["terminal"]
    programs = {
        name: Program(tuple(of["any"]), tuple(of.get("with", ())), of.get("window", False))
        for name, of in data["programs"].items()
    }
    return Names(
        programs,
        {name: tuple(of) for name, of in data["apps"].items()},
        data["processes"],
        data["windows"],
        {name: Need(tuple(of["works"]), of["lack"]) for name, of in data["needs"].items()},
        data["browser"],
        data["office"],
        data["files"],
        Terminal(terminal["program"], re.compile(terminal["keys"]), terminal["window"], terminal["getter"]),
        data["packages"],
        data["schemas"],
        frozenset(data["upstream"]["getters"].split()),
        frozenset(data["upstream"]["metrics"].split()),
    )
