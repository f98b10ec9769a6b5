"""What the names in task files stand for on this kind of machine: data only, read once from `osworld.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


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
class Names:
    """`apps` and `read` are the programs, any of which an app of a task or a getter needs; `processes` and `windows`
    are the names that those have here."""

    programs: Mapping[str, Program]
    apps: Mapping[str, tuple[str, ...]]
    processes: Mapping[str, str]
    windows: Mapping[str, str]
    needs: Mapping[str, Need]
    browser: Mapping[str, Any]
    office: Mapping[str, str]
    files: Mapping[str, str]
    read: Mapping[str, tuple[str, ...]]
    getters: frozenset[str] = field(default_factory=frozenset)
    metrics: frozenset[str] = field(default_factory=frozenset)


def program(command: str) -> Program | None:
    """What stands for a program here, by its name or its whole path; None for one that is only itself."""
    return names().programs.get(command.rpartition("/")[2])


def window(said: str) -> str:
    """What a window that is called so upstream is called here."""
    for there, here in names().windows.items():
        said = said.replace(there, here)
    return said


@cache
def names() -> Names:
    """All of them."""
    data = tomllib.loads(Path(__file__).with_name("osworld.toml").read_text(encoding="utf-8"))
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
        {name: tuple(of) for name, of in data["read"].items()},
        frozenset(data["upstream"]["getters"].split()),
        frozenset(data["upstream"]["metrics"].split()),
    )
