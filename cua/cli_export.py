"""The command line of exports for training: parse, call, print. No logic of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cua.cli_parts import Json, print_json, status

if TYPE_CHECKING:
    from cua.exporting.tally import Exported


def register(runs: typer.Typer) -> None:
    """Add the verb to `cua runs`."""
    runs.command("export", epilog="Example: cua runs export --all --to sft --out lessons")(runs_export)


def runs_export(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs from: cua runs list")] = None,
    *,
    task: Annotated[str, typer.Option(metavar="ID", help="Every run of this task instead.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every run there is instead.")] = False,
    to: Annotated[
        Literal["traj", "sft", "dpo", "grpo"],
        typer.Option(help="traj: as OSWorld's results. sft, dpo, grpo: rows for TRL's trainers."),
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder to write to.")],
    as_json: Json = False,
) -> None:
    """Write runs as data to train a model with, and say what was left out and why.

    Passwords typed into the screen are replaced by references, as secrets already are.
    """
    from cua import app
    from cua.config import paths
    from cua.exporting.chosen import Wanted
    from cua.exporting.export import export
    from cua.memory.exchanges import Exchanges

    wanted = Wanted(tuple(runs or ()), task, everything)
    with app.record() as store, Exchanges(paths().record) as said, status("exporting", quiet=as_json) as told:
        done = export(store, said, wanted, to, out, told)
    if as_json:
        print_json({"outcome": "pass", **asdict(done)})
    else:
        _print(done)


def _print(done: Exported) -> None:
    if done.nothing:
        print(done.nothing)
        return
    for name, number in done.rows.items():
        print(f"{_many(number, 'row')}: {done.out}/{name}")
    print(f"from {_many(done.runs, 'run')}")
    for what, counted in (("run", done.skipped), ("step", done.steps)):
        if counted:
            told = ", ".join(f"{number} {reason}" for reason, number in counted.items())
            print(f"left out: {_many(sum(counted.values()), what)} ({told})")
    for note, number in done.notes.items():
        print(f"note: {note}: {number}")


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
